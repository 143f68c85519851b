//! A module that makes a team, templates that use it, and what comes of a run over them.

use mfagate::report::Report;

use crate::runs::{findings, folder, report};

/// The report on files, whatever could not be read among them.
pub(crate) fn unchecked(files: &[(&str, &str)]) -> Report {
    report(folder(files).path())
}

/// The reasons why something is not followed, each after the text that is underlined.
pub(crate) fn not_followed(report: &Report) -> Vec<(&str, &str)> {
    let found = findings(report, "not-followed").into_iter();
    found
        .map(|it| (it.primary.place.text(), it.message.split_once(" is not checked: ").map_or("", |(_, why)| why)))
        .collect()
}

/// What `cfn init` writes.
pub(crate) const PROJECT: &str =
    r#"{"artifact_type": "MODULE", "typeName": "Example::People::Team::MODULE", "settings": {}}"#;

/// A group with a policy, a managed policy to attach, and a role; what guards them is a parameter.
pub(crate) const TEAM: &str = "
AWSTemplateFormatVersion: '2010-09-09'
Parameters:
  Mfa: {Type: String, Default: 'false', AllowedValues: ['true', 'false']}
  Extra: {Type: String, Default: arn:aws:iam::aws:policy/ReadOnlyAccess}
Conditions:
  Asks: !Equals [!Ref Mfa, 'true']
Resources:
  Group:
    Type: AWS::IAM::Group
    Properties:
      ManagedPolicyArns: [!Ref Extra]
  Guard:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          Effect: Deny
          Action: '*'
          Resource: '*'
          Condition: {BoolIfExists: {'aws:MultiFactorAuthPresent': 'false'}}
  Ops:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          Effect: Allow
          Principal: {AWS: '111122223333'}
          Action: sts:AssumeRole
          Condition: !If [Asks, {Bool: {'aws:MultiFactorAuthPresent': 'true'}}, !Ref AWS::NoValue]
Outputs:
  Guard: {Value: !Ref Guard}
";

/// A template that uses the module under the name `People`, with these properties and further resources.
pub(crate) fn user(properties: &str, resources: &str) -> String {
    format!(
        "
Parameters: {{Stage: {{Type: String, Default: prod}}}}
Conditions: {{IsProd: !Equals [!Ref Stage, prod]}}
Resources:
  People:
    Type: Example::People::Team::MODULE
    Properties: {properties}
{resources}"
    )
}

/// A policy that allows everything to a group under this name.
pub(crate) fn access(group: &str) -> String {
    format!(
        "
  Access:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: access
      Groups: [{group}]
      PolicyDocument:
        Version: '2012-10-17'
        Statement: {{Effect: Allow, Action: s3:*, Resource: '*'}}
"
    )
}

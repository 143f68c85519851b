//! Stacks within stacks: evaluated with what is passed to them, or named.

use std::fs;

use mfagate::finding::Severity;
use mfagate::report::Report;

use crate::runs::{all_verdicts, finding, findings, of_files, report};

const CHILD: &str = "
Parameters:
  Group: {Type: String}
  Mfa: {Type: String, Default: 'false'}
Conditions: {AsksForMfa: !Equals [!Ref Mfa, 'true']}
Resources:
  Access:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: access
      Groups: [!Ref Group]
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          Effect: Allow
          Action: s3:*
          Resource: '*'
          Condition: !If [AsksForMfa, {Bool: {'aws:MultiFactorAuthPresent': 'true'}}, !Ref AWS::NoValue]
  Ops:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          Effect: Allow
          Principal: {AWS: '111122223333'}
          Action: sts:AssumeRole
          Condition: !If [AsksForMfa, {Bool: {'aws:MultiFactorAuthPresent': 'true'}}, !Ref AWS::NoValue]
Outputs:
  Guard: {Value: !Ref Guard}
";

fn parent(url: &str, mfa: &str) -> String {
    format!(
        "
Parameters: {{Stage: {{Type: String, Default: prod}}}}
Conditions: {{IsProd: !Equals [!Ref Stage, prod]}}
Resources:
  Team: {{Type: AWS::IAM::Group}}
  Nested:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: {url}
      Parameters: {{Group: !Ref Team, Mfa: {mfa}}}
"
    )
}

#[test]
fn parameters_are_passed_down_and_resources_tied_across() {
    let enforced = ["Team group enforced", "Nested/Ops role-trust enforced"];
    let passed = of_files(&[("main.yaml", &parent("nested/child.yaml", "'true'")), ("nested/child.yaml", CHILD)]);
    assert_eq!(all_verdicts(&passed), enforced);
    let open =
        of_files(&[("main.yaml", &parent("./nested/../nested/child.yaml", "'no'")), ("nested/child.yaml", CHILD)]);
    assert_eq!(all_verdicts(&open), ["Team group bypassable", "Nested/Ops role-trust bypassable"]);
}

#[test]
fn what_the_outer_stack_leaves_open_is_open_within() {
    let mfa = "!If [IsProd, 'true', 'false']";
    let report = of_files(&[("main.yaml", &parent("child.yaml", mfa)), ("child.yaml", CHILD)]);
    let found = report.findings.iter().find(|finding| finding.rule == "role-trust-without-mfa").unwrap();
    assert!(found.message.starts_with("when `IsProd` is false, "), "{}", found.message);
    assert_eq!(found.address.path, "Nested/Ops");
    assert!(found.primary.place.in_file().source.name().ends_with("child.yaml"));
}

/// What the group and the role of a stack within a stack come to, of which these are the parameters and what is passed.
fn with_parameters(declared: &str, passed: &str) -> (Vec<String>, Report) {
    let child = CHILD
        .replace("  Mfa: {Type: String, Default: 'false'}", &format!("  Mfa: {declared}"))
        .replace("  Group: {Type: String}", "  Group: {Type: CommaDelimitedList}")
        .replace("Groups: [!Ref Group]", "Groups: !Ref Group");
    let main = parent("child.yaml", "''").replace(", Mfa: ''", passed);
    let main = main.replace("Group: !Ref Team", "Group: !Join [', ', [!Ref Team, !Ref Readers]]");
    let main = format!("{main}  Readers: {{Type: AWS::IAM::Group}}\n");
    let report = of_files(&[("main.yaml", &main), ("child.yaml", &child)]);
    (all_verdicts(&report), report)
}

#[test]
fn what_is_not_passed_has_its_default() {
    let (verdicts, report) = with_parameters("{Type: String, Default: 'true', AllowedValues: ['true', 'false']}", "");
    assert_eq!(verdicts, ["Nested/Ops role-trust enforced", "Readers group enforced", "Team group enforced"]);
    assert!(!report.findings.iter().any(|finding| finding.help.contains("registry")), "{:?}", report.findings);
    let (verdicts, _) = with_parameters("{Type: String, Default: 'false', AllowedValues: ['true', 'false']}", "");
    assert_eq!(verdicts, ["Nested/Ops role-trust bypassable", "Readers group bypassable", "Team group bypassable"]);
}

#[test]
fn what_is_stored_is_not_what_is_passed() {
    let stored = "{Type: 'AWS::SSM::Parameter::Value<String>'}";
    let (verdicts, report) = with_parameters(stored, ", Mfa: 'true'");
    assert_eq!(verdicts, ["Nested/Ops role-trust bypassable", "Readers group bypassable", "Team group bypassable"]);
    let found = report.findings.iter().find(|it| it.rule == "role-trust-without-mfa").unwrap();
    assert!(found.message.starts_with("when `Nested/AsksForMfa` is false, "), "{}", found.message);
}

#[test]
fn outputs_lead_to_what_they_name() {
    let child = "
Resources:
  Guard:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          Effect: Allow
          Action: s3:*
          Resource: '*'
          Condition: {Bool: {'aws:MultiFactorAuthPresent': 'true'}}
Outputs:
  Guard: {Value: !Ref Guard}
";
    let parent = "
Resources:
  Nested: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml}}
  Team: {Type: AWS::IAM::Group, Properties: {ManagedPolicyArns: [!GetAtt Nested.Outputs.Guard]}}
";
    let report = of_files(&[("main.yaml", parent), ("child.yaml", child)]);
    assert!(all_verdicts(&report).contains(&"Team group enforced".to_owned()), "{:?}", all_verdicts(&report));
}

#[test]
fn a_stack_whose_template_is_elsewhere_is_named() {
    let text = parent("https://amzn-s3-demo-bucket.s3.amazonaws.com/child.yaml", "'true'");
    let report = of_files(&[("main.yaml", &text)]);
    let found = findings(&report, "not-followed");
    assert_eq!(found[0].severity, Severity::Note);
    assert_eq!(found[0].primary.place.text(), "Nested");
}

#[test]
fn a_template_beside_the_one_that_is_given_is_read() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("stacks")).unwrap();
    fs::write(folder.path().join("stacks/main.yaml"), parent("nested/child.yaml", "'true'")).unwrap();
    let main = || report(folder.path().join("stacks/main.yaml"));
    let not_followed = |report: &Report| !findings(report, "not-followed").is_empty();
    assert!(not_followed(&main()));
    fs::create_dir(folder.path().join("stacks/nested")).unwrap();
    fs::write(folder.path().join("stacks/nested/child.yaml"), CHILD).unwrap();
    let read = main();
    assert_eq!(all_verdicts(&read), ["Team group enforced", "Nested/Ops role-trust enforced"]);
    assert_eq!((read.files, not_followed(&read)), (2, false));
    // What it is told to read and cannot is no reason to be silent.
    fs::write(folder.path().join("stacks/nested/child.yaml"), "Resources: {").unwrap();
    assert!(main().unread[0].file.ends_with("child.yaml"));
}

#[test]
fn no_template_is_read_outside_the_folder_of_the_one_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("stacks")).unwrap();
    fs::write(folder.path().join("child.yaml"), CHILD).unwrap();
    let absolute = folder.path().join("child.yaml").display().to_string();
    for url in ["../child.yaml", "x/../../child.yaml", &absolute] {
        fs::write(folder.path().join("stacks/main.yaml"), parent(url, "'true'")).unwrap();
        let report = report(folder.path().join("stacks/main.yaml"));
        assert_eq!((report.files, report.findings[0].rule), (1, "not-followed"), "{url}");
    }
    // The whole folder is another matter.
    fs::write(folder.path().join("stacks/main.yaml"), parent("../child.yaml", "'true'")).unwrap();
    let report = report(folder.path());
    assert_eq!(all_verdicts(&report), ["Nested/Ops role-trust enforced", "Team group enforced"]);
}

const STACK_SET: &str = "
Parameters: {Mfa: {Type: String, Default: 'true'}}
Resources:
  Team: {Type: AWS::IAM::Group, Properties: {GroupName: team}}
  Set:
    Type: AWS::CloudFormation::StackSet
    Properties:
      StackSetName: access
      PermissionModel: SELF_MANAGED
      Parameters:
        - {ParameterKey: People, ParameterValue: !Ref AWS::AccountId}
        - {ParameterKey: Mfa, ParameterValue: !Ref Mfa}
      TemplateBody: |
        Parameters: {People: {Type: String}, Mfa: {Type: String}}
        Conditions: {Asks: !Equals [!Ref Mfa, 'true'], IsHome: !Equals [!Ref People, !Ref AWS::AccountId]}
        Resources:
          Guarded:
            Type: AWS::IAM::Role
            Properties:
              AssumeRolePolicyDocument:
                Version: '2012-10-17'
                Statement:
                  Effect: Allow
                  Principal: {AWS: !Sub 'arn:aws:iam::${People}:root'}
                  Action: sts:AssumeRole
                  Condition: !If [Asks, {Bool: {'aws:MultiFactorAuthPresent': 'true'}}, !Ref AWS::NoValue]
          Open:
            Type: AWS::IAM::Role
            Properties:
              AssumeRolePolicyDocument:
                Version: '2012-10-17'
                Statement:
                  Effect: Allow
                  Principal: {AWS: !Ref People}
                  Action: sts:AssumeRole
          Team: {Type: AWS::IAM::Group}
          Policy:
            Type: AWS::IAM::Policy
            Properties:
              PolicyName: p
              Groups: [!Ref Team]
              PolicyDocument:
                Version: '2012-10-17'
                Statement: {Effect: Allow, Action: s3:*, Resource: !If [IsHome, '*', '*']}
";

#[test]
fn the_template_in_a_stack_set_is_checked() {
    let report = of_files(&[("main.yaml", STACK_SET)]);
    let expected = [
        "Set/Guarded role-trust bypassable",
        "Set/Open role-trust bypassable",
        "Set/Team group bypassable",
        "Team group not-applicable",
    ];
    assert_eq!(all_verdicts(&report), expected);
    let found = |address: &str| finding(&report, "role-trust-without-mfa", address);
    assert!(found("Set/Guarded").message.starts_with("when `Set/Asks` is false"), "{}", found("Set/Guarded").message);
    let place = &found("Set/Open").primary.place;
    assert!(place.text().starts_with("Effect: Allow\n"), "{}", place.text());
    assert_eq!(place.source.name(), "Set.Properties.TemplateBody");
    assert!(place.in_file().text().starts_with("Parameters: {People"));
}

#[test]
fn what_a_stack_set_deploys_may_lie_in_a_file() {
    let text = parent("child.yaml", "'true'").replace("CloudFormation::Stack", "CloudFormation::StackSet");
    let report = of_files(&[("main.yaml", &text), ("child.yaml", CHILD)]);
    // The group is the one of this account: the policy elsewhere is on another one of that name.
    assert!(
        all_verdicts(&report).contains(&"Nested/Ops role-trust enforced".to_owned()),
        "{:?}",
        all_verdicts(&report)
    );
    assert!(all_verdicts(&report).contains(&"Team group not-applicable".to_owned()), "{:?}", all_verdicts(&report));
}

#[test]
fn what_only_a_deployment_has_is_named() {
    let text = "
Transform: [AWS::Serverless-2016-10-31, Tagger]
Resources:
  Roles: {Type: 'Example::Access::Roles::MODULE', Properties: {Name: ops}}
  Version: {Type: AWS::CloudFormation::ModuleVersion, Properties: {ModuleName: 'Example::Access::Roles::MODULE'}}
  Default: {Type: AWS::CloudFormation::ModuleDefaultVersion, Properties: {Arn: !Ref Version}}
  Parsed: {Type: AWS::CloudFormation::StackSet, Properties: {TemplateBody: !ImportValue template}}
  App: {Type: AWS::Serverless::Application, Properties: {Location: {ApplicationId: a, SemanticVersion: 1.0.0}}}
  Team: {Type: AWS::IAM::Group}
";
    let report = of_files(&[("main.yaml", text)]);
    let told: Vec<_> =
        report.findings.iter().map(|it| (it.rule, it.primary.place.text(), it.message.as_str())).collect();
    let expected = [
        (
            "not-followed",
            "Tagger",
            "what `Transform` declares is not checked: the deployment runs the macro `Tagger` over the template, which \
             may change all of it",
        ),
        (
            "not-followed",
            "Roles",
            "what `Roles` declares is not checked: `Example::Access::Roles::MODULE` is a module of the registry, and none \
             of the files that are checked lies in the `fragments` of a project whose `.rpdk-config` names it",
        ),
        (
            "not-followed",
            "Parsed",
            "what `Parsed` declares is not checked: its template is not known: `Fn::ImportValue template` is imported \
             from another stack",
        ),
        (
            "not-followed",
            "App",
            "what `App` declares is not checked: its template is in the AWS Serverless Application Repository",
        ),
    ];
    assert_eq!(told, expected);
}

#[test]
fn stacks_that_contain_each_other_end() {
    let text = |other: &str| {
        format!(
            "Resources: {{Nested: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: {other}}}}}, Team: {{Type: AWS::IAM::Group}}}}"
        )
    };
    let report = of_files(&[("a.yaml", &text("b.yaml")), ("b.yaml", &text("a.yaml"))]);
    assert!(report.findings.iter().any(|finding| finding.message.contains("too deeply")));
}

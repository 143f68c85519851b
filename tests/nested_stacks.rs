//! Stacks within stacks: evaluated with what is passed to them, or named.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use std::fs;

use mfagate::finding::Severity;
use mfagate::iam::verdict::Verdict;
use mfagate::report::Report;
use mfagate::{Options, check};

fn report(files: &[(&str, &str)]) -> Report {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let paths = vec![folder.path().to_owned()];
    let report = check(&Options::new(paths));
    assert_eq!(report.unread, []);
    report
}

/// Every subject with its verdict.
fn verdicts(report: &Report) -> Vec<String> {
    let verdict = |verdict: &Verdict| match verdict {
        Verdict::Enforced => "enforced",
        Verdict::Bypassable(_) => "bypassable",
        Verdict::Unproven(_) => "unproven",
        Verdict::NotApplicable => "not-applicable",
    };
    let subjects = report.subjects.iter();
    subjects
        .map(|(subject, judgement)| {
            format!("{} {} {}", subject.address.path, subject.kind.name(), verdict(&judgement.verdict))
        })
        .collect()
}

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
    let enforced = ["Nested/Ops role-trust enforced", "Team group enforced"];
    let passed = report(&[("main.yaml", &parent("nested/child.yaml", "'true'")), ("nested/child.yaml", CHILD)]);
    assert_eq!(verdicts(&passed), enforced);
    let open = report(&[("main.yaml", &parent("./nested/../nested/child.yaml", "'no'")), ("nested/child.yaml", CHILD)]);
    assert_eq!(verdicts(&open), ["Nested/Ops role-trust bypassable", "Team group bypassable"]);
}

#[test]
fn what_the_outer_stack_leaves_open_is_open_within() {
    let mfa = "!If [IsProd, 'true', 'false']";
    let report = report(&[("main.yaml", &parent("child.yaml", mfa)), ("child.yaml", CHILD)]);
    let found = report.findings.iter().find(|finding| finding.rule == "role-trust-without-mfa").unwrap();
    assert!(found.message.starts_with("when `IsProd` is false, "), "{}", found.message);
    assert_eq!(found.address.path, "Nested/Ops");
    assert!(found.primary.place.in_file().source.name().ends_with("child.yaml"));
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
    let report = report(&[("main.yaml", parent), ("child.yaml", child)]);
    assert!(verdicts(&report).contains(&"Team group enforced".to_owned()), "{:?}", verdicts(&report));
}

#[test]
fn a_stack_whose_template_is_elsewhere_is_named() {
    let text = parent("https://amzn-s3-demo-bucket.s3.amazonaws.com/child.yaml", "'true'");
    let report = report(&[("main.yaml", &text)]);
    let found: Vec<_> = report.findings.iter().filter(|finding| finding.rule == "not-followed").collect();
    assert_eq!(found[0].severity, Severity::Note);
    assert_eq!(found[0].primary.place.text(), "Nested");
}

#[test]
fn stacks_that_contain_each_other_end() {
    let text = |other: &str| {
        format!(
            "Resources: {{Nested: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: {other}}}}}, Team: {{Type: AWS::IAM::Group}}}}"
        )
    };
    let report = report(&[("a.yaml", &text("b.yaml")), ("b.yaml", &text("a.yaml"))]);
    assert!(report.findings.iter().any(|finding| finding.message.contains("too deeply")));
}

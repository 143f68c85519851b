//! What AWS-managed policies grant decides with the rest, and findings point at what attaches them.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use mfagate::extract::extract;
use mfagate::finding::Finding;
use mfagate::iam::access::judge;
use mfagate::iam::verdict::{Enrolment, Verdict};
use mfagate::inventory::subjects::{SubjectKind, subjects};
use mfagate::load::{Format, Input};
use mfagate::rules::{Judged, findings};
use mfagate::source::Source;
use mfagate::tree::yaml;

const GUARD: &str = r#"
      Policies:
        - PolicyName: guard
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Deny
                Action: "*"
                Resource: "*"
                Condition:
                  BoolIfExists: {"aws:MultiFactorAuthPresent": "false"}
"#;

/// A group with these ARNs attached, and the findings about it.
fn group(arns: &[&str], more: &str) -> (Judged, Vec<Finding>) {
    let text = format!(
        "Resources:\n  G:\n    Type: AWS::IAM::Group\n    Properties:\n      ManagedPolicyArns: {arns:?}\n{}",
        more.trim_start_matches('\n')
    );
    let source = Source::file("template.yaml", text);
    let documents = yaml::parse(&source).expect("the template is YAML");
    let extracted =
        extract(&Input::new(source, Format::CloudFormation(documents.into())), &mfagate::extract::Settings::default());
    let judged: Vec<Judged> = subjects(&extracted.inventory)
        .into_iter()
        .map(|subject| Judged { judgement: judge(&subject), subject })
        .collect();
    let found = findings(&mfagate::rules::Input::new(&extracted.inventory, &judged));
    for finding in &found {
        for label in std::iter::once(&finding.primary).chain(&finding.related) {
            assert!(!label.place.source.is_built_in(), "{finding:?}");
        }
    }
    let group = judged.into_iter().find(|judged| judged.subject.kind == SubjectKind::Group);
    (group.expect("the template has a group"), found)
}

fn verdict(arns: &[&str], more: &str) -> &'static str {
    group(arns, more).0.judgement.verdict.name()
}

const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
const CHANGE_PASSWORD: &str = "arn:aws:iam::aws:policy/IAMUserChangePassword";
const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

#[test]
fn administrators_without_a_guard_are_found_at_the_attachment() {
    let (judged, found) = group(&[ADMINISTRATOR], "");
    assert!(matches!(judged.judgement.verdict, Verdict::Bypassable(_)));
    let finding = found.iter().find(|finding| finding.rule == "group-without-mfa").expect("a finding");
    assert_eq!(finding.primary.place.text(), format!("{ADMINISTRATOR:?}"));
    assert_eq!(finding.primary.place.source.name(), "template.yaml");
    assert_eq!(judged.subject.policies[0].policy.address.path, "G");
}

#[test]
fn a_guard_holds_for_them_too() {
    assert_eq!(verdict(&[ADMINISTRATOR], GUARD), "enforced");
    assert_eq!(verdict(&[READ_ONLY, "arn:aws:iam::aws:policy/SecurityAudit"], GUARD), "enforced");
}

#[test]
fn self_service_needs_no_mfa() {
    assert_eq!(verdict(&[CHANGE_PASSWORD], ""), "not-applicable");
    assert_eq!(verdict(&[CHANGE_PASSWORD, ADMINISTRATOR], ""), "bypassable");
}

#[test]
fn large_policies_are_searched() {
    for name in ["ReadOnlyAccess", "SecurityAudit", "PowerUserAccess", "job-function/ViewOnlyAccess", "IAMFullAccess"] {
        assert_eq!(verdict(&[&format!("arn:aws:iam::aws:policy/{name}")], ""), "bypassable", "{name}");
    }
}

#[test]
fn a_deny_that_aws_manages_is_found_at_the_attachment() {
    let deny = "arn:aws:iam::aws:policy/AWSDenyAll";
    let (judged, _) = group(&[ADMINISTRATOR, deny], GUARD);
    assert!(matches!(judged.judgement.enrolment, Enrolment::Blocked(_)), "{:?}", judged.judgement.enrolment);
    assert!(!matches!(judged.judgement.verdict, Verdict::Bypassable(_)));
}

#[test]
fn what_the_table_does_not_know_is_unproven() {
    let (judged, _) = group(&["arn:aws:iam::aws:policy/NoSuchPolicy"], "");
    let Verdict::Unproven(reasons) = judged.judgement.verdict else { panic!("{:?}", judged.judgement.verdict) };
    let expected = format!("this version's table of AWS-managed policies of {}", mfagate::iam::managed::DATE);
    assert!(reasons[0].message.contains(&expected), "{reasons:?}");
}

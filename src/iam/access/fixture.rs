//! Subjects for tests, from CloudFormation resources.

use serde_json::{Value, json};

use crate::extract;
use crate::iam::verdict::{CallerKind, Danger, Enrolment, Judgement, Verdict};
use crate::inventory::subjects::subjects;
use crate::load::{Format, Input};
use crate::source::{Source, Span};
use crate::tree::json;

/// The judgement on the subject `X` of this kind.
pub(super) fn judge(resources: &Value, kind: &str) -> Judgement {
    let text = json!({"Resources": resources}).to_string();
    let source = Source::file("template", text.clone());
    let node = json::parse(&source, Span::new(0, text.len())).unwrap();
    let extracted =
        extract::extract(&Input::new(source, Format::CloudFormation([node].into())), &extract::Settings::default());
    let subjects = subjects(&extracted.inventory);
    let wanted = subjects.iter().find(|subject| subject.address.path == "X" && subject.kind.name() == kind);
    super::judge(wanted.unwrap())
}

/// A group with these statements.
pub(super) fn group(statements: &Value) -> Judgement {
    judge(&json!({"X": {"Type": "AWS::IAM::Group", "Properties": {"Policies": policies(statements)}}}), "group")
}

/// A role with these statements in its trust policy.
pub(super) fn trust(statements: &Value) -> Judgement {
    let properties = json!({"AssumeRolePolicyDocument": document(statements)});
    judge(&json!({"X": {"Type": "AWS::IAM::Role", "Properties": properties}}), "role-trust")
}

/// Inline policies with these statements.
pub(super) fn policies(statements: &Value) -> Value {
    json!([{"PolicyName": "p", "PolicyDocument": document(statements)}])
}

/// A document with these statements.
pub(super) fn document(statements: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// A Deny of everything but these actions to callers without MFA.
pub(super) fn guard(exempt: &[&str]) -> Value {
    json!({"Effect": "Deny", "NotAction": exempt, "Resource": "*",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}})
}

/// The condition that only callers with MFA meet.
pub(super) fn with_mfa() -> Value {
    json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}})
}

/// The verdict, in the words of reports.
pub(super) fn verdict(judgement: &Judgement) -> &'static str {
    match judgement.verdict {
        Verdict::Enforced => "enforced",
        Verdict::Bypassable(_) => "bypassable",
        Verdict::Unproven(_) => "unproven",
        Verdict::NotApplicable => "not-applicable",
    }
}

/// The enrolment, in the words of reports.
pub(super) fn enrolment(judgement: &Judgement) -> &'static str {
    match judgement.enrolment {
        Enrolment::Possible { .. } => "possible",
        Enrolment::Blocked(_) => "blocked",
        Enrolment::Unproven(_) => "unproven",
        Enrolment::NotApplicable => "not-applicable",
    }
}

/// For each hole what it is good for and the action of its witness.
pub(super) fn holes(judgement: &Judgement) -> Vec<(Danger, &str)> {
    match &judgement.verdict {
        Verdict::Bypassable(holes) => holes.iter().map(|hole| (hole.danger, hole.witness.action.as_str())).collect(),
        _ => Vec::new(),
    }
}

/// Who is locked out, and whether the policy names them.
pub(super) fn locked_out(judgement: &Judgement) -> Vec<(CallerKind, bool)> {
    judgement.locked_out.iter().map(|lock_out| (lock_out.caller, lock_out.named)).collect()
}

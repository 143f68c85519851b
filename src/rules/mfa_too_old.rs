//! MFA that was used longer ago than the configuration allows still lets people in.

use crate::finding::{Finding, Label, Severity, Status};
use crate::iam::access::age;
use crate::iam::verdict::{Hole, Verdict};
use crate::inventory::subjects::SubjectKind;

use super::{Documentation, Input, Judged, Rule, words};

/// The rule `mfa-too-old`.
pub(super) struct MfaTooOld;

impl Rule for MfaTooOld {
    fn id(&self) -> &'static str {
        "mfa-too-old"
    }

    fn severity(&self) -> Severity {
        Severity::Warning
    }

    fn summary(&self) -> &'static str {
        "MFA counts for longer than the configuration's `maximum-mfa-age`"
    }

    fn documentation(&self) -> Documentation {
        Documentation {
            why: "`aws:MultiFactorAuthPresent` stays true for as long as the session lives, up to 36 hours. A session \
                  token that is stolen in the evening still counts as MFA the next morning. Only \
                  `aws:MultiFactorAuthAge` limits that. The rule speaks where `maximum-mfa-age` is configured.",
            bad: BAD,
            good: GOOD,
            fix: "Add `NumericLessThan` with `aws:MultiFactorAuthAge` to the Allow; an absent key fails it, so it asks \
                  for MFA as well. Beside a Deny without MFA, add a Deny with `NumericGreaterThan`.",
        }
    }

    fn configuration(&self) -> Option<&'static str> {
        Some("maximum-mfa-age: 3600\n")
    }

    fn check(&self, input: &Input<'_>, found: &mut Vec<Finding>) {
        let Some(limit) = input.configuration.maximum_mfa_age else { return };
        let asked = [SubjectKind::RoleTrust, SubjectKind::Group, SubjectKind::User];
        let judged = input.judged.iter().filter(|judged| asked.contains(&judged.subject.kind));
        for judged in judged.filter(|judged| matches!(judged.judgement.verdict, Verdict::Enforced)) {
            let terms = &input.configuration.terms;
            if let Some(hole) = age::admitted(&judged.subject, limit.saturating_add(1), terms) {
                found.push(finding(self.id(), judged, &hole, limit));
            }
        }
    }
}

fn finding(rule: &'static str, judged: &Judged, hole: &Hole, limit: u64) -> Finding {
    let by_guard = words::passed_by_its_condition(hole);
    let place = by_guard
        .and_then(|(guard, index)| words::test(&guard.statement, index))
        .or_else(|| words::allowing_test(hole))
        .map_or(&hole.allowed_by.place, |test| &test.place);
    let help = match by_guard {
        Some(_) => format!(
            "add a Deny of the same actions with `\"Condition\": {{\"NumericGreaterThan\": \
             {{\"aws:MultiFactorAuthAge\": \"{limit}\"}}}}`"
        ),
        None => format!(
            "add `\"NumericLessThan\": {{\"aws:MultiFactorAuthAge\": \"{limit}\"}}` to the condition of the Allow"
        ),
    };
    Finding {
        rule,
        severity: Severity::Warning,
        address: judged.subject.address.clone(),
        message: format!(
            "{} lets people in whose MFA is older than the {limit} seconds that the configuration allows: a session \
             {} seconds after MFA can call `{}`",
            words::subject(&judged.subject),
            limit.saturating_add(1),
            hole.witness.action
        ),
        help,
        primary: Label { place: place.clone(), text: "does not ask how old the MFA is".to_owned() },
        related: Vec::new(),
        witness: Some(hole.witness.clone()),
        status: Status::New,
    }
}

const BAD: &str = r#"Resources:
  Operators:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {AWS: "arn:aws:iam::111122223333:root"}
            Action: sts:AssumeRole
            Condition:
              Bool: {"aws:MultiFactorAuthPresent": "true"}
"#;

const GOOD: &str = r#"Resources:
  Operators:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {AWS: "arn:aws:iam::111122223333:root"}
            Action: sts:AssumeRole
            Condition:
              NumericLessThan: {"aws:MultiFactorAuthAge": "3600"}
"#;

//! A role asks for MFA, and takes that of any AWS account.

use crate::finding::{Finding, Label, Severity, Status};
use crate::iam::document::{Effect, Principals};
use crate::iam::verdict::Verdict;
use crate::inventory::subjects::{Subject, SubjectKind};
use crate::source::Place;

use super::{Documentation, Input, Judged, Rule, words};

/// The rule `trust-any-account`.
pub(super) struct TrustAnyAccount;

const HELP: &str = r#"name the account that may come: `"Principal": {"AWS": "arn:aws:iam::111122223333:root"}`"#;

impl Rule for TrustAnyAccount {
    fn id(&self) -> &'static str {
        "trust-any-account"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "a role asks for MFA and takes that of any AWS account in the world"
    }

    fn documentation(&self) -> Documentation {
        Documentation {
            why: "MFA is asked of the caller in the caller's own account. With `*` as principal that may be any \
                  account in the world: a stranger enrols a device of his own, uses it and is in.",
            bad: BAD,
            good: GOOD,
            fix: "Name accounts, users or roles as principals, or keep `*` with `aws:PrincipalOrgID` or \
                  `aws:PrincipalAccount` in the condition.",
        }
    }

    fn check(&self, input: &Input<'_>, found: &mut Vec<Finding>) {
        // Where MFA is not asked for, that is what is said first.
        let is_meant = |one: &&Judged| {
            one.judgement.admits_any_account && !matches!(one.judgement.verdict, Verdict::Bypassable(_))
        };
        for judged in input.of_kind(SubjectKind::RoleTrust).filter(is_meant) {
            let role = words::subject(&judged.subject);
            let place = everyone(&judged.subject).unwrap_or(&judged.subject.place).clone();
            found.push(Finding {
                rule: self.id(),
                severity: self.severity(),
                address: judged.subject.address.clone(),
                message: format!(
                    "{role} takes the MFA of any AWS account: a stranger with an MFA device of his own can assume it"
                ),
                help: HELP.to_owned(),
                primary: Label { place, text: "any account in the world".to_owned() },
                related: Vec::new(),
                witness: None,
                status: Status::New,
            });
        }
    }
}

/// The principal `*` of an Allow.
fn everyone(subject: &Subject) -> Option<&Place> {
    let documents = subject.policies.iter().filter_map(|attached| attached.content.as_ref().ok());
    let statements = documents.flat_map(|document| &document.statements);
    let mut principals = statements
        .filter(|statement| statement.effect == Effect::Allow)
        .filter_map(|statement| statement.principals.as_ref());
    principals.find_map(|principals: &Principals| {
        let star = principals.items.iter().find(|item| item.text.scalar.as_text() == Some("*"))?;
        Some(&star.text.place)
    })
}

const BAD: &str = r#"Resources:
  Auditors:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {AWS: "*"}
            Action: sts:AssumeRole
            Condition:
              Bool: {"aws:MultiFactorAuthPresent": "true"}
"#;

const GOOD: &str = r#"Resources:
  Auditors:
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

//! A condition on MFA that does not do what it is for.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::finding::{Finding, Label, Severity, Status};
use crate::iam::document::{Document, Effect};
use crate::iam::verdict::{MfaTest, Mistake, Verdict};
use crate::inventory::Address;
use crate::inventory::subjects::{Attached, SubjectKind};

use super::{Documentation, Input, Judged, Rule, mistakes, words};

/// The rule `ineffective-mfa-condition`.
pub(super) struct IneffectiveMfaCondition;

impl Rule for IneffectiveMfaCondition {
    fn id(&self) -> &'static str {
        "ineffective-mfa-condition"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "a condition on MFA does not do what it is for"
    }

    fn documentation(&self) -> Documentation {
        Documentation {
            why: "Access keys do not carry `aws:MultiFactorAuthPresent` at all, sessions without MFA carry it as \
                  `false`, and `aws:MultiFactorAuthAge` is there only after MFA. So `Bool` in a Deny misses access \
                  keys, `BoolIfExists` in an Allow admits them, `Null` asks only whether the key is there, and a \
                  misspelt key is never there. Such a policy looks as if it asked for MFA, and does not. Where \
                  everything that the policy is attached to in this input is guarded all the same, it is a note.",
            bad: BAD,
            good: GOOD,
            fix: "In an Allow: `Bool` with `aws:MultiFactorAuthPresent` = `true`, or `NumericLessThan` on \
                  `aws:MultiFactorAuthAge`. In a Deny: `BoolIfExists` with `aws:MultiFactorAuthPresent` = `false`, or \
                  `NumericGreaterThanIfExists` on `aws:MultiFactorAuthAge` in a statement of its own. `IfExists` \
                  belongs in a Deny and never in an Allow.",
        }
    }

    fn check(&self, input: &Input<'_>, found: &mut Vec<Finding>) {
        let mut users: HashMap<*const Document, Vec<&Judged>> = HashMap::new();
        for judged in input.judged {
            for document in documents(judged) {
                users.entry(Arc::as_ptr(document)).or_default().push(judged);
            }
        }
        let mut seen = HashSet::new();
        for judged in input.judged {
            for test in &judged.judgement.tests {
                let document = Arc::as_ptr(&test.statement.document);
                if test.mistake.is_some() && seen.insert((document, test.statement.statement, test.test)) {
                    let users = users.get(&document).map_or(&[][..], Vec::as_slice);
                    found.extend(finding(self.id(), judged, test, users));
                }
            }
        }
    }
}

fn finding(rule: &'static str, judged: &Judged, mistaken: &MfaTest, users: &[&Judged]) -> Option<Finding> {
    let mistake = mistaken.mistake.as_ref()?;
    let statement = words::statement(&mistaken.statement)?;
    let test = statement.tests.get(mistaken.test)?;
    let address = address(judged, &mistaken.statement.document);
    let policy = match &statement.sid {
        Some(sid) => format!("`{}` (`{sid}`)", address.path),
        None => format!("`{}`", address.path),
    };
    let harmless = is_harmless(mistake, &statement.effect, users);
    let explanation = mistakes::explain(statement, test, mistake, &policy);
    let message = if harmless {
        format!("{}; another policy asks for MFA all the same", explanation.message)
    } else {
        explanation.message
    };
    Some(Finding {
        rule,
        severity: if harmless { Severity::Note } else { Severity::Error },
        address: address.clone(),
        message,
        help: explanation.help,
        primary: Label { place: test.place.clone(), text: explanation.label },
        related: Vec::new(),
        witness: None,
        status: Status::New,
    })
}

/// Whether everything that has the policy in this input asks for MFA all the same. Of an Allow that grants nothing the
/// same cannot be said: nobody gets in there.
fn is_harmless(mistake: &Mistake, effect: &Effect, users: &[&Judged]) -> bool {
    let opens = matches!(mistake, Mistake::AdmitsWithoutMfa { .. }) || *effect == Effect::Deny;
    let attached: Vec<&&Judged> =
        users.iter().filter(|judged| judged.subject.kind != SubjectKind::ManagedPolicy).collect();
    let guarded = |judged: &&&Judged| match judged.judgement.verdict {
        Verdict::Enforced => judged.judgement.locked_out.is_empty(),
        // Nobody without MFA can come who would have to have it.
        Verdict::NotApplicable => judged.subject.kind == SubjectKind::RoleTrust,
        _ => false,
    };
    let alone: Vec<&&Judged> = users.iter().collect();
    let those = if attached.is_empty() { alone } else { attached };
    opens && !those.is_empty() && those.iter().all(guarded)
}

fn documents(judged: &Judged) -> impl Iterator<Item = &Arc<Document>> {
    attached(judged).filter_map(|attached| attached.content.as_ref().ok())
}

fn attached(judged: &Judged) -> impl Iterator<Item = &Attached> {
    judged.subject.policies.iter().chain(&judged.subject.boundaries)
}

/// The resource that carries the document, rather than one that it is attached to.
fn address<'a>(judged: &'a Judged, document: &Arc<Document>) -> &'a Address {
    let carries = |attached: &&Attached| attached.content.as_ref().is_ok_and(|known| Arc::ptr_eq(known, document));
    attached(judged).find(carries).map_or(&judged.subject.address, |attached| &attached.policy.address)
}

const BAD: &str = r#"Resources:
  Guard:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Deny
            NotAction: ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices"]
            Resource: "*"
            Condition:
              Bool: {"aws:MultiFactorAuthPresent": "false"}
"#;

const GOOD: &str = r#"Resources:
  Guard:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Deny
            NotAction: ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices"]
            Resource: "*"
            Condition:
              BoolIfExists: {"aws:MultiFactorAuthPresent": "false"}
"#;

//! A document that IAM refuses, or reads otherwise than it looks.

use std::collections::HashSet;
use std::sync::Arc;

use crate::finding::{Finding, Label, Severity, Status};
use crate::inventory::Content;

use super::{Documentation, Input, Rule};

/// The rule `malformed-policy`.
pub(super) struct MalformedPolicy;

impl Rule for MalformedPolicy {
    fn id(&self) -> &'static str {
        "malformed-policy"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "AWS refuses a policy, or reads it otherwise than it looks"
    }

    fn documentation(&self) -> Documentation {
        Documentation {
            why: "A document that IAM refuses stops the deployment half-way, often with the guard still missing. A \
                  document that IAM accepts and reads otherwise (a key that stands twice, an element that nobody \
                  knows) protects less than its author believes: a warning.",
            bad: BAD,
            good: GOOD,
            fix: "Follow the message. Names of elements and operators have to be written exactly as AWS writes them; \
                  keys of conditions and names of actions may have any letter case.",
        }
    }

    fn check(&self, input: &Input<'_>, found: &mut Vec<Finding>) {
        let mut seen = HashSet::new();
        for policy in &input.inventory.policies {
            let Content::Known(document) = &policy.content else { continue };
            if !seen.insert(Arc::as_ptr(document)) {
                continue;
            }
            found.extend(document.problems.iter().map(|problem| Finding {
                rule: self.id(),
                severity: if problem.refused { Severity::Error } else { Severity::Warning },
                address: policy.address.clone(),
                message: problem.message.clone(),
                help: problem.help.clone(),
                primary: Label {
                    place: problem.place.clone(),
                    text: if problem.refused { "AWS refuses the policy for this" } else { "" }.to_owned(),
                },
                related: Vec::new(),
                witness: None,
                status: Status::New,
            }));
        }
    }
}

const BAD: &str = r#"Resources:
  Guard:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Deny
            Action: "*"
            Resource: "*"
            Condition:
              boolIfExists: {"aws:MultiFactorAuthPresent": "false"}
"#;

const GOOD: &str = r#"Resources:
  Guard:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Deny
            Action: "*"
            Resource: "*"
            Condition:
              BoolIfExists: {"aws:MultiFactorAuthPresent": "false"}
"#;

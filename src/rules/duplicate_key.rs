//! A key that stands twice in a template.

use crate::finding::{Finding, Label, Severity, Status};

use super::{Documentation, Input, Rule};

/// The rule `duplicate-key`.
pub(super) struct DuplicateKey;

impl Rule for DuplicateKey {
    fn id(&self) -> &'static str {
        "duplicate-key"
    }

    fn severity(&self) -> Severity {
        Severity::Warning
    }

    fn summary(&self) -> &'static str {
        "a key stands more than once in a template, and only the last one counts"
    }

    fn documentation(&self) -> Documentation {
        Documentation {
            why: "Most tools keep the last of two equal keys and say nothing. A resource, a condition or a list of \
                  policies that stands under the first one is not deployed, though everybody who reads the template \
                  sees it; and a tool that keeps the first one would deploy something else.",
            bad: BAD,
            good: GOOD,
            fix: "Keep one of the two, or merge what stands under them.",
        }
    }

    fn check(&self, input: &Input<'_>, found: &mut Vec<Finding>) {
        for repeated in &input.inventory.repeated {
            let key = &repeated.key;
            found.push(Finding {
                rule: self.id(),
                severity: self.severity(),
                address: repeated.address.clone(),
                message: format!("`{key}` stands more than once here: the last one counts, and the others are lost"),
                help: format!("merge what stands under the two `{key}` into one"),
                primary: Label { place: repeated.place.clone(), text: "counts".to_owned() },
                related: vec![Label { place: repeated.earlier.clone(), text: "is lost".to_owned() }],
                witness: None,
                status: Status::New,
            });
        }
    }
}

const BAD: &str = "Resources:
  Team:
    Type: AWS::IAM::Group
    Properties:
      ManagedPolicyArns:
        - arn:aws:iam::aws:policy/AWSDenyAll
      ManagedPolicyArns: []
";

const GOOD: &str = "Resources:
  Team:
    Type: AWS::IAM::Group
    Properties:
      ManagedPolicyArns:
        - arn:aws:iam::aws:policy/AWSDenyAll
";

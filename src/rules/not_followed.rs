use crate::finding::{Finding, Label, Severity, Status};

use super::{Documentation, Input, Rule};

/// A stack within a stack whose template is not checked.
pub(super) struct NotFollowed;

impl Rule for NotFollowed {
    fn id(&self) -> &'static str {
        "not-followed"
    }

    fn severity(&self) -> Severity {
        Severity::Note
    }

    fn summary(&self) -> &'static str {
        "a nested stack whose template is not among the files that are checked"
    }

    fn documentation(&self) -> Documentation {
        Documentation {
            why: "A nested stack may make roles and groups like any other. Where its template lies in a bucket, what \
                  it declares is not seen here, and a clean report says nothing about it.",
            bad: BAD,
            good: GOOD,
            fix: "Name the template by its path, as `aws cloudformation package` takes it, and check the folder that \
                  both lie in; or check the nested template by itself.",
        }
    }

    fn check(&self, input: &Input<'_>, found: &mut Vec<Finding>) {
        for stack in &input.inventory.unfollowed {
            found.push(Finding {
                rule: self.id(),
                severity: Severity::Note,
                address: stack.address.clone(),
                message: format!("what the stack `{}` declares is not checked: {}", stack.address.path, stack.reason),
                help: "check the folder that holds its template too, and name the template by its path".to_owned(),
                primary: Label { place: stack.place.clone(), text: "not followed".to_owned() },
                related: Vec::new(),
                witness: None,
                status: Status::New,
            });
        }
    }
}

const BAD: &str = "Resources:
  Access:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: https://amzn-s3-demo-bucket.s3.amazonaws.com/access.yaml
";

const GOOD: &str = "Resources:
  Team:
    Type: AWS::IAM::Group
    Properties:
      GroupName: team
";

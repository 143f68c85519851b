//! A stack within a stack, a module or a macro that is not looked into.

use crate::finding::{Finding, Label, Severity, Status};

use super::{Documentation, Input, Rule};

/// The rule `not-followed`.
pub(super) struct NotFollowed;

impl Rule for NotFollowed {
    fn id(&self) -> &'static str {
        "not-followed"
    }

    fn severity(&self) -> Severity {
        Severity::Note
    }

    fn summary(&self) -> &'static str {
        "what a nested stack, a module or a macro makes is not among the files that are checked"
    }

    fn documentation(&self) -> Documentation {
        Documentation {
            why: "A nested stack may make roles and groups like any other, and so may a module or a macro. Where its \
                  template lies in a bucket or in the registry, what it declares is not seen here, and a clean report \
                  says nothing about it. The module of a type is looked for in the projects that `cfn init` makes; \
                  where several of them name the type, none is chosen.",
            bad: BAD,
            good: GOOD,
            fix: "Name the template by its path, as `aws cloudformation package` takes it, and check the folder that \
                  both lie in; or check the nested template by itself. For a module of the registry, check the folder \
                  of its project too, in which `.rpdk-config` names the type and `fragments` holds the template; it \
                  should be what the registry has as the default version. What a macro or a module makes of a \
                  template can also be had from `aws cloudformation get-template --template-stage Processed`.",
        }
    }

    fn check(&self, input: &Input<'_>, found: &mut Vec<Finding>) {
        for stack in &input.inventory.unfollowed {
            found.push(Finding {
                rule: self.id(),
                severity: Severity::Note,
                address: stack.address.clone(),
                message: format!("what `{}` declares is not checked: {}", stack.address.path, stack.reason),
                help: HELP.to_owned(),
                primary: Label { place: stack.place.clone(), text: "not followed".to_owned() },
                related: Vec::new(),
                witness: None,
                status: Status::New,
            });
        }
    }
}

const HELP: &str = "check the folder that holds its template too (of a module, its project), and name the template by its \
                    path; or check what the deployment makes of it";

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

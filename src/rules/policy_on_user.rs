//! A policy attached to a user instead of a group.

use std::cell::LazyCell;
use std::collections::HashMap;

use crate::finding::{Finding, Label, Severity, Status};
use crate::inventory::{Address, Attachment, IdentityKind, PolicyReference, Target};

use super::{Documentation, Input, Rule};

/// The rule `policy-on-user`.
pub(super) struct PolicyOnUser;

const HELP: &str = "attach the policy to a group that carries the Deny without MFA, and put the user into it";

impl Rule for PolicyOnUser {
    fn id(&self) -> &'static str {
        "policy-on-user"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "a policy is attached to a user, not to a group that asks for MFA"
    }

    fn documentation(&self) -> Documentation {
        Documentation {
            why: "The guard that asks for MFA lives in groups. What a user is granted on its own is easy to forget \
                  when the user leaves a group, and the guard leaves with the group: the grant stays and works with \
                  a bare access key. A permissions boundary grants nothing and is not meant here.",
            bad: BAD,
            good: GOOD,
            fix: "Make a group for what the user does, attach the policy and the guard to it, and make the user a \
                  member. A user for a machine is better a role.",
        }
    }

    fn check(&self, input: &Input<'_>, found: &mut Vec<Finding>) {
        let to_users = |attachment: &&Attachment| attachment.identity.kind == IdentityKind::User;
        let names = LazyCell::new(|| Names::new(input));
        for attachment in input.inventory.attachments.iter().filter(to_users) {
            found.push(Finding {
                rule: self.id(),
                severity: self.severity(),
                address: attachment.address.clone(),
                message: format!(
                    "{} is attached to {} itself, not to a group that asks for MFA",
                    names.policy(&attachment.policy),
                    names.user(&attachment.identity.target)
                ),
                help: HELP.to_owned(),
                primary: Label { place: attachment.place.clone(), text: "attached to a user".to_owned() },
                related: Vec::new(),
                witness: None,
                status: Status::New,
            });
        }
    }
}

/// What the inputs call users and policies.
struct Names<'a> {
    users: HashMap<&'a Address, &'a str>,
    policies: HashMap<(&'a Address, &'a str), &'a str>,
}

impl<'a> Names<'a> {
    fn new(input: &Input<'a>) -> Self {
        let users = input.inventory.identities.iter().filter(|identity| identity.kind == IdentityKind::User);
        let policies = input.inventory.policies.iter();
        Self {
            users: users.filter_map(|user| Some((&user.address, user.name.as_deref()?))).collect(),
            policies: policies
                .filter_map(|policy| Some(((&policy.address, policy.attribute.as_str()), policy.name.as_deref()?)))
                .collect(),
        }
    }

    fn policy(&self, reference: &PolicyReference) -> String {
        match reference {
            PolicyReference::Document { address, attribute } => {
                match self.policies.get(&(address, attribute.as_str())) {
                    Some(name) => format!("inline policy `{name}`"),
                    None => format!("the inline policy of `{}`", address.path),
                }
            }
            PolicyReference::Resource(address) => format!("managed policy `{}`", address.path),
            PolicyReference::Arn(name) | PolicyReference::Name(name) => format!("managed policy `{name}`"),
            PolicyReference::Unknown(unknown) => format!("managed policy `{}`", unknown.name),
        }
    }

    fn user(&self, target: &Target) -> String {
        let name = match target {
            Target::Resource(address) => self.users.get(address).copied().unwrap_or(&address.path),
            Target::Name(name) => name,
            Target::Unknown(unknown) => &unknown.name,
        };
        format!("user `{name}`")
    }
}

const BAD: &str = r#"Resources:
  Deployer:
    Type: AWS::IAM::User
    Properties:
      UserName: deployer
      ManagedPolicyArns: ["arn:aws:iam::aws:policy/PowerUserAccess"]
"#;

const GOOD: &str = r#"Resources:
  Deployer:
    Type: AWS::IAM::User
    Properties:
      UserName: deployer
      Groups: [!Ref Deployers]
  Deployers:
    Type: AWS::IAM::Group
    Properties:
      ManagedPolicyArns: ["arn:aws:iam::aws:policy/PowerUserAccess"]
"#;

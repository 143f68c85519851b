//! A policy of an organization that asks for MFA and is attached to nothing, where others are attached.

use std::collections::HashSet;
use std::sync::Arc;

use crate::finding::{Finding, Label, Severity, Status};
use crate::iam::verdict::Verdict;
use crate::inventory::Address;
use crate::inventory::subjects::SubjectKind;

use super::{Documentation, Input, Judged, Rule, words};

/// The rule `organization-policy-without-target`.
pub(super) struct OrganizationPolicyWithoutTarget;

const HELP: &str = "attach it to the root, a unit or an account of the organization, or take it away";

impl Rule for OrganizationPolicyWithoutTarget {
    fn id(&self) -> &'static str {
        "organization-policy-without-target"
    }

    fn severity(&self) -> Severity {
        Severity::Note
    }

    fn summary(&self) -> &'static str {
        "an SCP or RCP asks for MFA and is attached to nothing, while others beside it are attached"
    }

    fn documentation(&self) -> Documentation {
        Documentation {
            why: "An SCP or RCP limits only the accounts that it is attached to, by themselves or through a unit or the \
                  root. One that is attached to nothing stops nobody, however right it is. It may be attached \
                  elsewhere, so that this is a note, and only where the same input attaches other policies.",
            bad: BAD,
            good: GOOD,
            fix: "Name the targets in `TargetIds`; in Terraform, write an `aws_organizations_policy_attachment` for each.",
        }
    }

    fn check(&self, input: &Input<'_>, found: &mut Vec<Finding>) {
        let targets = &input.inventory.targets;
        // What attaches a policy that is not known may attach any of its input.
        let open: HashSet<_> =
            targets.iter().filter(|it| it.policy.is_none()).map(|it| it.place.in_file()).map(file).collect();
        let attached: HashSet<&Address> = targets.iter().filter_map(|target| target.policy.as_ref()).collect();
        let inputs: HashSet<&Arc<str>> = attached.iter().map(|policy| &policy.input).collect();
        for judged in input.judged.iter().filter(|judged| is_about_mfa(judged)) {
            let address = &judged.subject.address;
            if !inputs.contains(&address.input) || open.contains(&*address.input) || attached.contains(address) {
                continue;
            }
            let whom = words::subject(&judged.subject);
            found.push(Finding {
                rule: self.id(),
                severity: Severity::Note,
                address: address.clone(),
                message: format!(
                    "{whom} asks for MFA and is attached to nothing here, while others are: it reaches nobody"
                ),
                help: HELP.to_owned(),
                primary: Label { place: judged.subject.place.clone(), text: "attached to nothing".to_owned() },
                related: Vec::new(),
                witness: None,
                status: Status::New,
            });
        }
    }
}

fn file(place: &crate::source::Place) -> &str {
    place.source.name()
}

fn is_about_mfa(judged: &Judged) -> bool {
    matches!(judged.subject.kind, SubjectKind::ServiceControl | SubjectKind::ResourceControl)
        && !matches!(judged.judgement.verdict, Verdict::NotApplicable)
}

const BAD: &str = r#"Resources:
  UsersNeedMfa:
    Type: AWS::Organizations::Policy
    Properties:
      Name: users-need-mfa
      Type: SERVICE_CONTROL_POLICY
      Content:
        Version: "2012-10-17"
        Statement:
          Effect: Deny
          Action: s3:DeleteObject
          Resource: "*"
          Condition:
            BoolIfExists: {"aws:MultiFactorAuthPresent": "false"}
            StringEquals: {"aws:PrincipalType": User}
  Regions:
    Type: AWS::Organizations::Policy
    Properties:
      Name: regions
      Type: SERVICE_CONTROL_POLICY
      TargetIds: [ou-abcd-12345678]
      Content:
        Version: "2012-10-17"
        Statement:
          Effect: Deny
          Action: ec2:*
          Resource: "*"
          Condition:
            StringNotEquals: {"aws:RequestedRegion": eu-central-1}
"#;

const GOOD: &str = r#"Resources:
  UsersNeedMfa:
    Type: AWS::Organizations::Policy
    Properties:
      Name: users-need-mfa
      Type: SERVICE_CONTROL_POLICY
      TargetIds: [ou-abcd-12345678]
      Content:
        Version: "2012-10-17"
        Statement:
          Effect: Deny
          Action: s3:DeleteObject
          Resource: "*"
          Condition:
            BoolIfExists: {"aws:MultiFactorAuthPresent": "false"}
            StringEquals: {"aws:PrincipalType": User}
  Regions:
    Type: AWS::Organizations::Policy
    Properties:
      Name: regions
      Type: SERVICE_CONTROL_POLICY
      TargetIds: [ou-abcd-12345678]
      Content:
        Version: "2012-10-17"
        Statement:
          Effect: Deny
          Action: ec2:*
          Resource: "*"
          Condition:
            StringNotEquals: {"aws:RequestedRegion": eu-central-1}
"#;

//! A user's MFA device can be removed by somebody who does not have it.

use crate::finding::{Finding, Severity};
use crate::iam::verdict::{Danger, Hole, PassedBecause};

use super::holes::{self, Saying};
use super::{Documentation, Input, Rule, self_management_unscoped, words};

/// The rule `mfa-device-removable-without-mfa`.
pub(super) struct MfaDeviceRemovableWithoutMfa;

/// What to write instead: the Deny is not to blame where it does not leave the action out.
fn help(hole: &Hole) -> String {
    let action = &hole.witness.action;
    let condition = r#""Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}"#;
    if hole.passed.iter().any(|guard| guard.why == PassedBecause::Action) {
        format!("leave `{action}` out of the exemptions of the Deny, and allow it only with `{condition}`")
    } else {
        format!("allow `{action}` only with `{condition}`")
    }
}

impl Rule for MfaDeviceRemovableWithoutMfa {
    fn id(&self) -> &'static str {
        "mfa-device-removable-without-mfa"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "an MFA device can be removed without MFA"
    }

    fn documentation(&self) -> Documentation {
        Documentation {
            why: "Whoever holds a stolen access key and may call DeactivateMFADevice takes the owner's device away, \
                  enrols another and signs in with MFA. Every guard is then passed as if it were not there. \
                  DeleteVirtualMFADevice alone reaches only devices that are not in use: a warning.",
            bad: BAD,
            good: GOOD,
            fix: "The Deny without MFA may leave out what enrols a device, never what removes one. Name the exempt \
                  actions one by one; `iam:*`, `iam:*MFA*` and `iam:*User*` take the removal with them.",
        }
    }

    fn check(&self, input: &Input<'_>, found: &mut Vec<Finding>) {
        const REMOVES: &[Danger] = &[Danger::RemovesDevice];
        const DELETES: &[Danger] = &[Danger::DeletesDevice];
        for (dangers, severity) in [(REMOVES, Severity::Error), (DELETES, Severity::Warning)] {
            for (judged, holes) in self_management_unscoped::own_holes(input, dangers) {
                if dangers == DELETES && !holes::with(judged, REMOVES).is_empty() {
                    continue;
                }
                let who = words::subject(&judged.subject);
                let what = if dangers == REMOVES { "MFA be switched off" } else { "MFA devices be deleted" };
                let headline = format!("{who} lets {what} by somebody without MFA");
                let help = holes.first().map(|hole| help(hole)).unwrap_or_default();
                let saying = Saying { rule: self.id(), severity, headline: &headline, help: &help };
                found.extend(holes::finding(judged, &holes, saying));
            }
        }
    }
}

const BAD: &str = r#"Resources:
  Developers:
    Type: AWS::IAM::Group
    Properties:
      Policies:
        - PolicyName: self-service
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: iam:CreateVirtualMFADevice
                Resource: "arn:aws:iam::*:mfa/*"
              - Effect: Allow
                Action: ["iam:EnableMFADevice", "iam:ListMFADevices", "iam:DeactivateMFADevice"]
                Resource: "arn:aws:iam::*:user/${aws:username}"
              - Effect: Deny
                NotAction: "iam:*"
                Resource: "*"
                Condition:
                  BoolIfExists: {"aws:MultiFactorAuthPresent": "false"}
"#;

const GOOD: &str = r#"Resources:
  Developers:
    Type: AWS::IAM::Group
    Properties:
      Policies:
        - PolicyName: self-service
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: iam:CreateVirtualMFADevice
                Resource: "arn:aws:iam::*:mfa/*"
              - Effect: Allow
                Action: ["iam:EnableMFADevice", "iam:ListMFADevices", "iam:DeactivateMFADevice"]
                Resource: "arn:aws:iam::*:user/${aws:username}"
              - Effect: Deny
                NotAction: ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices"]
                Resource: "*"
                Condition:
                  BoolIfExists: {"aws:MultiFactorAuthPresent": "false"}
"#;

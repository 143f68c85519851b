//! A group whose members get in without MFA.

use crate::finding::{Finding, Severity};
use crate::iam::verdict::{Danger, Hole, PassedBecause, PassedGuard};
use crate::inventory::subjects::SubjectKind;

use super::enrolment_blocked::ENROLMENT;
use super::holes::{self, Saying};
use super::members::Members;
use super::{Documentation, Input, Judged, Rule, words};

/// The rule `group-without-mfa`.
pub(super) struct GroupWithoutMfa;

/// What the rules for groups and users are about; the rest has rules of its own.
const DANGERS: [Danger; 5] =
    [Danger::Access, Danger::MakesCredentials, Danger::EntersRole, Danger::Vendor, Danger::OutsideStepUp];

/// The holes of a group or user; calls that services make for it only where nothing else is open.
pub(super) fn holes_of(judged: &Judged) -> Vec<&Hole> {
    let found = holes::with(judged, &DANGERS);
    if found.is_empty() { holes::with(judged, &[Danger::ThroughService]) } else { found }
}

impl Rule for GroupWithoutMfa {
    fn id(&self) -> &'static str {
        "group-without-mfa"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "the members of a group get in without MFA"
    }

    fn documentation(&self) -> Documentation {
        Documentation {
            why: "What a group grants, it grants to a bare access key and to a password too, unless a policy says \
                  otherwise. A condition on one Allow is not enough where another Allow grants the same; a Deny that \
                  covers everything holds whatever else is attached.",
            bad: BAD,
            good: GOOD,
            fix: "Attach one Deny to the group with `NotAction` for the calls that enrol a first device, `Resource: \
                  \"*\"` and `BoolIfExists` with `aws:MultiFactorAuthPresent` = `false`. In a Deny it has to be \
                  `BoolIfExists`: access keys do not carry the key, and `Bool` does not hold for an absent one.",
        }
    }

    fn check(&self, input: &Input<'_>, found: &mut Vec<Finding>) {
        let members = Members::new(input);
        for judged in input.of_kind(SubjectKind::Group) {
            let holes = holes_of(judged);
            let finding = finding(self.id(), judged, &holes);
            found.extend(match members.guarded_elsewhere(judged) {
                Some(members) => finding.map(|finding| guarded_elsewhere(finding, judged, &members)),
                None => finding,
            });
        }
    }
}

/// What to say about the holes of a group or user.
pub(super) fn finding(rule: &'static str, judged: &Judged, holes: &[&Hole]) -> Option<Finding> {
    let who = words::subject(&judged.subject);
    let members = if judged.subject.kind == SubjectKind::Group { "lets its members in" } else { "gets in" };
    let step_up = holes.iter().all(|hole| hole.danger == Danger::OutsideStepUp);
    let through_services = holes.iter().all(|hole| hole.danger == Danger::ThroughService);
    let (severity, headline) = if step_up {
        (Severity::Warning, format!("{who} asks for MFA for some calls and not for others"))
    } else if through_services {
        (
            Severity::Note,
            format!("{who} asks for MFA for direct calls, and not for those that AWS services make on its behalf"),
        )
    } else {
        (Severity::Error, format!("{who} {members} without MFA"))
    };
    let help = if through_services {
        "leave it where services may act for those who signed in without MFA; else take the condition out".to_owned()
    } else if holes.iter().all(|hole| is_exempted(hole)) {
        format!("write `{ENROLMENT}` in the Deny, in place of its own `NotAction`")
    } else {
        format!("add a Deny that leaves only the enrolment of a first device: `{}`", holes::GUARD)
    };
    holes::finding(judged, holes, Saying { rule, severity, headline: &headline, help: &help })
}

/// Whether a guard lets the call pass for nothing but its list of exemptions.
fn is_exempted(hole: &Hole) -> bool {
    let negated = |guard: &PassedGuard| words::statement(&guard.statement).is_some_and(|deny| deny.actions.negated);
    hole.passed.iter().any(|guard| guard.why == PassedBecause::Action && negated(guard))
}

/// What is attached to the members elsewhere saves them, until somebody joins who has none of it.
fn guarded_elsewhere(finding: Finding, judged: &Judged, members: &[String]) -> Finding {
    let (group, members) = (words::subject(&judged.subject), words::list(members));
    let witness = finding.message.split_once("; ").map_or("", |(_, witness)| witness);
    let message = format!(
        "{group} does not ask for MFA itself, only what else is attached to its known members {members} does, so that \
         whoever joins without that gets in without MFA; {witness}"
    );
    Finding { severity: Severity::Warning, message, ..finding }
}

const BAD: &str = r#"Resources:
  Administrators:
    Type: AWS::IAM::Group
    Properties:
      Policies:
        - PolicyName: administrator
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - {Effect: Allow, Action: "*", Resource: "*"}
              - Effect: Deny
                NotAction: ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices"]
                Resource: "*"
                Condition:
                  Bool: {"aws:MultiFactorAuthPresent": "false"}
"#;

const GOOD: &str = r#"Resources:
  Administrators:
    Type: AWS::IAM::Group
    Properties:
      Policies:
        - PolicyName: administrator
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: ["iam:CreateVirtualMFADevice", "iam:ListVirtualMFADevices"]
                Resource: "*"
              - Effect: Allow
                Action: ["iam:EnableMFADevice", "iam:GetUser", "iam:ListMFADevices", "iam:ResyncMFADevice"]
                Resource: "arn:aws:iam::*:user/${aws:username}"
              - Effect: Allow
                Action: "*"
                Resource: "*"
                Condition:
                  Bool: {"aws:MultiFactorAuthPresent": "true"}
              - Effect: Deny
                NotAction:
                  - iam:CreateVirtualMFADevice
                  - iam:EnableMFADevice
                  - iam:GetUser
                  - iam:ListMFADevices
                  - iam:ListVirtualMFADevices
                  - iam:ResyncMFADevice
                  - sts:GetSessionToken
                Resource: "*"
                Condition:
                  BoolIfExists: {"aws:MultiFactorAuthPresent": "false"}
"#;

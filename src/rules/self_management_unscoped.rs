//! Self-management without MFA that reaches other users.

use crate::finding::{Finding, Severity};
use crate::iam::verdict::{Danger, Hole};
use crate::inventory::subjects::SubjectKind;

use super::holes::{self, Saying};
use super::{Documentation, Input, Judged, Rule, words};

/// The rule `self-management-unscoped`.
pub(super) struct SelfManagementUnscoped;

const HELP: &str = "limit what works without MFA to the caller's own user: \
    `\"Resource\": \"arn:aws:iam::*:user/${aws:username}\"`";

/// An Allow of all of IAM is not meant for one's own user.
const HELP_ADMINISTRATORS: &str = "ask for MFA in this Allow: `\"Condition\": {\"Bool\": {\"aws:MultiFactorAuthPresent\": \
    \"true\"}}`; what enrols a first device goes into an Allow of its own on `arn:aws:iam::*:user/${aws:username}`";

impl Rule for SelfManagementUnscoped {
    fn id(&self) -> &'static str {
        "self-management-unscoped"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "self-management without MFA reaches other users"
    }

    fn documentation(&self) -> Documentation {
        Documentation {
            why: "People without a device must be able to enrol one, on their own user. Where the same calls reach \
                  other users, somebody without MFA can enrol a device of his own for a colleague who has none yet, \
                  or change the colleague's password. Where the calls only read, or where administrators of all users are \
                  guarded otherwise, it is a warning.",
            bad: BAD,
            good: GOOD,
            fix: "Put `${aws:username}` into the resource of the calls that work without MFA, with a slash before it \
                  and no wildcard behind it, in a policy of version 2012-10-17 (before it the variable is plain \
                  text). Users with an IAM path need `user/*/${aws:username}` beside it.",
        }
    }

    fn check(&self, input: &Input<'_>, found: &mut Vec<Finding>) {
        for (judged, holes) in own_holes(input, &[Danger::OtherUsers, Danger::ReadsOtherUsers]) {
            let changes = |hole: &&Hole| hole.danger == Danger::OtherUsers;
            let does = if holes.iter().any(changes) { "manages" } else { "reads" };
            let headline = format!("{} {does} other users without MFA", words::subject(&judged.subject));
            let severity =
                if holes::of(judged).iter().any(|hole| changes(&hole)) { self.severity() } else { Severity::Warning };
            let is_remark = |hole: &Hole| judged.judgement.remarks.iter().any(|remark| std::ptr::eq(remark, hole));
            let help = if holes.first().is_some_and(|hole| is_remark(hole)) { HELP_ADMINISTRATORS } else { HELP };
            let saying = Saying { rule: self.id(), severity, headline: &headline, help };
            found.extend(holes::finding(judged, &holes, saying));
        }
    }
}

/// The holes of these dangers in groups and users, those aside that another finding tells already: what a user has from an
/// open group, and what is open because everything is.
pub(super) fn own_holes<'a>(
    input: &Input<'a>,
    dangers: &'static [Danger],
) -> impl Iterator<Item = (&'a Judged, Vec<&'a Hole>)> {
    [SubjectKind::Group, SubjectKind::User].into_iter().flat_map(move |kind| {
        input.of_kind(kind).filter_map(move |judged| {
            let mut holes = holes::with(judged, dangers);
            holes.sort_by_key(|hole| hole.danger);
            holes.retain(|hole| {
                holes::group_behind(input, judged, hole).is_none() && !holes::is_told_by_access(judged, hole)
            });
            (!holes.is_empty()).then_some((judged, holes))
        })
    })
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
                Action: ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices"]
                Resource: "*"
              - Effect: Deny
                NotAction: ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices"]
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
                Action: ["iam:EnableMFADevice", "iam:ListMFADevices"]
                Resource: "arn:aws:iam::*:user/${aws:username}"
              - Effect: Deny
                NotAction: ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices"]
                Resource: "*"
                Condition:
                  BoolIfExists: {"aws:MultiFactorAuthPresent": "false"}
"#;

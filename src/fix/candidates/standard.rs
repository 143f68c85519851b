//! The statements that people need around MFA, as AWS's own documentation has them.

use super::super::pen::New;
use crate::iam::actions::{self, ActionTarget, ENROLMENT};

/// The caller's own user.
pub(super) const OWN_USER: &str = "arn:aws:iam::*:user/${aws:username}";
/// The caller's own user, where it has an IAM path.
pub(super) const OWN_USER_WITH_PATH: &str = "arn:aws:iam::*:user/*/${aws:username}";
/// MFA devices.
pub(super) const DEVICES: &str = "arn:aws:iam::*:mfa/*";

/// What a Deny without MFA has to leave out.
pub(super) const EXEMPT: &[&str] = &[
    "iam:CreateVirtualMFADevice",
    "iam:EnableMFADevice",
    "iam:GetUser",
    "iam:ListMFADevices",
    "iam:ListVirtualMFADevices",
    "iam:ResyncMFADevice",
    "sts:GetSessionToken",
];

/// The Deny that asks for MFA and lets a first device be enrolled.
pub(in crate::fix) fn guard() -> New {
    let test = New::map([("aws:MultiFactorAuthPresent", New::text("false"))]);
    New::map([
        ("Effect", New::text("Deny")),
        ("NotAction", New::texts(EXEMPT)),
        ("Resource", New::text("*")),
        ("Condition", New::map([("BoolIfExists", test)])),
    ])
}

/// An Allow.
pub(super) fn allow(actions: &[&str], resources: &[&str]) -> New {
    New::map([("Effect", New::text("Allow")), ("Action", New::texts(actions)), ("Resource", New::texts(resources))])
}

/// The Allows of these enrolment calls, each on what it is for.
pub(in crate::fix) fn enrolment(calls: &[&str], with_path: bool) -> Vec<New> {
    let of = |wanted: &[ActionTarget]| -> Vec<&str> {
        let on = |call: &&&str| actions::known(call).is_some_and(|known| wanted.contains(&known.target));
        calls.iter().filter(on).copied().collect()
    };
    let users: &[&str] = if with_path { &[OWN_USER, OWN_USER_WITH_PATH] } else { &[OWN_USER] };
    let groups = [
        (of(&[ActionTarget::MfaDevice]), &[DEVICES][..]),
        (of(&[ActionTarget::User]), users),
        (of(&[ActionTarget::Nothing, ActionTarget::Role]), &["*"][..]),
    ];
    groups.into_iter().filter(|(calls, _)| !calls.is_empty()).map(|(calls, on)| allow(&calls, on)).collect()
}

/// All enrolment calls.
pub(in crate::fix) fn enrolment_calls() -> Vec<&'static str> {
    ENROLMENT.iter().map(|call| call.action).collect()
}

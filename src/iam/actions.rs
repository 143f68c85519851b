//! The actions whose meaning the decision has to know: enrolling, removing and minting credentials.
//!
//! Resource types are those of the AWS Service Authorization Reference for IAM and STS. All other actions are treated alike.

use crate::iam::verdict::Danger;

pub mod listed;

/// An action that the decision knows.
#[derive(Clone, Copy, Debug)]
pub struct KnownAction {
    /// The name as AWS spells it.
    pub name: &'static str,
    /// What the action acts on.
    pub target: ActionTarget,
    /// What it means to reach it without MFA.
    pub standing: Standing,
}

/// What an action acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionTarget {
    /// An IAM user.
    User,
    /// A virtual MFA device.
    MfaDevice,
    /// Nothing: policies must grant it on `*`.
    Nothing,
    /// A role.
    Role,
}

/// What it means to reach an action without MFA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Needed to enrol a first device, harmless on the caller's own user and on MFA devices.
    SelfService,
    /// Harmless, or not subject to policies at all.
    Harmless,
    /// A way past MFA.
    Dangerous(Danger),
}

/// The table.
pub const KNOWN: &[KnownAction] = &[
    row("iam:CreateVirtualMFADevice", ActionTarget::MfaDevice, Standing::SelfService),
    row("iam:EnableMFADevice", ActionTarget::User, Standing::SelfService),
    row("iam:ResyncMFADevice", ActionTarget::User, Standing::SelfService),
    row("iam:ListMFADevices", ActionTarget::User, Standing::SelfService),
    row("iam:GetMFADevice", ActionTarget::User, Standing::SelfService),
    row("iam:GetUser", ActionTarget::User, Standing::SelfService),
    row("iam:ChangePassword", ActionTarget::User, Standing::SelfService),
    row("iam:ListVirtualMFADevices", ActionTarget::Nothing, Standing::Harmless),
    row("iam:ListUsers", ActionTarget::Nothing, Standing::Harmless),
    row("iam:ListAccountAliases", ActionTarget::Nothing, Standing::Harmless),
    row("iam:GetAccountPasswordPolicy", ActionTarget::Nothing, Standing::Harmless),
    row("iam:GetAccountSummary", ActionTarget::Nothing, Standing::Harmless),
    row("sts:GetSessionToken", ActionTarget::Nothing, Standing::Harmless),
    row("sts:GetCallerIdentity", ActionTarget::Nothing, Standing::Harmless),
    row("iam:DeactivateMFADevice", ActionTarget::User, Standing::Dangerous(Danger::RemovesDevice)),
    row("iam:DeleteVirtualMFADevice", ActionTarget::MfaDevice, Standing::Dangerous(Danger::DeletesDevice)),
    row("iam:CreateLoginProfile", ActionTarget::User, Standing::Dangerous(Danger::MakesCredentials)),
    row("iam:UpdateLoginProfile", ActionTarget::User, Standing::Dangerous(Danger::MakesCredentials)),
    row("iam:CreateAccessKey", ActionTarget::User, Standing::Dangerous(Danger::MakesCredentials)),
    row("sts:AssumeRole", ActionTarget::Role, Standing::Dangerous(Danger::EntersRole)),
];

/// Actions that show well in a witness: tried for a class of actions before a made-up name is.
pub const EXAMPLES: &[&str] = &[
    "s3:GetObject",
    "ec2:TerminateInstances",
    "iam:AttachUserPolicy",
    "s3:DeleteObject",
    "s3:ListBucket",
    "s3:PutObject",
    "ec2:DescribeInstances",
    "ec2:RunInstances",
    "dynamodb:DeleteTable",
    "dynamodb:GetItem",
    "lambda:InvokeFunction",
    "kms:Decrypt",
    "secretsmanager:GetSecretValue",
    "rds:DeleteDBInstance",
    "sqs:SendMessage",
    "sns:Publish",
    "logs:GetLogEvents",
    "cloudformation:DeleteStack",
    "iam:CreateUser",
    "iam:GetRole",
    "iam:ListRoles",
    "iam:PassRole",
    "sts:GetFederationToken",
    "organizations:DescribeOrganization",
];

/// The services whose actions act on the identities of an account, its users and MFA devices among them.
pub const ON_IDENTITIES: [&str; 2] = ["iam", "sts"];

/// Whether an action is one of those services.
#[must_use]
pub fn is_on_identities(action: &str) -> bool {
    let service = action.split(':').next().unwrap_or_default();
    ON_IDENTITIES.iter().any(|known| known.eq_ignore_ascii_case(service))
}

/// The row of an action, by its name in lower case.
#[must_use]
pub fn known(action: &str) -> Option<&'static KnownAction> {
    KNOWN.iter().find(|known| known.name.eq_ignore_ascii_case(action))
}

/// The calls without which nobody enrols a first device, and those that the console's page makes beside them.
pub const ENROLMENT: &[EnrolmentCall] = &[
    EnrolmentCall { action: "iam:CreateVirtualMFADevice", needed: true },
    EnrolmentCall { action: "iam:EnableMFADevice", needed: true },
    EnrolmentCall { action: "iam:ListMFADevices", needed: true },
    EnrolmentCall { action: "iam:ResyncMFADevice", needed: false },
    EnrolmentCall { action: "iam:GetUser", needed: false },
    EnrolmentCall { action: "iam:ListVirtualMFADevices", needed: false },
];

/// A call that enrolment makes.
#[derive(Clone, Copy, Debug)]
pub struct EnrolmentCall {
    /// The action.
    pub action: &'static str,
    /// Whether enrolment fails without it.
    pub needed: bool,
}

const fn row(name: &'static str, target: ActionTarget, standing: Standing) -> KnownAction {
    KnownAction { name, target, standing }
}

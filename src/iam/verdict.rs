//! What the evaluation says about one subject.
//!
//! Three answers to each question: yes with a witness or a proof, no, or unproven with the reasons.

use std::sync::Arc;

use crate::iam::document::Document;
use crate::source::Place;

/// The judgement on one subject.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// Can somebody get in without MFA?
    pub verdict: Verdict,
    /// Can a user without a device enrol one? Answered for groups and users.
    pub enrolment: Enrolment,
    /// Calls that get through without MFA and do not make the subject bypassable: self-management of other users by
    /// those who administer all of them.
    pub remarks: Vec<Hole>,
    /// Who must get in, and cannot, because of MFA.
    pub locked_out: Vec<LockOut>,
    /// Statements with a condition on MFA, and whether they do what such a statement is for.
    pub tests: Vec<MfaTest>,
    /// Whether anything that this subject grants depends on MFA.
    pub gated: bool,
    /// Whether a trust policy lets in whoever used MFA in any AWS account.
    pub admits_any_account: bool,
}

impl Judgement {
    /// A subject in which there is nothing that MFA could or should guard.
    #[must_use]
    pub fn not_applicable() -> Self {
        Self {
            verdict: Verdict::NotApplicable,
            enrolment: Enrolment::NotApplicable,
            remarks: Vec::new(),
            locked_out: Vec::new(),
            tests: Vec::new(),
            gated: false,
            admits_any_account: false,
        }
    }
}

/// Can somebody get in without MFA?
#[derive(Clone, Debug)]
pub enum Verdict {
    /// No.
    Enforced,
    /// Yes; at least one hole, the worst first.
    Bypassable(Vec<Hole>),
    /// It cannot be known; at least one reason.
    Unproven(Vec<Reason>),
    /// There is nothing here that MFA could or should guard.
    NotApplicable,
}

impl Verdict {
    /// The name in reports.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Enforced => "enforced",
            Self::Bypassable(_) => "bypassable",
            Self::Unproven(_) => "unproven",
            Self::NotApplicable => "not-applicable",
        }
    }
}

/// A call that gets through without MFA.
#[derive(Clone, Debug)]
pub struct Hole {
    /// The call.
    pub witness: Witness,
    /// What the call is good for, which decides the rule and the severity.
    pub danger: Danger,
    /// The statement that allows it.
    pub allowed_by: StatementReference,
    /// The Deny statements with a condition on MFA, none of which stops it, each with why.
    pub passed: Vec<PassedGuard>,
}

/// What a hole is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Danger {
    /// Anything that is not named below.
    Access,
    /// Removes the caller's MFA: `iam:DeactivateMFADevice`.
    RemovesDevice,
    /// Makes new credentials for the caller: passwords and access keys.
    MakesCredentials,
    /// Enters another identity: `sts:AssumeRole` and its like in an identity policy.
    EntersRole,
    /// Self-management that changes other users.
    OtherUsers,
    /// Self-management that reads other users.
    ReadsOtherUsers,
    /// `iam:DeleteVirtualMFADevice` alone: deletes a device that is not in use.
    DeletesDevice,
    /// A role that an account behind an external id may assume: usually a vendor's machine.
    Vendor,
    /// Calls that an AWS service makes for the caller (forward access sessions); direct calls are refused.
    ThroughService,
    /// Access outside what the subject's own step-up guard (recent MFA for some resources) is about.
    OutsideStepUp,
}

/// A concrete call: replaying it through the same evaluator gives the same answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// Which credentials sign the call.
    pub caller: CallerKind,
    /// Who calls: an ARN, a service's name, or a sentence part such as `any user in account 111122223333`.
    pub principal: String,
    /// The action, as `service:Name`.
    pub action: String,
    /// The resource, `*` where the action has none.
    pub resource: String,
    /// The context keys that the caller has to bring or happen to have, with their values.
    pub given: Vec<Given>,
}

/// One context key of a witness that is neither about MFA nor fixed by the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The key as the policy spells it.
    pub key: String,
    /// Its values; `None` where the key must be absent.
    pub values: Option<Vec<String>>,
}

/// The credentials behind a call; section 4 of the IAM reference in this project's documentation says what each fixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallerKind {
    /// An IAM user's long-term access key: both MFA keys absent.
    AccessKey,
    /// A console sign-in or session token without MFA: present is `false`.
    PasswordSession,
    /// A session after MFA: present is `true`, age is set.
    MfaSession,
    /// A session of an assumed role.
    RoleSession,
    /// A session of an Identity Center permission set.
    PermissionSet,
    /// A SAML or web identity at the moment of assuming a role.
    Federated,
    /// An AWS service principal.
    Service,
    /// The account's root user, by access key or by password alone.
    Root,
    /// An unsigned request.
    Anonymous,
}

impl CallerKind {
    /// The name in reports: `access-key`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AccessKey => "access-key",
            Self::PasswordSession => "password-session",
            Self::MfaSession => "mfa-session",
            Self::RoleSession => "role-session",
            Self::PermissionSet => "permission-set",
            Self::Federated => "federated",
            Self::Service => "service",
            Self::Root => "root",
            Self::Anonymous => "anonymous",
        }
    }
}

/// A statement of a policy in the inventory.
#[derive(Clone, Debug)]
pub struct StatementReference {
    /// Index of the policy in the subject's list of policies.
    pub policy: usize,
    /// Index of the statement in its document.
    pub statement: usize,
    /// The document.
    pub document: Arc<Document>,
    /// The statement's text.
    pub place: Place,
}

/// A Deny with a condition on MFA that a hole passes.
#[derive(Clone, Debug)]
pub struct PassedGuard {
    /// The statement.
    pub statement: StatementReference,
    /// Why it does not stop the call.
    pub why: PassedBecause,
}

/// Why a guard does not stop a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PassedBecause {
    /// Its `Action` or `NotAction` does not cover the call's action.
    Action,
    /// Its `Resource` or `NotResource` does not cover the call's resource.
    Resource,
    /// Its `Principal` or `NotPrincipal` does not cover the caller.
    Principal,
    /// Its condition on this key does not hold; the index is that of the test in the statement.
    Condition(usize),
}

/// Can a user without a device enrol one?
#[derive(Clone, Debug)]
pub enum Enrolment {
    /// Yes.
    Possible {
        /// Calls that the console's enrolment page makes and that are refused all the same.
        missing: Vec<Refusal>,
    },
    /// No: these calls are refused.
    Blocked(Vec<Refusal>),
    /// It cannot be known.
    Unproven(Vec<Reason>),
    /// Nobody enrols through this subject.
    NotApplicable,
}

impl Enrolment {
    /// The name in reports.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Possible { .. } => "possible",
            Self::Blocked(_) => "blocked",
            Self::Unproven(_) => "unproven",
            Self::NotApplicable => "not-applicable",
        }
    }
}

/// An enrolment call that is refused.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The action.
    pub action: &'static str,
    /// The resource it was tried on, with the caller's name in it.
    pub resource: String,
    /// The Deny that refuses it; `None` where no statement allows it.
    pub denied_by: Option<StatementReference>,
    /// A statement that names the action but does not reach the resource, where there is one.
    pub missed_by: Option<StatementReference>,
}

/// A caller who must get in and cannot, because of MFA.
#[derive(Clone, Debug)]
pub struct LockOut {
    /// Who.
    pub caller: CallerKind,
    /// The principal: an ARN, a service's name, or a sentence part such as `any role in account 111122223333`.
    pub principal: String,
    /// Whether the policy names this caller; a lock-out of somebody who is only covered by an account or a wildcard is what
    /// demanding MFA of people means.
    pub named: bool,
    /// Whether nothing is left to the caller; otherwise some calls are.
    pub entirely: bool,
    /// The statement whose condition on MFA keeps the caller out.
    pub statement: StatementReference,
    /// Index of the test in the statement.
    pub test: Option<usize>,
}

/// A condition on MFA and what comes of it.
#[derive(Clone, Debug)]
pub struct MfaTest {
    /// The statement.
    pub statement: StatementReference,
    /// Index of the test in the statement.
    pub test: usize,
    /// The mistake, where it is one of the known ones.
    pub mistake: Option<Mistake>,
}

/// The known ways in which a condition on MFA does not do what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// The statement lets some caller without MFA through: those for whom the test gives the wrong answer.
    AdmitsWithoutMfa {
        /// Who gets in.
        admitted: Vec<CallerKind>,
        /// The statement, taken together with its other tests, can never be what decides.
        dead: bool,
    },
    /// The test treats callers with MFA as it should treat those without.
    Inverted,
    /// The test never holds, whatever the caller does.
    NeverHolds,
    /// The test always holds, whatever the caller does.
    AlwaysHolds,
    /// The key does not exist in AWS; this is what was probably meant.
    MisspeltKey(&'static str),
    /// AWS does not document what this test gives; the sentence says which part.
    Undocumented(String),
}

/// Why something is unproven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The sentence: lower case, no final period.
    pub message: String,
    /// The text that is to blame, where there is one.
    pub place: Option<PlaceKey>,
}

/// A place that can be compared: source name and byte range, beside the place itself.
#[derive(Clone, Debug)]
pub struct PlaceKey(pub Place);

impl PartialEq for PlaceKey {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0.source, &other.0.source) && self.0.span == other.0.span
    }
}

impl Eq for PlaceKey {}

//! What is worth saying about an inventory and the judgements on it.
//!
//! A rule is one file and one line in [`all`]. Rules explain verdicts; they never make one.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::config::Configuration;
use crate::config::homes::Homes;
use crate::finding::{Finding, Severity};
use crate::iam::verdict::Judgement;
use crate::inventory::subjects::{Subject, SubjectKind};
use crate::inventory::{Address, Inventory};
use crate::source::Place;

mod circumstances;
pub mod deployments;
mod duplicate_key;
mod enrolment_blocked;
pub(crate) mod explain;
mod group_without_mfa;
mod guard_bypassed;
mod holes;
mod ineffective_mfa_condition;
mod lock_outs;
mod malformed_policy;
mod members;
mod mfa_device_removable_without_mfa;
mod mfa_locks_out_everyone;
mod mfa_locks_out_federation;
mod mfa_locks_out_role_session;
mod mfa_locks_out_service;
mod mfa_too_old;
mod mfa_unproven;
mod mistakes;
mod not_followed;
mod organization_policy_without_target;
mod organization_role_without_mfa;
mod policy_on_user;
mod role_trust_without_mfa;
mod self_management_unscoped;
mod trust_any_account;
mod user_outside_identity_account;
mod user_without_mfa;
pub(crate) mod words;

#[cfg(test)]
mod tests;

pub use words::witness_sentence;

/// A subject with the judgement on it.
#[derive(Clone, Debug)]
pub struct Judged {
    /// What was judged.
    pub subject: Subject,
    /// What came of it.
    pub judgement: Judgement,
}

/// One rule: what it is about, and the check.
pub trait Rule: Sync {
    /// The name in reports and configuration: the smell, in words joined by hyphens.
    fn id(&self) -> &'static str;

    /// How much its findings weigh, unless a finding has a reason to weigh less.
    fn severity(&self) -> Severity;

    /// What it finds, in one line.
    fn summary(&self) -> &'static str;

    /// What `explain` shows.
    fn documentation(&self) -> Documentation;

    /// The configuration without which it finds nothing.
    fn configuration(&self) -> Option<&'static str> {
        None
    }

    /// Adds what it finds.
    fn check(&self, input: &Input<'_>, found: &mut Vec<Finding>);
}

/// The documentation of a rule.
#[derive(Clone, Copy, Debug)]
pub struct Documentation {
    /// Why it matters.
    pub why: &'static str,
    /// A CloudFormation template in which the rule finds something.
    pub bad: &'static str,
    /// The same template put right.
    pub good: &'static str,
    /// How to get from one to the other.
    pub fix: &'static str,
}

/// What rules look at.
#[derive(Debug)]
pub struct Input<'a> {
    /// What the inputs declare.
    pub inventory: &'a Inventory,
    /// All subjects with their judgements.
    pub judged: &'a [Judged],
    /// What the project has decided.
    pub configuration: &'a Configuration,
    /// The accounts that resources belong to.
    pub homes: &'a Homes,
    by_address: HashMap<(&'a Address, SubjectKind), &'a Judged>,
}

impl<'a> Input<'a> {
    /// Lays out the input of all rules, for a project that has decided nothing.
    #[must_use]
    pub fn new(inventory: &'a Inventory, judged: &'a [Judged]) -> Self {
        let by_address = judged.iter().map(|one| ((&one.subject.address, one.subject.kind), one)).collect();
        Self { inventory, judged, configuration: &UNDECIDED, homes: &NOWHERE, by_address }
    }

    /// The same for a project that has decided something.
    #[must_use]
    pub fn under(self, configuration: &'a Configuration, homes: &'a Homes) -> Self {
        Self { configuration, homes, ..self }
    }

    /// The subjects of one kind.
    pub fn of_kind(&self, kind: SubjectKind) -> impl Iterator<Item = &'a Judged> {
        self.judged.iter().filter(move |one| one.subject.kind == kind)
    }

    /// Whether the configuration says that only machines assume a role.
    #[must_use]
    pub fn is_workload(&self, subject: &Subject) -> bool {
        if subject.kind != SubjectKind::RoleTrust || self.configuration.workload_roles.is_empty() {
            return false;
        }
        let Some(name) = &subject.name else { return false };
        // An ARN in the configuration names an account, which a role of an unknown account is not in.
        let account = self.homes.of(&subject.address).unwrap_or("unknown");
        let path = subject.path.as_deref().unwrap_or("/");
        let arn = format!("arn:aws:iam::{account}:role{path}{name}");
        [name, &arn].into_iter().any(|name| self.configuration.workload_roles.matches(name))
    }

    /// The subject of a kind that a resource declares.
    #[must_use]
    pub fn subject(&self, address: &Address, kind: SubjectKind) -> Option<&'a Judged> {
        self.by_address.get(&(address, kind)).copied()
    }
}

static UNDECIDED: LazyLock<Configuration> = LazyLock::new(Configuration::default);
static NOWHERE: LazyLock<Homes> = LazyLock::new(Homes::default);

/// All rules, those about holes first.
#[must_use]
pub fn all() -> &'static [&'static dyn Rule] {
    &[
        &role_trust_without_mfa::RoleTrustWithoutMfa,
        &group_without_mfa::GroupWithoutMfa,
        &user_without_mfa::UserWithoutMfa,
        &mfa_device_removable_without_mfa::MfaDeviceRemovableWithoutMfa,
        &self_management_unscoped::SelfManagementUnscoped,
        &organization_role_without_mfa::OrganizationRoleWithoutMfa,
        &trust_any_account::TrustAnyAccount,
        &policy_on_user::PolicyOnUser,
        &guard_bypassed::GuardBypassed,
        &ineffective_mfa_condition::IneffectiveMfaCondition,
        &user_outside_identity_account::UserOutsideIdentityAccount,
        &mfa_too_old::MfaTooOld,
        &mfa_locks_out_service::MfaLocksOutService,
        &mfa_locks_out_federation::MfaLocksOutFederation,
        &mfa_locks_out_role_session::MfaLocksOutRoleSession,
        &mfa_locks_out_everyone::MfaLocksOutEveryone,
        &enrolment_blocked::EnrolmentBlocked,
        &malformed_policy::MalformedPolicy,
        &duplicate_key::DuplicateKey,
        &mfa_unproven::MfaUnproven,
        &organization_policy_without_target::OrganizationPolicyWithoutTarget,
        &not_followed::NotFollowed,
    ]
}

/// The rule of this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static dyn Rule> {
    all().iter().copied().find(|rule| rule.id() == id)
}

/// What all rules find, by input, place and rule; the same input gives the same list.
#[must_use]
pub fn findings(input: &Input<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for rule in all() {
        rule.check(input, &mut found);
    }
    circumstances::tell(input.inventory, &mut found);
    found.sort_by(order);
    let mut seen = HashSet::new();
    found.retain(|finding| {
        let (file, start, inner) = position(&finding.primary.place);
        seen.insert((finding.rule, finding.address.clone(), file.to_owned(), start, inner, finding.message.clone()))
    });
    found
}

fn order(left: &Finding, right: &Finding) -> Ordering {
    let key = |finding: &'_ Finding| (finding.address.input.clone(), finding.rule, std::cmp::Reverse(finding.severity));
    let (left_input, left_rule, left_severity) = key(left);
    let (right_input, right_rule, right_severity) = key(right);
    left_input
        .cmp(&right_input)
        .then_with(|| position(&left.primary.place).cmp(&position(&right.primary.place)))
        .then_with(|| left_rule.cmp(right_rule))
        .then_with(|| left.address.cmp(&right.address))
        .then_with(|| left_severity.cmp(&right_severity))
        .then_with(|| left.message.cmp(&right.message))
}

/// Where a place stands: its file, the byte there, and the range within an embedded document.
fn position(place: &Place) -> (&str, usize, (usize, usize)) {
    let file = place.in_file();
    (file.source.name(), file.span.start, (place.span.start, place.span.end))
}

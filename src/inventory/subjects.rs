//! Ties the facts of an inventory together into what is judged.

use std::sync::Arc;

use super::{Address, Inventory};
use crate::iam::document::Document;
use crate::source::Place;
use crate::tree::Unknown;

mod drafts;
mod index;
#[cfg(test)]
mod tests;

/// What is judged: an identity with all that is attached to it, or a policy on its own.
#[derive(Clone, Debug)]
pub struct Subject {
    /// What it is.
    pub kind: SubjectKind,
    /// Where it is declared.
    pub address: Address,
    /// Its name, where the input says it.
    pub name: Option<String>,
    /// The IAM path of a user, where the input says it.
    pub path: Option<String>,
    /// The policies that decide together.
    pub policies: Vec<Attached>,
    /// The policies that bound it: all of them have to allow.
    pub boundaries: Vec<Attached>,
    /// The text that declares it.
    pub place: Place,
}

/// The kinds of subject; one subject per address and kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is named in reports as the method `name` says")]
pub enum SubjectKind {
    RoleTrust,
    RolePermissions,
    Group,
    User,
    PermissionSet,
    ManagedPolicy,
    ServiceControl,
    ResourceControl,
    Boundary,
    Resource,
}

impl SubjectKind {
    /// The name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RoleTrust => "role-trust",
            Self::RolePermissions => "role-permissions",
            Self::Group => "group",
            Self::User => "user",
            Self::PermissionSet => "permission-set",
            Self::ManagedPolicy => "managed-policy",
            Self::ServiceControl => "scp",
            Self::ResourceControl => "rcp",
            Self::Boundary => "boundary",
            Self::Resource => "resource",
        }
    }
}

/// A policy in its use by a subject.
#[derive(Clone, Debug)]
pub struct Attached {
    /// The policy's own kind, address and attribute.
    pub policy: PolicyUse,
    /// The document, or why it is not known.
    pub content: Result<Arc<Document>, Unknown>,
    /// The text that ties it to the subject.
    pub place: Place,
    /// For a user: the group that the policy comes from.
    pub through: Option<Address>,
}

/// Which policy is attached.
#[derive(Clone, Debug)]
pub struct PolicyUse {
    /// What it is for.
    pub kind: super::PolicyKind,
    /// The resource that carries it; the attachment's where the policy is not in the input.
    pub address: Address,
    /// Where in the resource it stands.
    pub attribute: String,
}

/// All subjects of an inventory, by input and address.
#[must_use]
pub fn subjects(inventory: &Inventory) -> Vec<Subject> {
    let mut drafts = drafts::Drafts::new(inventory);
    drafts.add_identities();
    drafts.add_attachments();
    drafts.add_memberships();
    drafts.add_boundaries();
    drafts.add_policies();
    drafts.finish()
}

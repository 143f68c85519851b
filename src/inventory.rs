//! What the inputs say exists: identities, policies, and who is tied to what.
//!
//! Terraform and CloudFormation meet here; nothing after this step knows which one it was. The facts are flat and refer to
//! each other as the input does (by name, address or ARN); [`subjects`] ties them together into what is judged.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::iam::document::Document;
use crate::source::Place;
use crate::tree::Unknown;

pub mod deployments;
pub mod subjects;

/// Everything that one or several inputs say about identities and policies.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// Groups, users, roles and permission sets.
    pub identities: Vec<Identity>,
    /// IAM documents, attached or not.
    pub policies: Vec<Policy>,
    /// Policies that grant to (or deny) an identity.
    pub attachments: Vec<Attachment>,
    /// Policies that bound an identity: a permissions boundary limits and never grants.
    pub boundaries: Vec<Attachment>,
    /// Where in an organization its policies are attached.
    pub targets: Vec<PolicyTarget>,
    /// Users in groups.
    pub memberships: Vec<Membership>,
    /// Accounts that AWS Organizations would create, each with the role that it makes in them.
    pub accounts: Vec<Account>,
    /// What may declare more, and was not looked into.
    pub unfollowed: Vec<Unfollowed>,
    /// Keys that stand more than once, so that only the last one counts.
    pub repeated: Vec<Repeated>,
    /// Lines of programs that made resources; says nothing about what exists.
    pub origins: Vec<Origin>,
    /// What was assumed to say all this.
    pub assumptions: Vec<Assumption>,
}

impl Inventory {
    /// Whether it says nothing at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { identities, policies, attachments, boundaries, memberships, accounts, unfollowed, .. } = self;
        let ties = attachments.is_empty() && boundaries.is_empty() && memberships.is_empty();
        identities.is_empty() && policies.is_empty() && ties && accounts.is_empty() && unfollowed.is_empty()
    }

    /// Takes over everything that another inventory holds.
    pub fn merge(&mut self, other: Self) {
        take_over(&mut self.identities, other.identities);
        take_over(&mut self.policies, other.policies);
        take_over(&mut self.attachments, other.attachments);
        take_over(&mut self.boundaries, other.boundaries);
        take_over(&mut self.targets, other.targets);
        take_over(&mut self.memberships, other.memberships);
        take_over(&mut self.accounts, other.accounts);
        take_over(&mut self.unfollowed, other.unfollowed);
        take_over(&mut self.repeated, other.repeated);
        take_over(&mut self.origins, other.origins);
        take_over(&mut self.assumptions, other.assumptions);
    }

    /// Notes of every identity and policy what is assumed to say that it is as it is.
    pub fn assume(&mut self, assumption: &str) {
        let identities = self.identities.iter().map(|identity| &identity.address);
        let addresses = identities.chain(self.policies.iter().map(|policy| &policy.address));
        let addresses: BTreeSet<_> = addresses.cloned().collect();
        let assumed = |address| Assumption { address, told: assumption.to_owned() };
        self.assumptions.extend(addresses.into_iter().map(assumed));
    }

    /// Makes room for all of these, at once and no more than they need.
    pub fn reserve<'p>(&mut self, parts: impl Iterator<Item = &'p Self> + Clone) {
        let count = |of: fn(&Self) -> usize| parts.clone().map(of).sum();
        self.identities.reserve_exact(count(|part| part.identities.len()));
        self.policies.reserve_exact(count(|part| part.policies.len()));
        self.attachments.reserve_exact(count(|part| part.attachments.len()));
        self.boundaries.reserve_exact(count(|part| part.boundaries.len()));
        self.memberships.reserve_exact(count(|part| part.memberships.len()));
    }

    /// Gives back the room that it does not use.
    pub fn shrink_to_fit(&mut self) {
        let Self { identities, policies, attachments, boundaries, memberships, accounts, unfollowed, .. } = self;
        identities.shrink_to_fit();
        policies.shrink_to_fit();
        attachments.shrink_to_fit();
        boundaries.shrink_to_fit();
        memberships.shrink_to_fit();
        accounts.shrink_to_fit();
        unfollowed.shrink_to_fit();
        self.targets.shrink_to_fit();
        self.repeated.shrink_to_fit();
        self.origins.shrink_to_fit();
        self.assumptions.shrink_to_fit();
    }
}

/// Moves the items of one list behind those of another; there is nothing to copy where that is empty.
fn take_over<T>(list: &mut Vec<T>, other: Vec<T>) {
    if list.capacity() == 0 {
        *list = other;
    } else {
        list.extend(other);
    }
}

/// Where a resource is declared: the input and its address in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// The name of the input file.
    pub input: Arc<str>,
    /// Terraform's resource address with module path and instance key; CloudFormation's logical id; for a single policy
    /// document the file's name.
    pub path: String,
}

/// The kinds of identity that policies are attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdentityKind {
    /// An IAM group.
    Group,
    /// An IAM user.
    User,
    /// An IAM role.
    Role,
    /// An IAM Identity Center permission set, which becomes a role in each account.
    PermissionSet,
}

/// A group, user, role or permission set.
#[derive(Clone, Debug)]
pub struct Identity {
    /// What it is.
    pub kind: IdentityKind,
    /// Where it is declared.
    pub address: Address,
    /// Its name, where the input says it.
    pub name: Option<String>,
    /// Its IAM path (`/` by default), where the input says it.
    pub path: Option<String>,
    /// The text that declares it: the resource's name or key, not its whole body.
    pub place: Place,
}

/// What a policy document is for, which decides its grammar and how it is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyKind {
    /// An inline policy of a group, user, role or permission set.
    Inline,
    /// A customer-managed policy.
    Managed,
    /// A role's trust policy.
    Trust,
    /// A service control policy of AWS Organizations.
    ServiceControl,
    /// A resource control policy of AWS Organizations.
    ResourceControl,
    /// A policy on a resource, such as a bucket or a key.
    Resource,
    /// A VPC endpoint policy.
    Endpoint,
    /// A session policy that a service passes when it assumes a role.
    Session,
    /// An AWS IoT policy, evaluated for devices.
    Iot,
}

/// One IAM document in one place.
#[derive(Clone, Debug)]
pub struct Policy {
    /// What it is for.
    pub kind: PolicyKind,
    /// The resource that carries it.
    pub address: Address,
    /// Where in the resource it stands: `policy`, `inline_policy[0].policy`, `Properties.Policies[1].PolicyDocument`.
    pub attribute: String,
    /// The policy's own name, where the input says it.
    pub name: Option<String>,
    /// The document.
    pub content: Content,
    /// The text of the document; for an unknown one the text of the resource's name or of the expression.
    pub place: Place,
}

/// A policy's document, or why it is not known.
#[derive(Clone, Debug)]
pub enum Content {
    /// The document, of which parts may be unknown.
    Known(Arc<Document>),
    /// Nothing is known of it.
    Unknown(Unknown),
}

/// A policy tied to an identity.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// Which policy.
    pub policy: PolicyReference,
    /// To which identity.
    pub identity: IdentityReference,
    /// Which declared identities it may be, where the input does not settle it and leaves few.
    pub candidates: Vec<Address>,
    /// The resource that ties them; for an inline policy or a property the identity's or policy's own address.
    pub address: Address,
    /// The text that ties them.
    pub place: Place,
}

/// How an input refers to a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicyReference {
    /// The document at this attribute of this resource.
    Document {
        /// The resource that carries it.
        address: Address,
        /// [`Policy::attribute`].
        attribute: String,
    },
    /// The customer-managed policy that this resource declares.
    Resource(Address),
    /// The policy with this ARN.
    Arn(String),
    /// The customer-managed policy of this name.
    Name(String),
    /// Some policy, which the input does not settle.
    Unknown(Unknown),
}

/// How an input refers to an identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityReference {
    /// Its kind, which the reference always settles.
    pub kind: IdentityKind,
    /// Which one.
    pub target: Target,
}

/// Which identity of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The one that this resource declares.
    Resource(Address),
    /// The one of this name (for a permission set its ARN).
    Name(String),
    /// Some identity, which the input does not settle.
    Unknown(Unknown),
}

/// A policy of an organization on its root, one of its units or one of its accounts.
#[derive(Clone, Debug)]
pub struct PolicyTarget {
    /// The resource that declares the policy; `None` where the input does not settle which one, or has it not.
    pub policy: Option<Address>,
    /// The target: its id or, where that is not known, the expression for it.
    pub target: String,
    /// The text that attaches the policy.
    pub place: Place,
}

/// A user in a group.
#[derive(Clone, Debug)]
pub struct Membership {
    /// The user.
    pub user: Target,
    /// The group.
    pub group: Target,
    /// The text that says so.
    pub place: Place,
}

/// A resource that stands for others which the input does not show.
#[derive(Clone, Debug)]
pub struct Unfollowed {
    /// Where it is declared.
    pub address: Address,
    /// Why it was not looked into: a sentence of its own, without the end.
    pub reason: String,
    /// The text that declares it.
    pub place: Place,
}

/// A key that stands more than once in one map of an input.
#[derive(Clone, Debug)]
pub struct Repeated {
    /// The resource that it is in; else the section of the input.
    pub address: Address,
    /// The key.
    pub key: String,
    /// The last place, which counts.
    pub place: Place,
    /// The place before, which does not.
    pub earlier: Place,
}

/// The line of a program that made a resource of an input that the program wrote.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The resource.
    pub address: Address,
    /// File, line and column as the input tells them.
    pub told: String,
    /// The line, where the file is at hand.
    pub place: Option<Place>,
}

/// Something that an input does not say, and that was taken to be so.
#[derive(Clone, Debug)]
pub struct Assumption {
    /// The resource that it was assumed for.
    pub address: Address,
    /// What was assumed and why, as a sentence without the end.
    pub told: String,
}

/// An account that AWS Organizations would create or change.
#[derive(Clone, Debug)]
pub struct Account {
    /// Where it is declared.
    pub address: Address,
    /// The account's name, where the input says it.
    pub name: Option<String>,
    /// The role that AWS Organizations makes in it: the given name, or `OrganizationAccountAccessRole`; unknown where the
    /// input does not settle it.
    pub role_name: Option<String>,
    /// The text that declares it.
    pub place: Place,
}

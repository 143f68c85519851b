//! Who is tied to which policy, by the types of the AWS provider: each way is one row.

use super::super::documents;
use super::resource::{Found, View};
use crate::inventory::IdentityKind::{self, Group, PermissionSet, Role, User};
use crate::inventory::{
    Account, Address, Attachment, Identity, IdentityReference, Inventory, Membership, PolicyReference, Target,
};

/// A type that declares an identity.
const IDENTITIES: &[(&str, IdentityKind)] = &[
    ("aws_iam_group", Group),
    ("aws_iam_role", Role),
    ("aws_iam_user", User),
    ("aws_ssoadmin_permission_set", PermissionSet),
];

/// The type that declares an account of an organization.
const ACCOUNT: &str = "aws_organizations_account";

/// A way to tie policies to identities.
struct Tie {
    type_name: &'static str,
    identity: (IdentityKind, Who),
    policy: (How, &'static str),
    bounds: bool,
}

/// Where the identity stands.
#[derive(Clone, Copy)]
enum Who {
    /// It is the resource itself.
    Itself,
    /// An attribute names it.
    At(&'static str),
}

/// How the policy is named.
#[derive(Clone, Copy)]
enum How {
    /// The attribute is the document.
    Inline,
    /// By its ARN.
    Arn,
    /// By its name.
    Name,
}

use How::{Arn, Inline, Name};
use Who::{At, Itself};

/// Policies that grant.
#[rustfmt::skip]
const ATTACHMENTS: &[Tie] = &[
    grants("aws_iam_group_policy", Group, At("group"), Inline, "policy"),
    grants("aws_iam_role_policy", Role, At("role"), Inline, "policy"),
    grants("aws_iam_user_policy", User, At("user"), Inline, "policy"),
    grants("aws_iam_role", Role, Itself, Inline, "inline_policy[].policy"),
    grants("aws_iam_role", Role, Itself, Arn, "managed_policy_arns[]"),
    grants("aws_iam_group_policy_attachment", Group, At("group"), Arn, "policy_arn"),
    grants("aws_iam_role_policy_attachment", Role, At("role"), Arn, "policy_arn"),
    grants("aws_iam_user_policy_attachment", User, At("user"), Arn, "policy_arn"),
    grants("aws_iam_policy_attachment", Group, At("groups[]"), Arn, "policy_arn"),
    grants("aws_iam_policy_attachment", Role, At("roles[]"), Arn, "policy_arn"),
    grants("aws_iam_policy_attachment", User, At("users[]"), Arn, "policy_arn"),
    grants("aws_iam_group_policy_attachments_exclusive", Group, At("group_name"), Arn, "policy_arns[]"),
    grants("aws_iam_role_policy_attachments_exclusive", Role, At("role_name"), Arn, "policy_arns[]"),
    grants("aws_iam_user_policy_attachments_exclusive", User, At("user_name"), Arn, "policy_arns[]"),
    grants("aws_ssoadmin_permission_set_inline_policy", PermissionSet, At("permission_set_arn"), Inline, "inline_policy"),
    grants("aws_ssoadmin_managed_policy_attachment", PermissionSet, At("permission_set_arn"), Arn, "managed_policy_arn"),
    grants("aws_ssoadmin_customer_managed_policy_attachment", PermissionSet, At("permission_set_arn"), Name, "customer_managed_policy_reference[].name"),
    bounds("aws_iam_role", Role, Itself, Arn, "permissions_boundary"),
    bounds("aws_iam_user", User, Itself, Arn, "permissions_boundary"),
    bounds("aws_ssoadmin_permissions_boundary_attachment", PermissionSet, At("permission_set_arn"), Arn, "permissions_boundary[].managed_policy_arn"),
    bounds("aws_ssoadmin_permissions_boundary_attachment", PermissionSet, At("permission_set_arn"), Name, "permissions_boundary[].customer_managed_policy_reference[].name"),
];

/// Users in groups: the type, where the users and where the groups stand.
const MEMBERSHIPS: &[(&str, &str, &str)] =
    &[("aws_iam_group_membership", "users[]", "group"), ("aws_iam_user_group_membership", "user", "groups[]")];

const fn grants(type_name: &'static str, kind: IdentityKind, who: Who, how: How, policy: &'static str) -> Tie {
    Tie { type_name, identity: (kind, who), policy: (how, policy), bounds: false }
}

const fn bounds(type_name: &'static str, kind: IdentityKind, who: Who, how: How, policy: &'static str) -> Tie {
    Tie { type_name, identity: (kind, who), policy: (how, policy), bounds: true }
}

/// The types that declare or tie anything, each with the paths that are asked of it here, beside `name` and `path`.
pub(super) fn paths() -> impl Iterator<Item = (&'static str, &'static str)> {
    let identities = IDENTITIES.iter().map(|(type_name, _)| (*type_name, "name"));
    let policies = ATTACHMENTS.iter().map(|tie| (tie.type_name, tie.policy.1));
    let tied = ATTACHMENTS.iter().filter_map(|tie| match tie.identity.1 {
        At(path) => Some((tie.type_name, path)),
        Itself => None,
    });
    let members = MEMBERSHIPS.iter().flat_map(|(name, users, groups)| [(*name, *users), (*name, *groups)]);
    identities.chain(policies).chain(tied).chain(members).chain([(ACCOUNT, "role_name")])
}

/// Adds what a resource declares and ties.
pub(super) fn extract(view: &View<'_>, inventory: &mut Inventory) {
    let type_name = &*view.resource.type_name;
    for (_, kind) in IDENTITIES.iter().filter(|(name, _)| *name == type_name) {
        inventory.identities.push(identity(view, *kind));
    }
    for tie in ATTACHMENTS.iter().filter(|tie| tie.type_name == type_name) {
        let list = if tie.bounds { &mut inventory.boundaries } else { &mut inventory.attachments };
        list.extend(attachments(view, tie));
    }
    for (_, users, groups) in MEMBERSHIPS.iter().filter(|(name, ..)| *name == type_name) {
        inventory.memberships.extend(memberships(view, users, groups));
    }
    if type_name == ACCOUNT {
        inventory.accounts.push(account(view));
    }
}

fn identity(view: &View<'_>, kind: IdentityKind) -> Identity {
    let path = match view.get("path") {
        Some(found) => found.text().map(str::to_owned),
        None => (kind != PermissionSet).then(|| "/".to_owned()),
    };
    let (address, place) = (view.address.clone(), view.place.clone());
    Identity { kind, address, name: view.text("name"), path, place }
}

fn account(view: &View<'_>) -> Account {
    let role_name = match view.get("role_name") {
        Some(found) => found.text().map(str::to_owned),
        None => Some("OrganizationAccountAccessRole".to_owned()),
    };
    Account { address: view.address.clone(), name: view.text("name"), role_name, place: view.place.clone() }
}

/// Every policy of the tie with every identity of it; no type has a list on both sides.
fn attachments(view: &View<'_>, tie: &Tie) -> Vec<Attachment> {
    let (kind, who) = tie.identity;
    let identities: Vec<_> = match who {
        Itself => vec![(Target::Resource(view.address.clone()), None)],
        At(path) => {
            view.find(path).iter().map(|found| (target(view, kind, found), Some(found.place.clone()))).collect()
        }
    };
    let (how, path) = tie.policy;
    let policies: Vec<_> = view.find(path).into_iter().filter(is_something).collect();
    let mut attachments = Vec::new();
    for found in &policies {
        for (target, place) in &identities {
            let many = identities.len() > 1;
            attachments.push(Attachment {
                policy: policy(view, how, found),
                identity: IdentityReference { kind, target: target.clone() },
                address: view.address.clone(),
                place: place.clone().filter(|_| many).unwrap_or_else(|| found.place.clone()),
            });
        }
    }
    attachments
}

fn memberships(view: &View<'_>, users: &str, groups: &str) -> Vec<Membership> {
    let (users, groups) = (view.find(users), view.find(groups));
    let mut memberships = Vec::new();
    for user in &users {
        for group in &groups {
            let place = if users.len() > 1 { &user.place } else { &group.place };
            memberships.push(Membership {
                user: target(view, User, user),
                group: target(view, Group, group),
                place: place.clone(),
            });
        }
    }
    memberships
}

fn is_something(found: &Found<'_>) -> bool {
    found.value.as_ref().map_or(true, |node| !documents::is_none(node))
}

/// How the policy at an attribute is referred to.
fn policy(view: &View<'_>, how: How, found: &Found<'_>) -> PolicyReference {
    match (how, found.text()) {
        (Inline, _) => PolicyReference::Document { address: view.address.clone(), attribute: found.attribute.clone() },
        (Arn, Some(arn)) => PolicyReference::Arn(arn.to_owned()),
        (Name, Some(name)) => PolicyReference::Name(name.to_owned()),
        (Arn, None) => match referenced(view, &found.attribute, "aws_iam_policy", &["arn", "id"]) {
            Some(address) => PolicyReference::Resource(address),
            None => PolicyReference::Unknown(view.unknown(&found.attribute)),
        },
        (Name, None) => match referenced(view, &found.attribute, "aws_iam_policy", &["name"]) {
            Some(address) => PolicyReference::Resource(address),
            None => PolicyReference::Unknown(view.unknown(&found.attribute)),
        },
    }
}

/// Which identity an attribute names. A permission set's ARN says nothing of its name, so that even a known one is
/// better had by reference.
fn target(view: &View<'_>, kind: IdentityKind, found: &Found<'_>) -> Target {
    let (type_name, attributes): (_, &[&str]) = match kind {
        Group => ("aws_iam_group", &["name", "id"]),
        Role => ("aws_iam_role", &["name", "id"]),
        User => ("aws_iam_user", &["name", "id"]),
        PermissionSet => ("aws_ssoadmin_permission_set", &["arn", "id"]),
    };
    if let (Some(name), true) = (found.text(), kind != PermissionSet) {
        return Target::Name(name.to_owned());
    }
    match (referenced(view, &found.attribute, type_name, attributes), found.text()) {
        (Some(address), _) => Target::Resource(address),
        (None, Some(arn)) => Target::Name(arn.to_owned()),
        (None, None) => Target::Unknown(view.unknown(&found.attribute)),
    }
}

/// The resource of a type that an attribute refers to by one of some attributes, where nothing else settles it.
fn referenced(view: &View<'_>, attribute: &str, type_name: &str, attributes: &[&str]) -> Option<Address> {
    let names = view.names(attribute);
    let [only] = names.as_slice() else { return None };
    let referenced = view.references.resource(view.resource, only)?;
    let fits_attribute = referenced.attribute.is_empty() || attributes.contains(&referenced.attribute);
    (referenced.type_name == type_name && fits_attribute)
        .then(|| Address { input: view.address.input.clone(), path: referenced.address })
}

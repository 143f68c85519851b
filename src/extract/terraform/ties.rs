//! Who is tied to which policy, by the types of the AWS provider: each way is one row.

use super::super::documents;
use super::references::{Known, Referred, Want};
use super::resource::{Found, View};
use crate::inventory::IdentityKind::{self, Group, PermissionSet, Role, User};
use crate::inventory::{
    Account, Address, Attachment, Identity, IdentityReference, Inventory, Membership, PolicyReference, PolicyTarget,
    Target,
};
use crate::source::Place;
use crate::tree::{Form, Unknown};

/// A type that declares an identity.
const IDENTITIES: &[(&str, IdentityKind)] = &[
    ("aws_iam_group", Group),
    ("aws_iam_role", Role),
    ("aws_iam_user", User),
    ("aws_ssoadmin_permission_set", PermissionSet),
];

/// The type that declares an account of an organization.
const ACCOUNT: &str = "aws_organizations_account";

/// The type that attaches a policy of an organization: it adds, and takes nothing away.
const TARGET: (&str, &str, &str) = ("aws_organizations_policy_attachment", "policy_id", "target_id");

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
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
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
    let exclusive = super::exclusive::paths();
    identities.chain(policies).chain(tied).chain(members).chain(exclusive).chain([
        (ACCOUNT, "role_name"),
        (TARGET.0, TARGET.1),
        (TARGET.0, TARGET.2),
    ])
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
    if type_name == TARGET.0 {
        inventory.targets.extend(target(view));
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

fn target(view: &View<'_>) -> Option<PolicyTarget> {
    let (_, policy, target) = TARGET;
    let found = view.get(target)?;
    let named = referred(view, policy, Some(target), "aws_organizations_policy", &["id"]).into_iter().next();
    let policy = named.and_then(|(named, _)| match named {
        Named::Resource(address) => Some(address),
        Named::Text(_) | Named::Unknown(_) => None,
    });
    let target = match &found.value {
        Ok(_) => found.text()?.to_owned(),
        Err(unknown) => unknown.name.clone(),
    };
    Some(PolicyTarget { policy, target, place: view.place.clone() })
}

/// Every policy of the tie with every identity of it; no type has a list on both sides.
fn attachments(view: &View<'_>, tie: &Tie) -> Vec<Attachment> {
    let (kind, who) = tie.identity;
    let (how, path) = tie.policy;
    let (identities, other): (Vec<_>, _) = match who {
        Itself => (vec![(Target::Resource(view.address.clone()), None)], None),
        At(at) => {
            let found = targets(view, kind, at, Some(path));
            (found.into_iter().map(|(target, place)| (target, Some(place))).collect(), Some(at))
        }
    };
    let policies = policies(view, how, path, other);
    let is_open = identities.iter().any(|(target, _)| matches!(target, Target::Unknown(_)));
    let candidates = other.filter(|_| is_open).map(|at| candidates(view, kind, at)).unwrap_or_default();
    let many = identities.len() > 1;
    let mut attachments = Vec::new();
    for (policy, policy_place) in &policies {
        for (target, place) in &identities {
            attachments.push(Attachment {
                policy: policy.clone(),
                identity: IdentityReference { kind, target: target.clone() },
                candidates: if matches!(target, Target::Unknown(_)) { candidates.clone() } else { Vec::new() },
                address: view.address.clone(),
                place: place.clone().filter(|_| many).unwrap_or_else(|| policy_place.clone()),
            });
        }
    }
    attachments
}

fn memberships(view: &View<'_>, users: &str, groups: &str) -> Vec<Membership> {
    let members = targets(view, User, users, None);
    let mut joined = targets(view, Group, groups, None);
    // Constants beside a reference are lost in the plan, and a user may have more from a group that is not here.
    joined.extend(rest(view, groups).map(|unknown| (Target::Unknown(unknown), view.place.clone())));
    let mut memberships = Vec::new();
    for (user, user_place) in &members {
        for (group, group_place) in &joined {
            let place = if members.len() > 1 { user_place } else { group_place };
            memberships.push(Membership { user: user.clone(), group: group.clone(), place: place.clone() });
        }
    }
    memberships
}

/// The policies at a path. `other` is the attribute with the identity.
pub(super) fn policies(view: &View<'_>, how: How, path: &str, other: Option<&str>) -> Vec<(PolicyReference, Place)> {
    let inline = |found: &Found<'_>| {
        let (address, attribute) = (view.address.clone(), found.attribute.clone());
        (PolicyReference::Document { address, attribute }, found.place.clone())
    };
    let attributes: &[&str] = match how {
        Inline => return view.find(path).iter().filter(|found| is_something(found)).map(inline).collect(),
        Arn => &["arn", "id"],
        Name => &["name"],
    };
    let referred = referred(view, path, other, "aws_iam_policy", attributes);
    let rest = rest(view, path).map(|unknown| (Named::Unknown(unknown), view.place.clone()));
    let reference = |(named, place)| {
        let reference = match named {
            Named::Resource(address) => PolicyReference::Resource(address),
            Named::Text(name) if how == Name => PolicyReference::Name(name),
            Named::Text(arn) => PolicyReference::Arn(arn),
            Named::Unknown(unknown) => PolicyReference::Unknown(unknown),
        };
        (reference, place)
    };
    referred.into_iter().chain(rest).map(reference).collect()
}

/// The identities at a path.
pub(super) fn targets(view: &View<'_>, kind: IdentityKind, path: &str, other: Option<&str>) -> Vec<(Target, Place)> {
    let (type_name, attributes) = identified_by(kind);
    let target = |(named, place)| {
        let target = match named {
            Named::Resource(address) => Target::Resource(address),
            Named::Text(name) => Target::Name(name),
            Named::Unknown(unknown) => Target::Unknown(unknown),
        };
        (target, place)
    };
    referred(view, path, other, type_name, attributes).into_iter().map(target).collect()
}

/// The identities that an open value at a path may mean.
fn candidates(view: &View<'_>, kind: IdentityKind, path: &str) -> Vec<Address> {
    let (type_name, attributes) = identified_by(kind);
    let want = Want { type_name, attributes, value: Known::Nothing };
    let open = view.find(path).into_iter().find(|found| found.value.is_err());
    let found = open.map(|found| view.candidates(&found.attribute, want)).unwrap_or_default();
    found.into_iter().map(|path| Address { input: view.address.input.clone(), path }).collect()
}

/// The type that declares an identity, and the attributes that it is referred to by.
fn identified_by(kind: IdentityKind) -> (&'static str, &'static [&'static str]) {
    match kind {
        Group => ("aws_iam_group", &["name", "id"]),
        Role => ("aws_iam_role", &["name", "id"]),
        User => ("aws_iam_user", &["name", "id"]),
        PermissionSet => ("aws_ssoadmin_permission_set", &["arn", "id"]),
    }
}

/// What a value names.
enum Named {
    Resource(Address),
    Text(String),
    Unknown(Unknown),
}

/// What the values at a path name: resources of a type by one of some attributes.
fn referred(
    view: &View<'_>,
    path: &str,
    other: Option<&str>,
    type_name: &str,
    attributes: &[&str],
) -> Vec<(Named, Place)> {
    let all = view.find(path);
    let open = all.iter().filter(|found| found.value.is_err()).count();
    let is_list = path.ends_with("[]");
    let whole = is_list && all.iter().any(|found| found.value.is_err() && !found.attribute.ends_with(']'));
    let value = if whole { Known::Open } else { Known::Nothing };
    let want = Want { type_name, attributes, value };
    let mut answers = match all.iter().find(|found| found.value.is_err()) {
        Some(first) if is_list => {
            view.settle_list(&first.attribute, Some(open).filter(|_| !whole), want).unwrap_or_default()
        }
        Some(first) => view.settle(&first.attribute, other, want).into_iter().collect(),
        None => Vec::new(),
    }
    .into_iter();
    let mut named = Vec::new();
    for found in &all {
        match &found.value {
            Ok(node) if documents::is_none(node) => {}
            Ok(_) => named.extend(known(view, found, want).map(|it| (it, found.place.clone()))),
            Err(unknown) => {
                let some = answers.by_ref().take(if whole { usize::MAX } else { 1 });
                let before = named.len();
                named.extend(some.map(|answer| (answered(view, answer, unknown), found.place.clone())));
                if named.len() == before && !whole {
                    named.push((Named::Unknown(unknown.clone()), found.place.clone()));
                }
            }
        }
    }
    named
}

fn answered(view: &View<'_>, answer: Referred, unknown: &Unknown) -> Named {
    match answer {
        Referred::Resource(path) => Named::Resource(Address { input: view.address.input.clone(), path }),
        Referred::Open(open) if open.name.is_empty() => Named::Unknown(unknown.clone()),
        Referred::Open(open) => Named::Unknown(open),
    }
}

/// A known name or ARN: the resource that the configuration says it is of, which tells those apart that share a name.
fn known(view: &View<'_>, found: &Found<'_>, want: Want<'_>) -> Option<Named> {
    let text = found.text()?;
    match view.settle(&found.attribute, None, Want { value: Known::Text(text), ..want }) {
        Some(Referred::Resource(path)) => Some(Named::Resource(Address { input: view.address.input.clone(), path })),
        _ => Some(Named::Text(text.to_owned())),
    }
}

/// What a list may hold beside what it refers to: a plan that does not know a set drops the constants in it.
pub(super) fn rest(view: &View<'_>, path: &str) -> Option<Unknown> {
    let whole = view.find(path).into_iter().find(|found| found.value.is_err() && !found.attribute.ends_with(']'))?;
    path.ends_with("[]").then(|| Unknown {
        name: format!("{}.{}", view.address.path, whole.attribute),
        reason: "is known after apply, so it may hold more than what it refers to".to_owned(),
        form: Form::Anything,
    })
}

fn is_something(found: &Found<'_>) -> bool {
    found.value.as_ref().map_or(true, |node| !documents::is_none(node))
}

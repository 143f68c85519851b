//! Resources that take away what they do not list.
//!
//! The provider's documentation of `*_exclusive`, `aws_iam_policy_attachment`, `aws_iam_group_membership` and
//! `managed_policy_arns` says the same of all: whatever else is attached is removed, ties of other resources included. The
//! two run in no given order, and the next run turns the outcome around: what one resource ties and another one leaves out
//! may be there or not. So such a tie counts as unknown: it proves no guard, and hides no hole that is there without it.
//!
//! What is tied to a role stays: a role's permissions are judged for lock-outs alone, and a policy that may be there locks
//! out. So neither the `inline_policy` blocks of a role, which take away too, nor its `managed_policy_arns` are asked.

use std::collections::{HashMap, HashSet};

use super::resource::View;
use super::ties::{How, policies, rest, targets};
use crate::inventory::IdentityKind::{self, Group, Role, User};
use crate::inventory::{
    Address, Attachment, IdentityReference, Inventory, Membership, PolicyKind, PolicyReference, Target,
};
use crate::source::Place;
use crate::tree::{Form, Unknown};

/// What one resource alone decides.
#[derive(Clone)]
pub(super) struct Exclusive {
    address: Address,
    place: Place,
    over: Over,
    /// Whether it may list more than the plan says.
    is_open: bool,
}

#[derive(Clone)]
enum Over {
    /// The managed policies of an identity.
    Managed { identity: IdentityReference, listed: Vec<PolicyReference> },
    /// The inline policies of an identity, by name.
    Inline { identity: IdentityReference, listed: Vec<String> },
    /// The identities of a policy.
    Policy { policy: PolicyReference, listed: Vec<IdentityReference> },
    /// The members of a group.
    Group { group: Target, listed: Vec<Target> },
}

/// Types with all managed policies of an identity: the identity and the ARNs.
const MANAGED: &[(&str, IdentityKind, &str, &str)] = &[
    ("aws_iam_group_policy_attachments_exclusive", Group, "group_name", "policy_arns[]"),
    ("aws_iam_role_policy_attachments_exclusive", Role, "role_name", "policy_arns[]"),
    ("aws_iam_user_policy_attachments_exclusive", User, "user_name", "policy_arns[]"),
];

/// Types with the names of all inline policies of an identity.
const INLINE: &[(&str, IdentityKind, &str, &str)] = &[
    ("aws_iam_group_policies_exclusive", Group, "group_name", "policy_names[]"),
    ("aws_iam_role_policies_exclusive", Role, "role_name", "policy_names[]"),
    ("aws_iam_user_policies_exclusive", User, "user_name", "policy_names[]"),
];

/// The identities of a policy that `aws_iam_policy_attachment` attaches.
const CARRIERS: &[(IdentityKind, &str)] = &[(Group, "groups[]"), (Role, "roles[]"), (User, "users[]")];

/// The types that decide alone, each with the paths that are asked of it here.
pub(super) fn paths() -> impl Iterator<Item = (&'static str, &'static str)> {
    MANAGED
        .iter()
        .chain(INLINE)
        .flat_map(|(type_name, _, identity, list)| [(*type_name, *identity), (*type_name, *list)])
}

/// What a resource alone decides.
pub(super) fn extract(view: &View<'_>) -> Vec<Exclusive> {
    let type_name = &*view.resource.type_name;
    let exclusive =
        |over, is_open| Some(Exclusive { address: view.address.clone(), place: view.place.clone(), over, is_open });
    let identity = |kind, path| {
        let (target, _) = targets(view, kind, path, None).into_iter().next()?;
        Some(IdentityReference { kind, target })
    };
    let managed = |identity: IdentityReference, path| {
        let listed: Vec<_> = policies(view, How::Arn, path, None).into_iter().map(|(policy, _)| policy).collect();
        let is_open = listed.iter().any(|policy| matches!(policy, PolicyReference::Unknown(_)));
        exclusive(Over::Managed { identity, listed }, is_open)
    };
    let row = |rows: &'static [(&str, IdentityKind, &str, &str)]| rows.iter().find(|(name, ..)| *name == type_name);
    let mut found = Vec::new();
    if let Some((_, kind, path, list)) = row(MANAGED) {
        found.extend(identity(*kind, path).and_then(|identity| managed(identity, list)));
    }
    if let Some((_, kind, path, list)) = row(INLINE) {
        let names = view.find(list);
        let is_open = names.iter().any(|name| name.value.is_err());
        let listed = names.iter().filter_map(|name| name.text().map(str::to_owned)).collect();
        found.extend(identity(*kind, path).and_then(|identity| exclusive(Over::Inline { identity, listed }, is_open)));
    }
    match type_name {
        "aws_iam_policy_attachment" => {
            found.extend(of_policy(view).and_then(|(over, is_open)| exclusive(over, is_open)))
        }
        "aws_iam_group_membership" => {
            let listed: Vec<Target> = targets(view, User, "users[]", None).into_iter().map(|(user, _)| user).collect();
            let is_open = rest(view, "users[]").is_some() || listed.iter().any(is_unknown);
            let group = targets(view, Group, "group", None).into_iter().next();
            found.extend(group.and_then(|(group, _)| exclusive(Over::Group { group, listed }, is_open)));
        }
        _ => {}
    }
    found
}

fn of_policy(view: &View<'_>) -> Option<(Over, bool)> {
    let (policy, _) = policies(view, How::Arn, "policy_arn", None).into_iter().next()?;
    let mut listed = Vec::new();
    let mut is_open = false;
    for (kind, path) in CARRIERS {
        is_open |= rest(view, path).is_some();
        let targets = targets(view, *kind, path, None).into_iter();
        listed.extend(targets.map(|(target, _)| IdentityReference { kind: *kind, target }));
    }
    is_open |= listed.iter().any(|identity| is_unknown(&identity.target));
    Some((Over::Policy { policy, listed }, is_open))
}

fn is_unknown(target: &Target) -> bool {
    matches!(target, Target::Unknown(_))
}

/// Makes what an exclusive resource leaves out unknown, and adds what it lists and nobody declares.
pub(super) fn apply(inventory: &mut Inventory, exclusives: &[Exclusive]) {
    if exclusives.is_empty() {
        return;
    }
    let table = Table::new(inventory, exclusives);
    let attachments: Vec<_> = inventory.attachments.iter().map(|it| table.against_attachment(it)).collect();
    let memberships: Vec<_> = inventory.memberships.iter().map(|it| table.against_membership(it)).collect();
    let undeclared = table.undeclared();
    for (attachment, unknown) in inventory.attachments.iter_mut().zip(attachments) {
        if let Some(unknown) = unknown {
            attachment.policy = PolicyReference::Unknown(unknown);
        }
    }
    for (membership, unknown) in inventory.memberships.iter_mut().zip(memberships) {
        if let Some(unknown) = unknown {
            membership.group = Target::Unknown(unknown);
        }
    }
    inventory.attachments.extend(undeclared);
}

/// What a policy or identity is known by, however it is referred to.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    Declared(String),
    Named(String),
}

struct Table<'e> {
    exclusives: &'e [Exclusive],
    identities: HashMap<(IdentityKind, String), Option<String>>,
    managed: HashMap<String, Option<String>>,
    inline: HashMap<(String, String), Option<String>>,
    /// The inline policies that are declared, by identity and name.
    declared: HashSet<(IdentityKind, Key, Option<String>)>,
    of_identity: HashMap<(IdentityKind, Key), Vec<usize>>,
    of_policy: HashMap<Key, Vec<usize>>,
    listed: Vec<HashSet<(Option<IdentityKind>, Key)>>,
}

impl<'e> Table<'e> {
    fn new(inventory: &Inventory, exclusives: &'e [Exclusive]) -> Self {
        let mut table = Self {
            exclusives,
            identities: HashMap::new(),
            managed: HashMap::new(),
            inline: HashMap::new(),
            declared: HashSet::new(),
            of_identity: HashMap::new(),
            of_policy: HashMap::new(),
            listed: Vec::new(),
        };
        for identity in &inventory.identities {
            let Some(name) = &identity.name else { continue };
            let address = identity.address.path.clone();
            let again = table.identities.entry((identity.kind, name.clone()));
            again.and_modify(|known| *known = None).or_insert(Some(address));
        }
        for policy in &inventory.policies {
            let address = policy.address.path.clone();
            match (policy.kind, &policy.name) {
                (PolicyKind::Managed, Some(name)) => {
                    table.managed.entry(name.clone()).and_modify(|known| *known = None).or_insert(Some(address));
                }
                (PolicyKind::Inline, name) => {
                    table.inline.insert((address, policy.attribute.clone()), name.clone());
                }
                _ => {}
            }
        }
        for attachment in &inventory.attachments {
            let PolicyReference::Document { address, attribute } = &attachment.policy else { continue };
            let Some(key) = table.identity(&attachment.identity) else { continue };
            let name = table.inline.get(&(address.path.clone(), attribute.clone())).cloned().flatten();
            table.declared.insert((attachment.identity.kind, key, name));
        }
        for (at, exclusive) in exclusives.iter().enumerate() {
            table.add(at, exclusive);
        }
        table
    }

    fn add(&mut self, at: usize, exclusive: &Exclusive) {
        let mut listed = HashSet::new();
        match &exclusive.over {
            Over::Managed { identity, listed: policies } => {
                listed.extend(policies.iter().filter_map(|policy| Some((None, self.policy(policy)?))));
                let key = self.identity(identity).map(|key| (identity.kind, key));
                self.decides(key, at);
            }
            Over::Inline { identity, listed: names } => {
                listed.extend(names.iter().map(|name| (None, Key::Named(name.clone()))));
                let key = self.identity(identity).map(|key| (identity.kind, key));
                self.decides(key, at);
            }
            Over::Policy { policy, listed: identities } => {
                listed.extend(identities.iter().filter_map(|it| Some((Some(it.kind), self.identity(it)?))));
                if let Some(key) = self.policy(policy) {
                    self.of_policy.entry(key).or_default().push(at);
                }
            }
            Over::Group { group, listed: users } => {
                listed.extend(users.iter().filter_map(|user| Some((Some(User), self.target(User, user)?))));
                let key = self.target(Group, group).map(|key| (Group, key));
                self.decides(key, at);
            }
        }
        self.listed.push(listed);
    }

    fn decides(&mut self, identity: Option<(IdentityKind, Key)>, at: usize) {
        if let Some(key) = identity {
            self.of_identity.entry(key).or_default().push(at);
        }
    }

    /// Why an attachment may not last.
    fn against_attachment(&self, attachment: &Attachment) -> Option<Unknown> {
        let kind = attachment.identity.kind;
        if kind == Role {
            return None;
        }
        let identity = self.identity(&attachment.identity);
        let policy = self.policy(&attachment.policy);
        let of_identity = identity.as_ref().and_then(|key| self.of_identity.get(&(kind, key.clone())));
        let of_policy = policy.as_ref().and_then(|key| self.of_policy.get(key));
        let inline = match &attachment.policy {
            PolicyReference::Document { address, attribute } => {
                self.inline.get(&(address.path.clone(), attribute.clone())).cloned().flatten()
            }
            _ => None,
        };
        let leaves_out = |at: &&usize| {
            let (Some(exclusive), Some(listed)) = (self.exclusives.get(**at), self.listed.get(**at)) else {
                return false;
            };
            let lists = |kind, key: &Option<Key>| key.as_ref().is_none_or(|key| listed.contains(&(kind, key.clone())));
            let is_listed = match &exclusive.over {
                Over::Managed { .. } => lists(None, &policy),
                Over::Inline { .. } => lists(None, &inline.clone().map(Key::Named)),
                Over::Policy { .. } => lists(Some(kind), &identity),
                Over::Group { .. } => true,
            };
            !is_listed && !exclusive.is_open && exclusive.address != attachment.address
        };
        let at = of_identity.into_iter().chain(of_policy).flatten().find(leaves_out)?;
        let name = shown(&attachment.policy).unwrap_or_else(|| attachment.address.path.clone());
        Some(self.undecided(name, *at))
    }

    /// Why a membership may not last.
    fn against_membership(&self, membership: &Membership) -> Option<Unknown> {
        let group = self.target(Group, &membership.group)?;
        let user = self.target(User, &membership.user)?;
        let leaves_out = |at: &&usize| {
            let (Some(exclusive), Some(listed)) = (self.exclusives.get(**at), self.listed.get(**at)) else {
                return false;
            };
            let is_so = matches!(exclusive.over, Over::Group { .. });
            is_so && !exclusive.is_open && !listed.contains(&(Some(User), user.clone()))
        };
        let at = self.of_identity.get(&(Group, group.clone()))?.iter().find(leaves_out)?;
        let (Key::Declared(name) | Key::Named(name)) = group;
        Some(self.undecided(name, *at))
    }

    /// The inline policies that a resource lists and that nothing here declares.
    fn undeclared(&self) -> Vec<Attachment> {
        let mut missing = Vec::new();
        for exclusive in self.exclusives {
            let Over::Inline { identity, listed } = &exclusive.over else { continue };
            let Some(key) = self.identity(identity) else { continue };
            let is_declared = |name: Option<String>| self.declared.contains(&(identity.kind, key.clone(), name));
            for name in listed.iter().filter(|name| !is_declared(None) && !is_declared(Some((*name).clone()))) {
                let reason = "is an inline policy that is listed here and not in this input".to_owned();
                missing.push(Attachment {
                    policy: PolicyReference::Unknown(Unknown { name: name.clone(), reason, form: Form::Anything }),
                    identity: identity.clone(),
                    candidates: Vec::new(),
                    address: exclusive.address.clone(),
                    place: exclusive.place.clone(),
                });
            }
        }
        missing
    }

    fn undecided(&self, name: String, at: usize) -> Unknown {
        let by = self.exclusives.get(at).map_or("", |exclusive| &exclusive.address.path);
        let reason =
            format!("is tied here and left out of `{by}`, which removes what it does not list: either may win");
        Unknown { name, reason, form: Form::Anything }
    }

    fn identity(&self, identity: &IdentityReference) -> Option<Key> {
        self.target(identity.kind, &identity.target)
    }

    fn target(&self, kind: IdentityKind, target: &Target) -> Option<Key> {
        match target {
            Target::Resource(address) => Some(Key::Declared(address.path.clone())),
            Target::Name(name) => match self.identities.get(&(kind, name.clone())) {
                Some(Some(address)) => Some(Key::Declared(address.clone())),
                Some(None) => None,
                None => Some(Key::Named(name.clone())),
            },
            Target::Unknown(_) => None,
        }
    }

    fn policy(&self, policy: &PolicyReference) -> Option<Key> {
        let (text, name) = match policy {
            PolicyReference::Resource(address) => return Some(Key::Declared(address.path.clone())),
            PolicyReference::Name(name) => (name, name.as_str()),
            PolicyReference::Arn(arn) if arn.contains(":iam::aws:") => return Some(Key::Named(arn.clone())),
            PolicyReference::Arn(arn) => (arn, arn.rsplit('/').next().unwrap_or(arn)),
            PolicyReference::Document { .. } | PolicyReference::Unknown(_) => return None,
        };
        match self.managed.get(name) {
            Some(Some(address)) => Some(Key::Declared(address.clone())),
            Some(None) => None,
            None => Some(Key::Named(text.clone())),
        }
    }
}

fn shown(policy: &PolicyReference) -> Option<String> {
    match policy {
        PolicyReference::Resource(address) | PolicyReference::Document { address, .. } => Some(address.path.clone()),
        PolicyReference::Arn(name) | PolicyReference::Name(name) => Some(name.clone()),
        PolicyReference::Unknown(_) => None,
    }
}

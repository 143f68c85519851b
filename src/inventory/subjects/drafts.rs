//! Puts subjects together, one kind of fact after the other.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::index::{Index, NOT_HERE};
use super::{Attached, PolicyUse, Subject, SubjectKind};
use crate::iam::document::Document;
use crate::iam::managed;
use crate::inventory::{
    Address, Attachment, Content, IdentityKind, IdentityReference, Inventory, Membership, Policy, PolicyKind,
    PolicyReference, Target,
};
use crate::source::Place;
use crate::tree::{Form, Unknown};

/// Subjects in the making.
pub(super) struct Drafts<'a> {
    inventory: &'a Inventory,
    index: Index<'a>,
    drafts: Vec<Draft>,
    /// The subjects that have an address of their own.
    declared: HashMap<(SubjectKind, &'a Address), usize>,
    /// The identities that only attachments know of.
    absent: HashMap<(IdentityKind, Absent<'a>), usize>,
    /// The policies that bound something.
    bounding: HashSet<usize>,
    /// The policies that are attached to something.
    attached: HashSet<usize>,
}

/// A subject, with what tells that a policy is attached once more.
struct Draft {
    subject: Subject,
    /// What each of the subject's policies is known by.
    keys: Vec<Key>,
    attached: HashSet<Key>,
    bounding: HashSet<Key>,
}

/// What a policy is known by: its place in the inventory, its ARN where AWS manages it, or what is said of another.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    Known(usize),
    BuiltIn(String),
    Missing(Unknown),
}

/// What an identity is known by that the inventory does not declare.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Absent<'a> {
    Declared(&'a Address),
    Named { input: &'a str, name: &'a str },
    Unknown { at: &'a Address, name: &'a str },
}

impl<'a> Drafts<'a> {
    pub(super) fn new(inventory: &'a Inventory) -> Self {
        // At most; what is not needed is never touched.
        let subjects = inventory.identities.len() + inventory.policies.len();
        Self {
            inventory,
            index: Index::new(inventory),
            drafts: Vec::with_capacity(subjects),
            declared: HashMap::with_capacity(subjects),
            absent: HashMap::new(),
            bounding: HashSet::new(),
            attached: HashSet::new(),
        }
    }

    /// One subject for each identity: for a role, what it may do.
    pub(super) fn add_identities(&mut self) {
        for identity in &self.inventory.identities {
            let draft = self.declared_draft(subject_kind(identity.kind), &identity.address, &identity.place);
            if let Some(Draft { subject, .. }) = self.drafts.get_mut(draft) {
                subject.name = subject.name.take().or_else(|| identity.name.clone());
                subject.path = subject.path.take().or_else(|| identity.path.clone());
            }
        }
    }

    /// What grants to identities, those included that only an attachment knows of.
    pub(super) fn add_attachments(&mut self) {
        for attachment in &self.inventory.attachments {
            let (key, attached) = self.resolve(attachment);
            if let Key::Known(at) = key {
                self.attached.insert(at);
            }
            let IdentityReference { kind, target } = &attachment.identity;
            let draft = match self.declared_target(*kind, target, &attachment.address.input) {
                Ok(draft) => draft,
                Err(unknown) if self.is_perhaps_attached(attachment, &unknown) => continue,
                Err(unknown) => self.absent_draft(attachment, unknown),
            };
            if let Some(draft) = self.drafts.get_mut(draft) {
                draft.attach(key, attached);
            }
        }
    }

    /// Notes a policy at each of the identities that it may be attached to; whether there are some.
    fn is_perhaps_attached(&mut self, attachment: &'a Attachment, unknown: &Unknown) -> bool {
        let kind = subject_kind(attachment.identity.kind);
        let drafts: Vec<usize> =
            attachment.candidates.iter().filter_map(|it| self.declared.get(&(kind, it)).copied()).collect();
        let reason = format!("{}, so what it attaches may be attached here", unknown.reason);
        let perhaps = Unknown { reason, form: Form::Anything, ..unknown.clone() };
        for at in &drafts {
            if let Some(draft) = self.drafts.get_mut(*at) {
                let attached = outside_policy(Err(perhaps.clone()), &attachment.address, &attachment.place);
                draft.attach(Key::Missing(perhaps.clone()), attached);
            }
        }
        !drafts.is_empty()
    }

    /// What limits identities. A boundary grants nothing, so that alone it makes no subject of an identity elsewhere.
    pub(super) fn add_boundaries(&mut self) {
        for attachment in &self.inventory.boundaries {
            let (key, attached) = self.resolve(attachment);
            if let Key::Known(at) = key {
                self.bounding.insert(at);
            }
            let Some(draft) = self.target(attachment).and_then(|at| self.drafts.get_mut(at)) else { continue };
            if draft.bounding.insert(key) {
                draft.subject.boundaries.push(attached);
            }
        }
    }

    /// What users have through their groups; attachments come before.
    pub(super) fn add_memberships(&mut self) {
        for membership in &self.inventory.memberships {
            let input = input(membership);
            let Ok(user) = self.find(IdentityKind::User, &membership.user, input) else { continue };
            let inherited = match self.find(IdentityKind::Group, &membership.group, input) {
                Ok(group) => self.inherited(group, membership),
                Err(unknown) => self.outside(user, membership, unknown).into_iter().collect(),
            };
            let Some(user) = self.drafts.get_mut(user) else { continue };
            for (key, attached) in inherited {
                user.attach(key, attached);
            }
        }
    }

    /// The policies that are judged on their own; attachments and boundaries come before.
    pub(super) fn add_policies(&mut self) {
        for (at, policy) in self.inventory.policies.iter().enumerate() {
            if self.index.is_repeated(at, policy) {
                continue;
            }
            let (kind, name, place) = match policy.kind {
                PolicyKind::Trust => {
                    let role = self.index.identity_at(IdentityKind::Role, &policy.address);
                    let place = role.map_or(&policy.place, |role| &role.place);
                    (SubjectKind::RoleTrust, role.and_then(|role| role.name.as_ref()), place)
                }
                // What nothing ties to an identity is judged all the same.
                PolicyKind::Inline if self.attached.contains(&at) => continue,
                PolicyKind::Managed if self.bounding.contains(&at) => {
                    (SubjectKind::Boundary, policy.name.as_ref(), &policy.place)
                }
                PolicyKind::Inline | PolicyKind::Managed => {
                    (SubjectKind::ManagedPolicy, policy.name.as_ref(), &policy.place)
                }
                PolicyKind::ServiceControl => (SubjectKind::ServiceControl, policy.name.as_ref(), &policy.place),
                PolicyKind::ResourceControl => (SubjectKind::ResourceControl, policy.name.as_ref(), &policy.place),
                PolicyKind::Resource | PolicyKind::Endpoint | PolicyKind::Session | PolicyKind::Iot => {
                    (SubjectKind::Resource, policy.name.as_ref(), &policy.place)
                }
            };
            let draft = self.declared_draft(kind, &policy.address, place);
            if let Some(draft) = self.drafts.get_mut(draft) {
                draft.subject.name = draft.subject.name.take().or_else(|| name.cloned());
                draft.attach(Key::Known(at), known_policy(policy, &policy.place));
            }
        }
    }

    /// The subjects, in order; a role to which nothing is attached has no permissions to judge.
    pub(super) fn finish(self) -> Vec<Subject> {
        let mut subjects: Vec<Subject> = self.drafts.into_iter().map(|draft| draft.subject).collect();
        subjects.retain(|it| it.kind != SubjectKind::RolePermissions || !it.policies.is_empty());
        // The drafts were larger, and their room would stay.
        subjects.shrink_to_fit();
        subjects.sort_by(|a, b| (&a.address, a.kind, &a.name).cmp(&(&b.address, b.kind, &b.name)));
        subjects
    }

    fn declared_draft(&mut self, kind: SubjectKind, address: &'a Address, place: &Place) -> usize {
        let next = self.drafts.len();
        let at = *self.declared.entry((kind, address)).or_insert(next);
        if at == next {
            self.drafts.push(Draft::new(kind, address, place));
        }
        at
    }

    /// The subject of an identity that is not in the inventory, at the first attachment that names it.
    fn absent_draft(&mut self, attachment: &'a Attachment, unknown: Unknown) -> usize {
        let IdentityReference { kind, target } = &attachment.identity;
        let next = self.drafts.len();
        let key = Absent::new(target, &attachment.address);
        let at = *self.absent.entry((*kind, key)).or_insert(next);
        if at == next {
            let mut draft = Draft::new(subject_kind(*kind), &attachment.address, &attachment.place);
            if let Target::Name(name) = target {
                draft.subject.name = Some(name.clone());
            }
            let reason = format!("{}, so what else is attached to it is not known", unknown.reason);
            let rest = Unknown { reason, form: Form::Anything, ..unknown };
            draft.attach(Key::Missing(rest.clone()), outside_policy(Err(rest), &attachment.address, &attachment.place));
            self.drafts.push(draft);
        }
        at
    }

    /// The subject of the identity that an attachment is to, if there is one already.
    fn target(&self, attachment: &Attachment) -> Option<usize> {
        let IdentityReference { kind, target } = &attachment.identity;
        let absent = || self.absent.get(&(*kind, Absent::new(target, &attachment.address))).copied();
        self.declared_target(*kind, target, &attachment.address.input).ok().or_else(absent)
    }

    /// The subject of an identity that a membership means, or why there is none.
    fn find(&self, kind: IdentityKind, target: &Target, input: &str) -> Result<usize, Unknown> {
        let absent = match target {
            Target::Resource(address) => self.absent.get(&(kind, Absent::Declared(address))),
            Target::Name(name) => self.absent.get(&(kind, Absent::Named { input, name })),
            Target::Unknown(_) => None,
        };
        self.declared_target(kind, target, input).or_else(|unknown| absent.copied().ok_or(unknown))
    }

    fn declared_target(&self, kind: IdentityKind, target: &Target, input: &str) -> Result<usize, Unknown> {
        let identity = self.index.identity(kind, target, input)?;
        let declared = self.declared.get(&(subject_kind(kind), &identity.address)).copied();
        declared.ok_or_else(|| Unknown {
            name: identity.address.path.clone(),
            reason: NOT_HERE.to_owned(),
            form: Form::Anything,
        })
    }

    /// The policy of an attachment.
    fn resolve(&self, attachment: &Attachment) -> (Key, Attached) {
        if let PolicyReference::Arn(arn) = &attachment.policy
            && let Some(document) = managed::document(arn)
        {
            return (Key::BuiltIn(arn.clone()), outside_policy(Ok(document), &attachment.address, &attachment.place));
        }
        match self.index.policy(&attachment.policy, &attachment.address.input) {
            Ok((at, policy)) => (Key::Known(at), known_policy(policy, &attachment.place)),
            Err(unknown) => {
                let attached = outside_policy(Err(unknown.clone()), &attachment.address, &attachment.place);
                (Key::Missing(unknown), attached)
            }
        }
    }

    /// What a group gives to its members.
    fn inherited(&self, group: usize, membership: &Membership) -> Vec<(Key, Attached)> {
        let Some(group) = self.drafts.get(group) else { return Vec::new() };
        let through = Some(&group.subject.address);
        let policies = group.keys.iter().zip(&group.subject.policies);
        policies
            .map(|(key, attached)| {
                let place = membership.place.clone();
                (key.clone(), Attached { place, through: through.cloned(), ..attached.clone() })
            })
            .collect()
    }

    /// What a group that is not in the inventory may give to its members.
    fn outside(&self, user: usize, membership: &Membership, unknown: Unknown) -> Option<(Key, Attached)> {
        let reason = format!("{}, so what is attached to it is not known", unknown.reason);
        let unknown = Unknown { reason, form: Form::Anything, ..unknown };
        let address = &self.drafts.get(user)?.subject.address;
        Some((Key::Missing(unknown.clone()), outside_policy(Err(unknown), address, &membership.place)))
    }
}

impl Draft {
    fn new(kind: SubjectKind, address: &Address, place: &Place) -> Self {
        let subject = Subject {
            kind,
            address: address.clone(),
            name: None,
            path: None,
            policies: Vec::new(),
            boundaries: Vec::new(),
            place: place.clone(),
        };
        Self { subject, keys: Vec::new(), attached: HashSet::new(), bounding: HashSet::new() }
    }

    fn attach(&mut self, key: Key, attached: Attached) {
        if self.attached.insert(key.clone()) {
            if self.keys.is_empty() {
                // Most subjects have one policy.
                self.keys.reserve_exact(1);
                self.subject.policies.reserve_exact(1);
            }
            self.keys.push(key);
            self.subject.policies.push(attached);
        }
    }
}

impl<'a> Absent<'a> {
    fn new(target: &'a Target, attachment: &'a Address) -> Self {
        match target {
            Target::Resource(address) => Self::Declared(address),
            Target::Name(name) => Self::Named { input: &attachment.input, name },
            Target::Unknown(unknown) => Self::Unknown { at: attachment, name: &unknown.name },
        }
    }
}

fn subject_kind(kind: IdentityKind) -> SubjectKind {
    match kind {
        IdentityKind::Group => SubjectKind::Group,
        IdentityKind::User => SubjectKind::User,
        IdentityKind::Role => SubjectKind::RolePermissions,
        IdentityKind::PermissionSet => SubjectKind::PermissionSet,
    }
}

/// The name of the input that says who is in which group.
fn input(membership: &Membership) -> &str {
    match (&membership.user, &membership.group) {
        (Target::Resource(address), _) | (_, Target::Resource(address)) => &address.input,
        _ => membership.place.in_file().source.name(),
    }
}

fn known_policy(policy: &Policy, place: &Place) -> Attached {
    let content = match &policy.content {
        Content::Known(document) => Ok(Arc::clone(document)),
        Content::Unknown(unknown) => Err(unknown.clone()),
    };
    let policy = PolicyUse { kind: policy.kind, address: policy.address.clone(), attribute: policy.attribute.clone() };
    Attached { policy, content, place: place.clone(), through: None }
}

/// A policy that is not in the inventory, in the place of which its attachment stands.
fn outside_policy(content: Result<Arc<Document>, Unknown>, address: &Address, place: &Place) -> Attached {
    let policy = PolicyUse { kind: PolicyKind::Managed, address: address.clone(), attribute: String::new() };
    Attached { policy, content, place: place.clone(), through: None }
}

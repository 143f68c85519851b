//! Who is in which group, and whether something else guards them.

use std::collections::{HashMap, HashSet};

use crate::iam::verdict::Verdict;
use crate::inventory::subjects::SubjectKind;
use crate::inventory::{Address, Membership, Target};

use super::{Input, Judged};

/// The members of all groups, as far as this run shows them.
pub(super) struct Members<'a> {
    /// The users who have something through a group, by the group's address.
    users: HashMap<&'a Address, Vec<&'a Judged>>,
    by_address: HashMap<&'a Address, Vec<&'a Membership>>,
    by_name: HashMap<&'a str, Vec<&'a Membership>>,
    /// Memberships of groups that are not known, which may be any.
    anywhere: Vec<&'a Membership>,
}

impl<'a> Members<'a> {
    pub(super) fn new(input: &Input<'a>) -> Self {
        let mut members =
            Self { users: HashMap::new(), by_address: HashMap::new(), by_name: HashMap::new(), anywhere: Vec::new() };
        for user in input.of_kind(SubjectKind::User) {
            let groups: HashSet<&Address> =
                user.subject.policies.iter().filter_map(|attached| attached.through.as_ref()).collect();
            groups.into_iter().for_each(|group| members.users.entry(group).or_default().push(user));
        }
        for membership in &input.inventory.memberships {
            match &membership.group {
                Target::Resource(address) => members.by_address.entry(address).or_default().push(membership),
                Target::Name(name) => members.by_name.entry(name).or_default().push(membership),
                Target::Unknown(_) => members.anywhere.push(membership),
            }
        }
        members
    }

    /// The names of a group's members, where there are some, this run shows all whom it speaks of, and each of them is
    /// refused without MFA by what else is attached to them.
    pub(super) fn guarded_elsewhere(&self, group: &'a Judged) -> Option<Vec<String>> {
        let users = self.users.get(&group.subject.address)?;
        if !self.anywhere.is_empty() || !users.iter().all(|user| matches!(user.judgement.verdict, Verdict::Enforced)) {
            return None;
        }
        let addresses: HashSet<&Address> = users.iter().map(|user| &user.subject.address).collect();
        let names: HashSet<&str> = users.iter().filter_map(|user| user.subject.name.as_deref()).collect();
        let is_known = |membership: &&Membership| match &membership.user {
            Target::Resource(address) => addresses.contains(address),
            Target::Name(name) => names.contains(name.as_str()),
            Target::Unknown(_) => false,
        };
        let by_address = self.by_address.get(&group.subject.address).into_iter().flatten();
        let by_name = group.subject.name.as_deref().and_then(|name| self.by_name.get(name)).into_iter().flatten();
        by_address
            .chain(by_name)
            .copied()
            .all(|it| is_known(&it))
            .then(|| users.iter().map(|user| called(user)).collect())
    }
}

fn called(user: &Judged) -> String {
    format!("`{}`", user.subject.name.as_deref().unwrap_or(&user.subject.address.path))
}

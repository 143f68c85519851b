//! What differs between deployments of one input may be tied to what another input declares in all of its own.

use std::collections::{HashMap, HashSet};

use super::Deployment;
use crate::inventory::{Address, Attachment, Identity, IdentityKind, Inventory, PolicyReference, Target};

/// Moves identities that deployments of just one part tie policies to into each of these deployments, with all that the
/// input ties to them: they are judged there, and nowhere else. One that other facts need where it is stays.
pub fn bring_together(inventory: &mut Inventory, alternatives: &mut [Vec<Deployment>]) {
    for (at, identities) in movable(inventory, alternatives) {
        let Some(deployments) = alternatives.get_mut(at) else { continue };
        let moved = take(inventory, &identities);
        deployments.iter_mut().for_each(|deployment| deployment.inventory.merge(moved.clone()));
    }
}

type Key = (IdentityKind, Address);

/// The identities that can be moved, by the part that ties something to them.
fn movable(inventory: &Inventory, alternatives: &[Vec<Deployment>]) -> Vec<(usize, HashSet<Key>)> {
    let mut wanted: HashMap<Key, HashSet<usize>> = HashMap::new();
    for (at, deployment) in alternatives.iter().enumerate().flat_map(|(at, all)| all.iter().map(move |one| (at, one))) {
        let Inventory { attachments, boundaries, .. } = &deployment.inventory;
        for attachment in attachments.iter().chain(boundaries) {
            let elsewhere = |(_, address): &Key| address.input != attachment.address.input;
            if let Some(key) = target(attachment).filter(elsewhere) {
                wanted.entry(key).or_default().insert(at);
            }
        }
    }
    if wanted.is_empty() {
        return Vec::new();
    }
    let needed = Needed::new(inventory);
    let mut movable: HashMap<usize, HashSet<Key>> = HashMap::new();
    for identity in &inventory.identities {
        let key = (identity.kind, identity.address.clone());
        if let Some(parts) = wanted.get(&key)
            && let (Some(at), 1) = (parts.iter().next(), parts.len())
            && !needed.here(identity, &key)
        {
            movable.entry(*at).or_default().insert(key);
        }
    }
    let mut movable: Vec<_> = movable.into_iter().collect();
    movable.sort_unstable_by_key(|(at, _)| *at);
    movable
}

/// Which identities others need where they are.
#[derive(Default)]
struct Needed<'a> {
    /// Those in memberships.
    members: HashSet<&'a Address>,
    /// Those that something is tied to by name.
    names: HashSet<&'a str>,
    /// Those that have a policy which is judged by itself too, or which others have.
    sharing: HashSet<Key>,
}

impl<'a> Needed<'a> {
    fn new(inventory: &'a Inventory) -> Self {
        let mut needed = Self::default();
        for end in inventory.memberships.iter().flat_map(|membership| [&membership.user, &membership.group]) {
            match end {
                Target::Resource(address) => needed.members.extend([address]),
                Target::Name(name) => needed.names.extend([name.as_str()]),
                Target::Unknown(_) => {}
            }
        }
        let mut holders: HashMap<&Address, Key> = HashMap::new();
        for tie in inventory.attachments.iter().chain(&inventory.boundaries) {
            match (&tie.identity.target, target(tie)) {
                (Target::Name(name), _) => needed.names.extend([name.as_str()]),
                (_, Some(key)) => match &tie.policy {
                    PolicyReference::Document { address, .. } => {
                        let holder = holders.entry(address).or_insert_with(|| key.clone());
                        if *holder != key {
                            needed.sharing.extend([holder.clone(), key]);
                        }
                    }
                    PolicyReference::Resource(_) | PolicyReference::Name(_) => needed.sharing.extend([key]),
                    PolicyReference::Arn(_) | PolicyReference::Unknown(_) => {}
                },
                _ => {}
            }
        }
        needed
    }

    fn here(&self, identity: &Identity, key: &Key) -> bool {
        self.members.contains(&identity.address)
            || identity.name.as_deref().is_some_and(|name| self.names.contains(name))
            || self.sharing.contains(key)
    }
}

/// The declared identity that an attachment is to.
fn target(attachment: &Attachment) -> Option<Key> {
    match &attachment.identity.target {
        Target::Resource(address) => Some((attachment.identity.kind, address.clone())),
        _ => None,
    }
}

/// Takes identities out of an inventory, with their documents and all that is tied to them.
fn take(inventory: &mut Inventory, keys: &HashSet<Key>) -> Inventory {
    let mut moved = Inventory::default();
    let is_tied = |attachment: &mut Attachment| target(attachment).is_some_and(|key| keys.contains(&key));
    let is_own = |identity: &mut Identity| keys.contains(&(identity.kind, identity.address.clone()));
    moved.identities.extend(inventory.identities.extract_if(.., is_own));
    moved.attachments.extend(inventory.attachments.extract_if(.., is_tied));
    moved.boundaries.extend(inventory.boundaries.extract_if(.., is_tied));
    let mut addresses: HashSet<Address> = keys.iter().map(|(_, address)| address.clone()).collect();
    addresses.extend(moved.attachments.iter().filter_map(|attachment| match &attachment.policy {
        PolicyReference::Document { address, .. } => Some(address.clone()),
        _ => None,
    }));
    moved.policies.extend(inventory.policies.extract_if(.., |policy| addresses.contains(&policy.address)));
    moved.origins.extend(inventory.origins.iter().filter(|origin| addresses.contains(&origin.address)).cloned());
    let assumed = inventory.assumptions.iter().filter(|assumption| addresses.contains(&assumption.address));
    moved.assumptions.extend(assumed.cloned());
    moved
}

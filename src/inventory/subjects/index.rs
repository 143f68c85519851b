//! Finds the policies and identities that an inventory's facts refer to.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;
use std::sync::LazyLock;

use crate::iam::managed;
use crate::inventory::{Address, Identity, IdentityKind, Inventory, Policy, PolicyKind, PolicyReference, Target};
use crate::tree::{Form, Unknown};

/// Where the policies and identities of an inventory stand in its lists.
pub(super) struct Index<'a> {
    inventory: &'a Inventory,
    documents: HashMap<(&'a Address, &'a str), usize>,
    managed: HashMap<&'a Address, usize>,
    managed_names: Names<'a, ()>,
    identities: HashMap<(IdentityKind, &'a Address), usize>,
    identity_names: Names<'a, IdentityKind>,
}

/// What things of some kinds are called: in one input, and in all of them. `None` stands for more than one thing.
struct Names<'a, K> {
    within: HashMap<(K, &'a str, &'a str), Option<usize>>,
    anywhere: HashMap<(K, &'a str), Option<usize>>,
}

impl<'a> Index<'a> {
    pub(super) fn new(inventory: &'a Inventory) -> Self {
        let mut index = Self {
            inventory,
            documents: HashMap::with_capacity(inventory.policies.len()),
            managed: HashMap::new(),
            managed_names: Names::new(),
            identities: HashMap::with_capacity(inventory.identities.len()),
            identity_names: Names::new(),
        };
        for (at, policy) in inventory.policies.iter().enumerate() {
            // The same input given twice holds everything twice.
            let Entry::Vacant(place) = index.documents.entry((&policy.address, &policy.attribute)) else { continue };
            place.insert(at);
            if policy.kind == PolicyKind::Managed {
                index.managed.entry(&policy.address).or_insert(at);
                if let Some(name) = &policy.name {
                    index.managed_names.insert((), &policy.address, name, at);
                }
            }
        }
        for (at, identity) in inventory.identities.iter().enumerate() {
            let Entry::Vacant(place) = index.identities.entry((identity.kind, &identity.address)) else { continue };
            place.insert(at);
            if let Some(name) = &identity.name {
                index.identity_names.insert(identity.kind, &identity.address, name, at);
            }
        }
        index
    }

    /// The policy that a reference in an input means, with its place in the inventory, or why it is not known.
    pub(super) fn policy(&self, reference: &PolicyReference, input: &str) -> Result<(usize, &'a Policy), Unknown> {
        let (name, found) = match reference {
            PolicyReference::Document { address, attribute } => {
                let at = self.documents.get(&(address, attribute.as_str()));
                (&address.path, at.copied().ok_or(NOT_HERE))
            }
            PolicyReference::Resource(address) => (&address.path, self.managed.get(address).copied().ok_or(NOT_HERE)),
            PolicyReference::Arn(arn) => (arn, self.policy_by_arn(arn, input)),
            PolicyReference::Name(name) => (name, self.managed_names.find((), input, name)),
            PolicyReference::Unknown(unknown) => return Err(unknown.clone()),
        };
        let found = found.and_then(|at| self.inventory.policies.get(at).map(|policy| (at, policy)).ok_or(NOT_HERE));
        found.map_err(|reason| unknown(name, reason))
    }

    /// The identity that a reference in an input means, or why it is not known.
    pub(super) fn identity(&self, kind: IdentityKind, target: &Target, input: &str) -> Result<&'a Identity, Unknown> {
        match target {
            Target::Resource(address) => {
                self.identity_at(kind, address).ok_or_else(|| unknown(&address.path, NOT_HERE))
            }
            Target::Name(name) => {
                let at = self.identity_names.find(kind, input, name).map_err(|reason| unknown(name, reason))?;
                self.inventory.identities.get(at).ok_or_else(|| unknown(name, NOT_HERE))
            }
            Target::Unknown(unknown) => Err(unknown.clone()),
        }
    }

    /// The identity that is declared at an address.
    pub(super) fn identity_at(&self, kind: IdentityKind, address: &Address) -> Option<&'a Identity> {
        self.identities.get(&(kind, address)).and_then(|at| self.inventory.identities.get(*at))
    }

    /// Whether the policy at this place of the inventory repeats an earlier one.
    pub(super) fn is_repeated(&self, at: usize, policy: &Policy) -> bool {
        self.documents.get(&(&policy.address, policy.attribute.as_str())) != Some(&at)
    }

    fn policy_by_arn(&self, arn: &str, input: &str) -> Result<usize, &'static str> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let ["arn", partition, "iam", "", account, resource] = parts.as_slice() else { return Err(NOT_HERE) };
        let path = resource.strip_prefix("policy/").filter(|_| partition.starts_with("aws")).ok_or(NOT_HERE)?;
        if *account == "aws" {
            return Err(&NOT_IN_TABLE);
        }
        self.managed_names.find((), input, path.rsplit('/').next().unwrap_or(path))
    }
}

impl<'a, K: Copy + Eq + Hash> Names<'a, K> {
    fn new() -> Self {
        Self { within: HashMap::new(), anywhere: HashMap::new() }
    }

    fn insert(&mut self, kind: K, address: &'a Address, name: &'a str, at: usize) {
        let again = |known: &mut Option<usize>| *known = None;
        self.within.entry((kind, &address.input, name)).and_modify(again).or_insert(Some(at));
        self.anywhere.entry((kind, name)).and_modify(again).or_insert(Some(at));
    }

    /// What the name means to an input: what is called so in it, or else the only thing that is called so anywhere.
    fn find(&self, kind: K, input: &str, name: &str) -> Result<usize, &'static str> {
        let within = self.within.get(&(kind, input, name));
        match within.or_else(|| self.anywhere.get(&(kind, name))) {
            Some(Some(at)) => Ok(*at),
            Some(None) => Err("is the name of more than one resource here"),
            None => Err(NOT_HERE),
        }
    }
}

/// The reason for an AWS-managed policy that is newer than the table, or that does not exist.
static NOT_IN_TABLE: LazyLock<String> =
    LazyLock::new(|| format!("is not in this version's table of AWS-managed policies of {}", managed::DATE));

/// The reason for what only its name is known of.
pub(super) const NOT_HERE: &str = "is not in this input";

fn unknown(name: &str, reason: &str) -> Unknown {
    Unknown { name: name.to_owned(), reason: reason.to_owned(), form: Form::Anything }
}

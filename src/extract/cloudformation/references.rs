//! Which resource of the template a name or ARN stands for.

use std::collections::{HashMap, HashSet};

use super::exports::Exports;
use super::intrinsics::Resolver;
use super::stacks::{holds_template, is_stack_set};
use super::template::Resource;
use super::text::{Text, unknown};
use super::{Facts, sam};
use crate::inventory::{IdentityKind, IdentityReference, PolicyReference, Target};
use crate::tree::{Form, Node, Part, Scalar, Unknown};

/// What `Ref` gives for the identities and managed policies of a template, back to their logical ids.
///
/// A name that is written out and equals a resource's name is that resource: a stack is one account.
#[derive(Debug, Default)]
pub(super) struct Names {
    identities: Paths<(IdentityKind, Scalar)>,
    policies: Paths<Scalar>,
    /// The paths of all that has a name here.
    named: HashSet<String>,
}

/// How many resources of one name are told apart.
const MAX_ALIKE: usize = 16;

/// The paths of what each name stands for: several where resources have the same name.
type Paths<K> = HashMap<K, Vec<String>>;

impl Names {
    /// The names of some of a template's resources; two that never exist together may have the same.
    pub(super) fn new(resolver: &Resolver<'_>, resources: &[Resource<'_>]) -> Self {
        let mut names = Self::default();
        names.collect(resolver, resources);
        names
    }

    /// Adds the name that a resource has.
    pub(super) fn note(&mut self, resolver: &Resolver<'_>, resource: &Resource<'_>) {
        self.collect(resolver, std::slice::from_ref(resource));
    }

    /// The names of identities and of managed policies, with the path of what they stand for.
    pub(super) fn into_parts(self) -> (Paths<(IdentityKind, Scalar)>, Paths<Scalar>) {
        (self.identities, self.policies)
    }

    fn note_identity(&mut self, key: (IdentityKind, Scalar), path: String) {
        self.named.insert(path.clone());
        note(&mut self.identities, key, path);
    }

    fn collect(&mut self, resolver: &Resolver<'_>, resources: &[Resource<'_>]) {
        for resource in resources {
            if resource.condition().is_some_and(|name| resolver.holds(name) == Some(false)) {
                continue;
            }
            let Some(type_name) = resource.type_name() else { continue };
            let id = resource.logical_id;
            let path = format!("{}{id}", resolver.prefix);
            if let Some(kind) = identity_kind(type_name) {
                self.note_identity((kind, resolver.resource_reference(id)), path);
            } else if type_name == "AWS::IAM::ManagedPolicy" {
                self.named.insert(path.clone());
                note(&mut self.policies, resolver.resource_reference(id), path);
            } else if sam::makes_role(resource) {
                let role = resolver.resource_reference(&format!("{id}Role"));
                self.note_identity((IdentityKind::Role, role), path);
            } else if holds_template(type_name) && !is_stack_set(resource) {
                // A stack that cannot be followed is named where its facts are gathered.
                let _ = resolver.within(resource, |nested, _| self.collect(nested, &nested.template.resources));
            }
        }
    }
}

/// The kind of identity that a type declares and others refer to by `Ref`.
pub(super) fn identity_kind(type_name: &str) -> Option<IdentityKind> {
    match type_name {
        "AWS::IAM::Group" => Some(IdentityKind::Group),
        "AWS::IAM::User" => Some(IdentityKind::User),
        "AWS::IAM::Role" => Some(IdentityKind::Role),
        _ => None,
    }
}

impl Facts<'_> {
    /// Which identity a resolved value names.
    pub(super) fn identity_reference(&self, kind: IdentityKind, node: &Node) -> IdentityReference {
        let name = scalar_of(node);
        let key = (kind, name);
        let found = self.found(self.names.identities.get(&key), self.all_names.identities.get(&key));
        let exported = self.exports().and_then(|exports| exports.identity(&key));
        let name = &key.1;
        let target = match (found, exported) {
            (Some([path]), _) => Target::Resource(self.at(path.clone())),
            (None, Some(address)) => Target::Resource(address.clone()),
            _ => match name.as_text() {
                Some(text) => Target::Name(text.to_owned()),
                None => Target::Unknown(first_unknown(name)),
            },
        };
        IdentityReference { kind, target }
    }

    /// Which managed policy a resolved ARN names.
    pub(super) fn policy_reference(&self, node: &Node) -> PolicyReference {
        let arn = scalar_of(node);
        if let Some([path]) = self.found(self.names.policies.get(&arn), self.all_names.policies.get(&arn)) {
            return PolicyReference::Resource(self.at(path.clone()));
        }
        if let Some(address) = self.exports().and_then(|exports| exports.policy(&arn)) {
            return PolicyReference::Resource(address.clone());
        }
        match (arn.as_text(), arn.parts.as_slice()) {
            (Some(text), _) if text.starts_with("arn:") => PolicyReference::Arn(text.to_owned()),
            (Some(text), _) => PolicyReference::Name(text.to_owned()),
            (None, [Part::Known(start), Part::Unknown(account), Part::Known(end)])
                if start.starts_with("arn:aws") && start.ends_with(":iam::") && account.name == "AWS::AccountId" =>
            {
                match end.strip_prefix(":policy/") {
                    Some(path) => PolicyReference::Name(path.rsplit('/').next().unwrap_or(path).to_owned()),
                    None => PolicyReference::Unknown((**account).clone()),
                }
            }
            _ => PolicyReference::Unknown(first_unknown(&arn)),
        }
    }
}

impl<'a> Facts<'a> {
    /// What other templates export.
    fn exports(&self) -> Option<&'a Exports> {
        self.resolver.around?.templates.exports()
    }

    /// What has a name: in this part or, by the name that it has in some deployment, in another one, which is noted. What is
    /// in this part and has another name here is not meant.
    fn found<'n>(&self, own: Option<&'n Vec<String>>, all: Option<&'n Vec<String>>) -> Option<&'n [String]> {
        if let Some(own) = own {
            return Some(own);
        }
        let all = all.filter(|all| !all.iter().all(|path| self.names.named.contains(path)))?;
        self.crossings.borrow_mut().extend(all.iter().cloned());
        Some(all)
    }
}

fn note<K: Eq + std::hash::Hash>(names: &mut HashMap<K, Vec<String>>, key: K, path: String) {
    let paths = names.entry(key).or_default();
    if paths.len() < MAX_ALIKE && !paths.contains(&path) {
        paths.push(path);
    }
}

/// The text of a resolved value, however it was written.
fn scalar_of(node: &Node) -> Scalar {
    let mut text = Text::default();
    text.push_node(node);
    text.finish()
}

/// The first part of a text that is not known.
pub(super) fn first_unknown(scalar: &Scalar) -> Unknown {
    let found = scalar.parts.iter().find_map(|part| match part {
        Part::Unknown(unknown) => Some((**unknown).clone()),
        Part::Known(_) => None,
    });
    found.unwrap_or_else(|| unknown("a name", "is empty", Form::Anything))
}

//! What a plan says of the time before it: the resources that it changes as they are, and those that it does not touch.

use std::borrow::Cow;
use std::collections::HashSet;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::declared::{Action, Entry};
use super::{Fault, Resource, State, Text, Unknown, is_data, read};

/// The resources before the changes. Replacements have what they replace as it is, imports what they bring in, and moves
/// what they move, under its new address.
pub(super) fn resources<'a>(changes: &[Entry<'a>], standing: &[Resource<'a>]) -> Vec<Resource<'a>> {
    changes.iter().filter_map(Entry::before).chain(standing.iter().cloned()).collect()
}

/// The resources of the state of which the plan says nothing, so that they stay as they are: those outside of its targets,
/// and all of them where it only refreshes. A plan that says it is complete names every resource.
pub(super) fn untouched<'a>(
    complete: Option<bool>,
    prior_state: Option<&'a RawValue>,
    changes: &[Entry<'a>],
) -> Result<Vec<Resource<'a>>, Fault<'a>> {
    let Some(prior_state) = prior_state.filter(|_| complete != Some(true) || changes.is_empty()) else {
        return Ok(Vec::new());
    };
    let Some(values) = read::<State<'_>>(prior_state.get())?.values else { return Ok(Vec::new()) };
    let mut standing = values.into_resources(Unknown::Nothing)?;
    if !standing.is_empty() {
        let now = changes.iter().filter_map(|entry| super::text(entry.address?));
        let named: HashSet<_> = now.chain(changes.iter().filter_map(|entry| entry.previous_address.clone())).collect();
        standing.retain(|resource| !named.contains(&resource.address));
    }
    Ok(standing)
}

/// The addresses at which Terraform lets go of what it imports under another one: that is one thing, at its new address.
pub(super) fn taken_over<'a>(changes: &[Entry<'a>]) -> HashSet<Cow<'a, str>> {
    let (forgotten, others): (Vec<_>, Vec<_>) = changes.iter().partition(|entry| is_forgotten(entry));
    if forgotten.is_empty() {
        return HashSet::new();
    }
    let stays: HashSet<_> = others.into_iter().filter_map(|entry| Some((&*entry.type_name, id(entry)?))).collect();
    let again = |entry: &&Entry<'a>| id(entry).is_some_and(|id| stays.contains(&(&*entry.type_name, id)));
    forgotten.into_iter().filter(again).filter_map(|entry| super::text(entry.address?)).collect()
}

/// What the provider knows a resource by, before the change.
fn id<'a>(entry: &Entry<'a>) -> Option<Cow<'a, str>> {
    #[derive(Deserialize)]
    struct Values<'a> {
        #[serde(borrow)]
        id: Option<Text<'a>>,
    }

    let values = entry.change.as_ref()?.before?.get();
    serde_json::from_str::<Values<'a>>(values).ok()?.id.map(|id| id.0)
}

/// Whether Terraform lets go of a resource that stays in AWS.
pub(super) fn is_forgotten(entry: &Entry<'_>) -> bool {
    entry.change.as_ref().is_some_and(|change| change.actions == [Action::Forget])
}

impl<'a> Entry<'a> {
    /// The resource before a change, of which everything is known.
    pub(super) fn before(&self) -> Option<Resource<'a>> {
        let change = self.change.as_ref().filter(|_| !is_data(&self.mode))?;
        let values = change.before?.get();
        let named = Self {
            address: self.address,
            module_address: self.module_address.clone(),
            type_name: self.type_name.clone(),
            name: self.name.clone(),
            ..Self::default()
        };
        named.resource(values, Unknown::Nothing)
    }
}

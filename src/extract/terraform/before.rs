//! The facts before the change that a plan describes.

use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::super::Before;
use super::exclusive::{self, Exclusive};
use super::permission_sets;
use super::references::References;
use super::resource::View;
use super::shell::{Resource, Shell, Unknown};
use crate::inventory::Inventory;
use crate::source::Source;

/// What a resource says, and what it alone decides.
type Facts = (Inventory, Vec<Exclusive>);

/// What was there before; `after` holds the facts of each resource afterwards, which are taken over where nothing about a
/// resource changes.
pub(super) fn extract(
    source: &Arc<Source>,
    shell: &Shell<'_>,
    references: &References<'_>,
    after: &[Result<Facts, String>],
) -> Before {
    let Some(before) = &shell.before else { return Before::Untold };
    if before.is_empty() && shell.resources.is_empty() {
        return Before::Same;
    }
    let mut inventory = Inventory::default();
    if before.is_empty() {
        return Before::Was(Box::new(inventory));
    }
    let by_address: HashMap<&str, (&Resource<'_>, &Result<Facts, String>)> =
        shell.resources.iter().zip(after).map(|(resource, facts)| (&*resource.address, (resource, facts))).collect();
    let same = |resource: &Resource<'_>| {
        let (now, facts) = by_address.get(&*resource.address)?;
        is_same(resource, now).then_some(facts)
    };
    if before.len() == shell.resources.len() && before.iter().all(|resource| same(resource).is_some()) {
        return Before::Same;
    }
    let input: Arc<str> = Arc::from(source.name());
    let parts: Vec<Option<Facts>> = before
        .par_iter()
        .map(|resource| match same(resource) {
            Some(facts) => facts.as_ref().ok().cloned(),
            // What cannot be read is told of the time after, or is gone then.
            None => View::new(source, &input, resource, references)
                .ok()
                .map(|view| (super::facts(&view), exclusive::extract(&view))),
        })
        .collect();
    let mut exclusives = Vec::new();
    for (part, decided) in parts.into_iter().flatten() {
        inventory.merge(part);
        exclusives.extend(decided);
    }
    permission_sets::settle(&mut inventory, before);
    exclusive::apply(&mut inventory, &exclusives);
    Before::Was(Box::new(inventory))
}

/// Whether a change leaves a resource as it is, down to the text; what is unknown afterwards is a change.
fn is_same(before: &Resource<'_>, after: &Resource<'_>) -> bool {
    let known = match after.unknown {
        Unknown::Mask(mask) => !mask.contains("true"),
        Unknown::Absent => false,
        Unknown::Nothing => true,
    };
    known && before.type_name == after.type_name && before.values == after.values
}

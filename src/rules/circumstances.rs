//! Tells with each finding what is known beside the policies: where a program made the resource, what was assumed, and whom
//! a policy of an organization reaches.

use std::collections::HashMap;

use crate::finding::{Finding, Label};
use crate::inventory::{Address, Inventory, Origin, PolicyTarget};

/// How many targets of one policy are told.
const TARGETS: usize = 6;

/// Adds to each finding the line of the program that made its resource, as a place or, where the file is not at hand, in the
/// help; to the help what was assumed about the resource; and the places that attach a policy to parts of an organization.
pub(super) fn tell(inventory: &Inventory, findings: &mut [Finding]) {
    let origins: HashMap<&Address, &Origin> =
        inventory.origins.iter().map(|origin| (&origin.address, origin)).collect();
    let mut assumptions: HashMap<&Address, Vec<&str>> = HashMap::new();
    for assumption in &inventory.assumptions {
        let told = assumptions.entry(&assumption.address).or_default();
        if !told.contains(&assumption.told.as_str()) {
            told.push(&assumption.told);
        }
    }
    let mut targets: HashMap<&Address, Vec<&PolicyTarget>> = HashMap::new();
    for target in &inventory.targets {
        if let Some(policy) = &target.policy {
            targets.entry(policy).or_default().push(target);
        }
    }
    for finding in findings {
        for target in targets.get(&finding.address).into_iter().flatten().take(TARGETS) {
            let text = format!("attached to `{}` here", target.target);
            finding.related.push(Label { place: target.place.clone(), text });
        }
        for told in assumptions.get(&finding.address).into_iter().flatten() {
            finding.help.push_str(&format!("; {told}"));
        }
        match origins.get(&finding.address) {
            Some(Origin { place: Some(place), .. }) => {
                let text = "this line of the app makes the resource".to_owned();
                finding.related.push(Label { place: place.clone(), text });
            }
            Some(Origin { told, .. }) => finding.help.push_str(&format!("; the app makes the resource at `{told}`")),
            None => {}
        }
    }
}

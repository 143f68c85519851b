//! Tells with each finding what is known beside the policies: where a program made the resource, and what was assumed.

use std::collections::HashMap;

use crate::finding::{Finding, Label};
use crate::inventory::{Address, Inventory, Origin};

/// Adds to each finding the line of the program that made its resource, as a place or, where the file is not at hand, in the
/// help; and to the help what was assumed about the resource.
pub(super) fn tell(inventory: &Inventory, findings: &mut [Finding]) {
    let origins: HashMap<&Address, &Origin> =
        inventory.origins.iter().map(|origin| (&origin.address, origin)).collect();
    let assumptions = inventory.assumptions.iter().map(|assumption| (&assumption.address, assumption.told.as_str()));
    let assumptions: HashMap<&Address, &str> = assumptions.collect();
    for finding in findings {
        if let Some(told) = assumptions.get(&finding.address) {
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

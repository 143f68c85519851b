//! Tells where a program made the resource that a finding is about.

use std::collections::HashMap;

use crate::finding::{Finding, Label};
use crate::inventory::{Address, Origin};

/// Adds to each finding the line of the program that made its resource: as a place or, where the file is not at hand, in
/// the help.
pub(super) fn tell(origins: &[Origin], findings: &mut [Finding]) {
    let by_address: HashMap<&Address, &Origin> = origins.iter().map(|origin| (&origin.address, origin)).collect();
    for finding in findings {
        let Some(origin) = by_address.get(&finding.address) else { continue };
        match &origin.place {
            Some(place) => {
                let text = "this line of the app makes the resource".to_owned();
                finding.related.push(Label { place: place.clone(), text });
            }
            None => finding.help.push_str(&format!("; the app makes the resource at `{}`", origin.told)),
        }
    }
}

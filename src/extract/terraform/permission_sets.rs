//! Permission sets by their ARN: it says nothing of their name, but a state, and a plan for what exists, know it.

use std::collections::HashMap;

use serde::Deserialize;

use super::shell::{Resource, Text};
use crate::inventory::{Address, IdentityKind, Inventory, Target};

/// Lets the references to permission sets by ARN lead to the resources that have them.
pub(super) fn settle(inventory: &mut Inventory, resources: &[Resource<'_>]) {
    let ties = inventory.attachments.iter_mut().chain(&mut inventory.boundaries);
    let mut by_arn: Vec<(&mut Target, Address)> = Vec::new();
    for tie in ties.filter(|tie| tie.identity.kind == IdentityKind::PermissionSet) {
        let address = tie.address.clone();
        if matches!(tie.identity.target, Target::Name(_)) {
            by_arn.push((&mut tie.identity.target, address));
        }
    }
    if by_arn.is_empty() {
        return;
    }
    let sets = resources.iter().filter(|resource| resource.type_name == "aws_ssoadmin_permission_set");
    let known: HashMap<String, &str> = sets.filter_map(|set| Some((arn(set.values)?, &*set.address))).collect();
    for (target, at) in by_arn {
        let Target::Name(arn) = &*target else { continue };
        let Some(path) = known.get(arn) else { continue };
        *target = Target::Resource(Address { input: at.input, path: (*path).to_owned() });
    }
}

fn arn(values: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Values<'a> {
        #[serde(borrow)]
        arn: Option<Text<'a>>,
    }

    serde_json::from_str::<Values<'_>>(values).ok()?.arn.map(|arn| arn.0.into_owned())
}

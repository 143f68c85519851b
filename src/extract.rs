//! From inputs to the inventory: finds every IAM document, identity and attachment that an input declares.

use crate::inventory::Inventory;
use crate::load::Input;

pub mod carriers;
pub mod cloudformation;
pub mod documents;
pub mod embedded;
pub mod terraform;

/// What one input declares.
#[derive(Debug, Default)]
pub struct Extracted {
    /// The facts.
    pub inventory: Inventory,
    /// What was asked for and could not be used, as a reason each: goes to `unread`.
    pub unread: Vec<String>,
}

/// Extracts one input.
#[must_use]
pub fn extract(_input: &Input) -> Extracted {
    todo!()
}

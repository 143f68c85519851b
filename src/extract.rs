//! From inputs to the inventory: finds every IAM document, identity and attachment that an input declares.

use std::sync::Arc;

use crate::iam::document::{self, Document, Grammar};
use crate::inventory::{Address, Content, Inventory, Policy, PolicyKind};
use crate::load::{Format, Input};
use crate::source::Source;
use crate::tree::Node;

pub mod carriers;
pub mod cloudformation;
pub mod documents;
pub mod embedded;
pub mod terraform;

/// What one input declares.
#[derive(Debug, Default)]
pub struct Extracted {
    /// The facts, as they will be.
    pub inventory: Inventory,
    /// The facts as they are before the change.
    pub before: Before,
    /// What was asked for and could not be used, as a reason each: goes to `unread`.
    pub unread: Vec<String>,
}

/// What an input says of the time before the change that it describes.
#[derive(Debug, Default)]
pub enum Before {
    /// Nothing: it describes no change.
    #[default]
    Untold,
    /// That it was all as it will be.
    Same,
    /// What there was.
    Was(Inventory),
}

/// Extracts one input. What a single policy document is for does not stand in it: `hint` says, or else it is guessed.
#[must_use]
pub fn extract(input: &Input, hint: Option<PolicyKind>) -> Extracted {
    match &input.format {
        Format::TerraformPlan(span) => terraform::extract_plan(&input.source, *span),
        Format::TerraformState(span) => terraform::extract_state(&input.source, *span),
        Format::CloudFormation(documents) => cloudformation::extract(&input.source, documents),
        Format::PolicyDocument(node) => single_document(&input.source, node, hint),
    }
}

/// A file that is a policy document on its own.
fn single_document(source: &Arc<Source>, node: &Node, hint: Option<PolicyKind>) -> Extracted {
    let kind = hint.unwrap_or_else(|| guess(&document::parse(node, source, Grammar::Any)));
    let document = Arc::new(document::parse(node, source, documents::grammar(kind)));
    let place = document.place.clone();
    let address = Address { input: Arc::from(source.name()), path: source.name().to_owned() };
    let policy =
        Policy { kind, address, attribute: String::new(), name: None, content: Content::Known(document), place };
    Extracted { inventory: Inventory { policies: vec![policy], ..Inventory::default() }, ..Extracted::default() }
}

/// A document with principals belongs to a resource, or to a role where it is about nothing but assuming it.
fn guess(document: &Document) -> PolicyKind {
    let statements = &document.statements;
    if statements.iter().all(|statement| statement.principals.is_none()) {
        return PolicyKind::Managed;
    }
    let is_trust = statements.iter().all(|statement| {
        let names = statement.actions.items.iter().filter_map(|action| action.scalar.as_text());
        let assumes = |name: &str| ASSUMING.iter().any(|known| name.eq_ignore_ascii_case(known));
        statement.resources.is_none() && !statement.actions.items.is_empty() && names.into_iter().all(assumes)
    });
    if is_trust { PolicyKind::Trust } else { PolicyKind::Resource }
}

/// The actions of trust policies.
const ASSUMING: &[&str] = &[
    "sts:AssumeRole",
    "sts:AssumeRole*",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:SetContext",
    "sts:SetSourceIdentity",
    "sts:TagSession",
    "sts:*",
];

#[cfg(test)]
mod tests;

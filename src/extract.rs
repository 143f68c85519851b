//! From inputs to the inventory: finds every IAM document, identity and attachment that an input declares.

use std::collections::HashMap;
use std::sync::Arc;

use cloudformation::exports::Exports;
use cloudformation::modules::Modules;
use cloudformation::templates::{self, Templates};
use rayon::prelude::*;

use crate::checkout::Checkouts;
use crate::iam::document::{self, Document, Grammar};
use crate::inventory::deployments::Deployment;
use crate::inventory::{Address, Content, Inventory, Policy, PolicyKind};
use crate::load::{Format, Input};
use crate::source::Source;
use crate::tree::Node;

pub mod carriers;
pub mod cloudformation;
pub mod documents;
pub mod embedded;
pub mod terraform;

/// What is said about the inputs beside them.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// What single policy documents are for; `None` where that is to be guessed.
    pub document_kind: Option<PolicyKind>,
    /// Values of template parameters by name.
    pub parameters: HashMap<String, String>,
    /// The id of the account that templates are deployed to.
    pub account: Option<String>,
    /// The region that templates are deployed to.
    pub region: Option<String>,
}

/// What one input declares.
#[derive(Debug, Default)]
pub struct Extracted {
    /// The facts, as they will be, that hold in every deployment.
    pub inventory: Inventory,
    /// The parts that differ between deployments, each with all that may come of it.
    pub alternatives: Vec<Vec<Deployment>>,
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
    Was(Box<Inventory>),
}

impl Extracted {
    /// Takes over everything that another input declares.
    fn merge(&mut self, other: Self) {
        self.inventory.merge(other.inventory);
        self.alternatives.extend(other.alternatives);
        self.unread.extend(other.unread);
    }
}

/// Extracts every input; what a plan leaves open, the Terraform files beside it may settle. A template that others of them use for a stack is evaluated where they use it.
#[must_use]
pub fn extract_all(inputs: &[Input], settings: &Settings, checkouts: &Checkouts) -> Vec<Extracted> {
    let templates = Templates::new(inputs);
    let assembled = inputs.iter().filter_map(|input| match &input.format {
        Format::AssembledStack(stack) => Some(&**stack),
        _ => None,
    });
    let assembled: Vec<_> = assembled.collect();
    let nested = templates.nested(&assembled, settings);
    let is_nested = |input: &Input| templates::path_of(input).is_some_and(|path| nested.contains(&path));
    let exports = Exports::new(inputs, settings, is_nested);
    let templates = templates.importing(Some(&exports));
    let modules = Modules::new(inputs);
    let extracted = inputs.par_iter().map(|input| match &input.format {
        Format::CloudFormation(documents) if is_nested(input) => {
            cloudformation::extract_nested(&input.source, documents, &templates)
        }
        Format::CloudFormation(documents) => cloudformation::extract(&input.source, documents, settings, &templates),
        Format::AssembledStack(stack) => cloudformation::extract_stack(stack, settings, Some(&exports), &modules),
        _ => extract_beside(input, settings, checkouts),
    });
    extracted.collect()
}

/// Extracts one input by itself.
#[must_use]
pub fn extract(input: &Input, settings: &Settings) -> Extracted {
    extract_beside(input, settings, &Checkouts::default())
}

fn extract_beside(input: &Input, settings: &Settings, checkouts: &Checkouts) -> Extracted {
    match &input.format {
        Format::TerraformPlan(span) => terraform::extract_plan(&input.source, *span, checkouts),
        Format::TerraformState(span) => terraform::extract_state(&input.source, *span, checkouts),
        Format::CloudFormation(documents) => {
            cloudformation::extract(&input.source, documents, settings, &Templates::default())
        }
        Format::AssembledStack(stack) => cloudformation::extract_stack(stack, settings, None, &Modules::default()),
        Format::PolicyDocument(node) => single_document(&input.source, node, settings.document_kind),
    }
}

/// A file that is a policy document on its own. What it is for does not stand in it: `hint` says, or else it is guessed.
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

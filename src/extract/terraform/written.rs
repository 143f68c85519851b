//! What the plan does not know because an expression with an unknown part makes it: the expression stands in the Terraform
//! files beside the plan, and is evaluated there with the unknown parts left open.

use std::sync::Arc;

use super::deferred::layout;
use super::identities;
use super::references::{Referred, Want, names};
use super::resource::{Found, View};
use crate::checkout::evaluate::{self, Evaluator};
use crate::iam::document::{self, Document, Grammar};
use crate::source::Source;
use crate::terraform::address;
use crate::tree::{Node, Value};

/// The document that an unknown attribute will hold, as far as it is known; `None` where nothing is.
pub(super) fn read(view: &View<'_>, found: &Found<'_>, grammar: Grammar) -> Option<Arc<Document>> {
    let (value, _) = evaluated(view, &found.attribute)?;
    let mut document = evaluate::document(&value)?;
    document.as_map()?;
    identities::write_out(&mut document, view.references);
    let (text, node) = layout::lay_out(document);
    let name = format!("{}.{}", view.address.path, found.attribute);
    let source = Source::embedded(name, text, found.place.clone());
    Some(Arc::new(document::parse(&node, &source, grammar)))
}

/// The resource that a single value means.
pub(super) fn settle(view: &View<'_>, attribute: &str, want: Want<'_>) -> Option<Referred> {
    let (value, evaluator) = evaluated(view, attribute)?;
    resource(&value, &evaluator, want).map(Referred::Resource)
}

/// The resources that the unknown items of a list mean, one for each; with `unknown` as how many there are.
pub(super) fn settle_list(
    view: &View<'_>,
    attribute: &str,
    unknown: Option<usize>,
    want: Want<'_>,
) -> Option<Vec<Referred>> {
    let (value, evaluator) = evaluated(view, attribute)?;
    let open = |item: &&Node| matches!(item.value, Value::Unknown(_));
    let items: Vec<&Node> = value.as_list()?.iter().filter(|item| unknown.is_none() || open(item)).collect();
    if unknown.is_some_and(|unknown| items.len() != unknown) {
        return None;
    }
    items.into_iter().map(|item| resource(item, &evaluator, want).map(Referred::Resource)).collect()
}

/// The address of the resource that an unknown value is an attribute of.
fn resource(value: &Node, evaluator: &Evaluator<'_>, want: Want<'_>) -> Option<String> {
    let Value::Unknown(unknown) = &value.value else { return None };
    let (address, attribute) = unknown.name.rsplit_once('.')?;
    let block = address::block_of(address)?.block;
    let is_wanted = want.attributes.contains(&attribute)
        && block.strip_prefix(want.type_name).is_some_and(|rest| rest.starts_with('.'))
        && evaluator.known.has(address);
    is_wanted.then(|| address.to_owned())
}

/// What an attribute comes to, and what it was evaluated with.
fn evaluated<'v>(view: &'v View<'_>, attribute: &str) -> Option<(Node, Evaluator<'v>)> {
    let evaluator = view.references.checkouts.evaluator(view.source.name())?;
    if !is_as_planned(view, &evaluator, attribute) {
        return None;
    }
    Some((evaluator.attribute(&view.address.path, attribute).ok()??, evaluator))
}

/// Whether the files have the expression that the plan was made of, by the names in it. They may have been changed since.
fn is_as_planned(view: &View<'_>, evaluator: &Evaluator<'_>, attribute: &str) -> bool {
    let Ok(block) = evaluator.checkout.block(&view.address.path) else { return false };
    let written = match block.attribute(attribute.split(['.', '[']).next().unwrap_or_default()) {
        Some(attribute) => attribute.place(),
        None => block.place(),
    };
    let text = written.text();
    let planned = view.expressions().map(|expressions| names(expressions, attribute)).unwrap_or_default();
    planned.iter().all(|name| {
        let mut parts = name.split(['.', '[']);
        parts.next().is_some_and(|first| text.contains(first)) && parts.next().is_none_or(|next| text.contains(next))
    })
}

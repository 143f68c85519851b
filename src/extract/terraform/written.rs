//! Policy documents that the plan does not know because an expression with an unknown part makes them: the expression stands
//! in the Terraform files beside the plan, and is evaluated there with the unknown parts left open.

use std::sync::Arc;

use super::deferred::layout;
use super::references::names;
use super::resource::{Found, View};
use crate::checkout::evaluate;
use crate::iam::document::{self, Document, Grammar};
use crate::source::Source;

/// The document that an unknown attribute will hold, as far as it is known; `None` where nothing is.
pub(super) fn read(view: &View<'_>, found: &Found<'_>, grammar: Grammar) -> Option<Arc<Document>> {
    let evaluator = view.references.checkouts.evaluator(view.source.name())?;
    if !is_as_planned(view, &evaluator, found) {
        return None;
    }
    let value = evaluator.attribute(&view.address.path, &found.attribute).ok()??;
    let document = evaluate::document(&value)?;
    document.as_map()?;
    let (text, node) = layout::lay_out(document);
    let name = format!("{}.{}", view.address.path, found.attribute);
    let source = Source::embedded(name, text, found.place.clone());
    Some(Arc::new(document::parse(&node, &source, grammar)))
}

/// Whether the files have the expression that the plan was made of, by the names in it. They may have been changed since.
fn is_as_planned(view: &View<'_>, evaluator: &evaluate::Evaluator<'_>, found: &Found<'_>) -> bool {
    let Ok(block) = evaluator.checkout.block(&view.address.path) else { return false };
    let top = found.attribute.split(['.', '[']).next().unwrap_or_default();
    let written = match block.attribute(top) {
        Some(attribute) => attribute.place(),
        None => block.place(),
    };
    let text = written.text();
    let planned = view.expressions().map(|expressions| names(expressions, &found.attribute)).unwrap_or_default();
    planned.iter().all(|name| {
        let mut parts = name.split(['.', '[']);
        parts.next().is_some_and(|first| text.contains(first)) && parts.next().is_none_or(|next| text.contains(next))
    })
}

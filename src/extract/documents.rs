//! From the value at a carrier to a policy document, the same way for all inputs.

use std::sync::Arc;

use super::embedded;
use crate::iam::document::{self, Document, Grammar, Problem, Version};
use crate::inventory::PolicyKind;
use crate::source::{Place, Source};
use crate::tree::{Node, Value};

/// The grammar that a kind of policy follows.
#[must_use]
pub fn grammar(kind: PolicyKind) -> Grammar {
    match kind {
        PolicyKind::Inline | PolicyKind::Managed | PolicyKind::Session | PolicyKind::Iot => Grammar::Identity,
        PolicyKind::Trust => Grammar::Trust,
        PolicyKind::ServiceControl => Grammar::ServiceControl,
        PolicyKind::ResourceControl => Grammar::ResourceControl,
        PolicyKind::Resource | PolicyKind::Endpoint => Grammar::Resource,
    }
}

/// Whether a value says that there is no policy: null, or text without anything in it.
#[must_use]
pub fn is_none(node: &Node) -> bool {
    matches!(node.value, Value::Null) || node.as_text().is_some_and(|text| text.trim().is_empty())
}

/// Reads a document from a value in a file: JSON text, or the document itself as a map. `name` is what the text is
/// called where a report shows it on its own.
#[must_use]
pub fn read(name: &str, node: &Node, source: &Arc<Source>, grammar: Grammar) -> Arc<Document> {
    let place = Place::new(source, node.span);
    match node.as_text() {
        Some(text) => match embedded::read(name, text, place.clone()) {
            Ok((source, node)) => Arc::new(document::parse(&node, &source, grammar)),
            Err(error) => Arc::new(not_json(name, &error.message, place)),
        },
        None => Arc::new(document::parse(node, source, grammar)),
    }
}

/// Reads single statements, as JSON text or as a map or list, into a document around them.
#[must_use]
pub fn read_statements(name: &str, node: &Node, source: &Arc<Source>) -> Arc<Document> {
    let place = Place::new(source, node.span);
    let Some(text) = node.as_text() else { return Arc::new(around_statements(node, source)) };
    match embedded::read(name, text, place.clone()) {
        Ok((source, node)) => Arc::new(around_statements(&node, &source)),
        Err(error) => Arc::new(not_json(name, &error.message, place)),
    }
}

/// Reads single statements, a map or a list of maps, into a document around them.
#[must_use]
pub fn around_statements(node: &Node, source: &Arc<Source>) -> Document {
    let nodes = node.as_list().unwrap_or(std::slice::from_ref(node));
    let (statements, problems): (Vec<_>, Vec<_>) =
        nodes.iter().map(|node| document::parse_statement(node, source, Grammar::Any)).unzip();
    let problems = problems.into_iter().flatten().collect();
    Document { version: Version::V2012, statements, problems, place: Place::new(source, node.span) }
}

/// A document that IAM refuses because its text is not JSON.
fn not_json(name: &str, message: &str, place: Place) -> Document {
    let problem = Problem {
        message: format!("`{name}` is not JSON: {message}"),
        help: "write the policy as one JSON object with `Version` and `Statement`".to_owned(),
        refused: true,
        place: place.clone(),
    };
    Document { version: Version::V2008, statements: Vec::new(), problems: vec![problem], place }
}

//! The `Globals` of a SAM template: properties that all functions, or all APIs, have.

use std::borrow::Cow;

use crate::source::Span;
use crate::tree::{Entry, Node, Value};

/// The template with its globals written into each resource that they are for; `None` where it has none.
pub(super) fn written_out(root: &Node) -> Option<Node> {
    let globals = root.get("Globals").filter(|globals| globals.as_map().is_some_and(|map| !map.is_empty()))?;
    let mut root = root.clone();
    let Value::Map(sections) = &mut root.value else { return None };
    let resources = sections.iter_mut().rev().find(|section| section.key == "Resources")?;
    let Value::Map(resources) = &mut resources.value.value else { return None };
    for resource in resources {
        let type_name = resource.value.get("Type").and_then(Node::as_text).unwrap_or_default();
        let kind = type_name.strip_prefix("AWS::Serverless::");
        let common = kind.and_then(|kind| globals.get(kind)).and_then(|common| heeded(common, &resource.value));
        let Some(common) = common else { continue };
        let at = resource.key_span;
        let Value::Map(body) = &mut resource.value.value else { continue };
        match body.iter_mut().rev().find(|entry| entry.key == "Properties") {
            Some(properties) => properties.value = merged(&common, &properties.value),
            None => body.push(properties(at, common.into_owned())),
        }
    }
    Some(root)
}

/// What of the globals a resource takes: by `IgnoreGlobals` it may leave out all of them, or some by name.
fn heeded<'n>(common: &'n Node, resource: &Node) -> Option<Cow<'n, Node>> {
    let Some(ignored) = resource.get("IgnoreGlobals") else { return Some(Cow::Borrowed(common)) };
    if ignored.as_text() == Some("*") {
        return None;
    }
    let names: Vec<&str> = ignored.as_list().unwrap_or_default().iter().filter_map(Node::as_text).collect();
    let entries = common.as_map().unwrap_or_default();
    let left = entries.iter().filter(|entry| !names.contains(&entry.key.as_str())).cloned().collect();
    Some(Cow::Owned(Node { span: common.span, value: Value::Map(left) }))
}

fn properties(at: Span, value: Node) -> Entry {
    Entry { key: "Properties".to_owned(), key_span: at, value }
}

/// Maps are joined key by key and lists end to end; of anything else the resource's own counts.
fn merged(common: &Node, own: &Node) -> Node {
    let is_function = common.as_function().is_some() || own.as_function().is_some();
    let value = match (&common.value, &own.value) {
        (Value::Map(common), Value::Map(entries)) if !is_function => {
            let is_new = |entry: &&Entry| own.entry(&entry.key).is_none();
            let with_common = |entry: &Entry| match common.iter().rev().find(|other| other.key == entry.key) {
                Some(other) => Entry { value: merged(&other.value, &entry.value), ..entry.clone() },
                None => entry.clone(),
            };
            let added = common.iter().filter(is_new).cloned();
            Value::Map(added.chain(entries.iter().map(with_common)).collect())
        }
        (Value::List(common), Value::List(items)) => Value::List(common.iter().chain(items).cloned().collect()),
        _ => own.value.clone(),
    };
    Node { span: own.span, value }
}

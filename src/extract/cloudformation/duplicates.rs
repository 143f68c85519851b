//! Keys that stand more than once in one map of a template: the last one counts, and what stood under the others is lost.

use std::collections::HashMap;

use super::is_considered;
use super::template::Resource;
use crate::source::Span;
use crate::tree::{Entry, Node, Value};

/// A key that stands again in the same map.
pub(super) struct Repeated<'n> {
    /// The resource, or the section of the template, that it is in.
    pub(super) holder: &'n str,
    /// The key.
    pub(super) key: &'n str,
    /// Its last place, which counts.
    pub(super) span: Span,
    /// The place before, which does not.
    pub(super) earlier: Span,
}

/// Whatever decides about a policy and stands more than once. Within policies themselves, their reader finds it.
pub(super) fn of(root: &Node) -> Vec<Repeated<'_>> {
    let mut found = Vec::new();
    for section in root.as_map().unwrap_or_default() {
        let holder = section.key.as_str();
        match holder {
            "Resources" => resources(&section.value, &mut found),
            "Conditions" | "Mappings" | "Parameters" => within(&section.value, holder, &mut found),
            _ => {}
        }
    }
    repeated(root, |_| "Template", &mut found);
    found
}

fn resources<'n>(section: &'n Node, found: &mut Vec<Repeated<'n>>) {
    repeated(section, |entry| entry.key.as_str(), found);
    for entry in section.as_map().unwrap_or_default() {
        let resource = Resource { logical_id: &entry.key, key_span: entry.key_span, body: &entry.value };
        if is_considered(&resource) {
            within(&entry.value, &entry.key, found);
        }
    }
}

fn within<'n>(node: &'n Node, holder: &'n str, found: &mut Vec<Repeated<'n>>) {
    match &node.value {
        Value::List(items) => items.iter().for_each(|item| within(item, holder, found)),
        Value::Map(entries) if node.get("Statement").is_none() => {
            repeated(node, |_| holder, found);
            entries.iter().for_each(|entry| within(&entry.value, holder, found));
        }
        _ => {}
    }
}

fn repeated<'n>(node: &'n Node, holder: impl Fn(&'n Entry) -> &'n str, found: &mut Vec<Repeated<'n>>) {
    let mut places: HashMap<&str, Span> = HashMap::new();
    for entry in node.as_map().unwrap_or_default() {
        if let Some(earlier) = places.insert(&entry.key, entry.key_span) {
            found.push(Repeated { holder: holder(entry), key: &entry.key, span: entry.key_span, earlier });
        }
    }
}

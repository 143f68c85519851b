//! Collections: what can be walked through, and what comes of putting them together.

use super::values::{doubtful, list, map, quoted, same};
use crate::tree::{Node, Value};

/// The keys and values of a collection; `None` where it is none, or not known.
pub(super) fn pairs(collection: &Node) -> Option<Vec<(Node, &Node)>> {
    match &collection.value {
        Value::List(items) => {
            Some(items.iter().enumerate().map(|(at, item)| (super::number(at.to_string()), item)).collect())
        }
        Value::Map(entries) => {
            let mut sorted: Vec<_> = entries.iter().collect();
            sorted.sort_by(|left, right| left.key.cmp(&right.key));
            Some(sorted.into_iter().map(|entry| (quoted(entry.key.as_str()), &entry.value)).collect())
        }
        _ => None,
    }
}

/// The items of all lists, one after the other.
pub(super) fn concatenated(lists: &[Node]) -> Node {
    let mut items = Vec::new();
    for one in lists {
        match one.as_list() {
            Some(more) => items.extend(more.iter().cloned()),
            // Its items are some of the list's, however many they are.
            None => items.push(open_ended(doubtful(one, "a list"))),
        }
    }
    list(items)
}

/// Says of an unknown item that it may be any number of items.
fn open_ended(mut item: Node) -> Node {
    if let Value::Unknown(unknown) = &mut item.value
        && !unknown.reason.ends_with(ANY_NUMBER)
    {
        unknown.reason.push_str(ANY_NUMBER);
    }
    item
}

const ANY_NUMBER: &str = ", and may be any number of items";

/// Whether it is known how many items a list has.
pub(super) fn has_length(items: &[Node]) -> bool {
    !items.iter().any(|item| matches!(&item.value, Value::Unknown(unknown) if unknown.reason.ends_with(ANY_NUMBER)))
}

/// The entries of all maps; the last one of a key stays.
pub(super) fn merged(maps: &[Node]) -> Node {
    let mut entries = Vec::new();
    for one in maps {
        match &one.value {
            Value::Map(more) => entries.extend(more.iter().map(|entry| (entry.key.clone(), entry.value.clone()))),
            Value::Null => {}
            _ => return doubtful(one, "a map"),
        }
    }
    map(entries)
}

/// The items of lists within lists.
pub(super) fn flattened(items: &[Node]) -> Vec<Node> {
    let mut flat = Vec::new();
    for item in items {
        match item.as_list() {
            Some(inner) => flat.extend(flattened(inner)),
            None => flat.push(item.clone()),
        }
    }
    flat
}

/// Each item once; those that are not known all stay.
pub(super) fn distinct(items: &[Node]) -> Vec<Node> {
    const MANY: usize = 1000;
    let mut kept: Vec<Node> = Vec::new();
    for item in items {
        if items.len() > MANY || !kept.iter().any(|known| same(known, item)) {
            kept.push(item.clone());
        }
    }
    kept
}

//! Values of expressions: nodes that stand nowhere.

use crate::source::Span;
use crate::tree::{Entry, Form, Node, Part, Scalar, Style, Unknown, Value, part_weight};

pub(super) fn node(value: Value) -> Node {
    Node { span: Span::default(), value }
}

pub(super) fn null() -> Node {
    node(Value::Null)
}

pub(super) fn quoted(text: impl Into<String>) -> Node {
    node(Value::Scalar(Scalar::known(text, Style::Quoted)))
}

pub(super) fn number(text: impl Into<String>) -> Node {
    node(Value::Scalar(Scalar::known(text, Style::Plain)))
}

pub(super) fn boolean(value: bool) -> Node {
    number(value.to_string())
}

pub(super) fn list(items: Vec<Node>) -> Node {
    node(Value::List(items))
}

/// A map; of entries with the same key the last one stays.
pub(super) fn map(entries: Vec<(String, Node)>) -> Node {
    let mut seen = std::collections::HashMap::new();
    let mut kept: Vec<Entry> = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        match seen.get(&key).and_then(|at: &usize| kept.get_mut(*at)) {
            Some(entry) => entry.value = value,
            None => {
                seen.insert(key.clone(), kept.len());
                kept.push(Entry { key, key_span: Span::default(), value });
            }
        }
    }
    node(Value::Map(kept))
}

/// A value of which nothing is known.
pub(super) fn unknown(name: impl Into<String>, reason: &str) -> Node {
    node(Value::Unknown(Unknown { name: name.into(), reason: reason.to_owned(), form: Form::Anything }))
}

/// What comes of an operation on a value that is not known, or not fit for it.
pub(super) fn doubtful(value: &Node, what: &str) -> Node {
    match first_unknown(value) {
        Some(open) => node(Value::Unknown(Unknown { form: Form::Anything, ..open.clone() })),
        None => unknown(what, "cannot be evaluated"),
    }
}

/// The first part of a value that is not known.
pub(super) fn first_unknown(value: &Node) -> Option<&Unknown> {
    match &value.value {
        Value::Null => None,
        Value::Unknown(unknown) => Some(unknown),
        Value::Scalar(scalar) => scalar.parts.iter().find_map(|part| match part {
            Part::Unknown(unknown) => Some(&**unknown),
            Part::Known(_) => None,
        }),
        Value::List(items) => items.iter().find_map(first_unknown),
        Value::Map(entries) => entries.iter().find_map(|entry| first_unknown(&entry.value)),
    }
}

/// Whether all of a value is known.
pub(super) fn is_known(value: &Node) -> bool {
    first_unknown(value).is_none()
}

/// The truth of a condition.
pub(super) fn truth(value: &Node) -> Option<bool> {
    match value.as_text()? {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// Whether two known values are equal; text is not equal to a number that looks like it.
pub(super) fn same(left: &Node, right: &Node) -> bool {
    match (&left.value, &right.value) {
        (Value::Null, Value::Null) => true,
        (Value::Scalar(one), Value::Scalar(other)) => {
            one.is_number_or_boolean() == other.is_number_or_boolean() && one.parts == other.parts
        }
        (Value::List(one), Value::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Map(one), Value::Map(other)) => {
            let has = |entry: &Entry| right.get(&entry.key).is_some_and(|value| same(&entry.value, value));
            one.len() == other.len() && one.iter().all(has)
        }
        _ => false,
    }
}

/// How many bytes a value takes, roughly.
pub(super) fn weight(value: &Node) -> usize {
    8 + match &value.value {
        Value::Null => 0,
        Value::Unknown(unknown) => unknown.name.len() + unknown.reason.len(),
        Value::Scalar(scalar) => scalar.parts.iter().map(part_weight).sum(),
        Value::List(items) => items.iter().map(weight).sum(),
        Value::Map(entries) => entries.iter().map(|entry| entry.key.len() + weight(&entry.value)).sum(),
    }
}

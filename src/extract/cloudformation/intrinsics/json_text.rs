//! `Fn::ToJsonString`: a value as JSON text, of which parts may be unknown.

use super::{GROWTH, Resolver, malformed};
use crate::extract::cloudformation::text::{Text, unknown, wholly_unknown};
use crate::tree::{Form, Node, Scalar, Unknown, Value};

impl Resolver<'_> {
    pub(super) fn json_text(&self, argument: &Node) -> Scalar {
        let Some(value) = self.resolve(argument) else { return wholly_unknown(malformed("Fn::ToJsonString")) };
        if let Some(unknown) = open(&value) {
            return wholly_unknown(unknown.clone());
        }
        let mut text = Text::default();
        text.push_json(&value);
        if text.weight() > GROWTH {
            return wholly_unknown(unknown("Fn::ToJsonString", "makes too much text", Form::Anything));
        }
        text.finish()
    }
}

/// The first part that is not known and may be other than text, so that nothing can be written in its place.
fn open(node: &Node) -> Option<&Unknown> {
    match &node.value {
        Value::Unknown(unknown) => Some(unknown),
        Value::List(items) => items.iter().find_map(open),
        Value::Map(entries) => entries.iter().find_map(|entry| open(&entry.value)),
        Value::Null | Value::Scalar(_) => None,
    }
}

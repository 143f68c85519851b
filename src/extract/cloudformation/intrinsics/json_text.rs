//! `Fn::ToJsonString`: a value as JSON text, of which parts may be unknown.

use super::{GROWTH, Resolver, malformed};
use crate::extract::cloudformation::text::{Text, unknown, wholly_unknown};
use crate::tree::{Form, Node, Part, Scalar, Unknown, Value};

impl Resolver<'_> {
    pub(super) fn json_text(&self, argument: &Node) -> Scalar {
        let Some(value) = self.resolve(argument) else { return wholly_unknown(malformed("Fn::ToJsonString")) };
        let mut text = Text::default();
        match write(&value, &mut text) {
            Ok(()) => text.finish(),
            Err(unknown) => wholly_unknown(unknown),
        }
    }
}

/// Appends a value; fails where a part that is not text is not known, or where there is too much.
fn write(node: &Node, text: &mut Text) -> Result<(), Unknown> {
    match &node.value {
        Value::Null => text.push("null"),
        Value::Scalar(scalar) if scalar.is_number_or_boolean() => text.push_scalar(scalar),
        Value::Scalar(scalar) => {
            text.push("\"");
            for part in &scalar.parts {
                match part {
                    Part::Known(known) => text.push(&escaped(known)),
                    Part::Unknown(unknown) => text.push_unknown((**unknown).clone()),
                }
            }
            text.push("\"");
        }
        Value::List(items) => {
            text.push("[");
            for (at, item) in items.iter().enumerate() {
                text.push(if at == 0 { "" } else { "," });
                write(item, text)?;
            }
            text.push("]");
        }
        Value::Map(entries) => {
            text.push("{");
            for (at, entry) in entries.iter().enumerate() {
                text.push(if at == 0 { "\"" } else { ",\"" });
                text.push(&escaped(&entry.key));
                text.push("\":");
                write(&entry.value, text)?;
            }
            text.push("}");
        }
        Value::Unknown(unknown) => return Err(unknown.clone()),
    }
    if text.weight() > GROWTH {
        return Err(unknown("Fn::ToJsonString", "makes too much text", Form::Anything));
    }
    Ok(())
}

/// Text as it stands between the quotes of a JSON string.
fn escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    let inner = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or_default().to_owned()
}

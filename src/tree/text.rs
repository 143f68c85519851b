//! Text of which parts may be unknown, put together piece by piece.

use super::{Form, Node, Part, Parts, Scalar, Style, Unknown, Value};

/// Text under construction. Neighbouring known parts become one, so that equal texts are equal values.
#[derive(Debug, Default)]
pub(crate) struct Text {
    parts: Parts,
    weight: usize,
}

impl Text {
    /// Adds known text.
    pub(crate) fn push(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.weight += text.len();
        match self.parts.last_mut() {
            Some(Part::Known(before)) => before.push_str(text),
            _ => self.parts.push(Part::Known(text.to_owned())),
        }
    }

    /// Adds text that is not known.
    pub(crate) fn push_unknown(&mut self, unknown: Unknown) {
        let part = Part::Unknown(Box::new(unknown));
        self.weight += part_weight(&part);
        self.parts.push(part);
    }

    /// Adds the text of a scalar.
    pub(crate) fn push_scalar(&mut self, scalar: &Scalar) {
        for part in &scalar.parts {
            match part {
                Part::Known(text) => self.push(text),
                Part::Unknown(unknown) => self.push_unknown((**unknown).clone()),
            }
        }
    }

    /// Adds a resolved value; one that is not text makes an unknown piece.
    pub(crate) fn push_node(&mut self, node: &Node) {
        match &node.value {
            Value::Scalar(scalar) => self.push_scalar(scalar),
            Value::Unknown(unknown) => self.push_unknown(unknown.clone()),
            Value::Null | Value::List(_) | Value::Map(_) => {
                let reason = format!("is {} where text belongs", node.kind());
                self.push_unknown(Unknown { name: "a value".to_owned(), reason, form: Form::Anything });
            }
        }
    }

    /// Adds a value as JSON text. One of which nothing is known stands where any value may.
    pub(crate) fn push_json(&mut self, node: &Node) {
        match &node.value {
            Value::Null => self.push("null"),
            Value::Scalar(scalar) if scalar.is_number_or_boolean() => self.push_scalar(scalar),
            Value::Scalar(scalar) => self.push_quoted(scalar),
            Value::Unknown(unknown) => self.push_unknown(unknown.clone()),
            Value::List(items) => {
                self.push("[");
                for (at, item) in items.iter().enumerate() {
                    self.push(if at == 0 { "" } else { "," });
                    self.push_json(item);
                }
                self.push("]");
            }
            Value::Map(entries) => {
                self.push("{");
                for (at, entry) in entries.iter().enumerate() {
                    self.push(if at == 0 { "\"" } else { ",\"" });
                    self.push(&escaped(&entry.key));
                    self.push("\":");
                    self.push_json(&entry.value);
                }
                self.push("}");
            }
        }
    }

    fn push_quoted(&mut self, scalar: &Scalar) {
        self.push("\"");
        for part in &scalar.parts {
            match part {
                Part::Known(known) => self.push(&escaped(known)),
                Part::Unknown(unknown) => self.push_unknown((**unknown).clone()),
            }
        }
        self.push("\"");
    }

    /// How much it holds, in bytes roughly.
    pub(crate) fn weight(&self) -> usize {
        self.weight
    }

    /// The finished text.
    pub(crate) fn finish(self) -> Scalar {
        Scalar { parts: self.parts, style: Style::Quoted }
    }
}

/// How many bytes a part takes, roughly.
pub(crate) fn part_weight(part: &Part) -> usize {
    match part {
        Part::Known(text) => text.len(),
        Part::Unknown(unknown) => unknown.name.len() + unknown.reason.len(),
    }
}

/// Text as it stands between the quotes of a JSON string.
fn escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    let inner = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or_default().to_owned()
}

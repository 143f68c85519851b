//! Values as JSON text, and back: text of which parts are not known is read with a mark in the place of each.

use super::values::{list, node};
use crate::tree::{Entry, Node, Part, Scalar, Style, Text, Unknown, Value, json};

/// A value as JSON text. A value of which nothing is known stands where any value may.
pub(super) fn encoded(value: &Node) -> Node {
    let mut text = Text::default();
    text.push_json(value);
    node(Value::Scalar(text.finish()))
}

/// The value that a text spells out as JSON; `None` where it is not JSON, whatever the unknown parts are.
pub(crate) fn document(value: &Node) -> Option<Node> {
    let Value::Scalar(scalar) = &value.value else { return None };
    if let Some(text) = scalar.as_text() {
        return json::parse_text(text, 0).ok();
    }
    if scalar.parts.iter().any(|part| matches!(part, Part::Known(text) if text.contains(MARK))) {
        return None;
    }
    let (mut text, mut open, mut in_string) = (String::new(), Vec::new(), false);
    for part in &scalar.parts {
        match part {
            Part::Known(known) => {
                in_string = ends_in_string(known, in_string);
                text.push_str(known);
            }
            Part::Unknown(unknown) => {
                let (kind, quote) = if in_string { ("t", "") } else { ("v", "\"") };
                text.push_str(&format!("{quote}{MARK}{kind}{}{MARK}{quote}", open.len()));
                open.push(&**unknown);
            }
        }
    }
    Some(put_back(json::parse_text(&text, 0).ok()?, &open))
}

/// Stands around the number of an unknown part: a character that no text has a use for.
const MARK: char = '\u{f8ff}';

/// Whether a piece of JSON text ends within a string.
fn ends_in_string(text: &str, mut in_string: bool) -> bool {
    let mut escaped = false;
    for character in text.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            _ => {}
        }
    }
    in_string
}

fn put_back(read: Node, open: &[&Unknown]) -> Node {
    let value = match read.value {
        Value::Scalar(scalar) => return text(&scalar, open),
        Value::List(items) => Value::List(items.into_iter().map(|item| put_back(item, open)).collect()),
        Value::Map(entries) => {
            let mut kept = Vec::with_capacity(entries.len());
            for entry in entries {
                // A map with a key that is not known may be any map.
                if entry.key.contains(MARK) {
                    let key = text(&Scalar::known(entry.key, Style::Quoted), open);
                    return super::values::doubtful(&key, "the key of an object");
                }
                kept.push(Entry { value: put_back(entry.value, open), ..entry });
            }
            Value::Map(kept)
        }
        other => other,
    };
    node(value)
}

fn text(scalar: &Scalar, open: &[&Unknown]) -> Node {
    let whole = scalar.as_text().unwrap_or_default();
    let mut text = Text::default();
    // Every second piece stands between two marks.
    for (nth, piece) in whole.split(MARK).enumerate() {
        if nth % 2 == 0 {
            text.push(piece);
            continue;
        }
        let number = piece.get(1..).and_then(|number| number.parse::<usize>().ok());
        let Some(unknown) = number.and_then(|number| open.get(number)) else { continue };
        if piece.starts_with('v') {
            return node(Value::Unknown((*unknown).clone()));
        }
        text.push_unknown((*unknown).clone());
    }
    node(Value::Scalar(Scalar { style: scalar.style, ..text.finish() }))
}

/// The value of `jsondecode`.
pub(super) fn decoded(value: &Node) -> Option<Node> {
    let read = document(value)?;
    Some(without_spans(read))
}

fn without_spans(read: Node) -> Node {
    match read.value {
        Value::List(items) => list(items.into_iter().map(without_spans).collect()),
        Value::Map(entries) => {
            super::values::map(entries.into_iter().map(|entry| (entry.key, without_spans(entry.value))).collect())
        }
        other => node(other),
    }
}

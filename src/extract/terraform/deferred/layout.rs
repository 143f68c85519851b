//! Lays a document out that nobody has written, so that a report can show and underline it.

use crate::source::Span;
use crate::tree::{Node, Part, Value};

/// The document as JSON text, and its nodes where they stand there. What is unknown stands as its name: `"<a.b.arn>"`.
pub(in super::super) fn lay_out(mut node: Node) -> (String, Node) {
    let mut text = String::new();
    write(&mut text, &mut node, 0);
    text.push('\n');
    (text, node)
}

/// Documents are built here, so that they are never nested deeply; source documents were checked when they were read.
fn write(text: &mut String, node: &mut Node, depth: usize) {
    let start = text.len();
    match &mut node.value {
        Value::Null => text.push_str("null"),
        Value::Scalar(scalar) => {
            let unknown: Vec<&str> = scalar.parts.iter().filter_map(name).collect();
            match unknown.as_slice() {
                // An ARN of which only the form is known is better told by its name alone.
                [first, _, ..] if unknown.iter().all(|other| other == first) => quote(text, &format!("<{first}>")),
                _ => quote(text, &scalar.parts.iter().map(spelled).collect::<String>()),
            }
        }
        Value::Unknown(unknown) => quote(text, &format!("<{}>", unknown.name)),
        Value::List(items) => {
            text.push('[');
            for (nth, item) in items.iter_mut().enumerate() {
                separate(text, nth > 0, depth + 1);
                write(text, item, depth + 1);
            }
            separate_end(text, depth, !items.is_empty());
            text.push(']');
        }
        Value::Map(entries) => {
            text.push('{');
            for (nth, entry) in entries.iter_mut().enumerate() {
                separate(text, nth > 0, depth + 1);
                let key = text.len();
                quote(text, &entry.key);
                entry.key_span = Span::new(key, text.len());
                text.push_str(": ");
                write(text, &mut entry.value, depth + 1);
            }
            separate_end(text, depth, !entries.is_empty());
            text.push('}');
        }
    }
    node.span = Span::new(start, text.len());
}

fn name(part: &Part) -> Option<&str> {
    match part {
        Part::Known(_) => None,
        Part::Unknown(unknown) => Some(&unknown.name),
    }
}

fn spelled(part: &Part) -> String {
    match part {
        Part::Known(known) => known.clone(),
        Part::Unknown(unknown) => format!("<{}>", unknown.name),
    }
}

fn quote(text: &mut String, plain: &str) {
    text.push_str(&serde_json::Value::from(plain).to_string());
}

fn separate(text: &mut String, comma: bool, depth: usize) {
    text.push_str(if comma { ",\n" } else { "\n" });
    text.extend(std::iter::repeat_n("  ", depth));
}

fn separate_end(text: &mut String, depth: usize, filled: bool) {
    if filled {
        separate(text, false, depth);
    }
}

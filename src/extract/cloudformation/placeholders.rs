//! JSON text of which parts are unknown: each part has a readable placeholder while the text is read. A dynamic reference is
//! its own, so that the text is what its author wrote.

use std::collections::{HashMap, HashSet};

use super::intrinsics::dynamic;
use super::text::{Text, unknown};
use crate::tree::{Entry, Form, Node, Part, Scalar, Unknown, Value};

/// A text with placeholders, `${AWS::AccountId}` for example, and what they stand for.
#[derive(Debug)]
pub(super) struct Placeholders<'a> {
    /// The text.
    pub(super) text: String,
    /// What stands between `${` and `}`, unlike all that the known text has there.
    stands_for: HashMap<String, &'a Unknown>,
}

impl<'a> Placeholders<'a> {
    /// The text of a scalar with a placeholder for each unknown part.
    pub(super) fn new(scalar: &'a Scalar) -> Self {
        let mut taken = names_in_known_text(scalar);
        let mut names: HashMap<&Unknown, String> = HashMap::new();
        let mut placeholders = Self { text: String::new(), stands_for: HashMap::new() };
        for part in &scalar.parts {
            match part {
                Part::Known(text) => placeholders.text.push_str(text),
                Part::Unknown(unknown) if dynamic::is_reference(&unknown.name) => {
                    placeholders.text.push_str(&unknown.name);
                    placeholders.stands_for.insert(unknown.name.clone(), unknown);
                }
                Part::Unknown(unknown) => {
                    let name = names.entry(unknown).or_insert_with(|| free_name(unknown, &mut taken));
                    placeholders.text.push_str(&format!("${{{name}}}"));
                    placeholders.stands_for.insert(name.clone(), unknown);
                }
            }
        }
        placeholders
    }

    /// One of the unknown parts, to stand for the whole text.
    pub(super) fn into_unknown(self) -> Unknown {
        let first = self.stands_for.into_values().min_by(|left, right| left.name.cmp(&right.name));
        first.cloned().unwrap_or_else(|| unknown("a policy", "is not known", Form::Anything))
    }

    /// The tree with the placeholders in its texts replaced by what they stand for. Keys keep theirs.
    pub(super) fn put_back(&self, node: Node) -> Node {
        if self.stands_for.is_empty() {
            return node;
        }
        let value = match node.value {
            Value::Scalar(scalar) => dynamic::with_references_unknown(Value::Scalar(self.put_back_text(&scalar))),
            Value::List(items) => Value::List(items.into_iter().map(|item| self.put_back(item)).collect()),
            Value::Map(entries) => {
                let entry = |entry: Entry| Entry { value: self.put_back(entry.value), ..entry };
                Value::Map(entries.into_iter().map(entry).collect())
            }
            other => other,
        };
        Node { span: node.span, value }
    }

    fn put_back_text(&self, scalar: &Scalar) -> Scalar {
        let Some(mut rest) = scalar.as_text() else { return scalar.clone() };
        let mut text = Text::default();
        while let Some((head, tail)) = rest.split_once('}') {
            match head.rsplit_once("${").and_then(|(before, name)| Some((before, self.stands_for.get(name)?))) {
                Some((before, unknown)) => {
                    text.push(before);
                    text.push_unknown((*unknown).clone());
                }
                None => {
                    text.push(head);
                    text.push("}");
                }
            }
            rest = tail;
        }
        text.push(rest);
        Scalar { style: scalar.style, ..text.finish() }
    }
}

/// What stands between `${` and `}` in the known text.
fn names_in_known_text(scalar: &Scalar) -> HashSet<String> {
    let known = scalar.parts.iter().filter_map(|part| match part {
        Part::Known(text) => Some(text),
        Part::Unknown(_) => None,
    });
    let names = known.flat_map(|text| text.split('}')).filter_map(|head| head.rsplit_once("${"));
    names.map(|(_, name)| name.to_owned()).collect()
}

/// A name for an unknown part that nothing else has, safe inside a JSON string; takes it.
fn free_name(unknown: &Unknown, taken: &mut HashSet<String>) -> String {
    let name = ["Ref ", "GetAtt "].iter().find_map(|function| unknown.name.strip_prefix(function));
    let plain = |character: char| character.is_alphanumeric() || matches!(character, ':' | '.' | '-' | '_' | '/');
    let name = name.unwrap_or(&unknown.name).chars();
    let name: String = name.map(|character| if plain(character) { character } else { '_' }).collect();
    let mut free = name.clone();
    let mut attempt = taken.len();
    while !taken.insert(free.clone()) {
        free = format!("{name}#{attempt}");
        attempt += 1;
    }
    free
}

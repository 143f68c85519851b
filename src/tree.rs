//! One value tree for JSON and YAML, each node with the range of text it came from.
//!
//! Scalars stay text: whether `012345678901` is an account id or a number is for the reader of the value to decide.
//! Order and duplicate keys are kept. A YAML tag `!Sub x` is the same tree as `{"Fn::Sub": x}`. What an input does not
//! say is [`Value::Unknown`], which is neither null nor empty.

use smallvec::{SmallVec, smallvec};

use crate::source::Span;

pub mod json;
mod text;
pub mod yaml;

pub(crate) use text::{Text, part_weight};

/// How deeply lists and maps may stand in each other: more than any real policy needs, and little enough for all who recurse.
pub const MAX_DEPTH: usize = 128;

/// A value and the text it came from.
#[derive(Clone, Debug)]
pub struct Node {
    /// The range of the value, quotes and brackets included; for a YAML block the first to the last child.
    pub span: Span,
    /// The value.
    pub value: Value,
}

/// What a node holds.
#[derive(Clone, Debug)]
pub enum Value {
    /// JSON `null`, YAML `~` or nothing.
    Null,
    /// A string, number or boolean, as text.
    Scalar(Scalar),
    /// A list.
    List(Vec<Node>),
    /// A map, in the order of the text, duplicates included.
    Map(Vec<Entry>),
    /// Something that the input does not settle.
    Unknown(Unknown),
}

/// The text of a scalar, of which parts may be unknown.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scalar {
    /// The text, in order; most scalars have one known part.
    pub parts: Parts,
    /// How it was written.
    pub style: Style,
}

/// The parts of a scalar's text. A large input has very many scalars, so that the one part of most stands in place.
pub type Parts = SmallVec<[Part; 1]>;

/// A piece of a scalar's text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// Text that the input spells out, escapes resolved.
    Known(String),
    /// Text that the input does not settle.
    Unknown(Box<Unknown>),
}

/// How a scalar was written, which alone tells a string from a number or boolean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    /// Without quotes: a JSON number or boolean, a YAML plain scalar.
    Plain,
    /// With quotes, or a YAML block scalar: text.
    Quoted,
}

/// A value that is not known, and why.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Unknown {
    /// The expression that would settle it, as its author wrote it: `aws_iam_policy.guard.arn`, `Ref Environment`.
    pub name: String,
    /// Why it is not known, as the end of a sentence: `is known after apply`.
    pub reason: String,
    /// What is certain about it all the same.
    pub form: Form,
}

/// What is certain about an unknown value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// An identifier that a provider makes, such as an ARN or an account id: some text without wildcards, the same
    /// wherever the same name stands.
    Identifier,
    /// An identifier that is known to be none of those that the input spells out.
    Distinct,
    /// Anything at all.
    Anything,
}

/// One key of a map with its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key, escapes resolved.
    pub key: String,
    /// The range of the key; for a YAML tag the tag.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

/// Text that is not JSON or YAML.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    /// What is wrong: lower case, no final period.
    pub message: String,
    /// Where.
    pub span: Span,
}

impl Node {
    /// The whole text of a scalar that is known in all its parts.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(scalar) => scalar.as_text(),
            _ => None,
        }
    }

    /// The items of a list.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Self]> {
        match &self.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// The entries of a map.
    #[must_use]
    pub fn as_map(&self) -> Option<&[Entry]> {
        match &self.value {
            Value::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The value under a key: the last one where the key stands more than once, as most readers of JSON do.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The entry under a key; the last one where the key stands more than once.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.as_map()?.iter().rev().find(|entry| entry.key == key)
    }

    /// Name and argument of a CloudFormation function: a map whose only key is `Ref`, `Condition` or starts with `Fn::`.
    #[must_use]
    pub fn as_function(&self) -> Option<(&str, &Self)> {
        match self.as_map()? {
            [only] if only.key == "Ref" || only.key == "Condition" || only.key.starts_with("Fn::") => {
                Some((&only.key, &only.value))
            }
            _ => None,
        }
    }

    /// What a message calls a value of this kind: `a list`, `a map`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "null",
            Value::Scalar(scalar) if scalar.is_number_or_boolean() => "a number or boolean",
            Value::Scalar(_) => "a string",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
            Value::Unknown(_) => "an unknown value",
        }
    }
}

impl Scalar {
    /// A scalar whose text is known.
    #[must_use]
    pub fn known(text: impl Into<String>, style: Style) -> Self {
        Self { parts: smallvec![Part::Known(text.into())], style }
    }

    /// Whether JSON, or YAML's core schema, reads it as a number or boolean rather than as a string.
    #[must_use]
    pub fn is_number_or_boolean(&self) -> bool {
        let text = self.as_text().unwrap_or_default();
        let is_number =
            || text.starts_with(|first: char| "+-.0123456789".contains(first)) && text.parse::<f64>().is_ok();
        self.style == Style::Plain
            && (text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") || is_number())
    }

    /// The whole text, where all of it is known.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Known(text)] => Some(text),
            _ => None,
        }
    }
}

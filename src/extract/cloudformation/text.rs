//! Text of which parts may be unknown, put together piece by piece.

use smallvec::smallvec;

use crate::tree::{Form, Node, Part, Parts, Scalar, Style, Unknown, Value};

/// Text under construction. Neighbouring known parts become one, so that equal texts are equal values.
#[derive(Debug, Default)]
pub(super) struct Text {
    parts: Parts,
    weight: usize,
}

impl Text {
    /// Adds known text.
    pub(super) fn push(&mut self, text: &str) {
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
    pub(super) fn push_unknown(&mut self, unknown: Unknown) {
        let part = Part::Unknown(Box::new(unknown));
        self.weight += part_weight(&part);
        self.parts.push(part);
    }

    /// Adds the text of a scalar.
    pub(super) fn push_scalar(&mut self, scalar: &Scalar) {
        for part in &scalar.parts {
            match part {
                Part::Known(text) => self.push(text),
                Part::Unknown(unknown) => self.push_unknown((**unknown).clone()),
            }
        }
    }

    /// Adds a resolved value; one that is not text makes an unknown piece.
    pub(super) fn push_node(&mut self, node: &Node) {
        match &node.value {
            Value::Scalar(scalar) => self.push_scalar(scalar),
            Value::Unknown(unknown) => self.push_unknown(unknown.clone()),
            Value::Null | Value::List(_) | Value::Map(_) => {
                let reason = format!("is {} where text belongs", node.kind());
                self.push_unknown(unknown("a value", reason, Form::Anything));
            }
        }
    }

    /// How much it holds, in bytes roughly.
    pub(super) fn weight(&self) -> usize {
        self.weight
    }

    /// The finished text.
    pub(super) fn finish(self) -> Scalar {
        Scalar { parts: self.parts, style: Style::Quoted }
    }
}

/// An unknown value.
pub(super) fn unknown(name: impl Into<String>, reason: impl Into<String>, form: Form) -> Unknown {
    Unknown { name: name.into(), reason: reason.into(), form }
}

/// A scalar of known text.
pub(super) fn known(text: &str) -> Scalar {
    let mut result = Text::default();
    result.push(text);
    result.finish()
}

/// A scalar of which nothing is known.
pub(super) fn wholly_unknown(unknown: Unknown) -> Scalar {
    Scalar { parts: smallvec![Part::Unknown(Box::new(unknown))], style: Style::Quoted }
}

/// How many bytes a value takes, roughly: what a bound on growth counts.
pub(super) fn weight(node: &Node) -> usize {
    match &node.value {
        Value::Null => 1,
        Value::Unknown(unknown) => unknown.name.len() + unknown.reason.len(),
        Value::Scalar(scalar) => scalar.parts.iter().map(part_weight).sum::<usize>() + 1,
        Value::List(items) => items.iter().map(weight).sum::<usize>() + 1,
        Value::Map(entries) => entries.iter().map(|entry| entry.key.len() + weight(&entry.value)).sum::<usize>() + 1,
    }
}

fn part_weight(part: &Part) -> usize {
    match part {
        Part::Known(text) => text.len(),
        Part::Unknown(unknown) => unknown.name.len() + unknown.reason.len(),
    }
}

/// Whether two values are the same, wherever they stand.
pub(super) fn same(left: &Node, right: &Node) -> bool {
    match (&left.value, &right.value) {
        (Value::Null, Value::Null) => true,
        (Value::Scalar(left), Value::Scalar(right)) => {
            left.parts == right.parts && left.parts.iter().all(stands_for_one_value)
        }
        (Value::List(left), Value::List(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Value::Map(left), Value::Map(right)) => {
            left.len() == right.len()
                && left.iter().zip(right).all(|(left, right)| left.key == right.key && same(&left.value, &right.value))
        }
        _ => false,
    }
}

/// Whether equal parts are equal text: two expressions of the same name may differ unless the name says it all.
fn stands_for_one_value(part: &Part) -> bool {
    match part {
        Part::Known(_) => true,
        Part::Unknown(unknown) => unknown.form == Form::Identifier || unknown.name.starts_with("Ref "),
    }
}

/// A piece of the text of `Fn::Sub`.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Text.
    Literal(&'a str),
    /// `${!name}`, which stands for the text `${name}`.
    Escaped(&'a str),
    /// `${name}`.
    Variable(&'a str),
}

/// The pieces of the text of `Fn::Sub`.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((literal, after)) = rest.split_once("${") {
        let Some((name, tail)) = after.split_once('}') else { break };
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal));
        }
        pieces.push(match name.strip_prefix('!') {
            Some(name) => Piece::Escaped(name),
            None => Piece::Variable(name.trim()),
        });
        rest = tail;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Literal(rest));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::{Piece, pieces};

    #[test]
    fn sub_text_falls_into_pieces() {
        let found = pieces("a${B}c${!aws:username}${ D.E }");
        let expected = [
            Piece::Literal("a"),
            Piece::Variable("B"),
            Piece::Literal("c"),
            Piece::Escaped("aws:username"),
            Piece::Variable("D.E"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn an_open_brace_is_text() {
        assert_eq!(pieces("é$ {x} ${y"), [Piece::Literal("é$ {x} ${y")]);
    }
}

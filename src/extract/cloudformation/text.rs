//! Values and texts of a template: known, unknown, and alike.

use smallvec::smallvec;

pub(super) use crate::tree::Text;
use crate::tree::{Form, Node, Part, Scalar, Style, Unknown, Value, part_weight};

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

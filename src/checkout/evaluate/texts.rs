//! Text of which parts are not known, put together piece by piece.

use crate::source::Span;
use crate::tree::{Node, Part, Parts, Scalar, Style, Unknown, Value};

/// Text under construction; neighbouring known parts become one.
#[derive(Debug, Default)]
pub(super) struct Text {
    parts: Parts,
}

impl Text {
    pub(super) fn push(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        match self.parts.last_mut() {
            Some(Part::Known(before)) => before.push_str(text),
            _ => self.parts.push(Part::Known(text.to_owned())),
        }
    }

    pub(super) fn push_unknown(&mut self, unknown: Unknown) {
        self.parts.push(Part::Unknown(Box::new(unknown)));
    }

    pub(super) fn into_parts(self) -> Parts {
        self.parts
    }

    pub(super) fn finish(self) -> Node {
        Node { span: Span::default(), value: Value::Scalar(Scalar { parts: self.parts, style: Style::Quoted }) }
    }
}

//! JSON text to [`Node`]s.

use super::{Node, SyntaxError};
use crate::source::{Source, Span};

/// Reads the JSON value that fills `span` of the source (white space around it aside); all spans are relative to the source.
///
/// # Errors
///
/// Text that is not one JSON value, or is nested too deeply.
pub fn parse(_source: &Source, _span: Span) -> Result<Node, SyntaxError> {
    todo!()
}

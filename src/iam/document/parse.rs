//! From a value tree to a typed document.

use std::sync::Arc;

use super::{Document, Grammar, Statement};
use crate::source::Source;
use crate::tree::Node;

/// Reads a whole document.
///
/// # Errors
///
/// Nothing is refused here: what IAM would not take is in [`Document::problems`].
#[must_use]
pub fn parse(_node: &Node, _source: &Arc<Source>, _grammar: Grammar) -> Document {
    todo!()
}

/// Reads one statement that stands alone.
#[must_use]
pub fn parse_statement(_node: &Node, _source: &Arc<Source>, _grammar: Grammar) -> (Statement, Vec<super::Problem>) {
    todo!()
}

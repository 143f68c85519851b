//! YAML text to [`Node`]s.

use super::{Node, SyntaxError};
use crate::source::Source;

/// Reads all documents of a YAML text.
///
/// # Errors
///
/// Text that is not YAML, or is nested too deeply.
pub fn parse(_source: &Source) -> Result<Vec<Node>, SyntaxError> {
    todo!()
}

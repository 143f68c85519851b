//! The lines of the text: where they begin and end, and what stands on them.

use super::Editor;
use crate::source::Span;

impl Editor {
    /// Whether a range that is to go has a comment in it.
    pub(super) fn has_comment(&self, span: Span) -> bool {
        !self.json && self.slice(span).split('\n').any(|line| line.contains(" #") || line.trim_start().starts_with('#'))
    }

    /// What stands on the line before a byte.
    pub(super) fn prefix(&self, at: usize) -> &str {
        self.text().get(self.line_start(at)..at).unwrap_or_default()
    }

    pub(super) fn line_start(&self, at: usize) -> usize {
        self.text().get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1)
    }

    /// Where the line of a byte ends, before its line break.
    pub(super) fn line_end(&self, at: usize) -> usize {
        let rest = self.text().get(at..).unwrap_or_default();
        let line = rest.split('\n').next().unwrap_or_default();
        at + line.strip_suffix('\r').unwrap_or(line).len()
    }
}

/// The white space that a line begins with.
pub(super) fn indent_of(line: &str) -> String {
    line.chars().take_while(|character| matches!(character, ' ' | '\t')).collect()
}

//! The text of one input and where things stand in it.
//!
//! A [`Source`] is a file, or a document that stands as text inside a file (a policy in a plan's JSON string). The second
//! kind remembers the place of that text in the file, so that every place leads back to something that somebody wrote.

use std::sync::Arc;

/// A half-open range of bytes in the text of a [`Source`], on character boundaries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last one.
    pub end: usize,
}

impl Span {
    /// The range from `start` up to `end`; an end before the start is taken for an empty range.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end: end.max(start) }
    }

    /// The smallest range that covers both.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        Self::new(self.start.min(other.start), self.end.max(other.end))
    }

    /// Length in bytes.
    #[must_use]
    pub fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Whether it covers nothing.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
}

/// One text with its name and line table.
#[derive(Debug)]
pub struct Source {
    name: String,
    text: String,
    line_starts: Vec<usize>,
    origin: Option<Place>,
}

impl Source {
    /// A file, under the name that reports show.
    #[must_use]
    pub fn file(name: impl Into<String>, text: String) -> Arc<Self> {
        Arc::new(Self { name: name.into(), line_starts: line_starts(&text), text, origin: None })
    }

    /// A document that stands as text inside another source, at `origin`.
    #[must_use]
    pub fn embedded(name: impl Into<String>, text: String, origin: Place) -> Arc<Self> {
        Arc::new(Self { name: name.into(), line_starts: line_starts(&text), text, origin: Some(origin) })
    }

    /// The name that reports show: a path, or the address and attribute of an embedded document.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where an embedded document stands; `None` for a file.
    #[must_use]
    pub fn origin(&self) -> Option<&Place> {
        self.origin.as_ref()
    }

    /// The text of a range; empty where the range does not fit the text.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    /// The line (from 1) that the byte stands in.
    #[must_use]
    pub fn line(&self, byte: usize) -> usize {
        self.line_starts.partition_point(|&start| start <= byte).max(1)
    }

    /// The range of a line (from 1), without its line break; empty past the end.
    #[must_use]
    pub fn line_span(&self, line: usize) -> Span {
        let start = self.line_starts.get(line.saturating_sub(1)).copied().unwrap_or(self.text.len());
        let end = self.line_starts.get(line).copied().unwrap_or(self.text.len());
        let text = self.text.get(start..end).unwrap_or_default();
        Span::new(start, start + text.trim_end_matches(['\n', '\r']).len())
    }

    /// How many lines the text has; an empty text has one.
    #[must_use]
    pub fn line_count(&self) -> usize {
        self.line_starts.len()
    }

    /// Line and column (both from 1, the column in characters) of a byte.
    #[must_use]
    pub fn line_column(&self, byte: usize) -> (usize, usize) {
        let line = self.line(byte);
        let start = self.line_span(line).start;
        let before = self.text.get(start..byte.max(start)).unwrap_or_default();
        (line, before.chars().count() + 1)
    }
}

/// A range in a source: what a finding points at.
#[derive(Clone, Debug)]
pub struct Place {
    /// The text that the range belongs to.
    pub source: Arc<Source>,
    /// The range.
    pub span: Span,
}

impl Place {
    /// A range in a source.
    #[must_use]
    pub fn new(source: &Arc<Source>, span: Span) -> Self {
        Self { source: Arc::clone(source), span }
    }

    /// The text of the range.
    #[must_use]
    pub fn text(&self) -> &str {
        self.source.slice(self.span)
    }

    /// The same place as a file knows it: for an embedded document the range in the file that holds its text.
    #[must_use]
    pub fn in_file(&self) -> &Self {
        let mut place = self;
        while let Some(origin) = place.source.origin() {
            place = origin;
        }
        place
    }

    /// File name, line and column (from 1, the column in characters) of the place in its file.
    #[must_use]
    pub fn file_line_column(&self) -> (&str, usize, usize) {
        let place = self.in_file();
        let (line, column) = place.source.line_column(place.span.start);
        (place.source.name(), line, column)
    }
}

fn line_starts(text: &str) -> Vec<usize> {
    let mut starts = vec![0];
    starts.extend(text.match_indices('\n').map(|(at, _)| at + 1));
    starts
}

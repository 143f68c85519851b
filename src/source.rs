//! The text of one input and where things stand in it.
//!
//! A [`Source`] is a file, or a document that stands as text inside a file (a policy in a plan's JSON string). The second
//! kind remembers the place of that text in the file, so that every place leads back to something that somebody wrote. What a
//! plan says was written in Terraform's files; a [`Place`] that has been traced there points at them.

use std::sync::{Arc, OnceLock};

use bytestring::ByteString;
use memchr::memchr_iter;

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
    text: ByteString,
    /// Made when first asked for, as it is of few of the documents in a large plan.
    table: OnceLock<Box<Table>>,
    stands: Stands,
}

/// Where a text comes from.
#[derive(Debug)]
enum Stands {
    /// It is a file of its own.
    Alone,
    /// It stands as text inside another source.
    In(Place),
    /// It comes with the program.
    BuiltIn,
    /// It is a part of an input that was made of what stands elsewhere.
    Written(Box<Trace>),
}

/// What links a place in an input to the text that it was made of.
#[derive(Debug)]
struct Trace {
    from: Place,
    to: Place,
    is_exact: bool,
}

/// Where lines and characters are.
#[derive(Debug)]
struct Table {
    line_starts: Vec<usize>,
    /// How many characters stand before each block of [`BLOCK`] bytes. A plan is one line of many megabytes with thousands
    /// of places in it: counting from the start of the line each time would be quadratic.
    characters_before: Vec<usize>,
}

const BLOCK: usize = 4096;

impl Source {
    /// A file, under the name that reports show.
    #[must_use]
    pub fn file(name: impl Into<String>, text: impl Into<ByteString>) -> Arc<Self> {
        Self::new(name.into(), text.into(), Stands::Alone)
    }

    /// A document that stands as text inside another source, at `origin`.
    #[must_use]
    pub fn embedded(name: impl Into<String>, text: String, origin: Place) -> Arc<Self> {
        Self::new(name.into(), text.into(), Stands::In(origin))
    }

    /// A text that comes with the program, such as a policy that AWS manages.
    #[must_use]
    pub fn built_in(name: impl Into<String>, text: String) -> Arc<Self> {
        Self::new(name.into(), text.into(), Stands::BuiltIn)
    }

    fn new(name: String, text: ByteString, stands: Stands) -> Arc<Self> {
        Arc::new(Self { name, text, table: OnceLock::new(), stands })
    }

    /// The name that reports show: a path, or the address and attribute of an embedded document.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the text comes with the program. Nobody who reads a finding could change it, so that none points at it.
    #[must_use]
    pub fn is_built_in(&self) -> bool {
        matches!(self.stands, Stands::BuiltIn)
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        match &self.stands {
            Stands::Written(trace) => trace.from.text(),
            _ => &self.text,
        }
    }

    /// Where an embedded document stands; `None` for a file.
    #[must_use]
    pub fn origin(&self) -> Option<&Place> {
        match &self.stands {
            Stands::In(origin) => Some(origin),
            Stands::Written(trace) => Some(&trace.to),
            Stands::Alone | Stands::BuiltIn => None,
        }
    }

    /// The text of a range; empty where the range does not fit the text.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text().get(span.start..span.end).unwrap_or_default()
    }

    /// The range of a text that was borrowed from this source; empty for any other.
    #[must_use]
    pub fn span_of(&self, part: &str) -> Span {
        let start = (part.as_ptr() as usize).wrapping_sub(self.text().as_ptr() as usize);
        match start.checked_add(part.len()) {
            Some(end) if end <= self.text().len() => Span::new(start, end),
            _ => Span::default(),
        }
    }

    /// The line (from 1) that the byte stands in.
    #[must_use]
    pub fn line(&self, byte: usize) -> usize {
        self.line_starts().partition_point(|&start| start <= byte).max(1)
    }

    /// The range of a line (from 1), without its line break; empty past the end.
    #[must_use]
    pub fn line_span(&self, line: usize) -> Span {
        let start = self.line_starts().get(line.saturating_sub(1)).copied().unwrap_or(self.text().len());
        let end = self.line_starts().get(line).copied().unwrap_or(self.text().len());
        let text = self.text().get(start..end).unwrap_or_default();
        Span::new(start, start + text.trim_end_matches(['\n', '\r']).len())
    }

    /// How many lines the text has; an empty text has one.
    #[must_use]
    pub fn line_count(&self) -> usize {
        self.line_starts().len()
    }

    /// Line and column (both from 1, the column in characters) of a byte.
    #[must_use]
    pub fn line_column(&self, byte: usize) -> (usize, usize) {
        let line = self.line(byte);
        let start = self.line_starts().get(line - 1).copied().unwrap_or_default();
        let byte = byte.min(self.text().len());
        let column = if byte.saturating_sub(start) <= BLOCK {
            characters(self.text().as_bytes().get(start..byte))
        } else {
            self.characters_up_to(byte).saturating_sub(self.characters_up_to(start))
        };
        (line, column + 1)
    }

    fn table(&self) -> &Table {
        self.table.get_or_init(|| Box::new(Table::new(self.text())))
    }

    fn line_starts(&self) -> &[usize] {
        &self.table().line_starts
    }

    fn characters_up_to(&self, byte: usize) -> usize {
        let blocks = &self.table().characters_before;
        let block = (byte / BLOCK).min(blocks.len().saturating_sub(1));
        let before = blocks.get(block).copied().unwrap_or_default();
        before + characters(self.text().as_bytes().get(block * BLOCK..byte))
    }
}

impl Table {
    /// Goes over the text once, block by block: of a large one, that is what it costs.
    fn new(text: &str) -> Self {
        let mut table = Self { line_starts: vec![0], characters_before: Vec::with_capacity(text.len() / BLOCK + 1) };
        let mut total = 0;
        for (nth, block) in text.as_bytes().chunks(BLOCK).enumerate() {
            table.characters_before.push(total);
            total += characters(Some(block));
            table.line_starts.extend(memchr_iter(b'\n', block).map(|at| nth * BLOCK + at + 1));
        }
        table
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

    /// The same place in an input, made of the text at another place. Its text stays that of the input; in its file it stands
    /// where the other one does. `is_exact` tells whether the other text says all that this one says.
    #[must_use]
    pub fn written_at(self, to: Self, is_exact: bool) -> Self {
        let from = self.untraced().clone();
        let (name, span) = (from.source.name().to_owned(), Span::new(0, from.span.len()));
        let source = Source::new(name, ByteString::new(), Stands::Written(Box::new(Trace { from, to, is_exact })));
        Self { source, span }
    }

    /// The place in the input, wherever its text was written.
    #[must_use]
    pub fn untraced(&self) -> &Self {
        match &self.source.stands {
            Stands::Written(trace) => &trace.from,
            _ => self,
        }
    }

    /// Where the text was written, and whether the text there says all that this one says; `None` for a place that was not
    /// traced.
    #[must_use]
    pub fn written(&self) -> Option<(&Self, bool)> {
        match &self.source.stands {
            Stands::Written(trace) => Some((&trace.to, trace.is_exact)),
            _ => None,
        }
    }

    /// The text of the range.
    #[must_use]
    pub fn text(&self) -> &str {
        self.source.slice(self.span)
    }

    /// The same place as a file knows it: for an embedded document the range in the file that holds its text, for a place in
    /// a plan that was traced to Terraform's files the range there.
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

/// How many characters start in these bytes of UTF-8.
fn characters(bytes: Option<&[u8]>) -> usize {
    let bytes = bytes.unwrap_or_default();
    // The rule, and much faster to see than to count.
    if bytes.is_ascii() { bytes.len() } else { bytes.iter().filter(|byte| (**byte & 0xc0) != 0x80).count() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_counted_in_characters_however_long_the_line() {
        let line = "aé∑😀".repeat(5000);
        let source = Source::file("f", format!("first\n{line}\nlast"));
        for (at, (offset, _)) in line.char_indices().enumerate().step_by(997) {
            assert_eq!(source.line_column(6 + offset), (2, at + 1));
        }
        assert_eq!(source.line_column(6 + line.len()), (2, 20_001));
        assert_eq!(source.line_column(6 + line.len() + 3), (3, 3));
        assert_eq!(source.line_column(usize::MAX), (3, 5));
    }

    #[test]
    fn an_empty_text_has_a_first_line() {
        assert_eq!(Source::file("f", String::new()).line_column(0), (1, 1));
    }
}

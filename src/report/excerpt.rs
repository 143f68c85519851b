//! The few lines of text that a finding points at, as a source that miette can draw.
//!
//! miette is never given a file: a plan is one line of many megabytes, of which it would print all. It is given an excerpt,
//! already cropped and made safe to show, and places in that excerpt. The cost depends on what is shown, not on the file.

use std::sync::Arc;

use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use super::visible;
use crate::finding::Label;
use crate::source::{Place, Source, Span};

/// How many bytes of a line are shown; longer lines are cropped to a window around the place.
const LINE: usize = 140;
/// How much of a long line is shown on either side of the place.
const AROUND: usize = 40;
/// How many lines of a place are shown.
const LINES: usize = 30;
/// How many places are shown; what counts stands first.
const PLACES: usize = 8;
/// Stands for the cropped part of a line.
const CROPPED: char = '…';

/// An excerpt of one or several sources.
#[derive(Debug, Default)]
pub(super) struct Excerpt {
    text: String,
    chunks: Vec<Chunk>,
    labels: Vec<LabeledSpan>,
}

/// A run of lines of one source.
#[derive(Debug)]
struct Chunk {
    /// What stands above it: the file with line and column, or the document's name and its file.
    header: String,
    /// The number of its first line in the source.
    first_line: usize,
    /// Where in the excerpt each of its lines starts, and where the last one ends.
    starts: Vec<usize>,
}

impl Excerpt {
    /// The lines around the labels; the first label is the one that matters.
    pub(super) fn new(labels: &[&Label]) -> Self {
        let mut excerpt = Self::default();
        for picture in pictures(labels) {
            excerpt.draw(&picture);
        }
        excerpt
    }

    /// The labels, at their places in the excerpt.
    pub(super) fn labels(&self) -> impl Iterator<Item = LabeledSpan> + '_ {
        self.labels.iter().cloned()
    }

    fn draw(&mut self, picture: &Picture<'_>) {
        let mut starts = Vec::with_capacity(picture.last - picture.first + 2);
        for line in picture.first..=picture.last {
            starts.push(self.text.len());
            let window = picture.window(line);
            self.text.push_str(&shown(picture.source, line, window, window.end));
            if window.end < picture.source.line_span(line).end {
                self.text.push(CROPPED);
            }
            self.text.push('\n');
        }
        starts.push(self.text.len());
        for marked in &picture.marked {
            let start = picture.offset(&starts, marked.span.start);
            let end = picture.offset(&starts, marked.span.end).max(start);
            let text = (!marked.text.is_empty()).then(|| marked.text.clone());
            self.labels.push(LabeledSpan::new_with_span(text, (start, end - start)));
        }
        self.chunks.push(Chunk { header: picture.header(), first_line: picture.first, starts });
    }
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (start, end) = (span.offset(), span.offset() + span.len());
        // Places in different chunks have no common lines: the refusal makes miette draw two pictures.
        let chunk = self.chunks.iter().find(|chunk| chunk.holds(start, end)).ok_or(MietteError::OutOfBounds)?;
        let first = chunk.line(start).saturating_sub(before);
        let last = (chunk.line(end.saturating_sub(1).max(start)) + after).min(chunk.starts.len().saturating_sub(2));
        let from = chunk.starts.get(first).copied().unwrap_or(start);
        let to = chunk.starts.get(last + 1).copied().unwrap_or(end);
        let data = self.text.get(from..to).ok_or(MietteError::OutOfBounds)?;
        Ok(Box::new(MietteSpanContents::new_named(
            chunk.header.clone(),
            data.as_bytes(),
            (from, to - from).into(),
            // miette counts lines from zero.
            (chunk.first_line + first).saturating_sub(1),
            0,
            last.saturating_sub(first) + 1,
        )))
    }
}

impl Chunk {
    fn holds(&self, start: usize, end: usize) -> bool {
        match (self.starts.first(), self.starts.last()) {
            (Some(first), Some(last)) => *first <= start && end <= *last && start < *last,
            _ => false,
        }
    }

    /// The index of the line that the byte of the excerpt stands in.
    fn line(&self, byte: usize) -> usize {
        let lines = self.starts.len().saturating_sub(1);
        self.starts.partition_point(|start| *start <= byte).clamp(1, lines.max(1)) - 1
    }
}

/// The lines of one source that are shown together, and what is marked in them.
struct Picture<'a> {
    source: &'a Arc<Source>,
    /// The first and the last line shown, from 1.
    first: usize,
    last: usize,
    /// The place that the windows on long lines are laid around.
    focus: Span,
    marked: Vec<Marked>,
}

struct Marked {
    span: Span,
    text: String,
}

/// Divides labels into pictures: those whose lines meet share one.
fn pictures<'a>(labels: &[&'a Label]) -> Vec<Picture<'a>> {
    let mut pictures: Vec<Picture<'a>> = Vec::new();
    for label in labels.iter().take(PLACES) {
        let new = Picture::new(label);
        match pictures.iter_mut().find(|picture| picture.takes(&new)) {
            Some(picture) => picture.add(new),
            None => pictures.push(new),
        }
    }
    pictures
}

impl<'a> Picture<'a> {
    fn new(label: &'a Label) -> Self {
        let Place { source, span } = &label.place;
        let span = tall(source, trimmed(source, *span));
        let first = source.line(span.start);
        let last = source.line(span.end.saturating_sub(1).max(span.start));
        Self {
            source,
            first: first - usize::from(worth_showing(source, first - 1)),
            last: last + usize::from(worth_showing(source, last + 1)),
            focus: span,
            marked: vec![Marked { span, text: label.text.clone() }],
        }
    }

    /// Whether the lines meet, and nothing of the other one's place would be cropped away here.
    fn takes(&self, other: &Self) -> bool {
        let place = other.focus;
        Arc::ptr_eq(self.source, other.source)
            && other.first <= self.last + 1
            && self.first <= other.last + 1
            && [place.start, place.end].iter().all(|byte| {
                let window = self.window(self.source.line(*byte));
                window.start <= *byte && *byte <= window.end
            })
    }

    fn add(&mut self, other: Self) {
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.marked.extend(other.marked);
    }

    /// The part of a line that is shown.
    fn window(&self, line: usize) -> Span {
        let whole = self.source.line_span(line);
        if whole.len() <= LINE {
            return whole;
        }
        let touches = self.focus.start <= whole.end && whole.start <= self.focus.end;
        let focus = if touches { self.focus.start.max(whole.start) } else { whole.start };
        let start = focus.saturating_sub(AROUND).max(whole.start);
        let wanted = self.focus.end.saturating_add(AROUND).clamp(focus + 2 * AROUND, start + LINE);
        let text = self.source.text();
        Span::new(boundary(text, start), boundary(text, wanted.min(whole.end)))
    }

    /// Where a byte of the source stands in the excerpt, or where the nearest one that is shown does.
    fn offset(&self, starts: &[usize], byte: usize) -> usize {
        let line = self.source.line(byte).clamp(self.first, self.last);
        let window = self.window(line);
        let start = starts.get(line - self.first).copied().unwrap_or_default();
        start + shown(self.source, line, window, byte.clamp(window.start, window.end)).len()
    }

    fn header(&self) -> String {
        let place = Place::new(self.source, self.focus);
        let (file, line, column) = place.file_line_column();
        let file_name = visible(file);
        if self.source.origin().is_none() {
            return format!("{file_name}:{line}:{column}");
        }
        let name = visible(self.source.name());
        match place.in_file().source.line_count() {
            // `terraform show -json` writes one line: its number says nothing, and the column is of no use to a person.
            0..=2 => format!("{name} in {file_name}"),
            _ => format!("{name} in {file_name}:{line}:{column}"),
        }
    }
}

/// Whether a neighbouring line exists and says anything.
fn worth_showing(source: &Source, line: usize) -> bool {
    line > 0 && !source.slice(source.line_span(line)).trim().is_empty()
}

/// The text of a line from the start of its window up to a byte, as it is shown.
fn shown(source: &Source, line: usize, window: Span, up_to: usize) -> String {
    let mut shown = String::new();
    if window.start > source.line_span(line).start {
        shown.push(CROPPED);
    }
    // Tabs become four spaces: one each, as other white space that moves the cursor, would lose the indentation.
    let text = source.slice(Span::new(window.start, up_to)).replace('\t', "    ");
    shown.push_str(&visible(&text));
    shown
}

/// The range without the white space at its ends, on character boundaries.
fn trimmed(source: &Source, span: Span) -> Span {
    let text = source.text();
    let start = boundary(text, span.start);
    let end = boundary(text, span.end).max(start);
    let slice = source.slice(Span::new(start, end));
    let lead = slice.len() - slice.trim_start().len();
    if lead == slice.len() {
        return Span::new(start, start);
    }
    Span::new(start + lead, start + slice.trim_end().len())
}

/// The last character boundary that is not after the byte.
fn boundary(text: &str, byte: usize) -> usize {
    (0..=byte.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

/// The range cropped to the lines that are shown of one place.
fn tall(source: &Source, span: Span) -> Span {
    let last = source.line(span.start) + LINES - 1;
    if source.line(span.end) <= last { span } else { Span::new(span.start, source.line_span(last).end) }
}

#[cfg(test)]
mod tests;

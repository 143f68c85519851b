//! Edits that add to lists, or make a list of what was none.

use super::{Editor, Map, indent_of};
use crate::fix::edit::Edit;
use crate::fix::pen::{New, WIDTH};
use crate::source::Span;
use crate::tree::{Entry, Node};

/// Something new for a list.
pub(in crate::fix) enum Piece {
    /// A value.
    New(New),
    /// Text as it stands in another item of the list.
    Copy(String),
}

impl Editor {
    /// Adds items to a list behind another one.
    pub(in crate::fix) fn add_items(&self, list: &Node, behind: usize, pieces: &[Piece]) -> Option<Edit> {
        let item = list.as_list()?.get(behind)?.span;
        let inside = list.span.start <= item.start && item.end <= list.span.end && !item.is_empty();
        if !inside {
            return None;
        }
        if self.is_flow(list) { Some(self.add_in_brackets(item, pieces)) } else { self.add_to_block(item, pieces) }
    }

    fn add_in_brackets(&self, item: Span, pieces: &[Piece]) -> Edit {
        let (before, many_lines) = (self.prefix(item.start), self.slice(item).contains('\n'));
        let pen = self.pen_at(item);
        let own_line = before.trim().is_empty();
        let separator = if own_line { format!(",{}{before}", pen.newline) } else { ", ".to_owned() };
        let indent = indent_of(before);
        let text = each(pieces, &separator, |new| self.laid_out(&pen, new, &indent, many_lines));
        Edit::insert(item.end, text)
    }

    fn add_to_block(&self, item: Span, pieces: &[Piece]) -> Option<Edit> {
        let before = self.prefix(item.start);
        if before.trim() != "-" {
            return None;
        }
        let (pen, indent) = (self.pen_at(item), " ".repeat(before.chars().count()));
        let text = each(pieces, &format!("{}{before}", pen.newline), |new| match new {
            New::Map(_) => {
                let flow = pen.flow(new);
                let in_brackets = self.slice(item).starts_with('{') && indent.len() + flow.len() <= WIDTH;
                if in_brackets { flow } else { pen.block(new, &indent) }
            }
            New::Text(text) => pen.scalar(text, false),
            New::List(_) => pen.flow(new),
        });
        Some(Edit::insert(self.line_end(item.end), text))
    }

    /// Makes a list of a single map, with other items behind it.
    pub(in crate::fix) fn make_list(&self, map: &Map<'_>, pieces: &[Piece]) -> Option<Vec<Edit>> {
        let span = map.node.span;
        if self.is_flow(map.node) {
            Some(self.make_list_in_brackets(span, pieces))
        } else {
            self.make_list_of_block(span, pieces)
        }
    }

    fn make_list_in_brackets(&self, map: Span, pieces: &[Piece]) -> Vec<Edit> {
        let many_lines = self.slice(map).contains('\n');
        let (pen, indent) = (self.pen_at(map), indent_of(self.prefix(map.end.saturating_sub(1))));
        let text = each(pieces, ", ", |new| self.laid_out(&pen, new, &indent, many_lines));
        vec![Edit::insert(map.start, "["), Edit::insert(map.end, format!("{text}]"))]
    }

    fn make_list_of_block(&self, map: Span, pieces: &[Piece]) -> Option<Vec<Edit>> {
        let (before, pen) = (self.prefix(map.start), self.pen_at(map));
        if !before.trim().is_empty() {
            return None;
        }
        let mut edits = vec![Edit::insert(map.start, "- ")];
        let inner = self.text().get(map.start..map.end)?;
        let starts = inner.match_indices('\n').map(|(at, _)| map.start + at + 1);
        let is_blank = |at: &usize| self.text().get(*at..).is_none_or(|rest| rest.starts_with(['\n', '\r']));
        edits.extend(starts.filter(|at| !is_blank(at)).map(|at| Edit::insert(at, "  ")));
        let text = |piece: &Piece| match piece {
            Piece::Copy(text) => text.replace('\n', "\n  "),
            Piece::New(new) => pen.block(new, &format!("{before}  ")),
        };
        let text: String = pieces.iter().map(|piece| format!("{}{before}- {}", pen.newline, text(piece))).collect();
        edits.push(Edit::insert(self.line_end(map.end), text));
        Some(edits)
    }

    /// Makes a list in a block of a single map that stands in brackets behind its key, with other items behind it.
    pub(in crate::fix) fn make_block_list(
        &self,
        parent: &Map<'_>,
        entry: &Entry,
        map: &Map<'_>,
        pieces: &[Piece],
    ) -> Option<Vec<Edit>> {
        let span = map.node.span;
        let between = Span::new(entry.key_span.end, span.start);
        let one_line = !self.slice(span).contains('\n') && self.slice(between).trim() == ":";
        let rest = self.text().get(span.end..self.line_end(span.end))?;
        if self.is_flow(parent.node) || !self.is_flow(map.node) || !one_line || !rest.trim().is_empty() {
            return None;
        }
        let pen = self.pen(map);
        let indent = format!("{}{}", self.indent(parent)?, pen.dash);
        let line = format!("{}{indent}- ", pen.newline);
        let text = each(pieces, &line, |new| {
            let flow = pen.flow(new);
            let fits = line.len() + flow.len() <= WIDTH;
            if fits { flow } else { pen.block(new, &format!("{indent}  ")) }
        });
        Some(vec![Edit::replace(between, format!(":{line}")), Edit::insert(span.end, text)])
    }
}

/// The pieces, each behind a separator.
fn each(pieces: &[Piece], separator: &str, write: impl Fn(&New) -> String) -> String {
    let text = |piece: &Piece| match piece {
        Piece::Copy(text) => format!("{separator}{text}"),
        Piece::New(new) => format!("{separator}{}", write(new)),
    };
    pieces.iter().map(text).collect()
}

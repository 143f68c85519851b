//! Edits of policies in the text that somebody wrote: YAML blocks, YAML within brackets, JSON.
//!
//! The editor works on the tree of the text as it stands, before anything in it is evaluated. What it cannot place for
//! certain it does not touch; whether an edit does what it is for is decided afterwards, by evaluating the edited text.

use std::sync::Arc;

use super::edit::Edit;
use super::pen::{New, Pen, WIDTH};
use crate::source::{Source, Span};
use crate::tree::{Entry, Node, Value, json, yaml};

mod manner;

/// The text of one source with its tree.
pub(super) struct Editor {
    source: Arc<Source>,
    roots: Vec<Node>,
    json: bool,
}

/// A map of the text with the entries that stand in it, in their order; those that an alias brings in are not among them.
#[derive(Clone)]
pub(super) struct Map<'a> {
    node: &'a Node,
    entries: Vec<&'a Entry>,
}

impl<'a> Map<'a> {
    fn new(node: &'a Node) -> Option<Self> {
        let inside = |entry: &&Entry| node.span.start <= entry.key_span.start && entry.key_span.end <= node.span.end;
        let mut entries: Vec<&Entry> = node.as_map()?.iter().filter(inside).collect();
        entries.sort_by_key(|entry| entry.key_span.start);
        let is_function = node.as_function().is_some_and(|(name, _)| name != "Condition");
        (!is_function).then_some(Self { node, entries })
    }

    /// The entry of a key, by its index.
    pub(super) fn entry(&self, key: &str) -> Option<(usize, &'a Entry)> {
        self.find(|entry| entry.key == key)
    }

    /// The entry at an index.
    pub(super) fn nth(&self, at: usize) -> Option<(usize, &'a Entry)> {
        Some((at, self.entries.get(at)?))
    }

    /// The first entry that is wanted, by its index.
    pub(super) fn find(&self, wanted: impl Fn(&Entry) -> bool) -> Option<(usize, &'a Entry)> {
        self.entries.iter().copied().enumerate().find(|(_, entry)| wanted(entry))
    }

    /// The map under a key.
    pub(super) fn map(&self, key: &str) -> Option<Self> {
        Self::new(&self.entry(key)?.1.value)
    }

    /// How many entries there are.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }
}

/// Something new for a list.
pub(super) enum Piece {
    /// A value.
    New(New),
    /// Text as it stands in another item of the list.
    Copy(String),
}

impl Editor {
    /// Opens a source; `None` where it is neither JSON nor YAML.
    pub(super) fn open(source: &Arc<Source>) -> Option<Self> {
        let text = source.text();
        if text.trim_start().starts_with('{')
            && let Ok(root) = json::parse(source, Span::new(0, text.len()))
        {
            return Some(Self { source: Arc::clone(source), roots: vec![root], json: true });
        }
        let roots = yaml::parse(source).ok()?;
        Some(Self { source: Arc::clone(source), roots, json: false })
    }

    /// The source that it edits.
    pub(super) fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// The map that takes up exactly this range.
    pub(super) fn map(&self, span: Span) -> Option<Map<'_>> {
        self.roots.iter().find_map(|root| find(root, span)).and_then(Map::new)
    }

    /// The resource of a template whose logical id stands at this range.
    pub(super) fn resource(&self, id: Span) -> Option<Map<'_>> {
        let resources = self.roots.iter().filter_map(|root| root.get("Resources")?.as_map()).flatten();
        resources.into_iter().find(|entry| entry.key_span == id).and_then(|entry| Map::new(&entry.value))
    }

    /// Sets the value of an entry.
    pub(super) fn set_value(&self, map: &Map<'_>, at: usize, value: &New) -> Option<Edit> {
        let entry = map.entries.get(at)?;
        let end = self.end(map, at)?;
        let (old, flow) = (entry.value.span, self.is_flow(map.node));
        let in_place = !old.is_empty() && old.end == end && old.start >= entry.key_span.end;
        if let (New::Text(text), Value::Scalar(_)) = (value, &entry.value.value)
            && in_place
            && !self.slice(old).contains('\n')
        {
            return Some(Edit::replace(old, self.pen(map).instead_of(self.slice(old), text, flow)));
        }
        if flow {
            return in_place.then(|| Edit::replace(old, self.flow_value(map, at, value)));
        }
        let span = Span::new(entry.key_span.end, end);
        let indent = self.indent(map)?;
        let text = self.pen(map).after_key(entry.key.len(), value, &indent);
        (!self.has_comment(span)).then(|| Edit::replace(span, text))
    }

    /// Sets the key of an entry.
    pub(super) fn set_key(&self, map: &Map<'_>, at: usize, key: &str) -> Option<Edit> {
        let span = map.entries.get(at)?.key_span;
        let flow = self.is_flow(map.node);
        Some(Edit::replace(span, self.pen(map).instead_of(self.slice(span), key, flow)))
    }

    /// Adds an entry behind the last one.
    pub(super) fn add_entry(&self, map: &Map<'_>, key: &str, value: &New) -> Option<Edit> {
        let pen = self.pen(map);
        let last = map.len().checked_sub(1);
        if !self.is_flow(map.node) {
            let indent = self.indent(map)?;
            let at = self.line_end(map.node.span.end);
            let entry = pen.block_entry(key, value, &indent);
            return Some(Edit::insert(at, format!("{}{indent}{entry}", pen.newline)));
        }
        let Some(last) = last else {
            let text = format!("{}: {}", pen.key(key, true), pen.flow(value));
            return Some(Edit::insert(map.node.span.start + 1, text));
        };
        let end = self.end(map, last)?;
        let entry = format!("{}: {}", pen.key(key, true), self.flow_value(map, last, value));
        let before = self.prefix(map.entries.get(last)?.key_span.start);
        let separator = if before.trim().is_empty() && map.len() > 1 || self.opens_lines(map) {
            format!(",{}{before}", pen.newline)
        } else {
            ", ".to_owned()
        };
        let rest = self.text().get(end..map.node.span.end)?.trim_start();
        (!rest.starts_with(',')).then(|| Edit::insert(end, format!("{separator}{entry}")))
    }

    /// Takes entries away, but never all of them.
    pub(super) fn remove_entries(&self, map: &Map<'_>, gone: &[usize]) -> Option<Vec<Edit>> {
        let starts: Vec<usize> = map.entries.iter().map(|entry| entry.key_span.start).collect();
        let ends: Option<Vec<usize>> = (0..map.len()).map(|at| self.end(map, at)).collect();
        let spans = starts.into_iter().zip(ends?).map(|(start, end)| Span::new(start, end)).collect::<Vec<_>>();
        self.remove(&spans, gone, self.is_flow(map.node))
    }

    /// Takes items of a list away, but never all of them.
    pub(super) fn remove_items(&self, list: &Node, gone: &[usize]) -> Option<Vec<Edit>> {
        let spans: Vec<Span> = list.as_list()?.iter().map(|item| item.span).collect();
        let inside = spans.iter().all(|span| list.span.start <= span.start && span.end <= list.span.end);
        if inside { self.remove(&spans, gone, self.is_flow(list)) } else { None }
    }

    /// Adds items to a list behind another one.
    pub(super) fn add_items(&self, list: &Node, behind: usize, pieces: &[Piece]) -> Option<Edit> {
        let item = list.as_list()?.get(behind)?.span;
        let inside = list.span.start <= item.start && item.end <= list.span.end && !item.is_empty();
        if !inside {
            return None;
        }
        let (before, many_lines) = (self.prefix(item.start), self.slice(item).contains('\n'));
        let pen = self.pen_at(item);
        if self.is_flow(list) {
            let own_line = before.trim().is_empty();
            let separator = if own_line { format!(",{}{before}", pen.newline) } else { ", ".to_owned() };
            let text = |piece: &Piece| match piece {
                Piece::Copy(text) => text.clone(),
                Piece::New(new) => self.laid_out(&pen, new, &indent_of(before), many_lines),
            };
            let text: String = pieces.iter().map(|piece| format!("{separator}{}", text(piece))).collect();
            return Some(Edit::insert(item.end, text));
        }
        if before.trim() != "-" {
            return None;
        }
        let indent = " ".repeat(before.chars().count());
        let text = |piece: &Piece| match piece {
            Piece::Copy(text) => text.clone(),
            Piece::New(new @ New::Map(_)) => {
                let flow = pen.flow(new);
                let in_brackets = self.slice(item).starts_with('{') && indent.len() + flow.len() <= WIDTH;
                if in_brackets { flow } else { pen.block(new, &indent) }
            }
            Piece::New(New::Text(text)) => pen.scalar(text, false),
            Piece::New(list) => pen.flow(list),
        };
        let text: String = pieces.iter().map(|piece| format!("{}{before}{}", pen.newline, text(piece))).collect();
        Some(Edit::insert(self.line_end(item.end), text))
    }

    /// Makes a list of a single map, with other items behind it.
    pub(super) fn make_list(&self, map: &Map<'_>, pieces: &[Piece]) -> Option<Vec<Edit>> {
        let span = map.node.span;
        let (before, pen) = (self.prefix(span.start), self.pen(map));
        if self.is_flow(map.node) {
            let many_lines = self.slice(span).contains('\n');
            let indent = indent_of(self.prefix(span.end.saturating_sub(1)));
            let text = |piece: &Piece| match piece {
                Piece::Copy(text) => text.clone(),
                Piece::New(new) => self.laid_out(&pen, new, &indent, many_lines),
            };
            let text: String = pieces.iter().map(|piece| format!(", {}", text(piece))).collect();
            return Some(vec![Edit::insert(span.start, "["), Edit::insert(span.end, format!("{text}]"))]);
        }
        if !before.trim().is_empty() {
            return None;
        }
        let mut edits = vec![Edit::insert(span.start, "- ")];
        let inner = self.text().get(span.start..span.end)?;
        let starts = inner.match_indices('\n').map(|(at, _)| span.start + at + 1);
        let is_blank = |at: &usize| self.text().get(*at..).is_none_or(|rest| rest.starts_with(['\n', '\r']));
        edits.extend(starts.filter(|at| !is_blank(at)).map(|at| Edit::insert(at, "  ")));
        let text = |piece: &Piece| match piece {
            Piece::Copy(text) => text.replace('\n', "\n  "),
            Piece::New(new) => pen.block(new, &format!("{before}  ")),
        };
        let text: String = pieces.iter().map(|piece| format!("{}{before}- {}", pen.newline, text(piece))).collect();
        edits.push(Edit::insert(self.line_end(span.end), text));
        Some(edits)
    }

    /// Makes a list in a block of a single map that stands in brackets behind its key, with other items behind it.
    pub(super) fn make_block_list(
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
        let text = |piece: &Piece| match piece {
            Piece::Copy(text) => text.clone(),
            Piece::New(new) => {
                let flow = pen.flow(new);
                let fits = line.len() + flow.len() <= WIDTH;
                if fits { flow } else { pen.block(new, &format!("{indent}  ")) }
            }
        };
        let text: String = pieces.iter().map(|piece| format!("{line}{}", text(piece))).collect();
        Some(vec![Edit::replace(between, format!(":{line}")), Edit::insert(span.end, text)])
    }

    /// The text of a range.
    pub(super) fn slice(&self, span: Span) -> &str {
        self.source.slice(span)
    }

    fn text(&self) -> &str {
        self.source.text()
    }

    fn remove(&self, spans: &[Span], gone: &[usize], flow: bool) -> Option<Vec<Edit>> {
        if gone.is_empty() || (0..spans.len()).all(|at| gone.contains(&at)) {
            return None;
        }
        let mut edits = Vec::new();
        let mut at = 0;
        while at < spans.len() {
            let run = spans.iter().skip(at).enumerate().take_while(|(ahead, _)| gone.contains(&(at + ahead))).count();
            if run > 0 {
                edits.push(self.remove_run(spans, at, at + run - 1, flow)?);
            }
            at += run + 1;
        }
        Some(edits)
    }

    /// Takes the neighbours from `first` to `last` away.
    fn remove_run(&self, spans: &[Span], first: usize, last: usize, flow: bool) -> Option<Edit> {
        let (start, end) = (spans.get(first)?.start, spans.get(last)?.end);
        let next = spans.get(last + 1);
        let span = if flow {
            match next {
                Some(next) => Span::new(start, next.start),
                None => Span::new(spans.get(first.checked_sub(1)?)?.end, end),
            }
        } else {
            let before = self.prefix(start);
            let own_line = before.trim().is_empty()
                || (before.trim() == "-"
                    && next.is_none_or(|next| {
                        // Of a list in a block each item has a dash of its own; of a map only the first entry may stand behind one.
                        self.prefix(next.start).trim() == "-"
                    }));
            match next {
                Some(_) if own_line => self.lines_before_next(start, end),
                None if own_line => self.last_lines(start, end),
                Some(next) => Span::new(start, next.start),
                None => return None,
            }
        };
        let removed = Span::new(end.min(span.end), span.end);
        (!self.has_comment(removed)).then(|| Edit::remove(span.start, span.end))
    }

    /// The lines that a range touches, with the line break behind them.
    fn lines_before_next(&self, start: usize, end: usize) -> Span {
        let after = self.line_end(end);
        let rest = self.text().get(after..).unwrap_or_default();
        let line_break = if rest.starts_with("\r\n") { 2 } else { usize::from(rest.starts_with('\n')) };
        Span::new(self.line_start(start), after + line_break)
    }

    /// The lines that a range touches, with the line break before them: what goes stays within what it is the end of.
    fn last_lines(&self, start: usize, end: usize) -> Span {
        let head = self.text().get(..self.line_start(start)).unwrap_or_default();
        let head = head.strip_suffix('\n').map_or(head, |head| head.strip_suffix('\r').unwrap_or(head));
        let trailing = self.text().get(end..self.line_end(end)).unwrap_or_default();
        Span::new(head.len(), if trailing.trim().is_empty() { end } else { self.line_end(end) })
    }

    /// Where the value of an entry ends; `None` where it does not stand in the map.
    fn end(&self, map: &Map<'_>, at: usize) -> Option<usize> {
        let entry = map.entries.get(at)?;
        let limit = map.entries.get(at + 1).map_or(map.node.span.end, |next| next.key_span.start);
        let value = entry.value.span;
        if !value.is_empty() && value.start >= entry.key_span.end && value.end <= limit {
            return Some(value.end);
        }
        let alone = at + 1 == map.len() && !self.is_flow(map.node);
        alone.then_some(map.node.span.end)
    }

    /// A value for an entry within brackets, laid out as its surroundings are.
    fn flow_value(&self, map: &Map<'_>, at: usize, value: &New) -> String {
        let pen = self.pen(map);
        let before = map.entries.get(at).map(|entry| self.prefix(entry.key_span.start)).unwrap_or_default();
        self.laid_out(&pen, value, &indent_of(before), self.has_lines(map) || self.opens_lines(map))
    }

    /// Whether the maps within a map are laid out over lines: as the first one there is, or else as the document is.
    fn has_lines(&self, map: &Map<'_>) -> bool {
        let inner = map.entries.iter().find(|entry| matches!(entry.value.value, Value::Map(_)));
        match inner {
            Some(entry) => self.slice(entry.value.span).contains('\n'),
            None => self.slice(map.node.span).contains('\n') && self.source.origin().is_some(),
        }
    }

    /// Whether the first entry of a map has a line of its own.
    fn opens_lines(&self, map: &Map<'_>) -> bool {
        map.entries.first().is_some_and(|entry| self.prefix(entry.key_span.start).trim().is_empty())
            && self.slice(map.node.span).contains('\n')
    }

    /// A value in brackets: over lines where its surroundings are and it is a whole statement or too wide for a line.
    fn laid_out(&self, pen: &Pen, new: &New, indent: &str, lines: bool) -> String {
        let flow = pen.flow(new);
        let is_statement = matches!(new, New::Map(entries) if entries.len() > 1);
        if lines && (is_statement || indent.len() + flow.len() > WIDTH || self.source.origin().is_some()) {
            pen.lines(new, indent)
        } else {
            flow
        }
    }

    fn is_flow(&self, node: &Node) -> bool {
        self.json || self.slice(node.span).starts_with(['{', '['])
    }

    /// Whether a range that is to go has a comment in it.
    fn has_comment(&self, span: Span) -> bool {
        !self.json && self.slice(span).split('\n').any(|line| line.contains(" #") || line.trim_start().starts_with('#'))
    }

    /// The indent of the entries of a block.
    fn indent(&self, map: &Map<'_>) -> Option<String> {
        let before = self.prefix(map.entries.first()?.key_span.start);
        Some(" ".repeat(before.chars().count()))
    }

    /// What stands on the line before a byte.
    fn prefix(&self, at: usize) -> &str {
        self.text().get(self.line_start(at)..at).unwrap_or_default()
    }

    fn line_start(&self, at: usize) -> usize {
        self.text().get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1)
    }

    /// Where the line of a byte ends, before its line break.
    fn line_end(&self, at: usize) -> usize {
        let rest = self.text().get(at..).unwrap_or_default();
        let line = rest.split('\n').next().unwrap_or_default();
        at + line.strip_suffix('\r').unwrap_or(line).len()
    }

    fn pen(&self, map: &Map<'_>) -> Pen {
        self.pen_at(map.node.span)
    }
}

/// The white space that a line begins with.
fn indent_of(line: &str) -> String {
    line.chars().take_while(|character| matches!(character, ' ' | '\t')).collect()
}

/// The map of a range, anywhere in a tree; an alias's copy has the place of what it repeats.
fn find(node: &Node, span: Span) -> Option<&Node> {
    if node.span == span && matches!(node.value, Value::Map(_)) {
        return Some(node);
    }
    match &node.value {
        Value::List(items) => items.iter().find_map(|item| find(item, span)),
        Value::Map(entries) => entries.iter().find_map(|entry| find(&entry.value, span)),
        _ => None,
    }
}

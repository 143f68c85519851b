//! Edits of policies in the text that somebody wrote: YAML blocks, YAML within brackets, JSON.
//!
//! The editor works on the tree of the text as it stands, before anything in it is evaluated. What it cannot place for
//! certain it does not touch; whether an edit does what it is for is decided afterwards, by evaluating the edited text.

use std::sync::Arc;

use super::edit::Edit;
use super::pen::{New, Pen, WIDTH};
use crate::source::{Source, Span};
use crate::tree::{Entry, Node, Value, json, yaml};

mod lines;
mod lists;
mod manner;
mod removal;

use lines::indent_of;
pub(super) use lists::Piece;

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

    /// The text of a range.
    pub(super) fn slice(&self, span: Span) -> &str {
        self.source.slice(span)
    }

    fn text(&self) -> &str {
        self.source.text()
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

    /// The indent of the entries of a block.
    fn indent(&self, map: &Map<'_>) -> Option<String> {
        let before = self.prefix(map.entries.first()?.key_span.start);
        Some(" ".repeat(before.chars().count()))
    }

    fn pen(&self, map: &Map<'_>) -> Pen {
        self.pen_at(map.node.span)
    }
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

//! YAML text to [`Node`]s, over the events of `granit-parser`.
//!
//! Plain scalars stay text (`2012-10-17`, `012345678901`, `yes`); only the empty scalar, `~` and `null` are null. Tags
//! become the map that CloudFormation's long form has. Aliases and merge keys are resolved; the nodes that they copy keep
//! the spans of the text that they were copied from.

use std::collections::{HashMap, HashSet};

use granit_parser::{Event, Parser, ScalarStyle, Span as Range, StructureStyle};

use super::{Entry, MAX_DEPTH, Node, Scalar, Style, SyntaxError, Value};
use crate::source::{Source, Span};

/// Reads all documents of a YAML text.
///
/// # Errors
///
/// Text that is not YAML, is nested too deeply, or grows without measure through its aliases.
pub fn parse(source: &Source) -> Result<Vec<Node>, SyntaxError> {
    let text = source.text();
    let mut builder = Builder { text, documents: Vec::new(), open: Vec::new(), anchors: HashMap::new(), copied: 0 };
    for event in Parser::new_from_str_with_options(text, granit_parser::options! { emit_comments: false }) {
        match event {
            Ok((event, range)) => builder.event(event, range)?,
            Err(error) => {
                let at = error.marker().byte_offset().unwrap_or_default();
                let message = format!("not valid YAML: {}", in_our_words(&error.kind().to_string()));
                return Err(SyntaxError { message, span: one_character(text, at) });
            }
        }
    }
    Ok(builder.documents)
}

/// What aliases may copy in all, in bytes of memory: above any real use, below what hurts.
const MAX_COPIED: usize = 64 << 20;

struct Builder<'a> {
    text: &'a str,
    documents: Vec<Node>,
    open: Vec<Open>,
    anchors: HashMap<usize, Built>,
    copied: usize,
}

/// A finished node with what the bounds need to know of it.
#[derive(Clone)]
struct Built {
    node: Node,
    /// How many levels it has, itself included.
    height: usize,
    /// About the memory it takes.
    weight: usize,
}

/// A list or map of which the end has not come yet.
struct Open {
    items: Items,
    span: Span,
    tag: Option<Tag>,
    anchor: usize,
    height: usize,
    weight: usize,
}

enum Items {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, key: Option<(String, Span)> },
}

/// The long form of a tag: the key of the map that it stands for.
struct Tag {
    key: String,
    span: Span,
}

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, range: Range) -> Result<(), SyntaxError> {
        let span = byte_span(range);
        match event {
            Event::Scalar(text, style, anchor, _) => self.scalar(&text, style, anchor, range),
            Event::SequenceStart(style, anchor, _) => {
                self.open(Items::List(Vec::new()), style, anchor, range);
                Ok(())
            }
            Event::MappingStart(style, anchor, _) => {
                self.open(Items::Map { entries: Vec::new(), key: None }, style, anchor, range);
                Ok(())
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(anchor) => self.alias(anchor, span),
            _ => Ok(()),
        }
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, anchor: usize, range: Range) -> Result<(), SyntaxError> {
        let span = trimmed(self.text, byte_span(range));
        let (tag_text, as_key) = (self.tag_text(range), self.expects_key());
        let value = match style {
            ScalarStyle::Plain if matches!(tag_text, "!" | "!!str") => {
                Value::Scalar(Scalar::known(text, Style::Quoted))
            }
            ScalarStyle::Plain if !as_key && matches!(text, "" | "~" | "null" | "Null" | "NULL") => Value::Null,
            ScalarStyle::Plain => Value::Scalar(Scalar::known(text, Style::Plain)),
            _ => Value::Scalar(Scalar::known(text, Style::Quoted)),
        };
        let built = Built { node: Node { span, value }, height: 1, weight: size_of::<Node>() + text.len() };
        self.finish(built, self.tag(range), anchor, span)
    }

    fn open(&mut self, items: Items, style: StructureStyle, anchor: usize, range: Range) {
        let start = byte_span(range);
        let span = if style == StructureStyle::Flow { start } else { Span::new(start.start, start.start) };
        let tag = self.tag(range);
        self.open.push(Open { items, span, tag, anchor, height: 0, weight: size_of::<Node>() });
    }

    /// A block has no end of its own: the event stands at the next token, so its last child decides.
    fn close(&mut self, end: Span) -> Result<(), SyntaxError> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let flow = self.text.get(end.start..end.end).is_some_and(|text| matches!(text, "]" | "}"));
        let span = if flow { open.span.join(end) } else { open.span };
        let value = match open.items {
            Items::List(items) => Value::List(items),
            Items::Map { entries, .. } => Value::Map(merged(entries)),
        };
        let built = Built { node: Node { span, value }, height: open.height + 1, weight: open.weight };
        self.finish(built, open.tag, open.anchor, span)
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), SyntaxError> {
        let Some(built) = self.anchors.get(&anchor) else {
            return Err(SyntaxError { message: "an alias stands inside the node that it repeats".to_owned(), span });
        };
        self.copied = self.copied.saturating_add(built.weight);
        if self.copied > MAX_COPIED {
            return Err(too_much(span));
        }
        let built = built.clone();
        self.finish(built, None, 0, span)
    }

    /// Hands a finished node to what it stands in. `end` is where the text goes on, which for an alias is not the node's
    /// own span.
    fn finish(&mut self, built: Built, tag: Option<Tag>, anchor: usize, end: Span) -> Result<(), SyntaxError> {
        let built = if self.expects_key() { built } else { tagged(built, tag) };
        if built.height + self.open.len() > MAX_DEPTH {
            let message = format!("the YAML is nested more than {MAX_DEPTH} levels deep");
            return Err(SyntaxError { message, span: one_character(self.text, end.start) });
        }
        if anchor != 0 {
            self.copied = self.copied.saturating_add(built.weight);
            if self.copied > MAX_COPIED {
                return Err(too_much(end));
            }
            self.anchors.insert(anchor, built.clone());
        }
        let Some(parent) = self.open.last_mut() else {
            self.documents.push(built.node);
            return Ok(());
        };
        if !end.is_empty() {
            parent.span = parent.span.join(end);
        }
        parent.height = parent.height.max(built.height);
        parent.weight = parent.weight.saturating_add(built.weight);
        match &mut parent.items {
            Items::List(items) => items.push(built.node),
            Items::Map { entries, key } => match key.take() {
                None => *key = Some(key_of(built.node, end)?),
                Some((key, key_span)) => entries.push(Entry { key, key_span, value: built.node }),
            },
        }
        Ok(())
    }

    /// Whether the next node is a map's key.
    fn expects_key(&self) -> bool {
        matches!(self.open.last(), Some(Open { items: Items::Map { key: None, .. }, .. }))
    }

    fn tag_text(&self, range: Range) -> &str {
        range.tag_span().and_then(|span| span.slice(self.text)).unwrap_or_default()
    }

    /// CloudFormation's tags, and with them every other local one: who reads the map says what `Fn::Unheard` is.
    fn tag(&self, range: Range) -> Option<Tag> {
        let span = byte_span(range.tag_span()?);
        let name = self.tag_text(range).strip_prefix('!')?;
        let local = !name.is_empty() && !name.starts_with(['!', '<']);
        let key = if matches!(name, "Ref" | "Condition") { name.to_owned() } else { format!("Fn::{name}") };
        local.then_some(Tag { key, span })
    }
}

fn tagged(built: Built, tag: Option<Tag>) -> Built {
    let Some(Tag { key, span: key_span }) = tag else { return built };
    let weight = built.weight.saturating_add(size_of::<Node>() + key.len());
    let span = if built.node.span.is_empty() { key_span } else { key_span.join(built.node.span) };
    let value = Value::Map(vec![Entry { key, key_span, value: built.node }]);
    Built { node: Node { span, value }, height: built.height + 1, weight }
}

fn key_of(node: Node, span: Span) -> Result<(String, Span), SyntaxError> {
    match node.value {
        Value::Scalar(scalar) => Ok((scalar.as_text().unwrap_or_default().to_owned(), span)),
        Value::Null => Ok((String::new(), span)),
        _ => Err(SyntaxError { message: format!("{} stands where a key must be text", node.kind()), span }),
    }
}

/// The entries with those that `<<` brings in; what stands in the map itself wins, then what was named first.
fn merged(entries: Vec<Entry>) -> Vec<Entry> {
    if !entries.iter().any(is_merge) {
        return entries;
    }
    let (merges, own): (Vec<_>, Vec<_>) = entries.into_iter().partition(is_merge);
    let mut known: HashSet<String> = own.iter().map(|entry| entry.key.clone()).collect();
    let mut all = Vec::new();
    for merge in merges {
        let maps = match merge.value.value {
            Value::List(maps) => maps,
            value => vec![Node { span: merge.value.span, value }],
        };
        for map in maps {
            let Value::Map(entries) = map.value else { continue };
            let new: Vec<_> = entries.into_iter().filter(|entry| !known.contains(&entry.key)).collect();
            known.extend(new.iter().map(|entry| entry.key.clone()));
            all.extend(new);
        }
    }
    all.extend(own);
    all
}

fn is_merge(entry: &Entry) -> bool {
    let is_map = |node: &Node| matches!(node.value, Value::Map(_));
    entry.key == "<<" && (is_map(&entry.value) || entry.value.as_list().is_some_and(|maps| maps.iter().all(is_map)))
}

fn too_much(span: Span) -> SyntaxError {
    SyntaxError { message: "the aliases of this YAML repeat too much of it".to_owned(), span }
}

fn byte_span(range: Range) -> Span {
    range.byte_range().map_or_else(Span::default, |range| Span::new(range.start, range.end))
}

/// A block scalar's range runs on into the indent of the next line.
fn trimmed(text: &str, span: Span) -> Span {
    let inner = text.get(span.start..span.end).unwrap_or_default();
    Span::new(span.start, span.start + inner.trim_end().len())
}

fn one_character(text: &str, at: usize) -> Span {
    let width = text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    Span::new(at, at + width)
}

fn in_our_words(message: &str) -> String {
    let message = message.strip_suffix('.').unwrap_or(message);
    message
        .replace(['\'', '<', '>'], "`")
        .replace("unexpected EOF", "the text ends")
        .replace("unexpected eof", "the text ends")
}

#[cfg(test)]
mod tests;

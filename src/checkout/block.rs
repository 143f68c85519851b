//! Blocks, attributes and expressions, the same in Terraform's own syntax and in JSON.

use std::ops::Range;
use std::sync::Arc;

use hcl_edit::Span as _;
use hcl_edit::expr::Expression as Native;
use hcl_edit::structure::{Block as NativeBlock, Body as NativeBody};

use super::folder::{Content, File};
use crate::source::{Place, Source, Span};
use crate::tree::{Entry, Node, Value};

/// A block: a resource, a data source, a call of a module, or a block inside of these.
#[derive(Clone, Copy, Debug)]
pub struct Block<'c> {
    source: &'c Arc<Source>,
    content: Body<'c>,
}

#[derive(Clone, Copy, Debug)]
enum Body<'c> {
    Native(&'c NativeBlock),
    /// In JSON, the key that names the block and the map under it.
    Json {
        name: Span,
        node: &'c Node,
    },
}

/// An attribute of a block.
#[derive(Clone, Copy, Debug)]
pub struct Attribute<'c> {
    /// The file.
    pub source: &'c Arc<Source>,
    /// The range of name and value.
    pub span: Span,
    /// The value.
    pub value: Expression<'c>,
}

/// An expression.
#[derive(Clone, Copy, Debug)]
pub enum Expression<'c> {
    /// In Terraform's own syntax.
    Native(&'c Native),
    /// In JSON, where strings are templates.
    Json(&'c Node),
}

/// Where a block stands in its file.
#[derive(Clone, Debug)]
pub(super) enum At {
    /// At this position in the body.
    Native(usize),
    /// At the end of this way through maps and lists.
    Json(Vec<usize>),
}

impl<'c> Block<'c> {
    /// The block at a place in a file.
    pub(super) fn at(file: &'c File, at: &At) -> Option<Self> {
        let content = match (&file.content, at) {
            (Content::Native(body), At::Native(at)) => Body::Native(body.get(*at)?.as_block()?),
            (Content::Json(node), At::Json(way)) => json_at(node, way)?,
            _ => return None,
        };
        Some(Self { source: &file.source, content })
    }

    /// The file.
    #[must_use]
    pub fn source(&self) -> &'c Arc<Source> {
        self.source
    }

    /// What names the block: its type and labels.
    #[must_use]
    pub fn header(&self) -> Place {
        let span = match self.content {
            Body::Native(block) => {
                let labels = block.labels.last().and_then(hcl_edit::Span::span);
                let start = span(block.ident.span());
                labels.map_or(start, |end| start.join(span(Some(end))))
            }
            Body::Json { name, .. } => name,
        };
        Place::new(self.source, span_in(self.source, span))
    }

    /// The whole block.
    #[must_use]
    pub fn place(&self) -> Place {
        let span = match self.content {
            Body::Native(block) => span(block.span()),
            Body::Json { name, node } => name.join(node.span),
        };
        Place::new(self.source, span_in(self.source, span))
    }

    /// The attribute of this name.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<Attribute<'c>> {
        match self.content {
            Body::Native(block) => {
                let attribute = block.body.get_attribute(name)?;
                let value = Expression::Native(&attribute.value);
                Some(Attribute { source: self.source, span: span(attribute.span()), value })
            }
            Body::Json { node, .. } => {
                let Entry { key_span, value, .. } = node.entry(name)?;
                let span = key_span.join(value.span);
                Some(Attribute { source: self.source, span, value: Expression::Json(value) })
            }
        }
    }

    /// The blocks of this name inside, in order. Those that are `dynamic` are not among them.
    #[must_use]
    pub fn blocks(&self, name: &str) -> Vec<Self> {
        match self.content {
            Body::Native(block) => {
                let inside = block.body.blocks().filter(|inner| inner.has_ident(name));
                inside.map(|inner| Self { content: Body::Native(inner), ..*self }).collect()
            }
            Body::Json { node, .. } => {
                let Some(entry) = node.entry(name) else { return Vec::new() };
                let one = |node| Self { content: Body::Json { name: entry.key_span, node }, ..*self };
                match &entry.value.value {
                    Value::List(items) => {
                        let named = |node: &'c Node| Self { content: Body::Json { name: node.span, node }, ..*self };
                        items.iter().map(named).collect()
                    }
                    _ => vec![one(&entry.value)],
                }
            }
        }
    }

    /// The blocks of this name inside, in order; for each, whether it is `dynamic` and stands for any number of them.
    #[must_use]
    pub fn blocks_and_dynamic(&self, name: &str) -> Vec<(Self, bool)> {
        let Body::Native(block) = self.content else {
            let is_dynamic = |block: &Self| block.blocks(name).into_iter().map(|block| (block, true)).collect();
            let plain = self.blocks(name).into_iter().map(|block| (block, false));
            let dynamic: Vec<Vec<_>> = self.blocks("dynamic").iter().map(is_dynamic).collect();
            return plain.chain(dynamic.into_iter().flatten()).collect();
        };
        let inside = block.body.blocks().filter_map(|inner| {
            let is_dynamic = inner.has_ident("dynamic") && inner.labels.first().is_some_and(|it| it.as_str() == name);
            let content = Body::Native(inner);
            (is_dynamic || inner.has_ident(name)).then_some((Self { content, ..*self }, is_dynamic))
        });
        inside.collect()
    }
}

impl Attribute<'_> {
    /// Name and value.
    #[must_use]
    pub fn place(&self) -> Place {
        Place::new(self.source, span_in(self.source, self.span))
    }
}

impl Expression<'_> {
    /// The text of a string without templates in it.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Native(native) => native.as_str(),
            Self::Json(node) => node.as_text().filter(|text| !text.contains("${") && !text.contains("%{")),
        }
    }
}

/// The names of all blocks in a body, with their positions.
pub(super) fn blocks_of(body: &NativeBody) -> Vec<(String, At)> {
    let named = body.iter().enumerate().filter_map(|(at, structure)| {
        let block = structure.as_block()?;
        let labels: Vec<&str> = block.labels.iter().map(hcl_edit::structure::BlockLabel::as_str).collect();
        Some((name(block.ident.as_str(), &labels)?, At::Native(at)))
    });
    named.collect()
}

/// What a block of this type with these labels is called.
fn name(ident: &str, labels: &[&str]) -> Option<String> {
    match (ident, labels) {
        ("resource", [type_name, name]) => Some(format!("{type_name}.{name}")),
        ("data", [type_name, name]) => Some(format!("data.{type_name}.{name}")),
        ("module" | "variable" | "output", [name]) => Some(format!("{ident}.{name}")),
        ("locals", []) => Some(ident.to_owned()),
        _ => None,
    }
}

/// The same of a file in JSON, where every label is a key and any level may be a list.
pub(super) fn json_blocks(root: &Node) -> Vec<(String, At)> {
    let mut found = Vec::new();
    let mut waiting: Vec<(&Node, Vec<usize>, Vec<&str>)> = vec![(root, Vec::new(), Vec::new())];
    while let Some((node, way, names)) = waiting.pop() {
        let step = |at: usize| [way.as_slice(), &[at]].concat();
        let is_whole = names.split_first().is_some_and(|(ident, labels)| labels.len() == labels_of(ident));
        match &node.value {
            Value::List(items) => {
                waiting.extend(items.iter().enumerate().rev().map(|(at, item)| (item, step(at), names.clone())));
            }
            Value::Map(_) if is_whole => {
                let named = names.split_first().and_then(|(ident, labels)| name(ident, labels));
                found.extend(named.map(|name| (name, At::Json(way))));
            }
            Value::Map(entries) => {
                let wanted = entries.iter().enumerate().rev().filter(|(_, it)| !names.is_empty() || is_block(&it.key));
                waiting.extend(
                    wanted.map(|(at, entry)| {
                        (&entry.value, step(at), [names.as_slice(), &[entry.key.as_str()]].concat())
                    }),
                );
            }
            _ => {}
        }
    }
    found
}

/// Whether blocks of this type have a name here.
fn is_block(ident: &str) -> bool {
    matches!(ident, "resource" | "data" | "module" | "variable" | "output" | "locals")
}

fn labels_of(ident: &str) -> usize {
    match ident {
        "resource" | "data" => 2,
        "locals" => 0,
        _ => 1,
    }
}

/// Goes the way through a JSON file to a block.
fn json_at<'c>(root: &'c Node, way: &[usize]) -> Option<Body<'c>> {
    let mut node = root;
    let mut name = root.span;
    for at in way {
        node = match &node.value {
            Value::List(items) => items.get(*at)?,
            Value::Map(entries) => {
                let entry = entries.get(*at)?;
                name = entry.key_span;
                &entry.value
            }
            _ => return None,
        };
    }
    Some(Body::Json { name, node })
}

/// A range as the library gives it; empty where it has none.
pub(crate) fn span(range: Option<Range<usize>>) -> Span {
    range.map_or(Span::default(), |range| Span::new(range.start, range.end))
}

/// The range without white space at its end.
fn span_in(source: &Source, span: Span) -> Span {
    Span::new(span.start, span.start + source.slice(span).trim_end().len())
}

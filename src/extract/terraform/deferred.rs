//! Policy documents that the plan does not know because the data source that makes them is read only during the apply.
//!
//! The data source's own arguments stand in the plan, with what is unknown of them marked. The document is made of them as
//! the provider would make it, the unknown parts left open under the names that settle them.

use std::sync::Arc;

use super::references::{Known, References, Referred, Want, names};
use super::resource::{Found, View};
use super::shell::{Resource, Unknown as Mask};
use crate::iam::document::{self, Document, Grammar};
use crate::source::{Place, Source};
use crate::tree::{Node, Unknown, Value, json};
use arguments::Arguments;
use merge::Merged;

mod arguments;
pub(super) mod layout;
mod merge;
mod statement;

/// The document that an unknown attribute will hold, or why it stays open; `None` where no data source is behind it.
pub(super) fn read(view: &View<'_>, found: &Found<'_>, grammar: Grammar) -> Option<Result<Arc<Document>, Unknown>> {
    let attribute = configured(view, found)?;
    let other = OTHERS.iter().find(|(name, _)| *name == view.resource.type_name).map(|(_, other)| *other);
    match view.settle(&attribute, other, wanted())? {
        Referred::Resource(address) => Some(rebuilt(view, &address, grammar)),
        Referred::Open(open) => Some(Err(open)),
    }
}

/// The attributes that name the identity of an inline policy.
const OTHERS: &[(&str, &str)] = &[
    ("aws_iam_group_policy", "group"),
    ("aws_iam_role_policy", "role"),
    ("aws_iam_user_policy", "user"),
    ("aws_ssoadmin_permission_set_inline_policy", "permission_set_arn"),
];

const DATA: &str = "data.aws_iam_policy_document";

fn wanted() -> Want<'static> {
    Want { type_name: DATA, attributes: &["json", "minified_json"], value: Known::Nothing }
}

/// Where the configuration has an attribute. Blocks of a set stand in another order in a plan than in its configuration.
fn configured(view: &View<'_>, found: &Found<'_>) -> Option<String> {
    let Some(rest) = found.attribute.strip_prefix("inline_policy[") else { return Some(found.attribute.clone()) };
    let (_, attribute) = rest.split_once(']')?;
    let blocks = view.expressions()?.get("inline_policy")?.as_array()?;
    let name = found.beside?.get("name")?.as_text()?;
    let is_so = |block: &serde_json::Value| {
        block.get("name").and_then(|it| it.get("constant_value")).and_then(serde_json::Value::as_str) == Some(name)
    };
    let at = blocks.iter().position(is_so)?;
    Some(format!("inline_policy[{at}]{attribute}"))
}

fn rebuilt(view: &View<'_>, address: &str, grammar: Grammar) -> Result<Arc<Document>, Unknown> {
    let builder = Builder { source: view.source, references: view.references };
    let resource = view.references.deferred(address).ok_or_else(|| open(address, "is known after apply"))?;
    let merged = builder.document(resource, 0)?;
    let (text, node) = layout::lay_out(merged.into_node());
    let origin = Place::new(view.source, view.source.span_of(resource.named_at));
    let source = Source::embedded(address, text, origin);
    Ok(Arc::new(document::parse(&node, &source, grammar)))
}

/// Makes documents of what one plan says.
struct Builder<'b> {
    source: &'b Arc<Source>,
    references: &'b References<'b>,
}

impl Builder<'_> {
    /// What the data source will give.
    fn document(&self, resource: &Resource<'_>, depth: u32) -> Result<Merged, Unknown> {
        const DEEPEST: u32 = 24;
        let unreadable = || open(&resource.address, "cannot be read");
        if depth > DEEPEST {
            return Err(open(&resource.address, "refers to too many other documents"));
        }
        let parse = |text: &str| json::parse(self.source, self.source.span_of(text)).map_err(|_| unreadable());
        let values = parse(resource.values)?;
        let mask = match resource.unknown {
            Mask::Mask(text) => Some(parse(text)?),
            Mask::Absent | Mask::Nothing => None,
        };
        let expressions = self.references.expressions(resource).unwrap_or_default();
        let arguments = Arguments { references: self.references, resource, values, mask, expressions };
        self.merged(&arguments, depth)
    }

    fn merged(&self, arguments: &Arguments<'_>, depth: u32) -> Result<Merged, Unknown> {
        let mut merged = Merged::default();
        for key in ["source_json", "source_policy_documents"] {
            for document in self.given(arguments, key, depth) {
                match document {
                    Ok(document) => merged.add(document),
                    Err(unknown) => merged.add_unknown(unknown),
                }
            }
        }
        merged.replace(statement::own(arguments));
        for key in ["override_policy_documents", "override_json"] {
            for document in self.given(arguments, key, depth) {
                // It may replace any statement that has a `Sid`.
                merged.replace(document?);
            }
        }
        Ok(merged)
    }

    /// The documents in an argument: each as its text says, or made of the data source that it refers to.
    fn given(&self, arguments: &Arguments<'_>, key: &str, depth: u32) -> Vec<Result<Merged, Unknown>> {
        let items = arguments.items(key);
        let unknown = items.iter().filter(|item| item.is_unknown).count();
        let whole = arguments.is_unknown(key);
        let mut behind = Vec::new();
        if unknown > 0 || whole {
            let count = Some(unknown).filter(|_| !whole);
            behind = arguments.settle_list(key, count, wanted());
        }
        let mut behind = behind.into_iter().map(|referred| match referred {
            Referred::Resource(address) => match self.references.deferred(&address) {
                Some(resource) => self.document(resource, depth + 1),
                None => Err(open(&address, "is known after apply")),
            },
            Referred::Open(unknown) => Err(unknown),
        });
        if whole {
            return behind.collect();
        }
        let name = format!("{}.{key}", arguments.resource.address);
        let given = items.iter().filter_map(|item| match (item.is_unknown, item.value) {
            (true, _) => Some(behind.next().unwrap_or_else(|| Err(open(&name, "is known after apply")))),
            (false, Some(node)) if !matches!(node.value, Value::Null) => Some(parsed(&name, node)),
            _ => None,
        });
        given.collect()
    }
}

/// A document that the plan knows, as the provider reads it.
fn parsed(name: &str, node: &Node) -> Result<Merged, Unknown> {
    let text = node.as_text().unwrap_or_default();
    if text.trim().is_empty() {
        return Ok(Merged::default());
    }
    let source = Source::file(name, text.to_owned());
    let whole = crate::source::Span::new(0, text.len());
    let document = json::parse(&source, whole).map_err(|_| open(name, "holds a document that is not JSON"))?;
    Merged::read(&document).ok_or_else(|| open(name, "holds a document that the provider cannot read"))
}

fn open(name: &str, reason: &str) -> Unknown {
    Unknown { name: name.to_owned(), reason: reason.to_owned(), form: crate::tree::Form::Anything }
}

/// The names in an expression that say something about a value: not those of the instance.
fn telling(expressions: &serde_json::Value, attribute: &str) -> Vec<String> {
    let is_own = |name: &String| ["each.", "count.", "path.", "self."].iter().any(|own| name.starts_with(own));
    names(expressions, attribute).into_iter().filter(|name| !is_own(name)).collect()
}

#[cfg(test)]
mod tests;

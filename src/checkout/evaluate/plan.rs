//! What a plan knows of the values that expressions refer to.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::values::{list, map, node, null, unknown};
use crate::source::{Source, Span};
use crate::terraform::address;
use crate::terraform::values::{State, Values};
use crate::tree::{Form, Node, Unknown, Value, json};

/// The variables and resources of a plan.
#[derive(Debug)]
pub(crate) struct Known {
    source: Arc<Source>,
    variables: HashMap<String, Span>,
    resources: HashMap<String, Attributes>,
    /// The addresses of the instances of each block, by module instance and block.
    instances: HashMap<(String, String), Vec<String>>,
}

/// The ranges of a resource's attributes, and of what is said of those that are not known.
#[derive(Clone, Copy, Debug)]
struct Attributes {
    values: Span,
    mask: Option<Span>,
}

#[derive(Deserialize)]
struct Plan<'a> {
    #[serde(borrow, default)]
    variables: HashMap<String, Variable<'a>>,
    #[serde(borrow, default)]
    resource_changes: Vec<Entry<'a>>,
    #[serde(borrow)]
    prior_state: Option<State<'a, Entry<'a>>>,
}

#[derive(Deserialize)]
struct Variable<'a> {
    #[serde(borrow)]
    value: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow, default)]
    address: Cow<'a, str>,
    #[serde(default)]
    deposed: Option<serde::de::IgnoredAny>,
    #[serde(borrow)]
    change: Option<Change<'a>>,
    #[serde(borrow)]
    values: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Change<'a> {
    #[serde(borrow)]
    after: Option<&'a RawValue>,
    #[serde(borrow)]
    after_unknown: Option<&'a RawValue>,
}

impl Known {
    /// Reads the plan in this range of a source; what cannot be read says nothing.
    pub(crate) fn read(source: &Arc<Source>, span: Span) -> Self {
        let mut known = Self {
            source: Arc::clone(source),
            variables: HashMap::new(),
            resources: HashMap::new(),
            instances: HashMap::new(),
        };
        let Ok(plan) = serde_json::from_str::<Plan<'_>>(source.slice(span)) else { return known };
        let span = |raw: &RawValue| source.span_of(raw.get());
        let variables = plan.variables.into_iter();
        known.variables = variables.filter_map(|(name, variable)| Some((name, span(variable.value?)))).collect();
        for entry in plan.resource_changes.into_iter().filter(|entry| entry.deposed.is_none()) {
            let Some(change) = entry.change else { continue };
            let Some(after) = change.after.filter(|after| after.get() != "null") else { continue };
            known.add(entry.address, Attributes { values: span(after), mask: change.after_unknown.map(span) });
        }
        let values = plan.prior_state.and_then(|state| state.values);
        for entry in values.into_iter().flat_map(Values::into_resources) {
            let Some(values) = entry.values else { continue };
            let is_data = address::block_of(&entry.address).is_some_and(|it| it.block.starts_with("data."));
            // What is managed and not among the changes is gone, or stays and is told there.
            if is_data && !known.resources.contains_key(&*entry.address) {
                known.add(entry.address, Attributes { values: span(values), mask: None });
            }
        }
        known
    }

    fn add(&mut self, address: Cow<'_, str>, attributes: Attributes) {
        let Some(block) = address::block_of(&address) else { return };
        let key = (address::module_of(&address), block.block);
        self.instances.entry(key).or_default().push(address.clone().into_owned());
        self.resources.insert(address.into_owned(), attributes);
    }

    /// The value of a variable of the root module.
    pub(super) fn variable(&self, name: &str) -> Option<Node> {
        json::parse(&self.source, *self.variables.get(name)?).ok()
    }

    /// The addresses of all instances of a block.
    pub(super) fn instances(&self, module: &str, block: &str) -> &[String] {
        let found = self.instances.get(&(module.to_owned(), block.to_owned()));
        found.map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether there is a resource at an address.
    pub(crate) fn has(&self, address: &str) -> bool {
        self.resources.contains_key(address)
    }

    /// How many bytes the attributes of a resource take.
    pub(super) fn size(&self, address: &str) -> usize {
        self.resources.get(address).map_or(0, |it| it.values.len() + it.mask.map_or(0, Span::len))
    }

    /// The attributes of a resource, those that are not known under their names.
    pub(super) fn attributes(&self, address: &str) -> Node {
        let Some(attributes) = self.resources.get(address) else { return unknown(address, "is not in the plan") };
        let read = |span| json::parse(&self.source, span).ok();
        let Some(values) = read(attributes.values) else { return unknown(address, "cannot be read") };
        masked(Some(&values), attributes.mask.and_then(read).as_ref(), address)
    }
}

/// A value with what is not known of it.
fn masked(value: Option<&Node>, mask: Option<&Node>, name: &str) -> Node {
    if mask.and_then(Node::as_text) == Some("true") {
        let form = if is_identifier(name) { Form::Identifier } else { Form::Anything };
        let reason = "is known after apply".to_owned();
        return node(Value::Unknown(Unknown { name: name.to_owned(), reason, form }));
    }
    match (value.map(|value| &value.value), mask.map(|mask| &mask.value)) {
        (Some(Value::List(_)) | None, Some(Value::List(masks))) => {
            let items = value.and_then(Node::as_list).unwrap_or_default();
            let item = |at: usize| masked(items.get(at), masks.get(at), &format!("{name}[{at}]"));
            list((0..items.len().max(masks.len())).map(item).collect())
        }
        (Some(Value::Map(_)) | None, Some(Value::Map(masks))) => {
            let entries = value.and_then(Node::as_map).unwrap_or_default();
            let known = entries.iter().map(|entry| entry.key.as_str());
            let open = masks.iter().map(|entry| entry.key.as_str());
            let get = |node: Option<&Node>, key: &str| node.and_then(|node| node.get(key)).cloned();
            let of = |key: &str| {
                let inner = masked(get(value, key).as_ref(), get(mask, key).as_ref(), &format!("{name}.{key}"));
                (key.to_owned(), inner)
            };
            map(known.chain(open).map(of).collect())
        }
        (Some(_), _) => value.cloned().unwrap_or_else(null),
        (None, _) => null(),
    }
}

/// Whether a name ends in an attribute that AWS makes and that is one identifier.
fn is_identifier(name: &str) -> bool {
    matches!(name.rsplit_once('.'), Some((_, "arn" | "id" | "unique_id" | "account_id")))
}

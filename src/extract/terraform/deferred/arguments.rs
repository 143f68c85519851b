//! The arguments of a data source: values, which of them are unknown, and what the configuration calls those.

use serde_json::Value as Json;

use super::super::identities;
use super::super::references::{Asked, Known, References, Referred, Want, in_module};
use super::super::resource::form_of;
use super::super::shell::Resource;
use super::telling;
use crate::tree::{Form, Node, Parts, Unknown, Value};

/// The arguments of one data source.
pub(super) struct Arguments<'v> {
    pub(super) references: &'v References<'v>,
    pub(super) resource: &'v Resource<'v>,
    pub(super) values: Node,
    pub(super) mask: Option<Node>,
    pub(super) expressions: Json,
}

/// A value with what is unknown of it.
#[derive(Clone, Copy)]
pub(super) struct Item<'n> {
    pub(super) value: Option<&'n Node>,
    pub(super) mask: Option<&'n Node>,
    /// Whether nothing of it is known.
    pub(super) is_unknown: bool,
}

impl<'n> Item<'n> {
    fn new(value: Option<&'n Node>, mask: Option<&'n Node>) -> Self {
        Self { value, mask, is_unknown: mask.and_then(Node::as_text) == Some("true") }
    }

    /// The value under a key.
    pub(super) fn get(&self, key: &str) -> Self {
        Self::new(self.value.and_then(|value| value.get(key)), self.mask.and_then(|mask| mask.get(key)))
    }

    /// The items of a list.
    pub(super) fn items(&self) -> Vec<Self> {
        let values = self.value.and_then(Node::as_list).unwrap_or_default();
        let masks = self.mask.and_then(Node::as_list).unwrap_or_default();
        let count = values.len().max(masks.len());
        (0..count).map(|at| Self::new(values.get(at), masks.get(at))).collect()
    }

    /// The text, where it is known and not null.
    pub(super) fn text(&self) -> Option<&'n str> {
        self.value?.as_text().filter(|_| !self.is_unknown)
    }
}

impl Arguments<'_> {
    /// All arguments.
    pub(super) fn all(&self) -> Item<'_> {
        Item::new(Some(&self.values), self.mask.as_ref())
    }

    /// The items of an argument; one that is a single string is its own item.
    pub(super) fn items(&self, key: &str) -> Vec<Item<'_>> {
        let item = self.all().get(key);
        match item.value.map(|node| &node.value) {
            Some(Value::Scalar(_)) => vec![item],
            _ => item.items(),
        }
    }

    /// Whether nothing is known of an argument.
    pub(super) fn is_unknown(&self, key: &str) -> bool {
        self.all().get(key).is_unknown
    }

    /// What an argument that is a list refers to.
    pub(super) fn settle_list(&self, key: &str, unknown: Option<usize>, want: Want<'_>) -> Vec<Referred> {
        self.references.settle_list(&self.asked(&self.expressions, key, want), unknown)
    }

    /// The names for the unknown values of a list, by the expressions that may have made it: one for each value.
    /// `is_whole` says of a name whether the value can only be what the name stands for.
    pub(super) fn names(
        &self,
        expressions: &[&Json],
        is_whole: impl Fn(&str) -> bool,
        unknown: usize,
        fallback: &str,
    ) -> Vec<Unknown> {
        let names: Vec<String> = expressions.iter().flat_map(|it| telling(it, "")).collect();
        let named = |name: &String| {
            let full = in_module(&self.resource.module, name);
            let form = if is_whole(name) { form_of(name) } else { Form::Anything };
            Unknown { name: full, reason: "is known after apply".to_owned(), form }
        };
        let generic = || Unknown {
            name: format!("{}.{fallback}", self.resource.address),
            reason: "is known after apply".to_owned(),
            form: Form::Anything,
        };
        match names.as_slice() {
            names if names.len() == unknown => names.iter().map(named).collect(),
            [only] => (0..unknown).map(|_| Unknown { form: Form::Anything, ..named(only) }).collect(),
            _ => (0..unknown).map(|_| generic()).collect(),
        }
    }

    /// The ARN of a role or user that a principal refers to: what kind it is is certain, and often all but the account.
    pub(super) fn principal(&self, expression: &Json) -> Option<Parts> {
        let arn = |type_name| {
            let want = Want { type_name, attributes: &["arn"], value: Known::Open };
            match self.references.settle(&self.asked(expression, "", want)) {
                Referred::Resource(address) => identities::parts(&format!("{address}.arn"), self.references),
                _ => None,
            }
        };
        arn("aws_iam_role").or_else(|| arn("aws_iam_user"))
    }

    fn asked<'q>(&'q self, expressions: &'q Json, attribute: &'q str, want: Want<'q>) -> Asked<'q> {
        Asked { resource: self.resource, expressions, attribute, other: None, want }
    }
}

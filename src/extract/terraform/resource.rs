//! One resource with its attributes as nodes, known and unknown.

use std::cell::OnceCell;
use std::sync::Arc;

use super::attributes;
use super::references::{self, Asked, References, Referred, Want};
use super::shell::{self, Resource};
use super::written;
use crate::inventory::Address;
use crate::source::{Place, Source};
use crate::tree::{Form, Node, SyntaxError, Unknown, Value};

/// A resource whose attributes can be asked for.
pub(super) struct View<'a> {
    /// The plan or state.
    pub(super) source: &'a Arc<Source>,
    /// The resource as the input has it.
    pub(super) resource: &'a Resource<'a>,
    /// Its address.
    pub(super) address: Address,
    /// The text that names it.
    pub(super) place: Place,
    /// What the configuration says.
    pub(super) references: &'a References<'a>,
    expressions: OnceCell<Option<serde_json::Value>>,
    values: Node,
    mask: Mask,
}

/// What is known about which attributes are unknown.
enum Mask {
    Node(Node),
    Absent,
    Nothing,
}

/// An attribute that has a value, known or not.
pub(super) struct Found<'n> {
    /// Its path with indexes: `inline_policy[0].policy`.
    pub(super) attribute: String,
    /// The value.
    pub(super) value: Result<&'n Node, Unknown>,
    /// The map that it stands in, where that is known.
    pub(super) beside: Option<&'n Node>,
    /// The text of the value, or of the resource's name for an unknown one.
    pub(super) place: Place,
}

/// How far a search has come.
struct Reached<'n> {
    attribute: String,
    value: Option<&'n Node>,
    mask: Option<&'n Node>,
    beside: Option<&'n Node>,
}

impl<'a> View<'a> {
    /// Reads the attributes of a resource.
    pub(super) fn new(
        source: &'a Arc<Source>,
        input: &Arc<str>,
        resource: &'a Resource<'a>,
        references: &'a References<'a>,
    ) -> Result<Self, SyntaxError> {
        let values = attributes::read(source, &resource.type_name, resource.values)?;
        let mask = match resource.unknown {
            shell::Unknown::Mask(text) => Mask::Node(attributes::read(source, &resource.type_name, text)?),
            shell::Unknown::Absent => Mask::Absent,
            shell::Unknown::Nothing => Mask::Nothing,
        };
        let address = Address { input: Arc::clone(input), path: resource.address.clone().into_owned() };
        let place = Place::new(source, source.span_of(resource.named_at));
        let expressions = OnceCell::new();
        Ok(Self { source, resource, address, place, references, expressions, values, mask })
    }

    /// All values at a path such as `groups[]` or `inline_policy[].policy`. What is null or absent is not among them.
    pub(super) fn find(&self, path: &str) -> Vec<Found<'_>> {
        if self.has_nothing_at(path) {
            return Vec::new();
        }
        let mask = if let Mask::Node(node) = &self.mask { Some(node) } else { None };
        let start = Reached { attribute: String::new(), value: Some(&self.values), mask, beside: None };
        let mut reached = vec![start];
        for step in path.split('.') {
            let (key, is_list) = step.strip_suffix("[]").map_or((step, false), |key| (key, true));
            let inside = reached.into_iter().map(|reached| reached.step(key));
            reached = inside.flat_map(|reached| if is_list { reached.items() } else { vec![reached] }).collect();
        }
        reached.into_iter().filter_map(|reached| self.found(reached)).collect()
    }

    /// Whether it is seen at once that there is nothing at a path, as with most attributes of most resources.
    fn has_nothing_at(&self, path: &str) -> bool {
        let key = path.split(['.', '[']).next().unwrap_or(path);
        let is_set = self.values.get(key).is_some_and(|node| !matches!(node.value, Value::Null));
        !is_set
            && match &self.mask {
                Mask::Node(mask) => !is_true(Some(mask)) && mask.get(key).is_none(),
                Mask::Absent => false,
                Mask::Nothing => true,
            }
    }

    /// The value of an attribute that is not in a list.
    pub(super) fn get(&self, path: &str) -> Option<Found<'_>> {
        self.find(path).into_iter().next()
    }

    /// The text of an attribute, where it is known.
    pub(super) fn text(&self, path: &str) -> Option<String> {
        self.get(path)?.text().map(str::to_owned)
    }

    /// A value that the plan does not know, under the name that the configuration has for it.
    pub(super) fn unknown(&self, attribute: &str) -> Unknown {
        let names = self.names(attribute);
        let is_own = |name: &&String| !["each.", "count.", "path.", "self."].iter().any(|own| name.starts_with(own));
        let (name, form) = match names.as_slice() {
            [only] if is_own(&only) => (references::in_module(&self.resource.module, only), form_of(only)),
            _ => (format!("{}.{attribute}", self.address.path), Form::Anything),
        };
        Unknown { name, reason: "is known after apply".to_owned(), form }
    }

    /// The names that an attribute refers to in the configuration.
    pub(super) fn names(&self, attribute: &str) -> Vec<String> {
        self.expressions().map(|expressions| references::names(expressions, attribute)).unwrap_or_default()
    }

    /// Whether the configuration gives the resource a value for an attribute; `None` where it is not there to ask.
    fn mentions(&self, attribute: &str) -> Option<bool> {
        self.expressions().map(|expressions| expressions.get(attribute).is_some())
    }

    /// Which resource a single value means; `other` is the attribute on the other side of a tie. What the plan does not
    /// settle, the files beside it may.
    pub(super) fn settle(&self, attribute: &str, other: Option<&str>, want: Want<'_>) -> Option<Referred> {
        let expressions = self.expressions()?;
        let asked = Asked { resource: self.resource, expressions, attribute, other, want };
        Some(match self.references.settle(&asked) {
            Referred::Open(open) => written::settle(self, attribute, want).unwrap_or(Referred::Open(open)),
            settled @ Referred::Resource(_) => settled,
        })
    }

    /// The resources that an open value may mean, where they are few.
    pub(super) fn candidates(&self, attribute: &str, want: Want<'_>) -> Vec<String> {
        let Some(expressions) = self.expressions() else { return Vec::new() };
        self.references.candidates(&Asked { resource: self.resource, expressions, attribute, other: None, want })
    }

    /// What a list means of which some items, or all of it, are not known.
    pub(super) fn settle_list(&self, attribute: &str, unknown: Option<usize>, want: Want<'_>) -> Option<Vec<Referred>> {
        let expressions = self.expressions()?;
        let asked = Asked { resource: self.resource, expressions, attribute, other: None, want };
        let settled = self.references.settle_list(&asked, unknown);
        let is_open = settled.iter().any(|it| matches!(it, Referred::Open(_)));
        let written = if is_open { written::settle_list(self, attribute, unknown, want) } else { None };
        Some(written.unwrap_or(settled))
    }

    /// What the configuration says of the attributes; `None` where it is not there to ask.
    pub(super) fn expressions(&self) -> Option<&serde_json::Value> {
        self.expressions.get_or_init(|| self.references.expressions(self.resource)).as_ref()
    }

    fn found<'n>(&'n self, reached: Reached<'n>) -> Option<Found<'n>> {
        let Reached { attribute, value, mask, beside } = reached;
        let value = value.filter(|node| !matches!(node.value, Value::Null));
        let value = match value {
            _ if is_true(mask) => self.is_meant(&attribute).then(|| Err(self.unknown(&attribute)))?,
            Some(node) => self.is_declared(&attribute, node, beside).then_some(Ok(node))?,
            None if matches!(self.mask, Mask::Absent) && self.is_left_out(&attribute) => Err(self.unknown(&attribute)),
            None => return None,
        };
        let place = value.as_ref().map_or_else(|_| self.place.clone(), |node| Place::new(self.source, node.span));
        Some(Found { attribute, value, beside, place })
    }

    /// Whether an unknown value is one that the author asked for: the provider leaves open what it will fill in itself.
    fn is_meant(&self, attribute: &str) -> bool {
        let is_nested = attribute.contains(['.', '[']);
        is_nested || self.mentions(attribute).unwrap_or_else(|| !is_filled_in(&self.resource.type_name, attribute))
    }

    /// Whether a known value is the author's: a provider also repeats what it has read from AWS, which may be older
    /// than what the plan does. Blocks are no proof, as a plan's configuration leaves out those that are `dynamic`.
    fn is_declared(&self, attribute: &str, node: &Node, beside: Option<&Node>) -> bool {
        let top = attribute.split(['.', '[']).next().unwrap_or(attribute);
        if !is_filled_in(&self.resource.type_name, top) {
            return true;
        }
        let policy = match top {
            "inline_policy" => beside.and_then(|block| block.get("name")).and_then(Node::as_text),
            _ if self.mentions(top) == Some(false) => return false,
            _ => node.as_text(),
        };
        let role = self.values.get("name").and_then(Node::as_text);
        !role.zip(policy).is_some_and(|(role, policy)| self.references.is_read_back(role, policy))
    }

    /// Whether planned values leave out an attribute that the configuration gives something other than a constant.
    fn is_left_out(&self, attribute: &str) -> bool {
        !self.names(attribute).is_empty()
    }
}

impl Found<'_> {
    /// The text, where it is known.
    pub(super) fn text(&self) -> Option<&str> {
        self.value.as_ref().ok()?.as_text()
    }
}

impl<'n> Reached<'n> {
    /// Goes into a map; an unknown map stays where it is.
    fn step(self, key: &str) -> Self {
        if is_true(self.mask) {
            return self;
        }
        let separator = if self.attribute.is_empty() { "" } else { "." };
        Self {
            attribute: format!("{}{separator}{key}", self.attribute),
            value: self.value.and_then(|value| value.get(key)),
            mask: self.mask.and_then(|mask| mask.get(key)),
            beside: self.value,
        }
    }

    /// Goes into a list; what is not a list stays as it is.
    fn items(self) -> Vec<Self> {
        let values = self.value.and_then(Node::as_list);
        let masks = self.mask.and_then(Node::as_list);
        if is_true(self.mask) || (values.is_none() && masks.is_none()) {
            return vec![self];
        }
        let (values, masks) = (values.unwrap_or_default(), masks.unwrap_or_default());
        let count = values.len().max(masks.len());
        let item = |at: usize| Self {
            attribute: format!("{}[{at}]", self.attribute),
            value: values.get(at),
            mask: masks.get(at),
            beside: self.beside,
        };
        (0..count).map(item).collect()
    }
}

fn is_true(mask: Option<&Node>) -> bool {
    mask.and_then(Node::as_text) == Some("true")
}

/// Whether the name ends in an attribute that AWS makes and that is one identifier.
pub(super) fn form_of(name: &str) -> Form {
    match name.rsplit_once('.') {
        Some((_, "arn" | "id" | "unique_id" | "account_id")) if name.matches('.').count() > 1 => Form::Identifier,
        _ => Form::Anything,
    }
}

/// Whether the provider fills in an attribute that the author leaves out, so that an unknown value says nothing.
fn is_filled_in(type_name: &str, attribute: &str) -> bool {
    FILLED_IN.contains(&(type_name, attribute))
}

/// The attributes that the provider fills in with what AWS has.
const FILLED_IN: &[(&str, &str)] = &[
    ("aws_api_gateway_domain_name", "policy"),
    ("aws_api_gateway_rest_api", "policy"),
    ("aws_elasticsearch_domain", "access_policies"),
    ("aws_iam_role", "inline_policy"),
    ("aws_iam_role", "managed_policy_arns"),
    ("aws_kms_external_key", "policy"),
    ("aws_kms_key", "policy"),
    ("aws_kms_replica_external_key", "policy"),
    ("aws_kms_replica_key", "policy"),
    ("aws_opensearch_domain", "access_policies"),
    ("aws_s3_access_point", "policy"),
    ("aws_s3_bucket", "policy"),
    ("aws_secretsmanager_secret", "policy"),
    ("aws_sns_topic", "policy"),
    ("aws_sqs_queue", "policy"),
    ("aws_vpc_endpoint", "policy"),
];

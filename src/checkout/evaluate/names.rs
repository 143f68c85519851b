//! What names stand for: locals, variables, outputs of modules, resources, and the instance's own key.

use std::path::Path;

use hcl_edit::expr::{Expression as Native, Traversal, TraversalOperator};

use super::lists::has_length;
use super::values::{doubtful, list, map, node, null, number, quoted, unknown};
use super::{Run, Scope};
use crate::terraform::address::{self, module_call};
use crate::tree::{Form, Node, Unknown, Value};

/// The operators of a traversal that are still to be applied.
type Rest<'o> = &'o [hcl_edit::Decorated<TraversalOperator>];

impl Run<'_> {
    pub(super) fn traversal(&self, traversal: &Traversal, scope: Scope<'_>) -> Node {
        let operators: Rest<'_> = &traversal.operators;
        let Native::Variable(first) = &traversal.expr else {
            return self.applied(self.native(&traversal.expr, scope), operators, scope);
        };
        if let Some(value) = scope.bound(first.as_str()) {
            return self.applied(self.budget.copied(value), operators, scope);
        }
        let name = |at: usize| match operators.get(at).map(hcl_edit::Decorated::value) {
            Some(TraversalOperator::GetAttr(name)) => name.as_str(),
            _ => "",
        };
        let after = |count: usize| operators.get(count..).unwrap_or_default();
        match first.as_str() {
            "local" => self.applied(self.local(name(0), scope), after(1), scope),
            "var" => self.applied(self.variable(name(0), scope), after(1), scope),
            "each" => self.applied(self.each_of(name(0), scope), after(1), scope),
            "count" => match scope.key.trim_matches(['[', ']']) {
                index if index.parse::<usize>().is_ok() => self.applied(number(index), after(1), scope),
                _ => open(scope, "count.index"),
            },
            "path" => self.path(name(0), scope),
            "module" => self.module(name(0), after(1), scope),
            "self" | "terraform" => unknown(format!("{}.{}", first.as_str(), name(0)), "is not known here"),
            "data" => self.resource(&format!("data.{}.{}", name(0), name(1)), after(2), scope),
            type_name => self.resource(&format!("{type_name}.{}", name(0)), after(1), scope),
        }
    }

    fn local(&self, name: &str, scope: Scope<'_>) -> Node {
        let module = address::without_keys(scope.module);
        match self.evaluator.checkout.local(&module, name) {
            Some(local) => self.expression(&local, Scope { key: "", block: None, bound: None, ..scope }),
            None => open(scope, &format!("local.{name}")),
        }
    }

    fn variable(&self, name: &str, scope: Scope<'_>) -> Node {
        let module = address::without_keys(scope.module);
        let checkout = self.evaluator.checkout;
        let given = match module_call(scope.module) {
            None => self.evaluator.known.variable(name),
            Some((parent, step)) => {
                let call = checkout.block_in(&address::without_keys(parent), &format!("module.{}", step.name)).ok();
                let outer = Scope { module: parent, key: step.key, block: call, bound: None, depth: scope.depth };
                call.map(|call| call.attribute(name).map(|given| self.expression(&given, outer)))
                    .unwrap_or_else(|| Some(open(scope, &format!("var.{name}"))))
            }
        };
        let declared = checkout.block_in(&module, &format!("variable.{name}")).ok();
        let nullable = declared.and_then(|block| block.attribute("nullable"));
        let is_set = |given: &Node| !matches!(given.value, Value::Null) || nullable.is_none();
        given.filter(is_set).unwrap_or_else(|| {
            let default = declared.and_then(|block| block.attribute("default"));
            let bare = Scope { key: "", block: None, bound: None, ..scope };
            default.map_or_else(|| open(scope, &format!("var.{name}")), |default| self.expression(&default, bare))
        })
    }

    /// `each.key` and `each.value`.
    fn each_of(&self, name: &str, scope: Scope<'_>) -> Node {
        let key = scope.key.trim_start_matches("[").trim_end_matches("]");
        let Ok(key) = serde_json::from_str::<String>(key) else {
            return open(scope, &format!("each.{name}"));
        };
        if name == "key" {
            return quoted(key);
        }
        let Some(each) = scope.block.and_then(|block| block.attribute("for_each")) else {
            return open(scope, "each.value");
        };
        let all = self.expression(&each, Scope { key: "", block: None, ..scope });
        match &all.value {
            Value::Map(_) => all.get(&key).cloned().unwrap_or_else(|| open(scope, "each.value")),
            // A set gives its items as keys and values alike.
            Value::List(_) => quoted(key),
            _ => doubtful(&all, "each.value"),
        }
    }

    /// A folder, for functions that read files.
    fn path(&self, name: &str, scope: Scope<'_>) -> Node {
        let checkout = self.evaluator.checkout;
        let folder = match name {
            "module" => checkout.folder_of(&address::without_keys(scope.module)),
            "root" => Some(checkout.root()),
            _ => None,
        };
        let shown = |folder: &Path| {
            let text = folder.to_str()?;
            Some(quoted(if text.is_empty() { "." } else { text }))
        };
        folder.and_then(shown).unwrap_or_else(|| unknown(format!("path.{name}"), "is not known here"))
    }

    /// An output of a module.
    fn module(&self, name: &str, rest: Rest<'_>, scope: Scope<'_>) -> Node {
        let call = format!("module.{name}");
        let whole = open(scope, &call);
        let (key, rest) = match rest.split_first() {
            Some((first, after)) => match first.value() {
                TraversalOperator::Index(index) => match self.key(index, scope) {
                    Some(key) => (key, after),
                    None => return self.applied(whole, rest, scope),
                },
                _ => (String::new(), rest),
            },
            None => return whole,
        };
        let parent = address::without_keys(scope.module);
        let Ok(block) = self.evaluator.checkout.block_in(&parent, &call) else {
            return self.applied(whole, rest, scope);
        };
        let has_instances = block.attribute("for_each").is_some() || block.attribute("count").is_some();
        let (Some((output, after)), false) = (rest.split_first(), has_instances && key.is_empty()) else {
            return self.applied(whole, rest, scope);
        };
        let TraversalOperator::GetAttr(output) = output.value() else { return self.applied(whole, rest, scope) };
        let dot = if scope.module.is_empty() { "" } else { "." };
        let instance = format!("{}{dot}{call}{key}", scope.module);
        let declared = format!("output.{}", output.as_str());
        let inner = Scope { module: &instance, key: "", block: None, bound: None, depth: scope.depth };
        let found = self.evaluator.checkout.block_in(&address::without_keys(&instance), &declared).ok();
        match found.and_then(|block| block.attribute("value")) {
            Some(value) => self.applied(self.expression(&value, inner), after, scope),
            None => self.applied(whole, rest, scope),
        }
    }

    /// A resource or data source, or what is asked of it.
    fn resource(&self, block: &str, rest: Rest<'_>, scope: Scope<'_>) -> Node {
        let known = self.evaluator.known;
        let all = known.instances(scope.module, block);
        let base = format!("{}{}{block}", scope.module, if scope.module.is_empty() { "" } else { "." });
        let first = rest.split_first().map(|(first, after)| (first.value(), after));
        match (all, first) {
            ([], Some((TraversalOperator::Index(index), after))) => match self.key(index, scope) {
                Some(key) => self.applied(open(scope, &format!("{block}{key}")), after, scope),
                None => self.applied(open(scope, block), after, scope),
            },
            ([], _) => self.applied(open(scope, block), rest, scope),
            ([only], _) if *only == base => self.applied(self.attributes(only), rest, scope),
            (_, Some((TraversalOperator::Index(index), after))) => match self.key(index, scope) {
                Some(key) => {
                    let address = format!("{base}{key}");
                    self.applied(self.attributes(&address), after, scope)
                }
                None => self.applied(
                    unknown(base, "has several instances, and which of them is meant is not known"),
                    after,
                    scope,
                ),
            },
            _ => {
                let keys: Vec<&str> = all.iter().map(|address| address::own_key(address)).collect();
                let named =
                    |key: &&str| serde_json::from_str::<String>(key.trim_start_matches('[').trim_end_matches(']'));
                let value = if keys.iter().all(|key| key.starts_with("[\"")) {
                    let entry = |(key, address): (&&str, &String)| Some((named(key).ok()?, self.attributes(address)));
                    map(keys.iter().zip(all).filter_map(entry).collect())
                } else {
                    let number = |key: &str| key.trim_matches(['[', ']']).parse::<usize>().unwrap_or_default();
                    let mut sorted: Vec<&String> = all.iter().collect();
                    sorted.sort_by_key(|address| number(address::own_key(address)));
                    list(sorted.into_iter().map(|address| self.attributes(address)).collect())
                };
                self.applied(value, rest, scope)
            }
        }
    }

    fn attributes(&self, address: &str) -> Node {
        let known = self.evaluator.known;
        if self.budget.takes(known.size(address)) {
            known.attributes(address)
        } else {
            unknown(address, "takes too much to be evaluated")
        }
    }

    /// An instance key with its brackets, as addresses have it.
    fn key(&self, index: &Native, scope: Scope<'_>) -> Option<String> {
        let value = self.native(index, scope);
        let Value::Scalar(scalar) = &value.value else { return None };
        let text = scalar.as_text()?;
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        Some(if is_number && scalar.is_number_or_boolean() {
            format!("[{text}]")
        } else {
            format!("[{}]", serde_json::Value::from(text))
        })
    }

    /// A value with the rest of a traversal applied to it.
    fn applied(&self, value: Node, rest: Rest<'_>, scope: Scope<'_>) -> Node {
        let mut value = value;
        let mut rest = rest;
        while let Some((operator, after)) = rest.split_first() {
            if let Some(spent) = self.budget.step(scope.depth) {
                return spent;
            }
            rest = after;
            value = match operator.value() {
                TraversalOperator::GetAttr(name) => member(&value, name.as_str()),
                TraversalOperator::LegacyIndex(index) => item(&value, &index.value().to_string()),
                TraversalOperator::Index(index) => {
                    let index = self.native(index, scope);
                    match index.as_text() {
                        Some(text) => item(&value, text),
                        None => doubtful(&index, "an index"),
                    }
                }
                TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => {
                    let items = match value.value {
                        Value::List(items) => items,
                        Value::Null => Vec::new(),
                        Value::Unknown(_) => return doubtful(&value, "a list"),
                        _ => vec![value],
                    };
                    return list(items.into_iter().map(|item| self.applied(item, after, scope)).collect());
                }
            };
        }
        value
    }
}

/// The value under a name.
fn member(value: &Node, name: &str) -> Node {
    match &value.value {
        Value::Map(_) if value.get(name).is_some() => value.get(name).cloned().unwrap_or_else(null),
        Value::Unknown(of) => part_of(of, &format!(".{name}"), matches!(name, "arn" | "id" | "unique_id")),
        _ => unknown(format!("an attribute `{name}`"), "is not there"),
    }
}

/// The value at an index or key.
fn item(value: &Node, index: &str) -> Node {
    let found = match &value.value {
        Value::Map(_) => value.get(index),
        Value::List(items) if !has_length(items) => return doubtful(value, "an item"),
        Value::List(items) => index.parse::<usize>().ok().and_then(|index| items.get(index)),
        Value::Unknown(of) => return part_of(of, &format!("[{index}]"), false),
        _ => None,
    };
    found.cloned().unwrap_or_else(|| unknown(format!("an item `{index}`"), "is not there"))
}

/// A part of an unknown value, by a name that leads there.
fn part_of(of: &Unknown, step: &str, is_identifier: bool) -> Node {
    // A name that is not the name of a value leads nowhere further.
    let is_plain = !of.name.contains(' ') && of.name.len() < 1000;
    let name = if is_plain { format!("{}{step}", of.name) } else { of.name.clone() };
    let form = if is_identifier && is_plain && of.name.contains('.') { Form::Identifier } else { Form::Anything };
    node(Value::Unknown(Unknown { name, reason: of.reason.clone(), form }))
}

/// A name in a module of which nothing is known.
fn open(scope: Scope<'_>, name: &str) -> Node {
    let dot = if scope.module.is_empty() { "" } else { "." };
    unknown(format!("{}{dot}{name}", scope.module), "is known after apply")
}

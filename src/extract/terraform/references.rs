//! What the configuration inside a plan says about values that the plan does not know.
//!
//! A plan gives for each expression the names it refers to, not the expression itself. Only what one name alone settles
//! is taken from it: a reference to the one instance of a resource in the same module.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use serde::Deserialize;
use serde_json::Value;

use super::matters;
use super::shell::{Block, Module, Resource, Shell};

/// The configuration and the resource instances of one input, to be looked up.
pub(super) struct References<'a> {
    blocks: Option<HashMap<String, &'a Block<'a>>>,
    addresses: HashSet<&'a str>,
    role_policies: HashSet<(String, String)>,
}

/// A reference to another resource: the address of its one instance, and which attribute of it is meant.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Referenced<'n> {
    pub(super) type_name: &'n str,
    pub(super) address: String,
    /// Empty where the plan does not say it.
    pub(super) attribute: &'n str,
}

impl<'a> References<'a> {
    /// Prepares the look-ups.
    pub(super) fn new(shell: &'a Shell<'a>) -> Self {
        let blocks = shell.configuration.as_ref().map(blocks);
        let addresses = shell.resources.iter().map(|resource| &*resource.address).collect();
        let role_policies = shell.role_ties.iter().flat_map(|values| role_policies(values)).collect();
        Self { blocks, addresses, role_policies }
    }

    /// Whether a resource of its own ties the policy, by name or ARN, to the role of this name. What the role repeats
    /// of it was read back from AWS and may be older than what the plan does.
    pub(super) fn is_read_back(&self, role: &str, policy: &str) -> bool {
        self.role_policies.contains(&(role.to_owned(), policy.to_owned()))
    }

    /// The resource instance that a name refers to, seen from the module of `from`.
    pub(super) fn resource<'n>(&self, from: &Resource<'_>, name: &'n str) -> Option<Referenced<'n>> {
        let (type_name, rest) = name.split_once('.')?;
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (block, rest) = rest.split_at_checked(end)?;
        let (key, attribute) = instance_key(rest)?;
        let separator = if from.module.is_empty() { "" } else { "." };
        let address = format!("{}{separator}{type_name}.{block}{key}", from.module);
        self.addresses.contains(&*address).then_some(Referenced { type_name, address, attribute })
    }

    /// What the configuration says of a resource's attributes; `None` where it is not there to ask.
    pub(super) fn expressions(&self, resource: &Resource<'_>) -> Option<Value> {
        let key = block_key(&without_keys(&resource.module), &resource.type_name, &resource.name);
        let block = self.blocks.as_ref()?.get(&key)?;
        serde_json::from_str(block.expressions?.get()).ok()
    }
}

/// The names that an attribute's expression refers to, the longest of each alone; the attribute is a path with indexes,
/// as `inline_policy[0].policy`. Where there are very many none of them settles anything, and none is given.
pub(super) fn names(expressions: &Value, attribute: &str) -> Vec<String> {
    const MANY: usize = 16;
    let mut expression = expressions;
    for step in attribute.split(['.', '[', ']']).filter(|step| !step.is_empty()) {
        let next = match step.parse::<usize>() {
            Ok(index) => expression.get(index),
            Err(_) => expression.get(step),
        };
        let Some(next) = next else { break };
        expression = next;
    }
    let references = expression.get("references").and_then(Value::as_array);
    let references = references.filter(|references| references.len() <= MANY);
    let all: Vec<&str> = references.into_iter().flatten().filter_map(Value::as_str).collect();
    longest(&all)
}

/// The pairs of role and policy in the attributes of a resource that ties them.
fn role_policies(values: &str) -> Vec<(String, String)> {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Tie {
        role: Option<String>,
        roles: Option<Vec<Option<String>>>,
        name: Option<String>,
        policy_arn: Option<String>,
    }

    let tie: Tie = serde_json::from_str(values).unwrap_or_default();
    let Some(policy) = tie.policy_arn.or(tie.name) else { return Vec::new() };
    let roles = tie.roles.into_iter().flatten().flatten().chain(tie.role);
    roles.map(|role| (role, policy.clone())).collect()
}

/// All blocks of a configuration by the address they have without instance keys.
fn blocks<'a>(root: &'a Module<'a>) -> HashMap<String, &'a Block<'a>> {
    let mut found = HashMap::new();
    let mut waiting = vec![(String::new(), root)];
    while let Some((path, module)) = waiting.pop() {
        for block in module.resources.iter().filter(|block| block.mode != "data" && matters(&block.type_name)) {
            found.insert(block_key(&path, &block.type_name, &block.name), block);
        }
        for (name, call) in &module.module_calls {
            let separator = if path.is_empty() { "" } else { "." };
            let inner = call.module.as_ref().map(|inner| (format!("{path}{separator}module.{name}"), inner));
            waiting.extend(inner);
        }
    }
    found
}

fn block_key(module: &str, type_name: &str, name: &str) -> String {
    format!("{module}/{type_name}.{name}")
}

/// An address without the instance keys in brackets; keys may hold brackets, dots and quotes of their own.
fn without_keys(address: &str) -> Cow<'_, str> {
    if !address.contains('[') {
        return Cow::Borrowed(address);
    }
    let (mut plain, mut in_key, mut in_quotes, mut escaped) = (String::new(), false, false, false);
    for character in address.chars() {
        match character {
            '"' if in_key && !escaped => in_quotes = !in_quotes,
            '[' if !in_key => in_key = true,
            ']' if in_key && !in_quotes => in_key = false,
            _ if !in_key => plain.push(character),
            _ => {}
        }
        escaped = character == '\\' && !escaped;
    }
    Cow::Owned(plain)
}

/// The names that are not the beginning of another one: a plan lists `a.b.c` together with `a.b`.
fn longest(names: &[&str]) -> Vec<String> {
    let mut sorted = names.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let is_part = |name: &str, other: &str| other.strip_prefix(name).is_some_and(|rest| rest.starts_with(['.', '[']));
    let kept = sorted.iter().enumerate().filter(|(at, name)| {
        let mut after = sorted.iter().skip(at + 1).take_while(|other| other.starts_with(**name));
        !after.any(|other| is_part(name, other))
    });
    kept.map(|(_, name)| (*name).to_owned()).collect()
}

/// Splits `[0].id` or `.id` into the key with its brackets and the attribute, which old plans leave out.
fn instance_key(rest: &str) -> Option<(&str, &str)> {
    let end = if rest.starts_with('[') { rest.rfind(']')? + 1 } else { 0 };
    let (key, attribute) = rest.split_at_checked(end)?;
    Some((key, attribute.trim_start_matches('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_taken_out_of_addresses() {
        assert_eq!(without_keys("module.a.module.b"), "module.a.module.b");
        assert_eq!(without_keys(r#"module.a["x.y[0]\"]"].module.b[3]"#), "module.a.module.b");
        assert_eq!(without_keys("module.a["), "module.a");
    }

    #[test]
    fn the_longest_names_stay() {
        let names = ["aws_iam_role.a[0].id", "aws_iam_role.a[0]", "aws_iam_role.a", "aws_iam_role.ab", "each.key"];
        assert_eq!(longest(&names), ["aws_iam_role.a[0].id", "aws_iam_role.ab", "each.key"]);
        assert_eq!(longest(&[]), Vec::<String>::new());
    }

    #[test]
    fn instance_keys_are_split_off() {
        assert_eq!(instance_key(".id"), Some(("", "id")));
        assert_eq!(instance_key("[\"a.b\"].arn"), Some(("[\"a.b\"]", "arn")));
        assert_eq!(instance_key(""), Some(("", "")));
        assert_eq!(instance_key("[0]"), Some(("[0]", "")));
        assert_eq!(instance_key("[0"), None);
    }
}

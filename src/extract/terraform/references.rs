//! What the configuration inside a plan says about values that the plan does not know.
//!
//! A plan gives for each expression the names it refers to, not the expression itself. What the names alone settle is
//! taken from them; everything else stays open, under the name that would settle it.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;
use serde_json::Value;

use crate::checkout::Checkouts;

use super::shell::{Block, Module, ModuleCall, Resource, Shell};
use instances::Instances;
use names::without_keys;

pub(super) use names::{in_module, references};
pub(super) use resolve::{Known, Want};
pub(super) use settle::{Asked, Referred};

mod instances;
mod names;
mod resolve;
mod settle;

/// The data source that makes policy documents.
pub(super) const DOCUMENT: &str = "aws_iam_policy_document";

/// The configuration and the resource instances of one input, to be looked up.
pub(super) struct References<'a> {
    /// By module and block, both without instance keys; `None` where the input has no configuration.
    blocks: Option<HashMap<String, Block<'a>>>,
    /// By the address without instance keys.
    modules: HashMap<String, &'a Module<'a>>,
    instances: Instances<'a>,
    deferred: HashMap<&'a str, &'a Resource<'a>>,
    role_policies: HashSet<(String, String)>,
    /// The files beside the input.
    pub(super) checkouts: &'a Checkouts,
}

impl<'a> References<'a> {
    /// Prepares the look-ups.
    pub(super) fn new(shell: &'a Shell<'a>, checkouts: &'a Checkouts) -> Self {
        let modules = shell.configuration.as_ref().map(modules).unwrap_or_default();
        let types: HashSet<&str> = shell.all_resources().map(|resource| &*resource.type_name).collect();
        let blocks = shell.configuration.as_ref().map(|_| blocks(&modules, &types));
        let role_policies = shell.role_ties.iter().flat_map(|values| role_policies(values)).collect();
        let deferred = shell.deferred.iter().map(|resource| (&*resource.address, resource)).collect();
        Self { blocks, modules, instances: Instances::new(shell), deferred, role_policies, checkouts }
    }

    /// Whether a resource of its own ties the policy, by name or ARN, to the role of this name. What the role repeats
    /// of it was read back from AWS and may be older than what the plan does.
    pub(super) fn is_read_back(&self, role: &str, policy: &str) -> bool {
        self.role_policies.contains(&(role.to_owned(), policy.to_owned()))
    }

    /// What the configuration says of a resource's attributes; `None` where it is not there to ask.
    pub(super) fn expressions(&self, resource: &Resource<'_>) -> Option<Value> {
        serde_json::from_str(self.block(resource)?.expressions?.get()).ok()
    }

    /// The data source at an address, which is read only during the apply.
    pub(super) fn deferred(&self, address: &str) -> Option<&'a Resource<'a>> {
        self.deferred.get(address).copied()
    }

    /// The path and name, `/path/name`, of the role or user at an address, where they are known.
    pub(super) fn named_path(&self, address: &str) -> Option<String> {
        self.instances.named_path(address)
    }

    fn block(&self, resource: &Resource<'_>) -> Option<&Block<'a>> {
        let key = block_key(&without_keys(&resource.module), &resource.type_name, &resource.name);
        self.blocks.as_ref()?.get(&key)
    }

    /// The configuration of the module at an address.
    fn module(&self, address: &str) -> Option<&'a Module<'a>> {
        self.modules.get(&*without_keys(address)).copied()
    }

    /// The call of a module in the module at an address.
    fn call(&self, parent: &str, name: &str) -> Option<&'a ModuleCall<'a>> {
        self.module(parent)?.module_calls.get(name)
    }
}

/// The names that an attribute's expression refers to, the longest of each alone; the attribute is a path with indexes,
/// as `inline_policy[0].policy`. Where there are very many none of them settles anything, and none is given.
pub(super) fn names(expressions: &Value, attribute: &str) -> Vec<String> {
    let names = references(expression(expressions, attribute)).unwrap_or_default();
    names.into_iter().map(str::to_owned).collect()
}

/// The expression of an attribute: the deepest one on the way to it.
pub(super) fn expression<'v>(expressions: &'v Value, attribute: &str) -> &'v Value {
    let mut expression = expressions;
    for step in attribute.split(['.', '[', ']']).filter(|step| !step.is_empty()) {
        let next = match step.parse::<usize>() {
            Ok(index) => expression.get(index),
            Err(_) => expression.get(step),
        };
        let Some(next) = next else { break };
        expression = next;
    }
    expression
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

/// All modules of a configuration by the address they have without instance keys.
fn modules<'a>(root: &'a Module<'a>) -> HashMap<String, &'a Module<'a>> {
    let mut found = HashMap::new();
    let mut waiting = vec![(String::new(), root)];
    while let Some((path, module)) = waiting.pop() {
        let called = module.module_calls.iter().filter_map(|(name, call)| Some((name, call.module.as_ref()?)));
        waiting.extend(called.map(|(name, inner)| (in_module(&path, &format!("module.{name}")), inner)));
        found.insert(path, module);
    }
    found
}

/// The blocks of all modules that are of these types, and those that make documents.
fn blocks<'a>(modules: &HashMap<String, &'a Module<'a>>, types: &HashSet<&str>) -> HashMap<String, Block<'a>> {
    let mut found = HashMap::new();
    for (path, module) in modules {
        for block in module.blocks(|type_name| types.contains(type_name)) {
            found.insert(block_key(path, &block.type_name, &block.name), block);
        }
    }
    found
}

fn block_key(module: &str, type_name: &str, name: &str) -> String {
    format!("{module}/{type_name}.{name}")
}

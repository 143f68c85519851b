//! The instances of resources and modules that a plan has, and what they are called.

use std::collections::{BTreeSet, HashMap};
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::super::shell::{Resource, Shell, Unknown};
use super::names::{module_call, own_key, split_address};

/// All instances, to be looked up.
pub(super) struct Instances<'a> {
    shell: &'a Shell<'a>,
    /// Made when it is first asked for: where everything is known, nothing is looked up in it.
    index: OnceLock<Index>,
    /// The instances of each type, sorted by module; made when first asked for.
    by_type: OnceLock<HashMap<String, Vec<usize>>>,
}

/// Where the instances are, counted through the resources and the data sources behind them.
#[derive(Default)]
struct Index {
    by_block: HashMap<String, HashMap<String, Vec<usize>>>,
    /// The keys of the instances of module calls, by the parent's address and the call's name.
    modules: HashMap<String, HashMap<String, BTreeSet<String>>>,
    /// Of few instances, and large.
    identifiers: Vec<OnceLock<Box<Identifiers>>>,
}

/// What a resource is referred to by: each text where it is known.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Identifiers {
    arn: Option<Value>,
    id: Option<Value>,
    name: Option<Value>,
    path: Option<Value>,
}

impl Index {
    fn new(shell: &Shell<'_>) -> Self {
        let mut index = Self::default();
        let resources = shell.resources.iter().map(|it| (it, ""));
        for (at, (resource, prefix)) in resources.chain(shell.deferred.iter().map(|it| (it, "data."))).enumerate() {
            let block = format!("{prefix}{}.{}", resource.type_name, resource.name);
            let blocks = index.by_block.entry(resource.module.clone().into_owned()).or_default();
            blocks.entry(block).or_default().push(at);
            index.identifiers.push(OnceLock::new());
            index.add_modules(&resource.module);
        }
        index
    }

    /// Adds a module instance, and those that it stands in.
    fn add_modules(&mut self, mut address: &str) {
        while let Some((parent, step)) = module_call(address) {
            let calls = self.modules.entry(parent.to_owned()).or_default();
            if !calls.entry(step.name.to_owned()).or_default().insert(step.key.to_owned()) {
                break;
            }
            address = parent;
        }
    }
}

impl<'a> Instances<'a> {
    pub(super) fn new(shell: &'a Shell<'a>) -> Self {
        Self { shell, index: OnceLock::new(), by_type: OnceLock::new() }
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::new(self.shell))
    }

    /// The instance at a place.
    pub(super) fn resource(&self, at: usize) -> Option<&'a Resource<'a>> {
        let Shell { resources, deferred, .. } = self.shell;
        resources.get(at).or_else(|| deferred.get(at.checked_sub(resources.len())?))
    }

    /// The instances of a block, `type.name` or `data.type.name`, in a module instance.
    pub(super) fn of_block(&self, module: &str, block: &str) -> &[usize] {
        let found = self.index().by_block.get(module).and_then(|blocks| blocks.get(block));
        found.map(Vec::as_slice).unwrap_or_default()
    }

    /// The instances of a type in a module instance and in those below it.
    pub(super) fn inside(&self, module: &str, type_name: &str) -> impl Iterator<Item = usize> {
        let sorted = self.by_type.get_or_init(|| self.sorted_by_module());
        let of_type = sorted.get(type_name).map(Vec::as_slice).unwrap_or_default();
        let own = |at: &usize| self.resource(*at).map_or("", |it| &*it.module);
        let start = of_type.partition_point(|at| own(at) < module);
        let below = of_type.get(start..).unwrap_or_default().iter().take_while(move |at| own(at).starts_with(module));
        let ends_step = |rest: &str| module.is_empty() || rest.is_empty() || rest.starts_with('.');
        let is_inside = move |at: &&usize| own(at).strip_prefix(module).is_some_and(ends_step);
        below.filter(is_inside).copied()
    }

    fn sorted_by_module(&self) -> HashMap<String, Vec<usize>> {
        let mut sorted: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, resource) in self.shell.resources.iter().enumerate() {
            sorted.entry(resource.type_name.to_string()).or_default().push(at);
        }
        for of_type in sorted.values_mut() {
            of_type.sort_by_key(|at| self.resource(*at).map_or("", |it| &*it.module));
        }
        sorted
    }

    /// The keys of the instances of a module call.
    pub(super) fn of_module(&self, parent: &str, name: &str) -> Vec<&str> {
        let keys = self.index().modules.get(parent).and_then(|calls| calls.get(name));
        keys.into_iter().flatten().map(String::as_str).collect()
    }

    /// The one instance among some that has this key.
    pub(super) fn with_key(&self, among: &[usize], key: &str) -> Option<usize> {
        among.iter().copied().find(|at| self.resource(*at).is_some_and(|it| own_key(&it.address) == key))
    }

    /// The text of an identifying attribute, where it is known already.
    pub(super) fn identifier(&self, at: usize, attribute: &str) -> Option<&str> {
        let read = || serde_json::from_str(self.resource(at)?.values).ok();
        let identifiers = self.index().identifiers.get(at)?.get_or_init(|| read().unwrap_or_default());
        let value = match attribute {
            "arn" => &identifiers.arn,
            "id" => &identifiers.id,
            "name" => &identifiers.name,
            "path" => &identifiers.path,
            _ => &None,
        };
        value.as_ref()?.as_str()
    }

    /// The path and name of the identity at an address, as its ARN has them.
    pub(super) fn named_path(&self, address: &str) -> Option<String> {
        let (module, block) = split_address(address)?;
        let at = self.with_address(self.of_block(module, &block), address)?;
        let path = self.identifier(at, "path").unwrap_or("/");
        Some(format!("/{}/{}", path.trim_matches('/'), self.identifier(at, "name")?).replace("//", "/"))
    }

    fn with_address(&self, among: &[usize], address: &str) -> Option<usize> {
        among.iter().copied().find(|at| self.resource(*at).is_some_and(|it| it.address == address))
    }

    /// The JSON text of an attribute that is known as a whole.
    pub(super) fn known_text(&self, at: usize, attribute: &str) -> Option<&'a str> {
        let resource = self.resource(at).filter(|_| !self.is_unknown(at, attribute))?;
        top_level(resource.values, attribute)
    }

    /// Whether an attribute is not known as a whole.
    pub(super) fn is_unknown(&self, at: usize, attribute: &str) -> bool {
        match self.resource(at).map(|resource| resource.unknown) {
            Some(Unknown::Mask(mask)) => top_level(mask, attribute) == Some("true"),
            _ => false,
        }
    }
}

/// The JSON text under a key.
fn top_level<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    let map: HashMap<std::borrow::Cow<'t, str>, &'t RawValue> = serde_json::from_str(text).ok()?;
    map.get(key).map(|raw| raw.get())
}

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
    all: Vec<Instance<'a>>,
    by_block: HashMap<&'a str, HashMap<String, Vec<usize>>>,
    modules: HashMap<(&'a str, &'a str), BTreeSet<&'a str>>,
    /// Sorted by module; found when first asked for.
    by_type: OnceLock<HashMap<String, Vec<usize>>>,
}

/// A resource, or a data source that is read only during the apply.
struct Instance<'a> {
    resource: &'a Resource<'a>,
    identifiers: OnceLock<Identifiers>,
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

impl<'a> Instances<'a> {
    pub(super) fn new(shell: &'a Shell<'a>) -> Self {
        let mut instances =
            Self { all: Vec::new(), by_block: HashMap::new(), modules: HashMap::new(), by_type: OnceLock::new() };
        for (resource, prefix) in
            shell.resources.iter().map(|it| (it, "")).chain(shell.deferred.iter().map(|it| (it, "data.")))
        {
            let at = instances.all.len();
            let block = format!("{prefix}{}.{}", resource.type_name, resource.name);
            instances.by_block.entry(&resource.module).or_default().entry(block).or_default().push(at);
            instances.all.push(Instance { resource, identifiers: OnceLock::new() });
            let mut address: &str = &resource.module;
            while let Some((parent, step)) = module_call(address) {
                let known = !instances.modules.entry((parent, step.name)).or_default().insert(step.key);
                if known {
                    break;
                }
                address = parent;
            }
        }
        instances
    }

    /// The instance at a place.
    pub(super) fn resource(&self, at: usize) -> Option<&'a Resource<'a>> {
        self.all.get(at).map(|instance| instance.resource)
    }

    /// The instances of a block, `type.name` or `data.type.name`, in a module instance.
    pub(super) fn of_block(&self, module: &str, block: &str) -> &[usize] {
        let found = self.by_block.get(module).and_then(|blocks| blocks.get(block));
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
        for (at, instance) in self.all.iter().enumerate() {
            sorted.entry(instance.resource.type_name.to_string()).or_default().push(at);
        }
        for of_type in sorted.values_mut() {
            of_type.sort_by_key(|at| self.resource(*at).map_or("", |it| &*it.module));
        }
        sorted
    }

    /// The keys of the instances of a module call.
    pub(super) fn of_module(&self, parent: &str, name: &str) -> Vec<&'a str> {
        self.modules.get(&(parent, name)).into_iter().flatten().copied().collect()
    }

    /// The one instance among some that has this key.
    pub(super) fn with_key(&self, among: &[usize], key: &str) -> Option<usize> {
        among.iter().copied().find(|at| self.resource(*at).is_some_and(|it| own_key(&it.address) == key))
    }

    /// The text of an identifying attribute, where it is known already.
    pub(super) fn identifier(&self, at: usize, attribute: &str) -> Option<&str> {
        let instance = self.all.get(at)?;
        let read = || serde_json::from_str(instance.resource.values).unwrap_or_default();
        let identifiers = instance.identifiers.get_or_init(read);
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

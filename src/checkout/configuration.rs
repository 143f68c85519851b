//! What a plan or state says of the configuration that it was made of: the blocks, and where modules come from.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;

use serde::Deserialize;

use super::Module;
use super::manifest::Manifest;
use crate::terraform::address::{block_of, module_call, without_keys};
use crate::terraform::values::{self, Values};

/// The configuration behind a plan or state.
pub(super) struct Configuration<'a> {
    root: ModuleBlock<'a>,
}

impl<'a> Configuration<'a> {
    /// Reads it from the text of a plan, or makes it of the addresses in a state; `None` where neither says anything.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let plan: Plan<'a> = serde_json::from_str(text).ok()?;
        if let Some(root) = plan.configuration.and_then(|configuration| configuration.root_module) {
            return Some(Self { root });
        }
        let values = plan.values.or(plan.planned_values)?.root_module?;
        Some(Self { root: ModuleBlock::of_instance(values) })
    }

    /// The names of all blocks of the root module that say what there is.
    pub(super) fn blocks(&self) -> Vec<String> {
        let resources = self.root.resources.iter().filter_map(|block| Some(block_of(&block.address)?.block));
        let mut blocks: Vec<String> =
            resources.chain(self.root.module_calls.keys().map(|name| format!("module.{name}"))).collect();
        blocks.sort_unstable();
        blocks.dedup();
        blocks
    }

    /// The modules that are called, at any depth, by address; the root module's files lie in this folder.
    pub(super) fn modules(&self, root: &Path) -> HashMap<String, Module> {
        let manifest = Manifest::read(root);
        let mut found = HashMap::new();
        let mut waiting = vec![(String::new(), Vec::new(), Some(root.to_owned()), &self.root)];
        while let Some((address, keys, folder, block)) = waiting.pop() {
            for (name, call) in &block.module_calls {
                let dot = if address.is_empty() { "" } else { "." };
                let address = format!("{address}{dot}module.{name}");
                let keys: Vec<&str> = keys.iter().copied().chain([name.as_str()]).collect();
                let local = folder.as_deref().and_then(|folder| local(folder, call.source.as_deref()?));
                let is_installed = local.is_none();
                let path = local.or_else(|| manifest.folder(root, &keys.join(".")));
                waiting.extend(call.module.as_ref().map(|inner| (address.clone(), keys, path.clone(), inner)));
                found.insert(address, Module { path, is_installed, folder: OnceLock::new() });
            }
        }
        found
    }
}

/// The folder that a local source names.
pub(super) fn local(folder: &Path, source: &str) -> Option<PathBuf> {
    (source.starts_with("./") || source.starts_with("../")).then(|| joined(folder, Path::new(source)))
}

/// A path from a folder, without the steps that lead nowhere.
pub(super) fn joined(folder: &Path, path: &Path) -> PathBuf {
    let mut whole = PathBuf::new();
    for component in folder.components().chain(path.components()) {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(whole.components().next_back(), Some(Component::Normal(_))) => {
                whole.pop();
            }
            other => whole.push(other),
        }
    }
    whole
}

#[derive(Deserialize)]
struct Plan<'a> {
    #[serde(borrow)]
    configuration: Option<Root<'a>>,
    #[serde(borrow)]
    values: Option<Values<'a, Addressed<'a>>>,
    #[serde(borrow)]
    planned_values: Option<Values<'a, Addressed<'a>>>,
}

#[derive(Deserialize)]
struct Root<'a> {
    #[serde(borrow)]
    root_module: Option<ModuleBlock<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ModuleBlock<'a> {
    #[serde(borrow)]
    resources: Vec<Addressed<'a>>,
    module_calls: BTreeMap<String, ModuleCall<'a>>,
}

#[derive(Deserialize)]
struct Addressed<'a> {
    #[serde(borrow, default)]
    address: Cow<'a, str>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ModuleCall<'a> {
    #[serde(borrow)]
    source: Option<Cow<'a, str>>,
    #[serde(borrow)]
    module: Option<ModuleBlock<'a>>,
}

impl<'a> ModuleBlock<'a> {
    /// The block that a module instance was made of, where instances of one module are one block.
    fn of_instance(instance: values::Module<'a, Addressed<'a>>) -> Self {
        let mut block = Self { resources: instance.resources, ..Self::default() };
        for child in instance.child_modules {
            let address = without_keys(&child.address).into_owned();
            let Some(name) = module_call(&address).map(|(_, step)| step.name.to_owned()) else { continue };
            let inner = Self::of_instance(child);
            let known = block.module_calls.entry(name).or_default().module.get_or_insert_default();
            known.resources.extend(inner.resources);
            for (name, call) in inner.module_calls {
                known.module_calls.entry(name).or_insert(call);
            }
        }
        block
    }
}

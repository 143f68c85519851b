//! The Terraform files that a plan was made of: read beside the plan, never run, so that what a plan says can be traced to
//! the block that says so.
//!
//! A plan does not tell which folder it was made in. A folder is taken for it where its blocks are those of the plan.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::load::{Format, Input};
use crate::source::{Source, Span};
use crate::terraform::address::{self, BlockAddress};
use configuration::Configuration;
use evaluate::{Evaluator, Known};
use folder::Folder;

mod block;
mod configuration;
pub(crate) mod evaluate;
mod folder;
mod manifest;
#[cfg(test)]
mod tests;

pub(crate) use block::span;
pub use block::{Attribute, Block, Expression};

/// The files beside each plan and state of a run; opened when first asked for.
#[derive(Debug, Default)]
pub struct Checkouts {
    folders: Vec<PathBuf>,
    plans: HashMap<String, Plan>,
}

#[derive(Debug)]
struct Plan {
    source: Arc<Source>,
    span: Span,
    checkout: OnceLock<Result<Checkout, String>>,
    known: OnceLock<Known>,
}

/// The files of one plan.
#[derive(Debug)]
pub struct Checkout {
    root: PathBuf,
    modules: HashMap<String, Module>,
}

/// A module of a plan, by its address without instance keys.
#[derive(Debug)]
struct Module {
    /// `None` where nothing says which folder holds it.
    path: Option<PathBuf>,
    /// Whether Terraform put it where it is, so that nobody works on it there.
    is_installed: bool,
    folder: OnceLock<Folder>,
}

/// Why a block cannot be shown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Missing {
    /// The module's files are not there.
    #[error("the files of `{0}` are not there; `terraform init` puts them into `.terraform/modules`")]
    Module(String),
    /// A file that may hold it cannot be used.
    #[error("{0}")]
    Broken(String),
    /// The files do not have it.
    #[error("`{folder}` has no `{block}`: it may not be what the plan was made of")]
    Block {
        /// The module's folder.
        folder: String,
        /// What the block is called.
        block: String,
    },
}

impl Checkouts {
    /// The files beside these inputs. They are looked for in the folders that are named; where none are, in the folder that a
    /// plan lies in and then in the working folder.
    #[must_use]
    pub fn beside(inputs: &[Input], folders: &[PathBuf]) -> Self {
        let plan = |input: &Input| match input.format {
            Format::TerraformPlan(span) | Format::TerraformState(span) => {
                let plan =
                    Plan { source: Arc::clone(&input.source), span, checkout: OnceLock::new(), known: OnceLock::new() };
                Some((input.source.name().to_owned(), plan))
            }
            _ => None,
        };
        Self { folders: folders.to_vec(), plans: inputs.iter().filter_map(plan).collect() }
    }

    /// The files of an input, or why there are none to show; `None` for what is no plan or state.
    pub fn of(&self, input: &str) -> Option<Result<&Checkout, &str>> {
        let plan = self.plans.get(input)?;
        let checkout = plan.checkout.get_or_init(|| {
            let beside = Path::new(input).parent().filter(|_| input != crate::load::STDIN);
            let usual = beside.map(Path::to_owned).into_iter().chain([PathBuf::new()]).collect();
            let is_named = !self.folders.is_empty();
            open(&plan.source, plan.span, if is_named { self.folders.clone() } else { usual }, is_named)
        });
        Some(checkout.as_ref().map_err(String::as_str))
    }

    /// The texts of an input's modules that somebody works on, as far as its files are there.
    pub(crate) fn written(&self, input: &str) -> Vec<&Arc<Source>> {
        let Some(Ok(checkout)) = self.of(input) else { return Vec::new() };
        let modules = checkout.modules.values().filter(|held| !held.is_installed);
        let folders = modules.filter_map(|held| {
            let path = held.path.as_deref()?;
            Some(held.folder.get_or_init(|| Folder::read(path)))
        });
        let mut sources: Vec<_> = folders.flat_map(Folder::sources).collect();
        sources.sort_by_key(|source| source.name());
        sources.dedup_by_key(|source| source.name());
        sources
    }

    /// What evaluates expressions in the files of an input with what the input knows.
    pub(crate) fn evaluator(&self, input: &str) -> Option<Evaluator<'_>> {
        let checkout = self.of(input)?.ok()?;
        let plan = self.plans.get(input)?;
        Some(Evaluator { checkout, known: plan.known.get_or_init(|| Known::read(&plan.source, plan.span)) })
    }

    /// The text of an input, and the range in it that is the plan or state.
    pub(crate) fn plan(&self, input: &str) -> Option<(&Arc<Source>, Span)> {
        self.plans.get(input).map(|plan| (&plan.source, plan.span))
    }
}

/// Opens the folder that fits the plan best; of several that fit as well, the first.
fn open(source: &Source, span: Span, folders: Vec<PathBuf>, is_named: bool) -> Result<Checkout, String> {
    let hint = if is_named { "" } else { "; name the folder of its root module with `--source`" };
    let whose = if is_named { "in the folders that `--source` names" } else { "beside it" };
    let mut candidates: Vec<PathBuf> = folders.into_iter().filter(|path| folder::has_files(path)).collect();
    candidates.dedup();
    if candidates.is_empty() {
        return Err(format!("no Terraform files lie {whose}{hint}"));
    }
    let Some(configuration) = Configuration::read(source.slice(span)) else {
        return Err("it does not say of which blocks it was made".to_owned());
    };
    let blocks = configuration.blocks();
    let mut best: Option<(usize, PathBuf, Folder)> = None;
    for path in candidates {
        let folder = Folder::read(&path);
        let known = blocks.iter().filter(|block| folder.has(block)).count();
        // What was changed since the plan was made may miss a few of them.
        if known * 2 >= blocks.len().max(1) && best.as_ref().is_none_or(|(most, ..)| known > *most) {
            best = Some((known, path, folder));
        }
    }
    let Some((_, root, folder)) = best else {
        return Err(format!("the Terraform files {whose} are not those that it was made of{hint}"));
    };
    let mut modules = configuration.modules(&root);
    let held = Module { path: Some(root.clone()), is_installed: false, folder: OnceLock::from(folder) };
    modules.insert(String::new(), held);
    let mut checkout = Checkout { root, modules };
    checkout.follow_sources();
    Ok(checkout)
}

impl Checkout {
    /// The folder of the root module.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The block of a resource or data source, whichever of its instances the address names.
    ///
    /// # Errors
    ///
    /// Why there is none to show.
    pub fn block(&self, address: &str) -> Result<Block<'_>, Missing> {
        let missing = || Missing::Block { folder: shown(&self.root), block: address.to_owned() };
        let BlockAddress { module, block } = address::block_of(address).ok_or_else(missing)?;
        self.block_in(&module, &block)
    }

    /// The block of this name in a module, both without instance keys: `aws_iam_role.a`, `data.aws_iam_policy_document.b`,
    /// `module.c`, `variable.d`.
    ///
    /// # Errors
    ///
    /// Why there is none to show.
    pub fn block_in(&self, module: &str, block: &str) -> Result<Block<'_>, Missing> {
        let held = self.modules.get(module).and_then(|held| Some((held, held.path.as_ref()?)));
        let (held, path) = held.ok_or_else(|| Missing::Module(module.to_owned()))?;
        let folder = held.folder.get_or_init(|| Folder::read(path));
        folder.block(block).ok_or_else(|| match folder.broken() {
            Some(broken) => Missing::Broken(broken.to_owned()),
            None if folder.is_empty() => Missing::Module(module.to_owned()),
            None => Missing::Block { folder: shown(path), block: block.to_owned() },
        })
    }

    /// The value of a local in a module.
    #[must_use]
    pub fn local(&self, module: &str, name: &str) -> Option<Attribute<'_>> {
        self.folder(module)?.locals().find_map(|block| block.attribute(name))
    }

    /// Whether Terraform put the module's files where they are, so that nobody works on them there.
    #[must_use]
    pub fn is_installed(&self, module: &str) -> bool {
        self.modules.get(module).is_some_and(|held| held.is_installed)
    }

    /// The folder of a module.
    #[must_use]
    pub fn folder_of(&self, module: &str) -> Option<&Path> {
        self.modules.get(module)?.path.as_deref()
    }

    /// Takes the folders of modules of which the input says nothing from the calls in the files: a state has no sources.
    fn follow_sources(&mut self) {
        let mut open: Vec<String> =
            self.modules.iter().filter(|(_, it)| it.path.is_none()).map(|it| it.0.clone()).collect();
        open.sort_unstable_by_key(String::len);
        for address in open {
            let found = address::module_call(&address).and_then(|(parent, step)| {
                let call = self.block_in(parent, &format!("module.{}", step.name)).ok()?;
                configuration::local(self.folder_of(parent)?, call.attribute("source")?.value.as_text()?)
            });
            if let Some(module) = self.modules.get_mut(&address) {
                module.is_installed &= found.is_none();
                module.path = found;
            }
        }
    }

    fn folder(&self, module: &str) -> Option<&Folder> {
        let held = self.modules.get(module)?;
        let path = held.path.as_ref()?;
        Some(held.folder.get_or_init(|| Folder::read(path)))
    }
}

/// A folder as messages name it.
fn shown(path: &Path) -> String {
    if path.as_os_str().is_empty() { ".".to_owned() } else { path.display().to_string() }
}

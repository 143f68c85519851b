//! What the stacks of a run export, so that others of them can import it.
//!
//! An import takes the value of the one other template that exports its name. Two stacks of one run are taken to be
//! deployed together: to one account and region, where nothing says otherwise.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use super::intrinsics::Resolver;
use super::modules::Modules;
use super::references::Names;
use super::stacks::Around;
use super::template::Template;
use super::templates::Templates;
use super::{prepared, stack_settings};
use crate::extract::Settings;
use crate::inventory::{Address, IdentityKind};
use crate::load::{Format, Input};
use crate::source::Source;
use crate::tree::{Node, Part, Scalar, Value};

/// How many templates may hand on what each has imported from the one before.
const MAX_IN_A_ROW: usize = 8;

/// What the name of an import begins with that is not known.
pub(super) const IMPORT: &str = "Fn::ImportValue";

/// Everything that the templates of a run export, with what the values name.
#[derive(Debug, Default)]
pub struct Exports {
    exports: Vec<Export>,
    /// Which exports have a name, where it is known.
    by_name: HashMap<String, Vec<usize>>,
    identities: HashMap<(IdentityKind, Scalar), Option<Address>>,
    policies: HashMap<Scalar, Option<Address>>,
}

/// One export of a template.
#[derive(Debug)]
struct Export {
    /// The file that the template is in.
    file: String,
    /// The name as it is written.
    written: Node,
    value: Scalar,
    account: Option<String>,
    region: Option<String>,
}

impl Exports {
    /// The exports of all templates among the inputs, those of stacks within them included. Where one exports what it has
    /// imported, they are read again with what is known by then.
    #[must_use]
    pub fn new(inputs: &[Input], settings: &Settings, is_nested: impl Fn(&Input) -> bool) -> Self {
        let mut exports = Self::read_all(inputs, settings, &is_nested, None);
        for _ in 0..MAX_IN_A_ROW {
            let open = exports.open();
            if open == 0 {
                break;
            }
            let next = Self::read_all(inputs, settings, &is_nested, Some(&exports));
            let is_further = next.open() < open;
            exports = next;
            if !is_further {
                break;
            }
        }
        exports
    }

    /// How many exports have a value that is made of an import which is not known.
    fn open(&self) -> usize {
        let is_import = |part: &Part| matches!(part, Part::Unknown(unknown) if unknown.name.starts_with(IMPORT));
        self.exports.iter().filter(|export| export.value.parts.iter().any(is_import)).count()
    }

    fn read_all(
        inputs: &[Input],
        settings: &Settings,
        is_nested: &dyn Fn(&Input) -> bool,
        known: Option<&Self>,
    ) -> Self {
        let templates = Templates::new(inputs).importing(known);
        let mut exports = Self::default();
        for input in inputs {
            match &input.format {
                Format::CloudFormation(roots) if !is_nested(input) => {
                    for root in roots.iter() {
                        exports.read(Around { source: &input.source, templates: &templates }, root, settings);
                    }
                }
                Format::AssembledStack(stack) => {
                    let templates = Templates::of_stack(stack).using(Modules::new(inputs)).importing(known);
                    let around = Around { source: &stack.source, templates: &templates };
                    exports.read(around, &stack.template, &stack_settings(stack, settings));
                }
                _ => {}
            }
        }
        exports
    }

    /// The value of an import in a template, by the name of the export as written and as evaluated; or why there is none.
    pub(super) fn value(
        &self,
        importer: &Source,
        settings: &Settings,
        (written, name): (&Node, &Scalar),
    ) -> Result<&Scalar, &'static str> {
        let is_other = |export: &&Export| {
            export.file != importer.name()
                && may_be_same(&export.account, &settings.account)
                && may_be_same(&export.region, &settings.region)
        };
        let named = name.as_text().and_then(|name| self.by_name.get(name)).into_iter().flatten();
        let mut found: Vec<&Export> = named.filter_map(|at| self.exports.get(*at)).filter(is_other).collect();
        if found.is_empty() && !speaks_of_its_stack(written) {
            let is_same = |export: &&Export| super::text::same(&export.written, written);
            found = self.exports.iter().filter(is_same).filter(is_other).collect();
        }
        match found.as_slice() {
            [only] => Ok(&only.value),
            [] => Err("is imported from another stack"),
            [_, _, ..] => Err("is imported from another stack, and several of the templates here export that name"),
        }
    }

    /// The identity that an exported name stands for.
    pub(super) fn identity(&self, key: &(IdentityKind, Scalar)) -> Option<&Address> {
        self.identities.get(key)?.as_ref()
    }

    /// The managed policy that an exported ARN stands for.
    pub(super) fn policy(&self, arn: &Scalar) -> Option<&Address> {
        self.policies.get(arn)?.as_ref()
    }

    /// Reads what one template exports. Its names are made those of this input, so that no other template has them.
    fn read(&mut self, around: Around<'_>, root: &Node, settings: &Settings) {
        let has_exports = |root: &Node| !Template::new(root).exports().is_empty();
        if !has_exports(root) && !around.templates.roots().any(has_exports) {
            return;
        }
        let root = prepared(root, settings);
        let template = Template::new(&root);
        let prefix = format!("{}:", around.source.name());
        let mut resolver = Resolver::at_defaults(&template, settings).near(around);
        resolver.prefix = &prefix;
        let before = self.exports.len();
        self.collect(&resolver, around.source, settings);
        if self.exports.len() == before {
            return;
        }
        let input: Arc<str> = around.source.name().into();
        let address = |path: String| {
            let path = path.strip_prefix(&prefix).unwrap_or(&path).to_owned();
            Address { input: Arc::clone(&input), path: around.templates.construct_path(&path).unwrap_or(path) }
        };
        let (identities, policies) = Names::new(&resolver, &template.resources).into_parts();
        let only = |paths: Vec<String>| <[String; 1]>::try_from(paths).ok().map(|[path]| address(path));
        identities.into_iter().for_each(|(key, paths)| note(&mut self.identities, key, only(paths)));
        policies.into_iter().for_each(|(key, paths)| note(&mut self.policies, key, only(paths)));
    }

    fn collect(&mut self, resolver: &Resolver<'_>, source: &Source, settings: &Settings) {
        for (name, output) in resolver.template.exports() {
            let is_there = output.get("Condition").and_then(Node::as_text).and_then(|name| resolver.holds(name));
            let (Some(value), true) = (output.get("Value"), is_there != Some(false)) else { continue };
            if let Some(name) = resolver.text(name).as_text() {
                self.by_name.entry(name.to_owned()).or_default().push(self.exports.len());
            }
            self.exports.push(Export {
                file: source.name().to_owned(),
                written: name.clone(),
                value: resolver.text(value),
                account: settings.account.clone(),
                region: settings.region.clone(),
            });
        }
        for resource in resolver.stacks() {
            // A stack that cannot be followed is named where its facts are gathered.
            let _ = resolver.within(&resource, |nested, source| self.collect(nested, source, settings));
        }
    }
}

/// Notes what has a name; `None` stands for more than one thing.
fn note<K: Eq + Hash>(names: &mut HashMap<K, Option<Address>>, key: K, address: Option<Address>) {
    names
        .entry(key)
        .and_modify(|known| {
            if *known != address {
                *known = None;
            }
        })
        .or_insert_with(|| address.clone());
}

fn may_be_same(one: &Option<String>, other: &Option<String>) -> bool {
    one.is_none() || other.is_none() || one == other
}

/// Whether a value depends on the stack that it stands in, and so is another one in each.
fn speaks_of_its_stack(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(scalar) => scalar.as_text().is_some_and(|text| text.contains("AWS::Stack")),
        Value::List(items) => items.iter().any(speaks_of_its_stack),
        Value::Map(entries) => entries.iter().any(|entry| speaks_of_its_stack(&entry.value)),
        _ => false,
    }
}

//! The templates of a run, and which of them others of them use.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::exports::Exports;
use super::intrinsics::Resolver;
use super::modules::{self, Modules};
use super::template::{Resource, Template};
use super::{prepared, stacks};
use crate::extract::Settings;
use crate::load::assembly::{Construct, Stack};
use crate::load::{Format, Input};
use crate::source::Source;
use crate::tree::Node;

/// The templates of a run, by path.
#[derive(Debug, Default)]
pub struct Templates<'a> {
    by_path: HashMap<String, (&'a Arc<Source>, &'a Node)>,
    /// The stack of a CDK assembly that all of them belong to.
    stack: Option<&'a Stack>,
    /// What they may import.
    exports: Option<&'a Exports>,
    /// The modules of the registry that they may use.
    modules: Modules<'a>,
}

impl<'a> Templates<'a> {
    /// The templates among the inputs.
    #[must_use]
    pub fn new(inputs: &'a [Input]) -> Self {
        let templates = inputs.iter().filter_map(|input| match &input.format {
            Format::CloudFormation(documents) => Some((path_of(input)?, (&input.source, documents.first()?))),
            _ => None,
        });
        Self { by_path: templates.collect(), stack: None, exports: None, modules: Modules::new(inputs) }
    }

    /// The templates of a stack of a CDK assembly.
    #[must_use]
    pub fn of_stack(stack: &'a Stack) -> Self {
        let templates = stack.templates.iter().map(|(source, root)| (source.name().to_owned(), (source, root)));
        Self { by_path: templates.collect(), stack: Some(stack), exports: None, modules: Modules::default() }
    }

    /// The same, with what they may import.
    #[must_use]
    pub fn importing(self, exports: Option<&'a Exports>) -> Self {
        Self { exports, ..self }
    }

    /// The same, with the modules of the registry that they may use.
    #[must_use]
    pub fn using(self, modules: Modules<'a>) -> Self {
        Self { modules, ..self }
    }

    /// What they may import.
    pub(super) fn exports(&self) -> Option<&'a Exports> {
        self.exports
    }

    /// The templates themselves.
    pub(super) fn roots(&self) -> impl Iterator<Item = &'a Node> {
        self.by_path.values().map(|(_, root)| *root)
    }

    /// The construct that made a resource, by the path through the stacks around it.
    pub(super) fn construct(&self, path: &str) -> Option<&'a Construct> {
        self.stack?.constructs.get(path)
    }

    /// What a resource is called in a CDK assembly: by its construct or, where that is not known, below its stack.
    pub(super) fn construct_path(&self, path: &str) -> Option<String> {
        let stack = self.stack?;
        let construct = self.construct(path).map(|construct| construct.path.clone());
        Some(construct.unwrap_or_else(|| format!("{}/{path}", stack.path)))
    }

    /// The paths of templates that only other templates use, those of assembled stacks among them: these are evaluated where
    /// they are used.
    #[must_use]
    pub fn nested(&self, assembled: &[&Stack], settings: &Settings) -> HashSet<String> {
        let uses: HashMap<&str, Vec<String>> =
            self.by_path.iter().map(|(path, (_, root))| (path.as_str(), self.used_by(path, root, settings))).collect();
        let used: HashSet<&str> = uses.values().flatten().map(String::as_str).collect();
        let mut reached: HashSet<String> = HashSet::new();
        let mut next: Vec<&str> = uses.keys().copied().filter(|path| !used.contains(path)).collect();
        let roots = assembled
            .iter()
            .flat_map(|stack| std::iter::once(&stack.template).chain(stack.templates.iter().map(|(_, root)| root)));
        let by_assemblies: Vec<String> = roots.flat_map(|root| self.modules_of(&Template::new(root))).collect();
        for path in &by_assemblies {
            reached.insert(path.clone());
            next.push(path);
        }
        while let Some(path) = next.pop() {
            for child in uses.get(path).into_iter().flatten() {
                if reached.insert(child.clone()) {
                    next.push(child);
                }
            }
        }
        reached
    }

    fn used_by(&self, path: &str, root: &Node, settings: &Settings) -> Vec<String> {
        let root = prepared(root, settings);
        let template = Template::new(&root);
        let resolver = Resolver::at_defaults(&template, settings);
        let urls = template.resources.iter().filter_map(|resource| {
            let url = stacks::asset(resource).or_else(|| stacks::url(resource)).or_else(|| modules::source(resource));
            resolver.text(url?).as_text().map(ToOwned::to_owned)
        });
        let paths = urls.filter_map(|url| beside(path, &url)).chain(self.modules_of(&template));
        paths.filter(|child| child != path && self.by_path.contains_key(child)).collect()
    }

    /// The paths of the registry's modules that a template uses.
    fn modules_of(&self, template: &Template<'_>) -> Vec<String> {
        let types = template.resources.iter().filter_map(|resource| resource.type_name());
        let types = types.filter(|type_name| modules::is_module(type_name));
        types.filter_map(|type_name| normal(self.modules.find(type_name).ok()?.0.name())).collect()
    }

    /// The modules of the registry that they may use.
    pub(super) fn modules(&self) -> &Modules<'a> {
        &self.modules
    }

    /// The template that CDK notes for a resource of one of its templates.
    pub(super) fn noted(&self, file: &str, resource: &Resource<'_>) -> Option<(&'a Arc<Source>, &'a Node)> {
        let key = (file.to_owned(), resource.logical_id.to_owned());
        self.by_path.get(self.stack?.nested.get(&key)?).copied()
    }

    /// The template in a file that another file names by its path.
    pub(super) fn find(&self, file: &str, url: &str) -> Option<(&'a Arc<Source>, &'a Node)> {
        self.by_path.get(&beside(&normal(file)?, url)?).copied()
    }
}

/// The path of an input, written in one way.
#[must_use]
pub fn path_of(input: &Input) -> Option<String> {
    normal(input.source.name())
}

/// The path of a file that is named relative to another file's folder; `None` for what is no path.
fn beside(file: &str, url: &str) -> Option<String> {
    if url.contains("://") || url.starts_with("arn:") {
        return None;
    }
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    normal(&if url.starts_with('/') { url.to_owned() } else { format!("{folder}/{url}") })
        .map(|path| if file.starts_with('/') { path } else { path.trim_start_matches('/').to_owned() })
}

/// A path without `.` and `..` in it.
fn normal(path: &str) -> Option<String> {
    let mut steps: Vec<&str> = Vec::new();
    for step in path.split(['/', '\\']) {
        match step {
            "" | "." => {}
            ".." if steps.last().is_some_and(|step| *step != "..") => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    let root = if path.starts_with('/') { "/" } else { "" };
    (!steps.is_empty()).then(|| format!("{root}{}", steps.join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_beside_the_one_that_names_them() {
        assert_eq!(beside("a/b/main.yaml", "child.yaml").as_deref(), Some("a/b/child.yaml"));
        assert_eq!(beside("a/b/main.yaml", "../c/child.yaml").as_deref(), Some("a/c/child.yaml"));
        assert_eq!(beside("main.yaml", "./child.yaml").as_deref(), Some("child.yaml"));
        assert_eq!(beside("/a/main.yaml", "child.yaml").as_deref(), Some("/a/child.yaml"));
        assert_eq!(beside("../main.yaml", "child.yaml").as_deref(), Some("../child.yaml"));
        assert_eq!(beside("main.yaml", "https://example.com/child.yaml"), None);
    }
}

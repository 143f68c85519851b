//! Stacks within a stack: those whose template is among the inputs are evaluated with the parameters that are passed to
//! them, the others are named.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::intrinsics::{Operand, Outer, Resolver};
use super::template::{Resource, Template};
use super::{Facts, prepared};
use crate::extract::Settings;
use crate::inventory::Unfollowed;
use crate::load::assembly::{Construct, Stack};
use crate::load::{Format, Input};
use crate::source::Source;
use crate::tree::{Node, Value};

/// How deeply stacks may stand in each other.
const MAX_NESTED: usize = 4;

/// The templates of a run, by path.
#[derive(Debug, Default)]
pub struct Templates<'a> {
    by_path: HashMap<String, (&'a Arc<Source>, &'a Node)>,
    /// The stack of a CDK assembly that all of them belong to.
    stack: Option<&'a Stack>,
}

impl<'a> Templates<'a> {
    /// The templates among the inputs.
    #[must_use]
    pub fn new(inputs: &'a [Input]) -> Self {
        let templates = inputs.iter().filter_map(|input| match &input.format {
            Format::CloudFormation(documents) => Some((path_of(input)?, (&input.source, documents.first()?))),
            _ => None,
        });
        Self { by_path: templates.collect(), stack: None }
    }

    /// The templates of a stack of a CDK assembly.
    #[must_use]
    pub fn of_stack(stack: &'a Stack) -> Self {
        let templates = stack.templates.iter().map(|(source, root)| (source.name().to_owned(), (source, root)));
        Self { by_path: templates.collect(), stack: Some(stack) }
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

    /// The paths of templates that only other templates use: these are evaluated where they are used.
    #[must_use]
    pub fn nested(&self, settings: &Settings) -> HashSet<String> {
        let uses: HashMap<&str, Vec<String>> =
            self.by_path.iter().map(|(path, (_, root))| (path.as_str(), self.used_by(path, root, settings))).collect();
        let used: HashSet<&str> = uses.values().flatten().map(String::as_str).collect();
        let mut reached: HashSet<String> = HashSet::new();
        let mut next: Vec<&str> = uses.keys().copied().filter(|path| !used.contains(path)).collect();
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
        let template = Template::new(root);
        let resolver = Resolver::at_defaults(&template, settings);
        let urls = template
            .resources
            .iter()
            .filter_map(|resource| resolver.text(url(resource)?).as_text().map(ToOwned::to_owned));
        let paths = urls.filter_map(|url| beside(path, &url));
        paths.filter(|child| child != path && self.by_path.contains_key(child)).collect()
    }

    /// The template that CDK notes for a resource of one of its templates.
    fn noted(&self, file: &str, resource: &Resource<'_>) -> Option<(&'a Arc<Source>, &'a Node)> {
        let key = (file.to_owned(), resource.logical_id.to_owned());
        self.by_path.get(self.stack?.nested.get(&key)?).copied()
    }

    fn find(&self, file: &str, url: &str) -> Option<(&'a Arc<Source>, &'a Node)> {
        self.by_path.get(&beside(&normal(file)?, url)?).copied()
    }
}

/// The path of an input, written in one way.
#[must_use]
pub fn path_of(input: &Input) -> Option<String> {
    normal(input.source.name())
}

/// The file that a stack's template is in, as written; `None` for anything else.
fn url<'a>(resource: &Resource<'a>) -> Option<&'a Node> {
    match resource.type_name()? {
        "AWS::CloudFormation::Stack" => resource.property("TemplateURL"),
        "AWS::Serverless::Application" => resource.property("Location"),
        _ => None,
    }
}

/// Whether a resource is a stack of its own.
pub(super) fn is_stack(type_name: &str) -> bool {
    matches!(type_name, "AWS::CloudFormation::Stack" | "AWS::Serverless::Application" | "AWS::CloudFormation::StackSet")
}

impl Resolver<'_> {
    /// Evaluates the template of a stack within this one, or says why it cannot.
    pub(super) fn within<T>(
        &self,
        resource: &Resource<'_>,
        then: impl FnOnce(&Resolver<'_>, &Arc<Source>) -> T,
    ) -> Result<T, String> {
        let around = self.around.ok_or("its template is not in this input")?;
        let url = url(resource).ok_or("its template is deployed to other accounts or is not named")?;
        if self.prefix.matches('/').count() >= MAX_NESTED {
            return Err("stacks stand too deeply in each other".to_owned());
        }
        let (source, root) = match around.templates.noted(around.source.name(), resource) {
            Some(noted) => noted,
            None => {
                let url = self.text(url);
                let url = url.as_text().ok_or("where its template lies is not known before the deployment")?;
                let found = around.templates.find(around.source.name(), url);
                found.ok_or_else(|| format!("its template `{url}` is none of the files that are checked"))?
            }
        };
        let root = prepared(root, self.settings);
        let template = Template::new(&root);
        let passed = Passed { resolver: self, parameters: resource.property("Parameters") };
        let prefix = format!("{}{}/", self.prefix, resource.logical_id);
        let around = Around { source, templates: around.templates };
        let mut nested = Resolver::new(&template, self.settings, self.choices.clone(), self.home);
        nested.outer = Some(&passed);
        nested.prefix = &prefix;
        nested.around = Some(around);
        Ok(then(&nested, source))
    }
}

/// Where a template lies, and the templates that it may use.
#[derive(Clone, Copy, Debug)]
pub(super) struct Around<'a> {
    pub(super) source: &'a Arc<Source>,
    pub(super) templates: &'a Templates<'a>,
}

/// What a stack passes to one within it.
struct Passed<'a> {
    resolver: &'a Resolver<'a>,
    parameters: Option<&'a Node>,
}

impl Outer for Passed<'_> {
    fn value(&self, name: &str) -> Option<Value> {
        Some(self.resolver.resolve(self.parameters?.get(name)?)?.value)
    }

    fn operand(&self, name: &str) -> Option<Operand> {
        Some(self.resolver.operand(self.parameters?.get(name)?))
    }
}

impl Facts<'_> {
    /// Takes over what a stack within this one declares.
    pub(super) fn stack(&mut self, resource: &Resource<'_>) {
        let (names, all_names, input) = (self.names, self.all_names, Arc::clone(&self.input));
        let nested = self.resolver.within(resource, |resolver, source| {
            let mut facts = Facts::new(source, input, resolver, names, all_names);
            resolver.template.resources.iter().for_each(|resource| facts.resource(resource));
            (facts.extracted, facts.crossings.into_inner())
        });
        match nested {
            Ok((extracted, crossings)) => {
                self.extracted.merge(extracted);
                self.crossings.borrow_mut().extend(crossings);
            }
            Err(reason) => {
                let address = self.address(resource.logical_id);
                let place = self.place(resource.key_span);
                self.extracted.inventory.unfollowed.push(Unfollowed { address, reason, place });
            }
        }
    }
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

//! Stacks within a stack: those whose template is among the inputs are evaluated with the parameters that are passed to
//! them, the others are named.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::accounts::Home;
use super::exports::Exports;
use super::intrinsics::{Operand, Outer, Resolver};
use super::placeholders::Placeholders;
use super::references::Names;
use super::template::{Resource, Template};
use super::{Facts, prepared};
use crate::extract::{Settings, embedded};
use crate::inventory::Unfollowed;
use crate::load::assembly::{Construct, Stack};
use crate::load::{Format, Input};
use crate::source::{Place, Source, Span};
use crate::tree::{Node, Unknown, Value};

/// How deeply stacks may stand in each other.
const MAX_NESTED: usize = 4;

/// The templates of a run, by path.
#[derive(Debug, Default)]
pub struct Templates<'a> {
    by_path: HashMap<String, (&'a Arc<Source>, &'a Node)>,
    /// The stack of a CDK assembly that all of them belong to.
    stack: Option<&'a Stack>,
    /// What they may import.
    exports: Option<&'a Exports>,
}

impl<'a> Templates<'a> {
    /// The templates among the inputs.
    #[must_use]
    pub fn new(inputs: &'a [Input]) -> Self {
        let templates = inputs.iter().filter_map(|input| match &input.format {
            Format::CloudFormation(documents) => Some((path_of(input)?, (&input.source, documents.first()?))),
            _ => None,
        });
        Self { by_path: templates.collect(), stack: None, exports: None }
    }

    /// The templates of a stack of a CDK assembly.
    #[must_use]
    pub fn of_stack(stack: &'a Stack) -> Self {
        let templates = stack.templates.iter().map(|(source, root)| (source.name().to_owned(), (source, root)));
        Self { by_path: templates.collect(), stack: Some(stack), exports: None }
    }

    /// The same, with what they may import.
    #[must_use]
    pub fn importing(self, exports: Option<&'a Exports>) -> Self {
        Self { exports, ..self }
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
        let urls = template.resources.iter().filter_map(|resource| {
            resolver.text(asset(resource).or_else(|| url(resource))?).as_text().map(ToOwned::to_owned)
        });
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
        "AWS::CloudFormation::Stack" | STACK_SET => resource.property("TemplateURL"),
        "AWS::Serverless::Application" => resource.property("Location"),
        _ => None,
    }
}

/// Whether a resource stands for those of a module of the registry.
pub(super) fn is_module(type_name: &str) -> bool {
    type_name.ends_with("::MODULE")
}

/// The file that CDK notes beside a resource whose template it uploads.
fn asset<'a>(resource: &Resource<'a>) -> Option<&'a Node> {
    let metadata = resource.body.get("Metadata")?;
    let is_template = metadata.get("aws:asset:property").and_then(Node::as_text) == Some("TemplateURL");
    metadata.get("aws:asset:path").filter(|_| is_template && url(resource).is_some())
}

/// Whether a resource is a stack of its own.
pub(super) fn is_stack(type_name: &str) -> bool {
    matches!(type_name, "AWS::CloudFormation::Stack" | "AWS::Serverless::Application" | STACK_SET)
}

/// Whether a resource is a stack that is deployed to other accounts and regions.
pub(super) fn is_stack_set(resource: &Resource<'_>) -> bool {
    resource.type_name() == Some(STACK_SET)
}

const STACK_SET: &str = "AWS::CloudFormation::StackSet";

/// The template of a stack within another one.
struct Inner<'a> {
    source: Cow<'a, Arc<Source>>,
    root: Cow<'a, Node>,
}

impl<'a> Resolver<'a> {
    /// The stacks within this one that are deployed to the same account and region.
    pub(super) fn stacks(&self) -> impl Iterator<Item = Resource<'a>> {
        let is_within = |resource: &&Resource<'_>| {
            resource.type_name().is_some_and(is_stack)
                && !is_stack_set(resource)
                && resource.condition().and_then(|name| self.holds(name)) != Some(false)
        };
        self.template.resources.iter().filter(is_within).copied()
    }

    /// Evaluates the template of a stack within this one, or says why it cannot.
    pub(super) fn within<T>(
        &self,
        resource: &Resource<'_>,
        then: impl FnOnce(&Resolver<'_>, &Arc<Source>) -> T,
    ) -> Result<T, String> {
        let around = self.around.ok_or("its template is not in this input")?;
        if self.depth >= MAX_NESTED {
            return Err("stacks stand too deeply in each other".to_owned());
        }
        let body = resource.property("TemplateBody").filter(|_| is_stack_set(resource));
        let Inner { source, root } = match body {
            Some(body) => self.inner_body(resource, body, around)?,
            None => self.inner_file(resource, around)?,
        };
        if root.get("Resources").and_then(Node::as_map).is_none() {
            return Err("its template has no `Resources`".to_owned());
        }
        let root = prepared(&root, self.settings);
        let template = Template::new(&root);
        let passed = Passed { resolver: self, parameters: resource.property("Parameters") };
        let prefix = format!("{}{}/", self.prefix, resource.logical_id);
        let around = Around { source: &source, templates: around.templates };
        let home = if is_stack_set(resource) { Home::OneOf { ids: &[], likely: None } } else { self.home };
        let mut nested = Resolver::new(&template, self.settings, self.choices.clone(), home);
        nested.outer = Some(&passed);
        nested.prefix = &prefix;
        nested.depth = self.depth + 1;
        nested.elsewhere = if is_stack_set(resource) { Some(&prefix) } else { self.elsewhere };
        nested.around = Some(around);
        Ok(then(&nested, &source))
    }

    fn inner_file<'f>(&self, resource: &Resource<'_>, around: Around<'f>) -> Result<Inner<'f>, String> {
        let inner = |(source, root)| Inner { source: Cow::Borrowed(source), root: Cow::Borrowed(root) };
        if let Some(noted) = around.templates.noted(around.source.name(), resource) {
            return Ok(inner(noted));
        }
        let url = asset(resource).or_else(|| url(resource)).ok_or("it does not name its template")?;
        if url.get("ApplicationId").is_some() {
            return Err("its template is in the AWS Serverless Application Repository".to_owned());
        }
        let url = self.text(url);
        let url = url.as_text().ok_or("where its template lies is not known before the deployment")?;
        let found = around.templates.find(around.source.name(), url);
        found.map(inner).ok_or_else(|| format!("its template `{url}` is none of the files that are checked"))
    }

    /// A template that stands as text in the property of a stack set.
    fn inner_body<'f>(&self, resource: &Resource<'_>, body: &Node, around: Around<'f>) -> Result<Inner<'f>, String> {
        let not_known = |unknown: &Unknown| format!("its template is not known: `{}` {}", unknown.name, unknown.reason);
        let body = self.resolve(body).ok_or("it has no template")?;
        let text = match &body.value {
            Value::Map(_) => return Ok(Inner { source: Cow::Borrowed(around.source), root: Cow::Owned(body) }),
            Value::Unknown(unknown) => return Err(not_known(unknown)),
            Value::Scalar(text) => text,
            Value::Null | Value::List(_) => return Err(format!("its template is {} where text belongs", body.kind())),
        };
        let placeholders = Placeholders::new(text);
        let name = format!("{}{}.Properties.TemplateBody", self.prefix, resource.logical_id);
        match embedded::read_template(&name, &placeholders.text, Place::new(around.source, body.span)) {
            Ok((source, root)) if root.as_map().is_some() => {
                Ok(Inner { source: Cow::Owned(source), root: Cow::Owned(placeholders.put_back(root)) })
            }
            _ if text.as_text().is_none() => Err(not_known(&placeholders.into_unknown())),
            Ok((_, root)) => Err(format!("its template is {}", root.kind())),
            Err(error) => Err(format!("its template cannot be parsed: {}", error.message)),
        }
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

impl Passed<'_> {
    /// The expression for a parameter: under its name or, as stack sets have it, in a list of keys and values.
    fn given(&self, name: &str) -> Option<&Node> {
        let parameters = self.parameters?;
        let is_of = |item: &&Node| item.get("ParameterKey").and_then(Node::as_text) == Some(name);
        let in_list = || parameters.as_list()?.iter().find(is_of)?.get("ParameterValue");
        parameters.get(name).or_else(in_list)
    }
}

impl Outer for Passed<'_> {
    fn value(&self, name: &str) -> Option<Value> {
        Some(self.resolver.resolve(self.given(name)?)?.value)
    }

    fn operand(&self, name: &str) -> Option<Operand> {
        Some(self.resolver.operand(self.given(name)?))
    }
}

impl Facts<'_> {
    /// Takes over what a stack within this one declares.
    pub(super) fn stack(&mut self, resource: &Resource<'_>) {
        let (names, all_names, input) = (self.names, self.all_names, Arc::clone(&self.input));
        let nested = self.resolver.within(resource, |resolver, source| {
            // What has the same name in another account is something else.
            let elsewhere = is_stack_set(resource).then(|| Names::new(resolver, &resolver.template.resources));
            let (names, all_names) = elsewhere.as_ref().map_or((names, all_names), |own| (own, own));
            let mut facts = Facts::new(source, input, resolver, names, all_names);
            facts.macros();
            resolver.template.resources.iter().for_each(|resource| facts.resource(resource));
            resolver.heed_rules();
            let crossings = if elsewhere.is_some() { BTreeSet::new() } else { facts.crossings.into_inner() };
            (facts.extracted, crossings)
        });
        match nested {
            Ok((extracted, crossings)) => {
                self.extracted.merge(extracted);
                self.crossings.borrow_mut().extend(crossings);
            }
            Err(reason) => self.not_followed(resource.logical_id, reason, resource.key_span),
        }
    }

    /// Names the macros that a deployment runs over the whole template.
    pub(super) fn macros(&mut self) {
        for (name, span) in &self.resolver.template.macros {
            let reason =
                format!("the deployment runs the macro `{name}` over the template, which may change all of it");
            self.not_followed("Transform", reason, *span);
        }
    }

    /// Names what may declare more than is seen here.
    pub(super) fn not_followed(&mut self, logical_id: &str, reason: String, span: Span) {
        let (address, place) = (self.address(logical_id), self.place(span));
        self.extracted.inventory.unfollowed.push(Unfollowed { address, reason, place });
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

//! Stacks and modules within a stack: those whose template is among the inputs are evaluated with the parameters that are
//! passed to them, the others are named.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use super::accounts::Home;
use super::intrinsics::{Operand, Outer, Purpose, Resolver};
use super::modules::{self, is_module};
use super::placeholders::Placeholders;
use super::references::Names;
use super::template::{Resource, Template};
use super::templates::Templates;
use super::{Facts, prepared};
use crate::extract::embedded;
use crate::inventory::Unfollowed;
use crate::source::{Place, Source, Span};
use crate::tree::{Node, Unknown, Value};

/// How deeply stacks and modules may stand in each other. AWS allows three levels of modules in a stack.
const MAX_NESTED: usize = 6;

/// The file that a stack's template is in, as written; `None` for anything else.
pub(super) fn url<'a>(resource: &Resource<'a>) -> Option<&'a Node> {
    match resource.type_name()? {
        "AWS::CloudFormation::Stack" | STACK_SET => resource.property("TemplateURL"),
        "AWS::Serverless::Application" => resource.property("Location"),
        _ => None,
    }
}

/// The file that CDK notes beside a resource whose template it uploads.
pub(super) fn asset<'a>(resource: &Resource<'a>) -> Option<&'a Node> {
    let metadata = resource.body.get("Metadata")?;
    let is_template = metadata.get("aws:asset:property").and_then(Node::as_text) == Some("TemplateURL");
    metadata.get("aws:asset:path").filter(|_| is_template && url(resource).is_some())
}

const TOO_MANY: &str = "there are too many stacks and modules within each other to follow them all";

/// Whether a resource is a stack of its own.
pub(super) fn is_stack(type_name: &str) -> bool {
    matches!(type_name, "AWS::CloudFormation::Stack" | "AWS::Serverless::Application" | STACK_SET)
}

/// Whether a resource stands for those of another template.
pub(super) fn holds_template(type_name: &str) -> bool {
    is_stack(type_name) || is_module(type_name)
}

/// Whether a resource is a stack that is deployed to other accounts and regions.
pub(super) fn is_stack_set(resource: &Resource<'_>) -> bool {
    resource.type_name() == Some(STACK_SET)
}

const STACK_SET: &str = "AWS::CloudFormation::StackSet";

/// The template of a stack or module within another one.
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

    /// Evaluates the template of a stack or module within this one, or says why it cannot.
    pub(super) fn within<T>(
        &self,
        resource: &Resource<'_>,
        then: impl FnOnce(&Resolver<'_>, &Arc<Source>) -> T,
    ) -> Result<T, String> {
        let around = self.around.ok_or("its template is not in this input")?;
        if self.depth >= MAX_NESTED {
            return Err("stacks and modules stand too deeply in each other".to_owned());
        }
        if self.effort.is_spent() {
            return Err(TOO_MANY.to_owned());
        }
        let Inner { source, root } = self.inner(resource, around)?;
        let root = prepared(&root, self.settings);
        if root.get("Resources").and_then(Node::as_map).is_none() {
            return Err("its template has no `Resources`".to_owned());
        }
        let template = Template::new(&root);
        if !self.effort.follows(template.resources.len()) {
            return Err(TOO_MANY.to_owned());
        }
        let passed = Passed::new(self, resource);
        let prefix = format!("{}{}/", self.prefix, resource.logical_id);
        let around = Around { source: &source, templates: around.templates };
        let home = if is_stack_set(resource) { Home::OneOf { ids: &[], likely: None } } else { self.home };
        let mut nested = Resolver::new(&template, self.settings, self.choices.clone(), home);
        nested.outer = Some(&passed);
        nested.prefix = &prefix;
        nested.depth = self.depth + 1;
        nested.elsewhere = if is_stack_set(resource) { Some(&prefix) } else { self.elsewhere };
        nested.is_module = resource.type_name().is_some_and(is_module);
        nested.effort = Rc::clone(&self.effort);
        nested.around = Some(around);
        Ok(then(&nested, &source))
    }

    /// Whether the template, or one around it, is that of a file.
    pub(super) fn stands_in(&self, file: &str) -> bool {
        self.around.is_some_and(|around| around.source.name() == file)
            || self.outer.is_some_and(|outer| outer.stands_in(file))
    }

    fn inner<'f>(&self, resource: &Resource<'_>, around: Around<'f>) -> Result<Inner<'f>, String> {
        let body = resource.property("TemplateBody").filter(|_| is_stack_set(resource));
        match body {
            Some(body) => self.inner_body(resource, body, around),
            None if resource.type_name().is_some_and(is_module) => {
                let (source, root) = self.module(resource, around)?;
                Ok(Inner { source: Cow::Borrowed(source), root: Cow::Borrowed(root) })
            }
            None => self.inner_file(resource, around),
        }
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

/// What a stack passes to one within it, or to a module.
struct Passed<'a> {
    resolver: &'a Resolver<'a>,
    parameters: Option<Cow<'a, Node>>,
}

impl<'a> Passed<'a> {
    fn new(resolver: &'a Resolver<'a>, resource: &Resource<'a>) -> Self {
        let is_module = resource.type_name().is_some_and(is_module);
        let given = if is_module { resource.properties() } else { resource.property("Parameters") };
        let parameters = match given {
            Some(node) if node.as_function().is_some() => resolver.resolve(node).map(Cow::Owned),
            given => given.map(Cow::Borrowed),
        };
        Self { resolver, parameters }
    }

    /// The expression for a parameter: under its name or, as stack sets have it, in a list of keys and values.
    fn given(&self, name: &str) -> Option<&Node> {
        let parameters = self.parameters.as_deref()?;
        let is_of = |item: &&Node| item.get("ParameterKey").and_then(Node::as_text) == Some(name);
        let in_list = || parameters.as_list()?.iter().find(is_of)?.get("ParameterValue");
        parameters.get(name).or_else(in_list)
    }
}

impl Outer for Passed<'_> {
    fn value(&self, name: &str, purpose: Purpose) -> Option<Value> {
        self.resolver.with_purpose(purpose, |resolver| Some(resolver.resolve(self.given(name)?)?.value))
    }

    fn operand(&self, name: &str) -> Option<Operand> {
        self.resolver.with_purpose(Purpose::Condition, |resolver| Some(resolver.operand(self.given(name)?)))
    }

    fn stands_in(&self, file: &str) -> bool {
        self.resolver.stands_in(file)
    }
}

impl Facts<'_> {
    /// Takes over what a stack or module within this one declares.
    pub(super) fn nested(&mut self, resource: &Resource<'_>) {
        let (names, all_names, input) = (self.names, self.all_names, Arc::clone(&self.input));
        let nested = self.resolver.within(resource, |resolver, source| {
            if !resolver.effort.reads(resolver.template.resources.len()) {
                return Err(TOO_MANY.to_owned());
            }
            // What has the same name in another account is something else.
            let elsewhere = is_stack_set(resource).then(|| Names::new(resolver, &resolver.template.resources));
            let (names, all_names) = elsewhere.as_ref().map_or((names, all_names), |own| (own, own));
            let mut facts = Facts::new(source, input, resolver, names, all_names);
            facts.macros();
            resolver.template.resources.iter().for_each(|resource| facts.resource(resource));
            resolver.heed_rules();
            if let Some(told) = modules::assumption(resource, source) {
                facts.extracted.inventory.assume(&told);
            }
            let crossings = if elsewhere.is_some() { BTreeSet::new() } else { facts.crossings.into_inner() };
            Ok((facts.extracted, crossings))
        });
        match nested.flatten() {
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

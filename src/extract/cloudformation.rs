//! CloudFormation and SAM templates.
//!
//! A template is a program; here it is evaluated once for each deployment that makes a difference to what it declares, and
//! what only AWS knows is kept as unknown.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::carriers::{self, Carrier, Holds, Language};
use super::{Extracted, Settings};
use crate::inventory::{Address, Origin, PolicyKind, Repeated};
use crate::load::assembly::Stack;
use crate::source::{Place, Source, Span};
use crate::tree::{Node, Value};

mod accounts;
mod booleans;
mod choices;
mod deployments;
mod documents;
mod duplicates;
pub mod exports;
mod globals;
mod identities;
mod intrinsics;
mod loops;
pub mod modules;
mod placeholders;
mod references;
mod sam;
pub mod stacks;
mod template;
pub mod templates;
mod text;

use deployments::Evaluation;
use exports::Exports;
use intrinsics::Resolver;
use modules::Modules;
use references::Names;
use stacks::Around;
use template::{Resource, Template};
use templates::Templates;

/// Extracts the templates of one input: the documents of a YAML file, or the value of a JSON file.
#[must_use]
pub fn extract(source: &Arc<Source>, documents: &[Node], settings: &Settings, templates: &Templates<'_>) -> Extracted {
    let mut extracted = Extracted::default();
    for root in documents {
        let prepared = prepared(root, settings);
        match prepared.get("Resources").map(|resources| (resources, &resources.value)) {
            Some((_, Value::Map(_))) => {
                extracted.inventory.repeated.extend(repeated(source, root, templates));
                let template = Template::new(&prepared);
                extracted.merge(Evaluation::new(Around { source, templates }, &template, settings).extract());
            }
            Some((resources, _)) => {
                extracted.unread.push(format!("`Resources` is {} where a map of resources belongs", resources.kind()));
            }
            None if documents.len() == 1 => extracted.unread.push("the template has no `Resources`".to_owned()),
            None => {}
        }
    }
    extracted
}

/// What is to say of a template by itself that is evaluated where another one uses it.
#[must_use]
pub fn extract_nested(source: &Arc<Source>, documents: &[Node], templates: &Templates<'_>) -> Extracted {
    let mut extracted = Extracted::default();
    extracted.inventory.repeated = documents.iter().flat_map(|root| repeated(source, root, templates)).collect();
    extracted
}

/// The keys of a template that stand more than once.
fn repeated(source: &Arc<Source>, root: &Node, templates: &Templates<'_>) -> Vec<Repeated> {
    let found = duplicates::of(root).into_iter().map(|found| {
        let path = templates.construct_path(found.holder).unwrap_or_else(|| found.holder.to_owned());
        Repeated {
            address: Address { input: source.name().into(), path },
            key: found.key.to_owned(),
            place: Place::new(source, found.span),
            earlier: Place::new(source, found.earlier),
        }
    });
    found.collect()
}

/// Extracts a stack of a CDK assembly: its template in the account, region and with the parameters that the app gives.
#[must_use]
pub fn extract_stack(
    stack: &Stack,
    settings: &Settings,
    exports: Option<&Exports>,
    modules: &Modules<'_>,
) -> Extracted {
    let settings = stack_settings(stack, settings);
    let templates = Templates::of_stack(stack).importing(exports).using(modules.clone());
    extract(&stack.source, std::slice::from_ref(&stack.template), &settings, &templates)
}

/// What is said about a stack of a CDK assembly.
fn stack_settings(stack: &Stack, settings: &Settings) -> Settings {
    let mut parameters = stack.parameters.clone();
    parameters.extend(settings.parameters.iter().map(|(name, value)| (name.clone(), value.clone())));
    Settings {
        document_kind: settings.document_kind,
        parameters,
        account: stack.account.clone().or_else(|| settings.account.clone()),
        region: stack.region.clone().or_else(|| settings.region.clone()),
    }
}

/// The template with everything written out that stands for more than it says.
fn prepared<'n>(root: &'n Node, settings: &Settings) -> Cow<'n, Node> {
    let root = booleans::written_out(root).map_or(Cow::Borrowed(root), Cow::Owned);
    let root = modules::written_in(&root).map_or(root, Cow::Owned);
    let root = loops::written_out(&root, settings).map_or(root, Cow::Owned);
    globals::written_out(&root).map_or(root, Cow::Owned)
}

/// The facts of one template, as they are gathered.
struct Facts<'a> {
    source: &'a Arc<Source>,
    input: Arc<str>,
    resolver: &'a Resolver<'a>,
    names: &'a Names,
    /// The names of all resources of the template, those of other parts included.
    all_names: &'a Names,
    /// The resources of other parts that this one turns out to be tied to.
    crossings: RefCell<BTreeSet<String>>,
    extracted: Extracted,
}

/// Whether a resource may hold policies or tie them to something, or does not say what it is.
fn is_considered(resource: &Resource<'_>) -> bool {
    resource.type_name().is_none_or(|name| {
        name == identities::ACCOUNT
            || modules::is_module(name)
            || !carriers::of(Language::CloudFormation, name).is_empty()
    })
}

/// A resource with its functions evaluated.
#[derive(Debug)]
struct Declared<'a> {
    type_name: &'a str,
    address: Address,
    /// The text of the logical id.
    place: Place,
    properties: Node,
}

impl Declared<'_> {
    /// A property; `None` where it is missing, null or removed.
    fn property(&self, name: &str) -> Option<&Node> {
        self.properties.get(name).filter(|node| !matches!(node.value, Value::Null))
    }

    /// The text of a property, where it is known.
    fn known_property(&self, name: &str) -> Option<String> {
        self.property(name)?.as_text().map(ToOwned::to_owned)
    }
}

impl<'a> Facts<'a> {
    fn new(
        source: &'a Arc<Source>,
        input: Arc<str>,
        resolver: &'a Resolver<'a>,
        names: &'a Names,
        all_names: &'a Names,
    ) -> Self {
        let (crossings, extracted) = (RefCell::default(), Extracted::default());
        Self { source, input, resolver, names, all_names, crossings, extracted }
    }

    fn resource(&mut self, resource: &Resource<'a>) {
        if resource.condition().is_some_and(|name| self.resolver.holds(name) == Some(false)) {
            return;
        }
        let Some(type_name) = self.type_of(resource) else { return };
        let rows = carriers::of(Language::CloudFormation, type_name);
        if stacks::holds_template(type_name) {
            self.nested(resource);
            return;
        }
        if rows.is_empty() && type_name != identities::ACCOUNT {
            return;
        }
        let properties = resource.properties().and_then(|properties| self.resolver.resolve(properties));
        let properties = properties.unwrap_or(Node { span: resource.key_span, value: Value::Map(Vec::new()) });
        let declared = Declared {
            type_name,
            address: self.address(resource.logical_id),
            place: self.place(resource.key_span),
            properties,
        };
        self.origin(resource.logical_id, &declared.address);
        self.check_properties(&declared, rows);
        if type_name.starts_with("AWS::Serverless::") {
            self.serverless(&declared);
        } else {
            self.identity(&declared);
        }
        for row in rows {
            self.carrier(&declared, row);
        }
    }

    /// The type of a resource; what has none is unread where it may hold policies.
    fn type_of(&mut self, resource: &Resource<'a>) -> Option<&'a str> {
        let id = resource.logical_id;
        if let Some(type_name) = resource.type_name() {
            return Some(type_name);
        }
        if id.starts_with("Fn::ForEach::") {
            if declares_carrier(resource.body) {
                let why = if self.resolver.template.has_loops {
                    "its collection is not known before the deployment"
                } else {
                    "the template does not name the transform `AWS::LanguageExtensions`, which evaluates loops"
                };
                self.unread(format!("`{id}` makes resources with policies, but {why}"));
            }
        } else if id == "Fn::Transform" {
            self.unread("`Resources` is filled in by `Fn::Transform`, whose result only a deployment has".to_owned());
        } else if resource.body.as_map().is_none() {
            self.unread(format!("`{id}` is {} where a resource belongs", resource.body.kind()));
        } else if resource.body.get("Fn::Transform").is_some() {
            self.unread(format!("`{id}` is made by `Fn::Transform`, whose result only a deployment has"));
        } else if let Some((function, _)) = resource.body.get("Type").and_then(Node::as_function) {
            self.unread(format!(
                "`{id}`: `Type` is made by `{function}`, so it is not known whether it holds policies; where another \
                 tool renders this template, check what comes out"
            ));
        } else {
            self.unread(format!("`{id}` has no `Type`, so it is not known whether it holds policies"));
        }
        None
    }

    fn check_properties(&mut self, declared: &Declared<'_>, rows: &[Carrier]) {
        let id = &declared.address.path;
        let carries = rows.iter().any(|row| matches!(row.holds, Holds::Document(_) | Holds::Statements));
        match &declared.properties.value {
            Value::Map(_) | Value::Null => {}
            Value::Unknown(unknown) if carries => {
                let reason = format!("`{id}`: what stands under `Properties` {}", unknown.reason);
                self.unread(reason);
            }
            _ if carries => {
                self.unread(format!("`{id}`: `Properties` is {} where a map belongs", declared.properties.kind()));
            }
            _ => {}
        }
    }

    fn address(&self, logical_id: &str) -> Address {
        self.at(format!("{}{logical_id}", self.resolver.prefix))
    }

    /// The address of a resource by the path through the stacks around it; where CDK made it, that of its construct.
    fn at(&self, path: String) -> Address {
        let templates = self.resolver.around.map(|around| around.templates);
        let path = templates.and_then(|templates| templates.construct_path(&path)).unwrap_or(path);
        Address { input: Arc::clone(&self.input), path }
    }

    /// Notes the line of the program that made a resource.
    fn origin(&mut self, logical_id: &str, address: &Address) {
        let path = format!("{}{logical_id}", self.resolver.prefix);
        let construct = self.resolver.around.and_then(|around| around.templates.construct(&path));
        if let Some(made_at) = construct.and_then(|construct| construct.made_at.as_ref()) {
            let origin = Origin { address: address.clone(), told: made_at.told.clone(), place: made_at.place.clone() };
            self.extracted.inventory.origins.push(origin);
        }
    }

    fn place(&self, span: Span) -> Place {
        Place::new(self.source, span)
    }

    fn unread(&mut self, reason: String) {
        self.extracted.unread.push(reason);
    }
}

/// Whether a resource with policies stands anywhere in a value.
fn declares_carrier(node: &Node) -> bool {
    match &node.value {
        Value::List(items) => items.iter().any(declares_carrier),
        Value::Map(entries) => carries(node) || entries.iter().any(|entry| declares_carrier(&entry.value)),
        _ => false,
    }
}

/// Whether a map is a resource with policies: one of IAM, or one that has a property for them.
fn carries(body: &Node) -> bool {
    let Some(type_name) = body.get("Type").and_then(Node::as_text) else { return false };
    let properties = body.get("Properties");
    carriers::of(Language::CloudFormation, type_name).iter().any(|row| {
        let property = row.steps().next().map(|(key, _)| key);
        let is_given =
            || property.is_some_and(|key| properties.is_some_and(|properties| properties.get(key).is_some()));
        match row.holds {
            Holds::Document(PolicyKind::Trust | PolicyKind::Inline | PolicyKind::Managed) => true,
            Holds::Document(_) | Holds::Statements => is_given(),
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests;

//! Modules: resources that stand for those of a template, which take their place before anything is deployed.
//!
//! CloudFormation puts in those of its registry, by their types; the template of such a module lies below the project that
//! `cfn init` makes. Local modules name a file, and a tool puts them in. Both hand over their properties as parameters.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::intrinsics::Resolver;
use super::stacks::Around;
use super::template::Resource;
use crate::load::{Format, Input};
use crate::source::Source;
use crate::tree::{Entry, Node, Scalar, Style, Value};

/// The type of a resource that a tool replaces with those of a file.
const LOCAL: &str = "LocalModule";

/// The modules of the registry among the inputs, by their types.
#[derive(Clone, Debug, Default)]
pub struct Modules<'a> {
    by_type: HashMap<&'a str, Vec<(&'a Arc<Source>, &'a Node)>>,
}

impl<'a> Modules<'a> {
    /// The modules whose projects the inputs belong to.
    #[must_use]
    pub fn new(inputs: &'a [Input]) -> Self {
        let mut modules = Self::default();
        for input in inputs {
            if let (Some(type_name), Format::CloudFormation(documents)) = (&input.module, &input.format)
                && let Some(root) = documents.first()
            {
                modules.by_type.entry(type_name).or_default().push((&input.source, root));
            }
        }
        modules
    }

    /// The template of a module; or why there is not one.
    pub(super) fn find(&self, type_name: &str) -> Result<(&'a Arc<Source>, &'a Node), String> {
        match self.by_type.get(type_name).map(Vec::as_slice) {
            Some([only]) => Ok(*only),
            Some([_, _, ..]) => {
                let files = self.by_type.get(type_name).into_iter().flatten();
                let files: Vec<String> = files.map(|(source, _)| format!("`{}`", source.name())).collect();
                Err(format!(
                    "`{type_name}` is a module of which several of the files are the template: {}",
                    files.join(", ")
                ))
            }
            _ => Err(format!(
                "`{type_name}` is a module of the registry, and none of the files that are checked lies in the \
                 `fragments` of a project whose `.rpdk-config` names it"
            )),
        }
    }
}

impl<'a> Modules<'a> {
    /// The bodies of resources and of all those in the modules that they stand for.
    pub(super) fn bodies(&self, resources: impl Iterator<Item = Resource<'a>>) -> Vec<&'a Node> {
        let mut bodies: Vec<&Node> = resources.map(|resource| resource.body).collect();
        let mut known = HashSet::new();
        let mut next = 0;
        while let Some(body) = bodies.get(next) {
            next += 1;
            let type_name = body.get("Type").and_then(Node::as_text).filter(|name| is_registered(name));
            if let Some(Ok((_, root))) = type_name.filter(|name| known.insert(*name)).map(|name| self.find(name)) {
                let resources = root.get("Resources").and_then(Node::as_map).unwrap_or_default();
                bodies.extend(resources.iter().map(|resource| &resource.value));
            }
        }
        bodies
    }
}

/// Whether resources of this type stand for those of a module.
pub(super) fn is_module(type_name: &str) -> bool {
    type_name == LOCAL || is_registered(type_name)
}

/// Whether a type is that of a module of the registry.
fn is_registered(type_name: &str) -> bool {
    type_name.ends_with("::MODULE")
}

/// The template with its section of local modules among its resources; `None` where it has none.
pub(super) fn written_in(root: &Node) -> Option<Node> {
    let modules = root.get("Modules")?.as_map().filter(|modules| !modules.is_empty())?;
    let mut root = root.clone();
    let Value::Map(sections) = &mut root.value else { return None };
    if !sections.iter().any(|section| section.key == "Resources") {
        let section = sections.iter().find(|section| section.key == "Modules")?.clone();
        let empty = Node { span: section.value.span, value: Value::Map(Vec::new()) };
        sections.push(Entry { key: "Resources".to_owned(), key_span: section.key_span, value: empty });
    }
    let resources = sections.iter_mut().rev().find(|section| section.key == "Resources")?;
    let Value::Map(resources) = &mut resources.value.value else { return None };
    let taken: Vec<String> = resources.iter().map(|entry| entry.key.clone()).collect();
    resources.extend(modules.iter().map(|module| local(module, &taken)));
    Some(root)
}

/// An entry of the section of local modules as a resource. One that has the name of a resource gets another one.
fn local(module: &Entry, taken: &[String]) -> Entry {
    let mut resource = module.clone();
    if taken.contains(&resource.key) {
        resource.key = format!("Modules.{}", resource.key);
    }
    if let Value::Map(attributes) = &mut resource.value.value {
        let kind = Node { span: module.key_span, value: Value::Scalar(Scalar::known(LOCAL, Style::Plain)) };
        attributes.push(Entry { key: "Type".to_owned(), key_span: module.key_span, value: kind });
    }
    resource
}

/// The file that the template of a local module is in, as written; `None` for any other resource.
pub(super) fn source<'a>(resource: &Resource<'a>) -> Option<&'a Node> {
    resource.body.get("Source").filter(|_| resource.type_name() == Some(LOCAL))
}

/// What is taken to be so where a module is judged by the file that its template is in.
pub(super) fn assumption(resource: &Resource<'_>, template: &Source) -> Option<String> {
    let type_name = resource.type_name().filter(|name| is_registered(name))?;
    Some(format!(
        "the version of `{type_name}` that is the default of the registry is taken to be as `{}` has it",
        template.name()
    ))
}

impl Resolver<'_> {
    /// The template of a module, or why it is not followed.
    pub(super) fn module<'f>(
        &self,
        resource: &Resource<'_>,
        around: Around<'f>,
    ) -> Result<(&'f Arc<Source>, &'f Node), String> {
        let type_name = resource.type_name().unwrap_or_default();
        let found = if type_name == LOCAL {
            self.local(resource, around)?
        } else {
            around.templates.modules().find(type_name)?
        };
        if self.stands_in(found.0.name()) {
            return Err(format!("the module in `{}` uses itself", found.0.name()));
        }
        Ok(found)
    }

    fn local<'f>(&self, resource: &Resource<'_>, around: Around<'f>) -> Result<(&'f Arc<Source>, &'f Node), String> {
        let attributes = resource.body.as_map().unwrap_or_default();
        if let Some(other) = attributes.iter().find(|attribute| !FOLLOWED.contains(&attribute.key.as_str())) {
            return Err(format!(
                "it is a local module with `{}`, which only the tool that puts it in knows",
                other.key
            ));
        }
        let file = self.text(source(resource).ok_or("it is a local module that does not name its template")?);
        let file = file.as_text().ok_or("it is a local module whose `Source` is not known before the deployment")?;
        let found = around.templates.find(around.source.name(), file);
        found.ok_or_else(|| {
            format!("it is a local module, and its `Source` `{file}` is none of the files that are checked")
        })
    }
}

/// What a local module may have beside its type so that it can be followed.
const FOLLOWED: [&str; 8] =
    ["Condition", "DeletionPolicy", "DependsOn", "Metadata", "Properties", "Source", "Type", "UpdateReplacePolicy"];

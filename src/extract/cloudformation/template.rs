//! The sections of one template, indexed.

use std::collections::HashMap;

use super::modules::is_module;
use crate::source::Span;
use crate::tree::Node;

/// One template: its sections by name. Where a key stands twice the last one counts, as in CloudFormation.
#[derive(Debug)]
pub(super) struct Template<'a> {
    parameters: HashMap<&'a str, &'a Node>,
    mappings: HashMap<&'a str, &'a Node>,
    conditions: HashMap<&'a str, &'a Node>,
    outputs: HashMap<&'a str, &'a Node>,
    rules: Vec<&'a Node>,
    /// The resources, in the order of the text.
    pub(super) resources: Vec<Resource<'a>>,
    by_logical_id: HashMap<&'a str, usize>,
    /// Whether any of them stands for those of a module.
    pub(super) has_modules: bool,
    /// Whether its loops are evaluated.
    pub(super) has_loops: bool,
    /// The macros that a deployment runs over the whole template and that are not evaluated, with their places.
    pub(super) macros: Vec<(&'a str, Span)>,
}

/// One entry of `Resources`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resource<'a> {
    /// The key.
    pub(super) logical_id: &'a str,
    /// The text of the key.
    pub(super) key_span: Span,
    /// The body.
    pub(super) body: &'a Node,
}

impl<'a> Template<'a> {
    /// Reads the sections of a template.
    pub(super) fn new(root: &'a Node) -> Self {
        let (resources, by_logical_id) = resources(root);
        Self {
            parameters: section(root, "Parameters"),
            mappings: section(root, "Mappings"),
            conditions: section(root, "Conditions"),
            outputs: section(root, "Outputs"),
            rules: section(root, "Rules").into_values().collect(),
            has_modules: resources.iter().any(|resource| resource.type_name().is_some_and(is_module)),
            resources,
            by_logical_id,
            has_loops: super::loops::has_transform(root),
            macros: macros(root),
        }
    }

    /// The declaration of a parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&'a Node> {
        self.parameters.get(name).copied()
    }

    /// A mapping.
    pub(super) fn mapping(&self, name: &str) -> Option<&'a Node> {
        self.mappings.get(name).copied()
    }

    /// The expression of a condition.
    pub(super) fn condition(&self, name: &str) -> Option<&'a Node> {
        self.conditions.get(name).copied()
    }

    /// The value of an output.
    pub(super) fn output(&self, name: &str) -> Option<&'a Node> {
        self.outputs.get(name)?.get("Value")
    }

    /// The outputs that are exported, each after the name of its export as written; in the order of the names of outputs.
    pub(super) fn exports(&self) -> Vec<(&'a Node, &'a Node)> {
        let mut outputs: Vec<_> = self.outputs.iter().collect();
        outputs.sort_unstable_by_key(|(name, _)| **name);
        outputs.into_iter().filter_map(|(_, output)| Some((output.get("Export")?.get("Name")?, *output))).collect()
    }

    /// The rules, in no order.
    pub(super) fn rules(&self) -> &[&'a Node] {
        &self.rules
    }

    /// A resource.
    pub(super) fn resource(&self, logical_id: &str) -> Option<Resource<'a>> {
        self.resources.get(*self.by_logical_id.get(logical_id)?).copied()
    }
}

impl<'a> Resource<'a> {
    /// The type, where the template says it.
    pub(super) fn type_name(&self) -> Option<&'a str> {
        self.body.get("Type")?.as_text()
    }

    /// The name of the condition under which it exists.
    pub(super) fn condition(&self) -> Option<&'a str> {
        self.body.get("Condition")?.as_text()
    }

    /// The properties as written.
    pub(super) fn properties(&self) -> Option<&'a Node> {
        self.body.get("Properties")
    }

    /// A property as written.
    pub(super) fn property(&self, name: &str) -> Option<&'a Node> {
        self.properties()?.get(name)
    }
}

/// The transforms that make no policies, or that are evaluated.
const KNOWN_TRANSFORMS: [&str; 6] = [
    "AWS::CodeDeployBlueGreen",
    "AWS::LanguageExtensions",
    "AWS::SecretsManager-2020-07-23",
    "AWS::SecretsManager-2024-09-16",
    "AWS::Serverless-2016-10-31",
    "AWS::ServiceCatalog",
];

fn macros(root: &Node) -> Vec<(&str, Span)> {
    let sections = ["Transform", "Fn::Transform"].into_iter().filter_map(|key| root.get(key));
    let all = sections.flat_map(|transform| transform.as_list().unwrap_or(std::slice::from_ref(transform)));
    let named = all.filter_map(|one| Some((one.as_text().or_else(|| one.get("Name")?.as_text())?, one.span)));
    named.filter(|(name, _)| !KNOWN_TRANSFORMS.contains(name)).collect()
}

fn section<'a>(root: &'a Node, name: &str) -> HashMap<&'a str, &'a Node> {
    let entries = root.get(name).and_then(Node::as_map).unwrap_or_default();
    entries.iter().map(|entry| (entry.key.as_str(), &entry.value)).collect()
}

fn resources(root: &Node) -> (Vec<Resource<'_>>, HashMap<&str, usize>) {
    let mut resources: Vec<Resource<'_>> = Vec::new();
    let mut by_logical_id = HashMap::new();
    for entry in root.get("Resources").and_then(Node::as_map).unwrap_or_default() {
        let resource = Resource { logical_id: &entry.key, key_span: entry.key_span, body: &entry.value };
        let index = *by_logical_id.entry(entry.key.as_str()).or_insert(resources.len());
        match resources.get_mut(index) {
            Some(earlier) => *earlier = resource,
            None => resources.push(resource),
        }
    }
    (resources, by_logical_id)
}

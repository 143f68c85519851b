//! What a text is, decided by its content.

use super::terraform::{self, Look};
use super::{Format, LoadError, signs};
use crate::source::{Source, Span};
use crate::tree::{Node, SyntaxError, Value, json, yaml};

/// Why a text is no input.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) error: LoadError,
    pub(super) span: Option<Span>,
    pub(super) kind: Kind,
}

/// What a folder does with a refused file; one named outright is always reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Passed over.
    Foreign,
    /// Passed over where what it can be converted to lies there too.
    Convertible,
    /// Reported.
    Ours,
}

impl Refusal {
    pub(super) fn new(error: LoadError, kind: Kind) -> Self {
        Self { error, span: None, kind }
    }
}

/// What the text holds: one format, except where one text wraps several plans or has several YAML documents. A text from
/// a folder (`named` is false) must show more than a single key.
pub(super) fn detect(source: &Source, named: bool) -> Result<Vec<Format>, Refusal> {
    let text = source.text();
    if text.trim_start().is_empty() {
        return Err(Refusal::new(LoadError::Empty, Kind::Foreign));
    }
    if let Some(line) = signs::wrapper_line(text) {
        return Err(Refusal::new(LoadError::Wrapper { line }, ours_by_signs(text)));
    }
    match text.trim_start().as_bytes().first() {
        Some(b'{' | b'[') => detect_json(source, named),
        _ => detect_yaml(source, named),
    }
}

/// The largest text that is read as YAML; CloudFormation takes at most 1 MB.
const MAX_YAML: usize = 16 << 20;

fn detect_json(source: &Source, named: bool) -> Result<Vec<Format>, Refusal> {
    let text = source.text();
    let whole = Span::new(0, text.len());
    let error = match terraform::look(text)? {
        Look::Terraform(format) => return Ok(vec![format]),
        Look::Wrapped(formats) => match json::check(source, whole) {
            Ok(()) => return Ok(formats),
            Err(error) => error,
        },
        Look::Tree => match json::parse(source, whole) {
            Ok(node) => return classify(vec![node], named, terraform::WRAPPERS),
            Err(error) => error,
        },
        Look::Foreign(found) => match json::check(source, whole) {
            Ok(()) => return Err(Refusal::new(LoadError::Foreign { found }, Kind::Foreign)),
            Err(error) => error,
        },
    };
    detect_flow(source, named).ok_or_else(|| broken(text, error))
}

/// YAML may begin with a bracket too, and what is almost JSON may be YAML.
fn detect_flow(source: &Source, named: bool) -> Option<Vec<Format>> {
    let small = source.text().len() <= MAX_YAML / 8;
    let documents = if small { yaml::parse(source).ok()? } else { return None };
    classify(documents, named, 0).ok()
}

fn detect_yaml(source: &Source, named: bool) -> Result<Vec<Format>, Refusal> {
    let text = source.text();
    if signs::is_configuration(text) {
        return Err(Refusal::new(LoadError::Configuration, Kind::Foreign));
    }
    if signs::is_human_plan(text) {
        return Err(Refusal::new(LoadError::HumanPlan, Kind::Foreign));
    }
    if signs::is_sentinel_mock(text) {
        return Err(Refusal::new(LoadError::SentinelMock, Kind::Foreign));
    }
    if !named && !signs::looks_ours(text) {
        return Err(Refusal::new(LoadError::Foreign { found: "some other text".to_owned() }, Kind::Foreign));
    }
    if signs::speaks_of_a_plan(text)
        && let Err(error) = json::check(source, Span::new(0, text.len()))
    {
        return Err(Refusal { span: Some(error.span), error: LoadError::Syntax(error), kind: Kind::Ours });
    }
    if text.len() > MAX_YAML {
        return Err(Refusal::new(LoadError::TooLarge { limit: MAX_YAML as u64 }, ours_by_signs(text)));
    }
    let documents = yaml::parse(source).map_err(|error| broken(text, error))?;
    classify(documents, named, 0)
}

fn broken(text: &str, error: SyntaxError) -> Refusal {
    let kind = ours_by_signs(text);
    match signs::template_mark(text) {
        Some((mark, at)) => {
            let span = Some(Span::new(at, at + mark.len()));
            Refusal { error: LoadError::Templating { mark, fault: error.message }, span, kind }
        }
        None => Refusal { span: Some(error.span), error: LoadError::Syntax(error), kind },
    }
}

fn ours_by_signs(text: &str) -> Kind {
    if signs::looks_ours(text) { Kind::Ours } else { Kind::Foreign }
}

/// Which of the documents are templates and policies; `levels` is how many maps may stand around one.
fn classify(documents: Vec<Node>, named: bool, levels: usize) -> Result<Vec<Format>, Refusal> {
    let found = documents.iter().find(|document| !matches!(document.value, Value::Null)).map(describe);
    let is_statement = documents.iter().any(|document| has_effect(document) || items_have_effect(document));
    let (mut templates, mut policies) = (Vec::new(), Vec::new());
    for document in documents {
        collect(document, named, levels, &mut templates, &mut policies)?;
    }
    if policies.len() > 1 {
        return Err(Refusal::new(LoadError::SeveralPolicies { count: policies.len() }, Kind::Ours));
    }
    let templates = (!templates.is_empty()).then(|| Format::CloudFormation(templates.into()));
    let formats: Vec<_> = templates.into_iter().chain(policies.into_iter().map(Format::PolicyDocument)).collect();
    if !formats.is_empty() {
        return Ok(formats);
    }
    let found = found.unwrap_or_else(|| "nothing but comments".to_owned());
    let error = if is_statement { LoadError::Statement } else { LoadError::Foreign { found } };
    Err(Refusal::new(error, Kind::Foreign))
}

fn collect(
    document: Node,
    named: bool,
    levels: usize,
    templates: &mut Vec<Node>,
    policies: &mut Vec<Node>,
) -> Result<(), Refusal> {
    if is_template(&document, named) {
        check_resources(&document)?;
        templates.push(document);
    } else if is_policy(&document, named) {
        policies.push(document);
    } else if levels > 0
        && let Value::Map(entries) = document.value
    {
        for entry in entries {
            collect(entry.value, false, levels - 1, templates, policies)?;
        }
    }
    Ok(())
}

/// The values are asked for too, because a JSON schema of templates has the same keys.
fn is_template(document: &Node, named: bool) -> bool {
    let resources = document.get("Resources");
    let is_text = |node: Option<&Node>| node.and_then(Node::as_text).is_some();
    let typed = |node: &Node| is_text(node.get("Type")) || node.get("Fn::Transform").is_some();
    let transform = document.get("Transform").is_some_and(|node| is_text(Some(node)) || node.as_list().is_some());
    is_text(document.get("AWSTemplateFormatVersion"))
        || (transform && resources.is_some())
        || document.get("Fn::Transform").is_some()
        || resources.is_some_and(|node| {
            named || node.as_map().is_some_and(|entries| entries.iter().any(|entry| typed(&entry.value)))
        })
        || document
            .get("Modules")
            .and_then(Node::as_map)
            .is_some_and(|modules| modules.iter().any(|module| is_text(module.value.get("Source"))))
}

fn check_resources(template: &Node) -> Result<(), Refusal> {
    match template.get("Resources") {
        Some(node) if node.as_map().is_none() => {
            let error = LoadError::NotAMap { key: "Resources", kind: node.kind() };
            let span = template.entry("Resources").map(|entry| entry.key_span.join(node.span));
            Err(Refusal { error, span, kind: Kind::Ours })
        }
        _ => Ok(()),
    }
}

fn is_policy(document: &Node, named: bool) -> bool {
    let Some(statement) = document.get("Statement") else { return false };
    named || document.get("Version").is_some() || has_effect(statement) || items_have_effect(statement)
}

fn has_effect(node: &Node) -> bool {
    node.get("Effect").and_then(Node::as_text).is_some()
}

fn items_have_effect(node: &Node) -> bool {
    node.as_list().is_some_and(|items| items.iter().any(has_effect))
}

fn describe(document: &Node) -> String {
    match document.as_map() {
        Some(entries) => keys_found(entries.iter().map(|entry| entry.key.as_str())),
        None if matches!(document.value, Value::Scalar(_)) => "plain text".to_owned(),
        None => document.kind().to_owned(),
    }
}

/// `a map with the keys …`, of which the first few are named.
pub(super) fn keys_found<'a>(keys: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> =
        keys.take(6).map(|key| format!("`{}`", key.chars().take(40).collect::<String>())).collect();
    match names.as_slice() {
        [] => "an empty map".to_owned(),
        [only] => format!("a map with the key {only}"),
        [first @ .., _] if names.len() > 5 => format!("a map with the keys {} and more", first.join(", ")),
        names => format!("a map with the keys {}", names.join(", ")),
    }
}

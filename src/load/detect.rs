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
    let read = match terraform::look(text)? {
        Look::Terraform(format) => return Ok(vec![format]),
        Look::Wrapped(formats) => json::check(source, whole).map(|()| formats),
        Look::Tree => match json::parse(source, whole) {
            Ok(node) => return classify(vec![node], named),
            Err(error) => Err(error),
        },
        Look::Foreign(found) => match json::check(source, whole) {
            Ok(()) => return Err(Refusal::new(LoadError::Foreign { found }, Kind::Foreign)),
            Err(error) => Err(error),
        },
    };
    read.or_else(|error| detect_flow(source, named).ok_or_else(|| broken(text, error)))
}

/// YAML may begin with a bracket too, and what is almost JSON may be YAML.
fn detect_flow(source: &Source, named: bool) -> Option<Vec<Format>> {
    let small = source.text().len() <= MAX_YAML / 8;
    let documents = if small { yaml::parse(source).ok()? } else { return None };
    classify(documents, named).ok()
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
    if text.len() > MAX_YAML {
        return Err(Refusal::new(LoadError::TooLarge { limit: MAX_YAML as u64 }, ours_by_signs(text)));
    }
    let documents = yaml::parse(source).map_err(|error| broken(text, error))?;
    classify(documents, named)
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

fn classify(documents: Vec<Node>, named: bool) -> Result<Vec<Format>, Refusal> {
    let found = documents.iter().find(|document| !matches!(document.value, Value::Null)).map(describe);
    let (mut templates, mut policies) = (Vec::new(), Vec::new());
    for document in documents {
        if is_template(&document, named) {
            check_resources(&document)?;
            templates.push(document);
        } else if is_policy(&document, named) {
            policies.push(Format::PolicyDocument(document));
        }
    }
    let templates = (!templates.is_empty()).then_some(Format::CloudFormation(templates));
    let formats: Vec<_> = templates.into_iter().chain(policies).collect();
    if formats.is_empty() {
        let found = found.unwrap_or_else(|| "nothing but comments".to_owned());
        return Err(Refusal::new(LoadError::Foreign { found }, Kind::Foreign));
    }
    Ok(formats)
}

fn is_template(document: &Node, named: bool) -> bool {
    let resources = document.get("Resources");
    let typed = |node: &Node| node.get("Type").is_some() || node.get("Fn::Transform").is_some();
    document.get("AWSTemplateFormatVersion").is_some()
        || (document.get("Transform").is_some() && resources.is_some())
        || document.get("Fn::Transform").is_some()
        || resources.is_some_and(|node| {
            named || node.as_map().is_some_and(|entries| entries.iter().any(|entry| typed(&entry.value)))
        })
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
    let has_effect = |node: &Node| node.get("Effect").is_some();
    named
        || document.get("Version").is_some()
        || has_effect(statement)
        || statement.as_list().is_some_and(|items| items.iter().any(has_effect))
}

fn describe(document: &Node) -> String {
    match document.as_map() {
        Some(entries) => keys_found(entries.iter().map(|entry| entry.key.as_str())),
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

//! Terraform and OpenTofu plans and states.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use rayon::prelude::*;

use super::carriers::{self, Carrier, Holds, Language};
use super::{Extracted, documents};
use crate::checkout::Checkouts;
use crate::inventory::{Content, Inventory, Policy, PolicyKind};
use crate::source::{Source, Span};
use crate::tree::{Form, Node, Unknown, json};

use references::References;
use resource::{Found, View};
use shell::{Fault, Shell};

mod attributes;
mod before;
mod deferred;
mod exclusive;
mod identities;
mod permission_sets;
mod references;
mod resource;
mod shell;
mod ties;
mod written;

/// What a plan declares; `span` is the range of the plan in the source.
#[must_use]
pub fn extract_plan(source: &Arc<Source>, span: Span, checkouts: &Checkouts) -> Extracted {
    extract(source, shell::plan(source.slice(span)), checkouts)
}

/// What a state declares; `span` is the range of the state in the source.
#[must_use]
pub fn extract_state(source: &Arc<Source>, span: Span, checkouts: &Checkouts) -> Extracted {
    extract(source, shell::state(source.slice(span)), checkouts)
}

fn extract(source: &Arc<Source>, shell: Result<Shell<'_>, Fault<'_>>, checkouts: &Checkouts) -> Extracted {
    let shell = match shell {
        Ok(shell) => shell,
        Err(fault) => return unreadable(source, &fault),
    };
    let references = References::new(&shell, checkouts);
    let input: Arc<str> = Arc::from(source.name());
    let parts: Vec<Result<_, String>> = shell
        .resources
        .par_iter()
        .map(|resource| match View::new(source, &input, resource, &references) {
            Ok(view) => Ok((facts(&view), exclusive::extract(&view))),
            Err(error) => Err(format!("`{}` cannot be read: {error}", resource.address)),
        })
        .collect();
    let before = before::extract(source, &shell, &references, &parts);
    let mut extracted =
        Extracted { before, unread: shell.trouble.map(str::to_owned).into_iter().collect(), ..Extracted::default() };
    let mut exclusives = Vec::new();
    extracted.inventory.reserve(parts.iter().flatten().map(|(inventory, _)| inventory));
    for part in parts {
        match part {
            Ok((inventory, decided)) => {
                extracted.inventory.merge(inventory);
                exclusives.extend(decided);
            }
            Err(reason) => extracted.unread.push(reason),
        }
    }
    permission_sets::settle(&mut extracted.inventory, &shell.resources);
    exclusive::apply(&mut extracted.inventory, &exclusives);
    extracted
}

fn unreadable(source: &Source, fault: &Fault<'_>) -> Extracted {
    let error = json::syntax_error(fault.text, source.span_of(fault.text).start, &fault.error);
    let (line, column) = source.line_column(error.span.start);
    let message = match error.message.strip_prefix("not valid JSON: ") {
        Some(what) if fault.error.is_data() => format!("not what Terraform writes: {what}"),
        _ => error.message,
    };
    Extracted { unread: vec![format!("line {line}, column {column}: {message}")], ..Extracted::default() }
}

/// What is asked of the resources of a type.
struct Type {
    name: &'static str,
    /// The attributes, without what stands inside of them.
    attributes: Vec<&'static str>,
    /// For a type that can carry documents and ties nothing, the attributes that hold them, in quotes.
    carries: Option<Vec<String>>,
}

/// What is asked of the resources of a type; `None` where they have nothing to say here. Looked up for every resource of a
/// plan.
fn asked(type_name: &str) -> Option<&'static Type> {
    let at = TYPES.binary_search_by(|known| known.name.cmp(type_name)).ok()?;
    TYPES.get(at)
}

/// The attributes that are asked of every type.
const NAMES: [&str; 3] = ["name", "path", "type"];

/// The types that matter, by name.
static TYPES: LazyLock<Vec<Type>> = LazyLock::new(|| {
    let is_document =
        |carrier: &&Carrier| matches!(carrier.holds, Holds::Document(_) | Holds::Statements | Holds::OpenApi);
    let carriers = carriers::all(Language::Terraform).iter().filter(is_document);
    let carriers = carriers.map(|carrier| (carrier.type_name, carrier.path, false));
    let ties = ties::paths().map(|(type_name, path)| (type_name, path, true));
    let mut attributes: BTreeMap<_, (Vec<_>, bool)> = BTreeMap::new();
    for (type_name, path, ties) in carriers.chain(ties) {
        let (attributes, is_tied) = attributes.entry(type_name).or_default();
        attributes.push(path.split(['.', '[']).next().unwrap_or(path));
        // Others refer to policies by what they are called.
        *is_tied |= ties || type_name == "aws_iam_policy";
    }
    let asked = |(name, (attributes, is_tied)): (_, (Vec<&'static str>, bool))| Type {
        name,
        carries: (!is_tied).then(|| attributes.iter().map(|name| format!("\"{name}\"")).collect()),
        attributes: NAMES.into_iter().chain(attributes).collect(),
    };
    attributes.into_iter().map(asked).collect()
});

/// All that one resource says.
fn facts(view: &View<'_>) -> Inventory {
    let mut inventory = Inventory::default();
    ties::extract(view, &mut inventory);
    for carrier in carriers::of(Language::Terraform, &view.resource.type_name) {
        for found in view.find(carrier.path) {
            inventory.policies.extend(policy(view, carrier, &found));
        }
    }
    // Room for more adds up over the resources of a large plan.
    inventory.shrink_to_fit();
    inventory
}

/// The policy at a carrier, if there is one.
fn policy(view: &View<'_>, carrier: &Carrier, found: &Found<'_>) -> Option<Policy> {
    let kind = match carrier.holds {
        Holds::Document(PolicyKind::ServiceControl) => organization_policy(view)?,
        Holds::Document(kind) => kind,
        Holds::Statements | Holds::OpenApi => PolicyKind::Resource,
        _ => return None,
    };
    let name = format!("{}.{}", view.address.path, found.attribute);
    let content = match &found.value {
        Ok(node) if documents::is_none(node) => return None,
        Ok(node) => match carrier.holds {
            Holds::OpenApi => open_api_policy(view, &name, node)?,
            Holds::Statements => Content::Known(documents::read_statements(&name, node, view.source)),
            _ => Content::Known(documents::read(&name, node, view.source, documents::grammar(kind))),
        },
        Err(_) if carrier.holds == Holds::OpenApi => return None,
        Err(unknown) => deferred_content(view, found, kind, unknown),
    };
    let place = match &content {
        Content::Known(document) => document.place.clone(),
        Content::Unknown(_) => found.place.clone(),
    };
    let attribute = found.attribute.clone();
    Some(Policy { kind, address: view.address.clone(), attribute, name: policy_name(kind, found), content, place })
}

/// An unknown document: what the data source or the expression behind it will give, or why it stays open.
fn deferred_content(view: &View<'_>, found: &Found<'_>, kind: PolicyKind, unknown: &Unknown) -> Content {
    let grammar = documents::grammar(kind);
    let deferred = deferred::read(view, found, grammar);
    if !matches!(deferred, Some(Ok(_)))
        && let Some(document) = written::read(view, found, grammar)
    {
        return Content::Known(document);
    }
    match deferred {
        Some(Ok(document)) => Content::Known(document),
        Some(Err(open)) if !open.name.is_empty() => Content::Unknown(Unknown { form: Form::Anything, ..open }),
        Some(Err(_)) | None => Content::Unknown(Unknown { form: Form::Anything, ..unknown.clone() }),
    }
}

/// The kind of an organization's policy; `None` for those that are not IAM.
fn organization_policy(view: &View<'_>) -> Option<PolicyKind> {
    let Some(found) = view.get("type") else { return Some(PolicyKind::ServiceControl) };
    match found.text() {
        Some("RESOURCE_CONTROL_POLICY") => Some(PolicyKind::ResourceControl),
        Some("SERVICE_CONTROL_POLICY") | None => Some(PolicyKind::ServiceControl),
        Some(_) => None,
    }
}

/// The resource policy inside an OpenAPI description, which may have none.
fn open_api_policy(view: &View<'_>, name: &str, node: &Node) -> Option<Content> {
    const KEY: &str = "x-amazon-apigateway-policy";
    let text = node.as_text().filter(|text| text.contains(KEY))?;
    let place = crate::source::Place::new(view.source, node.span);
    let Ok((source, description)) = super::embedded::read(name, text, place) else {
        return Some(Content::Unknown(Unknown {
            name: format!("{name}.{KEY}"),
            reason: "stands in an OpenAPI description that is not JSON".to_owned(),
            form: Form::Anything,
        }));
    };
    let policy = description.get(KEY)?;
    Some(Content::Known(documents::read(name, policy, &source, documents::grammar(PolicyKind::Resource))))
}

/// The policy's own name: policies on resources have none.
fn policy_name(kind: PolicyKind, found: &Found<'_>) -> Option<String> {
    match kind {
        PolicyKind::Inline | PolicyKind::Managed | PolicyKind::ServiceControl | PolicyKind::ResourceControl => {
            found.beside?.get("name")?.as_text().map(str::to_owned)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;

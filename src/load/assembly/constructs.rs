//! Which construct each resource of a stack was made by.

use std::collections::{BTreeSet, HashMap};

use super::trace::Program;
use super::{Construct, MadeAt, Stack};
use crate::tree::Node;

/// What stands behind the name of a nested stack in the path of the resource that stands for it.
const NESTED: &str = ".NestedStack";

/// The longest path of a construct; no person writes one of that length.
const MAX_PATH: usize = 4096;

/// A resource as the assembly notes it.
struct Noted {
    path: String,
    logical_id: String,
    made_at: Option<MadeAt>,
}

/// The constructs of a stack and of those within it, by logical id, which for the latter is `Parent/Child`.
pub(super) fn of(stack: &Stack, metadata: Option<&Node>, program: &mut Program) -> HashMap<String, Construct> {
    let mut noted = in_metadata(metadata, program);
    let known: BTreeSet<(String, String)> = noted.iter().map(|it| (it.path.clone(), it.logical_id.clone())).collect();
    noted.extend(in_templates(stack).filter(|it| !known.contains(&(it.path.clone(), it.logical_id.clone()))));
    noted.retain(|it| it.path.len() + it.logical_id.len() <= MAX_PATH);
    let scopes: BTreeSet<&str> = noted.iter().filter_map(|it| nested_scope(&it.path)).collect();
    let prefixes: HashMap<&str, String> = prefixes(&noted, &scopes);
    let named = noted.iter().filter_map(|it| {
        let prefix = match scope_of(&it.path, &scopes) {
            Some(scope) => prefixes.get(scope)?.as_str(),
            None => "",
        };
        let construct = Construct { path: it.path.clone(), made_at: it.made_at.clone() };
        Some((format!("{prefix}{}", it.logical_id), construct))
    });
    named.collect()
}

/// What the manifest notes: paths, each with a list of entries.
fn in_metadata(metadata: Option<&Node>, program: &mut Program) -> Vec<Noted> {
    let mut noted = Vec::new();
    for construct in metadata.and_then(Node::as_map).unwrap_or_default() {
        let entries = construct.value.as_list().unwrap_or_default();
        let of_type = |kind: &str| entries.iter().find(|it| it.get("type").and_then(Node::as_text) == Some(kind));
        let Some(entry) = of_type("aws:cdk:logicalId") else { continue };
        let Some(logical_id) = entry.get("data").and_then(Node::as_text) else { continue };
        let trace = of_type("aws:cdk:creationStack").and_then(|it| it.get("data")).or_else(|| entry.get("trace"));
        noted.push(Noted {
            path: construct.key.trim_start_matches('/').to_owned(),
            logical_id: logical_id.to_owned(),
            made_at: trace.and_then(|trace| program.made_at(trace)),
        });
    }
    noted
}

/// What the templates note beside their resources.
fn in_templates(stack: &Stack) -> impl Iterator<Item = Noted> {
    let templates = std::iter::once(&stack.template).chain(stack.templates.iter().map(|(_, template)| template));
    templates.flat_map(|template| {
        let resources = template.get("Resources").and_then(Node::as_map).unwrap_or_default();
        resources.iter().filter_map(|resource| {
            let path = resource.value.get("Metadata")?.get("aws:cdk:path")?.as_text()?;
            Some(Noted { path: path.to_owned(), logical_id: resource.key.clone(), made_at: None })
        })
    })
}

/// The nested stack that a resource stands for: `People/Roles` for `People/Roles.NestedStack/Roles.NestedStackResource`.
fn nested_scope(path: &str) -> Option<&str> {
    let (holder, last) = path.rsplit_once('/')?;
    last.ends_with(".NestedStackResource").then(|| holder.strip_suffix(NESTED))?
}

/// The innermost nested stack that a construct is in.
fn scope_of<'s>(path: &str, scopes: &BTreeSet<&'s str>) -> Option<&'s str> {
    let ends = path.rmatch_indices('/').filter_map(|(at, _)| path.get(..at));
    ends.filter_map(|scope| scopes.get(scope)).next().copied()
}

/// What stands before the logical ids of each nested stack.
fn prefixes<'s>(noted: &[Noted], scopes: &BTreeSet<&'s str>) -> HashMap<&'s str, String> {
    let mut prefixes: HashMap<&str, String> = HashMap::new();
    let mut holders: Vec<(&str, &Noted)> =
        noted.iter().filter_map(|it| Some((*scopes.get(nested_scope(&it.path)?)?, it))).collect();
    // A stack around another one has the shorter path.
    holders.sort_by_key(|(scope, _)| scope.len());
    for (scope, holder) in holders {
        let around = scope_of(&holder.path, scopes).and_then(|outer| prefixes.get(outer)).cloned().unwrap_or_default();
        prefixes.entry(scope).or_insert(format!("{around}{}/", holder.logical_id));
    }
    prefixes
}

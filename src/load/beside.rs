//! The templates of nested stacks and local modules that lie beside the templates that use them, and were not asked for.
//!
//! `aws cloudformation package` uploads what a template names by a path; here it is read. A path leads nowhere but into the
//! folder of the template that names it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::assembly::inside;
use super::{Candidate, Content, Format, Input, Loaded, Outcome, STDIN, gather, name, outcome};
use crate::tree::Node;

/// How many templates are read that nobody asked for.
const MAX_FILES: usize = 1000;

/// Adds the templates that the loaded ones name by a path and that are not loaded yet, and those that these name.
pub(super) fn add(loaded: &mut Loaded, wanted: &dyn Fn(&Path) -> bool) {
    let mut known: BTreeSet<String> = loaded.inputs.iter().map(|input| name(Path::new(input.source.name()))).collect();
    let mut next = named(&loaded.inputs);
    let mut left = MAX_FILES;
    while !next.is_empty() && left > 0 {
        next.retain(|file, candidate| match &candidate.content {
            Content::File(path) => wanted(path) && known.insert(file.clone()),
            Content::Bytes(_) => false,
        });
        left = left.saturating_sub(next.len());
        let outcomes = std::mem::take(&mut next).into_iter().map(|(name, candidate)| outcome(name, candidate));
        // Anything else than a template is no stack: what names it is told that it was not followed.
        let is_template = |outcome: &Outcome| match outcome {
            Outcome::Inputs(inputs) => inputs.iter().all(|it| matches!(it.format, Format::CloudFormation(_))),
            Outcome::Unread(_) => true,
            _ => false,
        };
        let found = gather(outcomes.filter(is_template).collect());
        next = named(&found.inputs);
        loaded.files += found.files;
        loaded.unread.extend(found.unread);
        loaded.inputs.extend(found.inputs);
    }
}

/// The files that templates name for the stacks within them.
fn named(inputs: &[Input]) -> BTreeMap<String, Candidate> {
    let mut files = BTreeMap::new();
    for input in inputs {
        let Format::CloudFormation(documents) = &input.format else { continue };
        if input.source.name() == STDIN {
            continue;
        }
        let folder = Path::new(input.source.name()).parent().unwrap_or(Path::new(""));
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        for told in documents.iter().flat_map(urls) {
            let is_path = !told.contains("://") && !told.starts_with("arn:");
            let path = if is_path { inside::path(folder, folder, told).ok() } else { None };
            // A link may lead anywhere, and so may what is no file.
            if let Some(path) = path.filter(|path| path.symlink_metadata().is_ok_and(|data| data.is_file())) {
                files.insert(name(&path), Candidate { content: Content::File(path), named: true });
            }
        }
    }
    files
}

/// Where the templates of the stacks and local modules in a template lie, as far as that is written out.
fn urls(template: &Node) -> impl Iterator<Item = &str> {
    let section = |name: &str| template.get(name).and_then(Node::as_map).unwrap_or_default();
    let sources = section("Modules").iter().filter_map(|module| module.value.get("Source")?.as_text());
    let resources = section("Resources").iter().filter_map(|resource| {
        let body = &resource.value;
        if body.get("Type").and_then(Node::as_text) == Some("LocalModule") {
            return body.get("Source")?.as_text();
        }
        let key = match body.get("Type").and_then(Node::as_text)? {
            "AWS::CloudFormation::Stack" | "AWS::CloudFormation::StackSet" => "TemplateURL",
            "AWS::Serverless::Application" => "Location",
            _ => return None,
        };
        let asset = || body.get("Metadata").and_then(|metadata| metadata.get("aws:asset:path")).and_then(Node::as_text);
        body.get("Properties")?.get(key)?.as_text().or_else(asset)
    });
    resources.chain(sources)
}

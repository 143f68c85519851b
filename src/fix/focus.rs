//! What of the templates bears on one resource, so that the rest can be left out while fixes for it are tried.
//!
//! Resources belong together where a subject has policies of several of them, or where one of them stands in the text of
//! another. Beside these, what they mention is kept, and what ties them to others.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::sets::Sets;
use crate::inventory::Address;
use crate::inventory::subjects::Subject;
use crate::load::{Format, Input};
use crate::source::{Place, Span};
use crate::tree::{Entry, Node, Part, Value};

/// The resources that are kept, by the names of the inputs.
#[derive(Debug, Default)]
pub(super) struct Focus {
    kept: HashMap<String, HashSet<String>>,
    /// How large they are, of all resources.
    share: f64,
}

impl Focus {
    /// How much of the text of all resources is kept: from 0 to 1.
    pub(super) fn share(&self) -> f64 {
        self.share
    }

    /// An input without the resources that are not kept.
    pub(super) fn of(&self, input: &Input) -> Input {
        let Format::CloudFormation(documents) = &input.format else { return input.clone() };
        let none = HashSet::new();
        let kept = self.kept.get(input.source.name()).unwrap_or(&none);
        let documents = documents.iter().map(|root| with_resources(root, kept)).collect();
        Input { format: Format::CloudFormation(documents), ..input.clone() }
    }
}

/// A template with those of its resources that are kept, and everything else that it has.
fn with_resources(root: &Node, kept: &HashSet<String>) -> Node {
    let Some(entries) = root.as_map() else { return root.clone() };
    let of_entry = |entry: &Entry| match entry.value.as_map() {
        Some(resources) if entry.key == RESOURCES => {
            let resources = resources.iter().filter(|resource| is_loop(resource) || kept.contains(&resource.key));
            let value = Value::Map(resources.cloned().collect());
            Entry { key: entry.key.clone(), key_span: entry.key_span, value: Node { span: entry.value.span, value } }
        }
        _ => entry.clone(),
    };
    Node { span: root.span, value: Value::Map(entries.iter().map(of_entry).collect()) }
}

const RESOURCES: &str = "Resources";

/// Whether an entry makes resources of names that are not written.
fn is_loop(entry: &Entry) -> bool {
    entry.key.starts_with("Fn::ForEach")
}

/// The types whose resources say who has what: they are kept with those that they mention.
const TYING: [&str; 3] = ["AWS::IAM::", "AWS::SSO::", "AWS::Organizations::"];

/// How the resources of some templates are tied together.
pub(super) struct Ties<'a> {
    resources: Vec<Resource<'a>>,
    by_name: HashMap<(&'a str, &'a str), usize>,
    sets: Sets,
}

struct Resource<'a> {
    input: &'a str,
    entry: &'a Entry,
    span: Span,
    /// The resources that it names.
    mentions: BTreeSet<usize>,
    /// Those that name it and say who has what.
    mentioned_by: Vec<usize>,
}

impl<'a> Ties<'a> {
    /// Finds how the resources of templates are tied together by the subjects that they make.
    pub(super) fn new(inputs: &[&'a Input], subjects: impl Iterator<Item = &'a Subject>) -> Self {
        let mut resources: Vec<Resource<'_>> = inputs.iter().flat_map(|input| resources(input)).collect();
        resources.sort_unstable_by_key(|it| (it.input, it.span));
        let by_name = resources.iter().enumerate().map(|(at, it)| ((it.input, it.entry.key.as_str()), at)).collect();
        let sets = Sets::new(resources.len());
        let mut ties = Self { resources, by_name, sets };
        ties.find_mentions();
        subjects.for_each(|subject| ties.tie(subject));
        ties
    }

    /// What has to be looked at to put something right at an address; `None` where that is everything, or not to be told.
    pub(super) fn focus(&self, address: &Address) -> Option<(usize, Focus)> {
        let part = self.sets.first(self.at(address)?);
        let mut kept: BTreeSet<usize> = (0..self.resources.len()).filter(|at| self.sets.first(*at) == part).collect();
        let mut open: Vec<usize> = kept.iter().copied().collect();
        for at in open.clone() {
            open.extend(self.resources.get(at)?.mentioned_by.iter().filter(|by| kept.insert(**by)));
        }
        while let Some(at) = open.pop() {
            open.extend(self.resources.get(at)?.mentions.iter().filter(|mentioned| kept.insert(**mentioned)));
        }
        if kept.len() == self.resources.len() {
            return None;
        }
        let size = |resource: &Resource<'_>| resource.span.len();
        let all: usize = self.resources.iter().map(size).sum();
        let mut focus = Focus::default();
        let mut own = 0;
        for resource in kept.iter().filter_map(|at| self.resources.get(*at)) {
            own += size(resource);
            focus.kept.entry(resource.input.to_owned()).or_default().insert(resource.entry.key.clone());
        }
        focus.share = own as f64 / all.max(1) as f64;
        Some((part, focus))
    }

    fn tie(&mut self, subject: &Subject) {
        let Some(own) = self.at(&subject.address) else { return };
        for attached in subject.policies.iter().chain(&subject.boundaries) {
            let document = attached.content.as_ref().ok().and_then(|document| self.around(&document.place));
            let through = attached.through.as_ref().and_then(|group| self.at(group));
            let others = [self.at(&attached.policy.address), document, self.around(&attached.place), through];
            others.into_iter().flatten().for_each(|other| self.sets.join(own, other));
        }
    }

    /// The resource at an address, or the one of the template that it comes from.
    fn at(&self, address: &Address) -> Option<usize> {
        let named = |id: &str| self.by_name.get(&(&*address.input, id)).copied();
        named(&address.path).or_else(|| named(address.path.split(['/', '.']).next()?))
    }

    /// The resource that a place is in.
    fn around(&self, place: &Place) -> Option<usize> {
        let Place { source, span } = place.in_file();
        let after = self.resources.partition_point(|it| (it.input, it.span.start) <= (source.name(), span.start));
        let at = after.checked_sub(1)?;
        let resource = self.resources.get(at)?;
        (resource.input == source.name() && span.end <= resource.span.end).then_some(at)
    }

    fn find_mentions(&mut self) {
        for at in 0..self.resources.len() {
            let Some(resource) = self.resources.get(at) else { continue };
            let mut mentions: BTreeSet<usize> = BTreeSet::new();
            each_text(&resource.entry.value, &mut |text| {
                let words = text.split(|char: char| !char.is_ascii_alphanumeric());
                mentions.extend(words.filter_map(|word| self.by_name.get(&(resource.input, word)).copied()));
            });
            mentions.remove(&at);
            let type_name = resource.entry.value.get("Type").and_then(Node::as_text).unwrap_or_default();
            if TYING.iter().any(|prefix| type_name.starts_with(prefix)) {
                for mentioned in &mentions {
                    if let Some(named) = self.resources.get_mut(*mentioned) {
                        named.mentioned_by.push(at);
                    }
                }
            }
            if let Some(resource) = self.resources.get_mut(at) {
                resource.mentions = mentions;
            }
        }
    }
}

/// The resources of a template in the order of its text.
fn resources(input: &Input) -> Vec<Resource<'_>> {
    let Format::CloudFormation(documents) = &input.format else { return Vec::new() };
    let entries = documents.iter().filter_map(|root| root.get(RESOURCES)?.as_map()).flatten();
    let resource = |entry| Resource {
        input: input.source.name(),
        entry,
        span: Span::new(entry.key_span.start, entry.value.span.end),
        mentions: BTreeSet::new(),
        mentioned_by: Vec::new(),
    };
    entries.filter(|entry| !is_loop(entry)).map(resource).collect()
}

/// Every text in a value, keys included.
fn each_text(node: &Node, give: &mut impl FnMut(&str)) {
    match &node.value {
        Value::Scalar(scalar) => {
            for part in &scalar.parts {
                if let Part::Known(text) = part {
                    give(text);
                }
            }
        }
        Value::List(items) => items.iter().for_each(|item| each_text(item, give)),
        Value::Map(entries) => {
            for entry in entries {
                give(&entry.key);
                each_text(&entry.value, give);
            }
        }
        Value::Null | Value::Unknown(_) => {}
    }
}

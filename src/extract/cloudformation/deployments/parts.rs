//! Which resources of a template have to do with each other.

use std::collections::{HashMap, HashSet};

use super::super::is_considered;
use super::super::modules::is_module;
use super::super::template::Template;
use super::super::text::{Piece, pieces};
use crate::tree::{Node, Value};

/// The resources that may hold policies, in sets that refer to each other.
pub(super) struct Parts {
    /// For each resource of the template the one that stands for its set, or one on the way to it.
    parents: Vec<usize>,
    considered: Vec<usize>,
    indices: HashMap<String, usize>,
    /// The logical ids of modules.
    modules: HashSet<String>,
}

/// The longest logical id that CloudFormation takes.
const LONGEST_ID: usize = 255;

impl Parts {
    /// The parts of a template, by what refers to what by logical id.
    pub(super) fn new(template: &Template<'_>) -> Self {
        let resources = &template.resources;
        let considered = resources.iter().enumerate().filter(|(_, resource)| is_considered(resource));
        let considered: Vec<usize> = considered.map(|(at, _)| at).collect();
        let ids = considered.iter().filter_map(|at| Some((resources.get(*at)?.logical_id.to_owned(), *at)));
        let modules = resources.iter().filter(|resource| resource.type_name().is_some_and(is_module));
        let modules = modules.map(|resource| resource.logical_id.to_owned()).collect();
        let indices = ids.collect();
        let mut parts = Self { parents: (0..resources.len()).collect(), indices, modules, considered };
        for at in parts.considered.clone() {
            let Some(resource) = resources.get(at) else { continue };
            let mut mentioned = Vec::new();
            mentions(resource.body, &mut |id| parts.referred(id, &mut mentioned));
            mentioned.into_iter().for_each(|other| parts.join(at, other));
        }
        parts
    }

    /// The place of a resource among those of the template; the role that SAM makes for a function is the function.
    pub(super) fn index(&self, id: &str) -> Option<usize> {
        let function = || self.indices.get(id.strip_suffix("Role")?);
        self.indices.get(id).or_else(function).copied()
    }

    /// The places of what a reference may mean: a resource, or the modules that the name of one of theirs begins with.
    fn referred(&self, id: &str, found: &mut Vec<usize>) {
        match self.index(id) {
            Some(at) => found.push(at),
            None if self.modules.is_empty() => {}
            None => {
                let beginnings = (1..id.len().min(LONGEST_ID)).filter_map(|end| id.get(..end));
                found.extend(beginnings.filter(|id| self.modules.contains(*id)).filter_map(|id| self.index(id)));
            }
        }
    }

    /// Makes one part of two.
    pub(super) fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        let (first, second) = (one.min(other), one.max(other));
        if let Some(parent) = self.parents.get_mut(second) {
            *parent = first;
        }
    }

    /// The members of each part, in the order of the template.
    pub(super) fn members(&mut self) -> Vec<Vec<usize>> {
        let mut members: Vec<Vec<usize>> = Vec::new();
        let mut places: HashMap<usize, usize> = HashMap::new();
        for at in self.considered.clone() {
            let next = members.len();
            let place = *places.entry(self.root(at)).or_insert(next);
            match members.get_mut(place) {
                Some(part) => part.push(at),
                None => members.push(vec![at]),
            }
        }
        members
    }

    fn root(&mut self, at: usize) -> usize {
        let mut root = at;
        while let Some(parent) = self.parents.get(root).copied().filter(|parent| *parent != root) {
            root = parent;
        }
        if let Some(parent) = self.parents.get_mut(at) {
            *parent = root;
        }
        root
    }
}

/// Everything that a value may refer to by name.
fn mentions(node: &Node, found: &mut impl FnMut(&str)) {
    match (node.as_function(), &node.value) {
        (Some(("Ref", name)), _) => name.as_text().into_iter().for_each(found),
        (Some(("Fn::GetAtt", argument)), _) => {
            let first = argument.as_list().and_then(|list| list.first()).unwrap_or(argument);
            first.as_text().into_iter().for_each(|text| found(text.split('.').next().unwrap_or(text)));
        }
        (function, Value::Map(entries)) => {
            if let Some(("Fn::Sub", argument)) = function {
                let template = argument.as_list().and_then(|list| list.first()).unwrap_or(argument);
                for piece in pieces(template.as_text().unwrap_or_default()) {
                    if let Piece::Variable(name) = piece {
                        found(name.split('.').next().unwrap_or(name));
                    }
                }
            }
            entries.iter().for_each(|entry| mentions(&entry.value, found));
        }
        (_, Value::List(items)) => items.iter().for_each(|item| mentions(item, found)),
        _ => {}
    }
}

//! What has to be judged again with a text: everything that is tied to it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::focus::Ties;
use super::scene::{self, Scene};
use super::sets::Sets;
use super::stages::Files;
use crate::finding::Finding;
use crate::iam::document::{Document, Effect, Patterns, Statement, Test, Text, Version};
use crate::iam::verdict::Judgement;
use crate::inventory::Address;
use crate::inventory::subjects::{Attached, Subject, SubjectKind};
use crate::load::Input;
use crate::report::Report;
use crate::rules::Judged;

/// The ties of a run: which files belong together, and which subjects share which policies.
pub(super) struct Surroundings<'a> {
    inputs: &'a [Input],
    subjects: &'a [(Subject, Judgement)],
    groups: Groups<'a>,
    /// The subjects that have a document, by the document's place in memory.
    users: HashMap<usize, Vec<usize>>,
}

impl<'a> Surroundings<'a> {
    /// Finds the ties of a run.
    pub(super) fn new(report: &'a Report, inputs: &'a [Input]) -> Self {
        let mut groups = Groups::new(inputs);
        let mut users: HashMap<usize, Vec<usize>> = HashMap::new();
        for (at, (subject, _)) in report.subjects.iter().enumerate() {
            groups.tie(subject);
            for document in documents(subject) {
                users.entry(Arc::as_ptr(document).addr()).or_default().push(at);
            }
        }
        Self { inputs, subjects: &report.subjects, groups, users }
    }

    /// The files that a finding is in, by their number, where these can be edited.
    pub(super) fn files_with(&self, finding: &Finding) -> Option<usize> {
        let at = self.input(finding)?;
        scene::is_written(self.inputs.get(at)?).then(|| self.groups.sets.first(at))
    }

    /// The files that these findings are in or tied to, by their numbers, where any of them can be edited.
    pub(super) fn files<'f>(&self, findings: impl Iterator<Item = &'f Finding>) -> BTreeMap<usize, Files<'a>> {
        let number = |finding: &Finding| Some(self.groups.sets.first(self.input(finding)?));
        let numbers: BTreeSet<usize> = findings.filter_map(number).collect();
        numbers.into_iter().filter_map(|number| Some((number, self.tied(number)?))).collect()
    }

    /// The input that a finding is in, by its index.
    fn input(&self, finding: &Finding) -> Option<usize> {
        self.groups.by_name.get(&*finding.address.input).copied()
    }

    /// Files that belong together; `None` where none can be edited, or where it is too much to judge again and again.
    fn tied(&self, number: usize) -> Option<Files<'a>> {
        /// A plan that is tied to a template is judged again with it, if it is no larger than this.
        const LARGEST: usize = 1 << 20;
        let members = self.inputs.iter().enumerate().filter(|(at, _)| self.groups.sets.first(*at) == number);
        let inputs: Vec<&Input> = members.map(|(_, input)| input).collect();
        let size: usize = inputs.iter().map(|input| input.source.text().len()).sum();
        if size > LARGEST || !inputs.iter().any(|input| scene::is_written(input)) {
            return None;
        }
        let names: HashSet<&str> = inputs.iter().map(|input| input.source.name()).collect();
        let subjects = self.subjects.iter().map(|(subject, _)| subject);
        let ties = Ties::new(&inputs, subjects.filter(|subject| names.contains(&*subject.address.input)));
        Some(Files::new(inputs, ties))
    }

    /// The policies of the subjects that a finding is about, with everybody who has one of them.
    pub(super) fn documents(&self, finding: &Finding) -> Option<Scene> {
        const MOST: usize = 64;
        let concerned = |subject: &Subject| {
            let mut attached = attached(subject);
            subject.address == finding.address || attached.any(|attached| attached.policy.address == finding.address)
        };
        let about = self.concerned(finding, &concerned);
        let mut policies: Vec<(_, Arc<Document>)> = Vec::new();
        for attached in about.iter().flat_map(|subject| attached(subject)) {
            let Ok(document) = &attached.content else { continue };
            let source = &document.place.source;
            let usable = source.origin().is_some() && !source.is_built_in() && is_settled(document);
            if usable && !policies.iter().any(|(_, known)| Arc::ptr_eq(known, document)) {
                policies.push((attached.policy.clone(), Arc::clone(document)));
            }
        }
        let mut subjects: Vec<usize> = policies
            .iter()
            .filter_map(|(_, document)| self.users.get(&Arc::as_ptr(document).addr()))
            .flatten()
            .copied()
            .collect();
        subjects.extend(self.at(&finding.address));
        subjects.extend(self.members_of(&finding.address));
        subjects.extend(self.groups_behind(&subjects));
        subjects.sort_unstable();
        subjects.dedup();
        let judged = subjects.iter().filter_map(|at| self.subjects.get(*at));
        let judged: Vec<Judged> = judged
            .map(|(subject, judgement)| Judged { subject: subject.clone(), judgement: judgement.clone() })
            .collect();
        (judged.len() <= MOST && policies.len() <= MOST).then_some(Scene::Documents { judged, policies })
    }

    /// The subjects that a finding is about: those at its address, or else those that have the policy at its address.
    fn concerned(&self, finding: &Finding, is_concerned: &dyn Fn(&Subject) -> bool) -> Vec<&'a Subject> {
        let own = self.at(&finding.address).into_iter().filter_map(|at| self.subjects.get(at));
        let own: Vec<&Subject> = own.map(|(subject, _)| subject).collect();
        if !own.is_empty() {
            return own;
        }
        self.subjects.iter().map(|(subject, _)| subject).filter(|subject| is_concerned(subject)).take(8).collect()
    }

    /// The subjects at an address.
    fn at(&self, address: &Address) -> Vec<usize> {
        let first = self.subjects.partition_point(|(subject, _)| subject.address < *address);
        let last = self.subjects.partition_point(|(subject, _)| subject.address <= *address);
        (first..last).collect()
    }

    /// The users who have something through a group.
    fn members_of(&self, group: &Address) -> Vec<usize> {
        let through = |subject: &Subject| attached(subject).any(|attached| attached.through.as_ref() == Some(group));
        self.subjects.iter().enumerate().filter(|(_, (subject, _))| through(subject)).map(|(at, _)| at).collect()
    }

    /// The groups through which users have something.
    fn groups_behind(&self, subjects: &[usize]) -> Vec<usize> {
        let users = subjects.iter().filter_map(|at| self.subjects.get(*at));
        let through: HashSet<_> =
            users.flat_map(|(subject, _)| attached(subject)).filter_map(|attached| attached.through.as_ref()).collect();
        if through.is_empty() {
            return Vec::new();
        }
        let is_behind = |subject: &Subject| subject.kind == SubjectKind::Group && through.contains(&subject.address);
        self.subjects.iter().enumerate().filter(|(_, (subject, _))| is_behind(subject)).map(|(at, _)| at).collect()
    }
}

fn attached(subject: &Subject) -> impl Iterator<Item = &Attached> {
    subject.policies.iter().chain(&subject.boundaries)
}

fn documents(subject: &Subject) -> impl Iterator<Item = &Arc<Document>> {
    attached(subject).filter_map(|attached| attached.content.as_ref().ok())
}

/// Which inputs belong together, by their indices.
struct Groups<'a> {
    by_name: HashMap<&'a str, usize>,
    sets: Sets,
}

impl<'a> Groups<'a> {
    fn new(inputs: &'a [Input]) -> Self {
        let by_name = inputs.iter().enumerate().map(|(at, input)| (input.source.name(), at)).collect();
        Self { by_name, sets: Sets::new(inputs.len()) }
    }

    /// Ties the inputs together that a subject has something from.
    fn tie(&mut self, subject: &Subject) {
        let own = &*subject.address.input;
        self.join(own, subject.place.in_file().source.name());
        for attached in attached(subject) {
            let document = attached.content.as_ref().ok().map(|document| document.place.in_file().source.name());
            let through = attached.through.as_ref().map(|group| &*group.input);
            for other in [Some(&*attached.policy.address.input), document, through].into_iter().flatten() {
                self.join(own, other);
            }
        }
    }

    fn join(&mut self, left: &str, right: &str) {
        if left != right
            && let (Some(left), Some(right)) = (self.by_name.get(left), self.by_name.get(right))
        {
            self.sets.join(*left, *right);
        }
    }
}

/// Whether everything in a document is known: what is not would be lost where its text is read again.
fn is_settled(document: &Document) -> bool {
    let statements = document.statements.iter();
    !matches!(document.version, Version::Unknown(_)) && statements.into_iter().all(is_settled_statement)
}

fn is_settled_statement(statement: &Statement) -> bool {
    let texts = |texts: &[Text]| texts.iter().all(|text| text.first_unknown().is_none());
    let patterns = |patterns: &Patterns| patterns.unknown.is_none() && texts(&patterns.items);
    let test = |test: &Test| test.unknown.is_none() && texts(&test.values);
    let principals = statement.principals.as_ref().is_none_or(|principals| {
        principals.unknown.is_none() && principals.items.iter().all(|item| item.text.first_unknown().is_none())
    });
    statement.unknown.is_none()
        && !matches!(statement.effect, Effect::Unknown(_))
        && principals
        && patterns(&statement.actions)
        && statement.resources.as_ref().is_none_or(patterns)
        && statement.tests.iter().all(test)
}

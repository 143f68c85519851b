//! Evaluates each part of a template in every deployment that matters to it.
//!
//! A part is a set of resources that refer to each other: what one of them asks of a deployment, all of them are judged by.
//! Parts that have nothing to do with each other are not multiplied with each other.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use super::accounts::{self, Home};
use super::choices::{Choices, Foreseen, Reach};
use super::intrinsics::{Effort, Resolver, Total, name_property};
use super::modules::Modules;
use super::references::{Names, identity_kind};
use super::stacks::Around;
use super::template::{Resource, Template};
use super::{Facts, is_considered};
use crate::extract::{Extracted, Settings};
use crate::inventory::deployments::Deployment;

mod parts;

/// How many deployments of one part are told apart: those of nine conditions that have nothing to do with each other.
const MAX_DEPLOYMENTS: usize = 512;

/// How many resources are evaluated for one part, counted once for each deployment.
const MAX_EVALUATED: usize = 4096;

/// The same for all parts of a template.
const MAX_EVALUATED_IN_ALL: usize = 64 * MAX_RESOURCES;

/// How many resources AWS lets a stack have.
const MAX_RESOURCES: usize = 500;

/// How often parts are joined because an evaluation ties them together by a name, and how often a part is evaluated anew
/// because of what its conditions ask.
const ROUNDS: usize = 4;

/// A template with all that its evaluation needs.
pub(super) struct Evaluation<'a> {
    around: Around<'a>,
    template: &'a Template<'a>,
    settings: &'a Settings,
    /// The names of all identities and policies at the parameters' defaults, and those that they have in some deployment.
    names: Names,
    /// The modules whose text says something about the account: none where there are more resources than can be deployed.
    modules: Modules<'a>,
    /// How many resources there are to evaluate.
    considered: usize,
    /// What all evaluations have cost.
    total: Rc<Total>,
    /// The account that the template can only be meant for.
    own_account: Option<String>,
}

/// What came of one part.
#[derive(Default)]
struct Outcome {
    deployments: Vec<Deployment>,
    unread: Vec<String>,
    /// Resources of other parts that this one is tied to.
    crossings: BTreeSet<String>,
}

impl<'a> Evaluation<'a> {
    /// Prepares the evaluation of a template.
    pub(super) fn new(around: Around<'a>, template: &'a Template<'a>, settings: &'a Settings) -> Self {
        let names = Names::new(&Resolver::at_defaults(template, settings).near(around), &template.resources);
        let considered = template.resources.iter().filter(|it| is_considered(it)).copied();
        let count = considered.clone().count();
        let modules = if count <= MAX_RESOURCES { around.templates.modules().clone() } else { Modules::default() };
        let own_account = accounts::own(modules.bodies(considered).into_iter());
        let total = Rc::default();
        let mut evaluation = Self { around, template, settings, names, modules, considered: count, own_account, total };
        evaluation.note_chosen_names();
        evaluation
    }

    /// Notes the names that depend on what a deployment chooses, each resource by itself: the parts that they tie together
    /// are only known by them.
    fn note_chosen_names(&mut self) {
        let home = Home::OneOf { ids: &[], likely: None };
        for resource in self.template.resources.iter().filter(|resource| names_itself(resource)) {
            let mut path = Some(Vec::new());
            for _ in 0..MAX_DEPLOYMENTS {
                let Some(answers) = path else { break };
                let choices = Rc::new(Choices::new(Reach::Everything, answers));
                let resolver = Resolver::new(self.template, self.settings, Rc::clone(&choices), home).near(self.around);
                self.names.note(&resolver, resource);
                path = choices.finish().1;
            }
        }
    }

    /// Evaluates the template.
    pub(super) fn extract(&self) -> Extracted {
        let mut extracted = self.extract_parts();
        let source = self.around.source;
        let resolver = Resolver::at_defaults(self.template, self.settings).near(self.around);
        let mut facts = Facts::new(source, source.name().into(), &resolver, &self.names, &self.names);
        facts.macros();
        extracted.merge(facts.extracted);
        extracted
    }

    fn extract_parts(&self) -> Extracted {
        let mut parts = parts::Parts::new(self.template);
        let mut outcomes: HashMap<Vec<usize>, Outcome> = HashMap::new();
        for round in 0..=ROUNDS {
            let members = parts.members();
            let mut crossings = Vec::new();
            for part in &members {
                let outcome = outcomes.entry(part.clone()).or_insert_with(|| self.part(part));
                let own = |id: &str| parts.index(id.split('/').next().unwrap_or(id));
                let first = part.first().copied().unwrap_or_default();
                crossings.extend(outcome.crossings.iter().filter_map(|id| Some((first, own(id)?))));
            }
            if crossings.is_empty() || round == ROUNDS {
                return gathered(members.iter().filter_map(|part| outcomes.remove(part)));
            }
            crossings.into_iter().for_each(|(one, other)| parts.join(one, other));
        }
        Extracted::default()
    }

    /// Evaluates a part in each of its deployments; where these are too many, with less chosen.
    fn part(&self, part: &[usize]) -> Outcome {
        let resources: Vec<Resource<'a>> =
            part.iter().filter_map(|at| self.template.resources.get(*at).copied()).collect();
        let bodies = self.modules.bodies(resources.iter().copied());
        let bodies = || bodies.iter().copied();
        let (ids, likely) = (accounts::named(bodies()), accounts::likely(bodies()));
        let home = match (&self.settings.account, &self.own_account) {
            (Some(id), _) => Home::Given(id),
            (None, Some(id)) => Home::Inferred(id),
            (None, None) => Home::OneOf { ids: &ids, likely: likely.as_deref() },
        };
        let assumption = home.assumption().filter(|_| bodies().any(accounts::speaks_of_own));
        let of_all = MAX_EVALUATED_IN_ALL / self.considered.max(1);
        let limit = (MAX_EVALUATED / resources.len().max(1)).min(of_all).clamp(1, MAX_DEPLOYMENTS);
        let reaches = [Reach::Everything, Reach::Conditions, Reach::Nothing];
        let outcome = reaches.iter().find_map(|reach| self.explore(&resources, home, *reach, limit));
        let mut outcome = outcome.unwrap_or_default();
        if let Some(assumption) = assumption {
            outcome.deployments.iter_mut().for_each(|deployment| deployment.inventory.assume(&assumption));
        }
        outcome
    }

    /// What comes of a part in each of its deployments; `None` where there are too many.
    fn explore(&self, resources: &[Resource<'a>], home: Home<'_>, reach: Reach, limit: usize) -> Option<Outcome> {
        let mut foreseen = Rc::new(Foreseen::new());
        for _ in 0..ROUNDS {
            let (outcome, contradicted) = self.explore_foreseeing(resources, home, (reach, &foreseen), limit)?;
            if contradicted.is_empty() {
                return Some(outcome);
            }
            let known = foreseen.iter().map(|(variable, values)| (variable.clone(), values.clone()));
            foreseen = Rc::new(known.chain(contradicted).collect());
        }
        self.explore_foreseeing(resources, home, (reach, &foreseen), limit).map(|(outcome, _)| outcome)
    }

    /// The same, and the variables that text takes for something else than conditions make them later on.
    fn explore_foreseeing(
        &self,
        resources: &[Resource<'a>],
        home: Home<'_>,
        (reach, foreseen): (Reach, &Rc<Foreseen>),
        limit: usize,
    ) -> Option<(Outcome, Foreseen)> {
        let mut outcome = Outcome::default();
        let (mut impossible, mut contradicted) = (Vec::new(), Foreseen::new());
        let mut path = Some(Vec::new());
        while let Some(answers) = path {
            if outcome.deployments.len() + impossible.len() == limit {
                return None;
            }
            let choices = Rc::new(Choices::new(reach, answers).foreseeing(foreseen));
            let mut resolver = Resolver::new(self.template, self.settings, Rc::clone(&choices), home).near(self.around);
            resolver.effort = Rc::new(Effort::of_all(&self.total));
            let names = Names::new(&resolver, resources);
            let source = self.around.source;
            let mut facts = Facts::new(source, source.name().into(), &resolver, &names, &self.names);
            resources.iter().for_each(|resource| facts.resource(resource));
            resolver.heed_rules();
            outcome.unread.append(&mut facts.extracted.unread);
            outcome.crossings.append(&mut facts.crossings.borrow_mut());
            contradicted.extend(choices.contradicted());
            let (is_impossible, departs) = (choices.is_impossible(), choices.departs());
            let (choices, next) = choices.finish();
            let deployment = Deployment { choices, departs, inventory: facts.extracted.inventory };
            let deployments = if is_impossible { &mut impossible } else { &mut outcome.deployments };
            deployments.push(deployment);
            path = next;
        }
        if outcome.deployments.is_empty() {
            outcome.deployments = impossible;
        }
        Some((outcome, contradicted))
    }
}

/// Whether a resource has a name that is not written out as it is.
fn names_itself(resource: &Resource<'_>) -> bool {
    let is_named = |kind: &&str| identity_kind(kind).is_some() || *kind == "AWS::IAM::ManagedPolicy";
    let property = resource.type_name().filter(is_named).and_then(name_property);
    property.and_then(|property| resource.property(property)).is_some_and(|name| name.as_text().is_none())
}

/// Parts that are the same in every deployment are facts; of the others each deployment stays by itself.
fn gathered(outcomes: impl Iterator<Item = Outcome>) -> Extracted {
    let mut extracted = Extracted::default();
    for mut outcome in outcomes {
        for reason in outcome.unread {
            if !extracted.unread.contains(&reason) {
                extracted.unread.push(reason);
            }
        }
        match outcome.deployments.len() {
            0 | 1 => outcome.deployments.drain(..).for_each(|only| extracted.inventory.merge(only.inventory)),
            _ => extracted.alternatives.push(outcome.deployments),
        }
    }
    extracted
}

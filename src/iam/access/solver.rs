//! May this caller do this, for some choice of the context keys that it is free to bring?
//!
//! A search: pick an Allow in every layer and values of the free keys that make its tests hold, then values that make some
//! test of every Deny fail. The first pass accepts only what is certain; if it finds nothing, a second one accepts what is
//! not known, and what it finds is unproven.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use super::case::{Case, is_about_mfa};
use super::derived::{Coverage, Truths};
use crate::iam::caller::{Caller, CallerKeys, MfaState, always_present};
use crate::iam::condition::Context;
use crate::iam::condition::values::{Choice, choices};
use crate::iam::document::{Document, Test};
use crate::iam::pattern::Universe;
use crate::iam::truth::{Doubt, Truth};
use crate::iam::variables::{Keys, Lookup};
use crate::iam::verdict::Given;
use search::{Goal, STEPS, Search};

mod search;

/// The answer to a question.
#[derive(Clone, Debug)]
pub enum Outcome<'a> {
    /// The call gets through.
    Allowed(Solution),
    /// The call may get through.
    Perhaps(Doubt<'a>),
    /// The call is refused, whatever the caller brings.
    Refused,
}

impl Outcome<'_> {
    /// Whether the call certainly gets through.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed(_))
    }

    /// Whether the call is certainly refused.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        matches!(self, Self::Refused)
    }
}

/// How a call gets through.
#[derive(Clone, Debug, Default)]
pub struct Solution {
    /// The statement that allows it, in the first layer that has one.
    pub allowed_by: Option<usize>,
    /// The keys that the caller brings or leaves out.
    pub given: Vec<Given>,
}

/// Answers are kept for coverages with numbers below this one.
const KEPT: usize = 128;

/// Questions about one caller in one state of MFA.
pub struct Solver<'c, 'a> {
    case: &'c Case<'a>,
    keys: CallerKeys<'c>,
    /// For each item whether it can apply as far as principal and fixed keys go.
    standing: Truths<'a>,
    /// For each item its tests on keys that the caller chooses.
    free: Vec<Vec<usize>>,
    choices: RefCell<HashMap<String, Rc<Vec<Choice>>>>,
    bounded: Cell<bool>,
    answers: RefCell<Vec<Vec<Option<Outcome<'a>>>>>,
    /// Keys that the caller must leave out.
    without: Vec<&'static str>,
    /// Whether every call counts as allowed by something outside of the case.
    granted: bool,
    /// An item whose tests on free keys have to hold.
    about: Option<usize>,
}

impl<'c, 'a> Solver<'c, 'a> {
    /// Prepares questions.
    #[must_use]
    pub fn new(case: &'c Case<'a>, caller: &'c Caller, mfa: &'c MfaState) -> Self {
        Self::with(case, caller, mfa, |_| true)
    }

    /// Prepares questions as if no statement had a condition on MFA: an Allow does without it, a Deny is not there.
    #[must_use]
    pub fn regardless_of_mfa(case: &'c Case<'a>, caller: &'c Caller, mfa: &'c MfaState) -> Self {
        let mut solver = Self::with(case, caller, mfa, |test| !is_about_mfa(test));
        for (item, standing) in case.items.iter().zip(&mut solver.standing) {
            if item.is_guard() {
                *standing = Truth::False;
            }
        }
        solver
    }

    /// Looks at the tests on fixed keys that count.
    fn with(case: &'c Case<'a>, caller: &'c Caller, mfa: &'c MfaState, counts: impl Fn(&Test) -> bool) -> Self {
        let keys = caller.keys(mfa);
        let mut solver = Self {
            case,
            keys,
            standing: Truths::with_capacity(case.items.len()),
            free: Vec::with_capacity(case.items.len()),
            choices: RefCell::default(),
            bounded: Cell::new(case.budget.spend(case.items.len() * 4).is_err()),
            answers: RefCell::default(),
            without: Vec::new(),
            granted: false,
            about: None,
        };
        for item in &case.items {
            let mut stands = case.principal(item, &caller.signer);
            let mut free = Vec::new();
            let tests = item.statement().map(|statement| statement.tests.as_slice()).unwrap_or_default();
            for (index, test) in tests.iter().enumerate() {
                match case.fixed_test(item, test, &keys) {
                    Some(holds) if counts(test) => stands = stands.and(holds),
                    Some(_) => {}
                    None => free.push(index),
                }
            }
            solver.standing.push(stands);
            solver.free.push(free);
        }
        solver
    }

    /// Grants every call elsewhere, so that only what denies counts, and asks for calls that this item is about: its tests
    /// on keys that the caller chooses hold.
    #[must_use]
    pub fn granted_elsewhere(mut self, about: usize) -> Self {
        self.granted = true;
        self.about = Some(about);
        self
    }

    /// Asks for calls that this item allows.
    #[must_use]
    pub fn through(mut self, item: usize) -> Self {
        for (index, standing) in self.standing.iter_mut().enumerate() {
            if index != item && self.case.items.get(index).is_some_and(|item| item.allows && item.layer == 0) {
                *standing = Truth::False;
            }
        }
        self
    }

    /// Asks for calls that do not need these items.
    #[must_use]
    pub fn ignoring(mut self, items: &[usize]) -> Self {
        for index in items {
            if let Some(standing) = self.standing.get_mut(*index) {
                *standing = Truth::False;
            }
        }
        self
    }

    /// Asks for calls that this item is about: its tests on keys that the caller chooses hold.
    #[must_use]
    pub fn about(mut self, item: usize) -> Self {
        self.about = Some(item);
        self
    }

    /// Whether an item can apply as far as principal and fixed keys go.
    #[must_use]
    pub fn stands(&self, item: usize) -> bool {
        self.standing.get(item).is_some_and(|truth| !truth.is_false())
    }

    /// Makes the caller leave out a key that it could bring.
    #[must_use]
    pub fn without(mut self, key: &'static str) -> Self {
        self.without.push(key);
        self
    }

    /// Whether a call gets through for which each item's action and resource match as given.
    #[must_use]
    pub fn ask(&self, actions: &Coverage<'a>, resources: &Coverage<'a>) -> Outcome<'a> {
        let (row, column) = (actions.row(), resources.row());
        if row >= KEPT || column >= KEPT {
            return self.answer(actions, resources);
        }
        if let Some(Some(known)) = self.answers.borrow().get(row).and_then(|answers| answers.get(column)) {
            return known.clone();
        }
        let outcome = self.answer(actions, resources);
        let mut answers = self.answers.borrow_mut();
        if answers.len() <= row {
            answers.resize_with(row + 1, Vec::new);
        }
        if let Some(answers) = answers.get_mut(row) {
            if answers.len() <= column {
                answers.resize(column + 1, None);
            }
            if let Some(answer) = answers.get_mut(column) {
                *answer = Some(outcome.clone());
            }
        }
        outcome
    }

    /// Whether a call on an action (in lower case) and a resource gets through.
    #[must_use]
    pub fn call(&self, action: &str, resource: &str) -> Outcome<'a> {
        let actions = self.case.action_coverage(action);
        // What is not about the action is not asked about the resource, whose text may have to be made for the caller.
        let covers = |(item, action): (_, &Truth<'a>)| match action {
            Truth::False => Truth::False,
            _ => self.case.resource(item, resource, &self.keys),
        };
        let resources: Truths<'a> = self.case.items.iter().zip(actions.iter()).map(covers).collect();
        self.answer(&actions, &resources)
    }

    fn answer(&self, actions: &[Truth<'a>], resources: &[Truth<'a>]) -> Outcome<'a> {
        if self.case.budget.spend(self.standing.len()).is_err() {
            return TOO_LARGE;
        }
        let pairs = actions.iter().zip(resources).map(|(action, resource)| action.and(*resource));
        let applies = self.standing.iter().zip(pairs).map(|(standing, pair)| standing.and(pair));
        let is_free = |item: usize| self.free.get(item).is_some_and(|tests| !tests.is_empty());
        let chooses = applies.clone().enumerate().any(|(item, truth)| !truth.is_false() && is_free(item));
        if chooses || self.about.is_some_and(is_free) {
            return self.search(&applies.collect::<Vec<_>>());
        }
        self.weigh(applies)
    }

    /// The answer where the caller has nothing to choose.
    fn weigh(&self, applies: impl Iterator<Item = Truth<'a>> + Clone) -> Outcome<'a> {
        let denies = || {
            let items = self.case.items.iter().zip(applies.clone());
            items.filter(|(item, truth)| !item.allows && !truth.is_false()).map(|(_, truth)| truth)
        };
        let first = |layer: usize, wanted: fn(Truth<'a>) -> bool| {
            let mut items = self.case.items.iter().zip(applies.clone()).enumerate();
            let found = items.find(|(_, (item, truth))| item.allows && item.layer == layer && wanted(*truth));
            found.map(|(index, (_, truth))| (index, truth))
        };
        let closed = |layer: &usize| !self.granted && !self.case.open_layers.contains(layer);
        let mut layers = (0..self.case.layers).filter(closed);
        if denies().next().is_none() && layers.clone().all(|layer| first(layer, Truth::is_true).is_some()) {
            let allowed_by = layers.next().and_then(|layer| first(layer, Truth::is_true)).map(|(index, _)| index);
            return Outcome::Allowed(Solution { allowed_by, given: Vec::new() });
        }
        if denies().any(Truth::is_true) {
            return Outcome::Refused;
        }
        let mut doubt = None;
        for layer in layers {
            let Some((_, truth)) = first(layer, |truth| !truth.is_false()) else { return Outcome::Refused };
            doubt = doubt.or(truth.doubt());
        }
        let doubt = doubt.or_else(|| denies().find_map(Truth::doubt));
        doubt.map_or(Outcome::Refused, Outcome::Perhaps)
    }

    fn search(&self, applies: &[Truth<'a>]) -> Outcome<'a> {
        let closed = |layer: &usize| !self.granted && !self.case.open_layers.contains(layer);
        let mut goals: Vec<Goal> = self.about.into_iter().map(Goal::Meet).collect();
        goals.extend((0..self.case.layers).filter(closed).map(Goal::Allow));
        let mut allows = Vec::new();
        let items = self.case.items.iter().zip(applies).enumerate();
        for (index, (item, _)) in items.filter(|(_, (_, truth))| !truth.is_false()) {
            if item.allows { allows.push(index) } else { goals.push(Goal::Pass(index)) }
        }
        for certain in [true, false] {
            let mut search = Search::new(self, applies, &goals, &allows, certain);
            let reached = search.pursue(0);
            let spent = self.case.budget.spend(search.steps).is_err();
            if reached {
                return match search.doubts.first() {
                    Some(doubt) if !certain => Outcome::Perhaps(*doubt),
                    _ => Outcome::Allowed(search.solution()),
                };
            }
            if spent || search.steps > STEPS || self.bounded.get() {
                return TOO_LARGE;
            }
        }
        Outcome::Refused
    }

    /// The choices for a free key: those that all tests on it tell apart.
    fn choices(&self, key: &str) -> Rc<Vec<Choice>> {
        if let Some(known) = self.choices.borrow().get(key) {
            return Rc::clone(known);
        }
        let items = self.case.items.iter().filter_map(|item| Some((item.document()?, item.statement()?)));
        let tests: Vec<(&Test, Context<'_>)> = items
            .flat_map(|(document, statement)| statement.tests.iter().map(move |test| (document, test)))
            .filter(|(_, test)| test.name == key)
            .map(|(document, test)| (test, self.context(document)))
            .collect();
        let too_many = self.case.budget.spend(self.case.items.len() + tests.len()).is_err();
        let id_prefix = self.keys.id_prefix(key);
        let universe = id_prefix.map_or(Universe::Texts, |prefix| Universe::Identities(prefix.to_owned()));
        let (mut found, complete) = choices(&tests, &universe, &self.case.budget);
        if too_many || !complete {
            self.bounded.set(true);
        }
        let mut seen = std::collections::HashSet::new();
        found.retain(|choice| seen.insert(choice.clone()));
        if always_present(key) || id_prefix.is_some() {
            found.retain(Option::is_some);
        }
        if self.without.contains(&key) {
            found.retain(Option::is_none);
        }
        let found = Rc::new(found);
        self.choices.borrow_mut().insert(key.to_owned(), Rc::clone(&found));
        found
    }

    fn context<'s>(&'s self, document: &'s Document) -> Context<'s> {
        Context { version: &document.version, keys: &self.keys, symbols: &self.case.symbols }
    }
}

const TOO_LARGE: Outcome<'static> =
    Outcome::Perhaps(Doubt::Bound("its conditions name more keys and values than can be searched"));

impl std::fmt::Debug for Solver<'_, '_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Solver").field("keys", &self.keys).finish_non_exhaustive()
    }
}

/// The keys of a caller, for variables: kept with the solver so that patterns and tests read them alike.
impl Keys for Solver<'_, '_> {
    fn values(&self, key: &str) -> Lookup<'_> {
        self.keys.values(key)
    }
}

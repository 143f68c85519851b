//! May this caller do this, for some choice of the context keys that it is free to bring?
//!
//! A search: pick an Allow in every layer and values of the free keys that make its tests hold, then values that make some
//! test of every Deny fail. The first pass accepts only what is certain; if it finds nothing, a second one accepts what is
//! not known, and what it finds is unproven.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use super::case::{Case, is_about_mfa};
use super::chosen::{Chosen, matching, spelled_variable};
use super::derived::{Coverage, Truths};
use crate::iam::caller::{Caller, CallerKeys, MfaState, always_present, is_circumstance};
use crate::iam::condition::values::{Choice, choices};
use crate::iam::condition::{self, Context};
use crate::iam::document::{Document, Test};
use crate::iam::pattern::Universe;
use crate::iam::truth::{Doubt, Truth};
use crate::iam::variables::{Keys, Lookup, Values};
use crate::iam::verdict::Given;

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

/// Steps of one search at most.
const STEPS: usize = 20_000;
/// How deep a search goes at most: each goal and test that is met stands on the one before it.
const DEPTH: usize = 400;
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
        let items = self.case.items.iter();
        let resources = items.map(|item| self.case.resource(item, resource, &self.keys));
        let resources: Truths<'a> = resources.collect();
        self.answer(&self.case.action_coverage(action), &resources)
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

#[derive(Clone, Copy)]
enum Goal {
    /// The item's tests on free keys hold.
    Meet(usize),
    /// Some Allow of the layer holds.
    Allow(usize),
    /// The Deny does not hold.
    Pass(usize),
}

struct Search<'s, 'c, 'a> {
    solver: &'s Solver<'c, 'a>,
    applies: &'s [Truth<'a>],
    goals: &'s [Goal],
    /// The Allows that may apply.
    allows: &'s [usize],
    certain: bool,
    chosen: BTreeMap<String, Choice>,
    allowed_by: Option<usize>,
    doubts: Vec<Doubt<'a>>,
    steps: usize,
    depth: usize,
}

impl<'s, 'c, 'a> Search<'s, 'c, 'a> {
    fn new(
        solver: &'s Solver<'c, 'a>,
        applies: &'s [Truth<'a>],
        goals: &'s [Goal],
        allows: &'s [usize],
        certain: bool,
    ) -> Self {
        Self {
            solver,
            applies,
            goals,
            allows,
            certain,
            chosen: BTreeMap::new(),
            allowed_by: None,
            doubts: Vec::new(),
            steps: 0,
            depth: 0,
        }
    }

    /// Reaches the goals from `at` on.
    fn pursue(&mut self, at: usize) -> bool {
        self.deeper(|search| match search.goals.get(at).copied() {
            None => true,
            Some(Goal::Meet(item)) => search.meet(item, 0, at),
            Some(Goal::Allow(layer)) => search.find_allow(layer, at),
            Some(Goal::Pass(deny)) => search.pass(deny, at),
        })
    }

    /// Takes a step and goes on from there, as long as neither is too much.
    fn deeper(&mut self, next: impl FnOnce(&mut Self) -> bool) -> bool {
        self.steps += 1;
        if self.depth >= DEPTH {
            // As if all steps were taken: nothing is found, and nothing is settled.
            self.steps = STEPS + 1;
        }
        if self.steps > STEPS {
            return false;
        }
        self.depth += 1;
        let reached = next(self);
        self.depth -= 1;
        reached
    }

    fn find_allow(&mut self, layer: usize, at: usize) -> bool {
        let solver = self.solver;
        for &index in self.allows {
            let applies = self.applies.get(index).copied().unwrap_or(Truth::False);
            let in_layer = solver.case.items.get(index).is_some_and(|item| item.layer == layer);
            if !in_layer || (self.certain && !applies.is_true()) {
                continue;
            }
            let before = self.allowed_by;
            self.allowed_by = before.or(Some(index));
            let mark = self.doubt(applies);
            if self.hold(index, 0, at) {
                return true;
            }
            self.doubts.truncate(mark);
            self.allowed_by = before;
        }
        false
    }

    /// Makes the tests hold that say what an item is about, then goes on to the next goal. What tells where a call comes
    /// from says nothing of the call.
    fn meet(&mut self, item: usize, from: usize, at: usize) -> bool {
        let Some(test_at) = self.free_test(item, from) else { return self.pursue(at + 1) };
        let statement = self.solver.case.items.get(item).and_then(|item| item.statement());
        if statement.and_then(|it| it.tests.get(test_at)).is_some_and(|test| is_circumstance(&test.name)) {
            return self.meet(item, test_at + 1, at);
        }
        self.try_choices(item, test_at, true, |search| search.meet(item, test_at + 1, at))
    }

    /// Makes the tests of an Allow hold from `test` on, then goes on to the next goal.
    fn hold(&mut self, item: usize, test: usize, at: usize) -> bool {
        let Some(test_at) = self.free_test(item, test) else { return self.pursue(at + 1) };
        self.try_choices(item, test_at, true, |search| search.hold(item, test_at + 1, at))
    }

    /// Makes some test of a Deny fail, then goes on to the next goal.
    fn pass(&mut self, item: usize, at: usize) -> bool {
        let applies = self.applies.get(item).copied().unwrap_or(Truth::False);
        if !self.certain && !applies.is_true() {
            let mark = self.doubt(applies);
            if self.pursue(at + 1) {
                return true;
            }
            self.doubts.truncate(mark);
        }
        let mut next = 0;
        while let Some(test) = self.free_test(item, next) {
            if self.try_choices(item, test, false, |search| search.pursue(at + 1)) {
                return true;
            }
            next = test + 1;
        }
        false
    }

    /// The first test from `from` on whose key the caller is free to choose.
    fn free_test(&self, item: usize, from: usize) -> Option<usize> {
        let free = self.solver.free.get(item)?;
        free.get(free.partition_point(|test| *test < from)).copied()
    }

    /// Tries the choices for a test's key that make it hold (or fail); a choice made before stays.
    fn try_choices(&mut self, item: usize, test: usize, wanted: bool, mut then: impl FnMut(&mut Self) -> bool) -> bool {
        let solver = self.solver;
        let Some(item) = solver.case.items.get(item) else { return false };
        let (Some(document), Some(test)) = (item.document(), item.statement().and_then(|s| s.tests.get(test))) else {
            return false;
        };
        let key = test.name.clone();
        if !matches!(solver.keys.values(&key), Lookup::Free) {
            let variables = condition::free_variables(test, solver.context(document));
            return self.try_variables(&variables, test, document, wanted, &mut then);
        }
        let made = self.chosen.get(&key).cloned();
        let options = match &made {
            Some(choice) => Rc::new(vec![choice.clone()]),
            None => solver.choices(&key),
        };
        for choice in options.iter() {
            let holds = condition::evaluate(test, choice.as_deref().map(Values::Many), solver.context(document));
            let truth = if wanted { holds } else { holds.negate() };
            if truth.is_false() || (self.certain && !truth.is_true()) {
                continue;
            }
            let mark = self.doubt(truth);
            self.chosen.insert(key.clone(), choice.clone());
            if self.deeper(&mut then) {
                return true;
            }
            self.doubts.truncate(mark);
            if made.is_none() {
                self.chosen.remove(&key);
            }
        }
        false
    }

    /// Tries what a key that the caller does not choose may be compared with, one variable after the other.
    fn try_variables(
        &mut self,
        variables: &[String],
        test: &'a Test,
        document: &'a Document,
        wanted: bool,
        then: &mut dyn FnMut(&mut Self) -> bool,
    ) -> bool {
        let solver = self.solver;
        let Some((variable, rest)) = variables.split_first() else {
            let chosen = Chosen { keys: &solver.keys, chosen: &self.chosen };
            let context = Context { keys: &chosen, ..solver.context(document) };
            let given = if let Lookup::Present(values) = solver.keys.values(&test.name) { Some(values) } else { None };
            let holds = condition::evaluate(test, given, context);
            let truth = if wanted { holds } else { holds.negate() };
            if truth.is_false() || (self.certain && !truth.is_true()) {
                return false;
            }
            let mark = self.doubt(truth);
            let reached = self.deeper(then);
            if !reached {
                self.doubts.truncate(mark);
            }
            return reached;
        };
        if self.chosen.contains_key(variable) {
            return self.try_variables(rest, test, document, wanted, then);
        }
        let mut options = solver.choices(variable).to_vec();
        if let Lookup::Present(values) = solver.keys.values(&test.name) {
            let texts = test.values.iter().filter_map(|text| text.scalar.as_text());
            for found in texts.flat_map(|text| values.iter().map(move |value| matching(text, variable, value))) {
                match found {
                    Ok(found) => options.extend(found.map(|value| Some(vec![value]))),
                    Err(()) => solver.bounded.set(true),
                }
            }
        }
        for option in options {
            self.chosen.insert(variable.clone(), option);
            if self.deeper(|search| search.try_variables(rest, test, document, wanted, &mut *then)) {
                return true;
            }
            self.chosen.remove(variable);
        }
        false
    }

    /// Notes a doubt and tells how many there were before.
    fn doubt(&mut self, truth: Truth<'a>) -> usize {
        let mark = self.doubts.len();
        self.doubts.extend(truth.doubt());
        mark
    }

    fn solution(&self) -> Solution {
        let spelled = |key: &String| {
            let tests = || self.solver.case.items.iter().filter_map(|item| item.statement()).flat_map(|s| &s.tests);
            let named = tests().find(|test| test.name == *key).map(|test| test.key.clone());
            let variable = || tests().flat_map(|test| &test.values).find_map(|text| spelled_variable(text, key));
            named.or_else(variable).unwrap_or_else(|| key.clone())
        };
        let spell = |values: &Vec<String>| values.iter().map(|value| self.solver.case.symbols.spell(value)).collect();
        let given =
            self.chosen.iter().map(|(key, choice)| Given { key: spelled(key), values: choice.as_ref().map(spell) });
        Solution { allowed_by: self.allowed_by, given: given.collect() }
    }
}

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

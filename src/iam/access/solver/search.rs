//! The search for what a caller has to bring: choices for the free keys, made one after the other and taken back where they
//! lead nowhere.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::{Solution, Solver};
use crate::iam::access::chosen::{Chosen, matching, spelled_variable};
use crate::iam::caller::is_circumstance;
use crate::iam::condition::values::Choice;
use crate::iam::condition::{self, Context};
use crate::iam::document::{Document, Test};
use crate::iam::truth::{Doubt, Truth};
use crate::iam::variables::{Keys, Lookup, Values};
use crate::iam::verdict::Given;

/// Steps of one search at most.
pub(super) const STEPS: usize = 20_000;
/// How deep a search goes at most: each goal and test that is met stands on the one before it.
const DEPTH: usize = 400;

/// What has to be reached for a call to get through.
#[derive(Clone, Copy)]
pub(super) enum Goal {
    /// The item's tests on free keys hold.
    Meet(usize),
    /// Some Allow of the layer holds.
    Allow(usize),
    /// The Deny does not hold.
    Pass(usize),
}

/// A search under way.
pub(super) struct Search<'s, 'c, 'a> {
    solver: &'s Solver<'c, 'a>,
    applies: &'s [Truth<'a>],
    goals: &'s [Goal],
    /// The Allows that may apply.
    allows: &'s [usize],
    certain: bool,
    chosen: BTreeMap<String, Choice>,
    allowed_by: Option<usize>,
    /// What the choices made so far leave open.
    pub(super) doubts: Vec<Doubt<'a>>,
    pub(super) steps: usize,
    depth: usize,
}

impl<'s, 'c, 'a> Search<'s, 'c, 'a> {
    pub(super) fn new(
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
    pub(super) fn pursue(&mut self, at: usize) -> bool {
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

    pub(super) fn solution(&self) -> Solution {
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

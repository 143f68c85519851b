//! What a deployment settles: the choices of one evaluation of a template, and the way from one evaluation to the next.
//!
//! An evaluation asks; where the answer is open, it is chosen, and the next evaluation chooses otherwise. Only what the
//! evaluated resources ask is ever chosen, and an answer that follows from an earlier one is no choice, so that each path
//! of answers is a deployment that can be.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};

use crate::inventory::deployments::Choice;

/// How far an evaluation chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Conditions, and parameters in text too where the template lists their values.
    Everything,
    /// Conditions; a parameter with several values is unknown text unless a condition has settled it.
    Conditions,
    /// Nothing: what is open is unknown.
    Nothing,
    /// Nothing, and every parameter has its default.
    Defaults,
}

/// The choices of one evaluation.
#[derive(Debug)]
pub(super) struct Choices {
    reach: Reach,
    /// The answers, first to last; those beyond what was asked so far are for questions to come.
    path: RefCell<Vec<bool>>,
    asked: Cell<usize>,
    variables: RefCell<HashMap<String, State>>,
    facts: RefCell<HashMap<String, bool>>,
    told: RefCell<Vec<Choice>>,
    /// How many answers depended on a choice.
    dependent: Cell<usize>,
    /// Whether nothing further is chosen.
    frozen: Cell<bool>,
    impossible: Cell<bool>,
    /// The variables that have another value here than the template gives them.
    departing: RefCell<HashSet<String>>,
    /// The variables that conditions and mappings tell deployments apart by.
    dividing: RefCell<HashSet<String>>,
}

/// What is settled about a variable.
#[derive(Clone, Debug)]
enum State {
    Is(String),
    IsNone(Vec<String>),
}

impl Choices {
    /// An evaluation that gives these answers first.
    pub(super) fn new(reach: Reach, path: Vec<bool>) -> Self {
        Self {
            reach,
            path: RefCell::new(path),
            asked: Cell::new(0),
            variables: RefCell::default(),
            facts: RefCell::default(),
            told: RefCell::default(),
            dependent: Cell::new(0),
            frozen: Cell::new(false),
            impossible: Cell::new(false),
            departing: RefCell::default(),
            dividing: RefCell::default(),
        }
    }

    /// How far this evaluation chooses.
    pub(super) fn reach(&self) -> Reach {
        self.reach
    }

    /// How many answers depended on a choice so far.
    pub(super) fn dependent(&self) -> usize {
        self.dependent.get()
    }

    /// Whether a variable has a value; `allowed` are all the values that it can have, where that is known. `None` where
    /// that is open and nothing is chosen.
    pub(super) fn is(&self, variable: &str, value: &str, allowed: &[&str]) -> Option<bool> {
        let excluded = match self.variables.borrow().get(variable) {
            Some(State::Is(known)) => {
                self.depend();
                return Some(known == value);
            }
            Some(State::IsNone(excluded)) => excluded.clone(),
            None => Vec::new(),
        };
        let open = |candidate: &&str| !excluded.iter().any(|gone| gone == candidate);
        let left: Vec<&str> = allowed.iter().copied().filter(open).collect();
        let is_possible = open(&value) && (allowed.is_empty() || left.contains(&value));
        if !excluded.is_empty() {
            self.depend();
        }
        if !is_possible || left == [value] {
            return Some(is_possible);
        }
        let answer = self.choose()?;
        let state = match left.iter().filter(|other| **other != value).collect::<Vec<_>>().as_slice() {
            _ if answer => State::Is(value.to_owned()),
            [last] => State::Is((**last).to_owned()),
            _ => State::IsNone(excluded.into_iter().chain([value.to_owned()]).collect()),
        };
        self.variables.borrow_mut().insert(variable.to_owned(), state);
        Some(answer)
    }

    /// Which of its values a variable has.
    pub(super) fn one_of<'v>(&self, variable: &str, allowed: &[&'v str]) -> Option<&'v str> {
        allowed.iter().find(|value| self.is(variable, value, allowed) == Some(true)).copied()
    }

    /// The value of a variable, where it is settled.
    pub(super) fn value(&self, variable: &str) -> Option<String> {
        match self.variables.borrow().get(variable) {
            Some(State::Is(value)) => Some(value.clone()),
            _ => None,
        }
    }

    /// Whether a value is known not to be the variable's.
    pub(super) fn excludes(&self, variable: &str, value: &str) -> bool {
        match self.variables.borrow().get(variable) {
            Some(State::Is(known)) => known != value,
            Some(State::IsNone(excluded)) => excluded.iter().any(|gone| gone == value),
            None => false,
        }
    }

    /// Whether something holds of which nothing is known but its name.
    pub(super) fn fact(&self, name: &str) -> Option<bool> {
        let known = self.facts.borrow().get(name).copied();
        if let Some(known) = known {
            self.depend();
            return Some(known);
        }
        let answer = self.choose()?;
        self.facts.borrow_mut().insert(name.to_owned(), answer);
        Some(answer)
    }

    /// Notes an outcome for people.
    pub(super) fn tell(&self, about: &str, outcome: &str) {
        let mut told = self.told.borrow_mut();
        if told.iter().all(|choice| &*choice.about != about) {
            told.push(Choice { about: about.into(), outcome: outcome.into() });
        }
    }

    /// Notes that a variable has another value here than the template itself says it has in a deployment.
    pub(super) fn depart(&self, variable: &str) {
        self.departing.borrow_mut().insert(variable.to_owned());
    }

    /// Notes that the template provides for several values of a variable, by a condition on it or a mapping with a row for
    /// each. None of them departs from what the template says, whatever else the variable is put into.
    pub(super) fn divide(&self, variable: &str) {
        if !self.frozen.get() {
            self.dividing.borrow_mut().insert(variable.to_owned());
        }
    }

    /// Whether these choices depart from what the template itself says.
    pub(super) fn departs(&self) -> bool {
        !self.departing.borrow().is_subset(&self.dividing.borrow())
    }

    /// Notes that no deployment makes these choices, because CloudFormation would refuse it.
    pub(super) fn rule_out(&self) {
        self.impossible.set(true);
    }

    /// Asks without choosing: what is open stays so.
    pub(super) fn as_they_are<T>(&self, ask: impl FnOnce() -> T) -> T {
        let before = self.frozen.replace(true);
        let answer = ask();
        self.frozen.set(before);
        answer
    }

    /// Whether no deployment makes these choices.
    pub(super) fn is_impossible(&self) -> bool {
        self.impossible.get()
    }

    /// What was chosen, and the answers of the next evaluation, if there is one.
    pub(super) fn finish(&self) -> (Vec<Choice>, Option<Vec<bool>>) {
        let mut path = self.path.borrow().clone();
        path.truncate(self.asked.get());
        let mut next = None;
        while let Some(last) = path.pop() {
            if last {
                path.push(false);
                next = Some(path);
                break;
            }
        }
        (self.told.borrow().clone(), next)
    }

    fn choose(&self) -> Option<bool> {
        if self.frozen.get() || matches!(self.reach, Reach::Nothing | Reach::Defaults) {
            return None;
        }
        self.depend();
        let mut path = self.path.borrow_mut();
        let at = self.asked.get();
        self.asked.set(at + 1);
        if let Some(answer) = path.get(at) {
            return Some(*answer);
        }
        path.push(true);
        Some(true)
    }

    fn depend(&self) {
        self.dependent.set(self.dependent.get() + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What each evaluation gives, the first to the last.
    fn all<T>(evaluate: impl Fn(&Choices) -> T) -> Vec<T> {
        let mut results = Vec::new();
        let mut path = Some(Vec::new());
        while let Some(answers) = path {
            let choices = Choices::new(Reach::Everything, answers);
            results.push(evaluate(&choices));
            path = choices.finish().1;
        }
        results
    }

    #[test]
    fn every_combination_is_met_once() {
        let found = all(|choices| (choices.fact("a"), choices.fact("b"), choices.fact("a")));
        let expected = [(true, true), (true, false), (false, true), (false, false)];
        assert_eq!(found, expected.map(|(a, b)| (Some(a), Some(b), Some(a))));
    }

    #[test]
    fn a_variable_has_one_value() {
        let found = all(|choices| [choices.is("P", "a", &[]), choices.is("P", "b", &[])]);
        assert_eq!(found, [[true, false], [false, true], [false, false]].map(|pair| pair.map(Some)));
    }

    #[test]
    fn a_variable_has_one_of_the_values_that_it_can_have() {
        assert_eq!(all(|choices| choices.one_of("P", &["a", "b", "c"])), [Some("a"), Some("b"), Some("c")]);
        assert_eq!(all(|choices| choices.is("P", "d", &["a", "b"])), [Some(false)]);
        assert_eq!(all(|choices| choices.one_of("P", &["a"])), [Some("a")]);
        let found = all(|choices| (choices.is("P", "a", &["a", "b"]), choices.value("P")));
        assert_eq!(found, [(Some(true), Some("a".to_owned())), (Some(false), Some("b".to_owned()))]);
    }
}

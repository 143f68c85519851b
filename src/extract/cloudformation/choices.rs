//! What a deployment settles: the choices of one evaluation of a template, and the way from one evaluation to the next.
//!
//! An evaluation asks; where the answer is open, it is chosen, and the next evaluation chooses otherwise. Only what the
//! evaluated resources ask is ever chosen, and an answer that follows from an earlier one is no choice, so that each path
//! of answers is a deployment that can be.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

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

/// The variables that text takes before a condition settles them, with the values that conditions tell apart: text chooses
/// one of these at once, so that the same variable has the same value everywhere.
pub(super) type Foreseen = BTreeMap<String, BTreeSet<String>>;

/// The choices of one evaluation.
#[derive(Debug)]
pub(super) struct Choices {
    reach: Reach,
    foreseen: Rc<Foreseen>,
    /// The answers, first to last; those beyond what was asked so far are for questions to come.
    path: RefCell<Vec<bool>>,
    asked: Cell<usize>,
    variables: RefCell<HashMap<String, State>>,
    facts: RefCell<HashMap<String, bool>>,
    /// Variables that have the same value as another one, which stands for both.
    alike: RefCell<HashMap<String, String>>,
    /// Pairs of variables with different values.
    unlike: RefCell<Vec<[String; 2]>>,
    told: RefCell<Vec<Choice>>,
    /// What is only told where nothing else tells deployments apart.
    told_last: RefCell<Vec<Choice>>,
    /// The values that each variable was compared to.
    compared: RefCell<Foreseen>,
    /// The defaults that stand in text.
    kept: RefCell<Vec<(String, String)>>,
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
            foreseen: Rc::default(),
            path: RefCell::new(path),
            asked: Cell::new(0),
            variables: RefCell::default(),
            facts: RefCell::default(),
            alike: RefCell::default(),
            unlike: RefCell::default(),
            told: RefCell::default(),
            told_last: RefCell::default(),
            compared: RefCell::default(),
            kept: RefCell::default(),
            dependent: Cell::new(0),
            frozen: Cell::new(false),
            impossible: Cell::new(false),
            departing: RefCell::default(),
            dividing: RefCell::default(),
        }
    }

    /// The same where it is known what conditions will ask.
    pub(super) fn foreseeing(self, foreseen: &Rc<Foreseen>) -> Self {
        Self { foreseen: Rc::clone(foreseen), ..self }
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
        self.compared.borrow_mut().entry(variable.to_owned()).or_default().insert(value.to_owned());
        let mut excluded = match self.state(variable) {
            Some(State::Is(known)) => {
                self.depend();
                return Some(known == value);
            }
            Some(State::IsNone(excluded)) => excluded,
            None => Vec::new(),
        };
        excluded.extend(self.values_of_others(variable));
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
        self.variables.borrow_mut().insert(self.stands_for(variable), state);
        Some(answer)
    }

    /// Whether two variables have the same value, where neither is settled.
    pub(super) fn are_alike(&self, first: &str, second: &str) -> Option<bool> {
        let (one, other) = (self.stands_for(first), self.stands_for(second));
        let is_pair = |pair: &[String; 2]| {
            let pair = pair.each_ref().map(|name| self.stands_for(name));
            pair.contains(&one) && pair.contains(&other)
        };
        if one == other || self.unlike.borrow().iter().any(is_pair) {
            self.depend();
            return Some(one == other);
        }
        let answer = self.choose()?;
        if !answer {
            self.unlike.borrow_mut().push([one, other]);
            return Some(false);
        }
        let state = self.variables.borrow_mut().remove(&other);
        if let Some(State::IsNone(gone)) = state {
            let mut variables = self.variables.borrow_mut();
            match variables.get_mut(&one) {
                Some(State::IsNone(excluded)) => excluded.extend(gone),
                Some(State::Is(_)) => {}
                None => drop(variables.insert(one.clone(), State::IsNone(gone))),
            }
        }
        self.alike.borrow_mut().insert(other, one);
        Some(true)
    }

    /// The variable that stands for all that have the same value.
    fn stands_for(&self, variable: &str) -> String {
        let alike = self.alike.borrow();
        let mut name = variable;
        while let Some(other) = alike.get(name) {
            name = other;
        }
        name.to_owned()
    }

    fn state(&self, variable: &str) -> Option<State> {
        self.variables.borrow().get(&self.stands_for(variable)).cloned()
    }

    /// The values of variables that are known to have another value than this one.
    fn values_of_others(&self, variable: &str) -> Vec<String> {
        let unlike = self.unlike.borrow();
        if unlike.is_empty() {
            return Vec::new();
        }
        let own = self.stands_for(variable);
        let root = |name: &String| self.stands_for(name);
        let others = unlike.iter().filter_map(|[first, second]| match (root(first) == own, root(second) == own) {
            (true, _) => Some(second),
            (_, true) => Some(first),
            _ => None,
        });
        others.filter_map(|other| self.value(other)).collect()
    }

    /// Which of its values a variable has.
    pub(super) fn one_of<'v>(&self, variable: &str, allowed: &[&'v str]) -> Option<&'v str> {
        allowed.iter().find(|value| self.is(variable, value, allowed) == Some(true)).copied()
    }

    /// The value of a variable, where it is settled.
    pub(super) fn value(&self, variable: &str) -> Option<String> {
        match self.state(variable) {
            Some(State::Is(value)) => Some(value),
            _ => None,
        }
    }

    /// The values that conditions will compare a variable to which text takes before them.
    pub(super) fn foreseen(&self, variable: &str) -> Option<&BTreeSet<String>> {
        self.foreseen.get(variable)
    }

    /// Notes that text has the default of a variable.
    pub(super) fn keep(&self, variable: &str, default: &str) {
        self.kept.borrow_mut().push((variable.to_owned(), default.to_owned()));
    }

    /// The variables that have another value than text has taken them to have.
    pub(super) fn contradicted(&self) -> Foreseen {
        let kept = self.kept.borrow();
        let contradicted = kept.iter().filter(|(variable, default)| self.excludes(variable, default));
        let compared = self.compared.borrow();
        let values = |variable: &String| compared.get(variable).cloned().unwrap_or_default();
        contradicted.map(|(variable, _)| (variable.clone(), values(variable))).collect()
    }

    /// Whether a value is known not to be the variable's.
    pub(super) fn excludes(&self, variable: &str, value: &str) -> bool {
        match self.state(variable) {
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

    /// Notes an outcome that is only of interest where no other tells deployments apart.
    pub(super) fn tell_last(&self, about: &str, outcome: &str) {
        self.told_last.borrow_mut().push(Choice { about: about.into(), outcome: outcome.into() });
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
        let mut told = self.told.borrow().clone();
        for choice in self.told_last.borrow().iter() {
            if told.iter().all(|known| known.about != choice.about) {
                told.push(choice.clone());
            }
        }
        (told, next)
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

//! The classes of any patterns: walks the deterministic automaton of all patterns at once, state by state, shortest string
//! first.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use super::{Atom, Pattern, TooMany, Universe, glob_matches};
use crate::iam::budget::Budget;

/// States that are visited at most: each costs a few hundred bytes.
const STATES: usize = 40_000;
/// Steps (state times active position) at most: bounds the time.
const STEPS: usize = 8_000_000;

/// One string for every class.
pub(super) fn representatives(
    universe: &Universe,
    patterns: &[&Pattern],
    preferred: &[String],
    budget: &Budget,
) -> Result<Vec<String>, TooMany> {
    let patterns: BTreeSet<&Pattern> = patterns.iter().copied().collect();
    let question = Question {
        universe: universe.clone(),
        patterns: patterns.into_iter().cloned().collect(),
        preferred: preferred.to_vec(),
    };
    let known = ANSWERS.with_borrow(|answers| answers.get(&question).cloned());
    let answer = known.unwrap_or_else(|| {
        let answer = question.answer();
        question.remember(&answer);
        answer
    });
    // An answer costs what it cost the first time: what a subject may spend does not depend on those before it.
    budget.spend(answer.steps)?;
    answer.found
}

/// All that an answer depends on.
#[derive(Clone, PartialEq, Eq)]
struct Question {
    universe: Universe,
    patterns: Vec<Pattern>,
    preferred: Vec<String>,
}

impl Hash for Question {
    /// Tells questions apart by lengths and preferred texts: reading every character costs more than the few comparisons
    /// that it would save.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.preferred.hash(state);
        self.patterns.iter().for_each(|pattern| pattern.atoms().len().hash(state));
    }
}

#[derive(Clone)]
struct Answer {
    found: Result<Vec<String>, TooMany>,
    steps: usize,
}

thread_local! {
    /// Many policies of an input say the same of users and MFA devices.
    static ANSWERS: RefCell<HashMap<Question, Answer>> = RefCell::default();
}

/// Answers that are kept at most, and the size of one in characters.
const KEPT: (usize, usize) = (256, 16 << 10);

impl Question {
    fn answer(&self) -> Answer {
        let automaton = Automaton::new(&self.universe, &self.patterns);
        let mut classes: HashSet<Vec<u32>> = HashSet::new();
        let mut found = Vec::new();
        for text in self.preferred.iter().filter(|text| self.universe.holds(text)) {
            if classes.insert(self.class_of(text)) {
                found.push(text.clone());
            }
        }
        let walked = automaton.walk(|class, text| {
            if !classes.contains(class) {
                classes.insert(class.to_vec());
                found.push(text());
            }
        });
        match walked {
            Ok(steps) => Answer { found: Ok(found), steps },
            Err(steps) => Answer { found: Err(TooMany), steps },
        }
    }

    fn class_of(&self, text: &str) -> Vec<u32> {
        let matching = self.patterns.iter().enumerate().filter(|(_, pattern)| glob_matches(pattern.atoms(), text));
        matching.filter_map(|(index, _)| u32::try_from(index).ok()).collect()
    }

    fn remember(self, answer: &Answer) {
        let texts = answer.found.iter().flatten().chain(&self.preferred).map(String::len);
        let size = self.patterns.iter().map(|pattern| pattern.atoms().len()).chain(texts).sum::<usize>();
        if size <= KEPT.1 {
            ANSWERS.with_borrow_mut(|answers| {
                if answers.len() >= KEPT.0 {
                    answers.clear();
                }
                answers.insert(self, answer.clone());
            });
        }
    }
}

/// All patterns laid out behind each other: a position is before an atom, or at the end of a pattern.
struct Automaton<'a> {
    universe: &'a Universe,
    positions: Vec<Position>,
    start: Vec<u32>,
    /// Where the pattern that must match ends.
    inside: u32,
}

#[derive(Clone, Copy)]
enum Position {
    Before(Atom),
    EndInside,
    EndOutside,
    End(u32),
}

/// How a state was reached: the state before and the character.
struct Step {
    trail: Option<(Rc<Step>, char)>,
}

impl Position {
    fn is_run(self) -> bool {
        matches!(self, Self::Before(Atom::AnyRun | Atom::Unknown))
    }
}

impl<'a> Automaton<'a> {
    fn new(universe: &'a Universe, patterns: &[Pattern]) -> Self {
        let mut automaton = Self { universe, positions: Vec::new(), start: Vec::new(), inside: 0 };
        let mut starts = vec![automaton.add(&universe.inside(), Position::EndInside)];
        automaton.inside = automaton.next_position().saturating_sub(1);
        for pattern in universe.outside() {
            starts.push(automaton.add(&pattern, Position::EndOutside));
        }
        for (index, pattern) in patterns.iter().enumerate() {
            starts.push(automaton.add(pattern, Position::End(u32::try_from(index).unwrap_or(u32::MAX))));
        }
        automaton.start = automaton.closed(starts.into_iter());
        automaton
    }

    /// Appends a pattern and tells where it starts.
    fn add(&mut self, pattern: &Pattern, end: Position) -> u32 {
        let start = self.next_position();
        self.positions.extend(pattern.atoms().iter().copied().map(Position::Before));
        self.positions.push(end);
        start
    }

    fn next_position(&self) -> u32 {
        u32::try_from(self.positions.len()).unwrap_or(u32::MAX)
    }

    /// Visits every class that some possible string belongs to, with a way to build the shortest such string. Gives the
    /// steps that it took, also where they were too many.
    fn walk(&self, mut visit: impl FnMut(&[u32], &dyn Fn() -> String)) -> Result<usize, usize> {
        let start: Rc<[u32]> = self.start.as_slice().into();
        let mut seen = HashSet::from([Rc::clone(&start)]);
        let mut queue = VecDeque::from([(start, Rc::new(Step { trail: None }))]);
        let (mut steps, mut class, mut characters) = (0, Vec::new(), Vec::new());
        while let Some((state, step)) = queue.pop_front() {
            if self.classify(&state, &mut class) {
                visit(&class, &|| spell(&step));
            }
            self.characters(&state, &mut characters);
            for &character in &characters {
                steps += state.len() + 1;
                if steps > STEPS || seen.len() > STATES {
                    return Err(steps);
                }
                let next = self.advance(&state, character);
                if self.is_alive(&next) && !seen.contains(next.as_slice()) {
                    let next: Rc<[u32]> = next.into();
                    seen.insert(Rc::clone(&next));
                    queue.push_back((next, Rc::new(Step { trail: Some((Rc::clone(&step), character)) })));
                }
            }
        }
        Ok(steps)
    }

    /// Finds the patterns that match a string that ends in this state; false where no possible string does.
    fn classify(&self, state: &[u32], class: &mut Vec<u32>) -> bool {
        let mut inside = false;
        class.clear();
        for &position in state {
            match self.at(position) {
                Some(Position::EndInside) => inside = true,
                Some(Position::EndOutside) => return false,
                Some(Position::End(index)) => class.push(index),
                Some(Position::Before(_)) | None => {}
            }
        }
        inside
    }

    /// The characters that this state tells apart: one that no active position waits for, and those that some do.
    fn characters(&self, state: &[u32], characters: &mut Vec<char>) {
        characters.clear();
        let waited_for = state.iter().filter_map(|&position| match self.at(position) {
            Some(Position::Before(Atom::Char(character))) => Some(character),
            _ => None,
        });
        characters.extend(waited_for.filter(|&character| self.universe.allows(character)));
        characters.sort_unstable();
        characters.dedup();
        if let Some(other) = self.universe.filler().find(|other| characters.binary_search(other).is_err()) {
            characters.insert(0, other);
        }
    }

    fn advance(&self, state: &[u32], character: char) -> Vec<u32> {
        let next = state.iter().filter_map(|&position| match self.at(position) {
            Some(Position::Before(Atom::Char(expected))) if expected == character => Some(position + 1),
            Some(Position::Before(Atom::AnyOne)) => Some(position + 1),
            Some(Position::Before(Atom::AnyRun | Atom::Unknown)) => Some(position),
            _ => None,
        });
        self.closed(next)
    }

    /// Adds the positions that are reached without a character, those after a `*`; the positions must come in order.
    fn closed(&self, positions: impl Iterator<Item = u32>) -> Vec<u32> {
        let mut closed: Vec<u32> = Vec::new();
        for mut position in positions {
            loop {
                if closed.last().is_none_or(|&last| last < position) {
                    closed.push(position);
                }
                if !self.at(position).is_some_and(Position::is_run) {
                    break;
                }
                position += 1;
            }
        }
        closed
    }

    /// Whether a possible string can still come of this state: the pattern that must match is under way. It comes first.
    fn is_alive(&self, state: &[u32]) -> bool {
        state.first().is_some_and(|&position| position <= self.inside)
    }

    fn at(&self, position: u32) -> Option<Position> {
        self.positions.get(position as usize).copied()
    }
}

fn spell(step: &Rc<Step>) -> String {
    let mut characters = Vec::new();
    let mut step = step;
    while let Some((before, character)) = &step.trail {
        characters.push(*character);
        step = before;
    }
    characters.iter().rev().collect()
}

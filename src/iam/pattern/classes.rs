//! One string of every class that a set of patterns tells apart.
//!
//! Two strings belong to the same class when exactly the same patterns match them. The classes are found by walking the
//! deterministic automaton of all patterns at once, state by state, shortest string first. No catalogue of actions or
//! resources is needed: what is not in any pattern behaves like any other string that is not.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::rc::Rc;

use super::{Atom, Pattern, glob_matches};

/// The strings that can occur at all.
#[derive(Clone, Debug)]
pub struct Universe {
    /// Patterns that must all match.
    pub inside: Vec<Pattern>,
    /// Patterns of which none may match.
    pub outside: Vec<Pattern>,
    /// Characters to fill wildcards with, the first ones preferred.
    pub filler: &'static str,
    /// Whether a character can occur at all.
    pub allowed: fn(char) -> bool,
}

/// The patterns tell apart more classes than can be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany;

/// How much may be searched.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// States that are visited: each costs a few hundred bytes.
    states: usize,
    /// Steps (state times active position): bounds the time.
    steps: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { states: 40_000, steps: 8_000_000 }
    }
}

impl Budget {
    /// What all services share: the states of one are given back before the next.
    #[must_use]
    pub fn of_services() -> Self {
        Self { states: 200_000, steps: 40_000_000 }
    }

    /// What a search of resources may take: their patterns hold many wildcards, and more time seldom helps.
    #[must_use]
    pub fn of_resources() -> Self {
        Self { states: 10_000, steps: 2_000_000 }
    }

    fn take(&mut self, steps: usize) -> Result<(), TooMany> {
        self.steps = self.steps.checked_sub(steps).ok_or(TooMany)?;
        Ok(())
    }

    fn take_state(&mut self) -> Result<(), TooMany> {
        self.states = self.states.checked_sub(1).ok_or(TooMany)?;
        Ok(())
    }
}

/// One string for every class; `preferred` strings are taken for their class before the shortest one is.
///
/// # Errors
///
/// [`TooMany`] where the automaton grows past its bounds.
pub fn representatives(
    universe: &Universe,
    patterns: &[Pattern],
    preferred: &[String],
) -> Result<Vec<String>, TooMany> {
    representatives_within(universe, patterns, preferred, &mut Budget::default())
}

/// The same with a budget that several searches share.
///
/// # Errors
///
/// [`TooMany`] where the budget is used up.
pub fn representatives_within(
    universe: &Universe,
    patterns: &[Pattern],
    preferred: &[String],
    budget: &mut Budget,
) -> Result<Vec<String>, TooMany> {
    let patterns: Vec<&Pattern> = patterns.iter().collect::<BTreeSet<_>>().into_iter().collect();
    let automaton = Automaton::new(universe, &patterns);
    let mut classes: HashMap<Vec<u32>, String> = HashMap::new();
    let mut order: Vec<Vec<u32>> = Vec::new();
    for text in preferred {
        let possible = universe.inside.iter().all(|pattern| glob_matches(pattern.atoms(), text))
            && !universe.outside.iter().any(|pattern| glob_matches(pattern.atoms(), text));
        if !possible {
            continue;
        }
        if let Entry::Vacant(vacant) = classes.entry(class_of(&patterns, text)) {
            order.push(vacant.key().clone());
            vacant.insert(text.clone());
        }
    }
    automaton.walk(budget, |class, text| {
        if !classes.contains_key(class) {
            order.push(class.to_vec());
            classes.insert(class.to_vec(), text());
        }
    })?;
    Ok(order.iter().filter_map(|class| classes.remove(class)).collect())
}

fn class_of(patterns: &[&Pattern], text: &str) -> Vec<u32> {
    let matching = patterns.iter().enumerate().filter(|(_, pattern)| glob_matches(pattern.atoms(), text));
    matching.filter_map(|(index, _)| u32::try_from(index).ok()).collect()
}

/// All patterns laid out behind each other: position `p` is an atom, or the end of a pattern.
struct Automaton<'a> {
    universe: &'a Universe,
    /// For each position its atom; `None` at the end of a pattern.
    atoms: Vec<Option<Atom>>,
    /// For the end of a pattern which one it is.
    ends: HashMap<u32, End>,
    /// Ends of patterns that must not match and, once they do, match whatever follows.
    dead: HashSet<u32>,
    start: Vec<u32>,
}

#[derive(Clone, Copy)]
enum End {
    Inside,
    Outside,
    Pattern(u32),
}

/// How a state was reached: the state before and the character.
type Trail = Option<(Rc<Step>, char)>;

struct Step {
    trail: Trail,
}

impl<'a> Automaton<'a> {
    fn new(universe: &'a Universe, patterns: &[&Pattern]) -> Self {
        let mut automaton =
            Self { universe, atoms: Vec::new(), ends: HashMap::new(), dead: HashSet::new(), start: Vec::new() };
        for pattern in &universe.inside {
            automaton.add(pattern, End::Inside);
        }
        for pattern in &universe.outside {
            automaton.add(pattern, End::Outside);
        }
        for (index, pattern) in patterns.iter().enumerate() {
            automaton.add(pattern, End::Pattern(u32::try_from(index).unwrap_or(u32::MAX)));
        }
        let starts = std::mem::take(&mut automaton.start);
        automaton.start = automaton.close(starts);
        automaton
    }

    fn add(&mut self, pattern: &Pattern, end: End) {
        self.start.push(u32::try_from(self.atoms.len()).unwrap_or(u32::MAX));
        self.atoms.extend(pattern.atoms().iter().copied().map(Some));
        let last = u32::try_from(self.atoms.len()).unwrap_or(u32::MAX);
        self.ends.insert(last, end);
        if matches!(end, End::Outside) && pattern.atoms().last() == Some(&Atom::AnyRun) {
            self.dead.insert(last);
        }
        self.atoms.push(None);
    }

    /// Visits every class that some possible string belongs to, with a way to build the shortest such string.
    fn walk(&self, budget: &mut Budget, mut visit: impl FnMut(&[u32], &dyn Fn() -> String)) -> Result<(), TooMany> {
        let mut seen: HashSet<Vec<u32>> = HashSet::from([self.start.clone()]);
        let mut queue = VecDeque::from([(self.start.clone(), Rc::new(Step { trail: None }))]);
        while let Some((state, step)) = queue.pop_front() {
            if let Some(class) = self.class(&state) {
                visit(&class, &|| spell(&step));
            }
            for character in self.characters(&state) {
                budget.take(state.len() + 1)?;
                let next = self.advance(&state, character);
                if self.alive(&next) && seen.insert(next.clone()) {
                    budget.take_state()?;
                    queue.push_back((next, Rc::new(Step { trail: Some((Rc::clone(&step), character)) })));
                }
            }
        }
        Ok(())
    }

    /// The patterns that match a string that ends in this state; `None` where no possible string does.
    fn class(&self, state: &[u32]) -> Option<Vec<u32>> {
        let mut inside = 0;
        let mut class = Vec::new();
        for position in state {
            match self.ends.get(position) {
                Some(End::Inside) => inside += 1,
                Some(End::Outside) => return None,
                Some(End::Pattern(index)) => class.push(*index),
                None => {}
            }
        }
        (inside == self.universe.inside.len()).then_some(class)
    }

    /// The characters that this state tells apart: those that an active position waits for, and one other.
    fn characters(&self, state: &[u32]) -> Vec<char> {
        let mut live = BTreeSet::new();
        for position in state {
            if let Some(Some(Atom::Char(character))) = self.atom(*position)
                && (self.universe.allowed)(character)
            {
                live.insert(character);
            }
        }
        let other = self.universe.filler.chars().find(|character| !live.contains(character));
        other.into_iter().chain(live).collect()
    }

    fn advance(&self, state: &[u32], character: char) -> Vec<u32> {
        let mut next = Vec::with_capacity(state.len());
        for &position in state {
            match self.atom(position).flatten() {
                Some(Atom::Char(expected)) if expected == character => next.push(position + 1),
                Some(Atom::AnyOne) => next.push(position + 1),
                Some(Atom::AnyRun | Atom::Unknown) => next.push(position),
                _ => {}
            }
        }
        self.close(next)
    }

    /// Adds the positions that are reached without a character: those after a `*`.
    fn close(&self, mut positions: Vec<u32>) -> Vec<u32> {
        let mut at = 0;
        while let Some(&position) = positions.get(at) {
            if let Some(Some(Atom::AnyRun | Atom::Unknown)) = self.atom(position) {
                positions.push(position + 1);
            }
            at += 1;
        }
        positions.sort_unstable();
        positions.dedup();
        positions
    }

    /// Whether a possible string can still come of this state: all patterns that must match are under way.
    fn alive(&self, state: &[u32]) -> bool {
        if state.iter().any(|position| self.dead.contains(position)) {
            return false;
        }
        let mut start = 0;
        self.universe.inside.iter().all(|pattern| {
            let end = start + pattern.atoms().len();
            let under_way = state.iter().any(|&position| (start..=end).contains(&(position as usize)));
            start = end + 1;
            under_way
        })
    }

    fn atom(&self, position: u32) -> Option<Option<Atom>> {
        self.atoms.get(position as usize).copied()
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

//! Patterns with `*` and `?`, of which parts may be unknown: match, intersect, and one sample of every class of strings that
//! a set of patterns tells apart.
//!
//! Actions, resources, principal ARNs and the values of `StringLike` and `ArnLike` are all such patterns. Whole strings are
//! compared, so `*` spans any characters.

use std::str::Chars;

use crate::iam::truth::{Doubt, Truth};
use crate::source::Place;
use crate::tree::Unknown;

mod automaton;
mod classes;
mod simple;
mod universe;

pub use classes::{TooMany, representatives};
pub use universe::Universe;

/// A pattern over characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pattern {
    atoms: Vec<Atom>,
}

/// One element of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Atom {
    /// This character.
    Char(char),
    /// `?`: any one character.
    AnyOne,
    /// `*`: any characters, or none.
    AnyRun,
    /// Text that is not known: it may be anything, wildcards included.
    Unknown,
}

impl Pattern {
    /// Text without wildcards.
    #[must_use]
    pub fn literal(text: &str) -> Self {
        Self { atoms: text.chars().map(Atom::Char).collect() }
    }

    /// Text in which `*` and `?` are wildcards.
    #[must_use]
    pub fn glob(text: &str) -> Self {
        let mut pattern = Self::default();
        pattern.push_glob(text);
        pattern
    }

    /// Appends text without wildcards.
    pub fn push_literal(&mut self, text: &str) {
        self.atoms.reserve(text.len());
        self.atoms.extend(text.chars().map(Atom::Char));
    }

    /// Appends text in which `*` and `?` are wildcards.
    pub fn push_glob(&mut self, text: &str) {
        self.atoms.reserve(text.len());
        for character in text.chars() {
            match character {
                '*' if self.atoms.last() == Some(&Atom::AnyRun) => {}
                '*' => self.atoms.push(Atom::AnyRun),
                '?' => self.atoms.push(Atom::AnyOne),
                other => self.atoms.push(Atom::Char(other)),
            }
        }
    }

    /// Appends text that is not known.
    pub fn push_unknown(&mut self) {
        self.atoms.push(Atom::Unknown);
    }

    /// Appends another pattern.
    pub fn push_pattern(&mut self, other: &Self) {
        self.atoms.extend_from_slice(&other.atoms);
    }

    /// The same pattern with ASCII letters in lower case.
    #[must_use]
    pub fn to_lowercase(mut self) -> Self {
        for atom in &mut self.atoms {
            if let Atom::Char(character) = atom {
                character.make_ascii_lowercase();
            }
        }
        self
    }

    /// The elements.
    #[must_use]
    pub fn atoms(&self) -> &[Atom] {
        &self.atoms
    }

    /// Whether a part of it is not known.
    #[must_use]
    pub fn has_unknown(&self) -> bool {
        self.atoms.contains(&Atom::Unknown)
    }

    /// Whether it matches every string.
    #[must_use]
    pub fn matches_everything(&self) -> bool {
        self.atoms == [Atom::AnyRun]
    }

    /// Whether it matches the text. The text may hold [symbols](is_symbol), which stand for identifiers that are not known:
    /// equal symbols are equal text, anything else about them is open, unless they are known to be no other text. `cause`
    /// explains an unknown part.
    #[must_use]
    pub fn matches<'a>(&self, text: &str, cause: Cause<'a>) -> Truth<'a> {
        let symbols = has_symbol(text) && text.contains(is_open_symbol);
        if !symbols && !self.has_unknown() {
            return Truth::from(glob_matches(&self.atoms, text));
        }
        if !self.has_unknown() && glob_matches(&self.atoms, text) {
            return Truth::True;
        }
        let open: Vec<Atom> =
            text.chars().map(|c| if is_open_symbol(c) { Atom::AnyRun } else { Atom::Char(c) }).collect();
        if intersects(&self.atoms, &open) { Truth::Unproven(cause.doubt()) } else { Truth::False }
    }

    /// A string that it matches and that looks like the pattern: a `*` inside is left out, one at the end is a letter.
    #[must_use]
    pub fn example(&self) -> String {
        let last = self.atoms.len().saturating_sub(1);
        let mut text = String::with_capacity(self.atoms.len());
        text.extend(self.atoms.iter().enumerate().filter_map(|(index, atom)| fill(*atom, index == last)));
        text
    }

    /// A string that it matches, with a letter for every wildcard.
    #[must_use]
    pub fn long_example(&self) -> String {
        self.atoms.iter().filter_map(|atom| fill(*atom, true)).collect()
    }

    /// The parts between the first five colons, as the comparison of ARNs wants them; fewer where there are fewer colons.
    #[must_use]
    pub fn split_arn(&self) -> Vec<Self> {
        let parts = self.atoms.splitn(6, |atom| *atom == Atom::Char(':'));
        parts.map(|atoms| Self { atoms: atoms.to_vec() }).collect()
    }

    /// Whether it matches the text, unknown parts taken for wildcards.
    #[must_use]
    pub fn is_matched_by(&self, text: &str) -> bool {
        glob_matches(&self.atoms, text)
    }

    /// Whether it has no wildcard or unknown part, but for one at its end.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        let before = self.atoms.split_last().map(|(_, before)| before).unwrap_or_default();
        before.iter().all(|atom| matches!(atom, Atom::Char(_))) && self.atoms.last() != Some(&Atom::AnyOne)
    }

    /// The text of a pattern without wildcards, or with nothing but a `*` behind it, and whether it has that.
    #[must_use]
    pub fn plain(&self) -> Option<(String, bool)> {
        let (atoms, is_prefix) = match self.atoms.split_last() {
            Some((Atom::AnyRun | Atom::Unknown, before)) => (before, true),
            _ => (self.atoms.as_slice(), false),
        };
        let mut text = String::with_capacity(atoms.len());
        for atom in atoms {
            let Atom::Char(character) = atom else { return None };
            text.push(*character);
        }
        Some((text, is_prefix))
    }

    /// Whether some string matches both; unknown parts may be anything.
    #[must_use]
    pub fn intersects(&self, other: &Self) -> bool {
        intersects(&self.atoms, &other.atoms)
    }
}

/// What to say where a match depends on an unknown part.
#[derive(Clone, Copy, Debug)]
pub struct Cause<'a> {
    /// The unknown value, where the pattern has one.
    pub unknown: Option<&'a Unknown>,
    /// The pattern's text.
    pub place: &'a Place,
}

impl<'a> Cause<'a> {
    fn doubt(self) -> Doubt<'a> {
        match self.unknown {
            Some(unknown) => Doubt::Value(unknown, self.place),
            None => Doubt::Undocumented("the text that it is compared with is not known", self.place),
        }
    }
}

/// The first character that stands for an identifier which may be any text.
pub(crate) const OPEN: char = '\u{F0000}';

/// The first character that stands for an identifier which is no text that a document spells out.
pub(crate) const DISTINCT: char = '\u{100000}';

/// Whether the character stands for an identifier that is not known: one of the private-use planes, which no input's own
/// text is allowed to bring in.
#[must_use]
pub fn is_symbol(character: char) -> bool {
    is_open_symbol(character) || (DISTINCT..='\u{10FFFD}').contains(&character)
}

/// Whether the character stands for an identifier that may equal text which a document spells out.
fn is_open_symbol(character: char) -> bool {
    (OPEN..='\u{FFFFD}').contains(&character)
}

/// Whether the text holds a symbol.
#[must_use]
pub fn has_symbol(text: &str) -> bool {
    // Symbols, and few other characters, begin with these bytes: most texts are seen to have none at once.
    let may = text.bytes().fold(false, |found, byte| found | (byte >= 0xf3));
    may && text.contains(is_symbol)
}

fn fill(atom: Atom, run: bool) -> Option<char> {
    match atom {
        Atom::Char(character) => Some(character),
        Atom::AnyOne | Atom::Unknown => Some('x'),
        Atom::AnyRun => run.then_some('x'),
    }
}

/// Iterative matching with one point of return per `*`: linear in practice, quadratic at worst.
fn glob_matches(atoms: &[Atom], text: &str) -> bool {
    let (mut at, mut rest) = (0, text.chars());
    let mut back: Option<(usize, Chars<'_>)> = None;
    loop {
        let here = rest.clone();
        let Some(character) = rest.next() else { break };
        match atoms.get(at) {
            Some(Atom::AnyRun | Atom::Unknown) => {
                at += 1;
                if at == atoms.len() {
                    return true;
                }
                back = Some((at, here.clone()));
                rest = here;
            }
            Some(Atom::AnyOne) => at += 1,
            Some(Atom::Char(expected)) if *expected == character => at += 1,
            _ => {
                let Some((again, start)) = &mut back else { return false };
                start.next();
                at = *again;
                rest = start.clone();
            }
        }
    }
    atoms.iter().skip(at).all(|atom| matches!(atom, Atom::AnyRun | Atom::Unknown))
}

/// Whether two patterns share a string: reachability over pairs of positions, row by row.
fn intersects(left: &[Atom], right: &[Atom]) -> bool {
    let run = |atom: &Atom| matches!(atom, Atom::AnyRun | Atom::Unknown);
    let width = right.len() + 1;
    let mut reached = vec![false; (left.len() + 1) * width];
    let mut stack = vec![(0usize, 0usize)];
    while let Some((i, j)) = stack.pop() {
        match reached.get_mut(i * width + j) {
            Some(seen) if !*seen => *seen = true,
            _ => continue,
        }
        let (a, b) = (left.get(i), right.get(j));
        if a.is_none() && b.is_none() {
            return true;
        }
        if a.is_some_and(run) {
            stack.push((i + 1, j));
        }
        if b.is_some_and(run) {
            stack.push((i, j + 1));
        }
        let (Some(a), Some(b)) = (a, b) else { continue };
        let same = match (a, b) {
            (Atom::Char(x), Atom::Char(y)) => x == y,
            _ => true,
        };
        if same {
            stack.push((i + usize::from(!run(a)), j + usize::from(!run(b))));
        }
    }
    false
}

#[cfg(test)]
mod tests;

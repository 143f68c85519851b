//! The classes of plain texts and prefixes, without an automaton.
//!
//! Where every pattern is plain text, or plain text with one `*` behind it, the class of a string is settled by the longest
//! of these prefixes that it begins with and by the text that it is equal to. So every text is looked at, and every prefix
//! with a character behind it that no other pattern has there.

use std::collections::BTreeSet;

use super::{Pattern, TooMany, Universe};
use crate::iam::budget::Budget;

/// One string for every class; `None` where the patterns or the universe are not of the simple kind.
pub(super) fn representatives(
    universe: &Universe,
    patterns: &[&Pattern],
    preferred: &[String],
    budget: &Budget,
) -> Option<Result<Vec<String>, TooMany>> {
    let base = universe.base()?;
    let texts = Texts::new(patterns, &base)?;
    if texts.prefixes.iter().any(|prefix| !universe.can_complete(prefix)) {
        return None;
    }
    let mut candidates = texts.literals.clone();
    for prefix in std::iter::once(base.as_str()).chain(texts.prefixes.iter().map(String::as_str)) {
        let taken = texts.taken(prefix);
        if let Err(too_many) = budget.spend(taken.len() + 8) {
            return Some(Err(too_many));
        }
        let free = universe.filler().find(|character| !taken.contains(character))?;
        let mut text = String::with_capacity(prefix.len() + 8);
        text.push_str(prefix);
        text.push(free);
        candidates.push(universe.complete(text));
    }
    candidates.retain(|text| text.chars().all(|character| universe.allows(character)));
    // As the automaton has them: the shortest first.
    candidates.sort_by(|left, right| (left.len(), left).cmp(&(right.len(), right)));
    let mut seen = BTreeSet::new();
    let possible = preferred.iter().chain(&candidates).filter(|text| universe.holds(text));
    Some(Ok(possible.filter(|text| seen.insert(texts.class(text))).cloned().collect()))
}

/// The texts of patterns as far as they tell anything apart, each list in order.
struct Texts {
    literals: Vec<String>,
    prefixes: Vec<String>,
    /// For each prefix the longest other one that it begins with.
    parents: Vec<Option<usize>>,
}

impl Texts {
    /// `None` where a pattern is of another kind; `base` is what all strings begin with.
    fn new(patterns: &[&Pattern], base: &str) -> Option<Self> {
        let (mut literals, mut prefixes) = (Vec::new(), Vec::new());
        for pattern in patterns {
            match pattern.plain()? {
                (text, false) => literals.push(text),
                // Any other prefix matches all strings, or none.
                (text, true) if text.len() > base.len() && text.starts_with(base) => prefixes.push(text),
                _ => {}
            }
        }
        for list in [&mut literals, &mut prefixes] {
            list.sort_unstable();
            list.dedup();
        }
        let mut texts = Self { literals, parents: Vec::with_capacity(prefixes.len()), prefixes };
        for (index, prefix) in texts.prefixes.iter().enumerate() {
            let parent = texts.longest(index, prefix);
            texts.parents.push(parent);
        }
        Some(texts)
    }

    /// The class of a string: the longest prefix that it begins with, and the text that it is.
    fn class(&self, text: &str) -> (Option<usize>, Option<usize>) {
        let end = self.prefixes.partition_point(|prefix| prefix.as_str() <= text);
        let literal = self.literals.binary_search_by(|literal| literal.as_str().cmp(text));
        (self.longest(end, text), literal.ok())
    }

    /// The longest prefix of a text among those before `end`, none of which stands behind the text: the last of them
    /// begins with it, and so do those that this one begins with.
    fn longest(&self, end: usize, text: &str) -> Option<usize> {
        let mut at = end.checked_sub(1);
        while let Some(index) = at {
            if text.starts_with(self.prefixes.get(index)?) {
                return Some(index);
            }
            at = self.parents.get(index).copied().flatten();
        }
        None
    }

    /// The characters that stand behind a text in any other one.
    fn taken(&self, prefix: &str) -> Vec<char> {
        let mut taken = Vec::new();
        for list in [&self.literals, &self.prefixes] {
            let start = list.partition_point(|text| text.as_str() < prefix);
            let longer = list.iter().skip(start).map_while(|text| text.strip_prefix(prefix));
            taken.extend(longer.filter_map(|rest| rest.chars().next()));
        }
        taken
    }
}

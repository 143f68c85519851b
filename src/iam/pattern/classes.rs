//! One string of every class that a set of patterns tells apart.
//!
//! Two strings belong to the same class when exactly the same patterns match them. No catalogue of actions or resources is
//! needed: what is not in any pattern behaves like any other string that is not. Plain texts and prefixes are told apart
//! [by sorting](super::simple), all else [by an automaton](super::automaton).

use super::{Pattern, Universe, automaton, simple};
use crate::iam::budget::Budget;

/// The patterns tell apart more classes than can be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany;

/// One string for every class; `preferred` strings are taken for their class before any other is.
///
/// # Errors
///
/// [`TooMany`] where there are more than can be looked at, or the budget is spent.
pub fn representatives(
    universe: &Universe,
    patterns: &[&Pattern],
    preferred: &[String],
    budget: &Budget,
) -> Result<Vec<String>, TooMany> {
    match simple::representatives(universe, patterns, preferred, budget) {
        Some(found) => found,
        None => automaton::representatives(universe, patterns, preferred, budget),
    }
}

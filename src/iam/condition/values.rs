//! The values of a context key that a set of tests tells apart.
//!
//! A caller who may choose a key's value has only so many choices that matter: one value of each class that the tests
//! distinguish, and leaving the key out. Looking at these decides for all.

use std::collections::BTreeSet;

use super::addresses::{between_ranges, ends, outside};
use super::{Context, Family, date, evaluate, number};
use crate::iam::budget::Budget;
use crate::iam::document::Test;
use crate::iam::pattern::{Atom, Pattern, Universe, representatives};
use crate::iam::variables::{Expansion, Reading, Values, expand};

/// More values of one key than this are not looked at.
const MOST: usize = 256;

/// A choice for a context key: its values, or leaving it out.
pub type Choice = Option<Vec<String>>;

/// The choices that the tests on one key tell apart, all of them together, its values being some of the universe; the first
/// is to leave the key out. The second
/// part is false where there are more choices than can be looked at.
#[must_use]
pub fn choices(tests: &[(&Test, Context<'_>)], universe: &Universe, budget: &Budget) -> (Vec<Choice>, bool) {
    let (values, mut complete) = single_values(tests, universe, budget);
    let mut choices: Vec<Choice> = vec![None];
    choices.extend(values.iter().map(|value| Some(vec![value.clone()])));
    let of_sets: Vec<_> = tests.iter().filter(|(test, _)| test.operator.qualifier.is_some()).collect();
    if !of_sets.is_empty() {
        for (index, first) in values.iter().enumerate().take(12) {
            for second in values.iter().skip(index + 1).take(12) {
                choices.push(Some(vec![first.clone(), second.clone()]));
            }
        }
    }
    if of_sets.len() > 2 {
        let spent = budget.spend(of_sets.len() * values.len());
        complete &= spent.is_ok();
        choices.extend(largest(&of_sets, &values).filter(|_| spent.is_ok()));
    }
    (choices, complete)
}

/// The most values that a request can have, of all and of those for which some test on sets of values holds or does not: more
/// tests than two may each want one of their own.
fn largest<'t>(tests: &'t [&(&Test, Context<'_>)], values: &'t [String]) -> impl Iterator<Item = Choice> + 't {
    let meeting = |(test, context): &(&Test, Context<'_>), wanted: bool| -> Choice {
        let meets = |value: &&String| evaluate(test, Some(Values::One(value)), *context).is_true() == wanted;
        Some(values.iter().filter(meets).cloned().collect())
    };
    let parts = tests.iter().flat_map(move |test| [meeting(test, true), meeting(test, false)]);
    let some = |choice: &Choice| choice.as_ref().is_some_and(|values| !values.is_empty());
    std::iter::once(Some(values.to_vec())).chain(parts).filter(some)
}

fn single_values(tests: &[(&Test, Context<'_>)], universe: &Universe, budget: &Budget) -> (Vec<String>, bool) {
    let mut values = Vec::new();
    let mut patterns = Vec::new();
    let mut preferred = Vec::new();
    let mut variants = Vec::new();
    for (test, context) in tests {
        let family = test.operator.comparison.family();
        for text in &test.values {
            match (family, text.scalar.as_text()) {
                (Family::Text | Family::Arn, _) => {
                    let reading = Reading {
                        version: context.version,
                        wildcards: test.operator.comparison.has_wildcards(),
                        free_variables: true,
                        keys: context.keys,
                        symbols: context.symbols,
                    };
                    if let Expansion::Pattern(pattern, _) = expand(&text.scalar, reading) {
                        let example = pattern.example();
                        if test.operator.comparison.ignores_case() {
                            spelled_otherwise(&example, &mut variants);
                        }
                        preferred.push(example);
                        patterns.push(pattern);
                    }
                }
                (_, Some(value)) => critical(family, value, &mut values),
                _ => {}
            }
        }
    }
    let on_addresses = |test: &&Test| test.operator.comparison.family() == Family::Address;
    let addresses: Vec<&Test> = tests.iter().map(|(test, _)| *test).filter(on_addresses).collect();
    if !addresses.is_empty() {
        values.extend(outside(&addresses));
        values.extend(between_ranges(&addresses));
    }
    values.extend(between_limits(tests));
    let mut complete = true;
    let typed = !values.is_empty() && patterns.is_empty();
    match representatives(universe, &patterns.iter().collect::<Vec<_>>(), &preferred, budget) {
        _ if typed => {}
        Ok(texts) => values.extend(texts),
        Err(_) => {
            values.extend(preferred);
            complete = false;
        }
    }
    values.extend(variants);
    // A universe holds no empty text; a key may have one, such as `s3:prefix` where a bucket is listed from the top.
    let tells_empty = |pattern: &Pattern| pattern.atoms().is_empty() || pattern.atoms().contains(&Atom::AnyOne);
    if *universe == Universe::Texts && patterns.iter().any(tells_empty) {
        values.push(String::new());
    }
    let mut seen = BTreeSet::new();
    values.retain(|value| seen.insert(value.clone()));
    complete &= values.len() <= MOST;
    values.truncate(MOST);
    (values, complete)
}

/// The values around one that a typed comparison uses as a limit.
fn critical(family: Family, value: &str, values: &mut Vec<String>) {
    match family {
        Family::Number => {
            if let Some(limit) = number(value) {
                values.extend([limit - 1.0, limit, limit + 1.0].map(|number| number.to_string()));
            }
        }
        Family::Date => {
            if let Some(limit) = date(value) {
                values.extend([-86400.0, 0.0, 86400.0, -1.0, 1.0].map(|apart| iso(limit + apart, value)));
            }
        }
        Family::Bool => values.extend(["true".to_owned(), "false".to_owned()]),
        Family::Binary => values.extend([value.to_owned(), "AA==".to_owned()]),
        Family::Address => values.extend(ends(value)),
        Family::Text | Family::Arn | Family::Null => {}
    }
}

fn iso(seconds: f64, fallback: &str) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "a date in whole seconds fits, and any other one saturates")]
    let timestamp = jiff::Timestamp::from_second(seconds as i64);
    timestamp.map_or_else(|_| fallback.to_owned(), |timestamp| timestamp.to_string())
}

/// Numbers between limits of which one is no whole number, and that are too near for a whole one.
fn between_limits(tests: &[(&Test, Context<'_>)]) -> Vec<String> {
    let numeric = tests.iter().filter(|(test, _)| test.operator.comparison.family() == Family::Number);
    let texts = numeric.flat_map(|(test, _)| &test.values).filter_map(|text| text.scalar.as_text());
    let mut limits: Vec<f64> = texts.filter_map(number).collect();
    limits.sort_by(f64::total_cmp);
    limits.dedup();
    let pairs = limits.iter().zip(limits.iter().skip(1));
    let apart = pairs.filter(|(low, high)| low.fract() != 0.0 || high.fract() != 0.0);
    apart.map(|(low, high)| f64::midpoint(*low, *high).to_string()).collect()
}

/// A text in other letter cases, as far as tests that mind the case are likely to tell apart.
fn spelled_otherwise(text: &str, spellings: &mut Vec<String>) {
    let flip = |character: char| {
        if character.is_ascii_lowercase() { character.to_ascii_uppercase() } else { character.to_ascii_lowercase() }
    };
    let plain = [text.to_owned(), text.to_ascii_lowercase(), text.to_ascii_uppercase()];
    spellings.extend(plain.clone());
    for text in &plain {
        let (mut first, mut last) = (text.chars(), text.chars());
        spellings.extend(first.next().map(|character| format!("{}{}", flip(character), first.as_str())));
        spellings.extend(last.next_back().map(|character| format!("{}{}", last.as_str(), flip(character))));
    }
}

//! The values of a context key that a set of tests tells apart.
//!
//! A caller who may choose a key's value has only so many choices that matter: one value of each class that the tests
//! distinguish, and leaving the key out. Looking at these decides for all.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Context, Family, Network, date, evaluate, network, number};
use crate::iam::budget::Budget;
use crate::iam::document::Test;
use crate::iam::pattern::{Universe, representatives};
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
        Family::Address => {
            let Some(network) = network(value) else { return };
            let first = network.bounds().0;
            values.extend([network.address.to_string()].into_iter().chain(address(first.0, first.1)));
        }
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

/// An address of each kind that none of the ranges holds, where there is one among those reserved for documentation.
fn outside(tests: &[&Test]) -> Vec<String> {
    let ranges: Vec<_> =
        tests.iter().flat_map(|test| &test.values).filter_map(|text| text.scalar.as_text().and_then(network)).collect();
    let candidates = ["192.0.2.7", "198.51.100.7", "203.0.113.7", "8.8.8.8", "2001:db8::7", "2620:fe::fe"];
    let free = |address: &IpAddr| !ranges.iter().any(|range| range.contains(*address));
    candidates.iter().filter_map(|text| text.parse().ok()).filter(free).map(|address| address.to_string()).collect()
}

/// The addresses right behind a range that some other range holds: where ranges lie within each other, what is left of the
/// outer one begins there.
fn between_ranges(tests: &[&Test]) -> Vec<String> {
    let texts = tests.iter().flat_map(|test| &test.values).filter_map(|text| text.scalar.as_text());
    let mut ranges: Vec<_> = texts.filter_map(network).map(Network::bounds).collect();
    ranges.sort_unstable();
    let mut furthest: Vec<(bool, u128)> = Vec::with_capacity(ranges.len());
    for (first, last) in &ranges {
        let before = furthest.last().filter(|end| end.0 == first.0).map_or(last.1, |end| end.1.max(last.1));
        furthest.push((first.0, before));
    }
    let is_held = |address: (bool, u128)| {
        let begun = ranges.partition_point(|(first, _)| *first <= address);
        begun.checked_sub(1).and_then(|at| furthest.get(at)).is_some_and(|end| end.0 == address.0 && end.1 >= address.1)
    };
    let behind = ranges.iter().filter_map(|(_, last)| Some((last.0, last.1.checked_add(1)?)));
    behind.filter(|address| is_held(*address)).filter_map(|(is_v6, bits)| address(is_v6, bits)).collect()
}

fn address(is_v6: bool, bits: u128) -> Option<String> {
    if is_v6 {
        return Some(Ipv6Addr::from_bits(bits).to_string());
    }
    u32::try_from(bits).ok().map(|bits| Ipv4Addr::from_bits(bits).to_string())
}

//! The values of a context key that a set of tests tells apart.
//!
//! A caller who may choose a key's value has only so many choices that matter: one value of each class that the tests
//! distinguish, and leaving the key out. Looking at these decides for all.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::{Context, Family, date, network, number};
use crate::iam::budget::Budget;
use crate::iam::document::Test;
use crate::iam::pattern::{Universe, representatives};
use crate::iam::variables::{Expansion, Reading, expand};

/// More values of one key than this are not looked at.
const MOST: usize = 256;

/// A choice for a context key: its values, or leaving it out.
pub type Choice = Option<Vec<String>>;

/// The choices that the tests on one key tell apart, all of them together, its values being some of the universe; the first
/// is to leave the key out. The second
/// part is false where there are more choices than can be looked at.
#[must_use]
pub fn choices(tests: &[(&Test, Context<'_>)], universe: &Universe, budget: &Budget) -> (Vec<Choice>, bool) {
    let (values, complete) = single_values(tests, universe, budget);
    let mut choices: Vec<Choice> = vec![None];
    choices.extend(values.iter().map(|value| Some(vec![value.clone()])));
    if tests.iter().any(|(test, _)| test.operator.qualifier.is_some()) {
        for (index, first) in values.iter().enumerate().take(12) {
            for second in values.iter().skip(index + 1).take(12) {
                choices.push(Some(vec![first.clone(), second.clone()]));
            }
        }
    }
    (choices, complete)
}

fn single_values(tests: &[(&Test, Context<'_>)], universe: &Universe, budget: &Budget) -> (Vec<String>, bool) {
    let mut values = Vec::new();
    let mut patterns = Vec::new();
    let mut preferred = Vec::new();
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
                        preferred.push(pattern.example());
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
    }
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
                values.extend([limit - 86400.0, limit, limit + 86400.0].map(|seconds| iso(seconds, value)));
            }
        }
        Family::Bool => values.extend(["true".to_owned(), "false".to_owned()]),
        Family::Binary => values.extend([value.to_owned(), "AA==".to_owned()]),
        Family::Address => values.extend(network(value).map(|network| network.address.to_string())),
        Family::Text | Family::Arn | Family::Null => {}
    }
}

fn iso(seconds: f64, fallback: &str) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "a date in whole seconds fits, and any other one saturates")]
    let timestamp = jiff::Timestamp::from_second(seconds as i64);
    timestamp.map_or_else(|_| fallback.to_owned(), |timestamp| timestamp.to_string())
}

/// An address of each kind that none of the ranges holds, where there is one among those reserved for documentation.
fn outside(tests: &[&Test]) -> Vec<String> {
    let ranges: Vec<_> =
        tests.iter().flat_map(|test| &test.values).filter_map(|text| text.scalar.as_text().and_then(network)).collect();
    let candidates = ["192.0.2.7", "198.51.100.7", "203.0.113.7", "8.8.8.8", "2001:db8::7", "2620:fe::fe"];
    let free = |address: &IpAddr| !ranges.iter().any(|range| range.contains(*address));
    candidates.iter().filter_map(|text| text.parse().ok()).filter(free).map(|address| address.to_string()).collect()
}

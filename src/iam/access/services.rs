//! Actions, one service at a time.
//!
//! A policy that AWS manages may name thousands of actions. Those of different services have nothing to do with each other:
//! only a pattern with a wildcard in the service, such as `*`, concerns more than one.

use std::collections::{BTreeMap, HashMap};

use super::case::{Case, Item};
use crate::iam::document::{Patterns, Text};
use crate::iam::pattern::{self, Atom, Budget, Cause, Pattern, TooMany, Universe};
use crate::iam::truth::{Doubt, Truth};

/// One action of every class that patterns (in lower case) tell apart, `preferred` ones first.
///
/// # Errors
///
/// Where there are too many to look at.
pub fn representatives(patterns: &[Pattern], preferred: &[String]) -> Result<Vec<String>, TooMany> {
    let (services, wide) = by_service(patterns.iter().map(|pattern| (pattern, pattern.clone())));
    let mut preferred_by_service: HashMap<&str, Vec<String>> = HashMap::new();
    for name in preferred {
        let service = Some(prefix(name)).filter(|service| services.contains_key(*service)).unwrap_or_default();
        preferred_by_service.entry(service).or_default().push(name.clone());
    }
    let preferred_of = |service: &str| preferred_by_service.get(service).map(Vec::as_slice).unwrap_or_default();
    let mut budget = Budget::of_services();
    let mut outside = vec![Pattern::glob("*:*:*")];
    let mut found = Vec::new();
    // No action stands in front of the colon of `:Name`.
    for (service, mut own) in services.into_iter().filter(|(service, _)| !service.is_empty()) {
        let mut inside = Pattern::literal(&service);
        inside.push_glob(":?*");
        own.extend_from_slice(&wide);
        let universe = universe(inside, vec![Pattern::glob("*:*:*")]);
        found.extend(pattern::representatives_within(&universe, &own, preferred_of(&service), &mut budget)?);
        let mut all = Pattern::literal(&service);
        all.push_glob(":*");
        outside.push(all);
    }
    let others = universe(Pattern::glob("?*:?*"), outside);
    found.extend(pattern::representatives_within(&others, &wide, preferred_of(""), &mut budget)?);
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (at, name) in preferred.iter().enumerate() {
        places.entry(name).or_insert(at);
    }
    found.sort_by_key(|name| places.get(name.as_str()).copied().unwrap_or(usize::MAX));
    Ok(found)
}

fn universe(inside: Pattern, outside: Vec<Pattern>) -> Universe {
    Universe {
        inside: vec![inside],
        outside,
        filler: "xabcdefghijklmnopqrstuvwyz0123456789-",
        allowed: |character| character.is_ascii_alphanumeric() || matches!(character, ':' | '-'),
    }
}

/// Which actions the items of a case cover.
pub struct Coverage<'c, 'a> {
    case: &'c Case<'a>,
    items: Vec<(&'c Item<'a>, Option<Laid<'a>>)>,
}

/// The patterns of one statement, laid out by service.
struct Laid<'a> {
    patterns: &'a Patterns,
    services: BTreeMap<String, Vec<(Pattern, &'a Text)>>,
    wide: Vec<(Pattern, &'a Text)>,
}

impl<'c, 'a> Coverage<'c, 'a> {
    /// Lays out a case.
    #[must_use]
    pub fn new(case: &'c Case<'a>) -> Self {
        let lay = |item: &Item<'a>| {
            let patterns = &item.statement()?.actions;
            let read: Vec<(Pattern, &Text)> =
                patterns.items.iter().map(|text| (case.action_pattern(text), text)).collect();
            let (services, wide) = by_service(read.iter().map(|(pattern, text)| (pattern, (pattern.clone(), *text))));
            Some(Laid { patterns, services, wide })
        };
        Self { case, items: case.items.iter().map(|item| (item, lay(item))).collect() }
    }

    /// For each item whether it covers an action (in lower case).
    #[must_use]
    pub fn of(&self, action: &str) -> Vec<Truth<'a>> {
        let covers = |(item, laid): &(&Item<'a>, Option<Laid<'a>>)| match laid {
            Some(laid) => laid.covers(action),
            None => self.case.action(item, action),
        };
        self.items.iter().map(covers).collect()
    }
}

impl<'a> Laid<'a> {
    fn covers(&self, action: &str) -> Truth<'a> {
        let own = self.services.get(prefix(action)).into_iter().flatten();
        let matches = own.chain(&self.wide).map(|(pattern, text)| {
            pattern.matches(action, Cause { unknown: text.first_unknown(), place: &text.place })
        });
        let Patterns { unknown, place, negated, .. } = self.patterns;
        let rest = unknown.as_ref().map(|unknown| Truth::Unproven(Doubt::Value(unknown, place)));
        let covered = Truth::any(matches.chain(rest));
        if *negated { covered.negate() } else { covered }
    }
}

/// Divides what belongs to patterns by service; what may concern several services comes second.
fn by_service<'p, T>(patterns: impl Iterator<Item = (&'p Pattern, T)>) -> (BTreeMap<String, Vec<T>>, Vec<T>) {
    let mut services: BTreeMap<String, Vec<T>> = BTreeMap::new();
    let mut wide = Vec::new();
    for (pattern, item) in patterns {
        match service(pattern) {
            Some(service) => services.entry(service).or_default().push(item),
            None => wide.push(item),
        }
    }
    (services, wide)
}

/// The service that a pattern names; `None` where a wildcard stands in it.
fn service(pattern: &Pattern) -> Option<String> {
    let characters = pattern.atoms().iter().map(|atom| match atom {
        Atom::Char(character) => Some(*character),
        _ => None,
    });
    let before_colon = characters.take_while(|character| *character != Some(':')).collect::<Option<String>>()?;
    (before_colon.chars().count() < pattern.atoms().len()).then_some(before_colon)
}

fn prefix(action: &str) -> &str {
    action.split(':').next().unwrap_or_default()
}

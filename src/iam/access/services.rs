//! Actions, one service at a time.
//!
//! A policy that AWS manages may name thousands of actions. Those of different services have nothing to do with each other:
//! only a pattern with a wildcard in the service, such as `*`, concerns more than one.

use std::collections::{BTreeMap, HashMap};

use super::case::{Case, Item};
use super::reading::Text;
use crate::iam::actions::listed;
use crate::iam::budget::Budget;
use crate::iam::pattern::{self, Atom, Pattern, TooMany, Universe};
use crate::iam::truth::Truth;

/// One action of every class that patterns (in lower case) tell apart, `preferred` ones first.
///
/// # Errors
///
/// Where there are too many to look at.
pub fn representatives(patterns: &[&Pattern], preferred: &[String], budget: &Budget) -> Result<Vec<String>, TooMany> {
    if patterns.iter().all(|pattern| pattern.is_plain()) {
        return pattern::representatives(&Universe::Actions, patterns, preferred, budget);
    }
    let (services, wide) = by_service(patterns.iter().map(|pattern| (*pattern, *pattern)));
    let mut preferred_by_service: HashMap<&str, Vec<String>> = HashMap::new();
    for name in preferred {
        let service = Some(prefix(name)).filter(|service| services.contains_key(*service)).unwrap_or_default();
        preferred_by_service.entry(service).or_default().push(name.clone());
    }
    let preferred_of = |service: &str| preferred_by_service.get(service).map(Vec::as_slice).unwrap_or_default();
    let mut found = Vec::new();
    // No action stands in front of the colon of `:Name`.
    let named = || services.iter().filter(|(service, _)| !service.is_empty());
    for (service, own) in named() {
        let mut own = own.clone();
        own.extend(&wide);
        let universe = Universe::ActionsOf(service.clone());
        let names = pattern::representatives(&universe, &own, preferred_of(service), budget)?;
        found.extend(listed::existing(service, names, &own, budget)?);
    }
    let others = Universe::ActionsBeside(named().map(|(service, _)| service.clone()).collect());
    found.extend(pattern::representatives(&others, &wide, preferred_of(""), budget)?);
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (at, name) in preferred.iter().enumerate() {
        places.entry(name).or_insert(at);
    }
    found.sort_by_key(|name| places.get(name.as_str()).copied().unwrap_or(usize::MAX));
    Ok(found)
}

/// The patterns of an item's actions, laid out by service where there are many.
pub enum Laid<'c, 'a> {
    /// As they stand.
    Few(&'c [Text<'a>]),
    /// By service, and those that may concern several.
    Many(BTreeMap<String, Vec<&'c Text<'a>>>, Vec<&'c Text<'a>>),
}

/// More patterns than this are laid out.
const FEW: usize = 32;

impl<'c, 'a> Laid<'c, 'a> {
    /// Lays out the patterns of an item.
    #[must_use]
    pub fn new(case: &Case<'a>, item: &'c Item<'a>) -> Self {
        let texts = case.actions(item);
        if texts.len() <= FEW {
            return Self::Few(texts);
        }
        let (services, wide) = by_service(texts.iter().map(|text| (&text.pattern, text)));
        Self::Many(services, wide)
    }

    /// Whether the item covers an action (in lower case).
    #[must_use]
    pub fn covers(&self, case: &Case<'a>, item: &Item<'a>, action: &str) -> Truth<'a> {
        match self {
            Self::Few(texts) => case.action_read(item, texts.iter(), action),
            Self::Many(services, wide) => {
                let own = services.get(prefix(action)).into_iter().flatten();
                case.action_read(item, own.chain(wide).copied(), action)
            }
        }
    }

    /// How many patterns are compared with an action at most.
    #[must_use]
    pub fn compared(&self) -> usize {
        match self {
            Self::Few(texts) => texts.len(),
            Self::Many(services, wide) => services.values().map(Vec::len).max().unwrap_or_default() + wide.len(),
        }
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

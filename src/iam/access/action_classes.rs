//! The classes of actions.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::rc::Rc;

use super::case::{Case, Item};
use super::classes::ActionClass;
use super::services::{self, Laid};
use super::terms;
use crate::iam::actions::{self, KnownAction};
use crate::iam::document::Text;
use crate::iam::pattern::{Pattern, TooMany};

/// The classes of actions of a case: those of the table of known actions, and one of every kind that its items tell apart.
///
/// # Errors
///
/// Where there are too many to look at.
pub fn actions<'a>(case: &Case<'a>) -> Result<Rc<[ActionClass<'a>]>, TooMany> {
    case.derived.actions.get_or_init(|| classes(case)).clone()
}

fn classes<'a>(case: &Case<'a>) -> Result<Rc<[ActionClass<'a>]>, TooMany> {
    let names = names(case)?;
    let laid: Vec<Laid<'_, 'a>> = case.items.iter().map(|item| Laid::new(case, item)).collect();
    let compared = laid.iter().map(Laid::compared).sum();
    let (mut seen, mut classes) = (HashSet::new(), Vec::new());
    for Name { spelled, lower, known } in names.iter() {
        let items = case.items.iter().zip(&laid);
        let covers = items.map(|(item, laid)| laid.covers(case, item, lower));
        let covered = case.coverage_of_class(classes.len(), compared, covers)?;
        let exempt = terms::extent(case.exemptions, lower);
        if seen.insert((covered.row(), known.map(|known| known.name), exempt)) {
            classes.push(ActionClass { name: Rc::clone(spelled), known: *known, exempt, covered });
        }
    }
    Ok(classes.into())
}

/// An action by its name.
struct Name {
    /// As AWS spells it, where that is known.
    spelled: Rc<str>,
    lower: String,
    known: Option<&'static KnownAction>,
}

/// Names that the patterns of a case tell apart, and what it cost to find them.
#[derive(Clone)]
struct Names {
    names: Rc<[Name]>,
    steps: usize,
}

thread_local! {
    /// Many policies of an input name the same actions.
    static KNOWN: RefCell<HashMap<String, Names>> = RefCell::default();
}

/// Lists of actions that are remembered at most, and the length of one.
const REMEMBERED: (usize, usize) = (1024, 4096);

fn names(case: &Case<'_>) -> Result<Rc<[Name]>, TooMany> {
    let Some(key) = key(case) else { return Ok(find(case)?.into()) };
    if let Some(known) = KNOWN.with_borrow(|known| known.get(&key).cloned()) {
        case.budget.spend(known.steps)?;
        return Ok(known.names);
    }
    let before = case.budget.left();
    let names: Rc<[Name]> = find(case)?.into();
    let found = Names { names: Rc::clone(&names), steps: before - case.budget.left() };
    KNOWN.with_borrow_mut(|known| {
        if known.len() >= REMEMBERED.0 {
            known.clear();
        }
        known.insert(key, found);
    });
    Ok(names)
}

/// The actions that a case writes; `None` where they are not worth remembering.
fn key(case: &Case<'_>) -> Option<String> {
    let mut key = String::with_capacity(256);
    if !case.exemptions.is_empty() {
        return None;
    }
    for text in written(case) {
        let text = text.scalar.as_text()?;
        // Writing to a string cannot fail.
        let _ = write!(key, "{}:{text}", text.len());
        if key.len() > REMEMBERED.1 {
            return None;
        }
    }
    Some(key)
}

fn written<'c, 'a>(case: &'c Case<'a>) -> impl Iterator<Item = &'a Text> + use<'c, 'a> {
    case.items.iter().filter_map(Item::statement).flat_map(|statement| &statement.actions.items)
}

fn find(case: &Case<'_>) -> Result<Vec<Name>, TooMany> {
    let mut spelling: HashMap<String, Rc<str>> = HashMap::new();
    let mut preferred = Vec::new();
    let listed = actions::KNOWN.iter().map(|known| known.name).chain(actions::EXAMPLES.iter().copied());
    let plain = written(case).filter_map(|text| text.scalar.as_text()).filter(|text| !text.contains(['*', '?']));
    for name in listed.chain(plain) {
        let lower = name.to_ascii_lowercase();
        spelling.entry(lower.clone()).or_insert_with(|| name.into());
        preferred.push(lower);
    }
    let texts = case.items.iter().flat_map(|item| case.actions(item));
    let mut patterns: Vec<&Pattern> = texts.map(|text| &text.pattern).collect();
    preferred.extend(patterns.iter().map(|pattern| pattern.example()));
    let mut known: Vec<Pattern> =
        actions::KNOWN.iter().map(|known| Pattern::literal(&known.name.to_ascii_lowercase())).collect();
    known.extend(terms::patterns(case.exemptions));
    patterns.extend(&known);
    let found = services::representatives(&patterns, &preferred, &case.budget)?;
    let name = |lower: String| Name {
        spelled: spelling.get(&lower).cloned().unwrap_or_else(|| lower.as_str().into()),
        known: actions::known(&lower),
        lower,
    };
    Ok(found.into_iter().map(name).collect())
}

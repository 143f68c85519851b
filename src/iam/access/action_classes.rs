//! The classes of actions.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::rc::Rc;

use super::case::{Case, Item};
use super::classes::ActionClass;
use super::derived::Coverage;
use super::services::{self, Laid};
use super::terms::{self, Extent};
use crate::iam::actions::listed;
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
    match key(case) {
        Some(key) => of_names(case, &*known(case, key)?),
        None => of_any(case),
    }
}

/// The classes of a case whose texts are all known, from what is remembered of them.
fn of_names<'a>(case: &Case<'a>, names: &Names) -> Result<Rc<[ActionClass<'a>]>, TooMany> {
    let mut rows = Vec::with_capacity(names.rows.len());
    for matched in &names.rows {
        let mut matched = matched.iter();
        let covers = case.items.iter().map(|item| {
            let own = matched.by_ref().take(case.actions(item).len());
            case.action_known(item, own.fold(false, |any, matches| any | matches))
        });
        rows.push(case.coverage_of_class(rows.len(), 0, covers)?);
    }
    let mut classes = Classes::default();
    for name in &names.names {
        let Some(covered) = rows.get(name.row) else { continue };
        classes.add(name.known, None, covered, || Rc::clone(&name.spelled));
    }
    Ok(classes.classes.into())
}

fn of_any<'a>(case: &Case<'a>) -> Result<Rc<[ActionClass<'a>]>, TooMany> {
    let laid: Vec<Laid<'_, 'a>> = case.items.iter().map(|item| Laid::new(case, item)).collect();
    let compared = laid.iter().map(Laid::compared).sum();
    let mut classes = Classes::default();
    for Name { spelled, lower, known, .. } in find(case)? {
        let items = case.items.iter().zip(&laid);
        let covers = items.map(|(item, laid)| laid.covers(case, item, &lower));
        let covered = case.coverage_of_class(classes.classes.len(), compared, covers)?;
        classes.add(known, terms::extent(case.exemptions, &lower), &covered, || spelled);
    }
    Ok(classes.classes.into())
}

/// Classes in the making: one of each kind.
#[derive(Default)]
struct Classes<'a> {
    /// Those of actions that have no row in the table.
    seen: HashSet<(usize, Option<Extent>, bool)>,
    classes: Vec<ActionClass<'a>>,
}

impl<'a> Classes<'a> {
    fn add(
        &mut self,
        known: Option<&'static KnownAction>,
        exempt: Option<Extent>,
        covered: &Rc<Coverage<'a>>,
        name: impl FnOnce() -> Rc<str>,
    ) {
        let name = name();
        let on_identities = actions::is_on_identities(&name);
        // Each row of the table is a class of its own.
        if known.is_some() || self.seen.insert((covered.row(), exempt, on_identities)) {
            self.classes.push(ActionClass { name, known, exempt, on_identities, covered: Rc::clone(covered) });
        }
    }
}

/// An action by its name.
struct Name {
    /// As AWS spells it, where that is known.
    spelled: Rc<str>,
    lower: String,
    known: Option<&'static KnownAction>,
    /// Which of the rows of [`Names`] is its own.
    row: usize,
}

/// Names that the texts of a case tell apart.
struct Names {
    names: Vec<Name>,
    /// Which texts of the case match some names, in their order.
    rows: Vec<Vec<bool>>,
    /// What it cost to find them.
    steps: usize,
}

thread_local! {
    /// Many policies of an input name the same actions.
    static KNOWN: RefCell<HashMap<String, Rc<Names>>> = RefCell::default();
}

/// Lists of actions that are remembered at most, and the length of one.
const REMEMBERED: (usize, usize) = (1024, 4096);

/// The names of a case, all texts of which are known and stand in the key.
fn known(case: &Case<'_>, key: String) -> Result<Rc<Names>, TooMany> {
    if let Some(known) = KNOWN.with_borrow(|known| known.get(&key).cloned()) {
        case.budget.spend(known.steps)?;
        return Ok(known);
    }
    let before = case.budget.left();
    let mut names = Names { names: find(case)?, rows: Vec::new(), steps: 0 };
    for name in &mut names.names {
        let texts = case.items.iter().flat_map(|item| case.actions(item));
        let matched: Vec<bool> = texts.map(|text| text.matches(&name.lower).is_true()).collect();
        let known = names.rows.iter().position(|row| *row == matched);
        name.row = known.unwrap_or_else(|| {
            names.rows.push(matched);
            names.rows.len() - 1
        });
    }
    names.steps = before - case.budget.left();
    let names = Rc::new(names);
    KNOWN.with_borrow_mut(|known| {
        if known.len() >= REMEMBERED.0 {
            known.clear();
        }
        known.insert(key, Rc::clone(&names));
    });
    Ok(names)
}

/// The actions that a case writes; `None` where some are not known, or they are not worth remembering.
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
    known.extend(actions::ON_IDENTITIES.map(|service| Pattern::glob(&format!("{service}:*"))));
    patterns.extend(&known);
    let found = services::representatives(&patterns, &preferred, &case.budget)?;
    let name = |lower: String| Name {
        spelled: spelling
            .get(&lower)
            .cloned()
            .unwrap_or_else(|| listed::spelled(&lower).unwrap_or_else(|| lower.clone()).into()),
        known: actions::known(&lower),
        lower,
        row: 0,
    };
    Ok(found.into_iter().map(name).collect())
}

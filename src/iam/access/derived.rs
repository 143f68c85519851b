//! What follows from the items of a case, worked out once.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::ops::Deref;
use std::rc::Rc;

use smallvec::SmallVec;

use super::case::Case;
use super::classes::{ActionClass, Own, ResourceClass};
use crate::iam::caller::MfaState;
use crate::iam::pattern::TooMany;
use crate::iam::truth::Truth;

/// Answers about a case that many questions need.
#[derive(Debug, Default)]
pub struct Derived<'a> {
    /// The ways in which items can cover something, by number.
    rows: RefCell<BTreeMap<Row, usize>>,
    pub(super) actions: OnceCell<Result<Rc<[ActionClass<'a>]>, TooMany>>,
    /// By the calling user; only where no resource depends on other keys of the caller.
    pub(super) resources: RefCell<Vec<(Own, Rc<[ResourceClass<'a>]>)>>,
    pub(super) ages: OnceCell<Vec<MfaState>>,
    /// By the action in lower case; few are asked for outright.
    coverages: RefCell<Vec<(String, Rc<Coverage<'a>>)>>,
    /// The users that no policy is attached to by name.
    pub(super) users: OnceCell<Vec<(Own, bool)>>,
}

/// A code for each item, in two bits each where there are few.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Row {
    Few(u128),
    Many(Box<[u8]>),
}

/// One truth for each item; most cases have few.
pub(super) type Truths<'a> = SmallVec<[Truth<'a>; 4]>;

/// For each item of a case whether it covers something.
#[derive(Clone, Debug)]
pub struct Coverage<'a> {
    truths: Truths<'a>,
    row: usize,
}

impl Coverage<'_> {
    /// A number, counted from 0, that two coverages have in common where they differ in nothing but why something is
    /// not known.
    #[must_use]
    pub fn row(&self) -> usize {
        self.row
    }
}

impl<'a> Deref for Coverage<'a> {
    type Target = [Truth<'a>];

    fn deref(&self) -> &[Truth<'a>] {
        &self.truths
    }
}

/// Truths of classes that are kept at most: each is a few words.
const CELLS: usize = 1 << 21;

impl<'a> Case<'a> {
    /// Numbers the truths, one for each item.
    #[must_use]
    pub(super) fn coverage(&self, truths: Truths<'a>) -> Coverage<'a> {
        let mut rows = self.derived.rows.borrow_mut();
        let next = rows.len();
        let row = *rows.entry(Row::new(&truths)).or_insert(next);
        Coverage { truths, row }
    }

    /// How the items cover one more class, beside so many others, at the cost of so many comparisons.
    pub(super) fn coverage_of_class(
        &self,
        classes: usize,
        compared: usize,
        covers: impl Iterator<Item = Truth<'a>>,
    ) -> Result<Rc<Coverage<'a>>, TooMany> {
        if classes.saturating_mul(self.items.len()) > CELLS {
            return Err(TooMany);
        }
        self.budget.spend(self.items.len() + compared)?;
        Ok(Rc::new(self.coverage(covers.collect())))
    }

    /// Whether the items cover an action (in lower case).
    #[must_use]
    pub fn action_coverage(&self, action: &str) -> Rc<Coverage<'a>> {
        let mut known = self.derived.coverages.borrow_mut();
        if let Some((_, coverage)) = known.iter().find(|(known, _)| known == action) {
            return Rc::clone(coverage);
        }
        let coverage = Rc::new(self.coverage(self.items.iter().map(|item| self.action(item, action)).collect()));
        known.push((action.to_owned(), Rc::clone(&coverage)));
        coverage
    }
}

impl Row {
    fn new(truths: &[Truth<'_>]) -> Self {
        if truths.len() <= 64 {
            Self::Few(truths.iter().fold(0, |row, truth| row << 2 | u128::from(code(*truth))))
        } else {
            Self::Many(truths.iter().map(|truth| code(*truth)).collect())
        }
    }
}

/// A truth as a number, why it is not known aside.
fn code(truth: Truth<'_>) -> u8 {
    match truth {
        Truth::False => 0,
        Truth::True => 1,
        Truth::Unproven(_) => 2,
    }
}

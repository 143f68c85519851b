//! What evaluating a template costs, so that no template takes for ever.

use std::cell::Cell;
use std::rc::Rc;

/// What the evaluation of a template and of all within it has cost together.
#[derive(Debug, Default)]
pub(in crate::extract::cloudformation) struct Effort {
    followed: Cell<usize>,
    /// How many references stand within each other where the evaluation is.
    pub(super) references: Cell<usize>,
    total: Rc<Total>,
}

/// The same of all evaluations of a template, in resources of the templates within it.
#[derive(Debug, Default)]
pub(in crate::extract::cloudformation) struct Total {
    /// Those among which something was looked for.
    followed: Cell<usize>,
    /// Those that were read as a whole.
    read: Cell<usize>,
}

impl Effort {
    /// That of one evaluation of several.
    pub(in crate::extract::cloudformation) fn of_all(total: &Rc<Total>) -> Self {
        Self { total: Rc::clone(total), ..Self::default() }
    }

    /// Whether a template of so many resources can be followed too.
    pub(in crate::extract::cloudformation) fn follows(&self, resources: usize) -> bool {
        add(&self.followed, 1 + resources / 16) <= MAX_FOLLOWED
            && add(&self.total.followed, 1 + resources) <= MAX_FOLLOWED_IN_ALL
    }

    /// Whether nothing more is followed.
    pub(in crate::extract::cloudformation) fn is_spent(&self) -> bool {
        self.followed.get() > MAX_FOLLOWED
            || self.total.followed.get() > MAX_FOLLOWED_IN_ALL
            || self.total.read.get() > MAX_READ
    }

    /// Whether so many resources within can be read too.
    pub(in crate::extract::cloudformation) fn reads(&self, resources: usize) -> bool {
        add(&self.total.read, resources) <= MAX_READ
    }
}

/// How many templates within a template are evaluated, counted each time; large ones count for several.
const MAX_FOLLOWED: usize = 8192;

fn add(to: &Cell<usize>, count: usize) -> usize {
    to.set(to.get().saturating_add(count));
    to.get()
}

/// How many resources of templates within a template are looked through, counted each time.
const MAX_FOLLOWED_IN_ALL: usize = 4 << 20;

/// How many resources within a template are read, counted once for each deployment: AWS lets a stack have 2500 with all within
/// it, and so many may be judged in 64 deployments.
const MAX_READ: usize = 64 * 2500;

//! How much work one subject may cost.

use std::cell::Cell;

use crate::iam::pattern::TooMany;

/// Steps that are left. They are counted and not timed, so that an answer depends on the input alone; a step takes some ten
/// nanoseconds.
#[derive(Clone, Debug)]
pub struct Budget(Cell<usize>);

/// Enough for what people write, hundreds of times over, and spent within seconds.
const STEPS: usize = 60_000_000;

impl Default for Budget {
    fn default() -> Self {
        Self(Cell::new(STEPS))
    }
}

impl Budget {
    /// Takes steps away.
    ///
    /// # Errors
    ///
    /// Where so many are not left: then none are.
    pub fn spend(&self, steps: usize) -> Result<(), TooMany> {
        let left = self.0.get().checked_sub(steps);
        self.0.set(left.unwrap_or_default());
        left.map(|_| ()).ok_or(TooMany)
    }

    /// How many are left.
    #[must_use]
    pub fn left(&self) -> usize {
        self.0.get()
    }

    /// Whether nothing is left.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        self.0.get() == 0
    }
}

//! Bounds on one evaluation: files are input, and input may repeat itself.

use std::cell::Cell;

use super::values::{unknown, weight};
use crate::tree::Node;

/// What may still be spent.
pub(super) struct Budget {
    steps: Cell<u32>,
    size: Cell<usize>,
}

/// More steps than the largest policy takes.
const STEPS: u32 = 50_000;
/// How many bytes all values together may take: a policy has ten thousand at most.
const SIZE: usize = 4 << 20;
/// How deep expressions may stand in each other, over all blocks that they lead through.
const DEEPEST: u32 = 96;

impl Default for Budget {
    fn default() -> Self {
        Self { steps: Cell::new(STEPS), size: Cell::new(SIZE) }
    }
}

impl Budget {
    /// Counts a step; the value that stands for what is not evaluated any more where there was one too many.
    pub(super) fn step(&self, depth: u32) -> Option<Node> {
        let left = self.steps.get();
        self.steps.set(left.saturating_sub(1));
        (left == 0 || depth > DEEPEST || self.size.get() == 0).then(spent)
    }

    /// A copy of a value.
    pub(super) fn copied(&self, value: &Node) -> Node {
        if self.takes(weight(value)) { value.clone() } else { spent() }
    }

    /// Whether so many more bytes may be made.
    pub(super) fn takes(&self, bytes: usize) -> bool {
        let left = self.size.get();
        self.size.set(left.saturating_sub(bytes));
        left > bytes
    }
}

fn spent() -> Node {
    unknown("an expression", "takes too much to be evaluated")
}

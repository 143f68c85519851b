//! Sets of things that belong together, told by number.

/// Numbers, each in one set; a set is named by its least number.
pub(super) struct Sets {
    parents: Vec<usize>,
}

impl Sets {
    /// So many numbers, each in a set of its own.
    pub(super) fn new(count: usize) -> Self {
        Self { parents: (0..count).collect() }
    }

    /// Makes one set of those that two numbers are in.
    pub(super) fn join(&mut self, left: usize, right: usize) {
        let (left, right) = (self.first(left), self.first(right));
        if let Some(parent) = self.parents.get_mut(left.max(right)) {
            *parent = left.min(right);
        }
    }

    /// The least number of the set that a number is in.
    pub(super) fn first(&self, mut at: usize) -> usize {
        while let Some(parent) = self.parents.get(at).filter(|parent| **parent != at) {
            at = *parent;
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::Sets;

    #[test]
    fn sets_are_joined() {
        let mut sets = Sets::new(5);
        sets.join(3, 4);
        sets.join(4, 1);
        assert_eq!((0..5).map(|at| sets.first(at)).collect::<Vec<_>>(), [0, 1, 2, 1, 1]);
    }
}

//! Three-valued truth, after Kleene: what is not known stays not known until something known decides.

use crate::source::Place;
use crate::tree::Unknown;

/// True, false, or not to be known, with the first cause.
#[derive(Clone, Copy, Debug)]
pub enum Truth<'a> {
    /// Certainly.
    True,
    /// Certainly not.
    False,
    /// It depends on something that the input or AWS's documents do not settle.
    Unproven(Doubt<'a>),
}

/// Why a truth is not known.
#[derive(Clone, Copy, Debug)]
pub enum Doubt<'a> {
    /// The input does not settle a value.
    Value(&'a Unknown, &'a Place),
    /// AWS's documents do not say what happens; the sentence says in which case.
    Undocumented(&'static str, &'a Place),
    /// The document has a fault for which IAM refuses it.
    Refused(&'a str, &'a Place),
    /// The policy is not known at all.
    Policy(&'a Unknown, &'a Place),
    /// The policies are too large to be searched exhaustively.
    Bound(&'static str),
}

impl Doubt<'_> {
    /// Whether it is the same doubt about the same text.
    #[must_use]
    pub fn is(self, other: Self) -> bool {
        use std::ptr::eq;
        match (self, other) {
            (Self::Value(one, at), Self::Value(other, there)) => eq(one, other) && eq(at, there),
            (Self::Undocumented(one, at), Self::Undocumented(other, there)) => one == other && eq(at, there),
            (Self::Refused(one, at), Self::Refused(other, there)) => eq(one, other) && eq(at, there),
            (Self::Policy(one, at), Self::Policy(other, there)) => eq(one, other) && eq(at, there),
            (Self::Bound(one), Self::Bound(other)) => one == other,
            _ => false,
        }
    }
}

impl<'a> Truth<'a> {
    /// Certainly true.
    #[must_use]
    pub fn is_true(self) -> bool {
        matches!(self, Self::True)
    }

    /// Certainly false.
    #[must_use]
    pub fn is_false(self) -> bool {
        matches!(self, Self::False)
    }

    /// Both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::False, _) | (_, Self::False) => Self::False,
            (Self::True, rest) => rest,
            (doubt, _) => doubt,
        }
    }

    /// At least one holds.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::True, _) | (_, Self::True) => Self::True,
            (Self::False, rest) => rest,
            (doubt, _) => doubt,
        }
    }

    /// It does not hold.
    #[must_use]
    pub fn negate(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            doubt @ Self::Unproven(_) => doubt,
        }
    }

    /// All hold; true for none.
    pub fn all(truths: impl IntoIterator<Item = Self>) -> Self {
        fold(truths, Self::True, Self::False, Self::and)
    }

    /// At least one holds; false for none.
    pub fn any(truths: impl IntoIterator<Item = Self>) -> Self {
        fold(truths, Self::False, Self::True, Self::or)
    }

    /// The doubt, where there is one.
    #[must_use]
    pub fn doubt(self) -> Option<Doubt<'a>> {
        match self {
            Self::Unproven(doubt) => Some(doubt),
            _ => None,
        }
    }
}

impl From<bool> for Truth<'_> {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

fn fold<'a>(
    truths: impl IntoIterator<Item = Truth<'a>>,
    start: Truth<'a>,
    decides: Truth<'a>,
    join: impl Fn(Truth<'a>, Truth<'a>) -> Truth<'a>,
) -> Truth<'a> {
    let mut sum = start;
    for truth in truths {
        sum = join(sum, truth);
        if sum.is_true() == decides.is_true() && sum.is_false() == decides.is_false() {
            break;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOUBT: Truth<'_> = Truth::Unproven(Doubt::Bound("too much"));

    fn value(truth: Truth<'_>) -> Option<bool> {
        match truth {
            Truth::True => Some(true),
            Truth::False => Some(false),
            Truth::Unproven(_) => None,
        }
    }

    #[test]
    fn what_is_known_decides_and_doubt_stays_otherwise() {
        let all = [Truth::True, Truth::False, DOUBT];
        for left in all {
            for right in all {
                let (a, b) = (value(left), value(right));
                let and = if a == Some(false) || b == Some(false) { Some(false) } else { a.and(b).and(a.or(b)) };
                let or = if a == Some(true) || b == Some(true) { Some(true) } else { a.and(b) };
                assert_eq!(value(left.and(right)), and, "{left:?} and {right:?}");
                assert_eq!(value(left.or(right)), or, "{left:?} or {right:?}");
                assert_eq!(value(Truth::all([left, right])), and, "all of {left:?} and {right:?}");
                assert_eq!(value(Truth::any([left, right])), or, "any of {left:?} and {right:?}");
            }
            assert_eq!(value(left.negate()), value(left).map(|known| !known));
        }
        assert!(Truth::all([]).is_true() && Truth::any([]).is_false());
        assert!(Truth::all([DOUBT, Truth::True, Truth::False]).is_false());
        assert!(Truth::any([DOUBT, Truth::False, Truth::True]).is_true());
    }
}

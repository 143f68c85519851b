//! Why a condition on MFA comes out as it does: explains what the evaluation found from the operator that stands there.

use crate::iam::caller::misspelt;
use crate::iam::condition::{AGE, PRESENT};
use crate::iam::document::{Comparison, Operator, Qualifier, Test};
use crate::iam::verdict::CallerKind;

use super::words;

/// Whether a test is on one of the two keys about MFA, or on one that was meant to be.
pub(crate) fn is_about_mfa(test: &Test) -> bool {
    is(test, PRESENT) || is(test, AGE) || misspelt(&test.key).is_some()
}

/// The keys about MFA as a caller without MFA has them.
#[derive(Clone, Copy, Debug)]
pub(super) struct MfaKeys {
    caller: CallerKind,
}

/// What such a caller has of one key.
enum Seen {
    Absent,
    False,
}

impl MfaKeys {
    /// As a kind of caller has them.
    pub(super) fn of(caller: CallerKind) -> Self {
        Self { caller }
    }

    /// Why a test holds: what the key is, and what the operator makes of it.
    pub(super) fn why(self, test: &Test) -> String {
        format!("{}, and {}", self.fact(test), self.holds(test))
    }

    /// Why a test does not hold.
    pub(super) fn why_not(self, test: &Test) -> String {
        format!("{}, and {}", self.fact(test), self.fails(test))
    }

    /// What the operator makes of the key where the test holds.
    pub(super) fn holds(self, test: &Test) -> String {
        let Operator { qualifier, comparison, if_exists } = test.operator;
        let operator = operator(test);
        match (self.sees(test), qualifier) {
            (_, Some(Qualifier::ForAllValues)) if comparison == Comparison::Null => {
                "`ForAllValues:Null` always holds".to_owned()
            }
            (Seen::Absent, Some(Qualifier::ForAllValues)) => format!("{operator} holds where there is no value"),
            (Seen::Absent, _) if comparison == Comparison::Null => format!("{operator} holds for every absent key"),
            (Seen::Absent, _) if if_exists => format!("{operator} lets an absent key pass"),
            (Seen::Absent, _) => format!("{operator} holds for an absent key"),
            (Seen::False, _) if comparison == Comparison::Null => {
                format!("{operator} asks only whether the key is there")
            }
            (Seen::False, _) => format!("{operator} with {} holds for it", values(test)),
        }
    }

    /// What the operator makes of the key where the test does not hold.
    pub(super) fn fails(self, test: &Test) -> String {
        let Operator { qualifier, comparison, .. } = test.operator;
        let operator = operator(test);
        match (self.sees(test), qualifier) {
            _ if test.values.is_empty() => format!("{operator} with an empty list of values matches nothing"),
            (_, Some(Qualifier::ForAnyValue)) if comparison == Comparison::Null => {
                "`ForAnyValue:Null` never holds".to_owned()
            }
            (Seen::Absent, _) if comparison == Comparison::Null => {
                format!("{operator} with {} holds only for a key that is there", values(test))
            }
            (Seen::Absent, _) => format!("{operator} never holds for an absent key"),
            (Seen::False, _) if comparison == Comparison::Null => {
                format!("{operator} with {} holds only for an absent key", values(test))
            }
            (Seen::False, _) => format!("{operator} with {} does not hold for it", values(test)),
        }
    }

    /// What the key is for this caller.
    fn fact(self, test: &Test) -> String {
        if misspelt(&test.key).is_some() {
            return format!("no request has a key `{}`", test.key);
        }
        let callers = words::callers(self.caller);
        match self.sees(test) {
            Seen::Absent if is(test, AGE) => format!("`{}` exists only after MFA", test.key),
            Seen::Absent => format!("{callers} send no `{}`", test.key),
            Seen::False => format!("`{}` is `false` in {callers}", test.key),
        }
    }

    /// Only the key about presence is ever there without MFA, and only in sessions.
    fn sees(self, test: &Test) -> Seen {
        match self.caller {
            CallerKind::PasswordSession | CallerKind::RoleSession | CallerKind::PermissionSet if is(test, PRESENT) => {
                Seen::False
            }
            _ => Seen::Absent,
        }
    }
}

/// A test that does what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Correct {
    /// The operator.
    pub(crate) operator: String,
    /// The key.
    pub(crate) key: String,
    /// The value.
    pub(crate) value: String,
}

impl Correct {
    /// A test of these parts.
    pub(crate) fn new(operator: &str, key: &str, value: &str) -> Self {
        Self { operator: operator.to_owned(), key: key.to_owned(), value: value.to_owned() }
    }

    /// The test with which an Allow or a Deny asks for MFA.
    pub(crate) fn presence(allows: bool) -> Self {
        let (operator, value) = if allows { ("Bool", "true") } else { ("BoolIfExists", "false") };
        Self::new(operator, "aws:MultiFactorAuthPresent", value)
    }
}

/// The test that does what this one is for.
pub(crate) fn correct_test(test: &Test, allows: bool) -> Correct {
    let about_age = is(test, AGE) || misspelt(&test.key) == Some("aws:MultiFactorAuthAge");
    if !about_age || test.operator.comparison == Comparison::Null {
        return Correct::presence(allows);
    }
    let numbers = test.values.iter().filter_map(|text| text.scalar.as_text());
    let limit = numbers.filter_map(|text| text.trim().parse::<u32>().ok()).find(|limit| *limit > 0);
    let operator = if allows { "NumericLessThan" } else { "NumericGreaterThanIfExists" };
    Correct::new(operator, "aws:MultiFactorAuthAge", &limit.unwrap_or(3600).to_string())
}

/// The condition that does what this one is for.
pub(super) fn correct(test: &Test, allows: bool) -> String {
    let Correct { operator, key, value } = correct_test(test, allows);
    format!(r#""Condition": {{"{operator}": {{"{key}": "{value}"}}}}"#)
}

/// The condition with which an Allow or a Deny asks for MFA.
pub(super) fn correct_presence(allows: bool) -> &'static str {
    if allows {
        r#""Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}"#
    } else {
        r#""Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}"#
    }
}

/// The operator, quoted.
pub(super) fn operator(test: &Test) -> String {
    format!("`{}`", test.operator)
}

/// The values, quoted.
pub(super) fn values(test: &Test) -> String {
    let values = test.values.iter().map(|text| match text.scalar.as_text() {
        Some(known) => format!("`{known}`"),
        None => "an unknown value".to_owned(),
    });
    let values: Vec<String> = values.collect();
    if values.is_empty() { "no value".to_owned() } else { words::list(&values) }
}

/// Whether a test is on this key, given in lower case.
pub(crate) fn is(test: &Test, key: &str) -> bool {
    test.key.eq_ignore_ascii_case(key)
}

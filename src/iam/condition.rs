//! Condition operators, exactly: on present, missing and empty keys, lists, set qualifiers and `IfExists`.
//!
//! Follows the IAM User Guide, "IAM JSON policy elements: Condition operators" and "Single-valued vs. multivalued context
//! keys". What these pages leave open is [`Doubt::Undocumented`].

use addresses::network;

use crate::iam::document::{Comparison, Operator, Qualifier, Test, Text, Version};
use crate::iam::pattern::{Cause, Pattern};
use crate::iam::truth::{Doubt, Truth};
use crate::iam::variables::{Expansion, Keys, Lookup, Reading, Symbols, Values, expand, has_variable, variable_keys};

mod addresses;
pub mod values;

/// The lower-case name of the key that says whether MFA was used.
pub const PRESENT: &str = "aws:multifactorauthpresent";
/// The lower-case name of the key that says how many seconds ago MFA was used; it exists only after MFA.
pub const AGE: &str = "aws:multifactorauthage";

/// What a test is evaluated against.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The document's language version.
    pub version: &'a Version,
    /// The request's keys, for variables in values.
    pub keys: &'a dyn Keys,
    /// Unknown identifiers.
    pub symbols: &'a Symbols,
}

/// The kinds of value that operators compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// `String…`
    Text,
    /// `Numeric…`
    Number,
    /// `Date…`
    Date,
    /// `Bool`
    Bool,
    /// `BinaryEquals`
    Binary,
    /// `IpAddress`, `NotIpAddress`
    Address,
    /// `Arn…`
    Arn,
    /// `Null`
    Null,
}

impl Comparison {
    /// The kind of value it compares.
    #[must_use]
    pub fn family(self) -> Family {
        use Comparison as C;
        match self {
            C::StringEquals
            | C::StringNotEquals
            | C::StringEqualsIgnoreCase
            | C::StringNotEqualsIgnoreCase
            | C::StringLike
            | C::StringNotLike => Family::Text,
            C::NumericEquals
            | C::NumericNotEquals
            | C::NumericLessThan
            | C::NumericLessThanEquals
            | C::NumericGreaterThan
            | C::NumericGreaterThanEquals => Family::Number,
            C::DateEquals
            | C::DateNotEquals
            | C::DateLessThan
            | C::DateLessThanEquals
            | C::DateGreaterThan
            | C::DateGreaterThanEquals => Family::Date,
            C::Bool => Family::Bool,
            C::BinaryEquals => Family::Binary,
            C::IpAddress | C::NotIpAddress => Family::Address,
            C::ArnEquals | C::ArnNotEquals | C::ArnLike | C::ArnNotLike => Family::Arn,
            C::Null => Family::Null,
        }
    }

    /// Whether it is the negation of another operator.
    #[must_use]
    pub fn is_negated(self) -> bool {
        use Comparison as C;
        matches!(
            self,
            C::StringNotEquals
                | C::StringNotEqualsIgnoreCase
                | C::StringNotLike
                | C::NumericNotEquals
                | C::DateNotEquals
                | C::NotIpAddress
                | C::ArnNotEquals
                | C::ArnNotLike
        )
    }

    fn has_wildcards(self) -> bool {
        use Comparison as C;
        matches!(self, C::StringLike | C::StringNotLike) || self.family() == Family::Arn
    }

    fn ignores_case(self) -> bool {
        matches!(self, Self::StringEqualsIgnoreCase | Self::StringNotEqualsIgnoreCase)
    }
}

/// Whether a test holds for a key with these values; `None` where the request does not have the key.
#[must_use]
pub fn evaluate<'a>(test: &'a Test, given: Option<Values<'_>>, context: Context<'_>) -> Truth<'a> {
    let given = given.map(Values::iter).filter(|values| values.clone().next().is_some());
    let rest = test.unknown.as_ref().map(|unknown| Truth::Unproven(Doubt::Value(unknown, &test.place)));
    let Operator { qualifier, comparison, if_exists } = test.operator;
    if comparison == Comparison::Null {
        return evaluate_null(test, given.is_some(), rest);
    }
    let Some(given) = given else { return missing(test, qualifier, if_exists, comparison.is_negated()) };
    if test.values.is_empty() && rest.is_none() {
        return empty_list(test, qualifier, if_exists);
    }
    let matches_some = |value: &str| {
        let known = test.values.iter().map(|text| compare(test, text, value, context));
        Truth::any(known.chain(rest))
    };
    let holds = |value: &str| {
        let positive = matches_some(value);
        if comparison.is_negated() { positive.negate() } else { positive }
    };
    match (qualifier, comparison.is_negated()) {
        (Some(Qualifier::ForAllValues), _) => Truth::all(given.map(holds)),
        (Some(Qualifier::ForAnyValue), _) => Truth::any(given.map(holds)),
        (None, false) => Truth::any(given.map(matches_some)),
        (None, true) => Truth::any(given.map(matches_some)).negate(),
    }
}

/// The key is not in the request.
fn missing(test: &Test, qualifier: Option<Qualifier>, if_exists: bool, negated: bool) -> Truth<'_> {
    match qualifier {
        Some(Qualifier::ForAllValues) => Truth::True,
        Some(Qualifier::ForAnyValue) if if_exists => Truth::Unproven(Doubt::Undocumented(
            "AWS does not say whether `ForAnyValue` or `IfExists` decides when the key is missing",
            &test.place,
        )),
        Some(Qualifier::ForAnyValue) => Truth::False,
        None if if_exists => Truth::True,
        None if test.values.is_empty() && test.unknown.is_none() => empty_list(test, qualifier, if_exists),
        None => Truth::from(negated),
    }
}

/// The key is in the request, and the policy compares it with an empty list.
fn empty_list(test: &Test, qualifier: Option<Qualifier>, if_exists: bool) -> Truth<'_> {
    match qualifier {
        None if !if_exists => Truth::Unproven(Doubt::Undocumented(
            "AWS does not say what a condition with an empty list of values gives",
            &test.place,
        )),
        _ => Truth::False,
    }
}

/// `Null`: `true` holds for a missing key, `false` for one that is there; a set qualifier decides alone.
fn evaluate_null<'a>(test: &'a Test, present: bool, rest: Option<Truth<'a>>) -> Truth<'a> {
    match test.operator.qualifier {
        Some(Qualifier::ForAllValues) => return Truth::True,
        Some(Qualifier::ForAnyValue) => return Truth::False,
        None => {}
    }
    if test.values.is_empty() && rest.is_none() {
        return empty_list(test, None, false);
    }
    let wants = |text: &'a Text| match text.scalar.as_text() {
        Some(value) if value.eq_ignore_ascii_case("true") => Truth::from(!present),
        Some(value) if value.eq_ignore_ascii_case("false") => Truth::from(present),
        Some(_) => Truth::Unproven(Doubt::Undocumented(
            "AWS does not say what `Null` gives for a value that is neither true nor false",
            &text.place,
        )),
        None => unknown_text(text),
    };
    Truth::any(test.values.iter().map(wants).chain(rest))
}

/// Whether one value of the policy matches one value of the request, the operator's negation aside.
fn compare<'a>(test: &'a Test, text: &'a Text, given: &str, context: Context<'_>) -> Truth<'a> {
    let comparison = test.operator.comparison;
    let family = comparison.family();
    if let Some(truth) = mismatch(test, family) {
        return truth;
    }
    match family {
        Family::Text | Family::Arn => compare_text(comparison, text, given, context),
        Family::Null => Truth::False,
        _ => match text.scalar.as_text() {
            None => unknown_text(text),
            Some(value) if value.contains("${") && *context.version != Version::V2008 => {
                Truth::Unproven(Doubt::Undocumented(
                    "AWS replaces policy variables in string and ARN conditions only, and does not say what this gives",
                    &text.place,
                ))
            }
            Some(value) => compare_typed(comparison, value, given).map_or_else(
                || {
                    Truth::Unproven(Doubt::Undocumented(
                        "AWS does not say what a condition gives for a value of the wrong type",
                        &text.place,
                    ))
                },
                Truth::from,
            ),
        },
    }
}

/// An operator of another type than one of the MFA keys has: undocumented, strings excepted.
fn mismatch<'a>(test: &'a Test, family: Family) -> Option<Truth<'a>> {
    let fits = match test.name.as_str() {
        PRESENT => family == Family::Bool,
        AGE => family == Family::Number,
        _ => true,
    };
    let fits = fits || family == Family::Text;
    (!fits).then_some(Truth::Unproven(Doubt::Undocumented(
        "AWS does not say what this operator gives for a key of another type",
        &test.operator_place,
    )))
}

fn unknown_text(text: &Text) -> Truth<'_> {
    let unknown = text.scalar.parts.iter().find_map(|part| match part {
        crate::tree::Part::Unknown(unknown) => Some(unknown),
        crate::tree::Part::Known(_) => None,
    });
    match unknown {
        Some(unknown) => Truth::Unproven(Doubt::Value(unknown, &text.place)),
        None => Truth::False,
    }
}

fn compare_text<'a>(comparison: Comparison, text: &'a Text, given: &str, context: Context<'_>) -> Truth<'a> {
    let reading = Reading {
        version: context.version,
        wildcards: comparison.has_wildcards(),
        free_variables: true,
        keys: context.keys,
        symbols: context.symbols,
    };
    let Expansion::Pattern(pattern, unknown) = expand(&text.scalar, reading) else { return Truth::False };
    let cause = Cause { unknown, place: &text.place };
    if comparison.family() == Family::Arn {
        return compare_arn(&pattern, given, cause);
    }
    if comparison.ignores_case() {
        return pattern.to_lowercase().matches(&given.to_ascii_lowercase(), cause);
    }
    pattern.matches(given, cause)
}

/// ARNs match part by part: a wildcard does not cross a colon, the last part excepted.
fn compare_arn<'a>(pattern: &Pattern, given: &str, cause: Cause<'a>) -> Truth<'a> {
    let patterns = pattern.split_arn();
    let mut parts = given.splitn(6, ':');
    let given: Vec<&str> = parts.by_ref().collect();
    if pattern.has_unknown() && patterns.len() != 6 {
        return pattern.matches(&given.join(":"), cause);
    }
    if patterns.len() != 6 || given.len() != 6 {
        return Truth::False;
    }
    Truth::all(patterns.iter().zip(&given).map(|(pattern, part)| pattern.matches(part, cause)))
}

/// `None` where one of the two is no value of the operator's type.
fn compare_typed(comparison: Comparison, value: &str, given: &str) -> Option<bool> {
    use Comparison as C;
    Some(match comparison.family() {
        Family::Number => {
            let (value, given) = (number(value)?, number(given)?);
            match comparison {
                C::NumericEquals | C::NumericNotEquals => given == value,
                C::NumericLessThan => given < value,
                C::NumericLessThanEquals => given <= value,
                C::NumericGreaterThan => given > value,
                _ => given >= value,
            }
        }
        Family::Date => {
            let (value, given) = (date(value)?, date(given)?);
            match comparison {
                C::DateEquals | C::DateNotEquals => given == value,
                C::DateLessThan => given < value,
                C::DateLessThanEquals => given <= value,
                C::DateGreaterThan => given > value,
                _ => given >= value,
            }
        }
        Family::Bool => boolean(value)? == boolean(given)?,
        Family::Binary => value.trim_end_matches('=') == given.trim_end_matches('='),
        Family::Address => network(value)?.contains(network(given)?.address),
        Family::Text | Family::Arn | Family::Null => return None,
    })
}

/// `true` or `false`, in any case.
#[must_use]
pub fn boolean(text: &str) -> Option<bool> {
    [("true", true), ("false", false)]
        .into_iter()
        .find_map(|(name, value)| text.eq_ignore_ascii_case(name).then_some(value))
}

/// An integer or decimal, and nothing after it.
#[must_use]
pub fn number(text: &str) -> Option<f64> {
    let plain =
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E'));
    let digits = text.bytes().any(|b| b.is_ascii_digit());
    (plain && digits).then(|| text.parse().ok()).flatten().filter(|number: &f64| number.is_finite())
}

/// Seconds since 1970 of a date in ISO 8601 or epoch seconds.
#[must_use]
pub fn date(text: &str) -> Option<f64> {
    if let Some(seconds) = number(text) {
        return Some(seconds);
    }
    if let Ok(timestamp) = text.parse::<jiff::Timestamp>() {
        return Some(timestamp.as_duration().as_secs_f64());
    }
    let day: jiff::civil::Date = text.parse().ok()?;
    let midnight = day.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(midnight.timestamp().as_duration().as_secs_f64())
}

/// The keys of the variables in a test's values that the caller is free to bring.
#[must_use]
pub fn free_variables(test: &Test, context: Context<'_>) -> Vec<String> {
    let family = test.operator.comparison.family();
    if *context.version != Version::V2012 || !matches!(family, Family::Text | Family::Arn) {
        return Vec::new();
    }
    let is_free = |key: &String| matches!(context.keys.values(key), Lookup::Free);
    let mut keys: Vec<String> =
        test.values.iter().flat_map(|text| variable_keys(&text.scalar)).filter(is_free).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Whether a value of the test holds a policy variable or text that is not known.
#[must_use]
pub fn is_open(test: &Test) -> bool {
    test.unknown.is_some()
        || test.values.iter().any(|text| has_variable(&text.scalar) || text.scalar.as_text().is_none())
}

#[cfg(test)]
mod tests;

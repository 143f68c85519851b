//! The names of condition operators.

use std::fmt;

use super::{Comparison, Operator, Qualifier};

const COMPARISONS: [(&str, Comparison); 27] = [
    ("StringEquals", Comparison::StringEquals),
    ("StringNotEquals", Comparison::StringNotEquals),
    ("StringEqualsIgnoreCase", Comparison::StringEqualsIgnoreCase),
    ("StringNotEqualsIgnoreCase", Comparison::StringNotEqualsIgnoreCase),
    ("StringLike", Comparison::StringLike),
    ("StringNotLike", Comparison::StringNotLike),
    ("NumericEquals", Comparison::NumericEquals),
    ("NumericNotEquals", Comparison::NumericNotEquals),
    ("NumericLessThan", Comparison::NumericLessThan),
    ("NumericLessThanEquals", Comparison::NumericLessThanEquals),
    ("NumericGreaterThan", Comparison::NumericGreaterThan),
    ("NumericGreaterThanEquals", Comparison::NumericGreaterThanEquals),
    ("DateEquals", Comparison::DateEquals),
    ("DateNotEquals", Comparison::DateNotEquals),
    ("DateLessThan", Comparison::DateLessThan),
    ("DateLessThanEquals", Comparison::DateLessThanEquals),
    ("DateGreaterThan", Comparison::DateGreaterThan),
    ("DateGreaterThanEquals", Comparison::DateGreaterThanEquals),
    ("Bool", Comparison::Bool),
    ("BinaryEquals", Comparison::BinaryEquals),
    ("IpAddress", Comparison::IpAddress),
    ("NotIpAddress", Comparison::NotIpAddress),
    ("ArnEquals", Comparison::ArnEquals),
    ("ArnNotEquals", Comparison::ArnNotEquals),
    ("ArnLike", Comparison::ArnLike),
    ("ArnNotLike", Comparison::ArnNotLike),
    ("Null", Comparison::Null),
];

const QUALIFIERS: [(&str, Qualifier); 2] =
    [("ForAllValues", Qualifier::ForAllValues), ("ForAnyValue", Qualifier::ForAnyValue)];

const IF_EXISTS: &str = "IfExists";

impl Operator {
    /// Reads an operator's name as IAM does: letter case counts, and `IfExists` does not go with `Null`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let (qualifier, rest) = match name.split_once(':') {
            Some((qualifier, rest)) => (Some(look_up(&QUALIFIERS, qualifier)?), rest),
            None => (None, name),
        };
        let (comparison, if_exists) = match rest.strip_suffix(IF_EXISTS) {
            Some(comparison) => (comparison, true),
            None => (rest, false),
        };
        let comparison = look_up(&COMPARISONS, comparison)?;
        let refused = if_exists && comparison == Comparison::Null;
        (!refused).then_some(Self { qualifier, comparison, if_exists })
    }

    /// The operator that a name which is none was probably meant to be.
    #[must_use]
    pub fn nearest(name: &str) -> Option<Self> {
        let (qualifier, rest) = match name.split_once(':') {
            Some((qualifier, rest)) => {
                let names = QUALIFIERS.iter().map(|(name, _)| *name);
                (look_up(&QUALIFIERS, super::spelling::nearest(qualifier, names)?), rest)
            }
            None => (None, name),
        };
        let with_suffix: Vec<String> = COMPARISONS.iter().map(|(name, _)| format!("{name}{IF_EXISTS}")).collect();
        let names = COMPARISONS.iter().map(|(name, _)| *name).chain(with_suffix.iter().map(String::as_str));
        let name = super::spelling::nearest(rest, names)?;
        let comparison = look_up(&COMPARISONS, name.strip_suffix(IF_EXISTS).unwrap_or(name))?;
        let if_exists = name.ends_with(IF_EXISTS) && comparison != Comparison::Null;
        Some(Self { qualifier, comparison, if_exists })
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(qualifier) = self.qualifier {
            write!(formatter, "{}:", name_of(&QUALIFIERS, qualifier))?;
        }
        formatter.write_str(self.comparison.name())?;
        formatter.write_str(if self.if_exists { IF_EXISTS } else { "" })
    }
}

impl Comparison {
    /// The operator's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        name_of(&COMPARISONS, self)
    }
}

fn look_up<T: Copy>(table: &[(&'static str, T)], name: &str) -> Option<T> {
    table.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
}

fn name_of<T: PartialEq>(table: &[(&'static str, T)], value: T) -> &'static str {
    table.iter().find(|(_, known)| *known == value).map_or("", |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_combination_reads_back() {
        for qualifier in [None, Some(Qualifier::ForAllValues), Some(Qualifier::ForAnyValue)] {
            for (_, comparison) in COMPARISONS {
                for if_exists in [false, true] {
                    let operator = Operator { qualifier, comparison, if_exists };
                    let expected = (!(if_exists && comparison == Comparison::Null)).then_some(operator);
                    assert_eq!(Operator::parse(&operator.to_string()), expected, "{operator}");
                }
            }
        }
    }

    #[test]
    fn names_that_are_none() {
        for (name, nearest) in [
            ("bool", Some("Bool")),
            ("BOOLIFEXISTS", Some("BoolIfExists")),
            ("BoolIfExist", Some("BoolIfExists")),
            ("BoolEquals", Some("Bool")),
            ("stringEquals", Some("StringEquals")),
            ("StringEqual", Some("StringEquals")),
            ("StringLikes", Some("StringLike")),
            ("NumericLessThanOrEquals", Some("NumericLessThanEquals")),
            ("ForAllValue:StringLike", Some("ForAllValues:StringLike")),
            ("forAnyValue:stringLike", Some("ForAnyValue:StringLike")),
            ("ForAllValues: StringLike", Some("ForAllValues:StringLike")),
            ("NullIfExists", Some("Null")),
            ("Condition", None),
            ("", None),
        ] {
            assert_eq!(Operator::parse(name), None, "{name}");
            assert_eq!(Operator::nearest(name).map(|it| it.to_string()).as_deref(), nearest, "{name}");
        }
    }
}

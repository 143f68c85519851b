//! Conditions, operator by operator.

use serde_json::Value;

use super::{Answer, Call, Letter, all, any, expand, glob, list, not};

const PRESENT: &str = "aws:multifactorauthpresent";
const AGE: &str = "aws:multifactorauthage";

/// Whether all tests of a statement hold.
pub(crate) fn holds(version: bool, statement: &Value, call: &Call) -> Answer {
    let Some(condition) = statement.get("Condition") else { return Some(true) };
    let operators = condition.as_object().unwrap();
    all(operators.iter().flat_map(|(operator, keys)| {
        keys.as_object().unwrap().iter().map(move |(key, values)| test(version, operator, key, values, call))
    }))
}

/// Whether one test holds.
pub(crate) fn test(version: bool, operator: &str, key: &str, values: &Value, call: &Call) -> Answer {
    let key = key.to_lowercase();
    let given = call.keys.get(&key).filter(|given| !given.is_empty());
    let (set, operator) = match operator.split_once(':') {
        Some((set, operator)) => (set, operator),
        None => ("", operator),
    };
    let (operator, if_exists) = match operator.strip_suffix("IfExists") {
        Some(operator) => (operator, true),
        None => (operator, false),
    };
    let values: Vec<String> = list(values).into_iter().map(text).collect();
    if operator == "Null" {
        return null(set, &values, given.is_some());
    }
    let negated = operator.contains("Not");
    let Some(given) = given else {
        return match set {
            "ForAllValues" => Some(true),
            "ForAnyValue" if if_exists => None,
            "ForAnyValue" => Some(false),
            _ if if_exists => Some(true),
            _ if values.is_empty() => None,
            _ => Some(negated),
        };
    };
    if values.is_empty() {
        return if set.is_empty() && !if_exists { None } else { Some(false) };
    }
    let one = |given: &String| {
        let found = any(values.iter().map(|value| same(version, operator, &key, value, given, call)));
        if negated { not(found) } else { found }
    };
    match set {
        "ForAnyValue" => any(given.iter().map(one)),
        "ForAllValues" => all(given.iter().map(one)),
        // A key with several values and a plain operator: some has to match, or none.
        _ if negated => all(given.iter().map(one)),
        _ => any(given.iter().map(one)),
    }
}

fn null(set: &str, values: &[String], present: bool) -> Answer {
    match set {
        "ForAllValues" => Some(true),
        "ForAnyValue" => Some(false),
        _ if values.is_empty() => None,
        _ => any(values.iter().map(|value| match value.to_lowercase().as_str() {
            "true" => Some(!present),
            "false" => Some(present),
            _ => None,
        })),
    }
}

/// A value of a policy as a string: numbers and booleans may be written without quotation marks.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Whether a value of the policy and one of the request are the same for an operator, its `Not` aside.
fn same(version: bool, operator: &str, key: &str, value: &str, given: &str, call: &Call) -> Answer {
    if let Some(kind) = operator.strip_prefix("String") {
        let pattern = expand(version, value, kind.contains("Like"), call);
        return Some(pattern.is_some_and(|pattern| match kind.contains("IgnoreCase") {
            true => glob(&lower(&pattern), &given.to_lowercase()),
            false => glob(&pattern, given),
        }));
    }
    let typed = match key {
        PRESENT => operator == "Bool",
        AGE => operator.starts_with("Numeric"),
        _ => true,
    };
    if !typed {
        return None;
    }
    if operator.starts_with("Arn") {
        return Some(expand(version, value, true, call).is_some_and(|pattern| arn(&pattern, given)));
    }
    if operator == "Bool" {
        return Some(boolean(value)? == boolean(given)?);
    }
    if let Some(comparison) = operator.strip_prefix("Numeric") {
        return Some(compare(comparison, number(given)?, number(value)?));
    }
    if let Some(comparison) = operator.strip_prefix("Date") {
        return Some(compare(comparison, date(given)?, date(value)?));
    }
    if operator.ends_with("IpAddress") {
        return in_range(given, value);
    }
    panic!("the oracle does not know {operator}")
}

fn lower(pattern: &[Letter]) -> Vec<Letter> {
    let lower = |letter: &Letter| match letter {
        Letter::Is(character) => Letter::Is(character.to_ascii_lowercase()),
        other => *other,
    };
    pattern.iter().map(lower).collect()
}

/// Six parts between colons, each compared for itself.
fn arn(pattern: &[Letter], given: &str) -> bool {
    let patterns: Vec<&[Letter]> = pattern.splitn(6, |letter| *letter == Letter::Is(':')).collect();
    let parts: Vec<&str> = given.splitn(6, ':').collect();
    patterns.len() == 6 && parts.len() == 6 && patterns.iter().zip(parts).all(|(pattern, part)| glob(pattern, part))
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}

/// Seconds, or a day and a time like `2030-01-31T00:00:00Z`; months count as 31 days, which keeps the order.
fn date(text: &str) -> Option<f64> {
    let numbers: Vec<f64> = text.trim_end_matches('Z').split(['-', 'T', ':']).filter_map(number).collect();
    let [year, month, day, hour, minute, second] = numbers[..] else { return number(text) };
    Some(((((year * 12.0 + month) * 31.0 + day) * 24.0 + hour) * 60.0 + minute) * 60.0 + second)
}

fn compare(comparison: &str, given: f64, value: f64) -> bool {
    match comparison {
        "Equals" | "NotEquals" => given == value,
        "LessThan" => given < value,
        "LessThanEquals" => given <= value,
        "GreaterThan" => given > value,
        "GreaterThanEquals" => given >= value,
        other => panic!("the oracle does not know {other}"),
    }
}

/// The first bits of the two addresses are the same; addresses of the two kinds never are.
fn in_range(given: &str, range: &str) -> Answer {
    let spell = |address: &str| -> Option<String> {
        let octets = match address.parse().ok()? {
            std::net::IpAddr::V4(address) => address.octets().to_vec(),
            std::net::IpAddr::V6(address) => address.octets().to_vec(),
        };
        Some(octets.iter().map(|octet| format!("{octet:08b}")).collect())
    };
    let (network, bits) = range.split_once('/').unwrap_or((range, "128"));
    let (given, network) = (spell(given)?, spell(network)?);
    let bits = bits.parse::<usize>().ok()?.min(network.len());
    Some(given.len() == network.len() && given[..bits] == network[..bits])
}

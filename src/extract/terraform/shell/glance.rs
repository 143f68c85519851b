//! A look at a resource that tells whether it is worth reading.
//!
//! Most resources of a plan are not, and for those that can carry a policy and do not, this is seen by the names of their
//! attributes alone.

use super::super::{carries, matters};
use super::{DOCUMENT, is_data};

/// Whether anything may be found in a resource or data source, or in what becomes of it.
pub(super) fn is_worth_reading(text: &str) -> bool {
    match kind(text) {
        None => true,
        Some((mode, DOCUMENT)) => mode != "managed",
        Some((mode, type_name)) if matters(type_name) && !is_data(mode) => match carries(type_name) {
            // An escape may hide a name.
            Some(attributes) => text.contains('\\') || attributes.iter().any(|name| text.contains(name.as_str())),
            None => true,
        },
        Some(_) => false,
    }
}

/// Whether the configuration of a resource or data source is asked for; `is_there` tells of which types there are any.
pub(super) fn is_configured(text: &str, is_there: impl Fn(&str) -> bool) -> bool {
    match kind(text) {
        None => true,
        Some((mode, type_name)) if is_data(mode) => type_name == DOCUMENT,
        Some((_, type_name)) => is_there(type_name),
    }
}

/// Mode and type of a resource; `None` where they are not to be seen at a glance. The text is JSON.
fn kind(text: &str) -> Option<(&str, &str)> {
    let (mut mode, mut type_name) = (None, None);
    let mut rest = text.trim_ascii_start().strip_prefix('{')?.trim_ascii_start();
    while !rest.starts_with('}') {
        let (key, after) = string(rest)?;
        rest = after.trim_ascii_start().strip_prefix(':')?.trim_ascii_start();
        let value = rest;
        rest = behind_value(rest)?;
        match key {
            "mode" => mode = Some(string(value)?.0),
            "type" => type_name = Some(string(value)?.0),
            _ if key.contains('\\') => return None,
            _ => {}
        }
        if let (Some(mode), Some(type_name)) = (mode, type_name) {
            return Some((mode, type_name)).filter(|_| !mode.contains('\\') && !type_name.contains('\\'));
        }
        rest = rest.trim_ascii_start();
        rest = rest.strip_prefix(',').map_or(rest, str::trim_ascii_start);
    }
    // Plans of old versions may leave the mode out.
    Some((mode.unwrap_or_default(), type_name?))
}

/// A string, its escapes as they stand, and the text behind it.
fn string(text: &str) -> Option<(&str, &str)> {
    let text = text.strip_prefix('"')?;
    let mut at = 0;
    loop {
        at += text.as_bytes().get(at..)?.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
        if text.as_bytes().get(at) == Some(&b'"') {
            return Some((text.get(..at)?, text.get(at + 1..)?));
        }
        at += 2;
    }
}

/// The text behind a value.
fn behind_value(text: &str) -> Option<&str> {
    if text.starts_with('"') {
        return string(text).map(|(_, rest)| rest);
    }
    let (mut rest, mut depth) = (text, 0_usize);
    loop {
        let at = rest.bytes().position(|byte| matches!(byte, b'"' | b'{' | b'[' | b'}' | b']' | b','))?;
        rest = rest.get(at..)?;
        match rest.as_bytes().first()? {
            b'"' => {
                rest = string(rest)?.1;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b',' if depth == 0 => return Some(rest),
            b',' => {}
            _ if depth == 0 => return Some(rest),
            _ => depth -= 1,
        }
        rest = rest.get(1..)?;
        if depth == 0 {
            return Some(rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_carry_a_policy_and_has_none_is_not_read() {
        let queue = |rest: &str| format!(r#"{{"mode": "managed", "type": "aws_sqs_queue", "change": {{{rest}}}}}"#);
        assert!(!is_worth_reading(&queue(r#""after": {"name": "a-policy"}"#)));
        assert!(is_worth_reading(&queue(r#""after": {"policy": "{}"}"#)));
        assert!(is_worth_reading(&queue(r#""after_unknown": {"policy": true}"#)));
        assert!(is_worth_reading(&queue(r#""after": {"pol\u0069cy": "{}"}"#)));
    }

    #[test]
    fn mode_and_type_may_stand_anywhere() {
        assert_eq!(
            kind(r#"{"change": {"type": "x"}, "type": "aws_iam_role", "mode": "managed"}"#),
            Some(("managed", "aws_iam_role"))
        );
        assert_eq!(kind(r#"{"address": "\"type\":\"a\"", "type": "aws_iam_role"}"#), Some(("", "aws_iam_role")));
        assert_eq!(kind(r#"{"type": 1}"#), None);
        assert_eq!(kind("1"), None);
        assert!(is_worth_reading(r#"{"mode": "data", "type": "aws_iam_policy_document"}"#));
        assert!(!is_worth_reading(r#"{"mode": "data", "type": "aws_iam_role"}"#));
        assert!(is_worth_reading(r#"{"type": "aws_iam_role"}"#));
        assert!(!is_worth_reading(r#"{"mode": "managed", "type": "aws_instance", "values": {"policy": ""}}"#));
    }
}

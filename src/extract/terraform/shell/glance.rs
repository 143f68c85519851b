//! A look at a resource that tells whether it is worth reading.
//!
//! Most resources of a plan are not, and for those that can carry a policy and do not, this is seen by the names of their
//! attributes alone.

use memchr::{memchr, memchr2};

use super::super::asked;
use super::{DOCUMENT, is_data};

/// Whether anything may be found in a resource or data source, or in what becomes of it.
pub(super) fn is_worth_reading(text: &str) -> bool {
    let Some((mode, type_name)) = kind(text) else { return true };
    if type_name == DOCUMENT {
        return mode != "managed";
    }
    let Some(asked) = asked(type_name).filter(|_| !is_data(mode)) else { return false };
    match &asked.carries {
        // An escape may hide a name.
        Some(attributes) => {
            memchr(b'\\', text.as_bytes()).is_some() || attributes.iter().any(|name| text.contains(name.as_str()))
        }
        None => true,
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
    let mut rest = space(text).strip_prefix('{').map(space)?;
    while !rest.starts_with('}') {
        let (key, behind) = string(rest)?;
        let value = space(space(behind).strip_prefix(':')?);
        rest = match key {
            "mode" | "type" => {
                let (text, behind) = string(value)?;
                *(if key == "mode" { &mut mode } else { &mut type_name }) = Some(text);
                behind
            }
            _ => behind_value(value)?,
        };
        if let (Some(mode), Some(type_name)) = (mode, type_name) {
            return Some((mode, type_name));
        }
        rest = space(rest);
        rest = rest.strip_prefix(',').map_or(rest, space);
    }
    // Plans of old versions may leave the mode out.
    Some((mode.unwrap_or_default(), type_name?))
}

/// The text without white space before it.
fn space(text: &str) -> &str {
    match text.as_bytes().first() {
        Some(byte) if byte.is_ascii_whitespace() => text.trim_ascii_start(),
        _ => text,
    }
}

/// A string without escapes, and the text behind it.
fn string(text: &str) -> Option<(&str, &str)> {
    let text = text.strip_prefix('"')?;
    let end = memchr2(b'"', b'\\', text.as_bytes())?;
    let (string, rest) = text.split_at_checked(end)?;
    Some((string, rest.strip_prefix('"')?))
}

/// The text behind a string.
fn behind_string(text: &str) -> Option<&str> {
    let mut rest = text.strip_prefix('"')?;
    loop {
        let at = memchr2(b'"', b'\\', rest.as_bytes())?;
        let is_end = rest.as_bytes().get(at) == Some(&b'"');
        // What an escape begins with is one byte; more of it is neither a quote nor a backslash.
        rest = rest.get(at + if is_end { 1 } else { 2 }..)?;
        if is_end {
            return Some(rest);
        }
    }
}

/// The text behind a value.
fn behind_value(text: &str) -> Option<&str> {
    if text.starts_with('"') {
        return behind_string(text);
    }
    let (mut rest, mut depth) = (text, 0_usize);
    loop {
        let at = rest.bytes().position(|byte| matches!(byte, b'"' | b'{' | b'[' | b'}' | b']' | b','))?;
        rest = rest.get(at..)?;
        match rest.as_bytes().first()? {
            b'"' => {
                rest = behind_string(rest)?;
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

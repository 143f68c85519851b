//! A look at a resource that tells whether it is worth reading.
//!
//! Most resources of a plan are not, and for those that can carry a policy and do not, this is seen by the names of their
//! attributes alone.

use super::super::{carries, matters};
use super::{DOCUMENT, is_data};
use crate::load::peek::{Keys, value_span};

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

/// Mode and type of a resource; `None` where they are not to be seen at a glance.
fn kind(text: &str) -> Option<(&str, &str)> {
    let (mut mode, mut type_name) = (None, None);
    for key in Keys::new(text, 0, text.len()) {
        let value = || {
            let span = value_span(text, key.value_start);
            let value = text.get(span.start..span.end)?.strip_prefix('"')?.strip_suffix('"')?;
            Some(value).filter(|value| !value.contains('\\'))
        };
        match key.name {
            "mode" => mode = Some(value()?),
            "type" => type_name = Some(value()?),
            name if name.contains('\\') => return None,
            _ => {}
        }
        if let (Some(mode), Some(type_name)) = (mode, type_name) {
            return Some((mode, type_name));
        }
    }
    // Plans of old versions may leave the mode out.
    Some((mode.unwrap_or_default(), type_name?))
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

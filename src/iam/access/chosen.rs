//! What a search chooses for the keys that a caller brings, where policies have them as variables.

use std::collections::BTreeMap;

use crate::iam::condition::values::Choice;
use crate::iam::document::Text;
use crate::iam::variables::{Keys, Lookup, Values};

/// A key as a text spells it that has it as a variable.
pub(super) fn spelled_variable(text: &Text, key: &str) -> Option<String> {
    let variables = text.scalar.as_text()?.split("${").skip(1).filter_map(|rest| rest.split([',', '}']).next());
    variables.map(str::trim).find(|name| name.eq_ignore_ascii_case(key)).map(str::to_owned)
}

/// The value of a variable with which a text of a policy matches this one; `None` where there is none, and an error where
/// more than this variable decides that.
pub(super) fn matching(policy: &str, variable: &str, text: &str) -> Result<Option<String>, ()> {
    let Some((before, (name, after))) = policy.split_once("${").and_then(|(b, rest)| Some((b, rest.split_once('}')?)))
    else {
        return Ok(None);
    };
    if after.contains("${") || policy.contains('?') {
        return Err(());
    }
    let is_meant = name.split(',').next().is_some_and(|name| name.trim().eq_ignore_ascii_case(variable));
    let (head, left) = (before.split('*').next().unwrap_or_default(), before.rsplit('*').next().unwrap_or_default());
    let right = after.split('*').next().unwrap_or_default();
    let begin = Some(text).filter(|text| text.starts_with(head)).and_then(|text| Some(text.find(left)? + left.len()));
    let rest = begin.and_then(|begin| text.get(begin..));
    let middle = rest.and_then(|rest| if right.is_empty() { Some(rest) } else { rest.get(..rest.rfind(right)?) });
    Ok(middle.filter(|middle| is_meant && !middle.is_empty()).map(str::to_owned))
}

/// The keys of a caller together with those that a search has chosen.
pub(super) struct Chosen<'k> {
    pub(super) keys: &'k dyn Keys,
    pub(super) chosen: &'k BTreeMap<String, Choice>,
}

impl Keys for Chosen<'_> {
    fn values(&self, key: &str) -> Lookup<'_> {
        match self.chosen.get(key) {
            Some(Some(values)) => Lookup::Present(Values::Many(values)),
            Some(None) => Lookup::Absent,
            None => self.keys.values(key),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matching;

    #[test]
    fn a_variable_is_what_makes_the_texts_equal() {
        let arn = "arn:aws:iam::111122223333:user/ops/alice";
        for (policy, text, expected) in [
            ("${aws:PrincipalTag/x}", "alice", Ok(Some("alice"))),
            ("a${AWS:principaltag/x, 'none'}e", "alice", Ok(Some("lic"))),
            ("b${aws:PrincipalTag/x}", "alice", Ok(None)),
            ("arn:aws:iam::*:user/${aws:PrincipalTag/x}*", arn, Ok(Some("ops/alice"))),
            ("arn:aws:iam::*:user/${aws:PrincipalTag/x}/*", arn, Ok(Some("ops"))),
            ("arn:aws:iam::*:role/${aws:PrincipalTag/x}", arn, Ok(None)),
            ("${aws:PrincipalTag/y}", "alice", Ok(None)),
            ("alice", "alice", Ok(None)),
            ("${aws:PrincipalTag/x}${aws:PrincipalTag/y}", "alice", Err(())),
            ("${aws:PrincipalTag/x}?", "alice", Err(())),
        ] {
            let expected = expected.map(|value| value.map(str::to_owned));
            assert_eq!(matching(policy, "aws:principaltag/x", text), expected, "{policy}");
        }
    }
}

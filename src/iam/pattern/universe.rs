//! The strings that can occur at all.

use super::Pattern;
use crate::iam::caller::arn_part;

/// A set of strings: those that can occur where patterns are told apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Universe {
    /// Any text of at least one character.
    Texts,
    /// The ARNs of identities below a prefix such as `arn:aws:iam::111122223333:user/`.
    Identities(String),
    /// `service:Name`, in lower case.
    Actions,
    /// The actions of one service.
    ActionsOf(String),
    /// The actions of all services but these.
    ActionsBeside(Vec<String>),
    /// ARNs, those left out that match one of these patterns, in each of which is `:iam::`.
    ArnsOutside(&'static [Pattern]),
    /// ARNs of six parts that match a pattern.
    ArnsInside(String),
}

impl Universe {
    /// Whether a string is one of them, whatever its characters.
    #[must_use]
    pub fn holds(&self, text: &str) -> bool {
        match self {
            Self::Texts => !text.is_empty(),
            Self::Identities(prefix) => text.strip_prefix(prefix.as_str()).is_some_and(|name| {
                !name.is_empty() && !name.starts_with('/') && !name.ends_with('/') && !name.contains(':')
            }),
            Self::Actions => is_action(text),
            Self::ActionsOf(service) => is_action(text) && text.split(':').next() == Some(service),
            Self::ActionsBeside(services) => {
                is_action(text) && !services.iter().any(|service| text.split(':').next() == Some(service))
            }
            Self::ArnsOutside(patterns) => {
                let left_out = || text.contains(":iam::") && patterns.iter().any(|pattern| pattern.is_matched_by(text));
                (is_arn(text) || self.inside().is_matched_by(text)) && !left_out()
            }
            Self::ArnsInside(pattern) if begins_otherwise(pattern, text) => false,
            Self::ArnsInside(_) => {
                self.inside().is_matched_by(text) && !self.outside().iter().any(|pattern| pattern.is_matched_by(text))
            }
        }
    }

    /// The pattern that must match.
    pub(super) fn inside(&self) -> Pattern {
        match self {
            Self::Texts => Pattern::glob("?*"),
            Self::Identities(prefix) => Pattern::glob(&format!("{prefix}?*")),
            Self::Actions | Self::ActionsBeside(_) => Pattern::glob("?*:?*"),
            Self::ActionsOf(service) => Pattern::glob(&format!("{service}:?*")),
            Self::ArnsOutside(_) => Pattern::glob("arn:?*:?*:*:*:?*"),
            Self::ArnsInside(pattern) => Pattern::glob(pattern),
        }
    }

    /// Patterns of which none may match.
    pub(super) fn outside(&self) -> Vec<Pattern> {
        let action = "*:*:*";
        match self {
            Self::Texts => Vec::new(),
            Self::Identities(prefix) => {
                ["*/", &format!("{prefix}/*"), &format!("{prefix}*:*")].map(Pattern::glob).to_vec()
            }
            Self::Actions | Self::ActionsOf(_) => vec![Pattern::glob(action)],
            Self::ActionsBeside(services) => {
                let services = services.iter().map(|service| Pattern::glob(&format!("{service}:*")));
                services.chain([Pattern::glob(action)]).collect()
            }
            Self::ArnsOutside(patterns) => patterns.to_vec(),
            Self::ArnsInside(_) => vec![Pattern::glob("*:*:*:*:*:*:*")],
        }
    }

    /// Characters to fill wildcards with, the first ones preferred.
    pub(super) fn filler(&self) -> impl Iterator<Item = char> {
        let preferred = match self {
            Self::Actions | Self::ActionsOf(_) | Self::ActionsBeside(_) => "x",
            _ => "xyz",
        };
        preferred.chars().chain('a'..='z').chain('0'..='9').chain(['-'])
    }

    /// Whether a character can occur at all.
    pub(super) fn allows(&self, character: char) -> bool {
        match self {
            Self::Texts => true,
            Self::Identities(_) => !character.is_control() && character != '*' && character != '?',
            Self::Actions | Self::ActionsOf(_) | Self::ActionsBeside(_) => {
                character.is_ascii_alphanumeric() || matches!(character, ':' | '-')
            }
            Self::ArnsOutside(_) | Self::ArnsInside(_) => !character.is_control(),
        }
    }

    /// What all strings begin with; `None` where only the patterns tell.
    pub(super) fn base(&self) -> Option<String> {
        match self {
            Self::Texts | Self::Actions => Some(String::new()),
            Self::Identities(prefix) => Some(prefix.clone()),
            Self::ActionsOf(service) => Some(format!("{service}:")),
            Self::ArnsOutside(_) => Some("arn:".to_owned()),
            Self::ActionsBeside(_) | Self::ArnsInside(_) => None,
        }
    }

    /// Whether [`Self::complete`] knows how a beginning goes on: an ARN without a partition or service needs a colon there.
    pub(super) fn can_complete(&self, prefix: &str) -> bool {
        let lacks_part = || {
            let parts: Vec<&str> = prefix.splitn(4, ':').collect();
            matches!(parts.as_slice(), [_, "", _, ..] | [_, _, "", _])
        };
        !(matches!(self, Self::ArnsOutside(_)) && prefix.contains("::") && lacks_part())
    }

    /// Adds to a beginning what it lacks.
    pub(super) fn complete(&self, mut text: String) -> String {
        match self {
            Self::Actions if !text.contains(':') => text.push_str(":x"),
            Self::ArnsOutside(_) => {
                // The region alone may be empty everywhere.
                for part in text.matches(':').count() + 1..6 {
                    text.push_str(if part == 3 { ":" } else { ":x" });
                }
            }
            _ => {}
        }
        text
    }
}

fn is_action(text: &str) -> bool {
    text.split_once(':').is_some_and(|(service, name)| !service.is_empty() && !name.is_empty() && !name.contains(':'))
}

/// Whether the text is `arn:`, a partition, a service and so on; what has empty parts may be one too.
fn is_arn(text: &str) -> bool {
    let full = |part: usize| arn_part(text, part).is_some_and(|part| !part.is_empty());
    text.starts_with("arn:") && full(1) && full(2) && full(5)
}

/// Whether a text differs from a glob before the first wildcard, which is seen without reading the glob.
fn begins_otherwise(pattern: &str, text: &str) -> bool {
    let literal = pattern.split(['*', '?']).next().unwrap_or_default();
    !text.starts_with(literal)
}

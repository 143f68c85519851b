//! The strings that can occur at all.

use std::sync::LazyLock;

use super::{Pattern, glob_matches};

/// A set of strings: those that can occur where patterns are told apart.
#[derive(Clone, Debug)]
pub struct Universe {
    /// How its strings are built.
    pub(super) frame: Frame,
    /// Patterns that must all match.
    pub(super) inside: Vec<Pattern>,
    /// Patterns of which none may match.
    pub(super) outside: Vec<Pattern>,
    /// Characters to fill wildcards with, the first ones preferred.
    pub(super) filler: &'static str,
    /// Whether a character can occur at all.
    pub(super) allowed: fn(char) -> bool,
}

/// How the strings of a universe begin, and how a beginning goes on to be one of them.
#[derive(Clone, Debug)]
pub(super) enum Frame {
    /// This text and something more.
    Below(String),
    /// `service:Name`.
    Action,
    /// `arn:` and six parts.
    Arn,
    /// Only the patterns tell.
    Other,
}

const FILLER: &str = "xyzabcdefghijklmnopqrstuvw0123456789-";

impl Universe {
    /// Strings of at least one character.
    #[must_use]
    pub fn texts() -> &'static Self {
        static TEXTS: LazyLock<Universe> = LazyLock::new(|| Universe {
            frame: Frame::Below(String::new()),
            inside: vec![Pattern::glob("?*")],
            outside: Vec::new(),
            filler: FILLER,
            allowed: |_| true,
        });
        &TEXTS
    }

    /// The ARNs of identities below a prefix such as `arn:aws:iam::111122223333:user/`.
    #[must_use]
    pub fn identities(prefix: &str) -> Self {
        Self {
            frame: Frame::Below(prefix.to_owned()),
            inside: vec![Pattern::glob(&format!("{prefix}?*"))],
            outside: ["*/", &format!("{prefix}/*"), &format!("{prefix}*:*")].map(Pattern::glob).to_vec(),
            filler: "xyzabcdefghijklmnopqrstuvw0123456789",
            allowed: |character| !character.is_control() && character != '*' && character != '?',
        }
    }

    /// Actions in lower case.
    #[must_use]
    pub fn actions() -> &'static Self {
        static ACTIONS: LazyLock<Universe> = LazyLock::new(|| Universe {
            frame: Frame::Action,
            inside: vec![Pattern::glob("?*:?*")],
            outside: vec![Pattern::glob("*:*:*")],
            filler: "xabcdefghijklmnopqrstuvwyz0123456789-",
            allowed: |character| character.is_ascii_alphanumeric() || matches!(character, ':' | '-'),
        });
        &ACTIONS
    }

    /// Actions of a service, in lower case.
    #[must_use]
    pub fn actions_of(service: &str) -> Self {
        Self {
            frame: Frame::Below(format!("{service}:")),
            inside: vec![Pattern::glob(&format!("{service}:?*"))],
            ..Self::actions().clone()
        }
    }

    /// Actions of all services but these, in lower case.
    #[must_use]
    pub fn actions_beside<'s>(services: impl Iterator<Item = &'s str>) -> Self {
        let mut universe = Self { frame: Frame::Other, ..Self::actions().clone() };
        universe.outside.extend(services.map(|service| Pattern::glob(&format!("{service}:*"))));
        universe
    }

    /// ARNs, those that match one of the patterns left out.
    #[must_use]
    pub fn arns_outside(patterns: &[&str]) -> Self {
        Self {
            frame: Frame::Arn,
            inside: vec![Pattern::glob("arn:?*:?*:*:*:?*")],
            outside: patterns.iter().map(|pattern| Pattern::glob(pattern)).collect(),
            filler: FILLER,
            allowed: |character| !character.is_control(),
        }
    }

    /// ARNs of six parts that match a pattern.
    #[must_use]
    pub fn arns_inside(pattern: &str) -> Self {
        Self {
            frame: Frame::Other,
            inside: vec![Pattern::glob(pattern)],
            outside: vec![Pattern::glob("*:*:*:*:*:*:*")],
            filler: FILLER,
            allowed: |character| !character.is_control(),
        }
    }

    /// Whether a string is one of them, whatever its characters.
    #[must_use]
    pub fn holds(&self, text: &str) -> bool {
        match &self.frame {
            Frame::Action => matches!(text.split_once(':'), Some((service, name))
                if !service.is_empty() && !name.is_empty() && !name.contains(':')),
            Frame::Below(base) if base.is_empty() => !text.is_empty(),
            _ => {
                self.inside.iter().all(|pattern| glob_matches(pattern.atoms(), text))
                    && !self.outside.iter().any(|pattern| glob_matches(pattern.atoms(), text))
            }
        }
    }
}

impl Frame {
    /// What all strings begin with; `None` where only the patterns tell.
    pub(super) fn base(&self) -> Option<&str> {
        match self {
            Self::Below(prefix) => Some(prefix),
            Self::Action => Some(""),
            Self::Arn => Some("arn:"),
            Self::Other => None,
        }
    }

    /// Whether [`Self::complete`] knows how a beginning goes on: an ARN without a partition or service needs a colon there.
    pub(super) fn can_complete(&self, prefix: &str) -> bool {
        let parts: Vec<&str> = prefix.splitn(4, ':').collect();
        !matches!((self, parts.as_slice()), (Self::Arn, [_, "", _, ..] | [_, _, "", _]))
    }

    /// Adds to a beginning what it lacks.
    pub(super) fn complete(&self, mut text: String) -> String {
        match self {
            Self::Action if !text.contains(':') => text.push_str(":x"),
            Self::Arn => {
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

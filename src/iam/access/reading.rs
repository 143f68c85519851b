//! The texts of a statement, read once and compared often.

use std::cell::OnceCell;
use std::sync::Arc;

use crate::iam::document::{self, Document, Statement, Version};
use crate::iam::pattern::{Cause, Pattern, has_symbol};
use crate::iam::principal::{self, Meant};
use crate::iam::request::NoKeys;
use crate::iam::truth::Truth;
use crate::iam::variables::{Expansion, Keys, Reading, Symbols, expand, has_variable};

/// A text as a pattern, and what to say where a match is not certain.
#[derive(Clone, Debug)]
pub struct Text<'a> {
    /// The pattern.
    pub pattern: Pattern,
    /// The pattern's text, and whether it is a prefix, where it holds no other wildcard and nothing unknown.
    plain: Option<(String, bool)>,
    cause: Cause<'a>,
}

impl<'a> Text<'a> {
    fn new(pattern: Pattern, cause: Cause<'a>) -> Self {
        Self { plain: pattern.plain().filter(|_| !pattern.has_unknown()), pattern, cause }
    }

    /// Whether it matches.
    #[must_use]
    pub fn matches(&self, text: &str) -> Truth<'a> {
        match &self.plain {
            Some((prefix, true)) if text.starts_with(prefix) => Truth::True,
            Some((whole, false)) if text == whole => Truth::True,
            Some(_) if !has_symbol(text) => Truth::False,
            _ => self.pattern.matches(text, self.cause),
        }
    }

    /// The text of a resource as a caller's variables make it; `None` where one of them has no value.
    #[must_use]
    pub fn of_caller(
        text: &'a document::Text,
        document: &Document,
        keys: &dyn Keys,
        free_variables: bool,
        symbols: &Symbols,
    ) -> Option<Self> {
        let reading = Reading { version: &document.version, wildcards: true, free_variables, keys, symbols };
        match expand(&text.scalar, reading) {
            Expansion::Pattern(pattern, unknown) => Some(Self::new(pattern, Cause { unknown, place: &text.place })),
            Expansion::NoValue => None,
        }
    }

    fn of_action(text: &'a document::Text, symbols: &Symbols) -> Self {
        let reading =
            Reading { version: &Version::V2008, wildcards: true, free_variables: true, keys: &NoKeys, symbols };
        let pattern = match expand(&text.scalar, reading) {
            Expansion::Pattern(pattern, _) => pattern.to_lowercase(),
            Expansion::NoValue => Pattern::default(),
        };
        Self::new(pattern, Cause { unknown: text.first_unknown(), place: &text.place })
    }
}

/// The readings of one statement.
#[derive(Debug, Default)]
pub struct Readings<'a> {
    actions: OnceCell<Vec<Text<'a>>>,
    resources: OnceCell<Vec<Option<Text<'a>>>>,
    principals: OnceCell<Vec<Meant<'a>>>,
}

impl<'a> Readings<'a> {
    pub(super) fn actions(&self, statement: Option<&'a Statement>, symbols: &Symbols) -> &[Text<'a>] {
        self.actions.get_or_init(|| {
            let texts = statement.into_iter().flat_map(|statement| &statement.actions.items);
            texts.map(|text| Text::of_action(text, symbols)).collect()
        })
    }

    pub(super) fn resources(
        &self,
        document: Option<&'a Arc<Document>>,
        statement: Option<&'a Statement>,
        symbols: &Symbols,
    ) -> &[Option<Text<'a>>] {
        self.resources.get_or_init(|| {
            let Some(document) = document else { return Vec::new() };
            let texts = statement.and_then(|statement| statement.resources.as_ref()).map(|resources| &resources.items);
            let read = |text: &'a document::Text| {
                let by_caller = document.version == Version::V2012 && has_variable(&text.scalar);
                if by_caller { None } else { Text::of_caller(text, document, &NoKeys, true, symbols) }
            };
            texts.into_iter().flatten().map(read).collect()
        })
    }

    pub(super) fn principals(&self, statement: Option<&'a Statement>, symbols: &Symbols) -> &[Meant<'a>] {
        self.principals.get_or_init(|| {
            let principals = statement.and_then(|statement| statement.principals.as_ref());
            let items = principals.into_iter().flat_map(|principals| &principals.items);
            items.map(|principal| principal::meant(principal, symbols)).collect()
        })
    }
}

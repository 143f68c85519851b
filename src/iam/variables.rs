//! Policy variables and unknown text: from a string of a document to a pattern.
//!
//! `${key}`, `${key, 'default'}` and the escapes `${*}`, `${?}`, `${$}` are replaced in version 2012-10-17 only; in
//! 2008-10-17 they are text (IAM User Guide, "IAM policy elements: variables and tags").

use std::borrow::Cow;
use std::cell::RefCell;

use crate::iam::document::Version;
use crate::iam::pattern::{DISTINCT, OPEN, Pattern, has_symbol, is_symbol};
use crate::tree::{Form, Part, Scalar, Unknown};

/// The context keys of a request, by lower-case name.
pub trait Keys {
    /// The values of a key.
    fn values(&self, key: &str) -> Lookup<'_>;
}

/// What is known of a context key.
#[derive(Clone, Copy, Debug)]
pub enum Lookup<'a> {
    /// The request has it, with these values.
    Present(Values<'a>),
    /// The request does not have it.
    Absent,
    /// The caller may bring it or not; nothing has been chosen yet.
    Free,
}

/// The values of a context key.
#[derive(Clone, Copy, Debug)]
pub enum Values<'a> {
    /// A single one.
    One(&'a str),
    /// Any number.
    Many(&'a [String]),
}

impl<'a> Values<'a> {
    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = &'a str> + Clone {
        let (one, many) = match self {
            Self::One(value) => (Some(value), [].as_slice()),
            Self::Many(values) => (None, values),
        };
        one.into_iter().chain(many.iter().map(String::as_str))
    }

    /// The value, where it is the only one.
    #[must_use]
    pub fn only(self) -> Option<&'a str> {
        match self {
            Self::One(value) => Some(value),
            Self::Many([value]) => Some(value),
            Self::Many(_) => None,
        }
    }
}

/// Characters that stand for unknown identifiers: the same character for the same name.
#[derive(Debug, Default)]
pub struct Symbols {
    names: RefCell<Vec<String>>,
}

impl Symbols {
    /// The character that stands for a name.
    #[must_use]
    pub fn symbol(&self, name: &str) -> char {
        self.character(name, OPEN).unwrap_or(OPEN)
    }

    /// The character that stands for a name which is no text that a document spells out.
    fn distinct_symbol(&self, name: &str) -> char {
        self.character(name, DISTINCT).unwrap_or(DISTINCT)
    }

    fn character(&self, name: &str, first: char) -> Option<char> {
        let mut names = self.names.borrow_mut();
        let index = names.iter().position(|known| known == name).unwrap_or_else(|| {
            names.push(name.to_owned());
            names.len() - 1
        });
        u32::try_from(index).ok().and_then(|index| char::from_u32(u32::from(first) + index))
    }

    /// The text with each symbol spelled as `<name>`.
    #[must_use]
    pub fn spell(&self, text: &str) -> String {
        let names = self.names.borrow();
        let mut spelled = String::with_capacity(text.len());
        for character in text.chars() {
            let name = is_symbol(character).then(|| names.get(character as usize & 0xFFFF)).flatten();
            match name {
                Some(name) => {
                    spelled.push('<');
                    spelled.push_str(name);
                    spelled.push('>');
                }
                None => spelled.push(character),
            }
        }
        spelled
    }
}

/// How the text of a document is to be read.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    /// The document's language version.
    pub version: &'a Version,
    /// Whether `*` and `?` are wildcards.
    pub wildcards: bool,
    /// What a variable becomes whose key the caller is free to bring: a symbol, or no value.
    pub free_variables: bool,
    /// The request's keys.
    pub keys: &'a dyn Keys,
    /// Unknown identifiers.
    pub symbols: &'a Symbols,
}

/// A string of a document, ready to be matched.
#[derive(Clone, Debug)]
pub enum Expansion<'a> {
    /// A pattern, and the unknown value in it, if any.
    Pattern(Pattern, Option<&'a Unknown>),
    /// A variable in it has no value: it matches nothing.
    NoValue,
}

/// Whether the text holds a policy variable.
#[must_use]
pub fn has_variable(scalar: &Scalar) -> bool {
    scalar.parts.iter().any(|part| matches!(part, Part::Known(text) if text.contains("${")))
}

/// The keys of the policy variables in a text, in lower case.
pub fn variable_keys(scalar: &Scalar) -> impl Iterator<Item = String> + '_ {
    let texts = scalar.parts.iter().filter_map(|part| match part {
        Part::Known(text) => Some(text.as_str()),
        Part::Unknown(_) => None,
    });
    let variables = texts.flat_map(|text| text.split("${").skip(1)).filter_map(|rest| rest.split_once('}'));
    let keys = variables.filter(|(variable, _)| !matches!(*variable, "*" | "?" | "$"));
    keys.map(|(variable, _)| variable.split(',').next().unwrap_or(variable).trim().to_ascii_lowercase())
}

/// Reads a string of a document as a pattern.
#[must_use]
pub fn expand<'a>(scalar: &'a Scalar, reading: Reading<'_>) -> Expansion<'a> {
    let mut pattern = Pattern::default();
    let mut unknown = None;
    for part in &scalar.parts {
        match part {
            Part::Known(text) => {
                if !push_text(&mut pattern, text, reading) {
                    return Expansion::NoValue;
                }
            }
            Part::Unknown(value) => match value.form {
                Form::Identifier => pattern.push_literal(&String::from(reading.symbols.symbol(&value.name))),
                Form::Distinct => {
                    pattern.push_literal(&String::from(reading.symbols.distinct_symbol(&value.name)));
                }
                Form::Anything => {
                    unknown = Some(&**value);
                    pattern.push_unknown();
                }
            },
        }
    }
    Expansion::Pattern(pattern, unknown)
}

/// Appends text with its variables replaced; false where a variable has no value.
fn push_text(pattern: &mut Pattern, text: &str, reading: Reading<'_>) -> bool {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((variable, tail)) = after.split_once('}') else { break };
        match reading.version {
            Version::V2008 => {
                push_plain(pattern, before, reading.wildcards);
                push_plain(pattern, "${", reading.wildcards);
                rest = after;
                continue;
            }
            Version::Unknown(_) => {
                push_plain(pattern, before, reading.wildcards);
                pattern.push_unknown();
            }
            Version::V2012 => {
                push_plain(pattern, before, reading.wildcards);
                if !push_variable(pattern, variable, reading) {
                    return false;
                }
            }
        }
        rest = tail;
    }
    push_plain(pattern, rest, reading.wildcards);
    true
}

fn push_variable(pattern: &mut Pattern, variable: &str, reading: Reading<'_>) -> bool {
    if matches!(variable, "*" | "?" | "$") {
        pattern.push_literal(variable);
        return true;
    }
    let (key, default) = match variable.split_once(',') {
        Some((key, default)) => (key, Some(default.trim().trim_matches('\''))),
        None => (variable, None),
    };
    let key = key.trim().to_ascii_lowercase();
    let value = reading.keys.values(&key);
    let only = if let Lookup::Present(values) = value { values.only() } else { None };
    match (value, only, default) {
        (_, Some(only), _) => pattern.push_literal(only),
        (Lookup::Free, _, _) if reading.free_variables => {
            pattern.push_literal(&String::from(reading.symbols.symbol(&format!("${{{key}}}"))));
        }
        (_, _, Some(default)) => pattern.push_literal(default),
        _ => return false,
    }
    true
}

/// Appends text that holds no variable. Characters that symbols are made of are replaced: no input brings them in.
fn push_plain(pattern: &mut Pattern, text: &str, wildcards: bool) {
    let text = if has_symbol(text) {
        Cow::Owned(text.replace(is_symbol, &String::from(char::REPLACEMENT_CHARACTER)))
    } else {
        Cow::Borrowed(text)
    };
    if wildcards {
        pattern.push_glob(&text);
    } else {
        pattern.push_literal(&text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Style;

    struct Alice;

    impl Keys for Alice {
        fn values(&self, key: &str) -> Lookup<'_> {
            match key {
                "aws:username" => Lookup::Present(Values::One("alice")),
                "aws:principaltag/team" => Lookup::Free,
                _ => Lookup::Absent,
            }
        }
    }

    fn expanded(text: &str, version: &Version) -> Option<Pattern> {
        let symbols = Symbols::default();
        let reading = Reading { version, wildcards: true, free_variables: true, keys: &Alice, symbols: &symbols };
        match expand(&Scalar::known(text, Style::Quoted), reading) {
            Expansion::Pattern(pattern, _) => Some(pattern),
            Expansion::NoValue => None,
        }
    }

    #[test]
    fn variables_are_replaced_in_version_2012_only() {
        assert_eq!(expanded("user/${AWS:UserName}", &Version::V2012), Some(Pattern::literal("user/alice")));
        assert_eq!(expanded("user/${aws:username}", &Version::V2008), Some(Pattern::literal("user/${aws:username}")));
    }

    #[test]
    fn a_variable_without_value_takes_its_default_or_matches_nothing() {
        assert_eq!(expanded("${aws:userid}", &Version::V2012), None);
        assert_eq!(expanded("${aws:userid, 'none'}", &Version::V2012), Some(Pattern::literal("none")));
    }

    #[test]
    fn escapes_are_characters_and_no_wildcards() {
        assert_eq!(expanded("a${*}b${?}c${$}", &Version::V2012), Some(Pattern::literal("a*b?c$")));
    }

    #[test]
    fn an_open_brace_without_end_is_text() {
        assert_eq!(expanded("a${b", &Version::V2012), Some(Pattern::literal("a${b")));
    }

    #[test]
    fn private_characters_of_an_input_do_not_become_symbols() {
        assert_eq!(expanded("a\u{F0000}", &Version::V2012), Some(Pattern::literal("a\u{FFFD}")));
    }
}

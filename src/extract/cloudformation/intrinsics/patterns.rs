//! `AllowedPattern` of parameters: which values CloudFormation would refuse.

use std::cell::RefCell;
use std::collections::HashMap;

use regex_automata::meta::{Config, Regex};
use regex_automata::util::syntax;

/// How large one pattern may become.
const MAX_SIZE: usize = 64 << 10;

/// The patterns that were read; those that are not understood refuse nothing.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    read: RefCell<HashMap<String, Option<Regex>>>,
}

impl Patterns {
    /// Whether a value is not one that the pattern allows.
    pub(super) fn refuses(&self, pattern: &str, value: &str) -> bool {
        let mut read = self.read.borrow_mut();
        let regex = read.entry(pattern.to_owned()).or_insert_with(|| compile(pattern));
        regex.as_ref().is_some_and(|regex| !regex.is_match(value))
    }
}

/// A pattern as Java reads it, as far as both agree: it covers the whole value, and its classes are those of ASCII.
fn compile(pattern: &str) -> Option<Regex> {
    // A class in brackets of its own is something else there.
    if pattern.contains("[:") {
        return None;
    }
    let config = Config::new().nfa_size_limit(Some(MAX_SIZE)).onepass_size_limit(Some(MAX_SIZE));
    let syntax = syntax::Config::new().unicode(false).utf8(false);
    let mut builder = Regex::builder();
    builder.configure(config).syntax(syntax).build(&format!("^(?:{pattern})$")).ok()
}

#[cfg(test)]
mod tests {
    use super::Patterns;

    #[test]
    fn a_pattern_covers_the_whole_value() {
        let patterns = Patterns::default();
        let refuses = |pattern, value| patterns.refuses(pattern, value);
        assert!(!refuses("prod|dev", "dev"));
        assert!(refuses("prod|dev", "development"));
        assert!(refuses("^[a-z]+$", "Prod"));
        assert!(!refuses("^\\d{12}$", "111122223333"));
    }

    #[test]
    fn what_is_not_understood_refuses_nothing() {
        let patterns = Patterns::default();
        for pattern in ["(?=x)y", "(", "\\p{Alpha}", "[[:alpha:]]", "(((a{99}){99}){99}){99}"] {
            assert!(!patterns.refuses(pattern, "0"), "{pattern}");
        }
    }
}

//! A look at the keys of a JSON object without reading its values.
//!
//! A plan may be 100 MB of one line, and who extracts from it reads all of it anyway. So what it is gets decided from its
//! first keys; whether it is valid JSON is for that reader to say.

use crate::source::Span;

/// The keys of one object, in order. Ends early where the text is not JSON.
pub(crate) struct Keys<'a> {
    text: &'a str,
    at: usize,
    end: usize,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    BeforeObject,
    BeforeValue,
    Ended,
    Broken,
}

/// A key and where its value begins.
#[derive(Clone, Copy)]
pub(crate) struct Key<'a> {
    /// The text between the quotes, escapes as they are: no key that matters here has any.
    pub(crate) name: &'a str,
    pub(crate) value_start: usize,
}

impl<'a> Keys<'a> {
    /// The keys of the object that begins at byte `at` (white space aside), as far as they stand before byte `end`.
    pub(crate) fn new(text: &'a str, at: usize, end: usize) -> Self {
        Self { text, at, end: end.min(text.len()), state: State::BeforeObject }
    }

    /// Whether the object ended in good order; meaningful after the last key.
    pub(crate) fn is_complete(&self) -> bool {
        self.state == State::Ended
    }

    fn peek(&self) -> Option<u8> {
        if self.at >= self.end { None } else { self.text.as_bytes().get(self.at).copied() }
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Goes past the byte where it comes next, after white space.
    fn take(&mut self, wanted: u8) -> Option<()> {
        self.skip_space();
        (self.peek()? == wanted).then(|| self.at += 1)
    }

    fn string(&mut self) -> Option<&'a str> {
        self.take(b'"')?;
        let start = self.at;
        loop {
            let rest = self.text.as_bytes().get(self.at..self.end)?;
            self.at += rest.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
            if self.peek()? == b'"' {
                break;
            }
            self.at += 2;
        }
        self.at += 1;
        self.text.get(start..self.at - 1)
    }

    /// Goes to the comma or the closing bracket after the value.
    fn skip_value(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' | b',' if depth == 0 => return Some(()),
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
        }
    }

    fn key(&mut self) -> Option<Key<'a>> {
        match self.state {
            State::BeforeObject => self.take(b'{')?,
            State::BeforeValue => self.skip_value()?,
            State::Ended | State::Broken => return None,
        }
        self.skip_space();
        if self.peek()? == b'}' {
            self.state = State::Ended;
            return None;
        }
        if self.state == State::BeforeValue {
            self.take(b',')?;
        }
        let name = self.string()?;
        self.take(b':')?;
        self.skip_space();
        Some(Key { name, value_start: self.at })
    }
}

impl<'a> Iterator for Keys<'a> {
    type Item = Key<'a>;

    fn next(&mut self) -> Option<Key<'a>> {
        let key = self.key();
        match key {
            Some(_) => self.state = State::BeforeValue,
            None if self.state != State::Ended => self.state = State::Broken,
            None => {}
        }
        key
    }
}

/// The range of the value that begins at a byte; up to the end of the text where it does not end.
pub(crate) fn value_span(text: &str, start: usize) -> Span {
    let mut keys = Keys { text, at: start, end: text.len(), state: State::BeforeValue };
    let end = if keys.skip_value().is_some() { keys.at } else { text.len() };
    Span::new(start, start + text.get(start..end).unwrap_or_default().trim_end().len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> (Vec<&str>, bool) {
        let mut keys = Keys::new(text, 0, text.len());
        let names = keys.by_ref().map(|key| key.name).collect();
        (names, keys.is_complete())
    }

    #[test]
    fn keys_are_those_of_the_first_level() {
        assert_eq!(
            names(r#" {"a" : {"x": "}"}, "b":[1,{"y":2}],"c":"\"],\\","d":true } "#),
            (vec!["a", "b", "c", "d"], true)
        );
        assert_eq!(names("{}"), (vec![], true));
    }

    #[test]
    fn broken_text_ends_the_keys() {
        for text in ["", "{", "[1]", "{\"a\"", "{\"a\": [", "{\"a\": \"\\", "{a: 1}", "{\"a\": 1 \"b\": 2"] {
            assert!(!names(text).1, "{text}");
        }
        assert_eq!(names("{\"a\": 1, \"b").0, ["a"]);
    }

    #[test]
    fn values_have_a_span() {
        let text = r#"{"a": {"x": "}"} , "b": 1}"#;
        let slices = Keys::new(text, 0, text.len()).map(|key| {
            let span = value_span(text, key.value_start);
            text.get(span.start..span.end).unwrap()
        });
        assert_eq!(slices.collect::<Vec<_>>(), [r#"{"x": "}"}"#, "1"]);
    }
}

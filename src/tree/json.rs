//! JSON text to [`Node`]s: where everything stands, duplicate keys kept.
//!
//! What is not JSON is left to `serde_json` to explain.

use serde::de::IgnoredAny;
use serde_json::error::Category;

use super::{Entry, MAX_DEPTH, Node, Scalar, Style, SyntaxError, Value};
use crate::source::{Source, Span};

/// Reads the JSON value that fills `span` of the source (white space around it aside); all spans are relative to the source.
///
/// # Errors
///
/// Text that is not one JSON value, or is nested too deeply.
pub fn parse(source: &Source, span: Span) -> Result<Node, SyntaxError> {
    parse_text(source.slice(span), span.start)
}

/// The same for a text that starts at byte `base` of its source.
///
/// # Errors
///
/// As above.
pub fn parse_text(text: &str, base: usize) -> Result<Node, SyntaxError> {
    let end = base + text.len();
    let mut reader = Reader { rest: text, end, depth: 0 };
    match reader.document() {
        Some(node) => Ok(node),
        None => {
            check_text(text, base)?;
            // The one thing that skipping over a text does not see.
            let message = "not valid JSON: a string holds half of a surrogate pair".to_owned();
            Err(SyntaxError { message, span: Span::new(base, end) })
        }
    }
}

/// Reads one text from its beginning to its end; everything is `None` where it is not JSON.
struct Reader<'t> {
    rest: &'t str,
    /// Where the rest ends in the source.
    end: usize,
    depth: usize,
}

impl<'t> Reader<'t> {
    fn document(&mut self) -> Option<Node> {
        let node = self.value()?;
        self.skip_space();
        self.rest.is_empty().then_some(node)
    }

    fn at(&self) -> usize {
        self.end - self.rest.len()
    }

    fn first(&self) -> Option<u8> {
        self.rest.as_bytes().first().copied()
    }

    fn skip(&mut self, length: usize) -> Option<&'t str> {
        let (skipped, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(skipped)
    }

    fn skip_space(&mut self) {
        let is_space = |byte: &u8| matches!(byte, b' ' | b'\n' | b'\t' | b'\r');
        let space = self.rest.as_bytes().iter().take_while(|byte| is_space(byte)).count();
        self.skip(space);
    }

    /// Goes past a byte, and tells whether it was there.
    fn take(&mut self, byte: u8) -> bool {
        self.skip_space();
        self.first() == Some(byte) && self.skip(1).is_some()
    }

    fn value(&mut self) -> Option<Node> {
        self.skip_space();
        let start = self.at();
        let value = match self.first()? {
            b'{' => Value::Map(self.list(b'}', Self::entry)?),
            b'[' => Value::List(self.list(b']', Self::value)?),
            b'"' => Value::Scalar(Scalar::known(self.string()?, Style::Quoted)),
            b't' => self.word("true")?,
            b'f' => self.word("false")?,
            b'n' => {
                self.word("null")?;
                Value::Null
            }
            _ => Value::Scalar(Scalar::known(self.number()?, Style::Plain)),
        };
        Some(Node { span: Span::new(start, self.at()), value })
    }

    /// The items between the bracket that comes next and its counterpart.
    fn list<T>(&mut self, end: u8, item: fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        self.skip(1)?;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let mut items = Vec::new();
        if !self.take(end) {
            loop {
                items.push(item(self)?);
                if self.take(end) {
                    break;
                }
                self.take(b',').then_some(())?;
            }
        }
        self.depth -= 1;
        Some(items)
    }

    fn entry(&mut self) -> Option<Entry> {
        self.skip_space();
        let start = self.at();
        let key = self.string()?;
        let key_span = Span::new(start, self.at());
        self.take(b':').then_some(())?;
        Some(Entry { key, key_span, value: self.value()? })
    }

    fn word(&mut self, word: &str) -> Option<Value> {
        self.rest.starts_with(word).then_some(())?;
        self.skip(word.len())?;
        Some(Value::Scalar(Scalar::known(word, Style::Plain)))
    }

    fn number(&mut self) -> Option<&'t str> {
        let whole = self.rest;
        if self.first() == Some(b'-') {
            self.skip(1)?;
        }
        if self.first()? == b'0' { self.skip(1).map(|_| ()) } else { self.digits() }?;
        if self.first() == Some(b'.') {
            self.skip(1)?;
            self.digits()?;
        }
        if matches!(self.first(), Some(b'e' | b'E')) {
            self.skip(1)?;
            if matches!(self.first(), Some(b'+' | b'-')) {
                self.skip(1)?;
            }
            self.digits()?;
        }
        whole.get(..whole.len() - self.rest.len())
    }

    fn digits(&mut self) -> Option<()> {
        let count = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        self.skip(count)?;
        (count > 0).then_some(())
    }

    /// The text of a string, its escapes resolved.
    fn string(&mut self) -> Option<String> {
        (self.first()? == b'"').then(|| self.skip(1))??;
        let mut text = String::new();
        loop {
            let plain = self.rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | ..=0x1f))?;
            let plain = self.skip(plain)?;
            match self.skip(1)? {
                "\"" if text.is_empty() => return Some(plain.to_owned()),
                "\"" => {
                    text.push_str(plain);
                    return Some(text);
                }
                "\\" => {
                    text.push_str(plain);
                    text.push(self.escape()?);
                }
                _ => return None,
            }
        }
    }

    /// The character that stands behind a backslash.
    fn escape(&mut self) -> Option<char> {
        Some(match self.skip(1)? {
            "n" => '\n',
            "t" => '\t',
            "r" => '\r',
            "b" => '\u{8}',
            "f" => '\u{c}',
            "u" => {
                let unit = self.unit()?;
                let units = if (0xd800..0xdc00).contains(&unit) {
                    (self.skip(2)? == "\\u").then_some(())?;
                    [unit, self.unit()?].to_vec()
                } else {
                    vec![unit]
                };
                char::decode_utf16(units).next()?.ok()?
            }
            same @ ("\"" | "\\" | "/") => same.chars().next()?,
            _ => return None,
        })
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Option<u16> {
        let digits = self.skip(4)?;
        digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())?
    }
}

/// Judges whether one JSON value of tolerable depth fills `span` of the source, at the cost of skipping over it.
///
/// # Errors
///
/// Text that is not one JSON value, or is nested too deeply.
pub fn check(source: &Source, span: Span) -> Result<(), SyntaxError> {
    check_text(source.slice(span), span.start)
}

fn check_text(text: &str, base: usize) -> Result<(), SyntaxError> {
    check_depth(text, base)?;
    serde_json::from_str::<IgnoredAny>(text).map_err(|error| syntax_error(text, base, &error))?;
    Ok(())
}

/// What `serde_json` says is wrong with a text that starts at byte `base` of its source, in our words and with the place.
#[must_use]
pub fn syntax_error(text: &str, base: usize, error: &serde_json::Error) -> SyntaxError {
    let before = line_start(text, error.line()) + error.column().saturating_sub(1);
    let start = floor_boundary(text, before.min(text.trim_end().len()));
    let width = text.get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    let full = error.to_string();
    let what = full.rsplit_once(" at line ").map_or(full.as_str(), |(what, _)| what);
    let message = match error.classify() {
        Category::Eof => format!("the JSON text ends too early: {}", what.replace("EOF", "the end came")),
        _ if what == "key must be a string" => "not valid JSON: a key in double quotes must stand here".to_owned(),
        _ => format!("not valid JSON: {what}"),
    };
    SyntaxError { message, span: Span::new(base + start, base + start + width) }
}

/// Comes before all else, because skipping a value knows no limit of depth and the readers after it recurse.
fn check_depth(text: &str, base: usize) -> Result<(), SyntaxError> {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => depth += 1,
            b']' | b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            let message = format!("the JSON is nested more than {MAX_DEPTH} levels deep");
            return Err(SyntaxError { message, span: Span::new(base + at, base + at + 1) });
        }
    }
    Ok(())
}

fn line_start(text: &str, line: usize) -> usize {
    let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
    line.checked_sub(2).and_then(|nth| breaks.map(|(at, _)| at + 1).nth(nth)).unwrap_or(0)
}

fn floor_boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

#[cfg(test)]
mod tests;

//! JSON text to [`Node`]s.
//!
//! `serde_json` judges whether the text is JSON; `jsonc-parser` then tells where everything stands and keeps duplicate keys.

use jsonc_parser::ast::{ObjectProp, ObjectPropName, Value as Parsed};
use jsonc_parser::common::{Range, Ranged};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
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
    check(source, span)?;
    let text = source.slice(span);
    let parsed = parse_to_ast(text, &CollectOptions::default(), &STRICT).map_err(|error| {
        let message = format!("not valid JSON: {}", error.kind().to_string().to_lowercase());
        SyntaxError { message, span: range_span(span.start, error.range()) }
    })?;
    let nothing = || SyntaxError { message: "there is no JSON value".to_owned(), span };
    Ok(node(parsed.value.ok_or_else(nothing)?, span.start))
}

/// Judges whether one JSON value of tolerable depth fills `span` of the source, at the cost of skipping over it.
///
/// # Errors
///
/// Text that is not one JSON value, or is nested too deeply.
pub fn check(source: &Source, span: Span) -> Result<(), SyntaxError> {
    let text = source.slice(span);
    check_depth(text, span.start)?;
    serde_json::from_str::<IgnoredAny>(text).map_err(|error| syntax_error(text, span.start, &error))?;
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

/// JSON as RFC 8259 has it, without what editors and other tools allow on top.
const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

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

fn node(parsed: Parsed<'_>, base: usize) -> Node {
    let span = range_span(base, parsed.range());
    let value = match parsed {
        Parsed::NullKeyword(_) => Value::Null,
        Parsed::StringLit(string) => Value::Scalar(Scalar::known(string.value, Style::Quoted)),
        Parsed::NumberLit(number) => Value::Scalar(Scalar::known(number.value, Style::Plain)),
        Parsed::BooleanLit(boolean) => Value::Scalar(Scalar::known(boolean.value.to_string(), Style::Plain)),
        Parsed::Array(array) => Value::List(array.elements.into_iter().map(|item| node(item, base)).collect()),
        Parsed::Object(object) => Value::Map(object.properties.into_iter().map(|item| entry(item, base)).collect()),
    };
    Node { span, value }
}

fn entry(property: ObjectProp<'_>, base: usize) -> Entry {
    let (key, range) = match property.name {
        ObjectPropName::String(name) => (name.value.into_owned(), name.range),
        ObjectPropName::Word(name) => (name.value.to_owned(), name.range),
    };
    Entry { key, key_span: range_span(base, range), value: node(property.value, base) }
}

fn range_span(base: usize, range: Range) -> Span {
    Span::new(base + range.start, base + range.end)
}

fn line_start(text: &str, line: usize) -> usize {
    let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
    line.checked_sub(2).and_then(|nth| breaks.map(|(at, _)| at + 1).nth(nth)).unwrap_or(0)
}

fn floor_boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Node, SyntaxError> {
        let source = Source::file("test.json", text.to_owned());
        parse(&source, Span::new(0, text.len()))
    }

    #[test]
    fn spans_are_those_of_the_source_and_include_quotes() {
        let text = "xx {\"ä\\u0041\": [1, true, null, \"é\"]} xx";
        let source = Source::file("test.json", text.to_owned());
        let root = parse(&source, Span::new(2, text.len() - 2)).unwrap();
        let entry = root.entry("äA").unwrap();
        assert_eq!(source.slice(root.span), "{\"ä\\u0041\": [1, true, null, \"é\"]}");
        assert_eq!(source.slice(entry.key_span), "\"ä\\u0041\"");
        let items = entry.value.as_list().unwrap();
        assert_eq!(
            items.iter().map(|item| source.slice(item.span)).collect::<Vec<_>>(),
            ["1", "true", "null", "\"é\""]
        );
        assert_eq!(items.iter().filter_map(Node::as_text).collect::<Vec<_>>(), ["1", "true", "é"]);
        assert!(matches!(items[2].value, Value::Null));
        assert_eq!(items[0].kind(), "a number or boolean");
        assert_eq!(items[3].kind(), "a string");
    }

    #[test]
    fn duplicates_are_kept_and_the_last_one_counts() {
        let root = read(r#"{"a": 1, "b": 2, "a": 3}"#).unwrap();
        assert_eq!(root.as_map().unwrap().iter().map(|entry| entry.key.as_str()).collect::<Vec<_>>(), ["a", "b", "a"]);
        assert_eq!(root.get("a").and_then(Node::as_text), Some("3"));
    }

    #[test]
    fn numbers_keep_their_text() {
        for number in ["012345678901", "+1", ".5", "0x1f", "NaN"] {
            assert!(read(number).is_err(), "{number}");
        }
        for number in ["12345678901234567890123", "1e400", "-0", "1.50"] {
            assert_eq!(read(number).unwrap().as_text(), Some(number));
        }
    }

    #[test]
    fn faults_have_their_place() {
        let error = |text: &str| {
            let error = read(text).unwrap_err();
            (error.message, error.span.start)
        };
        assert_eq!(error("{\"a\": 1,}"), ("not valid JSON: a key in double quotes must stand here".to_owned(), 8));
        assert_eq!(error("{\n  \"ä\" 1}"), ("not valid JSON: expected `:`".to_owned(), 9));
        assert_eq!(error("[1, 2").0, "the JSON text ends too early: the end came while parsing a list");
        assert_eq!(error("{} {}"), ("not valid JSON: trailing characters".to_owned(), 3));
        assert_eq!(error("// no\n{}").1, 0);
        assert!(error("\"a\tb\"").0.contains("control character"));
        assert!(read("").is_err() && read(" \n").is_err());
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(read(&nested(MAX_DEPTH)).is_ok());
        let error = read(&nested(MAX_DEPTH + 1)).unwrap_err();
        assert_eq!((error.message.as_str(), error.span.start), ("the JSON is nested more than 128 levels deep", 128));
        assert!(read(&"[".repeat(100_000)).unwrap_err().message.contains("nested"));
        assert!(read(&format!("\"{}\"", "[".repeat(1_000))).is_ok());
    }
}

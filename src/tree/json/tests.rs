use proptest::prelude::*;

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
    assert_eq!(items.iter().map(|item| source.slice(item.span)).collect::<Vec<_>>(), ["1", "true", "null", "\"é\""]);
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
fn strings_are_decoded() {
    let text = |json: &str| read(json).ok().and_then(|node| node.as_text().map(str::to_owned));
    assert_eq!(text(r#""a\"\\\/\b\f\n\r\t\u00e9\ud834\udd1e""#).as_deref(), Some("a\"\\/\u{8}\u{c}\n\r\té𝄞"));
    for broken in
        [r#""\ud834""#, r#""\ud834\u0041""#, r#""\udd1e""#, r#""\x""#, r#""\u00g0""#, r#""\u+0f0""#, "\"\u{1}\""]
    {
        assert_eq!(text(broken), None, "{broken}");
    }
    assert!(read(r#""\ud834""#).unwrap_err().message.contains("surrogate"));
}

proptest! {
    #[test]
    fn what_is_json_is_what_serde_json_says(text in r#"([\[\]{},:"0-9eE+.\- tfn]|true|false|null|"[ab\\u0-9/"]{0,5}"|\{"a":|\[1,|\]|\}){0,10}"#) {
        let node = read(&text);
        prop_assert_eq!(node.is_ok(), serde_json::from_str::<IgnoredAny>(&text).is_ok());
        // Only what it reads, and does not skip, must fit its numbers.
        if let (Ok(node), Ok(theirs)) = (node, serde_json::from_str::<serde_json::Value>(&text)) {
            prop_assert_eq!(value(&node), theirs);
            spans_fit(&text, &node)?;
        }
    }
}

proptest! {
    #[test]
    fn what_serde_json_writes_is_read(theirs in any_value()) {
        for text in [theirs.to_string(), format!("{theirs:#}")] {
            let node = read(&text).unwrap();
            prop_assert_eq!(&value(&node), &theirs);
            spans_fit(&text, &node)?;
        }
    }
}

/// Maps and lists of all that JSON has, in one another.
fn any_value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        let map = prop::collection::vec((any::<String>(), inner.clone()), 0..4);
        let map = map.prop_map(|entries| serde_json::Value::Object(entries.into_iter().collect()));
        prop_oneof![prop::collection::vec(inner, 0..4).prop_map(serde_json::Value::Array), map]
    })
}

/// The text under the span of each node, and of each key, is that value's own.
fn spans_fit(text: &str, node: &Node) -> Result<(), TestCaseError> {
    let slice = |span: Span| text.get(span.start..span.end).unwrap();
    let under = |span: Span| serde_json::from_str::<serde_json::Value>(slice(span));
    prop_assert_eq!(under(node.span).unwrap(), value(node));
    prop_assert_eq!(slice(node.span), slice(node.span).trim());
    for item in node.as_list().unwrap_or_default() {
        spans_fit(text, item)?;
    }
    for entry in node.as_map().unwrap_or_default() {
        prop_assert_eq!(under(entry.key_span).unwrap(), entry.key.as_str());
        spans_fit(text, &entry.value)?;
    }
    Ok(())
}

fn value(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::Null => serde_json::Value::Null,
        Value::Scalar(scalar) if scalar.style == Style::Quoted => scalar.as_text().unwrap().into(),
        Value::Scalar(scalar) => serde_json::from_str(scalar.as_text().unwrap()).unwrap(),
        Value::List(items) => items.iter().map(value).collect(),
        Value::Map(entries) => entries.iter().map(|entry| (entry.key.clone(), value(&entry.value))).collect(),
        Value::Unknown(_) => panic!("JSON knows everything"),
    }
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

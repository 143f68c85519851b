use super::*;

fn read(text: &str) -> Result<(std::sync::Arc<Source>, Vec<Node>), SyntaxError> {
    let source = Source::file("test.yaml", text.to_owned());
    let nodes = parse(&source)?;
    Ok((source, nodes))
}

/// The tree in one line: maps `{k: v}`, lists `[v]`, quoted scalars in quotes.
fn shape(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Scalar(scalar) if scalar.style == Style::Quoted => format!("{:?}", scalar.as_text().unwrap()),
        Value::Scalar(scalar) => scalar.as_text().unwrap().to_owned(),
        Value::List(items) => format!("[{}]", items.iter().map(shape).collect::<Vec<_>>().join(", ")),
        Value::Map(entries) => {
            let entries = entries.iter().map(|entry| format!("{}: {}", entry.key, shape(&entry.value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        Value::Unknown(_) => "?".to_owned(),
    }
}

fn shapes(text: &str) -> Vec<String> {
    read(text).unwrap().1.iter().map(shape).collect()
}

#[track_caller]
fn spans(text: &str, path: &[&str], key: &str, value: &str) {
    let (source, nodes) = read(text).unwrap();
    let (last, way) = path.split_last().unwrap();
    let map = way.iter().fold(&nodes[0], |node, key| node.get(key).unwrap());
    let entry = map.entry(last).unwrap();
    assert_eq!((source.slice(entry.key_span), source.slice(entry.value.span)), (key, value));
}

#[test]
fn scalars_stay_text() {
    let text = "a: 2012-10-17\nb: 012345678901\nc: yes\nd: 'x'\ne:\nf: ~\ng: null\nh: !!str 1\ni: \"\"\nj: 1_000\n";
    let expected =
        r#"{a: 2012-10-17, b: 012345678901, c: yes, d: "x", e: null, f: null, g: null, h: "1", i: "", j: 1_000}"#;
    assert_eq!(shapes(text), [expected]);
}

#[test]
fn tags_become_the_long_form() {
    let text = "a: !Sub x-${y}\nb: !Ref y\nc: !GetAtt a.b\nd: !If [c, !Ref a, 1]\ne: !Condition f\ng: !Sub\n  - x\n  - y: !Ref z\nh: !Foo {}\ni: !Ref\n";
    let expected = "{a: {Fn::Sub: x-${y}}, b: {Ref: y}, c: {Fn::GetAtt: a.b}, d: {Fn::If: [c, {Ref: a}, 1]}, \
        e: {Condition: f}, g: {Fn::Sub: [x, {y: {Ref: z}}]}, h: {Fn::Foo: {}}, i: {Ref: null}}";
    assert_eq!(shapes(text), [expected]);
    spans(text, &["a", "Fn::Sub"], "!Sub", "x-${y}");
    spans(text, &["a"], "a", "!Sub x-${y}");
    spans(text, &["d"], "d", "!If [c, !Ref a, 1]");
    spans(text, &["g"], "g", "!Sub\n  - x\n  - y: !Ref z");
    spans(text, &["i"], "i", "!Ref");
}

#[test]
fn spans_of_blocks_end_at_the_last_child() {
    let text =
        "ä: é\nmap:\n  one: 'ü'\n  two:\n    - a\n    - b: [1, {c: d}]\n\n# comment\n\nlast: x y\n  z  # comment\n";
    spans(text, &["ä"], "ä", "é");
    spans(text, &["map"], "map", "one: 'ü'\n  two:\n    - a\n    - b: [1, {c: d}]");
    spans(text, &["map", "one"], "one", "'ü'");
    spans(text, &["map", "two"], "two", "- a\n    - b: [1, {c: d}]");
    spans(text, &["last"], "last", "x y\n  z");
}

#[test]
fn spans_survive_windows_line_breaks() {
    let text = "a:\r\n  b: 'ü'\r\n  c: |\r\n    {\"x\": 1}\r\n\r\n  d:\r\n  e: f\r\n";
    spans(text, &["a", "b"], "b", "'ü'");
    spans(text, &["a", "e"], "e", "f");
    assert_eq!(shapes(text), [r#"{a: {b: "ü", c: "{\"x\": 1}\n", d: null, e: f}}"#]);
    let (source, nodes) = read(text).unwrap();
    let block = nodes[0].get("a").unwrap().get("c").unwrap();
    assert_eq!(source.slice(block.span).trim_start(), "{\"x\": 1}");
}

#[test]
fn an_empty_value_does_not_stretch_its_map() {
    let text = "a:\n  b:\n\n\nc: d\n";
    spans(text, &["a"], "a", "b");
    spans(text, &["a", "b"], "b", "");
}

#[test]
fn block_scalars_are_text_and_their_span_is_trimmed() {
    let text = "a: |\n  one\n  two\n\nb: >-\n  three\n  four\n";
    assert_eq!(shapes(text), [r#"{a: "one\ntwo\n", b: "three four"}"#]);
    spans(text, &["a"], "a", "one\n  two");
}

#[test]
fn all_documents_are_read() {
    assert_eq!(shapes("---\na: 1\n---\n- b\n...\n---\n"), ["{a: 1}", "[b]", "null"]);
    assert!(shapes("").is_empty());
    assert!(shapes("# nothing\n").is_empty());
}

#[test]
fn aliases_and_merge_keys_are_resolved() {
    assert_eq!(shapes("a: &x {b: 1}\nc: *x\n"), ["{a: {b: 1}, c: {b: 1}}"]);
    assert_eq!(shapes("a: &x {b: 1, c: 2}\nd:\n  c: 3\n  <<: *x\n"), ["{a: {b: 1, c: 2}, d: {b: 1, c: 3}}"]);
    assert_eq!(shapes("a: {<<: [{b: 1}, {b: 2, c: 3}], d: 4}\n"), ["{a: {b: 1, c: 3, d: 4}}"]);
    assert_eq!(shapes("a: {<<: 1}\n"), ["{a: {<<: 1}}"]);
    spans("a: &x\n  b: 1\nc:\n  - *x\nd: 2\n", &["c"], "c", "- *x");
}

#[test]
fn duplicates_are_kept() {
    assert_eq!(shapes("a: 1\na: 2\n"), ["{a: 1, a: 2}"]);
}

#[test]
fn keys_are_text() {
    assert_eq!(shapes("1: a\nnull: b\n'x y': c\n"), ["{1: a, null: b, x y: c}"]);
    assert_eq!(read("a: {{ b }}\n").unwrap_err().message, "a map stands where a key must be text");
}

#[test]
fn hostile_text_is_refused_with_one_message() {
    let message = |text: &str| read(text).unwrap_err().message;
    let laughs = (1..40).map(|n| format!("a{n}: &a{n} [*a{0}, *a{0}, *a{0}, *a{0}]\n", n - 1)).collect::<String>();
    assert_eq!(message(&format!("a0: &a0 [x]\n{laughs}")), "the aliases of this YAML repeat too much of it");
    let tower = (1..200).map(|n| format!("a{n}: &a{n} [*a{}]\n", n - 1)).collect::<String>();
    assert!(message(&format!("a0: &a0 [x]\n{tower}")).contains("more than 128 levels"));
    let long = format!("a: &a '{}'\nb: [{}]\n", "x".repeat(1 << 20), "*a, ".repeat(10_000));
    assert!(message(&long).contains("repeat too much"));
    assert_eq!(message("a: &a [*a]\n"), "an alias stands inside the node that it repeats");
    assert!(message(&"[".repeat(100_000)).starts_with("not valid YAML"));
    assert!(message(&"- ".repeat(200)).contains("levels"));
    assert!(message("a: *b\n").contains("unknown anchor"));
    assert!(message("a: b: c\n").starts_with("not valid YAML"));
}

#[test]
fn faults_have_their_place() {
    let error = read("ä: 1\nb: @x\n").unwrap_err();
    assert_eq!((error.span.start, error.span.len()), (9, 1));
}

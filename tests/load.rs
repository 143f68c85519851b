//! Loading: what files, folders and standard input become.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it skipped"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mfagate::load::{Format, LoadError, Loaded, Unread, load};
use mfagate::source::{Source, Span};
use mfagate::tree::{Entry, Node, Value, json, yaml};
use proptest::prelude::*;

const PLAN: &str = r#"{"format_version":"1.2","terraform_version":"1.9.0","planned_values":{},"resource_changes":[]}"#;
const STATE: &str = r#"{"format_version":"1.0","terraform_version":"1.9.0","values":{"root_module":{}}}"#;
const TEMPLATE: &str = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n";
const FULL_POLICY: &str = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*"}}"#;
const POLICY: &str = r#"{"Version": "2012-10-17", "Statement": []}"#;

fn load_one(path: &Path) -> Loaded {
    load(&[path.to_owned()], &mut std::io::empty())
}

fn load_stdin(bytes: &[u8]) -> Loaded {
    load(&[PathBuf::from("-")], &mut &*bytes)
}

fn kinds(loaded: &Loaded) -> Vec<&'static str> {
    loaded.inputs.iter().map(|input| kind(&input.format)).collect()
}

fn kind(format: &Format) -> &'static str {
    match format {
        Format::TerraformPlan(_) => "plan",
        Format::TerraformState(_) => "state",
        Format::CloudFormation(_) => "template",
        Format::AssembledStack(_) => "stack",
        Format::PolicyDocument(_) => "policy",
    }
}

#[track_caller]
fn kinds_of(text: &str) -> Vec<&'static str> {
    let loaded = load_stdin(text.as_bytes());
    assert!(loaded.unread.is_empty(), "{}", loaded.unread[0].reason());
    kinds(&loaded)
}

#[track_caller]
fn refused(bytes: &[u8]) -> Unread {
    let mut loaded = load_stdin(bytes);
    assert!(loaded.inputs.is_empty(), "{:?}", loaded.inputs);
    assert_eq!((loaded.unread.len(), loaded.passed_over, loaded.files), (1, 0, 0));
    loaded.unread.remove(0)
}

#[track_caller]
fn reason(text: &str) -> String {
    refused(text.as_bytes()).reason()
}

#[test]
fn plans_are_known_by_their_keys() {
    for version in ["0.1", "0.2", "1.0", "1.1", "1.2", "1.99"] {
        assert_eq!(kinds_of(&PLAN.replace("1.2", version)), ["plan"]);
    }
    assert_eq!(kinds_of(r#"{"planned_values": {}}"#), ["plan"]);
    assert_eq!(kinds_of(r#"{"format_version": "1.2", "variables": {}, "x": 1}"#), ["plan"]);
    let sorted = r#"{"checks":[],"configuration":{"provider_config":{}},"format_version":"1.2","planned_values":{}}"#;
    assert_eq!(kinds_of(sorted), ["plan"]);
    assert!(reason(&PLAN.replace("1.2", "2.0")).starts_with("has `format_version` `2.0`"));
}

#[test]
fn plans_are_found_in_what_wraps_them() {
    for (text, spans) in [
        (format!("{{\"run\": {{\"id\": 1}}, \"plan\": {PLAN} }}"), vec![PLAN]),
        (format!("{{\"input\": {{\"plan\": {PLAN}}}}}"), vec![PLAN]),
        (format!("{{\"a\": {PLAN}, \"b\": {STATE}}}"), vec![PLAN, STATE]),
    ] {
        let loaded = load_stdin(text.as_bytes());
        let slice = |format: &Format| match format {
            Format::TerraformPlan(span) | Format::TerraformState(span) => {
                loaded.inputs[0].source.slice(*span).to_owned()
            }
            _ => String::new(),
        };
        assert_eq!(loaded.inputs.iter().map(|input| slice(&input.format)).collect::<Vec<_>>(), spans);
        assert_eq!(loaded.files, 1);
    }
    assert!(reason(&format!("{{\"plan\": {PLAN}")).starts_with("cannot be parsed: the JSON text ends too early"));
}

#[test]
fn states_are_known_by_their_keys() {
    assert_eq!(kinds_of(STATE), ["state"]);
    assert_eq!(kinds_of(r#"{"format_version":"1.0"}"#), ["state"]);
    let raw = reason(r#"{"version": 4, "terraform_version": "1.9.0", "serial": 3, "lineage": "x", "resources": []}"#);
    assert_eq!(
        raw,
        "is a raw state file, whose form Terraform keeps to itself; run `terraform show -json tfplan > state.json` and \
         check state.json (OpenTofu: `tofu show`)"
    );
}

#[test]
fn templates_and_policies_are_known_by_their_keys() {
    assert_eq!(kinds_of(TEMPLATE), ["template"]);
    assert_eq!(kinds_of("AWSTemplateFormatVersion: 2010-09-09\n"), ["template"]);
    assert_eq!(kinds_of("Transform: AWS::Serverless-2016-10-31\nResources: {}\n"), ["template"]);
    assert_eq!(kinds_of(r#"{"Resources": {"A": {"Type": "AWS::IAM::Role"}}}"#), ["template"]);
    assert_eq!(kinds_of("{Resources: {A: {Type: x}}}"), ["template"]);
    assert_eq!(kinds_of(POLICY), ["policy"]);
    assert_eq!(kinds_of("Statement:\n  Effect: Allow\n"), ["policy"]);
    assert_eq!(kinds_of(&format!("---\n{TEMPLATE}---\nStatement: []\n---\n")), ["template", "policy"]);
}

#[test]
fn policies_and_templates_are_found_in_what_the_aws_command_line_prints() {
    assert_eq!(
        kinds_of(&format!("{{\"Role\": {{\"RoleName\": \"a\", \"AssumeRolePolicyDocument\": {FULL_POLICY}}}}}")),
        ["policy"]
    );
    assert_eq!(kinds_of(&format!("{{\"PolicyDocument\": {FULL_POLICY}}}")), ["policy"]);
    let template = r#"{"TemplateBody": {"Resources": {"A": {"Type": "AWS::IAM::Role"}}}, "StagesAvailable": []}"#;
    assert_eq!(kinds_of(template), ["template"]);
    for key in ["Statement", "Resources", "AWSTemplateFormatVersion"] {
        let schema = format!("{{\"properties\": {{\"{key}\": {{\"x\": {{\"Type\": {{}}}}}}, \"Resources\": {{}}}}}}");
        assert!(reason(&schema).contains("a map with the key `properties`"));
    }
}

#[test]
fn what_is_almost_a_policy_is_told_what_lacks() {
    for text in [r#"{"Effect": "Allow", "Action": "*"}"#, r#"[{"Effect": "Allow"}]"#, "- Effect: Allow\n"] {
        assert!(reason(text).starts_with("is a statement without a policy document around it; write `{"), "{text}");
    }
    let two = reason(&format!("{{\"a\": {FULL_POLICY}, \"b\": {FULL_POLICY}}}"));
    assert_eq!(two, "holds 2 policy documents; give each a file of its own");
}

#[test]
fn a_plan_with_comments_is_broken_json() {
    let reason = reason(&format!("# made by hand\n{PLAN}"));
    assert_eq!(reason, "cannot be parsed: not valid JSON: expected value (line 1, column 1)");
}

#[test]
fn encodings_are_undone() {
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(PLAN.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    for bytes in [utf16, [b"\xef\xbb\xbf", PLAN.as_bytes()].concat()] {
        let loaded = load_stdin(&bytes);
        assert_eq!(kinds(&loaded), ["plan"]);
        assert_eq!(loaded.inputs[0].source.text(), PLAN);
    }
}

#[test]
fn what_must_be_converted_comes_with_the_command() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("my plan");
    fs::write(&path, b"PK\x03\x04\x14\0\x08\0\x08\0tfplan....").unwrap();
    let loaded = load_one(&path);
    let expected = format!("run `terraform show -json '{}' > plan.json`", path.display());
    assert!(loaded.unread[0].reason().contains(&expected), "{}", loaded.unread[0].reason());
    for (text, message) in [
        ("resource \"aws_iam_role\" \"a\" {\n}\n", "is Terraform configuration"),
        (r#"{"resource": {"aws_iam_role": {}}, "terraform": {}}"#, "is Terraform configuration"),
        ("\nTerraform will perform the following actions:\n\n  # aws_iam_role.a\n", "is a plan as Terraform prints it"),
        ("{\"@level\":\"info\",\"type\":\"version\"}\n{\"@level\":\"info\"}\n", "is the log"),
        ("import \"x\"\nplanned_values = {\n}\n", "is a Sentinel mock"),
    ] {
        let reason = reason(text);
        assert!(reason.starts_with(message) && reason.contains("terraform show -json tfplan > plan.json"), "{reason}");
    }
}

#[test]
fn lines_of_the_setup_terraform_wrapper_are_named() {
    let first = format!("[command]/opt/terraform-bin show -json tfplan\n{PLAN}\n");
    let last = format!("{PLAN}\n::debug::Terraform exited with code 0.\n::set-output name=exitcode::0\n");
    for text in [first, last] {
        let unread = refused(text.as_bytes());
        assert!(matches!(unread.error, LoadError::Wrapper { .. }));
        assert!(unread.reason().contains("terraform_wrapper: false"));
    }
}

#[test]
fn templates_of_other_tools_are_named() {
    for text in [
        "Resources:\n  {% if x %}\n  A: b\n",
        "{% if x %}\nResources: {}\n",
        "Resources:\n  <%= x %>\n  A: : b\n",
        "{{ x }}",
        "{\"Statement\": [\n%{ if guarded }\n{}\n%{ endif }\n]}",
    ] {
        let unread = refused(text.as_bytes());
        assert!(matches!(unread.error, LoadError::Templating { .. }), "{text}: {}", unread.reason());
    }
    let resolve = refused(b"{\"Resources\": {\"A\": \"{{resolve:ssm:x}}\",}}]");
    assert!(matches!(resolve.error, LoadError::Syntax(_)));
}

#[test]
fn what_terraform_fills_in_is_passed_over_in_folders() {
    let folder = folder(&[("access.json.tftpl", FULL_POLICY.as_bytes()), ("plan.json", PLAN.as_bytes())]);
    let loaded = load_one(folder.path());
    assert_eq!((kinds(&loaded), loaded.passed_over), (vec!["plan"], 1));
    assert_eq!(kinds(&load_one(&folder.path().join("access.json.tftpl"))), ["policy"]);
}

#[test]
fn bad_input_gets_one_message_with_its_place() {
    assert_eq!(reason(""), "is empty; see whether the command that should have filled it failed");
    assert!(reason(" \n\t").starts_with("is empty"));
    assert_eq!(
        reason("{\n  \"Resources\": {\n    \"A\": [}\n}"),
        "cannot be parsed: not valid JSON: expected value (line 3, column 11)"
    );
    assert!(reason("Resources:\n  A: @x\n").ends_with("(line 2, column 6)"));
    assert_eq!(
        reason("Resources: text\n").split(" (").collect::<Vec<_>>(),
        ["`Resources` must be a map, and is a string", "line 1, column 1)"]
    );
    assert!(reason("{\"Resources\": [1]}").starts_with("`Resources` must be a map, and is a list"));
    assert!(reason("{\"a\": 1, \"b\": {}}").contains("a map with the keys `a`, `b`"));
    assert!(reason("[1]").contains("a list"));
    assert!(reason("just text").contains("neither a Terraform plan"));
    assert!(reason("# only\n").contains("nothing but comments"));
    assert!(reason(&"[".repeat(100_000)).contains("nested more than 128 levels deep"));
    assert!(reason(&"{\"a\":".repeat(100_000)).contains("nested more than 128 levels deep"));
    assert!(reason(&format!("\"{}", "x".repeat(1 << 20))).contains("not valid YAML"));
    assert!(reason(&"x".repeat(1 << 20)).contains("neither"));
    assert_eq!(refused(b"\x7fELF\x02\x01\0\0\xff").reason(), "is a binary file");
    assert!(refused(b"Resources:\n  A: \xe4\n").reason().contains("offset 16, in line 2"));
    let truncated = reason(r#"{"Version": "2012-10-17", "Statement": [{"Effect": "All"#);
    assert!(truncated.starts_with("cannot be parsed: the JSON text ends too early"), "{truncated}");
}

#[test]
fn a_path_that_does_not_exist_is_unread() {
    let loaded = load_one(Path::new("/nowhere/plan.json"));
    assert_eq!(loaded.unread[0].file, "/nowhere/plan.json");
    assert_eq!(loaded.unread[0].reason(), "cannot be read: there is no such file or folder");
}

#[cfg(unix)]
#[test]
fn a_folder_without_permission_is_unread() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let closed = folder.path().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::write(folder.path().join("plan.json"), PLAN).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read_dir(&closed).is_ok() {
        println!("skipped: this user may read everything");
        return;
    }
    let loaded = load_one(folder.path());
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(kinds(&loaded), ["plan"]);
    assert_eq!(loaded.unread[0].reason(), "cannot be read: permission is denied");
}

/// A folder with the files given, as (path, bytes).
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

#[test]
fn folders_are_walked_in_order_and_what_is_not_ours_is_counted() {
    let folder = folder(&[
        ("b/role.yaml", TEMPLATE.as_bytes()),
        ("a.out", PLAN.as_bytes()),
        ("a.policy.json", POLICY.as_bytes()),
        (".gitignore", b"*.out\n"),
        ("package.json", b"{\"name\": \"x\"}"),
        ("kube.yaml", b"kind: Pod\nspec: [\n"),
        ("empty.json", b""),
        ("notes.json", b"{\"Version\": 1, \"Statements\": 2,}"),
        ("main.tf", b"resource \"a\" \"b\" {}\n"),
        ("image.png", b"\x89PNG\0"),
        ("plan.tfplan", b"PK\x03\x04tfplan"),
        (".git/config.json", PLAN.as_bytes()),
        ("x/.terraform/modules.json", PLAN.as_bytes()),
        ("node_modules/a/template.yaml", TEMPLATE.as_bytes()),
    ]);
    let loaded = load_one(folder.path());
    let names: Vec<_> =
        loaded.inputs.iter().map(|input| Path::new(input.source.name()).strip_prefix(folder.path()).unwrap()).collect();
    assert_eq!(names, [Path::new("a.out"), Path::new("a.policy.json"), Path::new("b/role.yaml")]);
    assert_eq!(kinds(&loaded), ["plan", "policy", "template"]);
    assert!(loaded.unread.is_empty(), "{}", loaded.unread[0].reason());
    assert_eq!((loaded.files, loaded.passed_over), (3, 8));
}

#[test]
fn broken_files_of_ours_in_a_folder_are_unread() {
    let folder = folder(&[
        ("a.json", b"{\"resource_changes\"  [ \"planned_values\""),
        ("b.yaml", b"Resources:\n  A: @x\n"),
        ("c.json", b"{\"Statement\": [}"),
        ("d.yaml", b"AWSTemplateFormatVersion: '2010-09-09'\nResources: x\n"),
        ("e.json", b"{\"other\": [}"),
    ]);
    let loaded = load_one(folder.path());
    let names: Vec<_> = loaded.unread.iter().map(|unread| unread.file.rsplit('/').next().unwrap()).collect();
    assert_eq!(names, ["a.json", "b.yaml", "c.json", "d.yaml"]);
    assert_eq!(loaded.passed_over, 1);
}

#[test]
fn a_binary_plan_alone_in_a_folder_is_not_missed() {
    let folder = folder(&[("tfplan", b"PK\x03\x04tfplan"), ("main.tf", b"")]);
    let loaded = load_one(folder.path());
    assert!(matches!(loaded.unread[0].error, LoadError::BinaryPlan));
    assert_eq!(loaded.passed_over, 1);
}

#[test]
fn a_file_that_is_asked_for_twice_is_read_once_and_counts_as_named() {
    let folder = folder(&[("a.json", b"{\"Resources\": {}}"), ("b.json", PLAN.as_bytes())]);
    let named = folder.path().join("a.json");
    for paths in [[named.clone(), folder.path().to_owned()], [folder.path().to_owned(), named]] {
        assert_eq!(kinds(&load(&paths, &mut std::io::empty())), ["template", "plan"]);
    }
    assert!(load(&[], &mut std::io::empty()).inputs.is_empty());
}

fn check_spans(node: &Node, text: &str) {
    assert!(text.get(node.span.start..node.span.end).is_some());
    for entry in node.as_map().unwrap_or_default() {
        assert!(text.get(entry.key_span.start..entry.key_span.end).is_some());
        check_spans(&entry.value, text);
    }
    node.as_list().unwrap_or_default().iter().for_each(|item| check_spans(item, text));
}

/// Text of the pieces that JSON, YAML and what is detected are made of.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        ": ",
        "\"",
        "'",
        "\n",
        "\r\n",
        "  ",
        "\t",
        "- ",
        "? ",
        "|\n",
        ">-\n",
        "&a ",
        "*a",
        "!Sub ",
        "!Ref ",
        "!!str ",
        "<<",
        "#",
        "---\n",
        "%",
        "\\",
        "ä",
        "𝄞",
        "1",
        "null",
        "x",
        "\"Resources\"",
        "Resources:\n",
        "\"Statement\"",
        "Effect",
        "\"format_version\"",
        "\"values\"",
        "\"planned_values\"",
        "{{",
        "\u{feff}",
        "\0",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_an_input_or_is_refused(text in pieces()) {
        let loaded = load_stdin(text.as_bytes());
        prop_assert!(loaded.inputs.is_empty() == (loaded.unread.len() == 1));
        for unread in &loaded.unread {
            prop_assert!(!unread.reason().is_empty());
        }
    }

    #[test]
    fn spans_fit_the_text(text in pieces()) {
        let source = Source::file("text", text.clone());
        for node in yaml::parse(&source).unwrap_or_default() {
            check_spans(&node, &text);
        }
        if let Ok(node) = json::parse(&source, Span::new(0, text.len())) {
            check_spans(&node, &text);
        }
    }

    #[test]
    fn valid_json_reads_as_it_was_written(value in json_value()) {
        let text = value.to_string();
        let source = Source::file("text", text.clone());
        let node = json::parse(&source, Span::new(0, text.len()));
        prop_assert!(node.is_ok_and(|node| same(&node, &value)));
    }
}

fn json_value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        ".*".prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(serde_json::Value::from),
            prop::collection::btree_map(".*", inner, 0..5).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

fn same(node: &Node, value: &serde_json::Value) -> bool {
    match (&node.value, value) {
        (Value::Null, serde_json::Value::Null) => true,
        (Value::List(items), serde_json::Value::Array(values)) => {
            items.len() == values.len() && items.iter().zip(values).all(|(item, value)| same(item, value))
        }
        (Value::Map(entries), serde_json::Value::Object(values)) => {
            let same_entry =
                |(entry, (key, value)): (&Entry, (&String, _))| entry.key == *key && same(&entry.value, value);
            entries.len() == values.len() && entries.iter().zip(values).all(same_entry)
        }
        (Value::Scalar(_), serde_json::Value::String(text)) => {
            node.as_text() == Some(text) && node.kind() == "a string"
        }
        (Value::Scalar(_), value) => node.as_text() == Some(&value.to_string()) && node.kind() == "a number or boolean",
        _ => false,
    }
}

/// Every real file, named outright, becomes an input or is refused with a message, in no time.
#[test]
fn the_corpus_loads() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    if !corpus.is_dir() {
        println!("skipped: there is no corpus");
        return;
    }
    let mut counts = BTreeMap::<String, usize>::new();
    for entry in walkdir::WalkDir::new(&corpus).min_depth(2).sort_by_file_name() {
        let path = entry.unwrap().into_path();
        let start = Instant::now();
        let loaded = load_one(&path);
        assert!(start.elapsed() < Duration::from_secs(10), "{} is slow", path.display());
        assert!(!loaded.inputs.is_empty() || loaded.unread.len() == 1, "{}", path.display());
        let room = path.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
        for input in &loaded.inputs {
            *counts.entry(format!("{room}: {}", kind(&input.format))).or_default() += 1;
        }
        for unread in &loaded.unread {
            println!("{}: {}", path.file_name().unwrap().to_string_lossy(), unread.reason());
            let kind = format!("{:?}", unread.error);
            let kind = kind.split(|char: char| !char.is_alphanumeric()).next().unwrap();
            *counts.entry(format!("{room}: unread, {kind}")).or_default() += 1;
        }
    }
    println!("{counts:#?}");
}

use std::fs;
use std::path::Path;

use serde_json::json;

use super::*;
use crate::checkout::Checkouts;
use crate::load::{Format, Input};
use crate::source::{Source, Span};
use crate::tree::Part;

/// What the `policy` of `x.y` comes to, with what is unknown as `<name>`; a text that spells out JSON as that JSON.
fn policy(expression: &str) -> String {
    evaluated(&format!("resource \"x\" \"y\" {{\n  policy = {expression}\n}}\n"), "x.y", &[])
}

/// The same for a whole file, an address in it, and other files beside it.
fn evaluated(main: &str, address: &str, others: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("main.tf", main)].iter().chain(others) {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let change = |address: &str, after, unknown| json!({"address": address, "change": {"after": after, "after_unknown": unknown}});
    let text = json!({
        "variables": {"env": {"value": "prod"}},
        "resource_changes": [
            change("aws_iam_user.one", json!({"name": "one"}), json!({"arn": true})),
            change("aws_iam_user.many[\"a\"]", json!({"name": "a"}), json!({"arn": true})),
            change("aws_iam_user.many[\"b\"]", json!({"name": "b"}), json!({"arn": true})),
            change("aws_s3_bucket.two[0]", json!({"arn": "arn:aws:s3:::zero"}), json!({})),
            change("aws_s3_bucket.two[1]", json!({"tags": {"a": "b"}}), json!({"arn": true, "tags": {}})),
            change("module.m[\"k\"].aws_iam_role.r", json!({}), json!({"arn": true})),
        ],
        "prior_state": {"values": {"root_module": {"resources": [
            {"address": "data.aws_caller_identity.me", "values": {"account_id": "111122223333"}},
        ]}}},
        "configuration": {"root_module": {"resources": [{"address": "x.y"}], "module_calls": {
            "m": {"source": "./m", "module": {}},
        }}},
    });
    let span = Span::new(0, text.to_string().len());
    let name = folder.path().join("plan.json").display().to_string();
    let source = Source::file(name.as_str(), text.to_string());
    let checkouts = Checkouts::beside(&[Input::new(source, Format::TerraformPlan(span))], &[]);
    let evaluator = checkouts.evaluator(&name).unwrap();
    let value = evaluator.attribute(address, "policy").unwrap().unwrap();
    match document(&value) {
        Some(read) if value.as_text().is_none_or(|text| text.starts_with(['{', '['])) => shown(&read),
        _ => shown(&value),
    }
}

fn shown(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Unknown(unknown) => format!("<{}>", unknown.name),
        Value::Scalar(scalar) if scalar.is_number_or_boolean() => scalar.as_text().unwrap().to_owned(),
        Value::Scalar(scalar) => {
            let part = |part: &Part| match part {
                Part::Known(text) => text.clone(),
                Part::Unknown(unknown) => format!("<{}>", unknown.name),
            };
            format!("'{}'", scalar.parts.iter().map(part).collect::<String>())
        }
        Value::List(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Value::Map(entries) => {
            let entry = |entry: &crate::tree::Entry| format!("{}: {}", entry.key, shown(&entry.value));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
    }
}

#[test]
fn expressions() {
    for (expression, expected) in [
        ("{ a = 1, \"b\" = [true, null], (\"c\") = \"d\" }", "{a: 1, b: [true, null], c: 'd'}"),
        ("\"a${var.env}b\"", "'aprodb'"),
        ("\"${[1]}\"", "[1]"),
        ("var.env == \"prod\" ? \"yes\" : \"no\"", "'yes'"),
        ("!false && (1 < 2 || false)", "true"),
        ("2 * 3 + 1", "7"),
        ("[for x in [\"a\", \"b\"] : upper(x) if x != \"a\"]", "['B']"),
        ("{ for k, v in { b = 1, a = 2 } : v => k }", "{2: 'a', 1: 'b'}"),
        ("[{ a = 1 }, { a = 2 }][*].a", "[1, 2]"),
        ("{ a = { b = [5] } }.a.b[0]", "5"),
        ("\"%{ if var.env == \"prod\" }p%{ else }q%{ endif }%{ for x in [1, 2] }${x};%{ endfor }\"", "'p1;2;'"),
        ("<<-EOT\n    a\n    $${b}\n  EOT", "'a\n${b}\n'"),
    ] {
        assert_eq!(policy(expression), expected, "{expression}");
    }
}

#[test]
fn functions() {
    for (call, expected) in [
        ("jsonencode({ a = [\"\\\"\", 1, null] })", "{a: ['\"', 1, null]}"),
        ("jsondecode(\"{\\\"a\\\": 1}\").a", "1"),
        ("format(\"%s-%d%%\", \"a\", 5)", "'a-5%'"),
        ("join(\",\", concat([\"a\"], [\"b\"]))", "'a,b'"),
        ("merge({ a = 1, b = 1 }, null, { b = 2 })", "{a: 1, b: 2}"),
        ("distinct(flatten([[\"a\"], [[\"a\", \"b\"]]]))", "['a', 'b']"),
        ("compact([\"\", \"a\", null])", "['a']"),
        ("lookup({ a = 1 }, \"b\", 3)", "3"),
        ("replace(\"a.b\", \".\", \"-\")", "'a-b'"),
        ("split(\",\", \"a,b\")", "['a', 'b']"),
        ("lower(\"ÄB\")", "'äb'"),
        ("length([1, 2])", "2"),
        ("contains([\"a\"], \"a\")", "true"),
        ("element([1, 2], 3)", "2"),
        ("try({ a = 1 }.b.c, 7)", "7"),
        ("coalesce(null, \"\", \"x\")", "'x'"),
        ("max([1, 2]...)", "<max(…)>"),
        ("provider::aws::arn_parse(\"a\")", "<arn_parse(…)>"),
        ("uuid()", "<uuid(…)>"),
    ] {
        assert_eq!(policy(call), expected, "{call}");
    }
}

#[test]
fn what_the_plan_leaves_open_keeps_its_name() {
    for (expression, expected) in [
        ("\"${aws_iam_user.one.arn}/x\"", "'<aws_iam_user.one.arn>/x'"),
        ("aws_iam_user.one.name", "'one'"),
        ("aws_iam_user.many[\"b\"].arn", "<aws_iam_user.many[\"b\"].arn>"),
        (
            "[for user in aws_iam_user.many : user.arn]",
            "[<aws_iam_user.many[\"a\"].arn>, <aws_iam_user.many[\"b\"].arn>]",
        ),
        ("aws_s3_bucket.two[*].arn", "['arn:aws:s3:::zero', <aws_s3_bucket.two[1].arn>]"),
        ("data.aws_caller_identity.me.account_id", "'111122223333'"),
        ("aws_sqs_queue.gone.arn", "<aws_sqs_queue.gone.arn>"),
        ("var.nothing", "<var.nothing>"),
        ("aws_iam_user.one.arn == \"a\" ? [1] : [2]", "<aws_iam_user.one.arn>"),
        ("aws_iam_user.one.arn == \"a\" ? [1] : [1]", "[1]"),
        ("upper(aws_iam_user.one.arn)", "<aws_iam_user.one.arn>"),
        ("jsonencode({ a = aws_iam_user.one.arn })", "{a: <aws_iam_user.one.arn>}"),
        ("jsonencode({ a = \"x${aws_iam_user.one.arn}\" })", "{a: 'x<aws_iam_user.one.arn>'}"),
        ("jsonencode({ (aws_iam_user.one.arn) = 1, b = 2 })", "<aws_iam_user.one.arn>"),
        ("\"{\\\"a\\\": ${jsonencode([aws_iam_user.one.arn])}}\"", "{a: [<aws_iam_user.one.arn>]}"),
        ("concat([1], aws_iam_user.one.tags_all)", "[1, <an attribute `tags_all`>]"),
        ("concat([1], var.nothing)", "[1, <var.nothing>]"),
        ("length(concat([1], var.nothing))", "<var.nothing>"),
        ("concat(var.nothing, [1])[1]", "<var.nothing>"),
    ] {
        assert_eq!(policy(expression), expected, "{expression}");
    }
}

#[test]
fn names_lead_through_modules_and_instances() {
    let main = "locals {\n  a = \"l${local.b}\"\n  b = 1\n}\nvariable \"d\" {\n  default = [local.a]\n}\n\
        module \"m\" {\n  source = \"./m\"\n  for_each = { k = { v = var.env } }\n  given = \"${each.key}-${each.value.v}\"\n}\n\
        resource \"x\" \"y\" {\n  for_each = toset([\"p\"])\n  policy = [local.a, module.m[\"k\"].out, each.key, each.value, count.index]\n}\n";
    let module = "variable \"given\" {}\nvariable \"other\" {\n  default = \"o\"\n}\n\
        output \"out\" {\n  value = [var.given, var.other, aws_iam_role.r.arn]\n}\n";
    let found = evaluated(main, "x.y[\"p\"]", &[("m/main.tf", module)]);
    assert!(found.starts_with("['l1', ['k-prod', 'o', <module.m[\"k\"].aws_iam_role.r.arn>], 'p', 'p', "), "{found}");
}

#[test]
fn files_are_read_inside_of_the_module_only() {
    let template = "{\"a\": ${jsonencode(list)}, \"b\": \"$${aws:username}\"}";
    let main = |expression: &str| format!("resource \"x\" \"y\" {{\n  policy = {expression}\n}}\n");
    let found = |expression: &str| evaluated(&main(expression), "x.y", &[("t/a.tftpl", template)]);
    let expected = "{a: ['x', <aws_iam_user.one.arn>], b: '${aws:username}'}";
    let list = "{ list = [\"x\", aws_iam_user.one.arn] }";
    assert_eq!(found(&format!("templatefile(\"${{path.module}}/t/a.tftpl\", {list})")), expected);
    assert_eq!(found("file(\"${path.module}/t/a.tftpl\")"), format!("'{template}'"));
    let outside = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml").display().to_string();
    for path in
        [outside.as_str(), "/etc/hostname", "${path.module}/../../etc/hostname", "${path.module}/t/gone", "/dev/zero"]
    {
        assert_eq!(found(&format!("file(\"{path}\")")), "<file(…)>", "{path}");
    }
}

#[test]
fn hostile_expressions_come_to_an_end() {
    let doubling: String = (0..60).map(|n| format!("  l{} = \"${{local.l{n}}}${{local.l{n}}}\"\n", n + 1)).collect();
    let circle = "locals {\n  a = local.b\n  b = [local.a]\n}\n";
    let bound = format!("{}\"x\"{}", "[for x in [".repeat(20), "] : \"${x}${x}${x}${x}\"]".repeat(20));
    let nested = format!("{}1{}", "[".repeat(60), "]".repeat(60));
    let files = [
        format!("locals {{\n  l0 = \"x\"\n{doubling}}}\nresource \"x\" \"y\" {{\n  policy = local.l60\n}}\n"),
        format!("{circle}resource \"x\" \"y\" {{\n  policy = local.a\n}}\n"),
        format!("resource \"x\" \"y\" {{\n  policy = {bound}\n}}\n"),
        format!("resource \"x\" \"y\" {{\n  policy = jsonencode({nested})\n}}\n"),
        "variable \"a\" {\n  default = var.a\n}\nresource \"x\" \"y\" {\n  policy = var.a\n}\n".to_owned(),
    ];
    for file in files {
        let started = std::time::Instant::now();
        let found = evaluated(&file, "x.y", &[]);
        assert!(started.elapsed().as_secs() < 10, "{file}");
        assert!(found.len() < 20 << 20);
    }
    let circle = evaluated(&format!("{circle}resource \"x\" \"y\" {{\n  policy = local.a\n}}\n"), "x.y", &[]);
    assert!(circle.contains("[<an expression>]"), "{circle}");
}

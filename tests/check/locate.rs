//! Findings and subjects of plans point at the Terraform blocks that somebody wrote.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use mfagate::{Options, check};
use serde_json::Value;

use crate::runs::{folder, json, written};

fn report(plan: &Path, sources: Vec<PathBuf>) -> Value {
    json(&check(&Options { sources, ..Options::new(vec![plan.to_owned()]) }))
}

/// Every plan and state in `testdata`, with the folder that it was made of.
fn projects() -> Vec<(PathBuf, PathBuf)> {
    let root = Path::new("testdata/terraform");
    let mut projects = Vec::new();
    for entry in walk(root).into_iter().filter(|path| path.extension().is_some_and(|it| it == "json")) {
        let text = fs::read_to_string(&entry).unwrap();
        let folder = entry.parent().unwrap();
        if text.contains("\"terraform_version\"") {
            let after = folder.join("after");
            projects.push((entry.clone(), if after.is_dir() { after } else { folder.to_owned() }));
        }
    }
    assert!(projects.len() > 20, "{projects:?}");
    projects
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(walk(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// The header of a block, as `resource "aws_iam_role" "a"`.
fn header(address: &str) -> String {
    let mut plain = String::new();
    let mut depth = 0;
    for character in address.chars() {
        match character {
            '[' => depth += 1,
            ']' => depth -= 1,
            other if depth == 0 => plain.push(other),
            _ => {}
        }
    }
    let names: Vec<&str> = plain.split('.').collect();
    match names.as_slice() {
        [.., "data", type_name, name] => format!("data \"{type_name}\" \"{name}\""),
        [.., type_name, name] => format!("resource \"{type_name}\" \"{name}\""),
        _ => panic!("{address} is no address"),
    }
}

/// The header of the outermost block that a line stands in.
fn block_around(file: &str, line: usize) -> String {
    let text = fs::read_to_string(file).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let is_header = |line: &&&str| line.starts_with(|first: char| first.is_ascii_lowercase());
    (*lines[..line].iter().rev().find(is_header).unwrap()).to_owned()
}

/// Whether no file has the block: what a change forgets is still there without one.
fn is_gone(source: &Path, address: &str) -> bool {
    !walk(source).iter().any(|path| fs::read_to_string(path).unwrap().contains(&header(address)))
}

fn line(location: &Value) -> (&str, usize) {
    (location["file"].as_str().unwrap(), usize::try_from(location["line"].as_u64().unwrap()).unwrap())
}

#[test]
fn every_subject_is_at_its_block() {
    for (plan, source) in projects() {
        for subject in report(&plan, vec![source.clone()])["subjects"].as_array().unwrap() {
            let address = subject["address"].as_str().unwrap();
            let (file, line) = line(&subject["location"]);
            if is_gone(&source, address) {
                assert_eq!(Path::new(file), plan);
                continue;
            }
            assert!(file.ends_with(".tf"), "{}: {address} is in {file}", plan.display());
            let text = fs::read_to_string(file).unwrap();
            let found = text.lines().nth(line - 1).unwrap();
            assert!(found.starts_with(&header(address)), "{}: {address}: {file}:{line}: {found}", plan.display());
            assert_eq!(subject["location"]["column"], 1);
        }
    }
}

#[test]
fn every_finding_is_at_its_block() {
    for (plan, source) in projects() {
        for finding in report(&plan, vec![source.clone()])["findings"].as_array().unwrap() {
            let address = finding["address"].as_str().unwrap();
            let (file, at) = line(&finding["location"]);
            if is_gone(&source, address) {
                assert_eq!(Path::new(file), plan);
                continue;
            }
            if finding["status"] == "fixed" {
                assert!(block_around(file, at).starts_with(&header(address)));
                continue;
            }
            assert!(file.ends_with(".tf"), "{}: {} {address} is in {file}", plan.display(), finding["rule"]);
            let related: Vec<(&str, usize)> =
                finding["related"].as_array().unwrap().iter().map(|it| line(&it["location"])).collect();
            assert!(related.iter().any(|(file, _)| Path::new(file) == plan), "{}: {related:?}", plan.display());
            let blocks: BTreeSet<String> = related
                .iter()
                .filter(|(file, _)| file.ends_with(".tf"))
                .chain([&(file, at)])
                .map(|(file, line)| block_around(file, *line))
                .collect();
            let own = header(address);
            assert!(
                blocks.iter().any(|block| block.starts_with(&own)),
                "{}: {} {address}: {file}:{at} and {blocks:?}",
                plan.display(),
                finding["rule"]
            );
        }
    }
}

#[test]
fn fingerprints_and_all_else_do_not_depend_on_sources() {
    let empty = tempfile::tempdir().unwrap();
    for (plan, source) in projects() {
        let with = report(&plan, vec![source]);
        let without = report(&plan, vec![empty.path().to_owned()]);
        let known = |report: &Value| -> BTreeSet<String> {
            let findings = report["findings"].as_array().unwrap().iter();
            // What is not known without the files may be known with them.
            findings
                .filter(|it| it["rule"] != "mfa-unproven")
                .map(|it| format!("{} {} {} {}", it["fingerprint"], it["rule"], it["address"], it["message"]))
                .collect()
        };
        let lost: Vec<_> = known(&without).difference(&known(&with)).cloned().collect();
        assert!(lost.is_empty(), "{}: {lost:?}", plan.display());
        for finding in without["findings"].as_array().unwrap() {
            assert_eq!(Path::new(finding["location"]["file"].as_str().unwrap()), plan);
        }
    }
}

/// The files of a small project and a plan of it with these resources, each with the values of its attributes.
fn project(files: &[(&str, &str)], resources: &[(&str, Value)], calls: &Value) -> (tempfile::TempDir, PathBuf) {
    let folder = folder(files);
    let change = |(address, values): &(&str, Value)| {
        let steps: Vec<&str> = address.split('.').collect();
        let module = steps[..steps.len() - 2].join(".");
        let name = steps[steps.len() - 1].split('[').next().unwrap();
        serde_json::json!({
            "address": address, "module_address": module, "mode": "managed", "type": steps[steps.len() - 2], "name": name,
            "change": {"actions": ["create"], "before": null, "after": values, "after_unknown": {}},
        })
    };
    let own = |(address, _): &&(&str, Value)| !address.starts_with("module.");
    let blocks: Vec<Value> = resources
        .iter()
        .filter(own)
        .map(|(address, _)| serde_json::json!({"address": address.split('[').next().unwrap()}))
        .collect();
    let plan = serde_json::json!({
        "format_version": "1.2", "terraform_version": "1.11.4",
        "resource_changes": resources.iter().map(change).collect::<Vec<_>>(),
        "configuration": {"root_module": {"resources": blocks, "module_calls": calls}},
    });
    let path = folder.path().join("plan.json");
    fs::write(&path, plan.to_string()).unwrap();
    (folder, path)
}

/// A role that lets everybody in, by a document in this form.
fn open_role(expression: &str, document: &Value, others: &str) -> String {
    let main =
        format!("# für alle\n{others}\nresource \"aws_iam_role\" \"r\" {{\n  assume_role_policy = {expression}\n}}\n");
    let values = serde_json::json!({"name": "r", "assume_role_policy": document.to_string()});
    let (_folder, plan) = project(&[("main.tf", &main)], &[("aws_iam_role.r", values)], &serde_json::json!({}));
    let report = report(&plan, Vec::new());
    let findings = report["findings"].as_array().unwrap();
    let finding = findings.iter().find(|it| it["rule"] == "role-trust-without-mfa").unwrap();
    let (file, at) = line(&finding["location"]);
    let column = usize::try_from(finding["location"]["column"].as_u64().unwrap()).unwrap();
    let text = fs::read_to_string(file).unwrap();
    text.lines().nth(at - 1).unwrap().chars().skip(column - 1).collect()
}

fn statement(sid: &str, mfa: bool) -> Value {
    let mut statement = serde_json::json!({
        "Sid": sid, "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
    });
    if mfa {
        statement["Condition"] = serde_json::json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}});
    }
    statement
}

fn document(statements: &[Value]) -> Value {
    serde_json::json!({"Version": "2012-10-17", "Statement": statements})
}

#[test]
fn the_place_is_that_of_the_statement() {
    let mut lax = statement("", true);
    lax["Condition"] = serde_json::json!({"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}});
    let two = document(&[statement("Guarded", true), statement("Open", false)]);
    let guarded = "{ Sid = \"Guarded\" }";
    let data = |name: &str, inside: &str| format!("data \"aws_iam_policy_document\" \"{name}\" {{\n{inside}\n}}\n");
    let open = "  statement {\n    sid = \"Open\"\n  }";
    let cases = [
        (
            format!("jsonencode({{ Statement = [{guarded},\n  {{ Sid = \"Open\" }}] }})"),
            &two,
            String::new(),
            "{ Sid = \"Open\" }",
        ),
        (
            "jsonencode(local.document)".to_owned(),
            &two,
            format!(
                "locals {{\n  document = {{ \"Statement\" : concat([{guarded}], [\n    {{ Sid = \"Open\" }}]) }}\n}}"
            ),
            "{ Sid = \"Open\" }",
        ),
        (
            "jsonencode({ Statement = concat(local.some, [\n{ Sid = \"Open\" }]) })".to_owned(),
            &two,
            "locals {\n  some = []\n}".to_owned(),
            "{ Sid = \"Open\" }",
        ),
        (
            "<<-EOT\n    {\"Statement\": [{\"Sid\": \"${var.x[\"ü\"]}\"},\n    {\"Sid\": \"Open\"}]}\n  EOT".to_owned(),
            &two,
            String::new(),
            "{\"Sid\": \"Open\"}",
        ),
        (
            "data.aws_iam_policy_document.d[0].json".to_owned(),
            &two,
            data("d", &format!("  statement {{\n    sid = \"Guarded\"\n  }}\n{open}")),
            "statement {",
        ),
        (
            "data.aws_iam_policy_document.d.json".to_owned(),
            &two,
            data("e", open)
                + &data("d", "  source_policy_documents = [data.aws_iam_policy_document.e.json]\n  statement {}"),
            "statement {",
        ),
        (
            "data.aws_iam_policy_document.d.minified_json".to_owned(),
            &document(&[statement("", true), statement("", true), statement("", false)]),
            data("d", "  dynamic \"statement\" {\n    for_each = [1, 2]\n  }\n\n  statement { }"),
            "statement { }",
        ),
        (
            "data.aws_iam_policy_document.d.json".to_owned(),
            &document(&[lax]),
            data(
                "d",
                "  statement {\n    condition {\n      test = \"BoolIfExists\"\n      variable = \"aws:MultiFactorAuthPresent\"\n    }\n  }",
            ),
            "condition {",
        ),
        // What cannot be followed ends where it is certain.
        ("var.document".to_owned(), &two, String::new(), "assume_role_policy = var.document"),
        ("jsonencode({ Statement = [for s in local.all : s] })".to_owned(), &two, String::new(), "s] })"),
        (
            "local.a".to_owned(),
            &two,
            "locals {\n  a = local.b\n  b = local.a\n}".to_owned(),
            "assume_role_policy = local.a",
        ),
    ];
    for (expression, document, others, expected) in cases {
        let found = open_role(&expression, document, &others);
        assert!(found.starts_with(expected), "{found}: {expression}\n{others}");
    }
}

#[test]
fn an_input_of_a_module_leads_to_the_caller() {
    let main = "module \"m\" {\n  source = \"./m\"\n  trust = jsonencode({\n    Statement = [\n      { Sid = \"Open\" }]\n  })\n}\n";
    let module = "variable \"trust\" {}\nresource \"aws_iam_role\" \"r\" {\n  assume_role_policy = var.trust\n}\n";
    let values =
        serde_json::json!({"name": "r", "assume_role_policy": document(&[statement("Open", false)]).to_string()});
    let calls = serde_json::json!({"m": {"source": "./m", "module": {}}});
    let files = [("main.tf", main), ("m/main.tf", module)];
    let (folder, plan) = project(&files, &[("module.m.aws_iam_role.r", values)], &calls);
    let report = report(&plan, Vec::new());
    let finding = &report["findings"][0];
    assert_eq!(line(&finding["location"]), (folder.path().join("main.tf").to_str().unwrap(), 5));
    let related = &finding["related"][0];
    assert_eq!(line(&related["location"]), (folder.path().join("m/main.tf").to_str().unwrap(), 2));
}

#[test]
fn documents_that_refer_to_each_other_in_circles_come_to_an_end() {
    let names: Vec<String> = (0..60).map(|n| format!("data.aws_iam_policy_document.d{n}.json")).collect();
    let list = names.join(", ");
    let all: String = (0..60)
        .map(|n| format!("data \"aws_iam_policy_document\" \"d{n}\" {{\n  source_policy_documents = [{list}]\n}}\n"))
        .collect();
    let two = document(&[statement("Guarded", true), statement("Open", false)]);
    let found = open_role("data.aws_iam_policy_document.d0.json", &two, &all);
    assert_eq!(found, "data \"aws_iam_policy_document\" \"d0\" {");
}

/// The report for people on `documents-in-hcl`.
fn human(sources: Vec<PathBuf>) -> String {
    let plan = PathBuf::from("testdata/terraform/documents-in-hcl/plan.json");
    written(&check(&Options { sources, ..Options::new(vec![plan]) }), "human", 100)
}

#[test]
fn people_see_what_somebody_wrote_and_a_document_only_where_that_does_not_show_it() {
    let report = human(Vec::new());
    let finding = |title: &str| {
        let rest = report.split_once(title).unwrap_or_else(|| panic!("{title} is not in {report}")).1;
        rest.split("\nerror[").next().unwrap().to_owned()
    };
    let heredoc = finding("[role-trust-without-mfa] aws_iam_role.heredoc");
    assert!(heredoc.contains("documents-in-hcl/main.tf:71:42]"), "{heredoc}");
    assert!(heredoc.contains("`BoolIfExists` lets an absent key pass") && !heredoc.contains("plan.json"), "{heredoc}");
    let template = finding("[group-without-mfa] aws_iam_group.template[\"open\"]");
    for shown in
        ["main.tf:112:3]", "made here", "[aws_iam_group_policy.template[\"open\"].policy in ", "takes effect here"]
    {
        assert!(template.contains(shown), "{shown}: {template}");
    }
    assert!(!report.contains("not traced"), "{report}");
    let empty = tempfile::tempdir().unwrap();
    let alone = human(vec![empty.path().to_owned()]);
    assert_eq!(
        alone.matches("not traced: testdata/terraform/documents-in-hcl/plan.json: no Terraform files").count(),
        1
    );
}

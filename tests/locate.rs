//! Findings and subjects of plans point at the Terraform blocks that somebody wrote.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use mfagate::report::{FORMATS, Terminal};
use mfagate::{Options, check};
use serde_json::Value;

fn report(plan: &Path, sources: Vec<PathBuf>) -> Value {
    let report = check(&Options { sources, ..Options::new(vec![plan.to_owned()]) });
    let mut bytes = Vec::new();
    let format = FORMATS.iter().find(|format| format.name == "json").unwrap();
    (format.write)(&report, Terminal { colour: false, width: 80 }, &mut bytes).unwrap();
    serde_json::from_slice(&bytes).unwrap()
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
        let known = |report: &Value| {
            let mut all: Vec<String> = report["findings"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| format!("{} {} {} {}", it["fingerprint"], it["rule"], it["address"], it["message"]))
                .collect();
            all.sort();
            all
        };
        assert_eq!(known(&with), known(&without), "{}", plan.display());
        for finding in without["findings"].as_array().unwrap() {
            assert_eq!(Path::new(finding["location"]["file"].as_str().unwrap()), plan);
        }
    }
}

//! What every condition operator gives on the two keys about MFA, cell by cell.
//!
//! The tables hold one line for an operator with a value: whether its test holds for each state of the key (`1`, `0`, or
//! `?` where AWS's documents leave it open). An Allow grants where the test holds and a Deny denies there.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it skipped"
)]

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

#[allow(dead_code, reason = "not every test needs all of it")]
mod pipeline;

const PRESENT: &str = "aws:MultiFactorAuthPresent";
const AGE: &str = "aws:MultiFactorAuthAge";

/// The values of `aws:MultiFactorAuthPresent` that the first table has a column for, in order.
const PRESENT_STATES: [Option<&str>; 3] = [None, Some("false"), Some("true")];
/// Those of `aws:MultiFactorAuthAge` in the second table.
const AGE_STATES: [Option<&str>; 5] = [None, Some("0"), Some("3599"), Some("3600"), Some("3601")];

struct Row {
    operator: String,
    cells: String,
    value: String,
}

impl Row {
    fn condition(&self, key: &str) -> Value {
        json!({&self.operator: {key: serde_json::from_str::<Value>(&self.value).unwrap()}})
    }
}

fn table(text: &str) -> Vec<Row> {
    let row = |line: &str| {
        let mut words = line.splitn(2, ' ');
        let operator = words.next().unwrap().to_owned();
        let (cells, value) = words.next().unwrap().trim_start().split_once(' ').unwrap();
        Row { operator, cells: cells.to_owned(), value: value.to_owned() }
    };
    text.lines().map(row).collect()
}

fn present() -> Vec<Row> {
    table(include_str!("truth_tables/present.txt"))
}

fn age() -> Vec<Row> {
    table(include_str!("truth_tables/age.txt"))
}

fn statements(effect: &str, condition: &Value) -> Value {
    if effect == "Allow" {
        return json!([{"Effect": "Allow", "Action": "ec2:*", "Resource": "*", "Condition": condition}]);
    }
    json!([
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}
    ])
}

fn document(effect: &str, condition: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements(effect, condition)})
}

/// What a request gets, where a test of the statement holds or not.
fn expected(effect: &str, cell: char) -> &'static str {
    match (effect, cell) {
        (_, '?') => "unproven",
        ("Allow", '1') | ("Deny", '0') => "allow",
        ("Allow", _) => "implicit-deny",
        _ => "deny",
    }
}

/// Asks for every cell of a table; gives how many there are.
fn check(rows: &[Row], key: &str, states: &[Option<&str>], more: &[(&str, &str)]) -> usize {
    let mut wrong = Vec::new();
    let mut cells = 0;
    for row in rows {
        assert_eq!(row.cells.len(), states.len(), "{}", row.operator);
        for effect in ["Allow", "Deny"] {
            let request = |state: &Option<&str>| {
                let mut keys: BTreeMap<&str, &str> = state.iter().map(|value| (key, *value)).collect();
                keys.extend(more.iter().filter(|_| state.is_some()).copied());
                let user = "arn:aws:iam::111122223333:user/alice";
                json!({"keys": keys, "principal": user, "action": "ec2:RunInstances", "resource": "*"})
            };
            let requests: Vec<Value> = states.iter().map(request).collect();
            let policy = document(effect, &row.condition(key));
            let line = json!({"id": 1, "kind": "identity", "policy": policy, "verdicts": requests}).to_string();
            let answer: Value = serde_json::from_str(&mfagate::simulate::batch_line(&line).unwrap()).unwrap();
            let results = answer["results"].as_array().unwrap();
            for ((cell, result), state) in row.cells.chars().zip(results).zip(states) {
                cells += 1;
                if *result != expected(effect, cell) {
                    wrong.push(format!("{effect} {} {} for {state:?}: {result}", row.operator, row.value));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {cells} cells wrong:\n{}", wrong.len(), wrong.join("\n"));
    cells
}

#[test]
fn every_cell_for_multi_factor_auth_present() {
    assert_eq!(check(&present(), PRESENT, &PRESENT_STATES, &[]), 75 * 2 * 3);
}

#[test]
fn every_cell_for_multi_factor_auth_age() {
    assert_eq!(check(&age(), AGE, &AGE_STATES, &[(PRESENT, "true")]), 36 * 2 * 5);
}

/// A group with the statement alone is open where a cell without MFA is, and only there.
#[test]
fn a_group_with_the_statement_is_judged_as_its_row_says() {
    let mut wrong = Vec::new();
    // A key about age is absent in every request without MFA.
    let rows = present().into_iter().map(|row| (row, PRESENT, 2)).chain(age().into_iter().map(|row| (row, AGE, 1)));
    for (row, key, without_mfa) in rows {
        for effect in ["Allow", "Deny"] {
            let outcomes: Vec<&str> = row.cells.chars().map(|cell| expected(effect, cell)).collect();
            let (without, with) = outcomes.split_at(without_mfa);
            let verdict = match without {
                open if open.contains(&"allow") => "bypassable",
                open if open.contains(&"unproven") => "unproven",
                // The cells for a key about age have gaps; what is left then is for the evaluator to say.
                _ if with.contains(&"allow") => "enforced",
                _ => "enforced or not-applicable",
            };
            let checked = pipeline::check(&json!({"G": pipeline::group(&[document(effect, &row.condition(key))])}));
            let got = checked.judgement("G", "group").verdict.name();
            if !verdict.contains(got) {
                wrong.push(format!("{effect} {} {} is {got}, not {verdict}", row.operator, row.value));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The tables say the same as the reference, row by row.
#[test]
fn the_tables_agree_with_the_reference() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference/mfa-semantics.md");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: {} is not there", path.display());
        return;
    };
    let sections: Vec<&str> = text.split("\n### ").collect();
    for (number, rows, columns) in [("8.1 ", present(), 3), ("8.2 ", age(), 5)] {
        let section = sections.iter().find(|section| section.starts_with(number)).unwrap();
        let mut theirs: Vec<String> = section.lines().filter_map(|line| reference_row(line, columns)).collect();
        let ours = rows.iter().flat_map(|row| {
            ["Allow", "Deny"].map(|effect| format!("{} {} {effect} {}", row.operator, row.value, row.cells))
        });
        let mut ours: Vec<String> = ours.collect();
        assert_eq!(theirs.len(), ours.len());
        theirs.sort();
        ours.sort();
        assert_eq!(theirs, ours);
    }
}

/// A row of the reference, spelled as `operator value effect cells`.
fn reference_row(line: &str, columns: usize) -> Option<String> {
    let fields: Vec<&str> = line.strip_prefix("| `")?.split(" | ").collect();
    let cell = |field: &&str| match *field {
        open if open.contains('¿') => '?',
        closed if closed.starts_with('-') => '0',
        _ => '1',
    };
    let cells: String = fields[3..3 + columns].iter().map(cell).collect();
    Some(format!("{} {} {} {cells}", fields[0].trim_matches('`'), fields[1].trim_matches('`'), fields[2]))
}

//! SARIF against the schema of the standard, and against what the standard asks for beyond it.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::runs::{self, Run};

#[test]
fn reports_are_valid_by_the_schema() {
    // The schema's pattern for languages, which are not written, has a bracket too many and is no regular expression.
    let schema = include_str!("../schemas/sarif-2.1.0.json").replace("{2}]?$", "{2}$");
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    for (name, run) in runs::all() {
        let log = log(run);
        let faults: Vec<String> =
            validator.iter_errors(&log).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(faults.is_empty(), "{name}: {faults:#?}");
    }
    assert!(!validator.is_valid(&serde_json::json!({"version": "2.1.0", "runs": [{}]})), "the schema refuses nothing");
}

#[test]
fn every_finding_is_a_result_of_its_rule() {
    for (name, run) in runs::all() {
        let log = log(run);
        let results = results(&log);
        let findings = run.findings(|_| true);
        assert_eq!(results.len(), findings.len(), "{name}");
        let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
        for (result, finding) in results.iter().zip(findings) {
            assert_eq!(result["ruleId"], finding["rule"]);
            assert_eq!(result["level"], finding["severity"]);
            assert_eq!(rules[result["ruleIndex"].as_u64().unwrap() as usize]["id"], finding["rule"]);
            assert_eq!(result["partialFingerprints"]["mfagate/v1"], finding["fingerprint"]);
            assert_eq!(result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"], finding["address"]);
            let state = match finding["status"].as_str().unwrap() {
                "worse" => "updated",
                "existing" => "unchanged",
                "fixed" => "absent",
                new => new,
            };
            assert_eq!(result["baselineState"], state);
            assert_eq!(result.get("suppressions").is_some(), !finding["waived"].is_null());
        }
    }
}

#[test]
fn regions_are_the_places_of_the_findings() {
    let mut non_ascii = 0;
    for (name, run) in runs::all() {
        for (result, finding) in results(&log(run)).iter().zip(run.findings(|_| true)) {
            let physical = &result["locations"][0]["physicalLocation"];
            let uri = physical["artifactLocation"]["uri"].as_str().unwrap();
            assert_eq!(physical["artifactLocation"]["uriBaseId"], "%SRCROOT%", "{name}: {uri}");
            let text = run.text(&percent_decode_str(uri).decode_utf8().unwrap());
            let region = &physical["region"];
            assert_eq!(region["startLine"], finding["location"]["line"], "{name}");
            assert_eq!(region["startColumn"], finding["location"]["column"], "{name}");
            let marked = marked(text, region);
            assert!(
                marked.starts_with(['{', '"', '[']) && marked.ends_with(['}', '"', ']']) || uri == ".mfagate.yaml",
                "{name}: {marked:?}"
            );
            non_ascii += usize::from(!marked.is_ascii());
        }
    }
    assert!(non_ascii > 0, "no place holds anything for which units of columns differ");
}

#[test]
fn messages_hold_no_arguments_and_no_links() {
    for (name, run) in runs::all() {
        for result in results(&log(run)) {
            let message = result["message"]["text"].as_str().unwrap();
            let braces = message.replace("{{", "").replace("}}", "");
            assert!(!braces.contains(['{', '}']) && !message.contains("]("), "{name}: {message}");
            assert!(!message.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{name}: {message:?}");
        }
    }
}

#[test]
fn what_was_not_checked_is_a_failed_invocation() {
    for (name, run) in runs::all() {
        let invocation = &log(run)["runs"][0]["invocations"][0];
        assert_eq!(invocation["exitCode"], run.status, "{name}");
        assert_eq!(invocation["executionSuccessful"], run.status != 2, "{name}");
        let notifications = invocation["toolExecutionNotifications"].as_array().unwrap();
        let notifications = notifications.iter().filter(|notification| notification["level"] == "error").count();
        assert_eq!(notifications > 0, run.status == 2, "{name}");
        assert!(notifications >= run.json["unread"].as_array().unwrap().len(), "{name}");
        let off = invocation["toolConfigurationNotifications"].as_array().unwrap().len();
        assert_eq!(off > 0, run.json["summary"]["switched_off"] != 0, "{name}");
    }
}

#[test]
fn code_scanning_takes_the_rules() {
    let run = runs::named("hostile addresses");
    let log = log(run);
    for rule in log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap() {
        let id = &rule["id"];
        // The limits that GitHub documents.
        assert!(rule["shortDescription"]["text"].as_str().unwrap().len() <= 1024, "{id}");
        assert!(rule["fullDescription"]["text"].as_str().unwrap().len() <= 1024, "{id}");
        assert!(rule["properties"]["security-severity"].as_str().unwrap().parse::<f64>().unwrap() <= 10.0);
        let markdown = rule["help"]["markdown"].as_str().unwrap();
        assert!(id == "configuration" || (markdown.contains("## Bad") && markdown.contains("## Fix")), "{id}");
        assert!(rule["help"]["text"].as_str().unwrap().len() > 40, "{id}");
    }
}

fn log(run: &Run) -> Value {
    serde_json::from_str(run.report("sarif")).unwrap()
}

fn results(log: &Value) -> Vec<Value> {
    log["runs"][0]["results"].as_array().unwrap().clone()
}

/// The text of a region, its columns counted in code points as the log says.
fn marked(text: &str, region: &Value) -> String {
    let number = |name: &str| region[name].as_u64().unwrap() as usize;
    let offset = |line: usize, column: usize| {
        let before: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
        text[before..].char_indices().nth(column - 1).map_or(text.len(), |(at, _)| before + at)
    };
    let start = offset(number("startLine"), number("startColumn"));
    text[start..offset(number("endLine"), number("endColumn"))].to_owned()
}

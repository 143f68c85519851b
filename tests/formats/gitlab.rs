//! Code quality reports by what GitLab documents of them.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::runs;

#[test]
fn every_violation_has_what_gitlab_asks_for() {
    for (name, run) in runs::all() {
        let report: Value = serde_json::from_str(run.report("gitlab")).unwrap();
        let mut fingerprints = HashSet::new();
        for violation in report.as_array().unwrap() {
            for field in ["description", "check_name", "fingerprint"] {
                assert!(!violation[field].as_str().unwrap().is_empty(), "{name}: {violation:#}");
            }
            let severity = violation["severity"].as_str().unwrap();
            assert!(["info", "minor", "major", "critical", "blocker"].contains(&severity), "{name}: {severity}");
            let path = violation["location"]["path"].as_str().unwrap();
            assert!(!path.starts_with("./") && !path.starts_with('/') && !path.is_empty(), "{name}: {path}");
            assert!(violation["location"]["lines"]["begin"].as_u64().unwrap() > 0, "{name}");
            assert!(fingerprints.insert(violation["fingerprint"].clone()), "{name}: {violation:#}");
        }
    }
}

#[test]
fn every_finding_that_is_there_is_a_violation_in_its_file() {
    for (name, run) in runs::all() {
        let report: Value = serde_json::from_str(run.report("gitlab")).unwrap();
        let report = report.as_array().unwrap();
        let by_fingerprint: HashMap<&Value, &Value> =
            report.iter().map(|violation| (&violation["fingerprint"], violation)).collect();
        for finding in run.findings(|finding| finding["status"] != "fixed") {
            let violation =
                by_fingerprint.get(&finding["fingerprint"]).unwrap_or_else(|| panic!("{name}: {finding:#}"));
            assert_eq!(violation["check_name"], finding["rule"], "{name}");
            assert_eq!(violation["location"]["lines"]["begin"], finding["location"]["line"], "{name}");
            run.text(violation["location"]["path"].as_str().unwrap());
            let severity = match finding["severity"].as_str().unwrap() {
                _ if !finding["waived"].is_null() => "info",
                "error" => "critical",
                "warning" => "major",
                _ => "minor",
            };
            assert_eq!(violation["severity"], severity, "{name}");
        }
        let told = |severity: &str| report.iter().filter(|violation| violation["severity"] == severity).count();
        assert_eq!(told("blocker") > 0, run.status == 2, "{name}");
        // GitLab finds what is fixed by comparing: it would count as still there.
        for fixed in run.findings(|finding| finding["status"] == "fixed") {
            let told = |violation: &Value| violation["description"].as_str().unwrap().contains("fixed");
            assert!(!report.iter().any(told), "{name}: {fixed:#}");
        }
    }
}

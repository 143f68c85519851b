//! Runs against an earlier report.

use std::fs;
use std::path::{Path, PathBuf};

use mfagate::baseline::Baseline;
use mfagate::report::{Outcome, Report};
use mfagate::{Options, check};

use crate::runs::{self, write};

const OPEN: &str = "  Open:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - Effect: Allow
            Principal: {AWS: '111122223333'}
            Action: sts:AssumeRole
";

/// Checks a template of these resources at a path in the folder, against a baseline.
fn run(folder: &Path, file: &str, resources: &str, baseline: Option<&Path>) -> Report {
    write(folder, &[(file, &format!("Resources:\n{resources}"))]);
    let baseline = baseline.map(|file| Baseline::read(file).unwrap());
    check(&Options { baseline, ..Options::new(vec![folder.join(file)]) })
}

fn written(folder: &Path, report: &Report) -> PathBuf {
    let file = folder.join("baseline.json");
    fs::write(&file, runs::written(report, "json", 80)).unwrap();
    file
}

fn rules(report: &Report) -> Vec<&str> {
    report.findings.iter().map(|finding| finding.rule).collect()
}

#[test]
fn what_was_there_is_set_aside_wherever_it_has_moved() {
    let folder = tempfile::tempdir().unwrap();
    let first = run(folder.path(), "roles.yaml", OPEN, None);
    assert_eq!((rules(&first), first.outcome()), (vec!["role-trust-without-mfa"], Outcome::Findings));
    let baseline = written(folder.path(), &first);

    let moved = format!("  # A comment that moves the lines.\n\n{OPEN}");
    let later = run(folder.path(), "other/roles.yaml", &moved, Some(&baseline));
    assert_eq!((rules(&later), later.outcome()), (vec![], Outcome::Clean));
    let [waived] = later.set_aside.waived.as_slice() else { panic!("{:?}", later.set_aside) };
    assert_eq!(waived.finding.status.name(), "existing");
    assert!(waived.reason.starts_with("in the baseline `") && waived.reason.ends_with("baseline.json`"));
    assert_eq!(later.subjects.len(), 1, "a baseline changes no verdict");

    let more = format!("{OPEN}{}", OPEN.replace("Open:", "Added:"));
    let brought = run(folder.path(), "roles.yaml", &more, Some(&baseline));
    assert_eq!((rules(&brought), brought.outcome()), (vec!["role-trust-without-mfa"], Outcome::Findings));
    assert_eq!(brought.findings.first().unwrap().address.path, "Added");
}

#[test]
fn what_weighs_more_than_it_did_counts() {
    let folder = tempfile::tempdir().unwrap();
    let baseline = written(folder.path(), &run(folder.path(), "roles.yaml", OPEN, None));
    let text = fs::read_to_string(&baseline).unwrap();
    fs::write(&baseline, text.replace("\"severity\": \"error\"", "\"severity\": \"warning\"")).unwrap();
    let later = run(folder.path(), "roles.yaml", OPEN, Some(&baseline));
    assert_eq!(rules(&later), ["role-trust-without-mfa"]);
}

#[test]
fn what_is_gone_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let baseline = written(folder.path(), &run(folder.path(), "roles.yaml", OPEN, None));
    let guarded = OPEN.replace(
        "            Action: sts:AssumeRole\n",
        "            Action: sts:AssumeRole\n            Condition: {Bool: {'aws:MultiFactorAuthPresent': 'true'}}\n",
    );
    let later = run(folder.path(), "roles.yaml", &guarded, Some(&baseline));
    let [note] = later.findings.as_slice() else { panic!("{:?}", later.findings) };
    assert_eq!(note.message, "the baseline lists 1 finding that is no longer there");
    assert_eq!(note.primary.place.text(), "\"findings\"");
    assert_eq!(later.outcome(), Outcome::Clean);
}

//! Runs over files that a test writes or that lie in `testdata`, and what is read from their reports.

use std::fs;
use std::path::{Path, PathBuf};

use mfagate::finding::Finding;
use mfagate::iam::verdict::{Judgement, Verdict};
use mfagate::report::{FORMATS, Report, Terminal};
use mfagate::{Options, check};
use serde_json::Value;
use tempfile::TempDir;

/// A path in `testdata`.
pub(crate) fn testdata(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(path)
}

/// Writes files into a folder.
pub(crate) fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// A folder with these files.
pub(crate) fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), files);
    folder
}

/// Checks a file or folder.
pub(crate) fn report(path: impl Into<PathBuf>) -> Report {
    check(&Options::new(vec![path.into()]))
}

/// Checks a folder with these files, all of which can be read.
pub(crate) fn of_files(files: &[(&str, &str)]) -> Report {
    let report = report(folder(files).path());
    assert_eq!(report.unread, [], "{files:?}");
    report
}

/// Checks a file of this name, which can be read.
pub(crate) fn of_file(name: &str, text: &str) -> Report {
    let folder = folder(&[(name, text)]);
    let report = report(folder.path().join(name));
    assert_eq!(report.unread, [], "{text}");
    report
}

/// The report as a format writes it.
pub(crate) fn written(report: &Report, format: &str, width: usize) -> String {
    let format = FORMATS.iter().find(|it| it.name == format).unwrap();
    let mut bytes = Vec::new();
    (format.write)(report, Terminal { colour: false, width, ascii: false }, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// The JSON report.
pub(crate) fn json(report: &Report) -> Value {
    serde_json::from_str(&written(report, "json", 80)).unwrap()
}

/// Every subject with its verdict.
pub(crate) fn all_verdicts(report: &Report) -> Vec<String> {
    let subjects = report.subjects.iter();
    let shown = subjects.map(|(subject, judgement)| {
        format!("{} {} {}", subject.address.path, subject.kind.name(), judgement.verdict.name())
    });
    shown.collect()
}

/// Every subject that MFA matters to, with its verdict and the reasons for one that is unproven.
pub(crate) fn verdicts(report: &Report) -> Vec<String> {
    let subjects = report.subjects.iter().zip(all_verdicts(report));
    let matters = subjects.filter(|((_, judgement), _)| !matches!(judgement.verdict, Verdict::NotApplicable));
    let shown = matters.map(|((_, judgement), shown)| match &judgement.verdict {
        Verdict::Unproven(reasons) => {
            let reasons: Vec<&str> = reasons.iter().map(|reason| reason.message.as_str()).collect();
            format!("{shown}: {}", reasons.join("; "))
        }
        _ => shown,
    });
    shown.collect()
}

/// The judgement on the only subject with this address and kind.
#[track_caller]
pub(crate) fn judgement<'r>(report: &'r Report, address: &str, kind: &str) -> &'r Judgement {
    let mut found =
        report.subjects.iter().filter(|(subject, _)| subject.address.path == address && subject.kind.name() == kind);
    let (_, judgement) = found.next().unwrap_or_else(|| panic!("{address} is no {kind}"));
    assert!(found.next().is_none(), "{address} is twice a {kind}");
    judgement
}

/// What a rule found.
pub(crate) fn findings<'r>(report: &'r Report, rule: &str) -> Vec<&'r Finding> {
    report.findings.iter().filter(|finding| finding.rule == rule).collect()
}

/// The only finding of a rule at an address.
#[track_caller]
pub(crate) fn finding<'r>(report: &'r Report, rule: &str, address: &str) -> &'r Finding {
    let mut found = findings(report, rule).into_iter().filter(|finding| finding.address.path == address);
    let first = found.next().unwrap_or_else(|| panic!("no {rule} for {address}"));
    assert!(found.next().is_none(), "{rule} twice for {address}");
    first
}

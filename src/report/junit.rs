//! The report as JUnit XML: a suite for each input, a case for each finding and for each subject without one.
//!
//! A finding that fails the run is a failure, and one that does not (below the threshold, waived, or there before the change
//! under `--new-only`) is a skipped case that says why, so that the colours agree with the exit status. What could not be
//! read is an error.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io;

use quick_junit::{NonSuccessKind, Report as Document, TestCase, TestCaseStatus, TestSuite};

use super::visible::inert;
use super::{Report, Terminal, number, visible, visible_lines};
use crate::config::outcome::Waived;
use crate::finding::{Finding, Status};
use crate::iam::verdict::{Judgement, Verdict};
use crate::inventory::subjects::Subject;

/// Writes the report.
pub(super) fn write(report: &Report, _: Terminal, out: &mut dyn io::Write) -> io::Result<()> {
    let mut document = Document::new("mfagate");
    for (name, cases) in suites(report) {
        let mut suite = TestSuite::new(visible(&name).as_ref());
        suite.add_test_cases(cases.into_cases());
        document.add_test_suite(suite);
    }
    let text = document.to_string().map_err(io::Error::other)?;
    // The schema that Jenkins validates by knows no such count of all suites; the first one is that of the root element.
    let of_all = format!(" skipped=\"{}\"", document.skipped);
    out.write_all(text.replacen(&of_all, "", 1).as_bytes())
}

/// The cases of one suite, with names that are all different: readers merge those that are not.
#[derive(Default)]
struct Cases {
    cases: Vec<(String, String, TestCaseStatus)>,
}

impl Cases {
    fn into_cases(self) -> Vec<TestCase> {
        let mut seen: HashMap<(String, String), usize> = HashMap::new();
        let mut cases = Vec::with_capacity(self.cases.len());
        for (class, name, status) in self.cases {
            let count = seen.entry((class.clone(), name.clone())).or_default();
            *count += 1;
            let name = if *count > 1 { format!("{name} (finding {count})") } else { name };
            let mut case = TestCase::new(name, status);
            case.set_classname(class);
            cases.push(case);
        }
        cases
    }
}

/// The suites by name.
#[derive(Default)]
struct Suites(BTreeMap<String, Cases>);

impl Suites {
    fn add(&mut self, suite: &str, class: &str, name: &str, status: TestCaseStatus) {
        let cases = self.0.entry(suite.to_owned()).or_default();
        cases.cases.push((format!("mfagate.{class}"), visible(name).into_owned(), status));
    }
}

fn suites(report: &Report) -> BTreeMap<String, Cases> {
    let mut suites = Suites::default();
    let mut told = HashSet::new();
    for (finding, waived) in report.all_findings() {
        told.insert(&finding.address);
        suites.add(&finding.address.input, finding.rule, &finding.address.path, status(report, finding, waived));
    }
    for finding in &report.fixed {
        let name = format!("{} (fixed by this change)", finding.address.path);
        suites.add(&finding.address.input, finding.rule, &name, TestCaseStatus::success());
    }
    for (subject, judgement) in &report.subjects {
        if !told.contains(&subject.address) {
            suites.add(&subject.address.input, subject.kind.name(), &subject.address.path, verdict(subject, judgement));
        }
    }
    for (file, reason) in report.unchecked() {
        let status = non_success(NonSuccessKind::Error, "not-checked", "not checked", reason);
        suites.add(file.unwrap_or("mfagate"), "input", file.unwrap_or("input"), status);
    }
    for (rule, count) in &report.set_aside.switched_off {
        let message = format!("{} switched off by the configuration", number(*count, "finding"));
        suites.add(report.configuration.as_deref().unwrap_or("mfagate"), "configuration", rule, skipped(&message));
    }
    suites.0
}

fn status(report: &Report, finding: &Finding, waived: Option<&Waived>) -> TestCaseStatus {
    let (file, line, column) = finding.primary.place.file_line_column();
    let severity = finding.severity.name();
    if let Some(waived) = waived {
        return skipped(&format!("waived ({}): {severity}: {}", waived.told(), visible(&finding.message)));
    }
    let mark = match finding.status {
        Status::New => String::new(),
        status => format!(" ({})", status.name()),
    };
    let message = format!("{severity}{mark}: {}", visible(&finding.message));
    let text = format!("{}:{line}:{column}\n{}\n{}", visible(file), visible(&finding.message), finding.help);
    if report.fails(finding) {
        non_success(NonSuccessKind::Failure, finding.rule, &message, &text)
    } else {
        let mut status = skipped(&message);
        status.set_type(finding.rule).set_description(shown(&text));
        status
    }
}

/// What is said of a subject without a finding. An open one has none where the configuration switches the rule off.
fn verdict(subject: &Subject, judgement: &Judgement) -> TestCaseStatus {
    match &judgement.verdict {
        Verdict::Enforced | Verdict::NotApplicable => TestCaseStatus::success(),
        Verdict::Bypassable(_) => skipped(&format!("{} is bypassable; no finding counts", subject.kind.name())),
        Verdict::Unproven(reasons) => {
            let reasons: Vec<&str> = reasons.iter().map(|reason| reason.message.as_str()).collect();
            skipped(&format!("unproven: {}", reasons.join("; ")))
        }
    }
}

fn shown(text: &str) -> String {
    inert(&visible_lines(text))
}

fn skipped(message: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(shown(message));
    status
}

fn non_success(kind: NonSuccessKind, name: &str, message: &str, text: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(name).set_message(shown(message)).set_description(shown(text));
    status
}

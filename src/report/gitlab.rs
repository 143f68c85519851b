//! The report for GitLab's code quality widget: a list of violations.
//!
//! GitLab tells by the fingerprints what a merge request brings and what it fixes, by comparing with the report of the
//! target branch. What is fixed is therefore said by not being in the list; in the list it would count as still there. What
//! is no violation at all, such as a plan whose sources are missing, is left to standard error.

use std::collections::HashSet;
use std::io::{self, Write as _};

use serde::Serialize;

use super::escaped::write_pretty;
use super::location::{Folder, Region};
use super::{Report, Terminal, fingerprints, number, visible, visible_lines};
use crate::config::CONFIGURATION_RULE;
use crate::config::outcome::Waived;
use crate::finding::{Finding, Severity, Status};

/// Writes the report.
pub(super) fn write(report: &Report, _: Terminal, out: &mut dyn io::Write) -> io::Result<()> {
    let mut out = io::BufWriter::new(out);
    write_pretty(&mut out, &violations(report))?;
    out.write_all(b"\n")?;
    out.flush()
}

#[derive(Serialize)]
struct Violation {
    #[serde(rename = "type")]
    kind: &'static str,
    check_name: String,
    description: String,
    categories: [&'static str; 1],
    severity: &'static str,
    fingerprint: String,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

fn violations(report: &Report) -> Vec<Violation> {
    let folder = Folder::current();
    let findings = report.all_findings();
    let fingerprints = fingerprints(findings.iter().map(|(finding, _)| *finding));
    let unread = report.unchecked().into_iter().map(|(file, reason)| {
        let description = format!("not checked: {}", visible_lines(reason));
        outcome("not-checked", description, "blocker", whole(&folder, file))
    });
    let found = findings.into_iter().zip(fingerprints).map(|((finding, waived), fingerprint)| Violation {
        description: description(finding, waived),
        severity: severity(finding.severity, waived),
        fingerprint,
        ..outcome(finding.rule, String::new(), "info", location(&folder, finding))
    });
    let switched_off = report.set_aside.switched_off.iter().map(|(rule, count)| {
        let file = report.configuration.as_deref();
        let description = format!("{} of `{rule}` switched off by the configuration", number(*count, "finding"));
        outcome(CONFIGURATION_RULE, description, "info", whole(&folder, file))
    });
    unique(unread.chain(found).chain(switched_off).collect())
}

/// A violation that stands for itself: its own text names it.
fn outcome(check: &str, description: String, severity: &'static str, location: Location) -> Violation {
    Violation {
        kind: "issue",
        check_name: check.to_owned(),
        fingerprint: super::fingerprint::of_texts(&[check, &location.path, &description]),
        description,
        categories: ["Security"],
        severity,
        location,
    }
}

/// GitLab shows only the first of several with one fingerprint.
fn unique(mut violations: Vec<Violation>) -> Vec<Violation> {
    let mut seen = HashSet::new();
    for violation in &mut violations {
        while !seen.insert(violation.fingerprint.clone()) {
            violation.fingerprint = super::fingerprint::of_texts(&[&violation.fingerprint]);
        }
    }
    violations
}

fn description(finding: &Finding, waived: Option<&Waived>) -> String {
    let mark = match (waived, finding.status) {
        (Some(waived), _) => format!("waived ({}): ", waived.told()),
        (None, Status::New) => String::new(),
        (None, status) => format!("{}: ", status.name()),
    };
    let (address, message) = (visible(&finding.address.path), visible_lines(&finding.message));
    format!("{}{address}: {message}; {}", visible(&mark), visible_lines(&finding.help))
}

fn severity(severity: Severity, waived: Option<&Waived>) -> &'static str {
    match (waived, severity) {
        (Some(_), _) => "info",
        (None, Severity::Error) => "critical",
        (None, Severity::Warning) => "major",
        (None, Severity::Note) => "minor",
    }
}

fn location(folder: &Folder, finding: &Finding) -> Location {
    let place = &finding.primary.place;
    let Region { start_line, end_line, .. } = Region::of(place);
    let path = folder.file_of(place).path().unwrap_or_else(|| place.in_file().source.name().to_owned());
    Location { path, lines: Lines { begin: start_line, end: end_line } }
}

/// A file as a whole, or the project where there is none.
fn whole(folder: &Folder, file: Option<&str>) -> Location {
    let path = file.map(|file| folder.file(file).path().unwrap_or_else(|| file.to_owned()));
    Location { path: path.unwrap_or_else(|| ".".to_owned()), lines: Lines { begin: 1, end: 1 } }
}

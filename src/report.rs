//! What a run found, and the formats it can be written in.
//!
//! [`Report`] is the one type that every format is handed. A format is one file in `report/`, named as `--format` names it,
//! with a line in [`FORMATS`]; it writes to any [`io::Write`] and decides nothing.

use std::cmp::{Ordering, Reverse};
use std::io;

use crate::config::outcome::{SetAside, Waived};
use crate::finding::{Finding, Severity, Status};
use crate::fix::Fixes;
use crate::iam::verdict::{Judgement, Verdict};
use crate::inventory::subjects::Subject;
use crate::locate::Untraced;

mod ascii;
mod escaped;
mod excerpt;
mod fingerprint;
mod fixes;
mod github;
mod gitlab;
mod human;
mod json;
mod junit;
mod location;
mod markdown;
mod sarif;
mod visible;

pub use fingerprint::fingerprints;
pub use visible::visible;
use visible::visible_lines;

/// Everything that a run has to tell.
#[derive(Debug)]
pub struct Report {
    /// How many files were checked.
    pub files: usize,
    /// How many files of the folders that were given are none of ours.
    pub passed_over: usize,
    /// How many IAM documents the files hold.
    pub documents: usize,
    /// What was judged, by file and address.
    pub subjects: Vec<(Subject, Judgement)>,
    /// What the rules have to say, by file and position.
    pub findings: Vec<Finding>,
    /// What the rules had to say before the change and have no longer, by file and position.
    pub fixed: Vec<Finding>,
    /// Findings that do not count, because the configuration says so.
    pub set_aside: SetAside,
    /// The configuration's file, by the name that reports show.
    pub configuration: Option<String>,
    /// What was asked for and could not be read or used.
    pub unread: Vec<Unread>,
    /// The inputs that findings point into, although somebody wrote in other files what is at fault.
    pub untraced: Vec<Untraced>,
    /// The least severity that fails the run.
    pub threshold: Severity,
    /// Whether only what the change brings or makes worse fails the run.
    pub new_only: bool,
    /// The fixes of the findings, where they were asked for.
    pub fixes: Fixes,
}

/// Something that was asked for and could not be read or used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unread {
    /// The path as it was given, or as it was found in a folder that was given.
    pub file: String,
    /// Why: lower case, no final period.
    pub reason: String,
}

/// How many there are of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each counts what its name says")]
pub struct Counts {
    pub errors: usize,
    pub warnings: usize,
    pub notes: usize,
    pub enforced: usize,
    pub bypassable: usize,
    pub unproven: usize,
    pub not_applicable: usize,
    pub new: usize,
    pub worse: usize,
    pub existing: usize,
}

/// What the run comes to: what the exit status tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything was read, and nothing is at or above the threshold.
    Clean,
    /// Something is at or above the threshold.
    Findings,
    /// Something could not be read or used, or there was nothing to check. Says nothing about findings: there may be some.
    Incomplete,
}

impl Outcome {
    /// The exit status.
    #[must_use]
    pub fn status(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Incomplete => 2,
        }
    }
}

/// A way to write a report.
#[derive(Debug)]
pub struct Format {
    /// The name that `--format` takes.
    pub name: &'static str,
    /// Writes it.
    pub write: fn(&Report, Terminal, &mut dyn io::Write) -> io::Result<()>,
}

/// The formats there are.
pub const FORMATS: &[Format] = &[
    Format { name: "human", write: human::write },
    Format { name: "json", write: json::write },
    Format { name: "sarif", write: sarif::write },
    Format { name: "github", write: github::write },
    Format { name: "gitlab", write: gitlab::write },
    Format { name: "junit", write: junit::write },
    Format { name: "markdown", write: markdown::write },
];

/// What is said where nothing was checked and nothing failed to be read.
pub const NOTHING_TO_CHECK: &str = "nothing to check: no plan, state, template or policy document was found";

impl Format {
    /// Whether it shows fixes, which are looked for only then.
    #[must_use]
    pub fn shows_fixes(&self) -> bool {
        self.name == "human"
    }
}

/// What a format for people needs to know of the place it is shown in; decided once, by the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// Whether to use colour.
    pub colour: bool,
    /// The width in columns.
    pub width: usize,
    /// Whether it shows no more than ASCII.
    pub ascii: bool,
}

impl Report {
    /// Brings everything into the order that reports have, which does not depend on how the work was divided.
    pub fn sort(&mut self) {
        self.subjects.sort_by(|(left, _), (right, _)| by_declaration(left).cmp(&by_declaration(right)));
        self.findings.sort_by(by_position);
        self.fixed.sort_by(by_position);
        self.set_aside.waived.sort_by(|left, right| by_position(&left.finding, &right.finding));
        self.unread.sort();
        self.unread.dedup();
    }

    /// All findings in order, those that have been accepted with what says so.
    #[must_use]
    pub fn all_findings(&self) -> Vec<(&Finding, Option<&Waived>)> {
        let waived = self.set_aside.waived.iter().map(|waived| (&waived.finding, Some(waived)));
        let mut all: Vec<_> = self.findings.iter().map(|finding| (finding, None)).chain(waived).collect();
        all.sort_by(|(left, _), (right, _)| by_position(left, right));
        all
    }

    /// All findings, those that weigh most first and those that have been accepted last.
    fn by_weight(&self) -> Vec<(&Finding, Option<&Waived>)> {
        let mut all = self.all_findings();
        all.sort_by_key(|(finding, waived)| (waived.is_some(), weight(finding)));
        all
    }

    /// The places of the findings in the report, those that weigh most first.
    pub(crate) fn heaviest_first(&self) -> Vec<usize> {
        let mut places: Vec<(usize, &Finding)> = self.findings.iter().enumerate().collect();
        places.sort_by_key(|(_, finding)| weight(finding));
        places.into_iter().map(|(place, _)| place).collect()
    }

    /// What was asked for and not checked, by file, with the reason.
    fn unchecked(&self) -> Vec<(Option<&str>, &str)> {
        if self.files == 0 && self.unread.is_empty() {
            return vec![(None, NOTHING_TO_CHECK)];
        }
        self.unread.iter().map(|unread| (Some(unread.file.as_str()), unread.reason.as_str())).collect()
    }

    /// Counts findings by severity and subjects by verdict.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for finding in &self.findings {
            *match finding.severity {
                Severity::Error => &mut counts.errors,
                Severity::Warning => &mut counts.warnings,
                Severity::Note => &mut counts.notes,
            } += 1;
            match finding.status {
                Status::New => counts.new += 1,
                Status::Worse => counts.worse += 1,
                Status::Existing => counts.existing += 1,
                Status::Fixed => {}
            }
        }
        for (_, judgement) in &self.subjects {
            *match judgement.verdict {
                Verdict::Enforced => &mut counts.enforced,
                Verdict::Bypassable(_) => &mut counts.bypassable,
                Verdict::Unproven(_) => &mut counts.unproven,
                Verdict::NotApplicable => &mut counts.not_applicable,
            } += 1;
        }
        counts
    }

    /// Whether a finding fails the run.
    fn fails(&self, finding: &Finding) -> bool {
        finding.severity >= self.threshold && (finding.status.is_brought() || !self.new_only)
    }

    /// What the run comes to. A plan without any IAM in it is checked and clean; no file to check at all is not.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        if !self.unread.is_empty() || self.files == 0 {
            Outcome::Incomplete
        } else if self.findings.iter().any(|finding| self.fails(finding)) {
            Outcome::Findings
        } else {
            Outcome::Clean
        }
    }
}

/// Writes findings for people, each with a picture of the text at fault, without anything around them.
///
/// # Errors
///
/// Where they cannot be written.
pub fn write_findings(findings: &[Finding], terminal: Terminal, out: &mut dyn io::Write) -> io::Result<()> {
    human::write_findings(findings, terminal, out)
}

fn number(count: usize, name: &str) -> String {
    if count == 1 { format!("1 {name}") } else { format!("{count} {name}s") }
}

/// By the file that it is shown in, and its address.
fn by_declaration(subject: &Subject) -> impl Ord + '_ {
    let file = subject.place.in_file().source.name();
    (file, &subject.address.path, &subject.address.input, subject.kind.name())
}

/// The least is what weighs most: by severity, and of one severity what the change brings before the rest.
fn weight(finding: &Finding) -> impl Ord + use<> {
    (Reverse(finding.severity), !finding.status.is_brought())
}

/// By the place in the file; within a document that stands in a file, by the place in that document.
fn by_position(left: &Finding, right: &Finding) -> Ordering {
    position(left).cmp(&position(right))
}

fn position(finding: &Finding) -> impl Ord + '_ {
    let in_file = finding.primary.place.in_file();
    let place = finding.primary.place.untraced();
    (
        (in_file.source.name(), in_file.span.start, place.span.start, place.span.end),
        (finding.rule, &finding.address, &finding.message),
    )
}

#[cfg(test)]
mod tests;

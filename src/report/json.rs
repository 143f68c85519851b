//! The report for programs: `format_version` 1.
//!
//! The structs here are the format and nothing else; they change only with the version. Findings that are fixed stand behind
//! the others, and are not counted.

use std::io::{self, Write as _};

use serde::{Serialize, Serializer};

use super::escaped::write_pretty;
use super::{Report, Terminal, fingerprints};
use crate::config::outcome::Waived;
use crate::finding::{Finding, Label};
use crate::iam::verdict::{CallerKind, Enrolment, Given, Judgement, Reason, Verdict};
use crate::inventory::subjects::{Subject, SubjectKind};
use crate::{iam, source};

/// Writes the report.
pub(super) fn write(report: &Report, _: Terminal, out: &mut dyn io::Write) -> io::Result<()> {
    let mut out = io::BufWriter::new(out);
    write_pretty(&mut out, &Document::new(report))?;
    out.write_all(b"\n")?;
    out.flush()
}

#[derive(Serialize)]
struct Document<'a> {
    format_version: &'static str,
    subjects: Subjects<'a>,
    findings: Vec<FindingEntry<'a>>,
    unread: Vec<UnreadEntry<'a>>,
    summary: Summary,
}

/// All subjects, each laid out when it is written: there may be very many.
struct Subjects<'a>(&'a [(Subject, Judgement)]);

impl Serialize for Subjects<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|(subject, judgement)| SubjectEntry::new(subject, judgement)))
    }
}

#[derive(Serialize)]
struct SubjectEntry<'a> {
    address: &'a str,
    kind: &'static str,
    location: Location<'a>,
    verdict: &'static str,
    witness: Option<Witness<'a>>,
    enrolment: &'static str,
    locked_out: Vec<&'static str>,
    reasons: Vec<&'a str>,
}

#[derive(Serialize)]
struct FindingEntry<'a> {
    rule: &'static str,
    severity: &'static str,
    address: &'a str,
    message: &'a str,
    help: &'a str,
    location: Location<'a>,
    related: Vec<Related<'a>>,
    witness: Option<Witness<'a>>,
    fingerprint: String,
    status: &'static str,
    waived: Option<WaivedEntry<'a>>,
}

#[derive(Serialize)]
struct WaivedEntry<'a> {
    reason: &'a str,
    until: Option<String>,
}

#[derive(Serialize)]
struct Location<'a> {
    file: &'a str,
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct Related<'a> {
    location: Location<'a>,
    message: &'a str,
}

#[derive(Serialize)]
struct Witness<'a> {
    caller: &'static str,
    principal: &'a str,
    action: &'a str,
    resource: &'a str,
    given: Vec<String>,
}

#[derive(Serialize)]
struct UnreadEntry<'a> {
    file: &'a str,
    reason: &'a str,
}

#[derive(Serialize)]
struct Summary {
    files: usize,
    subjects: usize,
    documents: usize,
    errors: usize,
    warnings: usize,
    notes: usize,
    unproven: usize,
    waived: usize,
    switched_off: usize,
}

impl<'a> Document<'a> {
    fn new(report: &'a Report) -> Self {
        let counts = report.counts();
        let all = report.all_findings();
        // As they were told when they were there.
        let fixed = report.fixed.iter().map(|finding| (finding, None)).zip(fingerprints(&report.fixed));
        let fingerprints = fingerprints(all.iter().map(|(finding, _)| *finding));
        Self {
            format_version: "1",
            subjects: Subjects(&report.subjects),
            findings: all
                .into_iter()
                .zip(fingerprints)
                .chain(fixed)
                .map(|((finding, waived), fingerprint)| FindingEntry::new(finding, waived, fingerprint))
                .collect(),
            unread: report
                .unread
                .iter()
                .map(|unread| UnreadEntry { file: &unread.file, reason: &unread.reason })
                .collect(),
            summary: Summary {
                files: report.files,
                subjects: report.subjects.len(),
                documents: report.documents,
                errors: counts.errors,
                warnings: counts.warnings,
                notes: counts.notes,
                unproven: counts.unproven,
                waived: report.set_aside.waived.len(),
                switched_off: report.set_aside.switched_off.values().sum(),
            },
        }
    }
}

impl<'a> SubjectEntry<'a> {
    fn new(subject: &'a Subject, judgement: &'a Judgement) -> Self {
        let witness = match &judgement.verdict {
            Verdict::Bypassable(holes) => holes.first().map(|hole| &hole.witness),
            _ => None,
        };
        Self {
            address: &subject.address.path,
            kind: subject.kind.name(),
            location: Location::new(&subject.place),
            verdict: judgement.verdict.name(),
            witness: witness.map(Witness::new),
            enrolment: enrolment(subject, judgement),
            locked_out: locked_out(judgement),
            reasons: reasons(judgement),
        }
    }
}

impl<'a> FindingEntry<'a> {
    fn new(finding: &'a Finding, waived: Option<&'a Waived>, fingerprint: String) -> Self {
        Self {
            rule: finding.rule,
            severity: finding.severity.name(),
            address: &finding.address.path,
            message: &finding.message,
            help: &finding.help,
            location: Location::new(&finding.primary.place),
            related: finding.related.iter().map(Related::new).collect(),
            witness: finding.witness.as_ref().map(Witness::new),
            fingerprint,
            status: finding.status.name(),
            waived: waived
                .map(|Waived { reason, until, .. }| WaivedEntry { reason, until: until.map(|day| day.to_string()) }),
        }
    }
}

impl<'a> Location<'a> {
    fn new(place: &'a source::Place) -> Self {
        let (file, line, column) = place.file_line_column();
        Self { file, line, column }
    }
}

impl<'a> Related<'a> {
    fn new(label: &'a Label) -> Self {
        Self { location: Location::new(&label.place), message: &label.text }
    }
}

impl<'a> Witness<'a> {
    fn new(witness: &'a iam::verdict::Witness) -> Self {
        Self {
            caller: witness.caller.name(),
            principal: &witness.principal,
            action: &witness.action,
            resource: &witness.resource,
            given: witness.given.iter().map(given).collect(),
        }
    }
}

fn given(given: &Given) -> String {
    match &given.values {
        Some(values) => format!("{} = {}", given.key, values.join(", ")),
        None => format!("{} absent", given.key),
    }
}

/// Whether a first device can be enrolled. Nobody enrols through an SCP; what one refuses is a finding.
pub(super) fn enrolment(subject: &Subject, judgement: &Judgement) -> &'static str {
    let is_asked = matches!(subject.kind, SubjectKind::Group | SubjectKind::User);
    if is_asked { judgement.enrolment.name() } else { Enrolment::NotApplicable.name() }
}

/// The callers who can be named here; people who simply have no MFA are not locked out but gated.
pub(super) fn locked_out(judgement: &Judgement) -> Vec<&'static str> {
    let mut names: Vec<&'static str> = judgement
        .locked_out
        .iter()
        .map(|lock_out| lock_out.caller)
        .filter(|caller| {
            matches!(
                caller,
                CallerKind::Service
                    | CallerKind::Federated
                    | CallerKind::RoleSession
                    | CallerKind::MfaSession
                    | CallerKind::PermissionSet
            )
        })
        .map(CallerKind::name)
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Why the verdict, or whether a user can enrol, is unproven.
fn reasons(judgement: &Judgement) -> Vec<&str> {
    let verdict: &[Reason] = if let Verdict::Unproven(reasons) = &judgement.verdict { reasons } else { &[] };
    let enrolment: &[Reason] = if let Enrolment::Unproven(reasons) = &judgement.enrolment { reasons } else { &[] };
    let mut told: Vec<&str> = Vec::new();
    for reason in verdict.iter().chain(enrolment) {
        if !told.contains(&reason.message.as_str()) {
            told.push(&reason.message);
        }
    }
    told
}

//! The report in Markdown, for the summary of a step on GitHub: what it comes to, the findings with their details folded,
//! and a table of all subjects.
//!
//! GitHub refuses a summary of more than one MiB as a whole. Each section has a share of less than that, takes what weighs
//! most first, and says how many of its entries it leaves out.

use std::io;

use self::escape::{code, fenced, prose};
use super::human::{self, Names};
use super::json::{enrolment, locked_out};
use super::{Outcome, Report, Terminal, number};
use crate::config::outcome::Waived;
use crate::finding::{Finding, Status};
use crate::iam::verdict::{Judgement, Verdict};
use crate::inventory::subjects::Subject;
use crate::locate::Untraced;

mod escape;

/// How large sections may be, in bytes; together less than a MiB with room for what is around them.
const FINDINGS: usize = 500_000;
const SUBJECTS: usize = 250_000;
const OTHERS: usize = 50_000;
/// How large one finding may be; beyond that it is told without its picture.
const FINDING: usize = 40_000;
/// How many characters of a text of any length are shown.
const TEXT: usize = 2_000;

/// Writes the report.
pub(super) fn write(report: &Report, _: Terminal, out: &mut dyn io::Write) -> io::Result<()> {
    let mut text = head(report);
    text.push_str(&unread(report));
    text.push_str(&findings(report)?);
    text.push_str(&fixed(report));
    text.push_str(&set_aside(report));
    text.push_str(&subjects(report));
    text.push_str(&untraced(report));
    out.write_all(text.as_bytes())
}

/// What the run comes to.
fn head(report: &Report) -> String {
    let counts = report.counts();
    let threshold = code(report.threshold.name());
    let failing = report.findings.iter().filter(|finding| report.fails(finding)).count();
    let verdict = match report.outcome() {
        Outcome::Clean => format!("✅ nothing fails the run at {threshold}"),
        Outcome::Findings if failing == 1 => format!("❌ 1 finding fails the run at {threshold}"),
        Outcome::Findings => format!("❌ {failing} findings fail the run at {threshold}"),
        Outcome::Incomplete => "❌ not everything was checked".to_owned(),
    };
    let mut text = format!("## mfagate\n\n**{verdict}**\n\n");
    let found = [
        number(counts.errors, "error"),
        number(counts.warnings, "warning"),
        number(counts.notes, "note"),
        format!("{} waived", report.set_aside.waived.len()),
    ];
    let checked =
        [number(report.files, "file"), number(report.documents, "document"), number(report.subjects.len(), "subject")];
    text.push_str(&format!("Found {}. Checked {}", found.join(", "), checked.join(", ")));
    if report.passed_over > 0 {
        text.push_str(&format!("; passed over {} without policies", number(report.passed_over, "file")));
    }
    if let Some(file) = &report.configuration {
        text.push_str(&format!("; configured by {}", code(file)));
    }
    text.push_str(".\n\n");
    if report.new_only && counts.existing > 0 {
        text.push_str("What was there before the change is shown and does not fail the run.\n\n");
    }
    text
}

fn unread(report: &Report) -> String {
    let unchecked = report.unchecked();
    let entries = unchecked.iter().map(|(file, reason)| {
        let file = file.map(|file| format!("{}: ", code(&cropped(file)))).unwrap_or_default();
        format!("- {file}{}\n", prose(&cropped(reason)))
    });
    section("Not checked", "", unchecked.len(), OTHERS, entries)
}

fn findings(report: &Report) -> io::Result<String> {
    let names = Names::new(report);
    let found: Vec<_> = report.by_weight().into_iter().filter(|(_, waived)| waived.is_none()).collect();
    let entries: Result<Vec<String>, io::Error> = found
        .iter()
        .scan(0, |size, (finding, _)| {
            // What would be left out need not be drawn.
            (*size <= FINDINGS).then(|| entry(finding, &names).inspect(|entry| *size += entry.len()))
        })
        .collect();
    Ok(section("Findings", "", found.len(), FINDINGS, entries?.into_iter()))
}

/// One finding: its message, and folded below it the picture of the text at fault.
fn entry(finding: &Finding, names: &Names<'_>) -> io::Result<String> {
    let heading = heading(finding);
    let message = prose(&cropped(&finding.message));
    let picture = human::picture(finding, names, Terminal { colour: false, width: 100, ascii: false })?;
    let entry = format!("<details><summary>{heading}<br>{message}</summary>\n\n{}\n\n</details>\n\n", fenced(&picture));
    if entry.len() <= FINDING {
        return Ok(entry);
    }
    let help = prose(&cropped(&finding.help));
    Ok(format!("<details><summary>{heading}<br>{message}</summary>\n\n{help}\n\n</details>\n\n"))
}

fn heading(finding: &Finding) -> String {
    let mark = match finding.status {
        Status::New => String::new(),
        status => format!(" ({})", status.name()),
    };
    let (file, line, _) = finding.primary.place.file_line_column();
    let place = code(&format!("{}:{line}", cropped(file)));
    let address = code(&cropped(&finding.address.path));
    format!("<b>{} {}</b>{mark} {address} in {place}", finding.severity.name(), finding.rule)
}

fn fixed(report: &Report) -> String {
    let entries = report
        .fixed
        .iter()
        .map(|finding| format!("- <b>{}</b> {}\n", finding.rule, code(&cropped(&finding.address.path))));
    section("Fixed by this change", "", report.fixed.len(), OTHERS, entries)
}

fn set_aside(report: &Report) -> String {
    let waived = report.set_aside.waived.iter().map(|waived: &Waived| {
        let reason = prose(&cropped(&waived.told()));
        format!("- {}: {reason}\n", heading(&waived.finding))
    });
    let switched_off = report.set_aside.switched_off.iter();
    let switched_off = switched_off.map(|(rule, count)| format!("- <b>{rule}</b>: {}\n", number(*count, "finding")));
    section("Waived", "", report.set_aside.waived.len(), OTHERS, waived)
        + &section("Switched off", "", report.set_aside.switched_off.len(), OTHERS, switched_off)
}

/// What points into a plan because the files that it was made of are not there.
fn untraced(report: &Report) -> String {
    let entries = report
        .untraced
        .iter()
        .map(|Untraced { file, reason }| format!("- {}: {}\n", code(&cropped(file)), prose(&cropped(reason))));
    section("Not traced to its source", "", report.untraced.len(), OTHERS, entries)
}

/// The table of subjects, open ones first.
fn subjects(report: &Report) -> String {
    const HEADER: &str = "| verdict | subject | kind | enrolment | locked out | where |\n|---|---|---|---|---|---|\n";
    let mut subjects: Vec<_> = report.subjects.iter().collect();
    subjects.sort_by_key(|(_, judgement)| match judgement.verdict {
        Verdict::Bypassable(_) => 0,
        Verdict::Unproven(_) => 1,
        Verdict::Enforced => 2,
        Verdict::NotApplicable => 3,
    });
    let rows = subjects.iter().map(|(subject, judgement)| row(subject, judgement));
    section("Subjects", HEADER, subjects.len(), SUBJECTS, rows)
}

fn row(subject: &Subject, judgement: &Judgement) -> String {
    let (file, line, _) = subject.place.file_line_column();
    let cells = [
        judgement.verdict.name().to_owned(),
        code(&cropped(&subject.address.path)),
        subject.kind.name().to_owned(),
        enrolment(subject, judgement).to_owned(),
        locked_out(judgement).join(", "),
        code(&format!("{}:{line}", cropped(file))),
    ];
    format!("| {} |\n", cells.join(" | "))
}

/// A section with as many entries as it has room for; nothing where there are none.
fn section(title: &str, header: &str, total: usize, room: usize, entries: impl Iterator<Item = String>) -> String {
    if total == 0 {
        return String::new();
    }
    let mut text = format!("### {title}\n\n{header}");
    let mut shown = 0;
    for entry in entries {
        if text.len() + entry.len() > room {
            break;
        }
        text.push_str(&entry);
        shown += 1;
    }
    if shown < total {
        let missing = total - shown;
        text.push_str(&format!("\n{missing} more of {total} are left out: GitHub takes no summary above 1 MiB\n"));
    }
    text.push('\n');
    text
}

/// The beginning of a text of any length.
fn cropped(text: &str) -> String {
    match text.char_indices().nth(TEXT) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

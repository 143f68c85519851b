//! The report for people: each finding with the text at fault, those that weigh most first; then what could not be read,
//! then the counts.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::io;
use std::sync::Arc;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, Severity as Weight, SourceCode, ThemeCharacters,
    ThemeStyles,
};

use super::ascii::Ascii;
use super::excerpt::Excerpt;
use super::visible::inert;
use super::{Counts, Report, Terminal, fixes, number, visible, visible_lines};
use crate::config::outcome::Waived;
use crate::finding::{Finding, Label, Severity, Status};
use crate::fix::Fix;
use crate::source::Place;
use crate::wrap;

/// Writes the report.
pub(super) fn write(report: &Report, terminal: Terminal, out: &mut dyn io::Write) -> io::Result<()> {
    if terminal.ascii {
        return write(report, Terminal { ascii: false, ..terminal }, &mut Ascii(out));
    }
    let names = Names::new(report);
    write_pictures(report, &names, terminal, out)?;
    write_fixes_left_out(report, out)?;
    write_fixed(report, &names, terminal, out)?;
    write_set_aside(report, terminal, out)?;
    write_unread(report, terminal, out)?;
    write_untraced(report, terminal, out)?;
    write_summary(report, terminal, out)
}

/// Writes findings, each with a picture of the text at fault.
pub(super) fn write_findings(findings: &[Finding], terminal: Terminal, out: &mut dyn io::Write) -> io::Result<()> {
    if terminal.ascii {
        return write_findings(findings, Terminal { ascii: false, ..terminal }, &mut Ascii(out));
    }
    findings.iter().try_for_each(|finding| writeln!(out, "{}", picture(finding, &Names::default(), terminal)?))
}

/// Writes the findings of a report, each with its picture and its fix; a fix that several have is shown once.
fn write_pictures(report: &Report, names: &Names<'_>, terminal: Terminal, out: &mut dyn io::Write) -> io::Result<()> {
    let mut shown: Vec<(&Fix, String)> = Vec::new();
    for place in report.heaviest_first() {
        let Some(finding) = report.findings.get(place) else { continue };
        write!(out, "{}", picture(finding, names, terminal)?)?;
        if let Some(fix) = report.fixes.get(place) {
            if let Some((_, first)) = shown.iter().find(|(known, _)| known.is(fix)) {
                writeln!(out, "  fix: the same as for {first}")?;
            } else {
                fixes::write(fix, terminal, out)?;
                shown.push((fix, names.title(finding)));
            }
        }
        writeln!(out)?;
    }
    Ok(())
}

/// A finding with a picture of the text at fault.
pub(super) fn picture(finding: &Finding, names: &Names<'_>, terminal: Terminal) -> io::Result<String> {
    let mut text = String::new();
    painter(terminal).render_report(&mut text, &Picture::new(finding, names)).map_err(io::Error::other)?;
    // miette ends some lines with the space that would set off a label that is not there.
    let text: String = text.lines().flat_map(|line| [line.trim_end(), "\n"]).collect();
    Ok(inert(&text))
}

fn write_fixes_left_out(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    match report.fixes.left_out {
        0 => Ok(()),
        more => writeln!(out, "no fix was looked for of {}: that would take too long\n", number(more, "finding")),
    }
}

/// One finding, as miette wants it.
#[derive(Debug)]
struct Picture {
    weight: Weight,
    title: String,
    message: String,
    help: String,
    excerpt: Excerpt,
}

impl Picture {
    fn new(finding: &Finding, names: &Names<'_>) -> Self {
        let remark = match finding.status {
            Status::New => String::new(),
            status => format!(" ({})", status.name()),
        };
        let labels: Vec<Label> = seen(finding).iter().map(for_the_eye).collect();
        Self {
            weight: weight(finding.severity),
            title: format!("{}{remark}", names.title(finding)),
            message: visible(&finding.message).into_owned(),
            help: visible_lines(&finding.help),
            excerpt: Excerpt::new(&labels.iter().collect::<Vec<_>>()),
        }
    }
}

/// What there is to see of a finding: the text that somebody wrote. Where that does not say what is at fault, as a document
/// that stands elsewhere, the document as the plan has it is shown with it.
fn seen(finding: &Finding) -> Vec<Label> {
    let plan = finding.primary.place.untraced();
    let is_plan = |place: &Place| Arc::ptr_eq(&place.source, &plan.source) && place.span == plan.span;
    let mut seen = Vec::with_capacity(finding.related.len() + 2);
    match finding.primary.place.written() {
        Some((place, false)) => {
            seen.push(Label { place: place.clone(), text: "made here".to_owned() });
            seen.push(Label { place: plan.clone(), text: finding.primary.text.clone() });
        }
        Some((place, true)) => seen.push(Label { place: place.clone(), text: finding.primary.text.clone() }),
        None => seen.push(finding.primary.clone()),
    }
    for label in &finding.related {
        let place = match label.place.written() {
            Some((place, true)) => place,
            _ => label.place.untraced(),
        };
        if finding.primary.place.written().is_none() || !is_plan(place) {
            seen.push(Label { place: place.clone(), text: label.text.clone() });
        }
    }
    seen
}

/// What findings are called: by their address, and by the file too where another one has a resource of that address.
#[derive(Default)]
pub(super) struct Names<'a> {
    ambiguous: HashSet<&'a str>,
}

impl<'a> Names<'a> {
    pub(super) fn new(report: &'a Report) -> Self {
        let mut inputs: HashMap<&str, &str> = HashMap::new();
        let mut ambiguous = HashSet::new();
        if report.files > 1 {
            let findings = report.findings.iter().chain(&report.fixed).map(|finding| &finding.address);
            for address in report.subjects.iter().map(|(subject, _)| &subject.address).chain(findings) {
                if *inputs.entry(&address.path).or_insert(&address.input) != &*address.input {
                    ambiguous.insert(&*address.path);
                }
            }
        }
        Self { ambiguous }
    }

    fn title(&self, finding: &Finding) -> String {
        let (severity, rule, address) = (finding.severity.name(), finding.rule, &finding.address);
        let input = if self.ambiguous.contains(&*address.path) {
            format!(" in {}", visible(&address.input))
        } else {
            String::new()
        };
        format!("{severity}[{rule}] {}{input}", visible(&address.path))
    }
}

/// A remark that goes under a place: miette does not break its lines, so they are broken here.
fn for_the_eye(label: &Label) -> Label {
    Label { place: label.place.clone(), text: broken(&visible(&label.text), 64) }
}

fn broken(text: &str, width: usize) -> String {
    textwrap::fill(text, wrap::at_spaces(width))
}

impl Diagnostic for Picture {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.title))
    }

    fn severity(&self) -> Option<Weight> {
        Some(self.weight)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        if self.help.is_empty() { None } else { Some(Box::new(&self.help)) }
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.excerpt)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.excerpt.labels()))
    }
}

impl std::error::Error for Picture {}

impl fmt::Display for Picture {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

fn weight(severity: Severity) -> Weight {
    match severity {
        Severity::Error => Weight::Error,
        Severity::Warning => Weight::Warning,
        Severity::Note => Weight::Advice,
    }
}

fn painter(terminal: Terminal) -> GraphicalReportHandler {
    let mut characters = ThemeCharacters::unicode();
    characters.warning = "!".to_owned();
    characters.advice = "·".to_owned();
    let mut styles = if terminal.colour { ThemeStyles::ansi() } else { ThemeStyles::none() };
    // One colour for everything that is marked: a second one would look like a second meaning.
    styles.highlights.truncate(1);
    GraphicalReportHandler::new_themed(GraphicalTheme { characters, styles })
        .with_urls(false)
        .with_links(false)
        .without_primary_span_start()
        .without_syntax_highlighting()
        .with_width(terminal.width)
        .with_break_words(false)
        .with_word_separator(textwrap::WordSeparator::AsciiSpace)
        .with_word_splitter(textwrap::WordSplitter::NoHyphenation)
}

/// What is fixed is told in a line each: there is nothing left to look at.
fn write_fixed(report: &Report, names: &Names<'_>, terminal: Terminal, out: &mut dyn io::Write) -> io::Result<()> {
    if report.fixed.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}", paint(terminal, GREEN, "fixed by this change"))?;
    report.fixed.iter().try_for_each(|finding| writeln!(out, "  ✓ {}", names.title(finding)))?;
    writeln!(out)
}

/// What does not count, in a line each: nobody has to look at it, and nobody should be able to hide it.
fn write_set_aside(report: &Report, terminal: Terminal, out: &mut dyn io::Write) -> io::Result<()> {
    for Waived { finding, reason, until } in &report.set_aside.waived {
        let until = until.map(|day| format!(" until {day}")).unwrap_or_default();
        let (file, line, _) = finding.primary.place.file_line_column();
        let line = format!(
            "waived{until}: {} {} ({}:{line}): {}",
            finding.rule,
            visible(&finding.address.path),
            visible(file),
            visible(reason)
        );
        writeln!(out, "{}", inert(&textwrap::fill(&line, wrap::at_spaces(terminal.width).subsequent_indent("    "))))?;
    }
    for (rule, count) in &report.set_aside.switched_off {
        writeln!(out, "switched off: {} of {rule}", number(*count, "finding"))?;
    }
    if report.set_aside.is_empty() { Ok(()) } else { writeln!(out) }
}

fn write_unread(report: &Report, terminal: Terminal, out: &mut dyn io::Write) -> io::Result<()> {
    if report.unread.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}", paint(terminal, RED, "not checked"))?;
    let options = wrap::at_spaces(terminal.width).initial_indent("    ").subsequent_indent("    ");
    for of_file in report.unread.chunk_by(|left, right| left.file == right.file) {
        let file = of_file.first().map_or("", |unread| &unread.file);
        writeln!(out, "  × {}", visible(file))?;
        for unread in of_file {
            writeln!(out, "{}", inert(&textwrap::fill(&visible_lines(&unread.reason), &options)))?;
        }
    }
    writeln!(out)
}

/// Why findings point into a plan and not at what somebody wrote.
fn write_untraced(report: &Report, terminal: Terminal, out: &mut dyn io::Write) -> io::Result<()> {
    for untraced in &report.untraced {
        let line = format!("not traced: {}: {}", visible(&untraced.file), visible_lines(&untraced.reason));
        writeln!(out, "{}", inert(&textwrap::fill(&line, wrap::at_spaces(terminal.width).subsequent_indent("    "))))?;
    }
    if report.untraced.is_empty() { Ok(()) } else { writeln!(out) }
}

fn write_summary(report: &Report, terminal: Terminal, out: &mut dyn io::Write) -> io::Result<()> {
    let counts = report.counts();
    writeln!(
        out,
        "checked {}, {}, {}{}",
        number(report.files, "file"),
        number(report.documents, "document"),
        number(report.subjects.len(), "subject"),
        verdicts(counts)
    )?;
    let found = [(counts.errors, "error", RED), (counts.warnings, "warning", YELLOW), (counts.notes, "note", CYAN)]
        .map(
            |(count, name, colour)| {
                if count == 0 { number(0, name) } else { paint(terminal, colour, &number(count, name)) }
            },
        );
    write!(out, "found {}", found.join(", "))?;
    write!(out, "{}", changes(counts, report))?;
    if !report.unread.is_empty() {
        write!(out, "; {} not checked", paint(terminal, RED, &report.unread.len().to_string()))?;
    }
    if report.passed_over > 0 {
        write!(out, "; passed over {} without policies", number(report.passed_over, "file"))?;
    }
    if !report.set_aside.waived.is_empty() {
        write!(out, "; {} waived", report.set_aside.waived.len())?;
    }
    if let Some(file) = &report.configuration {
        write!(out, "; configured by {}", visible(file))?;
    }
    writeln!(out)
}

/// How many of the findings the change brings; nothing where there was nothing before it.
fn changes(counts: Counts, report: &Report) -> String {
    if counts.worse + counts.existing + report.fixed.len() == 0 {
        return String::new();
    }
    let named =
        [(counts.new, "new"), (counts.worse, "worse"), (counts.existing, "existing"), (report.fixed.len(), "fixed")];
    let told: Vec<String> =
        named.iter().filter(|(count, _)| *count > 0).map(|(count, name)| format!("{count} {name}")).collect();
    let gate = if report.new_only && counts.existing > 0 { " (existing ones do not fail the run)" } else { "" };
    format!("; {}{gate}", told.join(", "))
}

fn verdicts(counts: Counts) -> String {
    let named = [
        (counts.enforced, "enforced"),
        (counts.bypassable, "bypassable"),
        (counts.unproven, "unproven"),
        (counts.not_applicable, "not applicable"),
    ];
    let told: Vec<String> =
        named.iter().filter(|(count, _)| *count > 0).map(|(count, name)| format!("{count} {name}")).collect();
    if told.is_empty() { String::new() } else { format!(" ({})", told.join(", ")) }
}

const RED: &str = "31";
const GREEN: &str = "32";
const YELLOW: &str = "33";
const CYAN: &str = "36";

fn paint(terminal: Terminal, colour: &str, text: &str) -> String {
    if terminal.colour { format!("\u{1b}[{colour}m{text}\u{1b}[0m") } else { text.to_owned() }
}

//! The report as workflow commands of GitHub Actions, which the runner turns into annotations.
//!
//! The runner takes a line that begins with `::` for a command, and what stands in it is other people's text: Sids, names
//! and paths of a pull request. Everything is escaped as the runner unescapes it (`ActionCommand.cs`): data and properties
//! each in their way.
//!
//! A step shows ten annotations of each kind, a message up to 4096 characters. What weighs most comes first, and the tenth
//! place says how many more there are; their commands follow all the same, as the log shows every one.

use std::io;

use super::location::{File, Folder, Region};
use super::{Report, Terminal, number, visible, visible_lines};
use crate::config::outcome::Waived;
use crate::finding::{Finding, Severity, Status};
use crate::locate::Untraced;

/// How many annotations of a kind are shown for a step.
const SHOWN: usize = 10;
/// How long a message may be, in characters; the runner cuts what is longer without a word.
const MESSAGE: usize = 4000;
/// How long a title may be, in characters.
const TITLE: usize = 250;

/// Writes the report.
pub(super) fn write(report: &Report, _: Terminal, out: &mut dyn io::Write) -> io::Result<()> {
    let annotations = Annotations::new(report).all;
    for kind in [Kind::Error, Kind::Warning, Kind::Notice] {
        let of_kind: Vec<&Annotation> = annotations.iter().filter(|annotation| annotation.kind == kind).collect();
        let (shown, more) = match of_kind.split_at_checked(SHOWN - 1) {
            Some((shown, more)) if more.len() > 1 => (shown, more),
            _ => (of_kind.as_slice(), [].as_slice()),
        };
        shown.iter().try_for_each(|annotation| annotation.write(out))?;
        if !more.is_empty() {
            remark(kind, more.len()).write(out)?;
        }
        more.iter().try_for_each(|annotation| annotation.write(out))?;
    }
    Ok(())
}

/// The kinds of annotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Error,
    Warning,
    Notice,
}

/// One command.
struct Annotation {
    kind: Kind,
    place: Option<(String, Option<Region>)>,
    title: String,
    message: String,
}

struct Annotations {
    folder: Folder,
    all: Vec<Annotation>,
}

impl Annotations {
    /// What there is to tell, what weighs most first.
    fn new(report: &Report) -> Self {
        let mut annotations = Self { folder: Folder::current(), all: Vec::new() };
        annotations.unread(report);
        for (finding, waived) in report.by_weight() {
            annotations.finding(finding, waived);
        }
        annotations.fixed(report);
        annotations.untraced(report);
        for (rule, count) in &report.set_aside.switched_off {
            let message = format!("the configuration switches {} of this rule off", number(*count, "finding"));
            annotations.all.push(Annotation {
                kind: Kind::Notice,
                place: None,
                title: format!("switched off: {rule}"),
                message,
            });
        }
        annotations
    }

    fn unread(&mut self, report: &Report) {
        for (file, reason) in report.unchecked() {
            let place = file.and_then(|file| self.folder.file(file).path()).map(|path| (path, None));
            let title = file.map_or("not checked".to_owned(), |file| format!("not checked: {}", visible(file)));
            self.all.push(Annotation { kind: Kind::Error, place, title, message: visible_lines(reason) });
        }
    }

    fn untraced(&mut self, report: &Report) {
        for Untraced { file, reason } in &report.untraced {
            let title = format!("not traced: {}", visible(file));
            let message = visible_lines(reason);
            self.all.push(Annotation { kind: Kind::Notice, place: None, title, message });
        }
    }

    fn finding(&mut self, finding: &Finding, waived: Option<&Waived>) {
        let address = visible(&finding.address.path);
        let (kind, title) = match (waived, finding.status) {
            (Some(_), _) => (Kind::Notice, format!("waived: {}: {address}", finding.rule)),
            (None, Status::New) => (kind(finding.severity), format!("{}: {address}", finding.rule)),
            (None, status) => (kind(finding.severity), format!("{} ({}): {address}", finding.rule, status.name())),
        };
        let accepted = waived.map(|waived| format!("accepted: {}\n\n", waived.told())).unwrap_or_default();
        let message = visible_lines(&format!("{accepted}{}\n\n{}", finding.message, finding.help));
        let place = &finding.primary.place;
        // Something without a path, such as standard input, is told by the title alone.
        let path = match self.folder.file_of(place) {
            File::Nowhere => None,
            file => file.path(),
        };
        let place = path.map(|path| (path, Some(Region::of(place))));
        self.all.push(Annotation { kind, place, title, message });
    }

    /// What is fixed is no longer anywhere: one annotation without a place tells of all of it.
    fn fixed(&mut self, report: &Report) {
        if report.fixed.is_empty() {
            return;
        }
        let lines: Vec<String> = report
            .fixed
            .iter()
            .map(|finding| format!("{}: {}", finding.rule, visible(&finding.address.path)))
            .collect();
        let title = format!("fixed by this change: {}", number(lines.len(), "finding"));
        self.all.push(Annotation { kind: Kind::Notice, place: None, title, message: lines.join("\n") });
    }
}

/// What stands in the tenth place where there are more.
fn remark(kind: Kind, more: usize) -> Annotation {
    let title = format!("{} more of this kind", number(more, "annotation"));
    let message =
        format!("GitHub shows {SHOWN} of a kind for a step; the log of this step and the report have them all");
    Annotation { kind, place: None, title, message }
}

impl Annotation {
    fn write(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let name = match self.kind {
            Kind::Error => "error",
            Kind::Warning => "warning",
            Kind::Notice => "notice",
        };
        let title = format!("title={}", property(&cropped(&self.title, TITLE)));
        let properties: Vec<String> = self.place().into_iter().chain([title]).collect();
        writeln!(out, "::{name} {}::{}", properties.join(","), data(&cropped(&self.message, MESSAGE)))
    }

    /// The properties of the place; columns only where it is on one line, as the runner wants it.
    fn place(&self) -> Vec<String> {
        let Some((path, region)) = &self.place else { return Vec::new() };
        // The runner splits at `=` and drops what is empty, so that a name may not begin with one.
        let path = if path.starts_with('=') { format!("./{path}") } else { path.clone() };
        let mut properties = vec![format!("file={}", property(&path))];
        if let Some(Region { start_line, start_column, end_line, end_column }) = region {
            properties.push(format!("line={start_line},endLine={end_line}"));
            if start_line == end_line {
                properties.push(format!("col={start_column},endColumn={}", end_column.max(start_column)));
            }
        }
        properties
    }
}

fn kind(severity: Severity) -> Kind {
    match severity {
        Severity::Error => Kind::Error,
        Severity::Warning => Kind::Warning,
        Severity::Note => Kind::Notice,
    }
}

/// Escapes what stands behind the second `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes the value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// The text up to a number of characters; says so where something is missing.
fn cropped(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}… (cut here; the report has all of it)", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

//! Fixes in the report for people: the lines that change, below the finding.

use std::io;

use super::{Terminal, visible};
use crate::fix::{Change, Fix, Line};

/// How many lines of a fix are shown; `--diff` shows all.
const LINES: usize = 80;

/// Writes a fix.
pub(super) fn write(fix: &Fix, terminal: Terminal, out: &mut dyn io::Write) -> io::Result<()> {
    for edited in &fix.texts {
        writeln!(out, "  fix for {}:", visible(edited.before.name()))?;
        let lines = edited.lines();
        let width = lines.iter().filter_map(|line| line.number).max().unwrap_or_default().to_string().len();
        lines.iter().take(LINES).try_for_each(|line| write_line(line, width, terminal, out))?;
        if let Some(more) = lines.len().checked_sub(LINES).filter(|more| *more > 0) {
            writeln!(out, "    {more} more lines: `--diff` shows them")?;
        }
    }
    Ok(())
}

fn write_line(line: &Line, width: usize, terminal: Terminal, out: &mut dyn io::Write) -> io::Result<()> {
    let (sign, colour) = match line.change {
        Change::Gap => return writeln!(out, "    {:width$} ⋮", ""),
        Change::Stays => (' ', None),
        Change::Goes => ('-', Some("31")),
        Change::Comes => ('+', Some("32")),
    };
    let text = format!("{sign} {}", visible(&line.text));
    let text = text.trim_end();
    let number = line.number.map(|number| number.to_string()).unwrap_or_default();
    match colour.filter(|_| terminal.colour) {
        Some(colour) => writeln!(out, "    {number:>width$} \u{1b}[{colour}m{text}\u{1b}[0m"),
        None => writeln!(out, "    {number:>width$} {text}"),
    }
}

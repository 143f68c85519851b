//! Fixes in the report for people: the lines that change, below the finding.

use std::io;

use super::{Terminal, visible};
use crate::fix::{Change, Fix, Line};

/// How many lines of a fix are shown; `--diff` shows all.
const LINES: usize = 80;
/// How many characters of a line are shown where nothing in it changes.
const LINE: usize = 140;
/// How much of a longer line is shown on either side of what changes.
const AROUND: usize = 40;
/// Stands for what is left out of a line.
const CROPPED: char = '…';

/// Writes a fix.
pub(super) fn write(fix: &Fix, terminal: Terminal, out: &mut dyn io::Write) -> io::Result<()> {
    for edited in &fix.texts {
        writeln!(out, "  fix for {}:", visible(edited.before.name()))?;
        let lines = edited.lines();
        let width = lines.iter().filter_map(|line| line.number).max().unwrap_or_default().to_string().len();
        for (at, line) in lines.iter().enumerate().take(LINES) {
            write_line(line, &cropped(&line.text, counterpart(&lines, at)), width, terminal, out)?;
        }
        if let Some(more) = lines.len().checked_sub(LINES).filter(|more| *more > 0) {
            writeln!(out, "    {more} more lines: `--diff` shows them")?;
        }
    }
    Ok(())
}

/// The line that stands in the place of the one at this index, or in whose place it stands.
fn counterpart(lines: &[Line], at: usize) -> Option<&str> {
    let beside = match lines.get(at)?.change {
        Change::Goes => lines.iter().skip(at).find(|line| line.change == Change::Comes),
        Change::Comes => lines.iter().take(at).rev().find(|line| line.change == Change::Goes),
        Change::Stays | Change::Gap => None,
    };
    beside.map(|line| line.text.as_str())
}

/// A line; of one that is too long to read, the part that its counterpart does not have.
fn cropped(text: &str, counterpart: Option<&str>) -> String {
    let all: Vec<char> = text.chars().collect();
    if all.len() <= LINE {
        return text.to_owned();
    }
    let (start, end) = match counterpart {
        None => (0, LINE),
        Some(other) => {
            let before = all.iter().zip(other.chars()).take_while(|(left, right)| **left == *right).count();
            let behind = all.iter().rev().zip(other.chars().rev()).take_while(|(left, right)| **left == *right).count();
            let start = before.saturating_sub(AROUND);
            (start, all.len().saturating_sub(behind.saturating_sub(AROUND)).max(start + LINE).min(all.len()))
        }
    };
    let mark = |is_cropped: bool| is_cropped.then_some(CROPPED);
    let shown = all.iter().take(end).skip(start).copied();
    mark(start > 0).into_iter().chain(shown).chain(mark(end < all.len())).collect()
}

fn write_line(line: &Line, text: &str, width: usize, terminal: Terminal, out: &mut dyn io::Write) -> io::Result<()> {
    let (sign, colour) = match line.change {
        Change::Gap => return writeln!(out, "    {:width$} ⋮", ""),
        Change::Stays => (' ', None),
        Change::Goes => ('-', Some("31")),
        Change::Comes => ('+', Some("32")),
    };
    let text = format!("{sign} {}", visible(text));
    let text = text.trim_end();
    let number = line.number.map(|number| number.to_string()).unwrap_or_default();
    match colour.filter(|_| terminal.colour) {
        Some(colour) => writeln!(out, "    {number:>width$} \u{1b}[{colour}m{text}\u{1b}[0m"),
        None => writeln!(out, "    {number:>width$} {text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_line_only_what_changes_is_shown() {
        let line = |operator: &str| format!("{}{operator}{}", "a".repeat(1000), "b".repeat(1000));
        let (goes, comes) = (line("BoolIfExists"), line("Bool"));
        let shown = cropped(&goes, Some(&comes));
        assert!(shown.starts_with("…aa") && shown.contains("aaBoolIfExistsbb") && shown.ends_with("bb…"), "{shown}");
        assert_eq!(shown.chars().count(), LINE + 2);
        assert!(cropped(&comes, Some(&goes)).contains("aaBoolbb"));
        assert_eq!(cropped(&goes, None), format!("{}…", "a".repeat(LINE)));
        assert_eq!(cropped("a short line", Some("another")), "a short line");
    }

    #[test]
    fn what_comes_into_a_long_line_is_shown_in_full() {
        let (before, added) = ("x".repeat(5000), "y".repeat(600));
        let after = format!("{before}{added}{before}");
        assert!(cropped(&after, Some(&before)).contains(&added));
    }
}

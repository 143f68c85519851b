//! The manner of a text: how it quotes, indents, and writes lists and maps.

use super::{Editor, indent_of};
use crate::fix::pen::{Inline, Pen};
use crate::source::Span;

/// How many lines are looked at for what holds of the whole text.
const LINES: usize = 2000;

impl Editor {
    /// The manner of the text around a range.
    pub(super) fn pen_at(&self, around: Span) -> Pen {
        let text = self.text();
        let here = self.slice(around);
        let quotes = here.find(['"', '\'']).and_then(|at| here.get(at..)).unwrap_or(text);
        let first = quotes.chars().find(|character| matches!(character, '"' | '\''));
        let needed_quote = first.filter(|_| !self.json).unwrap_or('"');
        let line = self.line_end(around.start);
        let newline = if text.get(line..).is_some_and(|rest| rest.starts_with("\r\n")) { "\r\n" } else { "\n" };
        Pen {
            json: self.json,
            quote: self.effect_quote(around),
            needed_quote,
            newline,
            step: self.step_at(around).unwrap_or_else(|| self.step()),
            dash: self.dash(),
            inline: self.inline(),
        }
    }

    /// The quotes around strings that need none: those of an `Effect`.
    fn effect_quote(&self, around: Span) -> Option<char> {
        let effect = |text: &str| {
            let (_, rest) = text.split_once("Effect")?;
            let rest = rest.strip_prefix(['"', '\'']).unwrap_or(rest).trim_start();
            rest.strip_prefix(':')?.trim_start().chars().next()
        };
        let quote = effect(self.slice(around)).or_else(|| effect(self.text()));
        quote.filter(|quote| matches!(quote, '"' | '\''))
    }

    /// Which values a block writes within brackets.
    fn inline(&self) -> Inline {
        let mut inline = Inline::default();
        for line in self.text().lines().take(LINES).map(str::trim_end) {
            inline.maps |= line.ends_with('}') && line.contains(": {");
            inline.lists |= line.ends_with(']') && line.contains(": [");
        }
        inline
    }

    /// One step of indent within a range of lines: how far its second line stands behind its first.
    fn step_at(&self, around: Span) -> Option<String> {
        let outer = indent_of(self.prefix(around.start));
        let inner = indent_of(self.slice(around).lines().nth(1)?);
        let step = inner.strip_prefix(&outer)?;
        (!step.is_empty() && step.len() <= 8).then(|| step.to_owned())
    }

    /// One step of indent: that of the first line that has one.
    fn step(&self) -> String {
        let indents = self.text().lines().take(LINES).map(indent_of);
        let first = indents.into_iter().find(|indent| !indent.is_empty());
        first.filter(|indent| indent.len() <= 8).unwrap_or_else(|| "  ".to_owned())
    }

    /// How far lists are indented behind their keys: as the first list is.
    fn dash(&self) -> String {
        let mut key = None;
        for line in self.text().lines().take(LINES) {
            let (indent, trimmed) = (indent_of(line).len(), line.trim());
            match key {
                Some(key) if trimmed.starts_with("- ") => return " ".repeat(indent.saturating_sub(key).min(8)),
                _ if trimmed.is_empty() || trimmed.starts_with('#') => {}
                _ => key = (trimmed.ends_with(':') && !trimmed.starts_with('-')).then_some(indent),
            }
        }
        "  ".to_owned()
    }
}

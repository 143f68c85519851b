//! Edits that take entries of maps and items of lists away, with the lines or the commas that go with them.

use super::{Editor, Map};
use crate::fix::edit::Edit;
use crate::source::Span;
use crate::tree::Node;

impl Editor {
    /// Takes entries away, but never all of them.
    pub(in crate::fix) fn remove_entries(&self, map: &Map<'_>, gone: &[usize]) -> Option<Vec<Edit>> {
        let starts: Vec<usize> = map.entries.iter().map(|entry| entry.key_span.start).collect();
        let ends: Option<Vec<usize>> = (0..map.len()).map(|at| self.end(map, at)).collect();
        let spans = starts.into_iter().zip(ends?).map(|(start, end)| Span::new(start, end)).collect::<Vec<_>>();
        self.remove(&spans, gone, self.is_flow(map.node))
    }

    /// Takes items of a list away, but never all of them.
    pub(in crate::fix) fn remove_items(&self, list: &Node, gone: &[usize]) -> Option<Vec<Edit>> {
        let spans: Vec<Span> = list.as_list()?.iter().map(|item| item.span).collect();
        let inside = spans.iter().all(|span| list.span.start <= span.start && span.end <= list.span.end);
        if inside { self.remove(&spans, gone, self.is_flow(list)) } else { None }
    }

    fn remove(&self, spans: &[Span], gone: &[usize], flow: bool) -> Option<Vec<Edit>> {
        if gone.is_empty() || (0..spans.len()).all(|at| gone.contains(&at)) {
            return None;
        }
        let mut edits = Vec::new();
        let mut at = 0;
        while at < spans.len() {
            let run = spans.iter().skip(at).enumerate().take_while(|(ahead, _)| gone.contains(&(at + ahead))).count();
            if run > 0 {
                edits.push(self.remove_run(spans, at, at + run - 1, flow)?);
            }
            at += run + 1;
        }
        Some(edits)
    }

    /// Takes the neighbours from `first` to `last` away.
    fn remove_run(&self, spans: &[Span], first: usize, last: usize, flow: bool) -> Option<Edit> {
        let (start, end) = (spans.get(first)?.start, spans.get(last)?.end);
        let next = spans.get(last + 1);
        let span = if flow {
            match next {
                Some(next) => Span::new(start, next.start),
                None => Span::new(spans.get(first.checked_sub(1)?)?.end, end),
            }
        } else {
            // Of a list in a block each item has a dash of its own; of a map only the first entry may stand behind one.
            let has_dash = |at: usize| self.prefix(at).trim() == "-";
            let own_line =
                self.prefix(start).trim().is_empty() || has_dash(start) && next.is_none_or(|next| has_dash(next.start));
            match next {
                Some(_) if own_line => self.lines_before_next(start, end),
                None if own_line => self.last_lines(start, end),
                Some(next) => Span::new(start, next.start),
                None => return None,
            }
        };
        let removed = Span::new(end.min(span.end), span.end);
        (!self.has_comment(removed)).then(|| Edit::remove(span.start, span.end))
    }

    /// The lines that a range touches, with the line break behind them.
    fn lines_before_next(&self, start: usize, end: usize) -> Span {
        let after = self.line_end(end);
        let rest = self.text().get(after..).unwrap_or_default();
        let line_break = if rest.starts_with("\r\n") { 2 } else { usize::from(rest.starts_with('\n')) };
        Span::new(self.line_start(start), after + line_break)
    }

    /// The lines that a range touches, with the line break before them: what goes stays within what it is the end of.
    fn last_lines(&self, start: usize, end: usize) -> Span {
        let head = self.text().get(..self.line_start(start)).unwrap_or_default();
        let head = head.strip_suffix('\n').map_or(head, |head| head.strip_suffix('\r').unwrap_or(head));
        let trailing = self.text().get(end..self.line_end(end)).unwrap_or_default();
        Span::new(head.len(), if trailing.trim().is_empty() { end } else { self.line_end(end) })
    }
}

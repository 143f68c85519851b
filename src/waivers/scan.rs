//! Where comments stand that begin with the mark: the range from the mark to the end of the line.

use granit_parser::{Event, Parser};

use super::MARK;
use crate::source::{Source, Span};

/// The comments of a YAML text, as its parser sees them. JSON has none.
pub(super) fn yaml(source: &Source) -> Vec<Span> {
    let options = granit_parser::options! { emit_comments: true };
    let events = Parser::new_from_str_with_options(source.text(), options).map_while(Result::ok);
    let comments = events.filter(|(event, _)| matches!(event, Event::Comment(..)));
    comments.filter_map(|(_, range)| marked(source, range.start.byte_offset()?)).collect()
}

/// The comments to the end of the line in a text of Terraform's own syntax.
pub(super) fn hcl(source: &Source) -> Vec<Span> {
    let lines = (1..=source.line_count()).map(|line| source.line_span(line));
    lines.filter(|span| source.slice(*span).contains(MARK)).filter_map(|span| after_code(source, span)).collect()
}

/// The comment at the end of a line: behind the first sign of one that is in no quotes.
fn after_code(source: &Source, line: Span) -> Option<Span> {
    let text = source.slice(line);
    let (mut in_quotes, mut escaped) = (false, false);
    for (at, character) in text.char_indices() {
        let rest = text.get(at..).unwrap_or_default();
        match character {
            _ if escaped => escaped = false,
            '\\' if in_quotes => escaped = true,
            '"' => in_quotes = !in_quotes,
            _ if !in_quotes && (rest.starts_with('#') || rest.starts_with("//")) => {
                return marked(source, line.start + at);
            }
            _ => {}
        }
    }
    None
}

/// From the mark to the end of its line, where the comment that starts here begins with it.
fn marked(source: &Source, start: usize) -> Option<Span> {
    let end = source.line_span(source.line(start)).end;
    let text = source.slice(Span::new(start, end));
    let content = text.trim_start_matches(['#', '/', ' ', '\t']);
    content.starts_with(MARK).then(|| Span::new(start + text.len() - content.len(), start + text.trim_end().len()))
}

//! Other people's text, made safe to show.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text with everything that a terminal would obey, or a reader would not see, spelt out as `\u{…}`.
///
/// Names, Sids and paths are written by whoever opens the pull request: an escape sequence in one of them could repaint the
/// report, and a bidirectional control could make a `Deny` read as an `Allow`.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push(' '),
            hidden if is_hidden(hidden) => {
                // Writing to a string cannot fail.
                let _ = write!(shown, "\\u{{{:x}}}", u32::from(hidden));
            }
            plain => shown.push(plain),
        }
    }
    Cow::Owned(shown)
}

/// A text of ours with other people's names in it: its own line breaks stay.
pub(super) fn visible_lines(text: &str) -> String {
    text.lines().map(visible).collect::<Vec<_>>().join("\n")
}

/// Lines, none of which a runner takes for a workflow command: it looks for `::` behind the space that a line begins with.
pub(super) fn inert(lines: &str) -> String {
    let line = |line: &str| match line.trim_start().strip_prefix("::") {
        Some(rest) => format!("{}: :{rest}", line.get(..line.len() - rest.len() - 2).unwrap_or_default()),
        None => line.to_owned(),
    };
    lines.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// Whether a terminal obeys a character, or a reader does not see it.
pub(super) fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::{inert, visible};

    #[test]
    fn plain_text_is_untouched() {
        assert_eq!(visible("group `dévs` – ok"), "group `dévs` – ok");
    }

    #[test]
    fn what_a_terminal_obeys_is_spelt_out() {
        assert_eq!(visible("a\u{1b}[2Jb"), "a\\u{1b}[2Jb");
        assert_eq!(visible("a\u{9b}2Jb"), "a\\u{9b}2Jb");
        assert_eq!(visible("a\r\nb\tc\u{7}"), "a\\r\\nb c\\u{7}");
    }

    #[test]
    fn no_line_is_a_workflow_command() {
        assert_eq!(inert("a ::b\n  ::error::c\n::d"), "a ::b\n  : :error::c\n: :d");
    }

    #[test]
    fn what_a_reader_would_not_see_is_spelt_out() {
        assert_eq!(visible("\u{202e}wollA"), "\\u{202e}wollA");
        assert_eq!(visible("a\u{200b}b\u{e0041}"), "a\\u{200b}b\\u{e0041}");
    }
}

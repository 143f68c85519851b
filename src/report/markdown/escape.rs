//! Other people's text as text in GitHub's Markdown, wherever it stands: in a paragraph, a table cell or an HTML block.
//!
//! What could mean something is written as a numeric entity, which Markdown and HTML both read as the character and never as
//! markup. Backslashes and code spans would not do: they mean nothing inside HTML, and something else in a table.

use std::fmt::Write as _;

use crate::report::visible;

/// The text, with nothing in it that could be markup, a table break, a link or a mention.
pub(super) fn escaped(text: &str) -> String {
    let text = visible(text);
    let mut escaped = String::with_capacity(text.len() + 16);
    let mut before = ' ';
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let after = characters.peek().copied().unwrap_or(' ');
        if is_plain(before, character, after) {
            escaped.push(character);
        } else {
            // Writing to a string cannot fail.
            let _ = write!(escaped, "&#{};", u32::from(character));
        }
        before = character;
    }
    escaped
}

/// The text as code.
pub(super) fn code(text: &str) -> String {
    format!("<code>{}</code>", escaped(text))
}

/// A message of ours: what stands in backticks becomes code, line breaks stay. Where other people's backticks get in between,
/// more or less is code, and all of it is still text.
pub(super) fn prose(message: &str) -> String {
    let lines = message.lines().map(|line| {
        let parts = line.split('`').enumerate();
        parts.map(|(at, part)| if at % 2 == 1 && !part.is_empty() { code(part) } else { escaped(part) }).collect()
    });
    lines.collect::<Vec<String>>().join("<br>")
}

/// A block of code that holds the text as it is; its fence is longer than any in the text.
pub(super) fn fenced(text: &str) -> String {
    let mut longest = 0;
    let mut run = 0;
    for character in text.chars() {
        run = if character == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat((longest + 1).max(3));
    format!("{fence}text\n{}\n{fence}", text.trim_matches('\n'))
}

/// Whether a character can stand as it is. An underscore inside a word is no emphasis, a colon without a slash no address,
/// and a dot only ends `www`.
fn is_plain(before: char, character: char, after: char) -> bool {
    match character {
        '_' => before.is_ascii_alphanumeric() && after.is_ascii_alphanumeric(),
        ':' => after != '/',
        '.' => !before.eq_ignore_ascii_case(&'w'),
        ' ' | '-' | ',' | '/' | '(' | ')' | '=' | ';' | '\'' | '?' | '%' => true,
        _ => character.is_ascii_alphanumeric() || !character.is_ascii(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_text() {
        assert_eq!(escaped("module.iam.aws_iam_role.ops"), "module.iam.aws_iam_role.ops");
        assert_eq!(escaped("<b>|*x*|`"), "&#60;b&#62;&#124;&#42;x&#42;&#124;&#96;");
        assert_eq!(escaped("[x](https://evil)"), "&#91;x&#93;(https&#58;//evil)");
        assert_eq!(escaped("www.evil.example"), "www&#46;evil.example");
        assert_eq!(escaped("@octocat\n# h"), "&#64;octocat&#92;n&#35; h");
        assert_eq!(escaped("_x_ a_b"), "&#95;x&#95; a_b");
        assert_eq!(escaped("&amp;"), "&#38;amp;");
    }

    #[test]
    fn backticks_of_messages_make_code() {
        assert_eq!(prose("use `Bool` here"), "use <code>Bool</code> here");
        assert_eq!(prose("an `odd one"), "an <code>odd one</code>");
        assert_eq!(prose("a\nb"), "a<br>b");
    }

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        assert_eq!(fenced("a"), "```text\na\n```");
        assert_eq!(fenced("````"), "`````text\n````\n`````");
    }
}

//! How prose is broken into lines.

use textwrap::{Options, WordSeparator, WordSplitter};

/// Lines of at most so many columns, broken at spaces alone: names, paths and ARNs stay whole, however long.
pub(crate) fn at_spaces(width: usize) -> Options<'static> {
    Options::new(width)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_whole() {
        let text = "where `maximum-mfa-age` is configured for arn:aws:iam::111122223333:role/ops";
        let lines = textwrap::wrap(text, at_spaces(20));
        assert_eq!(lines, ["where", "`maximum-mfa-age` is", "configured for", "arn:aws:iam::111122223333:role/ops"]);
    }
}

//! Changes to a text: ranges, each with what takes its place.

use crate::source::Span;

/// A range of a text with what takes its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    /// The range; an empty one is a place where something is put in.
    pub(super) span: Span,
    /// What takes its place.
    pub(super) text: String,
}

impl Edit {
    /// Puts a text in the place of a range.
    pub(super) fn replace(span: Span, text: impl Into<String>) -> Self {
        Self { span, text: text.into() }
    }

    /// Puts a text in.
    pub(super) fn insert(at: usize, text: impl Into<String>) -> Self {
        Self::replace(Span::new(at, at), text)
    }

    /// Takes a range away.
    pub(super) fn remove(start: usize, end: usize) -> Self {
        Self::replace(Span::new(start, end), "")
    }
}

/// The text after all edits; `None` where two of them overlap or one is not within the text.
pub(super) fn apply(text: &str, edits: &[Edit]) -> Option<String> {
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort_by_key(|edit| edit.span);
    let mut edited = String::with_capacity(text.len() + edits.iter().map(|edit| edit.text.len()).sum::<usize>());
    let mut done = 0;
    for edit in edits {
        // Overlapping edits would start before what is done.
        edited.push_str(text.get(done..edit.span.start)?);
        edited.push_str(&edit.text);
        done = edit.span.end;
    }
    edited.push_str(text.get(done..)?);
    Some(edited)
}

/// The one edit that makes a text of another; `None` where they are the same.
pub(super) fn difference(before: &str, after: &str) -> Option<Edit> {
    let same = |(before, after): &(char, char)| before == after;
    let start: usize = before.chars().zip(after.chars()).take_while(same).map(|(char, _)| char.len_utf8()).sum();
    let (before_rest, after_rest) = (before.get(start..)?, after.get(start..)?);
    let ends = before_rest.chars().rev().zip(after_rest.chars().rev());
    let end: usize = ends.take_while(same).map(|(char, _)| char.len_utf8()).sum();
    let span = Span::new(start, before.len().checked_sub(end)?);
    let text = after_rest.get(..after_rest.len().checked_sub(end)?)?;
    (!span.is_empty() || !text.is_empty()).then(|| Edit::replace(span, text))
}

/// The edits within a range, for the text of that range alone.
pub(super) fn within(edits: &[Edit], range: Span) -> Vec<Edit> {
    let shifted = |edit: &Edit| {
        let start = edit.span.start.checked_sub(range.start)?;
        let inside = edit.span.end <= range.end;
        inside.then(|| Edit::replace(Span::new(start, start + edit.span.len()), edit.text.clone()))
    };
    edits.iter().filter_map(shifted).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_applied_in_the_order_of_the_text() {
        let edits = [Edit::remove(4, 6), Edit::insert(0, "<"), Edit::replace(Span::new(1, 2), "BB")];
        assert_eq!(apply("abcdéf", &edits).as_deref(), Some("<aBBcdf"));
        assert_eq!(apply("abc", &[]).as_deref(), Some("abc"));
    }

    #[test]
    fn the_difference_makes_one_text_of_the_other() {
        for (before, after) in [("abc", "aXc"), ("aa", "aaa"), ("aaa", "aa"), ("", "é"), ("é", "è"), ("ab", "ba")] {
            let edit = difference(before, after).expect("they differ");
            assert_eq!(apply(before, &[edit]).as_deref(), Some(after), "{before} {after}");
        }
        assert_eq!(difference("é", "é"), None);
        assert_eq!(difference("abcd", "abXYcd"), Some(Edit::insert(2, "XY")));
    }

    #[test]
    fn overlaps_and_halves_of_characters_are_refused() {
        assert_eq!(apply("abc", &[Edit::remove(0, 2), Edit::remove(1, 3)]), None);
        assert_eq!(apply("é", &[Edit::remove(0, 1)]), None);
        assert_eq!(apply("a", &[Edit::remove(0, 9)]), None);
    }
}

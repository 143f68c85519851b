//! What a fix changes, line by line.

use similar::TextDiff;

/// The difference as a patch that `git apply` and `patch -p1` take; empty where there is none.
pub(super) fn unified(name: &str, before: &str, after: &str) -> String {
    let path = name.trim_start_matches('/');
    let (old, new) = (format!("a/{path}"), format!("b/{path}"));
    TextDiff::from_lines(before, after)
        .unified_diff()
        .context_radius(3)
        .header(&quoted(&old), &quoted(&new))
        .to_string()
}

/// A file name as git writes it: in quotes where a line break or a control character would break the header.
fn quoted(name: &str) -> String {
    if name.chars().any(|character| character.is_control() || matches!(character, '"' | '\\')) {
        serde_json::Value::from(name).to_string()
    } else if name.contains(' ') {
        format!("{name}\t")
    } else {
        name.to_owned()
    }
}

/// A line of a short difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What becomes of it.
    pub change: Change,
    /// Its number in the text as it is; what comes has none there.
    pub number: Option<usize>,
    /// Its text, without the line break.
    pub text: String,
}

/// What becomes of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It stays.
    Stays,
    /// It goes.
    Goes,
    /// It comes.
    Comes,
    /// Lines between this one and the next are left out.
    Gap,
}

/// The lines that change, with one on either side.
pub(super) fn lines(before: &str, after: &str) -> Vec<Line> {
    let diff = TextDiff::from_lines(before, after);
    let mut lines = Vec::new();
    for group in diff.grouped_ops(1) {
        if !lines.is_empty() {
            lines.push(Line { change: Change::Gap, number: None, text: String::new() });
        }
        for change in group.iter().flat_map(|operation| diff.iter_changes(operation)) {
            let kind = match change.tag() {
                similar::ChangeTag::Equal => Change::Stays,
                similar::ChangeTag::Delete => Change::Goes,
                similar::ChangeTag::Insert => Change::Comes,
            };
            let text = change.value().trim_end_matches(['\n', '\r']).to_owned();
            lines.push(Line { change: kind, number: change.old_index().map(|index| index + 1), text });
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_names_the_file_and_shows_what_changes() {
        let patch = unified("a b.yaml", "x\ny\n", "x\nz\n");
        assert_eq!(patch, "--- a/a b.yaml\t\n+++ b/a b.yaml\t\n@@ -1,2 +1,2 @@\n x\n-y\n+z\n");
        assert_eq!(unified("a", "x\n", "x\n"), "");
        assert!(unified("a\nb", "x", "y").starts_with("--- \"a/a\\nb\"\n"));
        assert!(unified("a", "x", "y").contains("\\ No newline at end of file"));
    }
}

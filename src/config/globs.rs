//! Patterns of paths and of names.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// Patterns of which one has to match.
#[derive(Clone, Debug, Default)]
pub struct Globs(GlobSet);

impl Globs {
    /// Patterns of paths: `*` stops at a folder's end, a pattern for a folder covers all in it, and one without a slash
    /// matches at any depth. Patterns that are not valid are left out; [`fault`] finds them.
    pub(super) fn paths<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Self {
        let mut set = GlobSetBuilder::new();
        for pattern in patterns {
            let pattern = pattern.strip_prefix("./").unwrap_or(pattern).trim_end_matches('/');
            let pattern = match pattern.strip_prefix('/') {
                Some(anchored) => anchored.to_owned(),
                None if pattern.contains('/') => pattern.to_owned(),
                None => format!("**/{pattern}"),
            };
            for pattern in [pattern.clone(), format!("{pattern}/**")] {
                add(&mut set, &pattern, true);
            }
        }
        Self(set.build().unwrap_or_default())
    }

    /// Patterns of names: `*` and `?` stand for any characters, everything else for itself.
    pub(super) fn names<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Self {
        let mut set = GlobSetBuilder::new();
        for pattern in patterns {
            add(&mut set, &plain(pattern), false);
        }
        Self(set.build().unwrap_or_default())
    }

    /// Whether some pattern matches.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.0.is_match(text)
    }

    /// Whether there are no patterns.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What is wrong with a pattern of paths.
pub(super) fn fault(pattern: &str) -> Option<String> {
    GlobBuilder::new(pattern).literal_separator(true).build().err().map(|error| error.kind().to_string())
}

fn add(set: &mut GlobSetBuilder, pattern: &str, paths: bool) {
    if let Ok(glob) = GlobBuilder::new(pattern).literal_separator(paths).backslash_escape(true).build() {
        set.add(glob);
    }
}

/// A name with what globs take for syntax, such as the brackets of an instance key, as itself.
fn plain(pattern: &str) -> String {
    let mut plain = String::with_capacity(pattern.len() + 8);
    for character in pattern.chars() {
        if matches!(character, '[' | ']' | '{' | '}' | '!' | '\\') {
            plain.push('\\');
        }
        plain.push(character);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_matched_as_in_gitignore() {
        let globs = Globs::paths(["live/security", "*.generated.json", "./plans/*.json", "/top.yaml", "examples/"]);
        for path in ["live/security/a/plan.json", "x/y.generated.json", "plans/a.json", "top.yaml", "a/examples/b.json"]
        {
            assert!(globs.matches(path), "{path}");
        }
        for path in ["live/securities/plan.json", "a/live/security/plan.json", "plans/a/b.json", "a/top.yaml"] {
            assert!(!globs.matches(path), "{path}");
        }
    }

    #[test]
    fn names_have_no_syntax_but_stars() {
        let globs = Globs::names([r#"module.iam["eu"].aws_iam_role.ops[0]"#, "ci-*", "arn:*:role/ci/*"]);
        for name in [r#"module.iam["eu"].aws_iam_role.ops[0]"#, "ci-deploy/a", "arn:aws:iam::1:role/ci/x"] {
            assert!(globs.matches(name), "{name}");
        }
        assert!(!globs.matches("module.iam[e].aws_iam_role.ops0"));
    }

    #[test]
    fn patterns_that_cannot_be_read_are_told() {
        assert!(fault("a[").is_some());
        assert!(fault("a/**/*.json").is_none());
    }
}

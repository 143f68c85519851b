//! The rules, told to people: the list, or one rule with its reasons and examples.

use std::fmt::Write as _;

use crate::rules::{self, Documentation, Rule};
use crate::wrap;

/// What there is to say about a rule.
struct Page {
    id: &'static str,
    severity: &'static str,
    summary: &'static str,
    why: &'static str,
    bad: &'static str,
    good: &'static str,
    fix: &'static str,
    configuration: Option<&'static str>,
}

/// The list of rules: id, severity and summary of each.
#[must_use]
pub fn list() -> String {
    table(&pages())
}

/// One rule: what, why, a bad and a good example, how to fix it.
///
/// # Errors
///
/// A rule that does not exist: a message with the name that was probably meant.
pub fn rule(id: &str) -> Result<String, String> {
    find(&pages(), id).map(page_text)
}

/// One rule as plain text.
#[must_use]
pub fn text(rule: &dyn Rule) -> String {
    page_text(&page(rule))
}

/// One rule as Markdown, without a title.
#[must_use]
pub fn markdown(rule: &dyn Rule) -> String {
    let Page { why, bad, good, fix, configuration, .. } = page(rule);
    let needed = configuration.map(|text| format!("## `.mfagate.yaml`\n\n{}\n\n", fenced(text))).unwrap_or_default();
    format!(
        "{}\n\n## Bad\n\n{}\n\n## Good\n\n{}\n\n{needed}## Fix\n\n{}\n",
        why.trim(),
        fenced(bad),
        fenced(good),
        fix.trim()
    )
}

/// An example as a block of code.
fn fenced(example: &str) -> String {
    let example = example.trim_matches('\n');
    let language = if example.trim_start().starts_with(['{', '[']) { "json" } else { "yaml" };
    format!("```{language}\n{example}\n```")
}

/// The rules that there are.
fn pages() -> Vec<Page> {
    rules::all().iter().map(|rule| page(*rule)).collect()
}

fn page(rule: &dyn Rule) -> Page {
    let Documentation { why, bad, good, fix } = rule.documentation();
    Page {
        id: rule.id(),
        severity: rule.severity().name(),
        summary: rule.summary(),
        why,
        bad,
        good,
        fix,
        configuration: rule.configuration(),
    }
}

fn table(pages: &[Page]) -> String {
    let width = pages.iter().map(|page| page.id.len()).max().unwrap_or_default();
    let mut table = String::new();
    for Page { id, severity, summary, .. } in pages {
        // Writing to a string cannot fail.
        let _ = writeln!(table, "{id:width$}  {severity:7}  {summary}");
    }
    table
}

fn find<'a>(pages: &'a [Page], id: &str) -> Result<&'a Page, String> {
    pages.iter().find(|page| page.id == id).ok_or_else(|| {
        let nearest = pages.iter().map(|page| (distance(page.id, id), page.id)).min();
        match nearest {
            Some((distance, name)) if distance <= name.len() / 2 => {
                format!("there is no rule `{id}`; the nearest name is `{name}`")
            }
            _ => format!("there is no rule `{id}`; `mfagate explain` lists them all"),
        }
    })
}

fn page_text(page: &Page) -> String {
    let Page { id, severity, summary, why, bad, good, fix, configuration } = page;
    let mut text = format!("{id} ({severity})\n\n{}\n", indented(summary));
    let needed = configuration.map(|text| (".mfagate.yaml", text));
    let parts = [("why", *why), ("bad", *bad), ("good", *good), ("fix", *fix)];
    for (title, part) in parts.into_iter().chain(needed) {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n{title}:\n\n{}\n", indented(part));
    }
    text
}

/// Indents each line; prose is broken to a width that is easy to read, examples stay as they are.
fn indented(part: &str) -> String {
    let mut lines = Vec::new();
    for line in part.trim_matches('\n').lines() {
        if line.starts_with([' ', '{', '}', '[']) || line.len() <= 90 {
            lines.push(format!("  {line}").trim_end().to_owned());
        } else {
            let options = wrap::at_spaces(90).initial_indent("  ").subsequent_indent("  ");
            lines.push(textwrap::fill(line, options));
        }
    }
    lines.join("\n")
}

/// How many characters have to be put in, taken out or replaced to get from one name to the other.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (at, character) in left.chars().enumerate() {
        let mut diagonal = at;
        let mut before = at + 1;
        for (cell, other) in row.iter_mut().skip(1).zip(&right) {
            let replaced = diagonal + usize::from(character != *other);
            diagonal = *cell;
            *cell = replaced.min(diagonal + 1).min(before + 1);
            before = *cell;
        }
        if let Some(first) = row.first_mut() {
            *first = at + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_levenshtein() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", ""), 3);
        assert_eq!(distance("policy-on-user", "policy-on-user"), 0);
    }

    fn made(id: &'static str) -> Page {
        Page {
            id,
            severity: "error",
            summary: "s",
            why: "w",
            bad: "{\n  \"a\": 1\n}",
            good: "g",
            fix: "f",
            configuration: None,
        }
    }

    #[test]
    fn a_near_miss_is_named() {
        let pages = [made("group-without-mfa"), made("user-without-mfa")];
        assert_eq!(
            find(&pages, "users-without-mfa").err().as_deref(),
            Some("there is no rule `users-without-mfa`; the nearest name is `user-without-mfa`")
        );
        assert_eq!(find(&pages, "x").err().as_deref(), Some("there is no rule `x`; `mfagate explain` lists them all"));
    }

    #[test]
    fn a_page_has_all_its_parts() {
        let shown = page_text(&made("user-without-mfa"));
        assert!(
            shown.starts_with("user-without-mfa (error)\n\n  s\n\nwhy:\n\n  w\n\nbad:\n\n  {\n    \"a\": 1\n  }\n"),
            "{shown}"
        );
    }
}

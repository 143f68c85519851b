//! Every rule over its own examples, and the texts of all findings.

use super::*;
use crate::extract;
use crate::load::{Format, Input as Loaded};
use crate::source::Source;
use crate::tree::yaml;

/// The findings in a CloudFormation template.
pub(super) fn check_text(text: &str) -> Vec<Finding> {
    let source = Source::file("template.yaml", text.to_owned());
    let documents = yaml::parse(&source).expect("the example is YAML");
    let input = Loaded { source, format: Format::CloudFormation(documents) };
    let extracted = extract::extract(&input, &extract::Settings::default());
    assert_eq!(extracted.unread, Vec::<String>::new());
    assert!(extracted.alternatives.is_empty(), "the example differs between deployments");
    let judged: Vec<Judged> = crate::inventory::subjects::subjects(&extracted.inventory)
        .into_iter()
        .map(|subject| Judged { judgement: crate::iam::access::judge(&subject), subject })
        .collect();
    findings(&extracted.inventory, &judged)
}

fn shown(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let Finding { rule, severity, address, message, help, primary, related, .. } = finding;
        text.push_str(&format!("{}[{rule}] {}\n  {message}\n  help: {help}\n", severity.name(), address.path));
        for label in std::iter::once(primary).chain(related) {
            let (_, line, column) = label.place.file_line_column();
            let under = label.place.text().split_whitespace().collect::<Vec<_>>().join(" ");
            text.push_str(&format!("  {line}:{column} {under}\n      ^ {}\n", label.text));
        }
    }
    text
}

fn examples() -> impl Iterator<Item = (&'static dyn Rule, &'static str, &'static str)> {
    all().iter().flat_map(|rule| {
        let Documentation { bad, good, .. } = rule.documentation();
        [(*rule, "bad", bad), (*rule, "good", good)]
    })
}

#[test]
fn bad_examples_are_found_and_good_ones_are_not() {
    for (rule, which, text) in examples() {
        let found = check_text(text);
        let its_own = found.iter().any(|finding| finding.rule == rule.id());
        assert_eq!(its_own, which == "bad", "{} {which}:\n{}", rule.id(), shown(&found));
    }
}

#[test]
fn good_examples_have_no_errors_of_any_rule() {
    for (rule, _, text) in examples().filter(|(_, which, _)| *which == "good") {
        let errors: Vec<Finding> =
            check_text(text).into_iter().filter(|finding| finding.severity == Severity::Error).collect();
        // The example for this rule is about the attachment alone.
        let unknown_policy = rule.id() == "policy-on-user";
        assert!(errors.is_empty() || unknown_policy, "{}:\n{}", rule.id(), shown(&errors));
    }
}

#[test]
fn texts_follow_the_convention() {
    for (rule, _, text) in examples() {
        for finding in check_text(text) {
            let labels = std::iter::once(&finding.primary).chain(&finding.related).map(|label| &label.text);
            for text in [&finding.message, &finding.help].into_iter().chain(labels) {
                assert!(!text.ends_with('.') && !text.contains('\n') && !text.contains("  "), "{}: {text}", rule.id());
                let first = text.chars().next().unwrap_or('a');
                assert!(first.is_lowercase() || first == '`', "{}: {text}", rule.id());
                assert!(text.matches('`').count() % 2 == 0, "{}: {text}", rule.id());
            }
            assert!(!finding.message.is_empty() && !finding.help.is_empty());
        }
        let Documentation { why, fix, .. } = rule.documentation();
        for text in [why, fix] {
            assert!(text.ends_with('.') && !text.contains("  ") && !text.contains('\n'), "{}: {text}", rule.id());
        }
        assert!(!rule.summary().ends_with('.') && rule.summary().len() <= 100, "{}", rule.id());
    }
}

#[test]
fn ids_are_unique_and_found() {
    for rule in all() {
        assert_eq!(find(rule.id()).map(|found| found.id()), Some(rule.id()));
        assert_eq!(all().iter().filter(|other| other.id() == rule.id()).count(), 1);
    }
    assert!(find("no-such-rule").is_none());
}

#[test]
fn what_the_bad_examples_say() {
    for (rule, _, text) in examples().filter(|(_, which, _)| *which == "bad") {
        insta::assert_snapshot!(rule.id(), shown(&check_text(text)));
    }
}

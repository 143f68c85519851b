//! Fixes of the rules' own examples.

use std::path::PathBuf;

use super::FileFix;
use crate::report::Report;
use crate::{Options, load, rules};

/// The report on a text, its fixes in it, and the text after all fixes.
fn fixed(configuration: Option<&str>, text: &str) -> (Report, Option<String>) {
    let file = crate::source::Source::file(crate::config::FILE_NAME, configuration.unwrap_or_default().to_owned());
    let configuration = crate::config::parse(&file, std::path::Path::new("")).expect("the configuration is in order");
    let options = Options { configuration, fixes: true, ..Options::new(vec![PathBuf::from("-")]) };
    let loaded = load::load(&options.paths, &mut text.as_bytes());
    assert!(loaded.unread.is_empty(), "{:?}\n{text}", loaded.unread);
    let (report, files) = crate::check_loaded(&loaded, &options, super::everything);
    let files: Vec<FileFix> = files;
    assert!(files.len() <= 1);
    (report, files.into_iter().next().map(|file| file.edited.after))
}

/// What a report has to say, for messages.
fn told(report: &Report) -> String {
    let finding = |it: &crate::finding::Finding| {
        format!("{}[{}] {}: {}\n", it.severity.name(), it.rule, it.address.path, it.message)
    };
    report.findings.iter().map(finding).collect()
}

#[test]
fn the_bad_examples_are_put_right() {
    let mut shown = String::new();
    for rule in rules::all() {
        let (before, after) = fixed(rule.configuration(), rule.documentation().bad);
        let findings = before.findings.iter().enumerate();
        let fixes: Vec<_> =
            findings.filter(|(_, it)| it.rule == rule.id()).map(|(at, _)| before.fixes.get(at).is_some()).collect();
        shown.push_str(&format!("== {} {fixes:?}\n", rule.id()));
        let Some(after) = after else { continue };
        shown.push_str(&super::diff::unified(rule.id(), rule.documentation().bad, &after));
        let (again, nothing) = fixed(rule.configuration(), &after);
        shown.push_str(&told(&again));
        assert_eq!(nothing, None, "{}", rule.id());
        let left = again.findings.iter().any(|it| it.rule == rule.id());
        assert!(!left || fixes.contains(&false), "{}:\n{}", rule.id(), told(&again));
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn what_machines_assume_is_not_asked_for_mfa() {
    let role = |condition: &str| {
        format!(
            r#"{{"Resources": {{"R": {{"Type": "AWS::IAM::Role", "Properties": {{"RoleName": "r", "AssumeRolePolicyDocument":
            {{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Principal": {{"AWS": "222222222222"}},
            "Action": "sts:AssumeRole"{condition}}}}}}}}}}}}}"#
        )
    };
    let vendor = role(r#", "Condition": {"StringEquals": {"sts:ExternalId": "x"}}"#);
    for (configuration, text, is_fixed) in [
        (None, &vendor, false),
        (Some("external-id: error\n"), &vendor, true),
        (Some("workload-roles: [r]\n"), &role(""), false),
        (None, &role(""), true),
    ] {
        let (report, after) = fixed(configuration, text);
        assert!(report.findings.iter().any(|it| it.rule == "role-trust-without-mfa"), "{}", told(&report));
        assert_eq!(after.is_some(), is_fixed, "{configuration:?}: {}", told(&report));
    }
}

#[test]
fn fixes_are_looked_for_while_that_is_quick() {
    let paid = |mut budget: super::Budget, costs: &[usize]| -> Vec<bool> {
        costs.iter().map(|cost| budget.pays(*cost)).collect()
    };
    assert_eq!(paid(super::Budget { findings: 9, work: 100 }, &[20, 40, 25, 5, 1]), [true, false, true, true, false]);
    assert_eq!(paid(super::Budget { findings: 2, work: 100 }, &[1, 1, 1]), [true, true, false]);
}

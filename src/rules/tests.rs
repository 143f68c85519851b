//! Every rule over its own examples, and the texts of all findings.

use super::*;
use crate::extract;
use crate::load::{Format, Input as Loaded};
use crate::source::Source;
use crate::tree::yaml;

/// The findings in a CloudFormation template.
pub(super) fn check_text(text: &str) -> Vec<Finding> {
    check_under(None, text)
}

/// The findings in a CloudFormation template, for a project with this configuration.
pub(super) fn check_under(configuration: Option<&str>, text: &str) -> Vec<Finding> {
    let file = Source::file(crate::config::FILE_NAME, configuration.unwrap_or_default().to_owned());
    let configuration = crate::config::parse(&file, std::path::Path::new("")).expect("the configuration is in order");
    let source = Source::file("template.yaml", text.to_owned());
    let documents = yaml::parse(&source).expect("the example is YAML");
    let input = Loaded::new(source, Format::CloudFormation(documents.into()));
    let extracted = extract::extract(&input, &extract::Settings::default());
    let homes = Homes::new(&[input], &configuration);
    assert_eq!(extracted.unread, Vec::<String>::new());
    assert!(extracted.alternatives.is_empty(), "the example differs between deployments");
    let judged: Vec<Judged> = crate::inventory::subjects::subjects(&extracted.inventory)
        .into_iter()
        .map(|subject| Judged { judgement: crate::iam::access::judge_under(&subject, &configuration.terms), subject })
        .collect();
    findings(&Input::new(&extracted.inventory, &judged).under(&configuration, &homes))
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
        let found = check_under(rule.configuration(), text);
        let its_own = found.iter().any(|finding| finding.rule == rule.id());
        assert_eq!(its_own, which == "bad", "{} {which}:\n{}", rule.id(), shown(&found));
    }
}

#[test]
fn good_examples_have_no_errors_of_any_rule() {
    for (rule, _, text) in examples().filter(|(_, which, _)| *which == "good") {
        let errors: Vec<Finding> = check_under(rule.configuration(), text)
            .into_iter()
            .filter(|finding| finding.severity == Severity::Error)
            .collect();
        // The example for this rule is about the attachment alone.
        let unknown_policy = rule.id() == "policy-on-user";
        assert!(errors.is_empty() || unknown_policy, "{}:\n{}", rule.id(), shown(&errors));
    }
}

#[test]
fn texts_follow_the_convention() {
    for (rule, _, text) in examples() {
        for finding in check_under(rule.configuration(), text) {
            let labels = std::iter::once(&finding.primary).chain(&finding.related).map(|label| &label.text);
            for text in [&finding.message, &finding.help].into_iter().chain(labels) {
                assert!(!text.ends_with('.') && !text.contains('\n') && !text.contains("  "), "{}: {text}", rule.id());
                let first = text.chars().next().unwrap_or('a');
                assert!(first.is_lowercase() || first == '`' || text.starts_with("AWS "), "{}: {text}", rule.id());
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

/// The only finding of a rule in a template.
fn only<'a>(found: &'a [Finding], rule: &str) -> &'a Finding {
    let mut its_own = found.iter().filter(|finding| finding.rule == rule);
    let first = its_own.next().unwrap_or_else(|| panic!("no {rule}:\n{}", shown(found)));
    assert!(its_own.next().is_none(), "more than one {rule}:\n{}", shown(found));
    first
}

/// A group with one policy of these statements, in flow style.
fn group(statements: &str) -> String {
    format!(
        "Resources:\n  Staff:\n    Type: AWS::IAM::Group\n    Properties:\n      Policies:\n        \
         - PolicyName: p\n          PolicyDocument: {{Version: 2012-10-17, Statement: [{statements}]}}\n"
    )
}

#[test]
fn each_known_mistake_is_explained() {
    let allow = |test: &str| format!("{{Effect: Allow, Action: 's3:*', Resource: '*', Condition: {test}}}");
    let deny = |test: &str| {
        format!(
            "{{Effect: Allow, Action: 's3:*', Resource: '*'}}, {{Effect: Deny, Action: '*', Resource: '*', \
             Condition: {test}}}"
        )
    };
    let tests = [
        "{Bool: {'aws:MultiFactorAuthPresent': 'true'}}",
        "{Bool: {'aws:MultiFactorAuthPresent': 'false'}}",
        "{Bool: {'aws:MultiFactorAuthPresent': ['true', 'false']}}",
        "{Bool: {'aws:MultiFactorAuthPresent': 'yes'}}",
        "{Bool: {'aws:MultiFactorAuthPresent': []}}",
        "{BoolIfExists: {'aws:MultiFactorAuthPresent': 'true'}}",
        "{BoolIfExists: {'aws:MultiFactorAuthPresent': 'no'}}",
        "{Null: {'aws:MultiFactorAuthPresent': 'true'}}",
        "{Null: {'aws:MultiFactorAuthPresent': 'false'}}",
        "{'ForAllValues:Bool': {'aws:MultiFactorAuthPresent': 'true'}}",
        "{'ForAnyValue:Bool': {'aws:MultiFactorAuthPresent': 'false'}}",
        "{'ForAllValues:Null': {'aws:MultiFactorAuthAge': 'true'}}",
        "{StringEquals: {'aws:MultiFactorAuthPresent': 'True'}}",
        "{StringEquals: {'aws:MultiFactorAuthPresent': 'False'}}",
        "{StringNotEquals: {'aws:MultiFactorAuthPresent': 'false'}}",
        "{StringLike: {'aws:MultiFactorAuthPresent': '*'}}",
        "{NumericEquals: {'aws:MultiFactorAuthPresent': '1'}}",
        "{NumericGreaterThan: {'aws:MultiFactorAuthAge': '1800'}}",
        "{NumericLessThan: {'aws:MultiFactorAuthAge': '1800'}}",
        "{NumericLessThanIfExists: {'aws:MultiFactorAuthAge': '1800'}}",
        "{NumericLessThan: {'aws:MultiFactorAuthAge': '1h'}}",
        "{Null: {'aws:MultiFactorAuthAge': 'false'}}",
        "{Null: {'aws:MultiFactorAuthAge': 'true'}, NumericGreaterThan: {'aws:MultiFactorAuthAge': '1800'}}",
        "{Bool: {'aws:MFAPresent': 'true'}}",
        "{BoolIfExists: {'aws:MFAPresent': 'false'}}",
        "{Bool: {'aws:MultiFactorAuthPresent': 'maybe', 'aws:SecureTransport': 'true'}}",
    ];
    let mut told = String::new();
    for test in tests {
        for (effect, text) in [("Allow", allow(test)), ("Deny", deny(test))] {
            let found = check_text(&group(&text));
            told.push_str(&format!("{effect} {test}\n"));
            for finding in found.iter().filter(|finding| finding.rule == "ineffective-mfa-condition") {
                let Finding { severity, message, help, primary, .. } = finding;
                let name = severity.name();
                told.push_str(&format!("  {name}: {message}\n  under: {}\n  help: {help}\n", primary.text));
            }
        }
    }
    insta::assert_snapshot!("mistakes", told);
}

#[test]
fn a_user_whose_group_is_open_gets_a_note() {
    let found = check_text(
        "Resources:\n  Ann:\n    Type: AWS::IAM::User\n    Properties: {UserName: ann, Groups: [!Ref Staff]}\n  \
         Staff:\n    Type: AWS::IAM::Group\n    Properties:\n      Policies:\n        - PolicyName: p\n          \
         PolicyDocument: {Version: 2012-10-17, Statement: {Effect: Allow, Action: '*', Resource: '*'}}\n",
    );
    assert_eq!(only(&found, "group-without-mfa").severity, Severity::Error);
    let user = only(&found, "user-without-mfa");
    assert_eq!(user.severity, Severity::Note);
    assert_eq!(user.related.first().map(|label| label.place.text()), Some("Staff"));
    assert!(found.iter().all(|finding| finding.rule.ends_with("without-mfa")), "{}", shown(&found));
    assert_eq!(found.len(), 2, "{}", shown(&found));
}

#[test]
fn a_managed_policy_is_told_once_however_often_it_is_attached() {
    let text = "Resources:\n  P:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      Groups: [!Ref A, !Ref B]\n      \
                PolicyDocument: {Version: 2012-10-17, Statement: {Effect: Allow, Action: 's3:*', Resource: '*', \
                Condition: {BoolIfExists: {'aws:MultiFactorAuthPresent': 'true'}}}}\n  A:\n    Type: AWS::IAM::Group\n  \
                B:\n    Type: AWS::IAM::Group\n";
    let found = check_text(text);
    assert_eq!(only(&found, "ineffective-mfa-condition").address.path, "P");
    assert_eq!(found.iter().filter(|finding| finding.rule == "group-without-mfa").count(), 2, "{}", shown(&found));
}

#[test]
fn findings_stand_in_the_order_of_the_input() {
    for (rule, _, text) in examples() {
        let starts: Vec<usize> =
            check_under(rule.configuration(), text).iter().map(|finding| finding.primary.place.span.start).collect();
        assert!(starts.is_sorted(), "{}", rule.id());
    }
}

#[test]
fn a_condition_that_another_policy_makes_good_is_a_note() {
    let open = "{Effect: Allow, Action: 's3:*', Resource: '*', Condition: {BoolIfExists: \
                {'aws:MultiFactorAuthPresent': 'true'}}}";
    let guard = "{Effect: Deny, Action: '*', Resource: '*', Condition: {BoolIfExists: \
                 {'aws:MultiFactorAuthPresent': 'false'}}}";
    let text = format!(
        "Resources:\n  P:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      PolicyDocument: {{Version: \
         2012-10-17, Statement: {open}}}\n  Staff:\n    Type: AWS::IAM::Group\n    Properties:\n      \
         ManagedPolicyArns: [!Ref P]\n      Policies:\n        - PolicyName: guard\n          PolicyDocument: \
         {{Version: 2012-10-17, Statement: {guard}}}\n"
    );
    let found = check_text(&text);
    assert_eq!(only(&found, "ineffective-mfa-condition").severity, Severity::Note, "{}", shown(&found));
}

#[test]
fn what_the_bad_examples_say() {
    for (rule, _, text) in examples().filter(|(_, which, _)| *which == "bad") {
        insta::assert_snapshot!(rule.id(), shown(&check_under(rule.configuration(), text)));
    }
}

#[test]
fn the_help_fits_the_reason() {
    let help = |rule: &str, guard: &str| {
        let text = format!(
            r#"{{"Resources": {{"G": {{"Type": "AWS::IAM::Group", "Properties": {{"Policies": [{{"PolicyName": "p", "PolicyDocument":
            {{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "*", "Resource": "*"}},
            {{"Effect": "Deny", "Resource": "*", {guard}}}]}}}}]}}}}}}}}"#
        );
        let found = check_text(&text).into_iter().find(|finding| finding.rule == rule);
        found.map(|finding| finding.help).unwrap_or_default()
    };
    let asks = r#""BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}"#;
    let exempts = format!(r#""NotAction": ["iam:*", "sts:*"], "Condition": {{{asks}}}"#);
    let elsewhere =
        format!(r#""Action": "*", "Condition": {{{asks}, "StringNotEquals": {{"aws:RequestedRegion": "eu-west-1"}}}}"#);
    for (rule, guard, expected) in [
        ("group-without-mfa", &exempts, "in place of its own `NotAction`"),
        ("group-without-mfa", &elsewhere, "add a Deny"),
    ] {
        assert!(help(rule, guard).contains(expected), "{}", help(rule, guard));
    }
    let devices = r#""NotAction": ["iam:EnableMFADevice", "iam:DeactivateMFADevice"]"#;
    let removal = help("mfa-device-removable-without-mfa", &format!(r#"{devices}, "Condition": {{{asks}}}"#));
    assert!(removal.starts_with("leave `iam:DeactivateMFADevice` out of the exemptions"), "{removal}");
    let others = help("self-management-unscoped", &format!(r#"{devices}, "Condition": {{{asks}}}"#));
    assert!(others.starts_with("ask for MFA in this Allow"), "{others}");
}

//! Small plans of one resource each, before and after.

use super::*;
use crate::extract;
use crate::load::{Format, Input};
use crate::source::{Source, Span};

const OPEN: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
const READ: &str = r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::a/*"}"#;
const GUARD: &str = r#"{"Effect":"Deny","NotAction":["iam:CreateVirtualMFADevice","iam:EnableMFADevice","iam:ListMFADevices","sts:GetSessionToken"],"Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}"#;

/// The change of a group's inline policy from one list of statements to another; `-` is no policy.
fn group(before: &str, after: &str) -> String {
    let values = |statements: &str| {
        let policy =
            serde_json::to_string(&format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)).unwrap();
        if statements == "-" { "null".to_owned() } else { format!(r#"{{"name":"p","group":"g","policy":{policy}}}"#) }
    };
    plan(&[
        ("aws_iam_group", r#"{"name":"g"}"#, r#"{"name":"g"}"#),
        ("aws_iam_group_policy", &values(before), &values(after)),
    ])
}

fn role(before: &str, after: &str) -> String {
    let values = |statements: &str| {
        let policy =
            serde_json::to_string(&format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)).unwrap();
        format!(r#"{{"name":"r","assume_role_policy":{policy}}}"#)
    };
    plan(&[("aws_iam_role", &values(before), &values(after))])
}

fn plan(resources: &[(&str, &str, &str)]) -> String {
    let change = |(kind, before, after): &(&str, &str, &str)| {
        let action = match (*before, *after) {
            ("null", _) => "create",
            (_, "null") => "delete",
            (before, after) if before == after => "no-op",
            _ => "update",
        };
        format!(
            r#"{{"address":"{kind}.it","mode":"managed","type":"{kind}","name":"it",
            "change":{{"actions":["{action}"],"before":{before},"after":{after},"after_unknown":{{}}}}}}"#
        )
    };
    let changes: Vec<String> = resources.iter().map(change).collect();
    format!(r#"{{"format_version":"1.2","resource_changes":[{}]}}"#, changes.join(","))
}

/// Status and rule of all findings, the fixed ones last.
fn statuses(plans: &[&str]) -> Vec<String> {
    let names: Vec<String> = (0..plans.len()).map(|at| format!("plan-{at}.json")).collect();
    let mut extracted: Vec<Extracted> = plans
        .iter()
        .zip(&names)
        .map(|(text, name)| {
            let source = Source::file(name.as_str(), (*text).to_owned());
            let span = Span::new(0, text.len());
            let is_state = text.contains("\"values\"");
            let format = if is_state { Format::TerraformState(span) } else { Format::TerraformPlan(span) };
            extract::extract(&Input::new(source, format), &extract::Settings::default())
        })
        .collect();
    let past = Past::take(names.iter().map(String::as_str), &mut extracted);
    let mut inventory = Inventory::default();
    extracted.into_iter().for_each(|part| inventory.merge(part.inventory));
    let judged: Vec<Judged> = subjects(&inventory)
        .into_iter()
        .map(|subject| Judged { judgement: iam::access::judge(&subject), subject })
        .collect();
    let (configuration, homes) = (Configuration::default(), Homes::default());
    let project = Project { configuration: &configuration, homes: &homes };
    let mut findings = rules::findings(&rules::Input::new(&inventory, &judged).under(&configuration, &homes));
    let fixed = past.compare(&mut findings, &judged, project);
    findings.iter().chain(&fixed).map(|it| format!("{} {}", it.status.name(), it.rule)).collect()
}

fn about_entry(plan: &str) -> Vec<String> {
    let mut statuses = statuses(&[plan]);
    statuses.retain(|it| it.ends_with("-without-mfa") || it.ends_with("mfa-unproven"));
    statuses
}

#[test]
fn a_hole_that_was_not_there_is_new() {
    assert_eq!(about_entry(&group("-", OPEN)), ["new group-without-mfa"]);
    assert_eq!(about_entry(&group(&format!("{OPEN},{GUARD}"), OPEN)), ["new group-without-mfa"]);
}

#[test]
fn a_hole_that_is_closed_is_fixed() {
    assert_eq!(about_entry(&group(OPEN, &format!("{OPEN},{GUARD}"))), ["fixed group-without-mfa"]);
    assert_eq!(about_entry(&group(OPEN, "-")), ["fixed group-without-mfa"]);
}

#[test]
fn a_hole_that_stays_is_existing_however_it_is_written() {
    assert_eq!(about_entry(&group(OPEN, OPEN)), ["existing group-without-mfa"]);
    let elsewhere = format!("{READ},{OPEN}");
    assert_eq!(about_entry(&group(OPEN, &elsewhere)), ["existing group-without-mfa"]);
    let in_two =
        r#"{"Effect":"Allow","Action":["s3:*"],"Resource":"*"},{"Effect":"Allow","NotAction":["s3:*"],"Resource":"*"}"#;
    assert_eq!(about_entry(&group(OPEN, in_two)), ["existing group-without-mfa"]);
}

#[test]
fn a_hole_that_becomes_smaller_is_existing() {
    assert_eq!(about_entry(&group(OPEN, READ)), ["existing group-without-mfa"]);
    let leaky = GUARD.replace("sts:GetSessionToken", "s3:GetObject");
    assert_eq!(about_entry(&group(OPEN, &format!("{OPEN},{leaky}"))), ["existing group-without-mfa"]);
}

#[test]
fn a_hole_that_becomes_larger_is_worse() {
    assert_eq!(about_entry(&group(READ, OPEN)), ["worse group-without-mfa"]);
    assert_eq!(about_entry(&group(READ, &format!("{READ},{OPEN}"))), ["worse group-without-mfa"]);
    let leaky = GUARD.replace("sts:GetSessionToken", "s3:GetObject");
    assert_eq!(about_entry(&group(&format!("{OPEN},{leaky}"), OPEN)), ["worse group-without-mfa"]);
}

#[test]
fn a_trust_policy_that_lets_more_in_is_worse() {
    let trust = |who: &str| format!(r#"{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{{"AWS":{who}}}}}"#);
    let one = trust(r#""111122223333""#);
    let two = trust(r#"["111122223333","444455556666"]"#);
    assert_eq!(about_entry(&role(&one, &two)), ["worse role-trust-without-mfa"]);
    assert_eq!(about_entry(&role(&two, &one)), ["existing role-trust-without-mfa"]);
    let guard = r#"{"Effect":"Deny","Action":"sts:AssumeRole","Principal":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}}"#;
    let half = format!("{one},{guard}");
    assert_eq!(about_entry(&role(&half, &one)), ["worse role-trust-without-mfa"]);
    assert_eq!(about_entry(&role(&one, &half)), ["existing role-trust-without-mfa"]);
}

#[test]
fn what_names_of_itself_no_time_before_is_new_beside_a_plan() {
    let state = r#"{"format_version":"1.0","values":{"root_module":{"resources":[{"address":"aws_iam_role.it",
        "mode":"managed","type":"aws_iam_role","name":"it","values":{"name":"s","assume_role_policy":
        "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"sts:AssumeRole\",\"Principal\":{\"AWS\":\"111122223333\"}}}"}}]}}}"#;
    let same = group(OPEN, OPEN);
    let entry = |plans: &[&str]| -> Vec<String> {
        statuses(plans).into_iter().filter(|it| it.ends_with("-without-mfa")).collect()
    };
    assert_eq!(entry(&[&same, state]), ["existing group-without-mfa", "new role-trust-without-mfa"]);
    let update = group(READ, OPEN);
    assert_eq!(entry(&[&update, state]), ["worse group-without-mfa", "new role-trust-without-mfa"]);
}

#[test]
fn a_plan_closes_what_another_one_has_open() {
    let guard = serde_json::to_string(&format!(r#"{{"Version":"2012-10-17","Statement":[{GUARD}]}}"#)).unwrap();
    let values = format!(r#"{{"name":"guard","group":"g","policy":{guard}}}"#);
    let guarding = plan(&[("aws_iam_group_policy", "null", &values)]);
    let found = statuses(&[&group(OPEN, OPEN), &guarding]);
    assert!(found.contains(&"fixed group-without-mfa".to_owned()), "{found:?}");
}

#[test]
fn nothing_is_compared_where_nothing_was_there() {
    let plan = group("-", OPEN)
        .replace(r#""actions":["no-op"],"before":{"name":"g"}"#, r#""actions":["create"],"before":null"#);
    assert_eq!(about_entry(&plan), ["new group-without-mfa"]);
}

use serde_json::{Value, json};

use super::super::fixture::{enrolment, group, guard, judge, policies};
use crate::iam::verdict::{Enrolment, Judgement, Refusal};

const OWN: &str = "arn:aws:iam::*:user/${aws:username}";
const NEEDED: &[&str] = &["iam:EnableMFADevice", "iam:ListMFADevices"];

fn create(resource: &str) -> Value {
    json!({"Effect": "Allow", "Action": "iam:CreateVirtualMFADevice", "Resource": resource})
}

fn manage(actions: &[&str], resource: &str) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": resource})
}

fn refusals(judgement: &Judgement) -> Vec<&Refusal> {
    match &judgement.enrolment {
        Enrolment::Possible { missing } => missing.iter().collect(),
        Enrolment::Blocked(refused) => refused.iter().collect(),
        _ => Vec::new(),
    }
}

fn refused(judgement: &Judgement) -> Vec<&'static str> {
    refusals(judgement).iter().map(|refusal| refusal.action).collect()
}

#[test]
fn three_calls_are_needed_and_three_are_missed() {
    let judgement = group(&json!([create("arn:aws:iam::*:mfa/*"), manage(NEEDED, OWN)]));
    assert_eq!(enrolment(&judgement), "possible");
    assert_eq!(refused(&judgement), ["iam:ResyncMFADevice", "iam:GetUser", "iam:ListVirtualMFADevices"]);
    for left_out in NEEDED {
        let rest: Vec<&str> = NEEDED.iter().copied().filter(|action| action != left_out).collect();
        let judgement = group(&json!([create("arn:aws:iam::*:mfa/*"), manage(&rest, OWN)]));
        assert_eq!((enrolment(&judgement), refused(&judgement)), ("blocked", vec![*left_out]));
    }
    assert_eq!(refused(&group(&json!([manage(NEEDED, OWN)]))), ["iam:CreateVirtualMFADevice"]);
}

#[test]
fn a_device_that_has_to_be_named_like_its_user_is_a_remark() {
    let judgement = group(&json!([create("arn:aws:iam::*:mfa/${aws:username}"), manage(NEEDED, OWN)]));
    assert_eq!(enrolment(&judgement), "possible");
    assert!(refused(&judgement).contains(&"iam:CreateVirtualMFADevice"));
}

#[test]
fn who_refuses_and_who_misses() {
    let statements = json!([
        create("arn:aws:iam::*:mfa/*"),
        manage(NEEDED, "arn:aws:iam::*:mfa/*"),
        guard(&["iam:EnableMFADevice", "iam:ListMFADevices"])
    ]);
    let judgement = group(&statements);
    assert_eq!(enrolment(&judgement), "blocked");
    for refusal in refusals(&judgement) {
        let by = |reference: &Option<crate::iam::verdict::StatementReference>| {
            reference.as_ref().map(|reference| reference.statement)
        };
        let expected = match refusal.action {
            "iam:CreateVirtualMFADevice" => (Some(2), None),
            _ => (None, Some(1)),
        };
        assert_eq!((by(&refusal.denied_by), by(&refusal.missed_by)), expected, "{}", refusal.action);
    }
}

#[test]
fn one_kind_of_credentials_is_enough() {
    let allowed = || vec![create("arn:aws:iam::*:mfa/*"), manage(NEEDED, OWN)];
    for (operator, value, expected) in [
        // Refuses password sessions alone: an access key still enrols.
        ("Bool", "false", "possible"),
        // Refuses access keys alone.
        ("Null", "true", "possible"),
        ("BoolIfExists", "false", "blocked"),
        ("Bool", "true", "possible"),
    ] {
        let mut statements = allowed();
        statements.push(json!({"Effect": "Deny", "Action": "*", "Resource": "*",
            "Condition": {operator: {"aws:MultiFactorAuthPresent": value}}}));
        assert_eq!(enrolment(&group(&json!(statements))), expected, "{operator} {value}");
    }
}

#[test]
fn what_is_not_documented_leaves_enrolment_open() {
    let statements = json!([create("arn:aws:iam::*:mfa/*"), manage(NEEDED, OWN), {"Effect": "Deny", "Action": "*",
        "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": []}}}]);
    assert_eq!(enrolment(&group(&statements)), "unproven");
    let mut perhaps = create("arn:aws:iam::*:mfa/${aws:username}");
    perhaps["Condition"] = json!({"Null": {"aws:MultiFactorAuthAge": "no"}});
    assert_eq!(enrolment(&group(&json!([perhaps, manage(NEEDED, OWN)]))), "unproven");
}

#[test]
fn a_user_below_a_path_is_not_named_by_his_name_alone() {
    for (path, resource, expected) in [
        ("/", OWN, "possible"),
        ("/eng/", OWN, "blocked"),
        ("/eng/", "arn:aws:iam::*:user/*/${aws:username}", "possible"),
        ("/eng/", "arn:aws:iam::*:user/eng/${aws:username}", "possible"),
        ("/eng/", "arn:aws:iam::*:user/*", "possible"),
    ] {
        let statements = json!([create("arn:aws:iam::*:mfa/*"), manage(NEEDED, resource)]);
        let user = json!({"X": {"Type": "AWS::IAM::User", "Properties": {
            "UserName": "alice", "Path": path, "Policies": policies(&statements)}}});
        assert_eq!(enrolment(&judge(&user, "user")), expected, "{path} {resource}");
    }
}

#[test]
fn users_are_in_the_partition_that_the_policies_name() {
    for partition in ["aws-cn", "aws-us-gov", "*"] {
        let device = create(&format!("arn:{partition}:iam::*:mfa/*"));
        let own = manage(NEEDED, &format!("arn:{partition}:iam::*:user/${{aws:username}}"));
        assert_eq!(enrolment(&group(&json!([device, own]))), "possible", "{partition}");
    }
    let mixed = json!([create("arn:aws-cn:iam::*:mfa/*"), manage(NEEDED, OWN)]);
    assert_eq!(enrolment(&group(&mixed)), "blocked");
}

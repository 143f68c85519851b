use serde_json::{Value, json};

use super::super::fixture::{document, enrolment, guard, holes, judge, locked_out, verdict, with_mfa};
use crate::iam::verdict::{CallerKind, Judgement, Verdict};

fn control(kind: &str, statements: &Value) -> Judgement {
    let properties = json!({"Name": "x", "Type": kind, "Content": document(statements)});
    let subject = if kind.starts_with("SERVICE") { "scp" } else { "rcp" };
    judge(&json!({"X": {"Type": "AWS::Organizations::Policy", "Properties": properties}}), subject)
}

fn scp(statements: &Value) -> Judgement {
    control("SERVICE_CONTROL_POLICY", statements)
}

fn rcp(statements: &Value) -> Judgement {
    control("RESOURCE_CONTROL_POLICY", statements)
}

fn bucket(statements: &Value) -> Judgement {
    let properties = json!({"Bucket": "b", "PolicyDocument": document(statements)});
    judge(&json!({"X": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}}), "resource")
}

fn managed(statements: &Value) -> Judgement {
    let properties = json!({"PolicyDocument": document(statements)});
    judge(&json!({"X": {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}}), "managed-policy")
}

const ENROLMENT: &[&str] = &["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices", "iam:GetUser"];

fn of_users(mut deny: Value) -> Value {
    deny["Condition"]["ArnLike"] = json!({"aws:PrincipalArn": "arn:aws:iam::*:user/*"});
    deny
}

#[test]
fn a_policy_without_conditions_on_mfa_guards_nothing() {
    let open = json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}]);
    assert_eq!(verdict(&scp(&open)), "not-applicable");
    assert_eq!(verdict(&managed(&open)), "not-applicable");
}

#[test]
fn an_scp_guards_users_and_spares_sessions() {
    let right = scp(&json!([of_users(guard(ENROLMENT))]));
    assert_eq!((verdict(&right), locked_out(&right)), ("enforced", vec![]));
    assert_eq!(enrolment(&right), "not-applicable");
    let everybody = scp(&json!([guard(ENROLMENT)]));
    assert_eq!(locked_out(&everybody), [(CallerKind::RoleSession, true)]);
    let no_enrolment = scp(&json!([of_users(guard(&["sts:GetSessionToken"]))]));
    assert_eq!(enrolment(&no_enrolment), "blocked");
    let mut wrong = of_users(guard(ENROLMENT));
    wrong["Condition"] = json!({"Bool": {"aws:MultiFactorAuthPresent": "false"}});
    let judgement = scp(&json!([wrong]));
    let Verdict::Bypassable(found) = &judgement.verdict else { panic!() };
    assert_eq!(found[0].witness.caller, CallerKind::AccessKey);
}

#[test]
fn an_scp_that_allows_grants_nothing_and_limits_all() {
    let allow = json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": with_mfa()});
    let judgement = scp(&json!([allow]));
    assert_eq!(verdict(&judgement), "enforced");
    assert_eq!(locked_out(&judgement), [(CallerKind::RoleSession, true)]);
}

#[test]
fn an_rcp_denies_alone() {
    let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}});
    let judgement = rcp(&json!([deny]));
    assert_eq!((verdict(&judgement), locked_out(&judgement)), ("enforced", vec![(CallerKind::RoleSession, true)]));
}

#[test]
fn a_bucket_policy_guards_what_its_conditions_are_about() {
    let statement = |effect: &str, condition: Value| {
        json!({"Effect": effect, "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
            "Condition": condition})
    };
    for (effect, operator, value, expected) in [
        ("Deny", "BoolIfExists", "false", "enforced"),
        ("Deny", "Bool", "false", "bypassable"),
        ("Deny", "Null", "true", "bypassable"),
        ("Allow", "Bool", "true", "enforced"),
        ("Allow", "BoolIfExists", "true", "bypassable"),
        ("Deny", "ForAnyValue:BoolIfExists", "false", "unproven"),
    ] {
        let judgement = bucket(&json!([statement(effect, json!({operator: {"aws:MultiFactorAuthPresent": value}}))]));
        assert_eq!(verdict(&judgement), expected, "{effect} {operator} {value}");
    }
    // An Allow without a condition beside a right Deny opens nothing that the Deny covers.
    let both = json!([
        {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"},
        statement("Deny", json!({"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}))
    ]);
    assert_eq!(verdict(&bucket(&both)), "enforced");
}

#[test]
fn a_managed_policy_is_asked_what_it_grants_past_its_own_guard() {
    let own = "arn:aws:iam::*:user/${aws:username}";
    let exempt: Vec<&str> = ENROLMENT.iter().copied().chain(["iam:DeactivateMFADevice"]).collect();
    let statements =
        json!([{"Effect": "Allow", "Action": exempt, "Resource": [own, "arn:aws:iam::*:mfa/*"]}, guard(&exempt)]);
    let judgement = managed(&statements);
    assert!(
        holes(&judgement).iter().any(|(_, action)| *action == "iam:DeactivateMFADevice"),
        "{:?}",
        holes(&judgement)
    );
    let right =
        json!([{"Effect": "Allow", "Action": exempt, "Resource": [own, "arn:aws:iam::*:mfa/*"]}, guard(ENROLMENT)]);
    assert_eq!(verdict(&managed(&right)), "enforced");
}

#[test]
fn an_scp_for_the_users_of_one_account() {
    let deny = |operator: &str| {
        json!([{"Effect": "Deny", "NotAction": ENROLMENT, "Resource": "*", "Condition": {
            operator: {"aws:MultiFactorAuthPresent": "false"},
            "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::444455556666:user/*"}}}])
    };
    assert_eq!(verdict(&scp(&deny("BoolIfExists"))), "enforced");
    assert_eq!(verdict(&scp(&deny("Bool"))), "bypassable");
}

#[test]
fn where_a_call_comes_from_is_for_the_caller_to_choose() {
    let deny = |operator: &str, key: &str, value: &str| {
        json!([{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*", "Condition": {
            "BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}, operator: {key: value}}}])
    };
    let judgement = bucket(&deny("NotIpAddress", "aws:SourceIp", "10.0.0.0/8"));
    let Verdict::Bypassable(found) = &judgement.verdict else { panic!() };
    assert_eq!(found[0].witness.given[0].values, Some(vec!["10.0.0.0".to_owned()]));
    assert_eq!(verdict(&bucket(&deny("StringNotEquals", "aws:SourceVpce", "vpce-1"))), "bypassable");
    // Which objects it guards is for the policy to say.
    assert_eq!(verdict(&bucket(&deny("StringEquals", "s3:ExistingObjectTag/secret", "yes"))), "enforced");
}

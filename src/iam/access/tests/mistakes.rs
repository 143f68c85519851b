use serde_json::{Value, json};

use super::super::fixture::{group, trust};
use crate::iam::verdict::{CallerKind, Judgement, Mistake};

/// The mistake in the last of the conditions on MFA.
fn mistake(judgement: &Judgement) -> Option<Mistake> {
    judgement.tests.last().and_then(|test| test.mistake.clone())
}

fn deny(condition: &Value) -> Option<Mistake> {
    mistake(&group(&json!([
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "NotAction": "iam:*", "Resource": "*", "Condition": condition}
    ])))
}

fn allow(condition: &Value) -> Option<Mistake> {
    mistake(&group(&json!([{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": condition}])))
}

fn admits(admitted: &[CallerKind], dead: bool) -> Option<Mistake> {
    Some(Mistake::AdmitsWithoutMfa { admitted: admitted.to_vec(), dead })
}

use CallerKind::{AccessKey, PasswordSession};

#[test]
fn denials() {
    let present = |operator: &str, value: &str| deny(&json!({operator: {"aws:MultiFactorAuthPresent": value}}));
    assert_eq!(present("BoolIfExists", "false"), None);
    assert_eq!(present("Bool", "false"), admits(&[AccessKey], false));
    assert_eq!(present("Null", "true"), admits(&[PasswordSession], false));
    assert_eq!(present("Bool", "true"), Some(Mistake::Inverted));
    assert_eq!(present("StringEquals", "True"), admits(&[AccessKey, PasswordSession], true));
    assert_eq!(present("ForAllValues:Null", "true"), Some(Mistake::AlwaysHolds));
    assert!(matches!(present("NotIpAddress", "0.0.0.0/0"), Some(Mistake::Undocumented(_))));
    let age = |operator: &str, value: &str| deny(&json!({operator: {"aws:MultiFactorAuthAge": value}}));
    assert_eq!(age("NumericGreaterThanIfExists", "3600"), None);
    assert_eq!(age("Null", "true"), None);
    assert_eq!(age("NumericGreaterThan", "3600"), admits(&[AccessKey, PasswordSession], false));
    let contradiction =
        json!({"Null": {"aws:MultiFactorAuthAge": "true"}, "NumericGreaterThan": {"aws:MultiFactorAuthAge": "1"}});
    assert_eq!(deny(&contradiction), admits(&[AccessKey, PasswordSession], true));
}

#[test]
fn grants() {
    let present = |operator: &str, value: &str| allow(&json!({operator: {"aws:MultiFactorAuthPresent": value}}));
    assert_eq!(present("Bool", "true"), None);
    assert_eq!(present("BoolIfExists", "true"), admits(&[AccessKey], false));
    assert_eq!(present("Null", "false"), admits(&[PasswordSession], false));
    assert_eq!(present("BoolIfExists", "false"), Some(Mistake::Inverted));
    assert_eq!(present("StringEquals", "True"), Some(Mistake::NeverHolds));
    assert!(matches!(present("Bool", "1"), Some(Mistake::Undocumented(_))));
    for key in ["aws:MFAPresent", "aws:MultiFactorAuthenticationPresent", "aws:MultifactorAuth"] {
        assert_eq!(
            allow(&json!({"Bool": {key: "true"}})),
            Some(Mistake::MisspeltKey("aws:MultiFactorAuthPresent")),
            "{key}"
        );
    }
    assert_eq!(
        allow(&json!({"NumericLessThan": {"aws:MFAAge": "1"}})),
        Some(Mistake::MisspeltKey("aws:MultiFactorAuthAge"))
    );
}

#[test]
fn in_the_company_of_others() {
    let wrong = json!({"Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}});
    let right = json!({"Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}});
    let everything = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let judged = group(&json!([everything, wrong, right]));
    assert!(judged.tests.iter().all(|test| test.mistake.is_none()), "{:?}", judged.tests);
    assert_eq!(judged.tests.len(), 2);
}

#[test]
fn in_a_trust_policy_people_alone_count() {
    let statement = |principal: Value| {
        json!([{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole",
            "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}}])
    };
    assert_eq!(mistake(&trust(&statement(json!({"AWS": "111122223333"})))), admits(&[AccessKey], false));
    assert_eq!(trust(&statement(json!({"Service": "ec2.amazonaws.com"}))).tests.len(), 0);
}

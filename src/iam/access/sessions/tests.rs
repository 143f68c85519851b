use serde_json::{Value, json};

use super::super::fixture::{guard, judge, locked_out, policies, with_mfa};
use crate::iam::verdict::{CallerKind, Judgement};

fn everything() -> Value {
    json!({"Effect": "Allow", "Action": "*", "Resource": "*"})
}

fn role(statements: &Value) -> Judgement {
    let trusted = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"Service": "ec2.amazonaws.com"}}});
    let properties = json!({"AssumeRolePolicyDocument": trusted, "Policies": policies(statements)});
    judge(&json!({"X": {"Type": "AWS::IAM::Role", "Properties": properties}}), "role-permissions")
}

fn permission_set(statements: &Value) -> Judgement {
    let document = json!({"Version": "2012-10-17", "Statement": statements});
    let properties = json!({"Name": "x", "InstanceArn": "arn:aws:sso:::instance/x", "InlinePolicy": document});
    judge(&json!({"X": {"Type": "AWS::SSO::PermissionSet", "Properties": properties}}), "permission-set")
}

#[test]
fn a_guard_against_callers_without_mfa_hits_every_session() {
    let statements = json!([everything(), guard(&["sts:GetCallerIdentity"])]);
    assert_eq!(locked_out(&role(&statements)), [(CallerKind::RoleSession, true)]);
    assert_eq!(locked_out(&permission_set(&statements)), [(CallerKind::PermissionSet, true)]);
    let mut of_users = guard(&["sts:GetCallerIdentity"]);
    of_users["Condition"]["ArnLike"] = json!({"aws:PrincipalArn": "arn:aws:iam::*:user/*"});
    assert_eq!(locked_out(&role(&json!([everything(), of_users]))), []);
    assert_eq!(locked_out(&role(&json!([everything()]))), []);
}

/// Whether the key about MFA is false or absent in a session is not documented: either is enough to get through.
#[test]
fn a_session_that_gets_through_in_one_of_its_states_is_not_locked_out() {
    for (operator, value, locked) in
        [("Bool", "true", true), ("BoolIfExists", "true", false), ("Bool", "false", false), ("Null", "true", false)]
    {
        let allow = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*",
            "Condition": {operator: {"aws:MultiFactorAuthPresent": value}}});
        assert_eq!(!locked_out(&role(&json!([allow]))).is_empty(), locked, "{operator} {value}");
    }
}

/// In a session of Identity Center the key is there, and false.
#[test]
fn a_session_of_identity_center_says_that_there_was_no_mfa() {
    for (operator, value, locked) in
        [("Bool", "true", true), ("BoolIfExists", "true", true), ("Bool", "false", false), ("Null", "true", false)]
    {
        let condition = json!({operator: {"aws:MultiFactorAuthPresent": value}});
        let allow = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": condition});
        assert_eq!(!locked_out(&permission_set(&json!([allow]))).is_empty(), locked, "{operator} {value}");
    }
    let deny = json!({"Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}});
    assert_eq!(locked_out(&permission_set(&json!([everything(), deny]))), [(CallerKind::PermissionSet, true)]);
}

#[test]
fn what_is_lost_and_whether_anything_is_left() {
    let mut gated = everything();
    gated["Condition"] = with_mfa();
    let lost = role(&json!([gated]));
    assert!(lost.locked_out[0].entirely);
    assert_eq!((lost.locked_out[0].statement.statement, lost.locked_out[0].test), (0, Some(0)));
    let part = role(&json!([{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}, gated]));
    assert!(!part.locked_out[0].entirely);
    assert_eq!(part.locked_out[0].statement.statement, 1);
}

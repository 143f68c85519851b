use serde_json::{Value, json};

use super::super::fixture::{holes, locked_out, trust, verdict, with_mfa};
use super::*;

const ROOT: &str = "arn:aws:iam::111122223333:root";

fn allow(principal: &Value, condition: &Value) -> Value {
    json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", "Condition": condition})
}

fn account(condition: &Value) -> Value {
    allow(&json!({"AWS": ROOT}), condition)
}

#[test]
fn people_of_an_account() {
    for (condition, expected) in [
        (json!({}), "bypassable"),
        (with_mfa(), "enforced"),
        (json!({"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}), "bypassable"),
        (json!({"Null": {"aws:MultiFactorAuthPresent": "false"}}), "bypassable"),
        (json!({"Null": {"aws:MultiFactorAuthAge": "false"}}), "enforced"),
        (json!({"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}), "enforced"),
        (json!({"NumericGreaterThan": {"aws:MultiFactorAuthAge": "129600"}}), "not-applicable"),
        (json!({"Bool": {"aws:MultiFactorAuthPresent": "no"}}), "unproven"),
        (json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}), "bypassable"),
        (json!({"StringEquals": {"aws:PrincipalType": "AssumedRole"}}), "not-applicable"),
    ] {
        assert_eq!(verdict(&trust(&json!([account(&condition)]))), expected, "{condition}");
    }
}

#[test]
fn the_witness_names_who_calls_and_what_he_brings() {
    let condition = json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"},
        "BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}});
    let judgement = trust(&json!([account(&condition)]));
    let Verdict::Bypassable(holes) = &judgement.verdict else { panic!() };
    let witness = &holes[0].witness;
    assert_eq!(witness.caller, CallerKind::AccessKey);
    assert_eq!(witness.principal, "any user in account 111122223333");
    assert_eq!((witness.action.as_str(), witness.resource.as_str()), ("sts:AssumeRole", "*"));
    assert_eq!(
        (witness.given[0].key.as_str(), &witness.given[0].values),
        ("aws:PrincipalOrgID", &Some(vec!["o-1".into()]))
    );
}

#[test]
fn who_is_behind_an_external_id_is_a_vendor() {
    let vendor = json!({"StringEquals": {"sts:ExternalId": "7"}});
    assert_eq!(holes(&trust(&json!([account(&vendor)]))), [(Danger::Vendor, "sts:AssumeRole")]);
    // Who may leave the id out is a person.
    let open = json!({"StringEqualsIfExists": {"sts:ExternalId": "7"}});
    assert_eq!(holes(&trust(&json!([account(&open)]))), [(Danger::Access, "sts:AssumeRole")]);
    let both = json!([account(&vendor), account(&json!({}))]);
    assert_eq!(holes(&trust(&both)), [(Danger::Access, "sts:AssumeRole")]);
}

/// What is not documented for one way in does not hide another that is open for certain.
#[test]
fn a_doubtful_way_in_does_not_hide_the_one_with_an_external_id() {
    let doubtful = json!({"Bool": {"aws:MultiFactorAuthPresent": []}});
    assert_eq!(verdict(&trust(&json!([account(&doubtful)]))), "unproven");
    let vendor = json!({"StringEquals": {"sts:ExternalId": "7"}});
    assert_eq!(verdict(&trust(&json!([account(&doubtful), account(&vendor)]))), "bypassable");
}

#[test]
fn one_open_statement_is_enough_and_a_deny_closes_all() {
    let open = json!([account(&with_mfa()), account(&json!({}))]);
    assert_eq!(verdict(&trust(&open)), "bypassable");
    let deny = json!({"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:*",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}});
    assert_eq!(verdict(&trust(&json!([account(&json!({})), deny]))), "enforced");
    let of_others = json!({"Effect": "Deny", "Principal": {"AWS": "444455556666"}, "Action": "sts:*",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}});
    assert_eq!(verdict(&trust(&json!([account(&json!({})), of_others]))), "bypassable");
}

#[test]
fn everybody_with_mfa_is_still_anybody() {
    let judgement = trust(&json!([allow(&json!({"AWS": "*"}), &with_mfa())]));
    assert_eq!((verdict(&judgement), judgement.admits_any_account), ("enforced", true));
    let judgement = trust(&json!([account(&with_mfa())]));
    assert_eq!((verdict(&judgement), judgement.admits_any_account), ("enforced", false));
}

#[test]
fn machines_cannot_bring_mfa() {
    let saml = "arn:aws:iam::111122223333:saml-provider/Okta";
    for (principal, action, expected) in [
        (json!({"Service": "ec2.amazonaws.com"}), "sts:AssumeRole", CallerKind::Service),
        (json!({"Federated": saml}), "sts:AssumeRoleWithSAML", CallerKind::Federated),
        (
            json!({"Federated": "cognito-identity.amazonaws.com"}),
            "sts:AssumeRoleWithWebIdentity",
            CallerKind::Federated,
        ),
        (json!({"AWS": "arn:aws:iam::111122223333:role/deployer"}), "sts:AssumeRole", CallerKind::RoleSession),
    ] {
        let statement = |condition: Value| json!([{"Effect": "Allow", "Principal": principal, "Action": action, "Condition": condition}]);
        assert!(locked_out(&trust(&statement(with_mfa()))).contains(&(expected, true)), "{principal}");
        let free = trust(&statement(json!({})));
        assert_eq!((verdict(&free), locked_out(&free)), ("not-applicable", vec![]), "{principal}");
        // A call that the principal does not make locks nobody out.
        if action != "sts:AssumeRole" {
            let other = json!([{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole",
                "Condition": with_mfa()}]);
            assert_eq!(locked_out(&trust(&other)), vec![], "{principal}");
        }
    }
    // The key is absent and not false: a Deny without `IfExists` passes a service.
    let bool_false = json!([
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
        {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole",
            "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}
    ]);
    assert_eq!(locked_out(&trust(&bool_false)), vec![]);
}

#[test]
fn roles_of_an_account_are_gated_and_not_locked_out_by_name() {
    assert_eq!(locked_out(&trust(&json!([account(&with_mfa())]))), [(CallerKind::RoleSession, false)]);
    let mut roles = with_mfa();
    roles["ArnLike"] = json!({"aws:PrincipalArn": "arn:aws:iam::111122223333:role/ci-*"});
    assert!(locked_out(&trust(&json!([account(&roles)]))).contains(&(CallerKind::RoleSession, true)));
}

#[test]
fn conditions_that_contradict_each_other_lock_everybody_out() {
    let mut never = with_mfa();
    never["NumericGreaterThan"] = json!({"aws:MultiFactorAuthAge": "200000"});
    let judgement = trust(&json!([account(&never)]));
    assert_eq!(locked_out(&judgement).last(), Some(&(CallerKind::MfaSession, true)));
}

#[test]
fn an_identity_has_the_keys_of_its_own_provider_alone() {
    let statement = |key: &str| {
        let mut condition = with_mfa();
        condition["StringEquals"] = json!({key: "x"});
        let saml = "arn:aws:iam::111122223333:saml-provider/Okta";
        let actions = ["sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"];
        json!([{"Effect": "Allow", "Principal": {"Federated": saml}, "Action": actions, "Condition": condition}])
    };
    assert_eq!(locked_out(&trust(&statement("SAML:aud"))), [(CallerKind::Federated, true)]);
    // Nobody ever passed this one, with MFA or without.
    assert_eq!(locked_out(&trust(&statement("token.actions.githubusercontent.com:sub"))), vec![]);
}

#[test]
fn where_everybody_is_meant_tests_on_the_caller_say_who_may_come() {
    let everybody = json!({"AWS": "*"});
    for (condition, expected) in [
        (json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::444455556666:user/bob"}}), "bypassable"),
        (json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::444455556666:root"}}), "not-applicable"),
        (json!({"StringEquals": {"aws:PrincipalAccount": ["444455556666"]}}), "bypassable"),
        (json!({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::444455556666:*"}}), "bypassable"),
        (json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::444455556666:role/ci"}}), "not-applicable"),
    ] {
        assert_eq!(verdict(&trust(&json!([allow(&everybody, &condition)]))), expected, "{condition}");
        let mut guarded = condition.clone();
        guarded["Bool"] = json!({"aws:MultiFactorAuthPresent": "true"});
        assert_ne!(verdict(&trust(&json!([allow(&everybody, &guarded)]))), "bypassable", "{guarded}");
    }
    let mut role = with_mfa();
    role["ArnLike"] = json!({"aws:PrincipalArn": "arn:aws:iam::444455556666:role/ci"});
    assert_eq!(locked_out(&trust(&json!([allow(&everybody, &role)]))), [(CallerKind::RoleSession, true)]);
}

#[test]
fn unique_ids_are_users_and_roles() {
    let (user, role) = (json!({"AWS": "AIDAJQABLZS4A3QDU576Q"}), json!({"AWS": "AROAJQABLZS4A3QDU576Q"}));
    let open = trust(&json!([allow(&user, &json!({}))]));
    let Verdict::Bypassable(found) = &open.verdict else { panic!() };
    assert_eq!(found[0].witness.principal, "AIDAJQABLZS4A3QDU576Q");
    assert_eq!(verdict(&trust(&json!([allow(&user, &with_mfa())]))), "enforced");
    assert_eq!(verdict(&trust(&json!([allow(&role, &json!({}))]))), "not-applicable");
    let asked = trust(&json!([allow(&role, &with_mfa())]));
    assert_eq!((verdict(&asked), locked_out(&asked)), ("not-applicable", vec![(CallerKind::RoleSession, true)]));
}

#[test]
fn a_session_that_is_named_itself_can_be_locked_out() {
    let session = json!({"AWS": "arn:aws:sts::111122223333:assumed-role/ci/build"});
    assert_eq!(locked_out(&trust(&json!([allow(&session, &json!({}))]))), []);
    let asked = trust(&json!([allow(&session, &with_mfa())]));
    assert_eq!(locked_out(&asked), [(CallerKind::RoleSession, true)]);
}

#[test]
fn a_principal_that_is_not_known_may_be_people() {
    let unknown = json!({"AWS": {"Fn::ImportValue": "elsewhere"}});
    assert_eq!(verdict(&trust(&json!([allow(&unknown, &json!({}))]))), "unproven");
    assert_eq!(verdict(&trust(&json!([allow(&unknown, &with_mfa())]))), "enforced");
}

#[test]
fn a_canonical_user_has_no_place_in_a_trust_policy() {
    let canonical = json!({"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"});
    assert_eq!(verdict(&trust(&json!([allow(&canonical, &json!({}))]))), "unproven");
}

#[test]
fn strangers_belong_to_no_organization_that_is_named() {
    let anybody = |condition: Value| {
        let mut both = with_mfa();
        both.as_object_mut().unwrap().extend(condition.as_object().unwrap().clone());
        trust(&json!([allow(&json!({"AWS": "*"}), &both)]))
    };
    for (condition, any) in [
        (json!({}), true),
        (json!({"StringEquals": {"aws:PrincipalTag/team": "ops"}}), true),
        (json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}), true),
        (json!({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}), true),
        (json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}), false),
        (json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-1/r-1/*"}}), false),
        (json!({"StringEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}}), false),
    ] {
        let judgement = anybody(condition.clone());
        assert_eq!((verdict(&judgement), judgement.admits_any_account), ("enforced", any), "{condition}");
    }
}

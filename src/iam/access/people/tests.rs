use serde_json::{Value, json};

use super::super::fixture::{document, group, guard, holes, judge, locked_out, policies, verdict, with_mfa};
use crate::iam::verdict::{CallerKind, Danger, Hole, PassedBecause, Verdict};

const ENROLMENT: &[&str] = &["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices", "iam:GetUser"];

fn allow(actions: &Value, resources: &Value) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": resources})
}

fn everything() -> Value {
    allow(&json!("*"), &json!("*"))
}

#[test]
fn what_a_hole_is_good_for() {
    let own = json!("arn:aws:iam::*:user/${aws:username}");
    for (action, resource, expected) in [
        ("s3:GetObject", json!("*"), Danger::Access),
        ("iam:DeactivateMFADevice", own.clone(), Danger::RemovesDevice),
        ("iam:CreateAccessKey", own.clone(), Danger::MakesCredentials),
        ("iam:UpdateLoginProfile", own.clone(), Danger::MakesCredentials),
        ("sts:AssumeRole", json!("arn:aws:iam::*:role/*"), Danger::EntersRole),
        ("iam:EnableMFADevice", json!("*"), Danger::OtherUsers),
        ("iam:ListMFADevices", json!("arn:aws:iam::*:user/*"), Danger::ReadsOtherUsers),
        ("iam:DeleteVirtualMFADevice", json!("arn:aws:iam::*:mfa/*"), Danger::DeletesDevice),
    ] {
        let judgement = group(&json!([allow(&json!(action), &resource)]));
        assert!(holes(&judgement).contains(&(expected, action)), "{action}: {:?}", holes(&judgement));
    }
}

#[test]
fn what_may_be_open_without_mfa() {
    let own = json!(["arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::*:mfa/*"]);
    for (action, resource) in [
        ("iam:EnableMFADevice", own.clone()),
        ("iam:ChangePassword", own.clone()),
        ("iam:CreateVirtualMFADevice", own.clone()),
        ("iam:ListUsers", json!("*")),
        ("sts:GetSessionToken", json!("*")),
        // No such call exists: the action acts on users.
        ("iam:EnableMFADevice", json!("arn:aws:s3:::bucket")),
        ("iam:ListMFADevices", json!("arn:aws:iam::*:mfa/*")),
    ] {
        let judgement = group(&json!([allow(&json!(action), &resource)]));
        assert_eq!(verdict(&judgement), "not-applicable", "{action} on {resource}: {:?}", holes(&judgement));
    }
}

#[test]
fn what_a_service_acts_on() {
    let mut guard = guard(&[]);
    let fields = guard.as_object_mut().unwrap();
    fields.remove("NotAction");
    fields.remove("Resource");
    fields.insert("Action".to_owned(), json!("*"));
    let own = json!("arn:aws:iam::*:user/${aws:username}");
    let object = json!("arn:aws:s3:::data/*");
    for (granted, left_open, expected) in [
        // Nothing but IAM and STS acts on users, and nothing of IAM on objects.
        (json!(["ec2:*", "s3:*"]), &own, "enforced"),
        (json!({"NotAction": ["iam:*", "sts:*"]}), &own, "enforced"),
        (json!(["iam:AttachUserPolicy", "ec2:*"]), &own, "bypassable"),
        (json!({"NotAction": "s3:*"}), &own, "bypassable"),
        (json!("*"), &own, "bypassable"),
        (json!(["iam:*", "sts:*"]), &object, "enforced"),
        (json!("s3:*"), &object, "bypassable"),
        (json!("*"), &object, "bypassable"),
    ] {
        fields.insert("NotResource".to_owned(), left_open.clone());
        let mut grant = json!({"Effect": "Allow", "Action": granted.clone(), "Resource": "*"});
        if let Some(not) = granted.get("NotAction") {
            grant = json!({"Effect": "Allow", "NotAction": not, "Resource": "*"});
        }
        let judgement = group(&json!([grant, fields.clone()]));
        assert_eq!(verdict(&judgement), expected, "{granted} on {left_open}: {:?}", holes(&judgement));
    }
}

#[test]
fn a_guard_and_what_it_exempts() {
    let guarded = group(&json!([everything(), guard(ENROLMENT)]));
    assert_eq!(verdict(&guarded), "enforced", "{:?}", holes(&guarded));
    assert!(guarded.gated && guarded.locked_out.is_empty());
    let exempt: Vec<&str> = ENROLMENT.iter().copied().chain(["iam:DeactivateMFADevice"]).collect();
    let open = group(&json!([everything(), guard(&exempt)]));
    assert_eq!(holes(&open), [(Danger::RemovesDevice, "iam:DeactivateMFADevice")]);
    let Verdict::Bypassable(found) = &open.verdict else { panic!() };
    assert_eq!(found[0].allowed_by.statement, 0);
    assert_eq!((found[0].passed[0].statement.statement, &found[0].passed[0].why), (1, &PassedBecause::Action));
}

/// Who administers all of IAM may do what self-management may not: it is told, and no hole.
#[test]
fn self_management_of_others_counts_where_no_administrator_has_it() {
    let manage = allow(&json!(ENROLMENT), &json!("arn:aws:iam::*:user/*"));
    for (statements, expected) in [
        (vec![everything()], "enforced"),
        (vec![manage.clone()], "bypassable"),
        // Whichever comes first.
        (vec![everything(), manage.clone()], "bypassable"),
        (vec![manage, everything()], "bypassable"),
    ] {
        let statements: Vec<Value> = statements.into_iter().chain([guard(ENROLMENT)]).collect();
        let judgement = group(&json!(statements));
        assert_eq!(verdict(&judgement), expected, "{statements:?}");
        assert!(judgement.remarks.is_empty() || statements.contains(&everything()), "{statements:?}");
        assert!(!judgement.remarks.is_empty() || expected == "bypassable", "{statements:?}");
    }
}

#[test]
fn a_step_up_for_some_resources_leaves_the_others_open_on_purpose() {
    let recent = json!({"Effect": "Deny", "Action": "*", "Resource": "arn:aws:s3:::secret/*",
        "Condition": {"NumericGreaterThanIfExists": {"aws:MultiFactorAuthAge": "3600"}}});
    let judgement = group(&json!([allow(&json!("s3:*"), &json!("*")), recent]));
    assert!(holes(&judgement).iter().all(|(danger, _)| *danger == Danger::OutsideStepUp), "{:?}", holes(&judgement));
}

#[test]
fn calls_that_services_make_are_another_way_in() {
    let mut direct_only = guard(&["sts:GetSessionToken"]);
    direct_only["Condition"]["Bool"] = json!({"aws:ViaAWSService": "false"});
    let judgement = group(&json!([everything(), direct_only]));
    assert!(holes(&judgement).iter().all(|(danger, _)| *danger == Danger::ThroughService), "{:?}", holes(&judgement));
    let Verdict::Bypassable(found) = &judgement.verdict else { panic!() };
    let forwarded = |hole: &Hole| hole.witness.given.iter().any(|given| given.key == "aws:ViaAWSService");
    assert!(found.iter().all(forwarded), "{found:?}");
    // Services read and write for people; that one switches MFA off for them is less likely.
    assert_eq!(found[0].witness.action, "s3:GetObject");
}

#[test]
fn users_that_a_condition_names_are_asked_for_themselves() {
    let mut except_bob = guard(&["sts:GetSessionToken"]);
    except_bob["Condition"]["StringNotEquals"] = json!({"aws:username": "bob"});
    let judgement = group(&json!([everything(), except_bob]));
    let Verdict::Bypassable(found) = &judgement.verdict else { panic!() };
    assert!(found[0].witness.principal.ends_with(":user/bob"), "{:?}", found[0].witness);
    let mut except_paths = guard(&["sts:GetSessionToken"]);
    except_paths["Condition"]["ArnNotLike"] = json!({"aws:PrincipalArn": "arn:aws:iam::*:user/break-glass/*"});
    let judgement = group(&json!([everything(), except_paths]));
    let Verdict::Bypassable(found) = &judgement.verdict else { panic!() };
    assert!(found[0].witness.principal.contains(":user/break-glass/"), "{:?}", found[0].witness);
}

#[test]
fn nobody_is_left() {
    let mut never = everything();
    never["Condition"] = json!({"Bool": {"aws:MultiFactorAuthPresent": "true"},
        "NumericLessThan": {"aws:MultiFactorAuthAge": "0"}});
    assert_eq!(locked_out(&group(&json!([never]))), [(CallerKind::MfaSession, true)]);
    // A Deny without a condition is meant.
    let nothing = json!([everything(), {"Effect": "Deny", "Action": "*", "Resource": "*"}]);
    let judgement = group(&nothing);
    assert_eq!((verdict(&judgement), locked_out(&judgement)), ("not-applicable", vec![]));
}

#[test]
fn what_is_not_known_is_not_proven() {
    let unknown = json!({"Fn::ImportValue": "elsewhere"});
    let grants = |more: Value| {
        let mut statements = vec![json!({"Effect": "Allow", "Action": unknown, "Resource": "*"})];
        statements.extend(more.as_array().unwrap().clone());
        group(&json!(statements))
    };
    assert_eq!(verdict(&grants(json!([]))), "unproven");
    // What is known to be open is open, whatever else there is, and a guard guards what is not known.
    assert_eq!(verdict(&grants(json!([everything()]))), "bypassable");
    assert_eq!(verdict(&grants(json!([guard(&["sts:GetSessionToken"])]))), "enforced");
    // A Deny that may not hold is none to rely on.
    let mut maybe = guard(&["sts:GetSessionToken"]);
    maybe["Condition"]["BoolIfExists"]["aws:MultiFactorAuthPresent"] = unknown.clone();
    assert_eq!(verdict(&group(&json!([everything(), maybe]))), "unproven");
    let managed = json!({"X": {"Type": "AWS::IAM::Group", "Properties": {
        "ManagedPolicyArns": ["arn:aws:iam::111122223333:policy/of-somebody-else"]}}});
    assert_eq!(verdict(&judge(&managed, "group")), "unproven");
    // A document that IAM refuses decides nothing.
    assert_eq!(verdict(&group(&json!([{"Effect": "allow", "Action": "*", "Resource": "*"}]))), "unproven");
}

fn bounded(own: &Value, boundary: &Value) -> Value {
    let properties = json!({"UserName": "alice", "Policies": policies(own), "PermissionsBoundary": {"Ref": "B"}});
    json!({
        "X": {"Type": "AWS::IAM::User", "Properties": properties},
        "B": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document(boundary)}}
    })
}

#[test]
fn a_boundary_limits_and_never_grants() {
    let mut gated = everything();
    gated["Condition"] = with_mfa();
    for (own, boundary, expected) in [
        (everything(), json!([gated]), "enforced"),
        (everything(), json!([everything(), guard(ENROLMENT)]), "enforced"),
        (everything(), json!([everything()]), "bypassable"),
        (gated.clone(), json!([everything()]), "enforced"),
        (allow(&json!("iam:GetUser"), &json!("arn:aws:iam::*:user/alice")), json!([everything()]), "not-applicable"),
        (everything(), json!([allow(&json!("s3:*"), &json!("arn:aws:s3:::public/*"))]), "bypassable"),
    ] {
        let judgement = judge(&bounded(&json!([own]), &boundary), "user");
        assert_eq!(verdict(&judgement), expected, "{own} within {boundary}: {:?}", holes(&judgement));
    }
}

/// A user whose name AWS makes up is either himself or another; who administers both may do either.
#[test]
fn an_unnamed_administrator_is_not_in_doubt() {
    let user = json!({"X": {"Type": "AWS::IAM::User", "Properties": {
        "Policies": policies(&json!([everything(), guard(ENROLMENT)]))}}});
    assert_eq!(verdict(&judge(&user, "user")), "enforced");
}

/// The account that a policy is for is known only where the policy names it.
#[test]
fn users_of_the_account_that_a_condition_names_are_asked_for() {
    let but = |operator: &str, key: &str, value: &str| {
        let mut deny = guard(&["sts:GetSessionToken"]);
        deny["Condition"][operator] = json!({key: value});
        json!([everything(), deny])
    };
    let (arn, account) = ("aws:PrincipalArn", "aws:PrincipalAccount");
    for (statements, expected) in [
        (but("ArnNotEquals", arn, "arn:aws:iam::444455556666:user/break-glass"), "bypassable"),
        (but("ArnNotLike", arn, "arn:aws:iam::444455556666:user/admins/*"), "bypassable"),
        (but("ArnNotLike", arn, "arn:aws:iam::444455556666:role/*"), "enforced"),
        (but("ArnLike", arn, "arn:aws:iam::444455556666:user/*"), "enforced"),
        (but("StringEquals", account, "444455556666"), "enforced"),
        (but("StringNotEquals", account, "444455556666"), "bypassable"),
    ] {
        assert_eq!(verdict(&group(&statements)), expected, "{statements}");
        let user = json!({"X": {"Type": "AWS::IAM::User", "Properties": {
            "UserName": "break-glass", "Path": "/admins/", "Policies": policies(&statements)}}});
        let by_name = statements.to_string().contains(":user/break-glass");
        assert_eq!(verdict(&judge(&user, "user")), if by_name { "enforced" } else { expected }, "{statements}");
    }
}

#[test]
fn a_witness_names_what_its_action_is_about() {
    let resource_of = |action: &str, resources: Value| {
        let judgement = group(&json!([allow(&json!(action), &resources)]));
        let Verdict::Bypassable(holes) = judgement.verdict else { panic!("{action}") };
        holes[0].witness.resource.clone()
    };
    let everywhere = json!("*");
    for (action, resources, expected) in [
        ("s3:GetObject", everywhere.clone(), "arn:aws:s3:::amzn-s3-demo-bucket/object"),
        ("s3:ListBucket", everywhere.clone(), "arn:aws:s3:::amzn-s3-demo-bucket"),
        ("s3:ListAllMyBuckets", everywhere.clone(), "*"),
        ("s3:ListBucket", json!("arn:aws:s3:::logs*"), "arn:aws:s3:::logsx"),
        ("s3:ListBucket", json!(["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"]), "arn:aws:s3:::logs"),
        ("s3:PutObject", json!("arn:aws:s3:::logs*"), "arn:aws:s3:::logsx/object"),
        // Where the policy leaves no choice, it is what the policy says.
        ("s3:ListBucket", json!("arn:aws:s3:::logs/*"), "arn:aws:s3:::logs/x"),
        ("ec2:DescribeInstances", everywhere.clone(), "*"),
        ("iam:PassRole", everywhere.clone(), "arn:aws:iam::111122223333:role/Admin"),
        ("iam:AttachUserPolicy", everywhere, "arn:aws:iam::111122223333:user/someone-else"),
    ] {
        assert_eq!(resource_of(action, resources), expected, "{action}");
    }
}

#[test]
fn what_a_known_key_is_compared_with_is_for_the_caller_to_bring() {
    let allow =
        |condition: Value| json!([{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": condition}]);
    let of_owner = json!({"StringEquals": {"aws:username": "${aws:PrincipalTag/owner}"}});
    let judgement = group(&allow(of_owner.clone()));
    let Verdict::Bypassable(found) = &judgement.verdict else { panic!() };
    let name = found[0].witness.principal.rsplit('/').next().unwrap();
    assert_eq!(found[0].witness.given[0].values, Some(vec![name.to_owned()]));
    let account = json!({"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}});
    assert_eq!(verdict(&group(&allow(account.clone()))), "bypassable");
    let prefix = json!({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/${aws:PrincipalTag/team}*"}});
    assert_eq!(verdict(&group(&allow(prefix))), "bypassable");
    let mfa = |operator: &str| json!({operator: {"aws:MultiFactorAuthPresent": "${aws:PrincipalTag/mfa}"}});
    assert_eq!(verdict(&group(&allow(mfa("StringEquals")))), "bypassable");
    let with = |condition: &Value, operator: &str| {
        let mut deny = guard(ENROLMENT);
        for (key, value) in condition["StringEquals"].as_object().unwrap() {
            deny["Condition"][operator] = json!({key: value});
        }
        deny
    };
    for condition in [of_owner, account] {
        let (equal, other) = (with(&condition, "StringEquals"), with(&condition, "StringNotEquals"));
        let statements = |denies: &[&Value]| {
            let open = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"});
            json!([&open].into_iter().chain(denies.iter().copied()).collect::<Vec<_>>())
        };
        assert_eq!(verdict(&group(&statements(&[&equal]))), "bypassable", "{condition}");
        assert_eq!(verdict(&group(&statements(&[&other]))), "bypassable", "{condition}");
        assert_eq!(verdict(&group(&statements(&[&equal, &other]))), "enforced", "{condition}");
    }
}

#[test]
fn the_unique_id_of_a_user_is_no_session() {
    for (operator, value, expected) in [
        ("StringLike", "AIDA*", "enforced"),
        ("StringNotLike", "*:*", "enforced"),
        ("StringNotLike", "AROAEXAMPLEID:*", "enforced"),
        ("StringNotLike", "AIDAEXAMPLEID", "bypassable"),
        ("StringEquals", "AIDAEXAMPLEID", "bypassable"),
        ("Null", "true", "bypassable"),
        ("Null", "false", "enforced"),
    ] {
        let mut deny = guard(ENROLMENT);
        deny["Condition"][operator] = json!({"aws:userid": value});
        assert_eq!(verdict(&group(&json!([everything(), deny]))), expected, "{operator} {value}");
    }
}

#[test]
fn a_deny_of_everybody_locks_out_who_keeps_nothing_but_enrolment() {
    let everybody = |exempt: &[&str]| {
        let mut guard = guard(exempt);
        guard["Condition"] = json!({"BoolIfExists": {"aws:MultiFactorAuthPresent": ["true", "false"]}});
        guard
    };
    assert_eq!(locked_out(&group(&json!([everything(), everybody(ENROLMENT)]))), [(CallerKind::MfaSession, true)]);
    // Who is there to enrol other users has nothing else to keep.
    let desk = json!({"Effect": "Allow", "Action": "iam:EnableMFADevice", "Resource": "*", "Condition": with_mfa()});
    assert!(locked_out(&group(&json!([desk]))).is_empty());
    let never = json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}, "Null": {"aws:MultiFactorAuthAge": "true"}});
    let desk = json!({"Effect": "Allow", "Action": "iam:EnableMFADevice", "Resource": "*", "Condition": never});
    assert_eq!(locked_out(&group(&json!([desk]))), [(CallerKind::MfaSession, true)]);
}

#[test]
fn holes_of_iam_and_sts_are_actions_that_exist() {
    let left_open = |exempt: &[&str]| group(&json!([everything(), guard(&[ENROLMENT, exempt].concat())]));
    assert_eq!(verdict(&left_open(&["sts:Get?essionToken", "iam:?etUser"])), "enforced");
    let judgement = left_open(&["iam:*MFA*"]);
    let found = holes(&judgement);
    assert!(found.contains(&(Danger::Access, "iam:ListMFADeviceTags")), "{found:?}");
    assert!(found.contains(&(Danger::RemovesDevice, "iam:DeactivateMFADevice")), "{found:?}");
    // What no list knows may be new.
    for (exempt, action) in [("iam:Frobnicate", "iam:Frobnicate"), ("iam:Resync*", "iam:resyncx")] {
        let judgement = left_open(&[exempt]);
        assert!(holes(&judgement).iter().all(|hole| *hole == (Danger::Access, action)), "{:?}", holes(&judgement));
        assert_eq!(verdict(&judgement), "bypassable");
    }
}

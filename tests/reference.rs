//! The evaluator and the check on the reference cases, where a checkout has them beside it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use mfagate::iam::verdict::Verdict;
use serde_json::{Value, json};

#[allow(dead_code, reason = "not every test needs all of it")]
mod pipeline;

use pipeline::Checked;
use pipeline::reference::cases;

#[test]
fn simulate_gives_the_expected_verdict_for_every_reference_case() {
    let mut wrong = Vec::new();
    let mut unproven = Vec::new();
    let mut verdicts = 0;
    for case in cases() {
        let line = serde_json::to_string(&case).unwrap();
        let answer: Value = serde_json::from_str(&mfagate::simulate::batch_line(&line).unwrap()).unwrap();
        for (asked, got) in case["verdicts"].as_array().unwrap().iter().zip(answer["results"].as_array().unwrap()) {
            verdicts += 1;
            if got == "unproven" {
                unproven.push((case["id"].clone(), asked["context"].clone()));
            } else if *got != asked["expect"] {
                wrong.push(format!("{} {asked}: {got}", case["id"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {verdicts} wrong:\n{}", wrong.len(), wrong.join("\n"));
    // A value that is no boolean: the reference says that AWS does not document what it gives.
    let documented = unproven.iter().filter(|(id, _)| id != "id-allow-bool-1");
    assert_eq!(documented.count(), 0, "{unproven:?}");
}

/// A reference document on what its kind asks for: the resources, the subject's address and its kind.
fn template(case: &Value) -> (Value, &'static str) {
    let (id, policy) = (case["id"].as_str().unwrap(), &case["policy"]);
    let typed = |kind: &str, properties: Value| json!({"X": {"Type": kind, "Properties": properties}});
    match case["kind"].as_str().unwrap() {
        "trust" => (typed("AWS::IAM::Role", json!({"AssumeRolePolicyDocument": policy})), "role-trust"),
        "scp" => {
            let properties = json!({"Name": "x", "Type": "SERVICE_CONTROL_POLICY", "Content": policy});
            (typed("AWS::Organizations::Policy", properties), "scp")
        }
        "resource" if id.contains("vpce") => {
            (typed("AWS::EC2::VPCEndpoint", json!({"PolicyDocument": policy})), "resource")
        }
        "resource" => (typed("AWS::S3::BucketPolicy", json!({"Bucket": "b", "PolicyDocument": policy})), "resource"),
        _ if id.contains("permission-set") => {
            let properties = json!({"Name": "x", "InlinePolicy": policy, "InstanceArn": "arn:aws:sso:::instance/x"});
            (typed("AWS::SSO::PermissionSet", properties), "permission-set")
        }
        _ if case["attach"] == "permissions-boundary" => (bounded_administrator(policy), "user"),
        _ => (json!({"X": pipeline::group(std::slice::from_ref(policy))}), "group"),
    }
}

/// A user who may do everything within this boundary.
fn bounded_administrator(boundary: &Value) -> Value {
    let everything = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let everything = json!({"Version": "2012-10-17", "Statement": everything});
    let policies = [pipeline::inline("everything", &everything)];
    let properties = json!({"UserName": "alice", "PermissionsBoundary": {"Ref": "Limit"}, "Policies": policies});
    json!({
        "Limit": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": boundary}},
        "X": {"Type": "AWS::IAM::User", "Properties": properties}
    })
}

/// What a check says about the class of a case, where that is not what the class asks for.
fn complaint(class: &str, kind: &str, checked: &Checked) -> Option<String> {
    let judgement = checked.judgement("X", kind);
    let (verdict, enrolment) = (judgement.verdict.name(), judgement.enrolment.name());
    let right = match class {
        "hole" => verdict == "bypassable",
        "lockout" => !judgement.locked_out.is_empty() || enrolment == "blocked" || checked.has("enrolment-blocked"),
        "invalid" | "dead" => checked.has("malformed-policy") || checked.has("ineffective-mfa-condition"),
        "correct" => checked.errors().is_empty(),
        other => panic!("{other} is no class"),
    };
    let rules: Vec<&str> = checked.findings.iter().map(|finding| finding.rule).collect();
    (!right).then(|| {
        format!("{class}: {verdict}, enrolment {enrolment}, {} locked out, {rules:?}", judgement.locked_out.len())
    })
}

/// Cases whose class is not what a check of the document by itself should say, each with what it should say and why.
fn exception(id: &str) -> Option<fn(&Checked) -> bool> {
    let unproven = |checked: &Checked| checked.judgement("X", "group").verdict.name() == "unproven";
    Some(match id {
        // Whether `ForAnyValue` or `IfExists` decides for a missing key is not documented.
        "id-deny-foranyvalue-boolifexists-false" => unproven,
        // What a plain operator gives for an empty list is not documented.
        "id-allow-bool-empty-list" => unproven,
        // As merged, the document requires MFA. What was lost, the limit of its age, is not in it any more.
        "id-tf-merged-conditions" => |checked| checked.judgement("X", "group").verdict.name() == "enforced",
        // The correct sample itself; it locks out only users whose ARN has a path, which a group does not say.
        "id-forcemfa-user-path" => |checked| checked.errors().is_empty(),
        // MFA is required, of anybody in any account.
        "trust-wildcard-mfa" => |checked| {
            checked.judgement("X", "role-trust").verdict.name() == "enforced"
                && checked.errors().iter().any(|error| error.starts_with("trust-any-account"))
        },
        // A boundary grants nothing; that the user needs a policy of its own to try it on is a finding for itself.
        "id-boundary-deny-mfa" => |checked| {
            checked.judgement("Limit", "boundary").verdict.name() == "enforced"
                && checked.errors().iter().all(|error| error.starts_with("policy-on-user"))
        },
        _ => return None,
    })
}

#[test]
fn check_finds_what_is_wrong_with_every_reference_case() {
    let mut wrong = Vec::new();
    let cases = cases();
    for case in &cases {
        let id = case["id"].as_str().unwrap();
        let (resources, kind) = template(case);
        let checked = pipeline::check(&resources);
        match exception(id) {
            Some(holds) if holds(&checked) => {}
            Some(_) => wrong.push(format!("{id}: the exception does not hold")),
            None => {
                let complaint = complaint(case["class"].as_str().unwrap(), kind, &checked);
                wrong.extend(complaint.map(|complaint| format!("{id} is {complaint}")));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

fn user(path: &str, policy: &Value) -> Value {
    let properties = json!({"UserName": "alice", "Path": path, "Policies": [pipeline::inline("p", policy)]});
    json!({"X": {"Type": "AWS::IAM::User", "Properties": properties}})
}

#[test]
fn the_current_sample_locks_out_users_with_a_path() {
    for case in cases().iter().filter(|case| case["id"] == "id-forcemfa-user-path") {
        for (path, expected) in [("/", "possible"), ("/eng/", "blocked")] {
            let checked = pipeline::check(&user(path, &case["policy"]));
            assert_eq!(checked.judgement("X", "user").enrolment.name(), expected, "{path}");
            assert_eq!(checked.has("enrolment-blocked"), expected == "blocked", "{path}");
        }
    }
}

/// A guard in the manner of 2014: everything of IAM is exempt, and the user may remove the device that guards him.
fn guard_with_all_of_iam_exempt() -> Value {
    let own = ["arn:aws:iam::*:mfa/${aws:username}", "arn:aws:iam::*:user/${aws:username}"];
    json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "OwnDevices", "Effect": "Allow", "Resource": own, "Action": [
            "iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ResyncMFADevice", "iam:ListMFADevices",
            "iam:DeactivateMFADevice", "iam:DeleteVirtualMFADevice", "iam:GetUser"]},
        {"Sid": "Work", "Effect": "Allow", "Action": ["ec2:*", "s3:*"], "Resource": "*"},
        {"Sid": "OnlyAfterMfa", "Effect": "Deny", "NotAction": "iam:*", "Resource": "*",
            "Condition": {"Null": {"aws:MultiFactorAuthAge": "true"}}}
    ]})
}

/// The calls that get through without MFA on a group with this document.
fn open_calls(document: &Value) -> Vec<String> {
    let checked = pipeline::check(&json!({"X": pipeline::group(std::slice::from_ref(document))}));
    match &checked.judgement("X", "group").verdict {
        Verdict::Bypassable(holes) => {
            assert!(checked.has("mfa-device-removable-without-mfa"));
            holes.iter().map(|hole| hole.witness.action.clone()).collect()
        }
        verdict => panic!("not bypassable: {verdict:?}"),
    }
}

#[test]
fn a_guard_that_exempts_all_of_iam_lets_the_device_be_removed() {
    let calls = open_calls(&guard_with_all_of_iam_exempt());
    assert!(calls.contains(&"iam:DeactivateMFADevice".to_owned()), "{calls:?}");
    // The guard's test is sound: outside of IAM nothing gets through.
    assert!(calls.iter().all(|action| action.starts_with("iam:")), "{calls:?}");
    for case in cases().iter().filter(|case| case["id"] == "id-seed-2014") {
        let calls = open_calls(&case["policy"]);
        assert!(calls.contains(&"iam:DeactivateMFADevice".to_owned()), "{calls:?}");
    }
}

/// Self-management in the manner of AWS's sample of today: seven calls are exempt, on the caller's own user and devices.
fn guard_with_enrolment_exempt() -> Value {
    let enrol = [
        "iam:CreateVirtualMFADevice",
        "iam:EnableMFADevice",
        "iam:GetUser",
        "iam:ListMFADevices",
        "iam:ListVirtualMFADevices",
        "iam:ResyncMFADevice",
        "sts:GetSessionToken",
    ];
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["iam:ListVirtualMFADevices", "s3:*"], "Resource": "*"},
        {"Effect": "Allow", "Action": "iam:CreateVirtualMFADevice", "Resource": "arn:aws:iam::*:mfa/*"},
        {"Effect": "Allow", "Resource": "arn:aws:iam::*:user/${aws:username}", "Action": [
            "iam:GetUser", "iam:EnableMFADevice", "iam:ListMFADevices", "iam:ResyncMFADevice",
            "iam:DeactivateMFADevice"]},
        {"Effect": "Deny", "NotAction": enrol, "Resource": "*",
            "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}
    ]})
}

#[test]
fn a_guard_that_exempts_enrolment_alone_passes() {
    let reference = cases().into_iter().filter(|case| case["id"] == "id-forcemfa-current");
    for document in reference.map(|case| case["policy"].clone()).chain([guard_with_enrolment_exempt()]) {
        let checked = pipeline::check(&json!({"X": pipeline::group(std::slice::from_ref(&document))}));
        let judgement = checked.judgement("X", "group");
        assert_eq!(judgement.verdict.name(), "enforced");
        assert_eq!(judgement.enrolment.name(), "possible");
        assert_eq!(checked.errors(), Vec::<String>::new());
        assert!(judgement.locked_out.is_empty());
    }
}

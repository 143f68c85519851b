//! The rules over the reference documents, each put where its kind belongs, where a checkout has them beside it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use mfagate::finding::{Finding, Severity};
use mfagate::iam::verdict::Verdict;
use serde_json::{Value, json};

#[allow(dead_code, reason = "not every test needs all of it")]
mod pipeline;

use pipeline::reference::cases;

/// A template that carries the documents of a case as its kind asks.
fn template(case: &Value) -> Option<Value> {
    let policy = &case["policy"];
    let (kind, properties) = match case["kind"].as_str()? {
        "identity" if case["attach"] == "permission-set" => {
            ("AWS::SSO::PermissionSet", json!({"Name": "x", "InlinePolicy": policy}))
        }
        "identity" => {
            let documents = case["policy"].as_array().cloned().unwrap_or_else(|| vec![policy.clone()]);
            let policies: Vec<Value> = documents
                .iter()
                .enumerate()
                .map(|(index, document)| json!({"PolicyName": format!("p{index}"), "PolicyDocument": document}))
                .collect();
            ("AWS::IAM::Group", json!({"Policies": policies}))
        }
        "trust" => ("AWS::IAM::Role", json!({"AssumeRolePolicyDocument": policy})),
        "scp" => {
            let kind = if case["id"].as_str()?.starts_with("rcp") { "RESOURCE" } else { "SERVICE" };
            let kind = format!("{kind}_CONTROL_POLICY");
            ("AWS::Organizations::Policy", json!({"Name": "x", "Type": kind, "Content": policy}))
        }
        "resource" if case["id"].as_str()?.starts_with("vpce") => {
            ("AWS::EC2::VPCEndpoint", json!({"VpcId": "v", "ServiceName": "s", "PolicyDocument": policy}))
        }
        "resource" => ("AWS::S3::BucketPolicy", json!({"Bucket": "b", "PolicyDocument": policy})),
        _ => return None,
    };
    Some(json!({"Resources": {"Subject": {"Type": kind, "Properties": properties}}}))
}

/// Cases that a single document cannot show, or that have another answer here; each with the reason.
const OTHERWISE: &[(&str, &str)] = &[
    ("id-forcemfa-user-path", "whether a member of the group has a path is not in the document"),
    ("id-tf-merged-conditions", "MFA is required; the limit that Terraform drops stands in no document"),
    ("s3-notprincipal-deny", "judged bypassable; the rules are about identities, not about resources"),
];

#[test]
fn the_reference_documents_are_found_as_their_class_says() {
    let mut wrong = Vec::new();
    for case in cases() {
        let id = case["id"].as_str().unwrap();
        if OTHERWISE.iter().any(|(other, _)| *other == id) {
            continue;
        }
        let Some(template) = template(&case) else { continue };
        let pipeline::Checked { judged, findings: found } = pipeline::check_input(&template);
        let has = |rule: &str| found.iter().any(|it| it.rule == rule && it.severity > Severity::Note);
        let errors = found.iter().any(|finding| finding.severity == Severity::Error);
        let open = judged.iter().any(|one| matches!(one.judgement.verdict, Verdict::Bypassable(_)));
        let condition = has("ineffective-mfa-condition") || has("malformed-policy");
        let right = match case["class"].as_str().unwrap() {
            "correct" => !errors,
            "hole" => (open && !found.is_empty()) || has("trust-any-account") || has("mfa-unproven"),
            "lockout" => {
                found.iter().any(|it| it.rule.starts_with("mfa-locks-out")) || has("enrolment-blocked") || condition
            }
            _ => condition,
        };
        if !right {
            let found = found.iter().map(|it| format!("    {}[{}] {}\n", it.severity.name(), it.rule, it.message));
            wrong.push(format!("{id} ({}):\n{}", case["class"], found.collect::<String>()));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// What the rules say about a template: rule, severity, the text under the primary label, and the help.
fn told(template: &Value) -> Vec<(&'static str, Severity, String, String)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("template.json");
    std::fs::write(&path, template.to_string()).unwrap();
    let report = mfagate::check(&mfagate::Options::new(vec![path]));
    let told = |finding: &Finding| {
        (finding.rule, finding.severity, finding.primary.place.text().to_owned(), finding.help.clone())
    };
    report.findings.iter().map(told).collect()
}

fn statement(effect: &str, more: &Value) -> Value {
    let mut statement = json!({"Effect": effect, "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]});
    statement.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    statement
}

fn bucket_policy(statement: &Value) -> Value {
    let document = json!({"Version": "2012-10-17", "Statement": [statement]});
    json!({"Resources": {"X": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": "b", "PolicyDocument": document}}}})
}

#[test]
fn a_deny_that_spares_principals_is_underlined_where_it_does() {
    let spared = json!({"AWS": "arn:aws:iam::111122223333:root"});
    let deny = statement(
        "Deny",
        &json!({"NotPrincipal": spared, "Action": "s3:*",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}),
    );
    let told = told(&bucket_policy(&deny));
    assert_eq!(
        told.iter().map(|(rule, severity, ..)| (*rule, *severity)).collect::<Vec<_>>(),
        [("guard-bypassed", Severity::Error)]
    );
    assert_eq!(told.first().unwrap().2, spared.to_string());
}

#[test]
fn a_deny_that_goes_by_network_is_a_warning() {
    let deny = statement(
        "Deny",
        &json!({"Principal": "*", "Action": "s3:*", "Condition": {
        "BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}, "NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}),
    );
    let told = told(&bucket_policy(&deny));
    assert_eq!(
        told.iter().map(|(rule, severity, ..)| (*rule, *severity)).collect::<Vec<_>>(),
        [("guard-bypassed", Severity::Warning)]
    );
    assert!(told.first().unwrap().2.contains("aws:SourceIp"), "{told:?}");
}

#[test]
fn a_group_that_spares_calls_of_services_gets_a_note_and_no_fix() {
    let exempt = ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices"];
    let document = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "NotAction": exempt, "Resource": "*",
            "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false", "aws:ViaAWSService": "false"}}}]});
    let policies = json!([{"PolicyName": "p", "PolicyDocument": document}]);
    let template = json!({"Resources": {"X": {"Type": "AWS::IAM::Group", "Properties": {"Policies": policies}}}});
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("template.json");
    std::fs::write(&path, template.to_string()).unwrap();
    let report = mfagate::check(&mfagate::Options { fixes: true, ..mfagate::Options::new(vec![path]) });
    let at = report.findings.iter().position(|finding| finding.rule == "group-without-mfa").unwrap();
    assert_eq!(report.findings.get(at).unwrap().severity, Severity::Note);
    assert!(report.fixes.get(at).is_none());
}

#[test]
fn the_parameter_whose_value_is_missing_is_named() {
    let document = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": "111122223333"},
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": {"Fn::Select": [0, {"Fn::Split": [",", {"Ref": "Mfa"}]}]}}}}});
    let template = json!({"Parameters": {"Mfa": {"Type": "String"}}, "Resources": {"X": {"Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": document}}}});
    let told = told(&template);
    let (.., help) = told.iter().find(|(rule, ..)| *rule == "mfa-unproven").unwrap();
    assert!(help.contains("--parameter Mfa="), "{help}");
}

#[test]
fn who_lets_in_anybody_is_told_to_name_somebody_with_mfa_and_without() {
    let role = |principal: &str, condition: Value| {
        let document = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"AWS": principal}, "Condition": condition}});
        told(&json!({"Resources": {"X": {"Type": "AWS::IAM::Role",
            "Properties": {"AssumeRolePolicyDocument": document}}}}))
    };
    let mfa = json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}});
    let organization = json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}});
    for (principal, condition, rule, names) in [
        ("*", json!({}), "role-trust-without-mfa", true),
        ("*", mfa, "trust-any-account", true),
        ("*", organization, "role-trust-without-mfa", false),
        ("111122223333", json!({}), "role-trust-without-mfa", false),
    ] {
        let told = role(principal, condition.clone());
        let about = ["role-trust-without-mfa", "trust-any-account"];
        let said: Vec<_> = told.iter().filter(|(rule, ..)| about.contains(rule)).collect();
        let [(found, .., help)] = said.as_slice() else { panic!("{told:?}") };
        assert_eq!((*found, help.contains("name ")), (rule, names), "{principal} {condition}: {help}");
    }
}

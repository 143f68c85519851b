//! Tests of the table itself.

use super::*;

#[test]
fn rows_are_sorted_and_single() {
    for language in [Language::Terraform, Language::CloudFormation] {
        for pair in all(language).windows(2) {
            let key = |at: usize| (pair[at].type_name, pair[at].path);
            assert!(key(0) < key(1), "{:?} must stand after {:?}", key(0), key(1));
        }
    }
}

#[test]
fn lookup_gives_all_rows_of_a_type() {
    let role: Vec<_> = of(Language::Terraform, "aws_iam_role").iter().map(|carrier| carrier.path).collect();
    assert_eq!(role, ["assume_role_policy", "inline_policy[].policy", "managed_policy_arns[]", "permissions_boundary"]);
    assert!(of(Language::Terraform, "AWS::IAM::Role").is_empty());
    assert!(of(Language::CloudFormation, "aws_iam_role").is_empty());
    assert!(of(Language::Terraform, "").is_empty());
    assert_eq!(of(Language::CloudFormation, "AWS::Serverless::Function").len(), 5);
}

#[test]
fn steps_split_the_path() {
    let carrier = document("x", "details[].policy", PolicyKind::Resource);
    assert_eq!(carrier.steps().collect::<Vec<_>>(), [("details", true), ("policy", false)]);
}

/// Every place that the collected reference knows is in the table, with the same meaning.
#[test]
fn table_has_every_row_of_the_reference() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/reference/policy-carriers.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: {path} is not there");
        return;
    };
    let rows: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    let missing: Vec<_> = rows.iter().filter(|row| !has(row)).collect();
    assert!(missing.is_empty(), "not in the table: {missing:#?}");
    assert_eq!(rows.len(), all(Language::Terraform).len() + all(Language::CloudFormation).len());
}

fn has(row: &serde_json::Value) -> bool {
    let field = |name: &str| row[name].as_str().unwrap();
    let language = if field("source") == "terraform" { Language::Terraform } else { Language::CloudFormation };
    of(language, field("type"))
        .iter()
        .any(|carrier| carrier.path == field("path") && reference_names(carrier.holds).contains(&field("kind")))
}

fn reference_names(holds: Holds) -> &'static [&'static str] {
    match holds {
        Holds::Document(PolicyKind::Inline | PolicyKind::Managed) => &["identity"],
        Holds::Document(PolicyKind::Trust) => &["trust"],
        Holds::Document(PolicyKind::ServiceControl | PolicyKind::ResourceControl) => &["scp"],
        Holds::Document(PolicyKind::Resource) | Holds::OpenApi => &["resource"],
        Holds::Document(PolicyKind::Endpoint) => &["endpoint"],
        Holds::Document(PolicyKind::Session) => &["session"],
        Holds::Document(PolicyKind::Iot) => &["iot"],
        Holds::Statements => &["fragment"],
        Holds::Builder => &["builder"],
        Holds::Grant => &["structured"],
        Holds::Template => &["embedded-template"],
        Holds::Reference => &["reference"],
        Holds::MfaSetting => &["mfa-setting"],
        Holds::NotIam => &["not-iam"],
    }
}

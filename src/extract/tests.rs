//! Single policy documents; plans and templates have tests of their own.

use super::*;
use crate::source::Span;
use crate::tree::json;

#[test]
fn a_document_is_told_by_its_parts() {
    let trust =
        r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": ["sts:AssumeRole", "sts:tagsession"]}}"#;
    assert_eq!(kind(trust, None), PolicyKind::Trust);
    let other = r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*"}}"#;
    assert_eq!(kind(other, None), PolicyKind::Resource);
    let bucket = r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:*"}}"#;
    assert_eq!(kind(bucket, None), PolicyKind::Resource);
    let identity = r#"{"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}}"#;
    assert_eq!(kind(identity, None), PolicyKind::Managed);
    assert_eq!(kind(identity, Some(PolicyKind::ServiceControl)), PolicyKind::ServiceControl);
}

fn kind(text: &str, hint: Option<PolicyKind>) -> PolicyKind {
    let source = Source::file("policy.json", text.to_owned());
    let node = json::parse(&source, Span::new(0, text.len())).unwrap();
    let extracted = extract(
        &Input::new(source, Format::PolicyDocument(node)),
        &Settings { document_kind: hint, ..Settings::default() },
    );
    let [policy] = extracted.inventory.policies.as_slice() else { panic!("one policy") };
    assert_eq!(policy.address.path, "policy.json");
    policy.kind
}

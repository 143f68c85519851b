use super::*;
use crate::iam::caller::contexts::named;
use crate::iam::document::{Grammar, parse};
use crate::source::{Source, Span};
use crate::tree::json;

fn document(statements: &str) -> Arc<Document> {
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": {statements}}}"#);
    let source = Source::file("policy", text.clone());
    Arc::new(parse(&json::parse(&source, Span::new(0, text.len())).unwrap(), &source, Grammar::Identity))
}

#[test]
fn who_signs() {
    let session = |session: &str, role: &str| Signer::Session { session: session.to_owned(), role: role.to_owned() };
    let user = "arn:aws-cn:iam::111122223333:user/ops/alice";
    let federated = "arn:aws:sts::111122223333:federated-user/alice";
    let saml = "arn:aws:iam::111122223333:saml-provider/Okta";
    for (text, expected) in [
        (user, Signer::Arn(user.to_owned())),
        (
            "arn:aws:sts::111122223333:assumed-role/ci/build/7",
            session("arn:aws:sts::111122223333:assumed-role/ci/build/7", "arn:aws:iam::111122223333:role/ci"),
        ),
        (
            "arn:aws:iam::111122223333:role/ops/ci",
            session("arn:aws:sts::111122223333:assumed-role/ci/session", "arn:aws:iam::111122223333:role/ops/ci"),
        ),
        (
            "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0/alice",
            session(
                "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0/alice",
                "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0",
            ),
        ),
        (federated, session(federated, federated)),
        (saml, Signer::Federated(saml.to_owned())),
        ("ec2.amazonaws.com", Signer::Service("ec2.amazonaws.com".to_owned())),
        ("", Signer::Anonymous),
    ] {
        assert_eq!(signer(text), expected, "{text}");
    }
}

#[test]
fn a_deny_decides_before_an_allow_and_doubt_before_neither() {
    let allow = r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#;
    let deny = r#"{"Effect": "Deny", "Action": "s3:Put*", "Resource": "*"}"#;
    let open = r#"{"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*",
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "no"}}}"#;
    let all = document(&format!("[{allow}, {deny}, {open}]"));
    for (action, expected) in [
        ("s3:ListBucket", Decision::Allow),
        ("S3:PUTOBJECT", Decision::Deny),
        ("ec2:RunInstances", Decision::ImplicitDeny),
        ("s3:GetObject", Decision::Unproven),
    ] {
        let mut request = Request::new(signer("arn:aws:iam::111122223333:user/alice"), action, "*");
        request.set("AWS:MultiFactorAuthPresent", vec!["true".to_owned()]);
        assert_eq!(request.decide(std::slice::from_ref(&all)), expected, "{action}");
    }
    // Two documents are as one.
    let request = Request::new(Signer::Anonymous, "s3:PutObject", "*");
    assert_eq!(request.decide(&[document(allow), document(deny)]), Decision::Deny);
    assert_eq!(request.decide(&[]), Decision::ImplicitDeny);
}

#[test]
fn a_context_brings_its_keys_and_no_others() {
    let mut request = Request::new(signer("arn:aws:iam::111122223333:user/alice"), "s3:GetObject", "*");
    request.set_principal_keys();
    request.set_context(named("temp-no-mfa").unwrap());
    let value = |key: &str| match request.values(key) {
        Lookup::Present(values) => values.iter().collect::<Vec<_>>().join(","),
        _ => "absent".to_owned(),
    };
    assert_eq!(value("aws:multifactorauthpresent"), "false");
    assert_eq!(value("aws:multifactorauthage"), "absent");
    assert_eq!((value("aws:username"), value("aws:principaltype")), ("alice".to_owned(), "User".to_owned()));
    assert_eq!(value("aws:sourcevpc"), "absent");
}

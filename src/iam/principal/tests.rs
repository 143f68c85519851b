use super::*;
use crate::iam::document::{Grammar, parse_statement};
use crate::iam::request::signer;
use crate::source::{Source, Span};
use crate::tree::json;

/// Whether a `Principal` (or `NotPrincipal`) covers a caller, who is named as `simulate` names it.
fn covered(element: &str, principal: &str, caller: &str) -> Option<bool> {
    let text = format!(r#"{{"Effect": "Allow", "{element}": {principal}, "Action": "*", "Resource": "*"}}"#);
    let source = Source::file("statement", text.clone());
    let node = json::parse(&source, Span::new(0, text.len())).unwrap();
    let (statement, _) = parse_statement(&node, &source, Grammar::Resource);
    let principals = statement.principals.unwrap();
    let symbols = Symbols::default();
    let meant: Vec<Meant<'_>> = principals.items.iter().map(|principal| meant(principal, &symbols)).collect();
    match covers(&principals, &meant, &signer(caller)) {
        Truth::True => Some(true),
        Truth::False => Some(false),
        Truth::Unproven(_) => None,
    }
}

const USER: &str = "arn:aws:iam::111122223333:user/ops/alice";
const ROLE: &str = "arn:aws:iam::111122223333:role/ci";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/ci/build-7";
const SERVICE: &str = "ec2.amazonaws.com";
const PROVIDER: &str = "arn:aws:iam::111122223333:saml-provider/Okta";

#[test]
fn who_is_meant() {
    let all = [USER, ROLE, SESSION, SERVICE, PROVIDER];
    let quoted = |kind: &str, name: &str| format!(r#"{{"{kind}": "{name}"}}"#);
    for (principal, expected) in [
        ("\"*\"".to_owned(), [true, true, true, true, true]),
        (quoted("AWS", "*"), [true, true, true, true, true]),
        (quoted("AWS", "111122223333"), [true, true, true, false, false]),
        (quoted("AWS", "arn:aws:iam::111122223333:root"), [true, true, true, false, false]),
        (quoted("AWS", "444455556666"), [false; 5]),
        (quoted("AWS", USER), [true, false, false, false, false]),
        (quoted("AWS", ROLE), [false, true, true, false, false]),
        (quoted("AWS", SESSION), [false, false, true, false, false]),
        (quoted("Service", SERVICE), [false, false, false, true, false]),
        (quoted("Service", "*"), [false; 5]),
        (quoted("Federated", PROVIDER), [false, false, false, false, true]),
        (quoted("CanonicalUser", "79a59df900b949e5"), [false; 5]),
        (
            format!(r#"{{"AWS": ["444455556666", "{USER}"], "Service": "{SERVICE}"}}"#),
            [true, false, false, true, false],
        ),
    ] {
        let found = all.map(|caller| covered("Principal", &principal, caller));
        assert_eq!(found, expected.map(Some), "{principal}");
        let others = all.map(|caller| covered("NotPrincipal", &principal, caller));
        assert_eq!(others, expected.map(|expected| Some(!expected)), "not {principal}");
    }
}

#[test]
fn an_unsigned_request_is_everybody_alone() {
    assert_eq!(covered("Principal", "\"*\"", ""), Some(true));
    assert_eq!(covered("Principal", "{\"AWS\": \"111122223333\"}", ""), Some(false));
}

#[test]
fn what_is_not_known_may_be_meant() {
    let unknown = r#"{"AWS": {"Fn::ImportValue": "x"}}"#;
    assert_eq!(covered("Principal", unknown, USER), None);
    assert_eq!(covered("Principal", r#"{"AWS": [{"Fn::ImportValue": "x"}, "111122223333"]}"#, USER), Some(true));
    assert_eq!(covered("Principal", r#"{"Fn::ImportValue": "x"}"#, SERVICE), None);
}

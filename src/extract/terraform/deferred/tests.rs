//! Plans with data sources that are read during the apply, as small as they can be.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::super::extract_plan;
use crate::inventory::Content;
use crate::source::{Source, Span};

/// A plan of one group policy made by a data source with these arguments, and what of them is unknown; `configuration` is
/// what the configuration says of them.
fn plan(after: Json, unknown: Json, configuration: Json) -> String {
    let data = |name: &str, after: Json, unknown: Json| {
        json!({"address": format!("data.aws_iam_policy_document.{name}"), "mode": "data", "name": name,
               "type": "aws_iam_policy_document",
               "change": {"actions": ["read"], "after": after, "after_unknown": unknown}})
    };
    let refer = |name: &str| json!({"references": [format!("data.aws_iam_policy_document.{name}.json")]});
    let block = |name: &str, expressions: Json| json!({"mode": "data", "type": "aws_iam_policy_document", "name": name, "expressions": expressions});
    json!({
        "resource_changes": [
            {"address": "aws_iam_group_policy.p", "mode": "managed", "type": "aws_iam_group_policy", "name": "p",
             "change": {"actions": ["create"], "after": {"group": "g"}, "after_unknown": {"policy": true}}},
            data("d", after, unknown),
            data("circle", json!({}), json!({"source_policy_documents": [true]})),
        ],
        "configuration": {"root_module": {"resources": [
            {"mode": "managed", "type": "aws_iam_group_policy", "name": "p", "expressions": {"policy": refer("d")}},
            block("d", configuration),
            block("circle", json!({"source_policy_documents": refer("circle")})),
        ]}}
    })
    .to_string()
}

/// The document as it is laid out, without white space; or why there is none.
fn document(after: Json, unknown: Json, configuration: Json) -> String {
    let source = Source::file("plan.json", plan(after, unknown, configuration));
    let extracted = extract_plan(&source, Span::new(0, source.text().len()), &crate::checkout::Checkouts::default());
    let policy = &extracted.inventory.policies[0];
    match &policy.content {
        Content::Known(document) => {
            assert_eq!(document.place.source.name(), "data.aws_iam_policy_document.d");
            assert!(Arc::ptr_eq(&document.place.in_file().source, &source));
            assert_eq!(document.place.in_file().text(), r#""data.aws_iam_policy_document.d""#);
            let laid_out: Json = serde_json::from_str(document.place.source.text()).unwrap();
            laid_out["Statement"].to_string()
        }
        Content::Unknown(unknown) => format!("{}: {}", unknown.name, unknown.reason),
    }
}

/// Whether two texts are the same JSON, in whatever order.
fn assert_same(found: &str, expected: &str) {
    let read = |text: &str| serde_json::from_str::<Json>(text).unwrap();
    assert_eq!(read(found), read(expected));
}

const ALLOW: &str = r#"{"Sid":"A","Effect":"Allow","Action":"s3:*","Resource":"*"}"#;

fn text(statements: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)
}

#[test]
fn defaults_and_variables() {
    let statement = json!([{"actions": ["a:B"], "resources": ["arn:aws:s3:::&{aws:username}", "x"], "effect": null}]);
    let found =
        document(json!({"statement": statement}), json!({"statement": [{"resources": [false, true]}]}), json!({}));
    let expected = r#"[{"Action":"a:B","Effect":"Allow","Resource":["arn:aws:s3:::${aws:username}","<data.aws_iam_policy_document.d.statement[0].resources>"]}]"#;
    assert_same(&found, expected);
}

#[test]
fn sources_are_merged_as_the_provider_does() {
    let number = r#"{"Sid":"N","Effect":"Allow","Action":"*","Resource":"*","Condition":{"NumericLessThan":{"aws:MultiFactorAuthAge":3600},"Bool":{"aws:MultiFactorAuthPresent":true}}}"#;
    let own = json!([{"sid": "A", "actions": ["ec2:*"], "resources": ["*"]}]);
    let found = document(
        json!({"source_json": text(ALLOW), "source_policy_documents": [text(number)], "statement": own}),
        json!({"statement": [{"actions": [false]}]}),
        json!({}),
    );
    let expected = r#"[{"Action":"ec2:*","Effect":"Allow","Resource":"*","Sid":"A"},{"Action":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}},"Effect":"Allow","Resource":"*","Sid":"N"}]"#;
    assert_same(&found, expected);
    let found = document(json!({"statement": own, "override_json": text(ALLOW)}), json!({}), json!({}));
    assert_same(&found, r#"[{"Action":"s3:*","Effect":"Allow","Resource":"*","Sid":"A"}]"#);
}

#[test]
fn what_the_provider_refuses_stays_open() {
    let single = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let open = document(json!({"override_policy_documents": [single]}), json!({}), json!({}));
    let name = "data.aws_iam_policy_document.d.override_policy_documents";
    assert_eq!(open, format!("{name}: holds a document that the provider cannot read"));
    let found =
        document(json!({"override_policy_documents": [null]}), json!({"override_policy_documents": [true]}), json!({}));
    assert_eq!(found, "data.aws_iam_policy_document.d.override_policy_documents: is known after apply");
}

#[test]
fn conditions_of_one_test_and_key_are_one() {
    let block = |value: &str| json!({"test": "Bool", "variable": "aws:MultiFactorAuthPresent", "values": [value]});
    let empty = json!({"test": "StringEquals", "variable": "aws:x", "values": []});
    let statement = json!([{"actions": ["*"], "condition": [block("true"), block("false"), empty]}]);
    let found = document(json!({"statement": statement}), json!({}), json!({}));
    let expected = r#"[{"Action":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":["true","false"]},"StringEquals":{"aws:x":[]}},"Effect":"Allow"}]"#;
    assert_same(&found, expected);
}

#[test]
fn documents_in_circles_end() {
    let circle = json!({"source_policy_documents": {"references": ["data.aws_iam_policy_document.circle.json"]}});
    let found = document(json!({}), json!({"source_policy_documents": [true]}), circle);
    assert!(found.contains("<data.aws_iam_policy_document.circle"), "{found}");
}

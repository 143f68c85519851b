use super::*;
use crate::iam::document::{Comparison, Effect, PrincipalKind};
use crate::source::Span;
use crate::tree::Scalar;

mod elements;

fn document(text: &str, grammar: Grammar) -> Document {
    let source = Source::file("policy.json", text.to_owned());
    let node = crate::tree::json::parse(&source, Span::new(0, text.len())).unwrap();
    parse(&node, &source, grammar)
}

/// A document around one statement that is right but for what the test is about.
fn statement(elements: &str) -> String {
    format!(r#"{{"Version": "2012-10-17", "Statement": {{{elements}}}}}"#)
}

/// What each problem says, what it points at, and whether the document is refused for it.
fn problems(document: &Document) -> Vec<(&str, &str, &str, bool)> {
    document.problems.iter().map(|it| (it.message.as_str(), it.help.as_str(), it.place.text(), it.refused)).collect()
}

#[track_caller]
fn assert_problem(text: &str, grammar: Grammar, expected: (&str, &str, &str, bool)) {
    let document = document(text, grammar);
    assert_eq!(problems(&document), [expected], "{text}");
}

const IDENTITY: &str = r#""Effect": "Allow", "Action": "s3:*", "Resource": "*""#;

#[test]
fn reads_every_part_with_its_place() {
    let text = r#"{"Version": "2012-10-17", "Id": "x", "Statement": [
        {"Sid": "One", "Effect": "Deny", "NotAction": ["iam:*", "s3:Get*"], "NotResource": "arn:aws:s3:::b/*",
         "Principal": {"AWS": ["111122223333", "*"], "Service": "ec2.amazonaws.com"},
         "Condition": {"ForAnyValue:StringLikeIfExists": {"aws:X": ["a", 1, true]}, "Null": {"b:C": false}}}]}"#;
    let document = document(text, Grammar::Any);
    assert_eq!(problems(&document), []);
    assert_eq!(document.version, Version::V2012);
    let [statement] = document.statements.as_slice() else { panic!("one statement") };
    assert_eq!(statement.sid.as_deref(), Some("One"));
    assert_eq!(statement.effect, Effect::Deny);
    assert!(statement.actions.negated && statement.unknown.is_none());
    let texts = |items: &[Text]| items.iter().map(|it| it.place.text().to_owned()).collect::<Vec<_>>();
    assert_eq!(texts(&statement.actions.items), [r#""iam:*""#, r#""s3:Get*""#]);
    let resources = statement.resources.as_ref().unwrap();
    assert!(resources.negated);
    assert_eq!(texts(&resources.items), [r#""arn:aws:s3:::b/*""#]);
    let principals = statement.principals.as_ref().unwrap();
    let listed: Vec<_> = principals.items.iter().map(|it| (it.kind, it.text.scalar.as_text().unwrap())).collect();
    assert_eq!(
        listed,
        [
            (PrincipalKind::Aws, "111122223333"),
            (PrincipalKind::Aws, "*"),
            (PrincipalKind::Service, "ec2.amazonaws.com")
        ]
    );
    let [test, null] = statement.tests.as_slice() else { panic!("two tests") };
    assert_eq!(test.operator.to_string(), "ForAnyValue:StringLikeIfExists");
    assert_eq!(test.key, "aws:X");
    assert_eq!(test.operator_place.text(), r#""ForAnyValue:StringLikeIfExists""#);
    assert_eq!(test.key_place.text(), r#""aws:X""#);
    assert_eq!(test.place.text(), r#""aws:X": ["a", 1, true]"#);
    assert_eq!(test.values.iter().map(|it| it.scalar.as_text().unwrap()).collect::<Vec<_>>(), ["a", "1", "true"]);
    assert_eq!(null.operator.comparison, Comparison::Null);
}

#[test]
fn documents_as_a_whole() {
    for (text, expected) in [
        (
            "[]",
            (
                "a policy document is a map, and this is a list",
                r#"write `{"Version": "2012-10-17", "Statement": [...]}`"#,
                "[]",
                true,
            ),
        ),
        (
            r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#,
            (
                "this is a statement and not a policy document",
                r#"put it into a document: `{"Version": "2012-10-17", "Statement": [...]}`"#,
                r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#,
                true,
            ),
        ),
        (
            r#"{"Version": "2012-10-17"}"#,
            (
                "the policy document has no `Statement`",
                "add `Statement` with a list of statements",
                r#"{"Version": "2012-10-17"}"#,
                true,
            ),
        ),
        (r#"{"Statement": []}"#, ("`Statement` is an empty list", "add a statement, or remove the policy", "[]", true)),
        (
            r#"{"Version": "2012-10-17", "Statements": []}"#,
            ("`Statements` is no element of a policy", "write `Statement`", r#""Statements""#, true),
        ),
        (
            r#"{"Version": "2024-01-01", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#,
            (
                "`2024-01-01` is no version of the policy language",
                r#"write `"2012-10-17"`, whatever the date"#,
                r#""2024-01-01""#,
                true,
            ),
        ),
        (
            r#"{"Version": "2012-10-17", "Statement": ["x"]}"#,
            (
                "a statement is a map, and this is a string",
                r#"write `{"Effect": ..., "Action": ..., "Resource": ...}`"#,
                r#""x""#,
                true,
            ),
        ),
        (
            r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:iam::*:user/${aws:username}"}}"#,
            (
                "`${…}` is plain text and no variable here: a policy without `Version` has version 2008-10-17",
                r#"add `"Version": "2012-10-17"` to the policy"#,
                r#""arn:aws:iam::*:user/${aws:username}""#,
                false,
            ),
        ),
        (
            r#"{"Version": "2008-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:iam::*:user/${aws:username}"}}"#,
            (
                "with this version `${…}` is plain text and no variable",
                r#"write `"Version": "2012-10-17"`"#,
                r#""2008-10-17""#,
                false,
            ),
        ),
    ] {
        assert_problem(text, Grammar::Identity, expected);
    }
}

#[test]
fn a_missing_version_without_variables_is_nobodys_problem() {
    let document = document(&format!(r#"{{"Statement": {{{IDENTITY}}}}}"#), Grammar::Identity);
    assert_eq!(problems(&document), []);
    assert_eq!(document.version, Version::V2008);
}

#[test]
fn elements_of_a_statement() {
    for (elements, message, under, refused) in [
        (r#""Action": "*", "Resource": "*""#, "the statement has no `Effect`", None, true),
        (
            r#""effect": "Allow", "Action": "*", "Resource": "*""#,
            "`effect` is no element of a policy: letter case counts",
            Some(r#""effect""#),
            true,
        ),
        (
            r#""Effect": "allow", "Action": "*", "Resource": "*""#,
            "`allow` is no effect: letter case counts",
            Some(r#""allow""#),
            true,
        ),
        (r#""Effect": ["Allow"], "Action": "*", "Resource": "*""#, "`Effect` is a list", Some(r#"["Allow"]"#), true),
        (r#""Effect": "Allow", "Resource": "*""#, "the statement has neither `Action` nor `NotAction`", None, true),
        (r#""Effect": "Allow", "Action": "*""#, "the statement has neither `Resource` nor `NotResource`", None, true),
        (
            r#""Effect": "Allow", "Action": "*", "NotAction": "s3:*", "Resource": "*""#,
            "`Action` and `NotAction` stand in one statement, and IAM takes one of them",
            Some(r#""NotAction""#),
            true,
        ),
        (r#""Effect": "Allow", "Action": [], "Resource": "*""#, "`Action` is an empty list", Some("[]"), true),
        (
            r#""Effect": "Allow", "Action": null, "Resource": "*""#,
            "`Action` holds null, where IAM takes only strings",
            Some("null"),
            true,
        ),
        (
            r#""Effect": "Allow", "Action": [["s3:*"]], "Resource": "*""#,
            "`Action` holds a list, where IAM takes only strings",
            Some(r#"["s3:*"]"#),
            true,
        ),
        (
            r#""Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*""#,
            "`Principal` has no place in this kind of policy: it holds for whom it is attached to",
            Some(r#""Principal""#),
            true,
        ),
        (
            r#""Effect": "Allow", "Action": "*", "Resource": "*", "Conditions": {}"#,
            "`Conditions` is no element of a policy",
            Some(r#""Conditions""#),
            true,
        ),
        (
            r#""Effect": "Allow", "Effect": "Deny", "Action": "*", "Resource": "*""#,
            "`Effect` stands more than once here: IAM refuses the policy, and most tools keep only the last one",
            Some(r#""Effect""#),
            true,
        ),
        (
            r#""Sid": "a-b", "Effect": "Allow", "Action": "*", "Resource": "*""#,
            "the `Sid` `a-b` has other characters than letters and digits, which IAM does not take",
            Some(r#""a-b""#),
            false,
        ),
        (r#""Sid": [], "Effect": "Allow", "Action": "*", "Resource": "*""#, "`Sid` is a list", Some("[]"), true),
        (
            r#""Effect": "Allow", "Action": "*", "Resource": "arn:aws:iam::*:user/&{aws:username}""#,
            "`&{…}` is plain text for IAM: only Terraform's `aws_iam_policy_document` makes a variable of it",
            Some(r#""arn:aws:iam::*:user/&{aws:username}""#),
            false,
        ),
    ] {
        let text = statement(elements);
        let document = document(&text, Grammar::Identity);
        let whole = format!("{{{elements}}}");
        let found: Vec<_> = document.problems.iter().map(|it| (&*it.message, it.place.text(), it.refused)).collect();
        assert_eq!(found, [(message, under.unwrap_or(&whole), refused)], "{elements}");
    }
}

#[test]
fn sids_that_stand_twice() {
    let text = format!(r#"{{"Statement": [{{"Sid": "A", {IDENTITY}}}, {{"Sid":  "A", {IDENTITY}}}]}}"#);
    let expected = (
        "two statements have the `Sid` `A`, which IAM refuses",
        "give each statement a `Sid` of its own, or none",
        r#""A""#,
        true,
    );
    assert_problem(&text, Grammar::Identity, expected);
    let refused = document(&text, Grammar::Identity);
    assert_eq!(refused.problems[0].place.span.start, text.rfind(r#""A""#).unwrap());
    assert_eq!(problems(&document(&text, Grammar::ServiceControl)), []);
}

#[test]
fn tests_of_an_operator_that_does_not_exist_are_left_out() {
    let text = statement(&format!(r#"{IDENTITY}, "Condition": {{"bool": {{"a:b": "c"}}, "Bool": {{"a:b": "true"}}}}"#));
    let document = document(&text, Grammar::Identity);
    assert!(document.is_refused());
    assert_eq!(document.statements[0].tests.len(), 1);
}

#[test]
fn functions_that_nobody_resolved_are_unknown() {
    let if_ = |argument: &str| format!(r#"{{"Fn::If": {argument}}}"#);
    let text = format!(
        r#"{{"Version": {{"Ref": "V"}}, "Statement": [{whole},
            {{"Effect": {{"Ref": "E"}}, "Action": ["s3:*", {whole}], "Resource": {whole}, "Principal": {{"AWS": {whole}}},
              "Condition": {{"Bool": {{"a:b": {whole}}}}}}},
            {{{allow}, "Condition": {whole}}},
            {{{allow}, "Fn::Transform": {{"Name": "AWS::Include"}}}}]}}"#,
        whole = if_("[]"),
        allow = r#""Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*""#,
    );
    let document = document(&text, Grammar::Resource);
    assert_eq!(problems(&document), []);
    let named = |unknown: &Option<Box<Unknown>>| unknown.as_ref().map(|it| it.name.clone());
    let function = Some("Fn::If".to_owned());
    assert!(matches!(&document.version, Version::Unknown(it) if it.name == "Ref V"));
    let [whole, parts, condition, include] = document.statements.as_slice() else { panic!("four statements") };
    assert_eq!(named(&whole.unknown), function);
    assert!(matches!(&whole.effect, Effect::Unknown(_)) && whole.principals.is_some());
    assert!(matches!(&parts.effect, Effect::Unknown(it) if it.name == "Ref E"));
    assert_eq!((parts.actions.items.len(), named(&parts.actions.unknown)), (1, function.clone()));
    assert_eq!(named(&parts.resources.as_ref().unwrap().unknown), function);
    assert_eq!(named(&parts.principals.as_ref().unwrap().unknown), function);
    assert_eq!(named(&parts.tests[0].unknown), function);
    assert_eq!(parts.unknown, None);
    assert_eq!(named(&condition.unknown), function);
    assert_eq!(named(&include.unknown), Some("Fn::Transform".to_owned()));
}

#[test]
fn unknown_identifiers_are_strings_of_unknown_letters() {
    let source = Source::file("plan.json", String::new());
    let role =
        Unknown { name: "aws_iam_role.r.arn".into(), reason: "is known after apply".into(), form: Form::Identifier };
    let entry = |key: &str, value| Entry {
        key: key.into(),
        key_span: Span::default(),
        value: Node { span: Span::default(), value },
    };
    let text = |text: &str| Value::Scalar(Scalar::known(text, crate::tree::Style::Quoted));
    let node = Node {
        span: Span::default(),
        value: Value::Map(vec![
            entry("Effect", text("Allow")),
            entry("Action", text("sts:AssumeRole")),
            entry("Resource", Value::Unknown(role.clone())),
        ]),
    };
    let (statement, problems) = parse_statement(&node, &source, Grammar::Identity);
    assert!(problems.is_empty());
    let resources = statement.resources.unwrap();
    assert_eq!(resources.unknown, None);
    assert_eq!(resources.items[0].scalar.parts.as_slice(), [Part::Unknown(Box::new(role))]);
}

/// The reference cases that AWS takes are taken, and the one that it refuses is refused.
#[test]
fn reference_cases() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/reference/cases.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: {path} is missing");
        return;
    };
    let source = Source::file("cases.json", text);
    let cases = crate::tree::json::parse(&source, Span::new(0, source.text().len())).unwrap();
    for case in cases.as_list().unwrap() {
        let field = |key: &str| case.get(key).and_then(Node::as_text).unwrap_or_default();
        let grammar = match field("kind") {
            "identity" => Grammar::Identity,
            "trust" => Grammar::Trust,
            "scp" => Grammar::ServiceControl,
            "rcp" => Grammar::ResourceControl,
            "resource" => Grammar::Resource,
            kind => panic!("{kind}"),
        };
        let documents = case
            .get("policy")
            .map_or_else(|| case.get("policies").and_then(Node::as_list).unwrap(), std::slice::from_ref);
        let refused = documents.iter().any(|it| parse(it, &source, grammar).is_refused());
        assert_eq!(refused, field("class") == "invalid", "{}", field("id"));
    }
}

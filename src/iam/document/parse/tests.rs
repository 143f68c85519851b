use super::*;
use crate::iam::document::{Comparison, Effect, PrincipalKind};
use crate::source::Span;
use crate::tree::Scalar;

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
fn actions() {
    for (action, problem) in [
        ("*", None),
        ("s3:*", None),
        ("S3:get?bject*", None),
        ("execute-api:Invoke", None),
        ("*:*", Some(("`*:*` has a wildcard in the name of the service, which IAM does not take", "write `*`", false))),
        (
            "s3*:Get*",
            Some((
                "`s3*:Get*` has a wildcard in the name of the service, which IAM does not take",
                "name each service, as in `s3:Get*`, or write `*` alone for every action",
                true,
            )),
        ),
        (
            "GetObject",
            Some((
                "`GetObject` is no action: the service is missing",
                "write the service before the name, as in `s3:GetObject`, or `*` alone for every action",
                true,
            )),
        ),
        ("s3: GetObject", Some(("`s3: GetObject` is no action", NAME, true))),
        ("s3:Get*,s3:Put*", Some(("`s3:Get*,s3:Put*` is no action", NAME, true))),
        ("iam::CreateUser", Some(("`iam::CreateUser` is no action", NAME, true))),
        ("s3:", Some(("`s3:` is no action", NAME, true))),
    ] {
        let text = statement(&format!(r#""Effect": "Allow", "Action": "{action}", "Resource": "*""#));
        let quoted = format!("\"{action}\"");
        let expected: Vec<_> =
            problem.iter().map(|&(message, help, refused)| (message, help, quoted.as_str(), refused)).collect();
        assert_eq!(problems(&document(&text, Grammar::Identity)), expected, "{action}");
    }
}

const NAME: &str = "write one service, a colon and one name, as in `s3:GetObject`; several actions are a list";

#[test]
fn resources() {
    for (resource, message) in [
        ("*", None),
        ("arn:aws:s3:::bucket/*", None),
        ("arn:*:iam::*:user/${aws:username}", None),
        ("arn:aws:s3*", None),
        ("a*", None),
        ("*bucket", None),
        ("?rn:aws:s3:::b", None),
        ("bucket", Some(("`bucket` is no resource: IAM takes an ARN or `*`", true))),
        ("bucket/*", Some(("`bucket/*` is no resource: IAM takes an ARN or `*`", true))),
        ("execute-api:/*", Some(("`execute-api:/*` is no resource: IAM takes an ARN or `*`", true))),
        ("", Some(("`` is no resource: IAM takes an ARN or `*`", true))),
        ("ar", Some(("`ar` is no resource: IAM takes an ARN or `*`", true))),
        (
            "arn:aws:s3::bucket",
            Some(("`arn:aws:s3::bucket` has fewer than the six parts of an ARN, so it matches no resource", false)),
        ),
    ] {
        let text = statement(&format!(r#""Effect": "Allow", "Action": "*", "Resource": "{resource}""#));
        let document = document(&text, Grammar::Identity);
        let found: Vec<_> = document.problems.iter().map(|it| (&*it.message, it.refused)).collect();
        assert_eq!(found, message.into_iter().collect::<Vec<_>>(), "{resource}");
        assert!(document.problems.iter().all(|it| it.place.text() == format!("\"{resource}\"")));
    }
    let text = statement(r#""Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "execute-api:/x""#);
    assert_eq!(problems(&document(&text, Grammar::Resource)), []);
}

#[test]
fn principals() {
    for (principal, grammar, problem) in [
        (r#""*""#, Grammar::Resource, None),
        (r#"{"AWS": "*"}"#, Grammar::Trust, None),
        (r#"{"AWS": ["111122223333", "arn:aws:iam::111122223333:root"]}"#, Grammar::Trust, None),
        (r#"{"AWS": "arn:aws:sts::111122223333:assumed-role/Ops/alice"}"#, Grammar::Trust, None),
        (r#"{"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"}"#, Grammar::Resource, None),
        (r#"{"AWS": "AIDACKCEVSQ6C2EXAMPLE"}"#, Grammar::Trust, None),
        (r#"{"AWS": 111122223333}"#, Grammar::Trust, None),
        (r#"{"Service": ["ec2.amazonaws.com", "ec2.amazonaws.com.cn"]}"#, Grammar::Trust, None),
        (r#"{"Federated": "cognito-identity.amazonaws.com"}"#, Grammar::Trust, None),
        (
            r#""*""#,
            Grammar::Trust,
            Some(("IAM is known to refuse the bare `\"*\"` as the principal of a trust policy", r#""*""#, false)),
        ),
        (
            r#""111122223333""#,
            Grammar::Trust,
            Some((
                "`Principal` is a string: IAM takes a map by kind of principal, or the string `*`",
                r#""111122223333""#,
                true,
            )),
        ),
        ("{}", Grammar::Trust, Some(("an empty map of principals names nobody", "{}", false))),
        (r#"{"AWS": []}"#, Grammar::Trust, Some(("`AWS` is an empty list, which names nobody", "[]", false))),
        (r#"{"Aws": "*"}"#, Grammar::Trust, Some(("`Aws` is no kind of principal", r#""Aws""#, true))),
        (
            r#"{"AWS": "1111"}"#,
            Grammar::Trust,
            Some(("`1111` is no account id: account ids have 12 digits", r#""1111""#, true)),
        ),
        (
            r#"{"AWS": "arn:aws:iam::1111:user/x"}"#,
            Grammar::Trust,
            Some(("`1111` is no account id: account ids have 12 digits", r#""arn:aws:iam::1111:user/x""#, true)),
        ),
        (
            r#"{"AWS": "arn:aws:iam::111122223333:user/*"}"#,
            Grammar::Trust,
            Some((
                "`arn:aws:iam::111122223333:user/*` has a wildcard in part of a principal, which IAM refuses",
                r#""arn:aws:iam::111122223333:user/*""#,
                true,
            )),
        ),
        (
            r#"{"AWS": "arn:aws:iam::111122223333:group/g"}"#,
            Grammar::Trust,
            Some((
                "`arn:aws:iam::111122223333:group/g` is a group, and a group cannot be a principal",
                r#""arn:aws:iam::111122223333:group/g""#,
                true,
            )),
        ),
        (
            r#"{"AWS": "alice"}"#,
            Grammar::Trust,
            Some(("`alice` is no principal of the kind `AWS`", r#""alice""#, true)),
        ),
        (
            r#"{"Service": "ec2"}"#,
            Grammar::Trust,
            Some(("`ec2` does not look like the principal of an AWS service", r#""ec2""#, false)),
        ),
        (
            r#"{"AWS": "111122223333"}"#,
            Grammar::ResourceControl,
            Some(("a resource control policy takes no other principal than `*`", r#"{"AWS": "111122223333"}"#, true)),
        ),
    ] {
        let resource = if grammar == Grammar::Trust { "" } else { r#", "Resource": "*""# };
        let text = statement(&format!(r#""Effect": "Allow", "Principal": {principal}, "Action": "*"{resource}"#));
        let document = document(&text, grammar);
        let found: Vec<_> = document.problems.iter().map(|it| (&*it.message, it.place.text(), it.refused)).collect();
        assert_eq!(found, problem.into_iter().collect::<Vec<_>>(), "{principal}");
    }
}

#[test]
fn trust_policies() {
    for (elements, message, under) in [
        (r#""Effect": "Allow", "Action": "sts:AssumeRole""#, "the statement has no `Principal`", None),
        (
            r#""Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}, "Resource": "*""#,
            "`Resource` has no place in a trust policy: the resource is the role itself",
            Some(r#""Resource""#),
        ),
        (
            r#""Effect": "Deny", "Action": "sts:AssumeRole", "NotPrincipal": {"AWS": "111122223333"}"#,
            "`NotPrincipal` has no place in this kind of policy",
            Some(r#""NotPrincipal""#),
        ),
    ] {
        let document = document(&statement(elements), Grammar::Trust);
        let whole = format!("{{{elements}}}");
        let found: Vec<_> = document.problems.iter().map(|it| (&*it.message, it.place.text(), it.refused)).collect();
        assert_eq!(found, [(message, under.unwrap_or(&whole), true)], "{elements}");
    }
}

#[test]
fn conditions() {
    for (condition, message, help, under, refused) in [
        (
            r#"[]"#,
            "`Condition` is a list: IAM takes a map from operators to keys",
            r#"write `{"Bool": {"aws:MultiFactorAuthPresent": "true"}}`"#,
            "[]",
            true,
        ),
        (
            "{}",
            "an empty `Condition` is no condition: the statement always applies",
            "name an operator and a key, or remove `Condition`",
            "{}",
            false,
        ),
        (
            r#"{"Bool": "true"}"#,
            "`Bool` holds a string: IAM takes a map from keys to values",
            r#"write `{"Bool": {"key": "value"}}`"#,
            r#""true""#,
            true,
        ),
        (
            r#"{"Bool": {}}"#,
            "`Bool` names no key, so it tests nothing",
            "name a key and its values, or remove the operator",
            "{}",
            false,
        ),
        (
            r#"{"bool": {"a:b": "true"}}"#,
            "`bool` is no condition operator: letter case counts",
            "write `Bool`",
            r#""bool""#,
            true,
        ),
        (
            r#"{"StringEqual": {"a:b": "c"}}"#,
            "`StringEqual` is no condition operator",
            "write `StringEquals`",
            r#""StringEqual""#,
            true,
        ),
        (
            r#"{"NullIfExists": {"a:b": "true"}}"#,
            "`NullIfExists` is no condition operator: `Null` asks whether the key exists, so `IfExists` does not go with it",
            "write `Null`",
            r#""NullIfExists""#,
            true,
        ),
        (
            r#"{"Bool": {"a:b": []}}"#,
            "the list of values for `a:b` is empty: AWS does not say what that tests",
            "name at least one value, or remove the test",
            "[]",
            false,
        ),
        (
            r#"{"Bool": {"a:b": null}}"#,
            "`a:b` holds null, where IAM takes only strings",
            "write a string or a list of strings",
            "null",
            true,
        ),
        (
            r#"{"Bool": {"a:b": "true"}, "Bool": {"a:c": "true"}}"#,
            "`Bool` stands more than once here: IAM refuses the policy, and most tools keep only the last one",
            "merge what stands under the two `Bool` into one",
            r#""Bool""#,
            true,
        ),
        (
            r#"{"Bool": {"a:b": "true", "a:B": "false"}}"#,
            "`a:b` and `a:B` are the same key: letter case does not count",
            "write the key once, with all its values in one list",
            r#""a:B""#,
            true,
        ),
    ] {
        let text = statement(&format!(r#"{IDENTITY}, "Condition": {condition}"#));
        assert_problem(&text, Grammar::Identity, (message, help, under, refused));
    }
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

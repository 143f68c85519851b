//! What IAM takes and refuses in each element of a statement.

use super::*;

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

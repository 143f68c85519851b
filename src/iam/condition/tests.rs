use std::collections::BTreeMap;

use super::*;
use crate::iam::document::{Grammar, Statement, parse_statement};
use crate::iam::request::Request;
use crate::source::{Source, Span};
use crate::tree::json;

/// A statement with one test.
fn statement(operator: &str, key: &str, values: &str) -> Statement {
    let text = format!(
        r#"{{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {{"{operator}": {{"{key}": {values}}}}}}}"#
    );
    let source = Source::file("statement", text.clone());
    let node = json::parse(&source, Span::new(0, text.len())).unwrap();
    parse_statement(&node, &source, Grammar::Identity).0
}

/// What a test gives for these values of its key: `None` where it is not proven.
fn gives(operator: &str, key: &str, values: &str, given: Option<&[&str]>) -> Option<bool> {
    in_version(&Version::V2012, operator, key, values, given)
}

fn in_version(version: &Version, operator: &str, key: &str, values: &str, given: Option<&[&str]>) -> Option<bool> {
    let statement = statement(operator, key, values);
    let mut request = Request::new(crate::iam::caller::Signer::Anonymous, "s3:GetObject", "*");
    request.set("aws:username", vec!["alice".to_owned()]);
    let symbols = Symbols::default();
    let context = Context { version, keys: &request, symbols: &symbols };
    let given: Option<Vec<String>> = given.map(|given| given.iter().map(|value| (*value).to_owned()).collect());
    match evaluate(&statement.tests[0], given.as_deref().map(crate::iam::variables::Values::Many), context) {
        Truth::True => Some(true),
        Truth::False => Some(false),
        Truth::Unproven(_) => None,
    }
}

const YES: Option<bool> = Some(true);
const NO: Option<bool> = Some(false);
const OPEN: Option<bool> = None;

/// Operator, values, and what it gives for each of these values of the request.
type Row<'a> = (&'a str, &'a str, &'a [(&'a str, Option<bool>)]);

fn check(key: &str, rows: &[Row<'_>]) {
    for (operator, values, requests) in rows {
        for (given, expected) in *requests {
            assert_eq!(gives(operator, key, values, Some(&[given])), *expected, "{operator} {values} for {given}");
        }
    }
}

#[test]
fn strings() {
    check(
        "aws:PrincipalTag/team",
        &[
            ("StringEquals", r#""ops""#, &[("ops", YES), ("OPS", NO), ("op", NO), ("ops2", NO)]),
            ("StringEquals", r#""o*""#, &[("ops", NO), ("o*", YES)]),
            ("StringEquals", r#"["ops", "dev"]"#, &[("ops", YES), ("dev", YES), ("qa", NO)]),
            ("StringNotEquals", r#"["ops", "dev"]"#, &[("ops", NO), ("dev", NO), ("qa", YES)]),
            ("StringEqualsIgnoreCase", r#""Ops""#, &[("oPS", YES), ("dev", NO)]),
            ("StringNotEqualsIgnoreCase", r#""Ops""#, &[("oPS", NO), ("dev", YES)]),
            ("StringLike", r#""o?s*""#, &[("ops", YES), ("opsteam", YES), ("os", NO), ("OPS", NO)]),
            ("StringNotLike", r#""o?s*""#, &[("ops", NO), ("os", YES)]),
            ("StringLike", r#""${*}""#, &[("*", YES), ("a", NO)]),
            ("StringEquals", "true", &[("true", YES), ("True", NO)]),
            ("StringEquals", "3600", &[("3600", YES), ("3600.0", NO)]),
        ],
    );
}

#[test]
fn numbers() {
    check(
        "s3:max-keys",
        &[
            ("NumericEquals", "10", &[("10", YES), ("10.0", YES), ("9", NO)]),
            ("NumericNotEquals", r#""10""#, &[("10", NO), ("9", YES)]),
            ("NumericNotEquals", "[9, 10]", &[("9", NO), ("10", NO), ("11", YES)]),
            ("NumericLessThan", "10", &[("9", YES), ("10", NO), ("11", NO)]),
            ("NumericLessThanEquals", "10", &[("9", YES), ("10", YES), ("11", NO)]),
            ("NumericGreaterThan", "10", &[("9", NO), ("10", NO), ("11", YES)]),
            ("NumericGreaterThanEquals", "10", &[("9", NO), ("10", YES), ("11", YES)]),
            ("NumericLessThan", "9.5", &[("9.4", YES), ("9.5", NO), ("-100", YES)]),
            // What is no number, on either side, is not documented; nothing is read of it up to its first letter.
            ("NumericEquals", r#""10abc""#, &[("10", OPEN)]),
            ("NumericEquals", "10", &[("10abc", OPEN), ("", OPEN)]),
            ("NumericEquals", r#"["1h", 10]"#, &[("10", YES), ("9", OPEN)]),
            ("NumericEquals", r#""inf""#, &[("1", OPEN)]),
        ],
    );
}

#[test]
fn dates() {
    let noon = "2030-01-31T12:00:00Z";
    check(
        "aws:CurrentTime",
        &[
            ("DateEquals", r#""2030-01-31T12:00:00Z""#, &[(noon, YES), ("2030-01-31T13:00:00+01:00", YES)]),
            ("DateNotEquals", r#""2030-01-31T12:00:00Z""#, &[(noon, NO), ("2030-01-31T12:00:01Z", YES)]),
            ("DateLessThan", r#""2030-01-31T12:00:00Z""#, &[("2030-01-31", YES), (noon, NO)]),
            ("DateLessThanEquals", r#""2030-01-31T12:00:00Z""#, &[(noon, YES), ("2030-02-01", NO)]),
            ("DateGreaterThan", r#""2030-01-31""#, &[(noon, YES), ("2030-01-31T00:00:00Z", NO)]),
            ("DateGreaterThanEquals", r#""2030-01-31""#, &[("2030-01-31T00:00:00Z", YES), ("2030-01-30", NO)]),
            ("DateEquals", "1896091200", &[(noon, YES), ("1896091200", YES), ("1896091201", NO)]),
            ("DateEquals", r#""tomorrow""#, &[(noon, OPEN)]),
        ],
    );
    assert_eq!(date("1970-01-02T00:00:00Z"), Some(86_400.0));
}

#[test]
fn addresses() {
    check(
        "aws:SourceIp",
        &[
            ("IpAddress", r#""203.0.113.0/24""#, &[("203.0.113.255", YES), ("203.0.112.255", NO)]),
            ("IpAddress", r#""203.0.113.7""#, &[("203.0.113.7", YES), ("203.0.113.8", NO)]),
            ("IpAddress", r#""0.0.0.0/0""#, &[("8.8.8.8", YES), ("2001:db8::1", NO)]),
            ("IpAddress", r#""2001:db8::/32""#, &[("2001:db8:ffff::1", YES), ("2001:db9::1", NO), ("8.8.8.8", NO)]),
            ("NotIpAddress", r#"["10.0.0.0/8", "192.168.0.0/16"]"#, &[("10.1.2.3", NO), ("192.169.0.1", YES)]),
            ("IpAddress", r#""203.0.113.0/33""#, &[("203.0.113.0", OPEN)]),
            ("IpAddress", r#""example.com""#, &[("203.0.113.0", OPEN)]),
        ],
    );
}

#[test]
fn arns_are_compared_part_by_part() {
    let user = "arn:aws:iam::111122223333:user/ops/alice";
    for operator in ["ArnEquals", "ArnLike"] {
        check(
            "aws:PrincipalArn",
            &[
                (operator, r#""arn:aws:iam::111122223333:user/ops/alice""#, &[(user, YES)]),
                (operator, r#""arn:aws:iam::*:user/*""#, &[(user, YES), ("arn:aws:iam::1:role/user/x", NO)]),
                (operator, r#""arn:*:user/*""#, &[(user, NO)]),
                (operator, r#""arn:aws:*:*:*:*""#, &[(user, YES), ("arn:aws:s3:::a:b", YES)]),
                (operator, r#""*""#, &[(user, NO), ("no-arn", NO)]),
                (operator, r#""arn:aws:iam::111122223333:user/ops/${aws:username}""#, &[(user, YES)]),
                (operator, r#""arn:aws:iam::111122223333:user/ops/${aws:userid}""#, &[(user, NO)]),
            ],
        );
    }
    check(
        "aws:PrincipalArn",
        &[
            ("ArnNotLike", r#""arn:aws:iam::*:user/*""#, &[(user, NO), ("arn:aws:iam::1:role/x", YES)]),
            ("ArnNotEquals", r#""arn:aws:iam::*:user/*""#, &[(user, NO), ("arn:aws:iam::1:role/x", YES)]),
        ],
    );
}

#[test]
fn booleans_and_bytes() {
    check(
        "aws:SecureTransport",
        &[
            ("Bool", r#""true""#, &[("true", YES), ("TRUE", YES), ("false", NO), ("yes", OPEN)]),
            ("Bool", "false", &[("true", NO), ("False", YES)]),
            ("Bool", r#"["true", "false"]"#, &[("true", YES), ("false", YES)]),
            ("Bool", r#""1""#, &[("true", OPEN)]),
            ("Bool", r#"["1", "true"]"#, &[("true", YES), ("false", OPEN)]),
            ("BinaryEquals", r#""QmluYXJ5""#, &[("QmluYXJ5", YES), ("QmluYXJ6", NO)]),
        ],
    );
}

#[test]
fn a_missing_key_fails_positive_operators_and_meets_the_others() {
    let names = [
        ("String", "Equals", "x"),
        ("String", "Like", "x"),
        ("String", "EqualsIgnoreCase", "x"),
        ("Numeric", "Equals", "1"),
        ("Date", "Equals", "2030-01-31"),
        ("Arn", "Equals", "arn:aws:iam::1:user/x"),
        ("Arn", "Like", "arn:aws:iam::1:user/x"),
    ];
    let absent = |operator: &str, value: &str| gives(operator, "s3:some-key", &format!("{value:?}"), None);
    for (family, comparison, value) in names {
        assert_eq!(absent(&format!("{family}{comparison}"), value), NO, "{family}{comparison}");
        assert_eq!(absent(&format!("{family}Not{comparison}"), value), YES, "{family}Not{comparison}");
        for not in ["", "Not"] {
            let name = format!("{family}{not}{comparison}");
            assert_eq!(absent(&format!("{name}IfExists"), value), YES, "{name}IfExists");
            assert_eq!(absent(&format!("ForAllValues:{name}"), value), YES, "ForAllValues:{name}");
            assert_eq!(absent(&format!("ForAllValues:{name}IfExists"), value), YES, "ForAllValues:{name}IfExists");
            assert_eq!(absent(&format!("ForAnyValue:{name}"), value), NO, "ForAnyValue:{name}");
            assert_eq!(absent(&format!("ForAnyValue:{name}IfExists"), value), OPEN, "ForAnyValue:{name}IfExists");
        }
    }
    for operator in
        ["NumericLessThan", "NumericGreaterThanEquals", "DateGreaterThan", "Bool", "BinaryEquals", "IpAddress"]
    {
        assert_eq!(absent(operator, "1"), NO, "{operator}");
        assert_eq!(absent(&format!("{operator}IfExists"), "1"), YES, "{operator}IfExists");
    }
    assert_eq!(absent("NotIpAddress", "10.0.0.0/8"), YES);
    // A key without values is no key.
    assert_eq!(gives("StringEquals", "aws:TagKeys", r#""a""#, Some(&[])), NO);
    assert_eq!(gives("ForAllValues:StringEquals", "aws:TagKeys", r#""a""#, Some(&[])), YES);
    assert_eq!(gives("StringEqualsIfExists", "aws:TagKeys", r#""a""#, Some(&[])), YES);
    assert_eq!(gives("Null", "aws:TagKeys", r#""true""#, Some(&[])), YES);
}

#[test]
fn null_asks_whether_the_key_is_there() {
    for (operator, values, absent, present) in [
        ("Null", r#""true""#, YES, NO),
        ("Null", r#""false""#, NO, YES),
        ("Null", "true", YES, NO),
        ("Null", r#""TRUE""#, YES, NO),
        ("Null", r#"["true", "false"]"#, YES, YES),
        ("Null", r#""maybe""#, OPEN, OPEN),
        ("Null", "[]", OPEN, OPEN),
        ("ForAllValues:Null", r#""true""#, YES, YES),
        ("ForAnyValue:Null", r#""true""#, NO, NO),
    ] {
        assert_eq!(gives(operator, "aws:TokenIssueTime", values, None), absent, "{operator} {values}, absent");
        assert_eq!(gives(operator, "aws:TokenIssueTime", values, Some(&["x"])), present, "{operator} {values}, there");
    }
}

#[test]
fn an_empty_list_of_values_is_open_for_plain_operators_alone() {
    for (operator, absent, present) in [
        ("StringEquals", OPEN, OPEN),
        ("StringNotEquals", OPEN, OPEN),
        ("StringEqualsIfExists", YES, NO),
        ("StringNotEqualsIfExists", YES, NO),
        ("ForAllValues:StringEquals", YES, NO),
        ("ForAllValues:StringNotEquals", YES, NO),
        ("ForAnyValue:StringEquals", NO, NO),
        ("ForAnyValue:StringNotEquals", NO, NO),
    ] {
        assert_eq!(gives(operator, "aws:TagKeys", "[]", None), absent, "{operator}, absent");
        assert_eq!(gives(operator, "aws:TagKeys", "[]", Some(&["a"])), present, "{operator}, there");
    }
}

#[test]
fn keys_with_several_values() {
    for (operator, rows) in [
        ("ForAllValues:StringEquals", [("a", YES), ("a,b", YES), ("a,c", NO), ("c", NO)]),
        ("ForAnyValue:StringEquals", [("a", YES), ("a,b", YES), ("a,c", YES), ("c", NO)]),
        ("ForAllValues:StringNotEquals", [("a", NO), ("a,b", NO), ("a,c", NO), ("c", YES)]),
        ("ForAnyValue:StringNotEquals", [("a", NO), ("a,b", NO), ("a,c", YES), ("c", YES)]),
        ("StringEquals", [("a", YES), ("a,b", YES), ("a,c", YES), ("c", NO)]),
        ("StringNotEquals", [("a", NO), ("a,b", NO), ("a,c", NO), ("c", YES)]),
    ] {
        for (given, expected) in rows {
            let given: Vec<&str> = given.split(',').collect();
            let got = gives(operator, "aws:TagKeys", r#"["a", "b"]"#, Some(&given));
            assert_eq!(got, expected, "{operator} for {given:?}");
        }
    }
}

#[test]
fn variables_are_for_strings_and_arns_in_version_2012() {
    let tag = "aws:PrincipalTag/owner";
    let name = r#""${aws:username}""#;
    assert_eq!(gives("StringEquals", tag, name, Some(&["alice"])), YES);
    assert_eq!(gives("StringEquals", tag, name, Some(&["${aws:username}"])), NO);
    assert_eq!(in_version(&Version::V2008, "StringEquals", tag, name, Some(&["alice"])), NO);
    assert_eq!(in_version(&Version::V2008, "StringEquals", tag, name, Some(&["${aws:username}"])), YES);
    // Without a value, nothing is the same as it.
    assert_eq!(gives("StringEquals", tag, r#""${aws:userid}""#, Some(&["alice"])), NO);
    assert_eq!(gives("StringNotEquals", tag, r#""${aws:userid}""#, Some(&["alice"])), YES);
    // In a value of another type the variables page and the operators page of AWS disagree.
    assert_eq!(gives("Bool", "aws:SecureTransport", r#""${aws:username}""#, Some(&["true"])), OPEN);
    assert_eq!(gives("NumericEquals", "s3:max-keys", r#""${s3:x}""#, Some(&["1"])), OPEN);
    assert_eq!(gives("BinaryEquals", "s3:x", r#""${s3:y}""#, Some(&["QQ=="])), OPEN);
    assert_eq!(in_version(&Version::V2008, "BinaryEquals", "s3:x", r#""${s3:y}""#, Some(&["QQ=="])), NO);
}

#[test]
fn the_keys_about_mfa_have_a_type() {
    for (operator, key, values, expected) in [
        ("Bool", "aws:MultiFactorAuthPresent", r#""true""#, YES),
        ("StringEquals", "AWS:multifactorauthpresent", r#""true""#, YES),
        ("NumericEquals", "aws:MultiFactorAuthPresent", "1", OPEN),
        ("NumericNotEquals", "aws:multifactorauthpresent", "1", OPEN),
        ("ArnLike", "aws:MultiFactorAuthPresent", r#""*""#, OPEN),
        ("Bool", "aws:MultiFactorAuthAge", r#""true""#, OPEN),
        ("DateLessThan", "aws:MultiFactorAuthAge", "3600", OPEN),
        ("NumericLessThan", "aws:MultiFactorAuthAge", "3600", OPEN),
        ("StringLike", "aws:MultiFactorAuthAge", r#""*""#, YES),
    ] {
        assert_eq!(gives(operator, key, values, Some(&["true"])), expected, "{operator} on {key}");
    }
    assert_eq!(gives("NumericLessThan", "aws:MultiFactorAuthAge", "3600", Some(&["300"])), YES);
}

/// The choices for a key, each as its values joined by commas; `-` is to leave it out.
fn choices_of(key: &str, tests: &[(&str, &str)]) -> Vec<String> {
    let statements: Vec<Statement> = tests.iter().map(|(operator, values)| statement(operator, key, values)).collect();
    let symbols = Symbols::default();
    let request = Request::new(crate::iam::caller::Signer::Anonymous, "s3:GetObject", "*");
    let context = Context { version: &Version::V2012, keys: &request, symbols: &symbols };
    let tests: Vec<(&Test, Context<'_>)> =
        statements.iter().flat_map(|statement| &statement.tests).map(|test| (test, context)).collect();
    let (choices, complete) =
        values::choices(&tests, &crate::iam::pattern::Universe::Texts, &crate::iam::budget::Budget::default());
    assert!(complete);
    choices.iter().map(|choice| choice.as_ref().map_or_else(|| "-".to_owned(), |values| values.join(","))).collect()
}

/// Every combination of answers that some value of the key gives is given by one of the choices.
#[test]
fn choices_tell_the_tests_on_a_key_apart() {
    let samples: BTreeMap<&str, &[&str]> = BTreeMap::from([
        (
            "aws:SourceIp",
            &[
                "10.1.2.3",
                "10.0.0.1",
                "10.2.2.3",
                "10.3.0.1",
                "203.0.113.9",
                "2001:db8::1",
                "2001:db8:1::1",
                "2001:db9::1",
            ][..],
        ),
        (
            "aws:CurrentTime",
            &["2029-01-01", "2030-01-31T00:00:00Z", "2030-01-31T06:00:00Z", "2030-05-01", "2031-01-31", "2032-01-01"],
        ),
        ("s3:max-keys", &["0", "10", "10.2", "11", "100", "101", "9.5"]),
        ("aws:PrincipalTag/team", &["ops", "OPS", "oPS", "opS", "dev", "develop", "d", "x", "true"]),
        ("aws:SecureTransport", &["true", "false"]),
        ("s3:prefix", &["", "home/", "home/alice", "tmp"]),
    ]);
    let tests: [(&str, &[(&str, &str)]); 14] = [
        ("aws:SourceIp", &[("IpAddress", r#""10.0.0.0/8""#), ("NotIpAddress", r#"["10.1.0.0/16", "2001:db8::/32"]"#)]),
        ("aws:SourceIp", &[("IpAddress", r#""10.0.0.0/8""#), ("IpAddress", r#""10.0.0.0/15""#)]),
        ("aws:SourceIp", &[("IpAddress", r#""10.0.0.9/14""#), ("IpAddress", r#"["10.0.0.0/15", "10.3.0.0/16"]"#)]),
        ("aws:SourceIp", &[("IpAddress", r#""2001:db8::/32""#), ("NotIpAddress", r#""2001:db8::/48""#)]),
        ("aws:CurrentTime", &[("DateLessThan", r#""2030-01-31""#), ("DateGreaterThan", r#""2031-01-30""#)]),
        ("aws:CurrentTime", &[("DateGreaterThan", r#""2030-01-31""#), ("DateLessThan", r#""2030-01-31T12:00:00Z""#)]),
        ("s3:max-keys", &[("NumericLessThanEquals", "10"), ("NumericNotEquals", "100")]),
        ("s3:max-keys", &[("NumericLessThanEquals", "10"), ("NumericLessThan", "10.4")]),
        (
            "aws:PrincipalTag/team",
            &[("StringEquals", r#""ops""#), ("StringLike", r#""d*""#), ("StringLike", r#""*p*""#)],
        ),
        ("aws:PrincipalTag/team", &[("StringEqualsIgnoreCase", r#""OPS""#), ("StringNotEquals", r#""ops""#)]),
        (
            "aws:PrincipalTag/team",
            &[("StringEqualsIgnoreCase", r#""Ops""#), ("StringEquals", r#"["ops", "OPS", "Ops"]"#)],
        ),
        ("aws:SecureTransport", &[("Bool", r#""true""#)]),
        ("s3:prefix", &[("StringEquals", r#"["", "home/"]"#), ("StringLike", r#""home/*""#)]),
        ("s3:prefix", &[("StringLike", r#""*""#), ("StringNotLike", r#""?*""#)]),
    ];
    for (key, tests) in tests {
        let answers = |given: &str| -> Vec<Option<bool>> {
            let given = [given];
            let given: Option<&[&str]> = (given[0] != "-").then_some(&given);
            tests.iter().map(|(operator, values)| gives(operator, key, values, given)).collect()
        };
        let chosen: Vec<_> = choices_of(key, tests).iter().map(|choice| answers(choice)).collect();
        for sample in samples[key].iter().chain(&["-"]) {
            assert!(chosen.contains(&answers(sample)), "no choice for {key} does what {sample} does");
        }
    }
}

#[test]
fn two_values_are_tried_where_a_set_operator_asks() {
    let choices = choices_of("aws:TagKeys", &[("ForAllValues:StringEquals", r#"["a", "b"]"#)]);
    assert!(choices.contains(&"-".to_owned()) && choices.contains(&"a".to_owned()));
    assert!(choices.iter().any(|choice| choice.contains(',')), "{choices:?}");
}

#[test]
fn several_values_are_tried_where_several_tests_ask() {
    let tests = [
        ("ForAnyValue:StringEquals", r#""a""#),
        ("ForAnyValue:StringEquals", r#""b""#),
        ("ForAllValues:StringEquals", r#"["a", "b"]"#),
    ];
    let choices = choices_of("aws:TagKeys", &tests);
    let meets = |choice: &&String| {
        let values: Vec<&str> = choice.split(',').collect();
        values.contains(&"a") && values.contains(&"b") && values.len() > 2
    };
    assert!(choices.iter().any(|choice| meets(&choice)), "{choices:?}");
    assert!(choices.contains(&"a,b".to_owned()), "{choices:?}");
}

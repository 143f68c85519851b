//! Random policies over a small vocabulary in which statements often meet, and the values that tell its tests apart.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use super::Policies;

/// A test of a condition: operator, key, values.
pub(crate) type Test = (String, String, Value);

/// A context key beside those about MFA.
pub(crate) struct Foreign {
    pub(crate) key: &'static str,
    pub(crate) operators: &'static [&'static str],
    /// Values in policies, as JSON.
    pub(crate) values: &'static [&'static str],
    /// Values in requests that tell these apart, several of one request separated by commas; `-` leaves the key out.
    pub(crate) requests: &'static [&'static str],
}

const STRINGS: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "StringEqualsIfExists",
    "StringNotEqualsIfExists",
    "ForAnyValue:StringEquals",
    "ForAllValues:StringNotLike",
    "Null",
];

/// Keys that the caller chooses.
pub(crate) const FREE: &[Foreign] = &[
    Foreign {
        key: "aws:SourceIp",
        operators: &["IpAddress", "NotIpAddress", "IpAddressIfExists", "NotIpAddressIfExists", "Null"],
        values: &["\"203.0.113.0/24\"", "[\"10.0.0.0/8\", \"203.0.113.7/32\"]", "\"0.0.0.0/0\""],
        requests: &["-", "203.0.113.7", "203.0.113.9", "10.9.8.7", "8.8.8.8"],
    },
    Foreign {
        key: "aws:PrincipalTag/team",
        operators: STRINGS,
        values: &["\"ops\"", "[\"ops\", \"Dev\"]", "\"dev*\"", "\"${aws:username}\"", "\"true\""],
        requests: &["-", "ops", "OPS", "Dev", "dev", "develop", "dev*", "alice", "bob", "carol", "true", "other"],
    },
    Foreign {
        key: "aws:CurrentTime",
        operators: &["DateLessThan", "DateGreaterThan", "DateEquals", "DateNotEquals", "DateGreaterThanEqualsIfExists"],
        values: &["\"2030-01-31T00:00:00Z\"", "[\"2030-01-31T00:00:00Z\", \"2031-01-31T00:00:00Z\"]"],
        requests: &["2029-06-01T00:00:00Z", "2030-01-31T00:00:00Z", "2030-07-01T00:00:00Z", "2031-01-31T00:00:00Z"],
    },
    Foreign {
        key: "aws:SecureTransport",
        operators: &["Bool", "BoolIfExists", "StringEquals", "ForAnyValue:Bool"],
        values: &["\"true\"", "false", "[\"true\", \"false\"]"],
        requests: &["true", "false"],
    },
    Foreign {
        key: "aws:TagKeys",
        operators: &[
            "ForAllValues:StringEquals",
            "ForAnyValue:StringEquals",
            "ForAllValues:StringNotEquals",
            "ForAnyValue:StringNotEquals",
            "StringEquals",
        ],
        values: &["[\"a\", \"b\"]", "\"a\""],
        requests: &["-", "a", "b", "c", "a,b", "a,c", "b,c"],
    },
    Foreign {
        key: "s3:max-keys",
        operators: &["NumericLessThanEquals", "NumericGreaterThanIfExists", "NumericNotEquals", "NumericEquals"],
        values: &["100", "\"10\"", "[10, 100]"],
        requests: &["-", "9", "10", "11", "99", "100", "101"],
    },
];

/// Keys that follow from who calls and how.
const FIXED: &[Foreign] = &[
    Foreign {
        key: "aws:username",
        operators: STRINGS,
        values: &["\"bob\"", "\"a*\"", "[\"alice\", \"carol\"]"],
        requests: &[],
    },
    Foreign {
        key: "aws:PrincipalArn",
        operators: &["ArnLike", "ArnNotLike", "ArnEquals", "StringLike", "StringNotLike", "ArnNotLikeIfExists"],
        values: &[
            "\"arn:aws:iam::*:user/*\"",
            "\"arn:aws:iam::111122223333:user/bob\"",
            "\"arn:aws:iam::*:user/ops/*\"",
            "\"arn:aws:iam::*:role/*\"",
        ],
        requests: &[],
    },
    Foreign {
        key: "aws:ViaAWSService",
        operators: &["Bool", "BoolIfExists", "StringEquals"],
        values: &["\"true\"", "\"false\""],
        requests: &[],
    },
    Foreign {
        key: "AWS:principaltype",
        operators: &["StringEquals", "StringNotEquals"],
        values: &["\"User\"", "\"AssumedRole\""],
        requests: &[],
    },
];

const ON_PRESENT: &[&str] = &[
    "Bool",
    "BoolIfExists",
    "BoolIfExists",
    "Null",
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringEqualsIfExists",
    "StringNotEqualsIfExists",
    "ForAllValues:Bool",
    "ForAnyValue:Bool",
    "ForAllValues:BoolIfExists",
    "ForAnyValue:StringNotEquals",
    "ForAllValues:Null",
    "ForAnyValue:Null",
];
const PRESENT_VALUES: &[&str] = &["\"true\"", "\"false\"", "true", "false", "[\"true\", \"false\"]", "\"True\""];
const NUMBERS: &[&str] = &["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"];
const AGES: &[&str] = &["\"3600\"", "3600", "\"0\"", "129600", "200000", "86400.5", "[\"300\", 3600]"];

/// Operators on the keys about MFA of which AWS's documents leave some case open.
const OPEN: &[(&str, &str, &str)] = &[
    ("ForAnyValue:BoolIfExists", "aws:MultiFactorAuthPresent", "\"false\""),
    ("Bool", "aws:MultiFactorAuthPresent", "\"yes\""),
    ("Bool", "aws:MultiFactorAuthPresent", "[]"),
    ("NumericNotEquals", "aws:MultiFactorAuthPresent", "\"1\""),
    ("Bool", "aws:MultiFactorAuthAge", "\"true\""),
    ("NumericLessThan", "aws:MultiFactorAuthAge", "\"1h\""),
    ("Null", "aws:MultiFactorAuthAge", "\"no\""),
];

/// The ages in requests that tell the values of policies apart.
pub(crate) const REQUEST_AGES: &[&str] =
    &["0", "1", "299", "300", "301", "3599", "3600", "3601", "86400", "86401", "129599", "129600"];

/// A test on one of the two keys about MFA.
pub(crate) fn mfa_test() -> impl Strategy<Value = Test> {
    let key = |name: &'static str| select(vec![name.to_owned(), name.to_lowercase()]);
    let present = (select(ON_PRESENT), key("aws:MultiFactorAuthPresent"), select(PRESENT_VALUES));
    let present = present.prop_map(|(operator, key, value)| (operator.to_owned(), key, parsed(value)));
    let sets = select(vec!["", "", "", "", "ForAllValues:", "ForAnyValue:"]);
    let age = (sets, select(NUMBERS), select(vec!["", "IfExists"]), key("aws:MultiFactorAuthAge"), select(AGES));
    let age = age.prop_map(|(set, comparison, suffix, key, value)| {
        // Where the two come together, a missing key is not documented.
        let suffix = if set == "ForAnyValue:" { "" } else { suffix };
        (format!("{set}Numeric{comparison}{suffix}"), key, parsed(value))
    });
    let null = select(vec!["true", "false"])
        .prop_map(|value| ("Null".to_owned(), "aws:MultiFactorAuthAge".to_owned(), parsed(value)));
    let open = select(OPEN).prop_map(|(operator, key, value)| (operator.to_owned(), key.to_owned(), parsed(value)));
    prop_oneof![8 => present, 4 => age, 2 => null, 1 => open]
}

/// A test on one of these keys.
pub(crate) fn foreign_test(keys: &'static [Foreign]) -> impl Strategy<Value = Test> {
    (0..keys.len()).prop_flat_map(move |index| {
        let Foreign { key, operators, values, .. } = &keys[index];
        (select(*operators), select(*values)).prop_map(move |(operator, value)| {
            let value = if operator == "Null" { json!("true") } else { parsed(value) };
            (operator.to_owned(), (*key).to_owned(), value)
        })
    })
}

fn parsed(value: &str) -> Value {
    serde_json::from_str(value).unwrap()
}

/// The conditions of one statement; `foreign` says which further keys it may test.
pub(crate) fn tests(foreign: impl Strategy<Value = Test>) -> impl Strategy<Value = Vec<Test>> {
    let mfa =
        prop_oneof![2 => proptest::collection::vec(mfa_test(), 0..=1), 1 => proptest::collection::vec(mfa_test(), 2)];
    let foreign = prop_oneof![3 => Just(None), 1 => foreign.prop_map(Some)];
    (mfa, foreign).prop_map(|(mut tests, more)| {
        tests.extend(more);
        tests
    })
}

/// Tests as they stand in a document; of two with the same operator and key the later one counts.
pub(crate) fn condition(tests: &[Test]) -> Option<Value> {
    let mut operators = Map::new();
    for (operator, key, value) in tests {
        let keys = operators.entry(operator.clone()).or_insert_with(|| json!({})).as_object_mut().unwrap();
        keys.retain(|known, _| !known.eq_ignore_ascii_case(key));
        keys.insert(key.clone(), value.clone());
    }
    (!operators.is_empty()).then_some(Value::Object(operators))
}

/// A foreign test of an identity policy.
pub(crate) fn identity_foreign() -> impl Strategy<Value = Test> {
    prop_oneof![3 => foreign_test(FREE), 2 => foreign_test(FIXED)]
}

const ACTIONS: &[&str] = &[
    "*",
    "iam:*",
    "iam:*MFADevice",
    "iam:*MFADevice*",
    "iam:List*",
    "iam:Get*",
    "iam:?reateAccessKey",
    "iam:*LoginProfile",
    "sts:*",
    "sts:AssumeRole",
    "s3:*",
    "s3:Get*",
    "S3:putobject",
    "ec2:*",
    "iam:CreateVirtualMFADevice",
    "iam:DeleteVirtualMFADevice",
    "iam:EnableMFADevice",
    "iam:DeactivateMFADevice",
    "iam:ResyncMFADevice",
    "iam:ListMFADevices",
    "iam:GetUser",
    "iam:ChangePassword",
    "iam:ListVirtualMFADevices",
    "sts:GetSessionToken",
];

const RESOURCES: &[&str] = &[
    "*",
    "*",
    "arn:aws:iam::*:user/${aws:username}",
    "arn:aws:iam::*:user/*${aws:username}",
    "arn:aws:iam::*:user/*/${aws:username}",
    "arn:aws:iam::111122223333:user/*",
    "arn:aws:iam::*:mfa/*",
    "arn:aws:iam::*:mfa/${aws:username}",
    "arn:aws:iam::*:role/*",
    "arn:aws:s3:::bucket/*",
    "arn:aws:s3:::*",
    "arn:aws:s3:::${aws:username}/*",
    "arn:aws:ec2:*:111122223333:instance/*",
];

/// A statement of an identity policy.
fn statement() -> impl Strategy<Value = Value> {
    let patterns = |names: &'static [&'static str], most| proptest::collection::vec(select(names), 1..=most);
    (
        prop_oneof![3 => Just("Allow"), 2 => Just("Deny")],
        prop_oneof![4 => Just("Action"), 1 => Just("NotAction")],
        patterns(ACTIONS, 4),
        prop_oneof![5 => Just("Resource"), 1 => Just("NotResource")],
        patterns(RESOURCES, 2),
        tests(identity_foreign()),
    )
        .prop_map(|(effect, actions, names, resources, arns, tests)| {
            let mut statement = json!({"Effect": effect, actions: names, resources: arns});
            if let Some(condition) = condition(&tests) {
                statement["Condition"] = condition;
            }
            statement
        })
}

/// A Deny of everything but some calls, as people write it against callers without MFA.
fn guard() -> impl Strategy<Value = Value> {
    let exempt = proptest::collection::vec(select(&ACTIONS[14..]), 1..=8);
    (exempt, tests(identity_foreign())).prop_map(|(exempt, tests)| {
        let mut statement = json!({"Effect": "Deny", "NotAction": exempt, "Resource": "*"});
        let usual = vec![("BoolIfExists".to_owned(), "aws:MultiFactorAuthPresent".to_owned(), json!("false"))];
        statement["Condition"] = condition(&tests).unwrap_or_else(|| condition(&usual).unwrap());
        statement
    })
}

/// Self-management as it is usually granted.
fn self_management() -> impl Strategy<Value = Value> {
    let actions = proptest::collection::vec(select(&ACTIONS[14..]), 1..=8);
    let resources = proptest::collection::vec(select(&RESOURCES[1..8]), 1..=2);
    (actions, resources)
        .prop_map(|(actions, resources)| json!({"Effect": "Allow", "Action": actions, "Resource": resources}))
}

/// A policy document.
fn document() -> impl Strategy<Value = Value> {
    let statement = prop_oneof![3 => statement(), 2 => guard(), 1 => self_management()];
    let version = prop_oneof![6 => Just(Some("2012-10-17")), 1 => Just(Some("2008-10-17")), 1 => Just(None)];
    (version, proptest::collection::vec(statement, 1..=3)).prop_map(|(version, statements)| match version {
        Some(version) => json!({"Version": version, "Statement": statements}),
        None => json!({"Statement": statements}),
    })
}

/// The policies of one group.
pub(crate) fn identity_policies() -> impl Strategy<Value = Policies> {
    let policies = proptest::collection::vec(document(), 1..=4).prop_filter("two foreign keys", |policies| {
        let text = Value::Array(policies.clone()).to_string();
        FREE.iter().filter(|foreign| text.contains(foreign.key)).count() <= 2
    });
    policies.prop_map(Policies)
}

//! Random trust policies, and every caller of a dense grid against them.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::grid::{choices, times};
use super::policies::{Foreign, REQUEST_AGES, Test, condition, foreign_test, tests};
use super::{Answer, Call, Policies, Who, decide};

type Keys = BTreeMap<String, Vec<String>>;

/// An account that no policy names.
const STRANGER: &str = "999999999999";

const PRINCIPALS: &[(&str, &str)] = &[
    ("AWS", "*"),
    ("AWS", "111122223333"),
    ("AWS", "arn:aws:iam::111122223333:root"),
    ("AWS", "arn:aws:iam::444455556666:root"),
    ("AWS", "arn:aws:iam::111122223333:user/bob"),
    ("AWS", "arn:aws:iam::111122223333:role/deployer"),
    ("AWS", "arn:aws:iam::444455556666:role/ops/auditor"),
    ("Service", "lambda.amazonaws.com"),
    ("Service", "ec2.amazonaws.com"),
    ("Federated", SAML),
    ("Federated", OIDC),
];
const SAML: &str = "arn:aws:iam::111122223333:saml-provider/Okta";
const OIDC: &str = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";

/// Keys that callers choose; who can have which is for [`has`] to say.
const FREE: &[Foreign] = &[
    Foreign {
        key: "sts:ExternalId",
        operators: &["StringEquals", "StringEqualsIfExists", "StringNotEquals", "StringLike", "Null"],
        values: &["\"vendor-7\"", "[\"vendor-7\", \"vendor-8\"]"],
        requests: &["-", "vendor-7", "vendor-8", "other"],
    },
    Foreign {
        key: "aws:PrincipalTag/team",
        operators: &["StringEquals", "StringNotEquals", "StringLikeIfExists", "ForAllValues:StringEquals"],
        values: &["\"ops\"", "[\"ops\", \"d*\"]"],
        requests: &["-", "ops", "d*", "dev", "other"],
    },
    Foreign {
        key: "aws:SourceAccount",
        operators: &["StringEquals", "StringEqualsIfExists", "StringNotEquals"],
        values: &["\"111122223333\""],
        requests: &["-", "111122223333", "444455556666"],
    },
    Foreign {
        key: "SAML:aud",
        operators: &["StringEquals", "StringNotEquals"],
        values: &["\"https://signin.aws.amazon.com/saml\""],
        requests: &["-", "https://signin.aws.amazon.com/saml", "other"],
    },
    Foreign {
        key: "token.actions.githubusercontent.com:sub",
        operators: &["StringLike", "StringEquals"],
        values: &["\"repo:acme/*\""],
        requests: &["-", "repo:acme/app", "repo:acme/*", "other"],
    },
];
/// Keys that follow from who calls.
const FIXED: &[Foreign] = &[
    Foreign {
        key: "aws:PrincipalArn",
        operators: &["ArnLike", "ArnNotLike", "StringLike", "ArnEqualsIfExists", "StringNotEquals"],
        values: &[
            "\"arn:aws:iam::*:user/*\"",
            "\"arn:aws:iam::*:role/*\"",
            "\"arn:aws:iam::111122223333:role/deployer\"",
            "\"arn:aws:iam::111122223333:user/bob\"",
        ],
        requests: &[],
    },
    Foreign {
        key: "aws:PrincipalType",
        operators: &["StringEquals", "StringNotEquals", "StringEqualsIfExists"],
        values: &["\"User\"", "\"AssumedRole\""],
        requests: &[],
    },
    Foreign {
        key: "aws:PrincipalIsAWSService",
        operators: &["Bool", "BoolIfExists"],
        values: &["\"true\"", "\"false\""],
        requests: &[],
    },
];

/// A trust policy.
pub(crate) fn trust_policy() -> impl Strategy<Value = Policies> {
    let principal = prop_oneof![
        1 => Just(json!("*")),
        9 => proptest::collection::vec(select(PRINCIPALS), 1..=3).prop_map(principals),
    ];
    let action = prop_oneof![
        5 => Just(json!("sts:AssumeRole")),
        2 => Just(json!(["sts:AssumeRole", "sts:TagSession"])),
        2 => Just(json!(["sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"])),
        2 => Just(json!("sts:*")),
        1 => Just(json!("sts:assumerole*")),
        1 => Just(json!("sts:TagSession")),
    ];
    let effect = prop_oneof![4 => Just("Allow"), 1 => Just("Deny")];
    let foreign = || prop_oneof![2 => foreign_test(FREE), 1 => foreign_test(FIXED)];
    let statement = (effect, principal, action, tests(foreign())).prop_map(statement);
    proptest::collection::vec(statement, 1..=3)
        .prop_map(|statements| Policies(vec![json!({"Version": "2012-10-17", "Statement": statements})]))
}

fn principals(names: Vec<(&str, &str)>) -> Value {
    let mut kinds: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (kind, name) in names {
        kinds.entry(kind).or_default().insert(name);
    }
    json!(kinds)
}

fn statement((effect, principal, action, tests): (&str, Value, Value, Vec<Test>)) -> Value {
    let mut statement = json!({"Effect": effect, "Principal": principal, "Action": action});
    if let Some(condition) = condition(&tests) {
        statement["Condition"] = condition;
    }
    statement
}

/// What the grid shows of a trust policy.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// A person who gets in without MFA.
    pub(crate) open: Option<Call>,
    /// A person of whom the documents do not say whether he does.
    pub(crate) doubtful: Option<Call>,
    /// A person who gets in after MFA.
    pub(crate) admitted: Option<Call>,
    /// Services, providers and roles that the policy names and that only MFA would let in.
    pub(crate) locked_out: BTreeSet<String>,
}

/// Every caller whom the policy tells apart.
pub(crate) fn survey(policy: &Value) -> Survey {
    let mut survey = Survey::default();
    for account in ["111122223333", "444455556666", STRANGER] {
        for name in ["alice", "bob"] {
            person(policy, Who::User(format!("arn:aws:iam::{account}:user/{name}")), &mut survey);
        }
    }
    let locked_out = machines(policy).into_iter().filter(|who| is_locked_out(policy, who));
    survey.locked_out = locked_out.map(|who| who.principal().to_owned()).collect();
    survey
}

/// The services, providers and roles that some statement names as a principal, rather than in a condition.
pub(crate) fn machines(policy: &Value) -> Vec<Who> {
    let statements = policy["Statement"].as_array().unwrap();
    let named = |name: &str| {
        statements.iter().any(|statement| statement["Principal"].to_string().contains(&format!("\"{name}\"")))
    };
    let named = PRINCIPALS.iter().filter(|(_, name)| named(name));
    named
        .filter_map(|(kind, name)| match *kind {
            "Service" => Some(Who::Service((*name).to_owned())),
            "Federated" => Some(Who::Federated((*name).to_owned())),
            _ => name.contains(":role/").then(|| Who::Role((*name).to_owned())),
        })
        .collect()
}

fn person(policy: &Value, who: Who, survey: &mut Survey) {
    for (state, keys) in contexts(policy, &who) {
        let call = Call { who: who.clone(), action: "sts:AssumeRole".to_owned(), resource: "*".to_owned(), keys };
        let place = match (state, decide(std::slice::from_ref(policy), &call)) {
            ("true", "allow") => &mut survey.admitted,
            ("true", _) => continue,
            (_, "allow") => &mut survey.open,
            (_, "unproven") if allows(policy, &call) != Some(false) => &mut survey.doubtful,
            _ => continue,
        };
        place.get_or_insert(call);
    }
}

/// Whether a call gets through: a doubtful Deny of what nothing allows does not count.
fn allows(policy: &Value, call: &Call) -> Answer {
    let without_denials: Vec<&Value> =
        policy["Statement"].as_array().unwrap().iter().filter(|statement| statement["Effect"] == "Allow").collect();
    let allowed = decide(&[json!({"Version": "2012-10-17", "Statement": without_denials})], call);
    match (decide(std::slice::from_ref(policy), call), allowed) {
        ("allow", _) => Some(true),
        ("unproven", "allow" | "unproven") => None,
        _ => Some(false),
    }
}

/// Whether a caller who cannot have MFA gets through if he had it, or a session without it, and not otherwise.
fn is_locked_out(policy: &Value, who: &Who) -> bool {
    let action = match who {
        Who::Federated(provider) if provider == SAML => "sts:AssumeRoleWithSAML",
        Who::Federated(_) => "sts:AssumeRoleWithWebIdentity",
        _ => "sts:AssumeRole",
    };
    let mut answers: BTreeMap<&str, Vec<Answer>> = BTreeMap::new();
    for (state, keys) in contexts(policy, who) {
        let call = Call { who: who.clone(), action: action.to_owned(), resource: "*".to_owned(), keys };
        answers.entry(state).or_default().push(allows(policy, &call));
    }
    let refused = |state| answers[state].iter().all(|answer| *answer == Some(false));
    let allowed = |state| answers[state].contains(&Some(true));
    let own = refused("absent") && (!matches!(who, Who::Role(_)) || refused("false"));
    own && (allowed("true") || allowed("false"))
}

/// The states of MFA with every choice of the keys that the caller can have.
fn contexts(policy: &Value, who: &Who) -> Vec<(&'static str, Keys)> {
    let text = policy.to_string();
    let mut free = vec![who.keys()];
    for foreign in FREE.iter().filter(|foreign| text.contains(foreign.key) && has(who, foreign.key)) {
        free = times(free, foreign.key, &choices(foreign));
    }
    let mut contexts = Vec::new();
    for keys in free {
        contexts.push(("absent", keys.clone()));
        let set = |age: Option<&&str>| {
            let mut keys = keys.clone();
            let present = if age.is_some() { "true" } else { "false" };
            keys.insert("aws:multifactorauthpresent".to_owned(), vec![present.to_owned()]);
            keys.extend(age.map(|age| ("aws:multifactorauthage".to_owned(), vec![(*age).to_owned()])));
            keys
        };
        contexts.push(("false", set(None)));
        contexts.extend(REQUEST_AGES.iter().map(|age| ("true", set(Some(age)))));
    }
    contexts
}

/// Whether a request of this caller can have the key.
fn has(who: &Who, key: &str) -> bool {
    match key {
        "sts:ExternalId" => !matches!(who, Who::Federated(_)),
        "aws:PrincipalTag/team" => matches!(who, Who::User(_) | Who::Role(_)),
        "aws:SourceAccount" => matches!(who, Who::Service(_)),
        // A session of a role may come from a provider, and then carries on what that said.
        "SAML:aud" => matches!(who, Who::Federated(provider) if provider == SAML) || matches!(who, Who::Role(_)),
        _ => matches!(who, Who::Federated(provider) if provider == OIDC) || matches!(who, Who::Role(_)),
    }
}

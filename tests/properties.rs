//! Random policies: the program against a second, naive evaluator.
//!
//! The seeds are fixed, so that a run says the same everywhere; `PROPTEST_CASES` asks for more cases than usual and
//! `PROPTEST_RNG_SEED` for others.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use mfagate::iam::verdict::{CallerKind, Danger, Hole, Judgement, Verdict};
use mfagate::simulate::batch_line;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};

mod oracle;
#[allow(dead_code, reason = "not every test needs all of it")]
mod pipeline;

use oracle::policies::{REQUEST_AGES, identity_policies};
use oracle::{Call, Policies, Who, decide, grid, trust};
use pipeline::outcome;

fn cases(usual: u32) -> ProptestConfig {
    let asked = |name| std::env::var(name).ok();
    ProptestConfig {
        cases: asked("PROPTEST_CASES").and_then(|text| text.parse().ok()).unwrap_or(usual),
        rng_seed: RngSeed::Fixed(asked("PROPTEST_RNG_SEED").and_then(|text| text.parse().ok()).unwrap_or(7)),
        failure_persistence: None,
        max_shrink_iters: 4000,
        ..ProptestConfig::default()
    }
}

/// What `simulate` says to a call.
fn simulated(kind: &str, policies: &[Value], call: &Call) -> String {
    let request = json!({
        "principal": call.who.principal(), "action": call.action, "resource": call.resource, "keys": call.keys
    });
    let line = json!({"id": 1, "kind": kind, "policies": policies, "verdicts": [request]}).to_string();
    let answer: Value = serde_json::from_str(&batch_line(&line).unwrap()).unwrap();
    answer["results"][0].as_str().unwrap().to_owned()
}

/// The call of a witness, with every key that it names.
fn replay(hole: &Hole, who: Who) -> Call {
    let witness = &hole.witness;
    let mut keys = who.keys();
    let mut set = |key: &str, values: Vec<String>| keys.insert(key.to_lowercase(), values);
    set("aws:ViaAWSService", vec![(hole.danger == Danger::ThroughService).to_string()]);
    match witness.caller {
        CallerKind::AccessKey => {}
        CallerKind::PasswordSession => {
            set("aws:MultiFactorAuthPresent", vec!["false".to_owned()]);
        }
        other => panic!("{other:?} is no caller without MFA"),
    }
    for given in &witness.given {
        given.values.clone().map(|values| set(&given.key, values));
    }
    Call { who, action: witness.action.clone(), resource: witness.resource.clone(), keys }
}

fn holes(judgement: &Judgement) -> &[Hole] {
    match &judgement.verdict {
        Verdict::Bypassable(holes) => holes,
        _ => &[],
    }
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn simulate_agrees_with_the_oracle(
        Policies(policies) in identity_policies(),
        name in prop::sample::select(vec!["alice", "bob", "ops/carol"]),
        action in prop::sample::select(vec!["iam:EnableMFADevice", "iam:CreateAccessKey", "s3:GetObject", "ec2:RunInstances"]),
        resource in prop::sample::select(vec!["*", "arn:aws:iam::111122223333:user/alice", "arn:aws:s3:::bob/key"]),
        mfa in prop::sample::select(vec![(None, None), (Some("false"), None), (Some("true"), Some(0)), (Some("true"), Some(6))]),
        more in prop::collection::vec(any::<prop::sample::Index>(), 8),
    ) {
        let who = Who::User(format!("arn:aws:iam::111122223333:user/{name}"));
        let mut keys = who.keys();
        keys.extend(mfa.0.map(|present| ("aws:multifactorauthpresent".to_owned(), vec![present.to_owned()])));
        let age = mfa.1.map(|at: usize| vec![REQUEST_AGES[at].to_owned()]);
        keys.extend(age.map(|age| ("aws:multifactorauthage".to_owned(), age)));
        for (foreign, index) in oracle::policies::FREE.iter().zip(&more) {
            let choices = grid::choices(foreign);
            keys.extend(index.get(&choices).clone().map(|values| (foreign.key.to_lowercase(), values)));
        }
        let call = Call { who, action: action.to_owned(), resource: resource.to_owned(), keys };
        prop_assert_eq!(simulated("identity", &policies, &call), decide(&policies, &call), "{:?}", call);
    }
}

proptest! {
    #![proptest_config(cases(120))]

    #[test]
    fn groups_are_judged_as_the_grid_shows(Policies(policies) in identity_policies()) {
        let checked = pipeline::check(&json!({"G": pipeline::group(&policies)}));
        let judgement = checked.judgement("G", "group");
        let verdict = judgement.verdict.name();
        let shown = grid::survey(&policies);
        match (&shown.open, &shown.doubtful, verdict) {
            (Some(call), _, verdict) => prop_assert_eq!(verdict, "bypassable", "{:?}", call),
            (None, Some(call), verdict) => prop_assert!(matches!(verdict, "bypassable" | "unproven"), "{verdict}: {call:?}"),
            (None, None, verdict) => prop_assert_ne!(verdict, "unproven"),
        }
        for hole in holes(judgement) {
            let call = replay(hole, Who::User(hole.witness.principal.clone()));
            prop_assert_eq!(decide(&policies, &call), "allow", "{:?}", hole.witness);
            prop_assert_eq!(simulated("identity", &policies, &call), "allow");
        }
        if let (Some(call), "not-applicable") = (&shown.gated, verdict) {
            prop_assert!(false, "{call:?} is for callers with MFA alone");
        }
        if let Some(call) = &shown.kept {
            prop_assert!(judgement.locked_out.is_empty(), "{call:?} is left to callers with MFA");
        }
        let expected = match shown.enrolment[0] {
            Some(true) => "possible",
            Some(false) => "blocked",
            None => "unproven",
        };
        prop_assert_eq!(judgement.enrolment.name(), expected);
    }
}

proptest! {
    #![proptest_config(cases(250))]

    #[test]
    fn trust_policies_are_judged_as_the_grid_shows(Policies(policies) in trust::trust_policy()) {
        let policy = &policies[0];
        let role = json!({"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": policy}});
        let checked = pipeline::check(&json!({"R": role}));
        let judgement = checked.judgement("R", "role-trust");
        let verdict = judgement.verdict.name();
        let shown = trust::survey(policy);
        match (&shown.open, &shown.doubtful) {
            (Some(call), _) => prop_assert_eq!(verdict, "bypassable", "{:?}", call),
            (None, Some(call)) => prop_assert_eq!(verdict, "unproven", "{:?}", call),
            (None, None) if shown.admitted.is_some() => prop_assert_eq!(verdict, "enforced"),
            (None, None) => prop_assert_eq!(verdict, "not-applicable"),
        }
        for who in trust::machines(policy) {
            let found = judgement.locked_out.iter().any(|it| it.named && it.principal == who.principal());
            prop_assert_eq!(found, shown.locked_out.contains(who.principal()), "{:?}", who);
        }
    }
}

/// The same document in other words: order, lists, letter case of keys, and quotation marks.
fn rephrased(policy: &Value) -> Value {
    let mut policy = policy.clone();
    let statements = policy["Statement"].as_array_mut().unwrap();
    statements.reverse();
    for statement in statements.iter_mut() {
        let statement = statement.as_object_mut().unwrap();
        for name in ["Action", "NotAction", "Resource", "NotResource"] {
            if let Some(patterns) = statement.get_mut(name) {
                turn_around(patterns);
            }
        }
        for keys in statement.get_mut("Condition").into_iter().flat_map(|it| it.as_object_mut().unwrap().values_mut()) {
            let keys = keys.as_object_mut().unwrap();
            *keys = keys.iter().map(|(key, values)| (key.to_uppercase(), quoted_otherwise(values))).collect();
        }
    }
    if statements.len() == 1 {
        policy["Statement"] = policy["Statement"][0].clone();
    }
    policy
}

/// A list the other way around; one of one as its item, and anything else as a list.
fn turn_around(value: &mut Value) {
    match value {
        Value::Array(items) if items.len() == 1 => *value = items[0].clone(),
        Value::Array(items) => items.reverse(),
        other => *other = json!([other]),
    }
}

/// Booleans and numbers with quotation marks, where they have none, and the other way around; one value as a list.
fn quoted_otherwise(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().rev().map(requoted).collect(),
        other => json!([requoted(other)]),
    }
}

fn requoted(value: &Value) -> Value {
    match value.as_str() {
        Some("true") => json!(true),
        Some("false") => json!(false),
        Some(text) => text.parse::<u64>().map_or_else(|_| json!(text), |number| json!(number)),
        None => json!(value.to_string()),
    }
}

proptest! {
    #![proptest_config(cases(25))]

    #[test]
    fn it_does_not_matter_how_policies_are_attached(Policies(policies) in identity_policies()) {
        let inline = pipeline::check(&json!({"G": pipeline::group(&policies)}));
        let expected = outcome(inline.judgement("G", "group"));
        let managed = |name: &str, target: Value| -> Vec<(String, Value)> {
            let resource = |(index, policy): (usize, &Value)| {
                let mut properties = json!({"PolicyDocument": policy});
                properties[name] = json!([target]);
                (format!("P{index}"), json!({"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}))
            };
            policies.iter().enumerate().map(resource).collect()
        };
        let with = |more: Value, policies: Vec<(String, Value)>| {
            let mut resources = more;
            resources.as_object_mut().unwrap().extend(policies);
            pipeline::check(&resources)
        };
        let by_name = with(json!({"G": pipeline::group(&[])}), managed("Groups", json!("people")));
        prop_assert_eq!(outcome(by_name.judgement("G", "group")), expected.clone(), "attached by name");
        let by_reference = with(json!({"G": pipeline::group(&[])}), managed("Groups", json!({"Ref": "G"})));
        prop_assert_eq!(outcome(by_reference.judgement("G", "group")), expected, "attached by reference");

        let user = |more: Value| {
            let mut user = json!({"Type": "AWS::IAM::User", "Properties": {"UserName": "alice"}});
            user["Properties"].as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            user
        };
        let own: Vec<Value> = policies.iter().enumerate().map(|(i, it)| pipeline::inline(&format!("p{i}"), it)).collect();
        let alone = pipeline::check(&json!({"U": user(json!({"Policies": own}))}));
        let expected = outcome(alone.judgement("U", "user"));
        let member = json!({"G": pipeline::group(&policies), "U": user(json!({"Groups": ["people"]}))});
        prop_assert_eq!(outcome(pipeline::check(&member).judgement("U", "user")), expected.clone(), "through a group");
        let attached = with(json!({"U": user(json!({}))}), managed("Users", json!({"Ref": "U"})));
        prop_assert_eq!(outcome(attached.judgement("U", "user")), expected, "attached to the user");
    }

    #[test]
    fn it_does_not_matter_how_policies_are_written(Policies(policies) in identity_policies()) {
        let checked = pipeline::check(&json!({"G": pipeline::group(&policies)}));
        let rephrased: Vec<Value> = policies.iter().rev().map(rephrased).collect();
        let again = pipeline::check(&json!({"G": pipeline::group(&rephrased)}));
        prop_assert_eq!(outcome(checked.judgement("G", "group")), outcome(again.judgement("G", "group")));
        let documents = |version: &str| {
            let of_version = policies.iter().filter(|policy| (policy["Version"] == "2012-10-17") == (version == "2012-10-17"));
            let statements: Vec<Value> = of_version.flat_map(|policy| policy["Statement"].as_array().unwrap().clone()).collect();
            (!statements.is_empty()).then(|| json!({"Version": version, "Statement": statements}))
        };
        let merged: Vec<Value> = ["2012-10-17", "2008-10-17"].into_iter().filter_map(documents).collect();
        let merged = pipeline::check(&json!({"G": pipeline::group(&merged)}));
        prop_assert_eq!(outcome(checked.judgement("G", "group")), outcome(merged.judgement("G", "group")), "merged");
    }
}

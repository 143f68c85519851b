//! One random set of policies, put on a group in every way that a Terraform plan has: the verdict is the same.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};

#[allow(dead_code, reason = "not every test needs all of it")]
mod oracle;
#[allow(dead_code, reason = "not every test needs all of it")]
mod pipeline;

use oracle::Policies;
use oracle::policies::identity_policies;
use pipeline::outcome;
use pipeline::plan::{WAYS, Way, group_address, plan};

/// The same statements over several documents; which goes where, `parts` says.
fn split(policies: &[Value], parts: &[usize]) -> Vec<Value> {
    let mut parts = parts.iter().cycle();
    let mut documents = Vec::new();
    for policy in policies {
        let mut split: Vec<Vec<Value>> = vec![Vec::new(); 3];
        for statement in policy["Statement"].as_array().unwrap() {
            split[*parts.next().unwrap()].push(statement.clone());
        }
        let of_policy = split.into_iter().filter(|statements| !statements.is_empty());
        documents.extend(of_policy.map(|statements| {
            let mut document = policy.clone();
            document["Statement"] = json!(statements);
            document
        }));
    }
    documents
}

/// The data source writes documents of the newer version, whatever it is handed, and takes values that are texts.
fn can_be_made(way: Way, document: &Value) -> bool {
    way != Way::DeferredDocument || (document["Version"] == "2012-10-17" && is_texts(document))
}

fn is_texts(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().all(is_texts),
        Value::Object(members) => members.values().all(is_texts),
        value => value.is_string(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(40),
        rng_seed: RngSeed::Fixed(11),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn it_does_not_matter_how_a_plan_attaches_policies(
        Policies(policies) in identity_policies(),
        parts in prop::collection::vec(0_usize..3, 1..12),
        ways in prop::collection::vec(prop::sample::select(WAYS), 12),
        in_module in any::<bool>(),
    ) {
        let plainly = pipeline::check(&json!({"G": pipeline::group(&policies)}));
        let documents = split(&policies, &parts).into_iter().zip(ways.into_iter().cycle());
        let documents: Vec<(Value, Way)> = documents
            .map(|(document, way)| { let way = if can_be_made(way, &document) { way } else { Way::Attached }; (document, way) })
            .collect();
        let checked = pipeline::check_input(&plan(&documents, in_module));
        let judgement = checked.judgement(group_address(in_module), "group");
        prop_assert_eq!(outcome(judgement), outcome(plainly.judgement("G", "group")), "{:?}", documents);
    }
}

/// Each way alone, with a guard without which the group is open: a way that is not followed shows.
#[test]
fn every_way_attaches() {
    let guard = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    }]});
    let grant = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]});
    for way in WAYS {
        for in_module in [false, true] {
            let verdict = |documents: &[(Value, Way)]| {
                let checked = pipeline::check_input(&plan(documents, in_module));
                checked.judgement(group_address(in_module), "group").verdict.name()
            };
            let (guard, grant) = ((guard.clone(), *way), (grant.clone(), *way));
            assert_eq!(verdict(std::slice::from_ref(&grant)), "bypassable", "{way:?}, group in a module: {in_module}");
            assert_eq!(verdict(&[grant, guard]), "enforced", "{way:?}, group in a module: {in_module}");
        }
    }
}

//! Random policies: the program against a second, naive evaluator.
//!
//! The seeds are fixed, so that a run says the same everywhere; `PROPTEST_CASES` asks for more cases than usual.

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

fn cases(usual: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    ProptestConfig {
        cases: asked.unwrap_or(usual),
        rng_seed: RngSeed::Fixed(7),
        failure_persistence: None,
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
        let verdict = pipeline::verdict(judgement);
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
        prop_assert_eq!(pipeline::enrolment(judgement), expected);
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
        let verdict = pipeline::verdict(judgement);
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

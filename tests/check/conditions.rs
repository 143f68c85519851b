//! Conditions of templates that have to do with each other: a branch is judged if and only if some deployment takes it.

use mfagate::extract::Settings;
use proptest::prelude::*;

use crate::deployments::{GUARD, report, verdict};

/// A condition over three parameters, and over the conditions before it.
#[derive(Clone, Debug)]
enum Condition {
    /// A parameter has a value.
    Is(usize, &'static str),
    /// Two parameters have the same value.
    Same(usize, usize),
    /// One before it does not hold.
    Not(usize),
    /// Two before it hold.
    And(usize, usize),
    /// One of two before it holds.
    Or(usize, usize),
}

/// The values that tell every two choices of the conditions apart: those that are compared to, and enough others.
const VALUES: [&str; 5] = ["x", "y", "z", "other", "another"];

/// How many of them the last parameter allows.
const ALLOWED: usize = 3;

fn conditions() -> impl Strategy<Value = Vec<Condition>> {
    let value = prop::sample::select(vec!["x", "y"]);
    let drawn = (0_usize..8, 0_usize..3, 0_usize..3, value, any::<prop::sample::Index>(), any::<prop::sample::Index>());
    prop::collection::vec(drawn, 1..7).prop_map(|drawn| {
        let condition = |(at, (kind, one, other, value, first, second)): (
            usize,
            (_, _, _, _, prop::sample::Index, prop::sample::Index),
        )| {
            let before = |index: prop::sample::Index| index.index(at.max(1));
            match kind {
                0..3 => Condition::Is(one, value),
                _ if at == 0 => Condition::Same(one, other),
                3 | 4 => Condition::Same(one, other),
                5 => Condition::Not(before(first)),
                6 => Condition::And(before(first), before(second)),
                _ => Condition::Or(before(first), before(second)),
            }
        };
        drawn.into_iter().enumerate().map(condition).collect()
    })
}

/// Which conditions hold where the parameters have these values.
fn holding(conditions: &[Condition], values: [&str; 3]) -> Vec<bool> {
    let mut held: Vec<bool> = Vec::new();
    for condition in conditions {
        let holds = match condition {
            Condition::Is(parameter, value) => values[*parameter] == *value,
            Condition::Same(one, other) => values[*one] == values[*other],
            Condition::Not(before) => !held[*before],
            Condition::And(one, other) => held[*one] && held[*other],
            Condition::Or(one, other) => held[*one] || held[*other],
        };
        held.push(holds);
    }
    held
}

/// Whether some deployment makes the last condition hold.
fn can_hold(conditions: &[Condition]) -> bool {
    let all = VALUES.iter().flat_map(|one| {
        VALUES.iter().flat_map(move |other| VALUES.iter().take(ALLOWED).map(move |last| [*one, *other, *last]))
    });
    all.map(|values| holding(conditions, values)).any(|held| held.last() == Some(&true))
}

/// A role that anybody of an account may assume without MFA where the last condition holds; in `order` the others are asked.
fn template(conditions: &[Condition], order: &[usize]) -> String {
    let written = |condition: &Condition| match condition {
        Condition::Is(parameter, value) => format!("!Equals [!Ref P{parameter}, {value}]"),
        Condition::Same(one, other) => format!("!Equals [!Ref P{one}, !Ref P{other}]"),
        Condition::Not(before) => format!("!Not [!Condition C{before}]"),
        Condition::And(one, other) => format!("!And [!Condition C{one}, !Condition C{other}]"),
        Condition::Or(one, other) => format!("!Or [!Condition C{one}, !Condition C{other}]"),
    };
    let declared = |(at, condition)| format!("  C{at}: {}\n", written(condition));
    let declared: String = conditions.iter().enumerate().map(declared).collect();
    let allow = |account: &str, condition: &str| {
        format!("{{Effect: Allow, Principal: {{AWS: '{account}'}}, Action: 'sts:AssumeRole'{condition}}}")
    };
    let guarded = |account: &str| allow(account, &format!(", Condition: {GUARD}"));
    let asked = |at: &usize| format!("          - !If [C{at}, {}, !Ref AWS::NoValue]\n", guarded("222222222222"));
    let asked: String = order.iter().map(asked).collect();
    format!(
        "
Parameters:
  P0: {{Type: String}}
  P1: {{Type: String}}
  P2: {{Type: String, AllowedValues: [x, y, z]}}
Conditions:
{declared}Resources:
  Ops:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - {}
{asked}          - !If [C{}, {}, !Ref AWS::NoValue]
",
        guarded("111122223333"),
        conditions.len() - 1,
        allow("333333333333", "")
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn what_can_be_is_judged_and_nothing_else(
        (conditions, order) in conditions().prop_flat_map(|conditions| {
            let all: Vec<usize> = (0..conditions.len()).collect();
            (Just(conditions), prop::sample::subsequence(all.clone(), 0..=all.len()).prop_shuffle())
        })
    ) {
        let text = template(&conditions, &order);
        let expected = if can_hold(&conditions) { "bypassable" } else { "enforced" };
        prop_assert_eq!(verdict(&report(&text, Settings::default()), "Ops", "role-trust"), expected, "{}", text);
    }
}

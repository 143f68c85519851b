//! Why a condition on MFA comes out as it does: explains what the evaluation found from the operator that stands there.

use crate::iam::caller::misspelt;
use crate::iam::condition::{AGE, Family, PRESENT};
use crate::iam::document::{Comparison, Effect, Operator, Qualifier, Test};
use crate::iam::verdict::{CallerKind, Mistake};

/// Whether a test is on one of the two keys about MFA, or on one that was meant to be.
pub(super) fn is_about_mfa(test: &Test) -> bool {
    is(test, PRESENT) || is(test, AGE) || misspelt(&test.key).is_some()
}

/// What the keys about MFA are for a caller without MFA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MfaKeys {
    /// Both are absent.
    Absent,
    /// Present is `false`, age is absent.
    False,
}

impl MfaKeys {
    /// Those of a kind of caller.
    pub(super) fn of(caller: CallerKind) -> Self {
        match caller {
            CallerKind::PasswordSession | CallerKind::RoleSession | CallerKind::PermissionSet => Self::False,
            _ => Self::Absent,
        }
    }

    /// Why a test holds: what the key is, and what the operator makes of it.
    pub(super) fn why(self, test: &Test) -> String {
        format!("{}, and {}", self.fact(test), self.holds(test))
    }

    /// Why a test does not hold.
    pub(super) fn why_not(self, test: &Test) -> String {
        format!("{}, and {}", self.fact(test), self.fails(test))
    }

    /// What the operator makes of the key where the test holds.
    pub(super) fn holds(self, test: &Test) -> String {
        let Operator { qualifier, comparison, if_exists } = test.operator;
        let operator = operator(test);
        match (self.sees(test), qualifier) {
            (_, Some(Qualifier::ForAllValues)) if comparison == Comparison::Null => {
                "`ForAllValues:Null` always holds".to_owned()
            }
            (Self::Absent, Some(Qualifier::ForAllValues)) => format!("{operator} holds where there is no value"),
            (Self::Absent, _) if comparison == Comparison::Null => format!("{operator} holds for every absent key"),
            (Self::Absent, _) if if_exists => format!("{operator} lets an absent key pass"),
            (Self::Absent, _) => format!("{operator} holds for an absent key"),
            (Self::False, _) if comparison == Comparison::Null => {
                format!("{operator} asks only whether the key is there")
            }
            (Self::False, _) => format!("{operator} with {} holds for it", values(test)),
        }
    }

    /// What the operator makes of the key where the test does not hold.
    pub(super) fn fails(self, test: &Test) -> String {
        let Operator { qualifier, comparison, .. } = test.operator;
        let operator = operator(test);
        match (self.sees(test), qualifier) {
            _ if test.values.is_empty() => format!("{operator} with an empty list of values matches nothing"),
            (_, Some(Qualifier::ForAnyValue)) if comparison == Comparison::Null => {
                "`ForAnyValue:Null` never holds".to_owned()
            }
            (Self::Absent, _) if comparison == Comparison::Null => {
                format!("{operator} with {} holds only for a key that is there", values(test))
            }
            (Self::Absent, _) => format!("{operator} never holds for an absent key"),
            (Self::False, _) if comparison == Comparison::Null => {
                format!("{operator} with {} holds only for an absent key", values(test))
            }
            (Self::False, _) => format!("{operator} with {} does not hold for it", values(test)),
        }
    }

    /// What the key is for this caller.
    fn fact(self, test: &Test) -> String {
        if misspelt(&test.key).is_some() {
            return format!("no request has a key `{}`", test.key);
        }
        match self.sees(test) {
            Self::Absent if is(test, AGE) => format!("`{}` exists only after MFA", test.key),
            Self::Absent => "without MFA the key is absent".to_owned(),
            Self::False => "in a session without MFA the key is `false`".to_owned(),
        }
    }

    /// Only the key about presence is ever there without MFA.
    fn sees(self, test: &Test) -> Self {
        if is(test, PRESENT) { self } else { Self::Absent }
    }
}

/// What is wrong with a condition, and the line to write instead.
#[derive(Clone, Debug)]
pub(super) struct Explanation {
    /// What is wrong and who gets in.
    pub message: String,
    /// The remark under the test.
    pub label: String,
    /// What to write instead.
    pub help: String,
}

/// Says which known mistake a test is. `place` names the policy.
pub(super) fn mistake(effect: &Effect, test: &Test, mistake: &Mistake, policy: &str) -> Explanation {
    let allows = *effect != Effect::Deny;
    let kind = if allows { "Allow" } else { "Deny" };
    let cause = cause(test, mistake, allows);
    let message = match mistake {
        Mistake::AdmitsWithoutMfa { dead: true, .. } => {
            format!("{} in {policy} can never apply: {cause}", if allows { "an Allow" } else { "a Deny" })
        }
        Mistake::AdmitsWithoutMfa { admitted, .. } if allows => {
            format!("an Allow in {policy} lets callers in without MFA: {cause}; {} get in", who(admitted))
        }
        Mistake::AdmitsWithoutMfa { admitted, .. } => {
            format!("a Deny in {policy} lets callers without MFA pass: {cause}; {} get by", who(admitted))
        }
        Mistake::Inverted => format!("the condition on MFA of the {kind} in {policy} is the wrong way round: {cause}"),
        Mistake::NeverHolds if allows => format!("an Allow in {policy} grants nothing to anybody: {cause}"),
        Mistake::NeverHolds => format!("a Deny in {policy} stops nobody: {cause}"),
        Mistake::AlwaysHolds if allows => format!("an Allow in {policy} asks for nothing: {cause}"),
        Mistake::AlwaysHolds => format!("a Deny in {policy} stops everybody, with MFA or without: {cause}"),
        Mistake::MisspeltKey(meant) => format!(
            "`{}` in {policy} is no condition key of AWS, `{meant}` is: no request has it, and so {}",
            test.key,
            without_key(test, allows)
        ),
        Mistake::Undocumented(sentence) => {
            format!("the condition on MFA of the {kind} in {policy} cannot be relied on: {sentence}")
        }
    };
    Explanation { message, label: label(test, mistake, allows), help: format!("write `{}`", correct(test, allows)) }
}

/// The condition that does what this one is for.
pub(super) fn correct(test: &Test, allows: bool) -> String {
    let about_age = is(test, AGE) || misspelt(&test.key) == Some("aws:MultiFactorAuthAge");
    if about_age && test.operator.comparison != Comparison::Null {
        let numbers = test.values.iter().filter_map(|text| text.scalar.as_text());
        let limit = numbers.filter_map(|text| text.trim().parse::<u32>().ok()).find(|limit| *limit > 0);
        let limit = limit.unwrap_or(3600);
        let operator = if allows { "NumericLessThan" } else { "NumericGreaterThanIfExists" };
        return format!(r#""Condition": {{"{operator}": {{"aws:MultiFactorAuthAge": "{limit}"}}}}"#);
    }
    correct_presence(allows).to_owned()
}

/// The condition with which an Allow or a Deny asks for MFA.
pub(super) fn correct_presence(allows: bool) -> &'static str {
    if allows {
        r#""Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}"#
    } else {
        r#""Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}"#
    }
}

/// What about the test makes the mistake.
fn cause(test: &Test, mistake: &Mistake, allows: bool) -> String {
    match mistake {
        Mistake::AdmitsWithoutMfa { dead: true, .. } => {
            "its tests contradict each other, and no request meets all of them at once".to_owned()
        }
        Mistake::Inverted if allows => {
            format!("{} with {} admits those who did not use MFA, and not those who did", operator(test), values(test))
        }
        Mistake::Inverted => {
            format!("{} with {} refuses those who used MFA, and not those who did not", operator(test), values(test))
        }
        Mistake::AdmitsWithoutMfa { admitted, .. } => fault_of_values(test).unwrap_or_else(|| {
            let keys = admitted.first().map_or(MfaKeys::Absent, |caller| MfaKeys::of(*caller));
            let why = if allows { keys.why(test) } else { keys.why_not(test) };
            match (allows, is(test, AGE)) {
                (false, true) => format!("{why}, so it refuses MFA that is too old and lets none at all pass"),
                _ => why,
            }
        }),
        _ => fault_of_values(test).unwrap_or_else(|| match mistake {
            Mistake::AlwaysHolds => format!("{} with {} holds for every request", operator(test), values(test)),
            _ => format!("{} with {} holds for no request", operator(test), values(test)),
        }),
    }
}

/// A value or operator that does not go with the key at all.
fn fault_of_values(test: &Test) -> Option<String> {
    let operator = operator(test);
    let family = test.operator.comparison.family();
    if test.values.is_empty() && test.unknown.is_none() {
        return Some(format!("{operator} has an empty list of values, which matches nothing"));
    }
    let known: Vec<&str> = test.values.iter().filter_map(|text| text.scalar.as_text()).collect();
    if known.len() != test.values.len() || test.operator.comparison == Comparison::Null || !is(test, PRESENT) {
        return fault_of_age(test, family, &known);
    }
    if !matches!(family, Family::Bool | Family::Text) {
        return Some(format!("{operator} does not compare booleans, and `{}` is `true` or `false`", test.key));
    }
    let is_boolean = |text: &&str| text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false");
    if let Some(other) = known.iter().find(|text| !is_boolean(text) && !text.contains(['*', '?', '$'])) {
        return Some(format!("`{other}` is neither `true` nor `false`, the only values of `{}`", test.key));
    }
    let minds_case = matches!(
        test.operator.comparison,
        Comparison::StringEquals | Comparison::StringNotEquals | Comparison::StringLike | Comparison::StringNotLike
    );
    if let Some(cased) = known.iter().find(|text| minds_case && is_boolean(text) && **text != text.to_lowercase()) {
        return Some(format!("{operator} minds letter case, and the key is never `{cased}`"));
    }
    let has = |value: &str| known.iter().any(|text| text.eq_ignore_ascii_case(value));
    (has("true") && has("false")).then(|| format!("{operator} lists both `true` and `false`"))
}

fn fault_of_age(test: &Test, family: Family, known: &[&str]) -> Option<String> {
    if !is(test, AGE) {
        return None;
    }
    match family {
        Family::Number => {
            let wrong = known.iter().find(|text| text.trim().parse::<f64>().is_err())?;
            Some(format!("`{wrong}` is not a number of seconds"))
        }
        Family::Null | Family::Text => None,
        _ => Some(format!("{} does not compare numbers, and `{}` is a number of seconds", operator(test), test.key)),
    }
}

/// What a statement does whose key no request has.
fn without_key(test: &Test, allows: bool) -> &'static str {
    let Operator { qualifier, comparison, if_exists } = test.operator;
    let wants_absent =
        test.values.iter().any(|text| text.scalar.as_text().is_some_and(|value| value.eq_ignore_ascii_case("true")));
    let holds = match (comparison, qualifier) {
        (_, Some(Qualifier::ForAllValues)) => true,
        (_, Some(Qualifier::ForAnyValue)) => false,
        (Comparison::Null, None) => wants_absent,
        (_, None) => if_exists || comparison.is_negated(),
    };
    match (allows, holds) {
        (true, true) => "the Allow holds for everybody, with MFA or without",
        (true, false) => "the Allow grants nothing to anybody",
        (false, true) => "the Deny stops everybody, with MFA or without",
        (false, false) => "the Deny stops nobody",
    }
}

fn label(test: &Test, mistake: &Mistake, allows: bool) -> String {
    match mistake {
        Mistake::AdmitsWithoutMfa { dead: true, .. } => "contradicts another test of the statement".to_owned(),
        Mistake::AdmitsWithoutMfa { admitted, .. } => fault_of_values(test).unwrap_or_else(|| {
            let keys = admitted.first().map_or(MfaKeys::Absent, |caller| MfaKeys::of(*caller));
            if allows { keys.holds(test) } else { keys.fails(test) }
        }),
        Mistake::Inverted => "the wrong way round".to_owned(),
        Mistake::NeverHolds => "never holds".to_owned(),
        Mistake::AlwaysHolds => "always holds".to_owned(),
        Mistake::MisspeltKey(meant) => format!("`{meant}` was meant"),
        Mistake::Undocumented(_) => "AWS does not document what this gives".to_owned(),
    }
}

/// The callers that a mistake lets through.
fn who(admitted: &[CallerKind]) -> String {
    let names: Vec<String> = admitted.iter().map(|caller| plural(*caller).to_owned()).collect();
    if names.is_empty() { "callers without MFA".to_owned() } else { super::words::list(&names) }
}

fn plural(caller: CallerKind) -> &'static str {
    match caller {
        CallerKind::AccessKey => "long-term access keys",
        CallerKind::PasswordSession => "sessions without MFA",
        CallerKind::MfaSession => "sessions after MFA",
        CallerKind::RoleSession => "sessions of roles",
        CallerKind::PermissionSet => "sessions of permission sets",
        CallerKind::Federated => "federated identities",
        CallerKind::Service => "services",
        CallerKind::Root => "root users without MFA",
        CallerKind::Anonymous => "unsigned requests",
    }
}

fn operator(test: &Test) -> String {
    format!("`{}`", test.operator)
}

fn values(test: &Test) -> String {
    let values = test.values.iter().map(|text| match text.scalar.as_text() {
        Some(known) => format!("`{known}`"),
        None => "an unknown value".to_owned(),
    });
    let values: Vec<String> = values.collect();
    if values.is_empty() { "no value".to_owned() } else { super::words::list(&values) }
}

fn is(test: &Test, key: &str) -> bool {
    test.key.eq_ignore_ascii_case(key)
}

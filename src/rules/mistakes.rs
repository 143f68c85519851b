//! Which known mistake a condition on MFA is, and what to write instead.

use crate::iam::condition::{AGE, Family, PRESENT};
use crate::iam::document::{Comparison, Effect, Operator, Qualifier, Statement, Test};
use crate::iam::verdict::{CallerKind, Mistake};

use super::explain::{self, MfaKeys, is, operator, values};
use super::words;

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

/// Explains the mistake of a test in a statement; `policy` names the policy in the message.
pub(super) fn explain(statement: &Statement, test: &Test, mistake: &Mistake, policy: &str) -> Explanation {
    let allows = statement.effect != Effect::Deny;
    let about_mfa = statement.tests.iter().filter(|test| explain::is_about_mfa(test)).count();
    let mistaken = Mistaken { test, mistake, allows, several: about_mfa > 1 };
    let correct = explain::correct(test, allows);
    let help = if mistaken.contradicts() {
        format!("write `{correct}` in place of all its tests on MFA")
    } else {
        format!("write `{correct}`")
    };
    Explanation { message: mistaken.message(policy), label: mistaken.label(), help }
}

struct Mistaken<'a> {
    test: &'a Test,
    mistake: &'a Mistake,
    allows: bool,
    /// Whether the statement has more tests on MFA than this one.
    several: bool,
}

impl Mistaken<'_> {
    fn message(&self, policy: &str) -> String {
        let test = self.test;
        let kind = if self.allows { "an Allow" } else { "a Deny" };
        let cause = self.cause();
        match self.mistake {
            Mistake::AdmitsWithoutMfa { dead: true, .. } if self.allows => {
                format!("an Allow in {policy} grants nothing to anybody: {cause}")
            }
            Mistake::AdmitsWithoutMfa { dead: true, .. } => format!("a Deny in {policy} stops nobody: {cause}"),
            Mistake::AdmitsWithoutMfa { admitted, .. } if self.allows => {
                format!("an Allow in {policy} lets callers in without MFA: {cause}; {} get in", who(admitted))
            }
            Mistake::AdmitsWithoutMfa { admitted, .. } => {
                format!("a Deny in {policy} lets callers without MFA pass: {cause}; {} get by", who(admitted))
            }
            Mistake::Inverted => format!("the condition of {kind} in {policy} is the wrong way round: {cause}"),
            Mistake::NeverHolds if self.allows => format!("an Allow in {policy} grants nothing to anybody: {cause}"),
            Mistake::NeverHolds => format!("a Deny in {policy} stops nobody: {cause}"),
            Mistake::AlwaysHolds if self.allows => format!("an Allow in {policy} asks for nothing: {cause}"),
            Mistake::AlwaysHolds => format!("a Deny in {policy} stops everybody, with MFA or without: {cause}"),
            Mistake::MisspeltKey(meant) => format!(
                "`{}` in {policy} is no condition key of AWS, `{meant}` is: no request has it, and so {}",
                test.key,
                without_key(test, self.allows)
            ),
            Mistake::Undocumented(_) => {
                format!("the condition of {kind} in {policy} cannot be relied on: {cause}")
            }
        }
    }

    /// What about the test makes the mistake.
    fn cause(&self) -> String {
        let (test, operator, values) = (self.test, operator(self.test), values(self.test));
        if self.contradicts() {
            return "its tests on MFA contradict each other, and no request meets all of them at once".to_owned();
        }
        match self.mistake {
            Mistake::Inverted if self.allows => {
                format!("{operator} with {values} admits those who did not use MFA, and not those who did")
            }
            Mistake::Inverted => {
                format!("{operator} with {values} refuses those who used MFA, and not those who did not")
            }
            Mistake::AdmitsWithoutMfa { admitted, dead: false } => {
                fault_of_values(test).unwrap_or_else(|| self.why(admitted))
            }
            Mistake::AlwaysHolds => format!("{operator} with {values} holds for every request"),
            Mistake::Undocumented(sentence) => match fault_of_values(test) {
                Some(fault) => format!("{fault}, and {sentence}"),
                None => sentence.clone(),
            },
            Mistake::AdmitsWithoutMfa { .. } | Mistake::NeverHolds | Mistake::MisspeltKey(_) => {
                fault_of_values(test).unwrap_or_else(|| format!("{operator} with {values} holds for no request"))
            }
        }
    }

    /// What the key is for the first of those who get in, and what the operator makes of it.
    fn why(&self, admitted: &[CallerKind]) -> String {
        let keys = keys(admitted);
        if self.allows {
            return keys.why(self.test);
        }
        let why = keys.why_not(self.test);
        match self.test.operator.comparison {
            Comparison::NumericGreaterThan | Comparison::NumericGreaterThanEquals if is(self.test, AGE) => {
                format!("{why}, so it refuses MFA that is too old and lets none at all pass")
            }
            Comparison::NumericLessThan | Comparison::NumericLessThanEquals if is(self.test, AGE) => {
                format!("{why}, so it refuses recent MFA and lets none at all pass")
            }
            _ => why,
        }
    }

    /// The remark under the test.
    fn label(&self) -> String {
        if self.contradicts() {
            return "contradicts another test of the statement".to_owned();
        }
        match self.mistake {
            Mistake::AdmitsWithoutMfa { admitted, dead: false } => fault_of_values(self.test).unwrap_or_else(|| {
                let keys = keys(admitted);
                if self.allows { keys.holds(self.test) } else { keys.fails(self.test) }
            }),
            Mistake::Inverted => "the wrong way round".to_owned(),
            Mistake::AdmitsWithoutMfa { .. } | Mistake::NeverHolds => "never holds".to_owned(),
            Mistake::AlwaysHolds => "always holds".to_owned(),
            Mistake::MisspeltKey(meant) => format!("`{meant}` was meant"),
            Mistake::Undocumented(_) => "AWS does not document what this gives".to_owned(),
        }
    }

    /// Whether the statement never applies though this test alone may hold.
    fn contradicts(&self) -> bool {
        let never = matches!(self.mistake, Mistake::AdmitsWithoutMfa { dead: true, .. } | Mistake::NeverHolds);
        never && self.several && fault_of_values(self.test).is_none()
    }
}

fn keys(admitted: &[CallerKind]) -> MfaKeys {
    MfaKeys::of(admitted.first().copied().unwrap_or(CallerKind::AccessKey))
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
    None
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

/// The callers that a mistake lets through.
fn who(admitted: &[CallerKind]) -> String {
    let names: Vec<String> = admitted.iter().map(|caller| words::callers(*caller).to_owned()).collect();
    if names.is_empty() { "callers without MFA".to_owned() } else { words::list(&names) }
}

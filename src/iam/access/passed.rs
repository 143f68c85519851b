//! A call that gets through, told as a hole: what allows it, and why the guards of the case do not stop it.

use super::case::{Case, is_about_mfa};
use super::solver::Solution;
use crate::iam::caller::{Caller, MfaState};
use crate::iam::truth::Truth;
use crate::iam::verdict::{Danger, Given, Hole, PassedBecause, PassedGuard, Witness};

/// A call, as far as the items of a case cover it.
#[derive(Clone, Copy, Debug)]
pub struct Call<'q, 'a> {
    /// Who calls.
    pub caller: &'q Caller,
    /// In which state of MFA.
    pub state: &'q MfaState,
    /// For each item whether it covers the action.
    pub actions: &'q [Truth<'a>],
    /// For each item whether it covers the resource.
    pub resources: &'q [Truth<'a>],
}

/// What a hole says about its call.
#[derive(Clone, Debug)]
pub struct Told {
    /// Who calls, as a part of a sentence.
    pub principal: String,
    /// The action.
    pub action: String,
    /// The resource; symbols are spelt out here.
    pub resource: String,
    /// What the call is good for.
    pub danger: Danger,
}

/// The hole that a call makes; `None` where no statement of the case allows it.
#[must_use]
pub fn hole<'a>(case: &Case<'a>, call: &Call<'_, 'a>, solution: Solution, told: Told) -> Option<Hole> {
    let allowed_by = case.reference(solution.allowed_by?)?;
    let mut given = solution.given;
    if call.caller.is_forwarded() {
        given.push(Given { key: "aws:ViaAWSService".to_owned(), values: Some(vec!["true".to_owned()]) });
    }
    let witness = Witness {
        caller: call.caller.kind,
        principal: told.principal,
        action: told.action,
        resource: case.symbols.spell(&told.resource),
        given,
    };
    Some(Hole { witness, danger: told.danger, allowed_by, passed: guards(case, call) })
}

/// Every Deny with a condition on MFA, each with the first thing about it that lets the call pass.
fn guards<'a>(case: &Case<'a>, call: &Call<'_, 'a>) -> Vec<PassedGuard> {
    let keys = call.caller.keys(call.state);
    let mut passed = Vec::new();
    for (index, item) in case.items.iter().enumerate().filter(|(_, item)| item.is_guard()) {
        let (Some(statement), Some(reference)) = (item.statement(), case.reference(index)) else { continue };
        let covers = |truths: &[Truth<'_>]| truths.get(index).is_some_and(|truth| !truth.is_false());
        let fails =
            |test: &&'a crate::iam::document::Test| case.fixed_test(item, test, &keys).is_some_and(Truth::is_false);
        let why = if !covers(call.actions) {
            PassedBecause::Action
        } else if !covers(call.resources) {
            PassedBecause::Resource
        } else if case.principal(item, &call.caller.signer).is_false() {
            PassedBecause::Principal
        } else {
            let about_mfa = statement.tests.iter().filter(|test| is_about_mfa(test)).find(fails);
            let failing = about_mfa.or_else(|| statement.tests.iter().find(fails));
            let chosen = failing.or_else(|| statement.tests.iter().find(|test| !is_about_mfa(test)));
            let position = chosen.and_then(|test| statement.tests.iter().position(|other| std::ptr::eq(other, test)));
            PassedBecause::Condition(position.unwrap_or_default())
        };
        passed.push(PassedGuard { statement: reference, why });
    }
    passed
}

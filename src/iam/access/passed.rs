//! Why the guards of a case do not stop a call that gets through.

use super::case::{Case, is_about_mfa};
use crate::iam::caller::{Caller, MfaState};
use crate::iam::truth::Truth;
use crate::iam::verdict::{PassedBecause, PassedGuard};

/// A call, as far as the items of a case cover it.
#[derive(Clone, Copy, Debug)]
pub struct Call<'q, 'a> {
    /// For each item whether it covers the action.
    pub actions: &'q [Truth<'a>],
    /// For each item whether it covers the resource.
    pub resources: &'q [Truth<'a>],
}

/// Every Deny with a condition on MFA, each with the first thing about it that lets the call pass.
#[must_use]
pub fn guards<'a>(case: &Case<'a>, caller: &Caller, state: &MfaState, call: &Call<'_, 'a>) -> Vec<PassedGuard> {
    let keys = caller.keys(state);
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
        } else if case.principal(item, &caller.signer).is_false() {
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

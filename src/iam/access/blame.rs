//! Which condition on MFA keeps a caller out.

use super::case::{Case, Item, is_about_mfa};
use crate::iam::caller::{Caller, MfaState};
use crate::iam::truth::Truth;
use crate::iam::verdict::{CallerKind, LockOut};

/// The first statement about the call whose condition on MFA refuses it, with the test: a Deny that fires comes before an
/// Allow that does not hold. `covers` tells whether an item is about the call.
pub fn refusing(
    case: &Case<'_>,
    caller: &Caller,
    state: &MfaState,
    covers: impl Fn(usize) -> bool,
) -> Option<(usize, usize)> {
    let keys = caller.keys(state);
    for allows in [false, true] {
        for (index, item) in case.items.iter().enumerate().filter(|(_, item)| item.allows == allows) {
            let Some(statement) = item.statement() else { continue };
            if !covers(index) || case.principal(item, &caller.signer).is_false() {
                continue;
            }
            let refuses = |holds: Truth<'_>| if allows { !holds.is_true() } else { !holds.is_false() };
            let decides = |test| is_about_mfa(test) && case.fixed_test(item, test, &keys).is_some_and(refuses);
            if let Some(test) = statement.tests.iter().position(decides) {
                return Some((index, test));
            }
        }
    }
    None
}

/// Nobody gets in, not even with MFA: the first condition on MFA is to blame.
#[must_use]
pub fn everyone(case: &Case<'_>, principal: String) -> Option<LockOut> {
    let first = |item: &Item<'_>| item.statement()?.tests.iter().position(is_about_mfa);
    let (index, test) = case.items.iter().enumerate().find_map(|(index, item)| Some((index, first(item)?)))?;
    let statement = case.reference(index)?;
    Some(LockOut {
        caller: CallerKind::MfaSession,
        principal,
        named: true,
        entirely: true,
        statement,
        test: Some(test),
    })
}

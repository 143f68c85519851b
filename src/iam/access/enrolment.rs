//! Can a user without a device enrol one?

use super::case::{Case, Item};
use super::classes::Own;
use super::context::{reason, without_mfa};
use super::solver::{Outcome, Solver};
use crate::iam::actions::{self, ActionTarget, ENROLMENT};
use crate::iam::caller::{Caller, Signer};
use crate::iam::truth::{Doubt, Truth};
use crate::iam::verdict::{Enrolment, Refusal, StatementReference};

/// Asks for every call of an enrolment; it is possible where one kind of credentials gets through with all that are needed.
#[must_use]
pub fn judge(case: &Case<'_>, own: &Own) -> Enrolment {
    judge_for(case, own, &Signer::Arn(own.arn()))
}

/// The same for whoever signs the calls.
#[must_use]
pub fn judge_for(case: &Case<'_>, own: &Own, signer: &Signer) -> Enrolment {
    let attempts = without_mfa().map(|(kind, state)| {
        let caller = Caller::new(kind, signer.clone(), false);
        let solver = Solver::new(case, &caller, &state);
        attempt(case, own, &solver, &caller)
    });
    let [by_key, by_password] = attempts;
    // A console session comes first: it is how people enrol, and what a message should talk about.
    for attempt in [&by_password, &by_key] {
        if attempt.needed.is_empty() && attempt.doubt.is_none() {
            return Enrolment::Possible { missing: attempt.wanted.clone() };
        }
    }
    match by_password.doubt.or(by_key.doubt) {
        Some(doubt) if by_password.needed.is_empty() || by_key.needed.is_empty() => {
            Enrolment::Unproven(vec![reason(doubt, case)])
        }
        _ => Enrolment::Blocked(by_password.needed),
    }
}

struct Attempt<'a> {
    /// Refused calls without which nobody enrols.
    needed: Vec<Refusal>,
    /// Refused calls that the console makes beside them.
    wanted: Vec<Refusal>,
    /// The first doubt about a call that is needed.
    doubt: Option<Doubt<'a>>,
}

fn attempt<'a>(case: &Case<'a>, own: &Own, solver: &Solver<'_, 'a>, caller: &Caller) -> Attempt<'a> {
    let mut attempt = Attempt { needed: Vec::new(), wanted: Vec::new(), doubt: None };
    for call in ENROLMENT {
        let resource = match actions::known(call.action).map(|known| known.target) {
            Some(ActionTarget::User) => caller.describe(),
            Some(ActionTarget::MfaDevice) => own.iam("mfa/new-device"),
            _ => "*".to_owned(),
        };
        let lower = call.action.to_ascii_lowercase();
        let mut outcome = solver.call(&lower, &resource);
        // Tools may name a device as they like; where only a device named like its user is allowed, enrolment works for
        // those who know.
        if outcome.is_refused() && resource.contains(":mfa/") {
            let like_user = own.iam(&format!("mfa/{}", own.name));
            outcome = solver.call(&lower, &like_user);
            if outcome.is_allowed() {
                attempt.wanted.push(refusal(case, solver, caller, call.action, &resource));
            }
        }
        match outcome {
            Outcome::Allowed(_) => {}
            Outcome::Perhaps(doubt) => attempt.doubt = attempt.doubt.or(call.needed.then_some(doubt)),
            Outcome::Refused => {
                let refusal = refusal(case, solver, caller, call.action, &resource);
                if call.needed { attempt.needed.push(refusal) } else { attempt.wanted.push(refusal) }
            }
        }
    }
    attempt
}

fn refusal<'a>(
    case: &Case<'a>,
    solver: &Solver<'_, 'a>,
    caller: &Caller,
    action: &'static str,
    resource: &str,
) -> Refusal {
    let lower = action.to_ascii_lowercase();
    let first = |wanted: &dyn Fn(usize, &Item<'a>) -> bool| -> Option<StatementReference> {
        let found = case.items.iter().enumerate().find(|(index, item)| wanted(*index, item));
        found.and_then(|(index, _)| case.reference(index))
    };
    let covers = |item: &Item<'a>| case.action(item, &lower).is_true();
    let reaches = |item: &Item<'a>| !case.resource(item, resource, solver).is_false();
    let denied_by = first(&|index, item| !item.allows && covers(item) && reaches(item) && solver.stands(index));
    let missed_by = first(&|_, item| {
        let principal = case.principal(item, &caller.signer);
        item.allows && names(item) && covers(item) && !reaches(item) && !matches!(principal, Truth::False)
    });
    Refusal { action, resource: case.symbols.spell(resource), denied_by, missed_by }
}

/// Whether the statement is about more than everything: a bare `*` misses nothing on purpose.
fn names(item: &Item<'_>) -> bool {
    item.statement().is_some_and(|statement| !statement.actions.negated)
}

#[cfg(test)]
mod tests;

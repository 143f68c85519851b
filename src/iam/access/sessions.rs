//! Role permissions and permission sets: what MFA conditions take away from sessions, which never carry MFA of their own.

use super::blame;
use super::case::{Case, is_about_mfa};
use super::classes::{self, Own};
use super::context::{add_layer, with_mfa};
use super::people::too_large;
use super::solver::Solver;
use crate::iam::caller::{Caller, MfaState, Signer};
use crate::iam::truth::Truth;
use crate::iam::verdict::{CallerKind, Judgement, LockOut};
use crate::inventory::subjects::{Subject, SubjectKind};

/// Judges what is attached to a role or a permission set. Who gets in is decided by the trust policy and by the identity
/// provider; here only lock-outs count.
#[must_use]
pub fn judge(subject: &Subject) -> Judgement {
    let mut case = Case::default();
    add_layer(&mut case, 0, 0, &subject.policies);
    for (index, boundary) in subject.boundaries.iter().enumerate() {
        add_layer(&mut case, index + 1, subject.policies.len() + index, std::slice::from_ref(boundary));
    }
    let kind = match subject.kind {
        SubjectKind::PermissionSet => CallerKind::PermissionSet,
        _ => CallerKind::RoleSession,
    };
    let signer = session(subject);
    match lock_out(&case, kind, &signer, true) {
        Ok(found) => Judgement { locked_out: found.into_iter().collect(), ..Judgement::not_applicable() },
        Err(_) => too_large(&case),
    }
}

fn session(subject: &Subject) -> Signer {
    let name = subject.name.as_deref().unwrap_or("some-role");
    match subject.kind {
        SubjectKind::PermissionSet => crate::iam::request::signer(&format!(
            "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_{name}_0123456789abcdef/alice"
        )),
        _ => {
            let path = subject.path.as_deref().unwrap_or("/");
            crate::iam::request::signer(&format!("arn:aws:iam::111122223333:role{path}{name}"))
        }
    }
}

/// Calls that a session would be allowed after MFA and is refused in every state that it can have.
///
/// # Errors
///
/// Where the case is too large to be searched.
pub fn lock_out(
    case: &Case<'_>,
    kind: CallerKind,
    signer: &Signer,
    named: bool,
) -> Result<Option<LockOut>, crate::iam::pattern::TooMany> {
    if !case.items.iter().any(|item| item.statement().is_some_and(|s| s.tests.iter().any(is_about_mfa))) {
        return Ok(None);
    }
    let caller = Caller::new(kind, signer.clone(), named);
    let own = Own {
        partition: "aws".to_owned(),
        account: "111122223333".to_owned(),
        name: "someone".to_owned(),
        path: "/".to_owned(),
    };
    let (present, absent) = (MfaState::without(), MfaState::absent());
    let usual = Solver::new(case, &caller, &present);
    let pessimistic = Solver::new(case, &caller, &absent);
    let ages = with_mfa(case);
    let after: Vec<Solver<'_, '_>> = ages.iter().map(|state| Solver::new(case, &caller, state)).collect();
    let keys = caller.keys(&present);
    let resources = classes::resources(case, &keys, &own)?;
    let (mut kept, mut lost) = (false, None);
    for action in classes::actions(case)?.iter() {
        for resource in resources.iter() {
            // In sessions of Identity Center the key is there; in those of other roles AWS leaves that open.
            let states: &[_] = if kind == CallerKind::PermissionSet { &[&usual] } else { &[&usual, &pessimistic] };
            if states.iter().any(|solver| !solver.ask(&action.covered, &resource.covered).is_refused()) {
                kept = true;
            } else if lost.is_none() && after.iter().any(|s| s.ask(&action.covered, &resource.covered).is_allowed()) {
                let covers = |index: usize| covers(&action.covered, index) && covers(&resource.covered, index);
                lost = blame::refusing(case, &caller, &present, covers);
            }
        }
    }
    Ok(lost.and_then(|(item, test)| {
        Some(LockOut {
            caller: kind,
            principal: caller.describe(),
            named,
            entirely: !kept,
            statement: case.reference(item)?,
            test: Some(test),
        })
    }))
}

fn covers(truths: &[Truth<'_>], index: usize) -> bool {
    truths.get(index).is_some_and(|truth| !truth.is_false())
}

#[cfg(test)]
mod tests;

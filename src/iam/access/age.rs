//! How old may the MFA be that lets somebody in?

use smallvec::smallvec;

use super::case::Case;
use super::classes::{self, Own, Reach, standing};
use super::context::{add_layer, users, without_mfa};
use super::derived::Coverage;
use super::passed::{self, Told};
use super::solver::{Outcome, Solution, Solver};
use super::terms::Terms;
use super::trust;
use crate::iam::caller::{Caller, MfaState, Signer};
use crate::iam::truth::Truth;
use crate::iam::verdict::{CallerKind, Danger, Hole};
use crate::inventory::subjects::{Subject, SubjectKind};

/// A call that is refused without MFA and gets through with MFA of this many seconds ago. Asked of trust policies, groups
/// and users.
#[must_use]
pub fn admitted(subject: &Subject, seconds: u64, terms: &Terms) -> Option<Hole> {
    let mut case = terms.case();
    add_layer(&mut case, 0, 0, &subject.policies);
    for (index, boundary) in subject.boundaries.iter().enumerate() {
        add_layer(&mut case, index + 1, subject.policies.len() + index, std::slice::from_ref(boundary));
    }
    match subject.kind {
        SubjectKind::RoleTrust => {
            case.trust = true;
            trust::people(&case).iter().find_map(|(signer, named)| assumes(&case, signer, *named, seconds))
        }
        SubjectKind::Group | SubjectKind::User => {
            let users = users(&case, subject.name.as_deref().filter(|_| subject.kind == SubjectKind::User), None);
            let (own, named) = users.first()?;
            calls(&case, own, *named, seconds)
        }
        _ => None,
    }
}

/// Whether a person can assume the role.
fn assumes(case: &Case<'_>, signer: &Signer, named: bool, seconds: u64) -> Option<Hole> {
    let actions = case.action_coverage("sts:assumerole");
    let resources = case.coverage(smallvec![Truth::True; case.items.len()]);
    let callers = Callers::new(signer, named, seconds);
    let solution = callers.asked(case).gated(&actions, &resources)?;
    let principal = trust::describe(case, signer, named);
    let (action, resource) = ("sts:AssumeRole".to_owned(), "*".to_owned());
    let told = Told { principal, action, resource, danger: Danger::Access };
    callers.hole(case, solution, (&actions, &resources), told)
}

/// The first call of a user that is gated and gets through all the same.
fn calls(case: &Case<'_>, own: &Own, named: bool, seconds: u64) -> Option<Hole> {
    let callers = Callers::new(&Signer::Arn(own.arn()), named, seconds);
    let asked = callers.asked(case);
    let (caller, state) = &callers.after;
    let keys = caller.keys(state);
    let resources = classes::resources(case, &keys, own).ok()?;
    for action in classes::actions(case).ok()?.iter() {
        for resource in resources.iter() {
            if matches!(standing(action, resource), None | Some(Reach::Exempt | Reach::PerhapsExempt)) {
                continue;
            }
            let Some(solution) = asked.gated(&action.covered, &resource.covered) else { continue };
            let (name, target) = classes::natural(case, &keys, own, action, resource);
            let principal = case.symbols.spell(&own.arn());
            let told = Told { principal, action: name, resource: target, danger: Danger::Access };
            return callers.hole(case, solution, (&action.covered, &resource.covered), told);
        }
    }
    None
}

/// A person after MFA that is so old, and without it.
struct Callers {
    after: (Caller, MfaState),
    without: Vec<(Caller, MfaState)>,
}

struct Asked<'c, 'a> {
    after: Solver<'c, 'a>,
    without: Vec<Solver<'c, 'a>>,
}

impl Callers {
    fn new(signer: &Signer, named: bool, seconds: u64) -> Self {
        let caller = |kind| Caller::new(kind, signer.clone(), named);
        Self {
            after: (caller(CallerKind::MfaSession), MfaState::with(seconds)),
            without: without_mfa().into_iter().map(|(kind, state)| (caller(kind), state)).collect(),
        }
    }

    fn asked<'c, 'a>(&'c self, case: &'c Case<'a>) -> Asked<'c, 'a> {
        let solver = |(caller, state): &'c (Caller, MfaState)| Solver::new(case, caller, state);
        Asked { after: solver(&self.after), without: self.without.iter().map(solver).collect() }
    }

    fn hole<'a>(
        &self,
        case: &Case<'a>,
        solution: Solution,
        (actions, resources): (&[Truth<'a>], &[Truth<'a>]),
        told: Told,
    ) -> Option<Hole> {
        let (caller, state) = &self.after;
        passed::hole(case, &passed::Call { caller, state, actions, resources }, solution, told)
    }
}

impl<'a> Asked<'_, 'a> {
    /// How a call gets through that no state without MFA gets through.
    fn gated(&self, actions: &Coverage<'a>, resources: &Coverage<'a>) -> Option<Solution> {
        let Outcome::Allowed(solution) = self.after.ask(actions, resources) else { return None };
        self.without.iter().all(|solver| solver.ask(actions, resources).is_refused()).then_some(solution)
    }
}

//! Policies that stand alone: SCPs, RCPs, boundaries, managed policies and policies on resources.
//!
//! What such a document sets out to guard is what its statements with a condition on MFA cover. The question is whether
//! somebody without MFA gets through there, whatever other policies grant.

use std::rc::Rc;

use super::case::{Case, Item, is_about_mfa};
use super::classes::{self, ActionClass, Own, Reach, ResourceClass, standing};
use super::context::{add_layer, users, with_mfa, without_mfa};
use super::people::{reasons, too_large};
use super::sessions::lock_out;
use super::solver::{Outcome, Solution, Solver};
use super::terms::Terms;
use super::{enrolment, passed};
use crate::iam::actions::Standing;
use crate::iam::caller::{Caller, MfaState, Signer};
use crate::iam::pattern::TooMany;
use crate::iam::principal::Named;
use crate::iam::truth::Doubt;
use crate::iam::verdict::{CallerKind, Danger, Enrolment, Hole, Judgement, LockOut, Verdict};
use crate::inventory::PolicyKind;
use crate::inventory::subjects::{Subject, SubjectKind};

/// Judges a document that stands alone.
#[must_use]
pub fn judge(subject: &Subject, terms: &Terms) -> Judgement {
    let mut case = terms.case();
    add_layer(&mut case, 0, 0, &subject.policies);
    if let Some(judgement) = undecided(&case) {
        return judgement;
    }
    let limits = matches!(subject.kind, SubjectKind::ServiceControl | SubjectKind::ResourceControl);
    if limits && !case.items.iter().any(|item| item.allows) {
        // Beside an SCP that only denies, FullAWSAccess allows; an RCP always has RCPFullAWSAccess beside it.
        case.open(0);
    }
    let Ok((holes, doubts, enforced)) = survey(&case, subject) else { return too_large(&case) };
    let Ok(locked_out) = lock_outs(&case, subject) else { return too_large(&case) };
    let own = users(&case, None, None).into_iter().next().map(|(own, _)| own);
    let enrolment = match &own {
        Some(own) if subject.kind == SubjectKind::ServiceControl => refused_enrolment(&case, own),
        _ => Enrolment::NotApplicable,
    };
    let verdict = if !holes.is_empty() {
        Verdict::Bypassable(holes)
    } else if !doubts.is_empty() {
        Verdict::Unproven(reasons(&case, &doubts))
    } else if enforced {
        Verdict::Enforced
    } else {
        Verdict::NotApplicable
    };
    let tests = own.map_or_else(Vec::new, |own| super::tests::judge(&case, &own, |_| true));
    Judgement { verdict, enrolment, locked_out, tests, gated: enforced, ..Judgement::not_applicable() }
}

/// A document without conditions on MFA guards nothing; one that is not known may.
fn undecided(case: &Case<'_>) -> Option<Judgement> {
    let about_mfa = case.items.iter().any(|item| item.statement().is_some_and(|s| s.tests.iter().any(is_about_mfa)));
    (!about_mfa).then(Judgement::not_applicable)
}

type Found<'a> = (Vec<Hole>, Vec<Doubt<'a>>, bool);

fn survey<'a>(case: &Case<'a>, subject: &Subject) -> Result<Found<'a>, TooMany> {
    let mut found: Found<'a> = (Vec::new(), Vec::new(), false);
    let actions = classes::actions(case)?;
    for (signer, own) in callers(case, subject) {
        let after = Caller::new(CallerKind::MfaSession, signer.clone(), false);
        let present = MfaState::with(0);
        let resources = classes::resources(case, &after.keys(&present), &own)?;
        for (index, item) in case.items.iter().enumerate() {
            if addresses(case, item, &after) {
                let view = View {
                    case,
                    item,
                    index,
                    signer: &signer,
                    own: &own,
                    subject,
                    actions: &actions,
                    resources: &resources,
                };
                view.ask(&mut found);
            }
        }
        if subject.kind == SubjectKind::ManagedPolicy {
            own_dangers(case, (&signer, &own), &actions, &resources, &mut found.0);
        }
    }
    Ok(found)
}

/// Whether a statement with a condition on MFA is about this caller in some state of MFA.
fn addresses<'a>(case: &Case<'a>, item: &Item<'a>, caller: &Caller) -> bool {
    let Some(statement) = item.statement() else { return false };
    if !statement.tests.iter().any(is_about_mfa) {
        return false;
    }
    let negated = statement.principals.as_ref().is_some_and(|principals| principals.negated);
    let meant = negated || !case.principal(item, &caller.signer).is_false();
    let state = MfaState::without();
    let keys = caller.keys(&state);
    let others = statement.tests.iter().filter(|test| !is_about_mfa(test));
    meant && !others.filter_map(|test| case.fixed_test(item, test, &keys)).any(|holds| holds.is_false())
}

struct View<'v, 'a> {
    case: &'v Case<'a>,
    item: &'v Item<'a>,
    index: usize,
    signer: &'v Signer,
    own: &'v Own,
    subject: &'v Subject,
    actions: &'v [ActionClass<'a>],
    resources: &'v [ResourceClass<'a>],
}

impl<'a> View<'_, 'a> {
    fn ask(&self, found: &mut Found<'a>) {
        let root = matches!(self.signer, Signer::Arn(arn) if arn.ends_with(":root"));
        for (kind, state) in without_mfa() {
            let kind = if root { CallerKind::Root } else { kind };
            let caller = Caller::new(kind, self.signer.clone(), false);
            let solver = self.solver(&caller, &state);
            for (action, resource) in self.region() {
                match solver.ask(&action.covered, &resource.covered) {
                    Outcome::Refused => {}
                    Outcome::Perhaps(doubt) if found.1.len() < 16 => found.1.push(doubt),
                    Outcome::Perhaps(_) => {}
                    Outcome::Allowed(solution) => {
                        let allowed_by = solution.allowed_by.or(Some(self.index));
                        let solution = Solution { allowed_by, ..solution };
                        let call = call(&caller, &state, action, resource);
                        let told = told(self.case, &caller, self.own, &state, (action, resource), Danger::Access);
                        let hole = passed::hole(self.case, &call, solution, told);
                        let news = |hole: &Hole| {
                            let place = &hole.allowed_by.place;
                            !found.0.iter().any(|known| known.allowed_by.place.span == place.span)
                        };
                        let hole = hole.filter(news);
                        found.0.extend(hole);
                    }
                }
            }
        }
        let after = Caller::new(CallerKind::MfaSession, self.signer.clone(), false);
        for state in with_mfa(self.case) {
            let solver = self.solver(&after, state);
            found.2 = found.2
                || self.region().any(|(action, resource)| solver.ask(&action.covered, &resource.covered).is_allowed());
        }
    }

    /// Calls that the statement is about. A Deny is tried against everything that other policies could grant, an Allow
    /// against what this document grants.
    fn solver<'s>(&self, caller: &'s Caller, state: &'s MfaState) -> Solver<'s, 'a>
    where
        Self: 's,
    {
        let case: &'s Case<'a> = self.case;
        let solver = Solver::new(case, caller, state);
        if self.item.allows { solver.about(self.index) } else { solver.granted_elsewhere(self.index) }
    }

    /// The classes of calls that the statement covers and that MFA may guard.
    fn region(&self) -> impl Iterator<Item = (&ActionClass<'a>, &ResourceClass<'a>)> {
        let about = |truths: &[crate::iam::truth::Truth<'a>]| truths.get(self.index).is_some_and(|t| !t.is_false());
        let identity = !matches!(self.subject.kind, SubjectKind::Resource | SubjectKind::ResourceControl);
        self.actions.iter().filter(move |action| about(&action.covered)).flat_map(move |action| {
            self.resources
                .iter()
                .filter(move |resource| {
                    let counts = match standing(action, resource) {
                        Some(Reach::Open) => true,
                        Some(_) => !identity,
                        None => false,
                    };
                    counts && about(&resource.covered)
                })
                .map(move |resource| (action, resource))
        })
    }
}

/// What a managed policy with a guard itself grants past that guard: removing the device, minting credentials, and
/// self-management of other users.
fn own_dangers<'a>(
    case: &Case<'a>,
    (signer, own): (&Signer, &Own),
    actions: &[ActionClass<'a>],
    resources: &[ResourceClass<'a>],
    holes: &mut Vec<Hole>,
) {
    let mut found: Vec<Hole> = Vec::new();
    for (kind, state) in without_mfa() {
        let caller = Caller::new(kind, signer.clone(), false);
        let solver = Solver::new(case, &caller, &state);
        for action in actions {
            for resource in resources {
                let danger = match (standing(action, resource), action.known.map(|known| known.standing)) {
                    (Some(Reach::OtherUsers), _) => classes::on_others(action),
                    (Some(Reach::Open), Some(Standing::Dangerous(danger))) if danger != Danger::EntersRole => danger,
                    _ => continue,
                };
                let Outcome::Allowed(solution) = solver.ask(&action.covered, &resource.covered) else { continue };
                let administers = solution.allowed_by.is_some_and(|item| classes::administers(actions, item));
                let known = found.iter().any(|hole| hole.danger == danger);
                if known || (classes::is_on_others(danger) && administers) {
                    continue;
                }
                let call = call(&caller, &state, action, resource);
                let told = told(case, &caller, own, &state, (action, resource), danger);
                found.extend(passed::hole(case, &call, solution, told));
            }
        }
    }
    found.sort_by_key(|hole| hole.danger);
    holes.extend(found);
}

fn call<'q, 'a>(
    caller: &'q Caller,
    state: &'q MfaState,
    action: &'q ActionClass<'a>,
    resource: &'q ResourceClass<'a>,
) -> passed::Call<'q, 'a> {
    passed::Call { caller, state, actions: &action.covered, resources: &resource.covered }
}

fn told(
    case: &Case<'_>,
    caller: &Caller,
    own: &Own,
    state: &MfaState,
    (action, resource): (&ActionClass<'_>, &ResourceClass<'_>),
    danger: Danger,
) -> passed::Told {
    let (action, resource) = classes::natural(case, &caller.keys(state), own, action, resource);
    passed::Told { principal: case.symbols.spell(&caller.describe()), action, resource, danger }
}

/// The people whom a document may be about: a user of the account, the users and accounts that it names, the root user.
fn callers(case: &Case<'_>, subject: &Subject) -> Vec<(Signer, Own)> {
    let Some((own, _)) = users(case, None, None).into_iter().next() else { return Vec::new() };
    let mut signers = vec![Signer::Arn(own.arn())];
    if subject.kind == SubjectKind::ServiceControl {
        signers.push(Signer::Arn(own.iam("root")));
    }
    for meant in case.people() {
        match &meant.named {
            Named::Account { partition, account } => {
                signers.push(Signer::Arn(format!("arn:{partition}:iam::{account}:user/alice")));
            }
            Named::Arn(arn) if arn.contains(":user/") => signers.push(Signer::Arn(arn.clone())),
            _ => {}
        }
    }
    let mut distinct: Vec<(Signer, Own)> = Vec::new();
    for signer in signers.into_iter().take(24) {
        if !distinct.iter().any(|(known, _)| *known == signer) {
            distinct.push((signer, own.clone()));
        }
    }
    distinct
}

/// Sessions and services that the document keeps out for want of MFA.
fn lock_outs(case: &Case<'_>, subject: &Subject) -> Result<Vec<LockOut>, TooMany> {
    let role = crate::iam::request::signer("arn:aws:iam::111122223333:role/some-role");
    let mut found = Vec::new();
    match subject.kind {
        SubjectKind::ServiceControl => found.extend(lock_out(case, CallerKind::RoleSession, &role, true)?),
        SubjectKind::ResourceControl => found.extend(lock_out(&denying(case), CallerKind::RoleSession, &role, true)?),
        SubjectKind::Resource => {
            let limits = subject.policies.iter().any(|attached| attached.policy.kind == PolicyKind::Endpoint);
            if limits {
                found.extend(lock_out(case, CallerKind::RoleSession, &role, true)?);
            } else {
                found.extend(lock_out(&denying(case), CallerKind::RoleSession, &role, true)?.filter(|l| l.entirely));
            }
        }
        _ => {}
    }
    Ok(found)
}

/// The same case with every Allow granting regardless of MFA and principal: only a Deny keeps anybody out for good, since
/// identity policies may grant what this document does not.
fn denying<'a>(case: &Case<'a>) -> Case<'a> {
    let (items, symbols) = (case.items.clone(), Rc::clone(&case.symbols));
    let mut denying = Case { items, layers: case.layers, symbols, ..Case::default() };
    denying.items.retain(|item| !item.allows || !item.statement().is_some_and(|s| s.tests.iter().any(is_about_mfa)));
    if !denying.items.iter().any(|item| item.allows) {
        denying.open(0);
    }
    denying
}

/// Whether an SCP refuses what users, or the root user of an account, need to enrol a first device.
fn refused_enrolment(case: &Case<'_>, own: &Own) -> Enrolment {
    let root = Signer::Arn(own.iam("root"));
    let attempts = [enrolment::judge(case, own), enrolment::judge_for(case, own, &root)];
    let blocked = attempts.into_iter().find(|enrolment| matches!(enrolment, Enrolment::Blocked(_)));
    blocked.unwrap_or(Enrolment::NotApplicable)
}

#[cfg(test)]
mod tests;

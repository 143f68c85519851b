//! Groups and users: what a person with these policies can do without MFA, with it, and to enrol a first device.

use std::collections::BTreeMap;

use super::blame;
use super::case::{Case, Item};
use super::classes::{self, ActionClass, Own, Reach, ResourceClass, ResourceKind, standing};
use super::context::{add_layer, anyone, reason, tests, users, with_mfa, without_mfa};
use super::enrolment;
use super::passed;
use super::solver::{Outcome, Solution, Solver};
use super::terms::Terms;
use crate::iam::actions::Standing;
use crate::iam::caller::{Caller, MfaState, Signer, is_about_forwarding};
use crate::iam::truth::Doubt;
use crate::iam::verdict::{
    CallerKind, Danger, Enrolment, Hole, Judgement, PassedBecause, PassedGuard, Reason, Verdict,
};
use crate::inventory::subjects::{Subject, SubjectKind};

/// Holes that are kept at most: one for each danger and statement is enough to act on.
const HOLES: usize = 12;

/// Judges a group or user by all that is attached to it.
#[must_use]
pub fn judge(subject: &Subject) -> Judgement {
    judge_under(subject, &Terms::default())
}

/// Judges a group or user on these terms.
#[must_use]
pub fn judge_under(subject: &Subject, terms: &Terms) -> Judgement {
    let mut case = terms.case();
    add_layer(&mut case, 0, 0, &subject.policies);
    for (index, boundary) in subject.boundaries.iter().enumerate() {
        add_layer(&mut case, index + 1, subject.policies.len() + index, std::slice::from_ref(boundary));
    }
    let name = user_name(subject, &case);
    let users = users(&case, name.as_deref(), subject.path.as_deref());
    let mut survey = Survey::default();
    let Ok(actions) = classes::actions(&case) else { return too_large(&case) };
    let grants = |(index, item): (usize, &Item<'_>)| {
        (item.allows && item.layer == 0 && classes::administers(&actions, index)).then_some(index)
    };
    survey.administering = case.items.iter().enumerate().filter_map(grants).collect();
    for (own, named) in &users {
        if survey_user(&case, &actions, own, *named, &mut survey).is_err() {
            return too_large(&case);
        }
    }
    let enrolment = users.first().map_or(Enrolment::NotApplicable, |(own, _)| enrolment::judge(&case, own));
    let own = users.first().map(|(own, _)| own.clone());
    finish(&case, survey, enrolment, own)
}

/// The name of a user; one that the input leaves to AWS is an unknown identifier, spelt as templates refer to it.
fn user_name(subject: &Subject, case: &Case<'_>) -> Option<String> {
    if subject.kind != SubjectKind::User {
        return None;
    }
    let unknown = || String::from(case.symbols.symbol(&format!("Ref {}", subject.address.path)));
    Some(subject.name.clone().unwrap_or_else(unknown))
}

/// Rank, danger and allowing item: one hole of each is kept.
type HoleKey = (u8, Danger, Option<usize>);

#[derive(Default)]
struct Survey<'a> {
    holes: BTreeMap<HoleKey, Hole>,
    /// Self-management of other users by those who administer all of IAM.
    remarks: BTreeMap<HoleKey, Hole>,
    /// Items that grant the administration of all of IAM.
    administering: Vec<usize>,
    doubts: Vec<Doubt<'a>>,
    gated: bool,
    /// What is left to a caller with MFA.
    left: Left,
    /// The same for the enrolment of other users, which is not what people come for.
    left_on_others: Left,
}

/// What a caller with MFA keeps of what MFA may guard.
#[derive(Clone, Copy, Default)]
struct Left {
    /// Something.
    kept: bool,
    /// Something would be kept if there were no conditions on MFA.
    would_keep: bool,
}

impl Left {
    fn is_lost(self) -> bool {
        self.would_keep && !self.kept
    }
}

impl Survey<'_> {
    /// Whether conditions on MFA take everything away.
    fn is_locked(&self) -> bool {
        self.left.is_lost() || (!self.left.would_keep && self.left_on_others.is_lost())
    }
}

fn finish<'a>(case: &Case<'a>, survey: Survey<'a>, enrolment: Enrolment, own: Option<Own>) -> Judgement {
    let locked = survey.is_locked();
    let remarks = survey.remarks.into_values().collect();
    let mut holes: Vec<Hole> = survey.holes.into_values().collect();
    let guards = effective_guards(case);
    step_up(case, &guards, &mut holes);
    let gated = survey.gated || !guards.is_empty();
    let somebody = own.as_ref().map(|own| case.symbols.spell(&own.arn())).unwrap_or_default();
    let locked_out = if locked { blame::everyone(case, somebody).into_iter().collect() } else { Vec::new() };
    let verdict = if !holes.is_empty() {
        Verdict::Bypassable(holes)
    } else if !survey.doubts.is_empty() {
        Verdict::Unproven(reasons(case, &survey.doubts))
    } else if gated || locked {
        Verdict::Enforced
    } else {
        Verdict::NotApplicable
    };
    let tests = own.map_or_else(Vec::new, |own| super::tests::judge(case, &own, |item| item.layer == 0));
    Judgement { verdict, enrolment, remarks, locked_out, tests, gated: gated || locked, admits_any_account: false }
}

/// The distinct reasons behind doubts.
#[must_use]
pub fn reasons(case: &Case<'_>, doubts: &[Doubt<'_>]) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = Vec::new();
    let mut told: Vec<Doubt<'_>> = Vec::new();
    for doubt in doubts {
        if told.iter().any(|known| known.is(*doubt)) {
            continue;
        }
        told.push(*doubt);
        let reason = reason(*doubt, case);
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    reasons
}

/// The answer where a case is too large to be searched.
#[must_use]
pub fn too_large(case: &Case<'_>) -> Judgement {
    let doubt = Doubt::Bound("the policies tell apart more actions or resources than can be searched");
    Judgement { verdict: Verdict::Unproven(reasons(case, &[doubt])), ..Judgement::not_applicable() }
}

fn survey_user<'a>(
    case: &Case<'a>,
    actions: &[ActionClass<'a>],
    own: &Own,
    named: bool,
    survey: &mut Survey<'a>,
) -> Result<(), crate::iam::pattern::TooMany> {
    let signer = Signer::Arn(own.arn());
    let caller = |kind| Caller::new(kind, signer.clone(), named);
    let mut without: Vec<(Caller, MfaState)> =
        without_mfa().into_iter().map(|(kind, state)| (caller(kind), state)).collect();
    if tests(case).any(|(_, test)| is_about_forwarding(&test.name)) {
        without.extend(without_mfa().map(|(kind, state)| (caller(kind).forwarded(), state)));
    }
    let after = caller(CallerKind::MfaSession);
    let ages = with_mfa(case);
    let resources = classes::resources(case, &after.keys(&MfaState::with(0)), own)?;
    let open: Vec<Solver<'_, 'a>> = without.iter().map(|(caller, state)| Solver::new(case, caller, state)).collect();
    let managing = |(caller, state)| Solver::new(case, caller, state).ignoring(&survey.administering);
    // Where nobody administers them all, there is nothing to ignore.
    let administered = without.iter().filter(|_| !survey.administering.is_empty());
    let managing: Vec<Solver<'_, 'a>> = administered.map(|(caller, state)| managing((caller, state))).collect();
    let closed: Vec<Solver<'_, 'a>> = ages.iter().map(|state| Solver::new(case, &after, state)).collect();
    let absent = MfaState::absent();
    let regardless = Solver::regardless_of_mfa(case, &after, &absent);
    for action in actions {
        for resource in resources.iter() {
            let Some(reach) = standing(action, resource) else { continue };
            if reach == Reach::Exempt {
                continue;
            }
            let question = Question { case, action, resource, reach, own };
            let refused = question.ask_without_mfa(&without, &open, &managing, survey);
            question.ask_with_mfa(&closed, &regardless, refused, survey);
        }
    }
    Ok(())
}

struct Question<'q, 'a> {
    case: &'q Case<'a>,
    action: &'q ActionClass<'a>,
    resource: &'q ResourceClass<'a>,
    reach: Reach,
    own: &'q Own,
}

impl<'a> Question<'_, 'a> {
    /// Notes a hole or a doubt; tells whether some state without MFA is certainly refused. `managing` leaves aside who
    /// administers all of IAM, where somebody does.
    fn ask_without_mfa(
        &self,
        without: &[(Caller, MfaState)],
        solvers: &[Solver<'_, 'a>],
        managing: &[Solver<'_, 'a>],
        survey: &mut Survey<'a>,
    ) -> bool {
        let mut refused = false;
        let ask = |solver: &Solver<'_, 'a>| solver.ask(&self.action.covered, &self.resource.covered);
        for (at, ((caller, state), solver)) in without.iter().zip(solvers).enumerate() {
            let managing = managing.get(at);
            let mut outcome = ask(solver);
            // What administrators of all of IAM can do for other users is no fault of their self-management.
            let on_others = matches!(self.reach, Reach::OtherUsers | Reach::PerhapsExempt);
            if let Some(managing) = managing.filter(|_| on_others && !outcome.is_refused()) {
                let managed = ask(managing);
                if managed.is_refused() {
                    self.remark(caller, state, outcome, survey);
                    continue;
                }
                outcome = managed;
            }
            match outcome {
                Outcome::Allowed(_) if self.reach == Reach::PerhapsExempt => survey.doubts.push(Doubt::Bound(
                    "whether self-management reaches other users depends on a name that is not known",
                )),
                Outcome::Allowed(solution) => self.note(caller, state, solution, &mut survey.holes),
                Outcome::Perhaps(doubt) if survey.doubts.len() < 16 => survey.doubts.push(doubt),
                Outcome::Perhaps(_) => {}
                Outcome::Refused => refused |= !caller.is_forwarded(),
            }
        }
        refused
    }

    fn ask_with_mfa(
        &self,
        solvers: &[Solver<'_, 'a>],
        regardless: &Solver<'_, 'a>,
        refused: bool,
        survey: &mut Survey<'a>,
    ) {
        let on_others = matches!(self.reach, Reach::OtherUsers | Reach::PerhapsExempt);
        let left = if on_others { &mut survey.left_on_others } else { &mut survey.left };
        if left.kept && (survey.gated || !refused) {
            return;
        }
        let ask = |solver: &Solver<'_, 'a>| solver.ask(&self.action.covered, &self.resource.covered);
        left.would_keep |= ask(regardless).is_allowed();
        for solver in solvers {
            let outcome = ask(solver);
            left.kept |= !outcome.is_refused();
            survey.gated |= refused && outcome.is_allowed();
        }
    }

    fn remark(&self, caller: &Caller, state: &MfaState, outcome: Outcome<'a>, survey: &mut Survey<'a>) {
        match outcome {
            Outcome::Allowed(solution) if self.reach == Reach::OtherUsers && !caller.is_forwarded() => {
                self.note(caller, state, solution, &mut survey.remarks);
            }
            _ => {}
        }
    }

    fn note(&self, caller: &Caller, state: &MfaState, solution: Solution, holes: &mut BTreeMap<HoleKey, Hole>) {
        let danger = if caller.is_forwarded() { Danger::ThroughService } else { self.danger() };
        let own_things = matches!(self.resource.kind, ResourceKind::OwnUser | ResourceKind::MfaDevice);
        let rank = match danger {
            Danger::Access if !own_things => 0,
            Danger::RemovesDevice => 1,
            Danger::MakesCredentials => 2,
            Danger::EntersRole => 3,
            Danger::Access => 4,
            Danger::OtherUsers => 5,
            Danger::OutsideStepUp | Danger::ReadsOtherUsers | Danger::Vendor => 6,
            Danger::DeletesDevice => 7,
            Danger::ThroughService if self.action.known.is_none() => 8,
            Danger::ThroughService => 9,
        };
        let key = (rank, danger, solution.allowed_by);
        if holes.contains_key(&key) || holes.len() >= HOLES {
            return;
        }
        let (action, resource) = classes::natural(self.case, &caller.keys(state), self.own, self.action, self.resource);
        let told = passed::Told { principal: self.case.symbols.spell(&self.own.arn()), action, resource, danger };
        let (actions, resources) = (&self.action.covered, &self.resource.covered);
        let call = passed::Call { caller, state, actions, resources };
        holes.extend(passed::hole(self.case, &call, solution, told).map(|hole| (key, hole)));
    }

    fn danger(&self) -> Danger {
        match (self.reach, self.action.known.map(|known| known.standing)) {
            (Reach::OtherUsers, _) => classes::on_others(self.action),
            (_, Some(Standing::Dangerous(danger))) => danger,
            _ => Danger::Access,
        }
    }
}

/// The guards that stop every caller without MFA and let somebody with MFA pass.
fn effective_guards<'c, 'a>(case: &'c Case<'a>) -> Vec<&'c Item<'a>> {
    let anyone = someone_after_mfa(case);
    let fires = |item: &Item<'a>, state: &MfaState| case.fixed_tests(item, &anyone.keys(state)).is_true();
    let ages = with_mfa(case);
    let effective = |item: &&Item<'a>| {
        item.is_guard()
            && without_mfa().iter().all(|(_, state)| fires(item, state))
            && ages.iter().any(|state| !fires(item, state))
    };
    case.items.iter().filter(effective).collect()
}

/// A user that no policy names.
fn someone_after_mfa(case: &Case<'_>) -> Caller {
    let own = anyone(case).first().map(|(own, _)| own.arn()).unwrap_or_default();
    Caller::new(CallerKind::MfaSession, Signer::Arn(own), false)
}

/// Where every effective guard asks for recent MFA and names the resources that it is about, what lies outside of these is
/// left open on purpose.
fn step_up<'a>(case: &Case<'a>, guards: &[&Item<'a>], holes: &mut [Hole]) {
    let ages = with_mfa(case);
    let anyone = someone_after_mfa(case);
    let recent = |item: &&Item<'a>| ages.iter().any(|state| case.fixed_tests(item, &anyone.keys(state)).is_true());
    if guards.is_empty() || !guards.iter().all(recent) {
        return;
    }
    for hole in holes {
        let outside = |guard: &PassedGuard| guard.why == PassedBecause::Resource;
        if !hole.passed.is_empty() && hole.passed.iter().all(outside) {
            hole.danger = Danger::OutsideStepUp;
        }
    }
}

#[cfg(test)]
mod tests;

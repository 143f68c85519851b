//! What comes of every condition on MFA: does the statement do what such a statement is for?
//!
//! A statement is judged in the company of the others in its case: a Deny that lets a caller without MFA pass is no mistake
//! where another one stops that caller.

use super::case::{Case, Item, is_about_mfa};
use super::classes::{self, Own, Reach, standing};
use super::context::{with_mfa, without_mfa};
use super::solver::Solver;
use crate::iam::caller::{Caller, MfaState, Signer, misspelt};
use crate::iam::document::{Statement, Test};
use crate::iam::truth::{Doubt, Truth};
use crate::iam::verdict::{CallerKind, MfaTest, Mistake};

/// Judges the conditions on MFA of the items that are asked for.
#[must_use]
pub fn judge<'a>(case: &Case<'a>, own: &Own, wanted: impl Fn(&Item<'a>) -> bool) -> Vec<MfaTest> {
    let mut judged = Vec::new();
    for (index, item) in case.items.iter().enumerate().filter(|(_, item)| wanted(item)) {
        let (Some(statement), Some(reference)) = (item.statement(), case.reference(index)) else { continue };
        if !statement.tests.iter().any(is_about_mfa) {
            continue;
        }
        let view = View { case, item, index, statement, own };
        let (test, mistake) = view.mistake();
        judged.push(MfaTest { statement: reference, test, mistake });
    }
    // Kept for every subject of a large input, most of which have one.
    judged.shrink_to_fit();
    judged
}

struct View<'v, 'a> {
    case: &'v Case<'a>,
    item: &'v Item<'a>,
    index: usize,
    statement: &'a Statement,
    own: &'v Own,
}

impl<'a> View<'_, 'a> {
    fn mistake(&self) -> (usize, Option<Mistake>) {
        let tests = self.statement.tests.iter().enumerate().filter(|(_, test)| is_about_mfa(test));
        let first = tests.clone().next().map_or(0, |(index, _)| index);
        for (index, test) in tests {
            if let Some(meant) = misspelt(&test.key) {
                return (index, Some(Mistake::MisspeltKey(meant)));
            }
        }
        let person = self.caller(CallerKind::MfaSession);
        let states: Vec<(CallerKind, MfaState)> = without_mfa().into_iter().collect();
        let before: Vec<Truth<'a>> = states.iter().map(|(_, state)| self.holds(&person, state)).collect();
        let after: Vec<Truth<'a>> = with_mfa(self.case).iter().map(|state| self.holds(&person, state)).collect();
        let admitted: Vec<CallerKind> = states
            .iter()
            .zip(&before)
            .filter(|((kind, state), holds)| self.lets_pass(**holds) && self.gets_through(*kind, state))
            .map(|((kind, _), _)| *kind)
            .collect();
        let never = before.iter().chain(&after).all(|holds| holds.is_false());
        let with_only = after.iter().all(|holds| holds.is_true()) && before.iter().all(|holds| holds.is_false());
        let without_only = after.iter().all(|holds| holds.is_false()) && before.iter().any(|holds| holds.is_true());
        if !admitted.is_empty() {
            let blamed = self.blame(&admitted, &states).unwrap_or(first);
            let inverted = if self.item.allows { without_only } else { with_only };
            let mistake =
                if inverted { Mistake::Inverted } else { Mistake::AdmitsWithoutMfa { admitted, dead: never } };
            return (blamed, Some(mistake));
        }
        if let Some(sentence) = before.iter().chain(&after).find_map(|holds| undocumented(*holds)) {
            return (self.doubtful().unwrap_or(first), Some(Mistake::Undocumented(sentence)));
        }
        let always = before.iter().chain(&after).all(|holds| holds.is_true());
        let mistake = match (self.item.allows, never, always) {
            (true, true, _) => Some(Mistake::NeverHolds),
            (false, _, true) => Some(Mistake::AlwaysHolds),
            _ => None,
        };
        (first, mistake)
    }

    /// The statement's tests on MFA in a state.
    fn holds(&self, caller: &Caller, state: &MfaState) -> Truth<'a> {
        let keys = caller.keys(state);
        let tests = self.statement.tests.iter().filter(|test| is_about_mfa(test));
        let open = Truth::Unproven(Doubt::Bound("what a caller brings decides what the key is compared with"));
        Truth::all(tests.map(|test| self.case.fixed_test(self.item, test, &keys).unwrap_or(open)))
    }

    fn lets_pass(&self, holds: Truth<'a>) -> bool {
        if self.item.allows { holds.is_true() } else { holds.is_false() }
    }

    /// Whether some call that the statement is about gets through in this state, whatever other policies would grant.
    fn gets_through(&self, kind: CallerKind, state: &MfaState) -> bool {
        let caller = self.caller(kind);
        let keys = caller.keys(state);
        let solver = Solver::new(self.case, &caller, state);
        let solver = if self.item.allows { solver.through(self.index) } else { solver.granted_elsewhere(self.index) };
        let Ok(actions) = classes::actions(self.case) else { return false };
        let Ok(resources) = classes::resources(self.case, &keys, self.own) else { return false };
        let about = |truths: &[Truth<'a>]| truths.get(self.index).is_some_and(|truth| truth.is_true());
        actions.iter().filter(|action| about(&action.covered)).any(|action| {
            resources.iter().filter(|resource| about(&resource.covered)).any(|resource| {
                let reach = standing(action, resource);
                let counts = self.case.trust || matches!(reach, Some(Reach::Open | Reach::OtherUsers));
                counts && solver.ask(&action.covered, &resource.covered).is_allowed()
            })
        })
    }

    fn caller(&self, kind: CallerKind) -> Caller {
        Caller::new(kind, self.signer(), false)
    }

    /// Somebody whom the statement is about: the calling user, or the first principal that it names.
    fn signer(&self) -> Signer {
        self.case.addressed(self.item).unwrap_or_else(|| Signer::Arn(self.own.arn()))
    }

    /// The test that lets the first admitted caller pass.
    fn blame(&self, admitted: &[CallerKind], states: &[(CallerKind, MfaState)]) -> Option<usize> {
        let (kind, state) = states.iter().find(|(kind, _)| admitted.contains(kind))?;
        let caller = self.caller(*kind);
        let keys = caller.keys(state);
        let tests = self.statement.tests.iter().enumerate();
        let passes = |(_, test): &(usize, &'a Test)| {
            let holds = self.case.fixed_test(self.item, test, &keys).unwrap_or(Truth::True);
            is_about_mfa(test) && self.lets_pass(holds)
        };
        tests.into_iter().find(passes).map(|(index, _)| index)
    }

    /// The test about which AWS's documents leave something open.
    fn doubtful(&self) -> Option<usize> {
        let caller = self.caller(CallerKind::MfaSession);
        let without = without_mfa().map(|(_, state)| state);
        for state in without.iter().chain(with_mfa(self.case)) {
            let keys = caller.keys(state);
            let open = |test: &&'a Test| {
                let holds = self.case.fixed_test(self.item, test, &keys);
                is_about_mfa(test) && holds.is_some_and(|holds| undocumented(holds).is_some())
            };
            if let Some(test) = self.statement.tests.iter().find(open) {
                return self.statement.tests.iter().position(|other| std::ptr::eq(other, test));
            }
        }
        None
    }
}

fn undocumented(truth: Truth<'_>) -> Option<String> {
    match truth {
        Truth::Unproven(Doubt::Undocumented(sentence, _)) => Some(sentence.to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod mistakes;

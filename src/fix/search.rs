//! The search for a fix: edits are tried, and edits of what comes of them, until a finding is gone and nothing is worse.

use std::collections::HashSet;

use super::scene::{Bench, Scene, Seen, View};
use super::stages::{Part, Stage};
use super::{candidates, edit};
use crate::finding::{Finding, Severity};

/// How many edited texts are tried for one finding.
pub(super) const TRIES: usize = 64;

/// How many edits in a row are tried.
const STEPS: usize = 4;

/// How many states are followed up after each edit.
const WIDTH: usize = 3;

/// A state of the search.
struct State {
    scene: Scene,
    view: View,
    /// How far from a fix it is: whether the finding is still there, and what else there is to say that was not before.
    distance: (bool, usize),
}

/// What a finding is put right by.
pub(super) struct Repaired {
    /// The whole after it.
    pub(super) scene: Scene,
    /// The number of the part that was looked at alone; `None` where everything was.
    pub(super) part: Option<usize>,
}

/// The fewest edits that put a finding right, found with so much work.
pub(super) fn repair(stage: &Stage, finding: &Finding, bench: &Bench<'_>, work: usize) -> Option<Repaired> {
    // What is left out may be what makes the finding.
    let is_there = |part: &&Part| part.seen.view(bench).counterpart(finding).is_some();
    let part = stage.part.as_ref().filter(is_there);
    let seen = part.map_or(&stage.whole, |part| &part.seen);
    let scene = search(seen, finding, bench, work)?.whole();
    Some(Repaired { scene, part: part.map(|part| part.number) })
}

/// The scene after the fewest edits that put a finding right in it.
fn search(seen: &Seen, finding: &Finding, bench: &Bench<'_>, work: usize) -> Option<Scene> {
    let before = seen.view(bench);
    let finding = before.counterpart(finding)?;
    let cost = seen.cost(bench, 1.0);
    let mut search = Search { finding, before, bench, cost, left: work, seen: HashSet::new(), good: None };
    let mut states = search.after(&seen.scene, before);
    for _ in 1..STEPS {
        if search.good.is_some() {
            break;
        }
        states.sort_by_key(|state| state.distance);
        states.truncate(WIDTH);
        states = states.iter().flat_map(|state| search.after(&state.scene, &state.view)).collect();
    }
    search.good.map(|(scene, _)| scene)
}

struct Search<'a> {
    finding: &'a Finding,
    before: &'a View,
    bench: &'a Bench<'a>,
    /// The work of one look, in bytes.
    cost: usize,
    /// The work that is still allowed.
    left: usize,
    /// The texts that were tried.
    seen: HashSet<String>,
    /// The best fix by now, with how much there is to remark on it.
    good: Option<(Scene, usize)>,
}

impl Search<'_> {
    /// Tries everything that may help in a state; gives the states that came of it and are no fixes.
    fn after(&mut self, scene: &Scene, view: &View) -> Vec<State> {
        let mut states = Vec::new();
        let mut wanted: Vec<&Finding> = Vec::new();
        if !view.is_gone(self.finding, self.before) {
            wanted.extend(view.counterpart(self.finding));
        }
        wanted.extend(view.new_since(self.before));
        let sources = scene.sources();
        let limit = self.bench.judge.configuration.maximum_mfa_age;
        for finding in wanted {
            for candidate in candidates::propose(&view.judged, finding, limit, &sources) {
                if self.good.as_ref().is_some_and(|(_, remarks)| *remarks == 0) {
                    return states;
                }
                let text = edit::apply(candidate.source.text(), &candidate.edits);
                let Some(text) = text.filter(|text| self.seen.insert(text.clone())) else { continue };
                let Some(left) = self.left.checked_sub(self.cost).filter(|_| self.seen.len() <= TRIES) else {
                    return states;
                };
                self.left = left;
                let Some(scene) = scene.edited(&candidate.source, text) else { continue };
                states.extend(self.judge(scene));
            }
        }
        states
    }

    /// Judges an edited scene: it is a fix, or a state from which there may be one.
    fn judge(&mut self, scene: Scene) -> Option<State> {
        let view = scene.look(self.bench);
        let gone = view.is_gone(self.finding, self.before);
        let new = view.new_since(self.before);
        let remarks = new.len();
        let is_fix = is_fix(&view, self.before, self.finding);
        if is_fix && self.good.as_ref().is_none_or(|(_, known)| remarks < *known) {
            self.good = Some((scene.clone(), remarks));
        }
        Some(State { scene, view, distance: (!gone, remarks) })
    }
}

/// Whether a finding is put right in a view, and nothing is worse for it.
pub(super) fn is_fix(after: &View, before: &View, finding: &Finding) -> bool {
    let new = after.new_since(before);
    after.is_gone(finding, before)
        && !after.is_worse_than(before)
        && new.iter().all(|new| new.severity < finding.severity && is_bearable(new))
}

/// Whether a new finding is no reason against a fix: nobody is in difficulties for it.
fn is_bearable(new: &Finding) -> bool {
    let grave = ["enrolment-blocked", "malformed-policy", "mfa-unproven", "ineffective-mfa-condition"];
    new.severity < Severity::Error && !grave.contains(&new.rule) && !new.rule.starts_with("mfa-locks-out")
}

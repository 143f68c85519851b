//! The search for a fix: edits are proposed and judged, and what they leave to say proposes the next ones.

use std::collections::HashSet;
use std::sync::Arc;

use super::scene::{Bench, Scene, View};
use super::{candidates, edit};
use crate::finding::{Finding, Severity};

/// How many edited texts are tried for one finding.
const TRIES: usize = 64;

/// How many edits in a row are tried.
const STEPS: usize = 4;

/// How many states are followed up after each edit.
const WIDTH: usize = 3;

/// A scene with what it comes to.
#[derive(Clone)]
pub(super) struct Seen {
    /// The texts.
    pub(super) scene: Scene,
    /// What is judged of them.
    pub(super) view: Arc<View>,
}

impl Seen {
    /// Looks at a scene.
    pub(super) fn new(scene: Scene, bench: &Bench<'_>) -> Self {
        let view = Arc::new(scene.look(bench));
        Self { scene, view }
    }
}

/// A state of the search.
struct State {
    seen: Seen,
    /// How far from a fix it is: whether the finding is still there, and what else there is to say that was not before.
    distance: (bool, usize),
}

/// The scene after the fewest edits that put a finding right, found with so much work.
pub(super) fn repair(start: &Seen, finding: &Finding, bench: &Bench<'_>, work: usize) -> Option<Seen> {
    let before = &start.view;
    let finding = before.counterpart(finding)?;
    let mut search = Search { finding, before, bench, left: work, tried: HashSet::new(), good: None };
    let mut states = search.after(start);
    for _ in 1..STEPS {
        if search.good.is_some() {
            break;
        }
        states.sort_by_key(|state| state.distance);
        states.truncate(WIDTH);
        states = states.iter().flat_map(|state| search.after(&state.seen)).collect();
    }
    search.good.map(|(seen, _)| seen)
}

struct Search<'a> {
    finding: &'a Finding,
    before: &'a View,
    bench: &'a Bench<'a>,
    /// The work that is still allowed.
    left: usize,
    /// The texts that were tried.
    tried: HashSet<String>,
    /// The best fix by now, with how much there is to remark on it.
    good: Option<(Seen, usize)>,
}

impl Search<'_> {
    /// Tries everything that may help in a state; gives the states that came of it and are no fixes.
    fn after(&mut self, Seen { scene, view }: &Seen) -> Vec<State> {
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
                let Some(text) = text.filter(|text| self.tried.insert(text.clone())) else { continue };
                let Some(left) = self.left.checked_sub(scene.cost()).filter(|_| self.tried.len() <= TRIES) else {
                    return states;
                };
                self.left = left;
                let Some(scene) = scene.edited(&candidate.source, text) else { continue };
                states.push(self.judge(scene));
            }
        }
        states
    }

    /// Judges an edited scene: it is a fix, or a state from which there may be one.
    fn judge(&mut self, scene: Scene) -> State {
        let seen = Seen::new(scene, self.bench);
        let gone = seen.view.is_gone(self.finding, self.before);
        let remarks = seen.view.new_since(self.before).len();
        let is_fix = is_fix(&seen.view, self.before, self.finding);
        if is_fix && self.good.as_ref().is_none_or(|(_, known)| remarks < *known) {
            self.good = Some((seen.clone(), remarks));
        }
        State { seen, distance: (!gone, remarks) }
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

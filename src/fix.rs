//! From findings to fixes: edits of what somebody wrote, each tried by the evaluator before anybody sees it.
//!
//! A fix is found by search. What may help is proposed by what the judgement says is wrong; the edited text then goes the
//! whole way again (load, extract, judge, rules) together with everything that it is tied to. It is a fix where the
//! finding is gone, nobody is locked out who got in, enrolling is no harder, and no rule has anything new to say that
//! weighs as much. Where one edit is not enough, what is left to say proposes the next one.

use std::collections::HashSet;
use std::sync::Arc;

use rayon::prelude::*;

use crate::Judge;
use crate::checkout::Checkouts;
use crate::extract::Settings;
use crate::finding::{Finding, Severity};
use crate::inventory::Address;
use crate::load::Input;
use crate::report::Report;
use crate::source::Source;
use scene::{Bench, Scene, View};

mod addition;
mod candidates;
mod conditions;
mod diff;
mod edit;
mod editor;
mod files;
mod pen;
mod scene;
mod statements;
mod surroundings;
#[cfg(test)]
mod tests;

pub use diff::{Change, Line};
pub use files::{FileFix, Unwritten};
use surroundings::Surroundings;

/// Edited texts that put a finding right.
#[derive(Clone, Debug)]
pub struct Fix {
    /// The texts.
    pub texts: Vec<Edited>,
}

/// A text before and after a fix.
#[derive(Clone, Debug)]
pub struct Edited {
    /// The text as it is.
    pub before: Arc<Source>,
    /// The text as it would be.
    pub after: String,
}

impl Edited {
    /// The lines that change, with those around them.
    #[must_use]
    pub fn lines(&self) -> Vec<Line> {
        diff::lines(self.before.text(), &self.after)
    }
}

impl Fix {
    /// Whether another fix does the very same.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        let same =
            |(left, right): (&Edited, &Edited)| Arc::ptr_eq(&left.before, &right.before) && left.after == right.after;
        self.texts.len() == other.texts.len() && self.texts.iter().zip(&other.texts).all(same)
    }
}

/// The fixes of a report's findings.
#[derive(Debug, Default)]
pub struct Fixes {
    /// One place for each finding, in the order of the report; empty where none were asked for.
    fixes: Vec<Option<Fix>>,
    /// For how many findings that may have one no fix was looked for.
    pub left_out: usize,
}

impl Fixes {
    /// The fix of the finding at this place of the report.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<&Fix> {
        self.fixes.get(at)?.as_ref()
    }
}

/// For how many findings of a report fixes are looked for: more than anybody reads.
const FINDINGS: usize = 100;

/// How much may be judged for one finding, in bytes: enough for all candidates of a large template.
const WORK: usize = 8 << 20;

/// How much may be judged for all findings of a report: a report must not keep anybody waiting for its fixes.
const WORK_FOR_ALL: usize = 128 << 20;

/// What a project has decided, and what its inputs are.
#[derive(Clone, Copy)]
pub(crate) struct Project<'a> {
    /// All inputs of the run.
    pub(crate) inputs: &'a [Input],
    /// Judges as the project has decided.
    pub(crate) judge: &'a Judge<'a>,
    /// What is said about the inputs beside them.
    pub(crate) settings: &'a Settings,
    /// The Terraform files beside them.
    pub(crate) checkouts: &'a Checkouts,
    /// The day by which waivers expire.
    pub(crate) today: jiff::civil::Date,
}

impl<'a> Project<'a> {
    fn bench(&self) -> Bench<'a> {
        Bench { judge: self.judge, settings: self.settings, checkouts: self.checkouts, today: self.today }
    }
}

/// Looks for the fixes of the findings of a report, as they stand in it.
pub(crate) fn suggest(report: &Report, project: Project<'_>) -> Fixes {
    let surroundings = Surroundings::new(report, project.inputs);
    let repairable = |place: &usize| report.findings.get(*place).is_some_and(|it| candidates::has_repair(it.rule));
    let asked: Vec<usize> = report.heaviest_first().into_iter().filter(repairable).collect();
    let wanted: HashSet<usize> = asked.iter().copied().take(FINDINGS).collect();
    let work = WORK.min(WORK_FOR_ALL / wanted.len().max(1));
    let fix = |(place, finding): (usize, &Finding)| {
        let scene = if wanted.contains(&place) { surroundings.of(finding)? } else { return None };
        let bench = project.bench();
        match repair(&scene, finding, &bench, work) {
            Some(repaired) => changes(&scene, &repaired),
            None => addition::find(&scene, finding, &bench),
        }
    };
    let fixes = report.findings.par_iter().enumerate().map(fix).collect();
    Fixes { fixes, left_out: asked.len() - wanted.len() }
}

/// Puts right in the files what can be put right, and gives the texts that come of it.
pub(crate) fn everything(report: &Report, project: Project<'_>) -> Vec<FileFix> {
    let surroundings = Surroundings::new(report, project.inputs);
    // What the configuration accepts does not come up again; what a baseline accepts would.
    let waived = report.set_aside.waived.iter().map(|waived| (waived.finding.rule, &waived.finding.address));
    let accepted: HashSet<(&str, &Address)> = waived.collect();
    let counts = |finding: &Finding| !accepted.contains(&(finding.rule, &finding.address));
    let edited: Vec<_> = surroundings
        .files()
        .into_par_iter()
        .map(|scene| {
            let end = exhausted(scene.clone(), &project.bench(), counts);
            changes(&scene, &end)
        })
        .collect();
    files::sorted(edited.into_iter().flatten())
}

/// Repairs until nothing is left that counts and can be repaired.
fn exhausted(mut scene: Scene, bench: &Bench<'_>, counts: impl Fn(&Finding) -> bool) -> Scene {
    /// Far more than a template has findings.
    const ROUNDS: usize = 500;
    'rounds: for _ in 0..ROUNDS {
        let view = scene.look(bench);
        // What weighs most goes first: what weighs less may go with it.
        let mut findings: Vec<&Finding> = view.findings.iter().filter(|finding| counts(finding)).collect();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        for finding in findings.into_iter().filter(|finding| candidates::has_repair(finding.rule)) {
            if let Some(repaired) = repair(&scene, finding, bench, WORK) {
                scene = repaired;
                continue 'rounds;
            }
        }
        break;
    }
    scene
}

/// The texts that differ between two states of a scene.
fn changes(before: &Scene, after: &Scene) -> Option<Fix> {
    let texts = before.sources().into_iter().zip(after.sources());
    let differing = texts.filter(|(before, after)| before.text() != after.text());
    let edited = |(before, after): (&Arc<Source>, &Arc<Source>)| Edited {
        before: Arc::clone(before),
        after: after.text().to_owned(),
    };
    let texts: Vec<Edited> = differing.map(edited).collect();
    (!texts.is_empty()).then_some(Fix { texts })
}

/// How many edited texts are tried for one finding.
const TRIES: usize = 64;

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

/// The scene after the fewest edits that put a finding right, found with so much work.
fn repair(scene: &Scene, finding: &Finding, bench: &Bench<'_>, work: usize) -> Option<Scene> {
    let before = scene.look(bench);
    let finding = before.counterpart(finding)?.clone();
    let mut search = Search { finding: &finding, before: &before, bench, left: work, seen: HashSet::new(), good: None };
    let mut states = search.after(scene, &before);
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
                let Some(left) = self.left.checked_sub(scene.cost()).filter(|_| self.seen.len() <= TRIES) else {
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
fn is_fix(after: &View, before: &View, finding: &Finding) -> bool {
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

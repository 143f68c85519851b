//! From findings to fixes: edits of what somebody wrote, each tried by the evaluator before anybody sees it.
//!
//! A fix is found by search. What may help is proposed by what the judgement says is wrong; the edited text then goes the
//! whole way again (load, extract, judge, rules) together with everything that it is tied to. It is a fix where the
//! finding is gone, nobody is locked out who got in, enrolling is no harder, and no rule has anything new to say that
//! weighs as much. Where one edit is not enough, what is left to say proposes the next one.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

use crate::Judge;
use crate::checkout::Checkouts;
use crate::extract::Settings;
use crate::finding::Finding;
use crate::inventory::Address;
use crate::load::Input;
use crate::report::Report;
use crate::source::Source;
use scene::{Bench, Scene};
use search::{Seen, repair};

mod addition;
mod candidates;
mod conditions;
mod diff;
mod edit;
mod editor;
mod files;
mod pen;
mod scene;
mod search;
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
    /// Those that were found, by the place of the finding in the report.
    fixes: HashMap<usize, Fix>,
    /// For how many findings that may have one no fix was looked for.
    pub left_out: usize,
}

impl Fixes {
    /// The fix of the finding at this place of the report.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<&Fix> {
        self.fixes.get(&at)
    }
}

/// For how many findings of a report fixes are looked for: more than anybody reads.
const FINDINGS: usize = 100;

/// How much may be judged for one finding, in bytes: enough for all candidates of a large template.
const WORK: usize = 8 << 20;

/// How much may be judged for all findings of a report: a report must not keep anybody waiting for its fixes.
const WORK_FOR_ALL: usize = 32 << 20;

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
    let bench = project.bench();
    let finding = |place: &usize| report.findings.get(*place);
    let mut places = report.heaviest_first();
    places.retain(|place| finding(place).is_some_and(|it| candidates::has_repair(it.rule)));
    let asked = places.len();
    let mut budget = Budget { findings: FINDINGS, work: WORK_FOR_ALL / 2 };
    places.retain(|place| finding(place).and_then(|it| surroundings.cost(it)).is_some_and(|cost| budget.pays(cost)));
    // Findings in the same files share what these come to.
    let groups: BTreeSet<usize> = places.iter().filter_map(|place| surroundings.group(finding(place)?)).collect();
    let look = |group: usize| Some((group, Seen::new(surroundings.files_of(group)?, &bench)));
    let shared: HashMap<usize, Seen> = groups.into_par_iter().filter_map(look).collect();
    let work = WORK.min(WORK_FOR_ALL / places.len().max(1));
    let fix = |place: &usize| {
        let finding = finding(place)?;
        let own;
        let start = match surroundings.group(finding) {
            Some(group) => shared.get(&group)?,
            None => {
                own = Seen::new(surroundings.documents(finding)?, &bench);
                &own
            }
        };
        let fix = match repair(start, finding, &bench, work) {
            Some(repaired) => changes(&start.scene, &repaired.scene),
            None => addition::find(start, finding, &bench),
        };
        Some((*place, fix?))
    };
    let fixes = places.par_iter().filter_map(fix).collect();
    Fixes { fixes, left_out: asked - places.len() }
}

/// What may be spent on looking for fixes.
struct Budget {
    findings: usize,
    work: usize,
}

impl Budget {
    /// Pays for a finding that takes so much to judge once, as it is and after one edit: most fixes are the first edit that is
    /// tried.
    fn pays(&mut self, cost: usize) -> bool {
        let left = (self.findings.checked_sub(1), self.work.checked_sub(2 * cost));
        let (Some(findings), Some(work)) = left else { return false };
        *self = Self { findings, work };
        true
    }
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
fn exhausted(scene: Scene, bench: &Bench<'_>, counts: impl Fn(&Finding) -> bool) -> Scene {
    /// Far more than a template has findings.
    const ROUNDS: usize = 500;
    let mut seen = Seen::new(scene, bench);
    'rounds: for _ in 0..ROUNDS {
        // What weighs most goes first: what weighs less may go with it.
        let mut findings: Vec<&Finding> = seen.view.findings.iter().filter(|finding| counts(finding)).collect();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        for finding in findings.into_iter().filter(|finding| candidates::has_repair(finding.rule)) {
            if let Some(repaired) = repair(&seen, finding, bench, WORK) {
                seen = repaired;
                continue 'rounds;
            }
        }
        break;
    }
    seen.scene
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

//! The fixes of a report's findings, as far as looking for them takes no time to speak of.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

use super::scene::{Bench, Scene};
use super::search::{self, Repaired};
use super::stages::{Stage, Stages};
use super::surroundings::Surroundings;
use super::together::{self, Proposal};
use super::{Fix, Fixes, LOOKS, Project, WORK, addition, candidates, changes};
use crate::finding::Finding;
use crate::report::Report;

/// For how many findings of a report fixes are looked for: more than anybody reads.
const FINDINGS: usize = 100;

/// How much may be judged for all findings of a report, in bytes: it takes a few seconds.
const WORK_FOR_ALL: usize = 32 << 20;

/// Looks for the fixes of the findings of a report, as they stand in it.
pub(crate) fn suggest(report: &Report, project: Project<'_>) -> Fixes {
    let (surroundings, bench) = (Surroundings::new(report, project.inputs), project.bench());
    let repairable = |place: &usize| report.findings.get(*place).is_some_and(|it| candidates::has_repair(it.rule));
    let asked: Vec<usize> = report.heaviest_first().into_iter().filter(repairable).collect();
    let files = surroundings.files(asked.iter().take(FINDINGS).filter_map(|place| report.findings.get(*place)));
    let mut stages = files.iter().map(|(number, files)| (*number, Stages::new(files, files.scene()))).collect();
    let (mut tasks, mut left) = (Vec::new(), WORK_FOR_ALL);
    let mut left_out = asked.len().saturating_sub(FINDINGS);
    for place in asked.into_iter().take(FINDINGS) {
        let Some(finding) = report.findings.get(place) else { continue };
        let Some((files, stage)) = stage(&surroundings, &mut stages, finding) else { continue };
        let least = LOOKS * stage.cost(&bench);
        match left.checked_sub(least) {
            Some(rest) => {
                left = rest;
                tasks.push(Task { place, finding, files, stage, least });
            }
            None => left_out += 1,
        }
    }
    let share = WORK.min(WORK_FOR_ALL / tasks.len().max(1));
    let found: Vec<Found> = tasks.par_iter().map(|task| task.run(&bench, share)).collect();
    let holding = holding(&tasks, &found, &bench);
    let mut fixes: Vec<Option<Fix>> = report.findings.iter().map(|_| None).collect();
    for (at, (task, found)) in tasks.iter().zip(found).enumerate() {
        let fix = match found {
            Found::Fix(fix) => Some(fix),
            Found::OfPart(_, scene) if holding.contains(&at) => changes(&task.stage.whole.scene, &scene),
            Found::OfPart(..) | Found::Nothing => None,
        };
        if let Some(place) = fixes.get_mut(task.place) {
            *place = fix;
        }
    }
    Fixes { fixes, left_out }
}

/// Where a finding can be put right, with the number of its files where it is in files that can be edited.
fn stage(
    surroundings: &Surroundings<'_>,
    stages: &mut HashMap<usize, Stages<'_>>,
    finding: &Finding,
) -> Option<(Option<usize>, Stage)> {
    match surroundings.files_with(finding) {
        Some(number) => Some((Some(number), stages.get_mut(&number)?.at(&finding.address))),
        None => Some((None, Stage::whole(surroundings.documents(finding)?))),
    }
}

/// A finding to be put right.
struct Task<'a> {
    /// Its place in the report.
    place: usize,
    finding: &'a Finding,
    files: Option<usize>,
    stage: Stage,
    /// The work that it may take at least, in bytes.
    least: usize,
}

/// What came of a task.
enum Found {
    Fix(Fix),
    /// What holds in a part of this number, and is still to be tried in the whole.
    OfPart(usize, Scene),
    Nothing,
}

impl Task<'_> {
    fn run(&self, bench: &Bench<'_>, share: usize) -> Found {
        let whole = &self.stage.whole;
        let fix = match search::repair(&self.stage, self.finding, bench, share.max(self.least)) {
            Some(Repaired { scene, part: Some(part) }) => return Found::OfPart(part, scene),
            Some(Repaired { scene, part: None }) => changes(&whole.scene, &scene),
            None => addition::find(whole, self.finding, bench),
        };
        fix.map_or(Found::Nothing, Found::Fix)
    }
}

/// The tasks, by their places, of which what was found in a part holds in the whole.
fn holding(tasks: &[Task<'_>], found: &[Found], bench: &Bench<'_>) -> HashSet<usize> {
    let mut by_files: HashMap<usize, Vec<(usize, Proposal<'_>)>> = HashMap::new();
    for (at, (task, found)) in tasks.iter().zip(found).enumerate() {
        if let (Some(files), Found::OfPart(part, scene)) = (task.files, found) {
            let proposal = Proposal { finding: task.finding, scene, part: *part };
            by_files.entry(files).or_default().push((at, proposal));
        }
    }
    let of_files = |(_, proposals): (usize, Vec<(usize, Proposal<'_>)>)| -> Vec<usize> {
        let (places, proposals): (Vec<usize>, Vec<Proposal<'_>>) = proposals.into_iter().unzip();
        let Some(task) = places.first().and_then(|at| tasks.get(*at)) else { return Vec::new() };
        let held = together::holding(&task.stage.whole, &proposals, bench, WORK_FOR_ALL);
        held.iter().flat_map(|held| &held.members).filter_map(|at| places.get(*at)).copied().collect()
    };
    by_files.into_par_iter().flat_map_iter(of_files).collect()
}

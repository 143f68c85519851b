//! Putting right in the files whatever can be put right.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::files::{self, FileFix};
use super::scene::{Bench, Scene};
use super::search::{self, Repaired};
use super::stages::{Files, Stage, Stages};
use super::surroundings::Surroundings;
use super::together::{self, Proposal};
use super::{LOOKS, Project, WORK, candidates, changes};
use crate::finding::Finding;
use crate::inventory::Address;
use crate::report::Report;

/// Puts right in the files what can be put right, and gives the texts that come of it.
pub(crate) fn everything(report: &Report, project: Project<'_>) -> Vec<FileFix> {
    let surroundings = Surroundings::new(report, project.inputs);
    // What the configuration accepts does not come up again; what a baseline accepts would.
    let waived = report.set_aside.waived.iter().map(|waived| (waived.finding.rule, &waived.finding.address));
    let accepted: HashSet<(&str, &Address)> = waived.collect();
    let counts = |finding: &Finding| !accepted.contains(&(finding.rule, &finding.address));
    let files = surroundings.files(report.findings.iter().filter(|finding| counts(finding)));
    let edited: Vec<_> = files
        .par_iter()
        .map(|(_, files)| changes(&files.scene(), &exhausted(files, &project.bench(), counts)))
        .collect();
    files::sorted(edited.into_iter().flatten())
}

/// Repairs until nothing is left that counts and can be repaired.
fn exhausted(files: &Files<'_>, bench: &Bench<'_>, counts: impl Fn(&Finding) -> bool) -> Scene {
    /// Far more than a template has findings of one resource.
    const ROUNDS: usize = 500;
    let mut scene = files.scene();
    for _ in 0..ROUNDS {
        match round(Stages::new(files, scene.clone()), bench, &counts) {
            Some(repaired) => scene = repaired,
            None => break,
        }
    }
    scene
}

/// Repairs one finding in each part, or one of the whole.
fn round(mut stages: Stages<'_>, bench: &Bench<'_>, counts: impl Fn(&Finding) -> bool) -> Option<Scene> {
    let whole = Arc::clone(&stages.whole);
    let is_meant = |finding: &&Finding| counts(finding) && candidates::has_repair(finding.rule);
    // What weighs most goes first: what weighs less may go with it.
    let mut findings: Vec<&Finding> = whole.view(bench).findings.iter().filter(is_meant).collect();
    findings.sort_by_key(|finding| Reverse(finding.severity));
    let mut parts: BTreeMap<Option<usize>, Vec<(&Finding, Stage)>> = BTreeMap::new();
    for finding in findings {
        let stage = stages.at(&finding.address);
        parts.entry(stage.part.as_ref().map(|part| part.number)).or_default().push((finding, stage));
    }
    let of_whole = parts.remove(&None).unwrap_or_default();
    let repaired: Vec<_> = parts.par_iter().filter_map(|(_, findings)| first(findings, bench)).collect();
    let proposals: Vec<Proposal<'_>> =
        repaired.iter().filter_map(|(finding, repaired)| of_part(finding, repaired)).collect();
    let held = together::holding(&whole, &proposals, bench, usize::MAX).into_iter().map(|held| held.scene).next();
    let of_none = || repaired.iter().map(|(_, repaired)| repaired).find(|repaired| repaired.part.is_none());
    let other = || of_none().map(|repaired| repaired.scene.clone());
    held.or_else(other).or_else(|| Some(first(&of_whole, bench)?.1.scene))
}

/// How much may be judged for findings of one part that turn out to be beyond repair, in bytes.
const WORK_IN_VAIN: usize = 256 << 20;

/// The first of some findings that can be repaired, if it is not far down.
fn first<'f>(findings: &[(&'f Finding, Stage)], bench: &Bench<'_>) -> Option<(&'f Finding, Repaired)> {
    let mut left = WORK_IN_VAIN;
    findings.iter().find_map(|(finding, stage)| {
        let cost = stage.cost(bench);
        let work = WORK.max(LOOKS * cost);
        left = left.checked_sub(work.min(search::TRIES * cost))?;
        Some((*finding, search::repair(stage, finding, bench, work)?))
    })
}

fn of_part<'a>(finding: &'a Finding, repaired: &'a Repaired) -> Option<Proposal<'a>> {
    Some(Proposal { finding, scene: &repaired.scene, part: repaired.part? })
}

//! What a change makes of the findings: those of the time before it are set against those of the time after it.
//!
//! Both times are judged by the same pipeline. A finding is known by its rule, the resource and the text at fault; where the
//! text has changed, by rule and resource.
//!
//! - *new*: the rule had nothing to say about the resource (or less often: the surplus is new);
//! - *worse*: it had, and now weighs more, or the change opens a call without MFA that was refused before, keeps somebody
//!   out who got in before, or adds a reason why something cannot be known (`growth`);
//! - *existing*: it had, and none of that holds;
//! - *fixed*: a finding of the time before for which there is none any more. Nothing is called fixed where the change brings
//!   something about the resource that weighs as much: a guard that is gone locks nobody out, which is no comfort.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use rayon::prelude::*;

use crate::config::homes::Homes;
use crate::config::{Configuration, Level};
use crate::extract::{Before, Extracted};
use crate::finding::{Finding, Severity, Status};
use crate::iam;
use crate::inventory::subjects::{Attached, Subject, SubjectKind, subjects};
use crate::inventory::{Address, Inventory};
use crate::rules::{self, Judged};

mod growth;
#[cfg(test)]
mod tests;

/// What the inputs say of the time before.
#[derive(Debug, Default)]
pub struct Past {
    /// The inputs that describe a change, by name.
    told: HashSet<String>,
    /// What there was; `None` where all of it is as it will be.
    inventory: Option<Inventory>,
}

/// What both times are judged by.
#[derive(Clone, Copy, Debug)]
pub struct Project<'a> {
    /// What the project has decided.
    pub configuration: &'a Configuration,
    /// The accounts that resources belong to.
    pub homes: &'a Homes,
}

impl Past {
    /// Takes the time before out of what was extracted from inputs of these names. Inputs that describe no change stand on
    /// both sides, for others may refer to them.
    #[must_use]
    pub fn take<'n>(names: impl Iterator<Item = &'n str>, extracted: &mut [Extracted]) -> Self {
        let is_there = |part: &Extracted| match &part.before {
            Before::Untold => false,
            Before::Same => true,
            Before::Was(inventory) => !inventory.is_empty(),
        };
        // Where nothing was there, all is new: plans that only create cost nothing here.
        if !extracted.iter().any(is_there) {
            return Self::default();
        }
        let told = names.zip(&*extracted).filter(|(_, part)| !matches!(part.before, Before::Untold));
        let told = told.map(|(name, _)| name.to_owned()).collect();
        if !extracted.iter().any(|part| matches!(part.before, Before::Was(_))) {
            return Self { told, inventory: None };
        }
        let mut inventory = Inventory::default();
        for part in extracted {
            inventory.merge(match std::mem::take(&mut part.before) {
                Before::Untold | Before::Same => part.inventory.clone(),
                Before::Was(was) => *was,
            });
        }
        Self { told, inventory: Some(inventory) }
    }

    /// Sets the status of the findings, and gives those of the time before that are gone.
    #[must_use]
    pub fn compare(self, findings: &mut [Finding], judged: &[Judged], project: Project<'_>) -> Vec<Finding> {
        let Self { told, inventory } = self;
        if told.is_empty() {
            return Vec::new();
        }
        let Some(inventory) = inventory else {
            let told = findings.iter_mut().filter(|finding| told.contains(&*finding.address.input));
            told.for_each(|finding| finding.status = Status::Existing);
            return Vec::new();
        };
        let after = Side::new(judged);
        let judged_before = judge_before(&inventory, &after, project);
        let before = Side::new(&judged_before);
        let input = rules::Input::new(&inventory, &judged_before).under(project.configuration, project.homes);
        let mut found_before = rules::findings(&input);
        found_before.retain(|finding| told.contains(&*finding.address.input));
        let left = pair(findings, &found_before, &told, |finding| has_grown(finding, (&before, &after), project));
        // As at the end of a run: nothing is to be gained from freeing it piece by piece.
        std::mem::forget(inventory);
        let mut fixed: Vec<Finding> =
            found_before.into_iter().zip(left).filter_map(|(it, left)| left.then_some(it)).collect();
        let mut brought: HashMap<&Address, Severity> = HashMap::new();
        for finding in findings.iter().filter(|finding| finding.status.is_brought()) {
            let worst = brought.entry(&finding.address).or_insert(finding.severity);
            *worst = finding.severity.max(*worst);
        }
        let is_off = |rule| matches!(project.configuration.levels.get(rule), Some(Level::Off));
        fixed.retain(|finding| !is_off(finding.rule));
        fixed.retain(|finding| brought.get(&finding.address).is_none_or(|worst| *worst < finding.severity));
        fixed.iter_mut().for_each(|finding| finding.status = Status::Fixed);
        fixed
    }
}

/// The judgements of one time, to be looked up.
struct Side<'a> {
    judged: HashMap<(&'a Address, SubjectKind, Option<&'a str>), &'a Judged>,
    /// What lets people in, by address; several only where attachments name identities that are not declared.
    entrances: HashMap<&'a Address, Vec<&'a Judged>>,
}

impl<'a> Side<'a> {
    fn new(judged: &'a [Judged]) -> Self {
        let mut side = Self { judged: HashMap::with_capacity(judged.len()), entrances: HashMap::new() };
        for one in judged {
            side.judged.insert(key(&one.subject), one);
            if matches!(one.subject.kind, SubjectKind::Group | SubjectKind::User | SubjectKind::RoleTrust) {
                side.entrances.entry(&one.subject.address).or_default().push(one);
            }
        }
        side
    }

    fn entrances(&self, address: &Address) -> &[&'a Judged] {
        self.entrances.get(address).map(Vec::as_slice).unwrap_or_default()
    }
}

fn key(subject: &Subject) -> (&Address, SubjectKind, Option<&str>) {
    (&subject.address, subject.kind, subject.name.as_deref())
}

/// Judges the time before; what is the same in both times is not judged again.
fn judge_before(inventory: &Inventory, after: &Side<'_>, project: Project<'_>) -> Vec<Judged> {
    let terms = &project.configuration.terms;
    let judge = |subject: Subject| {
        let known = after.judged.get(&key(&subject)).filter(|known| is_same(&subject, &known.subject));
        let judgement =
            known.map_or_else(|| iam::access::judge_under(&subject, terms), |known| known.judgement.clone());
        Judged { subject, judgement }
    };
    subjects(inventory).into_par_iter().map(judge).collect()
}

/// Whether two subjects are judged alike: whatever decides is the same, down to the text.
fn is_same(left: &Subject, right: &Subject) -> bool {
    let same = |left: &[Attached], right: &[Attached]| {
        left.len() == right.len() && left.iter().zip(right).all(|(left, right)| is_same_policy(left, right))
    };
    (left.kind, &left.name, &left.path) == (right.kind, &right.name, &right.path)
        && same(&left.policies, &right.policies)
        && same(&left.boundaries, &right.boundaries)
}

fn is_same_policy(left: &Attached, right: &Attached) -> bool {
    let same_content = match (&left.content, &right.content) {
        (Ok(left), Ok(right)) => Arc::ptr_eq(left, right),
        (Err(left), Err(right)) => left == right,
        _ => false,
    };
    same_content
        && left.through == right.through
        && (left.policy.kind, &left.policy.address, &left.policy.attribute)
            == (right.policy.kind, &right.policy.address, &right.policy.attribute)
}

/// Pairs the findings of both times, sets the status of those of the time after, and tells which of the time before are
/// left over.
fn pair(
    findings: &mut [Finding],
    before: &[Finding],
    told: &HashSet<String>,
    has_grown: impl Fn(&Finding) -> bool,
) -> Vec<bool> {
    let mut pairs: Vec<Option<usize>> = vec![None; findings.len()];
    let mut left = vec![true; before.len()];
    match_up(findings, before, &mut pairs, &mut left, |finding| Some(text(finding)));
    match_up(findings, before, &mut pairs, &mut left, |_| None);
    for (finding, pair) in findings.iter_mut().zip(pairs) {
        let Some(before) = pair.and_then(|at| before.get(at)) else { continue };
        if told.contains(&*finding.address.input) {
            let is_worse = finding.severity > before.severity || has_grown(finding);
            finding.status = if is_worse { Status::Worse } else { Status::Existing };
        }
    }
    left
}

/// Pairs what has no pair yet and agrees in rule, address and what `detail` gives, in order.
fn match_up(
    findings: &[Finding],
    before: &[Finding],
    pairs: &mut [Option<usize>],
    left: &mut [bool],
    detail: impl Fn(&Finding) -> Option<String>,
) {
    let mut waiting: HashMap<_, VecDeque<usize>> = HashMap::new();
    for (at, finding) in before.iter().enumerate().filter(|(at, _)| left.get(*at) == Some(&true)) {
        waiting.entry((finding.rule, &finding.address, detail(finding))).or_default().push_back(at);
    }
    for (finding, pair) in findings.iter().zip(pairs).filter(|(_, pair)| pair.is_none()) {
        let found = waiting.get_mut(&(finding.rule, &finding.address, detail(finding)));
        *pair = found.and_then(VecDeque::pop_front);
        if let Some(left) = pair.and_then(|at| left.get_mut(at)) {
            *left = false;
        }
    }
}

/// The text at fault without its white space, as fingerprints have it.
fn text(finding: &Finding) -> String {
    finding.primary.place.text().split_ascii_whitespace().collect()
}

/// Whether more is behind a finding than there was before.
fn has_grown(finding: &Finding, (before, after): (&Side<'_>, &Side<'_>), project: Project<'_>) -> bool {
    let terms = &project.configuration.terms;
    let was = before.entrances(&finding.address);
    let is = after.entrances(&finding.address);
    if let ([was], [is]) = (was, is) {
        return !is_same(&was.subject, &is.subject) && growth::has_grown(finding, was, is, terms);
    }
    is.iter().any(|is| {
        let known = was.iter().find(|was| was.subject.name == is.subject.name);
        known.is_none_or(|was| !is_same(&was.subject, &is.subject) && growth::has_grown(finding, was, is, terms))
    })
}

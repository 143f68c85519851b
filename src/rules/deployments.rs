//! Judgements and findings of several deployments, told as one.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::{Judged, position};
use crate::finding::{Finding, Severity};
use crate::iam::verdict::{Enrolment, Judgement, Verdict};
use crate::inventory::deployments::{Deployment, when};
use crate::inventory::subjects::SubjectKind;
use crate::inventory::{Address, Inventory};

/// The worst judgement on each subject over all deployments, and what is found in any of them, with the deployments that it
/// is found in. `judged` has the judgements of each deployment, `findings`
/// gives what the rules find in one.
#[must_use]
pub fn worst(
    deployments: &[Deployment],
    judged: Vec<Vec<Judged>>,
    findings: impl Fn(&Inventory, &[Judged]) -> Vec<Finding>,
) -> (Vec<Judged>, Vec<Finding>) {
    let found = together(deployments, &judged, findings);
    let usual: Vec<bool> = deployments.iter().map(|deployment| !deployment.departs).collect();
    let any_usual = usual.contains(&true);
    let mut subjects: BTreeMap<Identity, Judged> = BTreeMap::new();
    let counted = judged.into_iter().zip(usual).filter(|(_, usual)| *usual || !any_usual).map(|(judged, _)| judged);
    for one in counted.flatten() {
        match subjects.entry(identity(&one)) {
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(one);
            }
            std::collections::btree_map::Entry::Occupied(mut entry) => {
                let known = entry.get_mut();
                let merged = merged(&known.judgement, &one.judgement);
                if severity(&one.judgement.verdict) > severity(&known.judgement.verdict) {
                    *known = one;
                }
                known.judgement = merged;
            }
        }
    }
    (subjects.into_values().collect(), found)
}

/// What makes two subjects of different deployments the same one.
pub(crate) type Identity = (Address, SubjectKind, Option<String>);

/// What is the same of a subject in all deployments, which may each give it another name.
pub(crate) fn identity(judged: &Judged) -> Identity {
    // Identities that only an attachment knows of have its address, and are told apart by their names.
    let name = judged.subject.name.clone().filter(|_| is_elsewhere(judged));
    (judged.subject.address.clone(), judged.subject.kind, name)
}

/// Whether something of a subject's own is not in the input: for a subject without a declaration always so.
fn is_elsewhere(judged: &Judged) -> bool {
    judged.subject.path.is_none() && judged.subject.policies.iter().any(|attached| attached.content.is_err())
}

fn severity(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::NotApplicable => 0,
        Verdict::Enforced => 1,
        Verdict::Unproven(_) => 2,
        Verdict::Bypassable(_) => 3,
    }
}

fn blocking(enrolment: &Enrolment) -> u8 {
    match enrolment {
        Enrolment::NotApplicable => 0,
        Enrolment::Possible { .. } => 1,
        Enrolment::Unproven(_) => 2,
        Enrolment::Blocked(_) => 3,
    }
}

/// The worst of two judgements in each respect; whoever is locked out in one is locked out.
fn merged(first: &Judgement, second: &Judgement) -> Judgement {
    let worse = if severity(&second.verdict) > severity(&first.verdict) { second } else { first };
    let enrolment = if blocking(&second.enrolment) > blocking(&first.enrolment) { second } else { first };
    Judgement {
        verdict: worse.verdict.clone(),
        enrolment: enrolment.enrolment.clone(),
        locked_out: first.locked_out.iter().chain(&second.locked_out).cloned().collect(),
        remarks: worse.remarks.clone(),
        tests: worse.tests.clone(),
        gated: first.gated || second.gated,
        admits_any_account: first.admits_any_account || second.admits_any_account,
    }
}

/// What tells findings of different deployments apart: the rule, the resource, and the place; which of several there.
type Key = (&'static str, Address, (String, usize, (usize, usize)), usize);

/// The findings of all deployments, each once, the worst of those that are alike.
fn together(
    deployments: &[Deployment],
    judged: &[Vec<Judged>],
    findings: impl Fn(&Inventory, &[Judged]) -> Vec<Finding>,
) -> Vec<Finding> {
    let mut found: BTreeMap<Key, (Finding, Vec<usize>)> = BTreeMap::new();
    for (at, (deployment, judged)) in deployments.iter().zip(judged).enumerate() {
        let mut counts: BTreeMap<Key, usize> = BTreeMap::new();
        for finding in findings(&deployment.inventory, judged) {
            let (file, start, inner) = position(&finding.primary.place);
            let mut key = (finding.rule, finding.address.clone(), (file.to_owned(), start, inner), 0);
            let count = counts.entry(key.clone()).or_default();
            key.3 = *count;
            *count += 1;
            match found.get_mut(&key) {
                None => drop(found.insert(key, (finding, vec![at]))),
                Some((known, places)) => match finding.severity.cmp(&known.severity) {
                    Ordering::Greater => (*known, *places) = (finding, vec![at]),
                    Ordering::Equal => places.push(at),
                    Ordering::Less => {}
                },
            }
        }
    }
    let addresses: Vec<_> = deployments.iter().map(Deployment::addresses).collect();
    found
        .into_values()
        .map(|(mut finding, places)| {
            let has_it = |at: &usize| addresses.get(*at).is_some_and(|known| known.contains(&finding.address));
            let among: Vec<usize> = (0..deployments.len()).filter(has_it).collect();
            let departs = |at: &usize| deployments.get(*at).is_some_and(|deployment| deployment.departs);
            if places.iter().all(departs) {
                finding.severity = finding.severity.min(Severity::Warning);
            }
            if let Some(choices) = when(deployments, &among, &places) {
                finding.message = format!("when {choices}, {}", finding.message);
            }
            finding
        })
        .collect()
}

//! Fixes that were each found by looking at a part, tried where everything is looked at: many in one look.

use std::collections::HashSet;
use std::sync::Arc;

use super::edit::{self, Edit};
use super::scene::{Bench, Scene, Seen};
use super::search::is_fix;
use crate::finding::Finding;
use crate::source::Source;

/// A fix that holds in a part.
pub(super) struct Proposal<'a> {
    /// The finding that it puts right.
    pub(super) finding: &'a Finding,
    /// The whole after it.
    pub(super) scene: &'a Scene,
    /// The number of the part.
    pub(super) part: usize,
}

/// Fixes that hold in the whole, one beside the other.
pub(super) struct Held {
    /// The whole after all of them.
    pub(super) scene: Scene,
    /// Which of the proposals they are.
    pub(super) members: Vec<usize>,
}

/// The proposals that hold in the whole, as far as so much work shows it; those of different parts together.
pub(super) fn holding(whole: &Seen, proposals: &[Proposal<'_>], bench: &Bench<'_>, work: usize) -> Vec<Held> {
    let mut trial = Trial { whole, bench, left: work, held: Vec::new() };
    let member = |(at, proposal)| Member { at, proposal, edits: differences(&whole.scene, proposal.scene) };
    let members: Vec<Member<'_>> = proposals.iter().enumerate().map(member).collect();
    let mut open: Vec<&Member<'_>> = members.iter().collect();
    while !open.is_empty() {
        let mut batch: Vec<&Member<'_>> = Vec::new();
        let (mut parts, mut later) = (HashSet::new(), Vec::new());
        for member in open {
            // What is left to do in a part may be done by its first fix.
            if parts.contains(&member.proposal.part) || batch.iter().any(|other| member.touches(other)) {
                later.push(member);
            } else {
                parts.insert(member.proposal.part);
                batch.push(member);
            }
        }
        trial.settle(&batch);
        open = later;
    }
    trial.held
}

/// A proposal that is tried together with others.
struct Member<'a> {
    /// Its place among the proposals.
    at: usize,
    proposal: &'a Proposal<'a>,
    /// What it changes, each with the place of the text among those of the whole.
    edits: Vec<(usize, Edit)>,
}

impl Member<'_> {
    /// Whether two proposals change the same text, or texts side by side.
    fn touches(&self, other: &Self) -> bool {
        let meet = |one: &(usize, Edit), other: &(usize, Edit)| {
            one.0 == other.0 && one.1.span.start <= other.1.span.end && other.1.span.start <= one.1.span.end
        };
        self.edits.iter().any(|one| other.edits.iter().any(|other| meet(one, other)))
    }
}

struct Trial<'a> {
    whole: &'a Seen,
    bench: &'a Bench<'a>,
    /// The work that is still allowed.
    left: usize,
    held: Vec<Held>,
}

impl Trial<'_> {
    /// Tries proposals together; where that does not hold, half of them and the other half.
    fn settle(&mut self, batch: &[&Member<'_>]) {
        let Some(left) = self.left.checked_sub(self.whole.cost(self.bench, 1.0)) else { return };
        self.left = left;
        let before = self.whole.view(self.bench);
        let holds = |scene: &Scene| {
            let after = scene.look(self.bench);
            batch.iter().all(|member| is_fix(&after, before, member.proposal.finding))
        };
        match with_all(&self.whole.scene, batch).filter(holds) {
            Some(scene) => self.held.push(Held { scene, members: batch.iter().map(|member| member.at).collect() }),
            None if batch.len() > 1 => {
                let (first, second) = batch.split_at(batch.len() / 2);
                self.settle(first);
                self.settle(second);
            }
            None => {}
        }
    }
}

/// The scene after all edits of some proposals.
fn with_all(scene: &Scene, batch: &[&Member<'_>]) -> Option<Scene> {
    let sources: Vec<Arc<Source>> = scene.sources().into_iter().map(Arc::clone).collect();
    let mut scene = scene.clone();
    for (at, source) in sources.iter().enumerate() {
        let edits = batch.iter().flat_map(|member| &member.edits).filter(|(of, _)| *of == at);
        let edits: Vec<Edit> = edits.map(|(_, edit)| edit.clone()).collect();
        if !edits.is_empty() {
            scene = scene.edited(source, edit::apply(source.text(), &edits)?)?;
        }
    }
    Some(scene)
}

/// What is different in each of the texts, by their places.
fn differences(before: &Scene, after: &Scene) -> Vec<(usize, Edit)> {
    let texts = before.sources().into_iter().zip(after.sources());
    let difference = |(before, after): (&Arc<Source>, &Arc<Source>)| edit::difference(before.text(), after.text());
    texts.map(difference).enumerate().filter_map(|(at, edit)| Some((at, edit?))).collect()
}

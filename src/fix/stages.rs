//! Where findings are put right: the whole that is tied to them, and the part of it that bears on them.

use std::collections::HashMap;
use std::sync::Arc;

use super::focus::Ties;
use super::scene::{Bench, Scene, Seen};
use crate::inventory::Address;
use crate::load::Input;

/// Files that belong together.
pub(super) struct Files<'a> {
    inputs: Vec<&'a Input>,
    ties: Ties<'a>,
}

impl<'a> Files<'a> {
    /// These files, whose resources are tied together so.
    pub(super) fn new(inputs: Vec<&'a Input>, ties: Ties<'a>) -> Self {
        Self { inputs, ties }
    }

    /// The files as they are.
    pub(super) fn scene(&self) -> Scene {
        Scene::Files { inputs: self.inputs.iter().map(|input| (*input).clone()).collect(), focus: None }
    }
}

/// A state of files, looked at in parts and as a whole.
pub(super) struct Stages<'a> {
    files: &'a Files<'a>,
    /// The whole.
    pub(super) whole: Arc<Seen>,
    parts: HashMap<usize, Arc<Seen>>,
}

impl<'a> Stages<'a> {
    /// The parts of these files in some state.
    pub(super) fn new(files: &'a Files<'a>, scene: Scene) -> Self {
        Self { files, whole: Arc::new(Seen::new(scene)), parts: HashMap::new() }
    }

    /// Where something at an address can be put right.
    pub(super) fn at(&mut self, address: &Address) -> Stage {
        let whole = Arc::clone(&self.whole);
        let part = self.files.ties.focus(address).map(|(number, focus)| {
            let (share, focus) = (focus.share(), Arc::new(focus));
            let seen = self.parts.entry(number).or_insert_with(|| Arc::new(Seen::new(whole.scene.focused(&focus))));
            Part { number, seen: Arc::clone(seen), share }
        });
        Stage { whole, part }
    }
}

/// Where a finding can be put right.
pub(super) struct Stage {
    /// Everything that is tied to it.
    pub(super) whole: Arc<Seen>,
    /// What of that bears on it, where it is not everything.
    pub(super) part: Option<Part>,
}

/// A part of a scene.
pub(super) struct Part {
    /// What tells it from the other parts.
    pub(super) number: usize,
    /// The part.
    pub(super) seen: Arc<Seen>,
    /// How much of the whole it is: from 0 to 1.
    share: f64,
}

impl Stage {
    /// A scene that is only looked at as a whole.
    pub(super) fn whole(scene: Scene) -> Self {
        Self { whole: Arc::new(Seen::new(scene)), part: None }
    }

    /// About how much work a look is, in bytes.
    pub(super) fn cost(&self, bench: &Bench<'_>) -> usize {
        let share = self.part.as_ref().map_or(1.0, |part| part.share);
        self.whole.cost(bench, share)
    }
}

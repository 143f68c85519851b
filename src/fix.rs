//! From findings to fixes: edits of what somebody wrote, each tried by the evaluator before anybody sees it.
//!
//! A fix is found by search. What may help is proposed by what the judgement says is wrong; the edited text then goes the
//! whole way again (load, extract, judge, rules) together with everything that it is tied to. It is a fix where the
//! finding is gone, nobody is locked out who got in, enrolling is no harder, and no rule has anything new to say that
//! weighs as much. Where one edit is not enough, what is left to say proposes the next one.
//!
//! Of large templates only the part is looked at that bears on a finding; what is found there is then tried with everything.

use std::sync::Arc;

use crate::Judge;
use crate::checkout::Checkouts;
use crate::extract::Settings;
use crate::load::Input;
use crate::source::Source;
use scene::{Bench, Scene};

mod addition;
mod candidates;
mod conditions;
mod diff;
mod edit;
mod editor;
mod everything;
mod files;
mod focus;
mod pen;
mod scene;
mod search;
mod sets;
mod stages;
mod statements;
mod suggest;
mod surroundings;
#[cfg(test)]
mod tests;
mod together;

pub use diff::{Change, Line};
pub(crate) use everything::everything;
pub use files::{FileFix, Unwritten};
pub(crate) use suggest::suggest;

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

/// How much may be judged for one finding, in bytes: enough for all candidates of a large template.
const WORK: usize = 8 << 20;

/// For how many looks there has to be work, so that it is worth to begin with a finding.
const LOOKS: usize = 8;

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

//! What could put a finding right: edits to try, the best guess first.
//!
//! Nothing here has to be right. Each candidate is tried by evaluating the edited text, and only what stands that test is
//! ever shown; so a candidate is offered wherever it may help.

use std::rc::Rc;
use std::sync::Arc;

use super::conditions::{self, Correct};
use super::edit::Edit;
use super::editor::Editor;
use crate::finding::Finding;
use crate::iam::condition::PRESENT;
use crate::iam::document::{Document, Effect, Statement};
use crate::iam::verdict::{MfaTest, StatementReference};
use crate::inventory::subjects::Attached;
use crate::rules::{Judged, explain, words};
use crate::source::{Place, Source};

mod enrolment;
mod holes;
mod lock_outs;
pub(super) mod standard;

/// Edits of one source.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    /// The text that they are for.
    pub(super) source: Arc<Source>,
    /// The edits.
    pub(super) edits: Vec<Edit>,
}

/// What is put right, where a rule finds something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Repair {
    /// The condition on MFA that the finding points at.
    Test,
    /// All conditions on MFA of which AWS does not say what they give.
    Undocumented,
    /// Calls that get through.
    Holes,
    /// Callers who are kept out.
    LockOuts,
    /// Calls that enrolment needs.
    Enrolment,
    /// The age of MFA.
    Age,
}

/// The rules whose findings an edit of a policy can put right. For the others it takes a decision: whom a role is for, which
/// group a user belongs into.
const REPAIRS: &[(&str, &[Repair])] = &[
    ("role-trust-without-mfa", &[Repair::Holes]),
    ("group-without-mfa", &[Repair::Holes]),
    ("user-without-mfa", &[Repair::Holes]),
    ("mfa-device-removable-without-mfa", &[Repair::Holes]),
    ("self-management-unscoped", &[Repair::Holes]),
    ("guard-bypassed", &[Repair::Holes]),
    ("ineffective-mfa-condition", &[Repair::Test]),
    ("mfa-too-old", &[Repair::Age]),
    ("mfa-locks-out-service", &[Repair::LockOuts]),
    ("mfa-locks-out-federation", &[Repair::LockOuts]),
    ("mfa-locks-out-role-session", &[Repair::LockOuts]),
    ("mfa-locks-out-everyone", &[Repair::LockOuts]),
    ("enrolment-blocked", &[Repair::Enrolment]),
    ("mfa-unproven", &[Repair::Undocumented]),
];

/// Whether an edit of a policy may put findings of a rule right.
pub(super) fn has_repair(rule: &str) -> bool {
    REPAIRS.iter().any(|(known, _)| *known == rule)
}

/// The candidates for a finding, as edits of these sources.
pub(super) fn propose(
    judged: &[Judged],
    finding: &Finding,
    maximum_age: Option<u64>,
    sources: &[&Arc<Source>],
) -> Vec<Candidate> {
    let mut proposals = Proposals { finding, sources, editors: Vec::new(), found: Vec::new() };
    let repairs = REPAIRS.iter().find(|(rule, _)| *rule == finding.rule).map_or(&[][..], |(_, repairs)| repairs);
    let concerned: Vec<&Judged> = judged.iter().filter(|one| is_concerned(one, finding)).collect();
    for repair in repairs {
        for one in &concerned {
            match repair {
                Repair::Test => proposals.tests(one, |test| proposals_place(test).is_some_and(|it| same(it, finding))),
                Repair::Undocumented => proposals.tests(one, is_undocumented),
                Repair::Holes => holes::propose(&mut proposals, one),
                Repair::LockOuts => lock_outs::propose(&mut proposals, one),
                Repair::Enrolment => enrolment::propose(&mut proposals, one),
                Repair::Age => proposals.age(one, maximum_age.unwrap_or(3600)),
            }
        }
    }
    proposals.found
}

/// Whether a subject is the one that a finding is about, or has the policy that it is about.
fn is_concerned(judged: &Judged, finding: &Finding) -> bool {
    let subject = &judged.subject;
    let mut attached = subject.policies.iter().chain(&subject.boundaries);
    subject.address == finding.address || attached.any(|attached| attached.policy.address == finding.address)
}

fn is_undocumented(test: &MfaTest) -> bool {
    matches!(test.mistake, Some(crate::iam::verdict::Mistake::Undocumented(_)))
}

fn proposals_place(test: &MfaTest) -> Option<&Place> {
    Some(&words::test(&test.statement, test.test)?.place)
}

fn same(place: &Place, finding: &Finding) -> bool {
    let other = finding.primary.place.untraced();
    Arc::ptr_eq(&place.source, &other.source) && place.span == other.span
}

/// The candidates as they are gathered.
struct Proposals<'a> {
    finding: &'a Finding,
    sources: &'a [&'a Arc<Source>],
    editors: Vec<Rc<Editor>>,
    found: Vec<Candidate>,
}

impl Proposals<'_> {
    /// Offers edits of the source that a place is in.
    fn offer_at(&mut self, place: &Place, make: impl FnOnce(&Editor) -> Option<Vec<Edit>>) {
        let Some(editor) = self.editor(&place.source) else { return };
        let Some(edits) = make(&editor).filter(|edits| !edits.is_empty()) else { return };
        self.push(Candidate { source: Arc::clone(&place.source), edits });
    }

    fn push(&mut self, candidate: Candidate) {
        let same = |known: &Candidate| Arc::ptr_eq(&known.source, &candidate.source) && known.edits == candidate.edits;
        if !self.found.iter().any(same) {
            self.found.push(candidate);
        }
    }

    /// Offers edits around a statement.
    fn offer(&mut self, at: &StatementReference, make: impl FnOnce(&Editor, &Statement) -> Option<Vec<Edit>>) {
        let Some(statement) = words::statement(at) else { return };
        self.offer_at(&at.place, |editor| make(editor, statement));
    }

    fn editor(&mut self, source: &Arc<Source>) -> Option<Rc<Editor>> {
        if !self.sources.iter().any(|known| Arc::ptr_eq(known, source)) {
            return None;
        }
        if let Some(known) = self.editors.iter().find(|editor| Arc::ptr_eq(editor.source(), source)) {
            return Some(Rc::clone(known));
        }
        let editor = Rc::new(Editor::open(source)?);
        self.editors.push(Rc::clone(&editor));
        Some(editor)
    }

    /// Offers to do all at once that was offered since `start`, as far as it goes together.
    fn offer_together(&mut self, start: usize) {
        let Some([first, others @ ..]) = self.found.get(start..) else { return };
        let mut edits = first.edits.clone();
        for other in others.iter().filter(|other| Arc::ptr_eq(&other.source, &first.source)) {
            let touches = |new: &Edit| {
                edits.iter().any(|known| known.span.start <= new.span.end && new.span.start <= known.span.end)
            };
            if !other.edits.iter().any(touches) {
                edits.extend(other.edits.iter().cloned());
            }
        }
        let together = Candidate { source: Arc::clone(&first.source), edits };
        self.push(together);
    }

    /// Writes conditions as they were meant.
    fn tests(&mut self, judged: &Judged, wanted: impl Fn(&MfaTest) -> bool) {
        for mistaken in judged.judgement.tests.iter().filter(|test| wanted(test)) {
            self.correct(&mistaken.statement, mistaken.test);
        }
    }

    /// Writes a condition as it was meant.
    fn correct(&mut self, at: &StatementReference, index: usize) {
        let Some(test) = words::test(at, index) else { return };
        let allows = words::statement(at).is_some_and(|statement| statement.effect != Effect::Deny);
        let correct = explain::correct_test(test, allows);
        self.offer(at, |editor, statement| conditions::write(editor, statement, test, &correct));
        self.offer(at, |editor, statement| conditions::write_alone(editor, statement, test, &correct));
        let presence = Correct::presence(allows);
        if presence != correct {
            self.offer(at, |editor, statement| conditions::write(editor, statement, test, &presence));
        }
    }

    /// Asks how old MFA is where the finding points at.
    fn age(&mut self, judged: &Judged, limit: u64) {
        let Some(at) = statement_at(judged, self.finding.primary.place.untraced()) else { return };
        let Some(statement) = words::statement(&at) else { return };
        let presence = statement.tests.iter().find(|test| explain::is(test, PRESENT));
        let key = "aws:MultiFactorAuthAge";
        if statement.effect == Effect::Allow {
            let recent = Correct::new("NumericLessThan", key, &limit.to_string());
            match presence {
                Some(test) => self.offer(&at, |editor, statement| conditions::write(editor, statement, test, &recent)),
                None => self.offer(&at, |editor, statement| conditions::add(editor, statement, &recent)),
            }
        } else if let Some(test) = presence {
            let old = Correct::new("NumericGreaterThan", key, &limit.to_string());
            self.offer(&at, |editor, statement| {
                let edits = conditions::write(editor, statement, test, &old)?;
                super::statements::add_copy(editor, &at, &edits, "OfOldSessions")
            });
        }
    }
}

/// The statement that a place is in, among the policies of a subject.
fn statement_at(judged: &Judged, place: &Place) -> Option<StatementReference> {
    let documents = judged.subject.policies.iter().map(|attached: &Attached| attached.content.as_ref().ok());
    documents.enumerate().find_map(|(policy, document)| {
        let document: &Arc<Document> = document?;
        let holds = |statement: &Statement| {
            let span = statement.place.span;
            Arc::ptr_eq(&statement.place.source, &place.source)
                && span.start <= place.span.start
                && place.span.end <= span.end
        };
        let statement = document.statements.iter().position(holds)?;
        let place = document.statements.get(statement)?.place.clone();
        Some(StatementReference { policy, statement, document: Arc::clone(document), place })
    })
}

#[cfg(test)]
mod tests {
    use super::REPAIRS;

    #[test]
    fn repairs_are_for_rules_that_exist() {
        for (rule, repairs) in REPAIRS {
            assert!(crate::rules::find(rule).is_some() && !repairs.is_empty(), "{rule}");
        }
    }
}

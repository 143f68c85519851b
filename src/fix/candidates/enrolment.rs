//! Letting people enrol a first device.

use std::sync::Arc;

use super::super::edit::Edit;
use super::super::editor::Editor;
use super::super::statements;
use super::standard::{self, EXEMPT};
use super::{Proposals, explain};
use crate::iam::document::{Document, Statement};
use crate::iam::verdict::{Enrolment, Refusal, StatementReference};
use crate::rules::{Judged, words};
use crate::source::Place;

/// Offers to leave the calls out that the Deny refuses, and to allow those that nothing allows.
pub(super) fn propose(proposals: &mut Proposals<'_>, judged: &Judged) {
    let refusals = match &judged.judgement.enrolment {
        Enrolment::Blocked(refusals) => refusals,
        Enrolment::Possible { missing } => missing,
        Enrolment::Unproven(_) | Enrolment::NotApplicable => return,
    };
    let denies = denies(refusals);
    for deny in &denies {
        proposals.offer(deny, |editor, statement| exempted(editor, statement, refusals));
    }
    let has_path =
        |refusal: &Refusal| refusal.resource.split_once(":user/").is_some_and(|(_, name)| name.contains('/'));
    let with_path = refusals.iter().any(has_path);
    let missing: Vec<&str> =
        refusals.iter().filter(|refusal| refusal.denied_by.is_none()).map(|refusal| refusal.action).collect();
    let mut refused: Vec<&str> = refusals.iter().map(|refusal| refusal.action).collect();
    refused.dedup();
    // What a Deny refuses may not be allowed either, nor what the console calls beside it.
    for calls in [missing, refused, standard::enrolment_calls()] {
        for document in homes(judged, refusals) {
            let place = &document.place;
            proposals.offer_at(place, |editor| allowed(editor, place, &calls, with_path));
            for deny in denies.iter().filter(|deny| Arc::ptr_eq(&deny.place.source, &place.source)) {
                proposals.offer(deny, |editor, statement| {
                    let mut edits = exempted(editor, statement, refusals)?;
                    edits.extend(allowed(editor, place, &calls, with_path)?);
                    Some(edits)
                });
            }
        }
    }
}

/// The statements that refuse calls, each once.
fn denies(refusals: &[Refusal]) -> Vec<StatementReference> {
    let mut denies: Vec<StatementReference> = Vec::new();
    for deny in refusals.iter().filter_map(|refusal| refusal.denied_by.as_ref()) {
        if !denies.iter().any(|known| (known.policy, known.statement) == (deny.policy, deny.statement)) {
            denies.push(deny.clone());
        }
    }
    denies
}

/// The documents that could carry an Allow for enrolment: where MFA is asked for comes first.
fn homes<'a>(judged: &'a Judged, refusals: &'a [Refusal]) -> Vec<&'a Document> {
    let reference = |refusal: &'a Refusal| refusal.missed_by.as_ref().or(refusal.denied_by.as_ref());
    let first = refusals.iter().filter_map(reference).map(|reference| &*reference.document);
    let own = judged.subject.policies.iter().filter_map(|attached| attached.content.as_deref().ok());
    let asks = |document: &&Document| {
        document.statements.iter().any(|statement| statement.tests.iter().any(explain::is_about_mfa))
    };
    let (asking, others): (Vec<&Document>, Vec<&Document>) = own.partition(asks);
    let mut homes: Vec<&Document> = Vec::new();
    for document in first.chain(asking).chain(others) {
        if homes.len() < 2 && !homes.iter().any(|known| std::ptr::eq(*known, document)) {
            homes.push(document);
        }
    }
    homes
}

/// Leaves the refused calls out of a Deny.
fn exempted(editor: &Editor, statement: &Statement, refusals: &[Refusal]) -> Option<Vec<Edit>> {
    if !statement.actions.negated {
        return statements::set_actions(editor, statement, true, EXEMPT);
    }
    let denied_here = |refusal: &&Refusal| {
        let deny = refusal.denied_by.as_ref().and_then(words::statement);
        deny.is_some_and(|deny| deny.place.span == statement.place.span)
    };
    let mut actions: Vec<&str> = refusals.iter().filter(denied_here).map(|refusal| refusal.action).collect();
    actions.dedup();
    let known = statements::known(&statement.actions)?;
    actions.retain(|action| !known.iter().any(|(it, _)| it.eq_ignore_ascii_case(action)));
    statements::add_actions(editor, statement, &actions)
}

/// Allows calls, each on what it is for.
fn allowed(editor: &Editor, document: &Place, calls: &[&str], with_path: bool) -> Option<Vec<Edit>> {
    statements::add(editor, document.span, standard::enrolment(calls, with_path))
}

//! Letting those in again who cannot do MFA.

use std::sync::Arc;

use super::super::conditions::{self, Correct};
use super::super::statements;
use super::{Proposals, holes};
use crate::iam::document::Effect;
use crate::iam::verdict::{CallerKind, LockOut};
use crate::rules::{Judged, explain, words};
use crate::source::Place;

/// Offers what may let the callers in that the finding is about.
pub(super) fn propose(proposals: &mut Proposals<'_>, judged: &Judged) {
    let place = proposals.finding.primary.place.untraced().clone();
    for lock_out in judged.judgement.locked_out.iter().filter(|lock_out| is_meant(lock_out, &place)) {
        let at = &lock_out.statement;
        let Some(statement) = words::statement(at) else { continue };
        if lock_out.caller == CallerKind::MfaSession {
            let about_mfa = statement.tests.iter().position(explain::is_about_mfa);
            if let Some(index) = lock_out.test.or(about_mfa) {
                proposals.correct(at, index);
            }
        } else if statement.effect == Effect::Allow {
            allow(proposals, lock_out);
        } else {
            deny(proposals, lock_out);
        }
    }
}

/// Whether a lock-out is the one that the finding points at.
fn is_meant(lock_out: &LockOut, place: &Place) -> bool {
    let (statement, within) = (&lock_out.statement.place, &place.span);
    Arc::ptr_eq(&statement.source, &place.source)
        && statement.span.start <= within.start
        && within.end <= statement.span.end
}

/// Gives machines an Allow of their own, or takes the condition away where only machines are meant.
fn allow(proposals: &mut Proposals<'_>, lock_out: &LockOut) {
    let at = &lock_out.statement;
    proposals.offer(at, |editor, statement| holes::split(editor, at, statement));
    proposals.offer(at, |editor, statement| {
        let tests: Vec<_> = statement.tests.iter().filter(|test| explain::is_about_mfa(test)).collect();
        conditions::remove(editor, statement, &tests)
    });
}

/// Limits a Deny to those who can do MFA.
fn deny(proposals: &mut Proposals<'_>, lock_out: &LockOut) {
    let at = &lock_out.statement;
    let users = Correct::new("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:user/*");
    let people = Correct::new("Bool", "aws:PrincipalIsAWSService", "false");
    let limits = if lock_out.caller == CallerKind::Service { [people, users] } else { [users, people] };
    for limit in &limits {
        proposals.offer(at, |editor, statement| conditions::add(editor, statement, limit));
    }
    proposals.offer(at, |editor, _| statements::remove(editor, at));
}

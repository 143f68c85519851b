//! Whether a change makes a fault larger: decided by evaluation, as verdicts are.

use std::sync::Arc;

use crate::finding::Finding;
use crate::iam;
use crate::iam::access::terms::Terms;
use crate::iam::document::{Document, Effect};
use crate::iam::verdict::{Danger, Judgement, Reason, Verdict};
use crate::inventory::subjects::{Attached, Subject};
use crate::rules::Judged;

/// Whether more is behind a finding than there was before the change.
pub(super) fn has_grown(finding: &Finding, was: &Judged, is: &Judged, terms: &Terms) -> bool {
    match finding.rule {
        "mfa-unproven" => has_new_reason(&was.judgement, &is.judgement),
        rule if rule.starts_with("mfa-locks-out-") => keeps_more_out(&was.judgement, &is.judgement),
        _ => finding.witness.is_some() && opens_more(finding, &was.subject, is, terms),
    }
}

fn has_new_reason(was: &Judgement, is: &Judgement) -> bool {
    let reasons = |judgement: &Judgement| match &judgement.verdict {
        Verdict::Unproven(reasons) => reasons.iter().map(said).collect(),
        _ => Vec::new(),
    };
    let known = reasons(was);
    reasons(is).iter().any(|reason| !known.contains(reason))
}

fn said(reason: &Reason) -> String {
    reason.message.clone()
}

fn keeps_more_out(was: &Judgement, is: &Judgement) -> bool {
    let known = |caller, principal: &str| {
        was.locked_out.iter().any(|it| it.caller == caller && it.principal == principal && it.entirely)
    };
    is.locked_out.iter().any(|it| {
        let partly = was.locked_out.iter().any(|was| was.caller == it.caller && was.principal == it.principal);
        !known(it.caller, &it.principal) && (it.entirely || !partly)
    })
}

/// Whether some call gets through without MFA that was refused before. A call was refused where some layer of policies did
/// not allow it, or denied it. So each layer is turned round: what it allowed is denied, or only what it denied is
/// allowed, and what is still open then is what the change opens.
fn opens_more(finding: &Finding, was: &Subject, is: &Judged, terms: &Terms) -> bool {
    let now = without_old_doubts(&is.subject, was);
    let concern = concern_of(finding, &is.judgement);
    let is_open = |subject: &Subject| match iam::access::judge_under(subject, terms).verdict {
        Verdict::Bypassable(holes) => holes.iter().any(|hole| Concern::of(hole.danger) == concern),
        Verdict::Unproven(_) => true,
        Verdict::Enforced | Verdict::NotApplicable => false,
    };
    let layers = std::iter::once(was.policies.as_slice()).chain(was.boundaries.iter().map(std::slice::from_ref));
    layers.into_iter().any(|layer| {
        let mut beyond_allows = now.clone();
        beyond_allows.policies.extend(turned(layer, &Effect::Allow, &Effect::Deny));
        let denied = joined(turned(layer, &Effect::Deny, &Effect::Allow));
        let mut within_denies = now.clone();
        is_open(&beyond_allows)
            || denied.is_some_and(|denied| {
                within_denies.boundaries.push(denied);
                is_open(&within_denies)
            })
    })
}

/// What the rules about holes tell apart: each has its own dangers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Concern {
    Entry,
    Devices,
    OtherUsers,
}

impl Concern {
    fn of(danger: Danger) -> Self {
        match danger {
            Danger::RemovesDevice | Danger::DeletesDevice => Self::Devices,
            Danger::OtherUsers | Danger::ReadsOtherUsers => Self::OtherUsers,
            Danger::Access
            | Danger::MakesCredentials
            | Danger::EntersRole
            | Danger::Vendor
            | Danger::ThroughService
            | Danger::OutsideStepUp => Self::Entry,
        }
    }
}

fn concern_of(finding: &Finding, judgement: &Judgement) -> Concern {
    let Verdict::Bypassable(holes) = &judgement.verdict else { return Concern::Entry };
    let its_own = holes.iter().find(|hole| finding.witness.as_ref() == Some(&hole.witness));
    its_own.map_or(Concern::Entry, |hole| Concern::of(hole.danger))
}

/// The subject without what was not known of it before either.
fn without_old_doubts(subject: &Subject, was: &Subject) -> Subject {
    let is_old = |attached: &Attached| {
        attached.content.is_err()
            && was.policies.iter().any(|known| known.content.as_ref().err() == attached.content.as_ref().err())
    };
    let mut subject = subject.clone();
    subject.policies.retain(|attached| !is_old(attached));
    subject
}

/// The statements of one effect, with the other one.
fn turned(layer: &[Attached], from: &Effect, to: &Effect) -> Vec<Attached> {
    let turn = |attached: &Attached| {
        let document = attached.content.as_ref().ok()?;
        let statements = document.statements.iter().filter(|statement| statement.effect == *from);
        let mut statements: Vec<_> = statements.filter(|statement| statement.unknown.is_none()).cloned().collect();
        if statements.is_empty() {
            return None;
        }
        statements.iter_mut().for_each(|statement| statement.effect = to.clone());
        let turned = Document {
            version: document.version.clone(),
            statements,
            problems: Vec::new(),
            place: document.place.clone(),
        };
        Some(Attached { content: Ok(Arc::new(turned)), ..attached.clone() })
    };
    layer.iter().filter_map(turn).collect()
}

/// Several policies as one layer: their statements in one document.
fn joined(policies: Vec<Attached>) -> Option<Attached> {
    let mut documents = policies.iter().filter_map(|attached| attached.content.as_ref().ok());
    let mut joined = Document::clone(documents.next()?);
    documents.for_each(|document| joined.statements.extend(document.statements.iter().cloned()));
    let first = policies.first()?;
    Some(Attached { content: Ok(Arc::new(joined)), ..first.clone() })
}

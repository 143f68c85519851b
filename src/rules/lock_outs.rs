//! From lock-outs to findings: the same for services, federations, sessions of roles and people.

use std::sync::Arc;

use crate::finding::{Finding, Label, Severity, Status};
use crate::iam::document::Effect;
use crate::iam::verdict::{CallerKind, LockOut};
use crate::inventory::subjects::SubjectKind;

use super::{Input, Judged, words};

/// What a rule says about callers who are locked out.
pub(super) struct Saying<'a> {
    /// The rule.
    pub rule: &'static str,
    /// What the callers are, and why they cannot meet the condition.
    pub because: &'a dyn Fn(CallerKind) -> &'static str,
    /// What to write instead.
    pub help: &'a dyn Fn(&Judged, &LockOut) -> String,
}

/// The callers that one condition keeps out of one subject.
struct Group<'a> {
    first: &'a LockOut,
    principals: Vec<String>,
    entirely: bool,
}

/// Whether it is an Allow that does not let the caller in, rather than a Deny that stops it.
pub(super) fn allows(lock_out: &LockOut) -> bool {
    words::statement(&lock_out.statement).is_some_and(|statement| statement.effect == Effect::Allow)
}

/// One finding for each condition that keeps callers of these kinds out.
pub(super) fn findings(input: &Input<'_>, callers: &[CallerKind], saying: &Saying<'_>, found: &mut Vec<Finding>) {
    for judged in input.judged {
        for group in groups(judged, callers) {
            found.push(finding(judged, &group, saying));
        }
    }
}

fn groups<'a>(judged: &'a Judged, callers: &[CallerKind]) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for lock_out in &judged.judgement.locked_out {
        if !callers.contains(&lock_out.caller) || !(lock_out.named || lock_out.caller == CallerKind::MfaSession) {
            continue;
        }
        let principal = principal(judged, lock_out);
        match groups.iter_mut().find(|group| same(group.first, lock_out)) {
            Some(group) => {
                group.entirely |= lock_out.entirely;
                if !group.principals.contains(&principal) {
                    group.principals.push(principal);
                }
            }
            None => {
                groups.push(Group { first: lock_out, principals: vec![principal], entirely: lock_out.entirely });
            }
        }
    }
    groups
}

/// Who is kept out; what was made up to have somebody who calls is told as what it stands for.
fn principal(judged: &Judged, lock_out: &LockOut) -> String {
    let name = words::principal(&lock_out.principal);
    let written = lock_out.statement.place.text().contains(&lock_out.principal);
    match (lock_out.caller, judged.subject.kind) {
        (CallerKind::Service, _) => format!("the service {name}"),
        (_, SubjectKind::RolePermissions | SubjectKind::PermissionSet) => "every session of its own".to_owned(),
        (CallerKind::RoleSession, kind) if kind != SubjectKind::RoleTrust && !written => "sessions of roles".to_owned(),
        (CallerKind::RoleSession, _) if !written && name.starts_with('`') => format!("roles such as {name}"),
        _ => name,
    }
}

/// Whether the same condition keeps both out.
fn same(left: &LockOut, right: &LockOut) -> bool {
    left.caller == right.caller
        && left.test == right.test
        && left.statement.statement == right.statement.statement
        && Arc::ptr_eq(&left.statement.document, &right.statement.document)
}

fn finding(judged: &Judged, group: &Group<'_>, saying: &Saying<'_>) -> Finding {
    let lock_out = group.first;
    let statement = words::statement_name(&lock_out.statement);
    let subject = words::subject(&judged.subject);
    let who = words::list(&group.principals);
    let because = (saying.because)(lock_out.caller);
    let message = match (lock_out.caller, group.entirely) {
        (CallerKind::MfaSession, _) => format!("{statement} of {subject} keeps people out even after MFA: {because}"),
        (_, true) => format!("{statement} of {subject} keeps {who} out: {because}"),
        (_, false) => format!("{statement} of {subject} refuses calls of {who}: {because}"),
    };
    let test = lock_out.test.and_then(|index| words::test(&lock_out.statement, index));
    let place = test.map_or(&lock_out.statement.place, |test| &test.place);
    Finding {
        rule: saying.rule,
        severity: severity(judged.subject.kind, group.entirely),
        address: judged.subject.address.clone(),
        message,
        help: (saying.help)(judged, lock_out),
        primary: Label { place: place.clone(), text: "asks for MFA".to_owned() },
        related: Vec::new(),
        witness: None,
        status: Status::New,
    }
}

/// What limits or grants many calls at once locks somebody out for certain only where nothing is left.
fn severity(kind: SubjectKind, entirely: bool) -> Severity {
    match kind {
        SubjectKind::ServiceControl
        | SubjectKind::ResourceControl
        | SubjectKind::PermissionSet
        | SubjectKind::RolePermissions
            if !entirely =>
        {
            Severity::Warning
        }
        _ => Severity::Error,
    }
}

//! The words that all rules share.

use crate::iam::document::{Effect, Statement, Test};
use crate::iam::verdict::{CallerKind, Danger, Given, Hole, PassedBecause, PassedGuard, StatementReference, Witness};
use crate::inventory::subjects::{Subject, SubjectKind};
use crate::source::Place;

use super::explain::{self, MfaKeys};

/// Who gets in with which call, and why, in one plain sentence: lower case, no final period.
#[must_use]
pub fn witness_sentence(witness: &Witness, hole: &Hole) -> String {
    let given = given(&witness.given);
    format!("{} {}{given}: {}", caller(witness), deed(witness, hole.danger), reason(hole))
}

/// The sentence about a subject: what was made up to have somebody who calls is told as what it stands for.
pub(super) fn witness_in(about: &Subject, hole: &Hole) -> String {
    let principal = match about.kind {
        SubjectKind::Group => "any member".to_owned(),
        SubjectKind::User => "this user".to_owned(),
        _ => return witness_sentence(&hole.witness, hole),
    };
    let own = hole.witness.resource == hole.witness.principal;
    let resource = if own { OWN_USER.to_owned() } else { hole.witness.resource.clone() };
    witness_sentence(&Witness { principal, resource, ..hole.witness.clone() }, hole)
}

/// Stands for the caller's own user among the resources of a sentence.
const OWN_USER: &str = "its own user";

/// A subject by its kind and name: ``role `ops` ``.
pub(super) fn subject(subject: &Subject) -> String {
    let kind = match subject.kind {
        SubjectKind::RoleTrust | SubjectKind::RolePermissions => "role",
        SubjectKind::Group => "group",
        SubjectKind::User => "user",
        SubjectKind::PermissionSet => "permission set",
        SubjectKind::ManagedPolicy => "managed policy",
        SubjectKind::ServiceControl => "service control policy",
        SubjectKind::ResourceControl => "resource control policy",
        SubjectKind::Boundary => "permissions boundary",
        SubjectKind::Resource => "the policy of",
    };
    format!("{kind} `{}`", subject.name.as_ref().unwrap_or(&subject.address.path))
}

/// The statement that a reference leads to.
pub(crate) fn statement(reference: &StatementReference) -> Option<&Statement> {
    reference.document.statements.get(reference.statement)
}

/// The place of a part of a statement; that of the whole where it has no such part, or where nobody wrote its text.
pub(super) fn part(reference: &StatementReference, of: impl FnOnce(&Statement) -> Option<&Place>) -> &Place {
    let written = statement(reference).filter(|_| !reference.document.place.source.is_built_in());
    written.and_then(of).unwrap_or(&reference.place)
}

/// The test of the statement that a reference leads to.
pub(crate) fn test(reference: &StatementReference, index: usize) -> Option<&Test> {
    statement(reference)?.tests.get(index)
}

/// A statement by its effect and `Sid`: ``the Deny `NoMfa` ``.
pub(super) fn statement_name(reference: &StatementReference) -> String {
    let statement = statement(reference);
    let effect = match statement.map(|statement| &statement.effect) {
        Some(Effect::Allow) => "the Allow",
        Some(Effect::Deny) => "the Deny",
        _ => "the statement",
    };
    match statement.and_then(|statement| statement.sid.as_ref()) {
        Some(sid) => format!("{effect} `{sid}`"),
        None => effect.to_owned(),
    }
}

/// `a`, `a and b`, `a, b and c`; from the fifth on only how many more.
pub(super) fn list(items: &[String]) -> String {
    const SHOWN: usize = 4;
    let (shown, more) = match items.len().checked_sub(SHOWN) {
        Some(more) if more > 1 => (items.get(..SHOWN).unwrap_or_default(), more),
        _ => (items, 0),
    };
    match (shown, more) {
        (shown, more) if more > 0 => format!("{} and {more} more", shown.join(", ")),
        ([], _) => String::new(),
        ([only], _) => only.clone(),
        ([first @ .., last], _) => format!("{} and {last}", first.join(", ")),
    }
}

/// A principal as part of a sentence: identifiers in backticks, phrases as they are.
pub(super) fn principal(text: &str) -> String {
    let is_phrase = !text.starts_with("arn:") && (text.contains(' ') || text == "anybody");
    if is_phrase { text.to_owned() } else { format!("`{text}`") }
}

/// A kind of caller, in the plural.
pub(super) fn callers(caller: CallerKind) -> &'static str {
    match caller {
        CallerKind::AccessKey => "long-term access keys",
        CallerKind::PasswordSession => "sessions without MFA",
        CallerKind::MfaSession => "sessions after MFA",
        CallerKind::RoleSession => "sessions of roles",
        CallerKind::PermissionSet => "sessions of permission sets",
        CallerKind::Federated => "federated identities",
        CallerKind::Service => "services",
        CallerKind::Root => "root users without MFA",
        CallerKind::Anonymous => "unsigned requests",
    }
}

/// The Deny that asks for MFA by a condition on it, and lets the call pass because of that condition.
pub(super) fn passed_by_its_condition(hole: &Hole) -> Option<(&PassedGuard, usize)> {
    hole.passed.iter().find_map(|guard| match guard.why {
        PassedBecause::Condition(index) if explain::is_about_mfa(test(&guard.statement, index)?) => {
            Some((guard, index))
        }
        _ => None,
    })
}

/// The test about MFA of the Allow behind a hole, where it has one. A Deny that stands alone is behind it as well where
/// other policies would allow the call.
pub(crate) fn allowing_test(hole: &Hole) -> Option<&Test> {
    let allowing = statement(&hole.allowed_by).filter(|statement| statement.effect != Effect::Deny)?;
    allowing.tests.iter().find(|test| explain::is_about_mfa(test))
}

fn caller(witness: &Witness) -> String {
    let principal = principal(&witness.principal);
    match witness.caller {
        CallerKind::AccessKey => format!("an access key of {principal}"),
        CallerKind::PasswordSession => format!("a session without MFA of {principal}"),
        CallerKind::MfaSession => format!("a session after MFA of {principal}"),
        CallerKind::RoleSession | CallerKind::PermissionSet => format!("a session of {principal}"),
        CallerKind::Federated => format!("an identity of {principal}"),
        CallerKind::Service => format!("the service {principal}"),
        CallerKind::Root => format!("the root user {principal} without MFA"),
        CallerKind::Anonymous => "anybody, without signing in,".to_owned(),
    }
}

fn deed(witness: &Witness, danger: Danger) -> String {
    let Witness { action, resource, .. } = witness;
    let on = match resource.as_str() {
        "*" => String::new(),
        OWN_USER => format!(" on {OWN_USER}"),
        resource => format!(" on `{resource}`"),
    };
    let assumes = action.eq_ignore_ascii_case("sts:AssumeRole");
    match danger {
        Danger::RemovesDevice => format!("can switch MFA off with `{action}`{on}"),
        Danger::DeletesDevice => format!("can delete an MFA device with `{action}`{on}"),
        Danger::MakesCredentials => format!("can make new credentials with `{action}`{on}"),
        Danger::EntersRole if assumes && resource != "*" => format!("can assume `{resource}`"),
        Danger::EntersRole if assumes => "can assume any role that trusts the account".to_owned(),
        Danger::OtherUsers | Danger::ReadsOtherUsers => {
            format!("can call `{action}` on another user, such as `{resource}`")
        }
        _ if assumes => "can assume this role".to_owned(),
        _ => format!("can call `{action}`{on}"),
    }
}

fn given(given: &[Given]) -> String {
    let choices: Vec<String> = given
        .iter()
        .map(|Given { key, values }| match values.as_deref() {
            None => format!("`{key}` is absent"),
            Some([value]) if value.is_empty() => format!("`{key}` is empty"),
            Some(values) => {
                let values: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
                format!("`{key}` is {}", list(&values))
            }
        })
        .collect();
    if choices.is_empty() { String::new() } else { format!(" when {}", list(&choices)) }
}

/// Why the call gets through.
fn reason(hole: &Hole) -> String {
    let keys = MfaKeys::of(hole.witness.caller);
    if let Some((guard, index)) = passed_by_its_condition(hole)
        && let Some(test) = test(&guard.statement, index)
    {
        return format!("{}, so {} does not apply", keys.why_not(test), statement_name(&guard.statement));
    }
    if let Some(test) = allowing_test(hole) {
        return keys.why(test);
    }
    hole.passed.first().map_or_else(|| "no condition on MFA stands in the way".to_owned(), |guard| passed(guard, hole))
}

fn passed(guard: &PassedGuard, hole: &Hole) -> String {
    let name = format!("{}, which asks for MFA,", statement_name(&guard.statement));
    let Witness { action, resource, .. } = &hole.witness;
    let exempts = |negated: Option<bool>, what: &str| match negated {
        Some(true) => format!("{name} leaves {what} out"),
        _ => format!("{name} does not cover {what}"),
    };
    let statement = statement(&guard.statement);
    match guard.why {
        PassedBecause::Action => exempts(statement.map(|statement| statement.actions.negated), &format!("`{action}`")),
        PassedBecause::Resource => {
            let negated = statement.and_then(|statement| statement.resources.as_ref()).map(|all| all.negated);
            exempts(negated, &format!("`{resource}`"))
        }
        PassedBecause::Principal => exempts(None, "this caller"),
        PassedBecause::Condition(index) => match test(&guard.statement, index) {
            Some(test) => format!("{name} applies only where its condition on `{}` holds", test.key),
            None => format!("{name} has a condition that does not hold"),
        },
    }
}

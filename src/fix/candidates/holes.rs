//! Closing holes: conditions put right, guards widened, guards added, resources narrowed.

use super::super::conditions::{self, Correct};
use super::super::edit::Edit;
use super::super::editor::{Editor, Piece};
use super::super::pen::New;
use super::super::statements;
use super::Proposals;
use super::standard::{self, DEVICES, EXEMPT, OWN_USER, OWN_USER_WITH_PATH};
use crate::finding::Severity;
use crate::iam::actions::{self, ActionTarget, KNOWN, Standing};
use crate::iam::document::{Effect, Patterns, Statement};
use crate::iam::pattern::Pattern;
use crate::iam::verdict::{Danger, Hole, PassedBecause, StatementReference, Verdict};
use crate::inventory::subjects::SubjectKind;
use crate::rules::{Judged, explain, words};
use crate::source::{Place, Span};

/// Offers what may close the holes of a subject, first for each of them, then for all at once.
pub(super) fn propose(proposals: &mut Proposals<'_>, judged: &Judged) {
    let holes = match &judged.judgement.verdict {
        Verdict::Bypassable(holes) => holes.as_slice(),
        _ => &[],
    };
    // Sparing calls of services is a decision of the author's.
    let open = |hole: &Hole| hole.danger != Danger::ThroughService;
    if proposals.finding.rule.ends_with("-without-mfa") && !holes.is_empty() && !holes.iter().any(open) {
        return;
    }
    let all: Vec<&Hole> =
        holes.iter().chain(&judged.judgement.remarks).filter(|hole| is_meant(hole, proposals)).collect();
    let start = proposals.found.len();
    all.iter().for_each(|hole| by_condition(proposals, hole));
    if matches!(judged.subject.kind, SubjectKind::RoleTrust) {
        all.iter().for_each(|hole| trust(proposals, hole));
        proposals.offer_together(start);
        return;
    }
    proposals.offer_together(start);
    all.iter().for_each(|hole| whole_guard(proposals, hole));
    all.iter().for_each(|hole| exemption(proposals, hole));
    all.iter().for_each(|hole| narrow(proposals, hole));
    let (is_person, rule) =
        (matches!(judged.subject.kind, SubjectKind::Group | SubjectKind::User), proposals.finding.rule);
    if is_person && rule.ends_with("-without-mfa") && !rule.starts_with("mfa-") {
        all.iter().for_each(|hole| guard(proposals, judged, hole));
    }
    let start = proposals.found.len();
    all.iter().for_each(|hole| condition(proposals, hole));
    proposals.offer_together(start);
}

/// Whether a hole is one of those that the finding is about.
fn is_meant(hole: &Hole, proposals: &Proposals<'_>) -> bool {
    match proposals.finding.rule {
        "mfa-device-removable-without-mfa" => matches!(hole.danger, Danger::RemovesDevice | Danger::DeletesDevice),
        "self-management-unscoped" => matches!(hole.danger, Danger::OtherUsers | Danger::ReadsOtherUsers),
        // A condition on MFA would lock a vendor's machine out, or those that a role is said to be for.
        "role-trust-without-mfa" => match proposals.finding.severity {
            Severity::Error => true,
            Severity::Warning => hole.danger != Danger::Vendor,
            Severity::Note => false,
        },
        _ => true,
    }
}

/// Puts the conditions right that let the call pass.
fn by_condition(proposals: &mut Proposals<'_>, hole: &Hole) {
    for guard in &hole.passed {
        if let PassedBecause::Condition(index) = guard.why
            && words::test(&guard.statement, index).is_some_and(explain::is_about_mfa)
        {
            proposals.correct(&guard.statement, index);
        }
    }
    let Some(allow) = words::statement(&hole.allowed_by) else { return };
    if let Some(index) = allow.tests.iter().position(explain::is_about_mfa) {
        proposals.correct(&hole.allowed_by, index);
    }
}

/// Puts the condition of a Deny right, and has it cover everything but enrolment.
fn whole_guard(proposals: &mut Proposals<'_>, hole: &Hole) {
    for guard in &hole.passed {
        let at = &guard.statement;
        let Some(deny) = words::statement(at) else { continue };
        let Some(test) = deny.tests.iter().find(|test| explain::is_about_mfa(test)) else { continue };
        let correct = explain::correct_test(test, false);
        proposals.offer(at, |editor, statement| {
            let mut edits = conditions::write(editor, statement, test, &correct)?;
            edits.extend(instead(editor, statement)?);
            Some(edits)
        });
    }
}

/// Asks for MFA in the Allow of a trust policy; machines get an Allow of their own.
fn trust(proposals: &mut Proposals<'_>, hole: &Hole) {
    let presence = Correct::presence(true);
    proposals.offer(&hole.allowed_by, |editor, statement| conditions::add(editor, statement, &presence));
    proposals.offer(&hole.allowed_by, |editor, statement| split(editor, &hole.allowed_by, statement));
}

/// Asks people for MFA in an Allow, and puts an Allow for all others behind it that does not.
pub(super) fn split(editor: &Editor, at: &StatementReference, statement: &Statement) -> Option<Vec<Edit>> {
    let principals = statement.principals.as_ref()?;
    let people = principals.items.iter().filter(|item| statements::is_people(item)).count();
    if people == 0 || people == principals.items.len() {
        return None;
    }
    let tests: Vec<_> = statement.tests.iter().filter(|test| explain::is_about_mfa(test)).collect();
    let mut machines = statements::keep_principals(editor, statement, |item| !statements::is_people(item))?;
    if !tests.is_empty() {
        machines.extend(conditions::remove(editor, statement, &tests)?);
    }
    let mut edits = statements::keep_principals(editor, statement, statements::is_people)?;
    if tests.is_empty() {
        edits.extend(conditions::add(editor, statement, &Correct::presence(true))?);
    }
    edits.extend(statements::add_copy(editor, at, &machines, "OfMachines")?);
    Some(edits)
}

/// Makes the Deny cover the call.
fn exemption(proposals: &mut Proposals<'_>, hole: &Hole) {
    for guard in &hole.passed {
        let at = &guard.statement;
        match guard.why {
            PassedBecause::Action => {
                proposals.offer(at, |editor, statement| take_out(editor, statement, &hole.witness.action));
                proposals.offer(at, instead);
            }
            PassedBecause::Resource => {
                proposals.offer(at, |editor, statement| {
                    let mut edits = statements::set_resources(editor, statement, &["*"])?;
                    if !statement.actions.negated {
                        edits.extend(statements::set_actions(editor, statement, true, EXEMPT)?);
                    }
                    Some(edits)
                });
                proposals.offer(at, |editor, statement| statements::set_resources(editor, statement, &["*"]));
            }
            PassedBecause::Principal | PassedBecause::Condition(_) => {}
        }
    }
}

/// Takes the patterns out of a `NotAction` that leave a dangerous action out.
fn take_out(editor: &Editor, statement: &Statement, action: &str) -> Option<Vec<Edit>> {
    if !statement.actions.negated {
        return None;
    }
    let gone: Vec<Span> = statements::known(&statement.actions)?
        .into_iter()
        .filter(|(it, _)| is_too_wide(it, action))
        .map(|(_, at)| at)
        .collect();
    statements::remove_actions(editor, statement, &gone)
}

/// Names what a Deny leaves out one by one, in the place of wildcards or of what it covers.
fn instead(editor: &Editor, statement: &Statement) -> Option<Vec<Edit>> {
    let kept = match statement.actions.negated {
        true => kept(&statement.actions)?,
        false => Vec::new(),
    };
    let added = EXEMPT.iter().copied().filter(|action| !kept.iter().any(|known| known.eq_ignore_ascii_case(action)));
    let actions: Vec<&str> = kept.iter().copied().chain(added).collect();
    let mut edits = statements::set_actions(editor, statement, true, &actions)?;
    let everything =
        |resources: &Patterns| statements::known(resources).is_some_and(|all| all.iter().any(|(it, _)| *it == "*"));
    if statement.resources.as_ref().is_some_and(|resources| resources.negated || !everything(resources)) {
        edits.extend(statements::set_resources(editor, statement, &["*"])?);
    }
    Some(edits)
}

fn kept(patterns: &Patterns) -> Option<Vec<&str>> {
    let all = statements::known(patterns)?.into_iter().map(|(pattern, _)| pattern);
    Some(all.filter(|pattern| !is_too_wide(pattern, "")).collect())
}

/// Whether a pattern covers an action, or any that is a way past MFA.
fn is_too_wide(pattern: &str, action: &str) -> bool {
    let glob = Pattern::glob(&pattern.to_ascii_lowercase());
    let dangerous = KNOWN.iter().filter(|known| matches!(known.standing, Standing::Dangerous(_)));
    glob.is_matched_by(&action.to_ascii_lowercase())
        || dangerous.into_iter().any(|known| glob.is_matched_by(&known.name.to_ascii_lowercase()))
}

/// Limits self-management to the caller's own user.
fn narrow(proposals: &mut Proposals<'_>, hole: &Hole) {
    if !matches!(hole.danger, Danger::OtherUsers | Danger::ReadsOtherUsers) {
        return;
    }
    for users in [&[OWN_USER][..], &[OWN_USER, OWN_USER_WITH_PATH]] {
        proposals.offer(&hole.allowed_by, |editor, statement| narrowed(editor, &hole.allowed_by, statement, users));
    }
}

/// Whether a pattern covers nothing but what users do to themselves. Whatever else it grants would be lost with the resource.
fn is_self_management(pattern: &str) -> bool {
    const ABOUT: &[&str] =
        &["mfadevice", "loginprofile", "accesskey", "changepassword", "sshpublickey", "signingcertificate"];
    let pattern = pattern.to_ascii_lowercase();
    let acts_on = actions::known(&pattern).is_some_and(|known| known.target != ActionTarget::Role);
    acts_on || pattern.strip_prefix("iam:").is_some_and(|name| ABOUT.iter().any(|word| name.contains(word)))
}

/// Puts the caller's own user in the place of all users; what acts on no user gets an Allow of its own.
fn narrowed(editor: &Editor, at: &StatementReference, statement: &Statement, users: &[&str]) -> Option<Vec<Edit>> {
    if statement.actions.negated || statement.effect != Effect::Allow {
        return None;
    }
    let actions = statements::known(&statement.actions)?;
    if !actions.iter().all(|(action, _)| is_self_management(action)) {
        return None;
    }
    let on = |target: ActionTarget| -> Vec<(&str, Span)> {
        let is_on = |(name, _): &&(&str, Span)| actions::known(name).is_some_and(|known| known.target == target);
        actions.iter().filter(is_on).copied().collect()
    };
    let (devices, nothing) = (on(ActionTarget::MfaDevice), on(ActionTarget::Nothing));
    let mut resources: Vec<&str> = if devices.is_empty() { Vec::new() } else { vec![DEVICES] };
    resources.extend(users);
    let mut edits = statements::set_resources(editor, statement, &resources)?;
    if !nothing.is_empty() {
        let (names, spans): (Vec<&str>, Vec<Span>) = nothing.into_iter().unzip();
        edits.extend(statements::remove_actions(editor, statement, &spans)?);
        edits.extend(statements::add(editor, at.document.place.span, vec![standard::allow(&names, &["*"])])?);
    }
    Some(edits)
}

/// Adds a guard: beside the Allow, beside another policy of the subject, or in a policy of its own.
fn guard(proposals: &mut Proposals<'_>, judged: &Judged, hole: &Hole) {
    let offer = |proposals: &mut Proposals<'_>, place: &Place| {
        proposals.offer_at(place, |editor| statements::add(editor, place.span, vec![standard::guard()]));
    };
    offer(proposals, &hole.allowed_by.document.place);
    let own = judged.subject.policies.iter().filter(|attached| attached.policy.address == judged.subject.address);
    for document in own.filter_map(|attached| attached.content.as_ref().ok()) {
        offer(proposals, &document.place);
    }
    proposals.offer_at(&judged.subject.place, |editor| inline_policy(editor, &judged.subject.place));
}

/// Adds an inline policy to a group or user of a template.
fn inline_policy(editor: &Editor, id: &Place) -> Option<Vec<Edit>> {
    let resource = editor.resource(id.span)?;
    let mut statements = vec![standard::guard()];
    statements.extend(standard::enrolment(&standard::enrolment_calls(), false));
    let document = New::map([("Version", New::text("2012-10-17")), ("Statement", New::List(statements))]);
    let policy = New::map([("PolicyName", New::text("mfa")), ("PolicyDocument", document)]);
    let properties = resource.map("Properties")?;
    let edit = match properties.entry("Policies") {
        None => editor.add_entry(&properties, "Policies", &New::List(vec![policy]))?,
        Some((_, entry)) => {
            let last = entry.value.as_list()?.len().checked_sub(1)?;
            editor.add_items(&entry.value, last, &[Piece::New(policy)])?
        }
    };
    Some(vec![edit])
}

/// Asks for MFA in the Allow.
fn condition(proposals: &mut Proposals<'_>, hole: &Hole) {
    let Some(statement) = words::statement(&hole.allowed_by) else { return };
    if statement.effect != Effect::Allow || statement.tests.iter().any(explain::is_about_mfa) {
        return;
    }
    let presence = Correct::presence(true);
    proposals.offer(&hole.allowed_by, |editor, statement| {
        if matches!(hole.danger, Danger::Access | Danger::OutsideStepUp) {
            return None;
        }
        apart(editor, &hole.allowed_by, statement, &hole.witness.action, &presence)
    });
    proposals.offer(&hole.allowed_by, |editor, statement| conditions::add(editor, statement, &presence));
}

/// Takes one of several actions into an Allow of its own that asks for MFA.
fn apart(
    editor: &Editor,
    at: &StatementReference,
    statement: &Statement,
    action: &str,
    presence: &Correct,
) -> Option<Vec<Edit>> {
    let actions = statements::known(&statement.actions).filter(|_| !statement.actions.negated)?;
    let (gone, left): (Vec<_>, Vec<_>) = actions.iter().partition(|(it, _)| is_too_wide(it, action));
    if gone.is_empty() || left.is_empty() || gone.iter().any(|(pattern, _)| *pattern == "*") {
        return None;
    }
    let spans = |of: &[(&str, Span)]| of.iter().map(|(_, span)| *span).collect::<Vec<_>>();
    let mut copy = statements::remove_actions(editor, statement, &spans(&left))?;
    copy.extend(conditions::add(editor, statement, presence)?);
    let mut edits = statements::remove_actions(editor, statement, &spans(&gone))?;
    edits.extend(statements::add_copy(editor, at, &copy, "AfterMfa")?);
    Some(edits)
}

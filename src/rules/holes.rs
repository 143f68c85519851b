//! From holes to findings: what to underline, and what to say.

use crate::finding::{Finding, Label, Severity, Status};
use crate::iam::document::{Effect, Patterns, Text};
use crate::iam::pattern::Pattern;
use crate::iam::verdict::{Danger, Hole, PassedBecause, Verdict};
use crate::inventory::Address;
use crate::inventory::subjects::{Attached, SubjectKind};
use crate::source::Place;

use super::explain::{self, MfaKeys};
use super::{Input, Judged, words};

/// The Deny that asks users and groups for MFA and lets them enrol a first device.
pub(super) const GUARD: &str = r#"{"Effect": "Deny", "NotAction": ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:GetUser", "iam:ListMFADevices", "iam:ListVirtualMFADevices", "iam:ResyncMFADevice", "sts:GetSessionToken"], "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}"#;

/// The holes of a subject, the worst first; none where it is not bypassable.
pub(super) fn of(judged: &Judged) -> &[Hole] {
    match &judged.judgement.verdict {
        Verdict::Bypassable(holes) => holes,
        _ => &[],
    }
}

/// The holes and remarks of a subject with one of these dangers.
pub(super) fn with<'a>(judged: &'a Judged, dangers: &[Danger]) -> Vec<&'a Hole> {
    of(judged).iter().chain(&judged.judgement.remarks).filter(|hole| dangers.contains(&hole.danger)).collect()
}

/// What a rule says about the holes of one subject.
pub(super) struct Saying<'a> {
    /// The rule.
    pub rule: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// What is wrong; the witness's sentence follows.
    pub headline: &'a str,
    /// What to write instead, where no condition has to be put right.
    pub help: &'a str,
}

/// One finding about the holes of a subject; `None` where there are none.
pub(super) fn finding(judged: &Judged, holes: &[&Hole], saying: Saying<'_>) -> Option<Finding> {
    let worst = holes.first()?;
    let Saying { rule, severity, headline, help } = saying;
    let mut fault = Fault::of(worst);
    for hole in holes.iter().skip(1) {
        fault.add(Fault::of(hole));
    }
    Some(Finding {
        rule,
        severity,
        address: judged.subject.address.clone(),
        message: format!("{headline}; {}", words::witness_in(&judged.subject, worst)),
        help: fault.help.unwrap_or_else(|| help.to_owned()),
        primary: fault.primary,
        related: fault.related,
        witness: Some(worst.witness.clone()),
        status: Status::New,
    })
}

/// Whether a hole is no more than what plain access shows already: the same text lets both pass, and no exemption does.
pub(super) fn is_told_by_access(judged: &Judged, hole: &Hole) -> bool {
    let exempted = hole.passed.iter().any(|guard| guard.why == PassedBecause::Action);
    let fault = Fault::of(hole);
    let mut plain = with(judged, &[Danger::Access]).into_iter().map(Fault::of);
    !exempted && plain.any(|other| same(&other.primary.place, &fault.primary.place))
}

/// For a user: the hole's policy comes from a group that this input declares and that is open itself.
pub(super) fn group_behind<'a>(input: &Input<'a>, judged: &Judged, hole: &Hole) -> Option<&'a Judged> {
    let group = input.subject(through(judged, hole)?, SubjectKind::Group)?;
    (!of(group).is_empty()).then_some(group)
}

fn through<'a>(judged: &'a Judged, hole: &Hole) -> Option<&'a Address> {
    let attached: &Attached = judged.subject.policies.get(hole.allowed_by.policy)?;
    attached.through.as_ref()
}

/// What is to blame for a hole.
struct Fault {
    primary: Label,
    related: Vec<Label>,
    help: Option<String>,
}

/// Labels beside the primary one that a finding has at most.
const RELATED: usize = 6;

impl Fault {
    /// A condition that lets the call pass is to blame before the statement that allows it.
    fn of(hole: &Hole) -> Self {
        let keys = MfaKeys::of(hole.witness.caller);
        let allow = |text: &str| label(&hole.allowed_by.place, text);
        if let Some((guard, index)) = words::passed_by_its_condition(hole)
            && let Some(test) = words::test(&guard.statement, index)
        {
            return Self {
                primary: label(&test.place, &keys.fails(test)),
                related: vec![allow("allows the call")],
                help: Some(format!("write `{}` in the Deny", explain::correct(test, false))),
            };
        }
        if let Some(test) = words::allowing_test(hole) {
            return Self {
                primary: label(&test.place, &keys.holds(test)),
                related: Vec::new(),
                help: Some(format!("write `{}`", explain::correct(test, true))),
            };
        }
        let mut related = beside(hole);
        let denies = words::statement(&hole.allowed_by).is_some_and(|statement| statement.effect == Effect::Deny);
        if denies && !related.is_empty() {
            return Self { primary: related.remove(0), related, help: None };
        }
        Self { primary: allow("allows the call without MFA"), related, help: None }
    }

    /// Another hole of the same subject: its fault is worth a look as well.
    fn add(&mut self, other: Self) {
        let known = |label: &Label| {
            same(&self.primary.place, &label.place) || self.related.iter().any(|known| same(&known.place, &label.place))
        };
        if self.related.len() < RELATED && !known(&other.primary) {
            self.related.push(other.primary);
        }
    }
}

/// Why the guards that stand beside the Allow do not stop the call.
fn beside(hole: &Hole) -> Vec<Label> {
    let labels = hole.passed.iter().filter_map(|guard| {
        let statement = words::statement(&guard.statement)?;
        let action = &hole.witness.action;
        Some(match guard.why {
            PassedBecause::Action if statement.actions.negated => {
                label(exemption(&statement.actions, action), &format!("leaves `{action}` out"))
            }
            PassedBecause::Action => label(&statement.actions.place, &format!("does not cover `{action}`")),
            PassedBecause::Resource => {
                label(&statement.resources.as_ref()?.place, &format!("does not cover `{}`", hole.witness.resource))
            }
            PassedBecause::Principal => label(&statement.principals.as_ref()?.place, "does not cover the caller"),
            PassedBecause::Condition(index) => label(&statement.tests.get(index)?.place, "does not hold for the call"),
        })
    });
    labels.take(RELATED).collect()
}

/// The pattern of a `NotAction` that leaves an action out; the whole list where it cannot be told.
fn exemption<'a>(patterns: &'a Patterns, action: &str) -> &'a Place {
    let action = action.to_ascii_lowercase();
    let covers = |text: &&Text| {
        let known = text.scalar.as_text();
        known.is_some_and(|known| Pattern::glob(&known.to_ascii_lowercase()).is_matched_by(&action))
    };
    patterns.items.iter().find(covers).map_or(&patterns.place, |text| &text.place)
}

fn label(place: &Place, text: &str) -> Label {
    Label { place: place.clone(), text: text.to_owned() }
}

fn same(left: &Place, right: &Place) -> bool {
    std::sync::Arc::ptr_eq(&left.source, &right.source) && left.span == right.span
}

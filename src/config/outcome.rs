//! What the configuration makes of findings: their weight, and whether they have been accepted. The one place that does.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{CONFIGURATION_RULE, Configuration, Level};
use crate::finding::{Finding, Label, Severity, Status};
use crate::inventory::Address;
use crate::rules;
use crate::waivers::{Comments, Scope, Waiver};

/// Findings after the configuration has had its say.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What counts.
    pub findings: Vec<Finding>,
    /// What does not.
    pub set_aside: SetAside,
}

/// Findings that do not count. Nothing is dropped in silence: reports tell of them.
#[derive(Debug, Default)]
pub struct SetAside {
    /// Findings that have been accepted.
    pub waived: Vec<Waived>,
    /// How many findings of rules that are off there would have been.
    pub switched_off: BTreeMap<&'static str, usize>,
}

impl SetAside {
    /// Whether everything counts.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waived.is_empty() && self.switched_off.is_empty()
    }
}

/// A finding that has been accepted.
#[derive(Clone, Debug)]
pub struct Waived {
    /// The finding.
    pub finding: Finding,
    /// Why.
    pub reason: String,
    /// The last day on which it is accepted.
    pub until: Option<Date>,
}

impl Waived {
    /// Why, and for how long.
    #[must_use]
    pub fn told(&self) -> String {
        match self.until {
            Some(until) => format!("{}, until {until}", self.reason),
            None => self.reason.clone(),
        }
    }
}

/// Applies levels and waivers to what the rules found.
#[must_use]
pub fn apply(configuration: &Configuration, comments: &Comments<'_>, found: Vec<Finding>, today: Date) -> Outcome {
    let mut outcome = Outcome::default();
    let waivers: Vec<&Waiver> = configuration.waivers.iter().chain(&comments.waivers).collect();
    let mut uses = vec![0_usize; waivers.len()];
    for mut finding in found {
        match level(configuration, &finding) {
            Level::Off => {
                *outcome.set_aside.switched_off.entry(finding.rule).or_default() += 1;
                continue;
            }
            Level::Weighs(severity) => finding.severity = severity,
        }
        let mut accepted = None;
        for (waiver, uses) in waivers.iter().zip(&mut uses) {
            if waiver.rule == finding.rule && comments.covers(waiver, &finding) {
                *uses += 1;
                accepted = accepted.or((!waiver.has_expired(today)).then_some(waiver));
            }
        }
        match accepted {
            Some(Waiver { reason, until, .. }) => {
                outcome.set_aside.waived.push(Waived { finding, reason: reason.clone(), until: *until });
            }
            None => outcome.findings.push(finding),
        }
    }
    outcome.findings.extend(comments.problems.iter().cloned());
    for (waiver, uses) in waivers.into_iter().zip(uses) {
        outcome.findings.extend(remark(waiver, uses, today));
    }
    outcome
}

/// A finding that weighs less than its rule for a reason goes on weighing less.
fn level(configuration: &Configuration, finding: &Finding) -> Level {
    match configuration.levels.get(finding.rule) {
        None => Level::Weighs(finding.severity),
        Some(Level::Off) => Level::Off,
        Some(Level::Weighs(wanted)) => {
            let own = rules::find(finding.rule).map_or(Severity::Error, |rule| rule.severity());
            Level::Weighs(if finding.severity < own { finding.severity.min(*wanted) } else { *wanted })
        }
    }
}

/// What is to be said about a waiver that does nothing.
fn remark(waiver: &Waiver, uses: usize, today: Date) -> Option<Finding> {
    let (message, under) = match waiver.until.filter(|_| waiver.has_expired(today)) {
        Some(until) if uses > 0 => {
            (format!("a waiver for `{}` expired on {until}: its findings count again", waiver.rule), "expired")
        }
        _ if uses > 0 => return None,
        _ => {
            let fits = match waiver.scope {
                Scope::Addresses(_) => "no finding fits it",
                Scope::Here => "what it stands at has no such finding",
            };
            (format!("a waiver for `{}` waives nothing: {fits}", waiver.rule), "not used")
        }
    };
    Some(Finding {
        rule: CONFIGURATION_RULE,
        severity: Severity::Note,
        address: Address {
            input: std::sync::Arc::from(waiver.place.source.name()),
            path: waiver.place.source.name().to_owned(),
        },
        message,
        help: match under {
            "expired" => "put right what it waives, or decide anew and write a later `until`".to_owned(),
            _ => "remove it".to_owned(),
        },
        primary: Label { place: waiver.place.clone(), text: under.to_owned() },
        related: Vec::new(),
        witness: None,
        status: Status::New,
    })
}

//! A baseline: an earlier JSON report, whose findings a project has agreed to live with for now.
//!
//! A finding is in it where its fingerprint is and it weighs no more than it did: fingerprints survive files that move and
//! lines that are renumbered.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;

use crate::config::CONFIGURATION_RULE;
use crate::config::outcome::Waived;
use crate::finding::{Finding, Label, Severity, Status};
use crate::inventory::Address;
use crate::io_error;
use crate::report::{Report, fingerprints};
use crate::source::{Place, Source, Span};

/// The findings of an earlier report that counted then.
#[derive(Clone, Debug)]
pub struct Baseline {
    source: Arc<Source>,
    /// How much each weighed, by its fingerprint.
    severities: HashMap<String, Severity>,
}

/// As much of a report of format version 1 as a baseline needs.
#[derive(Deserialize)]
struct Earlier {
    format_version: String,
    findings: Vec<EarlierFinding>,
}

#[derive(Deserialize)]
struct EarlierFinding {
    rule: String,
    fingerprint: String,
    severity: String,
    status: Option<String>,
    waived: Option<serde::de::IgnoredAny>,
}

impl Baseline {
    /// Reads a report as `--format json` writes it.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, or is no such report.
    pub fn read(path: &Path) -> Result<Self, String> {
        let name = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(name, text),
            Err(error) => Err(format!("cannot read the baseline `{name}`: {}", io_error::reason(&error))),
        }
    }

    fn parse(name: String, text: String) -> Result<Self, String> {
        let unusable = |what: &str, file: &str| {
            format!("cannot use the baseline `{name}`: {what}; write one with `mfagate check --format json={file}`")
        };
        // What is no report may be something that nobody wants to have overwritten.
        let foreign = |error| unusable(&format!("it is no JSON report of mfagate ({error})"), "baseline.json");
        let report: Earlier = serde_json::from_str(&text).map_err(foreign)?;
        let wrong = |what: String| unusable(&what, &name);
        if report.format_version != "1" {
            return Err(wrong(format!("its format version is `{}`, and only `1` is known", report.format_version)));
        }
        // A waiver may end and what is fixed may come back: both would count anew.
        let counted = report.findings.iter().filter(|it| it.waived.is_none() && it.rule != CONFIGURATION_RULE);
        let counted = counted.filter(|it| it.status.as_deref() != Some(Status::Fixed.name()));
        let severities = counted
            .map(|it| match Severity::named(&it.severity) {
                Some(severity) => Ok((it.fingerprint.clone(), severity)),
                None => Err(wrong(format!("there is no severity `{}`", it.severity))),
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { source: Source::file(name, text), severities })
    }

    /// Sets aside what is in the baseline, and says how much of it is no longer there. The report is in order.
    pub fn apply(&self, report: &mut Report) {
        let all = report.all_findings();
        let prints = fingerprints(all.iter().map(|(finding, _)| *finding));
        let mut gone = self.severities.clone();
        let mut accepted = Vec::with_capacity(report.findings.len());
        for ((finding, waived), print) in all.iter().zip(prints) {
            let was = gone.remove(&print);
            if waived.is_none() {
                accepted.push(was.is_some_and(|was| finding.severity <= was));
            }
        }
        let (known, new): (Vec<_>, Vec<_>) =
            std::mem::take(&mut report.findings).into_iter().zip(accepted).partition(|(_, accepted)| *accepted);
        report.findings = new.into_iter().map(|(finding, _)| finding).collect();
        let reason = format!("in the baseline `{}`", self.source.name());
        let waived = known.into_iter().map(|(finding, _)| {
            let finding = Finding { status: Status::Existing, ..finding };
            Waived { finding, reason: reason.clone(), until: None }
        });
        report.set_aside.waived.extend(waived);
        report.findings.extend(self.remark(gone.len()));
        report.sort();
    }

    /// What is to be said where the baseline lists more than there is.
    fn remark(&self, gone: usize) -> Option<Finding> {
        let name = self.source.name();
        let start = self.source.text().find("\"findings\"").unwrap_or_default();
        let span = Span::new(start, start + "\"findings\"".len());
        (gone > 0).then(|| Finding {
            rule: CONFIGURATION_RULE,
            severity: Severity::Note,
            address: Address { input: Arc::from(name), path: name.to_owned() },
            message: format!(
                "the baseline lists {gone} finding{} that {} no longer there",
                if gone == 1 { "" } else { "s" },
                if gone == 1 { "is" } else { "are" }
            ),
            help: format!(
                "write it anew, so that what was put right stays right: `mfagate check --format json={name}`"
            ),
            primary: Label { place: Place::new(&self.source, span), text: "more than there is".to_owned() },
            related: Vec::new(),
            witness: None,
            status: Status::New,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Baseline;

    fn refused(text: &str) -> String {
        Baseline::parse("base.json".to_owned(), text.to_owned()).unwrap_err()
    }

    #[test]
    fn what_is_no_report_is_refused() {
        assert!(refused("{}").contains("missing field `format_version`"), "{}", refused("{}"));
        assert!(refused("not JSON").contains("write one with `mfagate check --format json=baseline.json`"));
        let of_the_future = r#"{"format_version": "2", "findings": []}"#;
        assert!(refused(of_the_future).contains("its format version is `2`, and only `1` is known"));
        let finding = r#"{"rule": "r", "fingerprint": "f", "severity": "grave", "status": "new", "waived": null}"#;
        let unknown = format!(r#"{{"format_version": "1", "findings": [{finding}]}}"#);
        assert!(refused(&unknown).contains("there is no severity `grave`"));
    }

    #[test]
    fn only_what_counted_is_in_it() {
        let finding = |print: &str, status: &str, waived: &str| {
            format!(
                r#"{{"rule": "r", "fingerprint": "{print}", "severity": "error", "status": "{status}", "waived": {waived}}}"#
            )
        };
        let findings = [
            finding("a", "new", "null"),
            finding("b", "fixed", "null"),
            finding("c", "existing", r#"{"reason": "x", "until": null}"#),
        ];
        let text = format!(r#"{{"format_version": "1", "findings": [{}]}}"#, findings.join(","));
        let baseline = Baseline::parse("base.json".to_owned(), text).unwrap();
        assert_eq!(baseline.severities.keys().collect::<Vec<_>>(), ["a"]);
    }
}

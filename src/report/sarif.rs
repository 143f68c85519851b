//! The report as SARIF 2.1.0, for code scanning and editors.
//!
//! What is waived is a suppressed result, what is fixed an absent one, and what was not checked a notification of an
//! invocation that did not succeed.

use std::collections::BTreeMap;
use std::io::{self, Write as _};

use self::document::{
    ArtifactLocation, BaseLocation, Configuration, Driver, Fingerprints, Help, Invocation, Level, Location, Log,
    LogicalLocation, Message, Notification, PhysicalLocation, Result, ResultProperties, Rule, RuleProperties,
    RuleReference, Run, RunProperties, Suppression, TextRegion, Tool,
};
use super::escaped::write_pretty;
use super::location::{File, Folder, Region};
use super::{Outcome, Report, Terminal, fingerprints, number, visible_lines};
use crate::config::CONFIGURATION_RULE;
use crate::config::outcome::Waived;
use crate::explain;
use crate::finding::{Finding, Severity, Status};
use crate::iam::verdict::Witness;
use crate::locate::Untraced;
use crate::rules;
use crate::source::Place;

mod document;

/// Stands for the folder that relative paths start from.
const BASE: &str = "%SRCROOT%";

/// Writes the report.
pub(super) fn write(report: &Report, _: Terminal, out: &mut dyn io::Write) -> io::Result<()> {
    let mut out = io::BufWriter::new(out);
    write_pretty(&mut out, &log(report))?;
    out.write_all(b"\n")?;
    out.flush()
}

fn log(report: &Report) -> Log {
    let folder = Folder::current();
    let rules = rules();
    let results = results(report, &folder, &rules);
    Log {
        schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            invocations: [invocation(report, &folder, &rules)],
            tool: Tool {
                driver: Driver {
                    name: "mfagate",
                    version: env!("CARGO_PKG_VERSION"),
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    short_description: Message::literal(env!("CARGO_PKG_DESCRIPTION")),
                    rules,
                },
            },
            original_uri_base_ids: BTreeMap::from([(
                BASE,
                BaseLocation { description: Message::literal("the folder in which mfagate ran") },
            )]),
            column_kind: "unicodeCodePoints",
            results,
            properties: run_properties(report),
        }],
    }
}

/// The metadata of all rules, whether they found something or not.
fn rules() -> Vec<Rule> {
    let documented = rules::all().iter().map(|rule| {
        let documentation = rule.documentation();
        let help = Help { text: explain::text(*rule), markdown: explain::markdown(*rule) };
        rule_entry(rule.id(), pascal_case(rule.id()), rule.severity(), rule.summary(), documentation.why.trim(), help)
    });
    let summary = "a waiver has expired or waives nothing, or the baseline lists what is no longer there";
    let why = "What accepts findings and no longer has any would go on accepting them if they came back.";
    let fix = "Remove the waiver, or decide anew and write a later `until`. Write the baseline anew.";
    let help = Help { text: format!("{why} {fix}"), markdown: format!("{why}\n\n{fix}\n") };
    documented
        .chain([rule_entry(CONFIGURATION_RULE, "AcceptsNothing".to_owned(), Severity::Note, summary, why, help)])
        .collect()
}

fn rule_entry(id: &'static str, name: String, severity: Severity, summary: &str, why: &str, help: Help) -> Rule {
    Rule {
        id,
        name,
        short_description: Message::literal(summary),
        full_description: Message::literal(why),
        help,
        default_configuration: Configuration { level: level(severity) },
        properties: RuleProperties {
            tags: ["security", "iam", "mfa"],
            precision: "high",
            // Code scanning sorts by this score; that of an error is in its band `high`.
            security_severity: match severity {
                Severity::Error => "8.0",
                Severity::Warning => "5.0",
                Severity::Note => "2.0",
            },
        },
    }
}

fn results(report: &Report, folder: &Folder, rules: &[Rule]) -> Vec<Result> {
    let all = report.all_findings();
    let names = fingerprints(all.iter().map(|(finding, _)| *finding));
    // As they were told when they were there.
    let fixed = report.fixed.iter().map(|finding| (finding, None)).zip(fingerprints(&report.fixed));
    let told = all.into_iter().zip(names).chain(fixed);
    told.map(|((finding, waived), fingerprint)| result(finding, waived, fingerprint, folder, rules)).collect()
}

fn result(finding: &Finding, waived: Option<&Waived>, fingerprint: String, folder: &Folder, rules: &[Rule]) -> Result {
    let related = finding.related.iter().enumerate();
    let message = |text: &str| (!text.is_empty()).then(|| Message::of(text));
    Result {
        rule_id: finding.rule,
        rule_index: rules.iter().position(|rule| rule.id == finding.rule),
        level: level(finding.severity),
        message: Message::of(&finding.message),
        locations: vec![Location {
            id: None,
            message: message(&finding.primary.text),
            physical_location: physical(&finding.primary.place, folder),
            logical_locations: vec![LogicalLocation {
                fully_qualified_name: finding.address.path.clone(),
                kind: "resource",
            }],
        }],
        related_locations: related
            .map(|(at, label)| Location {
                id: Some(at + 1),
                message: message(&label.text),
                physical_location: physical(&label.place, folder),
                logical_locations: Vec::new(),
            })
            .collect(),
        partial_fingerprints: Fingerprints { first: fingerprint },
        baseline_state: match finding.status {
            Status::New => "new",
            Status::Worse => "updated",
            Status::Existing => "unchanged",
            Status::Fixed => "absent",
        },
        suppressions: waived
            .map(|waived| vec![Suppression { kind: "external", status: "accepted", justification: waived.told() }]),
        properties: ResultProperties {
            help: visible_lines(&finding.help),
            caller: finding.witness.as_ref().map(|witness| witness.caller.name()),
            call: finding.witness.as_ref().map(|Witness { action, .. }| action.clone()),
        },
    }
}

fn physical(place: &Place, folder: &Folder) -> Option<PhysicalLocation> {
    let artifact_location = artifact(&folder.file_of(place))?;
    let Region { start_line, start_column, end_line, end_column } = Region::of(place);
    let region = TextRegion { start_line, start_column, end_line, end_column };
    Some(PhysicalLocation { artifact_location, region: Some(region) })
}

fn artifact(file: &File) -> Option<ArtifactLocation> {
    let uri_base_id = matches!(file, File::Inside(_)).then_some(BASE);
    Some(ArtifactLocation { uri: file.uri()?, uri_base_id })
}

fn invocation(report: &Report, folder: &Folder, rules: &[Rule]) -> Invocation {
    let unread = report.unchecked().into_iter().map(|(file, reason)| {
        let text = file.map_or_else(|| reason.to_owned(), |file| format!("not checked: {file}: {reason}"));
        notification(Severity::Error, &text, file, folder)
    });
    let untraced = report.untraced.iter().map(|Untraced { file, reason }| {
        notification(Severity::Note, &format!("not traced: {file}: {reason}"), Some(file), folder)
    });
    let switched_off = report.set_aside.switched_off.iter().map(|(rule, count)| Notification {
        level: level(Severity::Note),
        message: Message::of(&format!("the configuration switches {} of `{rule}` off", number(*count, "finding"))),
        locations: Vec::new(),
        associated_rule: rules
            .iter()
            .position(|entry| entry.id == *rule)
            .map(|index| RuleReference { id: (*rule).to_owned(), index }),
    });
    let outcome = report.outcome();
    Invocation {
        execution_successful: outcome != Outcome::Incomplete,
        exit_code: outcome.status(),
        tool_execution_notifications: unread.chain(untraced).collect(),
        tool_configuration_notifications: switched_off.collect(),
    }
}

/// Something that is to be said of a file as a whole, or of none.
fn notification(severity: Severity, text: &str, file: Option<&str>, folder: &Folder) -> Notification {
    let location = file.and_then(|file| artifact(&folder.file(file))).map(|artifact_location| Location {
        id: None,
        message: None,
        physical_location: Some(PhysicalLocation { artifact_location, region: None }),
        logical_locations: Vec::new(),
    });
    Notification {
        level: level(severity),
        message: Message::of(text),
        locations: location.into_iter().collect(),
        associated_rule: None,
    }
}

fn run_properties(report: &Report) -> RunProperties {
    let counts = report.counts();
    RunProperties {
        files: report.files,
        documents: report.documents,
        subjects: report.subjects.len(),
        enforced: counts.enforced,
        bypassable: counts.bypassable,
        unproven: counts.unproven,
        not_applicable: counts.not_applicable,
        waived: report.set_aside.waived.len(),
        fixed: report.fixed.len(),
        configuration: report.configuration.clone(),
    }
}

fn level(severity: Severity) -> Level {
    Level(severity.name())
}

/// `role-trust-without-mfa` as `RoleTrustWithoutMfa`, the form that viewers expect of a name.
fn pascal_case(id: &str) -> String {
    let capital = |word: &str| {
        let mut characters = word.chars();
        characters.next().map(|first| first.to_ascii_uppercase().to_string() + characters.as_str()).unwrap_or_default()
    };
    id.split('-').map(capital).collect()
}

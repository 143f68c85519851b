//! A first configuration, from what a run without one finds.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use super::homes::Homes;
use super::shape::{CONFIGURATION, Field};
use super::{Configuration, FILE_NAME};
use crate::finding::Severity;
use crate::iam::verdict::{Danger, Verdict};
use crate::report::Report;
use crate::{Options, check, load, rules};

/// The text of a configuration that changes nothing yet: accounts as far as they can be told, all else commented out.
#[must_use]
pub fn written(paths: &[PathBuf]) -> String {
    let configuration = Configuration::default();
    let report = check(&Options::new(paths.to_vec()));
    let homes = Homes::new(&load::load(paths, &mut std::io::empty()).inputs, &configuration);
    text(&report, &homes)
}

fn text(report: &Report, homes: &Homes) -> String {
    let mut text = format!(
        "# {FILE_NAME}: what this project has decided. Every key may be left out; `mfagate check` says where one is wrong.\n"
    );
    for field in CONFIGURATION {
        text.push('\n');
        text.push_str(&comment(field.about));
        text.push_str(&section(field, report, homes));
    }
    text
}

fn section(field: &Field, report: &Report, homes: &Homes) -> String {
    let example = match field.name {
        "accounts" => return accounts(homes),
        "rules" => return levels(report),
        "vendors" => return vendors(report),
        "exempt-actions" => "exempt-actions:\n  - sts:AssumeRole\n  - {action: iam:ListAccessKeys, resource: own}\n",
        "external-id" => "external-id: error\n",
        "workload-roles" => "workload-roles: [ci-*]\n",
        "maximum-mfa-age" => "maximum-mfa-age: 3600\n",
        "paths" => "paths:\n  exclude: [examples/]\n",
        "fail-on" => "fail-on: warning\n",
        "waivers" => {
            "waivers:\n  - rule: group-without-mfa\n    address: module.legacy.*\n    reason: goes away with the old \
             accounts\n    until: 2027-01-31\n"
        }
        _ => "",
    };
    commented(example)
}

fn accounts(homes: &Homes) -> String {
    let seen = homes.accounts();
    if seen.is_empty() {
        let example =
            "accounts:\n  - id: \"111122223333\"\n    name: people\n    kind: security\n    paths: [live/people/]\n";
        return format!("# The inputs do not say which accounts they belong to.\n{}", commented(example));
    }
    let mut text = "# These were seen. Make the one that holds the people's users `security`.\naccounts:\n".to_owned();
    for (account, inputs) in seen {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  # {}", told(&inputs));
        let _ = writeln!(text, "  - id: \"{account}\"\n    kind: child");
    }
    text
}

/// How many rules found how much, as the lines that would change their weight.
fn levels(report: &Report) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in &report.findings {
        *counts.entry(finding.rule).or_default() += 1;
    }
    if counts.is_empty() {
        return commented("rules:\n  mfa-unproven: warning\n");
    }
    let mut text = "# rules:   # these found something\n".to_owned();
    for (id, count) in counts {
        let severity = rules::find(id).map_or(Severity::Error, |rule| rule.severity()).name();
        let plural = if count == 1 { "" } else { "s" };
        let _ = writeln!(text, "#   {id}: {severity}   # {count} finding{plural}");
    }
    text
}

/// Accounts that are let in behind an external id.
fn vendors(report: &Report) -> String {
    let mut roles: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (subject, judgement) in &report.subjects {
        let Verdict::Bypassable(holes) = &judgement.verdict else { continue };
        for hole in holes.iter().filter(|hole| hole.danger == Danger::Vendor) {
            if let Some(account) = super::account_in(&hole.witness.principal) {
                roles.entry(account).or_default().insert(&subject.address.path);
            }
        }
    }
    if roles.is_empty() {
        return commented("vendors: [\"444455556666\"]\n");
    }
    let mut text = "# vendors:   # these are let in behind an external id\n".to_owned();
    for (account, roles) in roles {
        let _ = writeln!(text, "#   - \"{account}\"   # {}", told(&roles));
    }
    text
}

/// Names of files and resources in a comment: the first few, and nothing that ends its line.
fn told(names: &BTreeSet<&str>) -> String {
    let shown: Vec<_> = names.iter().take(3).map(|name| crate::report::visible(name)).collect();
    let more = names.len().saturating_sub(shown.len());
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}

fn comment(about: &str) -> String {
    let options = crate::wrap::at_spaces(110).initial_indent("# ").subsequent_indent("# ");
    textwrap::fill(about, options) + "\n"
}

fn commented(example: &str) -> String {
    example.lines().map(|line| format!("# {line}\n")).collect()
}

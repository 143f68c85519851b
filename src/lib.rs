//! mfagate decides, by evaluating IAM policies as AWS would, whether people can get in without MFA.
//!
//! The way of the data, one direction and no way back:
//!
//! ```text
//! bytes -load-> Source -tree-> Node -extract-> Inventory -access-> Judgement -rules-> Finding -report-> bytes
//! ```
//!
//! A plan goes this way twice, as it is and as it will be; [`change`] sets the findings of both against each other.

pub mod change;
pub mod cli;
pub mod config;
pub mod explain;
pub mod extract;
pub mod finding;
pub mod iam;
pub mod inventory;
pub mod load;
pub mod report;
pub mod rules;
pub mod simulate;
pub mod source;
pub mod tree;

use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::change::{Past, Project};
use crate::config::Configuration;
use crate::config::homes::Homes;
use crate::extract::Extracted;
use crate::finding::Severity;
use crate::inventory::subjects::Subject;
use crate::inventory::{Content, Inventory, PolicyKind};
use crate::load::Loaded;
use crate::report::{Report, Unread};
use crate::rules::Judged;

/// What to check, and what fails.
#[derive(Clone, Debug)]
pub struct Options {
    /// Files and folders; `-` is standard input.
    pub paths: Vec<PathBuf>,
    /// What single policy documents are for; `None` where that is to be guessed.
    pub document_kind: Option<PolicyKind>,
    /// The least severity that fails the run.
    pub threshold: Severity,
    /// Whether only what the change brings or makes worse fails the run.
    pub new_only: bool,
    /// What the project has decided.
    pub configuration: Configuration,
    /// The day by which waivers expire.
    pub today: jiff::civil::Date,
}

/// Checks everything that the options name.
#[must_use]
pub fn check(options: &Options) -> Report {
    let configuration = &options.configuration;
    let wanted = |path: &Path| configuration.wants(path);
    let loaded = load::load_wanted(&options.paths, &wanted, &mut io::stdin().lock());
    let mut extracted: Vec<Extracted> =
        loaded.inputs.par_iter().map(|input| extract::extract(input, options.document_kind)).collect();
    let unread = unread(&loaded, &extracted);
    let past = Past::take(loaded.inputs.iter().map(|input| input.source.name()), &mut extracted);
    let mut inventory = Inventory::default();
    extracted.into_iter().for_each(|part| inventory.merge(part.inventory));
    let subjects = inventory::subjects::subjects(&inventory).into_par_iter();
    let judged: Vec<Judged> = subjects.map(|subject| judge(subject, configuration)).collect();
    let homes = homes(&loaded, configuration);
    let mut found = rules::findings(&rules::Input::new(&inventory, &judged).under(configuration, &homes));
    let fixed = past.compare(&mut found, &judged, Project { configuration, homes: &homes });
    let outcome = config::outcome::apply(configuration, found, options.today);
    let documents = inventory.policies.iter().filter(|policy| matches!(policy.content, Content::Known(_))).count();
    let mut report = Report {
        files: loaded.files,
        passed_over: loaded.passed_over,
        documents,
        subjects: judged.into_iter().map(|one| (one.subject, one.judgement)).collect(),
        findings: outcome.findings,
        fixed,
        set_aside: outcome.set_aside,
        configuration: configuration.file.clone(),
        unread,
        threshold: options.threshold,
        new_only: options.new_only,
    };
    report.sort();
    // Nothing is to be gained from freeing a large inventory piece by piece at the end of a run.
    std::mem::forget(inventory);
    report
}

/// The accounts that resources belong to, where something depends on it.
fn homes(loaded: &Loaded, configuration: &Configuration) -> Homes {
    let asked = !configuration.accounts.is_empty() || !configuration.workload_roles.is_empty();
    if asked { Homes::new(&loaded.inputs, configuration) } else { Homes::default() }
}

fn judge(subject: Subject, configuration: &Configuration) -> Judged {
    let judgement = iam::access::judge_under(&subject, &configuration.terms);
    Judged { subject, judgement }
}

/// What could not be loaded, and what of the rest could not be used.
fn unread(loaded: &Loaded, extracted: &[Extracted]) -> Vec<Unread> {
    let not_loaded = loaded.unread.iter().map(|unread| Unread { file: unread.file.clone(), reason: unread.reason() });
    let not_used = loaded.inputs.iter().zip(extracted).flat_map(|(input, extracted)| {
        let file = input.source.name();
        extracted.unread.iter().map(move |reason| Unread { file: file.to_owned(), reason: reason.clone() })
    });
    not_loaded.chain(not_used).collect()
}

//! mfagate decides, by evaluating IAM policies as AWS would, whether people can get in without MFA.
//!
//! The way of the data, one direction and no way back:
//!
//! ```text
//! bytes -load-> Source -tree-> Node -extract-> Inventory -access-> Judgement -rules-> Finding -report-> bytes
//! ```
//!
//! What was found in a plan is traced to the Terraform files beside it, the [`checkout`], by [`locate`].
//!
//! A plan goes this way twice, as it is and as it will be; [`change`] sets the findings of both against each other.

mod account;
pub mod baseline;
pub mod change;
pub mod checkout;
pub mod cli;
pub mod config;
pub mod explain;
pub mod extract;
pub mod finding;
pub mod fix;
pub mod iam;
pub mod inventory;
pub mod io_error;
pub mod load;
pub mod locate;
pub mod report;
pub mod rules;
pub mod simulate;
pub mod source;
mod terraform;
pub mod tree;
pub mod waivers;
mod wrap;

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::baseline::Baseline;
use crate::change::{Past, Project};
use crate::checkout::Checkouts;
use crate::config::Configuration;
use crate::config::homes::Homes;
use crate::config::outcome::SetAside;
use crate::extract::{Extracted, Settings};
use crate::finding::{Finding, Severity};
use crate::fix::Fixes;
use crate::inventory::deployments::Deployment;
use crate::inventory::subjects::Subject;
use crate::inventory::{Content, Inventory, Policy};
use crate::load::Loaded;
use crate::locate::Locator;
use crate::report::{Report, Unread};
use crate::rules::Judged;
use crate::waivers::Comments;

/// What to check, and what fails.
#[derive(Clone, Debug)]
pub struct Options {
    /// Files and folders; `-` is standard input.
    pub paths: Vec<PathBuf>,
    /// What is said about the inputs beside them.
    pub settings: Settings,
    /// The folders of the root modules that plans were made of; where none is named, those that are usual.
    pub sources: Vec<PathBuf>,
    /// The least severity that fails the run.
    pub threshold: Severity,
    /// Whether only what the change brings or makes worse fails the run.
    pub new_only: bool,
    /// What was there when the project began to look.
    pub baseline: Option<Baseline>,
    /// What the project has decided.
    pub configuration: Configuration,
    /// The day by which waivers expire.
    pub today: jiff::civil::Date,
    /// Whether to look for fixes of what is found.
    pub fixes: bool,
}

impl Options {
    /// The options for these paths, with nothing decided otherwise.
    #[must_use]
    pub fn new(paths: Vec<PathBuf>) -> Self {
        Self {
            paths,
            settings: Settings::default(),
            sources: Vec::new(),
            threshold: Severity::Error,
            new_only: false,
            baseline: None,
            configuration: Configuration::default(),
            today: jiff::civil::Date::default(),
            fixes: false,
        }
    }
}

/// Checks everything that the options name.
#[must_use]
pub fn check(options: &Options) -> Report {
    check_and(options, |_, _| ()).0
}

/// Checks everything that the options name, and gives the files that can be fixed as they would be.
#[must_use]
pub fn fixed(options: &Options) -> (Report, Vec<fix::FileFix>) {
    check_and(options, fix::everything)
}

fn check_and<T>(options: &Options, then: impl FnOnce(&Report, fix::Project<'_>) -> T) -> (Report, T) {
    let wanted = |path: &Path| options.configuration.wants(path);
    check_loaded(&load::load_wanted(&options.paths, &wanted, &mut io::stdin().lock()), options, then)
}

fn check_loaded<T>(
    loaded: &Loaded,
    options: &Options,
    then: impl FnOnce(&Report, fix::Project<'_>) -> T,
) -> (Report, T) {
    let configuration = &options.configuration;
    let checkouts = Checkouts::beside(&loaded.inputs, &options.sources);
    let mut extracted = extract::extract_all(&loaded.inputs, &options.settings, &checkouts);
    let mut report = empty_report(loaded, options);
    report.unread = unread(loaded, &extracted);
    let past = Past::take(loaded.inputs.iter().map(|input| input.source.name()), &mut extracted);
    let (inventory, alternatives) = gathered(extracted);
    let judge = Judge { configuration, homes: homes(loaded, configuration) };
    let (judged, mut found) = judge.all(&inventory, &alternatives);
    report.fixed = past.compare(&mut found, &judged, Project { configuration, homes: &judge.homes });
    let mut locator = Locator::new(&checkouts);
    found.iter_mut().for_each(|finding| locator.finding(finding));
    let comments = Comments::read(&loaded.inputs, &checkouts);
    let outcome = config::outcome::apply(configuration, &comments, found, options.today);
    (report.findings, report.set_aside) = (outcome.findings, outcome.set_aside);
    report.documents = documents(&inventory, &alternatives);
    report.subjects = judged.into_iter().map(|one| (one.subject, one.judgement)).collect();
    trace(&mut report, locator);
    report.sort();
    if let Some(baseline) = &options.baseline {
        baseline.apply(&mut report);
    }
    let project = fix::Project {
        inputs: &loaded.inputs,
        judge: &judge,
        settings: &options.settings,
        checkouts: &checkouts,
        today: options.today,
    };
    if options.fixes {
        report.fixes = fix::suggest(&report, project);
    }
    let result = then(&report, project);
    // Nothing is to be gained from freeing a large inventory piece by piece at the end of a run.
    std::mem::forget((inventory, alternatives));
    (report, result)
}

/// The report on what was loaded, before anything is said of it.
fn empty_report(loaded: &Loaded, options: &Options) -> Report {
    Report {
        files: loaded.files,
        passed_over: loaded.passed_over,
        documents: 0,
        subjects: Vec::new(),
        findings: Vec::new(),
        fixed: Vec::new(),
        set_aside: SetAside::default(),
        configuration: options.configuration.file.clone(),
        unread: Vec::new(),
        untraced: Vec::new(),
        threshold: options.threshold,
        new_only: options.new_only,
        fixes: Fixes::default(),
    }
}

/// Everything that several inputs declare: what holds in every deployment, and what differs.
fn gathered(extracted: Vec<Extracted>) -> (Inventory, Vec<Vec<Deployment>>) {
    let mut inventory = Inventory::default();
    let mut alternatives = Vec::new();
    for part in extracted {
        inventory.merge(part.inventory);
        alternatives.extend(part.alternatives);
    }
    inventory::deployments::bring_together(&mut inventory, &mut alternatives);
    (inventory, alternatives)
}

/// Judges as the project has decided.
struct Judge<'a> {
    configuration: &'a Configuration,
    homes: Homes,
}

impl Judge<'_> {
    /// The judgements on all subjects, and what the rules find.
    fn all(&self, inventory: &Inventory, alternatives: &[Vec<Deployment>]) -> (Vec<Judged>, Vec<Finding>) {
        let mut judged = self.subjects(inventory);
        let mut found = self.findings(inventory, &judged);
        let differing: Vec<_> = alternatives.par_iter().map(|deployments| self.each(deployments)).collect();
        for (subjects, findings) in differing {
            judged.extend(subjects);
            found.extend(findings);
        }
        (judged, found)
    }

    /// The judgement on one subject.
    fn one(&self, subject: Subject) -> Judged {
        Judged { judgement: iam::access::judge_under(&subject, &self.configuration.terms), subject }
    }

    /// The judgements on all subjects of an inventory.
    fn subjects(&self, inventory: &Inventory) -> Vec<Judged> {
        inventory::subjects::subjects(inventory).into_par_iter().map(|subject| self.one(subject)).collect()
    }

    /// What the rules find.
    fn findings(&self, inventory: &Inventory, judged: &[Judged]) -> Vec<Finding> {
        rules::findings(&rules::Input::new(inventory, judged).under(self.configuration, &self.homes))
    }

    /// The judgements and findings on what differs between deployments.
    fn each(&self, deployments: &[Deployment]) -> (Vec<Judged>, Vec<Finding>) {
        let judged = deployments.par_iter().map(|deployment| self.subjects(&deployment.inventory)).collect();
        rules::deployments::worst(deployments, judged, |inventory, judged| self.findings(inventory, judged))
    }
}

/// The accounts that resources belong to, where something depends on it.
fn homes(loaded: &Loaded, configuration: &Configuration) -> Homes {
    let asked = !configuration.accounts.is_empty() || !configuration.workload_roles.is_empty();
    if asked { Homes::new(&loaded.inputs, configuration) } else { Homes::default() }
}

/// Points the subjects, and what is fixed, at the Terraform files wherever they hold them.
fn trace(report: &mut Report, mut locator: Locator<'_>) {
    for (subject, _) in &mut report.subjects {
        locator.declaration(&subject.address.input, &subject.address.path, &mut subject.place);
    }
    report.fixed.iter_mut().for_each(|finding| locator.gone(finding));
    report.untraced = locator.untraced();
}

/// How many documents there are, each counted once.
fn documents(inventory: &Inventory, alternatives: &[Vec<Deployment>]) -> usize {
    let is_known = |policy: &&Policy| matches!(policy.content, Content::Known(_));
    let differing = alternatives.iter().flatten().flat_map(|deployment| &deployment.inventory.policies);
    let differing: HashSet<_> =
        differing.filter(is_known).map(|policy| (&policy.address, policy.attribute.as_str())).collect();
    inventory.policies.iter().filter(is_known).count() + differing.len()
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

//! mfagate decides, by evaluating IAM policies as AWS would, whether people can get in without MFA.
//!
//! The way of the data, one direction and no way back:
//!
//! ```text
//! bytes -load-> Source -tree-> Node -extract-> Inventory -access-> Judgement -rules-> Finding -report-> bytes
//! ```

pub mod cli;
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

use std::path::PathBuf;

use crate::finding::Severity;
use crate::inventory::PolicyKind;
use crate::report::Report;

/// What to check, and what fails.
#[derive(Clone, Debug)]
pub struct Options {
    /// Files and folders; `-` is standard input.
    pub paths: Vec<PathBuf>,
    /// What single policy documents are for; `None` where that is to be guessed.
    pub document_kind: Option<PolicyKind>,
    /// The least severity that fails the run.
    pub threshold: Severity,
}

/// Checks everything that the options name.
#[must_use]
pub fn check(options: &Options) -> Report {
    Report {
        files: 0,
        passed_over: 0,
        documents: 0,
        subjects: Vec::new(),
        findings: Vec::new(),
        unread: Vec::new(),
        threshold: options.threshold,
    }
}

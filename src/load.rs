//! From paths to inputs: walks folders, reads bytes, undoes encodings and decides by content what each file is.

use std::sync::Arc;

use crate::source::{Source, Span};
use crate::tree::Node;

/// One input that holds something to check.
#[derive(Debug)]
pub struct Input {
    /// The text.
    pub source: Arc<Source>,
    /// What it is.
    pub format: Format,
}

/// What an input is, with as much of it as the decision had to read.
#[derive(Debug)]
pub enum Format {
    /// Terraform or OpenTofu plan JSON; the span is that of the plan object, which some tools wrap.
    TerraformPlan(Span),
    /// Terraform or OpenTofu state as `terraform show -json` prints it.
    TerraformState(Span),
    /// CloudFormation or SAM templates: the documents of a YAML file, or the one value of a JSON file.
    CloudFormation(Vec<Node>),
    /// A single policy document.
    PolicyDocument(Node),
}

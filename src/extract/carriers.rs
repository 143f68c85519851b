//! The table of places where IAM documents, attachments and identities live.
//!
//! A new place is one row in `carriers/terraform.rs` or `carriers/cloudformation.rs`. Places that only look like IAM are listed too, so that
//! it is known why they are passed over.

use crate::inventory::PolicyKind;

mod cloudformation;
mod terraform;

/// One attribute of one resource type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carrier {
    /// The resource type: `aws_iam_policy`, `AWS::IAM::Policy`.
    pub type_name: &'static str,
    /// The way to the attribute: keys joined by `.`, with `[]` after a key whose value is a list. In CloudFormation it
    /// starts below `Properties`.
    pub path: &'static str,
    /// What stands there.
    pub holds: Holds,
}

impl Carrier {
    /// The steps of [`Carrier::path`], each a key and whether its value is a list.
    pub fn steps(&self) -> impl Iterator<Item = (&'static str, bool)> {
        self.path.split('.').map(|step| match step.strip_suffix("[]") {
            Some(key) => (key, true),
            None => (step, false),
        })
    }
}

/// What an attribute holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// A whole policy document. What a carrier calls a service control policy may be of another type, which the
    /// resource says beside it.
    Document(PolicyKind),
    /// Single statements, without a document around them.
    Statements,
    /// An OpenAPI description as JSON text, whose key `x-amazon-apigateway-policy` is a resource policy.
    OpenApi,
    /// What the caller writes to have a document made, or a policy that is only tried out: grants nothing itself.
    Builder,
    /// A grant spelled out in attributes, which cannot carry a condition on MFA.
    Grant,
    /// Another template, in which documents may stand.
    Template,
    /// A tie between a policy and an identity, or between identities.
    Reference,
    /// A setting about MFA, passwords or keys, not a policy.
    MfaSetting,
    /// Another policy language that looks like IAM.
    NotIam,
}

/// The language whose resource types are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Terraform and OpenTofu, with the AWS provider.
    Terraform,
    /// CloudFormation, and the SAM types, whose names tell them apart.
    CloudFormation,
}

/// The carriers of a resource type; empty for a type that carries nothing of IAM.
#[must_use]
pub fn of(language: Language, type_name: &str) -> &'static [Carrier] {
    let all = all(language);
    let start = all.partition_point(|carrier| carrier.type_name < type_name);
    let end = all.partition_point(|carrier| carrier.type_name <= type_name);
    all.get(start..end).unwrap_or_default()
}

/// All carriers of a language.
#[must_use]
pub fn all(language: Language) -> &'static [Carrier] {
    match language {
        Language::Terraform => terraform::CARRIERS,
        Language::CloudFormation => cloudformation::CARRIERS,
    }
}

/// A row whose attribute holds a policy document of a kind.
const fn document(type_name: &'static str, path: &'static str, kind: PolicyKind) -> Carrier {
    row(type_name, path, Holds::Document(kind))
}

/// A row whose attribute holds something else.
const fn row(type_name: &'static str, path: &'static str, holds: Holds) -> Carrier {
    Carrier { type_name, path, holds }
}

#[cfg(test)]
mod tests;

//! Whom the `Principal` and `NotPrincipal` of a statement cover.
//!
//! Follows the IAM User Guide, "AWS JSON policy elements: Principal": an account id and its root ARN stand for every
//! principal of the account, a role's ARN for its sessions, and `*` for everyone, services included.

use crate::account::is_account_id;
use crate::iam::caller::Signer;
use crate::iam::document::{Principal, PrincipalKind, Principals, Version};
use crate::iam::pattern::{Cause, Pattern, has_symbol, is_symbol};
use crate::iam::request::NoKeys;
use crate::iam::truth::{Doubt, Truth};
use crate::iam::variables::{Expansion, Reading, Symbols, expand};
use crate::tree::Unknown;

/// Whether the element covers the signer; `meant` are its principals.
#[must_use]
pub fn covers<'a>(principals: &'a Principals, meant: &[Meant<'a>], signer: &Signer) -> Truth<'a> {
    let known = meant.iter().map(|meant| is_meant(meant, signer));
    let rest = principals.unknown.as_ref().map(|unknown| Truth::Unproven(Doubt::Value(unknown, &principals.place)));
    let covered = Truth::any(known.chain(rest));
    if principals.negated { covered.negate() } else { covered }
}

/// A principal, read.
#[derive(Clone, Debug)]
pub struct Meant<'a> {
    /// The kind that it is listed under.
    pub kind: PrincipalKind,
    /// Its text, unknown identifiers as symbols.
    pub pattern: Pattern,
    /// What it names, where it stands under `AWS`.
    pub named: Named,
    cause: Cause<'a>,
}

/// Reads a principal.
#[must_use]
pub fn meant<'a>(principal: &'a Principal, symbols: &Symbols) -> Meant<'a> {
    let (mut pattern, unknown) = text(principal, symbols);
    if principal.kind == PrincipalKind::Aws
        && let Some(arn) = of_unique_id(&pattern)
    {
        pattern = Pattern::literal(&arn);
    }
    let named = match principal.kind {
        PrincipalKind::Aws => named(&pattern),
        _ => Named::Unclear,
    };
    Meant { kind: principal.kind, pattern, named, cause: Cause { unknown, place: &principal.text.place } }
}

/// The text of a principal with unknown identifiers as symbols, and what is unknown beyond that.
fn text<'a>(principal: &'a Principal, symbols: &Symbols) -> (Pattern, Option<&'a Unknown>) {
    let reading = Reading { version: &Version::V2008, wildcards: false, free_variables: false, keys: &NoKeys, symbols };
    match expand(&principal.text.scalar, reading) {
        Expansion::Pattern(pattern, unknown) => (pattern, unknown),
        Expansion::NoValue => (Pattern::default(), None),
    }
}

/// What a principal under `AWS` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// `*`.
    Everyone,
    /// An account, by its id, with the partition that its ARN names.
    Account {
        /// `aws`, `aws-cn`, `aws-us-gov`.
        partition: String,
        /// The id, or a symbol.
        account: String,
    },
    /// A user, role or session.
    Arn(String),
    /// It cannot be told.
    Unclear,
}

/// Stands for an account whose id is not known.
const UNKNOWN_ACCOUNT: &str = "unknown-account";

/// An ARN for a user or role that is named by its unique id, which IAM puts in the place of the ARN.
fn of_unique_id(pattern: &Pattern) -> Option<String> {
    let id = Some(pattern).filter(|pattern| !pattern.has_unknown())?.example();
    let kind = if id.starts_with("AROA") { "role" } else { "user" };
    let is_id = id.starts_with('A')
        && (id.len() >= 16 || has_symbol(&id))
        && id.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || is_symbol(c));
    is_id.then(|| format!("arn:aws:iam::{UNKNOWN_ACCOUNT}:{kind}/{id}"))
}

/// An ARN as its principal was written: one that stands for a unique id as that.
#[must_use]
pub fn as_written(arn: &str) -> &str {
    let id = arn.split_once(UNKNOWN_ACCOUNT).and_then(|(_, rest)| rest.split_once('/'));
    id.map_or(arn, |(_, id)| id)
}

/// Reads the text of a principal under `AWS`.
fn named(pattern: &Pattern) -> Named {
    if pattern.has_unknown() {
        return unclear(pattern);
    }
    let text = pattern.example();
    if text == "*" {
        return Named::Everyone;
    }
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", partition, "iam", _, account, "root"] => {
            Named::Account { partition: (*partition).to_owned(), account: (*account).to_owned() }
        }
        ["arn", ..] => Named::Arn(text),
        [id] if is_account_id(id) => Named::Account { partition: "aws".to_owned(), account: text },
        [account] if *account == text && is_account_symbol(account) => {
            Named::Account { partition: "aws".to_owned(), account: text }
        }
        _ => Named::Unclear,
    }
}

/// An ARN whose account alone is unknown still names an account.
fn unclear(pattern: &Pattern) -> Named {
    let parts = pattern.split_arn();
    match parts.as_slice() {
        [_, partition, _, _, account, resource] if account.has_unknown() && resource.example() == "root" => {
            Named::Account { partition: partition.example(), account: UNKNOWN_ACCOUNT.to_owned() }
        }
        _ => Named::Unclear,
    }
}

/// A symbol alone is an account only where the name of the unknown says so.
fn is_account_symbol(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(is_symbol) && characters.next().is_none()
}

fn is_meant<'a>(meant: &Meant<'a>, signer: &Signer) -> Truth<'a> {
    match (meant.kind, signer) {
        (PrincipalKind::Aws, _) if meant.named == Named::Everyone => Truth::True,
        (PrincipalKind::Aws, Signer::Arn(arn)) => is_arn(meant, &[arn], signer),
        (PrincipalKind::Aws, Signer::Session { session, role }) => is_arn(meant, &[session, role], signer),
        (PrincipalKind::Service, Signer::Service(name)) | (PrincipalKind::Federated, Signer::Federated(name)) => {
            meant.pattern.matches(name, meant.cause)
        }
        _ => Truth::False,
    }
}

fn is_arn<'a>(meant: &Meant<'a>, arns: &[&String], signer: &Signer) -> Truth<'a> {
    let cause = meant.cause;
    match &meant.named {
        Named::Everyone => Truth::True,
        Named::Account { account, .. } => match (signer.account(), cause.unknown) {
            (Some(own), _) if own == account => Truth::True,
            (Some(own), None) if !has_symbol(own) => Truth::False,
            (Some(own), None) => Pattern::literal(account).matches(own, cause),
            (_, Some(unknown)) => Truth::Unproven(Doubt::Value(unknown, cause.place)),
            _ => Truth::False,
        },
        Named::Arn(named) if arns.contains(&named) => Truth::True,
        Named::Arn(_) => Truth::any(arns.iter().map(|arn| meant.pattern.matches(arn, cause))),
        Named::Unclear => match cause.unknown {
            Some(_) => Truth::any(arns.iter().map(|arn| meant.pattern.matches(arn, cause))),
            None => Truth::False,
        },
    }
}

#[cfg(test)]
mod tests;

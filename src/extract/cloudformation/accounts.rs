//! Which account a template is deployed to: what it spells out beside `AWS::AccountId`.

use std::collections::BTreeSet;

use crate::account::{account_of_arn, is_account_id};
use crate::tree::{Node, Part, Value};

/// The account of a deployment.
#[derive(Clone, Copy, Debug)]
pub(super) enum Home<'a> {
    /// This one.
    Given(&'a str),
    /// This one, by what the template names as its own.
    Inferred(&'a str),
    /// One of several, or another.
    OneOf {
        /// The ids that the template spells out.
        ids: &'a [String],
        /// The one that is taken to be meant, where there is such.
        likely: Option<&'a str>,
    },
}

impl Home<'_> {
    /// What is assumed about the account, for people; `None` where it is given, or nothing depends on it.
    pub(super) fn assumption(&self) -> Option<String> {
        match self {
            Self::Inferred(id) => Some(format!(
                "the account is taken to be {id}, because the template names users, groups, devices or instances in it \
                 as its own; `--account` settles it"
            )),
            Self::OneOf { ids: [_, ..], .. } => {
                Some("the template does not say which account it is for; `--account` settles it".to_owned())
            }
            Self::Given(_) | Self::OneOf { .. } => None,
        }
    }
}

/// Whether a value speaks of the account that it is deployed to.
pub(super) fn speaks_of_own(node: &Node) -> bool {
    collect_beside(node, &mut BTreeSet::new())
}

/// How many account ids that a part of a template names are tried as its own.
const MAX_TRIED: usize = 4;

/// The account ids that values name: in ARNs, or alone; none where there are too many to try each.
pub(super) fn named<'n>(values: impl Iterator<Item = &'n Node>) -> Vec<String> {
    let mut found = BTreeSet::new();
    for value in values {
        collect(value, &mut |text| found.extend(account_of(text).map(ToOwned::to_owned)));
    }
    if found.len() > MAX_TRIED { Vec::new() } else { found.into_iter().collect() }
}

/// The one account id that values name, apart from those in one list with `AWS::AccountId`, which are other accounts: who
/// writes the id of one account and refers to the own account elsewhere is likely to mean the same account.
pub(super) fn likely<'n>(values: impl Iterator<Item = &'n Node>) -> Option<String> {
    let (mut found, mut beside) = (BTreeSet::new(), BTreeSet::new());
    for value in values {
        collect(value, &mut |text| found.extend(account_of(text).map(ToOwned::to_owned)));
        collect_beside(value, &mut beside);
    }
    let mut left = found.difference(&beside);
    let only = left.next()?;
    left.next().is_none().then(|| only.clone())
}

/// The ids that stand in one list with `AWS::AccountId`; whether a value has that in it.
fn collect_beside(node: &Node, found: &mut BTreeSet<String>) -> bool {
    match &node.value {
        Value::Scalar(scalar) => scalar.as_text().is_some_and(|text| text.contains("AWS::AccountId")),
        Value::List(items) => {
            let (own, others): (Vec<&Node>, Vec<&Node>) = items.iter().partition(|item| collect_beside(item, found));
            if !own.is_empty() {
                for text in others.iter().filter_map(|item| item.as_text()) {
                    found.extend(account_of(text).map(ToOwned::to_owned));
                }
            }
            !own.is_empty()
        }
        Value::Map(entries) => {
            let mut has_it = false;
            for entry in entries {
                has_it |= collect_beside(&entry.value, found);
            }
            has_it
        }
        _ => false,
    }
}

/// The one account id in ARNs of what can only be the template's own: users, groups and MFA devices that identity policies
/// are about, and instances.
pub(super) fn own<'n>(values: impl Iterator<Item = &'n Node>) -> Option<String> {
    let mut found = BTreeSet::new();
    for value in values {
        collect_resources(value, &mut |text| {
            let parts: Vec<&str> = text.splitn(6, ':').collect();
            let is_own = match parts.as_slice() {
                [_, _, "iam", _, _, name] => ["user/", "group/", "mfa/"].iter().any(|kind| name.starts_with(kind)),
                [_, _, "ec2", ..] => true,
                _ => false,
            };
            if is_own {
                found.extend(account_of(text).map(ToOwned::to_owned));
            }
        });
    }
    let only = found.pop_first()?;
    found.is_empty().then_some(only)
}

/// The account id that a text is or, as an ARN, has.
fn account_of(text: &str) -> Option<&str> {
    if text.starts_with("arn:") { account_of_arn(text) } else { is_account_id(text).then_some(text) }
}

fn collect(node: &Node, found: &mut impl FnMut(&str)) {
    match &node.value {
        Value::Scalar(scalar) => scalar.parts.iter().for_each(|part| {
            if let Part::Known(text) = part {
                found(text);
            }
        }),
        Value::List(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Map(entries) => entries.iter().for_each(|entry| collect(&entry.value, found)),
        Value::Null | Value::Unknown(_) => {}
    }
}

/// What stands under `Resource` and `NotResource`.
fn collect_resources(node: &Node, found: &mut impl FnMut(&str)) {
    match &node.value {
        Value::List(items) => items.iter().for_each(|item| collect_resources(item, found)),
        Value::Map(entries) => {
            for entry in entries {
                if matches!(entry.key.as_str(), "Resource" | "NotResource") {
                    collect(&entry.value, found);
                } else {
                    collect_resources(&entry.value, found);
                }
            }
        }
        _ => {}
    }
}

//! What a subject's policies are laid out for: the case, the states of MFA that matter, and the calling user.

use std::collections::BTreeSet;

use super::case::{Case, Item};
use super::classes::Own;
use crate::iam::caller::MfaState;
use crate::iam::condition::{AGE, Family, number};
use crate::iam::document::Test;
use crate::iam::pattern::{Atom, Pattern, Universe, is_symbol, representatives};
use crate::iam::request::FreeKeys;
use crate::iam::truth::Doubt;
use crate::iam::variables::{Expansion, Reading, expand};
use crate::iam::verdict::{CallerKind, PlaceKey, Reason};
use crate::inventory::subjects::Attached;

/// The longest that a session can live, in seconds: 36 hours.
const LONGEST: f64 = 129_600.0;

/// The states of MFA in which people have none, each with the credentials it stands for.
#[must_use]
pub fn without_mfa() -> [(CallerKind, MfaState); 2] {
    [(CallerKind::AccessKey, MfaState::absent()), (CallerKind::PasswordSession, MfaState::without())]
}

/// The states after MFA: every age that some condition tells apart, the youngest first.
#[must_use]
pub fn with_mfa<'c>(case: &'c Case<'_>) -> &'c [MfaState] {
    case.derived.ages.get_or_init(|| {
        let mut ages = BTreeSet::from([0]);
        for (_, test) in tests(case).filter(|(_, test)| test.name == AGE) {
            ages.extend([300, 129_600]);
            ages.extend(limits(test));
        }
        ages.into_iter().take(64).map(MfaState::with).collect()
    })
}

/// The ages around the limits that a test names.
fn limits(test: &Test) -> Vec<u64> {
    if test.operator.comparison.family() == Family::Null {
        return Vec::new();
    }
    let values = test.values.iter().filter_map(|text| number(text.scalar.as_text()?));
    let near = values.flat_map(|limit| [limit.floor() - 1.0, limit.floor(), limit.ceil(), limit.ceil() + 1.0]);
    let possible = near.filter(|age| (0.0..=LONGEST).contains(age));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 129600, and whole")]
    possible.map(|age| age as u64).collect()
}

/// Lays out policies as one layer of a case.
pub fn add_layer<'a>(case: &mut Case<'a>, layer: usize, first: usize, policies: &'a [Attached]) {
    for (index, attached) in policies.iter().enumerate() {
        match &attached.content {
            Ok(document) => {
                case.add(layer, first + index, document);
                case.attached_at(document, &attached.place);
            }
            Err(unknown) => case.add_opaque(layer, first + index, Doubt::Policy(unknown, &attached.place)),
        }
    }
    case.layers = case.layers.max(layer + 1);
}

/// More accounts than this are not looked at.
const ACCOUNTS: usize = 8;

/// The users that a case tells apart: one that no policy names, and one of each class that some test names. A user whose
/// name is known may be in any of the accounts that the policies name.
#[must_use]
pub fn users(case: &Case<'_>, name: Option<&str>, path: Option<&str>) -> Vec<(Own, bool)> {
    let Some(name) = name else { return anyone(case).to_vec() };
    let (name, path) = (name.to_owned(), path.unwrap_or("/").to_owned());
    let in_account = |(partition, account)| Own { partition, account, name: name.clone(), path: path.clone() };
    own_accounts(case).into_iter().map(|named| (in_account(named), true)).collect()
}

/// The users that a case tells apart where it is not about one of them.
pub fn anyone<'c>(case: &'c Case<'_>) -> &'c [(Own, bool)] {
    case.derived.users.get_or_init(|| {
        own_accounts(case).iter().flat_map(|(partition, account)| anyone_in(case, partition, account)).collect()
    })
}

fn anyone_in(case: &Case<'_>, partition: &str, account: &str) -> Vec<(Own, bool)> {
    let prefix = format!("arn:{partition}:iam::{account}:user/");
    let generic = format!("{prefix}alice");
    let patterns = user_patterns(case, &prefix);
    let found = representatives(
        &Universe::Identities(prefix.clone()),
        &patterns.iter().collect::<Vec<_>>(),
        std::slice::from_ref(&generic),
        &case.budget,
    );
    let arns = found.unwrap_or_else(|_| vec![generic.clone()]);
    let user = |arn: &String| {
        let rest = arn.strip_prefix(&prefix)?;
        let (path, name) =
            rest.rsplit_once('/').map_or(("/".to_owned(), rest), |(path, name)| (format!("/{path}/"), name));
        let (partition, account) = (partition.to_owned(), account.to_owned());
        Some((Own { partition, account, name: name.to_owned(), path }, *arn != generic))
    };
    arns.iter().take(24).filter_map(user).collect()
}

/// The patterns of ARNs that tests on the caller's ARN and name tell apart.
fn user_patterns(case: &Case<'_>, prefix: &str) -> Vec<Pattern> {
    let mut patterns = Vec::new();
    for (item, test) in tests(case) {
        let by_name = match test.name.as_str() {
            "aws:principalarn" => false,
            "aws:username" => true,
            _ => continue,
        };
        for pattern in values(case, item, test) {
            if by_name {
                for middle in ["", "*/"] {
                    let mut arn = Pattern::literal(prefix);
                    arn.push_glob(middle);
                    arn.push_pattern(&pattern);
                    patterns.push(arn);
                }
            } else {
                patterns.push(pattern);
            }
        }
    }
    patterns
}

/// All tests of a case with their items.
pub fn tests<'c, 'a>(case: &'c Case<'a>) -> impl Iterator<Item = (&'c Item<'a>, &'a Test)> {
    case.items
        .iter()
        .filter_map(|item| Some((item, item.statement()?)))
        .flat_map(|(item, statement)| statement.tests.iter().map(move |test| (item, test)))
}

/// The values of a test as patterns; those that hold a variable are left out.
#[must_use]
pub fn values(case: &Case<'_>, item: &Item<'_>, test: &Test) -> Vec<Pattern> {
    let Some(document) = item.document() else { return Vec::new() };
    let reading = Reading {
        version: &document.version,
        wildcards: matches!(test.operator.comparison.family(), Family::Arn) || is_like(test),
        free_variables: false,
        keys: &crate::iam::request::NoKeys,
        symbols: &case.symbols,
    };
    let expanded = test.values.iter().map(|text| expand(&text.scalar, reading));
    expanded
        .filter_map(|expansion| match expansion {
            Expansion::Pattern(pattern, _) => Some(pattern),
            Expansion::NoValue => None,
        })
        .collect()
}

fn is_like(test: &Test) -> bool {
    use crate::iam::document::Comparison as C;
    matches!(test.operator.comparison, C::StringLike | C::StringNotLike)
}

/// Partition and account of the calling user: those that resources of IAM and tests on the caller name, or the
/// documentation's.
fn own_accounts<'a>(case: &Case<'a>) -> Vec<(String, String)> {
    let of_item = |item: &Item<'a>| {
        case.resources(item).iter().enumerate().find_map(|(at, text)| match text {
            Some(text) => account_of(&text.pattern),
            None => account_of(&case.resource_of_caller(item, at, &FreeKeys, true)?.pattern),
        })
    };
    let mut accounts: Vec<(String, String)> = case.items.iter().find_map(of_item).into_iter().collect();
    for named in tested_accounts(case, &Pattern::glob("user/*")) {
        if !accounts.contains(&named) && accounts.len() < ACCOUNTS {
            accounts.push(named);
        }
    }
    if accounts.is_empty() {
        accounts.push((own_partition(case), "111122223333".to_owned()));
    }
    accounts
}

/// The partition of the first resource that names one, where no account is named: users call what is in their own.
fn own_partition<'a>(case: &Case<'a>) -> String {
    let named = |pattern: &Pattern| match pattern.split_arn().as_slice() {
        [_, partition, _, ..] if is_plain(partition) => Some(partition.example()),
        _ => None,
    };
    let of_item = |item: &Item<'a>| {
        case.resources(item).iter().enumerate().find_map(|(at, text)| match text {
            Some(text) => named(&text.pattern),
            None => named(&case.resource_of_caller(item, at, &FreeKeys, true)?.pattern),
        })
    };
    case.items.iter().find_map(of_item).unwrap_or_else(|| "aws".to_owned())
}

/// Partition and account of every caller that some test names by its account or by an ARN whose last part can be of this
/// kind.
pub fn tested_accounts(case: &Case<'_>, kind: &Pattern) -> Vec<(String, String)> {
    let mut accounts = Vec::new();
    for (item, test) in tests(case) {
        for pattern in match test.name.as_str() {
            "aws:principalarn" | "aws:principalaccount" => values(case, item, test),
            _ => continue,
        } {
            let parts = pattern.split_arn();
            accounts.extend(match parts.as_slice() {
                [account] => plain_account(account).map(|account| ("aws".to_owned(), account)),
                [_, partition, _, _, account, resource] if resource.intersects(kind) => {
                    let partition = if is_plain(partition) { partition.example() } else { "aws".to_owned() };
                    plain_account(account).map(|account| (partition, account))
                }
                _ => None,
            });
        }
    }
    accounts
}

/// Partition and account of a pattern for users or MFA devices.
fn account_of(pattern: &Pattern) -> Option<(String, String)> {
    let mut service = pattern.atoms().split(|atom| *atom == Atom::Char(':')).nth(2)?.iter();
    if !("iam".chars().all(|expected| service.next() == Some(&Atom::Char(expected))) && service.next().is_none()) {
        return None;
    }
    let parts = pattern.split_arn();
    let [_, partition, _, _, account, resource] = parts.as_slice() else { return None };
    let about_users = begins(resource, &["user/", "mfa/"]) && is_plain(partition);
    about_users.then(|| plain_account(account)).flatten().map(|account| (partition.example(), account))
}

/// An account's id, or the symbol that stands for one.
fn plain_account(account: &Pattern) -> Option<String> {
    let text = account.example();
    (is_plain(account) && (text.len() == 12 || text.chars().any(is_symbol))).then_some(text)
}

fn is_plain(part: &Pattern) -> bool {
    part.atoms().iter().all(|atom| matches!(atom, Atom::Char(_)))
}

fn begins(pattern: &Pattern, prefixes: &[&str]) -> bool {
    let text = pattern.example();
    prefixes.iter().any(|prefix| text.starts_with(prefix))
}

/// A doubt as a sentence with its place.
#[must_use]
pub fn reason(doubt: Doubt<'_>, case: &Case<'_>) -> Reason {
    let (message, place) = match doubt {
        Doubt::Value(unknown, place) => (format!("`{}` {}", unknown.name, unknown.reason), Some(place)),
        Doubt::Policy(unknown, place) => {
            (format!("a policy that decides here is not known: `{}` {}", unknown.name, unknown.reason), Some(place))
        }
        Doubt::Undocumented(sentence, place) => (sentence.to_owned(), Some(place)),
        Doubt::Refused(message, place) => (format!("IAM refuses a policy that decides here: {message}"), Some(place)),
        Doubt::Bound(sentence) => (sentence.to_owned(), None),
    };
    Reason { message, place: place.map(|place| PlaceKey(case.written(place))) }
}

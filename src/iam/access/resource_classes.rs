//! The classes of resources.
//!
//! Only IAM's users and MFA devices are told apart by what they are. Few patterns reach them, so that they are looked at
//! apart from all other resources, of which most patterns are plain texts and prefixes.

use std::collections::HashSet;
use std::rc::Rc;
use std::sync::LazyLock;

use super::action_classes::actions;
use super::case::{Case, Item};
use super::classes::{Own, ResourceClass, ResourceKind};
use super::reading::Text;
use crate::iam::pattern::{Atom, Pattern, TooMany, Universe, is_symbol, representatives};
use crate::iam::variables::Keys;

/// Pairs of an action and a resource that are looked at: what reaches further is too large.
const PAIRS: usize = 1 << 20;

/// The classes of resources for a caller with these keys, those first that are no part of self-management: they make the
/// clearer witness.
///
/// # Errors
///
/// Where there are too many to look at.
pub fn resources<'a>(case: &Case<'a>, keys: &dyn Keys, own: &Own) -> Result<Rc<[ResourceClass<'a>]>, TooMany> {
    let by_caller = case.items.iter().any(|item| case.resources(item).iter().any(Option::is_none));
    if by_caller {
        return Read::new(case, keys).classes(own);
    }
    let known =
        case.derived.resources.borrow().iter().find(|(known, _)| known == own).map(|(_, found)| Rc::clone(found));
    if let Some(known) = known {
        return Ok(known);
    }
    let found = Read::new(case, keys).classes(own)?;
    case.derived.resources.borrow_mut().push((own.clone(), Rc::clone(&found)));
    Ok(found)
}

/// The resources of a case as a caller's keys make them.
struct Read<'c, 'a> {
    case: &'c Case<'a>,
    /// For each item the texts that hold variables, by their position, as they cover resources.
    by_caller: Vec<Vec<(usize, Option<Text<'a>>)>>,
    /// The same texts as they tell resources apart.
    variable: Vec<Pattern>,
}

impl<'c, 'a> Read<'c, 'a> {
    fn new(case: &'c Case<'a>, keys: &dyn Keys) -> Self {
        let mut read = Self { case, by_caller: Vec::with_capacity(case.items.len()), variable: Vec::new() };
        for item in &case.items {
            let mut texts = Vec::new();
            let open = case.resources(item).iter().enumerate().filter(|(_, text)| text.is_none());
            for (at, _) in open {
                let text = |free| case.resource_of_caller(item, at, keys, free);
                read.variable.extend(text(true).map(|text| text.pattern));
                texts.push((at, text(item.reads_free_variables())));
            }
            read.by_caller.push(texts);
        }
        read
    }

    fn classes(&self, own: &Own) -> Result<Rc<[ResourceClass<'a>]>, TooMany> {
        let covers = self.texts();
        let (mut seen, mut classes) = (HashSet::new(), Vec::new());
        let compared = covers.iter().map(Vec::len).sum();
        for name in self.names(own)? {
            let kind = own.kind(&name);
            let items = self.case.items.iter().zip(&covers);
            let covers = items.map(|(item, texts)| self.case.resource_read(item, texts, &name));
            let covered = self.case.coverage_of_class(classes.len(), compared, covers)?;
            if seen.insert((covered.row(), kind)) {
                classes.push(ResourceClass::new(name, kind, covered));
            }
        }
        if actions(self.case)?.len() * classes.len() > PAIRS {
            return Err(TooMany);
        }
        Ok(classes.into())
    }

    /// For each item the texts that cover resources.
    fn texts(&self) -> Vec<Vec<&Text<'a>>> {
        let texts = |(item, by_caller): (&'c Item<'a>, _)| {
            let by_caller: &Vec<(usize, Option<Text<'a>>)> = by_caller;
            let known = self.case.resources(item).iter().flatten();
            known.chain(by_caller.iter().filter_map(|(_, text)| text.as_ref())).collect()
        };
        self.case.items.iter().zip(&self.by_caller).map(texts).collect()
    }

    /// One name of every class and kind.
    fn names(&self, own: &Own) -> Result<Vec<String>, TooMany> {
        let plain = self.case.items.iter().flat_map(|item| self.case.resources(item)).flatten();
        let patterns: Vec<&Pattern> = plain.map(|text| &text.pattern).chain(&self.variable).collect();
        let mut names = self.others(own, &patterns)?;
        names.extend(self.users(own, &patterns)?);
        for device in ["mfa/", "sms-mfa/"] {
            names.extend(self.devices(own, &patterns, device)?);
        }
        names.push("*".to_owned());
        Ok(names)
    }

    /// What is neither a user nor an MFA device.
    fn others(&self, own: &Own, patterns: &[&Pattern]) -> Result<Vec<String>, TooMany> {
        static OTHERS: LazyLock<Universe> = LazyLock::new(|| Universe::arns_outside(&NOT_OTHERS));
        let (partition, account) = (&own.partition, &own.account);
        let mut preferred = vec![
            own.iam("role/Admin"),
            format!("arn:{partition}:s3:::amzn-s3-demo-bucket/object"),
            format!("arn:{partition}:ec2:us-east-1:{account}:instance/i-0123456789abcdef0"),
        ];
        preferred.extend(patterns.iter().flat_map(|pattern| examples(pattern, own)));
        let mut names = representatives(&OTHERS, patterns, &preferred, &self.case.budget)?;
        // An identifier that is not known may be a whole ARN.
        names.extend(preferred.into_iter().filter(|name| name.starts_with(is_symbol)));
        names.retain(|name| own.kind(name) == ResourceKind::Other);
        Ok(names)
    }

    /// Users, the calling one and others.
    fn users(&self, own: &Own, patterns: &[&Pattern]) -> Result<Vec<String>, TooMany> {
        static UNIVERSE: LazyLock<Universe> = LazyLock::new(|| Universe::arns_inside("arn:?*:iam::?*:user/?*"));
        let mut patterns = reaching(patterns, "user/");
        let mut preferred = vec![own.arn(), own.other()];
        if patterns.is_empty() {
            return Ok(preferred);
        }
        preferred.extend(patterns.iter().flat_map(|pattern| examples(pattern, own)));
        let own_users = ["arn:*:iam::*:user/", "arn:*:iam::*:user/*/"].map(|before| {
            let mut pattern = Pattern::glob(before);
            pattern.push_literal(&own.name);
            pattern
        });
        patterns.extend(&own_users);
        representatives(&UNIVERSE, &patterns, &preferred, &self.case.budget)
    }

    /// MFA devices of a kind.
    fn devices(&self, own: &Own, patterns: &[&Pattern], kind: &str) -> Result<Vec<String>, TooMany> {
        let patterns = reaching(patterns, kind);
        let mut preferred = vec![own.iam(&format!("{kind}new-device"))];
        if patterns.is_empty() {
            return Ok(preferred);
        }
        preferred.extend(patterns.iter().flat_map(|pattern| examples(pattern, own)));
        let universe = Universe::arns_inside(&format!("arn:?*:iam::?*:{kind}?*"));
        representatives(&universe, &patterns, &preferred, &self.case.budget)
    }
}

/// ARNs that are none of other resources. ARNs of IAM have an account, and no colon behind it.
const NOT_OTHERS: [&str; 5] =
    ["arn:*:iam::*:user/*", "arn:*:iam::*:mfa/*", "arn:*:iam::*:sms-mfa/*", "arn:*:iam:::*", "arn:*:iam::*:*:*"];

/// The patterns that may match some, but not all, resources of IAM whose names begin so.
fn reaching<'p>(patterns: &[&'p Pattern], kind: &str) -> Vec<&'p Pattern> {
    patterns.iter().copied().filter(|pattern| !pattern.matches_everything() && may_reach(pattern, kind)).collect()
}

/// Whether the text before a pattern's first wildcard lets it match a resource of IAM whose name begins so.
fn may_reach(pattern: &Pattern, kind: &str) -> bool {
    let leading: String = pattern
        .atoms()
        .iter()
        .map_while(|atom| match atom {
            Atom::Char(character) => Some(*character),
            _ => None,
        })
        .collect();
    let parts: Vec<&str> = leading.splitn(6, ':').collect();
    let expected = [Some("arn"), None, Some("iam"), Some(""), None];
    let last = parts.len().saturating_sub(1);
    let fits = |(at, (part, expected)): (usize, (&&str, Option<&str>))| match expected {
        Some(expected) if at == last => expected.starts_with(part),
        Some(expected) => *part == expected,
        None => true,
    };
    let name = parts.get(5).is_none_or(|name| kind.starts_with(name) || name.starts_with(kind));
    name && parts.iter().zip(expected).enumerate().all(fits)
}

/// Resources that a pattern matches, with the caller's partition, account and a usual region where it leaves these open: a
/// `*` inside of a part is left out in the first and a letter in the second.
fn examples(pattern: &Pattern, own: &Own) -> impl Iterator<Item = String> + use<> {
    let short = example(pattern, own, false);
    let long = Some(example(pattern, own, true)).filter(|long| *long != short);
    std::iter::once(short).chain(long)
}

fn example(pattern: &Pattern, own: &Own, long: bool) -> String {
    let atoms = pattern.atoms();
    let is_colon = |atom: &Atom| *atom == Atom::Char(':');
    if atoms.iter().filter(|atom| is_colon(atom)).count() < 5 {
        return if long { pattern.long_example() } else { pattern.example() };
    }
    let mut text = String::with_capacity(atoms.len() + 8);
    let fillers = [None, Some("aws"), None, Some("us-east-1"), Some(own.account.as_str()), None];
    for (part, filler) in atoms.splitn(6, is_colon).zip(fillers) {
        if !text.is_empty() {
            text.push(':');
        }
        match (part, filler) {
            ([Atom::AnyRun], Some(filler)) => text.push_str(filler),
            _ => text.extend(part.iter().enumerate().filter_map(|(at, atom)| match atom {
                Atom::Char(character) => Some(*character),
                Atom::AnyOne | Atom::Unknown => Some('x'),
                Atom::AnyRun => (long || at + 1 == part.len()).then_some('x'),
            })),
        }
    }
    text
}

//! The classes of resources.
//!
//! Only IAM's users and MFA devices are told apart by what they are. Few patterns reach them, so that they are looked at
//! apart from all other resources, of which most patterns are plain texts and prefixes.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::LazyLock;

use super::action_classes::actions;
use super::case::{Case, Item};
use super::classes::{Own, ResourceClass, ResourceKind, is_identity};
use super::reading::Text;
use crate::iam::actions::ON_IDENTITIES;
use crate::iam::pattern::{Atom, Pattern, TooMany, Universe, is_symbol, representatives};
use crate::iam::truth::{Doubt, Truth};
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
        let (mut seen, mut classes) = (BTreeSet::new(), Vec::new());
        let compared = covers.iter().map(Vec::len).sum();
        let (names, complete) = self.names(own)?;
        for name in names {
            let kind = own.kind(&name);
            let items = self.case.items.iter().zip(&covers);
            let covers = items.map(|(item, texts)| self.case.resource_read(item, texts, &name));
            let covered = self.case.coverage_of_class(classes.len(), compared, covers)?;
            if seen.insert((covered.row(), kind, is_identity(&name))) {
                classes.push(ResourceClass::new(name, kind, covered));
            }
        }
        if !complete {
            classes.push(self.anything_else());
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

    /// One name of every class and kind, and whether that is all of them.
    fn names(&self, own: &Own) -> Result<(Vec<String>, bool), TooMany> {
        let plain = self.case.items.iter().flat_map(|item| self.case.resources(item)).flatten();
        let patterns: Vec<&Pattern> = plain.map(|text| &text.pattern).chain(&self.variable).collect();
        let (mut names, mut complete) = self.others(own, &patterns);
        let of_iam = reaching(&patterns, "");
        for kind in ["user/", "mfa/", "sms-mfa/"] {
            let (found, all) = self.of_iam(own, &of_iam, kind)?;
            names.extend(found);
            complete &= all;
        }
        names.push("*".to_owned());
        Ok((names, complete))
    }

    /// What is neither a user nor an MFA device; where there is too much of it, what the patterns themselves suggest.
    fn others(&self, own: &Own, patterns: &[&Pattern]) -> (Vec<String>, bool) {
        let others = Universe::ArnsOutside(&NOT_OTHERS);
        let (partition, account) = (own.partition.as_str(), own.account.as_str());
        let mut preferred = vec![
            own.iam("role/Admin"),
            ["arn:", partition, ":s3:::amzn-s3-demo-bucket/object"].concat(),
            ["arn:", partition, ":ec2:us-east-1:", account, ":instance/i-0123456789abcdef0"].concat(),
        ];
        preferred.extend(patterns.iter().flat_map(|pattern| examples(pattern, own)));
        // Plain prefixes, which are found much faster; nobody calls what lies in another partition.
        let identities = ON_IDENTITIES.map(|service| Pattern::glob(&format!("arn:{partition}:{service}:*")));
        let patterns: Vec<&Pattern> = patterns.iter().copied().chain(&identities).collect();
        let found = representatives(&others, &patterns, &preferred, &self.case.budget);
        let complete = found.is_ok();
        let mut names = found.unwrap_or_default();
        // An identifier that is not known may be a whole ARN.
        let wanted = |name: &String| if complete { name.starts_with(is_symbol) } else { others.holds(name) };
        names.extend(preferred.into_iter().filter(wanted));
        names.retain(|name| own.kind(name) == ResourceKind::Other);
        (names, complete)
    }

    /// Users or MFA devices; where there are too many classes of them, those of the user's own account, which
    /// self-management is about.
    fn of_iam(&self, own: &Own, patterns: &[&Pattern], kind: &str) -> Result<(Vec<String>, bool), TooMany> {
        let mut patterns = reaching(patterns, kind);
        let users = kind == "user/";
        let mut preferred =
            if users { vec![own.arn(), own.other()] } else { vec![own.iam(&format!("{kind}new-device"))] };
        if patterns.is_empty() {
            return Ok((preferred, true));
        }
        preferred.extend(patterns.iter().flat_map(|pattern| examples(pattern, own)));
        let own_users = ["arn:*:iam::*:user/", "arn:*:iam::*:user/*/"].map(|before| {
            let mut pattern = Pattern::glob(before);
            pattern.push_literal(&own.name);
            pattern
        });
        patterns.extend(own_users.iter().filter(|_| users));
        let universe = Universe::ArnsInside(format!("arn:?*:iam::?*:{kind}?*"));
        match representatives(&universe, &patterns, &preferred, &self.case.budget) {
            Ok(found) => Ok((found, true)),
            Err(TooMany) => {
                let universe = Universe::Identities(own.iam(kind));
                Ok((representatives(&universe, &patterns, &preferred, &self.case.budget)?, false))
            }
        }
    }

    /// Stands for the resources that no search has found: only an element that is about everything is certain to cover
    /// them.
    fn anything_else(&self) -> ResourceClass<'a> {
        let covers = |item: &Item<'a>| match item.statement().map(|statement| &statement.resources) {
            Some(None) => Truth::True,
            Some(Some(resources)) if self.covers_everything(item) => Truth::from(!resources.negated),
            _ => Truth::Unproven(Doubt::Bound("the policies tell apart more resources than can be searched")),
        };
        let covered = self.case.coverage(self.case.items.iter().map(covers).collect());
        ResourceClass::new("*".to_owned(), ResourceKind::Other, Rc::new(covered))
    }

    fn covers_everything(&self, item: &Item<'a>) -> bool {
        self.case.resources(item).iter().flatten().any(|text| text.pattern.matches_everything())
    }
}

/// ARNs that are none of other resources. ARNs of IAM have an account, and no colon behind it.
static NOT_OTHERS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    let globs =
        ["arn:*:iam::*:user/*", "arn:*:iam::*:mfa/*", "arn:*:iam::*:sms-mfa/*", "arn:*:iam:::*", "arn:*:iam::*:*:*"];
    globs.map(Pattern::glob).to_vec()
});

/// The patterns that may match some, but not all, resources of IAM whose names begin so.
fn reaching<'p>(patterns: &[&'p Pattern], kind: &str) -> Vec<&'p Pattern> {
    patterns.iter().copied().filter(|pattern| !pattern.matches_everything() && may_reach(pattern, kind)).collect()
}

/// Whether the text before a pattern's first wildcard lets it match a resource of IAM whose name begins so.
fn may_reach(pattern: &Pattern, kind: &str) -> bool {
    let atoms = pattern.atoms();
    let literal = atoms.iter().position(|atom| !matches!(atom, Atom::Char(_))).unwrap_or(atoms.len());
    let leading = atoms.get(..literal).unwrap_or_default();
    let mut parts = leading.splitn(6, |atom| *atom == Atom::Char(':')).peekable();
    let expected = [Some("arn"), None, Some("iam"), Some(""), None, Some(kind)];
    for (at, expected) in expected.into_iter().enumerate() {
        let Some(part) = parts.next() else { break };
        let Some(expected) = expected else { continue };
        let is_same = part.iter().zip(expected.chars()).all(|(atom, character)| *atom == Atom::Char(character));
        let is_open = parts.peek().is_none() && part.len() < expected.len();
        // A name goes on behind what it begins with.
        let goes_on = at == 5 && part.len() > expected.len();
        if !is_same || !(part.len() == expected.len() || is_open || goes_on) {
            return false;
        }
    }
    true
}

/// Resources that a pattern matches, with the caller's partition, account and a usual region where it leaves these open: a
/// `*` inside of a part is left out in the first and a letter in the second.
fn examples(pattern: &Pattern, own: &Own) -> impl Iterator<Item = String> + use<> {
    let short = example(pattern, own, false);
    let has_inner_run = pattern.atoms().split_last().is_some_and(|(_, before)| before.contains(&Atom::AnyRun));
    let long = has_inner_run.then(|| example(pattern, own, true)).filter(|long| *long != short);
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

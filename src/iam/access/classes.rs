//! One action and one resource of every class that a case tells apart.

use std::collections::{BTreeSet, HashMap};

use super::case::Case;
use super::terms::{self, Extent};
use crate::iam::actions::{self, ActionTarget, KnownAction, Standing};
use crate::iam::pattern::{Pattern, TooMany, Universe, representatives};
use crate::iam::truth::Truth;
use crate::iam::variables::Keys;
use crate::iam::verdict::Danger;

/// An action that stands for all that the case treats like it.
#[derive(Clone, Debug)]
pub struct ActionClass<'a> {
    /// The name, as AWS spells it where that is known.
    pub name: String,
    /// The row of [`actions::KNOWN`], where it has one.
    pub known: Option<&'static KnownAction>,
    /// Where it may work without MFA because the configuration says so.
    pub exempt: Option<Extent>,
    /// For each item of the case whether it covers the action.
    pub covered: Vec<Truth<'a>>,
}

/// A resource that stands for all that the case treats like it.
#[derive(Clone, Debug)]
pub struct ResourceClass<'a> {
    /// The ARN, or `*`.
    pub name: String,
    /// What it is.
    pub kind: ResourceKind,
    /// For each item of the case whether it covers the resource.
    pub covered: Vec<Truth<'a>>,
}

/// What a resource is, as far as self-management goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResourceKind {
    /// `*`: no resource is named.
    Star,
    /// The calling user.
    OwnUser,
    /// A user that may be the calling one: its name is not known.
    PerhapsOwnUser,
    /// Another user.
    OtherUser,
    /// An MFA device.
    MfaDevice,
    /// Anything else.
    Other,
}

/// The calling user, as far as resources name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
    /// The account, or a symbol.
    pub account: String,
    /// The user's name, or a symbol.
    pub name: String,
    /// The user's path, `/` by default.
    pub path: String,
}

impl Own {
    /// The user's ARN.
    #[must_use]
    pub fn arn(&self) -> String {
        format!("arn:{}:iam::{}:user{}{}", self.partition, self.account, self.path, self.name)
    }

    /// The ARN of something of the user's account.
    #[must_use]
    pub fn iam(&self, resource: &str) -> String {
        format!("arn:{}:iam::{}:{resource}", self.partition, self.account)
    }

    fn kind(&self, resource: &str) -> ResourceKind {
        if resource == "*" {
            return ResourceKind::Star;
        }
        let is = |pattern: &str| Pattern::glob(pattern);
        let place = crate::source::Place::new(&nowhere(), crate::source::Span::default());
        let cause = crate::iam::pattern::Cause { unknown: None, place: &place };
        let mut name = Pattern::glob("arn:*:iam::*:user/");
        name.push_literal(&self.name);
        let mut with_path = Pattern::glob("arn:*:iam::*:user/*/");
        with_path.push_literal(&self.name);
        let own = Truth::any([name.matches(resource, cause), with_path.matches(resource, cause)]);
        let matches = |pattern: &str| is(pattern).matches(resource, cause).is_true();
        if own.is_true() {
            ResourceKind::OwnUser
        } else if matches("arn:*:iam::*:user/*") {
            if own.is_false() { ResourceKind::OtherUser } else { ResourceKind::PerhapsOwnUser }
        } else if matches("arn:*:iam::*:mfa/*") || matches("arn:*:iam::*:sms-mfa/*") {
            ResourceKind::MfaDevice
        } else {
            ResourceKind::Other
        }
    }
}

/// What it means to reach an action on a resource without MFA; `None` where there is no such call.
#[must_use]
pub fn standing(action: &ActionClass<'_>, resource: &ResourceClass<'_>) -> Option<Reach> {
    let exempt = action.exempt.and_then(|extent| terms::reach(extent, resource.kind));
    let Some(known) = action.known else { return Some(exempt.unwrap_or(Reach::Open)) };
    let fits = match known.target {
        ActionTarget::User => {
            let user =
                matches!(resource.kind, ResourceKind::OwnUser | ResourceKind::PerhapsOwnUser | ResourceKind::OtherUser);
            user && is_name(&resource.name)
        }
        ActionTarget::MfaDevice => resource.kind == ResourceKind::MfaDevice && is_name(&resource.name),
        ActionTarget::Nothing => resource.kind == ResourceKind::Star,
        ActionTarget::Other => true,
    };
    if !fits {
        return None;
    }
    if exempt.is_some() {
        return exempt;
    }
    Some(match (known.standing, resource.kind) {
        (Standing::Harmless, _) => Reach::Exempt,
        (Standing::SelfService, ResourceKind::OwnUser | ResourceKind::MfaDevice) => Reach::Exempt,
        (Standing::SelfService, ResourceKind::PerhapsOwnUser) => Reach::PerhapsExempt,
        (Standing::SelfService, _) => Reach::OtherUsers,
        (Standing::Dangerous(_), _) => Reach::Open,
    })
}

/// What a call of self-management on another user is good for.
#[must_use]
pub fn on_others(action: &ActionClass<'_>) -> Danger {
    let name = action.name.split(':').nth(1).unwrap_or_default();
    if name.starts_with("Get") || name.starts_with("List") { Danger::ReadsOtherUsers } else { Danger::OtherUsers }
}

/// Whether a danger is that of self-management that reaches other users.
#[must_use]
pub fn is_on_others(danger: Danger) -> bool {
    matches!(danger, Danger::OtherUsers | Danger::ReadsOtherUsers)
}

/// Whether an item covers every action of IAM: what it grants is administration, not self-management.
#[must_use]
pub fn administers(actions: &[ActionClass<'_>], item: usize) -> bool {
    let of_iam =
        |action: &&ActionClass<'_>| action.name.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("iam:"));
    actions.iter().filter(of_iam).all(|action| action.covered.get(item).is_some_and(|covered| covered.is_true()))
}

/// Whether a call may be open without MFA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It must not.
    Open,
    /// It may.
    Exempt,
    /// It may, if the resource is the caller's own user, which is not known.
    PerhapsExempt,
    /// It is self-management of another user.
    OtherUsers,
}

/// The classes of actions.
///
/// # Errors
///
/// Where there are too many to look at.
pub fn actions<'a>(case: &Case<'a>) -> Result<Vec<ActionClass<'a>>, TooMany> {
    let mut patterns = case.action_patterns();
    let mut spelling: HashMap<String, String> = HashMap::new();
    let mut preferred = Vec::new();
    let listed = actions::KNOWN.iter().map(|known| known.name).chain(actions::EXAMPLES.iter().copied());
    let written = case.items.iter().filter_map(|item| item.statement()).flat_map(|statement| &statement.actions.items);
    let written = written.filter_map(|text| text.scalar.as_text()).filter(|text| !text.contains(['*', '?']));
    for name in listed.chain(written) {
        let lower = name.to_ascii_lowercase();
        spelling.entry(lower.clone()).or_insert_with(|| name.to_owned());
        preferred.push(lower);
    }
    preferred.extend(patterns.iter().map(Pattern::example));
    patterns.extend(actions::KNOWN.iter().map(|known| Pattern::literal(&known.name.to_ascii_lowercase())));
    patterns.extend(terms::patterns(case.exemptions));
    let universe = Universe {
        inside: vec![Pattern::glob("?*:?*")],
        outside: vec![Pattern::glob("*:*:*")],
        filler: "xabcdefghijklmnopqrstuvwyz0123456789-",
        allowed: |character| character.is_ascii_alphanumeric() || matches!(character, ':' | '-'),
    };
    let mut seen = BTreeSet::new();
    let mut classes = Vec::new();
    for lower in representatives(&universe, &patterns, &preferred)? {
        let covered: Vec<Truth<'a>> = case.items.iter().map(|item| case.action(item, &lower)).collect();
        let known = actions::known(&lower);
        let exempt = terms::extent(case.exemptions, &lower);
        if seen.insert((codes(&covered), known.map(|known| known.name), exempt)) {
            let name = spelling.get(&lower).cloned().unwrap_or(lower);
            classes.push(ActionClass { name, known, exempt, covered });
        }
    }
    Ok(classes)
}

/// The classes of resources for a caller with these keys.
///
/// # Errors
///
/// Where there are too many to look at.
pub fn resources<'a>(case: &Case<'a>, keys: &dyn Keys, own: &Own) -> Result<Vec<ResourceClass<'a>>, TooMany> {
    let mut patterns = case.resource_patterns(keys);
    let account = &own.account;
    let partition = &own.partition;
    let mut preferred = vec![
        "*".to_owned(),
        own.arn(),
        own.iam("user/someone-else"),
        own.iam("mfa/new-device"),
        own.iam("role/Admin"),
        format!("arn:{partition}:s3:::amzn-s3-demo-bucket/object"),
        format!("arn:{partition}:ec2:us-east-1:{account}:instance/i-0123456789abcdef0"),
    ];
    preferred.extend(
        patterns
            .iter()
            .flat_map(|pattern| [Pattern::example, Pattern::long_example].map(|spell| example(pattern, own, spell))),
    );
    let mut own_user = Pattern::glob("arn:*:iam::*:user/");
    own_user.push_literal(&own.name);
    let mut own_with_path = Pattern::glob("arn:*:iam::*:user/*/");
    own_with_path.push_literal(&own.name);
    patterns.extend([own_user, own_with_path]);
    patterns.extend(["arn:*:iam::*:user/*", "arn:*:iam::*:mfa/*", "arn:*:iam::*:sms-mfa/*"].map(Pattern::glob));
    let universe = Universe {
        inside: vec![Pattern::glob("arn:?*:?*:*:*:?*")],
        // ARNs of IAM have an account, and no colon behind it.
        outside: ["arn:*:iam:::*", "arn:*:iam::*:*:*"].map(Pattern::glob).to_vec(),
        filler: "xyzabcdefghijklmnopqrstuvw0123456789-",
        allowed: |character| !character.is_control(),
    };
    let mut seen = BTreeSet::new();
    let mut classes = Vec::new();
    for name in representatives(&universe, &patterns, &preferred)?.into_iter().chain(["*".to_owned()]) {
        let covered: Vec<Truth<'a>> = case.items.iter().map(|item| case.resource(item, &name, keys)).collect();
        let kind = own.kind(&name);
        if seen.insert((codes(&covered), kind as u8)) {
            classes.push(ResourceClass { name, kind, covered });
        }
    }
    // What is no part of self-management comes first: it makes the clearer witness.
    classes.sort_by_key(|class| class.kind != ResourceKind::Other);
    Ok(classes)
}

fn codes(truths: &[Truth<'_>]) -> Vec<u8> {
    let code = |truth: &Truth<'_>| match truth {
        Truth::False => 0,
        Truth::True => 1,
        Truth::Unproven(_) => 2,
    };
    truths.iter().map(code).collect()
}

/// A resource that a pattern matches, with the caller's partition, account and a usual region where it leaves these open.
fn example(pattern: &Pattern, own: &Own, spell: fn(&Pattern) -> String) -> String {
    let parts = pattern.split_arn();
    if parts.len() != 6 {
        return spell(pattern);
    }
    let fill = [None, Some("aws"), None, Some("us-east-1"), Some(own.account.as_str()), None];
    let filled = |(part, fill): (&Pattern, Option<&str>)| match fill {
        Some(fill) if part.matches_everything() => fill.to_owned(),
        _ => spell(part),
    };
    parts.iter().zip(fill).map(filled).collect::<Vec<_>>().join(":")
}

/// A resource of the same class that goes with the action's service: what a person would try.
#[must_use]
pub fn natural(
    case: &Case<'_>,
    keys: &dyn Keys,
    own: &Own,
    action: &ActionClass<'_>,
    resource: &ResourceClass<'_>,
) -> String {
    let (partition, account) = (&own.partition, &own.account);
    let service = action.name.split(':').next().unwrap_or_default().to_ascii_lowercase();
    let candidate = match service.as_str() {
        "s3" => format!("arn:{partition}:s3:::amzn-s3-demo-bucket/object"),
        "ec2" => format!("arn:{partition}:ec2:us-east-1:{account}:instance/i-0123456789abcdef0"),
        "iam" => own.iam("user/someone-else"),
        "sts" => own.iam("role/Admin"),
        _ => "*".to_owned(),
    };
    let same = |name: &str| {
        let covered: Vec<Truth<'_>> = case.items.iter().map(|item| case.resource(item, name, keys)).collect();
        codes(&covered) == codes(&resource.covered)
    };
    let fixed = action.known.is_some_and(|known| known.target != ActionTarget::Other);
    if !fixed && same(&candidate) { candidate } else { resource.name.clone() }
}

/// Whether the resource can be a user or device: letters, digits and `+=,.@_-`, below a path, after the fifth colon.
fn is_name(resource: &str) -> bool {
    let name = resource.splitn(6, ':').nth(5).unwrap_or_default();
    name.chars().all(|c| c.is_ascii_alphanumeric() || "+=,.@_-/".contains(c) || crate::iam::pattern::is_symbol(c))
}

/// The source of comparisons that no text of an input takes part in.
fn nowhere() -> std::sync::Arc<crate::source::Source> {
    static NOWHERE: std::sync::LazyLock<std::sync::Arc<crate::source::Source>> =
        std::sync::LazyLock::new(|| crate::source::Source::file("", String::new()));
    std::sync::Arc::clone(&NOWHERE)
}

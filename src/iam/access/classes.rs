//! One action and one resource of every class that a case tells apart.

use std::rc::Rc;

use super::case::Case;
use super::derived::Coverage;
use super::terms::{self, Extent};
use crate::iam::actions::{ActionTarget, EXAMPLES, KnownAction, ON_IDENTITIES, Standing};
use crate::iam::caller::arn_part;
use crate::iam::pattern::{Cause, Pattern, has_symbol, is_symbol};
use crate::iam::truth::Truth;
use crate::iam::variables::Keys;
use crate::iam::verdict::Danger;
use crate::source::{Place, Source, Span};

pub use super::action_classes::actions;
pub use super::resource_classes::resources;

/// An action that stands for all that the case treats like it.
#[derive(Clone, Debug)]
pub struct ActionClass<'a> {
    /// The name, as AWS spells it where that is known.
    pub name: Rc<str>,
    /// The row of [`crate::iam::actions::KNOWN`], where it has one.
    pub known: Option<&'static KnownAction>,
    /// Where it may work without MFA because the configuration says so.
    pub exempt: Option<Extent>,
    /// Whether it is of a service that acts on identities.
    pub on_identities: bool,
    /// For each item of the case whether it covers the action.
    pub covered: Rc<Coverage<'a>>,
}

/// A resource that stands for all that the case treats like it.
#[derive(Clone, Debug)]
pub struct ResourceClass<'a> {
    /// The ARN, or `*`.
    pub name: String,
    /// What it is.
    pub kind: ResourceKind,
    /// For each item of the case whether it covers the resource.
    pub covered: Rc<Coverage<'a>>,
    /// Whether the name is one that a user or device can have.
    can_exist: bool,
    /// Whether it is an identity, or belongs to another service; `None` where that is open.
    pub(super) is_identity: Option<bool>,
}

impl<'a> ResourceClass<'a> {
    pub(super) fn new(name: String, kind: ResourceKind, covered: Rc<Coverage<'a>>) -> Self {
        let can_exist = !matches!(kind, ResourceKind::Star | ResourceKind::Other) && is_name(&name);
        let is_identity = is_identity(&name);
        Self { name, kind, covered, can_exist, is_identity }
    }
}

/// What a resource is, as far as self-management goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
        ["arn:", &self.partition, ":iam::", &self.account, ":user", &self.path, &self.name].concat()
    }

    /// The ARN of something of the user's account.
    #[must_use]
    pub fn iam(&self, resource: &str) -> String {
        ["arn:", &self.partition, ":iam::", &self.account, ":", resource].concat()
    }

    /// The ARN of another user of the account.
    #[must_use]
    pub fn other(&self) -> String {
        self.iam(if self.name == "someone-else" { "user/somebody-else" } else { "user/someone-else" })
    }

    /// What a resource is for this user.
    #[must_use]
    pub fn kind(&self, resource: &str) -> ResourceKind {
        if resource == "*" {
            return ResourceKind::Star;
        }
        let part = |part| arn_part(resource, part);
        if !resource.starts_with("arn:") || part(2) != Some("iam") || part(3) != Some("") {
            return ResourceKind::Other;
        }
        match part(5).filter(|name| !name.contains(':')).and_then(|name| name.split_once('/')) {
            Some(("user", name)) if !name.is_empty() => self.user_kind(name),
            Some(("mfa" | "sms-mfa", name)) if !name.is_empty() => ResourceKind::MfaDevice,
            _ => ResourceKind::Other,
        }
    }

    /// What a user is, by its name with the path before it.
    fn user_kind(&self, name: &str) -> ResourceKind {
        if name.rsplit('/').next() == Some(self.name.as_str()) {
            return ResourceKind::OwnUser;
        }
        if !has_symbol(name) {
            return ResourceKind::OtherUser;
        }
        let nowhere = Place::new(&Source::file("", String::new()), Span::default());
        let mut with_path = Pattern::glob("*/");
        with_path.push_literal(&self.name);
        let cause = Cause { unknown: None, place: &nowhere };
        let own = Truth::any([&Pattern::literal(&self.name), &with_path].map(|own| own.matches(name, cause)));
        if own.is_false() { ResourceKind::OtherUser } else { ResourceKind::PerhapsOwnUser }
    }
}

/// What it means to reach an action on a resource without MFA; `None` where there is no such call.
#[must_use]
pub fn standing(action: &ActionClass<'_>, resource: &ResourceClass<'_>) -> Option<Reach> {
    let exempt = action.exempt.and_then(|extent| terms::reach(extent, resource.kind));
    let Some(known) = action.known else {
        let fits = match resource.is_identity {
            Some(is_identity) if action.on_identities => is_identity,
            // Roles may be what actions of other services act on; users and MFA devices are not.
            Some(_) => matches!(resource.kind, ResourceKind::Star | ResourceKind::Other),
            None => true,
        };
        return fits.then(|| exempt.unwrap_or(Reach::Open));
    };
    let fits = match known.target {
        ActionTarget::User => {
            let user =
                matches!(resource.kind, ResourceKind::OwnUser | ResourceKind::PerhapsOwnUser | ResourceKind::OtherUser);
            user && resource.can_exist
        }
        ActionTarget::MfaDevice => resource.kind == ResourceKind::MfaDevice && resource.can_exist,
        ActionTarget::Nothing => resource.kind == ResourceKind::Star,
        ActionTarget::Role => {
            matches!(resource.kind, ResourceKind::Star | ResourceKind::Other) && resource.is_identity != Some(false)
        }
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

/// An action and a resource of the same classes that go together: what a person would try.
#[must_use]
pub fn natural(
    case: &Case<'_>,
    keys: &dyn Keys,
    own: &Own,
    action: &ActionClass<'_>,
    resource: &ResourceClass<'_>,
) -> (String, String) {
    let is_of_class = |name: &String| {
        let covered = case.items.iter().map(|item| case.resource(item, name, keys)).collect();
        case.coverage(covered).row() == resource.covered.row()
    };
    let with = |name: &str| plausible(own, name, &resource.name).into_iter().find(is_of_class);
    if action.known.is_some_and(|known| known.target != ActionTarget::Role) {
        return (action.name.to_string(), resource.name.clone());
    }
    if let Some(found) = with(&action.name) {
        return (action.name.to_string(), found);
    }
    // The class of the action may hold others that go better with what the policies say of resources.
    let alike = |name: &&&str| {
        let lower = name.to_ascii_lowercase();
        action.known.is_none() && case.action_coverage(&lower).row() == action.covered.row()
    };
    let others = EXAMPLES.iter().filter(alike);
    let found = others.filter_map(|name| Some(((*name).to_owned(), with(name)?))).next();
    found.unwrap_or_else(|| (action.name.to_string(), resource.name.clone()))
}

/// Resources that an action is about, the likeliest first; one made from a resource of its class where that helps.
fn plausible(own: &Own, action: &str, resource: &str) -> Vec<String> {
    let (partition, account) = (&own.partition, &own.account);
    let action = action.to_ascii_lowercase();
    let (service, call) = action.split_once(':').unwrap_or((&action, ""));
    let of_service = arn_part(resource, 2) == Some(service);
    match service {
        "s3" if call == "listallmybuckets" => vec!["*".to_owned()],
        "s3" => in_bucket(partition, resource, call.contains("bucket")),
        "ec2" if call.starts_with("describe") => vec!["*".to_owned()],
        "ec2" if of_service => vec![resource.to_owned()],
        "ec2" => vec![format!("arn:{partition}:ec2:us-east-1:{account}:instance/i-0123456789abcdef0")],
        "iam" if call.contains("mfadevice") => vec![own.iam("mfa/new-device"), own.other()],
        "iam" if call.contains("role") => vec![own.iam("role/Admin"), own.other()],
        "iam" if call.contains("group") => vec![own.iam("group/admins"), own.other()],
        "iam" => vec![own.other()],
        "sts" if call == "getfederationtoken" => vec![own.arn(), own.other(), own.iam("role/Admin")],
        "sts" => vec![own.iam("role/Admin")],
        _ if of_service => vec![resource.to_owned(), "*".to_owned()],
        _ => vec!["*".to_owned()],
    }
}

/// A bucket or an object in one: any, or that of another resource of S3.
fn in_bucket(partition: &str, resource: &str, is_bucket: bool) -> Vec<String> {
    let any = format!("arn:{partition}:s3:::amzn-s3-demo-bucket");
    let bucket = resource.split('/').next().filter(|name| name.contains(":s3:::") && !name.ends_with(":::"));
    let buckets = [Some(any.as_str()), bucket].into_iter().flatten();
    buckets.map(|bucket| if is_bucket { bucket.to_owned() } else { format!("{bucket}/object") }).collect()
}

/// Whether an ARN is that of an identity, by its service; `None` where that is not known, and for what is no ARN.
pub(super) fn is_identity(resource: &str) -> Option<bool> {
    let service = arn_part(resource, 2).filter(|service| !has_symbol(service))?;
    Some(ON_IDENTITIES.contains(&service))
}

/// Whether the resource can be a user or device: letters, digits and `+=,.@_-`, below a path, after the fifth colon.
fn is_name(resource: &str) -> bool {
    let name = resource.splitn(6, ':').nth(5).unwrap_or_default();
    name.chars().all(|c| c.is_ascii_alphanumeric() || "+=,.@_-/".contains(c) || is_symbol(c))
}

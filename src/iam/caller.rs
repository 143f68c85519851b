//! Who calls, with which credentials, hence which context keys.
//!
//! A caller fixes the keys that its credentials fix; all others are free for it to choose. Which keys exist for whom follows
//! the IAM User Guide, "AWS global condition context keys".

use crate::iam::condition::{AGE, PRESENT};
use crate::iam::variables::{Keys, Lookup, Values};
use crate::iam::verdict::CallerKind;

pub mod contexts;

/// Who signs a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signer {
    /// A user, a role or the root user, by the ARN that `aws:PrincipalArn` has.
    Arn(String),
    /// A session, by its own ARN and that of the role (or federated user) behind it.
    Session {
        /// `arn:aws:sts::…:assumed-role/…`
        session: String,
        /// `arn:aws:iam::…:role/…`
        role: String,
    },
    /// An AWS service, by name.
    Service(String),
    /// A SAML or web identity, by its provider.
    Federated(String),
    /// Nobody.
    Anonymous,
}

impl Signer {
    /// The account that the signer belongs to.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        match self {
            Self::Arn(arn) | Self::Session { role: arn, .. } => arn_part(arn, 4),
            _ => None,
        }
    }

    /// The name of an IAM user.
    #[must_use]
    pub fn user_name(&self) -> Option<&str> {
        match self {
            Self::Arn(arn) => {
                let name = arn_part(arn, 5)?.strip_prefix("user/")?;
                name.rsplit('/').next()
            }
            _ => None,
        }
    }
}

/// A part of an ARN, counted from 0, which is `arn`; the sixth is all the rest.
#[must_use]
pub fn arn_part(arn: &str, part: usize) -> Option<&str> {
    let mut colons = memchr::memchr_iter(b':', arn.as_bytes());
    let start = colons.nth(part.checked_sub(1)?)? + 1;
    let end = if part == 5 { None } else { colons.next() };
    arn.get(start..end.unwrap_or(arn.len()))
}

/// What the two keys about MFA are in a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct MfaState {
    present: Option<&'static str>,
    age: Option<String>,
}

impl MfaState {
    /// Both keys absent: long-term keys, services, federated callers.
    #[must_use]
    pub fn absent() -> Self {
        Self::default()
    }

    /// A session without MFA.
    #[must_use]
    pub fn without() -> Self {
        Self { present: Some("false"), age: None }
    }

    /// A session after MFA, so many seconds ago.
    #[must_use]
    pub fn with(age: u64) -> Self {
        Self { present: Some("true"), age: Some(age.to_string()) }
    }

    /// The seconds since MFA.
    #[must_use]
    pub fn age(&self) -> Option<u64> {
        self.age.as_ref()?.parse().ok()
    }
}

/// A caller: who signs, with which credentials.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The kind of credentials.
    pub kind: CallerKind,
    /// Who.
    pub signer: Signer,
    /// Whether the policies name this caller, rather than its account or everybody.
    pub named: bool,
    forwarded: bool,
}

impl Caller {
    /// Whoever signs, directly and with these credentials.
    #[must_use]
    pub fn new(kind: CallerKind, signer: Signer, named: bool) -> Self {
        Self { kind, signer, named, forwarded: false }
    }

    /// The same identity in a call that a service makes on its behalf (a forward access session).
    #[must_use]
    pub fn forwarded(mut self) -> Self {
        self.forwarded = true;
        self
    }

    /// Whether a service makes the call on behalf of the identity.
    #[must_use]
    pub fn is_forwarded(&self) -> bool {
        self.forwarded
    }

    /// Who calls, as a part of a sentence.
    #[must_use]
    pub fn describe(&self) -> String {
        match &self.signer {
            Signer::Arn(arn) => arn.clone(),
            Signer::Session { session, .. } => session.clone(),
            Signer::Service(name) | Signer::Federated(name) => name.clone(),
            Signer::Anonymous => "anybody".to_owned(),
        }
    }

    /// The value of a key that the credentials fix.
    fn fixed(&self, key: &str) -> Option<&str> {
        match (key, &self.signer) {
            (VIA_SERVICE, _) => Some(if self.forwarded { "true" } else { "false" }),
            ("aws:principalisawsservice", Signer::Service(_)) => Some("true"),
            ("aws:principalisawsservice", _) => Some("false"),
            ("aws:principalaccount", signer) => signer.account(),
            ("aws:username", signer) => signer.user_name(),
            ("aws:principalarn", Signer::Arn(arn) | Signer::Session { role: arn, .. }) => Some(arn),
            ("aws:userid", Signer::Arn(arn)) if arn.ends_with(":root") => arn_part(arn, 4),
            ("aws:principaltype", Signer::Arn(arn)) => Some(if arn.ends_with(":root") { "Account" } else { "User" }),
            ("aws:principaltype", Signer::Session { role, .. }) => {
                Some(if role.contains(":federated-user/") { "FederatedUser" } else { "AssumedRole" })
            }
            ("aws:principaltype", Signer::Anonymous) => Some("Anonymous"),
            ("aws:principalservicename", Signer::Service(name)) => Some(name),
            _ => None,
        }
    }

    /// The keys of a request by this caller in a state of MFA.
    #[must_use]
    pub fn keys<'a>(&'a self, mfa: &'a MfaState) -> CallerKeys<'a> {
        CallerKeys { caller: self, mfa }
    }
}

/// The keys of a caller in a state of MFA.
#[derive(Clone, Copy, Debug)]
pub struct CallerKeys<'a> {
    caller: &'a Caller,
    mfa: &'a MfaState,
}

impl CallerKeys<'_> {
    /// What a key begins with that every request of this caller has, and that nobody chooses: the unique id of a user.
    #[must_use]
    pub fn id_prefix(&self, key: &str) -> Option<&'static str> {
        let is_user = matches!(&self.caller.signer, Signer::Arn(arn) if !arn.ends_with(":root"));
        (key == "aws:userid" && is_user).then_some("AIDA")
    }
}

impl Keys for CallerKeys<'_> {
    fn values(&self, key: &str) -> Lookup<'_> {
        match key {
            PRESENT => one(self.mfa.present),
            AGE => one(self.mfa.age.as_deref()),
            _ => match self.caller.fixed(key) {
                Some(value) => one(Some(value)),
                None if never_has(self.caller, key) => Lookup::Absent,
                None => Lookup::Free,
            },
        }
    }
}

fn one(value: Option<&str>) -> Lookup<'_> {
    value.map_or(Lookup::Absent, |value| Lookup::Present(Values::One(value)))
}

/// Keys of a call that a service makes with the identity of its caller.
const FORWARDED: &[&str] = &["aws:calledvia", "aws:calledviafirst", "aws:calledvialast"];

/// Whether a key tells calls that a service makes with the identity of its caller from direct ones.
#[must_use]
pub fn is_about_forwarding(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    key == VIA_SERVICE || FORWARDED.contains(&key.as_str())
}

const VIA_SERVICE: &str = "aws:viaawsservice";

/// Whether a key says where a request comes from, when or by which means, rather than what it is about or who signs it.
#[must_use]
pub fn is_circumstance(key: &str) -> bool {
    const KEYS: &[&str] = &[
        "aws:sourceip",
        "aws:vpcsourceip",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:sourcevpcarn",
        "aws:useragent",
        "aws:referer",
        "aws:securetransport",
        "aws:currenttime",
        "aws:epochtime",
        "aws:tokenissuetime",
    ];
    KEYS.iter().any(|known| known.eq_ignore_ascii_case(key))
}

/// Whether every request has the key.
#[must_use]
pub fn always_present(key: &str) -> bool {
    matches!(key, "aws:currenttime" | "aws:epochtime" | "aws:securetransport")
}

/// Whether a key (in lower case) is one of the two about MFA, or looks as if it were meant to be one.
#[must_use]
pub fn is_about_mfa_key(key: &str) -> bool {
    key == PRESENT || key == AGE || misspelt(key).is_some()
}

/// What was meant by a global key that looks as if it were about MFA and does not exist.
#[must_use]
pub fn misspelt(key: &str) -> Option<&'static str> {
    let key = key.to_ascii_lowercase();
    if key == PRESENT || key == AGE {
        return None;
    }
    let name = key.strip_prefix("aws:").unwrap_or(&key);
    let looks_like = name.contains("mfa") || name.contains("multifactor") || name.contains("multi-factor");
    // The key of another service, or a tag, which has the name that its owner gave it: `aws:PrincipalTag/MFA`.
    let foreign = (!key.starts_with("aws:") && key.contains(':')) || key.contains('/');
    let about_age = name.contains("age") && !name.contains("manage");
    (looks_like && !foreign).then_some(if about_age { "aws:MultiFactorAuthAge" } else { "aws:MultiFactorAuthPresent" })
}

/// Keys that no request of this caller has.
fn never_has(caller: &Caller, key: &str) -> bool {
    const SERVICE: &[&str] = &[
        "aws:sourcearn",
        "aws:sourceaccount",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:principalservicename",
        "aws:principalservicenameslist",
    ];
    if misspelt(key).is_some() {
        return true;
    }
    if FORWARDED.contains(&key) {
        return !caller.forwarded;
    }
    let principal = key.starts_with("aws:principal") || key == "aws:userid" || key == "aws:username";
    match &caller.signer {
        Signer::Service(_) => (principal && !SERVICE.contains(&key)) || is_federation(key),
        Signer::Federated(provider) => {
            let other =
                if provider.contains(":saml-provider/") { is_web_identity(key) } else { key.starts_with("saml:") };
            principal || SERVICE.contains(&key) || key == "sts:externalid" || other
        }
        Signer::Anonymous => principal || SERVICE.contains(&key) || is_federation(key),
        Signer::Arn(_) | Signer::Session { .. } => {
            key == "aws:username"
                || SERVICE.contains(&key)
                || (matches!(caller.signer, Signer::Arn(_)) && is_federation(key))
                || (caller.kind == CallerKind::AccessKey && key == "aws:tokenissuetime")
        }
    }
}

/// Keys that an identity provider's answer brings.
fn is_federation(key: &str) -> bool {
    key.starts_with("saml:") || key == "aws:federatedprovider" || is_web_identity(key)
}

/// Keys of a web identity's token, which start with the provider's host.
fn is_web_identity(key: &str) -> bool {
    key.split_once(':').is_some_and(|(prefix, _)| prefix.contains('.'))
}

#[cfg(test)]
mod tests;

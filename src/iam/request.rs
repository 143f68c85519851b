//! One concrete request: who calls what on what, with which context keys.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::iam::access::case::Case;
use crate::iam::caller::Signer;
use crate::iam::caller::contexts::NamedContext;
use crate::iam::document::Document;
use crate::iam::truth::Truth;
use crate::iam::variables::{Keys, Lookup, Values};

/// A request as AWS would evaluate it.
#[derive(Clone, Debug)]
pub struct Request {
    /// Who signs it.
    pub signer: Signer,
    /// The action, in any case.
    pub action: String,
    /// The resource; `*` where the action has none.
    pub resource: String,
    keys: BTreeMap<String, Vec<String>>,
}

/// The answer of a set of documents to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Some statement allows it and none denies it.
    Allow,
    /// Some statement denies it.
    Deny,
    /// No statement allows or denies it.
    ImplicitDeny,
    /// It depends on something that the documents or AWS leave open.
    Unproven,
}

impl Decision {
    /// The name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
            Self::ImplicitDeny => "implicit-deny",
            Self::Unproven => "unproven",
        }
    }
}

impl Request {
    /// A request without context keys.
    #[must_use]
    pub fn new(signer: Signer, action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self { signer, action: action.into(), resource: resource.into(), keys: BTreeMap::new() }
    }

    /// Sets a context key; its name may be in any case.
    pub fn set(&mut self, key: &str, values: Vec<String>) {
        self.keys.insert(key.to_ascii_lowercase(), values);
    }

    /// Sets the keys of a context, those about MFA included.
    pub fn set_context(&mut self, context: &NamedContext) {
        for (key, values) in context.keys {
            self.set(key, values.iter().map(|value| (*value).to_owned()).collect());
        }
        let (present, age) = context.mfa;
        for (key, value) in [("aws:MultiFactorAuthPresent", present), ("aws:MultiFactorAuthAge", age)] {
            if let Some(value) = value {
                self.set(key, vec![value.to_owned()]);
            }
        }
    }

    /// Sets the keys that follow from who signs the request.
    pub fn set_principal_keys(&mut self) {
        let service = matches!(self.signer, Signer::Service(_));
        self.set("aws:PrincipalIsAWSService", vec![service.to_string()]);
        let mut keys = Vec::new();
        match &self.signer {
            Signer::Arn(arn) => {
                keys.push(("aws:PrincipalArn", arn.clone()));
                let kind = if arn.ends_with(":root") { "Account" } else { "User" };
                keys.push(("aws:PrincipalType", kind.to_owned()));
            }
            Signer::Session { role, .. } => {
                keys.push(("aws:PrincipalArn", role.clone()));
                let kind = if role.contains(":federated-user/") { "FederatedUser" } else { "AssumedRole" };
                keys.push(("aws:PrincipalType", kind.to_owned()));
            }
            Signer::Service(name) => keys.push(("aws:PrincipalServiceName", name.clone())),
            Signer::Federated(_) => {}
            Signer::Anonymous => keys.push(("aws:PrincipalType", "Anonymous".to_owned())),
        }
        keys.extend(self.signer.account().map(|account| ("aws:PrincipalAccount", account.to_owned())));
        keys.extend(self.signer.user_name().map(|name| ("aws:username", name.to_owned())));
        for (key, value) in keys {
            self.set(key, vec![value]);
        }
    }

    /// What the documents, taken together, say to the request.
    #[must_use]
    pub fn decide(&self, documents: &[Arc<Document>]) -> Decision {
        let mut case = Case::default();
        for (index, document) in documents.iter().enumerate() {
            case.add(0, index, document);
        }
        let action = self.action.to_ascii_lowercase();
        let applies = |allows: bool| {
            let items = case.items.iter().filter(move |item| item.allows == allows);
            Truth::any(items.map(|item| {
                case.principal(item, &self.signer)
                    .and(case.action(item, &action))
                    .and(case.resource(item, &self.resource, self))
                    .and(case.fixed_tests(item, self))
            }))
        };
        match (applies(false), applies(true)) {
            (Truth::True, _) => Decision::Deny,
            (Truth::False, Truth::True) => Decision::Allow,
            (Truth::False, Truth::False) => Decision::ImplicitDeny,
            _ => Decision::Unproven,
        }
    }
}

impl Keys for Request {
    fn values(&self, key: &str) -> Lookup<'_> {
        self.keys.get(key).map_or(Lookup::Absent, |values| Lookup::Present(Values::Many(values)))
    }
}

/// A request that has no key: variables in it have no value.
#[derive(Clone, Copy, Debug)]
pub struct NoKeys;

impl Keys for NoKeys {
    fn values(&self, _key: &str) -> Lookup<'_> {
        Lookup::Absent
    }
}

/// A request of which nothing is chosen yet: variables in it stay variables.
#[derive(Clone, Copy, Debug)]
pub struct FreeKeys;

impl Keys for FreeKeys {
    fn values(&self, _key: &str) -> Lookup<'_> {
        Lookup::Free
    }
}

/// Who a principal's ARN or a service's name stands for.
#[must_use]
pub fn signer(principal: &str) -> Signer {
    let parts: Vec<&str> = principal.splitn(6, ':').collect();
    let ["arn", partition, service, _, account, resource] = parts.as_slice() else {
        return if principal.is_empty() { Signer::Anonymous } else { Signer::Service(principal.to_owned()) };
    };
    let (kind, name) = resource.split_once('/').unwrap_or((resource, ""));
    match (*service, kind) {
        ("sts", "assumed-role") => {
            let role = name.split('/').next().unwrap_or_default();
            let path = if role.starts_with("AWSReservedSSO_") { "aws-reserved/sso.amazonaws.com/" } else { "" };
            let role = format!("arn:{partition}:iam::{account}:role/{path}{role}");
            Signer::Session { session: principal.to_owned(), role }
        }
        ("sts", "federated-user") => Signer::Session { session: principal.to_owned(), role: principal.to_owned() },
        ("iam", "role") => Signer::Session {
            session: format!(
                "arn:{partition}:sts::{account}:assumed-role/{}/session",
                name.rsplit('/').next().unwrap_or(name)
            ),
            role: principal.to_owned(),
        },
        ("iam", "saml-provider" | "oidc-provider") => Signer::Federated(principal.to_owned()),
        _ => Signer::Arn(principal.to_owned()),
    }
}

#[cfg(test)]
mod tests;

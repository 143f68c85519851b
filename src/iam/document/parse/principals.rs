//! `Principal` and `NotPrincipal`.

use super::reader::{Reader, Texts, function_call, shown, unknown};
use crate::iam::document::{Grammar, Principal, PrincipalKind, Principals, Text};
use crate::tree::{Entry, Node, Part, Value};

const KINDS: [&str; 4] = ["AWS", "Service", "Federated", "CanonicalUser"];

impl Reader<'_> {
    /// Reads `Principal` or `NotPrincipal`.
    pub(super) fn principals(&mut self, entry: &Entry) -> Principals {
        let node = &entry.value;
        let negated = entry.key == "NotPrincipal";
        let mut principals = Principals { negated, items: Vec::new(), unknown: None, place: self.place(node.span) };
        if let Some(unknown) = unknown(node) {
            principals.unknown = Some(unknown);
            return principals;
        }
        match &node.value {
            Value::Map(entries) => self.principal_map(node, entries, &mut principals),
            Value::Scalar(scalar) if scalar.as_text() == Some("*") => {
                let text = Text { scalar: scalar.clone(), place: self.place(node.span) };
                principals.items.push(Principal { kind: PrincipalKind::Aws, text });
                if self.grammar == Grammar::Trust {
                    self.warn(
                        node.span,
                        "IAM is known to refuse the bare `\"*\"` as the principal of a trust policy",
                        "write `{\"AWS\": \"*\"}`, which means the same",
                    );
                }
            }
            Value::Scalar(scalar) if scalar.as_text().is_none() => {
                principals.unknown = scalar.parts.iter().find_map(|part| match part {
                    Part::Unknown(unknown) => Some(unknown.clone()),
                    Part::Known(_) => None,
                });
            }
            _ => self.refuse(
                node.span,
                format!("`{}` is {}: IAM takes a map by kind of principal, or the string `*`", entry.key, node.kind()),
                "write the kind of principal, as in `{\"AWS\": \"arn:aws:iam::111122223333:root\"}`",
            ),
        }
        principals
    }

    fn principal_map(&mut self, node: &Node, entries: &[Entry], principals: &mut Principals) {
        if entries.is_empty() {
            self.warn(node.span, "an empty map of principals names nobody", "name at least one principal");
        }
        self.repeated_keys(entries);
        for entry in entries {
            if entry.key.starts_with("Fn::") {
                principals.unknown.get_or_insert_with(|| function_call(&entry.key, &entry.value));
                continue;
            }
            let Some(kind) = self.principal_kind(entry) else { continue };
            let Texts { items, unknown, empty } = self.texts(&entry.value, &entry.key);
            if empty {
                self.warn(
                    entry.value.span,
                    format!("`{}` is an empty list, which names nobody", entry.key),
                    "name at least one principal, or remove the element",
                );
            }
            principals.unknown = principals.unknown.take().or(unknown);
            principals.items.reserve_exact(items.len());
            for text in items {
                self.check_principal(kind, &text);
                principals.items.push(Principal { kind, text });
            }
        }
    }

    fn principal_kind(&mut self, entry: &Entry) -> Option<PrincipalKind> {
        match entry.key.as_str() {
            "AWS" => Some(PrincipalKind::Aws),
            "Service" => Some(PrincipalKind::Service),
            "Federated" => Some(PrincipalKind::Federated),
            "CanonicalUser" => Some(PrincipalKind::CanonicalUser),
            key => {
                let nearest = self.nearest(key, &KINDS);
                let help = nearest.map_or_else(
                    || "the kinds are `AWS`, `Service`, `Federated` and `CanonicalUser`".to_owned(),
                    |kind| format!("write `{kind}`"),
                );
                self.refuse(entry.key_span, format!("`{}` is no kind of principal", shown(key)), help);
                None
            }
        }
    }

    fn check_principal(&mut self, kind: PrincipalKind, text: &Text) {
        let span = text.place.span;
        let known = text.scalar.as_text();
        match kind {
            _ if known == Some("") => self.refuse(span, "an empty string is no principal", "name a principal"),
            PrincipalKind::Aws => {
                if let Some((message, help)) = account_principal_fault(text) {
                    self.refuse(span, message, help);
                }
            }
            PrincipalKind::Service => {
                if let Some(name) = known.filter(|name| !is_service(name)) {
                    self.warn(
                        span,
                        format!("`{}` does not look like the principal of an AWS service", shown(name)),
                        "write the service's principal, as in `ec2.amazonaws.com`",
                    );
                }
            }
            PrincipalKind::CanonicalUser if self.grammar == Grammar::Trust => self.refuse(
                span,
                "`CanonicalUser` names accounts in policies of S3 alone; IAM does not take it in a trust policy",
                "name the account by its id: `{\"AWS\": \"111122223333\"}`",
            ),
            PrincipalKind::Federated | PrincipalKind::CanonicalUser => {}
        }
    }
}

/// What is wrong with a principal of the kind `AWS`, and what to write instead.
fn account_principal_fault(text: &Text) -> Option<(String, &'static str)> {
    let Some(name) = text.scalar.as_text() else {
        let wildcard =
            text.scalar.parts.iter().any(|part| matches!(part, Part::Known(known) if known.contains(['*', '?'])));
        let arn = matches!(text.scalar.parts.first(), Some(Part::Known(known)) if known.starts_with("arn:"));
        return (wildcard && arn).then(|| partial_wildcard(text.place.text()));
    };
    if name == "*" {
        return None;
    }
    if name.contains(['*', '?']) {
        return Some(partial_wildcard(name));
    }
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = name.splitn(7, ':').collect();
    let account = match parts.as_slice() {
        ["arn", _, "iam" | "sts", _, account, rest @ ..] => {
            if rest.first().is_some_and(|rest| rest.starts_with("group/")) {
                let message = format!("`{}` is a group, and a group cannot be a principal", shown(name));
                return Some((message, "name the users, or a role that the group's users may assume"));
            }
            account
        }
        ["arn", _, _, _, _, _, ..] => return None,
        [account] if digits(account) => account,
        // The unique id that IAM puts in the place of a deleted or foreign user or role.
        [id] if id.len() >= 16 && id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()) => {
            return None;
        }
        _ => {
            let message = format!("`{}` is no principal of the kind `AWS`", shown(name));
            return Some((message, "write an account id, the ARN of a user, role or session, or `*`"));
        }
    };
    (digits(account) && account.len() != 12).then(|| {
        let message = format!("`{}` is no account id: account ids have 12 digits", shown(account));
        (message, "write all 12 digits, leading zeros included, and quote them in YAML")
    })
}

fn partial_wildcard(name: &str) -> (String, &'static str) {
    (
        format!("`{}` has a wildcard in part of a principal, which IAM refuses", shown(name)),
        "name the account, and select in a condition: `ArnLike` on `aws:PrincipalArn`",
    )
}

fn is_service(name: &str) -> bool {
    name.contains(".amazon") || name.ends_with(".aws.internal")
}

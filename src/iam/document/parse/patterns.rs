//! `Action`, `NotAction`, `Resource` and `NotResource`.

use super::reader::{Reader, shown};
use crate::iam::document::{Grammar, Patterns, Text};
use crate::tree::{Entry, Part};

impl Reader<'_> {
    /// Reads `Action` or `NotAction`.
    pub(super) fn actions(&mut self, entry: &Entry) -> Patterns {
        let patterns = self.patterns(entry, "NotAction");
        for item in &patterns.items {
            self.check_action(item);
        }
        patterns
    }

    /// Reads `Resource` or `NotResource`.
    pub(super) fn resources(&mut self, entry: &Entry) -> Patterns {
        let patterns = self.patterns(entry, "NotResource");
        for item in &patterns.items {
            self.check_resource(item);
        }
        patterns
    }

    fn patterns(&mut self, entry: &Entry, negated: &str) -> Patterns {
        let texts = self.texts(&entry.value, &entry.key);
        if texts.empty {
            self.refuse(
                entry.value.span,
                format!("`{}` is an empty list", entry.key),
                format!("name at least one item in `{}`, or remove the statement", entry.key),
            );
        }
        Patterns {
            negated: entry.key == negated,
            items: texts.items,
            unknown: texts.unknown,
            place: self.place(entry.value.span),
        }
    }

    fn check_action(&mut self, item: &Text) {
        let Some(text) = item.scalar.as_text() else { return };
        let Some((message, help)) = action_fault(text) else { return };
        if text == "*:*" {
            self.warn(item.place.span, message, help);
        } else {
            self.refuse(item.place.span, message, help);
        }
    }

    fn check_resource(&mut self, item: &Text) {
        let Some(Part::Known(text)) = item.scalar.parts.first() else {
            if item.scalar.parts.is_empty() {
                self.refuse(
                    item.place.span,
                    "an empty string is no resource",
                    "write an ARN, or `*` for every resource",
                );
            }
            return;
        };
        if self.takes_relative_resources() && text.starts_with("execute-api:") {
            return;
        }
        let whole = item.scalar.parts.len() == 1;
        if !may_start_arn(text, whole) {
            self.refuse(
                item.place.span,
                format!("`{}` is no resource: IAM takes an ARN or `*`", shown(text)),
                "write the whole ARN, as in `arn:aws:s3:::bucket/*`, or `*` for every resource",
            );
        } else if whole && !text.contains(['*', '?']) && text.split(':').count() < 6 {
            self.warn(
                item.place.span,
                format!("`{}` has fewer than the six parts of an ARN, so it matches no resource", shown(text)),
                "write all six parts; those that stay empty keep their colon, as in `arn:aws:s3:::bucket`",
            );
        }
    }

    /// API Gateway takes `execute-api:/stage/GET/path` in the policy of an API.
    fn takes_relative_resources(&self) -> bool {
        matches!(self.grammar, Grammar::Resource | Grammar::Any)
    }
}

/// What is wrong with an action, and what to write instead.
fn action_fault(text: &str) -> Option<(String, String)> {
    if text == "*" {
        return None;
    }
    let Some((service, action)) = text.split_once(':') else {
        let help = "write the service before the name, as in `s3:GetObject`, or `*` alone for every action";
        return Some((format!("`{}` is no action: the service is missing", shown(text)), help.to_owned()));
    };
    let word = |text: &str, others: &[char]| {
        !text.is_empty() && text.chars().all(|it| it.is_ascii_alphanumeric() || others.contains(&it))
    };
    if word(service, &['-']) && word(action, &['*', '?', '-', '_']) {
        return None;
    }
    let name = shown(text);
    if service.contains(['*', '?']) {
        let help = if text == "*:*" {
            "write `*`".to_owned()
        } else {
            format!("name each service, as in `s3:{}`, or write `*` alone for every action", shown(action))
        };
        return Some((format!("`{name}` has a wildcard in the name of the service, which IAM does not take"), help));
    }
    let help = "write one service, a colon and one name, as in `s3:GetObject`; several actions are a list";
    Some((format!("`{name}` is no action"), help.to_owned()))
}

/// Whether some ARN, or everything, starts as this text does; `whole` where nothing follows it.
fn may_start_arn(text: &str, whole: bool) -> bool {
    const START: &str = "arn:";
    let literal = text.split(['*', '?']).next().unwrap_or_default();
    if literal.len() >= START.len() || (whole && literal.len() == text.len()) {
        return literal.starts_with(START);
    }
    START.starts_with(literal)
}

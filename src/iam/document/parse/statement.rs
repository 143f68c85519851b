//! One statement: which elements it has, and which it must have.

use super::malformed;
use super::reader::{Reader, function_call, shown, unknown};
use crate::iam::document::{Effect, Grammar, Patterns, Principals, Statement};
use crate::tree::{Entry, Node, Part, Unknown, Value};

const ELEMENTS: [&str; 9] =
    ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];

/// The elements that a statement has or was meant to have.
#[derive(Default)]
struct Elements {
    /// Names that a misspelt element was meant to be: saying that they are missing would be noise.
    meant: Vec<&'static str>,
    /// Why the statement may have further elements.
    unknown: Option<Box<Unknown>>,
}

impl Elements {
    /// Whether the element may be there in some way that was not read.
    fn may_hold(&self, names: [&str; 2]) -> bool {
        self.unknown.is_some() || self.meant.iter().any(|meant| names.contains(meant))
    }
}

impl Reader<'_> {
    /// Reads one statement.
    pub(super) fn statement(&mut self, node: &Node) -> Statement {
        if let Some(unknown) = unknown(node) {
            return self.unknown_statement(node, unknown);
        }
        let Some(entries) = node.as_map() else {
            self.refuse(
                node.span,
                format!("a statement is a map, and this is {}", node.kind()),
                "write `{\"Effect\": ..., \"Action\": ..., \"Resource\": ...}`",
            );
            return self.unknown_statement(node, malformed("the statement"));
        };
        let mut elements = self.elements(entries);
        let condition = node.entry("Condition").map(|entry| self.condition(entry)).unwrap_or_default();
        Statement {
            sid: self.sid(node),
            effect: self.effect(node, &elements),
            principals: self.statement_principals(node, &elements),
            actions: self.statement_actions(node, &elements),
            resources: self.statement_resources(node, &elements),
            tests: condition.tests,
            place: self.place(node.span),
            unknown: elements.unknown.take().or(condition.unknown),
        }
    }

    /// A statement of which nothing is known.
    pub(super) fn unknown_statement(&self, node: &Node, unknown: Box<Unknown>) -> Statement {
        let place = self.place(node.span);
        let patterns =
            || Patterns { negated: false, items: Vec::new(), unknown: Some(unknown.clone()), place: place.clone() };
        let principals =
            || Principals { negated: false, items: Vec::new(), unknown: Some(unknown.clone()), place: place.clone() };
        Statement {
            sid: None,
            effect: Effect::Unknown(unknown.clone()),
            principals: self.takes_principals().then(principals),
            actions: patterns(),
            resources: (self.grammar != Grammar::Trust).then(patterns),
            tests: Vec::new(),
            place: place.clone(),
            unknown: Some(unknown.clone()),
        }
    }

    fn elements(&mut self, entries: &[Entry]) -> Elements {
        self.repeated_keys(entries);
        let mut elements = Elements::default();
        for entry in entries {
            if entry.key.starts_with("Fn::") {
                elements.unknown.get_or_insert_with(|| function_call(&entry.key, &entry.value));
            } else if !ELEMENTS.contains(&entry.key.as_str()) {
                let meant = self.refuse_element(entry, &ELEMENTS);
                elements.meant.extend(meant);
            }
        }
        elements
    }

    fn sid(&mut self, node: &Node) -> Option<String> {
        let sid = node.get("Sid")?;
        let Some(text) = sid.as_text() else {
            if unknown(sid).is_none() && !matches!(sid.value, Value::Scalar(_)) {
                self.refuse(sid.span, format!("`Sid` is {}", sid.kind()), "write a string, or remove `Sid`");
            }
            return None;
        };
        let strict = matches!(self.grammar, Grammar::Identity | Grammar::Trust);
        if strict && !text.chars().all(|it| it.is_ascii_alphanumeric()) {
            self.warn(
                sid.span,
                format!(
                    "the `Sid` `{}` has other characters than letters and digits, which IAM does not take",
                    shown(text)
                ),
                "use letters and digits only",
            );
        }
        Some(text.to_owned())
    }

    fn effect(&mut self, node: &Node, elements: &Elements) -> Effect {
        let Some(effect) = node.get("Effect") else {
            if !elements.may_hold(["Effect", "Effect"]) {
                self.refuse(node.span, "the statement has no `Effect`", "add `\"Effect\": \"Allow\"` or `\"Deny\"`");
            }
            return Effect::Unknown(malformed("Effect"));
        };
        if let Some(unknown) = unknown(effect) {
            return Effect::Unknown(unknown);
        }
        if let Value::Scalar(scalar) = &effect.value {
            for part in &scalar.parts {
                if let Part::Unknown(unknown) = part {
                    return Effect::Unknown(unknown.clone());
                }
            }
        }
        match effect.as_text() {
            Some("Allow") => return Effect::Allow,
            Some("Deny") => return Effect::Deny,
            Some(text) => {
                let help = match self.nearest(text, &["Allow", "Deny"]) {
                    Some(nearest) => format!("write `{nearest}`"),
                    None => "write `Allow` or `Deny`".to_owned(),
                };
                let case = if text.eq_ignore_ascii_case("allow") || text.eq_ignore_ascii_case("deny") {
                    ": letter case counts"
                } else {
                    ""
                };
                self.refuse(effect.span, format!("`{}` is no effect{case}", shown(text)), help);
            }
            None => self.refuse(effect.span, format!("`Effect` is {}", effect.kind()), "write `Allow` or `Deny`"),
        }
        Effect::Unknown(malformed("Effect"))
    }

    /// Refuses an element that has no place where it stands.
    fn refuse_misplaced(&mut self, entry: Option<&Entry>, place: &str) {
        if let Some(Entry { key, key_span, .. }) = entry {
            self.refuse(*key_span, format!("`{key}` has no place in {place}"), format!("remove `{key}`"));
        }
    }

    fn statement_principals(&mut self, node: &Node, elements: &Elements) -> Option<Principals> {
        let entry = self.one_of(node, ["Principal", "NotPrincipal"]);
        if !self.takes_principals() {
            self.refuse_misplaced(entry, "this kind of policy: it holds for whom it is attached to");
            return None;
        }
        let Some(entry) = entry else {
            if elements.may_hold(["Principal", "NotPrincipal"]) {
                return elements.unknown.clone().map(|unknown| Principals {
                    negated: false,
                    items: Vec::new(),
                    unknown: Some(unknown),
                    place: self.place(node.span),
                });
            }
            self.missing_principal(node);
            return None;
        };
        if entry.key == "NotPrincipal" && matches!(self.grammar, Grammar::Trust | Grammar::ResourceControl) {
            self.refuse(
                entry.key_span,
                "`NotPrincipal` has no place in this kind of policy",
                "name those who are meant in `Principal`, or except others in a condition on `aws:PrincipalArn`",
            );
        }
        let principals = self.principals(entry);
        let everyone = principals.items.iter().all(|it| it.text.scalar.as_text().is_none_or(|text| text == "*"));
        if self.grammar == Grammar::ResourceControl && !everyone {
            self.refuse(
                entry.value.span,
                "a resource control policy takes no other principal than `*`",
                "write `\"Principal\": \"*\"`, and select in a condition on `aws:PrincipalArn`",
            );
        }
        Some(principals)
    }

    fn missing_principal(&mut self, node: &Node) {
        let message = "the statement has no `Principal`";
        match self.grammar {
            Grammar::Trust => {
                let help = "add `Principal` with who may assume the role, as in `{\"AWS\": \"111122223333\"}`";
                self.refuse(node.span, message, help);
            }
            Grammar::ResourceControl => self.refuse(node.span, message, "add `\"Principal\": \"*\"`"),
            Grammar::Resource => {
                self.warn(node.span, message, "add `Principal` with whom the statement is about");
            }
            Grammar::Identity | Grammar::ServiceControl | Grammar::Any => {}
        }
    }

    fn statement_actions(&mut self, node: &Node, elements: &Elements) -> Patterns {
        if let Some(entry) = self.one_of(node, ["Action", "NotAction"]) {
            return self.actions(entry);
        }
        if !elements.may_hold(["Action", "NotAction"]) {
            self.refuse(
                node.span,
                "the statement has neither `Action` nor `NotAction`",
                "add `Action` with the actions that the statement is about",
            );
        }
        Patterns { negated: false, items: Vec::new(), unknown: elements.unknown.clone(), place: self.place(node.span) }
    }

    fn statement_resources(&mut self, node: &Node, elements: &Elements) -> Option<Patterns> {
        let entry = self.one_of(node, ["Resource", "NotResource"]);
        if self.grammar == Grammar::Trust {
            self.refuse_misplaced(entry, "a trust policy: the resource is the role itself");
            return None;
        }
        if let Some(entry) = entry {
            return Some(self.resources(entry));
        }
        if elements.may_hold(["Resource", "NotResource"]) {
            return elements.unknown.clone().map(|unknown| Patterns {
                negated: false,
                items: Vec::new(),
                unknown: Some(unknown),
                place: self.place(node.span),
            });
        }
        if matches!(self.grammar, Grammar::Identity | Grammar::ServiceControl | Grammar::ResourceControl) {
            self.refuse(
                node.span,
                "the statement has neither `Resource` nor `NotResource`",
                "add `\"Resource\": \"*\"`, or the resources that the statement is about",
            );
        }
        None
    }

    /// The one element of a pair of which a statement takes one; refuses both together.
    fn one_of<'n>(&mut self, node: &'n Node, [positive, negative]: [&str; 2]) -> Option<&'n Entry> {
        let both = (node.entry(positive), node.entry(negative));
        if let (Some(_), Some(second)) = both {
            self.refuse(
                second.key_span,
                format!("`{positive}` and `{negative}` stand in one statement, and IAM takes one of them"),
                format!("keep one, or write two statements, one with `{positive}` and one with `{negative}`"),
            );
        }
        both.0.or(both.1)
    }

    /// Whether statements of this kind of policy name principals.
    fn takes_principals(&self) -> bool {
        !matches!(self.grammar, Grammar::Identity | Grammar::ServiceControl)
    }
}

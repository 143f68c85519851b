//! From a value tree to a typed document.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Document, Grammar, Problem, Statement, Text, Version};
use crate::source::Source;
use crate::tree::{Entry, Form, Node, Part, Unknown, Value};
use reader::{Reader, function_call, shown, unknown};

mod conditions;
mod patterns;
mod principals;
mod reader;
mod statement;
#[cfg(test)]
mod tests;

const ELEMENTS: [&str; 3] = ["Version", "Id", "Statement"];

/// Reads a whole document. Nothing is refused here: what IAM would not take is in [`Document::problems`].
#[must_use]
pub fn parse(node: &Node, source: &Arc<Source>, grammar: Grammar) -> Document {
    let mut reader = Reader::new(source, grammar);
    let mut version = Version::V2008;
    let mut statements = Vec::new();
    if let Some(unknown) = unknown(node) {
        version = Version::Unknown(unknown.clone());
        statements.push(reader.unknown_statement(node, unknown));
    } else if let Some(entries) = node.as_map() {
        version = reader.version(node);
        statements = reader.document(node, entries);
        reader.variables_as_text(node, &version, &statements);
        reader.repeated_sids(node, &statements);
    } else {
        reader.refuse(
            node.span,
            format!("a policy document is a map, and this is {}", node.kind()),
            "write `{\"Version\": \"2012-10-17\", \"Statement\": [...]}`",
        );
    }
    Document { version, statements, place: reader.place(node.span), problems: reader.problems }
}

/// Reads one statement that stands alone.
#[must_use]
pub fn parse_statement(node: &Node, source: &Arc<Source>, grammar: Grammar) -> (Statement, Vec<Problem>) {
    let mut reader = Reader::new(source, grammar);
    let statement = reader.statement(node);
    (statement, reader.problems)
}

impl Reader<'_> {
    /// Reads the elements of a document; gives its statements.
    fn document(&mut self, node: &Node, entries: &[Entry]) -> Vec<Statement> {
        self.repeated_keys(entries);
        let bare =
            node.entry("Statement").is_none() && (node.entry("Effect").is_some() || node.entry("Action").is_some());
        if bare {
            self.refuse(
                node.span,
                "this is a statement and not a policy document",
                "put it into a document: `{\"Version\": \"2012-10-17\", \"Statement\": [...]}`",
            );
            return Vec::new();
        }
        let mut statements = Vec::new();
        let mut found = false;
        for entry in entries {
            match entry.key.as_str() {
                "Statement" => {
                    found = true;
                    self.statements(&entry.value, &mut statements);
                }
                "Version" => {}
                "Id" => self.id(entry),
                key if key.starts_with("Fn::") => {
                    found = true;
                    let unknown = function_call(&entry.key, &entry.value);
                    statements.push(self.unknown_statement(&entry.value, unknown));
                }
                _ => found |= self.refuse_element(entry, &ELEMENTS) == Some("Statement"),
            }
        }
        if !found {
            self.refuse(
                node.span,
                "the policy document has no `Statement`",
                "add `Statement` with a list of statements",
            );
        }
        statements
    }

    fn statements(&mut self, node: &Node, statements: &mut Vec<Statement>) {
        match &node.value {
            Value::List(items) => {
                if items.is_empty() {
                    self.refuse(node.span, "`Statement` is an empty list", "add a statement, or remove the policy");
                }
                // Large inputs have many documents, and most of these few statements: what a list could still grow by counts.
                statements.reserve_exact(items.len());
                statements.extend(items.iter().map(|item| self.statement(item)));
            }
            _ => {
                statements.reserve_exact(1);
                statements.push(self.statement(node));
            }
        }
    }

    fn id(&mut self, entry: &Entry) {
        if unknown(&entry.value).is_none() && !matches!(entry.value.value, Value::Scalar(_)) {
            self.refuse(entry.value.span, format!("`Id` is {}", entry.value.kind()), "write a string, or remove `Id`");
        }
    }

    fn version(&mut self, node: &Node) -> Version {
        let Some(entry) = node.entry("Version") else { return Version::V2008 };
        if let Some(unknown) = unknown(&entry.value) {
            return Version::Unknown(unknown);
        }
        if let Value::Scalar(scalar) = &entry.value.value {
            for part in &scalar.parts {
                if let Part::Unknown(unknown) = part {
                    return Version::Unknown(unknown.clone());
                }
            }
        }
        match entry.value.as_text() {
            Some("2012-10-17") => return Version::V2012,
            Some("2008-10-17") => return Version::V2008,
            Some(text) => self.refuse(
                entry.value.span,
                format!("`{}` is no version of the policy language", shown(text)),
                "write `\"2012-10-17\"`, whatever the date",
            ),
            None => self.refuse(
                entry.value.span,
                format!("`Version` is {}", entry.value.kind()),
                "write `\"2012-10-17\"`, whatever the date",
            ),
        }
        Version::V2008
    }

    /// Says that `${…}` is text where the version of the document makes it so, and that `&{…}` always is.
    fn variables_as_text(&mut self, node: &Node, version: &Version, statements: &[Statement]) {
        let texts = || statements.iter().flat_map(variable_texts);
        if let Some(text) = texts().find(|text| mentions(text, "&{")) {
            self.warn(
                text.place.span,
                "`&{…}` is plain text for IAM: only Terraform's `aws_iam_policy_document` makes a variable of it",
                "write `${…}`; within a Terraform string `$${…}`",
            );
        }
        if *version != Version::V2008 {
            return;
        }
        let Some(text) = texts().find(|text| mentions(text, "${")) else { return };
        match node.get("Version") {
            Some(version) => self.warn(
                version.span,
                "with this version `${…}` is plain text and no variable",
                "write `\"Version\": \"2012-10-17\"`",
            ),
            None => self.warn(
                text.place.span,
                "`${…}` is plain text and no variable here: a policy without `Version` has version 2008-10-17",
                "add `\"Version\": \"2012-10-17\"` to the policy",
            ),
        }
    }

    fn repeated_sids(&mut self, node: &Node, statements: &[Statement]) {
        if !matches!(self.grammar, Grammar::Identity | Grammar::Trust) {
            return;
        }
        let mut seen = HashSet::new();
        for statement in statements {
            let Some(sid) = statement.sid.as_deref().filter(|sid| !sid.is_empty()) else { continue };
            if !seen.insert(sid) {
                let span = sid_span(node, statement).unwrap_or(statement.place.span);
                self.refuse(
                    span,
                    format!("two statements have the `Sid` `{}`, which IAM refuses", shown(sid)),
                    "give each statement a `Sid` of its own, or none",
                );
            }
        }
    }

    /// Refuses an element that the grammar does not know; gives the one that was probably meant.
    fn refuse_element(&mut self, entry: &Entry, names: &[&'static str]) -> Option<&'static str> {
        let name = shown(&entry.key);
        let nearest = self.nearest(&entry.key, names);
        let (message, help) = match nearest {
            Some(known) if known.eq_ignore_ascii_case(&entry.key) => {
                (format!("`{name}` is no element of a policy: letter case counts"), format!("write `{known}`"))
            }
            Some(known) => (format!("`{name}` is no element of a policy"), format!("write `{known}`")),
            None => {
                let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                let message = format!("`{name}` is no element of a policy");
                (message, format!("remove it; what may stand here is {}", names.join(", ")))
            }
        };
        self.refuse(entry.key_span, message, help);
        nearest
    }
}

/// The strings of a statement in which IAM looks for variables.
fn variable_texts(statement: &Statement) -> impl Iterator<Item = &Text> {
    let resources = statement.resources.iter().flat_map(|resources| &resources.items);
    resources.chain(statement.tests.iter().flat_map(|test| &test.values))
}

fn mentions(text: &Text, word: &str) -> bool {
    text.scalar.parts.iter().any(|part| matches!(part, Part::Known(known) if known.contains(word)))
}

fn sid_span(document: &Node, statement: &Statement) -> Option<crate::source::Span> {
    let statements = document.get("Statement")?;
    let items = statements.as_list().unwrap_or_else(|| std::slice::from_ref(statements));
    let at = items.partition_point(|item| item.span.start < statement.place.span.start);
    let sid = items.get(at)?.get("Sid")?;
    (sid.as_text() == statement.sid.as_deref()).then_some(sid.span)
}

/// The reason for a part that is missing or written wrongly: what it would have been is nobody's guess.
fn malformed(name: &str) -> Box<Unknown> {
    Box::new(Unknown { name: name.to_owned(), reason: "is missing or malformed".to_owned(), form: Form::Anything })
}

//! Merges documents as the provider does, its traps included.
//!
//! Follows `aws_iam_policy_document` of the AWS provider, as executed with its versions 4 to 6: a statement with a `Sid`
//! that is there already takes the place of the other; the newest `Version` wins; a condition on a bare number is lost.

use crate::source::Span;
use crate::tree::{Entry, Node, Parts, Scalar, Style, Unknown, Value};

/// A document in the making.
#[derive(Default)]
pub(super) struct Merged {
    pub(super) version: Option<Scalar>,
    pub(super) id: Option<String>,
    /// Maps of elements, or an unknown value for what may be any number of statements.
    pub(super) statements: Vec<Node>,
}

impl Merged {
    /// A document in JSON as the provider reads it; `None` where it refuses it.
    pub(super) fn read(document: &Node) -> Option<Self> {
        document.as_map()?;
        let text = |key: &str| document.get(key).and_then(Node::as_text);
        let statements = match document.get("Statement") {
            Some(node) => node.as_list()?.iter().map(read_statement).collect::<Option<Vec<_>>>()?,
            None => Vec::new(),
        };
        let version = text("Version").map(|version| Scalar::known(version, Style::Quoted));
        Some(Self { version, id: text("Id").map(str::to_owned), statements })
    }

    /// Appends a source document; the provider refuses a `Sid` that comes twice, and so will IAM.
    pub(super) fn add(&mut self, other: Self) {
        self.take_head(other.version, other.id);
        self.statements.extend(other.statements);
    }

    /// Appends a document of which nothing is known.
    pub(super) fn add_unknown(&mut self, unknown: Unknown) {
        self.statements.push(node(Value::Unknown(unknown)));
    }

    /// Takes another document over this one: its statements replace those of the same `Sid`.
    pub(super) fn replace(&mut self, other: Self) {
        self.take_head(other.version, other.id);
        for statement in other.statements {
            let sid = sid(&statement).filter(|sid| !sid.is_empty());
            let same = sid.and_then(|sid| self.statements.iter().position(|it| self::sid(it) == Some(sid)));
            match same.and_then(|at| self.statements.get_mut(at)) {
                Some(place) => *place = statement,
                None => self.statements.push(statement),
            }
        }
    }

    fn take_head(&mut self, version: Option<Scalar>, id: Option<String>) {
        let newer = match (&self.version, &version) {
            (Some(own), Some(other)) => match (own.as_text(), other.as_text()) {
                (Some(own), Some(other)) => other > own,
                // One that is not known cannot be older than the newest.
                (own, _) => own != Some("2012-10-17"),
            },
            (None, other) => other.is_some(),
            (_, None) => false,
        };
        if newer {
            self.version = version;
        }
        self.id = id.filter(|id| !id.is_empty()).or(self.id.take());
    }

    /// The document as a value tree, its spans still to be filled in.
    pub(super) fn into_node(self) -> Node {
        let mut entries = Vec::new();
        if let Some(version) = self.version.filter(|version| version.as_text() != Some("")) {
            entries.push(entry("Version", node(Value::Scalar(version))));
        }
        entries.extend(self.id.map(|id| entry("Id", text(id))));
        if !self.statements.is_empty() {
            entries.push(entry("Statement", node(Value::List(self.statements))));
        }
        node(Value::Map(entries))
    }
}

fn sid(statement: &Node) -> Option<&str> {
    statement.get("Sid").and_then(Node::as_text)
}

/// A statement of a source document: only what the provider keeps of it.
fn read_statement(statement: &Node) -> Option<Node> {
    const PLAIN: [&str; 2] = ["Sid", "Effect"];
    const LISTS: [&str; 4] = ["Action", "NotAction", "Resource", "NotResource"];
    statement.as_map()?;
    let mut entries = Vec::new();
    for key in PLAIN {
        let value = statement.get(key).and_then(Node::as_text).filter(|it| !it.is_empty());
        entries.extend(value.map(|value| entry(key, text(value))));
    }
    for key in LISTS {
        let value = statement.get(key).filter(|value| !matches!(value.value, Value::Null));
        entries.extend(value.map(|value| entry(key, value.clone())));
    }
    for key in ["Principal", "NotPrincipal"] {
        let value = statement.get(key).filter(|value| !matches!(value.value, Value::Null));
        entries.extend(value.map(|value| entry(key, read_principals(value))));
    }
    if let Some(condition) = statement.get("Condition").filter(|it| !matches!(it.value, Value::Null)) {
        let condition = read_condition(condition)?;
        entries.extend(Some(condition).filter(|it| !it.is_empty()).map(|it| entry("Condition", node(Value::Map(it)))));
    }
    Some(node(Value::Map(entries)))
}

/// Any string for everybody comes out as `*`.
fn read_principals(principals: &Node) -> Node {
    if principals.as_text().is_some() { text("*") } else { principals.clone() }
}

/// The tests that the provider keeps: strings, lists of strings and booleans; a number is dropped without a word.
fn read_condition(condition: &Node) -> Option<Vec<Entry>> {
    let mut operators = Vec::new();
    for operator in condition.as_map()? {
        let mut tests = Vec::new();
        for test in operator.value.as_map()? {
            let value = match &test.value.value {
                Value::Scalar(scalar) if scalar.style == Style::Quoted => Some(test.value.clone()),
                Value::Scalar(scalar) => match scalar.as_text() {
                    Some(boolean @ ("true" | "false")) => Some(text(boolean)),
                    _ => None,
                },
                Value::List(items) => {
                    // The provider panics over anything but strings here.
                    let strings = |item: &Node| matches!(&item.value, Value::Scalar(it) if it.style == Style::Quoted);
                    items.iter().all(strings).then(|| Some(flattened(items.clone())))?
                }
                _ => None,
            };
            tests.extend(value.map(|value| entry(&test.key, value)));
        }
        if !tests.is_empty() {
            operators.push(entry(&operator.key, node(Value::Map(tests))));
        }
    }
    Some(operators)
}

/// A list of one item as the item.
pub(super) fn flattened(mut items: Vec<Node>) -> Node {
    match (items.len(), items.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            items.extend(last);
            node(Value::List(items))
        }
    }
}

/// A node that stands nowhere yet.
pub(super) fn node(value: Value) -> Node {
    Node { span: Span::default(), value }
}

/// A known string.
pub(super) fn text(text: impl Into<String>) -> Node {
    node(Value::Scalar(Scalar::known(text, Style::Quoted)))
}

/// A string with unknown parts.
pub(super) fn parts(parts: Parts) -> Node {
    node(Value::Scalar(Scalar { parts, style: Style::Quoted }))
}

/// A key with its value.
pub(super) fn entry(key: &str, value: Node) -> Entry {
    Entry { key: key.to_owned(), key_span: Span::default(), value }
}

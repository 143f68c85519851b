//! Evaluates intrinsic functions: a value tree in, a value tree without functions out, each node with the text it came from.
//!
//! What a deployment alone settles becomes unknown text in the middle of known text. A result stands where its expression
//! stands, except that the branch of an `Fn::If` keeps its own place.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use super::accounts::Home;
use super::choices::{Choices, Reach};
use super::exports::IMPORT;
use super::stacks::Around;
use super::template::Template;
use super::text::{self, Piece, Text, known, pieces, unknown, wholly_unknown};
use crate::extract::Settings;
use crate::source::Span;
use crate::tree::{Entry, Form, Node, Scalar, Style, Unknown, Value};

mod conditions;
pub(super) mod dynamic;
mod effort;
mod json_text;
mod lists;
mod mappings;
mod modules;
mod parameters;
mod patterns;
mod references;
mod rules;

pub(super) use conditions::Operand;
pub(super) use effort::{Effort, Total};
use patterns::Patterns;
pub(super) use references::name_property;

/// How much text functions may add to a template before it is taken for one that is made to grow.
const GROWTH: usize = 16 << 20;

/// The stack that a nested one gets its parameters from.
pub(super) trait Outer {
    /// The value that it passes for a parameter.
    fn value(&self, name: &str, purpose: Purpose) -> Option<Value>;
    /// The same as an operand of a condition.
    fn operand(&self, name: &str) -> Option<Operand>;
    /// Whether its template, or one around it, is that of a file.
    fn stands_in(&self, file: &str) -> bool;
}

/// What a value is evaluated for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Purpose {
    /// To stand in the template, where a deployment is taken to keep the default of a parameter.
    Text,
    /// To look something up in a mapping, which has a row for each value that the template provides for.
    Key,
    /// To be compared in a condition, where a default is one value among others.
    Condition,
}

/// Evaluates the functions of one template.
///
/// One resolver is one deployment: what its choices leave open is unknown.
pub(super) struct Resolver<'a> {
    pub(super) template: &'a Template<'a>,
    pub(super) settings: &'a Settings,
    pub(super) choices: Rc<Choices>,
    /// The account that the template is deployed to.
    pub(super) home: Home<'a>,
    /// The stack that this one is within.
    pub(super) outer: Option<&'a dyn Outer>,
    /// What stands before the names of this stack among those of all: empty for the outermost.
    pub(super) prefix: &'a str,
    /// How many stacks are around this one.
    pub(super) depth: usize,
    /// Whether the template is that of a module, whose parameters are held to no constraints.
    pub(super) is_module: bool,
    /// What stands before the names of a stack set that this stack is in, whose accounts and regions are other ones.
    pub(super) elsewhere: Option<&'a str>,
    /// Where the template lies; `None` where stacks within it are not followed.
    pub(super) around: Option<Around<'a>>,
    purpose: Cell<Purpose>,
    held: RefCell<HashMap<String, Option<bool>>>,
    patterns: Patterns,
    growth: Cell<usize>,
    references: RefCell<HashMap<String, Scalar>>,
    pub(super) effort: Rc<Effort>,
}

impl<'a> Resolver<'a> {
    /// A resolver for a template in the deployment that the choices make.
    pub(super) fn new(
        template: &'a Template<'a>,
        settings: &'a Settings,
        choices: Rc<Choices>,
        home: Home<'a>,
    ) -> Self {
        Self {
            template,
            settings,
            choices,
            home,
            outer: None,
            prefix: "",
            depth: 0,
            is_module: false,
            elsewhere: None,
            around: None,
            purpose: Cell::new(Purpose::Text),
            held: RefCell::default(),
            patterns: Patterns::default(),
            growth: Cell::new(0),
            references: RefCell::default(),
            effort: Rc::default(),
        }
    }

    /// A resolver for a template with every parameter at its default and every condition open.
    pub(super) fn at_defaults(template: &'a Template<'a>, settings: &'a Settings) -> Self {
        Self::new(
            template,
            settings,
            Rc::new(Choices::new(Reach::Defaults, Vec::new())),
            Home::OneOf { ids: &[], likely: None },
        )
    }

    /// The same for a template that lies here, and may use others.
    pub(super) fn near(self, around: Around<'a>) -> Self {
        Self { around: Some(around), ..self }
    }

    /// Evaluates for a purpose, unless what is around it has one that says more.
    pub(super) fn with_purpose<T>(&self, purpose: Purpose, evaluate: impl FnOnce(&Self) -> T) -> T {
        let outer = self.purpose.get();
        self.purpose.set(purpose.max(outer));
        let value = evaluate(self);
        self.purpose.set(outer);
        value
    }

    /// The value with all functions evaluated; `None` where `AWS::NoValue` removes it.
    pub(super) fn resolve(&self, node: &Node) -> Option<Node> {
        if let Some((name, argument)) = node.as_function()
            && name != "Condition"
        {
            return self.function(node, name, argument);
        }
        let value = match &node.value {
            Value::List(items) => Value::List(items.iter().filter_map(|item| self.resolve(item)).collect()),
            // What the transform adds or changes beside the other keys is not known.
            Value::Map(entries) => match entries.iter().find(|entry| writes_its_siblings(&entry.key)) {
                Some(writer) => Value::Unknown(unevaluated(&writer.key, &writer.value)),
                None => Value::Map(entries.iter().filter_map(|entry| self.entry(entry)).collect()),
            },
            other => dynamic::with_references_unknown(other.clone()),
        };
        Some(Node { span: node.span, value })
    }

    /// The text of a value; unknown where it is not text.
    pub(super) fn text(&self, node: &Node) -> Scalar {
        let mut text = Text::default();
        if let Some(resolved) = self.resolve(node) {
            text.push_node(&resolved);
        }
        text.finish()
    }

    fn entry(&self, entry: &Entry) -> Option<Entry> {
        let value = self.resolve(&entry.value)?;
        Some(Entry { key: entry.key.clone(), key_span: entry.key_span, value })
    }

    fn function(&self, node: &Node, name: &str, argument: &Node) -> Option<Node> {
        let value = match name {
            "Fn::If" => return self.branch(node, argument),
            "Ref" if argument.as_text() == Some("AWS::NoValue") => return None,
            "Ref" => self.reference(argument, node.span),
            "Fn::GetAtt" => Value::Scalar(self.attribute(argument)),
            "Fn::Sub" => Value::Scalar(self.substitute(argument)),
            "Fn::Join" => Value::Scalar(self.join(argument)),
            "Fn::Split" => self.split(argument, node.span),
            "Fn::Select" => self.select(argument),
            "Fn::FindInMap" => self.find_in_map(argument, node.span),
            "Fn::Base64" => Value::Scalar(self.base64(argument)),
            "Fn::Length" => self.length(argument),
            "Fn::ToJsonString" => Value::Scalar(self.json_text(argument)),
            "Fn::GetAZs" => Value::Unknown(made_by_region(name, "zones")),
            "Fn::Cidr" => Value::Unknown(made_by_region(name, "blocks of addresses")),
            IMPORT => Value::Scalar(self.import(argument)),
            _ => Value::Unknown(unevaluated(name, argument)),
        };
        let value = dynamic::with_references_unknown(value);
        Some(self.bounded(Node { span: node.span, value }, name))
    }

    /// The node, unless functions have added too much text by now.
    fn bounded(&self, node: Node, name: &str) -> Node {
        let growth = self.growth.get().saturating_add(text::weight(&node));
        self.growth.set(growth);
        if growth <= GROWTH {
            return node;
        }
        let reason = "is not evaluated, because the functions of this template make too much text";
        Node { span: node.span, value: Value::Unknown(unknown(name, reason, Form::Anything)) }
    }

    fn branch(&self, node: &Node, argument: &Node) -> Option<Node> {
        let Some([condition, then, otherwise]) = argument.as_list() else {
            return Some(Node { span: node.span, value: Value::Unknown(malformed("Fn::If")) });
        };
        let name = condition.as_text().unwrap_or_default();
        match self.holds(name) {
            Some(true) => return self.resolve(then),
            Some(false) => return self.resolve(otherwise),
            None => {}
        }
        match (self.resolve(then), self.resolve(otherwise)) {
            (None, None) => None,
            (Some(then), Some(otherwise)) if text::same(&then, &otherwise) => Some(then),
            _ => {
                let reason = match self.choices.reach() {
                    Reach::Nothing => format!(
                        "depends on the condition `{name}`, and there are too many combinations to judge each of them"
                    ),
                    _ => format!("depends on the condition `{name}`"),
                };
                let value = unknown(format!("Fn::If {name}"), reason, Form::Anything);
                Some(Node { span: node.span, value: Value::Unknown(value) })
            }
        }
    }

    fn substitute(&self, argument: &Node) -> Scalar {
        let (template, variables) = match argument.as_list() {
            Some([template, variables]) => (template.as_text(), Some(variables)),
            Some([template]) => (template.as_text(), None),
            _ => (argument.as_text(), None),
        };
        let Some(template) = template else { return wholly_unknown(malformed("Fn::Sub")) };
        let mut result = Text::default();
        let mut given: HashMap<&str, Scalar> = HashMap::new();
        for piece in pieces(template) {
            match piece {
                Piece::Literal(text) => result.push(text),
                Piece::Escaped(name) => {
                    result.push("${");
                    result.push(name);
                    result.push("}");
                }
                Piece::Variable(name) => match variables.and_then(|variables| variables.get(name)) {
                    Some(value) => {
                        result.push_scalar(given.entry(name).or_insert_with(|| self.text(value)));
                    }
                    None => result.push_scalar(&self.variable(name)),
                },
            }
            if result.weight() > GROWTH {
                return wholly_unknown(unknown("Fn::Sub", "makes too much text", Form::Anything));
            }
        }
        result.finish()
    }

    /// What `${name}` stands for in `Fn::Sub`: `Ref` of a name, or `Fn::GetAtt` of a name with a point.
    fn variable(&self, name: &str) -> Scalar {
        match name.split_once('.') {
            Some((logical_id, attribute)) => self.attribute_of(logical_id, attribute),
            None => {
                let mut text = Text::default();
                text.push_node(&Node { span: Span::default(), value: self.reference_to(name, Span::default()) });
                text.finish()
            }
        }
    }

    fn import(&self, argument: &Node) -> Scalar {
        let export = self.text(argument);
        let around = self.around.filter(|_| self.elsewhere.is_none());
        let exports = around.and_then(|around| Some((around.templates.exports()?, around.source)));
        let found = exports.map(|(exports, source)| exports.value(source, self.settings, (argument, &export)));
        let reason = match found {
            Some(Ok(value)) => return value.clone(),
            Some(Err(reason)) => reason,
            None => "is imported from another stack",
        };
        let name = match export.as_text() {
            Some(export) => format!("{IMPORT} {export}"),
            None => IMPORT.to_owned(),
        };
        wholly_unknown(unknown(name, reason, Form::Anything))
    }

    fn base64(&self, argument: &Node) -> Scalar {
        match self.text(argument).as_text() {
            Some(text) => known(&base64(text.as_bytes())),
            None => wholly_unknown(unknown("Fn::Base64", "encodes text that is not known", Form::Anything)),
        }
    }
}

/// A value that a function would give if its arguments were as documented.
fn malformed(function: &str) -> Unknown {
    unknown(function, "does not have the arguments that the function takes", Form::Anything)
}

/// A list that no policy is made of.
fn made_by_region(function: &str, what: &str) -> Unknown {
    unknown(function, format!("is a list of {what}, which the deployment makes"), Form::Anything)
}

fn unevaluated(function: &str, argument: &Node) -> Unknown {
    let (name, reason) = match argument.get("Name").and_then(Node::as_text) {
        _ if function.starts_with("Fn::ForEach") => {
            ("Fn::ForEach".to_owned(), "is a loop over what is not known before the deployment".to_owned())
        }
        Some(name) if function == "Fn::Transform" => {
            (format!("{function} {name}"), "is written by a macro, whose result only a deployment has".to_owned())
        }
        _ if function == "Fn::Transform" => {
            (function.to_owned(), "is written by a macro, whose result only a deployment has".to_owned())
        }
        _ => (function.to_owned(), "is no function of CloudFormation that gives a value".to_owned()),
    };
    unknown(name, reason, Form::Anything)
}

/// Whether a key stands for further keys beside it.
fn writes_its_siblings(key: &str) -> bool {
    key == "Fn::Transform" || key.starts_with("Fn::ForEach::")
}

/// A list item that stands where the expression stands that makes it.
fn item(text: &str, span: Span) -> Node {
    Node { span, value: Value::Scalar(Scalar::known(text, Style::Quoted)) }
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |bits: u32| ALPHABET.get((bits & 63) as usize).map_or('=', |&byte| char::from(byte));
    let mut encoded = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, &byte| bits << 8 | u32::from(byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let filled = place <= chunk.len();
            encoded.push(if filled { digit(bits >> (18 - 6 * place)) } else { '=' });
        }
    }
    encoded
}

#[cfg(test)]
mod tests;

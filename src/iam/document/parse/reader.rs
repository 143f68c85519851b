//! What all readers of a document's parts share: places, problems, and lists of strings.

use std::collections::HashSet;
use std::sync::Arc;

use smallvec::smallvec;

use crate::iam::document::{Grammar, Problem, Text, spelling};
use crate::source::{Place, Source, Span};
use crate::tree::{Entry, Form, Node, Part, Scalar, Style, Unknown, Value};

/// Suggestions cost time, and nobody reads more of them than this.
const SUGGESTIONS: usize = 32;

/// Reads parts of one document and collects what is wrong with them.
pub(super) struct Reader<'a> {
    source: &'a Arc<Source>,
    pub(super) grammar: Grammar,
    pub(super) problems: Vec<Problem>,
    suggestions: usize,
}

/// A string or list of strings.
#[derive(Default)]
pub(super) struct Texts {
    pub(super) items: Vec<Text>,
    /// Set where there may be more items than those above.
    pub(super) unknown: Option<Box<Unknown>>,
    /// Whether it was written as an empty list.
    pub(super) empty: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(source: &'a Arc<Source>, grammar: Grammar) -> Self {
        Self { source, grammar, problems: Vec::new(), suggestions: SUGGESTIONS }
    }

    pub(super) fn place(&self, span: Span) -> Place {
        Place::new(self.source, span)
    }

    /// Notes something that IAM refuses the document for.
    pub(super) fn refuse(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.note(true, span, message.into(), help.into());
    }

    /// Notes something that IAM takes, but reads otherwise than it looks.
    pub(super) fn warn(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.note(false, span, message.into(), help.into());
    }

    fn note(&mut self, refused: bool, span: Span, message: String, help: String) {
        self.problems.push(Problem { message, help, refused, place: self.place(span) });
    }

    /// Whether there is still time for another suggestion.
    pub(super) fn may_suggest(&mut self) -> bool {
        self.suggestions = self.suggestions.saturating_sub(1);
        self.suggestions > 0
    }

    /// The name of the list that a misspelt one was probably meant to be.
    pub(super) fn nearest(&mut self, name: &str, names: &[&'static str]) -> Option<&'static str> {
        if self.may_suggest() { spelling::nearest(name, names.iter().copied()) } else { None }
    }

    /// Refuses keys that stand more than once in a map.
    pub(super) fn repeated_keys(&mut self, entries: &[Entry]) {
        const FEW: usize = 8;
        let mut seen = HashSet::new();
        for (at, entry) in entries.iter().enumerate() {
            let is_repeated = if entries.len() <= FEW {
                entries.iter().take(at).any(|before| before.key == entry.key)
            } else {
                !seen.insert(entry.key.as_str())
            };
            if is_repeated {
                self.refuse(
                    entry.key_span,
                    format!(
                        "`{}` stands more than once here: IAM refuses the policy, and most tools keep only the last one",
                        shown(&entry.key)
                    ),
                    format!("merge what stands under the two `{}` into one", shown(&entry.key)),
                );
            }
        }
    }

    /// Reads a string or a list of strings.
    pub(super) fn texts(&mut self, node: &Node, element: &str) -> Texts {
        let mut texts = Texts::default();
        match &node.value {
            Value::List(items) => {
                texts.empty = items.is_empty();
                texts.items.reserve_exact(items.len());
                for item in items {
                    self.text(item, element, &mut texts);
                }
            }
            _ => {
                texts.items.reserve_exact(1);
                self.text(node, element, &mut texts);
            }
        }
        texts
    }

    fn text(&mut self, node: &Node, element: &str, texts: &mut Texts) {
        let place = self.place(node.span);
        match unknown(node) {
            // A single string without wildcards, which only lacks its letters.
            Some(unknown) if matches!(unknown.form, Form::Identifier | Form::Distinct) => {
                let scalar = Scalar { parts: smallvec![Part::Unknown(unknown)], style: Style::Quoted };
                texts.items.push(Text { scalar, place });
            }
            Some(unknown) => texts.unknown = texts.unknown.take().or(Some(unknown)),
            None => match &node.value {
                Value::Scalar(scalar) => texts.items.push(Text { scalar: scalar.clone(), place }),
                _ => self.refuse(
                    node.span,
                    format!("`{}` holds {}, where IAM takes only strings", shown(element), node.kind()),
                    "write a string or a list of strings",
                ),
            },
        }
    }
}

/// Why a node's value is not known: the tree says so, or it is a CloudFormation function that nobody has resolved.
pub(super) fn unknown(node: &Node) -> Option<Box<Unknown>> {
    if let Value::Unknown(unknown) = &node.value {
        return Some(Box::new(unknown.clone()));
    }
    let (function, argument) = node.as_function().filter(|(function, _)| *function != "Condition")?;
    Some(function_call(function, argument))
}

/// A CloudFormation function that nobody has resolved.
pub(super) fn function_call(function: &str, argument: &Node) -> Box<Unknown> {
    let name = argument.as_text().map_or_else(|| function.to_owned(), |text| format!("{function} {}", shown(text)));
    Box::new(Unknown { name, reason: "is not known before the deployment".to_owned(), form: Form::Anything })
}

/// A name as messages show it: without line breaks, and not longer than a line.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 80;
    let mut shown: String = text.chars().take(LONGEST).map(|it| if it.is_control() { ' ' } else { it }).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}

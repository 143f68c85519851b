//! Follows the way that a part of a policy document has in the document through the expressions that make the document:
//! `jsonencode` of an object, a heredoc, a local, an input of a module, a data source.
//!
//! Only what is certain is followed. Where an expression may give one thing or another, the way ends at the expression.

use std::sync::Arc;

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression as Native, FuncCall, Object, ObjectKey, Traversal, TraversalOperator};
use hcl_edit::template::{Element, Template};

use super::Step;
use crate::checkout::{Attribute, Block, Checkout, Expression, span};
use crate::source::{Place, Source, Span};
use crate::terraform::address;
use crate::tree::{Node, json};

mod data;

/// A part of a document, on its way.
#[derive(Clone, Copy)]
pub(super) struct Trail<'t> {
    pub(super) checkout: &'t Checkout,
    /// The whole document.
    pub(super) document: &'t Node,
    /// The steps from its top to the part.
    pub(super) steps: &'t [Step],
    /// The part.
    pub(super) target: &'t Node,
}

/// What was written for a part.
pub(super) struct Written {
    pub(super) place: Place,
    /// Whether it is the part, or a part that holds it and no less than its statement.
    pub(super) is_exact: bool,
    /// The module whose files hold it.
    pub(super) module: String,
}

/// An expression in its file and module.
#[derive(Clone, Copy)]
struct Here<'t> {
    source: &'t Arc<Source>,
    module: &'t str,
    /// The whole of what holds the expression, where the way ends if it cannot be followed.
    around: Span,
}

/// How often a way may lead from one block to another.
const DEEPEST: u32 = 16;

/// The steps to a statement: `Statement` and its number.
const STATEMENT: usize = 2;

impl<'t> Trail<'t> {
    /// Follows the way from an attribute of a resource, as `policy` or `inline_policy[0].policy`.
    pub(super) fn in_attribute(&self, block: &Block<'t>, module: &str, attribute: &str) -> Option<Written> {
        let mut block = *block;
        let mut path = attribute;
        while let Some((outer, inner)) = path.split_once('.') {
            let (name, _) = outer.split_once('[').unwrap_or((outer, ""));
            let blocks = block.blocks_and_dynamic(name);
            // A plan has the blocks of a set in an order of its own.
            let [(only, is_dynamic)] = blocks.as_slice() else { return None };
            block = *only;
            if *is_dynamic {
                let content = block.blocks("content");
                block = *content.first()?;
            }
            path = inner;
        }
        self.attribute(&block.attribute(path)?, module, 0, 0)
    }

    /// Follows the rest of the way, after `taken` steps, into the value of an attribute.
    fn attribute(&self, attribute: &Attribute<'t>, module: &str, taken: usize, depth: u32) -> Option<Written> {
        let here = Here { source: attribute.source, module, around: attribute.span };
        match attribute.value {
            Expression::Native(native) => self.native(native, here, taken, depth),
            Expression::Json(node) => {
                let inside = node.as_text()?.strip_prefix("${")?.strip_suffix('}')?;
                let followed = match hcl_edit::parser::parse_expr(inside) {
                    Ok(Native::Traversal(traversal)) => self.names(&names(&traversal)?, here, taken, depth),
                    _ => None,
                };
                followed.or_else(|| Some(self.end(here, taken)))
            }
        }
    }

    fn native(&self, native: &'t Native, here: Here<'t>, taken: usize, depth: u32) -> Option<Written> {
        let here = if taken > 0 { Here { around: span(native.span()), ..here } } else { here };
        let step = self.steps.get(taken);
        match (native, step) {
            (Native::Parenthesis(inner), _) => self.native(inner.inner(), here, taken, depth),
            (Native::FuncCall(call), _) => self.call(call, here, taken, depth),
            (Native::Traversal(traversal), _) => {
                let followed = names(traversal).and_then(|names| self.names(&names, here, taken, depth));
                followed.or_else(|| Some(self.end(here, taken)))
            }
            (Native::HeredocTemplate(heredoc), _) => Some(self.template(&heredoc.template, here, taken)),
            (Native::Object(object), Some(Step::Key(key))) => self.object(object, key, here, taken, depth),
            (Native::Array(array), Some(Step::Index(index))) => match array.get(*index) {
                Some(item) => self.native(item, here, taken + 1, depth),
                None => Some(self.end(here, taken)),
            },
            // All items of a list that is made of another one are made by the same expression.
            (Native::ForExpr(each), Some(Step::Index(_))) if each.key_expr.is_none() => {
                self.native(&each.value_expr, here, taken + 1, depth)
            }
            _ => Some(self.end(here, taken)),
        }
    }

    fn object(&self, object: &'t Object, key: &str, here: Here<'t>, taken: usize, depth: u32) -> Option<Written> {
        let is_named = |name: &ObjectKey| match name {
            ObjectKey::Ident(ident) => ident.as_str() == key,
            ObjectKey::Expression(expression) => expression.as_str() == Some(key),
        };
        let Some((name, value)) = object.iter().find(|(name, _)| is_named(name)) else {
            return Some(self.end(here, taken));
        };
        if taken + 1 == self.steps.len() {
            let name = match name {
                ObjectKey::Ident(ident) => ident.span(),
                ObjectKey::Expression(expression) => expression.span(),
            };
            return Some(self.end(Here { around: span(name).join(span(value.expr().span())), ..here }, taken + 1));
        }
        self.native(value.expr(), here, taken + 1, depth)
    }

    /// Functions that hand on what they are given.
    fn call(&self, call: &'t FuncCall, here: Here<'t>, taken: usize, depth: u32) -> Option<Written> {
        let arguments: Vec<&Native> = call.args.iter().collect();
        match (call.name.name.as_str(), arguments.as_slice(), self.steps.get(taken)) {
            ("jsonencode" | "tolist" | "sensitive" | "nonsensitive", [only], _) => {
                self.native(only, here, taken, depth)
            }
            ("concat", lists, Some(Step::Index(index))) => {
                let length = self.value_at(taken).and_then(Node::as_list).map(<[Node]>::len);
                match concatenated(lists, *index, length) {
                    Some(item) => self.native(item, here, taken + 1, depth),
                    None => Some(self.end(here, taken)),
                }
            }
            _ => Some(self.end(here, taken)),
        }
    }

    /// Follows a name to what it stands for.
    fn names(&self, names: &[String], here: Here<'t>, taken: usize, depth: u32) -> Option<Written> {
        if depth > DEEPEST {
            return None;
        }
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        match names.as_slice() {
            ["local", name] => {
                let local = self.checkout.local(here.module, name)?;
                self.named(&local, here.module, taken, depth)
            }
            ["var", name] => {
                let (parent, call) = address::module_call(here.module)?;
                let call = self.checkout.block_in(parent, &format!("module.{}", call.name)).ok()?;
                self.named(&call.attribute(name)?, parent, taken, depth)
            }
            ["data", "aws_iam_policy_document", name, ..] if taken == 0 => {
                let block = self.checkout.block_in(here.module, &format!("data.aws_iam_policy_document.{name}"));
                self.in_data(&block.ok()?, here.module)
            }
            _ => None,
        }
    }

    /// Follows the way into a named value; a document as a whole is where the name is used.
    fn named(&self, attribute: &Attribute<'t>, module: &str, taken: usize, depth: u32) -> Option<Written> {
        let written = self.attribute(attribute, module, taken, depth + 1)?;
        written.is_exact.then_some(written)
    }

    /// A document that is spelled out as text.
    fn template(&self, template: &Template, here: Here<'_>, taken: usize) -> Written {
        let found = spelled(template, here.source).and_then(|document| {
            let mut node = &document;
            let mut around = document.span;
            let mut at = taken;
            for step in self.steps.get(taken..)? {
                let next = match step {
                    Step::Key(key) => {
                        node.entry(key).map(|entry| (entry.key_span.join(entry.value.span), &entry.value))
                    }
                    Step::Index(index) => node.as_list()?.get(*index).map(|item| (item.span, item)),
                };
                let Some(next) = next else { break };
                (around, node) = next;
                at += 1;
            }
            (at > taken).then_some((around, at))
        });
        match found {
            Some((around, at)) => self.end(Here { around, ..here }, at),
            None => self.end(here, taken),
        }
    }

    /// The end of the way.
    fn end(&self, here: Here<'_>, taken: usize) -> Written {
        let is_exact = taken >= self.steps.len() || taken >= STATEMENT;
        Written { place: Place::new(here.source, here.around), is_exact, module: here.module.to_owned() }
    }

    /// The value in the document after some steps.
    fn value_at(&self, taken: usize) -> Option<&'t Node> {
        self.steps.get(..taken)?.iter().try_fold(self.document, |node, step| match step {
            Step::Key(key) => node.get(key),
            Step::Index(index) => node.as_list()?.get(*index),
        })
    }
}

/// The item of some lists one after the other, where those that are not spelled out do not stand in the way.
fn concatenated<'t>(lists: &[&'t Native], index: usize, length: Option<usize>) -> Option<&'t Native> {
    let from = |lists: &mut dyn Iterator<Item = &&'t Native>, mut index: usize, is_back: bool| {
        for list in lists {
            let array = list.as_array()?;
            if index < array.len() {
                return array.get(if is_back { array.len() - 1 - index } else { index });
            }
            index -= array.len();
        }
        None
    };
    let back = || length?.checked_sub(index + 1);
    from(&mut lists.iter(), index, false).or_else(|| from(&mut lists.iter().rev(), back()?, true))
}

/// The names of a traversal, without the keys of instances: `data.aws_iam_policy_document.a[0].json`.
fn names(traversal: &Traversal) -> Option<Vec<String>> {
    let Native::Variable(first) = &traversal.expr else { return None };
    let mut names = vec![first.as_str().to_owned()];
    for operator in &traversal.operators {
        match operator.value() {
            TraversalOperator::GetAttr(name) => names.push(name.as_str().to_owned()),
            TraversalOperator::Index(_) if names.first().is_some_and(|first| first == "data") => {}
            _ => return None,
        }
    }
    Some(names)
}

/// The document in a text whose every part stands in the file as it is read, with what is put in for a value taken for a
/// number.
fn spelled(template: &Template, source: &Source) -> Option<Node> {
    let mut text = String::new();
    let mut base = None;
    for element in template.iter() {
        let part = span(element.span());
        base.get_or_insert(part.start);
        match element {
            Element::Literal(_) => text.push_str(source.slice(part)),
            // As long as it was, so that what follows stays in its place; inside a string and outside it does as well.
            Element::Interpolation(_) => text.extend(std::iter::repeat_n('1', part.len())),
            Element::Directive(_) => return None,
        }
    }
    json::parse_text(&text, base?).ok()
}

//! What the expressions in Terraform's files come to, as far as a plan settles it: what it leaves open stays an unknown part
//! in its place, under the name that would settle it.
//!
//! Nothing is run, and no error is raised: an expression or function that is not known here is an unknown part. Files are
//! input, so that steps, depth and size are bounded.

use hcl_edit::expr::{BinaryOperator, Conditional, Expression as Native, ForExpr, Object, ObjectKey, UnaryOperator};

use super::block::{Attribute, Block, Expression};
use super::{Checkout, Missing};
use crate::terraform::address;
use crate::tree::{Node, Value};
use budget::Budget;
use values::{boolean, is_known, list, map, number, quoted, same, truth, unknown};

mod budget;
mod functions;
mod json_text;
mod lists;
mod names;
mod plan;
mod template;
#[cfg(test)]
mod tests;
mod values;

pub(crate) use json_text::document;
pub(crate) use plan::Known;

/// Evaluates with what one plan knows.
#[derive(Clone, Copy)]
pub(crate) struct Evaluator<'e> {
    pub(crate) checkout: &'e Checkout,
    pub(crate) known: &'e Known,
}

/// Where an expression stands.
#[derive(Clone, Copy)]
struct Scope<'s> {
    /// The address of the module instance.
    module: &'s str,
    /// The block's instance key with its brackets; empty where it has none.
    key: &'s str,
    /// The block that the instance is one of.
    block: Option<Block<'s>>,
    /// The names that are bound around the expression.
    bound: Option<&'s Bound<'s>>,
    depth: u32,
}

/// A name bound to a value, and those that are bound around it.
struct Bound<'s> {
    name: &'s str,
    value: &'s Node,
    outer: Option<&'s Bound<'s>>,
}

/// One evaluation.
struct Run<'e> {
    evaluator: Evaluator<'e>,
    budget: Budget,
}

impl Evaluator<'_> {
    /// What an attribute of a resource instance comes to; a path such as `inline_policy[0].policy` leads through blocks.
    ///
    /// # Errors
    ///
    /// Why there is no expression to evaluate.
    pub(crate) fn attribute(&self, address: &str, attribute: &str) -> Result<Option<Node>, Missing> {
        let outer = self.checkout.block(address)?;
        let mut block = outer;
        let mut path = attribute;
        while let Some((step, rest)) = path.split_once('.') {
            let (name, _) = step.split_once('[').unwrap_or((step, ""));
            let blocks = block.blocks_and_dynamic(name);
            let [(only, false)] = blocks.as_slice() else { return Ok(None) };
            block = *only;
            path = rest;
        }
        let Some(attribute) = block.attribute(path.split('[').next().unwrap_or(path)) else { return Ok(None) };
        let run = Run { evaluator: *self, budget: Budget::default() };
        let module = address::module_of(address);
        let key = address::own_key(address);
        let scope = Scope { module: &module, key, block: Some(outer), bound: None, depth: 0 };
        Ok(Some(run.expression(&attribute, scope)))
    }
}

impl<'s> Scope<'s> {
    fn deeper(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }

    /// The value that a name is bound to.
    fn bound(&self, name: &str) -> Option<&'s Node> {
        let mut next = self.bound;
        while let Some(bound) = next {
            if bound.name == name {
                return Some(bound.value);
            }
            next = bound.outer;
        }
        None
    }
}

impl Run<'_> {
    /// The value of an attribute.
    fn expression(&self, attribute: &Attribute<'_>, scope: Scope<'_>) -> Node {
        match attribute.value {
            Expression::Native(native) => self.native(native, scope),
            Expression::Json(node) => self.json(node, scope),
        }
    }

    /// A value in JSON: every string is a template.
    fn json(&self, node: &Node, scope: Scope<'_>) -> Node {
        if let Some(spent) = self.budget.step(scope.depth) {
            return spent;
        }
        let scope = scope.deeper();
        match &node.value {
            Value::Scalar(scalar) if scalar.is_number_or_boolean() => Node { span: Default::default(), ..node.clone() },
            Value::Scalar(scalar) => match scalar.as_text().map(hcl_edit::parser::parse_template) {
                Some(Ok(template)) => self.template(&template, scope),
                _ => unknown("a template", "cannot be read"),
            },
            Value::List(items) => list(items.iter().map(|item| self.json(item, scope)).collect()),
            Value::Map(entries) => {
                map(entries.iter().map(|entry| (entry.key.clone(), self.json(&entry.value, scope))).collect())
            }
            _ => Node { span: Default::default(), ..node.clone() },
        }
    }

    fn native(&self, native: &Native, scope: Scope<'_>) -> Node {
        if let Some(spent) = self.budget.step(scope.depth) {
            return spent;
        }
        let scope = scope.deeper();
        match native {
            Native::Null(_) => values::null(),
            Native::Bool(value) => boolean(*value.value()),
            Native::Number(value) => number(value.value().to_string()),
            Native::String(value) => quoted(value.value().as_str()),
            Native::Array(array) => list(array.iter().map(|item| self.native(item, scope)).collect()),
            Native::Object(object) => self.object(object, scope),
            Native::StringTemplate(template) => self.template(template, scope),
            Native::HeredocTemplate(heredoc) => self.template(&heredoc.template, scope),
            Native::Parenthesis(inner) => self.native(inner.inner(), scope),
            Native::Variable(name) => match scope.bound(name.as_str()) {
                Some(value) => self.budget.copied(value),
                None => unknown(name.as_str(), "is a name that means nothing here"),
            },
            Native::Conditional(conditional) => self.conditional(conditional, scope),
            Native::FuncCall(call) => self.call(call, scope),
            Native::Traversal(traversal) => self.traversal(traversal, scope),
            Native::UnaryOp(operation) => {
                let value = self.native(&operation.expr, scope);
                match (operation.operator.value(), truth(&value), value.as_text()) {
                    (UnaryOperator::Not, Some(truth), _) => boolean(!truth),
                    (UnaryOperator::Neg, _, Some(text)) => number(format!("-{text}")),
                    _ => values::doubtful(&value, "an operation"),
                }
            }
            Native::BinaryOp(operation) => {
                let left = self.native(&operation.lhs_expr, scope);
                binary(*operation.operator.value(), &left, || self.native(&operation.rhs_expr, scope))
            }
            Native::ForExpr(each) => self.each(each, scope),
        }
    }

    fn object(&self, object: &Object, scope: Scope<'_>) -> Node {
        let mut entries = Vec::with_capacity(object.len());
        for (key, value) in object.iter() {
            let key = match key {
                ObjectKey::Ident(ident) => ident.as_str().to_owned(),
                ObjectKey::Expression(expression) => {
                    let key = self.native(expression, scope);
                    match key.as_text() {
                        Some(text) => text.to_owned(),
                        None => return values::doubtful(&key, "the key of an object"),
                    }
                }
            };
            entries.push((key, self.native(value.expr(), scope)));
        }
        map(entries)
    }

    fn conditional(&self, conditional: &Conditional, scope: Scope<'_>) -> Node {
        let condition = self.native(&conditional.cond_expr, scope);
        match truth(&condition) {
            Some(true) => self.native(&conditional.true_expr, scope),
            Some(false) => self.native(&conditional.false_expr, scope),
            None => {
                let (yes, no) =
                    (self.native(&conditional.true_expr, scope), self.native(&conditional.false_expr, scope));
                if is_known(&yes) && same(&yes, &no) { yes } else { values::doubtful(&condition, "a condition") }
            }
        }
    }

    /// A `for` expression.
    fn each(&self, each: &ForExpr, scope: Scope<'_>) -> Node {
        let collection = self.native(&each.intro.collection_expr, scope);
        let Some(items) = lists::pairs(&collection) else { return values::doubtful(&collection, "a collection") };
        let mut entries: Vec<(String, Node)> = Vec::new();
        let mut plain = Vec::new();
        let key_name = each.intro.key_var.as_ref().map_or("", |name| name.as_str());
        for (key, value) in items {
            let outer = Bound { name: key_name, value: &key, outer: scope.bound };
            let bound = Bound { name: each.intro.value_var.as_str(), value, outer: Some(&outer) };
            let scope = Scope { bound: Some(&bound), ..scope };
            if let Some(condition) = &each.cond {
                let condition = self.native(&condition.expr, scope);
                match truth(&condition) {
                    Some(true) => {}
                    Some(false) => continue,
                    None => return values::doubtful(&condition, "a condition"),
                }
            }
            let value = self.native(&each.value_expr, scope);
            let Some(key) = &each.key_expr else {
                plain.push(value);
                continue;
            };
            let key = self.native(key, scope);
            let Some(key) = key.as_text().filter(|_| !each.grouping) else {
                return values::doubtful(&key, "the key of an object");
            };
            entries.push((key.to_owned(), value));
        }
        if each.key_expr.is_some() { map(entries) } else { list(plain) }
    }
}

/// An operation on two values, of which the second is made only where the first does not decide.
fn binary(operator: BinaryOperator, left: &Node, right: impl FnOnce() -> Node) -> Node {
    match (operator, truth(left)) {
        (BinaryOperator::And, Some(false)) => return boolean(false),
        (BinaryOperator::Or, Some(true)) => return boolean(true),
        _ => {}
    }
    let right = right();
    match operator {
        BinaryOperator::And if truth(&right) == Some(false) => boolean(false),
        BinaryOperator::Or if truth(&right) == Some(true) => boolean(true),
        BinaryOperator::And | BinaryOperator::Or => match (truth(left), truth(&right)) {
            (Some(_), Some(last)) => boolean(last),
            (None, _) => values::doubtful(left, "a condition"),
            _ => values::doubtful(&right, "a condition"),
        },
        BinaryOperator::Eq | BinaryOperator::NotEq if is_known(left) && is_known(&right) => {
            boolean(same(left, &right) == (operator == BinaryOperator::Eq))
        }
        _ if !is_known(left) => values::doubtful(left, "an operation"),
        _ if !is_known(&right) => values::doubtful(&right, "an operation"),
        _ => arithmetic(operator, left, &right).unwrap_or_else(|| unknown("an operation", "cannot be done")),
    }
}

fn arithmetic(operator: BinaryOperator, left: &Node, right: &Node) -> Option<Node> {
    let (left, right): (f64, f64) = (left.as_text()?.parse().ok()?, right.as_text()?.parse().ok()?);
    let result = match operator {
        BinaryOperator::Less => return Some(boolean(left < right)),
        BinaryOperator::LessEq => return Some(boolean(left <= right)),
        BinaryOperator::Greater => return Some(boolean(left > right)),
        BinaryOperator::GreaterEq => return Some(boolean(left >= right)),
        BinaryOperator::Plus => left + right,
        BinaryOperator::Minus => left - right,
        BinaryOperator::Mul => left * right,
        BinaryOperator::Div => left / right,
        BinaryOperator::Mod => left % right,
        _ => return None,
    };
    result.is_finite().then(|| number(result.to_string()))
}

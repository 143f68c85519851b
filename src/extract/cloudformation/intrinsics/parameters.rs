//! Parameters, pseudo parameters and conditions: what one assignment of a template settles.

use super::{Resolver, item};
use crate::extract::cloudformation::text::{known, unknown, wholly_unknown};
use crate::source::Span;
use crate::tree::{Form, Node, Unknown, Value};

/// How deeply conditions may refer to each other; one that refers to itself ends here.
const CONDITION_DEPTH: usize = 8;

/// How many operands one condition may have in all, those of the conditions that it refers to included.
const CONDITION_OPERANDS: usize = 1000;

impl Resolver<'_> {
    /// The value of a parameter at its default; `None` where the template declares no parameter of this name.
    pub(super) fn parameter(&self, name: &str, span: Span) -> Option<Value> {
        let declaration = self.template.parameter(name)?;
        let type_name = declaration.get("Type").and_then(Node::as_text).unwrap_or("String");
        let default = declaration.get("Default").and_then(Node::as_text);
        let is_list = type_name.contains("List<") || type_name == "CommaDelimitedList";
        let not_known = |reason: &str| {
            let unknown = unknown(format!("Ref {name}"), reason, Form::Anything);
            if is_list { Value::Unknown(unknown) } else { Value::Scalar(wholly_unknown(unknown)) }
        };
        Some(match default {
            _ if type_name.starts_with("AWS::SSM::Parameter::Value<") => {
                not_known("is read from the Parameter Store at deployment")
            }
            None => not_known("is a parameter without a default"),
            Some("") if is_list => Value::List(Vec::new()),
            Some(default) if is_list => Value::List(default.split(',').map(|part| item(part.trim(), span)).collect()),
            Some(default) => Value::Scalar(known(default)),
        })
    }

    /// Whether a condition holds; `None` where that depends on more than constants.
    pub(super) fn holds(&self, name: &str) -> Option<bool> {
        self.condition(name, CONDITION_DEPTH, &mut CONDITION_OPERANDS.clone())
    }

    fn condition(&self, name: &str, depth: usize, operands: &mut usize) -> Option<bool> {
        self.evaluate(self.template.condition(name)?, depth.checked_sub(1)?, operands)
    }

    fn evaluate(&self, expression: &Node, depth: usize, left: &mut usize) -> Option<bool> {
        *left = left.checked_sub(1)?;
        let (name, argument) = expression.as_function()?;
        match (name, argument.as_list().unwrap_or_default()) {
            ("Condition", _) => self.condition(argument.as_text()?, depth, left),
            ("Fn::Equals", [first, second]) => Some(constant(first)? == constant(second)?),
            ("Fn::Not", [operand]) => self.evaluate(operand, depth, left).map(|holds| !holds),
            ("Fn::And", operands) => self.unanimous(operands, true, depth, left),
            ("Fn::Or", operands) => self.unanimous(operands, false, depth, left).map(|none| !none),
            _ => None,
        }
    }

    /// Whether all operands evaluate to `wanted`; one that does not settles it.
    fn unanimous(&self, operands: &[Node], wanted: bool, depth: usize, left: &mut usize) -> Option<bool> {
        let mut settled = true;
        for operand in operands {
            match self.evaluate(operand, depth, left) {
                Some(holds) if holds != wanted => return Some(false),
                Some(_) => {}
                None => settled = false,
            }
        }
        settled.then_some(true)
    }
}

/// The value of a pseudo parameter; `None` for any other name.
pub(super) fn pseudo_parameter(name: &str) -> Option<Value> {
    let scalar = match name {
        "AWS::Partition" => known("aws"),
        "AWS::URLSuffix" => known("amazonaws.com"),
        "AWS::NotificationARNs" => return Some(Value::Unknown(set_by_deployment(name))),
        _ if name.starts_with("AWS::") => wholly_unknown(set_by_deployment(name)),
        _ => return None,
    };
    Some(Value::Scalar(scalar))
}

fn set_by_deployment(name: &str) -> Unknown {
    unknown(name, "is settled by the deployment", Form::Identifier)
}

/// The text of an operand that no deployment can change.
fn constant(operand: &Node) -> Option<&str> {
    match operand.as_function() {
        Some(("Ref", name)) if name.as_text() == Some("AWS::Partition") => Some("aws"),
        Some(_) => None,
        None => operand.as_text(),
    }
}

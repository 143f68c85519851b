//! Templates: text with values put in, and parts that are repeated or left out.

use hcl_edit::template::{Directive, Element, Template};

use super::lists::pairs;
use super::values::{doubtful, node, truth};
use super::{Bound, Run, Scope};
use crate::tree::{Node, Text, Value};

impl Run<'_> {
    /// The text of a template; one that is nothing but a value is that value.
    pub(super) fn template(&self, template: &Template, scope: Scope<'_>) -> Node {
        let mut elements = template.iter();
        match (elements.next(), elements.next()) {
            (Some(Element::Interpolation(only)), None) => return self.native(&only.expr, scope),
            (Some(Element::Literal(only)), None) => return super::quoted(only.value().as_str()),
            _ => {}
        }
        let mut text = Text::default();
        match self.write(template, scope, &mut text) {
            Ok(()) => node(Value::Scalar(text.finish())),
            Err(open) => open,
        }
    }

    /// Appends a template; gives what it comes to instead where it cannot be told how long it is.
    fn write(&self, template: &Template, scope: Scope<'_>, text: &mut Text) -> Result<(), Node> {
        if let Some(spent) = self.budget.step(scope.depth) {
            return Err(spent);
        }
        let scope = scope.deeper();
        let elements: Vec<&Element> = template.iter().collect();
        for (at, element) in elements.iter().enumerate() {
            match element {
                Element::Literal(literal) => {
                    let before = at.checked_sub(1).and_then(|at| elements.get(at));
                    let mut known = literal.value().as_str();
                    if before.is_some_and(|before| strips(before).1) {
                        known = known.trim_start();
                    }
                    if elements.get(at + 1).is_some_and(|after| strips(after).0) {
                        known = known.trim_end();
                    }
                    self.charge(known.len())?;
                    text.push(known);
                }
                Element::Interpolation(inner) => {
                    let value = self.native(&inner.expr, scope);
                    self.charge(super::values::weight(&value))?;
                    text.push_node(&value);
                }
                Element::Directive(directive) => self.directive(directive, scope, text)?,
            }
        }
        Ok(())
    }

    fn directive(&self, directive: &Directive, scope: Scope<'_>, text: &mut Text) -> Result<(), Node> {
        match directive {
            Directive::If(choice) => {
                let condition = self.native(&choice.if_expr.cond_expr, scope);
                match (truth(&condition), &choice.else_expr) {
                    (Some(true), _) => self.write(&choice.if_expr.template, scope, text),
                    (Some(false), Some(other)) => self.write(&other.template, scope, text),
                    (Some(false), None) => Ok(()),
                    (None, _) => Err(doubtful(&condition, "a condition")),
                }
            }
            Directive::For(each) => {
                let each = &each.for_expr;
                let collection = self.native(&each.collection_expr, scope);
                let Some(items) = pairs(&collection) else { return Err(doubtful(&collection, "a collection")) };
                let key_name = each.key_var.as_ref().map_or("", |name| name.as_str());
                for (key, value) in items {
                    let outer = Bound { name: key_name, value: &key, outer: scope.bound };
                    let bound = Bound { name: each.value_var.as_str(), value, outer: Some(&outer) };
                    self.write(&each.template, Scope { bound: Some(&bound), ..scope }, text)?;
                }
                Ok(())
            }
        }
    }

    fn charge(&self, bytes: usize) -> Result<(), Node> {
        if self.budget.takes(bytes) {
            Ok(())
        } else {
            Err(self.budget.step(u32::MAX).unwrap_or_else(super::values::null))
        }
    }
}

/// Whether an element takes the white space away before and after it.
fn strips(element: &Element) -> (bool, bool) {
    match element {
        Element::Literal(_) => (false, false),
        Element::Interpolation(inner) => (inner.strip.strip_start(), inner.strip.strip_end()),
        Element::Directive(directive) => match &**directive {
            Directive::If(choice) => (choice.if_expr.strip.strip_start(), choice.endif_expr.strip.strip_end()),
            Directive::For(each) => (each.for_expr.strip.strip_start(), each.endfor_expr.strip.strip_end()),
        },
    }
}

//! Conditions of a template: what they compare, and whether they hold in the deployment that is evaluated.

use super::parameters::{ACCOUNT, REGION};
use super::{Purpose, Resolver};
use crate::extract::cloudformation::accounts::Home;
use crate::extract::cloudformation::text::{Piece, pieces};
use crate::tree::{Node, Part, Scalar};

/// How deeply conditions may refer to each other; one that refers to itself ends here.
const CONDITION_DEPTH: usize = 8;

/// The same for the functions of a rule.
pub(super) const RULE_DEPTH: usize = CONDITION_DEPTH;

/// How many operands one condition may have in all, those of the conditions that it refers to included.
const CONDITION_OPERANDS: usize = 1000;

/// The same for one rule.
pub(super) const RULE_OPERANDS: usize = CONDITION_OPERANDS;

/// What one side of an `Fn::Equals` is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::extract::cloudformation) enum Operand {
    /// Text that no deployment changes.
    Text(String),
    /// A parameter by the name that it has among all stacks, with all its values where they are listed.
    Variable {
        /// The name.
        name: String,
        /// The values.
        allowed: Vec<String>,
        /// The pattern that they match, where there is one.
        pattern: Option<String>,
    },
    /// The items of a list that is a parameter, put together: no text where the parameter is none.
    Items {
        /// The name of the parameter among all stacks.
        name: String,
        /// The expression, spelled so that equal things are spelled alike.
        spelled: String,
    },
    /// Something that is not known, spelled so that equal things are spelled alike.
    Open(String),
}

impl Resolver<'_> {
    /// Whether a condition holds; `None` where that is open and nothing is chosen.
    pub(in crate::extract::cloudformation) fn holds(&self, name: &str) -> Option<bool> {
        if let Some(known) = self.held.borrow().get(name) {
            return *known;
        }
        self.template.condition(name)?;
        let before = self.choices.dependent();
        let settled = self.with_purpose(Purpose::Condition, |resolver| {
            resolver.condition(name, CONDITION_DEPTH, &mut CONDITION_OPERANDS.clone())
        });
        let variable = self.variable_name(name);
        let holds = settled.or_else(|| self.choices.fact(&format!("condition {variable}")));
        if let Some(holds) = holds
            && self.choices.dependent() > before
        {
            self.choices.tell(&format!("condition {variable}"), &format!("`{variable}` is {holds}"));
        }
        self.held.borrow_mut().insert(name.to_owned(), holds);
        holds
    }

    fn condition(&self, name: &str, depth: usize, operands: &mut usize) -> Option<bool> {
        self.evaluate(self.template.condition(name)?, depth.checked_sub(1)?, operands)
    }

    pub(super) fn evaluate(&self, expression: &Node, depth: usize, left: &mut usize) -> Option<bool> {
        *left = left.checked_sub(1)?;
        let (name, argument) = expression.as_function()?;
        match (name, argument.as_list().unwrap_or_default()) {
            ("Condition", _) => self.condition(argument.as_text()?, depth, left),
            ("Fn::Equals", [first, second]) => self.equals(&self.operand(first), &self.operand(second)),
            ("Fn::Not", [operand]) => self.evaluate(operand, depth, left).map(|holds| !holds),
            ("Fn::And", operands) => self.unanimous(operands, true, depth, left),
            ("Fn::Or", operands) => self.unanimous(operands, false, depth, left).map(|none| !none),
            (_, arguments) => self.rule_function(name, arguments, left),
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

    /// What one side of an `Fn::Equals` is.
    pub(in crate::extract::cloudformation) fn operand(&self, node: &Node) -> Operand {
        let operand = match node.as_function() {
            Some(("Ref", name)) => name.as_text().and_then(|name| self.parameter_operand(name)),
            Some(("Fn::Sub", text)) => {
                text.as_text().and_then(only_variable).and_then(|name| self.parameter_operand(name))
            }
            Some(("Fn::Join", argument)) => match argument.as_list() {
                Some([_, items]) => match items.as_list() {
                    Some([only]) => return self.operand(only),
                    _ => self.items_operand(items, node),
                },
                _ => None,
            },
            Some(("Fn::Select", argument)) => match argument.as_list() {
                Some([first, items]) if first.as_text() == Some("0") => match items.as_list() {
                    Some([only, ..]) => return self.operand(only),
                    _ => self.items_operand(items, node),
                },
                _ => None,
            },
            _ => None,
        };
        operand.unwrap_or_else(|| match self.resolve(node) {
            Some(value) => match value.as_text() {
                Some(text) => Operand::Text(text.to_owned()),
                None => Operand::Open(spelled(&value)),
            },
            None => Operand::Open("nothing".to_owned()),
        })
    }

    /// What an expression over the items of a parameter is which is a list.
    fn items_operand(&self, items: &Node, expression: &Node) -> Option<Operand> {
        let (_, name) = items.as_function().filter(|(function, _)| *function == "Ref")?;
        let declaration = self.declaration(name.as_text()?).filter(|it| it.is_list && !it.is_stored)?;
        let passed = self.outer.and_then(|outer| outer.operand(declaration.name));
        let name = match passed {
            Some(Operand::Variable { name, .. } | Operand::Items { name, .. }) => name,
            Some(_) => return None,
            None if self.given(&declaration).is_some() => return None,
            None => self.variable_name(declaration.name),
        };
        Some(Operand::Items { name, spelled: spelled(&self.resolve(expression)?) })
    }

    fn parameter_operand(&self, name: &str) -> Option<Operand> {
        let variable = |name: String| Operand::Variable { name, allowed: Vec::new(), pattern: None };
        let text = |text: &str| Operand::Text(text.to_owned());
        let Some(declaration) = self.declaration(name) else {
            return match (name, self.home) {
                ("AWS::Partition" | "AWS::URLSuffix" | "AWS::NoValue" | "AWS::NotificationARNs", _) => None,
                (ACCOUNT, Home::Given(id) | Home::Inferred(id)) => Some(text(id)),
                (REGION, _) if self.region().is_some() => self.region().map(text),
                _ => name.starts_with("AWS::").then(|| variable(self.pseudo_name(name))),
            };
        };
        let passed = self.outer.filter(|_| !declaration.is_stored).and_then(|outer| outer.operand(name));
        if let Some(operand) = passed {
            return Some(operand);
        }
        if declaration.is_list {
            return None;
        }
        let name = self.variable_name(name);
        match self.given(&declaration) {
            Some(given) => Some(text(given)),
            None => {
                let allowed = declaration.allowed.iter().map(|value| (*value).to_owned()).collect();
                Some(Operand::Variable { name, allowed, pattern: declaration.pattern.map(ToOwned::to_owned) })
            }
        }
    }

    pub(super) fn equals(&self, first: &Operand, second: &Operand) -> Option<bool> {
        match (first, second) {
            (Operand::Text(first), Operand::Text(second)) => Some(first == second),
            (Operand::Variable { name, allowed, pattern }, Operand::Text(value))
            | (Operand::Text(value), Operand::Variable { name, allowed, pattern }) => {
                if pattern.as_ref().is_some_and(|pattern| self.patterns.refuses(pattern, value)) {
                    return Some(false);
                }
                self.choices.divide(name);
                self.choices.is(name, value, &texts(allowed))
            }
            (Operand::Items { name, .. }, Operand::Text(text)) | (Operand::Text(text), Operand::Items { name, .. })
                if text.is_empty() =>
            {
                self.choices.divide(name);
                self.choices.is(name, "", &[])
            }
            _ if first == second => Some(true),
            (Operand::Variable { .. }, Operand::Variable { .. }) => self.same_value(first, second),
            _ => self.choices.fact(&both(first, second)),
        }
    }

    /// Whether two parameters have the same value: settled through the values of one of them where they are listed.
    fn same_value(&self, first: &Operand, second: &Operand) -> Option<bool> {
        for operand in [first, second] {
            if let Operand::Variable { name, .. } = operand {
                self.choices.divide(name);
            }
        }
        for (one, other) in [(first, second), (second, first)] {
            let (Operand::Variable { name, allowed, .. }, Operand::Variable { name: other, allowed: others, .. }) =
                (one, other)
            else {
                continue;
            };
            let value = match self.choices.value(name) {
                Some(value) => Some(value),
                None => self.choices.one_of(name, &texts(allowed)).map(ToOwned::to_owned),
            };
            if let Some(value) = value {
                return self.choices.is(other, &value, &texts(others));
            }
        }
        match (first, second) {
            (Operand::Variable { name, .. }, Operand::Variable { name: other, .. }) => {
                self.choices.are_alike(name, other)
            }
            _ => self.choices.fact(&both(first, second)),
        }
    }
}

/// The variable that a text for `Fn::Sub` is, where it is nothing else.
fn only_variable(text: &str) -> Option<&str> {
    match pieces(text).as_slice() {
        [Piece::Variable(name)] => Some(name),
        _ => None,
    }
}

fn texts(values: &[String]) -> Vec<&str> {
    values.iter().map(String::as_str).collect()
}

/// A name for the comparison of two operands, whichever stands first.
fn both(first: &Operand, second: &Operand) -> String {
    let spelled = |operand: &Operand| match operand {
        Operand::Text(text) => format!("text {text}"),
        Operand::Variable { name, .. } => format!("variable {name}"),
        Operand::Items { name, spelled } => format!("items of {name}: {spelled}"),
        Operand::Open(spelled) => format!("open {spelled}"),
    };
    let (first, second) = (spelled(first), spelled(second));
    if first <= second { format!("{first} equals {second}") } else { format!("{second} equals {first}") }
}

/// A value of which parts are not known, in one line.
fn spelled(node: &Node) -> String {
    use crate::tree::Value;
    let part = |part: &Part| match part {
        Part::Known(text) => text.clone(),
        Part::Unknown(unknown) => format!("<{}>", unknown.name),
    };
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Scalar(Scalar { parts, .. }) => parts.iter().map(part).collect(),
        Value::List(items) => items.iter().map(spelled).collect::<Vec<_>>().join(", "),
        Value::Map(_) => "a map".to_owned(),
        Value::Unknown(unknown) => format!("<{}>", unknown.name),
    }
}

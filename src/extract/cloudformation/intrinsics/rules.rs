//! `Rules` of a template: which values of its parameters CloudFormation would refuse.

use super::conditions::{Operand, RULE_DEPTH, RULE_OPERANDS};
use super::{Purpose, Resolver};
use crate::tree::{Node, Value};

impl Resolver<'_> {
    /// Rules out the choices so far where an assertion fails by them. Nothing further is chosen for that: what is open, or
    /// asks for values that only AWS has, leaves the deployment possible. Those of a module refuse nothing.
    pub(in crate::extract::cloudformation) fn heed_rules(&self) {
        if self.is_module {
            return;
        }
        let is_refused = self.with_purpose(Purpose::Condition, |resolver| {
            self.choices.as_they_are(|| self.template.rules().iter().any(|rule| resolver.refuses(rule)))
        });
        if is_refused {
            self.choices.rule_out();
        }
    }

    fn refuses(&self, rule: &Node) -> bool {
        let mut left = RULE_OPERANDS;
        let mut is = |expression: &Node| self.evaluate(expression, RULE_DEPTH, &mut left);
        if rule.get("RuleCondition").is_some_and(|condition| is(condition) != Some(true)) {
            return false;
        }
        let assertions = rule.get("Assertions").and_then(Node::as_list).unwrap_or_default();
        assertions.iter().filter_map(|assertion| assertion.get("Assert")).any(|assert| is(assert) == Some(false))
    }

    /// What a function gives that only rules have; `None` where that is open.
    pub(super) fn rule_function(&self, name: &str, arguments: &[Node], left: &mut usize) -> Option<bool> {
        let [first, second] = arguments else { return None };
        let every = |list: &[Operand], holds: &mut dyn FnMut(&Operand) -> Option<bool>| {
            let found: Vec<Option<bool>> = list.iter().map(holds).collect();
            let is_settled = found.contains(&Some(false)) || found.iter().all(Option::is_some);
            is_settled.then(|| !found.contains(&Some(false)))
        };
        let mut is_none_of = |one: &Operand, list: &[Operand]| {
            *left = left.checked_sub(list.len())?;
            every(list, &mut |other| self.equals(one, other).map(|is| !is))
        };
        match name {
            "Fn::Contains" => is_none_of(&self.operand(second), &self.operands(first)?).map(|none| !none),
            "Fn::EachMemberIn" => {
                let list = self.operands(second)?;
                every(&self.operands(first)?, &mut |one| is_none_of(one, &list).map(|none| !none))
            }
            "Fn::EachMemberEquals" => {
                let value = [self.operand(second)];
                every(&self.operands(first)?, &mut |one| is_none_of(one, &value).map(|none| !none))
            }
            _ => None,
        }
    }

    /// The members of a list; `None` where they are not known.
    fn operands(&self, node: &Node) -> Option<Vec<Operand>> {
        if let Some(items) = node.as_list() {
            return Some(items.iter().map(|item| self.operand(item)).collect());
        }
        match self.resolve(node)?.value {
            Value::List(items) => {
                items.iter().map(|item| item.as_text().map(|text| Operand::Text(text.to_owned()))).collect()
            }
            _ => None,
        }
    }
}

//! The blocks of `data.aws_iam_policy_document` behind the statements of the document that it makes.

use std::collections::HashSet;

use super::{Trail, Written, names};
use crate::checkout::{Attribute, Block, Expression, span};
use crate::locate::Step;
use crate::source::Place;
use crate::tree::Node;
use hcl_edit::Span as _;
use hcl_edit::expr::Expression as Native;

/// The arguments by which a document takes others over.
const OTHERS: [&str; 4] = ["override_policy_documents", "source_policy_documents", "override_json", "source_json"];

impl<'t> Trail<'t> {
    /// Follows the whole way through a data source.
    pub(in super::super) fn in_data(&self, block: &Block<'t>, module: &str) -> Option<Written> {
        let header = block.header();
        let whole = |is_exact| Some(Written { place: header.clone(), is_exact, module: module.to_owned() });
        let (Some(Step::Key(key)), rest) = (self.steps.first(), self.steps.get(1..).unwrap_or_default()) else {
            return whole(true);
        };
        if key != "Statement" {
            return whole(false);
        }
        let statements = self.document.get("Statement")?;
        let list = statements.as_list().unwrap_or(std::slice::from_ref(statements));
        let (index, inside) = match rest {
            [Step::Index(index), inside @ ..] => (*index, inside),
            inside => (0, inside),
        };
        let Some(statement) = self.statement(block, module, list, index) else { return whole(false) };
        let place = self.part(&statement, inside).unwrap_or_else(|| statement.place());
        Some(Written { place, is_exact: true, module: module.to_owned() })
    }

    /// The block behind a statement, and the module that it stands in.
    fn statement(&self, block: &Block<'t>, module: &str, list: &[Node], index: usize) -> Option<Block<'t>> {
        let own = block.blocks_and_dynamic("statement");
        let is_named =
            |statement: &Node| statement.get("Sid").and_then(Node::as_text).is_some_and(|sid| !sid.is_empty());
        let statement = list.get(index)?;
        if is_named(statement)
            && let Some(found) = self.named_statement(block, module, statement.get("Sid")?.as_text()?)
        {
            return Some(found);
        }
        if OTHERS.iter().all(|name| block.attribute(name).is_none()) {
            return by_position(&own, list.len(), index);
        }
        // Statements without a name come one after the other, the own ones last.
        let after = list.iter().skip(index + 1).filter(|statement| !is_named(statement)).count();
        let nameless: Vec<&Block<'t>> =
            own.iter().map(|(block, _)| block).filter(|block| block.attribute("sid").is_none()).collect();
        let is_sure = !is_named(statement)
            && own.iter().all(|(_, is_dynamic)| !is_dynamic)
            && block.attribute("override_policy_documents").is_none();
        let at = nameless.len().checked_sub(after + 1)?;
        nameless.get(at).filter(|_| is_sure).map(|block| **block)
    }

    /// The block that has the name of a statement, here or in a document that is taken over; each is looked into once.
    fn named_statement(&self, block: &Block<'t>, module: &str, sid: &str) -> Option<Block<'t>> {
        let mut waiting = vec![*block];
        let mut seen = HashSet::new();
        while let Some(block) = waiting.pop() {
            let mut own = block.blocks("statement").into_iter();
            let is_it = |block: &Block<'t>| block.attribute("sid").is_some_and(|it| it.value.as_text() == Some(sid));
            if let Some(found) = own.find(is_it) {
                return Some(found);
            }
            let others = OTHERS.iter().filter_map(|name| block.attribute(name));
            let others = others.flat_map(|attribute| documents(&attribute)).filter(|name| seen.insert(name.clone()));
            let others: Vec<_> = others.filter_map(|name| self.checkout.block_in(module, &name).ok()).collect();
            waiting.extend(others.into_iter().rev());
        }
        None
    }

    /// The part of a statement's block that a part of the statement was made of.
    fn part(&self, statement: &Block<'t>, inside: &[Step]) -> Option<Place> {
        let (Some(Step::Key(element)), rest) = (inside.first(), inside.get(1..).unwrap_or_default()) else {
            return None;
        };
        match element.as_str() {
            "Sid" | "Effect" => statement.attribute(&element.to_ascii_lowercase()).map(|it| it.place()),
            "Action" => self.item(&statement.attribute("actions")?),
            "NotAction" => self.item(&statement.attribute("not_actions")?),
            "Resource" => self.item(&statement.attribute("resources")?),
            "NotResource" => self.item(&statement.attribute("not_resources")?),
            "Condition" => self.condition(statement, rest),
            "Principal" => self.principal(statement.blocks("principals"), rest),
            "NotPrincipal" => self.principal(statement.blocks("not_principals"), rest),
            _ => None,
        }
    }

    fn condition(&self, statement: &Block<'t>, rest: &[Step]) -> Option<Place> {
        let is = |block: &Block<'t>, name: &str, wanted: &Step| {
            let Step::Key(wanted) = wanted else { return false };
            block.attribute(name).is_some_and(|it| it.value.as_text() == Some(wanted))
        };
        let blocks = statement.blocks("condition");
        let block = blocks.iter().find(|block| {
            rest.first().is_none_or(|test| is(block, "test", test))
                && rest.get(1).is_none_or(|variable| is(block, "variable", variable))
        })?;
        Some(block.place())
    }

    fn principal(&self, blocks: Vec<Block<'t>>, rest: &[Step]) -> Option<Place> {
        let fits = |block: &Block<'t>| match rest.first() {
            Some(Step::Key(kind)) => block.attribute("type").is_some_and(|it| it.value.as_text() == Some(kind)),
            _ => true,
        };
        let mut fitting = blocks.into_iter().filter(fits);
        let first = fitting.next()?;
        let identifiers = first.attribute("identifiers").filter(|_| rest.len() > 1 || self.target.as_text().is_some());
        let exact = identifiers.and_then(|list| self.literal(&list));
        Some(exact.unwrap_or_else(|| first.place()))
    }

    /// The item of a list that says what the part says; the whole list where none is certain.
    fn item(&self, list: &Attribute<'t>) -> Option<Place> {
        Some(self.literal(list).unwrap_or_else(|| list.place()))
    }

    fn literal(&self, list: &Attribute<'t>) -> Option<Place> {
        let wanted = self.target.as_text()?;
        let Expression::Native(Native::Array(array)) = list.value else { return None };
        let item = array.iter().find(|item| item.as_str() == Some(wanted))?;
        Some(Place::new(list.source, span(item.span())))
    }
}

/// The block of a statement by its number among all.
fn by_position<'t>(own: &[(Block<'t>, bool)], count: usize, index: usize) -> Option<Block<'t>> {
    let dynamic: Vec<usize> = own.iter().enumerate().filter(|(_, (_, is))| *is).map(|(at, _)| at).collect();
    let at = match (dynamic.as_slice(), dynamic.last()) {
        ([], _) => (own.len() == count).then_some(index),
        ([first, ..], _) if index < *first => Some(index),
        (_, Some(last)) if index + (own.len() - 1 - last) >= count => own.len().checked_sub(count.checked_sub(index)?),
        ([only], _) => Some(*only),
        _ => None,
    };
    own.get(at?).map(|(block, _)| *block)
}

/// The data sources that a list of documents refers to.
fn documents(attribute: &Attribute<'_>) -> Vec<String> {
    let Expression::Native(native) = attribute.value else { return Vec::new() };
    let items: Vec<&Native> = match native {
        Native::Array(array) => array.iter().collect(),
        other => vec![other],
    };
    let name = |item: &Native| match item {
        Native::Traversal(traversal) => match names(traversal)?.as_slice() {
            [data, type_name, name, ..] if data == "data" && type_name == "aws_iam_policy_document" => {
                Some(format!("{data}.{type_name}.{name}"))
            }
            _ => None,
        },
        _ => None,
    };
    items.into_iter().filter_map(name).collect()
}

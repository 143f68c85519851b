//! The statements that decide together, laid out for questions.

use std::rc::Rc;
use std::sync::Arc;

use super::derived::Derived;
use super::reading::{Readings, Text};
use super::terms::Exemption;
use crate::iam::budget::Budget;
use crate::iam::caller::{Signer, is_about_mfa_key};
use crate::iam::condition::{self, Context};
use crate::iam::document::{Document, Effect, Patterns, PrincipalKind, Statement, Test};
use crate::iam::principal::{self, Meant, Named};
use crate::iam::truth::{Doubt, Truth};
use crate::iam::variables::{Keys, Lookup, Symbols};
use crate::iam::verdict::StatementReference;
use crate::source::{Place, Source};

/// Policies that decide together: every layer must allow, and no statement may deny.
#[derive(Debug, Default)]
pub struct Case<'a> {
    /// The statements of all layers.
    pub items: Vec<Item<'a>>,
    /// How many layers there are; layer 0 is the first.
    pub layers: usize,
    /// Layers that allow everything they do not deny.
    pub open_layers: Vec<usize>,
    /// Whether it is a role's trust policy, whose only call is the one that assumes the role.
    pub trust: bool,
    /// Unknown identifiers.
    pub symbols: Rc<Symbols>,
    /// Actions that may work without MFA.
    pub exemptions: &'a [Exemption],
    /// The texts that come with the program, each with the place that attaches it.
    pub built_in: Vec<(&'a Arc<Source>, &'a Place)>,
    /// What questions may still cost.
    pub budget: Budget,
    /// What follows from the items; they must all be there before the first question.
    pub derived: Derived<'a>,
}

/// A statement, or a policy that is not known, in its layer.
#[derive(Clone, Debug)]
pub struct Item<'a> {
    /// The layer that it belongs to.
    pub layer: usize,
    /// The index of its policy in the subject's list.
    pub policy: usize,
    /// What it says.
    pub body: Body<'a>,
    /// Whether it takes part as an Allow, as a Deny, or, where that is not known, once as each.
    pub allows: bool,
    /// Its patterns and principals, ready to be compared.
    readings: Rc<Readings<'a>>,
}

/// What an item says.
#[derive(Clone, Debug)]
pub enum Body<'a> {
    /// A statement of a known document.
    Statement(&'a Arc<Document>, usize, &'a Statement),
    /// A policy of which nothing is known: it may concern any call.
    Opaque(Doubt<'a>),
}

impl<'a> Case<'a> {
    /// Adds a document to a layer.
    pub fn add(&mut self, layer: usize, policy: usize, document: &'a Arc<Document>) {
        self.layers = self.layers.max(layer + 1);
        if let Some(problem) = document.problems.iter().find(|problem| problem.refused) {
            self.add_opaque(layer, policy, Doubt::Refused(&problem.message, &problem.place));
            return;
        }
        for (index, statement) in document.statements.iter().enumerate() {
            let body = Body::Statement(document, index, statement);
            let doubt = match (&statement.unknown, &statement.effect) {
                (Some(unknown), _) | (None, Effect::Unknown(unknown)) => Some(Doubt::Value(unknown, &statement.place)),
                _ => None,
            };
            match doubt {
                Some(doubt) => self.add_opaque(layer, policy, doubt),
                None => self.add_item(layer, policy, body, statement.effect == Effect::Allow),
            }
        }
    }

    /// Adds a policy of which nothing is known: it may allow and it may deny.
    pub fn add_opaque(&mut self, layer: usize, policy: usize, doubt: Doubt<'a>) {
        self.layers = self.layers.max(layer + 1);
        for allows in [true, false] {
            self.add_item(layer, policy, Body::Opaque(doubt), allows);
        }
    }

    fn add_item(&mut self, layer: usize, policy: usize, body: Body<'a>, allows: bool) {
        self.items.push(Item { layer, policy, body, allows, readings: Rc::default() });
    }

    /// Notes which text attaches a document; one that comes with the program has no place in the input but this.
    pub fn attached_at(&mut self, document: &'a Arc<Document>, place: &'a Place) {
        if document.place.source.is_built_in() {
            self.built_in.push((&document.place.source, place));
        }
    }

    /// The place that somebody wrote: for a text that comes with the program the one that attaches it.
    #[must_use]
    pub fn written(&self, place: &Place) -> Place {
        let of_source = |(source, _): &&(&Arc<Source>, &Place)| Arc::ptr_eq(source, &place.source);
        let attached = self.built_in.iter().find(of_source);
        attached.map_or(place, |(_, attached)| attached).clone()
    }

    /// Makes a layer allow what it does not deny.
    pub fn open(&mut self, layer: usize) {
        self.layers = self.layers.max(layer + 1);
        self.open_layers.push(layer);
    }

    /// The item's `Action` or `NotAction`, in lower case.
    #[must_use]
    pub fn actions<'c>(&self, item: &'c Item<'a>) -> &'c [Text<'a>] {
        item.readings.actions(item.statement(), &self.symbols)
    }

    /// The item's `Resource` or `NotResource`; `None` where the caller's keys decide what a text is.
    #[must_use]
    pub fn resources<'c>(&self, item: &'c Item<'a>) -> &'c [Option<Text<'a>>] {
        item.readings.resources(item.document(), item.statement(), &self.symbols)
    }

    /// The item's `Principal` or `NotPrincipal`.
    #[must_use]
    pub fn principals<'c>(&self, item: &'c Item<'a>) -> &'c [Meant<'a>] {
        item.readings.principals(item.statement(), &self.symbols)
    }

    /// Whether the item's `Action` or `NotAction` covers an action (in lower case).
    #[must_use]
    pub fn action(&self, item: &Item<'a>, action: &str) -> Truth<'a> {
        let Body::Statement(_, _, statement) = &item.body else { return opaque(item) };
        covers(&statement.actions, self.actions(item).iter().map(|text| text.matches(action)))
    }

    /// The same where all of its texts are known, and it is known whether one of them matches.
    #[must_use]
    pub fn action_known(&self, item: &Item<'a>, matches: bool) -> Truth<'a> {
        let Body::Statement(_, _, statement) = &item.body else { return opaque(item) };
        covers(&statement.actions, std::iter::once(Truth::from(matches)))
    }

    /// The same where only these of its texts can match.
    #[must_use]
    pub fn action_read<'t>(&self, item: &Item<'a>, texts: impl Iterator<Item = &'t Text<'a>>, action: &str) -> Truth<'a>
    where
        'a: 't,
    {
        let Body::Statement(_, _, statement) = &item.body else { return opaque(item) };
        covers(&statement.actions, texts.map(|text| text.matches(action)))
    }

    /// Whether the item's `Resource` or `NotResource` covers a resource; a statement without either covers all.
    #[must_use]
    pub fn resource(&self, item: &Item<'a>, resource: &str, keys: &dyn Keys) -> Truth<'a> {
        let Body::Statement(document, _, statement) = &item.body else { return opaque(item) };
        let Some(resources) = &statement.resources else { return Truth::True };
        let texts = self.resources(item).iter().zip(&resources.items);
        let matches = |(read, text): (&Option<Text<'a>>, &'a crate::iam::document::Text)| match read {
            Some(read) => read.matches(resource),
            None => {
                let read = Text::of_caller(text, document, keys, item.reads_free_variables(), &self.symbols);
                read.map_or(Truth::False, |read| read.matches(resource))
            }
        };
        covers(resources, texts.map(matches))
    }

    /// A text of the item's `Resource` or `NotResource` as the caller's keys make it; `None` where one has no value.
    #[must_use]
    pub fn resource_of_caller(&self, item: &Item<'a>, at: usize, keys: &dyn Keys, free: bool) -> Option<Text<'a>> {
        let Body::Statement(document, _, statement) = &item.body else { return None };
        let text = statement.resources.as_ref()?.items.get(at)?;
        Text::of_caller(text, document, keys, free, &self.symbols)
    }

    /// Whether the item's `Resource` or `NotResource`, read as these texts, covers a resource.
    #[must_use]
    pub fn resource_read(&self, item: &Item<'a>, texts: &[&Text<'a>], resource: &str) -> Truth<'a> {
        let Body::Statement(_, _, statement) = &item.body else { return opaque(item) };
        let Some(resources) = &statement.resources else { return Truth::True };
        covers(resources, texts.iter().map(|text| text.matches(resource)))
    }

    /// Whether the item's `Principal` or `NotPrincipal` covers the caller; a statement without either covers all.
    #[must_use]
    pub fn principal(&self, item: &Item<'a>, signer: &Signer) -> Truth<'a> {
        let Body::Statement(_, _, statement) = &item.body else { return opaque(item) };
        match &statement.principals {
            Some(principals) => principal::covers(principals, self.principals(item), signer),
            None => Truth::True,
        }
    }

    /// The tests of the item on keys that the caller does not choose freely, taken together.
    #[must_use]
    pub fn fixed_tests(&self, item: &Item<'a>, keys: &dyn Keys) -> Truth<'a> {
        let Some(statement) = item.statement() else { return Truth::True };
        Truth::all(statement.tests.iter().filter_map(|test| self.fixed_test(item, test, keys)))
    }

    /// What a test of the item gives; `None` where the caller chooses its key, or what that is compared with.
    #[must_use]
    pub fn fixed_test(&self, item: &Item<'a>, test: &'a Test, keys: &dyn Keys) -> Option<Truth<'a>> {
        let document = item.document()?;
        let context = Context { version: &document.version, keys, symbols: &self.symbols };
        match keys.values(&test.name) {
            Lookup::Present(_) if !condition::free_variables(test, context).is_empty() => None,
            Lookup::Present(values) => Some(condition::evaluate(test, Some(values), context)),
            Lookup::Absent => Some(condition::evaluate(test, None, context)),
            Lookup::Free => None,
        }
    }

    /// Somebody whom an item with principals is about, where it names a person: its account's users, or the user.
    #[must_use]
    pub fn addressed(&self, item: &Item<'a>) -> Option<Signer> {
        let principals = item.statement()?.principals.as_ref()?;
        if principals.negated {
            return None;
        }
        let mut people = self.principals(item).iter().filter(|meant| meant.kind == PrincipalKind::Aws);
        people.find_map(|meant| match &meant.named {
            Named::Everyone | Named::Unclear => None,
            Named::Account { partition, account } => {
                Some(Signer::Arn(format!("arn:{partition}:iam::{account}:user/alice")))
            }
            Named::Arn(arn) => Some(crate::iam::request::signer(arn)),
        })
    }

    /// All principals under `AWS`.
    pub fn people<'c>(&'c self) -> impl Iterator<Item = &'c Meant<'a>> {
        let principals = self.items.iter().flat_map(|item| self.principals(item));
        principals.filter(|meant| meant.kind == PrincipalKind::Aws)
    }

    /// A reference to the item's statement for the outside.
    #[must_use]
    pub fn reference(&self, item: usize) -> Option<StatementReference> {
        let item = self.items.get(item)?;
        let Body::Statement(document, index, statement) = &item.body else { return None };
        Some(StatementReference {
            policy: item.policy,
            statement: *index,
            document: Arc::clone(document),
            place: self.written(&statement.place),
        })
    }
}

impl<'a> Item<'a> {
    /// The statement, where the item is one.
    #[must_use]
    pub fn statement(&self) -> Option<&'a Statement> {
        match self.body {
            Body::Statement(_, _, statement) => Some(statement),
            Body::Opaque(_) => None,
        }
    }

    /// The document, where it is known.
    #[must_use]
    pub fn document(&self) -> Option<&'a Arc<Document>> {
        match self.body {
            Body::Statement(document, ..) => Some(document),
            Body::Opaque(_) => None,
        }
    }

    /// How a variable is read whose key the caller is free to bring: as whatever lets the call through, which is the wider
    /// reading of an Allow and the narrower one of a Deny.
    #[must_use]
    pub fn reads_free_variables(&self) -> bool {
        let resources = self.statement().and_then(|statement| statement.resources.as_ref());
        self.allows != resources.is_some_and(|resources| resources.negated)
    }

    /// Whether it is a Deny with a condition on MFA.
    #[must_use]
    pub fn is_guard(&self) -> bool {
        !self.allows && self.statement().is_some_and(|statement| statement.tests.iter().any(is_about_mfa))
    }
}

/// Whether a test is on one of the two keys about MFA, or on a key that looks as if it were meant to be one.
#[must_use]
pub fn is_about_mfa(test: &Test) -> bool {
    is_about_mfa_key(&test.name)
}

fn covers<'a>(patterns: &'a Patterns, matches: impl Iterator<Item = Truth<'a>>) -> Truth<'a> {
    let rest = patterns.unknown.as_ref().map(|unknown| Truth::Unproven(Doubt::Value(unknown, &patterns.place)));
    let covered = Truth::any(matches.chain(rest));
    if patterns.negated { covered.negate() } else { covered }
}

fn opaque<'a>(item: &Item<'a>) -> Truth<'a> {
    match item.body {
        Body::Opaque(doubt) => Truth::Unproven(doubt),
        Body::Statement(..) => Truth::True,
    }
}

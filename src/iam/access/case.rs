//! The statements that decide together, laid out for questions.

use std::sync::Arc;

use super::terms::Exemption;
use crate::iam::caller::Signer;
use crate::iam::condition::{self, AGE, Context, PRESENT};
use crate::iam::document::{Document, Effect, Patterns, PrincipalKind, Statement, Test};
use crate::iam::pattern::{Cause, Pattern};
use crate::iam::principal;
use crate::iam::request::NoKeys;
use crate::iam::truth::{Doubt, Truth};
use crate::iam::variables::{Expansion, Keys, Lookup, Reading, Symbols, expand};
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
    pub symbols: Symbols,
    /// Actions that may work without MFA.
    pub exemptions: &'a [Exemption],
    /// The texts that come with the program, each with the place that attaches it.
    pub built_in: Vec<(&'a Arc<Source>, &'a Place)>,
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
                None => self.items.push(Item { layer, policy, body, allows: statement.effect == Effect::Allow }),
            }
        }
    }

    /// Adds a policy of which nothing is known: it may allow and it may deny.
    pub fn add_opaque(&mut self, layer: usize, policy: usize, doubt: Doubt<'a>) {
        self.layers = self.layers.max(layer + 1);
        for allows in [true, false] {
            self.items.push(Item { layer, policy, body: Body::Opaque(doubt), allows });
        }
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

    /// All patterns of `Action` and `NotAction`, in lower case.
    #[must_use]
    pub fn action_patterns(&self) -> Vec<Pattern> {
        let statements = self.items.iter().filter_map(Item::statement);
        statements.flat_map(|statement| statement.actions.items.iter()).map(|text| self.action_pattern(text)).collect()
    }

    fn action_pattern(&self, text: &crate::iam::document::Text) -> Pattern {
        let reading = self.plain(&NoKeys, true);
        match expand(&text.scalar, reading) {
            Expansion::Pattern(pattern, _) => pattern.to_lowercase(),
            Expansion::NoValue => Pattern::default(),
        }
    }

    /// All patterns of `Resource` and `NotResource`, as this caller's variables make them.
    #[must_use]
    pub fn resource_patterns(&self, keys: &dyn Keys) -> Vec<Pattern> {
        let mut patterns = Vec::new();
        for item in &self.items {
            let Body::Statement(document, _, statement) = &item.body else { continue };
            for text in statement.resources.iter().flat_map(|resources| &resources.items) {
                let reading = Reading { version: &document.version, ..self.plain(keys, true) };
                if let Expansion::Pattern(pattern, _) = expand(&text.scalar, reading) {
                    patterns.push(pattern);
                }
            }
        }
        patterns
    }

    fn plain<'k>(&'k self, keys: &'k dyn Keys, free_variables: bool) -> Reading<'k> {
        Reading {
            version: &crate::iam::document::Version::V2008,
            wildcards: true,
            free_variables,
            keys,
            symbols: &self.symbols,
        }
    }

    /// Whether the item's `Action` or `NotAction` covers an action (in lower case).
    #[must_use]
    pub fn action(&self, item: &Item<'a>, action: &str) -> Truth<'a> {
        let Body::Statement(_, _, statement) = &item.body else { return opaque(item) };
        covers(&statement.actions, |text| {
            let pattern = self.action_pattern(text);
            pattern.matches(action, Cause { unknown: first_unknown(text), place: &text.place })
        })
    }

    /// Whether the item's `Resource` or `NotResource` covers a resource; a statement without either covers all.
    #[must_use]
    pub fn resource(&self, item: &Item<'a>, resource: &str, keys: &dyn Keys) -> Truth<'a> {
        let Body::Statement(document, _, statement) = &item.body else { return opaque(item) };
        let Some(resources) = &statement.resources else { return Truth::True };
        // A variable whose key the caller is free to bring is read as whatever lets the call through: the wider reading
        // of an Allow, the narrower one of a Deny.
        let free_variables = item.allows != resources.negated;
        covers(resources, |text| {
            let reading = Reading { version: &document.version, ..self.plain(keys, free_variables) };
            match expand(&text.scalar, reading) {
                Expansion::Pattern(pattern, unknown) => {
                    pattern.matches(resource, Cause { unknown, place: &text.place })
                }
                Expansion::NoValue => Truth::False,
            }
        })
    }

    /// Whether the item's `Principal` or `NotPrincipal` covers the caller; a statement without either covers all.
    #[must_use]
    pub fn principal(&self, item: &Item<'a>, signer: &Signer) -> Truth<'a> {
        let Body::Statement(_, _, statement) = &item.body else { return opaque(item) };
        match &statement.principals {
            Some(principals) => principal::covers(principals, signer, &self.symbols),
            None => Truth::True,
        }
    }

    /// The tests of the item on keys that the caller does not choose freely, taken together.
    #[must_use]
    pub fn fixed_tests(&self, item: &Item<'a>, keys: &dyn Keys) -> Truth<'a> {
        let Some(statement) = item.statement() else { return Truth::True };
        Truth::all(statement.tests.iter().filter_map(|test| self.fixed_test(item, test, keys)))
    }

    /// What a test of the item gives; `None` where the caller chooses its key freely.
    #[must_use]
    pub fn fixed_test(&self, item: &Item<'a>, test: &'a Test, keys: &dyn Keys) -> Option<Truth<'a>> {
        let document = item.document()?;
        let context = Context { version: &document.version, keys, symbols: &self.symbols };
        match condition::lookup(keys, &test.key) {
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
        principals.items.iter().filter(|principal| principal.kind == PrincipalKind::Aws).find_map(|principal| {
            match principal::named(&principal::text(principal, &self.symbols).0) {
                principal::Named::Everyone => None,
                principal::Named::Account { partition, account } => {
                    Some(Signer::Arn(format!("arn:{partition}:iam::{account}:user/alice")))
                }
                principal::Named::Arn(arn) => Some(crate::iam::request::signer(&arn)),
                principal::Named::Unclear => None,
            }
        })
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

    /// Whether it is a Deny with a condition on MFA.
    #[must_use]
    pub fn is_guard(&self) -> bool {
        !self.allows && self.statement().is_some_and(|statement| statement.tests.iter().any(is_about_mfa))
    }
}

/// Whether a test is on one of the two keys about MFA, or on a key that looks as if it were meant to be one.
#[must_use]
pub fn is_about_mfa(test: &Test) -> bool {
    let key = test.key.to_ascii_lowercase();
    key == PRESENT || key == AGE || crate::iam::caller::misspelt(&key).is_some()
}

fn covers<'a>(patterns: &'a Patterns, matches: impl Fn(&'a crate::iam::document::Text) -> Truth<'a>) -> Truth<'a> {
    let rest = patterns.unknown.as_ref().map(|unknown| Truth::Unproven(Doubt::Value(unknown, &patterns.place)));
    let covered = Truth::any(patterns.items.iter().map(matches).chain(rest));
    if patterns.negated { covered.negate() } else { covered }
}

fn opaque<'a>(item: &Item<'a>) -> Truth<'a> {
    match item.body {
        Body::Opaque(doubt) => Truth::Unproven(doubt),
        Body::Statement(..) => Truth::True,
    }
}

fn first_unknown(text: &crate::iam::document::Text) -> Option<&crate::tree::Unknown> {
    text.scalar.parts.iter().find_map(|part| match part {
        crate::tree::Part::Unknown(unknown) => Some(unknown),
        crate::tree::Part::Known(_) => None,
    })
}

//! Follows the names in an expression to resources: through the inputs and outputs of modules at any depth, and through
//! `count` and `for_each`.
//!
//! A plan lists the names of an expression and not the expression: `[a.arn, b.arn]` and `x ? a.arn : b.arn` look alike.
//! So every answer keeps what a caller must know before it believes it: what else the expression names.

use std::cell::Cell;

use serde_json::Value;
use serde_json::value::RawValue;

use super::References;
use super::names::{Step, in_module, module_call, own_key, references, steps};

/// What kind of value is looked for.
#[derive(Clone, Copy)]
pub(in super::super) struct Want<'w> {
    /// The type of the resource, or data source, that the value belongs to.
    pub(in super::super) type_name: &'w str,
    /// The attributes that are such a value.
    pub(in super::super) attributes: &'w [&'w str],
    /// What is known of it.
    pub(in super::super) value: Known<'w>,
}

/// What a plan knows of a value that names a resource.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Known<'w> {
    /// Nothing: then it is no value that is known already.
    Nothing,
    /// Its text: then the names only say whose it is.
    Text(&'w str),
    /// It is in a list of which nothing is known, and may be known itself.
    Open,
}

/// What an expression refers to.
#[derive(Default)]
pub(super) struct Terms {
    /// Resources that the value may be, or that the list may hold; of several in one term it is one.
    pub(super) terms: Vec<Vec<usize>>,
    /// Names of which nothing is known.
    pub(super) open: Vec<String>,
    /// Whether there are also names whose values are known: they may choose between the others.
    pub(super) loose: bool,
    /// Whether the instance's own key or value chooses.
    pub(super) chooses: bool,
}

/// Where an expression stands: a module instance, and there the instance of a resource or module call.
#[derive(Clone)]
pub(super) struct Scope<'a> {
    pub(super) module: String,
    /// The instance's key with its brackets; empty where it has none.
    pub(super) key: String,
    pub(super) for_each: Option<&'a RawValue>,
}

/// How far a search may go: plans are input, and input may refer in circles.
pub(super) struct Budget {
    steps: Cell<u32>,
}

const MOST_STEPS: u32 = 2000;
const DEEPEST: u32 = 48;

impl Budget {
    pub(super) fn new() -> Self {
        Self { steps: Cell::new(MOST_STEPS) }
    }

    fn is_spent(&self, depth: u32) -> bool {
        let left = self.steps.get();
        self.steps.set(left.saturating_sub(1));
        left == 0 || depth > DEEPEST
    }
}

/// One search.
pub(super) struct Search<'s, 'a> {
    pub(super) references: &'s References<'a>,
    pub(super) want: Want<'s>,
    pub(super) budget: Budget,
}

impl<'a> Search<'_, 'a> {
    /// What the expression refers to.
    pub(super) fn terms(&self, expression: &Value, scope: &Scope<'a>, depth: u32) -> Terms {
        let mut terms = Terms::default();
        let Some(names) = references(expression) else {
            terms.open.push(in_module(&scope.module, "an expression with very many names"));
            return terms;
        };
        let is_own = |name: &str| ["each", "count"].contains(&steps(name).first().map_or("", |step| step.name));
        let chooses = names.iter().any(|name| is_own(name));
        for name in names {
            if self.budget.is_spent(depth) {
                terms.open.push(in_module(&scope.module, name));
                break;
            }
            let found = self.name(name, scope, chooses, depth);
            terms.add(found);
        }
        terms.chooses |= chooses;
        terms
    }

    fn name(&self, name: &str, scope: &Scope<'a>, chooses: bool, depth: u32) -> Terms {
        let steps = steps(name);
        match steps.as_slice() {
            [Step { name: "each", .. }, Step { name: "value", .. }, ..] => self.each_value(name, scope, depth),
            [Step { name: "each" | "count" | "path" | "terraform", .. }, ..] => Terms::default(),
            [Step { name: "var", .. }, input, ..] => self.input(input.name, scope, depth),
            [Step { name: "module", .. }, call, rest @ ..] => {
                let output = rest.first().map(|step| step.name);
                self.outputs(call, output, scope, chooses, depth)
            }
            [Step { name: "data", .. }, type_name, block, rest @ ..] => {
                let (prefix, attribute) = (format!("data.{}", type_name.name), rest.first().map_or("", |it| it.name));
                self.resource(name, &prefix, block, attribute, scope, chooses)
            }
            [Step { name: "local" | "self", .. }, ..] => Terms::open(scope, name),
            [type_name, block, rest @ ..] => {
                let attribute = rest.first().map_or("", |step| step.name);
                self.resource(name, type_name.name, block, attribute, scope, chooses)
            }
            _ => Terms::open(scope, name),
        }
    }

    /// What `for_each` hands to the instance.
    fn each_value(&self, name: &str, scope: &Scope<'a>, depth: u32) -> Terms {
        let Some(expression) = scope.for_each.and_then(|raw| serde_json::from_str::<Value>(raw.get()).ok()) else {
            return Terms::open(scope, name);
        };
        let mut terms = Terms::default();
        for inner in references(&expression).unwrap_or_default() {
            if self.budget.is_spent(depth) {
                return Terms::open(scope, name);
            }
            // Where the instances are made of a resource's instances, each has the key of its own.
            terms.add(self.name(inner, &Scope { for_each: None, ..scope.clone() }, true, depth + 1));
        }
        if terms.is_empty() && !terms.loose { Terms::open(scope, name) } else { terms }
    }

    /// What the caller gives to a module as input.
    fn input(&self, input: &str, scope: &Scope<'a>, depth: u32) -> Terms {
        let Some((parent, call)) = module_call(&scope.module) else { return Terms::loose() };
        let Some(called) = self.references.call(parent, call.name) else {
            return Terms::open(scope, &format!("var.{input}"));
        };
        let expressions = called.expressions.and_then(|raw| serde_json::from_str::<Value>(raw.get()).ok());
        let Some(expression) = expressions.as_ref().and_then(|it| it.get(input)) else { return Terms::loose() };
        let outer = Scope { module: parent.to_owned(), key: call.key.to_owned(), for_each: called.for_each_expression };
        let mut terms = self.terms(expression, &outer, depth + 1);
        if terms.chooses {
            terms.choose();
        }
        if terms.is_empty() { Terms::loose() } else { terms }
    }

    /// What a module gives as output, or any of its outputs that fits where the plan does not say which.
    fn outputs(&self, call: &Step<'_>, output: Option<&str>, scope: &Scope<'a>, chooses: bool, depth: u32) -> Terms {
        let named = in_module(&scope.module, &format!("module.{}", call.name));
        let keys = self.references.instances.of_module(&scope.module, call.name);
        let chosen: Vec<&str> = match keys.iter().find(|key| call.key == **key) {
            Some(key) => vec![key],
            None if !call.key.is_empty() => Vec::new(),
            None => match keys.iter().find(|key| chooses && scope.key == **key) {
                Some(key) => vec![key],
                None => keys,
            },
        };
        let Some(module) = self.references.module(&named) else {
            return Terms::open(scope, &format!("module.{}", call.name));
        };
        let mut all = Terms::default();
        for key in chosen {
            let inner = Scope { module: format!("{named}{key}"), key: String::new(), for_each: None };
            let fitting = module.outputs.iter().filter(|(name, _)| output.is_none_or(|output| output == **name));
            let mut found = Terms::default();
            for (_, output) in fitting {
                let expression = output.expression.and_then(|raw| serde_json::from_str::<Value>(raw.get()).ok());
                found.add(expression.map(|it| self.terms(&it, &inner, depth + 1)).unwrap_or_default());
            }
            if output.is_none() {
                found.choose();
            }
            found.chooses = false;
            all.add(found);
        }
        if all.is_empty() { Terms::loose() } else { all }
    }

    /// The instances of a resource or data source.
    fn resource(
        &self,
        name: &str,
        type_name: &str,
        block: &Step<'_>,
        attribute: &str,
        scope: &Scope<'a>,
        chooses: bool,
    ) -> Terms {
        if type_name != self.want.type_name {
            let are_beside = IDENTIFIED.contains(&type_name) && IDENTIFIED.contains(&self.want.type_name);
            return if are_beside { Terms::default() } else { Terms::open(scope, name) };
        }
        let instances = &self.references.instances;
        let all = instances.of_block(&scope.module, &format!("{type_name}.{}", block.name));
        let chosen: Vec<usize> = if block.key.is_empty() {
            let own = instances.with_key(all, &scope.key).filter(|_| chooses);
            own.map_or_else(|| all.to_vec(), |own| vec![own])
        } else {
            instances.with_key(all, block.key).into_iter().collect()
        };
        let fits = attribute.is_empty() || self.want.attributes.contains(&attribute);
        let candidates: Vec<usize> = chosen.into_iter().filter(|at| self.may_be(*at, attribute)).collect();
        match (candidates.is_empty(), fits) {
            // What does not exist gives nothing, and what is known is not the value that is unknown.
            (true, _) => Terms::loose(),
            (false, false) => Terms::open(scope, name),
            (false, true) => Terms { terms: candidates.into_iter().map(|at| vec![at]).collect(), ..Terms::default() },
        }
    }

    /// Whether an attribute of an instance may be the value that is looked for.
    fn may_be(&self, at: usize, attribute: &str) -> bool {
        let known = |attribute: &str| self.references.instances.identifier(at, attribute);
        let fits = |attribute: &str| match self.want.value {
            Known::Nothing => known(attribute).is_none(),
            Known::Text(text) => known(attribute) == Some(text),
            Known::Open => true,
        };
        if attribute.is_empty() { self.want.attributes.iter().any(|it| fits(it)) } else { fits(attribute) }
    }
}

/// Types that stand beside the wanted one in the objects that modules and `for_each` pass on.
const IDENTIFIED: &[&str] =
    &["aws_iam_group", "aws_iam_policy", "aws_iam_role", "aws_iam_user", "aws_ssoadmin_permission_set"];

impl Terms {
    fn open(scope: &Scope<'_>, name: &str) -> Self {
        Self { open: vec![in_module(&scope.module, name)], ..Self::default() }
    }

    fn loose() -> Self {
        Self { loose: true, ..Self::default() }
    }

    fn is_empty(&self) -> bool {
        self.terms.is_empty() && self.open.is_empty()
    }

    fn add(&mut self, other: Self) {
        for term in other.terms {
            if !self.terms.contains(&term) {
                self.terms.push(term);
            }
        }
        self.open.extend(other.open);
        self.loose |= other.loose;
        self.chooses |= other.chooses;
    }

    /// Makes one term of all: the value is one of them, and nothing says which.
    fn choose(&mut self) {
        if self.terms.len() > 1 {
            let mut all: Vec<usize> = self.terms.drain(..).flatten().collect();
            all.sort_unstable();
            all.dedup();
            self.terms.push(all);
        }
        self.chooses = false;
    }
}

impl Scope<'_> {
    /// The key of a resource's address.
    pub(super) fn key_of(address: &str) -> String {
        own_key(address).to_owned()
    }
}

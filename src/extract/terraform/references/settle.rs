//! From what an expression refers to, to what can be said of a value: which resource it is, or why that stays open.

use serde_json::Value;

use super::super::shell::Resource;
use super::References;
use super::names::{in_module, module_of, own_key, references, steps};
use super::resolve::{Budget, Known, Scope, Search, Terms, Want};
use crate::tree::{Form, Unknown};

/// What a value refers to.
#[derive(Clone, Debug)]
pub(in super::super) enum Referred {
    /// The resource or data source at this address.
    Resource(String),
    /// It is open, for this reason.
    Open(Unknown),
}

/// A value that is looked for: an attribute of a resource.
#[derive(Clone, Copy)]
pub(in super::super) struct Asked<'v> {
    /// The resource.
    pub(in super::super) resource: &'v Resource<'v>,
    /// What the configuration says of the resource's attributes.
    pub(in super::super) expressions: &'v Value,
    /// The attribute, by its path with indexes.
    pub(in super::super) attribute: &'v str,
    /// The attribute on the other side of the tie. Where it is the same for all instances of the resource, it does not
    /// matter which instance takes which value.
    pub(in super::super) other: Option<&'v str>,
    /// What is looked for.
    pub(in super::super) want: Want<'v>,
}

impl References<'_> {
    /// Which resource a single value means.
    pub(in super::super) fn settle(&self, asked: &Asked<'_>) -> Referred {
        let terms = self.terms(asked);
        if let Some(open) = terms.open.first() {
            return Referred::Open(known_after_apply(open.clone()));
        }
        if let [only] = terms.terms.as_slice()
            && let Some(at) = self.same(only)
        {
            return self.at(at);
        }
        let all: Vec<usize> = terms.terms.iter().flatten().copied().collect();
        match self.same(&all).or_else(|| self.own_share(asked, &terms)) {
            Some(at) => self.at(at),
            None => Referred::Open(self.undecided(asked, &all)),
        }
    }

    /// What a list means of which `unknown` items are not known: one answer for each. `None` stands for a list of which
    /// not even the length is known; then what it may hold beyond what it refers to comes last.
    pub(in super::super) fn settle_list(&self, asked: &Asked<'_>, unknown: Option<usize>) -> Vec<Referred> {
        let terms = self.terms(asked);
        let single: Option<Vec<usize>> = terms.terms.iter().map(|term| self.same(term)).collect();
        let single = single.filter(|_| terms.open.is_empty());
        let open = || match terms.open.first() {
            Some(open) => known_after_apply(open.clone()),
            None => self.undecided(asked, &terms.terms.iter().flatten().copied().collect::<Vec<_>>()),
        };
        match (single, unknown) {
            (Some(single), Some(unknown)) if single.len() == unknown => {
                single.into_iter().map(|at| self.at(at)).collect()
            }
            (Some(single), None) if !terms.loose => single.into_iter().map(|at| self.at(at)).collect(),
            (_, unknown) => (0..unknown.unwrap_or(1)).map(|_| Referred::Open(open())).collect(),
        }
    }

    /// The resources that a value may mean that stays open: those that its expression names, and for a name of which
    /// nothing is known all of the wanted type in its module and below that are not known by that value already. None
    /// where that leaves many.
    pub(in super::super) fn candidates(&self, asked: &Asked<'_>) -> Vec<String> {
        const MANY: usize = 32;
        let terms = self.terms(asked);
        let mut found: Vec<usize> = terms.terms.iter().flatten().copied().collect();
        let is_open = |at: &usize| {
            asked.want.attributes.iter().any(|attribute| self.instances.identifier(*at, attribute).is_none())
        };
        for open in &terms.open {
            let inside = self.instances.inside(module_of(open), asked.want.type_name);
            found.extend(inside.filter(is_open).take(MANY + 1));
        }
        found.sort_unstable();
        found.dedup();
        let found = if found.len() > MANY { Vec::new() } else { found };
        found.iter().filter_map(|at| self.instances.resource(*at)).map(|it| it.address.to_string()).collect()
    }

    /// What an attribute's expression leads to.
    fn terms(&self, asked: &Asked<'_>) -> Terms {
        let search = Search { references: self, want: asked.want, budget: Budget::new() };
        let scope = Scope {
            module: asked.resource.module.clone().into_owned(),
            key: Scope::key_of(&asked.resource.address),
            for_each: self.block(asked.resource).and_then(|block| block.for_each_expression),
        };
        search.terms(super::expression(asked.expressions, asked.attribute), &scope, 0)
    }

    /// The one resource that some are, or that they are as good as: policies that carry the same document.
    fn same(&self, all: &[usize]) -> Option<usize> {
        let (first, rest) = all.split_first()?;
        if rest.iter().all(|at| at == first) {
            return Some(*first);
        }
        let document = |at: usize| {
            let is_policy = self.instances.resource(at)?.type_name == "aws_iam_policy";
            self.instances.known_text(at, "policy").filter(|_| is_policy)
        };
        let text = document(*first)?;
        rest.iter().all(|at| document(*at) == Some(text)).then_some(*first)
    }

    /// The resource's share where its instances take one value each, and it does not matter who takes which.
    fn own_share(&self, asked: &Asked<'_>, terms: &Terms) -> Option<usize> {
        if !terms.chooses || terms.loose || asked.want.value != Known::Nothing || self.depends_on_instance(asked) {
            return None;
        }
        let single: Vec<usize> = terms.terms.iter().map(|term| self.same(term)).collect::<Option<_>>()?;
        let block = format!("{}.{}", asked.resource.type_name, asked.resource.name);
        let siblings = self.instances.of_block(&asked.resource.module, &block);
        let address = |at: &usize| self.instances.resource(*at).map_or("", |it| &*it.address);
        let mut open: Vec<usize> =
            siblings.iter().copied().filter(|at| self.instances.is_unknown(*at, asked.attribute)).collect();
        if open.len() != single.len() {
            return None;
        }
        open.sort_by_key(address);
        let named: Option<Vec<usize>> = open.iter().map(|at| self.namesake(address(at), &single)).collect();
        let mut distinct = named.clone().unwrap_or_default();
        distinct.sort_unstable();
        distinct.dedup();
        let named = named.filter(|named| named.len() == distinct.len());
        let own = open.iter().position(|at| address(at) == asked.resource.address)?;
        named.unwrap_or(single).get(own).copied()
    }

    /// Whether the other side of a tie may differ between the instances of a resource.
    fn depends_on_instance(&self, asked: &Asked<'_>) -> bool {
        let Some(other) = asked.other else { return true };
        let Some(names) = references(super::expression(asked.expressions, other)) else { return true };
        names.iter().any(|name| steps(name).first().is_some_and(|step| matches!(step.name, "each" | "count")))
    }

    /// The one resource among some that is called like the key of an address.
    fn namesake(&self, address: &str, among: &[usize]) -> Option<usize> {
        let key = own_key(address).trim_matches(['[', ']', '"']);
        let is_so = |at: &&usize| self.instances.resource(**at).is_some_and(|it| it.name == key);
        let mut found = among.iter().filter(is_so);
        found.next().copied().filter(|_| found.next().is_none())
    }

    fn at(&self, at: usize) -> Referred {
        match self.instances.resource(at) {
            Some(resource) => Referred::Resource(resource.address.clone().into_owned()),
            None => Referred::Open(known_after_apply(String::new())),
        }
    }

    /// Why the names do not say which resource is meant.
    fn undecided(&self, asked: &Asked<'_>, all: &[usize]) -> Unknown {
        const SHOWN: usize = 3;
        let mut names: Vec<String> = all
            .iter()
            .filter_map(|at| self.instances.resource(*at))
            .map(|resource| format!("`{}`", resource.address))
            .collect();
        names.dedup();
        if names.len() < 2 {
            return self.unnamed(asked);
        }
        let more = names.len().saturating_sub(SHOWN);
        names.truncate(SHOWN);
        let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
        let list = names.join(", ");
        let reason = format!("is known after apply: it refers to {list}{rest}, and the plan does not say to which");
        let name = format!("{}.{}", asked.resource.address, asked.attribute);
        Unknown { name, reason, form: Form::Anything }
    }

    fn unnamed(&self, asked: &Asked<'_>) -> Unknown {
        let names = references(super::expression(asked.expressions, asked.attribute)).unwrap_or_default();
        let is_own = |name: &&&str| {
            !["each", "count", "path", "self"].contains(&steps(name).first().map_or("", |step| step.name))
        };
        let name = match names.as_slice() {
            [only] if is_own(&only) => in_module(&asked.resource.module, only),
            _ => format!("{}.{}", asked.resource.address, asked.attribute),
        };
        known_after_apply(name)
    }
}

fn known_after_apply(name: String) -> Unknown {
    Unknown { name, reason: "is known after apply".to_owned(), form: Form::Anything }
}

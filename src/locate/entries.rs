//! Which resource each part of a plan belongs to.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::source::{Source, Span};

/// The entries of a plan or state by their ranges.
#[derive(Debug, Default)]
pub(super) struct Entries {
    /// In the order of the text; none stands in another one.
    resources: Vec<(Span, String)>,
}

#[derive(Deserialize)]
struct Plan<'a> {
    #[serde(borrow, default)]
    resource_changes: Vec<&'a RawValue>,
    #[serde(borrow)]
    planned_values: Option<Values<'a>>,
    #[serde(borrow)]
    values: Option<Values<'a>>,
    #[serde(borrow)]
    prior_state: Option<State<'a>>,
}

#[derive(Deserialize)]
struct State<'a> {
    #[serde(borrow)]
    values: Option<Values<'a>>,
}

#[derive(Deserialize)]
struct Values<'a> {
    #[serde(borrow)]
    root_module: Option<Module<'a>>,
}

#[derive(Deserialize)]
struct Module<'a> {
    #[serde(borrow, default)]
    resources: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    child_modules: Vec<Module<'a>>,
}

#[derive(Deserialize)]
struct Addressed<'a> {
    #[serde(borrow)]
    address: Cow<'a, str>,
}

impl Entries {
    /// Reads the plan or state in this range of a source.
    pub(super) fn read(source: &Source, span: Span) -> Self {
        let text = source.slice(span);
        let Ok(plan) = serde_json::from_str::<Plan<'_>>(text) else { return Self::default() };
        let mut raw = plan.resource_changes;
        let values = [plan.planned_values, plan.values, plan.prior_state.and_then(|state| state.values)];
        let mut waiting: Vec<Module<'_>> =
            values.into_iter().flatten().filter_map(|values| values.root_module).collect();
        while let Some(module) = waiting.pop() {
            raw.extend(module.resources);
            waiting.extend(module.child_modules);
        }
        let start = source.text().as_ptr() as usize;
        let entry = |raw: &RawValue| {
            let at = (raw.get().as_ptr() as usize).checked_sub(start)?;
            let address = serde_json::from_str::<Addressed<'_>>(raw.get()).ok()?.address.into_owned();
            Some((Span::new(at, at + raw.get().len()), address))
        };
        let mut resources: Vec<_> = raw.into_iter().filter_map(entry).collect();
        resources.sort_unstable_by_key(|(span, _)| span.start);
        Self { resources }
    }

    /// The address of the resource that a range belongs to.
    pub(super) fn at(&self, span: Span) -> Option<&str> {
        let after = self.resources.partition_point(|(entry, _)| entry.start <= span.start);
        let (entry, address) = self.resources.get(after.checked_sub(1)?)?;
        (span.end <= entry.end).then_some(address.as_str())
    }
}

//! Which resource each part of a plan belongs to.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::source::{Source, Span};
use crate::terraform::values::{State, Values};

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
    planned_values: Option<Values<'a, &'a RawValue>>,
    #[serde(borrow)]
    values: Option<Values<'a, &'a RawValue>>,
    #[serde(borrow)]
    prior_state: Option<State<'a, &'a RawValue>>,
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
        let values = [plan.planned_values, plan.values, plan.prior_state.and_then(|state| state.values)];
        let standing = values.into_iter().flatten().flat_map(Values::into_resources);
        let entry = |raw: &RawValue| {
            let address = serde_json::from_str::<Addressed<'_>>(raw.get()).ok()?.address.into_owned();
            Some((source.span_of(raw.get()), address))
        };
        let mut resources: Vec<_> = plan.resource_changes.into_iter().chain(standing).filter_map(entry).collect();
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

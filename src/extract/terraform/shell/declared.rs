//! Lists of resources, of which only those that are worth reading are kept.
//!
//! Written by hand where the derived reader would look into every resource: most of a plan is skipped in one go.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::glance::is_worth_reading;
use super::{Fault, Text, is_wanted, read};

/// The resources of a list that are worth reading.
pub(super) struct Declared<'a>(Vec<&'a RawValue>);

impl<'a> Declared<'a> {
    /// Adds those that a later run is to change. They are checked with what is known of them: what they bring comes
    /// by the same configuration, and no other plan may be checked before.
    pub(super) fn with_put_off(mut self, put_off: Vec<PutOff<'a>>) -> Self {
        let changes = put_off.into_iter().filter_map(|it| it.resource_change);
        self.0.extend(changes.filter(|raw| is_worth_reading(raw.get())));
        self
    }

    /// Reads them.
    pub(super) fn entries(self) -> Result<Vec<Entry<'a>>, Fault<'a>> {
        let mut entries = Vec::with_capacity(self.0.len());
        for raw in self.0 {
            let IfItMatters(entry) = read(raw.get())?;
            entries.extend(entry);
        }
        Ok(entries)
    }
}

/// A change that Terraform puts off to a later run, because too much of it is not known yet: an item of
/// `deferred_changes`.
#[derive(Deserialize)]
#[serde(expecting = "a deferred change, which is a map")]
pub(super) struct PutOff<'a> {
    #[serde(borrow)]
    resource_change: Option<&'a RawValue>,
}

/// One resource: with a `change` in a list of changes, with `values` in a state or in planned values.
#[derive(Default)]
pub(super) struct Entry<'a> {
    pub(super) address: Option<&'a RawValue>,
    pub(super) module_address: Cow<'a, str>,
    pub(super) mode: Cow<'a, str>,
    pub(super) type_name: Cow<'a, str>,
    pub(super) name: Cow<'a, str>,
    /// The address that the resource has in the state, where a `moved` block gives it another one.
    pub(super) previous_address: Option<Cow<'a, str>>,
    /// Whether it is what an interrupted replacement left behind, beside the resource itself.
    pub(super) deposed: bool,
    pub(super) change: Option<Change<'a>>,
    pub(super) values: Option<&'a RawValue>,
}

/// What becomes of a resource.
#[derive(Deserialize)]
#[serde(expecting = "the change of a resource, which is a map")]
pub(super) struct Change<'a> {
    #[serde(default)]
    pub(super) actions: Vec<Action>,
    #[serde(borrow)]
    pub(super) before: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) after: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) after_unknown: Option<&'a RawValue>,
}

/// What a plan does with a resource; only what leaves nothing behind in the state matters.
#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case", expecting = "the name of an action")]
pub(super) enum Action {
    Delete,
    Forget,
    #[serde(other)]
    Other,
}

/// A resource, or nothing where its type does not matter.
struct IfItMatters<'a>(Option<Entry<'a>>);

/// The keys of a resource.
#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Key {
    Address,
    ModuleAddress,
    Mode,
    Type,
    Name,
    PreviousAddress,
    #[serde(alias = "deposed_key")]
    Deposed,
    Change,
    Values,
    #[serde(other)]
    Other,
}

impl<'de: 'a, 'a> Deserialize<'de> for Declared<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ListVisitor).map(Declared)
    }
}

struct ListVisitor;

impl<'de> Visitor<'de> for ListVisitor {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of resources")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut kept = Vec::new();
        while let Some(raw) = list.next_element::<&RawValue>()? {
            if is_worth_reading(raw.get()) {
                kept.push(raw);
            }
        }
        Ok(kept)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for IfItMatters<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntryVisitor).map(IfItMatters)
    }
}

struct EntryVisitor;

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = Option<Entry<'de>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a resource, which is a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entry = Entry::default();
        let mut may_matter = true;
        while let Some(key) = map.next_key()? {
            match key {
                Key::Address => entry.address = map.next_value()?,
                Key::ModuleAddress => entry.module_address = map.next_value::<Text<'_>>()?.0,
                Key::Mode => {
                    entry.mode = map.next_value::<Text<'_>>()?.0;
                    may_matter &= entry.type_name.is_empty() || is_wanted(&entry.mode, &entry.type_name);
                }
                Key::Type => {
                    entry.type_name = map.next_value::<Text<'_>>()?.0;
                    may_matter &= is_wanted(&entry.mode, &entry.type_name);
                }
                Key::Name => entry.name = map.next_value::<Text<'_>>()?.0,
                Key::PreviousAddress => {
                    entry.previous_address = map.next_value::<Option<Text<'_>>>()?.map(|text| text.0)
                }
                Key::Deposed => entry.deposed |= map.next_value::<Option<IgnoredAny>>()?.is_some(),
                Key::Change if may_matter => entry.change = map.next_value()?,
                Key::Values if may_matter => entry.values = map.next_value()?,
                Key::Change | Key::Values | Key::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok((may_matter && !entry.deposed && !entry.type_name.is_empty()).then_some(entry))
    }
}

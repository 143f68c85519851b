//! The outer form of plans and states: which resources there are, the rest left as borrowed raw text.
//!
//! Most of a plan is not IAM. One pass finds the resources; what they hold is skipped here and read later for the few
//! types that matter, [`super::asked`].

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::asked;
use super::references::DOCUMENT;
use declared::{Action, Declared, Entry, PutOff};

mod before;
mod declared;
mod glance;

/// The resources of a plan or state, and the configuration that a plan repeats.
#[derive(Default)]
pub(super) struct Shell<'a> {
    /// What is there after the change; deletes are left out.
    pub(super) resources: Vec<Resource<'a>>,
    /// What is there before the change, under the addresses that it has afterwards; `None` where the input does not say.
    pub(super) before: Option<Vec<Resource<'a>>>,
    /// The data sources that are read only during the apply.
    pub(super) deferred: Vec<Resource<'a>>,
    /// The root module's configuration.
    pub(super) configuration: Option<Module<'a>>,
    /// The attributes, before and after, of resources that tie policies to roles; deletes included.
    pub(super) role_ties: Vec<&'a str>,
    /// Why there may be no resources although there should be some.
    pub(super) trouble: Option<&'static str>,
}

impl<'a> Shell<'a> {
    /// The resources after the change and before it.
    pub(super) fn all_resources(&self) -> impl Iterator<Item = &Resource<'a>> {
        self.resources.iter().chain(self.before.iter().flatten())
    }
}

/// A resource instance as it will be, or as it was.
#[derive(Clone)]
pub(super) struct Resource<'a> {
    /// The JSON text that names it, quotes included.
    pub(super) named_at: &'a str,
    /// Its address with module path and instance key.
    pub(super) address: Cow<'a, str>,
    /// The address of its module instance; empty for the root module.
    pub(super) module: Cow<'a, str>,
    /// Its type.
    pub(super) type_name: Cow<'a, str>,
    /// Its name in the configuration.
    pub(super) name: Cow<'a, str>,
    /// The attributes that are known.
    pub(super) values: &'a str,
    /// Which attributes are not known, in the form of the values with `true` for each.
    pub(super) unknown: Unknown<'a>,
}

/// How an input says which attributes are not known.
#[derive(Clone, Copy)]
pub(super) enum Unknown<'a> {
    /// By a value of the same form.
    Mask(&'a str),
    /// By leaving them out: what is absent may be unknown or null.
    Absent,
    /// Everything is known.
    Nothing,
}

/// The configuration of a module.
#[derive(Deserialize, Default)]
#[serde(default, expecting = "a module's configuration")]
pub(super) struct Module<'a> {
    #[serde(borrow)]
    resources: Vec<&'a RawValue>,
    #[serde(borrow)]
    pub(super) module_calls: BTreeMap<String, ModuleCall<'a>>,
    #[serde(borrow)]
    pub(super) outputs: BTreeMap<String, Output<'a>>,
}

impl<'a> Module<'a> {
    /// The resources of types that there are any of, and the data sources that make documents.
    pub(super) fn blocks(&self, is_there: impl Fn(&str) -> bool) -> impl Iterator<Item = Block<'a>> {
        let asked = self.resources.iter().filter(move |raw| glance::is_configured(raw.get(), &is_there));
        // What is no block says nothing of any resource.
        asked.filter_map(|raw| read(raw.get()).ok())
    }
}

/// The configuration of a resource.
#[derive(Deserialize)]
#[serde(expecting = "a resource's configuration")]
pub(super) struct Block<'a> {
    #[serde(borrow, rename = "type", default)]
    pub(super) type_name: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) name: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) expressions: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) for_each_expression: Option<&'a RawValue>,
}

/// The configuration of a module's output.
#[derive(Deserialize)]
#[serde(expecting = "a module's output")]
pub(super) struct Output<'a> {
    #[serde(borrow)]
    pub(super) expression: Option<&'a RawValue>,
}

/// A call of a module.
#[derive(Deserialize)]
#[serde(expecting = "a module call")]
pub(super) struct ModuleCall<'a> {
    #[serde(borrow)]
    pub(super) module: Option<Module<'a>>,
    #[serde(borrow)]
    pub(super) expressions: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) for_each_expression: Option<&'a RawValue>,
}

/// A string that is borrowed where it has no escapes.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// Text that is not JSON, or not of the form that was expected.
pub(super) struct Fault<'a> {
    /// What was read.
    pub(super) text: &'a str,
    /// What is wrong in it.
    pub(super) error: serde_json::Error,
}

/// Reads a plan.
pub(super) fn plan(text: &str) -> Result<Shell<'_>, Fault<'_>> {
    let plan: Plan<'_> = read(text)?;
    let configuration = plan.configuration.and_then(|configuration| configuration.root_module);
    let resource_changes = plan.resource_changes.map(|changes| changes.with_put_off(plan.deferred_changes));
    let resource_changes = resource_changes.map(Declared::entries).transpose()?;
    let changes = resource_changes.as_deref().unwrap_or_default();
    let role_ties = changes.iter().flat_map(Entry::role_ties).collect();
    // What has only planned values may have been cut out of a plan with deletes.
    let tells_changes =
        resource_changes.is_some() || !plan.planned_values.is_some_and(|it| it.get().contains("\"resources\""));
    let prior_state = plan.prior_state.filter(|_| tells_changes);
    let standing = before::untouched(plan.complete, prior_state, changes)?;
    let mut before = tells_changes.then(|| before::resources(changes, &standing));
    let taken_over = before::taken_over(changes);
    let (mut resources, deferred) = match (resource_changes, plan.planned_values) {
        (Some(changes), _) => changed(changes),
        (None, Some(values)) => (read::<Values<'_>>(values.get())?.into_resources(Unknown::Absent)?, Vec::new()),
        (None, None) => (Vec::new(), Vec::new()),
    };
    resources.extend(standing);
    if !taken_over.is_empty() {
        let lists = before.iter_mut().chain([&mut resources]);
        lists.for_each(|list| list.retain(|resource| !taken_over.contains(&resource.address)));
    }
    let trouble = (plan.errored == Some(true)).then_some(ERRORED);
    Ok(Shell { resources, before, deferred, configuration, role_ties, trouble })
}

/// Why a plan that ended in an error does not do.
const ERRORED: &str = "the plan ended in an error and says only in part what would be there; \
                       put the error right and plan again";

/// The resources after their changes, and the data sources that are read only then.
fn changed(entries: Vec<Entry<'_>>) -> (Vec<Resource<'_>>, Vec<Resource<'_>>) {
    let (mut resources, mut deferred) = (Vec::with_capacity(entries.len()), Vec::new());
    for entry in entries {
        let list = if is_data(&entry.mode) { &mut deferred } else { &mut resources };
        list.extend(entry.changed());
    }
    (resources, deferred)
}

/// Reads a state as `terraform show -json` prints it.
pub(super) fn state(text: &str) -> Result<Shell<'_>, Fault<'_>> {
    let state: State<'_> = read(text)?;
    let resources = state.values.map(|values| values.into_resources(Unknown::Nothing)).transpose()?.unwrap_or_default();
    let ties = resources.iter().filter(|resource| ties_to_role(&resource.type_name));
    let role_ties = ties.map(|resource| resource.values).collect();
    Ok(Shell { resources, role_ties, ..Shell::default() })
}

#[derive(Deserialize)]
#[serde(expecting = "a plan, which is a map")]
struct Plan<'a> {
    #[serde(borrow)]
    resource_changes: Option<Declared<'a>>,
    #[serde(borrow, default)]
    deferred_changes: Vec<PutOff<'a>>,
    #[serde(borrow)]
    planned_values: Option<&'a RawValue>,
    #[serde(borrow)]
    configuration: Option<Configuration<'a>>,
    #[serde(borrow)]
    prior_state: Option<&'a RawValue>,
    errored: Option<bool>,
    complete: Option<bool>,
}

#[derive(Deserialize)]
#[serde(expecting = "the configuration, which is a map")]
struct Configuration<'a> {
    #[serde(borrow)]
    root_module: Option<Module<'a>>,
}

/// The resources of a state or of planned values, module in module.
#[derive(Deserialize)]
#[serde(expecting = "values, which are a map")]
struct Values<'a> {
    #[serde(borrow)]
    root_module: Option<ValuesModule<'a>>,
}

#[derive(Deserialize)]
#[serde(expecting = "a module, which is a map")]
struct ValuesModule<'a> {
    #[serde(borrow, default)]
    address: Cow<'a, str>,
    #[serde(borrow)]
    resources: Option<Declared<'a>>,
    #[serde(borrow, default)]
    child_modules: Vec<ValuesModule<'a>>,
}

impl<'a> Values<'a> {
    fn into_resources(self, unknown: Unknown<'a>) -> Result<Vec<Resource<'a>>, Fault<'a>> {
        let mut resources = Vec::new();
        let mut waiting: Vec<_> = self.root_module.into_iter().collect();
        while let Some(module) = waiting.pop() {
            let inside = module.resources.map(Declared::entries).transpose()?.unwrap_or_default();
            resources.extend(inside.into_iter().filter_map(|entry| entry.planned(&module.address, unknown)));
            waiting.extend(module.child_modules.into_iter().rev());
        }
        Ok(resources)
    }
}

impl<'a> Entry<'a> {
    /// The resource after a change, unless the change leaves nothing behind. What is only forgotten stays as it is.
    fn changed(self) -> Option<Resource<'a>> {
        if before::is_forgotten(&self) {
            return self.before();
        }
        let change = self.change?;
        let stays = change.actions.is_empty() || change.actions.contains(&Action::Other);
        let values = change.after.filter(|_| stays)?.get();
        let unknown = change.after_unknown.map_or(Unknown::Nothing, |mask| Unknown::Mask(mask.get()));
        Self { change: None, ..self }.resource(values, unknown)
    }

    /// The resource with the values that stand beside its name.
    fn planned(mut self, module: &Cow<'a, str>, unknown: Unknown<'a>) -> Option<Resource<'a>> {
        let values = self.values.filter(|_| !is_data(&self.mode))?.get();
        self.module_address = module.clone();
        self.resource(values, unknown)
    }

    fn resource(self, values: &'a str, unknown: Unknown<'a>) -> Option<Resource<'a>> {
        Some(Resource {
            named_at: self.address?.get(),
            address: text(self.address?)?,
            module: self.module_address,
            type_name: self.type_name,
            name: self.name,
            values,
            unknown,
        })
    }

    /// The attributes of a resource that ties policies to roles, before and after.
    fn role_ties(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let change = self.change.as_ref().filter(|_| ties_to_role(&self.type_name));
        let values = change.map(|change| [change.before, change.after]);
        values.into_iter().flatten().flatten().map(RawValue::get)
    }
}

#[derive(Deserialize)]
#[serde(expecting = "a state, which is a map")]
struct State<'a> {
    #[serde(borrow)]
    values: Option<Values<'a>>,
}

fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Fault<'a>> {
    serde_json::from_str(text).map_err(|error| Fault { text, error })
}

/// Plans of old versions may leave the mode out.
fn is_data(mode: &str) -> bool {
    mode == "data"
}

/// Whether anything is to be found in a resource or data source.
fn is_wanted(mode: &str, type_name: &str) -> bool {
    match mode {
        "managed" => asked(type_name).is_some(),
        "" => asked(type_name).is_some() || type_name == DOCUMENT,
        _ => is_data(mode) && type_name == DOCUMENT,
    }
}

/// Whether resources of a type tie policies to roles from outside the role.
fn ties_to_role(type_name: &str) -> bool {
    matches!(type_name, "aws_iam_role_policy" | "aws_iam_role_policy_attachment" | "aws_iam_policy_attachment")
}

/// The text of a JSON string.
fn text(raw: &RawValue) -> Option<Cow<'_, str>> {
    serde_json::from_str::<Text<'_>>(raw.get()).ok().map(|text| text.0)
}

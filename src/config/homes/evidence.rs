//! What a plan or state says about the accounts that its resources belong to.
//!
//! Read apart from the extraction, and only where accounts are asked for: nothing here decides what is checked, and what
//! cannot be read here has been told there.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::account::{account_of_arn, is_account_id};
use crate::terraform::address::{self, BlockAddress};
use crate::terraform::values::{State, Values};

/// The resources of a plan or state and what leads to their accounts.
#[derive(Default)]
pub(super) struct Evidence {
    resources: BTreeMap<String, Resource>,
    /// Accounts by the key of the provider configuration that leads to them.
    told: HashMap<String, Told>,
}

/// One resource.
#[derive(Default)]
pub(super) struct Resource {
    /// The account in its own ARN.
    pub(super) account: Option<String>,
    /// The key of its provider configuration; empty where the input does not say.
    pub(super) provider: String,
}

/// What is said about one provider configuration.
#[derive(Default)]
struct Told {
    /// By its own arguments: the role that it assumes, or the only account that it allows.
    declared: Option<String>,
    /// By the ARNs of its resources and by who it says that it is.
    seen: BTreeSet<String>,
}

impl Evidence {
    /// Reads the text of a plan or state.
    pub(super) fn read(text: &str) -> Self {
        let Ok(shell) = serde_json::from_str::<Shell<'_>>(text) else { return Self::default() };
        let mut evidence = Self::default();
        let configuration = shell.configuration.unwrap_or_default();
        for (key, provider) in configuration.provider_config {
            evidence.told.entry(key).or_default().declared = provider.account();
        }
        let mut providers = HashMap::new();
        if let Some(root) = configuration.root_module {
            root.providers(String::new(), &mut providers);
        }
        for change in shell.resource_changes {
            let attributes = change.change.unwrap_or_default();
            let both = [attributes.before, attributes.after];
            evidence.resource(change.address, both.into_iter().flatten().next(), &providers);
        }
        let states = [shell.values, shell.prior_state.and_then(|state| state.values)];
        for resource in states.into_iter().flatten().flat_map(Values::into_resources) {
            evidence.resource(resource.address, resource.values, &providers);
        }
        evidence
    }

    /// The resources by address.
    pub(super) fn resources(&self) -> impl Iterator<Item = (&str, &Resource)> {
        self.resources.iter().map(|(address, resource)| (address.as_str(), resource))
    }

    /// The account of each provider configuration of which it can be told; `named` knows those that were given names.
    pub(super) fn providers(&self, named: impl Fn(&str) -> Option<String>) -> HashMap<&str, String> {
        let account = |(key, told): (&'_ String, &'_ Told)| {
            let seen = told.seen.first().filter(|_| told.seen.len() == 1).cloned();
            named(key).or_else(|| told.declared.clone()).or(seen)
        };
        self.told.iter().filter_map(|(key, told)| Some((key.as_str(), account((key, told))?))).collect()
    }

    fn resource(&mut self, address: String, values: Option<&RawValue>, providers: &HashMap<String, String>) {
        let Some(BlockAddress { block, .. }) = address::block_of(&address) else { return };
        let is_identity = block.starts_with("data.aws_caller_identity.");
        if !block.starts_with("aws_") && !is_identity {
            return;
        }
        let provider = providers.get(&*address::without_keys(&address)).cloned().unwrap_or_default();
        let told = self.told.entry(provider.clone()).or_default();
        let attributes = values.and_then(|values| serde_json::from_str::<Attributes>(values.get()).ok());
        let attributes = attributes.unwrap_or_default();
        if is_identity {
            told.seen.extend(attributes.account_id.filter(|id| is_account_id(id)));
            return;
        }
        let account = attributes.arn.as_deref().and_then(account_of_arn).map(str::to_owned);
        told.seen.extend(account.clone());
        if block.starts_with("aws_iam_") {
            self.resources.entry(address).or_insert(Resource { account, provider });
        }
    }
}

/// A plan or a state, as far as it leads to accounts.
#[derive(Deserialize)]
struct Shell<'a> {
    #[serde(borrow, default)]
    resource_changes: Vec<Change<'a>>,
    #[serde(borrow)]
    prior_state: Option<State<'a, StateResource<'a>>>,
    #[serde(borrow)]
    values: Option<Values<'a, StateResource<'a>>>,
    configuration: Option<Configuration>,
}

#[derive(Deserialize)]
struct Change<'a> {
    #[serde(default)]
    address: String,
    #[serde(borrow)]
    change: Option<BeforeAndAfter<'a>>,
}

#[derive(Deserialize, Default)]
struct BeforeAndAfter<'a> {
    #[serde(borrow)]
    before: Option<&'a RawValue>,
    #[serde(borrow)]
    after: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct StateResource<'a> {
    #[serde(default)]
    address: String,
    #[serde(borrow)]
    values: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
struct Attributes {
    arn: Option<String>,
    account_id: Option<String>,
}

#[derive(Deserialize, Default)]
struct Configuration {
    #[serde(default)]
    provider_config: BTreeMap<String, Provider>,
    root_module: Option<ModuleBlock>,
}

#[derive(Deserialize)]
struct Provider {
    expressions: Option<Arguments>,
}

#[derive(Deserialize)]
struct Arguments {
    allowed_account_ids: Option<Constant<Vec<String>>>,
    assume_role: Option<Vec<AssumeRole>>,
}

#[derive(Deserialize)]
struct AssumeRole {
    role_arn: Option<Constant<String>>,
}

#[derive(Deserialize)]
struct Constant<T> {
    constant_value: Option<T>,
}

#[derive(Deserialize, Default)]
struct ModuleBlock {
    #[serde(default)]
    resources: Vec<Block>,
    #[serde(default)]
    module_calls: BTreeMap<String, ModuleCall>,
}

#[derive(Deserialize)]
struct Block {
    #[serde(default)]
    address: String,
    #[serde(default)]
    provider_config_key: String,
}

#[derive(Deserialize)]
struct ModuleCall {
    module: Option<ModuleBlock>,
}

impl Provider {
    fn account(&self) -> Option<String> {
        let arguments = self.expressions.as_ref()?;
        let mut roles = arguments.assume_role.iter().flatten();
        let role = roles.next_back().and_then(|role| role.role_arn.as_ref()?.constant_value.as_deref());
        let allowed = arguments.allowed_account_ids.as_ref().and_then(|ids| ids.constant_value.as_deref());
        let only = match allowed {
            Some([only]) if is_account_id(only) => Some(only.clone()),
            _ => None,
        };
        role.and_then(account_of_arn).map(str::to_owned).or(only)
    }
}

impl ModuleBlock {
    /// The provider configuration of each resource block, by its address without instance keys. JSON cannot be nested
    /// deeply enough for the recursion to matter.
    fn providers(self, prefix: String, providers: &mut HashMap<String, String>) {
        for block in self.resources {
            providers.insert(format!("{prefix}{}", block.address), block.provider_config_key);
        }
        for (name, call) in self.module_calls {
            if let Some(module) = call.module {
                module.providers(format!("{prefix}module.{name}."), providers);
            }
        }
    }
}

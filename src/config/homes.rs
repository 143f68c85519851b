//! Which account a resource belongs to: by its ARN, by its provider, by what else the plan says of that provider, or by
//! where its file lies, in this order.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use rayon::prelude::*;

use super::Configuration;
use crate::inventory::Address;
use crate::load::{Format, Input};
use evidence::Evidence;

mod evidence;

/// The accounts of the resources of a run.
#[derive(Debug, Default)]
pub struct Homes {
    inputs: HashMap<String, Home>,
}

/// The accounts of one input.
#[derive(Debug, Default)]
struct Home {
    /// What holds where nothing else is known of a resource.
    usual: Option<String>,
    /// The accounts of single resources.
    resources: HashMap<String, String>,
}

impl Homes {
    /// Places the resources of all inputs.
    #[must_use]
    pub fn new(inputs: &[Input], configuration: &Configuration) -> Self {
        let place = |input: &Input| (input.source.name().to_owned(), home(input, configuration));
        Self { inputs: inputs.par_iter().map(place).collect() }
    }

    /// The account of a resource, where it can be told.
    #[must_use]
    pub fn of(&self, address: &Address) -> Option<&str> {
        let home = self.inputs.get(&*address.input)?;
        home.resources.get(&address.path).or(home.usual.as_ref()).map(String::as_str)
    }

    /// The account of everything in an input of which nothing else is known.
    #[must_use]
    pub fn of_input(&self, input: &str) -> Option<&str> {
        self.inputs.get(input)?.usual.as_deref()
    }

    /// All accounts that something is placed in, each with the inputs.
    #[must_use]
    pub fn accounts(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut accounts: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (input, home) in &self.inputs {
            for account in home.resources.values().chain(&home.usual) {
                accounts.entry(account).or_default().insert(input);
            }
        }
        accounts
    }
}

fn home(input: &Input, configuration: &Configuration) -> Home {
    let path = configuration.relative(Path::new(input.source.name()));
    let by_path = configuration.accounts.iter().find(|account| account.paths.matches(&path));
    let by_path = by_path.map(|account| account.id.clone());
    let evidence = match &input.format {
        Format::TerraformPlan(span) | Format::TerraformState(span) => Evidence::read(input.source.slice(*span)),
        Format::CloudFormation(_) | Format::AssembledStack(_) | Format::PolicyDocument(_) => Evidence::default(),
    };
    let by_app = match &input.format {
        Format::AssembledStack(stack) => stack.account.clone(),
        _ => None,
    };
    let providers = evidence.providers(|key| {
        let leads = |name: &String| names(key, name);
        configuration
            .accounts
            .iter()
            .find(|account| account.providers.iter().any(leads))
            .map(|account| account.id.clone())
    });
    let mut resources = HashMap::new();
    for (address, resource) in evidence.resources() {
        let account = resource.account.as_deref();
        let account = account.or_else(|| providers.get(resource.provider.as_str()).map(String::as_str));
        if let Some(account) = account {
            resources.insert(address.to_owned(), account.to_owned());
        }
    }
    let known: BTreeSet<&String> = providers.values().collect();
    let only = known.first().filter(|_| known.len() == 1).map(|account| (*account).clone());
    Home { usual: only.or(by_app).or(by_path), resources }
}

/// Whether a key such as `module.users:aws.security` is the one that `aws.security` or `security` stands for.
fn names(key: &str, name: &str) -> bool {
    let local = key.rsplit(':').next().unwrap_or(key);
    key == name || local == name || local.split_once('.').is_some_and(|(_, alias)| alias == name)
}

//! The values representation: the resources of a state or of a plan's `planned_values`, module in module.
//!
//! It says how resources are reached; what is read of each of them is up to who reads it.

use std::borrow::Cow;

use serde::Deserialize;

/// The `prior_state` of a plan.
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a, R: Deserialize<'de>"))]
pub(crate) struct State<'a, R> {
    #[serde(borrow)]
    pub(crate) values: Option<Values<'a, R>>,
}

/// The `values` of a state or the `planned_values` of a plan.
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a, R: Deserialize<'de>"))]
pub(crate) struct Values<'a, R> {
    #[serde(borrow)]
    pub(crate) root_module: Option<Module<'a, R>>,
}

/// An instance of a module. JSON cannot be nested deeply enough for recursion over its modules to matter.
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a, R: Deserialize<'de>"))]
pub(crate) struct Module<'a, R> {
    /// Empty for the root module.
    #[serde(borrow, default)]
    pub(crate) address: Cow<'a, str>,
    #[serde(default = "Vec::new")]
    pub(crate) resources: Vec<R>,
    #[serde(borrow, default = "Vec::new")]
    pub(crate) child_modules: Vec<Self>,
}

impl<R> Values<'_, R> {
    /// The resources of all modules, those of a module before those of the modules in it.
    pub(crate) fn into_resources(self) -> impl Iterator<Item = R> {
        let mut waiting: Vec<_> = self.root_module.into_iter().collect();
        let modules = std::iter::from_fn(move || {
            let module = waiting.pop()?;
            waiting.extend(module.child_modules.into_iter().rev());
            Some(module.resources)
        });
        modules.flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_come_in_the_order_of_the_text() {
        let text = r#"{"root_module": {"resources": [1], "child_modules": [
            {"address": "module.a", "resources": [2], "child_modules": [{"address": "module.a.module.b", "resources": [3]}]},
            {"address": "module.c"},
            {"address": "module.d", "resources": [4, 5]}]}}"#;
        let values: Values<'_, u8> = serde_json::from_str(text).unwrap();
        assert_eq!(values.into_resources().collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
        let nothing: Values<'_, u8> = serde_json::from_str("{}").unwrap();
        assert_eq!(nothing.into_resources().count(), 0);
    }

    #[test]
    fn modules_that_stand_too_deeply_are_refused() {
        let depth = 100_000;
        let text = format!("{{\"root_module\": {}{{}}{}}}", "{\"child_modules\": [".repeat(depth), "]}".repeat(depth));
        assert!(serde_json::from_str::<Values<'_, u8>>(&text).is_err());
    }
}

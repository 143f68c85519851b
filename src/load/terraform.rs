//! Whether a JSON text is a Terraform plan or state, by its keys alone.

use super::detect::{Kind, Refusal, keys_found};
use super::peek::{Key, Keys, value_span};
use super::{Format, LoadError};
use crate::source::Span;

/// What the keys of a JSON text say.
pub(super) enum Look {
    /// A plan or state that fills the text. Whether all of it is valid JSON has not been asked.
    Terraform(Format),
    /// Plans or states as values in a map of something else, such as the input of a policy check in Terraform Cloud.
    Wrapped(Vec<Format>),
    /// A template or policy, to be read as a tree.
    Tree,
    /// None of these, and what it is.
    Foreign(String),
}

/// Looks at the keys of the object that the text holds; stops at the first that decides.
pub(super) fn look(text: &str) -> Result<Look, Refusal> {
    let whole = Span::new(0, text.len());
    let mut wrapped = Vec::new();
    if text.trim_start().starts_with('[') {
        return Ok(if text.len() <= MAX_LIST { Look::Tree } else { Look::Foreign("a list".to_owned()) });
    }
    let mut names = Vec::new();
    let mut tree = false;
    let mut seen = Seen::default();
    let mut keys = Keys::new(text, 0, text.len());
    for key in keys.by_ref() {
        if let Some(shape) = seen.add(text, key) {
            return seen.format(shape, whole).map(Look::Terraform);
        }
        match key.name {
            "Resources" | "AWSTemplateFormatVersion" | "Transform" | "Fn::Transform" | "Statement" => {
                return Ok(Look::Tree);
            }
            "@level" => return Err(Refusal::new(LoadError::Log, Kind::Foreign)),
            _ => match unwrap(text, key, WRAPPERS)? {
                Inside::Terraform(formats) => wrapped.extend(formats),
                Inside::Tree => tree = true,
            },
        }
        if names.len() < 20 {
            names.push(key.name);
        }
    }
    if seen.is_raw_state() {
        return Err(Refusal::new(LoadError::RawState, Kind::Convertible));
    }
    if !wrapped.is_empty() {
        return Ok(Look::Wrapped(wrapped));
    }
    if tree || names.contains(&"Effect") {
        return Ok(Look::Tree);
    }
    if keys.is_complete() && seen.is_empty_state(&names) {
        return seen.format(Shape::State, whole).map(Look::Terraform);
    }
    if keys.is_complete() && is_configuration(&names) {
        return Err(Refusal::new(LoadError::Configuration, Kind::Foreign));
    }
    Ok(Look::Foreign(keys_found(names.into_iter())))
}

/// How many maps may stand around a plan.
pub(super) const WRAPPERS: usize = 2;

/// The largest list in which statements are looked for, to say that they need a policy around them.
const MAX_LIST: usize = 1 << 20;

/// How much of a value is looked at for a plan in it: the keys that decide come early.
const NEAR: usize = 64 << 10;

#[derive(Clone, Copy)]
enum Shape {
    Plan,
    State,
}

/// What the keys so far have shown.
#[derive(Default)]
struct Seen<'a> {
    format_version: Option<&'a str>,
    terraform_version: bool,
    version: bool,
    lineage: bool,
}

impl<'a> Seen<'a> {
    /// The shape of the object, once a key decides it.
    fn add(&mut self, text: &'a str, key: Key<'a>) -> Option<Shape> {
        let versioned = self.format_version.is_some() || self.terraform_version;
        match key.name {
            "format_version" => {
                let span = value_span(text, key.value_start);
                self.format_version = Some(text.get(span.start..span.end)?.trim_matches('"'));
            }
            "terraform_version" => self.terraform_version = true,
            "version" => self.version = true,
            "lineage" | "serial" => self.lineage = true,
            "planned_values" | "resource_changes" => return Some(Shape::Plan),
            "variables" | "output_changes" | "prior_state" | "configuration" if self.format_version.is_some() => {
                return Some(Shape::Plan);
            }
            "configuration" if is_plan_configuration(text, key.value_start) => return Some(Shape::Plan),
            "values" if versioned => return Some(Shape::State),
            _ => {}
        }
        None
    }

    fn format(&self, shape: Shape, span: Span) -> Result<Format, Refusal> {
        let version = self.format_version.unwrap_or_default();
        if version.split('.').next().and_then(|major| major.parse::<u32>().ok()).is_some_and(|major| major > 1) {
            let version = version.chars().take(20).collect();
            return Err(Refusal::new(LoadError::FormatVersion { version }, Kind::Ours));
        }
        Ok(match shape {
            Shape::Plan => Format::TerraformPlan(span),
            Shape::State => Format::TerraformState(span),
        })
    }

    fn is_raw_state(&self) -> bool {
        self.version && self.terraform_version && self.lineage
    }

    /// What `terraform show -json` prints where there is no state.
    fn is_empty_state(&self, names: &[&str]) -> bool {
        let known = |name: &&str| matches!(*name, "format_version" | "terraform_version" | "checks");
        self.format_version.is_some() && names.iter().all(known)
    }
}

/// A plan with sorted keys begins with its configuration, and its version comes only after that.
fn is_plan_configuration(text: &str, start: usize) -> bool {
    let known = |key: Key<'_>| matches!(key.name, "root_module" | "provider_config");
    Keys::new(text, start, start.saturating_add(NEAR)).next().is_some_and(known)
}

/// What a value in a map holds.
enum Inside {
    Terraform(Vec<Format>),
    /// Perhaps a template or policy.
    Tree,
}

fn unwrap(text: &str, key: Key<'_>, levels: usize) -> Result<Inside, Refusal> {
    let mut formats = Vec::new();
    let mut seen = Seen::default();
    if levels == 0 || text.as_bytes().get(key.value_start) != Some(&b'{') {
        return Ok(Inside::Terraform(formats));
    }
    for inner in Keys::new(text, key.value_start, key.value_start.saturating_add(NEAR)) {
        if let Some(shape) = seen.add(text, inner) {
            return Ok(Inside::Terraform(vec![seen.format(shape, value_span(text, key.value_start))?]));
        }
        if matches!(inner.name, "Statement" | "Resources") {
            return Ok(Inside::Tree);
        }
        match unwrap(text, inner, levels - 1)? {
            Inside::Terraform(found) => formats.extend(found),
            Inside::Tree => return Ok(Inside::Tree),
        }
    }
    Ok(Inside::Terraform(formats))
}

/// Terraform configuration in its JSON form, `.tf.json`.
fn is_configuration(names: &[&str]) -> bool {
    let block = |name: &&str| {
        matches!(
            *name,
            "terraform" | "provider" | "resource" | "data" | "variable" | "output" | "locals" | "module" | "//"
        )
    };
    names.iter().all(block)
        && names.iter().any(|name| matches!(*name, "terraform" | "provider" | "resource" | "module"))
}

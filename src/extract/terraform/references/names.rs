//! The names that an expression in a plan refers to.

use std::collections::HashSet;

use serde_json::Value;

pub(super) use crate::terraform::address::{Step, module_call, own_key, split_address, steps, without_keys};

/// A name in a module, as the root module would write it.
pub(in super::super) fn in_module(module: &str, name: &str) -> String {
    if module.is_empty() { name.to_owned() } else { format!("{module}.{name}") }
}

/// The address of the module that a name is in, as [`in_module`] writes it: the module calls that it begins with.
pub(super) fn module_of(name: &str) -> &str {
    let all = steps(name);
    let is_call = |pair: &&[Step<'_>]| pair.first().is_some_and(|step| step.name == "module");
    let of_calls = all.chunks(2).take_while(is_call).flatten();
    let length: usize = of_calls.map(|step| step.name.len() + step.key.len() + 1).sum();
    name.get(..length.saturating_sub(1)).unwrap_or(name)
}

/// The names that an expression refers to, the longest of each alone, in the order of the plan; `None` where there are so
/// many that nothing could be said for them all.
pub(in super::super) fn references(expression: &Value) -> Option<Vec<&str>> {
    const MANY: usize = 128;
    let Some(references) = expression.get("references").and_then(Value::as_array) else { return Some(Vec::new()) };
    let all: Vec<&str> = references.iter().filter_map(Value::as_str).collect();
    (all.len() <= MANY).then(|| longest(&all))
}

/// The names that are not the beginning of another one: a plan lists `a.b.c` together with `a.b`.
fn longest<'n>(names: &[&'n str]) -> Vec<&'n str> {
    let mut sorted = names.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let is_part = |name: &str, other: &str| other.strip_prefix(name).is_some_and(|rest| rest.starts_with(['.', '[']));
    let is_longest = |(at, name): (usize, &&str)| {
        let mut after = sorted.iter().skip(at + 1).take_while(|other| other.starts_with(*name));
        !after.any(|other| is_part(name, other))
    };
    let kept = sorted.iter().enumerate().filter(|(at, name)| is_longest((*at, name)));
    let mut kept: HashSet<&str> = kept.map(|(_, name)| *name).collect();
    names.iter().copied().filter(|name| kept.remove(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_names_stay() {
        let names = ["each.key", "aws_iam_role.a[0].id", "aws_iam_role.a[0]", "aws_iam_role.a", "aws_iam_role.ab"];
        assert_eq!(longest(&names), ["each.key", "aws_iam_role.a[0].id", "aws_iam_role.ab"]);
        assert_eq!(longest(&[]), Vec::<&str>::new());
    }
}

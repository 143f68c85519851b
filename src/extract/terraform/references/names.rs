//! The names and addresses that a plan writes: `module.a["x"].aws_iam_policy.p[0].arn`.

use std::borrow::Cow;
use std::collections::HashSet;

use serde_json::Value;

/// One step of a name: `p` and `[0]` of `p[0]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step<'n> {
    pub(super) name: &'n str,
    /// The keys with their brackets; empty where there is none.
    pub(super) key: &'n str,
}

/// The steps of a name or address. Keys may hold brackets, dots and quotes of their own.
pub(super) fn steps(text: &str) -> Vec<Step<'_>> {
    let mut steps = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = step_end(rest);
        let (step, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let (name, key) = step.split_at_checked(step.find('[').unwrap_or(step.len())).unwrap_or((step, ""));
        steps.push(Step { name, key });
        rest = after.strip_prefix('.').unwrap_or(after);
    }
    steps
}

/// Where a step ends: at the first dot that is in no brackets.
fn step_end(text: &str) -> usize {
    let (mut in_key, mut in_quotes, mut escaped) = (false, false, false);
    for (at, character) in text.char_indices() {
        match character {
            '"' if in_key && !escaped => in_quotes = !in_quotes,
            '[' if !in_key => in_key = true,
            ']' if in_key && !in_quotes => in_key = false,
            '.' if !in_key && at > 0 => return at,
            _ => {}
        }
        escaped = character == '\\' && !escaped;
    }
    text.len()
}

/// An address without the instance keys in brackets.
pub(super) fn without_keys(address: &str) -> Cow<'_, str> {
    if !address.contains('[') {
        return Cow::Borrowed(address);
    }
    let names: Vec<&str> = steps(address).iter().map(|step| step.name).collect();
    Cow::Owned(names.join("."))
}

/// The address of a module instance in its parent: the parent's address, the call's name and the instance's key.
pub(super) fn module_call(address: &str) -> Option<(&str, Step<'_>)> {
    let steps = steps(address);
    let last = *steps.last()?;
    let length = last.name.len() + last.key.len() + "module.".len();
    let parent = address.get(..address.len().checked_sub(length)?)?;
    Some((parent.trim_end_matches('.'), last))
}

/// The module of a resource's address, and its block without the key: `type.name`.
pub(super) fn split_address(address: &str) -> Option<(&str, String)> {
    let steps = steps(address);
    let [.., type_name, block] = steps.as_slice() else { return None };
    let length = type_name.name.len() + 1 + block.name.len() + block.key.len();
    let module = address.get(..address.len().checked_sub(length)?)?;
    Some((module.trim_end_matches('.'), format!("{}.{}", type_name.name, block.name)))
}

/// The last key of an address; empty where it has none.
pub(super) fn own_key(address: &str) -> &str {
    steps(address).last().map_or("", |step| step.key)
}

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
    fn keys_are_taken_out_of_addresses() {
        assert_eq!(without_keys("module.a.module.b"), "module.a.module.b");
        assert_eq!(without_keys(r#"module.a["x.y[0]\"]"].module.b[3]"#), "module.a.module.b");
        assert_eq!(without_keys("module.a["), "module.a");
    }

    #[test]
    fn the_longest_names_stay() {
        let names = ["each.key", "aws_iam_role.a[0].id", "aws_iam_role.a[0]", "aws_iam_role.a", "aws_iam_role.ab"];
        assert_eq!(longest(&names), ["each.key", "aws_iam_role.a[0].id", "aws_iam_role.ab"]);
        assert_eq!(longest(&[]), Vec::<&str>::new());
    }

    #[test]
    fn names_are_split_into_steps() {
        let step = |name, key| Step { name, key };
        let expected = [step("module", ""), step("m", "[\"a.b\"]"), step("arn", "")];
        assert_eq!(steps("module.m[\"a.b\"].arn"), expected);
        assert_eq!(steps("a..b["), [step("a", ""), step(".b", "[")]);
        assert_eq!(steps(""), []);
        assert_eq!(module_call("module.a[0].module.b[\"x\"]"), Some(("module.a[0]", step("b", "[\"x\"]"))));
        assert_eq!(module_call("module.a"), Some(("", step("a", ""))));
        assert_eq!(module_call(""), None);
    }
}

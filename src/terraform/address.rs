//! Terraform's addresses and the names like them: `module.a["x"].aws_iam_policy.p[0].arn`.

use std::borrow::Cow;

/// One step of a name: `p` and `[0]` of `p[0]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step<'n> {
    pub(crate) name: &'n str,
    /// The keys with their brackets; empty where there is none.
    pub(crate) key: &'n str,
}

/// The steps of a name or address. Keys may hold brackets, dots and quotes of their own.
pub(crate) fn steps(text: &str) -> Vec<Step<'_>> {
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
pub(crate) fn without_keys(address: &str) -> Cow<'_, str> {
    if !address.contains('[') {
        return Cow::Borrowed(address);
    }
    let names: Vec<&str> = steps(address).iter().map(|step| step.name).collect();
    Cow::Owned(names.join("."))
}

/// The address of a module instance in its parent: the parent's address, the call's name and the instance's key.
pub(crate) fn module_call(address: &str) -> Option<(&str, Step<'_>)> {
    let steps = steps(address);
    let last = *steps.last()?;
    let length = last.name.len() + last.key.len() + "module.".len();
    let parent = address.get(..address.len().checked_sub(length)?)?;
    Some((parent.trim_end_matches('.'), last))
}

/// The module of a resource's address, and its block without the key: `type.name`.
pub(crate) fn split_address(address: &str) -> Option<(&str, String)> {
    let steps = steps(address);
    let [.., type_name, block] = steps.as_slice() else { return None };
    let length = type_name.name.len() + 1 + block.name.len() + block.key.len();
    let module = address.get(..address.len().checked_sub(length)?)?;
    Some((module.trim_end_matches('.'), format!("{}.{}", type_name.name, block.name)))
}

/// The last key of an address; empty where it has none.
pub(crate) fn own_key(address: &str) -> &str {
    steps(address).last().map_or("", |step| step.key)
}

/// The block that an address belongs to, as the configuration knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BlockAddress {
    /// The module's address without instance keys; empty for the root module.
    pub(crate) module: String,
    /// What the block is called in its module: `aws_iam_role.a`, `data.aws_iam_policy_document.b`.
    pub(crate) block: String,
}

/// The block of a resource's address; `None` for what is no address of a resource.
pub(crate) fn block_of(address: &str) -> Option<BlockAddress> {
    let names: Vec<&str> = steps(address).iter().map(|step| step.name).collect();
    let inside = names.chunks(2).take_while(|pair| matches!(pair, ["module", _])).count() * 2;
    let (module, block) = names.split_at_checked(inside)?;
    matches!(block, [_, _] | ["data", _, _]).then(|| BlockAddress { module: module.join("."), block: block.join(".") })
}

/// The address of the module instance that a resource's address begins with; empty for the root module.
pub(crate) fn module_of(address: &str) -> String {
    let steps = steps(address);
    let calls = steps.chunks(2).take_while(|pair| pair.first().is_some_and(|step| step.name == "module"));
    let call =
        |pair: &[Step<'_>]| pair.get(1).map(|step| format!("module.{}{}", step.name, step.key)).unwrap_or_default();
    calls.map(call).collect::<Vec<_>>().join(".")
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

    #[test]
    fn addresses_begin_with_their_module() {
        let module = r#"module.a["x.y"].module.b[0]"#;
        assert_eq!(module_of(&format!("{module}.aws_iam_role.c[\"z\"]")), module);
        assert_eq!(module_of("data.aws_iam_policy_document.d"), "");
    }

    #[test]
    fn addresses_lead_to_blocks() {
        let block = |address| block_of(address).map(|it| (it.module, it.block));
        let expected = Some(("module.a.module.b".to_owned(), "aws_iam_role.c".to_owned()));
        assert_eq!(block(r#"module.a["x.y"].module.b[0].aws_iam_role.c["z"]"#), expected);
        let data = Some((String::new(), "data.aws_iam_policy_document.d".to_owned()));
        assert_eq!(block("data.aws_iam_policy_document.d[0]"), data);
        assert_eq!(block("module.a"), None);
        assert_eq!(block("a.b.c"), None);
        assert_eq!(block(""), None);
    }
}

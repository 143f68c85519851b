//! The packed table: `data/aws-managed-policies/README.md` describes its format.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::{Map, Value};

/// One policy of the table, still packed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    /// Its name.
    pub name: &'static str,
    /// Its path, with a slash at both ends.
    pub path: &'static str,
    statements: &'static str,
}

/// The policy of this name.
pub(super) fn find(name: &str) -> Option<Entry> {
    TABLE.policies.get(name).copied()
}

/// All policies, in the order of the table.
#[cfg(test)]
pub(super) fn all() -> impl Iterator<Item = Entry> {
    policies(sections()[2])
}

/// The document of a policy as JSON, laid out for reading.
pub(super) fn text(entry: Entry) -> Option<String> {
    let statements = entry.statements.split(';').map(statement).collect::<Option<Vec<Value>>>()?;
    let mut document = Map::new();
    document.insert("Version".to_owned(), Value::from("2012-10-17"));
    document.insert("Statement".to_owned(), Value::from(statements));
    serde_json::to_string_pretty(&document).ok()
}

/// The table, inflated when the first policy is asked for.
static TABLE: LazyLock<Table> = LazyLock::new(Table::new);

struct Table {
    /// Prefix of the service and name of each action.
    actions: Vec<(&'static str, &'static str)>,
    /// Resources and conditions as JSON.
    elements: Vec<&'static str>,
    policies: HashMap<&'static str, Entry>,
}

impl Table {
    fn new() -> Self {
        let [actions, elements, entries] = sections();
        let services = actions.lines().filter_map(|line| line.split_once(' '));
        Self {
            actions: services.flat_map(|(service, names)| names.split(' ').map(move |name| (service, name))).collect(),
            elements: elements.lines().collect(),
            policies: policies(entries).map(|entry| (entry.name, entry)).collect(),
        }
    }
}

/// The three parts of the table; all empty if it could not be inflated, which a test rules out.
fn sections() -> [&'static str; 3] {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        let packed = include_bytes!("../../../data/aws-managed-policies/table.zlib");
        let bytes = miniz_oxide::inflate::decompress_to_vec_zlib(packed).unwrap_or_default();
        String::from_utf8(bytes).unwrap_or_default()
    });
    let mut parts = TEXT.split("\n\n");
    [(); 3].map(|()| parts.next().unwrap_or_default())
}

fn policies(lines: &'static str) -> impl Iterator<Item = Entry> {
    lines.lines().filter_map(|line| {
        let (name, rest) = line.split_once(' ')?;
        let (path, statements) = rest.split_once(' ')?;
        Some(Entry { name, path, statements })
    })
}

/// A statement: `A` or `D`, `!` for `NotAction`, the actions, `/`, `!` for `NotResource`, the resource, `/`, the condition.
fn statement(packed: &str) -> Option<Value> {
    let mut parts = packed.split('/');
    let (effect, actions) = parts.next()?.split_at_checked(1)?;
    let mut statement = Map::new();
    let mut set = |key: &str, value: Value| statement.insert(key.to_owned(), value);
    set("Effect", Value::from(if effect == "A" { "Allow" } else { "Deny" }));
    let (negated, numbers) = negation(actions);
    set(if negated { "NotAction" } else { "Action" }, named(numbers)?);
    let (negated, number) = negation(parts.next()?);
    set(if negated { "NotResource" } else { "Resource" }, element(number)?);
    if let Some(number) = parts.next() {
        set("Condition", element(number)?);
    }
    Some(Value::Object(statement))
}

fn negation(text: &str) -> (bool, &str) {
    text.strip_prefix('!').map_or((false, text), |rest| (true, rest))
}

/// Actions by their numbers, each but the first as the distance from the one before.
fn named(numbers: &str) -> Option<Value> {
    let mut number = 0_usize;
    let actions = numbers.split(' ').map(|step| {
        number = number.checked_add(step.parse().ok()?)?;
        let (service, name) = TABLE.actions.get(number)?;
        Some(Value::from(if *service == "*" { "*".to_owned() } else { format!("{service}:{name}") }))
    });
    let mut actions = actions.collect::<Option<Vec<Value>>>()?;
    if actions.len() == 1 { actions.pop() } else { Some(Value::from(actions)) }
}

fn element(number: &str) -> Option<Value> {
    serde_json::from_str(TABLE.elements.get(number.parse::<usize>().ok()?)?).ok()
}

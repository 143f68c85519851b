//! A second evaluator, for tests alone: one concrete request against policies as plain JSON, as naively as it can be
//! written. It shares no code with the program, so that both have to be wrong in the same way to agree on a mistake.

use std::collections::BTreeMap;

use serde_json::Value;

pub(crate) mod condition;
pub(crate) mod grid;
pub(crate) mod policies;
pub(crate) mod trust;

/// True, false, or not documented by AWS.
pub(crate) type Answer = Option<bool>;

/// Policies that a failing test shows as JSON.
#[derive(Clone)]
pub(crate) struct Policies(pub(crate) Vec<Value>);

impl std::fmt::Debug for Policies {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|policy| write!(formatter, "\n{policy}"))
    }
}

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    /// An IAM user or the root user, by ARN.
    User(String),
    /// A session of the role with this ARN.
    Role(String),
    /// A service, by name.
    Service(String),
    /// An identity of this provider.
    Federated(String),
}

/// One concrete request; keys are in lower case, and one that is missing is absent.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) who: Who,
    pub(crate) action: String,
    pub(crate) resource: String,
    pub(crate) keys: BTreeMap<String, Vec<String>>,
}

impl Who {
    /// The keys that follow from who calls.
    pub(crate) fn keys(&self) -> BTreeMap<String, Vec<String>> {
        let mut keys = BTreeMap::new();
        let mut set = |key: &str, value: &str| keys.insert(key.to_owned(), vec![value.to_owned()]);
        let service = matches!(self, Self::Service(_));
        set("aws:principalisawsservice", if service { "true" } else { "false" });
        match self {
            Self::User(arn) | Self::Role(arn) => {
                set("aws:principalarn", arn);
                set("aws:principalaccount", arn.split(':').nth(4).unwrap());
                let kind = match self {
                    Self::Role(_) => "AssumedRole",
                    _ if arn.ends_with(":root") => "Account",
                    _ => "User",
                };
                set("aws:principaltype", kind);
                if arn.contains(":user/") {
                    set("aws:username", arn.rsplit('/').next().unwrap());
                }
            }
            Self::Service(name) => {
                set("aws:principalservicename", name);
            }
            Self::Federated(_) => {}
        }
        keys
    }

    /// What `simulate` takes for the principal.
    pub(crate) fn principal(&self) -> &str {
        match self {
            Self::User(text) | Self::Role(text) | Self::Service(text) | Self::Federated(text) => text,
        }
    }
}

/// What the policies say together, in the words of `simulate`.
pub(crate) fn decide(policies: &[Value], call: &Call) -> &'static str {
    let all = policies.iter().flat_map(statements);
    let denied = any(all.clone().map(|(version, statement)| applies("Deny", version, statement, call)));
    let allowed = any(all.map(|(version, statement)| applies("Allow", version, statement, call)));
    match (denied, allowed) {
        (Some(true), _) => "deny",
        (Some(false), Some(true)) => "allow",
        (Some(false), Some(false)) => "implicit-deny",
        _ => "unproven",
    }
}

/// The statements of a policy, each with whether `${…}` is a variable in it.
pub(crate) fn statements(policy: &Value) -> impl Iterator<Item = (bool, &Value)> + Clone {
    let version = policy["Version"] == "2012-10-17";
    list(&policy["Statement"]).into_iter().map(move |statement| (version, statement))
}

fn applies(effect: &str, version: bool, statement: &Value, call: &Call) -> Answer {
    if statement["Effect"] != effect {
        return Some(false);
    }
    all([
        Some(covers_principal(statement, &call.who)),
        Some(covers_action(statement, &call.action)),
        Some(covers_resource(version, statement, call)),
        condition::holds(version, statement, call),
    ])
}

/// Whether `Action` or `NotAction` covers an action.
pub(crate) fn covers_action(statement: &Value, action: &str) -> bool {
    let action = action.to_lowercase();
    let is = |pattern: &Value| glob(&wild(&pattern.as_str().unwrap().to_lowercase()), &action);
    match statement.get("Action") {
        Some(patterns) => list(patterns).into_iter().any(is),
        None => !list(&statement["NotAction"]).into_iter().any(is),
    }
}

/// Whether `Resource` or `NotResource` covers the resource; a trust policy has neither.
pub(crate) fn covers_resource(version: bool, statement: &Value, call: &Call) -> bool {
    let is = |pattern: &Value| match expand(version, pattern.as_str().unwrap(), true, call) {
        Some(pattern) => glob(&pattern, &call.resource),
        None => false,
    };
    match (statement.get("Resource"), statement.get("NotResource")) {
        (Some(patterns), _) => list(patterns).into_iter().any(is),
        (None, Some(patterns)) => !list(patterns).into_iter().any(is),
        (None, None) => true,
    }
}

/// Whether `Principal` covers the caller; an identity policy has none.
pub(crate) fn covers_principal(statement: &Value, who: &Who) -> bool {
    let Some(principal) = statement.get("Principal") else { return true };
    if principal == "*" {
        return true;
    }
    principal.as_object().unwrap().iter().any(|(kind, names)| {
        list(names).into_iter().any(|name| match (kind.as_str(), name.as_str().unwrap(), who) {
            ("AWS", "*", _) => true,
            ("AWS", name, Who::User(arn) | Who::Role(arn)) => is_or_holds(name, arn),
            ("Service", name, Who::Service(service)) => name == service,
            ("Federated", name, Who::Federated(provider)) => name == provider,
            _ => false,
        })
    })
}

/// Whether a principal is this ARN, or the account that it belongs to.
fn is_or_holds(name: &str, arn: &str) -> bool {
    let account = arn.split(':').nth(4).unwrap();
    name == arn || name == account || name == format!("arn:aws:iam::{account}:root")
}

/// A character of a pattern: `*`, `?`, or one that has to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Letter {
    Many,
    One,
    Is(char),
}

/// Text in which `*` and `?` are wildcards.
pub(crate) fn wild(text: &str) -> Vec<Letter> {
    let letter = |character| match character {
        '*' => Letter::Many,
        '?' => Letter::One,
        other => Letter::Is(other),
    };
    text.chars().map(letter).collect()
}

/// Text without wildcards.
pub(crate) fn plain(text: &str) -> Vec<Letter> {
    text.chars().map(Letter::Is).collect()
}

/// Whether a pattern is the whole text, by trying everything.
pub(crate) fn glob(pattern: &[Letter], text: &str) -> bool {
    match (pattern.split_first(), text.chars().next()) {
        (None, first) => first.is_none(),
        (Some((Letter::Many, rest)), first) => {
            glob(rest, text) || first.is_some_and(|first| glob(pattern, &text[first.len_utf8()..]))
        }
        (Some((Letter::One, rest)), Some(first)) => glob(rest, &text[first.len_utf8()..]),
        (Some((Letter::Is(wanted), rest)), Some(first)) => *wanted == first && glob(rest, &text[first.len_utf8()..]),
        (Some(_), None) => false,
    }
}

/// Text with its variables replaced; `None` where one has no value.
pub(crate) fn expand(version: bool, text: &str, wildcards: bool, call: &Call) -> Option<Vec<Letter>> {
    let read = |text: &str| if wildcards { wild(text) } else { plain(text) };
    let Some((before, rest)) = text.split_once("${").filter(|_| version) else { return Some(read(text)) };
    let Some((variable, after)) = rest.split_once('}') else { return Some(read(text)) };
    let mut letters = read(before);
    let (key, default) = match variable.split_once(',') {
        Some((key, default)) => (key, Some(default.trim().trim_matches('\'').to_owned())),
        None => (variable, None),
    };
    let value = match variable {
        "*" | "?" | "$" => Some(variable.to_owned()),
        _ => match call.keys.get(&key.trim().to_lowercase()) {
            Some(values) if values.len() == 1 => values.first().cloned(),
            _ => default,
        },
    };
    letters.extend(plain(&value?));
    letters.extend(expand(version, after, wildcards, call)?);
    Some(letters)
}

/// A list as it is, anything else as a list of one.
pub(crate) fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        other => vec![other],
    }
}

/// Whether all hold: one that does not decides, whatever the others are.
pub(crate) fn all(answers: impl IntoIterator<Item = Answer>) -> Answer {
    not(any(answers.into_iter().map(not)))
}

/// Whether some hold: one that does decides, whatever the others are.
pub(crate) fn any(answers: impl IntoIterator<Item = Answer>) -> Answer {
    let answers: Vec<Answer> = answers.into_iter().collect();
    if answers.contains(&Some(true)) {
        Some(true)
    } else if answers.contains(&None) {
        None
    } else {
        Some(false)
    }
}

/// The opposite.
pub(crate) fn not(answer: Answer) -> Answer {
    answer.map(|answer| !answer)
}

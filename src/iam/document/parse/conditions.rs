//! `Condition`: operators, keys and values.

use std::collections::HashMap;

use super::reader::{Reader, Texts, function_call, shown, unknown};
use crate::iam::document::{Operator, Test};
use crate::tree::{Entry, Unknown};

/// The tests of a condition, and why there may be more of them.
#[derive(Default)]
pub(super) struct Condition {
    pub(super) tests: Vec<Test>,
    pub(super) unknown: Option<Box<Unknown>>,
}

impl Reader<'_> {
    /// Reads `Condition`.
    pub(super) fn condition(&mut self, entry: &Entry) -> Condition {
        let mut condition = Condition { tests: Vec::new(), unknown: unknown(&entry.value) };
        if condition.unknown.is_some() {
            return condition;
        }
        let Some(operators) = entry.value.as_map() else {
            self.refuse(
                entry.value.span,
                format!("`Condition` is {}: IAM takes a map from operators to keys", entry.value.kind()),
                "write `{\"Bool\": {\"aws:MultiFactorAuthPresent\": \"true\"}}`",
            );
            return condition;
        };
        if operators.is_empty() {
            self.warn(
                entry.value.span,
                "an empty `Condition` is no condition: the statement always applies",
                "name an operator and a key, or remove `Condition`",
            );
        }
        self.repeated_keys(operators);
        for operator in operators {
            if operator.key.starts_with("Fn::") {
                condition.unknown.get_or_insert_with(|| function_call(&operator.key, &operator.value));
            } else {
                self.tests(operator, &mut condition);
            }
        }
        condition
    }

    /// Reads one operator with its keys.
    fn tests(&mut self, entry: &Entry, condition: &mut Condition) {
        let operator = Operator::parse(&entry.key);
        if operator.is_none() {
            self.refuse_operator(entry);
        }
        if let Some(unknown) = unknown(&entry.value) {
            condition.unknown.get_or_insert(unknown);
            return;
        }
        let Some(keys) = entry.value.as_map() else {
            self.refuse(
                entry.value.span,
                format!("`{}` holds {}: IAM takes a map from keys to values", shown(&entry.key), entry.value.kind()),
                format!("write `{{\"{}\": {{\"key\": \"value\"}}}}`", shown(&entry.key)),
            );
            return;
        };
        if keys.is_empty() {
            self.warn(
                entry.value.span,
                format!("`{}` names no key, so it tests nothing", shown(&entry.key)),
                "name a key and its values, or remove the operator",
            );
        }
        self.repeated_condition_keys(keys);
        condition.tests.reserve_exact(keys.len());
        for key in keys {
            if key.key.starts_with("Fn::") {
                condition.unknown.get_or_insert_with(|| function_call(&key.key, &key.value));
            } else {
                let test = self.test(operator, entry, key);
                condition.tests.extend(test);
            }
        }
    }

    /// Reads one key with its values; no test comes of an operator that does not exist.
    fn test(&mut self, operator: Option<Operator>, name: &Entry, key: &Entry) -> Option<Test> {
        let Texts { items: values, unknown, empty } = self.texts(&key.value, &key.key);
        if empty {
            self.warn(
                key.value.span,
                format!("the list of values for `{}` is empty: AWS does not say what that tests", shown(&key.key)),
                "name at least one value, or remove the test",
            );
        }
        Some(Test {
            operator: operator?,
            key: key.key.clone(),
            name: key.key.to_ascii_lowercase(),
            operator_place: self.place(name.key_span),
            key_place: self.place(key.key_span),
            values,
            unknown,
            place: self.place(key.key_span.join(key.value.span)),
        })
    }

    fn refuse_operator(&mut self, entry: &Entry) {
        let nearest = if self.may_suggest() { Operator::nearest(&entry.key) } else { None };
        let help = nearest.map_or_else(
            || "write one of the operators in the IAM User Guide, such as `Bool` or `StringEquals`".to_owned(),
            |operator| format!("write `{operator}`"),
        );
        let name = shown(&entry.key);
        let message = if entry.key.ends_with("NullIfExists") {
            format!(
                "`{name}` is no condition operator: `Null` asks whether the key exists, so `IfExists` does not go with it"
            )
        } else if nearest.is_some_and(|operator| operator.to_string().eq_ignore_ascii_case(&entry.key)) {
            format!("`{name}` is no condition operator: letter case counts")
        } else {
            format!("`{name}` is no condition operator")
        };
        self.refuse(entry.key_span, message, help);
    }

    /// Refuses keys that stand more than once under an operator, letter case aside, as it is for IAM.
    fn repeated_condition_keys(&mut self, keys: &[Entry]) {
        if keys.len() < 2 {
            return;
        }
        let mut seen: HashMap<String, &str> = HashMap::with_capacity(keys.len());
        for entry in keys {
            let Some(first) = seen.insert(entry.key.to_ascii_lowercase(), &entry.key) else { continue };
            let (first, second) = (shown(first), shown(&entry.key));
            let message = if first == second {
                format!(
                    "`{second}` stands more than once here: IAM refuses the policy, and most tools keep only the last one"
                )
            } else {
                format!("`{first}` and `{second}` are the same key: letter case does not count")
            };
            self.refuse(entry.key_span, message, "write the key once, with all its values in one list");
        }
    }
}

//! `Fn::FindInMap`. A key that a deployment settles is one of those that the mapping has.

use super::lists::first_unknown;
use super::parameters::{ACCOUNT, REGION};
use super::{Operand, Purpose, Resolver, item, malformed};
use crate::extract::cloudformation::choices::Reach;
use crate::extract::cloudformation::text::{self, unknown};
use crate::source::Span;
use crate::tree::{Form, Node, Part, Scalar, Unknown, Value};

/// How many keys of a mapping are told apart.
const MAX_KEYS: usize = 48;

/// The key of a mapping.
enum Key<'m> {
    Is(&'m str),
    /// None of those that the mapping has.
    Missing(String),
    Open,
}

impl Resolver<'_> {
    pub(super) fn find_in_map(&self, argument: &Node, span: Span) -> Value {
        let (names, fallback) = match argument.as_list() {
            Some([map, top, second]) => ([map, top, second], None),
            Some([map, top, second, options]) => ([map, top, second], options.get("DefaultValue")),
            _ => return Value::Unknown(malformed("Fn::FindInMap")),
        };
        let [_, top_key, second_key] = names;
        let names = names.map(|name| self.key_text(name));
        let [map_name, top, second] = &names;
        let Some(map_name) = map_name.as_text() else { return Value::Unknown(looked_up_by(&names)) };
        let missing = |way: &str| match fallback.and_then(|fallback| self.resolve(fallback)) {
            Some(fallback) => fallback.value,
            None => {
                // CloudFormation refuses such a deployment.
                self.choices.rule_out();
                let name = format!("Fn::FindInMap {map_name}.{way}");
                Value::Unknown(unknown(name, "is not in the template's `Mappings`", Form::Anything))
            }
        };
        let Some(map) = self.template.mapping(map_name) else { return missing("") };
        let row = match self.key((top_key, top), map, fallback.is_some()) {
            Key::Is(row) => row,
            Key::Missing(told) => return missing(&format!("{told}.{}", second.as_text().unwrap_or("?"))),
            Key::Open => {
                let alike = if fallback.is_none() { self.alike(map, second, span) } else { None };
                return alike.unwrap_or(Value::Unknown(looked_up_by(&names)));
            }
        };
        let Some(columns) = map.get(row) else { return missing(row) };
        match self.key((second_key, second), columns, fallback.is_some()) {
            Key::Is(column) => {
                let found = columns.get(column).and_then(|node| value(node, span));
                found.unwrap_or_else(|| missing(&format!("{row}.{column}")))
            }
            Key::Missing(told) => missing(&format!("{row}.{told}")),
            Key::Open => Value::Unknown(looked_up_by(&names)),
        }
    }

    /// The text of a key. One that is made of parameters, and none by itself, has their defaults in it.
    fn key_text(&self, key: &Node) -> Scalar {
        let text = self.with_purpose(Purpose::Key, |resolver| resolver.text(key));
        let is_settled = text.as_text().is_some() || matches!(self.operand(key), Operand::Variable { .. });
        if is_settled { text } else { self.text(key) }
    }

    /// The key of a map that a text is: where a deployment settles it, one of those that the map has or, if there is a
    /// value for that, another.
    fn key<'m>(&self, (written, text): (&Node, &Scalar), map: &'m Node, or_another: bool) -> Key<'m> {
        let keys: Vec<&str> = map.as_map().unwrap_or_default().iter().map(|entry| entry.key.as_str()).collect();
        if let Some(text) = text.as_text() {
            let found = keys.into_iter().find(|key| *key == text);
            return found.map_or_else(|| Key::Missing(text.to_owned()), Key::Is);
        }
        let [Part::Unknown(unknown)] = text.parts.as_slice() else { return Key::Open };
        let chooses = matches!(self.choices.reach(), Reach::Everything | Reach::Conditions);
        let Operand::Variable { name: variable, .. } = self.operand(written) else { return Key::Open };
        if !chooses {
            return Key::Open;
        }
        let called = self.called(&variable);
        if keys.len() > MAX_KEYS {
            return Key::Open;
        }
        let found = match or_another {
            false => self.choices.one_of(&variable, &keys),
            true => keys.into_iter().find(|key| self.choices.is(&variable, key, &[]) == Some(true)),
        };
        match found {
            Some(key) => {
                self.choices.tell(&variable, &format!("{called} is {key}"));
                Key::Is(key)
            }
            None => {
                self.choices.tell(&variable, &format!("{called} is none of those in the mapping"));
                Key::Missing(format!("<{}>", unknown.name))
            }
        }
    }

    /// What all rows have in a column, where they agree.
    fn alike(&self, map: &Node, column: &Scalar, span: Span) -> Option<Value> {
        let column = column.as_text()?;
        let mut rows = map.as_map()?.iter().map(|row| row.value.get(column));
        let first = rows.next()??;
        rows.all(|other| other.is_some_and(|other| text::same(first, other))).then(|| value(first, span))?
    }

    /// What people call a variable.
    fn called(&self, variable: &str) -> String {
        let is_pseudo = |pseudo: &str| variable == self.pseudo_name(pseudo);
        match variable {
            _ if is_pseudo(REGION) => "the region".to_owned(),
            _ if is_pseudo(ACCOUNT) => "the account".to_owned(),
            _ => format!("`{variable}`"),
        }
    }
}

/// A mapping holds text and lists of text, and no functions.
fn value(node: &Node, span: Span) -> Option<Value> {
    match &node.value {
        Value::Scalar(scalar) => Some(Value::Scalar(scalar.clone())),
        Value::List(items) => {
            Some(Value::List(items.iter().filter_map(Node::as_text).map(|text| item(text, span)).collect()))
        }
        _ => None,
    }
}

fn looked_up_by(names: &[Scalar]) -> Unknown {
    let key = names.iter().find_map(first_unknown).map_or("an expression", |unknown| unknown.name.as_str());
    let reason = format!("is looked up by `{key}`, which a deployment settles");
    unknown("Fn::FindInMap", reason, Form::Anything)
}

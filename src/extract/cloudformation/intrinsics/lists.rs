//! `Fn::Join`, `Fn::Split`, `Fn::Select` and `Fn::FindInMap`.

use super::{GROWTH, Resolver, item, malformed};
use crate::extract::cloudformation::text::{Text, unknown, wholly_unknown};
use crate::source::Span;
use crate::tree::{Form, Node, Part, Scalar, Style, Unknown, Value};

impl Resolver<'_> {
    pub(super) fn join(&self, argument: &Node) -> Scalar {
        let Some([delimiter, list]) = argument.as_list() else { return wholly_unknown(malformed("Fn::Join")) };
        let delimiter = self.text(delimiter);
        let items = match self.resolve(list).map(|list| list.value) {
            Some(Value::List(items)) => items,
            Some(Value::Unknown(unknown)) => return wholly_unknown(unknown),
            _ => return wholly_unknown(malformed("Fn::Join")),
        };
        let mut result = Text::default();
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                result.push_scalar(&delimiter);
            }
            result.push_node(item);
            if result.weight() > GROWTH {
                return wholly_unknown(unknown("Fn::Join", "makes too much text", Form::Anything));
            }
        }
        result.finish()
    }

    pub(super) fn length(&self, argument: &Node) -> Value {
        match self.resolve(argument).map(|list| list.value) {
            Some(Value::List(items)) => Value::Scalar(Scalar::known(items.len().to_string(), Style::Plain)),
            Some(Value::Unknown(list)) => Value::Unknown(unknown(
                "Fn::Length",
                format!("counts the items of `{}`, which {}", list.name, list.reason),
                Form::Anything,
            )),
            _ => Value::Unknown(malformed("Fn::Length")),
        }
    }

    pub(super) fn split(&self, argument: &Node, span: Span) -> Value {
        let Some([delimiter, text]) = argument.as_list() else { return Value::Unknown(malformed("Fn::Split")) };
        let (delimiter, text) = (self.text(delimiter), self.text(text));
        match (delimiter.as_text(), text.as_text()) {
            (Some(delimiter), Some(text)) if !delimiter.is_empty() => {
                Value::List(text.split(delimiter).map(|part| item(part, span)).collect())
            }
            _ => Value::Unknown(split_of(&text)),
        }
    }

    pub(super) fn select(&self, argument: &Node) -> Value {
        let Some([index, list]) = argument.as_list() else { return Value::Unknown(malformed("Fn::Select")) };
        let items = match self.resolve(list).map(|list| list.value) {
            Some(Value::List(items)) => items,
            Some(Value::Unknown(unknown)) => return Value::Unknown(unknown),
            _ => return Value::Unknown(malformed("Fn::Select")),
        };
        let index = self.text(index);
        let Some(index) = index.as_text().and_then(|text| text.trim().parse::<usize>().ok()) else {
            return Value::Unknown(unknown("Fn::Select", "selects by an index that is not known", Form::Anything));
        };
        match items.into_iter().nth(index) {
            Some(item) => item.value,
            None => {
                let reason = format!("selects item {index} of a list that has fewer items");
                Value::Unknown(unknown("Fn::Select", reason, Form::Anything))
            }
        }
    }

    pub(super) fn find_in_map(&self, argument: &Node, span: Span) -> Value {
        let (names, fallback) = match argument.as_list() {
            Some([map, top, second]) => ([map, top, second], None),
            Some([map, top, second, options]) => ([map, top, second], options.get("DefaultValue")),
            _ => return Value::Unknown(malformed("Fn::FindInMap")),
        };
        let names = names.map(|name| self.text(name));
        let [Some(map), Some(top), Some(second)] = names.each_ref().map(Scalar::as_text) else {
            return Value::Unknown(looked_up_by(&names));
        };
        let found = self.template.mapping(map).and_then(|map| map.get(top)).and_then(|top| top.get(second));
        match found.map(|node| &node.value) {
            Some(Value::Scalar(scalar)) => Value::Scalar(scalar.clone()),
            // A mapping holds text and lists of text, and no functions.
            Some(Value::List(items)) => {
                Value::List(items.iter().filter_map(Node::as_text).map(|text| item(text, span)).collect())
            }
            _ => match fallback.and_then(|fallback| self.resolve(fallback)) {
                Some(fallback) => fallback.value,
                None => {
                    let name = format!("Fn::FindInMap {map}.{top}.{second}");
                    Value::Unknown(unknown(name, "is not in the template's `Mappings`", Form::Anything))
                }
            },
        }
    }
}

fn split_of(text: &Scalar) -> Unknown {
    let name = first_unknown(text).map_or("Fn::Split", |unknown| unknown.name.as_str());
    unknown(name, "is split before it is known", Form::Anything)
}

fn looked_up_by(names: &[Scalar]) -> Unknown {
    let key = names.iter().find_map(first_unknown).map_or("an expression", |unknown| unknown.name.as_str());
    let reason = format!("is looked up by `{key}`, which a deployment settles");
    unknown("Fn::FindInMap", reason, Form::Anything)
}

fn first_unknown(text: &Scalar) -> Option<&Unknown> {
    text.parts.iter().find_map(|part| match part {
        Part::Unknown(unknown) => Some(&**unknown),
        Part::Known(_) => None,
    })
}

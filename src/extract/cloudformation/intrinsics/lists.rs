//! `Fn::Join`, `Fn::Split`, `Fn::Select` and `Fn::Length`.

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
}

fn split_of(text: &Scalar) -> Unknown {
    match first_unknown(text) {
        Some(open) => {
            unknown(&open.name, format!("{}, and so is what `Fn::Split` makes of it", open.reason), Form::Anything)
        }
        None => unknown("Fn::Split", "splits a text that is not known", Form::Anything),
    }
}

pub(super) fn first_unknown(text: &Scalar) -> Option<&Unknown> {
    text.parts.iter().find_map(|part| match part {
        Part::Unknown(unknown) => Some(&**unknown),
        Part::Known(_) => None,
    })
}

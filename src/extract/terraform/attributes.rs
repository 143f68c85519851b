//! The attributes of a resource that are asked for, and no others.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::asked;
use super::shell::Text;
use crate::source::Source;
use crate::tree::{Entry, Node, Scalar, Style, SyntaxError, Value, json};

/// Reads the attributes of a resource of a type: a map of those that are asked for. `text` is borrowed from the source.
pub(super) fn read(source: &Source, type_name: &str, text: &str) -> Result<Node, SyntaxError> {
    let span = source.span_of(text);
    let wanted = asked(type_name).map(|asked| asked.attributes.as_slice()).unwrap_or_default();
    let asked = Asked(wanted).deserialize(&mut serde_json::Deserializer::from_str(text));
    let Ok(asked) = asked else { return json::parse(source, span) };
    let entries = asked.into_iter().map(|(key, raw)| entry(source, key, raw.get())).collect::<Result<_, _>>()?;
    Ok(Node { span, value: Value::Map(entries) })
}

fn entry(source: &Source, key: Cow<'_, str>, text: &str) -> Result<Entry, SyntaxError> {
    let span = source.span_of(text);
    let string = if text.starts_with('"') { serde_json::from_str::<Text<'_>>(text).ok() } else { None };
    let value = match (string, text) {
        (Some(Text(string)), _) => Node { span, value: Value::Scalar(Scalar::known(string, Style::Quoted)) },
        (None, "null") => Node { span, value: Value::Null },
        (None, "true" | "false") => Node { span, value: Value::Scalar(Scalar::known(text, Style::Plain)) },
        (None, _) => json::parse(source, span)?,
    };
    Ok(Entry { key: key.into_owned(), key_span: span, value })
}

/// Reads the raw text of the attributes with these keys.
struct Asked(&'static [&'static str]);

impl<'de> DeserializeSeed<'de> for Asked {
    type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Asked {
    type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the attributes of a resource, which are a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut asked = Vec::new();
        while let Some(Text(key)) = map.next_key()? {
            if self.0.contains(&&*key) {
                asked.push((key, map.next_value()?));
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(asked)
    }
}

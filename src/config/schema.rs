//! The form of the configuration as a JSON Schema, for editors.

use serde_json::{Map, Value, json};

use super::shape::{CONFIGURATION, Field, Shape};
use crate::rules;

/// The JSON Schema of `.mfagate.yaml`.
#[must_use]
pub fn schema() -> String {
    let mut schema = Map::new();
    schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    schema.insert("title".to_owned(), json!("Configuration of mfagate"));
    schema.extend(map(CONFIGURATION));
    // A map of strings always has a form in JSON.
    serde_json::to_string_pretty(&Value::Object(schema)).unwrap_or_default() + "\n"
}

fn map(fields: &[Field]) -> Map<String, Value> {
    let properties: Map<String, Value> = fields
        .iter()
        .map(|field| {
            let mut property = Map::from_iter([("description".to_owned(), json!(field.about))]);
            property.extend(of(field.shape));
            (field.name.to_owned(), Value::Object(property))
        })
        .collect();
    let required: Vec<&str> = fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    let mut schema = Map::from_iter([
        ("type".to_owned(), json!("object")),
        ("additionalProperties".to_owned(), json!(false)),
        ("properties".to_owned(), Value::Object(properties)),
    ]);
    if !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
    schema
}

fn of(shape: Shape) -> Map<String, Value> {
    let schema = match shape {
        Shape::Text | Shape::NamePattern | Shape::PathPattern => json!({"type": "string", "minLength": 1}),
        // Without quotes, YAML's usual readers take twelve digits for a number.
        Shape::AccountId => {
            json!({"type": ["string", "integer"], "pattern": "^[0-9]{12}$", "maximum": 999_999_999_999_u64})
        }
        Shape::Action => json!({"type": "string", "pattern": "^[A-Za-z0-9*?-]+:[A-Za-z0-9*?-]+$"}),
        Shape::Rule => json!({"enum": ids()}),
        Shape::Choice(words) => json!({"enum": words}),
        Shape::Number(most) => json!({"type": "integer", "minimum": 1, "maximum": most}),
        Shape::Date => json!({"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}),
        // A key under which everything is commented out holds null.
        Shape::List(item) => json!({"type": ["array", "null"], "items": of(*item)}),
        Shape::Map(fields) => Value::Object(map(fields)),
        Shape::ByRule(level) => {
            let properties: Map<String, Value> = rules::all()
                .iter()
                .map(|rule| {
                    let mut property = of(*level);
                    property.insert("description".to_owned(), json!(rule.summary()));
                    (rule.id().to_owned(), Value::Object(property))
                })
                .collect();
            json!({"type": ["object", "null"], "additionalProperties": false, "properties": properties})
        }
        Shape::ShortOrLong(short, long) => json!({"anyOf": [of(*short), of(*long)]}),
    };
    match schema {
        Value::Object(schema) => schema,
        _ => Map::new(),
    }
}

fn ids() -> Vec<&'static str> {
    rules::all().iter().map(|rule| rule.id()).collect()
}

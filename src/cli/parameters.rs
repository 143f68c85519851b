//! Files with values of template parameters.

use serde_json::{Map, Value};

/// Reads the values by name: a list of `{"ParameterKey", "ParameterValue"}` as the AWS CLI takes it, a list of `Name=Value`
/// as `aws cloudformation deploy` takes it, a map under `Parameters` as pipelines write it, or that map alone.
///
/// # Errors
///
/// Text that is none of them, as a message.
pub(super) fn read(text: &str) -> Result<Vec<(String, String)>, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let file: Value = serde_json::from_str(text).map_err(|error| format!("it is not JSON: {error}"))?;
    match &file {
        Value::Array(items) => items.iter().filter_map(|item| entry(item).transpose()).collect(),
        Value::Object(map) => match map.get("Parameters") {
            Some(Value::Object(parameters)) => of_map(parameters),
            Some(Value::Array(items)) => items.iter().filter_map(|item| entry(item).transpose()).collect(),
            _ => of_map(map),
        },
        _ => Err(FORMATS.to_owned()),
    }
}

const FORMATS: &str = "write a list of `{\"ParameterKey\": ..., \"ParameterValue\": ...}`, a list of `\"Name=Value\"`, or \
                       `{\"Parameters\": {\"Name\": \"Value\"}}`";

/// One item of a list; one that keeps the value of the stack's last deployment gives none.
fn entry(item: &Value) -> Result<Option<(String, String)>, String> {
    if let Value::String(pair) = item {
        let (name, value) = pair.split_once('=').ok_or(FORMATS)?;
        return Ok(Some((name.to_owned(), value.to_owned())));
    }
    let name = item.get("ParameterKey").and_then(Value::as_str).ok_or(FORMATS)?;
    match item.get("ParameterValue") {
        Some(value) => Ok(Some((name.to_owned(), value_of(name, value)?))),
        None if item.get("UsePreviousValue").and_then(Value::as_bool) == Some(true) => Ok(None),
        None => Err(format!("`{name}` has no `ParameterValue`")),
    }
}

fn of_map(map: &Map<String, Value>) -> Result<Vec<(String, String)>, String> {
    map.iter().map(|(name, value)| Ok((name.clone(), value_of(name, value)?))).collect()
}

fn value_of(name: &str, value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(_) | Value::Bool(_) => Ok(value.to_string()),
        Value::Array(items) => {
            let items: Result<Vec<String>, String> = items.iter().map(|item| value_of(name, item)).collect();
            Ok(items?.join(","))
        }
        Value::Null | Value::Object(_) => Err(format!("the value of `{name}` is neither text nor a list of texts")),
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[track_caller]
    fn gives(text: &str, expected: &[(&str, &str)]) {
        let found = read(text).unwrap();
        let found: Vec<_> = found.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn every_format() {
        gives(r#"[{"ParameterKey": "A", "ParameterValue": "b"}]"#, &[("A", "b")]);
        gives(r#"[{"ParameterKey": "A", "UsePreviousValue": true}]"#, &[]);
        gives("\u{feff}[\"A=b=c\", \"D=\"]", &[("A", "b=c"), ("D", "")]);
        gives(r#"{"Parameters": {"A": "b", "C": 3, "D": ["e", "f"]}}"#, &[("A", "b"), ("C", "3"), ("D", "e,f")]);
        gives(r#"{"A": true}"#, &[("A", "true")]);
    }

    #[test]
    fn what_is_none_of_them_is_refused() {
        assert!(read("A=b").unwrap_err().starts_with("it is not JSON"));
        assert!(read("3").unwrap_err().starts_with("write a list of"));
        assert!(read(r#"[{"ParameterKey": "A"}]"#).unwrap_err().contains("`A` has no `ParameterValue`"));
        assert!(read(r#"{"Parameters": {"A": {}}}"#).unwrap_err().contains("the value of `A`"));
    }
}

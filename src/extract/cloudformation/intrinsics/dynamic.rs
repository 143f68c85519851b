//! Dynamic references in text, `{{resolve:ssm:/people/account}}`, which only a deployment resolves.

use crate::extract::cloudformation::text::{Text, unknown};
use crate::tree::{Form, Node, Part, Scalar, Unknown, Value};

/// How a dynamic reference begins.
const START: &str = "{{resolve:";

/// How it ends.
const END: &str = "}}";

/// The value with what its text, or that of its items, refers to as unknown parts.
pub(in crate::extract::cloudformation) fn with_references_unknown(value: Value) -> Value {
    match value {
        Value::Scalar(scalar) if has_start(&scalar) => Value::Scalar(replaced(&scalar)),
        Value::List(items) => {
            let item = |item: Node| Node { span: item.span, value: with_references_unknown(item.value) };
            Value::List(items.into_iter().map(item).collect())
        }
        other => other,
    }
}

/// Whether text of which this name is a part reads the same again: where it may stand in JSON as it is.
pub(in crate::extract::cloudformation) fn is_reference(name: &str) -> bool {
    let inner = name.strip_prefix(START).and_then(|rest| rest.strip_suffix(END));
    inner.is_some_and(|inner| !inner.contains(is_foreign) && !inner.contains(END))
}

/// What stands in no reference: text of JSON that has one without an end goes on with it.
fn is_foreign(character: char) -> bool {
    matches!(character, '"' | '\\') || character.is_control()
}

fn has_start(scalar: &Scalar) -> bool {
    scalar.parts.iter().any(|part| matches!(part, Part::Known(text) if text.contains(START)))
}

/// The text with what it refers to as unknown parts.
fn replaced(scalar: &Scalar) -> Scalar {
    let mut reader = Reader::default();
    for part in &scalar.parts {
        match part {
            Part::Known(known) => reader.read(known),
            Part::Unknown(unknown) => reader.unknown(unknown),
        }
    }
    reader.give_up();
    Scalar { style: scalar.style, ..reader.text.finish() }
}

/// Reads text for references.
#[derive(Default)]
struct Reader {
    text: Text,
    /// The reference that is being read, and what it is as text if it has no end.
    open: Option<(String, Text)>,
}

impl Reader {
    fn read(&mut self, known: &str) {
        let mut rest = known;
        while !rest.is_empty() {
            rest = match &self.open {
                None => self.begin(rest),
                Some(_) => self.go_on(rest),
            };
        }
    }

    fn unknown(&mut self, unknown: &Unknown) {
        match &mut self.open {
            Some((name, unended)) => {
                name.push_str(&format!("<{}>", unknown.name));
                unended.push_unknown(unknown.clone());
            }
            None => self.text.push_unknown(unknown.clone()),
        }
    }

    /// Reads up to the next reference, if there is one; what is left of the text.
    fn begin<'t>(&mut self, text: &'t str) -> &'t str {
        let Some((before, after)) = text.split_once(START) else {
            self.text.push(text);
            return "";
        };
        self.text.push(before);
        let mut unended = Text::default();
        unended.push(START);
        self.open = Some((START.to_owned(), unended));
        after
    }

    /// Reads on in a reference; what is left of the text.
    fn go_on<'t>(&mut self, text: &'t str) -> &'t str {
        let end = text.find(END).unwrap_or(text.len());
        let foreign = text.find(is_foreign).filter(|foreign| *foreign < end);
        let (inner, after) = text.split_at(foreign.unwrap_or(end));
        let Some((name, unended)) = &mut self.open else { return text };
        name.push_str(inner);
        unended.push(inner);
        match (foreign, after.strip_prefix(END)) {
            (Some(_), _) => self.give_up(),
            (None, Some(after)) => {
                name.push_str(END);
                self.text.push_unknown(resolved_by_deployment(std::mem::take(name)));
                self.open = None;
                return after;
            }
            (None, None) => {}
        }
        after
    }

    /// Takes what has no end for the text that it is.
    fn give_up(&mut self) {
        if let Some((_, unended)) = self.open.take() {
            self.text.push_scalar(&unended.finish());
        }
    }
}

fn resolved_by_deployment(reference: String) -> Unknown {
    let store = reference.strip_prefix(START).unwrap_or_default();
    let reason = if store.starts_with("secretsmanager:") {
        "is read from Secrets Manager at deployment"
    } else {
        "is read from the Parameter Store at deployment"
    };
    unknown(reference, reason, Form::Anything)
}

#[cfg(test)]
mod tests {
    use super::{Part, Scalar, Text, Value, unknown, with_references_unknown};
    use crate::tree::Form;

    fn shown(parts: &[&str]) -> Vec<String> {
        let mut text = Text::default();
        for part in parts {
            match part.strip_prefix('?') {
                Some(name) => text.push_unknown(unknown(name, "is open", Form::Anything)),
                None => text.push(part),
            }
        }
        let Value::Scalar(Scalar { parts, .. }) = with_references_unknown(Value::Scalar(text.finish())) else {
            panic!("text stays text")
        };
        let part = |part: &Part| match part {
            Part::Known(text) => text.clone(),
            Part::Unknown(unknown) => format!("?{} {}", unknown.name, unknown.reason),
        };
        parts.iter().map(part).collect()
    }

    #[test]
    fn references_are_unknown_parts_of_text() {
        let store = "is read from the Parameter Store at deployment";
        assert_eq!(shown(&["a{{resolve:ssm:b:1}}c"]), ["a", &format!("?{{{{resolve:ssm:b:1}}}} {store}"), "c"]);
        assert_eq!(shown(&["{{resolve:ssm:/", "?Env", "/x}}"]), [format!("?{{{{resolve:ssm:/<Env>/x}}}} {store}")]);
        let secret = "?{{resolve:secretsmanager:s}} is read from Secrets Manager at deployment";
        assert_eq!(shown(&["{{resolve:secretsmanager:s}}{{resolve:secretsmanager:s}}"]), [secret, secret]);
    }

    #[test]
    fn what_has_no_end_is_text() {
        assert_eq!(shown(&["a{{resolve:ssm:b", "?Env", "c"]), ["a{{resolve:ssm:b", "?Env is open", "c"]);
        assert_eq!(shown(&["{{b}}", "?Env"]), ["{{b}}", "?Env is open"]);
        let json = r#"{"a": "{{resolve:ssm:b", "c": {"d": {}}}"#;
        assert_eq!(shown(&[json]), [json]);
    }
}

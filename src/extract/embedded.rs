//! Policy documents and templates that stand as text inside another text.

use std::sync::Arc;

use crate::source::{Place, Source, Span};
use crate::tree::{Entry, Node, SyntaxError, Value, json, yaml};

/// Reads a policy document from decoded JSON text. The new source is called `name` and stands at `origin`; text without
/// line breaks is laid out to be read first, so that spans fit what a report shows.
///
/// # Errors
///
/// Text that is not JSON. The span of the fault is that of `text` as it was given.
pub fn read(name: &str, text: &str, origin: Place) -> Result<(Arc<Source>, Node), SyntaxError> {
    if !text.trim().contains('\n') {
        let (text, node) = laid_out(text)?;
        return Ok((Source::embedded(name, text, origin), node));
    }
    let source = Source::embedded(name, text.to_owned(), origin);
    let node = json::parse(&source, Span::new(0, source.text().len()))?;
    Ok((source, node))
}

/// Reads a template from decoded text, JSON or YAML.
///
/// # Errors
///
/// Text that is neither.
pub fn read_template(name: &str, text: &str, origin: Place) -> Result<(Arc<Source>, Node), SyntaxError> {
    if text.trim_start().starts_with('{') {
        return read(name, text, origin);
    }
    let source = Source::embedded(name, text.to_owned(), origin);
    let documents = yaml::parse(&source)?;
    let empty = Node { span: Span::default(), value: Value::Null };
    Ok((source, documents.into_iter().next().unwrap_or(empty)))
}

/// How wide a list of scalars may be that stays on one line, its indent included.
const WIDTH: usize = 100;

/// How far lines are indented, in steps: far past any policy, so that hostile nesting cannot blow the text up.
const MAX_INDENT: usize = 16;

/// One-line JSON over several lines, each token byte for byte as it was, with the nodes where they now stand.
fn laid_out(text: &str) -> Result<(String, Node), SyntaxError> {
    let mut node = json::parse_text(text, 0)?;
    let mut layout = Layout { given: text, text: String::with_capacity(text.len() * 2) };
    layout.value(&mut node, 0);
    layout.text.push('\n');
    layout.text.shrink_to_fit();
    Ok((layout.text, node))
}

struct Layout<'a> {
    given: &'a str,
    text: String,
}

impl Layout<'_> {
    fn value(&mut self, node: &mut Node, depth: usize) {
        let start = self.text.len();
        match &mut node.value {
            Value::Map(entries) if !entries.is_empty() => self.map(entries, depth),
            Value::List(items) if !items.is_empty() => self.list(items, depth),
            Value::Map(_) => self.text.push_str("{}"),
            Value::List(_) => self.text.push_str("[]"),
            _ => self.text.push_str(given(self.given, node.span)),
        }
        node.span = Span::new(start, self.text.len());
    }

    fn map(&mut self, entries: &mut [Entry], depth: usize) {
        self.text.push('{');
        for (nth, entry) in entries.iter_mut().enumerate() {
            self.next_line(nth > 0, depth + 1);
            let start = self.text.len();
            self.text.push_str(given(self.given, entry.key_span));
            entry.key_span = Span::new(start, self.text.len());
            self.text.push_str(": ");
            self.value(&mut entry.value, depth + 1);
        }
        self.next_line(false, depth);
        self.text.push('}');
    }

    fn list(&mut self, items: &mut [Node], depth: usize) {
        self.text.push('[');
        let one_line = self.fits(items);
        for (nth, item) in items.iter_mut().enumerate() {
            match one_line {
                true if nth > 0 => self.text.push_str(", "),
                true => {}
                false => self.next_line(nth > 0, depth + 1),
            }
            self.value(item, depth + 1);
        }
        if !one_line {
            self.next_line(false, depth);
        }
        self.text.push(']');
    }

    /// Whether a list of scalars still fits the line that it begins on.
    fn fits(&self, items: &[Node]) -> bool {
        let used = self.text.len() - self.text.rfind('\n').map_or(0, |at| at + 1);
        let scalars = items.iter().all(|item| matches!(item.value, Value::Scalar(_) | Value::Null));
        scalars && used + items.iter().map(|item| item.span.len() + 2).sum::<usize>() <= WIDTH
    }

    fn next_line(&mut self, comma: bool, depth: usize) {
        self.text.push_str(if comma { ",\n" } else { "\n" });
        self.text.extend(std::iter::repeat_n("  ", depth.min(MAX_INDENT)));
    }
}

fn given(text: &str, span: Span) -> &str {
    text.get(span.start..span.end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<(Arc<Source>, Node), SyntaxError> {
        let file = Source::file("plan.json", "x".repeat(10));
        read("aws_iam_role.a: assume_role_policy", text, Place::new(&file, Span::new(2, 4)))
    }

    #[test]
    fn one_line_is_laid_out() {
        let text = r#"{"Version":"2012-10-17","Statement":[{"Sid":"caf\u00e9","Action":["a:B","c:*"],"Effect":"Allow","Effect":"Deny","Condition":{},"n":1.50}]}"#;
        let expected = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "caf\u00e9",
      "Action": ["a:B", "c:*"],
      "Effect": "Allow",
      "Effect": "Deny",
      "Condition": {},
      "n": 1.50
    }
  ]
}
"#;
        let (source, node) = read_text(text).unwrap();
        assert_eq!(source.text(), expected);
        let sid = node.get("Statement").unwrap().as_list().unwrap()[0].get("Sid").unwrap();
        assert_eq!((sid.as_text(), source.slice(sid.span)), (Some("café"), r#""caf\u00e9""#));
        let place = Place::new(&source, sid.span);
        assert_eq!(place.file_line_column(), ("plan.json", 1, 3));
    }

    #[test]
    fn long_lists_take_a_line_for_each_item() {
        let items = (0..20).map(|n| format!("\"service:Action{n}\"")).collect::<Vec<_>>();
        let (source, _) = read_text(&format!("{{\"Action\":[{}]}}", items.join(","))).unwrap();
        assert_eq!(source.line_count(), 20 + 5);
    }

    #[test]
    fn text_with_line_breaks_stays_as_it_is() {
        let text = "{\n\"Statement\":[ ]}\n";
        assert_eq!(read_text(text).unwrap().0.text(), text);
    }

    #[test]
    fn what_is_not_json_is_refused() {
        assert!(read_text("").is_err());
        assert_eq!(read_text("{\"a\":}").unwrap_err().span.start, 5);
    }
}

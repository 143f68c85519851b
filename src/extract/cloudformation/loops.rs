//! Writes out `Fn::ForEach`, the loops of the transform `AWS::LanguageExtensions`.

use super::intrinsics::Resolver;
use super::template::Template;
use crate::extract::Settings;
use crate::tree::{Entry, Node, Part, Scalar, Style, Value};

/// How many values loops may make in all.
const MAX_MADE: usize = 200_000;

/// The transform that evaluates loops.
const TRANSFORM: &str = "AWS::LanguageExtensions";

/// The template with its loops written out; `None` where it has none that can be. A loop whose collection is not known
/// stays as it is.
pub(super) fn written_out(root: &Node, settings: &Settings) -> Option<Node> {
    if !has_transform(root) || !has_loop(root) {
        return None;
    }
    let template = Template::new(root);
    let resolver = Resolver::at_defaults(&template, settings);
    let mut writer = Writer { resolver: &resolver, names: Vec::new(), left: MAX_MADE };
    Some(writer.write(root))
}

/// Whether the template asks for the transform that evaluates loops.
pub(super) fn has_transform(root: &Node) -> bool {
    root.get("Transform").is_some_and(|transform| match transform.as_list() {
        Some(items) => items.iter().any(|item| item.as_text() == Some(TRANSFORM)),
        None => transform.as_text() == Some(TRANSFORM),
    })
}

fn has_loop(node: &Node) -> bool {
    match &node.value {
        Value::List(items) => items.iter().any(has_loop),
        Value::Map(entries) => entries.iter().any(|entry| is_loop(&entry.key) || has_loop(&entry.value)),
        _ => false,
    }
}

fn is_loop(key: &str) -> bool {
    key.starts_with("Fn::ForEach::")
}

struct Writer<'a> {
    resolver: &'a Resolver<'a>,
    /// The names of the loops around a value, with what they stand for.
    names: Vec<(String, String)>,
    /// How many values may still be made.
    left: usize,
}

impl Writer<'_> {
    fn write(&mut self, node: &Node) -> Node {
        self.left = self.left.saturating_sub(1);
        let value = match &node.value {
            Value::List(items) => Value::List(items.iter().map(|item| self.write(item)).collect()),
            Value::Map(entries) => match self.reference(node) {
                Some(text) => Value::Scalar(Scalar::known(text, Style::Quoted)),
                None => Value::Map(entries.iter().flat_map(|entry| self.entry(entry)).collect()),
            },
            Value::Scalar(scalar) => Value::Scalar(self.scalar(scalar)),
            other => other.clone(),
        };
        Node { span: node.span, value }
    }

    fn entry(&mut self, entry: &Entry) -> Vec<Entry> {
        if is_loop(&entry.key)
            && let Some(made) = self.made(&entry.value)
        {
            return made;
        }
        let key = self.text(&entry.key);
        vec![Entry { key, key_span: entry.key_span, value: self.write(&entry.value) }]
    }

    /// What a loop makes; `None` where it cannot be known.
    fn made(&mut self, body: &Node) -> Option<Vec<Entry>> {
        let [name, collection, output] = body.as_list()? else { return None };
        let (name, output) = (name.as_text()?, output.as_map()?);
        let collection = self.write(collection);
        let collection = self.resolver.resolve(&collection)?;
        let items: Option<Vec<String>> =
            collection.as_list()?.iter().map(|item| item.as_text().map(ToOwned::to_owned)).collect();
        let mut made = Vec::new();
        for item in items? {
            if self.left == 0 {
                return None;
            }
            self.names.push((name.to_owned(), item));
            made.extend(output.iter().flat_map(|entry| self.entry(entry)).collect::<Vec<_>>());
            self.names.pop();
        }
        Some(made)
    }

    /// What a `Ref` to the name of a loop stands for.
    fn reference(&self, node: &Node) -> Option<String> {
        let (_, argument) = node.as_function().filter(|(function, _)| *function == "Ref")?;
        let name = argument.as_text()?;
        self.names.iter().rev().find(|(known, _)| known == name).map(|(_, item)| item.clone())
    }

    fn scalar(&self, scalar: &Scalar) -> Scalar {
        let part = |part: &Part| match part {
            Part::Known(text) => Part::Known(self.text(text)),
            Part::Unknown(unknown) => Part::Unknown(unknown.clone()),
        };
        Scalar { parts: scalar.parts.iter().map(part).collect(), style: scalar.style }
    }

    /// `${Name}` gives the item, `&{Name}` its letters and digits alone.
    fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        if !text.contains("{") {
            return text;
        }
        for (name, item) in self.names.iter().rev() {
            let plain: String = item.chars().filter(char::is_ascii_alphanumeric).collect();
            text = text.replace(&format!("${{{name}}}"), item).replace(&format!("&{{{name}}}"), &plain);
        }
        text
    }
}

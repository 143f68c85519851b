//! Holds a configuration against its form: everything that is wrong is told at once, each at its place.

use std::sync::Arc;

use super::globs;
use super::shape::{CONFIGURATION, Field, Shape};
use crate::account::is_account_id;
use crate::finding::{Finding, Label, Severity, Status};
use crate::iam::document::spelling;
use crate::inventory::Address;
use crate::rules;
use crate::source::{Place, Source, Span};
use crate::tree::{Entry, Node, Value};

/// The name that problems with the configuration have in place of a rule.
pub const CONFIGURATION_RULE: &str = "configuration";

/// Everything that is wrong with a configuration.
pub(super) fn problems(source: &Arc<Source>, root: &Node) -> Vec<Finding> {
    let mut check = Check { source, problems: Vec::new() };
    if !matches!(root.value, Value::Null) {
        check.value("the configuration", root, Shape::Map(CONFIGURATION));
    }
    check.problems.sort_by_key(|problem| problem.primary.place.span.start);
    check.problems
}

/// A problem at a place of the configuration.
pub(crate) fn problem(source: &Arc<Source>, span: Span, message: String, help: String, under: &str) -> Finding {
    Finding {
        rule: CONFIGURATION_RULE,
        severity: Severity::Error,
        address: Address { input: Arc::from(source.name()), path: source.name().to_owned() },
        message,
        help,
        primary: Label { place: Place::new(source, span), text: under.to_owned() },
        related: Vec::new(),
        witness: None,
        status: Status::New,
    }
}

struct Check<'a> {
    source: &'a Arc<Source>,
    problems: Vec<Finding>,
}

impl Check<'_> {
    /// Checks a value; `name` is what messages call it.
    fn value(&mut self, name: &str, node: &Node, shape: Shape) {
        match (shape, &node.value) {
            // A key under which everything is commented out.
            (Shape::List(_) | Shape::Map(_) | Shape::ByRule(_), Value::Null) => {}
            (Shape::List(item), Value::List(items)) => {
                items.iter().for_each(|node| self.value(&format!("an entry of {name}"), node, *item));
            }
            (Shape::Map(fields), Value::Map(entries)) => self.map(name, node, entries, fields),
            (Shape::ByRule(shape), Value::Map(entries)) => self.by_rule(entries, *shape),
            (Shape::ShortOrLong(short, long), value) => {
                let is_long = matches!(value, Value::Map(_) | Value::List(_));
                self.value(name, node, if is_long { *long } else { *short });
            }
            (Shape::List(_) | Shape::Map(_) | Shape::ByRule(_), _) => self.wrong_kind(name, node, shape),
            (_, Value::Scalar(_)) => self.scalar(name, node, shape),
            _ => self.wrong_kind(name, node, shape),
        }
    }

    fn map(&mut self, name: &str, node: &Node, entries: &[Entry], fields: &[Field]) {
        self.repeated(entries);
        for entry in entries {
            match fields.iter().find(|field| field.name == entry.key) {
                Some(field) => self.value(&format!("`{}`", field.name), &entry.value, field.shape),
                None => self.unknown_key(entry, fields),
            }
        }
        for field in fields.iter().filter(|field| field.required && node.get(field.name).is_none()) {
            // The whole entry would be underlined over many lines; its first key shows which one it is.
            let span = entries.first().map_or(node.span, |entry| entry.key_span);
            let message = format!("{name} has no `{}`, without which it says nothing", field.name);
            let help = format!("add `{}`: {}", field.name, field.shape.called());
            self.problems.push(problem(self.source, span, message, help, "in this entry"));
        }
    }

    fn by_rule(&mut self, entries: &[Entry], shape: Shape) {
        self.repeated(entries);
        for entry in entries {
            self.rule(&entry.key, entry.key_span);
            self.value(&format!("the level of `{}`", entry.key), &entry.value, shape);
        }
    }

    fn repeated(&mut self, entries: &[Entry]) {
        for (at, entry) in entries.iter().enumerate() {
            if let Some(first) = entries.iter().take(at).find(|first| first.key == entry.key) {
                let message = format!("`{}` stands twice, and only one of the two would count", entry.key);
                let mut found =
                    problem(self.source, entry.key_span, message, "make one of the two".to_owned(), "the second");
                let place = Place::new(self.source, first.key_span);
                found.related.push(Label { place, text: "the first".to_owned() });
                self.problems.push(found);
            }
        }
    }

    fn unknown_key(&mut self, entry: &Entry, fields: &[Field]) {
        let names = || fields.iter().map(|field| field.name);
        let help = match spelling::nearest(&entry.key, names()) {
            Some(name) => format!("write `{name}`, if that is what is meant"),
            None => {
                format!("the keys here are {}", names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "))
            }
        };
        let message = format!("there is no key `{}` here: what it says would have no effect", entry.key);
        self.problems.push(problem(self.source, entry.key_span, message, help, "not a key"));
    }

    fn wrong_kind(&mut self, name: &str, node: &Node, shape: Shape) {
        let kind = if matches!(node.value, Value::Null) { "nothing" } else { node.kind() };
        let message = format!("{name} is {kind} and not {}", shape.called());
        let span = Span::new(node.span.start, node.span.end.min(self.end_of_line(node.span.start)));
        self.problems.push(problem(self.source, span, message, format!("write {}", shape.called()), kind));
    }

    fn end_of_line(&self, byte: usize) -> usize {
        self.source.line_span(self.source.line(byte)).end
    }

    fn scalar(&mut self, name: &str, node: &Node, shape: Shape) {
        let text = node.as_text().unwrap_or_default();
        if let Shape::Rule = shape {
            return self.rule(text, node.span);
        }
        let Some(why) = fault(text, shape) else { return };
        let help = match shape {
            Shape::Choice(words) => match spelling::nearest(text, words.iter().copied()) {
                Some(word) => format!("write `{word}`, if that is what is meant"),
                None => format!("write {}", shape.called()),
            },
            _ => format!("write {}", shape.called()),
        };
        let what = if text.trim().is_empty() { "empty".to_owned() } else { format!("`{text}`") };
        let message = format!("{name} is {what} and not {}", shape.called());
        self.problems.push(problem(self.source, node.span, message, help, &why));
    }

    fn rule(&mut self, id: &str, span: Span) {
        if rules::find(id).is_some() {
            return;
        }
        let help = match spelling::nearest(id, rules::all().iter().map(|rule| rule.id())) {
            Some(name) => format!("write `{name}`, if that is what is meant"),
            None => "`mfagate explain` lists the rules".to_owned(),
        };
        let message = format!("there is no rule `{id}`: what is said about it would have no effect");
        self.problems.push(problem(self.source, span, message, help, "not a rule"));
    }
}

/// What is wrong with the text of a scalar.
fn fault(text: &str, shape: Shape) -> Option<String> {
    let wrong = |wrong: bool, why: &str| wrong.then(|| why.to_owned());
    match shape {
        Shape::Text | Shape::NamePattern => wrong(text.trim().is_empty(), "empty"),
        Shape::AccountId => wrong(!is_account_id(text), "not 12 digits"),
        Shape::PathPattern if text.trim_matches(['/', '.']).is_empty() => Some("no pattern".to_owned()),
        Shape::PathPattern => globs::fault(text),
        Shape::Action => wrong(!is_action(text), "not `service:Name`"),
        Shape::Choice(words) => wrong(!words.contains(&text), "not one of them"),
        Shape::Number(most) => {
            let fits = text.parse().is_ok_and(|number: u64| (1..=most).contains(&number));
            wrong(!fits, "not such a number")
        }
        Shape::Date => text.parse::<jiff::civil::Date>().err().map(|_| "not such a day".to_owned()),
        Shape::Rule | Shape::List(_) | Shape::Map(_) | Shape::ByRule(_) | Shape::ShortOrLong(..) => None,
    }
}

/// `service:Name`, both of letters, digits and hyphens, with wildcards.
fn is_action(text: &str) -> bool {
    let is_name = |name: &str| {
        !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-*?".contains(letter))
    };
    text.split_once(':').is_some_and(|(service, name)| is_name(service) && is_name(name))
}

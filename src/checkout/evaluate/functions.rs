//! The functions that are known here: those that make one value of others and ask nobody.

use std::path::{Component, Path};

use hcl_edit::expr::FuncCall;

use super::json_text::{decoded, encoded};
use super::lists::{concatenated, distinct, flattened, has_length, merged};
use super::values::{boolean, doubtful, is_known, list, map, node, null, number, quoted, same, unknown, weight};
use super::{Bound, Run, Scope};
use crate::checkout::folder;
use crate::terraform::address;
use crate::tree::{Node, Text, Value};

impl Run<'_> {
    pub(super) fn call(&self, call: &FuncCall, scope: Scope<'_>) -> Node {
        let name = call.name.name.as_str();
        let spelled = || format!("{}(…)", call.name.name.as_str());
        if call.name.is_namespaced() {
            return unknown(spelled(), "is a function of a provider, which is not run");
        }
        let mut arguments = Vec::with_capacity(call.args.len());
        for argument in call.args.iter() {
            let value = self.native(argument, scope);
            if name == "try" && is_usable(&value) {
                return value;
            }
            arguments.push(value);
        }
        if call.args.expand_final() {
            match arguments.pop().map(|last| last.value) {
                Some(Value::List(items)) => arguments.extend(items),
                Some(other) => return doubtful(&super::values::node(other), "arguments"),
                None => {}
            }
        }
        if !self.budget.takes(arguments.iter().map(weight).sum()) {
            return unknown(spelled(), "takes too much to be evaluated");
        }
        let file = || match name {
            "file" => self.file(&arguments, scope).map(quoted),
            "templatefile" => self.template_file(&arguments, scope),
            _ => None,
        };
        let value = file().or_else(|| evaluated(name, &arguments));
        value.unwrap_or_else(|| match arguments.iter().find(|argument| !is_known(argument)) {
            Some(argument) => doubtful(argument, name),
            None => unknown(spelled(), "is a function that is not evaluated here"),
        })
    }

    /// The text of a file in the folder of the module or of the root module.
    fn file(&self, arguments: &[Node], scope: Scope<'_>) -> Option<String> {
        let checkout = self.evaluator.checkout;
        let path = Path::new(arguments.first()?.as_text()?);
        let module = checkout.folder_of(&address::without_keys(scope.module))?;
        let is_inside = |folder: &Path| {
            let inside = path.strip_prefix(if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
            let inside = inside.or_else(|_| path.strip_prefix(folder)).ok()?;
            inside.components().all(|step| matches!(step, Component::Normal(_) | Component::CurDir)).then_some(())
        };
        is_inside(module).or_else(|| is_inside(checkout.root()))?;
        let text = folder::text(path).ok()?;
        self.budget.takes(text.len()).then_some(text)
    }

    /// A file as a template, with nothing bound but what is given to it.
    fn template_file(&self, arguments: &[Node], scope: Scope<'_>) -> Option<Node> {
        let text = self.file(arguments, scope)?;
        let template = hcl_edit::parser::parse_template(&text).ok()?;
        let names = arguments.get(1)?.as_map()?;
        self.with_bound(names, None, &mut |bound| {
            let scope = Scope { key: "", block: None, bound, ..scope };
            self.template(&template, scope)
        })
    }

    /// Binds names one after the other, and gives what comes of it.
    fn with_bound(
        &self,
        names: &[crate::tree::Entry],
        outer: Option<&Bound<'_>>,
        then: &mut dyn FnMut(Option<&Bound<'_>>) -> Node,
    ) -> Option<Node> {
        const MOST: usize = 64;
        match names.split_first() {
            None => Some(then(outer)),
            Some(_) if names.len() > MOST => None,
            Some((entry, rest)) => {
                let bound = Bound { name: &entry.key, value: &entry.value, outer };
                self.with_bound(rest, Some(&bound), then)
            }
        }
    }
}

/// Whether a value is one that `try` stops at: what is not there is an error to it.
fn is_usable(value: &Node) -> bool {
    !matches!(&value.value, Value::Unknown(unknown) if unknown.reason == "is not there")
}

/// What a function of known name makes of its arguments; `None` where it cannot be told.
fn evaluated(name: &str, arguments: &[Node]) -> Option<Node> {
    match (name, arguments) {
        ("jsonencode", [value]) => Some(encoded(value)),
        ("jsondecode", [value]) => decoded(value),
        ("tolist" | "tomap" | "sensitive" | "nonsensitive", [value]) => Some(value.clone()),
        ("tostring", [value]) => Some(quoted(value.as_text()?)),
        ("tonumber", [value]) => Some(number(value.as_text()?)),
        ("tobool", [value]) => Some(boolean(super::truth(value)?)),
        ("format", [format, values @ ..]) => formatted(format.as_text()?, values),
        ("formatlist", [format, items]) => {
            let items = items.as_list()?.iter().map(|item| formatted(format.as_text()?, std::slice::from_ref(item)));
            Some(list(items.collect::<Option<_>>()?))
        }
        ("join", [separator, items]) => joined(separator.as_text()?, items.as_list()?),
        ("coalesce", values) => {
            let first =
                values.iter().find(|value| !matches!(value.value, Value::Null) && value.as_text() != Some(""))?;
            is_known(first).then(|| first.clone())
        }
        ("length", [of]) => {
            let text = of.as_text().map(|text| text.chars().count());
            let list = of.as_list();
            if !list.is_none_or(has_length) {
                return None;
            }
            let count = list.map(<[Node]>::len).or(of.as_map().map(<[_]>::len)).or(text)?;
            Some(number(count.to_string()))
        }
        _ => of_lists(name, arguments),
    }
}

/// Functions of lists and sets.
fn of_lists(name: &str, arguments: &[Node]) -> Option<Node> {
    match (name, arguments) {
        ("concat", lists) => Some(concatenated(lists)),
        ("compact", [items]) => {
            let is_empty = |item: &&Node| matches!(item.value, Value::Null) || item.as_text() == Some("");
            Some(list(items.as_list()?.iter().filter(|item| !is_empty(item)).cloned().collect()))
        }
        ("flatten", [items]) => Some(list(flattened(items.as_list()?))),
        ("distinct" | "toset", [items]) => Some(list(distinct(items.as_list()?))),
        ("setunion", lists) => Some(list(distinct(concatenated(lists).as_list()?))),
        ("element", [items, index]) => {
            let items = items.as_list().filter(|items| has_length(items))?;
            items.get(index.as_text()?.parse::<usize>().ok()?.checked_rem(items.len())?).cloned()
        }
        ("one", [items]) => match items.as_list().filter(|items| has_length(items))? {
            [] => Some(null()),
            [only] => Some(only.clone()),
            _ => None,
        },
        ("contains", [items, value]) if is_known(value) => {
            let items = items.as_list()?;
            let found = items.iter().any(|item| same(item, value));
            (found || items.iter().all(is_known)).then(|| boolean(found))
        }
        _ => of_maps(name, arguments),
    }
}

/// Functions of maps.
fn of_maps(name: &str, arguments: &[Node]) -> Option<Node> {
    match (name, arguments) {
        ("merge", maps) => Some(merged(maps)),
        ("keys", [of]) => Some(list(of.as_map()?.iter().map(|entry| quoted(entry.key.as_str())).collect())),
        ("values", [of]) => Some(list(of.as_map()?.iter().map(|entry| entry.value.clone()).collect())),
        ("lookup", [of, key, default @ ..]) => {
            of.as_map()?;
            of.get(key.as_text()?).or(default.first()).cloned()
        }
        ("zipmap", [keys, values]) => {
            let keys = keys.as_list()?.iter().map(|key| key.as_text().map(str::to_owned));
            Some(map(keys.collect::<Option<Vec<_>>>()?.into_iter().zip(values.as_list()?.iter().cloned()).collect()))
        }
        _ => of_text(name, arguments),
    }
}

/// Functions of text that is known.
fn of_text(name: &str, arguments: &[Node]) -> Option<Node> {
    let texts: Vec<&str> = arguments.iter().map(Node::as_text).collect::<Option<_>>()?;
    match (name, texts.as_slice()) {
        ("lower", [text]) => Some(quoted(text.to_lowercase())),
        ("upper", [text]) => Some(quoted(text.to_uppercase())),
        ("trimspace", [text]) => Some(quoted(text.trim())),
        ("trimprefix", [text, prefix]) => Some(quoted(text.strip_prefix(prefix).unwrap_or(text))),
        ("trimsuffix", [text, suffix]) => Some(quoted(text.strip_suffix(suffix).unwrap_or(text))),
        ("trim", [text, set]) => Some(quoted(text.trim_matches(|it| set.contains(it)))),
        ("startswith", [text, prefix]) => Some(boolean(text.starts_with(prefix))),
        ("endswith", [text, suffix]) => Some(boolean(text.ends_with(suffix))),
        ("strcontains", [text, part]) => Some(boolean(text.contains(part))),
        ("split", ["", _]) => None,
        ("split", [separator, text]) => Some(list(text.split(separator).map(quoted).collect())),
        // A pattern between slashes is a regular expression.
        ("replace", [_, from, _]) if from.is_empty() || from.starts_with('/') => None,
        ("replace", [text, from, to]) if text.len().saturating_mul(to.len()) < 1 << 20 => {
            Some(quoted(text.replace(from, to)))
        }
        _ => None,
    }
}

fn joined(separator: &str, items: &[Node]) -> Option<Node> {
    let mut text = Text::default();
    for (nth, item) in items.iter().enumerate() {
        if nth > 0 {
            text.push(separator);
        }
        matches!(item.value, Value::Scalar(_) | Value::Unknown(_)).then(|| text.push_node(item))?;
    }
    Some(node(Value::Scalar(text.finish())))
}

/// `format` with the verbs that put a value in as it is.
fn formatted(format: &str, values: &[Node]) -> Option<Node> {
    let mut text = Text::default();
    let mut values = values.iter();
    let mut pieces = format.split('%');
    text.push(pieces.next()?);
    let mut is_escaped = false;
    for piece in pieces {
        if is_escaped {
            text.push(piece);
            is_escaped = false;
            continue;
        }
        match piece.chars().next() {
            // `%%` leaves an empty piece between its signs.
            None => {
                text.push("%");
                is_escaped = true;
            }
            Some('s' | 'd' | 'v') => {
                let value = values.next()?;
                matches!(value.value, Value::Scalar(_) | Value::Unknown(_)).then(|| text.push_node(value))?;
                text.push(piece.get(1..)?);
            }
            Some(_) => return None,
        }
    }
    values.next().is_none().then(|| node(Value::Scalar(text.finish())))
}

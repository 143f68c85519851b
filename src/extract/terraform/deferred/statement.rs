//! The `statement` blocks of a data source as statements.

use serde_json::Value as Json;
use smallvec::smallvec;

use super::arguments::{Arguments, Item};
use super::merge::{Merged, entry, flattened, node, parts, text};
use crate::tree::{Entry, Form, Node, Part, Parts, Scalar, Style, Unknown, Value};

/// The document that the data source's own arguments make.
pub(super) fn own(arguments: &Arguments<'_>) -> Merged {
    let all = arguments.all();
    let version = match all.get("version") {
        item if item.is_unknown => {
            Scalar { parts: open(known_after_apply(arguments, "version")), style: Style::Quoted }
        }
        item => Scalar::known(item.text().unwrap_or("2012-10-17"), Style::Quoted),
    };
    let mut merged =
        Merged { version: Some(version), id: all.get("policy_id").text().map(str::to_owned), ..Merged::default() };
    let blocks = all.get("statement");
    if blocks.is_unknown {
        merged.add_unknown(known_after_apply(arguments, "statement"));
    }
    let items = blocks.items();
    let configured = arguments.expressions.get("statement").and_then(Json::as_array);
    // A configuration leaves `dynamic` blocks out, so that only one of the same length says which block is which.
    let configured = configured.filter(|configured| configured.len() == items.len());
    for (at, item) in items.iter().enumerate() {
        let path = format!("statement[{at}]");
        if item.is_unknown {
            merged.add_unknown(known_after_apply(arguments, &path));
            continue;
        }
        let block = Block { arguments, item, configured: configured.and_then(|it| it.get(at)), path };
        merged.statements.push(block.statement());
    }
    merged
}

fn known_after_apply(arguments: &Arguments<'_>, path: &str) -> Unknown {
    Unknown {
        name: format!("{}.{path}", arguments.resource.address),
        reason: "is known after apply".to_owned(),
        form: Form::Anything,
    }
}

/// The values of condition keys.
type Variables = Vec<(String, Vec<Node>)>;

/// One `statement` block.
struct Block<'b> {
    arguments: &'b Arguments<'b>,
    item: &'b Item<'b>,
    configured: Option<&'b Json>,
    path: String,
}

impl Block<'_> {
    fn statement(&self) -> Node {
        let mut entries = Vec::new();
        let sid = self.item.get("sid");
        if sid.is_unknown {
            entries.push(entry("Sid", parts(open(self.unknown("sid")))));
        }
        entries.extend(sid.text().filter(|sid| !sid.is_empty()).map(|sid| entry("Sid", text(sid))));
        let effect = self.item.get("effect");
        let effect = if effect.is_unknown {
            node(Value::Unknown(self.unknown("effect")))
        } else {
            text(effect.text().filter(|it| !it.is_empty()).unwrap_or("Allow"))
        };
        entries.push(entry("Effect", effect));
        let lists = [("Action", "actions"), ("NotAction", "not_actions")];
        let targets = [("Resource", "resources"), ("NotResource", "not_resources")];
        entries.extend(lists.into_iter().chain(targets).filter_map(|(key, path)| self.list(key, path)));
        entries.extend(self.principals("Principal", "principals"));
        entries.extend(self.principals("NotPrincipal", "not_principals"));
        entries.extend(self.conditions());
        node(Value::Map(entries))
    }

    /// A list of actions or resources.
    fn list(&self, key: &str, path: &str) -> Option<Entry> {
        let item = self.item.get(path);
        let configured: Vec<&Json> = self.configured.and_then(|it| it.get(path)).into_iter().collect();
        if item.is_unknown {
            return Some(entry(key, node(Value::Unknown(self.unknown(path)))));
        }
        let items = self.strings(&item, &configured, path, !path.ends_with("actions"));
        (!items.is_empty()).then(|| entry(key, flattened(items)))
    }

    /// The strings of a list, in which the data source takes `&{` for `${`.
    fn strings(&self, item: &Item<'_>, configured: &[&Json], path: &str, has_variables: bool) -> Vec<Node> {
        let items = item.items();
        let unknown = items.iter().filter(|item| item.is_unknown).count();
        // `"${aws_s3_bucket.b.arn}/*"` refers to the same name as the ARN alone. For a grant that makes no difference: it
        // is one on something that begins so.
        let grants = self.item.get("effect").text() != Some("Deny") && !self.item.get("effect").is_unknown;
        let is_whole = |name: &str| match path {
            "actions" | "not_actions" => false,
            "resources" | "not_resources" => grants && name.ends_with(".arn"),
            _ => true,
        };
        let fallback = format!("{}.{path}", self.path);
        let mut names = self.arguments.names(configured, is_whole, unknown, &fallback).into_iter();
        let string = |item: &Item<'_>| match item.text() {
            _ if item.is_unknown => {
                let unknown = names.next().unwrap_or_else(|| self.unknown(path));
                parts(if path.ends_with("resources") { arn(unknown) } else { open(unknown) })
            }
            Some(known) if has_variables => text(known.replace("&{", "${")),
            known => text(known.unwrap_or_default()),
        };
        items.iter().map(string).collect()
    }

    fn principals(&self, key: &str, path: &str) -> Option<Entry> {
        let blocks = self.item.get(path);
        if blocks.is_unknown {
            return Some(entry(key, node(Value::Unknown(self.unknown(path)))));
        }
        let mut kinds: Vec<(String, Vec<Node>)> = Vec::new();
        for block in blocks.items() {
            let (kind, identifiers) = (block.get("type"), block.get("identifiers"));
            let Some(kind) = kind.text() else {
                return Some(entry(key, node(Value::Unknown(self.unknown(path)))));
            };
            let configured = self.blocks(path, &[("type", kind)], "identifiers");
            let items = if identifiers.is_unknown {
                vec![node(Value::Unknown(self.unknown(&format!("{path}.identifiers"))))]
            } else {
                self.identifiers(kind, &identifiers, &configured)
            };
            match kinds.iter_mut().find(|(known, _)| known == kind) {
                Some((_, known)) => known.extend(items),
                None => kinds.push((kind.to_owned(), items)),
            }
        }
        let everybody = |(kind, items): &(String, Vec<Node>)| {
            kind == "*" && items.len() == 1 && items.first().is_some_and(|item| item.as_text() == Some("*"))
        };
        match kinds.as_slice() {
            [] => None,
            [only] if everybody(only) => Some(entry(key, text("*"))),
            _ => {
                let kinds = kinds.into_iter().map(|(kind, items)| entry(&kind, flattened(items)));
                Some(entry(key, node(Value::Map(kinds.collect()))))
            }
        }
    }

    fn identifiers(&self, kind: &str, item: &Item<'_>, configured: &[&Json]) -> Vec<Node> {
        let path = "principals.identifiers";
        let mut strings = self.strings(item, configured, path, true);
        if kind != "AWS" {
            return strings;
        }
        // A role and an account are judged differently, and a name alone does not say which of them it is.
        let names: Vec<String> = configured.iter().flat_map(|it| super::telling(it, "")).collect();
        let open = strings.iter_mut().filter(|node| node.as_text().is_none());
        let mut names = names.iter();
        for node in open {
            let Value::Scalar(scalar) = &mut node.value else { continue };
            let known = names.next().and_then(|name| {
                let expression = serde_json::json!({ "references": [name] });
                self.arguments.principal(&expression)
            });
            match (known, scalar.parts.as_mut_slice()) {
                (Some(parts), [Part::Unknown(unknown)]) if may_be_arn(&unknown.name) => scalar.parts = parts,
                (_, [Part::Unknown(unknown)]) => unknown.form = Form::Anything,
                _ => {}
            }
        }
        strings
    }

    /// Conditions with the same test and variable are one, with the values of both.
    fn conditions(&self) -> Option<Entry> {
        let blocks = self.item.get("condition");
        let unknown = || Some(entry("Condition", node(Value::Unknown(self.unknown("condition")))));
        if blocks.is_unknown {
            return unknown();
        }
        let mut tests: Vec<(String, Variables)> = Vec::new();
        for block in blocks.items() {
            let (Some(test), Some(variable)) = (block.get("test").text(), block.get("variable").text()) else {
                return unknown();
            };
            let configured = self.blocks("condition", &[("test", test), ("variable", variable)], "values");
            let values = block.get("values");
            let items = if values.is_unknown {
                vec![node(Value::Unknown(self.unknown("condition.values")))]
            } else {
                self.strings(&values, &configured, "condition.values", true)
            };
            let at = tests.iter().position(|(known, _)| known == test).unwrap_or(tests.len());
            if at == tests.len() {
                tests.push((test.to_owned(), Vec::new()));
            }
            let Some((_, variables)) = tests.get_mut(at) else { continue };
            match variables.iter_mut().find(|(known, _)| known == variable) {
                Some((_, known)) => known.extend(items),
                None => variables.push((variable.to_owned(), items)),
            }
        }
        let variables =
            |variables: Variables| variables.into_iter().map(|(key, items)| entry(&key, whole(items))).collect();
        let tests: Vec<Entry> =
            tests.into_iter().map(|(test, inner)| entry(&test, node(Value::Map(variables(inner))))).collect();
        (!tests.is_empty()).then(|| entry("Condition", node(Value::Map(tests))))
    }

    /// An attribute of the blocks of a kind that have these constants. Such blocks are sets, in an order of their own.
    fn blocks(&self, path: &str, constants: &[(&str, &str)], attribute: &str) -> Vec<&Json> {
        let blocks = self.configured.and_then(|it| it.get(path)).and_then(Json::as_array);
        let fits = |block: &&Json| {
            constants.iter().all(|(key, value)| {
                let expression = block.get(key);
                let constant = expression.and_then(|it| it.get("constant_value")).and_then(Json::as_str);
                constant.is_none_or(|constant| constant == *value)
            })
        };
        blocks.into_iter().flatten().filter(fits).filter_map(|block| block.get(attribute)).collect()
    }

    fn unknown(&self, path: &str) -> Unknown {
        known_after_apply(self.arguments, &format!("{}.{path}", self.path))
    }
}

/// The values of a test: a list that is not known leaves nothing known of the others.
fn whole(items: Vec<Node>) -> Node {
    let unknown = items.iter().find(|item| matches!(item.value, Value::Unknown(_)));
    unknown.cloned().unwrap_or_else(|| flattened(items))
}

/// Whether a name is that of an ARN, or of an input of the module, which may be one.
fn may_be_arn(name: &str) -> bool {
    name.ends_with(".arn") || name.rsplit('.').nth(1) == Some("var")
}

/// Text of which nothing is known.
fn open(unknown: Unknown) -> Parts {
    smallvec![Part::Unknown(Box::new(unknown))]
}

/// A resource's ARN: of one that is not known the form is certain, and for a bucket all but its name.
fn arn(unknown: Unknown) -> Parts {
    if unknown.form != Form::Identifier {
        return open(unknown);
    }
    let known = |text: &str| Part::Known(text.to_owned());
    let open = || Part::Unknown(Box::new(unknown.clone()));
    if unknown.name.split('.').any(|step| step == "aws_s3_bucket") {
        return smallvec![known("arn:aws:s3:::"), open()];
    }
    smallvec![known("arn:aws:"), open(), known(":"), open(), known(":"), open(), known(":"), open()]
}

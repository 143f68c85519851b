//! ARNs and unique ids of roles and users that the apply makes: which kind of identity one names is certain, and often all
//! of it but the account.

use smallvec::smallvec;

use super::references::References;
use crate::terraform::address;
use crate::tree::{Form, Node, Part, Parts, Scalar, Style, Unknown, Value};

/// The text of an attribute of a role or user that is known after apply, by the attribute's name:
/// `module.m.aws_iam_role.r.arn`. `None` for the attributes of anything else.
pub(super) fn parts(name: &str, references: &References<'_>) -> Option<Parts> {
    let (address, attribute) = name.rsplit_once('.')?;
    let (kind, id) = kind_of(address)?;
    let known = |text: String| Part::Known(text);
    let open = |name: String| {
        let (reason, form) = ("is known after apply".to_owned(), Form::Identifier);
        Part::Unknown(Box::new(Unknown { name, reason, form }))
    };
    match (attribute, references.named_path(address)) {
        ("arn", Some(path)) => Some(smallvec![
            known("arn:aws:iam::".to_owned()),
            open(format!("the account of {address}")),
            known(format!(":{kind}{path}")),
        ]),
        ("arn", None) => Some(smallvec![
            known("arn:aws:iam::".to_owned()),
            open(format!("the account of {address}")),
            known(format!(":{kind}/")),
            open(format!("{address}.name")),
        ]),
        ("unique_id", _) => Some(smallvec![known(id.to_owned()), open(name.to_owned())]),
        _ => None,
    }
}

/// Writes out what is certain of the identities that a document names.
pub(super) fn write_out(node: &mut Node, references: &References<'_>) {
    match &mut node.value {
        Value::Unknown(unknown) if unknown.form == Form::Identifier => {
            if let Some(parts) = parts(&unknown.name, references) {
                node.value = Value::Scalar(Scalar { parts, style: Style::Quoted });
            }
        }
        Value::Scalar(scalar) => {
            let found = |part: &Part| match part {
                Part::Unknown(unknown) if unknown.form == Form::Identifier => parts(&unknown.name, references),
                _ => None,
            };
            if scalar.parts.iter().any(|part| found(part).is_some()) {
                let pieces = scalar.parts.drain(..).flat_map(|part| found(&part).unwrap_or_else(|| smallvec![part]));
                scalar.parts = joined(pieces);
            }
        }
        Value::List(items) => items.iter_mut().for_each(|item| write_out(item, references)),
        Value::Map(entries) => entries.iter_mut().for_each(|entry| write_out(&mut entry.value, references)),
        Value::Null | Value::Unknown(_) => {}
    }
}

/// Parts of which no two neighbours are known.
fn joined(pieces: impl Iterator<Item = Part>) -> Parts {
    let mut parts = Parts::new();
    for piece in pieces {
        match (parts.last_mut(), piece) {
            (Some(Part::Known(before)), Part::Known(text)) => before.push_str(&text),
            (_, piece) => parts.push(piece),
        }
    }
    parts
}

/// What the ARNs of a type of resource call it, and how its unique ids begin.
fn kind_of(address: &str) -> Option<(&'static str, &'static str)> {
    let block = address::block_of(address)?.block;
    let block = block.strip_prefix("data.").unwrap_or(&block);
    match block.split('.').next()? {
        "aws_iam_role" | "aws_iam_service_linked_role" => Some(("role", "AROA")),
        "aws_iam_user" => Some(("user", "AIDA")),
        _ => None,
    }
}

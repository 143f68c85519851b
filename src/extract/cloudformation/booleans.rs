//! The booleans of YAML 1.1, which CloudFormation reads: `yes`, `Off` and their like become `true` and `false`.

use crate::tree::{Node, Scalar, Style, Value};

/// The template with its booleans as JSON has them; `None` where they are that already.
pub(super) fn written_out(root: &Node) -> Option<Node> {
    is_open(root).then(|| {
        let mut root = root.clone();
        write_out(&mut root);
        root
    })
}

fn is_open(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(scalar) => boolean(scalar).is_some(),
        Value::List(items) => items.iter().any(is_open),
        Value::Map(entries) => entries.iter().any(|entry| is_open(&entry.value)),
        Value::Null | Value::Unknown(_) => false,
    }
}

fn write_out(node: &mut Node) {
    match &mut node.value {
        Value::Scalar(scalar) => {
            if let Some(boolean) = boolean(scalar) {
                *scalar = Scalar::known(boolean, Style::Plain);
            }
        }
        Value::List(items) => items.iter_mut().for_each(write_out),
        Value::Map(entries) => entries.iter_mut().for_each(|entry| write_out(&mut entry.value)),
        Value::Null | Value::Unknown(_) => {}
    }
}

/// What a plain scalar means that is written otherwise than in JSON.
fn boolean(scalar: &Scalar) -> Option<&'static str> {
    const TRUE: [&str; 8] = ["yes", "Yes", "YES", "True", "TRUE", "on", "On", "ON"];
    const FALSE: [&str; 8] = ["no", "No", "NO", "False", "FALSE", "off", "Off", "OFF"];
    let text = Some(scalar).filter(|scalar| scalar.style == Style::Plain)?.as_text()?;
    if TRUE.contains(&text) { Some("true") } else { FALSE.contains(&text).then_some("false") }
}

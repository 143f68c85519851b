//! Edits of the tests in a statement's condition.

use super::edit::Edit;
use super::editor::{Editor, Map};
use super::pen::New;
use crate::iam::document::{Statement, Test};
use crate::rules::explain;
use crate::tree::Entry;

pub(super) use explain::Correct;

/// Where a test stands in the text.
struct Position<'e> {
    condition: Map<'e>,
    /// The operator's entry in the condition.
    operator: (usize, &'e Entry),
    keys: Map<'e>,
    /// The key's entry under the operator.
    key: (usize, &'e Entry),
}

fn position<'e>(editor: &'e Editor, statement: &Statement, test: &Test) -> Option<Position<'e>> {
    let condition = editor.map(statement.place.span)?.map("Condition")?;
    let operator = condition.find(|entry| entry.key_span == test.operator_place.span)?;
    let keys = condition.map(&operator.1.key)?;
    let key = keys.find(|entry| entry.key_span == test.key_place.span)?;
    Some(Position { condition, operator, keys, key })
}

/// Writes a test otherwise, in its place.
pub(super) fn write(editor: &Editor, statement: &Statement, test: &Test, correct: &Correct) -> Option<Vec<Edit>> {
    let Position { condition, operator, keys, key } = position(editor, statement, test)?;
    let known = condition.entry(&correct.operator).filter(|(at, _)| *at != operator.0);
    if keys.len() > 1 && operator.1.key != correct.operator || known.is_some() {
        let mut edits = remove(editor, statement, &[test])?;
        edits.push(add_to(editor, &condition, correct)?);
        return Some(edits);
    }
    let mut edits = Vec::new();
    if operator.1.key != correct.operator {
        edits.push(editor.set_key(&condition, operator.0, &correct.operator)?);
    }
    if !key.1.key.eq_ignore_ascii_case(&correct.key) {
        edits.push(editor.set_key(&keys, key.0, &correct.key)?);
    }
    if key.1.value.as_text() != Some(&*correct.value) {
        edits.push(editor.set_value(&keys, key.0, &New::text(&correct.value))?);
    }
    (!edits.is_empty()).then_some(edits)
}

/// Writes a test otherwise, and takes the other tests on MFA away.
pub(super) fn write_alone(editor: &Editor, statement: &Statement, test: &Test, correct: &Correct) -> Option<Vec<Edit>> {
    let others: Vec<&Test> = statement
        .tests
        .iter()
        .filter(|other| explain::is_about_mfa(other) && other.place.span != test.place.span)
        .collect();
    if others.is_empty() {
        return None;
    }
    let mut edits = remove(editor, statement, &others)?;
    edits.extend(write(editor, statement, test, correct).unwrap_or_default());
    Some(edits)
}

/// Adds a test.
pub(super) fn add(editor: &Editor, statement: &Statement, correct: &Correct) -> Option<Vec<Edit>> {
    let map = editor.map(statement.place.span)?;
    let edit = match map.entry("Condition") {
        Some(_) => add_to(editor, &map.map("Condition")?, correct)?,
        None => {
            let test = New::Map(vec![(correct.key.clone(), New::text(&correct.value))]);
            editor.add_entry(&map, "Condition", &New::Map(vec![(correct.operator.clone(), test)]))?
        }
    };
    Some(vec![edit])
}

fn add_to(editor: &Editor, condition: &Map<'_>, correct: &Correct) -> Option<Edit> {
    let value = New::text(&correct.value);
    match condition.entry(&correct.operator) {
        Some(_) => editor.add_entry(&condition.map(&correct.operator)?, &correct.key, &value),
        None => editor.add_entry(condition, &correct.operator, &New::Map(vec![(correct.key.clone(), value)])),
    }
}

/// Takes tests away, and the condition with the last of them.
pub(super) fn remove(editor: &Editor, statement: &Statement, gone: &[&Test]) -> Option<Vec<Edit>> {
    let map = editor.map(statement.place.span)?;
    let (at, _) = map.entry("Condition")?;
    let mut edits = Vec::new();
    let mut operators = Vec::new();
    let condition = map.map("Condition")?;
    for test in gone {
        let Position { operator, keys, key, .. } = position(editor, statement, test)?;
        let others = |other: &&Test| other.operator_place.span == test.operator_place.span;
        if gone.iter().copied().filter(others).count() == keys.len() {
            operators.push(operator.0);
        } else {
            edits.extend(editor.remove_entries(&keys, &[key.0])?);
        }
    }
    operators.sort_unstable();
    operators.dedup();
    if operators.len() == condition.len() {
        return editor.remove_entries(&map, &[at]);
    }
    if !operators.is_empty() {
        edits.extend(editor.remove_entries(&condition, &operators)?);
    }
    Some(edits)
}

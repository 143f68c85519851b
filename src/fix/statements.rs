//! Edits of whole statements and of their parts other than the condition.

use super::edit::{self, Edit};
use super::editor::{Editor, Map, Piece};
use super::pen::New;
use crate::iam::document::{Patterns, Principal, PrincipalKind, Statement};
use crate::iam::verdict::StatementReference;
use crate::source::Span;
use crate::tree::Node;

/// Sets `Action` or `NotAction`, whichever of the two there was.
pub(super) fn set_actions(
    editor: &Editor,
    statement: &Statement,
    negated: bool,
    actions: &[&str],
) -> Option<Vec<Edit>> {
    set(editor, statement, ["Action", "NotAction"], negated, &New::texts(actions))
}

/// Sets `Resource`.
pub(super) fn set_resources(editor: &Editor, statement: &Statement, resources: &[&str]) -> Option<Vec<Edit>> {
    set(editor, statement, ["Resource", "NotResource"], false, &New::texts(resources))
}

fn set(editor: &Editor, statement: &Statement, keys: [&str; 2], negated: bool, value: &New) -> Option<Vec<Edit>> {
    let map = editor.map(statement.place.span)?;
    let [positive, negative] = keys;
    let (at, entry) = map.entry(positive).or_else(|| map.entry(negative))?;
    let key = if negated { negative } else { positive };
    let mut edits = vec![editor.set_value(&map, at, value)?];
    if entry.key != key {
        edits.push(editor.set_key(&map, at, key)?);
    }
    Some(edits)
}

/// Adds patterns to `Action` or `NotAction`.
pub(super) fn add_actions(editor: &Editor, statement: &Statement, actions: &[&str]) -> Option<Vec<Edit>> {
    let map = editor.map(statement.place.span)?;
    let (at, entry) = map.entry("NotAction").or_else(|| map.entry("Action"))?;
    if let Some(last) = entry.value.as_list().and_then(|items| items.len().checked_sub(1)) {
        let pieces: Vec<Piece> = actions.iter().map(|action| Piece::New(New::text(action))).collect();
        return Some(vec![editor.add_items(&entry.value, last, &pieces)?]);
    }
    let old = entry.value.as_text()?;
    let all: Vec<&str> = std::iter::once(old).chain(actions.iter().copied()).collect();
    Some(vec![editor.set_value(&map, at, &New::texts(&all))?])
}

/// Takes patterns out of `Action` or `NotAction`, but never all of them.
pub(super) fn remove_actions(editor: &Editor, statement: &Statement, gone: &[Span]) -> Option<Vec<Edit>> {
    let map = editor.map(statement.place.span)?;
    let (_, entry) = map.entry("NotAction").or_else(|| map.entry("Action"))?;
    remove_from(editor, &entry.value, gone)
}

/// The patterns that are known in full; `None` where there may be others.
pub(super) fn known(patterns: &Patterns) -> Option<Vec<(&str, Span)>> {
    let all = patterns.items.iter().map(|text| Some((text.scalar.as_text()?, text.place.span)));
    patterns.unknown.is_none().then(|| all.collect())?
}

fn remove_from(editor: &Editor, list: &Node, gone: &[Span]) -> Option<Vec<Edit>> {
    let items = list.as_list()?.iter().enumerate();
    let at: Vec<usize> = items.filter(|(_, item)| gone.contains(&item.span)).map(|(at, _)| at).collect();
    editor.remove_items(list, &at)
}

/// Adds statements to a document, behind all others.
pub(super) fn add(editor: &Editor, document: Span, statements: Vec<New>) -> Option<Vec<Edit>> {
    let map = editor.map(document)?;
    let (_, entry) = map.entry("Statement")?;
    let last = entry.value.as_list().map_or(0, |items| items.len().saturating_sub(1));
    let pieces: Vec<Piece> = statements.into_iter().map(Piece::New).collect();
    put_behind(editor, &map, last, &pieces)
}

/// Puts a copy of a statement, with these edits made in it, behind the statement.
pub(super) fn add_copy(
    editor: &Editor,
    reference: &StatementReference,
    edits: &[Edit],
    sid: &str,
) -> Option<Vec<Edit>> {
    let span = reference.place.span;
    let statement = editor.map(span)?;
    let mut edits = edits.to_vec();
    if let Some((at, entry)) = statement.entry("Sid") {
        let name: String = format!("{}{sid}", entry.value.as_text()?);
        edits.push(editor.set_value(&statement, at, &New::text(&name))?);
    }
    let copy = edit::apply(editor.slice(span), &edit::within(&edits, span))?;
    let document = editor.map(reference.document.place.span)?;
    let (_, entry) = document.entry("Statement")?;
    let at = match entry.value.as_list() {
        Some(items) => items.iter().position(|item| item.span == span)?,
        None => 0,
    };
    put_behind(editor, &document, at, &[Piece::Copy(copy)])
}

/// Takes a statement away, unless it is the only one.
pub(super) fn remove(editor: &Editor, reference: &StatementReference) -> Option<Vec<Edit>> {
    let document = editor.map(reference.document.place.span)?;
    let (_, entry) = document.entry("Statement")?;
    remove_from(editor, &entry.value, &[reference.place.span])
}

fn put_behind(editor: &Editor, document: &Map<'_>, at: usize, pieces: &[Piece]) -> Option<Vec<Edit>> {
    let (_, entry) = document.entry("Statement")?;
    if entry.value.as_list().is_some() {
        return Some(vec![editor.add_items(&entry.value, at, pieces)?]);
    }
    let statement = document.map("Statement")?;
    editor.make_block_list(document, entry, &statement, pieces).or_else(|| editor.make_list(&statement, pieces))
}

/// Whether people are meant by a principal: accounts, users and everybody, but no role, service or provider.
pub(super) fn is_people(principal: &Principal) -> bool {
    let text = principal.text.scalar.parts.iter().map(|part| match part {
        crate::tree::Part::Known(text) => text.as_str(),
        crate::tree::Part::Unknown(_) => "",
    });
    let text: String = text.collect();
    principal.kind == PrincipalKind::Aws && ![":role/", ":assumed-role/"].iter().any(|word| text.contains(word))
}

/// Leaves only some of the principals of a statement.
pub(super) fn keep_principals(
    editor: &Editor,
    statement: &Statement,
    kept: impl Fn(&Principal) -> bool,
) -> Option<Vec<Edit>> {
    let principals = statement.principals.as_ref().filter(|principals| principals.unknown.is_none())?;
    let gone: Vec<Span> = principals.items.iter().filter(|item| !kept(item)).map(|item| item.text.place.span).collect();
    let map = editor.map(statement.place.span)?.map("Principal")?;
    let mut edits = Vec::new();
    let mut kinds = Vec::new();
    for at in 0..map.len() {
        let (_, entry) = map.nth(at)?;
        let value = &entry.value;
        let all =
            value.as_list().map_or_else(|| vec![value.span], |items| items.iter().map(|item| item.span).collect());
        let taken = all.iter().filter(|span| gone.contains(span)).count();
        if taken == all.len() {
            kinds.push(at);
        } else if taken > 0 {
            edits.extend(remove_from(editor, value, &gone)?);
        }
    }
    if !kinds.is_empty() {
        edits.extend(editor.remove_entries(&map, &kinds)?);
    }
    Some(edits)
}

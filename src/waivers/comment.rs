//! What a comment says: `mfagate: allow RULE[, RULE] - REASON[, until DATE]`.

use std::sync::Arc;

use jiff::civil::Date;

use super::{MARK, Scope, Waiver};
use crate::config::problem;
use crate::finding::Finding;
use crate::rules;
use crate::source::{Place, Source, Span};

/// What may stand between the rules and the reason.
const SEPARATORS: &[&str] = &[" - ", " -- ", " \u{2013} ", " \u{2014} ", ": "];

const EXAMPLE: &str = "`mfagate: allow role-trust-without-mfa - the vendor cannot do MFA, until 2027-01-31`";

/// The waivers of a comment, one for each rule that it names.
///
/// # Errors
///
/// What is wrong with it, as a finding.
pub(super) fn parse(source: &Arc<Source>, span: Span) -> Result<Vec<Waiver>, Box<Finding>> {
    let wrong = |message: String| {
        let help = format!("write it as {EXAMPLE}");
        Box::new(problem(source, span, message, help, "accepts nothing"))
    };
    let said = source.slice(span).strip_prefix(MARK).unwrap_or_default().trim();
    let Some(said) = said.strip_prefix("allow").filter(|rest| rest.starts_with([' ', '\t'])) else {
        return Err(wrong("a comment for mfagate that says something else than `allow` has no effect".to_owned()));
    };
    let separated = SEPARATORS.iter().filter_map(|separator| Some((said.find(separator)?, separator.len()))).min();
    let (names, reason) = match separated {
        Some((at, length)) => (said.get(..at), said.get(at + length..)),
        None => (Some(said), None),
    };
    let mut rules = Vec::new();
    for name in names.unwrap_or_default().split([',', ' ', '\t']).filter(|name| !name.is_empty()) {
        match rules::find(name) {
            Some(rule) => rules.push(rule.id()),
            None => return Err(wrong(format!("a waiver names the rule `{name}`, which does not exist"))),
        }
    }
    if rules.is_empty() {
        return Err(wrong("a waiver names no rule".to_owned()));
    }
    let (reason, until) = until(reason.unwrap_or_default().trim()).map_err(wrong)?;
    if reason.is_empty() {
        return Err(wrong(
            "a waiver gives no reason: who reads it later cannot tell whether it still holds".to_owned(),
        ));
    }
    let place = Place::new(source, span);
    let waiver = |rule| Waiver { rule, scope: Scope::Here, reason: reason.clone(), until, place: place.clone() };
    Ok(rules.into_iter().map(waiver).collect())
}

/// The reason without the day that it ends with.
fn until(reason: &str) -> Result<(String, Option<Date>), String> {
    let Some((before, day)) = reason.rsplit_once("until ") else { return Ok((reason.to_owned(), None)) };
    let day = day.trim_end_matches([')', '.', ' ']);
    let is_day = day.starts_with(|character: char| character.is_ascii_digit()) && !day.contains(' ');
    match day.parse() {
        Ok(day) => Ok((before.trim_end_matches([',', '(', ';', ' ']).to_owned(), Some(day))),
        Err(_) if is_day => Err(format!("`{day}` is no day: a waiver without an end would hold for ever")),
        // A word of the reason.
        Err(_) => Ok((reason.to_owned(), None)),
    }
}

//! Findings that a project accepts: by the configuration, for addresses, and by comments, for the resource they stand at.
//!
//! A comment reads `mfagate: allow RULE - REASON, until 2027-01-31`. It holds for the resource in which or directly above
//! which it stands, and for the statement directly below it.

use std::path::Path;
use std::sync::Arc;

use jiff::civil::Date;

use crate::checkout::Checkouts;
use crate::config::Globs;
use crate::finding::Finding;
use crate::load::{Format, Input};
use crate::source::{Place, Source, Span};

mod comment;
mod scan;
#[cfg(test)]
mod tests;

/// The word that comments for this program begin with.
const MARK: &str = "mfagate:";

/// Something that has been accepted.
#[derive(Clone, Debug)]
pub struct Waiver {
    /// The rule.
    pub rule: &'static str,
    /// What of its findings.
    pub scope: Scope,
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    pub until: Option<Date>,
    /// The text of the waiver.
    pub place: Place,
}

/// Which findings of a rule a waiver is for.
#[derive(Clone, Debug)]
pub enum Scope {
    /// Those on these resources.
    Addresses(Globs),
    /// Those on what stands at its own line.
    Here,
}

/// The waivers in comments, and what they stand at.
#[derive(Debug)]
pub struct Comments<'a> {
    /// The waivers.
    pub waivers: Vec<Waiver>,
    /// What is wrong with others, which are no waivers therefore.
    pub problems: Vec<Finding>,
    inputs: &'a [Input],
    checkouts: &'a Checkouts,
}

impl Waiver {
    /// The day that it names is the last one on which it holds.
    #[must_use]
    pub fn has_expired(&self, today: Date) -> bool {
        self.until.is_some_and(|until| until < today)
    }
}

impl<'a> Comments<'a> {
    /// Reads the comments of templates, and of the Terraform files that plans were made of.
    #[must_use]
    pub fn read(inputs: &'a [Input], checkouts: &'a Checkouts) -> Self {
        let mut comments = Self { waivers: Vec::new(), problems: Vec::new(), inputs, checkouts };
        for input in inputs.iter().filter(|input| matches!(input.format, Format::CloudFormation(_))) {
            comments.add(&input.source, scan::yaml);
        }
        for source in inputs.iter().flat_map(|input| checkouts.written(input.source.name())) {
            let is_json = Path::new(source.name()).extension().is_some_and(|extension| extension == "json");
            let is_known = comments.waivers.iter().any(|waiver| waiver.place.source.name() == source.name());
            if !is_json && !is_known {
                comments.add(source, scan::hcl);
            }
        }
        comments
    }

    fn add(&mut self, source: &Arc<Source>, scan: fn(&Source) -> Vec<Span>) {
        if !source.text().contains(MARK) {
            return;
        }
        for span in scan(source) {
            match comment::parse(source, span) {
                Ok(waivers) => self.waivers.extend(waivers),
                Err(problem) => self.problems.push(*problem),
            }
        }
    }

    /// Whether a waiver is for a finding of its rule.
    #[must_use]
    pub fn covers(&self, waiver: &Waiver, finding: &Finding) -> bool {
        match &waiver.scope {
            Scope::Addresses(addresses) => addresses.matches(&finding.address.path),
            Scope::Here => {
                let at_fault = finding.primary.place.in_file();
                stands_at(waiver, at_fault) || self.declared(finding).is_some_and(|place| stands_at(waiver, &place))
            }
        }
    }

    /// The text that declares the resource of a finding: an entry of a template's `Resources`, or a block.
    fn declared(&self, finding: &Finding) -> Option<Place> {
        let address = &finding.address;
        if let Some(checkout) = self.checkouts.of(&address.input) {
            return Some(checkout.ok()?.block(&address.path).ok()?.place());
        }
        let file = finding.primary.place.in_file().source.name();
        let inputs = self.inputs.iter().filter(|input| [file, &*address.input].contains(&input.source.name()));
        // Of a nested stack the last step is the name in its own template.
        let id = address.path.rsplit('/').next()?;
        inputs.filter_map(|input| Some(Place::new(&input.source, entry(input, id)?))).next()
    }
}

/// The entry of a resource, or of a local module, in a template.
fn entry(input: &Input, id: &str) -> Option<Span> {
    let Format::CloudFormation(documents) = &input.format else { return None };
    let of = |section: &str| documents.iter().find_map(|document| document.get(section)?.entry(id));
    let entry = of("Resources").or_else(|| of("Modules"))?;
    Some(entry.key_span.join(entry.value.span))
}

/// Whether a comment stands in a text, or directly above it.
fn stands_at(waiver: &Waiver, place: &Place) -> bool {
    let source = &waiver.place.source;
    if source.name() != place.source.name() {
        return false;
    }
    let line = source.line(waiver.place.span.start);
    let first = source.line(place.span.start);
    let last = source.line(place.span.end.saturating_sub(1).max(place.span.start));
    let is_comment = |line: usize| {
        let text = source.slice(source.line_span(line)).trim_start();
        text.starts_with('#') || text.starts_with("//")
    };
    (first..=last).contains(&line) || (line < first && (line..first).all(is_comment))
}

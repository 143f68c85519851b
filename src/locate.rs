//! From what was found in a plan to the text that somebody wrote: the block in the Terraform files, and in it the statement.
//!
//! Every place in a plan stands inside the entry of one resource, whose address leads to a block. A place in a policy
//! document leads further, along the way that it has in the document: `trace`. What cannot be traced stays in the plan.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::checkout::{Checkout, Checkouts, Missing};
use crate::finding::{Finding, Label};
use crate::source::{Place, Source, Span};
use crate::terraform::address;
use crate::tree::{Node, json};
use entries::Entries;
use trace::Trail;

mod entries;
mod trace;

/// Why findings in an input point into the input itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Untraced {
    /// The input.
    pub file: String,
    /// Why, each reason once: lower case, no final period.
    pub reason: String,
}

/// Traces the places of a run.
#[derive(Debug)]
pub struct Locator<'c> {
    checkouts: &'c Checkouts,
    inputs: HashMap<String, Entries>,
    /// Documents as they were read again, by their sources.
    documents: HashMap<*const Source, (Arc<Source>, Option<Node>)>,
    untraced: BTreeMap<String, BTreeSet<String>>,
}

/// How many reasons are told of one input.
const REASONS: usize = 3;

impl<'c> Locator<'c> {
    /// Traces with the files beside the inputs.
    #[must_use]
    pub fn new(checkouts: &'c Checkouts) -> Self {
        Self { checkouts, inputs: HashMap::new(), documents: HashMap::new(), untraced: BTreeMap::new() }
    }

    /// Points the place that declares what is at an address at the block that says so.
    pub fn declaration(&mut self, input: &str, path: &str, place: &mut Place) {
        let Some(Ok(checkout)) = self.checkouts.of(input) else { return };
        if let Ok(block) = checkout.block(path) {
            *place = place.clone().written_at(block.header(), true);
        }
    }

    /// Points a finding at the text at fault.
    pub fn finding(&mut self, finding: &mut Finding) {
        let Some((input, checkout)) = self.checkout(&finding.primary.place) else { return };
        let checkout = match checkout {
            Ok(checkout) => checkout,
            Err(reason) => return self.note(input, reason),
        };
        let found = match self.find(&input, checkout, &finding.primary.place) {
            Ok(found) => found,
            Err(missing) => return self.note(input, missing.to_string()),
        };
        let mut beside = beside(finding, checkout, &found);
        let plan = finding.primary.place.clone();
        finding.primary.place = plan.clone().written_at(found.place, found.is_exact);
        for label in &mut finding.related {
            self.label(label);
        }
        finding.related.append(&mut beside);
        finding.related.push(Label { place: plan, text: "in the plan".to_owned() });
    }

    /// Points a finding on what was there before the change at the block that is there now, if it is.
    pub fn gone(&mut self, finding: &mut Finding) {
        let (input, path) = (finding.address.input.to_string(), finding.address.path.clone());
        self.declaration(&input, &path, &mut finding.primary.place);
    }

    /// Why places are not traced, for each input.
    #[must_use]
    pub fn untraced(self) -> Vec<Untraced> {
        let told = |(file, reasons): (String, BTreeSet<String>)| {
            let more = reasons.len().saturating_sub(REASONS);
            let mut reason = reasons.into_iter().take(REASONS).collect::<Vec<_>>().join("; ");
            if more > 0 {
                reason.push_str(&format!("; and {more} more"));
            }
            Untraced { file, reason }
        };
        self.untraced.into_iter().map(told).collect()
    }

    fn label(&mut self, label: &mut Label) {
        let Some((input, Ok(checkout))) = self.checkout(&label.place) else { return };
        if let Ok(found) = self.find(&input, checkout, &label.place) {
            label.place = label.place.clone().written_at(found.place, found.is_exact);
        }
    }

    fn note(&mut self, input: String, reason: String) {
        self.untraced.entry(input).or_default().insert(reason);
    }

    /// The input that a place stands in, and the files beside it.
    fn checkout(&self, place: &Place) -> Option<(String, Result<&'c Checkout, String>)> {
        let file = &place.in_file().source;
        let (plan, _) = self.checkouts.plan(file.name()).filter(|(plan, _)| Arc::ptr_eq(plan, file))?;
        let checkout = self.checkouts.of(plan.name())?;
        Some((plan.name().to_owned(), checkout.map_err(str::to_owned)))
    }

    /// What was written for a place in an input.
    fn find(&mut self, input: &str, checkout: &'c Checkout, place: &Place) -> Result<Found, Missing> {
        let in_plan = place.in_file().span;
        let address = self.entries(input).at(in_plan).unwrap_or_default().to_owned();
        let block = checkout.block(&address)?;
        let module = address::block_of(&address).map(|it| it.module).unwrap_or_default();
        let header = Found { place: block.header(), is_exact: true, carrier: address.clone(), module: module.clone() };
        if place.source.origin().is_none() {
            return Ok(header);
        }
        let Some(way) = self.way(place) else { return Ok(Found { is_exact: false, ..header }) };
        let trail = Trail { checkout, document: way.document, steps: &way.steps, target: way.target };
        let written = match place.source.name().strip_prefix(&format!("{address}.")) {
            Some(attribute) => trail.in_attribute(&block, &module, attribute),
            None => trail.in_data(&block, &module),
        };
        Ok(match written {
            Some(written) => {
                Found { place: written.place, is_exact: written.is_exact, module: written.module, ..header }
            }
            None => Found { is_exact: false, ..header },
        })
    }

    fn entries(&mut self, input: &str) -> &Entries {
        let read = || self.checkouts.plan(input).map(|(source, span)| Entries::read(source, span)).unwrap_or_default();
        self.inputs.entry(input.to_owned()).or_insert_with(read)
    }

    /// The way from the top of a document down to a place in it.
    fn way(&mut self, place: &Place) -> Option<Way<'_>> {
        let source = &place.source;
        let read = || {
            let node = json::parse(source, Span::new(0, source.text().len())).ok();
            (Arc::clone(source), node)
        };
        let (_, document) = self.documents.entry(Arc::as_ptr(source)).or_insert_with(read);
        let document = document.as_ref()?;
        let (steps, target) = steps(document, place.span);
        Some(Way { document, steps, target })
    }
}

/// What was written for a place.
struct Found {
    place: Place,
    is_exact: bool,
    /// The address of the resource that the place stands in.
    carrier: String,
    /// The module whose files hold what was written.
    module: String,
}

/// A way through a document.
struct Way<'d> {
    document: &'d Node,
    steps: Vec<Step>,
    target: &'d Node,
}

/// One step down a document.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
}

/// The steps to the smallest part of a document that covers a range, and the value there.
fn steps(document: &Node, span: Span) -> (Vec<Step>, &Node) {
    let covers = |outer: Span| outer.start <= span.start && span.end <= outer.end;
    let mut steps = Vec::new();
    let mut node = document;
    loop {
        let next = if let Some(entries) = node.as_map() {
            let inside = entries.iter().find(|entry| covers(entry.key_span.join(entry.value.span)));
            inside.map(|entry| (Step::Key(entry.key.clone()), &entry.value))
        } else {
            let items = node.as_list().unwrap_or_default();
            let inside = items.iter().position(|item| covers(item.span));
            inside.and_then(|at| Some((Step::Index(at), items.get(at)?)))
        };
        let Some((step, value)) = next.filter(|_| node.span != span) else { return (steps, node) };
        steps.push(step);
        node = value;
        if !covers(node.span) {
            return (steps, node);
        }
    }
}

/// The resources that have to do with a finding whose text stands elsewhere, and the call of a module that nobody here works
/// on.
fn beside(finding: &Finding, checkout: &Checkout, found: &Found) -> Vec<Label> {
    let mut labels: Vec<Label> = Vec::new();
    let mut add = |address: &str, text: &str| {
        let Ok(block) = checkout.block(address) else { return };
        let (header, whole) = (block.header(), block.place());
        let holds = Arc::ptr_eq(&whole.source, &found.place.source)
            && whole.span.start <= found.place.span.start
            && found.place.span.end <= whole.span.end;
        let is_known = labels.iter().any(|label| label.place.span == header.span);
        if !holds && !is_known {
            labels.push(Label { place: header, text: text.to_owned() });
        }
    };
    add(&found.carrier, "carries the document");
    add(&finding.address.path, "takes effect here");
    if let Some(call) = call_of(checkout, &found.module) {
        labels.push(Label { place: call, text: "the module is called here".to_owned() });
    }
    labels
}

/// The outermost call that leads to files that Terraform put there.
fn call_of(checkout: &Checkout, module: &str) -> Option<Place> {
    let mut address = module;
    let mut call = None;
    while let Some((parent, step)) = address::module_call(address) {
        if checkout.is_installed(address) {
            call = checkout.block_in(parent, &format!("module.{}", step.name)).ok().map(|block| block.header());
        }
        address = parent;
    }
    call
}

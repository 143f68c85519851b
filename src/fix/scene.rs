//! What a text is judged with, so that it can be judged again after an edit.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::Judge;
use crate::checkout::Checkouts;
use crate::config;
use crate::extract::{self, Settings, documents};
use crate::finding::{Finding, Severity};
use crate::iam::document::{self, Document};
use crate::iam::verdict::{CallerKind, Enrolment, LockOut, Verdict};
use crate::inventory::subjects::{Attached, PolicyUse};
use crate::inventory::{Content, Inventory, Policy};
use crate::load::{Format, Input};
use crate::rules::Judged;
use crate::rules::deployments::identity;
use crate::source::{Source, Span};
use crate::tree::json;
use crate::waivers::Comments;

/// What judging takes beside the inputs.
pub(super) struct Bench<'a> {
    /// Judges as the project has decided.
    pub(super) judge: &'a Judge<'a>,
    /// What is said about the inputs beside them.
    pub(super) settings: &'a Settings,
    /// The Terraform files beside them.
    pub(super) checkouts: &'a Checkouts,
    /// The day by which waivers expire.
    pub(super) today: jiff::civil::Date,
}

/// Texts in their surroundings: everything that may be judged otherwise when one of them changes.
#[derive(Clone)]
pub(super) enum Scene {
    /// Files that policies, groups and users tie to each other.
    Files(Vec<Input>),
    /// Policies of a plan, with the subjects that have one of them and the groups behind these.
    Documents {
        /// The subjects.
        judged: Vec<Judged>,
        /// The policies, each with what it is for.
        policies: Vec<(PolicyUse, Arc<Document>)>,
    },
}

/// What a scene comes to.
pub(super) struct View {
    /// All subjects with their judgements.
    pub(super) judged: Vec<Judged>,
    /// What the rules find, as far as it counts.
    pub(super) findings: Vec<Finding>,
    /// What could not be used.
    unread: usize,
}

impl Scene {
    /// The texts of it that can be edited, in a fixed order.
    pub(super) fn sources(&self) -> Vec<&Arc<Source>> {
        match self {
            Self::Files(inputs) => inputs.iter().filter(|input| is_written(input)).map(|input| &input.source).collect(),
            Self::Documents { policies, .. } => policies.iter().map(|(_, document)| &document.place.source).collect(),
        }
    }

    /// About how much work it is to look at it, in bytes.
    pub(super) fn cost(&self) -> usize {
        const LEAST: usize = 4 << 10;
        const SUBJECT: usize = 1 << 10;
        let texts: usize = match self {
            Self::Files(inputs) => inputs.iter().map(|input| input.source.text().len()).sum(),
            Self::Documents { judged, policies } => {
                let texts: usize = policies.iter().map(|(_, document)| document.place.source.text().len()).sum();
                judged.len() * (SUBJECT + texts)
            }
        };
        LEAST + texts
    }

    /// The same with another text in one place; `None` where that is not what the text was: a template, a policy.
    pub(super) fn edited(&self, source: &Arc<Source>, text: String) -> Option<Self> {
        match self {
            Self::Files(inputs) => {
                let at = inputs.iter().position(|input| Arc::ptr_eq(&input.source, source))?;
                let new = inputs.get(at)?.with_text(text)?;
                let mut inputs = inputs.clone();
                *inputs.get_mut(at)? = new;
                Some(Self::Files(inputs))
            }
            Self::Documents { judged, policies } => {
                let at = policies.iter().position(|(_, document)| Arc::ptr_eq(&document.place.source, source))?;
                let (policy, old) = policies.get(at)?;
                let source = Source::embedded(source.name(), text, source.origin()?.clone());
                let root = json::parse(&source, Span::new(0, source.text().len())).ok()?;
                let new = Arc::new(document::parse(&root, &source, documents::grammar(policy.kind)));
                let mut judged = judged.clone();
                for subject in judged.iter_mut().map(|one| &mut one.subject) {
                    let attached = subject.policies.iter_mut().chain(&mut subject.boundaries);
                    attached.filter(|attached| has(attached, old)).for_each(|it| it.content = Ok(Arc::clone(&new)));
                }
                let mut policies = policies.clone();
                policies.get_mut(at)?.1 = new;
                Some(Self::Documents { judged, policies })
            }
        }
    }

    /// Judges it.
    pub(super) fn look(&self, bench: &Bench<'_>) -> View {
        let (judged, found, unread) = match self {
            Self::Files(inputs) => {
                let extracted = extract::extract_all(inputs, bench.settings, bench.checkouts);
                let unread = extracted.iter().map(|part| part.unread.len()).sum();
                let (inventory, alternatives) = crate::gathered(extracted);
                let (judged, found) = bench.judge.all(&inventory, &alternatives);
                (judged, found, unread)
            }
            Self::Documents { judged, policies } => {
                let inventory = Inventory { policies: policies.iter().map(policy).collect(), ..Inventory::default() };
                let judged: Vec<Judged> = judged.iter().map(|one| bench.judge.one(one.subject.clone())).collect();
                let found = bench.judge.findings(&inventory, &judged);
                (judged, found, 0)
            }
        };
        let inputs = if let Self::Files(inputs) = self { inputs.as_slice() } else { &[] };
        let comments = Comments::read(inputs, bench.checkouts);
        let findings = config::outcome::apply(bench.judge.configuration, &comments, found, bench.today).findings;
        View { judged, findings, unread }
    }
}

/// Whether a subject has this very document.
pub(super) fn has(attached: &Attached, document: &Arc<Document>) -> bool {
    attached.content.as_ref().is_ok_and(|known| Arc::ptr_eq(known, document))
}

/// A policy as an inventory has it.
fn policy((policy, document): &(PolicyUse, Arc<Document>)) -> Policy {
    Policy {
        kind: policy.kind,
        address: policy.address.clone(),
        attribute: policy.attribute.clone(),
        name: None,
        content: Content::Known(Arc::clone(document)),
        place: document.place.clone(),
    }
}

/// Whether an input is written by people and can be edited in place.
pub(super) fn is_written(input: &Input) -> bool {
    matches!(input.format, Format::CloudFormation(_) | Format::PolicyDocument(_))
}

impl View {
    /// The finding that is meant by one of another view of the scene: the one of the same text, or else any.
    pub(super) fn counterpart(&self, of: &Finding) -> Option<&Finding> {
        let text = |finding: &Finding| -> String { finding.primary.place.text().split_whitespace().collect() };
        let alike = || self.findings.iter().filter(|it| (it.rule, &it.address) == (of.rule, &of.address));
        alike().find(|it| text(it) == text(of)).or_else(|| alike().next())
    }

    /// The findings that another view does not have, or has with less weight.
    pub(super) fn new_since<'a>(&'a self, before: &Self) -> Vec<&'a Finding> {
        let mut known: HashMap<_, Vec<Severity>> = HashMap::new();
        for finding in &before.findings {
            known.entry((finding.rule, &finding.address)).or_default().push(finding.severity);
        }
        known.values_mut().for_each(|severities| severities.sort_unstable());
        let mut own: Vec<&Finding> = self.findings.iter().collect();
        own.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        // Each takes the heaviest one that is left of its kind.
        own.retain(|finding| {
            let left = known.get_mut(&(finding.rule, &finding.address)).and_then(Vec::pop);
            left.is_none_or(|severity| severity < finding.severity)
        });
        own
    }

    /// Whether there are fewer findings of a rule on a resource than there were.
    pub(super) fn is_gone(&self, finding: &Finding, before: &Self) -> bool {
        let count = |view: &Self| {
            view.findings.iter().filter(|it| (it.rule, &it.address) == (finding.rule, &finding.address)).count()
        };
        count(self) < count(before)
    }

    /// Whether anybody is kept out, anybody's enrolment is harder, anything is more open or less known than before.
    pub(super) fn is_worse_than(&self, before: &Self) -> bool {
        let known: HashMap<_, &Judged> = before.judged.iter().map(|judged| (identity(judged), judged)).collect();
        let is_worse = |after: &Judged| {
            let Some(before) = known.get(&identity(after)) else { return true };
            let (after, before) = (&after.judgement, &before.judgement);
            let kept_out = locked_out(&before.locked_out);
            openness(&after.verdict) > openness(&before.verdict)
                || hardness(&after.enrolment) > hardness(&before.enrolment)
                || !locked_out(&after.locked_out).is_subset(&kept_out)
        };
        self.unread > before.unread || self.judged.len() != before.judged.len() || self.judged.iter().any(is_worse)
    }
}

/// Who is kept out, and whether entirely. Where an account or everybody is named, the machines in it are not meant.
fn locked_out(all: &[LockOut]) -> BTreeSet<(CallerKind, &str, bool)> {
    let counts = |lock_out: &&LockOut| lock_out.named || lock_out.caller == CallerKind::MfaSession;
    let key = |lock_out: &'_ LockOut| (lock_out.caller, lock_out.entirely);
    let all = all.iter().filter(counts);
    all.map(|lock_out| (key(lock_out).0, lock_out.principal.as_str(), key(lock_out).1)).collect()
}

fn openness(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::NotApplicable | Verdict::Enforced => 0,
        Verdict::Unproven(_) => 1,
        Verdict::Bypassable(_) => 2,
    }
}

fn hardness(enrolment: &Enrolment) -> usize {
    match enrolment {
        Enrolment::NotApplicable => 0,
        Enrolment::Possible { missing } => missing.len(),
        Enrolment::Unproven(_) => 100,
        Enrolment::Blocked(_) => 200,
    }
}

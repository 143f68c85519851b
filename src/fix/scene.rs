//! What a text is judged with, so that it can be judged again after an edit.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use super::focus::Focus;
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

impl Bench<'_> {
    /// What counts of what the rules find.
    fn outcome(&self, found: Vec<Finding>, inputs: &[Input]) -> Vec<Finding> {
        let comments = Comments::read(inputs, self.checkouts);
        config::outcome::apply(self.judge.configuration, &comments, found, self.today).findings
    }
}

/// Texts in their surroundings: everything that may be judged otherwise when one of them changes.
#[derive(Clone)]
pub(super) enum Scene {
    /// Files that policies, groups and users tie to each other.
    Files {
        /// The files.
        inputs: Vec<Input>,
        /// What of them is looked at, where that is not everything.
        focus: Option<Arc<Focus>>,
    },
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
    /// How much of files had to be judged, in bytes.
    effort: usize,
}

/// A scene that is looked at once, when it is first asked about.
pub(super) struct Seen {
    /// The scene.
    pub(super) scene: Scene,
    view: OnceLock<View>,
}

impl Seen {
    /// A scene that nobody has looked at.
    pub(super) fn new(scene: Scene) -> Self {
        Self { scene, view: OnceLock::new() }
    }

    /// What it comes to.
    pub(super) fn view(&self, bench: &Bench<'_>) -> &View {
        self.view.get_or_init(|| self.scene.look(bench))
    }

    /// About how much work it is to look at this share of it again after an edit, in bytes.
    pub(super) fn cost(&self, bench: &Bench<'_>, share: f64) -> usize {
        /// What takes as long to read as one byte to judge.
        const READ: usize = 16;
        const LEAST: usize = 4 << 10;
        let effort = match &self.scene {
            Scene::Files { .. } => self.view(bench).effort,
            Scene::Documents { judged, .. } => judged.len() * (SUBJECT + self.scene.size()),
        };
        LEAST + self.scene.size() / READ + (effort as f64 * share) as usize
    }
}

impl Scene {
    /// The texts of it that can be edited, in a fixed order.
    pub(super) fn sources(&self) -> Vec<&Arc<Source>> {
        match self {
            Self::Files { inputs, .. } => {
                inputs.iter().filter(|input| is_written(input)).map(|input| &input.source).collect()
            }
            Self::Documents { policies, .. } => policies.iter().map(|(_, document)| &document.place.source).collect(),
        }
    }

    /// How much text it has, in bytes.
    fn size(&self) -> usize {
        match self {
            Self::Files { inputs, .. } => inputs.iter().map(|input| input.source.text().len()).sum(),
            Self::Documents { policies, .. } => {
                policies.iter().map(|(_, document)| document.place.source.text().len()).sum()
            }
        }
    }

    /// The same, looked at as a whole.
    pub(super) fn whole(self) -> Self {
        match self {
            Self::Files { inputs, .. } => Self::Files { inputs, focus: None },
            documents @ Self::Documents { .. } => documents,
        }
    }

    /// The same, of which only some is looked at.
    pub(super) fn focused(&self, focus: &Arc<Focus>) -> Self {
        match self {
            Self::Files { inputs, .. } => Self::Files { inputs: inputs.clone(), focus: Some(Arc::clone(focus)) },
            documents @ Self::Documents { .. } => documents.clone(),
        }
    }

    /// The same with another text in one place; `None` where that is not what the text was: a template, a policy.
    pub(super) fn edited(&self, source: &Arc<Source>, text: String) -> Option<Self> {
        match self {
            Self::Files { inputs, focus } => {
                let at = inputs.iter().position(|input| Arc::ptr_eq(&input.source, source))?;
                let new = inputs.get(at)?.with_text(text)?;
                let mut inputs = inputs.clone();
                *inputs.get_mut(at)? = new;
                Some(Self::Files { inputs, focus: focus.clone() })
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
        match self {
            Self::Files { inputs, focus: Some(focus) } => {
                let inputs: Vec<Input> = inputs.iter().map(|input| focus.of(input)).collect();
                look_at_files(&inputs, bench)
            }
            Self::Files { inputs, focus: None } => look_at_files(inputs, bench),
            Self::Documents { judged, policies } => look_at_documents(judged, policies, bench),
        }
    }
}

fn look_at_files(inputs: &[Input], bench: &Bench<'_>) -> View {
    let extracted = extract::extract_all(inputs, bench.settings, bench.checkouts);
    let unread = extracted.iter().map(|part| part.unread.len()).sum();
    let (inventory, alternatives) = crate::gathered(extracted);
    let (judged, found) = bench.judge.all(&inventory, &alternatives);
    let deployments = alternatives.iter().flatten().map(|deployment| &deployment.inventory);
    let effort = std::iter::once(&inventory).chain(deployments).map(effort).sum();
    View { judged, findings: bench.outcome(found, inputs), unread, effort }
}

fn look_at_documents(judged: &[Judged], policies: &[(PolicyUse, Arc<Document>)], bench: &Bench<'_>) -> View {
    let inventory = Inventory { policies: policies.iter().map(policy).collect(), ..Inventory::default() };
    let judged: Vec<Judged> = judged.iter().map(|one| bench.judge.one(one.subject.clone())).collect();
    let found = bench.judge.findings(&inventory, &judged);
    View { judged, findings: bench.outcome(found, &[]), unread: 0, effort: 0 }
}

/// What a subject takes that has no policies, in bytes.
const SUBJECT: usize = 1 << 10;

/// How much there is to judge, in bytes.
fn effort(inventory: &Inventory) -> usize {
    let documents = inventory.policies.iter().filter_map(|policy| match &policy.content {
        Content::Known(document) => Some(document.place.span.len()),
        Content::Unknown(_) => None,
    });
    inventory.identities.len() * SUBJECT + documents.sum::<usize>()
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

//! A policy for a group that has none of its own in a plan: written as the resource that would declare it.

use std::sync::Arc;

use super::candidates::standard;
use super::pen::{Inline, New, Pen};
use super::scene::{Bench, Scene, Seen};
use super::search::is_fix;
use super::{Edited, Fix};
use crate::extract::documents;
use crate::finding::Finding;
use crate::iam::document;
use crate::inventory::PolicyKind;
use crate::inventory::subjects::{Attached, PolicyUse, Subject, SubjectKind};
use crate::rules::Judged;
use crate::source::{Place, Source, Span};
use crate::tree::json;

/// How the address of a group begins, within its module.
const RESOURCE: &str = "aws_iam_group.";

/// The policy that puts a finding on a group of a plan right, where one does.
pub(super) fn find(seen: &Seen, finding: &Finding, bench: &Bench<'_>) -> Option<Fix> {
    let Scene::Documents { judged, policies } = &seen.scene else { return None };
    let is_meant = |one: &&Judged| one.subject.kind == SubjectKind::Group && one.subject.address == finding.address;
    let group = &judged.iter().find(is_meant)?.subject;
    // What is written is HCL, which says nothing to those who deploy something else.
    if finding.rule != "group-without-mfa" || !group.address.path.contains(RESOURCE) {
        return None;
    }
    let before = seen.view(bench);
    let finding = before.counterpart(finding)?;
    let calls = standard::enrolment_calls();
    // What the group may do already needs no Allow; who has nothing to enrol with gets one.
    [Vec::new(), standard::enrolment(&calls, false)].into_iter().find_map(|allows| {
        let statements = std::iter::once(standard::guard()).chain(allows).collect();
        let policy = New::map([("Version", New::text("2012-10-17")), ("Statement", New::List(statements))]);
        let text = pen().lines(&policy, "");
        let attached = attached(group, &text)?;
        let mut judged = judged.clone();
        for one in &mut judged {
            let subject = &mut one.subject;
            if subject.address == group.address && subject.kind == SubjectKind::Group {
                subject.policies.push(attached.clone());
            } else if subject.policies.iter().any(|known| known.through.as_ref() == Some(&group.address)) {
                subject.policies.push(Attached { through: Some(group.address.clone()), ..attached.clone() });
            }
        }
        let after = Scene::Documents { judged, policies: policies.clone() }.look(bench);
        is_fix(&after, before, finding).then(|| written(group, &text))
    })
}

fn pen() -> Pen {
    let (step, dash) = ("  ".to_owned(), String::new());
    Pen { json: true, quote: None, needed_quote: '"', newline: "\n", step, dash, inline: Inline::default() }
}

/// The policy as something that is attached to the group.
fn attached(group: &Subject, text: &str) -> Option<Attached> {
    let source = Source::embedded(name(group), text.to_owned(), group.place.clone());
    let root = json::parse(&source, Span::new(0, source.text().len())).ok()?;
    let document = document::parse(&root, &source, documents::grammar(PolicyKind::Inline));
    let policy = PolicyUse { kind: PolicyKind::Inline, address: group.address.clone(), attribute: "mfa".to_owned() };
    let place = Place::new(&source, Span::new(0, source.text().len()));
    Some(Attached { policy, content: Ok(Arc::new(document)), place, through: None })
}

fn name(group: &Subject) -> String {
    format!("{}, to be put beside it", group.address.path)
}

/// The resource that declares the policy, for the module that the group is declared in.
fn written(group: &Subject, policy: &str) -> Fix {
    // A template in Terraform begins as a variable of IAM does.
    let policy = policy.replace("${", "$${").replace('\n', "\n  ");
    let path = &group.address.path;
    let at = path.rfind(RESOURCE).unwrap_or_default();
    let reference = path.get(at..).unwrap_or(path);
    let text = format!(
        "resource \"aws_iam_group_policy\" \"mfa\" {{\n  name   = \"mfa\"\n  group  = {reference}.name\n  policy = \
         jsonencode({policy})\n}}\n"
    );
    let before = Source::embedded(name(group), String::new(), group.place.clone());
    Fix { texts: vec![Edited { before, after: text }] }
}

//! A policy that stands alone, asks for MFA, and lets calls past that.

use std::collections::HashSet;
use std::sync::Arc;

use crate::finding::{Finding, Severity};
use crate::iam::caller::is_circumstance;
use crate::iam::document::Document;
use crate::iam::verdict::{Danger, Hole};
use crate::inventory::subjects::SubjectKind;

use super::holes::{self, Saying};
use super::{Documentation, Input, Judged, Rule, words};

/// The rule `guard-bypassed`.
pub(super) struct GuardBypassed;

const HELP: &str = "let the Deny cover these calls and callers too, or take the statement away that allows them";

impl Rule for GuardBypassed {
    fn id(&self) -> &'static str {
        "guard-bypassed"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "a policy asks for MFA and lets calls past that"
    }

    fn documentation(&self) -> Documentation {
        Documentation {
            why: "A policy on a resource, an SCP, or a managed policy that nothing in the input is attached to is \
                  judged on its own: what its conditions on MFA are about must not be reachable without MFA by \
                  another statement of it, by a principal that it exempts, or by self-management that it grants \
                  past its own guard. What identities get from it is judged with them.",
            bad: BAD,
            good: GOOD,
            fix: "Ask for MFA in a Deny rather than in one of several Allows, name `\"Principal\": \"*\"` in it instead \
                  of `NotPrincipal`, and keep removing devices and making credentials out of what works without MFA.",
        }
    }

    fn check(&self, input: &Input<'_>, found: &mut Vec<Finding>) {
        let attached = attached_documents(input);
        for judged in input.judged.iter().filter(|judged| stands_alone(judged)) {
            if is_told_by_a_condition(judged) || documents(judged).any(|document| attached.contains(&document)) {
                continue;
            }
            for severity in [Severity::Error, Severity::Warning] {
                let of_weight = |hole: &&Hole| weight(hole) == severity;
                let holes: Vec<&Hole> = holes::of(judged).iter().filter(of_weight).collect();
                let headline = format!("{} asks for MFA and lets calls past that", words::subject(&judged.subject));
                let saying = Saying { rule: self.id(), severity, headline: &headline, help: HELP };
                found.extend(holes::finding(judged, &holes, saying));
            }
        }
    }
}

/// Where somebody has to come from somewhere, or at some time, the hole is one that the policy itself makes.
fn weight(hole: &Hole) -> Severity {
    match hole.danger {
        Danger::ReadsOtherUsers | Danger::DeletesDevice => Severity::Warning,
        _ if hole.witness.given.iter().any(|given| is_circumstance(&given.key)) => Severity::Warning,
        _ => Severity::Error,
    }
}

fn stands_alone(judged: &Judged) -> bool {
    matches!(
        judged.subject.kind,
        SubjectKind::ManagedPolicy
            | SubjectKind::Boundary
            | SubjectKind::ServiceControl
            | SubjectKind::ResourceControl
            | SubjectKind::Resource
    )
}

/// Whether a condition of the policy is at fault: `ineffective-mfa-condition` says so.
fn is_told_by_a_condition(judged: &Judged) -> bool {
    judged.judgement.tests.iter().any(|test| test.mistake.is_some())
}

/// The documents that count with some identity, by their address in memory.
fn attached_documents(input: &Input<'_>) -> HashSet<*const Document> {
    input.judged.iter().filter(|judged| !stands_alone(judged)).flat_map(documents).collect()
}

fn documents(judged: &Judged) -> impl Iterator<Item = *const Document> {
    judged.subject.policies.iter().filter_map(|attached| attached.content.as_ref().ok()).map(Arc::as_ptr)
}

const BAD: &str = r#"Resources:
  Archive:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: archive
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {AWS: "arn:aws:iam::111122223333:root"}
            Action: s3:DeleteObject
            Resource: "arn:aws:s3:::archive/*"
            Condition:
              Bool: {"aws:MultiFactorAuthPresent": "true"}
          - Effect: Allow
            Principal: {AWS: "arn:aws:iam::111122223333:root"}
            Action: "s3:*Object"
            Resource: "arn:aws:s3:::archive/*"
"#;

const GOOD: &str = r#"Resources:
  Archive:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: archive
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {AWS: "arn:aws:iam::111122223333:root"}
            Action: "s3:*Object"
            Resource: "arn:aws:s3:::archive/*"
          - Effect: Deny
            Principal: "*"
            Action: s3:DeleteObject
            Resource: "arn:aws:s3:::archive/*"
            Condition:
              BoolIfExists: {"aws:MultiFactorAuthPresent": "false"}
"#;

//! The whole way of a template through the library, in memory.

use std::path::PathBuf;

use mfagate::finding::{Finding, Severity};
use mfagate::iam::access;
use mfagate::iam::verdict::{CallerKind, Judgement};
use mfagate::inventory::subjects::subjects;
use mfagate::rules::{self, Judged};
use mfagate::{extract, load};
use serde_json::{Value, json};

pub(crate) mod plan;
pub(crate) mod reference;

/// What a check of one template gave.
pub(crate) struct Checked {
    /// All subjects with their judgements.
    pub(crate) judged: Vec<Judged>,
    /// What the rules found.
    pub(crate) findings: Vec<Finding>,
}

/// Checks a template with these resources.
pub(crate) fn check(resources: &Value) -> Checked {
    check_input(&json!({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}))
}

/// Checks an input of any format.
pub(crate) fn check_input(input: &Value) -> Checked {
    let input = input.to_string();
    let loaded = load::load(&[PathBuf::from("-")], &mut input.as_bytes());
    assert!(loaded.unread.is_empty(), "{:?}\n{input}", loaded.unread);
    let extracted = extract::extract(&loaded.inputs[0], &extract::Settings::default());
    assert!(extracted.unread.is_empty(), "{:?}\n{input}", extracted.unread);
    let judge = |subject| Judged { judgement: access::judge(&subject), subject };
    let judged: Vec<Judged> = subjects(&extracted.inventory).into_iter().map(judge).collect();
    let findings = rules::findings(&rules::Input::new(&extracted.inventory, &judged));
    Checked { judged, findings }
}

/// The properties of an inline policy.
pub(crate) fn inline(name: &str, document: &Value) -> Value {
    json!({"PolicyName": name, "PolicyDocument": document})
}

/// A group with these inline policies.
pub(crate) fn group(documents: &[Value]) -> Value {
    let policies: Vec<Value> =
        documents.iter().enumerate().map(|(index, document)| inline(&format!("p{index}"), document)).collect();
    json!({"Type": "AWS::IAM::Group", "Properties": {"GroupName": "people", "Policies": policies}})
}

impl Checked {
    /// The judgement on the subject of this address and kind.
    pub(crate) fn judgement(&self, address: &str, kind: &str) -> &Judgement {
        let mut found =
            self.judged.iter().filter(|one| one.subject.address.path == address && one.subject.kind.name() == kind);
        let one = found.next().unwrap_or_else(|| panic!("{address} is no {kind}"));
        assert!(found.next().is_none(), "{address} is twice a {kind}");
        &one.judgement
    }

    /// Whether a rule found something.
    pub(crate) fn has(&self, rule: &str) -> bool {
        self.findings.iter().any(|finding| finding.rule == rule)
    }

    /// The findings of severity error, as `rule: message`.
    pub(crate) fn errors(&self) -> Vec<String> {
        let errors = self.findings.iter().filter(|finding| finding.severity == Severity::Error);
        errors.map(|finding| format!("{}: {}", finding.rule, finding.message)).collect()
    }
}

/// What must not depend on how a policy is written or attached.
pub(crate) fn outcome(judgement: &Judgement) -> (&'static str, &'static str, Vec<CallerKind>, bool) {
    let locked_out = judgement.locked_out.iter().map(|lock_out| lock_out.caller).collect();
    (judgement.verdict.name(), judgement.enrolment.name(), locked_out, judgement.gated)
}

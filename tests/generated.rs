//! The evaluator on generated templates and plans whose answers are known, where a checkout has them beside it.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it skipped"
)]

use std::fs;
use std::path::{Path, PathBuf};

use mfagate::iam::verdict::{CallerKind, Enrolment, Judgement, Verdict};
use mfagate::inventory::subjects::SubjectKind;
use mfagate::{Options, check};
use serde_json::Value;

fn generated() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference/generated")
}

fn labels() -> Vec<Value> {
    match fs::read_to_string(generated().join("labels.jsonl")) {
        Ok(text) => text.lines().map(|line| serde_json::from_str(line).unwrap()).collect(),
        Err(_) => {
            println!("skipped: the generated cases are not here");
            Vec::new()
        }
    }
}

/// The judgement on the subject of a case, as the template or plan in `file` has it.
fn judgement(file: &str, address: &str, kind: SubjectKind) -> Judgement {
    let report = check(&Options::new(vec![generated().join(file)]));
    assert!(report.unread.is_empty(), "{file}: {:?}", report.unread);
    let mut found =
        report.subjects.into_iter().filter(|(subject, _)| subject.kind == kind && subject.address.path == address);
    found.next().unwrap_or_else(|| panic!("{file}: {address} is no subject")).1
}

fn locked_out(judgement: &Judgement, kind: CallerKind) -> bool {
    judgement.locked_out.iter().any(|lock_out| lock_out.caller == kind)
}

/// What a judgement says otherwise than the labels of a trust policy.
fn trust_differences(judgement: &Judgement, labels: &Value) -> Vec<String> {
    let mut differences = Vec::new();
    let bypassable = labels["trust_allows_without_mfa"].as_bool().unwrap();
    let agrees = match &judgement.verdict {
        Verdict::Bypassable(_) => bypassable,
        Verdict::Enforced | Verdict::NotApplicable => !bypassable,
        Verdict::Unproven(_) => false,
    };
    if !agrees {
        differences.push(format!("without MFA {bypassable}, but {}", name(&judgement.verdict)));
    }
    let mut compare = |label: &str, kind: CallerKind| {
        let expected = !labels[label].as_array().unwrap().is_empty();
        if expected != locked_out(judgement, kind) {
            differences.push(format!("{label} is {}", labels[label]));
        }
    };
    compare("trust_locks_out_service", CallerKind::Service);
    compare("trust_locks_out_role", CallerKind::RoleSession);
    if labels["federated_undetermined"].as_array().unwrap().is_empty() {
        compare("trust_locks_out_federated", CallerKind::Federated);
    }
    differences
}

/// What a judgement says otherwise than the labels of a group.
fn group_differences(judgement: &Judgement, labels: &Value) -> Vec<String> {
    let mut differences = Vec::new();
    let open = labels["group_allows_without_mfa"].as_array().unwrap();
    match &judgement.verdict {
        Verdict::Bypassable(holes) if open.is_empty() => {
            // A hole in an action that was not tried is not in the label.
            println!("not in the label: {:?}", holes.first().map(|hole| &hole.witness));
        }
        Verdict::Bypassable(_) => {}
        Verdict::Enforced | Verdict::NotApplicable if open.is_empty() => {}
        verdict => differences.push(format!("without MFA {open:?}, but {}", name(verdict))),
    }
    let possible = labels["enrolment_possible_without_mfa"].as_bool().unwrap();
    match &judgement.enrolment {
        Enrolment::Possible { .. } if possible => {}
        Enrolment::Blocked(_) if !possible => {}
        Enrolment::NotApplicable => {}
        enrolment => differences.push(format!("enrolment possible {possible}, but {}", shown_enrolment(enrolment))),
    }
    differences
}

fn name(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Enforced => "enforced".to_owned(),
        Verdict::Bypassable(holes) => format!("bypassable {:?}", holes.first().map(|hole| &hole.witness)),
        Verdict::Unproven(reasons) => format!("unproven {:?}", reasons.first().map(|reason| &reason.message)),
        Verdict::NotApplicable => "not applicable".to_owned(),
    }
}

fn check_labels(world: &str, file: impl Fn(&Value) -> (String, String)) {
    let mut wrong = Vec::new();
    let cases = labels();
    for case in &cases {
        let (file, address) = file(case);
        let (kind, compare): (_, fn(&Judgement, &Value) -> Vec<String>) = match case["kind"].as_str() {
            Some("trust") => (SubjectKind::RoleTrust, trust_differences),
            _ => (SubjectKind::Group, group_differences),
        };
        let judgement = judgement(&file, &address, kind);
        let mut differences = compare(&judgement, &case["labels"]);
        // Where foreign keys are tied to each other, they may be taken as free: either answer is right.
        if let (false, Some(free)) = (differences.is_empty(), case.get("labels_other_keys_free")) {
            let mut labels = case["labels"].clone();
            labels.as_object_mut().unwrap().extend(free.as_object().unwrap().clone());
            let freely = compare(&judgement, &labels);
            if freely.is_empty() {
                differences = freely;
            }
        }
        wrong.extend(differences.into_iter().map(|difference| format!("{file} ({}): {difference}", case["tier"])));
    }
    assert!(wrong.is_empty(), "{world}: {} of {} cases\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[test]
fn templates_in_yaml_agree_with_their_labels() {
    check_labels("yaml", |case| (text(&case["cfn"]["yaml"]), text(&case["cfn"]["logical_id"])));
}

#[test]
fn templates_in_json_agree_with_their_labels() {
    check_labels("json", |case| (text(&case["cfn"]["json"]), text(&case["cfn"]["logical_id"])));
}

#[test]
fn plans_agree_with_their_labels() {
    check_labels("tf", |case| (text(&case["tf"]["file"]), text(&case["tf"]["address"])));
}

fn shown_enrolment(enrolment: &Enrolment) -> String {
    match enrolment {
        Enrolment::Possible { .. } => "possible".to_owned(),
        Enrolment::Blocked(refused) => {
            let refusal =
                |refusal: &mfagate::iam::verdict::Refusal| format!("{} on {}", refusal.action, refusal.resource);
            format!("blocked: {}", refused.iter().map(refusal).collect::<Vec<_>>().join(", "))
        }
        Enrolment::Unproven(reasons) => format!("unproven {:?}", reasons.first().map(|reason| &reason.message)),
        Enrolment::NotApplicable => "not applicable".to_owned(),
    }
}

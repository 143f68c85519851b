//! Waivers as comments, over whole runs.

use std::fs;
use std::path::{Path, PathBuf};

use mfagate::config::Configuration;
use mfagate::report::{Outcome, Report};
use mfagate::{Options, check};

use crate::runs::{folder, testdata};

/// What counts, as `rule address`, and what is waived with the reason.
fn told(report: &Report) -> (Vec<String>, Vec<String>) {
    let counted = report.findings.iter().map(|it| format!("{} {}", it.rule, it.address.path)).collect();
    let waived = report.set_aside.waived.iter();
    let waived = waived.map(|it| format!("{} {}: {}", it.finding.rule, it.finding.address.path, it.reason)).collect();
    (counted, waived)
}

fn run(path: PathBuf) -> Report {
    let (configuration, today) = (Configuration::default(), "2026-06-01".parse().unwrap());
    check(&Options { configuration, today, ..Options::new(vec![path]) })
}

fn of_template(text: &str) -> Report {
    let folder = folder(&[("roles.yaml", text)]);
    run(folder.path().join("roles.yaml"))
}

/// A role that lets people in, with a line above its name, one inside and one above its statement.
fn role(name: &str, above: &str, inside: &str, at_statement: &str) -> String {
    format!(
        "{above}  {name}:
{inside}    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
{at_statement}          - Effect: Allow
            Principal: {{AWS: '111122223333'}}
            Action: sts:AssumeRole
"
    )
}

#[test]
fn a_comment_in_a_template_holds_for_the_resource_at_which_it_stands() {
    let comment = |pad: &str| format!("{pad}# mfagate: allow role-trust-without-mfa - by {}\n", pad.len());
    let text = format!(
        "# ü\nResources:\n{}{}{}{}",
        role("Above", &comment("  "), "", ""),
        role("Inside", "", &comment("    "), ""),
        role("AtStatement", "", "", &comment("          ")),
        role("Open", "", "", ""),
    );
    let report = of_template(&text);
    let (counted, waived) = told(&report);
    assert_eq!(counted, ["role-trust-without-mfa Open"]);
    let waiver = |name: &str, by: usize| format!("role-trust-without-mfa {name}: by {by}");
    assert_eq!(waived, [waiver("Above", 2), waiver("Inside", 4), waiver("AtStatement", 10)]);
    assert_eq!(report.outcome(), Outcome::Findings);
}

#[test]
fn what_a_comment_does_not_do_is_told_at_its_place() {
    let other = "    # mfagate: allow group-without-mfa - not a group\n";
    let expired = "    # mfagate: allow role-trust-without-mfa - while we move, until 2026-05-31\n";
    let no_reason = "    # mfagate: allow role-trust-without-mfa\n";
    let text = format!(
        "Resources:\n{}{}{}",
        role("Other", "", other, ""),
        role("Expired", "", expired, ""),
        role("NoReason", "", no_reason, "")
    );
    let report = of_template(&text);
    let remarks = report.findings.iter().filter(|finding| finding.rule == "configuration");
    let remarks: Vec<String> = remarks.map(|it| format!("{}: {}", it.message, it.primary.place.text())).collect();
    assert_eq!(
        remarks,
        [
            "a waiver for `group-without-mfa` waives nothing: what it stands at has no such finding: \
             mfagate: allow group-without-mfa - not a group",
            "a waiver for `role-trust-without-mfa` expired on 2026-05-31: its findings count again: \
             mfagate: allow role-trust-without-mfa - while we move, until 2026-05-31",
            "a waiver gives no reason: who reads it later cannot tell whether it still holds: \
             mfagate: allow role-trust-without-mfa",
        ]
    );
    assert_eq!(report.set_aside.waived.len(), 0);
    assert_eq!(report.outcome(), Outcome::Findings);
}

/// Puts a comment above, or as the first line of, each block that begins so.
fn with_comment(folder: &Path, block: &str, inside: bool) {
    let file = folder.join("main.tf");
    let comment = "# mfagate: allow role-trust-without-mfa - known";
    let text = fs::read_to_string(&file).unwrap();
    let to = if inside { format!("{block}\n  {comment}") } else { format!("{comment}\n{block}") };
    assert!(text.contains(block), "{block}");
    fs::write(&file, text.replace(block, &to)).unwrap();
}

#[test]
fn a_comment_in_a_terraform_block_holds_for_its_instances() {
    let project = testdata("terraform/roles-in-four-styles");
    let plain = run(project.join("plan.json"));
    let open: Vec<String> = told(&plain).0.into_iter().filter(|it| it.starts_with("role-trust-without-mfa")).collect();
    let address = open.first().unwrap().split_once(' ').unwrap().1.to_owned();
    let name = address.rsplit('.').next().unwrap();
    for inside in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(&project).unwrap().map(Result::unwrap) {
            fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
        }
        with_comment(folder.path(), &format!("resource \"aws_iam_role\" \"{name}\" {{"), inside);
        let report = run(folder.path().join("plan.json"));
        let (counted, waived) = told(&report);
        assert_eq!(waived, [format!("role-trust-without-mfa {address}: known")], "inside: {inside}");
        assert_eq!(counted.len() + 1, told(&plain).0.len(), "{counted:?}");
    }
}

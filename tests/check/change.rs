//! Real plans with a time before: what is new in them, what was there, what is fixed.

use std::path::PathBuf;

use mfagate::config::Configuration;
use mfagate::finding::Severity;
use mfagate::inventory::subjects::SubjectKind;
use mfagate::report::{Outcome, Report};
use mfagate::{Options, check};

use crate::runs::{testdata, written};

fn report(files: &[&str], new_only: bool) -> Report {
    let folder = testdata("terraform");
    let paths: Vec<PathBuf> = files.iter().map(|file| folder.join(file)).collect();
    let (configuration, today) = (Configuration::default(), "2026-01-01".parse().unwrap());
    check(&Options { new_only, configuration, today, ..Options::new(paths) })
}

/// Status, rule and address of all errors, the fixed ones last.
fn errors(report: &Report) -> Vec<String> {
    let all = report.findings.iter().chain(&report.fixed);
    let errors = all.filter(|finding| finding.severity == Severity::Error);
    errors.map(|it| format!("{} {} {}", it.status.name(), it.rule, it.address.path)).collect()
}

#[test]
fn every_way_in_which_a_resource_changes() {
    let found = report(&["change-of-everything/plan.json"], true);
    let expected = [
        "existing group-without-mfa aws_iam_group.administrators",
        "worse group-without-mfa aws_iam_group.operators",
        "worse group-without-mfa aws_iam_group.readers",
        "new role-trust-without-mfa aws_iam_role.added",
        "existing role-trust-without-mfa aws_iam_role.described",
        // Forgotten under one address and imported under another.
        "existing role-trust-without-mfa aws_iam_role.imported",
        "new role-trust-without-mfa aws_iam_role.loosened",
        "existing role-trust-without-mfa aws_iam_role.moved_to[\"here\"]",
        "existing role-trust-without-mfa aws_iam_role.replaced",
        "existing role-trust-without-mfa aws_iam_role.untouched",
        "fixed role-trust-without-mfa aws_iam_role.deleted",
        "fixed role-trust-without-mfa aws_iam_role.tightened",
    ];
    assert_eq!(errors(&found), expected);
    assert_eq!(found.outcome(), Outcome::Findings);
}

#[test]
fn a_deleted_guard_is_new_and_a_forgotten_role_stays() {
    let found = report(&["delete-removes-guard/plan.json"], false);
    let expected =
        ["new group-without-mfa aws_iam_group.analysts", "existing role-trust-without-mfa aws_iam_role.forgotten"];
    assert_eq!(errors(&found), expected);
}

#[test]
fn what_was_there_fails_the_run_only_where_it_is_asked_for() {
    let unchanged = ["applied-state/plan.json"];
    assert_eq!(
        errors(&report(&unchanged, false)),
        ["existing role-trust-without-mfa module.role.aws_iam_role.template"]
    );
    assert_eq!(report(&unchanged, false).outcome(), Outcome::Findings);
    assert_eq!(report(&unchanged, true).outcome(), Outcome::Clean);
    // A state describes no change.
    let state = ["applied-state/state.json"];
    assert_eq!(errors(&report(&state, true)), ["new role-trust-without-mfa module.role.aws_iam_role.template"]);
    assert_eq!(report(&state, true).outcome(), Outcome::Findings);
}

#[test]
fn a_destruction_fixes_everything() {
    let found = report(&["applied-state/destroy-plan.json"], false);
    assert_eq!(errors(&found), ["fixed role-trust-without-mfa module.role.aws_iam_role.template"]);
    assert_eq!((found.subjects.len(), found.outcome()), (0, Outcome::Clean));
}

#[test]
fn what_somebody_did_by_hand_was_there_before() {
    let verdicts = |report: &Report| -> Vec<String> {
        let groups = report.subjects.iter().filter(|(subject, _)| subject.kind == SubjectKind::Group);
        groups.map(|(subject, judgement)| format!("{} {:?}", subject.address.path, judgement.verdict)).collect()
    };
    let enforced = ["aws_iam_group.operators Enforced"];
    let drifted = report(&["drifted-guard/plan.json"], false);
    assert_eq!(errors(&drifted), ["fixed group-without-mfa aws_iam_group.operators"]);
    assert_eq!(verdicts(&drifted), enforced);
    // Made without looking, by what the state says.
    let unseen = report(&["drifted-guard/no-refresh-plan.json"], false);
    assert_eq!(errors(&unseen), [""; 0]);
    assert_eq!((verdicts(&unseen), unseen.outcome()), (vec![enforced[0].to_owned()], Outcome::Clean));
}

#[test]
fn a_plan_that_ended_in_an_error_is_not_enough() {
    let found = report(&["drifted-guard/errored-plan.json"], false);
    assert_eq!(found.outcome(), Outcome::Incomplete);
    let [unread] = found.unread.as_slice() else { panic!("{:?}", found.unread) };
    assert!(unread.reason.starts_with("the plan ended in an error"), "{}", unread.reason);
}

#[test]
fn what_a_plan_does_not_touch_is_still_there() {
    for plan in ["only-the-target/plan.json", "only-the-target/refresh-only-plan.json"] {
        let found = report(&[plan], false);
        let expected =
            ["existing user-without-mfa aws_iam_user.robot", "existing policy-on-user aws_iam_user_policy.robot"];
        assert_eq!(errors(&found), expected, "{plan}");
    }
}

#[test]
fn several_plans_form_one_inventory() {
    let alone = report(&["several-plans/identity/plan.json"], false);
    let expected = [
        "new group-without-mfa aws_iam_group.contractors",
        "new policy-on-user aws_iam_user_policy.guard",
        "new organization-role-without-mfa aws_organizations_account.sandbox",
        "new role-trust-without-mfa aws_iam_role.deploy",
    ];
    assert_eq!(errors(&alone), expected);
    let together = report(&["several-plans/identity/plan.json", "several-plans/access/plan.json"], false);
    let expected = [
        "new role-trust-without-mfa aws_iam_role.deploy",
        "new policy-on-user aws_iam_user_policy.guard",
        "new role-trust-without-mfa aws_iam_role.deploy",
    ];
    assert_eq!(errors(&together), expected);
    let staff = together.findings.iter().find(|it| it.address.path == "aws_iam_group.staff").unwrap();
    assert_eq!((staff.rule, staff.severity), ("group-without-mfa", Severity::Warning));
    assert!(staff.message.contains("its known members `amara`"), "{}", staff.message);
}

#[test]
fn the_report_names_the_plan_where_an_address_stands_in_several() {
    let found = report(&["several-plans/identity/plan.json", "several-plans/access/plan.json"], false);
    let text = written(&found, "human", 100);
    let titles: Vec<&str> = text.lines().filter(|line| line.contains("] aws_iam_")).collect();
    assert!(
        titles.iter().any(|it| it.contains("aws_iam_role.deploy in ") && it.ends_with("access/plan.json")),
        "{titles:?}"
    );
    assert!(titles.iter().any(|it| it.ends_with("aws_iam_group.staff")), "{titles:?}");
}

//! The verdicts on plans that Terraform made of the projects in `testdata/terraform`: what they only refer to, what they
//! leave until the apply, and what excludes what.

use std::path::{Path, PathBuf};

use mfagate::{Options, check};
use serde_json::Value;

use crate::runs::{json, testdata};

/// The subjects of a project's plan, as the JSON report has them.
fn subjects(project: &str) -> Vec<Value> {
    subjects_beside(project, Vec::new())
}

/// The same with the Terraform files in these folders, or those beside the plan where there are none.
fn subjects_beside(project: &str, sources: Vec<PathBuf>) -> Vec<Value> {
    let plan = testdata("terraform").join(project).join("plan.json");
    let report = json(&check(&Options { sources, ..Options::new(vec![plan]) }));
    assert_eq!(report["unread"], serde_json::json!([]), "{project}");
    report["subjects"].as_array().unwrap().clone()
}

fn subject<'s>(subjects: &'s [Value], address: &str, kind: &str) -> &'s Value {
    let found = subjects.iter().find(|subject| subject["address"] == address && subject["kind"] == kind);
    found.unwrap_or_else(|| panic!("{address} ({kind}) is no subject"))
}

/// The verdict of each of these subjects, and for an unproven one the reason.
fn assert_verdicts(project: &str, expected: &[(&str, &str, &str, &str)]) {
    assert_verdicts_of(&subjects(project), project, expected);
}

/// The same for a plan by itself, without the Terraform files that it was made of.
fn assert_verdicts_alone(project: &str, expected: &[(&str, &str, &str, &str)]) {
    let empty = tempfile::tempdir().unwrap();
    assert_verdicts_of(&subjects_beside(project, vec![empty.path().to_owned()]), project, expected);
}

fn assert_verdicts_of(subjects: &[Value], project: &str, expected: &[(&str, &str, &str, &str)]) {
    for (address, kind, verdict, reason) in expected {
        let subject = subject(subjects, address, kind);
        assert_eq!(subject["verdict"], *verdict, "{project}: {address}: {}", subject["reasons"]);
        let reasons = subject["reasons"].to_string().replace("\\\"", "\"");
        assert!(reasons.contains(reason), "{project}: {address}: {reasons}");
    }
    let unproven = |subject: &&Value| subject["verdict"] == "unproven";
    let surprise = |subject: &&Value| {
        let is_expected =
            |(address, kind, ..): &(&str, &str, &str, &str)| subject["address"] == *address && subject["kind"] == *kind;
        !expected.iter().any(is_expected)
    };
    let surprises: Vec<_> = subjects.iter().filter(unproven).filter(surprise).collect();
    assert!(surprises.is_empty(), "{project}: {surprises:?}");
}

#[test]
fn references_are_followed() {
    let enforced = |address| (address, "group", "enforced", "");
    assert_verdicts(
        "references-settled",
        &[
            enforced("aws_iam_group.outputs"),
            enforced("module.outer[\"east\"].module.team.aws_iam_group.this"),
            enforced("module.outer[\"west\"].module.team.aws_iam_group.this"),
            enforced("aws_iam_group.by_key"),
            enforced("aws_iam_group.by_index"),
            enforced("aws_iam_group.by_map"),
            enforced("aws_iam_group.own[\"guarded\"]"),
            ("aws_iam_group.own[\"open\"]", "group", "bypassable", ""),
            enforced("aws_iam_group.conditional"),
            ("module.open_team.aws_iam_group.this", "group", "bypassable", ""),
            ("aws_iam_user.member", "user", "enforced", ""),
            ("aws_iam_user.bounded", "user", "enforced", ""),
            ("aws_iam_user.listed", "user", "bypassable", ""),
            ("aws_iam_policy.guarded_boundary", "boundary", "enforced", ""),
        ],
    );
}

#[test]
fn what_a_plan_leaves_open_is_named() {
    let either = "it refers to `aws_iam_policy.guard`, `aws_iam_policy.lax`, and the plan does not say to which";
    assert_verdicts_alone(
        "references-left-open",
        &[
            ("aws_iam_group.team[\"local\"]", "group", "unproven", "`local.arns.guard` is known after apply"),
            (
                "aws_iam_group.team[\"conditional\"]",
                "group",
                "unproven",
                "`aws_iam_group_policy_attachment.conditional.policy_arn` is known after apply: it refers to \
                 `aws_iam_policy.lax`, `aws_iam_policy.guard`",
            ),
            ("aws_iam_group.team[\"chosen\"]", "group", "unproven", either),
            ("module.team[\"first\"].aws_iam_group.this", "group", "unproven", either),
            ("module.team[\"second\"].aws_iam_group.this", "group", "unproven", either),
            (
                "aws_iam_group.team[\"object\"]",
                "group",
                "unproven",
                "`terraform_data.chosen.output` is known after apply",
            ),
            (
                "aws_iam_user.member",
                "user",
                "unproven",
                "`aws_iam_user_group_membership.member.groups` is known after apply, so it may hold more",
            ),
        ],
    );
}

#[test]
fn expressions_behind_unknown_text_are_evaluated() {
    let switched = "`terraform_data.switch.output` is known after apply";
    assert_verdicts(
        "documents-in-hcl",
        &[
            ("aws_iam_role.encoded", "role-trust", "enforced", ""),
            ("aws_iam_role.encoded_open", "role-trust", "bypassable", ""),
            ("aws_iam_role.heredoc", "role-trust", "bypassable", ""),
            ("aws_iam_role.hashed", "role-trust", "enforced", ""),
            ("aws_iam_role.switched", "role-trust", "unproven", switched),
            ("aws_iam_group.local", "group", "enforced", ""),
            ("aws_iam_group.template[\"guarded\"]", "group", "enforced", ""),
            ("aws_iam_group.template[\"open\"]", "group", "bypassable", ""),
            ("module.team[\"payments\"].aws_iam_group.this", "group", "enforced", ""),
            ("module.team[\"search\"].aws_iam_group.this", "group", "bypassable", ""),
        ],
    );
}

#[test]
fn without_the_files_such_text_stays_unknown() {
    let empty = tempfile::tempdir().unwrap();
    let plan = Path::new("testdata/terraform/documents-in-hcl/plan.json").to_owned();
    let report = check(&Options { sources: vec![empty.path().to_owned()], ..Options::new(vec![plan]) });
    assert_eq!((report.counts().unproven, report.counts().enforced), (10, 0));
    assert_eq!(report.untraced.len(), 1);
}

#[test]
fn the_files_beside_a_plan_settle_what_it_leaves_open() {
    assert_verdicts(
        "references-left-open",
        &[
            ("aws_iam_group.team[\"local\"]", "group", "enforced", ""),
            ("aws_iam_group.team[\"conditional\"]", "group", "enforced", ""),
            ("aws_iam_group.team[\"chosen\"]", "group", "enforced", ""),
            ("module.team[\"first\"].aws_iam_group.this", "group", "enforced", ""),
            ("module.team[\"second\"].aws_iam_group.this", "group", "bypassable", ""),
            (
                "aws_iam_group.team[\"object\"]",
                "group",
                "unproven",
                "`terraform_data.chosen.output` is known after apply",
            ),
            ("aws_iam_user.member", "user", "unproven", "`aws_iam_user_group_membership.member.groups`"),
        ],
    );
}

#[test]
fn documents_are_made_of_what_is_known_of_them() {
    assert_verdicts(
        "deferred-documents",
        &[
            ("aws_iam_role.guarded", "role-trust", "enforced", ""),
            ("aws_iam_role.open", "role-trust", "bypassable", ""),
            ("aws_iam_role.overridden", "role-trust", "enforced", ""),
            ("aws_iam_role.chained", "role-trust", "not-applicable", ""),
            ("aws_iam_group.guarded", "group", "enforced", ""),
            ("aws_iam_group.by_index[0]", "group", "enforced", ""),
            ("aws_iam_group.by_index[1]", "group", "bypassable", ""),
            ("aws_iam_group.number", "group", "bypassable", ""),
            ("aws_iam_group.merged", "group", "bypassable", ""),
            ("aws_iam_group.unknown_source", "group", "unproven", "`terraform_data.document.output`"),
            ("aws_iam_group.unknown_value", "group", "unproven", "`terraform_data.document.output`"),
        ],
    );
    let subjects = subjects("deferred-documents");
    assert_eq!(subject(&subjects, "aws_iam_group.guarded", "group")["enrolment"], "possible");
    let open = subject(&subjects, "aws_iam_role.open", "role-trust");
    assert_eq!(open["locked_out"], serde_json::json!([]));
}

#[test]
fn exclusive_resources_take_away() {
    let left_out = |by: &str| format!("left out of `{by}`, which removes what it does not list");
    let (attachments, inline, shared, members) = (
        left_out("aws_iam_group_policy_attachments_exclusive.guard_left_out"),
        left_out("aws_iam_group_policies_exclusive.inline_left_out"),
        left_out("aws_iam_policy_attachment.shared"),
        left_out("aws_iam_group_membership.both"),
    );
    assert_verdicts(
        "exclusive-attachments",
        &[
            ("aws_iam_group.team[\"both\"]", "group", "enforced", ""),
            ("aws_iam_group.team[\"guard-left-out\"]", "group", "unproven", &attachments),
            ("aws_iam_group.team[\"hole-left-out\"]", "group", "enforced", ""),
            ("aws_iam_group.team[\"inline\"]", "group", "enforced", ""),
            ("aws_iam_group.team[\"inline-left-out\"]", "group", "unproven", &inline),
            ("aws_iam_group.team[\"listed\"]", "group", "unproven", "`from-elsewhere` is an inline policy"),
            ("aws_iam_group.team[\"shared\"]", "group", "bypassable", ""),
            ("aws_iam_group.team[\"shared-left-out\"]", "group", "unproven", &shared),
            ("aws_iam_user.shared", "user", "bypassable", ""),
            ("aws_iam_user.member[\"listed\"]", "user", "enforced", ""),
            ("aws_iam_user.member[\"left-out\"]", "user", "unproven", &members),
        ],
    );
    // A guard that may stay on a role beside its blocks locks its sessions out.
    let role = &subjects("exclusive-attachments");
    let role = subject(role, "aws_iam_role.blocks", "role-permissions");
    assert_eq!(role["locked_out"], serde_json::json!(["role-session"]));
}

#[test]
fn every_way_to_attach_counts() {
    assert_verdicts(
        "attachment-paths",
        &[
            ("aws_iam_group.many[\"guarded\"]", "group", "enforced", ""),
            ("aws_iam_group.many[\"open\"]", "group", "bypassable", ""),
            ("aws_iam_user.many[\"guarded\"]", "user", "enforced", ""),
            ("aws_iam_user.many[\"open\"]", "user", "bypassable", ""),
            ("aws_iam_user.exclusive", "user", "enforced", ""),
            ("aws_iam_role.worker", "role-trust", "not-applicable", ""),
        ],
    );
}

#[test]
fn the_way_policies_are_put_on_a_group_changes_no_verdict() {
    let subjects = subjects("split-policies");
    let groups: Vec<&Value> = subjects.iter().filter(|subject| subject["kind"] == "group").collect();
    assert_eq!(groups.len(), 10);
    for group in groups {
        let address = group["address"].as_str().unwrap();
        let expected = if address.contains("guarded") { "enforced" } else { "bypassable" };
        assert_eq!(group["verdict"], expected, "{address}: {}", group["reasons"]);
    }
}

#[test]
fn modules_in_the_manner_of_published_ones() {
    let open = |group: &str| format!("`module.{group}.local.group_name` is known after apply");
    let (developers, analysts) = (open("developers"), open("analysts"));
    assert_verdicts(
        "module-shapes",
        &[
            ("module.developers.aws_iam_group.this[0]", "group", "enforced", ""),
            ("module.analysts.aws_iam_group.this[0]", "group", "bypassable", ""),
        ],
    );
    assert_verdicts_alone(
        "module-shapes",
        &[
            ("module.ops.aws_iam_role.this[0]", "role-trust", "enforced", ""),
            ("module.builder.aws_iam_role.this[0]", "role-trust", "enforced", ""),
            ("module.legacy.aws_iam_role.this[0]", "role-trust", "bypassable", ""),
            ("module.developers.aws_iam_group.this[0]", "group", "unproven", &developers),
            ("module.analysts.aws_iam_group.this[0]", "group", "unproven", &analysts),
            ("aws_iam_group.default", "group", "bypassable", ""),
            ("aws_iam_group.explicit", "group", "enforced", ""),
            ("aws_iam_group.engineers", "group", "bypassable", ""),
        ],
    );
    let subjects = subjects("module-shapes");
    let locked_out = |address| &subject(&subjects, address, "role-trust")["locked_out"];
    assert_eq!(*locked_out("module.ops.aws_iam_role.this[0]"), serde_json::json!(["role-session"]));
    assert_eq!(*locked_out("module.builder.aws_iam_role.this[0]"), serde_json::json!(["role-session", "service"]));
    assert_eq!(subject(&subjects, "aws_iam_group.explicit", "group")["enrolment"], "blocked");
    let witness = &subject(&subjects, "aws_iam_group.engineers", "group")["witness"];
    assert_eq!(witness["action"], "iam:CreateLoginProfile");
}

#[test]
fn identities_that_the_apply_makes_are_told_apart() {
    let machines = |address| (address, "role-trust", "not-applicable", "");
    assert_verdicts(
        "trusted-identities",
        &[
            machines("aws_iam_role.by_roles"),
            machines("aws_iam_role.by_unique_id"),
            machines("aws_iam_role.by_role_with_mfa"),
            machines("aws_iam_role.by_document"),
            machines("module.inner.aws_iam_role.by_text"),
            machines("module.inner.aws_iam_role.by_document"),
            ("aws_iam_role.by_user", "role-trust", "bypassable", ""),
            ("aws_iam_role.by_user_with_mfa", "role-trust", "enforced", ""),
            ("aws_iam_role.by_account", "role-trust", "bypassable", ""),
        ],
    );
    let subjects = subjects("trusted-identities");
    let asked = subject(&subjects, "aws_iam_role.by_role_with_mfa", "role-trust");
    assert_eq!(asked["locked_out"], serde_json::json!(["role-session"]));
}

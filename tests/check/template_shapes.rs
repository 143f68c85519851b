//! The shapes in which published templates speak of MFA, each in a template of our own.

use std::collections::HashMap;

use mfagate::extract::Settings;
use mfagate::iam::verdict::{Enrolment, Verdict};
use mfagate::report::Report;
use mfagate::{Options, check};

use crate::runs::{finding, testdata};

fn report_with(name: &str, parameters: &[(&str, &str)]) -> Report {
    let path = testdata("cloudformation/shapes").join(name);
    let parameters: HashMap<String, String> =
        parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let settings = Settings { parameters, ..Settings::default() };
    let report = check(&Options { settings, ..Options::new(vec![path]) });
    assert_eq!(report.unread, []);
    report
}

/// Every subject that MFA matters to, or that it locks somebody out of: verdict, witness or reason, enrolment, lock-outs.
fn judged(report: &Report) -> Vec<String> {
    let subjects = report.subjects.iter().filter_map(|(subject, judgement)| {
        let verdict = match &judgement.verdict {
            Verdict::Enforced => "enforced".to_owned(),
            Verdict::Bypassable(holes) => format!("bypassable by {}", holes[0].witness.action),
            Verdict::Unproven(reasons) => format!("unproven: {}", reasons[0].message),
            Verdict::NotApplicable if judgement.locked_out.is_empty() => return None,
            Verdict::NotApplicable => "not applicable".to_owned(),
        };
        let enrolment = match judgement.enrolment {
            Enrolment::Possible { .. } => ", enrolment possible",
            Enrolment::Blocked(_) => ", enrolment blocked",
            Enrolment::Unproven(_) => ", enrolment unproven",
            Enrolment::NotApplicable => "",
        };
        let locked_out: Vec<_> = judgement.locked_out.iter().map(|it| it.caller.name()).collect();
        let locked_out =
            if locked_out.is_empty() { String::new() } else { format!(", locks out {}", locked_out.join(", ")) };
        Some(format!("{} {}: {verdict}{enrolment}{locked_out}", subject.address.path, subject.kind.name()))
    });
    subjects.collect()
}

#[test]
fn a_user_who_looks_after_himself() {
    let report = report_with("self-service-user.yaml", &[]);
    assert_eq!(
        judged(&report),
        [
            "OwnDevice managed-policy: bypassable by iam:ListMFADevices",
            "Reader user: bypassable by s3:ListBucket, enrolment possible",
        ]
    );
}

#[test]
fn one_policy_for_people_and_machines() {
    let report = report_with("administrators-and-roles.yaml", &[]);
    assert_eq!(
        judged(&report),
        [
            "Administrators group: enforced, enrolment blocked",
            "Everything managed-policy: enforced",
            "Machine role-permissions: not applicable, locks out role-session",
            "Operators group: bypassable by ec2:TerminateInstances, enrolment blocked",
        ]
    );
}

#[test]
fn a_guard_that_a_parameter_takes_away() {
    let always = "Always group: enforced, enrolment possible";
    let reading = "Reading group: bypassable by iam:ListMFADevices, enrolment possible";
    let report = report_with("guard-by-parameter.yaml", &[]);
    let optional = "Optional group: bypassable by iam:UpdateLoginProfile, enrolment possible";
    assert_eq!(judged(&report), [always, optional, reading]);
    let found = finding(&report, "group-without-mfa", "Optional");
    assert!(found.message.starts_with("when `RequireMfa` is false, "));
    let guarded = report_with("guard-by-parameter.yaml", &[("RequireMfa", "true")]);
    assert_eq!(judged(&guarded), [always, "Optional group: enforced, enrolment possible", reading]);
}

#[test]
fn roles_for_an_account_that_is_not_known() {
    let wrong = "Wrong role-trust: unproven: IAM refuses a policy that decides here: `987654321` is no account id: \
                 account ids have 12 digits";
    let unrendered = "Unrendered role-trust: unproven: IAM refuses a policy that decides here: `EachAccount \
                      '${account}'` is no principal of the kind `AWS`";
    let open = "Open role-trust: unproven: `Ref People` is a parameter without a default";
    assert_eq!(judged(&report_with("roles-for-another-account.yaml", &[])), [open, unrendered, wrong]);
    let given = |mfa| report_with("roles-for-another-account.yaml", &[("People", "111122223333"), ("Mfa", mfa)]);
    assert_eq!(judged(&given("false"))[0], "Open role-trust: bypassable by sts:AssumeRole");
    assert_eq!(judged(&given("true"))[0], "Open role-trust: enforced, locks out role-session");
}

//! Reports made by hand, in all formats.

use std::sync::Arc;

use super::*;
use crate::finding::{Label, Status};
use crate::iam::document::{Document, Version};
use crate::iam::verdict::{CallerKind, Enrolment, Given, LockOut, Reason, StatementReference, Witness};
use crate::iam::verdict::{Danger, Hole};
use crate::inventory::Address;
use crate::inventory::subjects::SubjectKind;
use crate::source::{Place, Source, Span};

const TEMPLATE: &str = r#"Resources:
  Développeurs:
    Type: AWS::IAM::Group
    Properties:
      Policies:
        - PolicyName: all
          PolicyDocument:
            Version: 2012-10-17
            Statement:
              - Sid: Everything
                Effect: Allow
                Action: "*"
                Resource: "*"
                Condition:
                  BoolIfExists:
                    aws:MultiFactorAuthPresent: true
"#;

const TRUST: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {
        "AWS": "arn:aws:iam::111122223333:root"
      },
      "Action": "sts:AssumeRole",
      "Condition": {
        "BoolIfExists": {
          "aws:MultiFactorAuthPresent": "true"
        }
      }
    }
  ]
}"#;

/// The place of the first occurrence of a text that runs from `from` to the end of `to`.
fn place(source: &Arc<Source>, from: &str, to: &str) -> Place {
    let start = source.text().find(from).unwrap();
    let end = start + source.text().get(start..).unwrap().find(to).unwrap() + to.len();
    Place::new(source, Span::new(start, end))
}

fn label(place: Place, text: &str) -> Label {
    Label { place, text: text.to_owned() }
}

fn address(input: &str, path: &str) -> Address {
    Address { input: input.into(), path: path.to_owned() }
}

fn witness() -> Witness {
    Witness {
        caller: CallerKind::AccessKey,
        principal: "any user in account 111122223333".to_owned(),
        action: "sts:AssumeRole".to_owned(),
        resource: "*".to_owned(),
        given: vec![
            Given { key: "aws:SourceIp".to_owned(), values: Some(vec!["192.0.2.1".to_owned()]) },
            Given { key: "aws:SourceVpc".to_owned(), values: None },
        ],
    }
}

fn subject(kind: SubjectKind, address: Address, place: Place) -> Subject {
    Subject { kind, address, name: None, path: None, policies: Vec::new(), boundaries: Vec::new(), place }
}

fn judgement(verdict: Verdict, enrolment: Enrolment) -> Judgement {
    Judgement { verdict, enrolment, ..Judgement::not_applicable() }
}

/// A plan of one line with two megabytes of other resources before the role.
fn plan() -> Arc<Source> {
    let filling = r#"{"address":"aws_s3_bucket.é","values":{}},"#.repeat(50_000);
    let text = format!(
        r#"{{"resource_changes":[{filling}{{"address":"module.iam.aws_iam_role.ops","assume_role_policy":"{{\"Version\":\"2012-10-17\"}}"}}]}}"#
    );
    Source::file("plan.json", text)
}

fn sample() -> Report {
    let plan = plan();
    let origin = place(&plan, r#""{\"Version"#, r#"\"}""#);
    let trust = Source::embedded("module.iam.aws_iam_role.ops.assume_role_policy", TRUST.to_owned(), origin);
    let template = Source::file("iam/groups.yaml", TEMPLATE.to_owned());
    let role = address("plan.json", "module.iam.aws_iam_role.ops");
    let group = address("iam/groups.yaml", "Développeurs");
    let statement = place(&trust, "    {\n      \"Eff", "\n    }\n");
    let role_finding = Finding {
        rule: "role-trust-without-mfa",
        severity: Severity::Error,
        address: role.clone(),
        message: "people can assume this role without MFA: an access key sends no `aws:MultiFactorAuthPresent`, and \
                  `BoolIfExists` lets an absent key pass"
            .to_owned(),
        help: "use `Bool`, which does not hold where the key is absent:\n\"Condition\": { \"Bool\": { \
               \"aws:MultiFactorAuthPresent\": \"true\" } }"
            .to_owned(),
        primary: label(statement.clone(), "this statement lets them in"),
        related: vec![label(place(&trust, "\"BoolIfExists\"", "\"BoolIfExists\""), "holds where the key is absent")],
        witness: Some(witness()),
        status: Status::New,
    };
    let group_finding = Finding {
        rule: "ineffective-mfa-condition",
        severity: Severity::Warning,
        address: group.clone(),
        message: "`BoolIfExists` in an Allow asks nothing of access keys".to_owned(),
        help: "use `Bool`".to_owned(),
        primary: label(place(&template, "BoolIfExists", "true"), ""),
        related: vec![label(place(&template, "Développeurs", "Développeurs"), "attached to this group")],
        witness: None,
        status: Status::New,
    };
    let hole = Hole {
        witness: witness(),
        danger: Danger::Access,
        allowed_by: reference(&trust, &statement),
        passed: Vec::new(),
    };
    let mut bypassable = judgement(Verdict::Bypassable(vec![hole]), Enrolment::NotApplicable);
    bypassable.locked_out = [CallerKind::Service, CallerKind::RoleSession, CallerKind::Service]
        .map(|caller| LockOut {
            caller,
            principal: String::new(),
            named: true,
            entirely: true,
            statement: reference(&trust, &statement),
            test: None,
        })
        .to_vec();
    let reason = Reason { message: "`aws_iam_policy.guard.arn` is known after apply".to_owned(), place: None };
    let unproven = judgement(Verdict::Unproven(vec![reason.clone()]), Enrolment::Unproven(vec![reason]));
    let mut report = Report {
        files: 2,
        passed_over: 3,
        documents: 2,
        subjects: vec![
            (subject(SubjectKind::RoleTrust, role, place(&plan, "\"module", "ops\"")), bypassable),
            (subject(SubjectKind::Group, group, place(&template, "Développeurs", "Développeurs")), unproven),
        ],
        findings: vec![role_finding, group_finding],
        unread: vec![Unread {
            file: "old.tfplan".to_owned(),
            reason: "a binary plan; write it as JSON with `terraform show -json old.tfplan > plan.json`".to_owned(),
        }],
        untraced: Vec::new(),
        threshold: Severity::Error,
        new_only: false,
        fixes: crate::fix::Fixes::default(),
        fixed: Vec::new(),
        set_aside: SetAside::default(),
        configuration: None,
    };
    report.sort();
    report
}

fn reference(source: &Arc<Source>, place: &Place) -> StatementReference {
    let document = Document {
        version: Version::V2012,
        statements: Vec::new(),
        problems: Vec::new(),
        place: Place::new(source, Span::new(0, source.text().len())),
    };
    StatementReference { policy: 0, statement: 0, document: Arc::new(document), place: place.clone() }
}

fn written(report: &Report, format: &str, terminal: Terminal) -> String {
    let format = FORMATS.iter().find(|candidate| candidate.name == format).unwrap();
    let mut out = Vec::new();
    (format.write)(report, terminal, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

const PLAIN: Terminal = Terminal { colour: false, width: 100, ascii: false };

#[test]
fn human() {
    insta::assert_snapshot!(written(&sample(), "human", PLAIN));
}

#[test]
fn human_in_a_narrow_terminal() {
    insta::assert_snapshot!(written(&sample(), "human", Terminal { colour: false, width: 60, ascii: false }));
}

#[test]
fn human_in_ascii() {
    let shown = written(&sample(), "human", Terminal { ascii: true, ..PLAIN });
    let drawn = written(&sample(), "human", PLAIN);
    assert_eq!(shown.chars().count(), drawn.chars().count());
    let others: String = shown.chars().filter(|character| !character.is_ascii()).collect();
    assert_eq!(others, "é".repeat(drawn.matches('é').count()));
    insta::assert_snapshot!(shown);
}

#[test]
fn json() {
    insta::assert_snapshot!(written(&sample(), "json", PLAIN));
}

/// The sample with everything else that a report can have to tell.
fn full_sample() -> Report {
    let mut report = sample();
    let mut existing = report.findings[0].clone();
    existing.status = Status::Existing;
    existing.severity = Severity::Note;
    let waived = Finding { address: address("plan.json", "aws_iam_group.old[\"a|b\"]"), ..report.findings[0].clone() };
    let fixed = Finding { status: Status::Fixed, ..waived.clone() };
    report.findings.push(existing);
    report.set_aside.waived.push(Waived {
        finding: waived,
        reason: "goes away with the old accounts".to_owned(),
        until: Some(jiff::civil::date(2027, 1, 31)),
    });
    report.set_aside.switched_off.insert("policy-on-user", 2);
    report.fixed.push(fixed);
    report.configuration = Some(".mfagate.yaml".to_owned());
    report.sort();
    report
}

#[test]
fn sarif() {
    // Of the rules' texts one is enough.
    let written = written(&full_sample(), "sarif", PLAIN);
    let mut log: serde_json::Value = serde_json::from_str(&written).unwrap();
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array_mut().unwrap();
    assert_eq!(rules.len(), crate::rules::all().len() + 1);
    rules.retain(|rule| rule["id"] == "policy-on-user");
    log["runs"][0]["tool"]["driver"]["version"] = "VERSION".into();
    log["runs"][0]["tool"]["driver"]["semanticVersion"] = "VERSION".into();
    insta::assert_snapshot!(serde_json::to_string_pretty(&log).unwrap());
}

#[test]
fn github() {
    insta::assert_snapshot!(written(&full_sample(), "github", PLAIN));
}

#[test]
fn gitlab() {
    insta::assert_snapshot!(written(&full_sample(), "gitlab", PLAIN));
}

#[test]
fn junit() {
    insta::assert_snapshot!(written(&full_sample(), "junit", PLAIN));
}

#[test]
fn markdown() {
    insta::assert_snapshot!(written(&full_sample(), "markdown", PLAIN));
}

#[test]
fn colour_is_used_where_it_is_asked_for_and_nowhere_else() {
    let report = sample();
    assert!(!written(&report, "human", PLAIN).contains('\u{1b}'));
    assert!(written(&report, "human", Terminal { colour: true, width: 100, ascii: false }).contains("\u{1b}[31m"));
    assert!(!written(&report, "json", Terminal { colour: true, width: 100, ascii: false }).contains('\u{1b}'));
}

#[test]
fn an_empty_report_is_incomplete() {
    let report = Report {
        files: 0,
        passed_over: 4,
        documents: 0,
        subjects: Vec::new(),
        findings: Vec::new(),
        unread: Vec::new(),
        untraced: Vec::new(),
        threshold: Severity::Error,
        new_only: false,
        fixes: crate::fix::Fixes::default(),
        fixed: Vec::new(),
        set_aside: SetAside::default(),
        configuration: None,
    };
    assert_eq!(report.outcome(), Outcome::Incomplete);
    insta::assert_snapshot!(written(&report, "human", PLAIN));
}

#[test]
fn the_outcome_follows_the_threshold_and_what_was_not_read() {
    let mut report = sample();
    assert_eq!(report.outcome(), Outcome::Incomplete);
    report.unread.clear();
    assert_eq!(report.outcome(), Outcome::Findings);
    report.findings.retain(|finding| finding.severity == Severity::Warning);
    assert_eq!(report.outcome(), Outcome::Clean);
    report.threshold = Severity::Note;
    assert_eq!(report.outcome(), Outcome::Findings);
}

#[test]
fn fingerprints_survive_moves_and_renumbering_but_not_changes() {
    let before = fingerprints(&sample().findings);
    let moved = Source::file("elsewhere.yaml", format!("# new first line\n{}", TEMPLATE.replace("  ", "    ")));
    let mut report = sample();
    report.findings.retain(|finding| finding.severity == Severity::Warning);
    report.findings[0].primary.place = place(&moved, "BoolIfExists", "true");
    assert!(before.contains(&fingerprints(&report.findings)[0]));
    report.findings[0].primary.place = place(&moved, "BoolIfExists", "Auth");
    assert!(!before.contains(&fingerprints(&report.findings)[0]));
    report.findings.push(report.findings[0].clone());
    let twins = fingerprints(&report.findings);
    assert_ne!(twins[0], twins[1]);
}

#[test]
fn hostile_text_reaches_no_terminal() {
    let evil = "a\u{1b}[2J\u{9b}31m\u{202e}b\r\u{7}";
    let source = Source::file(format!("{evil}.yaml"), format!("Sid: {evil}\n\tAction: {evil}\n"));
    let mut report = sample();
    report.unread.push(Unread { file: evil.to_owned(), reason: evil.to_owned() });
    for finding in &mut report.findings {
        finding.message = evil.to_owned();
        finding.help = evil.to_owned();
        finding.address.path = evil.to_owned();
        finding.primary = label(place(&source, "Sid", "Action"), evil);
    }
    let text = written(&report, "human", PLAIN);
    assert!(
        text.chars().all(|character| character == '\n' || visible(&character.to_string()) == character.to_string())
    );
    insta::assert_snapshot!(text.lines().take(12).collect::<Vec<_>>().join("\n"));
}

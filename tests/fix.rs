//! `--fix` and `--diff` over whole runs: what is written, what is left alone, and that every fix does what it says.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use mfagate::finding::Severity;
use mfagate::iam::verdict::{CallerKind, Enrolment};
use mfagate::report::Report;
use mfagate::{Options, check};
use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mfagate")).current_dir(folder).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A folder with one file in it.
fn folder(name: &str, content: &[u8]) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join(name), content).unwrap();
    folder
}

/// The file after `--fix`, which a second `--fix` leaves alone.
fn fixed(name: &str, content: &[u8]) -> Vec<u8> {
    let folder = folder(name, content);
    let patch = run(folder.path(), &["--diff", name]);
    assert_eq!(fs::read(folder.path().join(name)).unwrap(), content, "`--diff` writes nothing");
    assert!(!patch.stdout.is_empty(), "no fix: {}\n{}", text(&patch.stderr), text(&run(folder.path(), &[name]).stdout));
    run(folder.path(), &["--fix", name]);
    let after = fs::read(folder.path().join(name)).unwrap();
    run(folder.path(), &["--fix", name]);
    assert_eq!(text(&after), text(&fs::read(folder.path().join(name)).unwrap()), "a second run changes something");
    assert_eq!(run(folder.path(), &["--diff", name]).stdout, b"");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "something was left behind");
    after
}

const TRUST: &str = "# Wer darf? – ☂
Resources:
  Ops: # the role
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement:
        - Effect: Allow   # people
          Principal: {AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root'}
          Action: sts:AssumeRole
          Condition:
            # looks right
            BoolIfExists:   {'aws:MultiFactorAuthPresent':   'true'}  # and is not
";

#[test]
fn nothing_is_touched_but_the_word_at_fault() {
    let right = TRUST.replace("BoolIfExists:", "Bool:");
    assert_eq!(text(&fixed("template.yaml", TRUST.as_bytes())), right);
    let windows = TRUST.replace('\n', "\r\n");
    assert_eq!(text(&fixed("template.yaml", windows.as_bytes())), right.replace('\n', "\r\n"));
    let marked = format!("\u{feff}{TRUST}");
    assert_eq!(text(&fixed("template.yaml", marked.as_bytes())), format!("\u{feff}{right}"));
    let unended = TRUST.trim_end();
    assert_eq!(text(&fixed("template.yaml", unended.as_bytes())), right.trim_end());
}

#[test]
fn a_condition_is_added_in_the_manner_of_the_text() {
    let open = TRUST.split("          Condition:").next().unwrap();
    let added = "          Condition:\n            Bool: {'aws:MultiFactorAuthPresent': 'true'}";
    assert_eq!(text(&fixed("t.yaml", open.as_bytes())), format!("{open}{added}\n"));
    let windows = open.replace('\n', "\r\n");
    assert_eq!(text(&fixed("t.yaml", windows.as_bytes())), format!("{open}{added}\n").replace('\n', "\r\n"));
    assert_eq!(text(&fixed("t.yaml", open.trim_end().as_bytes())), format!("{open}{added}"));
}

#[test]
fn a_role_with_another_name_in_each_deployment_is_the_same_role() {
    let before = "\
Parameters:
  Stage: {Type: String, AllowedValues: [dev, prod]}
Conditions: {IsProd: !Equals [!Ref Stage, prod]}
Resources:
  Ops:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Sub '${Stage}-ops'
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          Effect: Allow
          Principal: {AWS: '111122223333'}
          Action: sts:AssumeRole
          Condition: {Bool: {'aws:MultiFactorAuthPresent': !If [IsProd, 'true', 'false']}}
";
    let after = before.replace("!If [IsProd, 'true', 'false']", "'true'");
    assert_eq!(text(&fixed("t.yaml", before.as_bytes())), after);
}

#[test]
fn json_keeps_its_tabs() {
    let before = "{\"Resources\": {\n\t\"Ops\": {\n\t\t\"Type\": \"AWS::IAM::Role\",\n\t\t\"Properties\": {\n\t\t\t\
                  \"AssumeRolePolicyDocument\": {\n\t\t\t\t\"Version\": \"2012-10-17\",\n\t\t\t\t\"Statement\": [{\n\
                  \t\t\t\t\t\"Effect\": \"Allow\",\n\t\t\t\t\t\"Principal\": {\"AWS\": \"111122223333\"},\n\t\t\t\t\t\
                  \"Action\": \"sts:AssumeRole\"\n\t\t\t\t}]\n\t\t\t}\n\t\t}\n\t}\n}}\n";
    let line = "\t\t\t\t\t\"Action\": \"sts:AssumeRole\"";
    let condition = "\t\t\t\t\t\"Condition\": {\"Bool\": {\"aws:MultiFactorAuthPresent\": \"true\"}}";
    let after = before.replace(line, &format!("{line},\n{condition}"));
    assert_eq!(text(&fixed("t.json", before.as_bytes())), after);
    let one_line: String = before.replace(['\n', '\t'], "");
    let after = one_line.replace(
        "\"sts:AssumeRole\"",
        "\"sts:AssumeRole\", \"Condition\": {\"Bool\": {\"aws:MultiFactorAuthPresent\": \"true\"}}",
    );
    assert_eq!(text(&fixed("t.json", one_line.as_bytes())), after);
}

#[test]
fn an_anchor_used_twice_is_put_right_for_both() {
    let before = "Resources:
  A:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: &trust
        Version: 2012-10-17
        Statement:
          Effect: Allow
          Principal: {AWS: '111122223333'}
          Action: sts:AssumeRole
          Condition: &mfa
            BoolIfExists: {'aws:MultiFactorAuthPresent': 'true'}
  B:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: *trust
  C:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement:
          Effect: Allow
          Principal: {AWS: '111122223333'}
          Action: sts:AssumeRole
          Condition: *mfa
";
    assert_eq!(text(&fixed("t.yaml", before.as_bytes())), before.replace("BoolIfExists", "Bool"));
}

#[test]
fn an_anchor_that_somebody_else_needs_as_it_is_is_left_alone() {
    // What asks people for MFA would keep the service out, and the other way round.
    let before = "Resources:
  People:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement:
          - Effect: Allow
            Principal: {AWS: '111122223333'}
            Action: sts:AssumeRole
            Condition: &none
              BoolIfExists: {'aws:MultiFactorAuthPresent': 'true'}
  Machines:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement:
          - Effect: Allow
            Principal: {Service: ec2.amazonaws.com}
            Action: sts:AssumeRole
            Condition: *none
";
    let folder = folder("t.yaml", before.as_bytes());
    run(folder.path(), &["--fix", "t.yaml"]);
    let after = fs::read_to_string(folder.path().join("t.yaml")).unwrap();
    assert!(!text(&run(folder.path(), &["t.yaml"]).stdout).contains("mfa-locks-out"), "{after}");
}

#[test]
fn links_are_not_followed_and_the_file_behind_stays() {
    let folder = folder("real.yaml", TRUST.as_bytes());
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("real.yaml", folder.path().join("link.yaml")).unwrap();
        let output = run(folder.path(), &["--fix", "link.yaml"]);
        assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
        assert!(text(&output.stderr).contains("symbolic link"), "{}", text(&output.stderr));
        assert_eq!(fs::read_to_string(folder.path().join("real.yaml")).unwrap(), TRUST);
    }
}

#[cfg(unix)]
#[test]
fn the_mode_stays_and_a_folder_without_leave_to_write_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder("t.yaml", TRUST.as_bytes());
    let file = folder.path().join("t.yaml");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    run(folder.path(), &["--fix", "t.yaml"]);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn utf_16_is_refused_and_left_as_it_is() {
    let bytes: Vec<u8> = [0xff, 0xfe].into_iter().chain(TRUST.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let folder = folder("t.yaml", &bytes);
    let output = run(folder.path(), &["--fix", "t.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("not UTF-8"), "{}", text(&output.stderr));
    assert_eq!(fs::read(folder.path().join("t.yaml")).unwrap(), bytes);
}

#[test]
fn standard_input_can_only_be_shown() {
    let folder = TempDir::new().unwrap();
    let output = run(folder.path(), &["--fix", "-"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("`--diff`"), "{}", text(&output.stderr));
}

#[test]
fn accepted_findings_are_left_as_they_are() {
    let folder = folder("t.yaml", TRUST.as_bytes());
    let configuration = "waivers:\n  - {rule: role-trust-without-mfa, address: Ops, reason: known}\n  \
                         - {rule: ineffective-mfa-condition, address: Ops, reason: known}\n";
    fs::write(folder.path().join(".mfagate.yaml"), configuration).unwrap();
    run(folder.path(), &["--fix", "t.yaml"]);
    assert_eq!(fs::read_to_string(folder.path().join("t.yaml")).unwrap(), TRUST);
}

#[test]
fn patches_of_several_files_come_in_the_same_order_whatever_the_number_of_cores() {
    let folder = TempDir::new().unwrap();
    for name in ["b.yaml", "a b.yaml", "c.yaml"] {
        fs::write(folder.path().join(name), TRUST).unwrap();
    }
    let first = text(&run(folder.path(), &["--diff"]).stdout);
    let names: Vec<&str> = first.lines().filter_map(|line| line.strip_prefix("+++ b/")).collect();
    assert_eq!(names, ["a b.yaml\t", "b.yaml", "c.yaml"]);
    let alone = Command::new(env!("CARGO_BIN_EXE_mfagate"))
        .current_dir(folder.path())
        .arg("--diff")
        .env("RAYON_NUM_THREADS", "1")
        .output()
        .unwrap();
    assert_eq!(first, text(&alone.stdout));
}

#[test]
fn the_templates_of_the_test_data_get_better_and_never_worse() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/cloudformation");
    let mut fixed = 0;
    let files = walkdir::WalkDir::new(data).sort_by_file_name().into_iter().map(Result::unwrap);
    for path in files.filter(|entry| entry.file_type().is_file()).map(walkdir::DirEntry::into_path) {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let before = fs::read(&path).unwrap();
        let folder = folder(&name, &before);
        let file = folder.path().join(&name);
        let report = report(&file);
        run(folder.path(), &["--fix", &name]);
        let after = fs::read(&file).unwrap();
        if before != after {
            fixed += 1;
            assert_not_worse(&report, &self::report(&file), None, &text(&after));
        }
        run(folder.path(), &["--fix", &name]);
        assert_eq!(after, fs::read(&file).unwrap(), "{name}: a second run changes something");
    }
    assert!(fixed >= 4, "{fixed}");
}

fn report(file: &Path) -> Report {
    check(&Options { fixes: true, ..Options::new(vec![file.to_owned()]) })
}

/// How many findings of each rule there are for each address, and how heavy the heaviest is.
fn counts(report: &Report) -> BTreeMap<(&str, &str), (usize, Severity)> {
    let mut counts = BTreeMap::new();
    for finding in &report.findings {
        let count = counts.entry((finding.rule, finding.address.path.as_str())).or_insert((0, finding.severity));
        *count = (count.0 + 1, count.1.max(finding.severity));
    }
    counts
}

/// Checks what a fix promises, by the report on the fixed text: `gone` is the rule and address that it is for.
fn assert_not_worse(before: &Report, after: &Report, gone: Option<(&str, &str)>, shown: &str) {
    assert!(after.unread.len() <= before.unread.len(), "{:?}\n{shown}", after.unread);
    let (known, counts) = (counts(before), counts(after));
    if let Some(gone) = gone {
        let left = counts.get(&gone).map_or(0, |(count, _)| *count);
        assert!(left < known[&gone].0, "{gone:?} is still there\n{shown}");
    }
    for (key, (count, severity)) in &counts {
        let was = known.get(key);
        let is_new = was.is_none_or(|(was, heaviest)| was < count || heaviest < severity);
        assert!(!is_new || *severity < Severity::Error, "{key:?} is new\n{shown}");
        let grave = key.0.starts_with("mfa-locks-out") || key.0 == "enrolment-blocked";
        assert!(!is_new || !grave, "{key:?} is new\n{shown}");
    }
    for (subject, judgement) in &after.subjects {
        let was = before
            .subjects
            .iter()
            .find(|(was, _)| (&was.address.path, was.kind) == (&subject.address.path, subject.kind));
        let (_, was) = was.unwrap();
        let blocked = |enrolment: &Enrolment| matches!(enrolment, Enrolment::Blocked(_));
        assert!(
            !blocked(&judgement.enrolment) || blocked(&was.enrolment),
            "{} cannot enrol\n{shown}",
            subject.address.path
        );
        for kept_out in judgement.locked_out.iter().filter(|it| it.named || it.caller == CallerKind::MfaSession) {
            let known =
                was.locked_out.iter().any(|it| it.caller == kept_out.caller && it.principal == kept_out.principal);
            assert!(known, "{} is kept out\n{shown}", kept_out.principal);
        }
    }
}

#[test]
fn fixes_of_a_plan_stand_the_check_of_the_document_alone() {
    let plan = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/terraform/roles-in-four-styles/plan.json");
    let report = report(&plan);
    let fixes: Vec<_> = (0..report.findings.len()).filter_map(|at| report.fixes.get(at)).collect();
    assert_eq!(fixes.len(), 2);
    assert!(fixes[0].is(fixes[1]), "both findings have one cause");
    let fixed = &fixes[0].texts[0];
    assert_eq!(fixed.after, fixed.before.text().replace("BoolIfExists", "Bool"));
}

#[test]
fn a_group_of_a_plan_without_a_policy_of_its_own_gets_one() {
    let plan = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/terraform/groups-behind-mfa/plan.json");
    let report = report(&plan);
    let mut findings = report.findings.iter().enumerate();
    let of_auditors = |finding: &mfagate::finding::Finding| finding.address.path == "aws_iam_group.auditors";
    let (at, _) = findings.find(|(_, it)| it.rule == "group-without-mfa" && of_auditors(it)).unwrap();
    let hcl = &report.fixes.get(at).unwrap().texts[0].after;
    assert!(hcl.contains("  group  = aws_iam_group.auditors.name\n"), "{hcl}");
    let policy = hcl.split_once("jsonencode(").unwrap().1.rsplit_once(")\n}").unwrap().0.replace("$${", "${");
    let policy: Value = serde_json::from_str(&policy).unwrap();
    let guarded = json!({"Resources": {"Auditors": {"Type": "AWS::IAM::Group", "Properties": {
        "ManagedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
        "Policies": [{"PolicyName": "mfa", "PolicyDocument": policy}]}}}});
    let folder = folder("t.json", guarded.to_string().as_bytes());
    let report = self::report(&folder.path().join("t.json"));
    assert!(report.findings.iter().all(|finding| finding.severity < Severity::Error), "{:?}", counts(&report));
}

#[test]
fn a_fix_is_shown_below_its_finding() {
    let folder = folder("t.yaml", TRUST.as_bytes());
    let shown = text(&run(folder.path(), &["t.yaml"]).stdout);
    let fix = "  fix for t.yaml:\n    13               # looks right\n    14 -             BoolIfExists:   \
               {'aws:MultiFactorAuthPresent':   'true'}  # and is not\n       +             Bool:   \
               {'aws:MultiFactorAuthPresent':   'true'}  # and is not\n";
    assert_eq!(shown.matches(fix).count(), 1, "{shown}");
    assert_eq!(shown.matches("  fix: the same as for error[ineffective-mfa-condition] Ops\n").count(), 1, "{shown}");
}

#[test]
fn hostile_texts_stay_within_their_lines() {
    let hostile = "x\u{1b}[2J\r\n+++ b/etc/passwd";
    let statement = json!({"Sid": hostile, "Effect": "Allow", "Principal": {"AWS": "111122223333", "Service": hostile},
        "Action": "sts:AssumeRole"});
    let role = json!({"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument":
        {"Version": "2012-10-17", "Statement": statement}}});
    let template = json!({"Resources": {hostile: role}}).to_string();
    let folder = folder("t.json", template.as_bytes());
    for arguments in [["--diff", "t.json"], ["--color=never", "t.json"]] {
        let shown = text(&run(folder.path(), &arguments).stdout);
        assert!(!shown.contains('\u{1b}') && !shown.contains("\n+++ b/etc"), "{shown}");
    }
}

/// Statements as people write them, good and bad.
fn statement(trust: bool) -> impl Strategy<Value = Value> {
    let present = "aws:MultiFactorAuthPresent";
    let condition = prop_oneof![
        3 => Just(None),
        1 => Just(Some(json!({"Bool": {present: "true"}}))),
        1 => Just(Some(json!({"BoolIfExists": {present: "true"}}))),
        1 => Just(Some(json!({"Bool": {present: "false"}}))),
        1 => Just(Some(json!({"BoolIfExists": {present: ["false"]}}))),
        1 => Just(Some(json!({"Null": {present: "false"}}))),
        1 => Just(Some(json!({"Null": {"aws:MultiFactorAuthAge": "true"}}))),
        1 => Just(Some(json!({"NumericGreaterThan": {"aws:MultiFactorAuthAge": "3600"}}))),
        1 => Just(Some(json!({"Bool": {"aws:MFAPresent": "true", "aws:SecureTransport": "true"}}))),
        1 => Just(Some(json!({"StringEquals": {present: "True"}, "Bool": {"aws:SecureTransport": "true"}}))),
    ];
    let effect = prop_oneof![3 => Just("Allow"), 2 => Just("Deny")];
    let actions = prop_oneof![
        Just(json!("*")),
        Just(json!("s3:*")),
        Just(json!(["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices"])),
        Just(json!(["iam:*MFA*", "iam:GetUser"])),
        Just(json!(["iam:DeactivateMFADevice", "iam:EnableMFADevice", "s3:GetObject"])),
    ];
    let resource = prop_oneof![
        3 => Just(json!("*")),
        1 => Just(json!("arn:aws:iam::*:user/${aws:username}")),
        1 => Just(json!(["arn:aws:iam::*:mfa/*", "arn:aws:iam::*:user/*"])),
    ];
    let principal = prop_oneof![
        Just(json!({"AWS": "111122223333"})),
        Just(json!({"AWS": ["111122223333", "arn:aws:iam::111122223333:role/jump"]})),
        Just(json!({"AWS": "arn:aws:iam::111122223333:root", "Service": ["ec2.amazonaws.com"]})),
        Just(json!({"Service": "lambda.amazonaws.com"})),
    ];
    (effect, any::<bool>(), actions, resource, principal, condition).prop_map(
        move |(effect, negated, actions, resource, principal, condition)| {
            let mut statement = if trust {
                json!({"Effect": effect, "Principal": principal, "Action": "sts:AssumeRole"})
            } else {
                let negated = negated && effect == "Deny";
                json!({"Effect": effect, if negated { "NotAction" } else { "Action" }: actions, "Resource": resource})
            };
            if let Some(condition) = condition {
                statement["Condition"] = condition;
            }
            statement
        },
    )
}

fn template() -> impl Strategy<Value = Value> {
    let document = |statements: Vec<Value>| {
        let statements = if statements.len() == 1 { statements[0].clone() } else { Value::Array(statements) };
        json!({"Version": "2012-10-17", "Statement": statements})
    };
    let identity = prop::collection::vec(statement(false), 1..4).prop_map(document);
    let trust = prop::collection::vec(statement(true), 1..3).prop_map(document);
    (identity, trust, 0..3_u8).prop_map(|(identity, trust, kind)| {
        let inline = json!({"Policies": [{"PolicyName": "p", "PolicyDocument": identity.clone()}]});
        let mut resources =
            json!({"Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}});
        resources["Group"] = json!({"Type": "AWS::IAM::Group", "Properties": inline});
        if kind > 0 {
            let managed = json!({"PolicyDocument": identity, "Groups": [{"Ref": "Group"}]});
            resources["Managed"] = json!({"Type": "AWS::IAM::ManagedPolicy", "Properties": managed});
            resources["Group"]["Properties"] = json!({"GroupName": "people"});
        }
        if kind > 1 {
            resources["Managed"]["Properties"]["Roles"] = json!([{"Ref": "Role"}]);
        }
        json!({"Resources": resources})
    })
}

/// JSON as a YAML block, which serializers of JSON do not write.
fn block(value: &Value, indent: usize) -> String {
    let pad = " ".repeat(indent);
    match value {
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| match value {
                Value::Object(_) => format!("{pad}{key}: # {key}\n{}", block(value, indent + 2)),
                Value::Array(items) if items.iter().any(Value::is_object) => {
                    format!("{pad}{key}:\n{}", block(value, indent + 2))
                }
                value => format!("{pad}{key}: {value} # ü\n"),
            })
            .collect(),
        Value::Array(items) => items
            .iter()
            .map(|item| {
                let text = block(item, indent + 2);
                format!("{pad}- {}", &text[indent + 2..])
            })
            .collect(),
        value => format!("{pad}{value}\n"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn every_fix_that_is_shown_stands_a_check_of_its_own((template, manner) in (template(), 0..3_u8)) {
        let text = match manner {
            0 => template.to_string(),
            1 => serde_json::to_string_pretty(&template).unwrap(),
            _ => block(&template, 0),
        };
        let folder = folder("t.yaml", text.as_bytes());
        let file: PathBuf = folder.path().join("t.yaml");
        let before = report(&file);
        for (at, finding) in before.findings.iter().enumerate() {
            let Some(fix) = before.fixes.get(at) else { continue };
            prop_assert_eq!(fix.texts.len(), 1);
            let after = &fix.texts[0].after;
            fs::write(&file, after).unwrap();
            let shown = format!("{text}\n{after}");
            assert_not_worse(&before, &report(&file), Some((finding.rule, finding.address.path.as_str())), &shown);
        }
        fs::write(&file, &text).unwrap();
        let (_, files) = mfagate::fixed(&Options::new(vec![file.clone()]));
        for fixed in &files {
            fixed.write().unwrap();
        }
        let after = report(&file);
        assert_not_worse(&before, &after, None, &fs::read_to_string(&file).unwrap());
        prop_assert!((0..after.findings.len()).all(|at| after.fixes.get(at).is_none()), "{}", fs::read_to_string(&file).unwrap());
    }
}

#[test]
fn a_report_says_for_how_many_findings_no_fix_was_looked_for() {
    let roles =
        (0..110).map(|at| TRUST.split_once("Resources:\n").unwrap().1.replace("  Ops:", &format!("  Ops{at}:")));
    let template = format!("Resources:\n{}", roles.collect::<String>());
    let folder = folder("t.yaml", template.as_bytes());
    let shown = text(&run(folder.path(), &["t.yaml"]).stdout);
    let findings = shown.lines().filter(|line| line.starts_with("error[")).count();
    assert!(findings > 100, "{findings}");
    assert_eq!(shown.matches("\n  fix").count(), 100);
    assert!(shown.contains(&format!("no fix was looked for of {} findings: that would take too long", findings - 100)));
    // Asked for, everything is put right.
    assert_eq!(run(folder.path(), &["--fix", "t.yaml"]).status.code(), Some(0));
}

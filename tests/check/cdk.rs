//! Cloud assemblies of CDK: each stack judged as one, resources named by their constructs, nothing read outside the folder.

use std::fs;
use std::path::Path;

use mfagate::report::{Outcome, Report};

use crate::runs::{finding, report, testdata, verdicts, write};

fn reasons(report: &Report) -> Vec<String> {
    report.unread.iter().map(|unread| unread.reason.clone()).collect()
}

/// In the order of reports: by the template of each stack, then by address.
const PEOPLE: [&str; 9] = [
    "People/Team/Resource group enforced",
    "People/Roles/Auditor/Resource role-trust bypassable",
    "People/Roles/Operator/Resource role-trust enforced",
    "People/Roles/Reports/Resource managed-policy enforced",
    "Production/Access/Deploy/Resource role-trust enforced",
    "Production/Access/Team/Resource group enforced",
    "Production/Access/Roles/Auditor/Resource role-trust bypassable",
    "Production/Access/Roles/Operator/Resource role-trust enforced",
    "Production/Access/Roles/Reports/Resource managed-policy enforced",
];

#[test]
fn stacks_stages_and_nested_stacks_are_judged_together() {
    for path in ["people/cdk.out", "people", "people/cdk.out/manifest.json"] {
        let report = report(testdata("cdk").join(path));
        assert_eq!(reasons(&report), [""; 0]);
        assert_eq!(verdicts(&report), PEOPLE, "{path}");
        assert_eq!(report.files, 4, "{path}");
    }
    // The asset of the function, notes of CDK and, around the folder, the app itself.
    assert_eq!(report(testdata("cdk/people/cdk.out")).passed_over, 5);
    assert_eq!(report(testdata("cdk/people")).passed_over, 7);
    assert_eq!(verdicts(&report(testdata("cdk/people/cdk.out/assembly-Production"))), PEOPLE[4..]);
}

#[test]
fn a_template_given_alone_keeps_its_logical_ids() {
    let report = report(testdata("cdk/people/cdk.out/PeopleRolesB8426BA8.nested.template.json"));
    assert!(verdicts(&report).contains(&"AuditorB9A7BEA8 role-trust bypassable".to_owned()));
}

#[test]
fn findings_show_the_line_of_the_app() {
    let report = report(testdata("cdk/people"));
    let found = finding(&report, "role-trust-without-mfa", "People/Roles/Auditor/Resource");
    assert!(found.primary.place.in_file().source.name().ends_with("PeopleRolesB8426BA8.nested.template.json"));
    let made = found.related.last().unwrap();
    assert_eq!(made.place.text(), "new iam.Role(this, 'Auditor', { assumedBy: people });");
    assert!(made.place.source.name().ends_with("people/app.js"), "{}", made.place.source.name());
}

#[test]
fn where_the_app_is_not_there_its_line_is_told() {
    let folder = tempfile::tempdir().unwrap();
    copy(&testdata("cdk/people/cdk.out"), &folder.path().join("cdk.out"));
    let report = report(folder.path());
    let found = finding(&report, "role-trust-without-mfa", "People/Roles/Auditor/Resource");
    assert!(found.help.ends_with("; the app makes the resource at `/srv/people/app.js:15:5`"), "{}", found.help);
    assert!(found.related.iter().all(|label| !label.place.source.name().ends_with(".js")));
}

#[test]
fn paths_in_templates_do_as_well_as_those_in_the_manifest() {
    let expected = ["Access/Guarded/Group/Resource group enforced", "Access/Open/Group/Resource group bypassable"];
    let report = report(testdata("cdk/departments"));
    assert_eq!(reasons(&report), [""; 0]);
    let verdicts = verdicts(&report);
    for expected in expected {
        assert!(verdicts.contains(&expected.to_owned()), "{verdicts:?}");
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

const OPEN_ROLE: &str = r#"{"Resources": {"Ops1A2B": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}}}}}}"#;

/// An assembly with these artifacts, beside a file that nothing in it may lead to.
fn assembly(artifacts: &str, files: &[(&str, &str)]) -> Report {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("cdk.out");
    fs::create_dir(&root).unwrap();
    fs::write(folder.path().join("secret.json"), OPEN_ROLE).unwrap();
    fs::write(root.join("manifest.json"), format!(r#"{{"version": "36.0.0", "artifacts": {{{artifacts}}}}}"#)).unwrap();
    write(&root, files);
    report(root)
}

fn stack(name: &str, file: &str, more: &str) -> String {
    format!(
        r#""{name}": {{"type": "aws:cloudformation:stack", "properties": {{"templateFile": "{file}"{more}}}, "environment": "aws://111122223333/eu-west-1"}}"#
    )
}

#[test]
fn resources_that_nothing_is_noted_of_are_named_below_their_stack() {
    let report = assembly(&stack("App", "a.json", ""), &[("a.json", OPEN_ROLE)]);
    assert_eq!(verdicts(&report), ["App/Ops1A2B role-trust bypassable"]);
}

#[test]
fn a_template_that_the_manifest_does_not_name_is_left_over() {
    let report = assembly(&stack("App", "a.json", ""), &[("a.json", OPEN_ROLE), ("old.template.json", OPEN_ROLE)]);
    assert_eq!((verdicts(&report).len(), report.files, report.passed_over), (1, 1, 1));
}

#[test]
fn account_region_and_parameters_of_the_app_are_settled() {
    let template = r#"
Parameters: {Mfa: {Type: String, AllowedValues: ['true', 'false'], Default: 'false'}}
Conditions: {Here: !And [!Equals [!Ref AWS::AccountId, '111122223333'], !Equals [!Ref AWS::Region, eu-west-1]]}
Resources:
  Ops:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          Effect: Allow
          Principal: {AWS: '111122223333'}
          Action: sts:AssumeRole
          Condition: !If [Here, {Bool: {'aws:MultiFactorAuthPresent': !Ref Mfa}}, !Ref AWS::NoValue]
"#;
    let artifact = stack("App", "a.yaml", r#", "parameters": {"Mfa": "true"}"#);
    assert_eq!(verdicts(&assembly(&artifact, &[("a.yaml", template)])), ["App/Ops role-trust enforced"]);
}

#[test]
fn no_path_leads_out_of_the_folder() {
    for path in ["../secret.json", "x/../../secret.json", "/etc/hostname", "./../secret.json"] {
        let report = assembly(&stack("App", path, ""), &[]);
        let expected = format!(
            "is the manifest of a CDK cloud assembly that cannot be followed in all: `App`: the path `{path}` leads \
             out of the folder; run `cdk synth` again and check the folder that it writes"
        );
        assert_eq!(reasons(&report), [expected]);
        assert_eq!(report.outcome(), Outcome::Incomplete);
        assert!(report.subjects.is_empty());
    }
    let nested = r#""Stage": {"type": "cdk:cloud-assembly", "properties": {"directoryName": ".."}}"#;
    assert!(reasons(&assembly(nested, &[]))[0].contains("the path `..` leads out of the folder"));
}

#[test]
fn an_assembly_that_contains_itself_is_refused() {
    let nested = r#""Stage": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "inner"}}"#;
    let back = r#"{"version": "1", "artifacts": {"S": {"type": "cdk:cloud-assembly", "properties": {"directoryName": ".."}}}}"#;
    let report = assembly(nested, &[("inner/manifest.json", back)]);
    assert!(
        reasons(&report)[0].contains("`S`: the folder `..` is the one that it stands in"),
        "{:?}",
        reasons(&report)
    );
}

#[test]
fn assemblies_that_stand_too_deeply_are_refused() {
    let nested = r#""S": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "s"}}"#;
    let manifest = format!(r#"{{"version": "1", "artifacts": {{{nested}}}}}"#);
    let names: Vec<String> = (1..12).map(|depth| format!("{}manifest.json", "s/".repeat(depth))).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), manifest.as_str())).collect();
    assert!(reasons(&assembly(nested, &files))[0].contains("`S`: assemblies stand too deeply in each other"));
}

#[test]
fn what_the_manifest_names_and_is_not_there_or_no_template_is_told() {
    let artifacts = [stack("A", "a.json", ""), stack("B", "b.json", ""), stack("C", "c.json", "")].join(",");
    let report = assembly(&artifacts, &[("b.json", "{"), ("c.json", OPEN_ROLE)]);
    let reasons = reasons(&report);
    assert_eq!(reasons[0], "cannot be read: there is no such file or folder");
    assert!(reasons[1].starts_with("cannot be parsed: "), "{reasons:?}");
    assert_eq!(verdicts(&report), ["C/Ops1A2B role-trust bypassable"]);
}

#[test]
fn a_trace_leads_to_no_file_outside_the_project() {
    let metadata = |file: &str| {
        format!(
            r#", "x": 1}}, "metadata": {{"/App/Ops/Resource": [{{"type": "aws:cdk:logicalId", "data": "Ops1A2B", "trace": ["new App ({file}:1:1)"]}}], "y": [{{"x": 1}}]"#
        )
    };
    for file in ["/etc/passwd", "../../../../../../../../etc/passwd"] {
        let report = assembly(&stack("App", "a.json", &metadata(file)), &[("a.json", OPEN_ROLE)]);
        let found = finding(&report, "role-trust-without-mfa", "App/Ops/Resource");
        assert!(found.help.ends_with(&format!("at `{file}:1:1`")), "{}", found.help);
    }
}

#[test]
fn other_manifests_make_no_assembly() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("manifest.json"), r#"{"version": 3, "artifacts": {"a": {"type": "zip"}}}"#).unwrap();
    fs::write(folder.path().join("a.template.json"), OPEN_ROLE).unwrap();
    assert_eq!(verdicts(&report(folder.path())), ["Ops1A2B role-trust bypassable"]);
}

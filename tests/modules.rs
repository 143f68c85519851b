//! Modules of the CloudFormation registry, and local ones: evaluated where they are used, or named.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use mfagate::finding::Finding;
use mfagate::iam::verdict::Verdict;
use mfagate::report::Report;
use mfagate::{Options, check};

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// The report on files, whatever could not be read among them.
fn unchecked(files: &[(&str, &str)]) -> Report {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), files);
    check(&Options::new(vec![folder.path().to_owned()]))
}

fn report(files: &[(&str, &str)]) -> Report {
    let report = unchecked(files);
    assert_eq!(report.unread, []);
    report
}

/// Every subject that MFA matters to, with its verdict.
fn verdicts(report: &Report) -> Vec<String> {
    let verdict = |verdict: &Verdict| match verdict {
        Verdict::Enforced => Some("enforced"),
        Verdict::Bypassable(_) => Some("bypassable"),
        Verdict::Unproven(_) => Some("unproven"),
        Verdict::NotApplicable => None,
    };
    let subjects = report.subjects.iter().filter_map(|(subject, judgement)| {
        Some(format!("{} {} {}", subject.address.path, subject.kind.name(), verdict(&judgement.verdict)?))
    });
    subjects.collect()
}

fn found<'r>(report: &'r Report, rule: &str) -> Vec<&'r Finding> {
    report.findings.iter().filter(|finding| finding.rule == rule).collect()
}

/// The reasons why something is not followed, each after the text that is underlined.
fn not_followed(report: &Report) -> Vec<(&str, &str)> {
    let found = found(report, "not-followed").into_iter();
    found
        .map(|it| (it.primary.place.text(), it.message.split_once(" is not checked: ").map_or("", |(_, why)| why)))
        .collect()
}

/// What `cfn init` writes.
const PROJECT: &str = r#"{"artifact_type": "MODULE", "typeName": "Example::People::Team::MODULE", "settings": {}}"#;

/// A group with a policy, a managed policy to attach, and a role; what guards them is a parameter.
const TEAM: &str = "
AWSTemplateFormatVersion: '2010-09-09'
Parameters:
  Mfa: {Type: String, Default: 'false', AllowedValues: ['true', 'false']}
  Extra: {Type: String, Default: arn:aws:iam::aws:policy/ReadOnlyAccess}
Conditions:
  Asks: !Equals [!Ref Mfa, 'true']
Resources:
  Group:
    Type: AWS::IAM::Group
    Properties:
      ManagedPolicyArns: [!Ref Extra]
  Guard:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          Effect: Deny
          Action: '*'
          Resource: '*'
          Condition: {BoolIfExists: {'aws:MultiFactorAuthPresent': 'false'}}
  Ops:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          Effect: Allow
          Principal: {AWS: '111122223333'}
          Action: sts:AssumeRole
          Condition: !If [Asks, {Bool: {'aws:MultiFactorAuthPresent': 'true'}}, !Ref AWS::NoValue]
Outputs:
  Guard: {Value: !Ref Guard}
";

/// A template that uses the module under the name `People`, with these properties and further resources.
fn user(properties: &str, resources: &str) -> String {
    format!(
        "
Parameters: {{Stage: {{Type: String, Default: prod}}}}
Conditions: {{IsProd: !Equals [!Ref Stage, prod]}}
Resources:
  People:
    Type: Example::People::Team::MODULE
    Properties: {properties}
{resources}"
    )
}

fn with_team(main: &str) -> Report {
    report(&[("main.yaml", main), ("team/.rpdk-config", PROJECT), ("team/fragments/team.yaml", TEAM)])
}

#[test]
fn a_module_is_judged_with_what_is_passed_to_it() {
    let open = with_team(&user("{}", ""));
    assert_eq!(
        verdicts(&open),
        ["People/Group group bypassable", "People/Guard managed-policy enforced", "People/Ops role-trust bypassable"]
    );
    assert_eq!((not_followed(&open), open.files), (vec![], 2));
    let found = found(&open, "role-trust-without-mfa")[0];
    let place = found.primary.place.in_file();
    assert!(place.source.name().ends_with("team/fragments/team.yaml"));
    assert!(place.text().starts_with("Effect: Allow\n          Principal: {AWS"), "{}", place.text());
    assert!(found.address.input.ends_with("main.yaml"));
    assert!(
        found.help.contains("the version of `Example::People::Team::MODULE` that is the default of the registry"),
        "{}",
        found.help
    );
    let guarded = with_team(&user("{Mfa: 'true', Extra: arn:aws:iam::aws:policy/job-function/Billing}", ""));
    assert!(verdicts(&guarded).contains(&"People/Ops role-trust enforced".to_owned()));
}

#[test]
fn what_the_template_leaves_open_is_open_in_the_module() {
    let open = with_team(&user("{Mfa: !If [IsProd, 'true', 'false']}", ""));
    let found = found(&open, "role-trust-without-mfa")[0];
    assert!(found.message.starts_with("when `IsProd` is false, "), "{}", found.message);
    // A module is held to no constraints of its parameters, and has the default of what it is not given.
    assert_eq!(verdicts(&with_team(&user("{Mfa: 'no'}", ""))), verdicts(&with_team(&user("{}", ""))));
    let default = found_in_default(&with_team(&user("{}", "")));
    assert!(!default.starts_with("when "), "{default}");
}

fn found_in_default(report: &Report) -> String {
    found(report, "role-trust-without-mfa")[0].message.clone()
}

#[test]
fn the_condition_of_a_module_is_that_of_all_in_it() {
    let module =
        user("{Mfa: !If [IsProd, 'true', 'false']}", "").replace("    Type: Ex", "    Condition: IsProd\n    Type: Ex");
    let verdicts = verdicts(&with_team(&module));
    assert!(verdicts.contains(&"People/Ops role-trust enforced".to_owned()), "{verdicts:?}");
}

/// A policy that allows everything to a group under this name.
fn access(group: &str) -> String {
    format!(
        "
  Access:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: access
      Groups: [{group}]
      PolicyDocument:
        Version: '2012-10-17'
        Statement: {{Effect: Allow, Action: s3:*, Resource: '*'}}
"
    )
}

#[test]
fn a_template_refers_to_what_is_in_a_module() {
    for name in ["People.Group", "PeopleGroup"] {
        for reference in [format!("!Ref {name}"), format!("!Sub '${{{name}}}'")] {
            let report = with_team(&user("{}", &access(&reference)));
            let (group, _) = &report.subjects[0];
            let policies: Vec<_> = group.policies.iter().map(|it| it.policy.address.path.as_str()).collect();
            assert_eq!(group.address.path, "People/Group");
            assert!(policies.contains(&"Access"), "{reference}: {policies:?}");
        }
    }
    let admins = |guard: &str| {
        user(
            "{}",
            &format!(
                "
  Admins:
    Type: AWS::IAM::Group
    Properties: {{ManagedPolicyArns: [arn:aws:iam::aws:policy/AdministratorAccess, {guard}]}}
"
            ),
        )
    };
    for guard in
        ["!Ref People.Guard", "!Ref PeopleGuard", "!GetAtt People.Guard.PolicyArn", "!GetAtt PeopleGuard.PolicyArn"]
    {
        assert_eq!(verdicts(&with_team(&admins(guard)))[0], "Admins group enforced", "{guard}");
    }
    let lists = [
        "{'Fn::GetAtt': [People, Guard.PolicyArn]}",
        "{'Fn::GetAtt': [People.Guard, PolicyArn]}",
        "!GetAtt People.Guard",
    ];
    for guard in lists.iter().chain(&["{'Fn::GetAtt': [PeopleGuard, PolicyArn]}", "!Sub '${People.Guard.PolicyArn}'"]) {
        assert_eq!(verdicts(&with_team(&admins(guard)))[0], "Admins group enforced", "{guard}");
    }
    let wrong = verdicts(&with_team(&admins("!Ref People.Gard")));
    assert_eq!(wrong[0], "Admins group unproven");
}

#[test]
fn what_is_passed_to_a_module_is_tied_to_what_is_in_it() {
    let guarded = user(
        "{Extra: !Ref Guard}",
        "
  Guard:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          Effect: Allow
          Action: s3:*
          Resource: '*'
          Condition: {Bool: {'aws:MultiFactorAuthPresent': 'true'}}
",
    );
    let report = with_team(&guarded);
    assert!(verdicts(&report).contains(&"People/Group group enforced".to_owned()), "{:?}", verdicts(&report));
}

#[test]
fn a_policy_that_names_a_group_of_a_module_is_attached_to_it() {
    let team = TEAM.replace("      ManagedPolicyArns: [!Ref Extra]", "      GroupName: people");
    let main = user("{}", &access("people"));
    let report = report(&[("main.yaml", &main), ("team/.rpdk-config", PROJECT), ("team/fragments/team.yaml", &team)]);
    assert!(verdicts(&report).contains(&"People/Group group bypassable".to_owned()), "{:?}", verdicts(&report));
}

#[test]
fn modules_stand_in_modules() {
    let outer = "
Parameters: {Strict: {Type: String}}
Resources:
  Inner: {Type: 'Example::People::Team::MODULE', Properties: {Mfa: !Ref Strict, Extra: !Ref Own}}
  Own:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      Groups: [!Ref Inner.Group]
      PolicyDocument: {Version: '2012-10-17', Statement: {Effect: Allow, Action: 's3:*', Resource: '*'}}
";
    let project = PROJECT.replace("Team", "Department");
    let main = "
Resources:
  All: {Type: 'Example::People::Department::MODULE', Properties: {Strict: 'true'}}
  Guarded: {Type: AWS::IAM::User, Properties: {ManagedPolicyArns: [!Ref AllInnerGuard], Groups: [!Ref All.Inner.Group]}}
  Again: {Type: AWS::IAM::User, Properties: {ManagedPolicyArns: [!GetAtt All.Inner.Guard.PolicyArn], Groups: [!Sub '${AllInnerGroup}']}}
";
    let report = report(&[
        ("main.yaml", main),
        ("modules/department/.rpdk-config", &project),
        ("modules/department/fragments/deep/department.yaml", outer),
        ("modules/team/.rpdk-config", PROJECT),
        ("modules/team/fragments/team.json.template", TEAM),
    ]);
    let expected = [
        "Again user enforced",
        "Guarded user enforced",
        "All/Inner/Group group bypassable",
        "All/Inner/Guard managed-policy enforced",
        "All/Inner/Ops role-trust enforced",
    ];
    assert_eq!(verdicts(&report), expected);
    let (group, _) = report.subjects.iter().find(|(subject, _)| subject.address.path == "All/Inner/Group").unwrap();
    assert!(group.policies.iter().all(|it| it.policy.address.path == "All/Own"), "{:?}", group.policies);
    assert_eq!(not_followed(&report), []);
}

#[test]
fn a_module_that_nobody_uses_is_checked_by_itself() {
    let report = report(&[("team/.rpdk-config", PROJECT), ("team/fragments/team.yaml", TEAM)]);
    assert!(verdicts(&report).contains(&"Ops role-trust bypassable".to_owned()), "{:?}", verdicts(&report));
    assert!(!found(&report, "role-trust-without-mfa")[0].help.contains("registry"));
}

#[test]
fn files_that_are_named_know_their_project_too() {
    let folder = tempfile::tempdir().unwrap();
    let main = user("{Mfa: 'true'}", "");
    write(folder.path(), &[("main.yaml", &main), ("team/.rpdk-config", PROJECT), ("team/fragments/a/team.yaml", TEAM)]);
    let paths = ["main.yaml", "team/fragments/a/team.yaml"].map(|name| folder.path().join(name));
    let report = check(&Options::new(paths.to_vec()));
    assert!(verdicts(&report).contains(&"People/Ops role-trust enforced".to_owned()), "{:?}", verdicts(&report));
    let alone = check(&Options::new(vec![folder.path().join("main.yaml")]));
    assert_eq!(not_followed(&alone)[0].0, "People");
}

#[test]
fn a_template_without_a_project_is_no_module() {
    let main = user("{}", &access("!Ref People.Group"));
    let report = report(&[("main.yaml", &main), ("team/fragments/team.yaml", TEAM)]);
    let expected = "`Example::People::Team::MODULE` is a module of the registry, and none of the files that are checked lies \
                    in the `fragments` of a project whose `.rpdk-config` names it";
    assert_eq!(not_followed(&report), [("People", expected)]);
    // What is tied to it is not known, and not silently left out.
    let reasons = found(&report, "mfa-unproven").iter().map(|it| it.message.clone()).collect::<Vec<_>>().join("; ");
    assert!(reasons.contains("is in a module that is not followed"), "{reasons}");
}

#[test]
fn a_type_that_several_projects_name_is_not_chosen_among() {
    let main = user("{}", "");
    let files = [
        ("main.yaml", main.as_str()),
        ("one/.rpdk-config", PROJECT),
        ("one/fragments/team.yaml", TEAM),
        ("two/.rpdk-config", PROJECT),
        ("two/fragments/team.yaml", TEAM),
    ];
    let report = report(&files);
    let (name, reason) = not_followed(&report)[0];
    assert_eq!(name, "People");
    assert!(reason.contains("several of the files are the template: `"), "{reason}");
    assert!(reason.contains("one/fragments/team.yaml`, `") && reason.ends_with("two/fragments/team.yaml`"), "{reason}");
    // Both are still checked.
    let trusts = found(&report, "role-trust-without-mfa").len();
    assert_eq!(trusts, 2);
}

#[test]
fn projects_that_say_no_module_are_unread_and_others_are_none() {
    let main = user("{}", "");
    let with = |project: &str| {
        unchecked(&[("main.yaml", &main), ("team/.rpdk-config", project), ("team/fragments/team.yaml", TEAM)])
    };
    let cases = [
        ("{\"artifact_type\": \"MODULE\"}", "and does not say which module that is: it has no `typeName`; give it"),
        (
            "{\"artifact_type\": \"MODULE\", \"typeName\": \"Example::People::Team\"}",
            "and does not say which module that is: its `typeName` is `Example::People::Team`; give it",
        ),
        ("{\"artifact_type\": \"MODULE\", \"typeName\": ", "cannot be parsed: "),
        ("\0\u{1}\0\u{2}", ""),
        ("[]", ""),
    ];
    for (project, expected) in cases {
        let report = with(project);
        assert_eq!(not_followed(&report).len(), 1, "{project}");
        match (report.unread.as_slice(), expected) {
            ([], "") => assert_eq!(project, "[]"),
            ([only], expected) => {
                assert!(only.file.ends_with("team/.rpdk-config"), "{}", only.file);
                assert!(only.reason.contains(expected), "{}", only.reason);
            }
            (unread, _) => panic!("{project}: {unread:?}"),
        }
    }
    let hook = with("{\"artifact_type\": \"HOOK\", \"typeName\": \"Example::People::Team\"}");
    assert_eq!((hook.unread.len(), not_followed(&hook).len()), (0, 1));
}

#[test]
fn modules_that_use_themselves_are_named() {
    let own =
        TEAM.replace("Outputs:", "  Own: {Type: 'Example::People::Team::MODULE', Properties: {Mfa: 'true'}}\nOutputs:");
    let files =
        [("main.yaml", user("{}", "")), ("team/.rpdk-config", PROJECT.to_owned()), ("team/fragments/t.yaml", own)];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let of_itself = report(&files);
    let (name, reason) = not_followed(&of_itself)[0];
    assert_eq!(name, "Own");
    assert!(
        reason.starts_with("the module in `") && reason.ends_with("team/fragments/t.yaml` uses itself"),
        "{reason}"
    );
    assert!(verdicts(&of_itself).contains(&"People/Ops role-trust bypassable".to_owned()));
}

#[test]
fn modules_that_multiply_come_to_an_end() {
    use std::fmt::Write as _;
    let projects: Vec<String> = (0..6).map(|level| PROJECT.replace("Team", &format!("Level{level}"))).collect();
    let level = |next: usize| {
        let mut text =
            "Parameters: {Name: {Type: String, Default: x}}\nResources:\n  Team: {Type: AWS::IAM::Group}\n".to_owned();
        for nth in 0..40 {
            let name = format!("!Sub '${{M{}Team}}'", (nth + 1) % 40);
            writeln!(text, "  M{nth}: {{Type: 'Example::People::Level{next}::MODULE', Properties: {{Name: {name}}}}}")
                .unwrap();
        }
        text
    };
    let mut files = vec![("main.yaml".to_owned(), level(0))];
    for (nth, project) in projects.iter().enumerate() {
        files.push((format!("{nth}/.rpdk-config"), project.clone()));
        files.push((format!("{nth}/fragments/m.yaml"), level(nth + 1)));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let report = report(&files);
    assert!(not_followed(&report).iter().any(|(_, reason)| reason.contains("too many stacks and modules")));
}

/// The same as a file that a local module names.
const LOCAL: &str = "
Modules:
  People:
    Source: ./modules/team.yaml
    Properties: {Mfa: 'true', Extra: !Ref Guard}
Resources:
  Again:
    Type: LocalModule
    Source: modules/team.yaml
  Guard:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      Groups: [!Ref AgainGroup]
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          Effect: Allow
          Action: s3:*
          Resource: '*'
          Condition: {Bool: {'aws:MultiFactorAuthPresent': 'true'}}
  Admins:
    Type: AWS::IAM::Group
    Properties: {ManagedPolicyArns: [arn:aws:iam::aws:policy/AdministratorAccess, !GetAtt People.Guard]}
";

#[test]
fn local_modules_are_judged_where_they_are_used() {
    let report = report(&[("main.yaml", LOCAL), ("modules/team.yaml", TEAM)]);
    let expected = [
        "Admins group enforced",
        "Again/Group group bypassable",
        "Again/Guard managed-policy enforced",
        "Again/Ops role-trust bypassable",
        "Guard managed-policy enforced",
        "People/Group group enforced",
        "People/Guard managed-policy enforced",
        "People/Ops role-trust enforced",
    ];
    let mut found = verdicts(&report);
    found.sort();
    assert_eq!(found, expected);
    // The file beside is read where only the template is given.
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[("main.yaml", LOCAL), ("modules/team.yaml", TEAM)]);
    let report = check(&Options::new(vec![folder.path().join("main.yaml")]));
    assert_eq!((report.files, not_followed(&report)), (2, vec![]));
}

#[test]
fn local_modules_that_are_not_followed_are_named() {
    let main = "
Modules:
  Elsewhere: {Source: 'https://example.com/team.yaml'}
  Changed: {Source: team.yaml, Overrides: {Group: {Properties: {GroupName: g}}}}
  Many: {Source: team.yaml, ForEach: 'a,b'}
";
    let report = report(&[("main.yaml", main), ("team.yaml", "Resources: {T: {Type: AWS::SNS::Topic}}")]);
    let expected = [
        (
            "Elsewhere",
            "it is a local module, and its `Source` `https://example.com/team.yaml` is none of the files that are checked",
        ),
        ("Changed", "it is a local module with `Overrides`, which only the tool that puts it in knows"),
        ("Many", "it is a local module with `ForEach`, which only the tool that puts it in knows"),
    ];
    assert_eq!(not_followed(&report), expected);
}

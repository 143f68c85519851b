//! Which module a template is, and modules that are not followed: local ones with more to them, those of no project or of
//! several, those that use themselves.

use crate::runs::{findings, of_files, verdicts, write};
use crate::teams::*;
use mfagate::{Options, check};

#[test]
fn a_module_that_nobody_uses_is_checked_by_itself() {
    let report = of_files(&[("team/.rpdk-config", PROJECT), ("team/fragments/team.yaml", TEAM)]);
    assert!(verdicts(&report).contains(&"Ops role-trust bypassable".to_owned()), "{:?}", verdicts(&report));
    assert!(!findings(&report, "role-trust-without-mfa")[0].help.contains("registry"));
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
    let report = of_files(&[("main.yaml", &main), ("team/fragments/team.yaml", TEAM)]);
    let expected = "`Example::People::Team::MODULE` is a module of the registry, and none of the files that are checked lies \
                    in the `fragments` of a project whose `.rpdk-config` names it";
    assert_eq!(not_followed(&report), [("People", expected)]);
    // What is tied to it is not known, and not silently left out.
    let reasons = findings(&report, "mfa-unproven").iter().map(|it| it.message.clone()).collect::<Vec<_>>().join("; ");
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
    let report = of_files(&files);
    let (name, reason) = not_followed(&report)[0];
    assert_eq!(name, "People");
    assert!(reason.contains("several of the files are the template: `"), "{reason}");
    assert!(reason.contains("one/fragments/team.yaml`, `") && reason.ends_with("two/fragments/team.yaml`"), "{reason}");
    // Both are still checked.
    let trusts = findings(&report, "role-trust-without-mfa").len();
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
    let bare = with("{\"typeName\": \"Example::People::Team::MODULE\"}");
    assert_eq!((bare.unread.len(), not_followed(&bare).len()), (0, 0));
}

#[test]
fn modules_that_use_themselves_are_named() {
    let own =
        TEAM.replace("Outputs:", "  Own: {Type: 'Example::People::Team::MODULE', Properties: {Mfa: 'true'}}\nOutputs:");
    let files =
        [("main.yaml", user("{}", "")), ("team/.rpdk-config", PROJECT.to_owned()), ("team/fragments/t.yaml", own)];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let of_itself = of_files(&files);
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
    let report = of_files(&files);
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
    let report = of_files(&[("main.yaml", LOCAL), ("modules/team.yaml", TEAM)]);
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
  Itself: {Source: main.yaml}
  Nowhere: {Properties: {Name: n}}
  Wherever: {Source: !ImportValue there}
";
    let report = of_files(&[("main.yaml", main), ("team.yaml", "Resources: {T: {Type: AWS::SNS::Topic}}")]);
    let itself = format!("the module in `{}` uses itself", report.findings[0].address.input);
    let expected = [
        (
            "Elsewhere",
            "it is a local module, and its `Source` `https://example.com/team.yaml` is none of the files that are checked",
        ),
        ("Changed", "it is a local module with `Overrides`, which only the tool that puts it in knows"),
        ("Many", "it is a local module with `ForEach`, which only the tool that puts it in knows"),
        ("Itself", &itself),
        ("Nowhere", "it is a local module that does not name its template"),
        ("Wherever", "it is a local module whose `Source` is not known before the deployment"),
    ];
    assert_eq!(not_followed(&report), expected);
}

//! Modules of the CloudFormation registry: evaluated where they are used.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::runs::{findings, of_files, verdicts, write};
use crate::teams::*;
use mfagate::report::Report;
use mfagate::{Options, check};

/// The report on a template beside the module.
fn with_team(main: &str) -> Report {
    of_files(&[("main.yaml", main), ("team/.rpdk-config", PROJECT), ("team/fragments/team.yaml", TEAM)])
}

#[test]
fn a_module_is_judged_with_what_is_passed_to_it() {
    let open = with_team(&user("{}", ""));
    assert_eq!(
        verdicts(&open),
        ["People/Group group bypassable", "People/Guard managed-policy enforced", "People/Ops role-trust bypassable"]
    );
    assert_eq!((not_followed(&open), open.files), (vec![], 2));
    let found = findings(&open, "role-trust-without-mfa")[0];
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
fn projects_as_they_are_laid_out() {
    let report = check(&Options::new(vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/modules")]));
    assert_eq!((report.files, report.unread.len(), not_followed(&report)), (3, 0, vec![]));
    let expected = [
        "Engineers/Group group enforced",
        "Engineers/Operator role-trust enforced",
        "Guests/Group group bypassable",
        "Guests/Operator role-trust enforced",
    ];
    assert_eq!(verdicts(&report), expected);
    let group = findings(&report, "group-without-mfa")[0];
    assert!(group.message.starts_with("when `Guests/Gate/IsStrict` is false, "), "{}", group.message);
    assert_eq!(group.primary.place.text(), r#""aws:MultiFactorAuthPresent": "false""#);
    assert!(group.primary.place.in_file().source.name().ends_with("gate/fragments/gate.json"));
    assert!(group.related.iter().any(|label| label.place.text() == "!Ref Reads"), "{:?}", group.related);
    let (guests, _) = report.subjects.iter().find(|(subject, _)| subject.address.path == "Guests/Group").unwrap();
    let policies: Vec<_> = guests.policies.iter().map(|it| it.policy.address.path.as_str()).collect();
    assert!(policies.contains(&"Uploads") && policies.contains(&"Guests/Gate/Guard"), "{policies:?}");
    // Who assumes the role comes from one that asks for MFA.
    assert!(!report.findings.iter().any(|finding| finding.address.path == "Auditor"));
}

#[test]
fn what_the_template_leaves_open_is_open_in_the_module() {
    let open = with_team(&user("{Mfa: !If [IsProd, 'true', 'false']}", ""));
    let trust = findings(&open, "role-trust-without-mfa")[0];
    assert!(trust.message.starts_with("when `IsProd` is false, "), "{}", trust.message);
    // A module is held to no constraints of its parameters, and has the default of what it is not given.
    assert_eq!(verdicts(&with_team(&user("{Mfa: 'no'}", ""))), verdicts(&with_team(&user("{}", ""))));
    let default = with_team(&user("{}", ""));
    let message = &findings(&default, "role-trust-without-mfa")[0].message;
    assert!(!message.starts_with("when "), "{message}");
}

#[test]
fn the_condition_of_a_module_is_that_of_all_in_it() {
    let module =
        user("{Mfa: !If [IsProd, 'true', 'false']}", "").replace("    Type: Ex", "    Condition: IsProd\n    Type: Ex");
    let verdicts = verdicts(&with_team(&module));
    assert!(verdicts.contains(&"People/Ops role-trust enforced".to_owned()), "{verdicts:?}");
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
    assert!(wrong[0].starts_with("Admins group unproven: "), "{wrong:?}");
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
    let report = of_files(&[("main.yaml", &main), ("team/.rpdk-config", PROJECT), ("team/fragments/team.yaml", &team)]);
    assert!(verdicts(&report).contains(&"People/Group group bypassable".to_owned()), "{:?}", verdicts(&report));
}

#[test]
fn what_a_module_says_of_its_account_is_said_of_the_template() {
    let own = "Action: 'iam:*', Resource: 'arn:aws:iam::111122223333:user/${aws:username}'";
    let team = TEAM.replace(
        "          Action: '*'\n          Resource: '*'",
        &format!("          {}", own.replace(", R", "\n          R")),
    );
    let role = "
  Root:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          Effect: Allow
          Principal: {AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root'}
          Action: sts:AssumeRole
";
    let main = user("{}", role);
    let report = of_files(&[("main.yaml", &main), ("team/.rpdk-config", PROJECT), ("team/fragments/team.yaml", &team)]);
    let root = report.findings.iter().find(|finding| finding.address.path == "Root").unwrap();
    assert!(root.help.contains("the account is taken to be 111122223333"), "{}", root.help);
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
    let report = of_files(&[
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
fn stacks_and_other_templates_get_at_what_is_in_a_module() {
    let project = [("team/.rpdk-config", PROJECT), ("team/fragments/team.yaml", TEAM)];
    let child = user("{}", "Outputs: {Team: {Value: !Ref People.Group, Export: {Name: team}}}");
    // CloudFormation makes the outputs of a module outputs of the template.
    let main = "
Resources:
  Nested: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml}}
  Admins:
    Type: AWS::IAM::Group
    Properties:
      ManagedPolicyArns: [arn:aws:iam::aws:policy/AdministratorAccess, !GetAtt Nested.Outputs.PeopleGuard]
";
    let other = format!("Resources:\n{}", access("!ImportValue team"));
    let files = [project[0], project[1], ("child.yaml", &child), ("main.yaml", main), ("other.yaml", &other)];
    let report = of_files(&files);
    assert!(verdicts(&report).contains(&"Admins group enforced".to_owned()), "{:?}", verdicts(&report));
    let (group, _) = report.subjects.iter().find(|(subject, _)| subject.address.path == "Nested/People/Group").unwrap();
    assert!(group.policies.iter().any(|it| it.policy.address.path == "Access"), "{:?}", group.policies);
}

#[test]
fn stacks_of_an_assembly_use_modules() {
    let manifest = r#"{"version": "36.0.0", "artifacts": {"App": {
        "type": "aws:cloudformation:stack", "properties": {"templateFile": "App.template.json"}}}}"#;
    let template =
        r#"{"Resources": {"People": {"Type": "Example::People::Team::MODULE", "Properties": {"Mfa": "true"}}}}"#;
    let report = of_files(&[
        ("cdk.out/manifest.json", manifest),
        ("cdk.out/App.template.json", template),
        ("team/.rpdk-config", PROJECT),
        ("team/fragments/team.yaml", TEAM),
    ]);
    let expected = [
        "App/People/Group group bypassable",
        "App/People/Guard managed-policy enforced",
        "App/People/Ops role-trust enforced",
    ];
    assert_eq!(verdicts(&report), expected);
}

#[test]
fn what_is_waived_or_put_right_in_a_module_is_its_template() {
    let waiver = "          # mfagate: allow role-trust-without-mfa - asks elsewhere\n          Effect: Allow\n          Principal";
    let team = TEAM.replace("          Effect: Allow\n          Principal", waiver);
    let main = user("{}", "");
    let files =
        |team| [("main.yaml", main.as_str()), ("team/.rpdk-config", PROJECT), ("team/fragments/team.yaml", team)];
    let waived = of_files(&files(&team));
    assert_eq!(findings(&waived, "role-trust-without-mfa").len(), 0);
    assert_eq!(waived.set_aside.waived[0].finding.address.path, "People/Ops");

    let team = "
Parameters: {People: {Type: String}}
Resources:
  Ops:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          Effect: Allow
          Principal: {AWS: !Ref People}
          Action: sts:AssumeRole
          Condition: {BoolIfExists: {'aws:MultiFactorAuthPresent': 'true'}}
";
    let main = user("{People: '111122223333'}", "");
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[("main.yaml", &main), ("team/.rpdk-config", PROJECT), ("team/fragments/team.yaml", team)]);
    let fixed =
        Command::new(env!("CARGO_BIN_EXE_mfagate")).args(["check", "--fix"]).arg(folder.path()).output().unwrap();
    let after = fs::read_to_string(folder.path().join("team/fragments/team.yaml")).unwrap();
    assert!(after.contains("Condition: {Bool: {'aws:Multi"), "{after}\n{}", String::from_utf8_lossy(&fixed.stderr));
}

#[test]
fn keys_that_stand_twice_in_a_module_are_told_once() {
    let team = TEAM.replace("Outputs:", "  Ops: {Type: AWS::SNS::Topic}\nOutputs:");
    let main = user("{}", "  Again: {Type: 'Example::People::Team::MODULE'}");
    let report = of_files(&[("main.yaml", &main), ("team/.rpdk-config", PROJECT), ("team/fragments/team.yaml", &team)]);
    assert_eq!(findings(&report, "duplicate-key").len(), 1);
}

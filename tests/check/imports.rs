//! Templates of one run that import what others of them export.

use mfagate::report::Report;

use crate::runs::{of_files, report, testdata, verdicts};

/// A stack with a group and a managed policy that guards it, which it exports.
const GROUPS: &str = "
Resources:
  Team: {Type: AWS::IAM::Group}
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
  Jump:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement: {Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: sts:AssumeRole}
Outputs:
  Team: {Value: !Ref Team, Export: {Name: people-Team}}
  Guard: {Value: !Ref Guard, Export: {Name: !Sub 'people-${AWS::Region}-Guard'}}
  Jump: {Value: !GetAtt Jump.Arn, Export: {Name: people-Jump}}
";

/// A stack that attaches a policy to a group under this name.
fn access(group: &str) -> String {
    format!(
        "
Resources:
  Team: {{Type: AWS::IAM::Group}}
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
fn a_group_of_another_stack_carries_what_is_attached_to_it() {
    let report = of_files(&[("access.yaml", &access("!ImportValue people-Team")), ("groups.yaml", GROUPS)]);
    assert_eq!(verdicts(&report), ["Guard managed-policy enforced", "Team group bypassable"]);
    let group = report.subjects.iter().find(|(subject, _)| {
        matches!(&*subject.address.path, "Team") && subject.address.input.ends_with("groups.yaml")
    });
    assert_eq!(group.unwrap().0.policies[0].policy.address.path, "Access");
}

#[test]
fn a_managed_policy_of_another_stack_guards() {
    let access = "
Resources:
  Admins:
    Type: AWS::IAM::Group
    Properties:
      ManagedPolicyArns:
        - arn:aws:iam::aws:policy/AdministratorAccess
        - !ImportValue {'Fn::Sub': 'people-${AWS::Region}-Guard'}
";
    let report = of_files(&[("access.yaml", access), ("groups.yaml", GROUPS)]);
    assert_eq!(verdicts(&report)[0], "Admins group enforced");
}

#[test]
fn a_role_that_is_imported_is_a_role_to_a_trust_policy() {
    let access = "
Resources:
  Ops:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          Effect: Allow
          Principal: {AWS: !ImportValue people-Jump}
          Action: sts:AssumeRole
";
    let with = of_files(&[("access.yaml", access), ("groups.yaml", GROUPS)]);
    assert_eq!(verdicts(&with), ["Guard managed-policy enforced"]);
    let without = of_files(&[("access.yaml", access)]);
    let reason = verdicts(&without);
    assert!(reason[0].starts_with("Ops role-trust unproven: "), "{reason:?}");
    assert!(reason[0].contains("`Fn::ImportValue people-Jump` is imported from another stack"), "{reason:?}");
}

#[test]
fn names_with_parameters_match_where_they_are_settled_or_written_alike() {
    let exported = |name: &str| GROUPS.replace("people-Team", name);
    let with_stage = |text: &str, stage: &str| format!("Parameters: {{Stage: {{Type: String{stage}}}}}\n{text}");
    let import = access("!ImportValue {'Fn::Sub': '${Stage}-Team'}");
    let team = |report: Report| {
        let found = verdicts(&report);
        assert_eq!(found.len(), 2, "{found:?}");
        found.into_iter().find(|it| it.contains(" group ")).unwrap()
    };
    let export = with_stage(&exported("!Sub '${Stage}-Team'"), "");
    let alike = of_files(&[("access.yaml", &with_stage(&import, "")), ("groups.yaml", &export)]);
    assert_eq!(team(alike), "Team group bypassable");
    let settled = with_stage(&import, ", Default: prod");
    let settled = of_files(&[("access.yaml", &settled), ("groups.yaml", &exported("prod-Team"))]);
    assert_eq!(team(settled), "Team group bypassable");
    let several = ", Default: prod, AllowedValues: [prod, dev]";
    let export = with_stage(&exported("!Sub '${Stage}-Team'"), several);
    let each = of_files(&[("access.yaml", &with_stage(&import, several)), ("groups.yaml", &export)]);
    assert_eq!(team(each), "Team group bypassable");
    // The name of a stack is another one in each.
    let import = access("!ImportValue {'Fn::Sub': '${AWS::StackName}-Team'}");
    let own = of_files(&[("access.yaml", &import), ("groups.yaml", &exported("!Sub '${AWS::StackName}-Team'"))]);
    assert!(team(own).starts_with("Access group unproven: "));
}

#[test]
fn what_none_or_several_export_is_unknown_and_named() {
    let import = access("!ImportValue people-Team");
    let none = verdicts(&of_files(&[("access.yaml", &import)]));
    let expected = "Access group unproven: a policy that decides here is not known: `Fn::ImportValue people-Team` is imported \
                    from another stack, so what else";
    assert!(none[0].starts_with(expected), "{none:?}");
    let several = of_files(&[("access.yaml", &import), ("groups.yaml", GROUPS), ("more.yaml", GROUPS)]);
    let several = verdicts(&several);
    let expected = "Access group unproven: a policy that decides here is not known: `Fn::ImportValue people-Team` is imported \
                    from another stack, and several of the templates here export that name, so what else";
    assert!(several[0].starts_with(expected), "{several:?}");
    // Its own output is no other stack's.
    let own = format!("{import}Outputs: {{X: {{Value: !Ref Team, Export: {{Name: people-Team}}}}}}\n");
    let own = verdicts(&of_files(&[("access.yaml", &own)]));
    assert!(own[0].starts_with("Access group unproven: "), "{own:?}");
}

#[test]
fn a_stack_within_another_one_exports_and_imports() {
    let outer = "
Resources:
  People: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: groups.yaml}}
";
    let import = access("!ImportValue people-Team");
    let found = of_files(&[("access.yaml", &import), ("groups.yaml", GROUPS), ("main.yaml", outer)]);
    assert_eq!(verdicts(&found), ["People/Guard managed-policy enforced", "People/Team group bypassable"]);
    let outer = "
Resources:
  Access: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: access.yaml}}
";
    let found = of_files(&[("access.yaml", &import), ("groups.yaml", GROUPS), ("main.yaml", outer)]);
    assert_eq!(verdicts(&found), ["Guard managed-policy enforced", "Team group bypassable"]);
}

/// A stack that exports under one name what it imports under another.
fn middle(from: &str, to: &str) -> String {
    format!(
        "
Resources: {{Topic: {{Type: AWS::SNS::Topic}}}}
Outputs: {{Again: {{Value: !ImportValue {from}, Export: {{Name: {to}}}}}}}
"
    )
}

#[test]
fn an_import_may_be_handed_on() {
    let names: Vec<String> = (0..9).map(|nth| format!("step-{nth}")).collect();
    let chain = |length: usize| {
        let mut files = vec![("groups.yaml".to_owned(), GROUPS.to_owned())];
        let mut from = "people-Team";
        for name in &names[..length] {
            // In the order of the files, each comes before the one that it imports from.
            files.push((format!("{}.yaml", 9 - files.len()), middle(from, name)));
            from = name;
        }
        files.push(("access.yaml".to_owned(), access(&format!("!ImportValue {from}"))));
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        verdicts(&of_files(&files))
    };
    for length in [1, 2, 8] {
        assert_eq!(chain(length), ["Guard managed-policy enforced", "Team group bypassable"], "{length}");
    }
    assert!(chain(9)[0].contains("is imported from another stack"), "{:?}", chain(9));
}

#[test]
fn imports_of_each_other_stay_open() {
    let (one, other) = (middle("b", "a"), middle("a", "b"));
    let files = [("access.yaml", &*access("!ImportValue a")), ("one.yaml", &*one), ("other.yaml", &*other)];
    let found = verdicts(&of_files(&files));
    assert!(found[0].starts_with("Access group unproven: "), "{found:?}");
    assert!(found[0].contains("is imported from another stack"), "{found:?}");
}

#[test]
fn cloud_assemblies_tie_their_stacks() {
    let found = verdicts(&report(testdata("cdk/departments")));
    assert!(found.contains(&"Groups/Readers/Resource group enforced".to_owned()), "{found:?}");
    assert!(!found.iter().any(|it| it.contains("unproven")), "{found:?}");
}

const CONDITIONAL: &str = "
Parameters: {Strict: {Type: String, AllowedValues: ['yes', 'no'], Default: 'yes'}}
Conditions: {IsStrict: !Equals [!Ref Strict, 'yes']}
Resources:
  Access:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: access
      Groups: [!ImportValue people-Team]
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          Effect: Allow
          Action: s3:*
          Resource: '*'
          Condition: !If [IsStrict, {Bool: {'aws:MultiFactorAuthPresent': 'true'}}, !Ref AWS::NoValue]
";

#[test]
fn what_depends_on_the_deployment_of_one_stack_is_judged_with_the_group_of_the_other() {
    let found = of_files(&[("access.yaml", CONDITIONAL), ("groups.yaml", GROUPS)]);
    assert_eq!(verdicts(&found), ["Guard managed-policy enforced", "Team group bypassable"]);
    let finding = found.findings.iter().find(|finding| finding.rule == "group-without-mfa").unwrap();
    assert!(finding.message.starts_with("when `IsStrict` is false, "), "{}", finding.message);
    assert!(finding.address.input.ends_with("groups.yaml"));
}

#[test]
fn a_group_that_others_need_where_it_is_stays() {
    let member = "  Eve: {Type: AWS::IAM::User, Properties: {Groups: [!Ref Team]}}\nOutputs:";
    let found = of_files(&[("access.yaml", CONDITIONAL), ("groups.yaml", &GROUPS.replace("Outputs:", member))]);
    let found = verdicts(&found);
    assert!(found[0].starts_with("Access group unproven: "), "{found:?}");
}

//! What a deployment settles is settled for all of a template: for text, conditions, mappings and names alike, whichever asks
//! first.

use mfagate::extract::Settings;
use mfagate::finding::Severity;
use mfagate::{Options, check};

use crate::deployments::{GROUP_GUARD, GUARD, RULE, given, messages, report, role, verdict};
use crate::runs::folder;

#[test]
fn text_and_conditions_agree_on_a_parameter_whichever_stands_first() {
    let sections = "
Parameters: {Mfa: {Type: String, Default: 'true'}}
Conditions: {Asks: !Equals [!Ref Mfa, 'true'], Never: !Equals [!Ref Mfa, 'false']}";
    let value = "Bool: {'aws:MultiFactorAuthPresent': !Ref Mfa}";
    let by = |condition: &str| {
        format!("StringEquals: !If [{condition}, {{'aws:PrincipalTag/a': b}}, {{'aws:PrincipalTag/a': c}}]")
    };
    for condition in [format!("{{{value}, {}}}", by("Asks")), format!("{{{}, {value}}}", by("Asks"))] {
        let found = report(&role(sections, &condition), Settings::default());
        assert_eq!(verdict(&found, "Ops", "role-trust"), "unproven", "{condition}");
        assert_eq!(messages(&found, "mfa-unproven"), [(Severity::Error, "when `Asks` is false")], "{condition}");
    }
    for condition in [format!("{{{value}, {}}}", by("Never")), format!("{{{}, {value}}}", by("Never"))] {
        let found = report(&role(sections, &condition), Settings::default());
        assert_eq!(verdict(&found, "Ops", "role-trust"), "bypassable", "{condition}");
        assert_eq!(messages(&found, RULE), [(Severity::Error, "when `Never` is true")], "{condition}");
    }
}

#[test]
fn names_are_those_of_the_deployment_that_conditions_asked_later_make() {
    let text = "
Parameters: {Stage: {Type: String, Default: dev}}
Conditions: {IsProd: !Equals [!Ref Stage, prod]}
Resources:
  Team:
    Type: AWS::IAM::Group
    Properties:
      GroupName: !Sub '${Stage}-team'
      Policies:
        - PolicyName: access
          PolicyDocument:
            Version: '2012-10-17'
            Statement:
              - {Effect: Allow, Action: 'ec2:*', Resource: '*'}
              - !If [IsProd, {Effect: Allow, Action: 's3:*', Resource: '*'}, !Ref AWS::NoValue]
  Guard:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: guard
      Groups: [!Sub '${Stage}-team']
      PolicyDocument:
        Version: '2012-10-17'
        Statement: GUARD
";
    let text = text.replace("GUARD", GROUP_GUARD);
    assert_eq!(verdict(&report(&text, Settings::default()), "Team", "group"), "enforced");
    let elsewhere = text.replace("Groups: [!Sub '${Stage}-team']", "Groups: [dev-team]");
    let found = report(&elsewhere, Settings::default());
    assert_eq!(messages(&found, "group-without-mfa"), [(Severity::Error, "when `IsProd` is true")]);
}

#[test]
fn groups_of_one_name_that_are_never_there_together_are_told_apart() {
    let group = |id: &str, condition: &str| {
        format!(
            "
  {id}:
    Type: AWS::IAM::Group
    Condition: {condition}
    Properties:
      GroupName: team
      Policies:
        - PolicyName: access
          PolicyDocument: {{Version: '2012-10-17', Statement: {{Effect: Allow, Action: 'ec2:*', Resource: '*'}}}}"
        )
    };
    let text = format!(
        "
Parameters: {{Stage: {{Type: String}}}}
Conditions: {{IsProd: !Equals [!Ref Stage, prod], IsNot: !Not [!Condition IsProd]}}
Resources:{}{}
  Guard:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: guard
      Groups: [team]
      PolicyDocument:
        Version: '2012-10-17'
        Statement: {GROUP_GUARD}
",
        group("One", "IsProd"),
        group("Other", "IsNot")
    );
    let found = report(&text, Settings::default());
    assert_eq!([verdict(&found, "One", "group"), verdict(&found, "Other", "group")], ["enforced"; 2]);
    let elsewhere = report(&text.replace("Groups: [team]", "Groups: [teams]"), Settings::default());
    assert_eq!([verdict(&elsewhere, "One", "group"), verdict(&elsewhere, "Other", "group")], ["bypassable"; 2]);
}

#[test]
fn a_list_that_a_condition_has_found_to_hold_something_is_not_empty() {
    for test in ["!Join ['', !Ref Others]", "!Join [',', !Ref Others]", "!Select [0, !Ref Others]"] {
        let sections = format!(
            "
Parameters: {{Others: {{Type: CommaDelimitedList, Default: ''}}}}
Conditions: {{HasOthers: !Not [!Equals [{test}, '']]}}"
        );
        let text = role(&sections, GUARD).replace("'111122223333'", "!If [HasOthers, !Ref Others, '111122223333']");
        let found = report(&text, Settings::default());
        assert_eq!(verdict(&found, "Ops", "role-trust"), "enforced", "{test}");
        assert!(found.findings.is_empty(), "{test}");
        let open = text.replace("          Condition:", "          #");
        let found = report(&open.replace("'111122223333'", "!Ref AWS::AccountId"), Settings::default());
        assert_eq!(messages(&found, "mfa-unproven").len(), 1, "{test}");
        assert_eq!(messages(&report(&open, given("Others", "444455556666")), RULE).len(), 1, "{test}");
    }
}

#[test]
fn expressions_that_are_the_same_parameter_are_one_variable() {
    for same in ["!Sub '${Stage}'", "!Join ['', [!Ref Stage]]", "!Select [0, [!Ref Stage]]", "!Ref Stage"] {
        let sections = format!(
            "
Parameters: {{Stage: {{Type: String}}}}
Conditions: {{IsProd: !Equals [!Ref Stage, prod], IsProdToo: !Equals [{same}, prod]}}"
        );
        for (first, second) in [("IsProd", "IsProdToo"), ("IsProdToo", "IsProd")] {
            let condition = format!("!If [{first}, !If [{second}, {GUARD}, !Ref AWS::NoValue], {GUARD}]");
            let found = report(&role(&sections, &condition), Settings::default());
            assert_eq!(verdict(&found, "Ops", "role-trust"), "enforced", "{same} {first}");
        }
    }
}

#[test]
fn parameters_that_are_equal_have_one_value() {
    let sections = "
Parameters: {A: {Type: String}, B: {Type: String}}
Conditions: {Same: !Equals [!Ref A, !Ref B], IsA: !Equals [!Ref A, x], IsB: !Equals [!Ref B, x]}";
    let verdict_of = |condition: &str| {
        let text = role(sections, &condition.replace("GUARD", GUARD).replace("OPEN", "!Ref AWS::NoValue"));
        verdict(&report(&text, Settings::default()), "Ops", "role-trust")
    };
    for never in [
        "!If [Same, GUARD, !If [IsA, !If [IsB, OPEN, GUARD], GUARD]]",
        "!If [Same, !If [IsA, !If [IsB, GUARD, OPEN], GUARD], GUARD]",
        "!If [IsA, GUARD, !If [Same, !If [IsB, OPEN, GUARD], GUARD]]",
        "!If [IsA, !If [IsB, !If [Same, GUARD, OPEN], GUARD], GUARD]",
        "!If [IsA, !If [Same, !If [IsB, GUARD, OPEN], GUARD], GUARD]",
    ] {
        assert_eq!(verdict_of(never), "enforced", "{never}");
    }
    for sometimes in [
        "!If [Same, GUARD, !If [IsA, OPEN, GUARD]]",
        "!If [Same, !If [IsB, GUARD, OPEN], GUARD]",
        "!If [IsA, GUARD, !If [IsB, OPEN, GUARD]]",
    ] {
        assert_eq!(verdict_of(sometimes), "bypassable", "{sometimes}");
    }
}

#[test]
fn a_mapping_provides_for_each_of_its_rows() {
    let sections = "
Parameters: {Stage: {Type: String, Default: prod}}
Mappings: {Stages: {prod: {Mfa: 'true'}, dev: {Mfa: 'false'}, xprod: {Mfa: 'true'}}}
Conditions: {IsProd: !Equals [!Ref Stage, prod]}";
    let lookup = |key: &str| format!("{{Bool: {{'aws:MultiFactorAuthPresent': !FindInMap [Stages, {key}, Mfa]}}}}");
    let found = report(&role(sections, &lookup("!Ref Stage")), Settings::default());
    assert_eq!(messages(&found, RULE), [(Severity::Error, "when `Stage` is dev")]);
    let found =
        report(&role(sections, &format!("!If [IsProd, {}, {GUARD}]", lookup("!Ref Stage"))), Settings::default());
    assert_eq!(verdict(&found, "Ops", "role-trust"), "enforced");
    // What a key is only made of is looked up with its default.
    for made in ["!Sub 'x${Stage}'", "!Select [0, !Ref Stages]", "!Select [0, !Split ['-', !Sub '${Stage}-x']]"] {
        let sections =
            sections.replace("Parameters: {", "Parameters: {Stages: {Type: CommaDelimitedList, Default: 'prod,x'}, ");
        let found = report(&role(&sections, &lookup(made)), Settings::default());
        assert_eq!(verdict(&found, "Ops", "role-trust"), "enforced", "{made}");
    }
    let folder = folder(&[
        ("role.yaml", &role(sections, &lookup("!Ref Stage"))),
        (
            "template.yaml",
            "
Parameters: {Kind: {Type: String, Default: prod}}
Resources:
  Roles: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: role.yaml, Parameters: {Stage: !Ref Kind}}}
",
        ),
    ]);
    let found = check(&Options::new(vec![folder.path().to_owned()]));
    assert_eq!(messages(&found, RULE), [(Severity::Error, "when `Kind` is dev")]);
}

#[test]
fn what_is_excluded_for_one_of_two_equal_parameters_is_for_the_other() {
    let text = |first: &str, second: &str, third: &str| {
        let statement = |account: &str| {
            format!("{{Effect: Allow, Principal: {{AWS: '{account}'}}, Action: 'sts:AssumeRole', Condition: {GUARD}}}")
        };
        let open = "{Effect: Allow, Principal: {AWS: '444444444444'}, Action: 'sts:AssumeRole'}";
        let (one, two) = (statement("111122223333"), statement("222222222222"));
        format!(
            "
Parameters: {{P: {{Type: String}}, Q: {{Type: String}}}}
Conditions:
  Same: !Equals [!Ref P, !Ref Q]
  PIsX: !Equals [!Ref P, x]
  QIsX: !Equals [!Ref Q, x]
Resources:
  Ops:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - {one}
          - !If [{first}, !Ref AWS::NoValue, {two}]
          - !If [{second}, {two}, !Ref AWS::NoValue]
          - !If [{third}, {open}, !Ref AWS::NoValue]
"
        )
    };
    for (first, second, third, is_open) in [
        // The same value is x for both.
        ("QIsX", "Same", "PIsX", "when `QIsX` is true and `Same` is true"),
        ("PIsX", "Same", "QIsX", "when `PIsX` is true and `Same` is true"),
    ] {
        let found = report(&text(first, second, third), Settings::default());
        assert_eq!(messages(&found, RULE), [(Severity::Error, is_open)], "{first} {second} {third}");
    }
    // Two equal values are not one x and one not.
    for first in ["PIsX", "QIsX"] {
        let text = text(first, "Same", "Never");
        let never = "  Never: !And [!Condition Same, !Not [!Condition QIsX], !Condition PIsX]\nResources:";
        let found = report(&text.replace("Resources:", never), Settings::default());
        assert_eq!(verdict(&found, "Ops", "role-trust"), "enforced", "{first}");
    }
}

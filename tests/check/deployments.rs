//! Templates that differ between deployments: which deployment fails is said, and none that cannot be.

use std::collections::HashMap;

use mfagate::extract::Settings;
use mfagate::finding::Severity;
use mfagate::report::Report;
use mfagate::{Options, check};

use crate::runs::{findings, folder, judgement};

pub(crate) fn report(text: &str, settings: Settings) -> Report {
    let folder = folder(&[("template.yaml", text)]);
    let report = check(&Options { settings, ..Options::new(vec![folder.path().to_owned()]) });
    assert_eq!(report.unread, []);
    report
}

pub(crate) fn verdict(report: &Report, address: &str, kind: &str) -> &'static str {
    judgement(report, address, kind).verdict.name()
}

/// The beginnings of the messages of a rule's findings, up to the first comma.
pub(crate) fn messages<'r>(report: &'r Report, rule: &str) -> Vec<(Severity, &'r str)> {
    let found = findings(report, rule).into_iter();
    found.map(|finding| (finding.severity, finding.message.split(',').next().unwrap_or_default())).collect()
}

pub(crate) fn given(name: &str, value: &str) -> Settings {
    Settings { parameters: HashMap::from([(name.to_owned(), value.to_owned())]), ..Settings::default() }
}

/// A role whose trust policy asks for MFA under a condition, beside these parameters and conditions.
pub(crate) fn role(sections: &str, condition: &str) -> String {
    format!(
        "
{sections}
Resources:
  Ops:
    Type: AWS::IAM::Role
    Properties:
      RoleName: ops
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          Effect: Allow
          Principal: {{AWS: '111122223333'}}
          Action: sts:AssumeRole
          Condition: {condition}
"
    )
}

pub(crate) const GUARD: &str = "{Bool: {'aws:MultiFactorAuthPresent': 'true'}}";

/// A Deny for groups that leaves what enrolling the first device takes.
pub(crate) const GROUP_GUARD: &str = "{Effect: Deny, NotAction: ['iam:CreateVirtualMFADevice', 'iam:EnableMFADevice', \
                                      'iam:ListMFADevices'], Resource: '*', Condition: {BoolIfExists: \
                                      {'aws:MultiFactorAuthPresent': 'false'}}}";

pub(crate) const RULE: &str = "role-trust-without-mfa";

#[test]
fn a_guard_behind_a_condition_names_the_deployment_that_fails() {
    let sections = "
Parameters: {Stage: {Type: String, Default: prod}}
Conditions: {IsProd: !Equals [!Ref Stage, prod]}";
    let text = role(sections, &format!("!If [IsProd, {GUARD}, !Ref AWS::NoValue]"));
    let report_of = |settings| report(&text, settings);
    let open = report_of(Settings::default());
    assert_eq!(verdict(&open, "Ops", "role-trust"), "bypassable");
    assert_eq!(messages(&open, RULE), [(Severity::Error, "when `IsProd` is false")]);
    let prod = report_of(given("Stage", "prod"));
    assert_eq!(verdict(&prod, "Ops", "role-trust"), "enforced");
    assert!(messages(&prod, RULE).is_empty());
    let dev = report_of(given("Stage", "dev"));
    let [(Severity::Error, message)] = messages(&dev, RULE)[..] else { panic!("one finding") };
    assert!(message.starts_with("role `ops` lets people in"), "{message}");
}

#[test]
fn branches_that_cannot_be_are_not_reported() {
    // The open branch needs a stage that is both.
    let sections = "
Parameters: {Stage: {Type: String}}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsDev: !Equals [dev, !Ref Stage]
  Both: !And [!Condition IsProd, !Condition IsDev]
  Neither: !Not [!Or [!Condition IsProd, !Condition IsDev]]";
    let both = role(sections, &format!("!If [Both, !Ref AWS::NoValue, {GUARD}]"));
    assert_eq!(verdict(&report(&both, Settings::default()), "Ops", "role-trust"), "enforced");
    let nested = role(sections, &format!("!If [IsProd, !If [IsDev, !Ref AWS::NoValue, {GUARD}], {GUARD}]"));
    assert_eq!(verdict(&report(&nested, Settings::default()), "Ops", "role-trust"), "enforced");
    let neither = role(sections, &format!("!If [Neither, !Ref AWS::NoValue, {GUARD}]"));
    let found = report(&neither, Settings::default());
    assert_eq!(messages(&found, RULE), [(Severity::Error, "when `Neither` is true")]);
}

#[test]
fn values_that_the_template_does_not_allow_cannot_be() {
    let sections = "
Parameters: {Stage: {Type: String, AllowedValues: [prod, dev]}}
Conditions: {IsProd: !Equals [!Ref Stage, prod], IsDev: !Equals [!Ref Stage, dev], IsTest: !Equals [!Ref Stage, test]}";
    let test = role(sections, &format!("!If [IsTest, !Ref AWS::NoValue, {GUARD}]"));
    assert_eq!(verdict(&report(&test, Settings::default()), "Ops", "role-trust"), "enforced");
    let rest = role(sections, &format!("!If [IsProd, {GUARD}, !If [IsDev, {GUARD}, !Ref AWS::NoValue]]"));
    assert_eq!(verdict(&report(&rest, Settings::default()), "Ops", "role-trust"), "enforced");
}

#[test]
fn a_parameter_in_the_guard_has_each_of_its_values() {
    let guard = "{Bool: {'aws:MultiFactorAuthPresent': !Ref Mfa}}";
    let without_default = role("Parameters: {Mfa: {Type: String, AllowedValues: ['true', 'false']}}", guard);
    let found = report(&without_default, Settings::default());
    assert_eq!(verdict(&found, "Ops", "role-trust"), "bypassable");
    assert_eq!(messages(&found, RULE), [(Severity::Error, "when `Mfa` is `false`")]);
    // Who changes the default is warned; the template as it is asks for MFA.
    let sections = "Parameters: {Mfa: {Type: String, Default: 'true', AllowedValues: ['true', 'false']}}";
    let with_default = role(sections, guard);
    let found = report(&with_default, Settings::default());
    assert_eq!(verdict(&found, "Ops", "role-trust"), "enforced");
    assert_eq!(messages(&found, RULE), [(Severity::Warning, "when `Mfa` is `false`")]);
    let found = report(&with_default, given("Mfa", "false"));
    assert_eq!(verdict(&found, "Ops", "role-trust"), "bypassable");
}

#[test]
fn what_a_mapping_or_a_condition_provides_for_is_no_departure() {
    let stages = "Parameters: {Stage: {Type: String, Default: prod, AllowedValues: [prod, dev]}}";
    let mapped = format!("{stages}\nMappings: {{Stages: {{prod: {{Mfa: 'true'}}, dev: {{Mfa: 'false'}}}}}}");
    let lookup = |key: &str| format!("{{Bool: {{'aws:MultiFactorAuthPresent': !FindInMap [Stages, {key}, Mfa]}}}}");
    for key in ["!Ref Stage", "!Sub '${Stage}'", "!Join ['', [!Ref Stage]]", "!Select [0, [!Ref Stage]]"] {
        let found = report(&role(&mapped, &lookup(key)), Settings::default());
        assert_eq!(verdict(&found, "Ops", "role-trust"), "bypassable", "{key}");
        assert_eq!(messages(&found, RULE), [(Severity::Error, "when `Stage` is `dev`")], "{key}");
    }
    // A condition on the parameter provides for its values wherever else they are put.
    let sections = "
Parameters: {Mfa: {Type: String, Default: 'true', AllowedValues: ['true', 'false']}}
Conditions: {Asks: !Equals [!Ref Mfa, 'true']}";
    let condition = "{Bool: {'aws:MultiFactorAuthPresent': !Ref Mfa}, StringEquals: !If [Asks, {'aws:PrincipalTag/a': b}, {'aws:PrincipalTag/a': c}]}";
    let found = report(&role(sections, condition), Settings::default());
    assert_eq!(verdict(&found, "Ops", "role-trust"), "bypassable");
    assert_eq!(messages(&found, RULE), [(Severity::Error, "when `Mfa` is `false`")]);
    // One that nothing is decided by provides for nothing.
    let unused = condition
        .replace("!If [Asks, {'aws:PrincipalTag/a': b}, {'aws:PrincipalTag/a': c}]", "{'aws:PrincipalTag/a': b}");
    let found = report(&role(sections, &unused), Settings::default());
    assert_eq!(messages(&found, RULE), [(Severity::Warning, "when `Mfa` is `false`")]);
}

#[test]
fn a_mapping_by_account_provides_for_its_rows() {
    let sections = "Mappings: {Accounts: {'111122223333': {Mfa: 'true'}, '444455556666': {Mfa: 'false'}}}";
    let condition = "{Bool: {'aws:MultiFactorAuthPresent': !FindInMap [Accounts, !Ref AWS::AccountId, Mfa]}}";
    let text = role(sections, condition);
    let found = report(&text, Settings::default());
    assert_eq!(messages(&found, RULE), [(Severity::Error, "when the account is not 111122223333")]);
}

#[test]
fn resources_exist_under_their_conditions() {
    let text = "
Parameters: {Stage: {Type: String}}
Conditions: {IsProd: !Equals [!Ref Stage, prod]}
Resources:
  Guard:
    Type: AWS::IAM::ManagedPolicy
    Condition: IsProd
    Properties:
      Groups: [!Ref Admins]
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          Effect: Deny
          NotAction: ['iam:CreateVirtualMFADevice', 'iam:EnableMFADevice', 'iam:ListMFADevices', 'iam:ResyncMFADevice',
                      'iam:ListVirtualMFADevices', 'iam:GetUser', 'sts:GetSessionToken']
          Resource: '*'
          Condition: {BoolIfExists: {'aws:MultiFactorAuthPresent': 'false'}}
  Admins:
    Type: AWS::IAM::Group
    Properties:
      ManagedPolicyArns: []
      Policies:
        - PolicyName: all
          PolicyDocument: {Version: '2012-10-17', Statement: {Effect: Allow, Action: '*', Resource: '*'}}
";
    let found = report(text, Settings::default());
    assert_eq!(verdict(&found, "Admins", "group"), "bypassable");
    let told: Vec<_> = messages(&found, "group-without-mfa").into_iter().map(|(_, message)| message).collect();
    assert_eq!(told, ["when `IsProd` is false"]);
    // A deployment in which the group lacks the policy that it names is refused.
    let named = text.replace("[!Ref Admins]", "[]").replace("ManagedPolicyArns: [", "ManagedPolicyArns: [!Ref Guard, ");
    assert!(messages(&report(&named, Settings::default()), "group-without-mfa").is_empty());
}

#[test]
fn parts_that_have_nothing_to_do_with_each_other_are_not_multiplied() {
    let mut text = "Resources:\n".to_owned();
    let mut conditions = "Conditions:\n".to_owned();
    let mut parameters = "Parameters:\n".to_owned();
    for at in 0..40 {
        parameters.push_str(&format!("  P{at}: {{Type: String}}\n"));
        conditions.push_str(&format!("  C{at}: !Equals [!Ref P{at}, x]\n"));
        let role = role("", &format!("!If [C{at}, {GUARD}, !Ref AWS::NoValue]"));
        let role = role.split_once("Resources:\n").unwrap().1.replace("Ops:", &format!("Ops{at}:"));
        text.push_str(&role.replace("RoleName: ops", "Path: /"));
    }
    let found = report(&format!("{parameters}{conditions}{text}"), Settings::default());
    assert_eq!(messages(&found, RULE).len(), 40);
    assert!(found.findings.iter().all(|finding| !finding.message.contains(" and `C")));
}

/// A role with so many statements that each ask for MFA under a condition of their own.
fn role_with_choices(count: usize) -> String {
    let names = (0..count).map(|at| format!("C{at}"));
    let conditions: String = names.clone().map(|name| format!("  {name}: !Equals [!Ref P{name}, x]\n")).collect();
    let parameters: String = names.clone().map(|name| format!("  P{name}: {{Type: String}}\n")).collect();
    let statements: String = names
        .map(|name| {
            format!(
                "          - {{Effect: Allow, Principal: {{AWS: '111122223333'}}, Action: 'sts:AssumeRole', Condition: !If [{name}, {GUARD}, !Ref AWS::NoValue]}}\n"
            )
        })
        .collect();
    let text = role(&format!("Parameters:\n{parameters}Conditions:\n{conditions}"), GUARD);
    let (head, _) = text.split_once("          Effect").unwrap();
    format!("{head}{statements}")
}

#[test]
fn nine_conditions_are_taken_together() {
    let found = report(&role_with_choices(9), Settings::default());
    assert_eq!(verdict(&found, "Ops", "role-trust"), "bypassable");
    assert_eq!(messages(&found, RULE).len(), 9);
}

#[test]
fn too_many_deployments_are_unproven_with_the_reason() {
    let found = report(&role_with_choices(10), Settings::default());
    assert_eq!(verdict(&found, "Ops", "role-trust"), "unproven");
    let reasons: Vec<&str> =
        found.findings.iter().filter(|it| it.rule == "mfa-unproven").map(|it| it.message.as_str()).collect();
    assert!(reasons[0].contains("there are too many combinations to judge each of them"), "{reasons:?}");
}

#[test]
fn statements_that_a_deployment_may_add_are_behind_the_guard_like_the_rest() {
    let names = (0..8).map(|at| format!("C{at}"));
    let parameters: String = names.clone().map(|name| format!("  P{name}: {{Type: String}}\n")).collect();
    let conditions: String = names.clone().map(|name| format!("  {name}: !Equals [!Ref P{name}, x]\n")).collect();
    let allowed = |name: String| {
        let allow = format!("{{Effect: Allow, Action: 's3:{name}*', Resource: '*'}}");
        format!("              - !If [{name}, {allow}, !Ref AWS::NoValue]\n")
    };
    let allows: String = names.map(allowed).collect();
    let text = format!(
        "Parameters:\n{parameters}Conditions:\n{conditions}Resources:
  Team:
    Type: AWS::IAM::Group
    Properties:
      Policies:
        - PolicyName: access
          PolicyDocument:
            Version: '2012-10-17'
            Statement:
              - {GROUP_GUARD}
{allows}"
    );
    let found = report(&text, Settings::default());
    assert_eq!(verdict(&found, "Team", "group"), "enforced");
    assert!(messages(&found, "mfa-unproven").is_empty());
}

#[test]
fn an_account_that_is_spelled_out_may_be_the_own_one() {
    let text = "
Resources:
  Ops:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - {Effect: Allow, Principal: {AWS: '111122223333'}, Action: 'sts:AssumeRole'}
          - Effect: Deny
            Principal: {AWS: !Ref AWS::AccountId}
            Action: sts:AssumeRole
            Condition: {BoolIfExists: {'aws:MultiFactorAuthPresent': 'false'}}
";
    let found = report(text, Settings::default());
    assert_eq!(messages(&found, RULE), [(Severity::Warning, "when the account is not 111122223333")]);
    let account = |id: &str| Settings { account: Some(id.to_owned()), ..Settings::default() };
    assert_eq!(verdict(&report(text, account("111122223333")), "Ops", "role-trust"), "enforced");
    assert_eq!(verdict(&report(text, account("999988887777")), "Ops", "role-trust"), "bypassable");
}

const BY_REGION: &str = "
Mappings: {Regions: {eu-west-1: {Mfa: 'true'}, us-east-1: {Mfa: 'false'}}}";

#[test]
fn a_mapping_by_region_is_looked_up_in_each_region_that_it_has() {
    let lookup = "{Bool: {'aws:MultiFactorAuthPresent': !FindInMap [Regions, !Ref AWS::Region, Mfa]}}";
    let text = role(BY_REGION, lookup);
    let found = report(&text, Settings::default());
    assert_eq!(verdict(&found, "Ops", "role-trust"), "bypassable");
    assert_eq!(messages(&found, RULE), [(Severity::Error, "when the region is us-east-1")]);
    let region = |name: &str| Settings { region: Some(name.to_owned()), ..Settings::default() };
    assert_eq!(verdict(&report(&text, region("eu-west-1")), "Ops", "role-trust"), "enforced");
    assert_eq!(verdict(&report(&text, region("us-east-1")), "Ops", "role-trust"), "bypassable");
}

#[test]
fn a_region_that_is_not_in_the_mapping_gets_the_default() {
    let lookup =
        "{Bool: {'aws:MultiFactorAuthPresent': !FindInMap [Regions, !Ref AWS::Region, Mfa, {DefaultValue: 'false'}]}}";
    let text = role("Mappings: {Regions: {eu-west-1: {Mfa: 'true'}}}", lookup);
    let found = report(&text, Settings::default());
    assert_eq!(messages(&found, RULE), [(Severity::Error, "when the region is none of those in the mapping")]);
}

#[test]
fn a_condition_on_the_region_and_a_mapping_by_it_go_together() {
    let sections = format!("{BY_REGION}\nConditions: {{IsHome: !Equals [!Ref AWS::Region, eu-west-1]}}");
    let mapped = "{Bool: {'aws:MultiFactorAuthPresent': !FindInMap [Regions, !Ref AWS::Region, Mfa]}}";
    let text = role(&sections, &format!("!If [IsHome, {mapped}, {GUARD}]"));
    assert_eq!(verdict(&report(&text, Settings::default()), "Ops", "role-trust"), "enforced");
}

#[test]
fn an_account_that_was_only_inferred_is_told() {
    let text = "
Resources:
  Team:
    Type: AWS::IAM::Group
    Properties:
      Policies:
        - PolicyName: access
          PolicyDocument:
            Version: '2012-10-17'
            Statement:
              - {Effect: Allow, Action: 's3:*', Resource: !Sub 'arn:aws:s3:::logs-${AWS::AccountId}/*'}
              - {Effect: Allow, Action: 'iam:ListMFADevices', Resource: 'arn:aws:iam::111122223333:user/*'}
";
    let assumed = "; the account is taken to be 111122223333, because the template names users, groups, devices or \
                   instances in it as its own; `--account` settles it";
    let found = report(text, Settings::default());
    assert!(found.findings[0].help.ends_with(assumed), "{}", found.findings[0].help);
    let given = report(text, Settings { account: Some("111122223333".to_owned()), ..Settings::default() });
    assert!(given.findings.iter().all(|finding| !finding.help.contains("--account")));
}

/// The rules for one assertion, under a condition or under none.
fn rules(condition: Option<&str>, assert: &str) -> String {
    let condition = condition.map(|condition| format!("RuleCondition: {condition}, ")).unwrap_or_default();
    format!("Rules: {{Only: {{{condition}Assertions: [{{Assert: {assert}, AssertDescription: not so}}]}}}}")
}

#[test]
fn values_that_a_rule_forbids_cannot_be() {
    let sections = "
Parameters:
  Stage: {Type: String, AllowedValues: [prod, dev]}
  Mfa: {Type: String, AllowedValues: ['true', 'false']}
Conditions: {IsProd: !Equals [!Ref Stage, prod], Asks: !Equals [!Ref Mfa, 'true']}
";
    let condition = format!("!If [IsProd, !If [Asks, {GUARD}, !Ref AWS::NoValue], {GUARD}]");
    let verdict_under = |rules: &str| {
        let text = role(&format!("{sections}{rules}"), &condition);
        verdict(&report(&text, Settings::default()), "Ops", "role-trust")
    };
    assert_eq!(verdict_under(""), "bypassable");
    let is_prod = Some("!Equals [!Ref Stage, prod]");
    for assert in [
        "!Equals [!Ref Mfa, 'true']",
        "!Not [!Equals [!Ref Mfa, 'false']]",
        "{'Fn::Contains': [['true', 'yes'], !Ref Mfa]}",
        "{'Fn::EachMemberEquals': [[!Ref Mfa], 'true']}",
        "{'Fn::EachMemberIn': [[!Ref Mfa, prod], ['true', prod]]}",
        "!And [!Equals [!Ref Mfa, 'true'], {'Fn::EachMemberIn': [{'Fn::ValueOfAll': [a, b]}, {'Fn::RefAll': a}]}]",
    ] {
        assert_eq!(verdict_under(&rules(is_prod, assert)), "enforced", "{assert}");
        assert_eq!(verdict_under(&rules(None, assert)), "enforced", "{assert}");
        assert_eq!(verdict_under(&rules(Some("!Equals [!Ref Stage, dev]"), assert)), "bypassable", "{assert}");
    }
    for open in [
        "{'Fn::EachMemberEquals': [{'Fn::ValueOf': [Stage, VpcId]}, 'true']}",
        "{'Fn::EachMemberIn': [{'Fn::RefAll': 'AWS::EC2::VPC::Id'}, ['true']]}",
        "!Or [!Equals [!Ref Mfa, 'true'], {'Fn::Contains': [{'Fn::RefAll': x}, 'true']}]",
        "{'Fn::Contains': [['false', 'no'], !Ref Mfa]}",
    ] {
        assert_eq!(verdict_under(&rules(is_prod, open)), "bypassable", "{open}");
    }
}

#[test]
fn a_rule_about_what_does_not_matter_tells_no_more_deployments_apart() {
    let sections = format!(
        "
Parameters: {{Stage: {{Type: String, AllowedValues: [prod, dev]}}, Size: {{Type: String, AllowedValues: [s, m, l]}}}}
Conditions: {{IsProd: !Equals [!Ref Stage, prod]}}
{}",
        rules(None, "{'Fn::Contains': [[s, m], !Ref Size]}")
    );
    let text = role(&sections, &format!("!If [IsProd, {GUARD}, !Ref AWS::NoValue]"));
    let found = report(&text, Settings::default());
    assert_eq!(messages(&found, RULE), [(Severity::Error, "when `IsProd` is false")]);
}

#[test]
fn values_that_do_not_match_the_pattern_cannot_be() {
    let verdict_with = |pattern: &str| {
        let sections = format!(
            "
Parameters: {{Stage: {{Type: String, AllowedPattern: '{pattern}'}}}}
Conditions: {{IsTest: !Equals [!Ref Stage, test]}}"
        );
        let text = role(&sections, &format!("!If [IsTest, !Ref AWS::NoValue, {GUARD}]"));
        verdict(&report(&text, Settings::default()), "Ops", "role-trust")
    };
    assert_eq!(verdict_with("^(prod|dev)$"), "enforced");
    assert_eq!(verdict_with("[a-z]+"), "bypassable");
    assert_eq!(verdict_with("(?!test).*"), "bypassable");
}

#[test]
fn names_that_a_parameter_makes_tie_resources_together() {
    let text = "
Parameters:
  Stage: {Type: String, AllowedValues: [prod, dev]}
Resources:
  Team:
    Type: AWS::IAM::Group
    Properties:
      GroupName: !Sub '${Stage}-ops'
      Policies:
        - PolicyName: access
          PolicyDocument: {Version: '2012-10-17', Statement: {Effect: Allow, Action: 'ec2:*', Resource: '*'}}
  Guard:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      Groups: [!Sub '${Stage}-ops']
      PolicyDocument:
        Version: '2012-10-17'
        Statement: GUARD
";
    let text = text.replace("GUARD", GROUP_GUARD);
    assert_eq!(verdict(&report(&text, Settings::default()), "Team", "group"), "enforced");
    let elsewhere = text.replace("Groups: [!Sub '${Stage}-ops']", "Groups: [!Sub '${Stage}-developers']");
    assert_eq!(verdict(&report(&elsewhere, Settings::default()), "Team", "group"), "bypassable");
}

#[test]
fn booleans_of_yaml_are_what_cloudformation_makes_of_them() {
    let text = |value: &str| {
        role("Parameters: {Unused: {Type: String, Default: x}}", "{Bool: {'aws:MultiFactorAuthPresent': VALUE}}")
            .replace("VALUE", value)
    };
    for (value, expected) in [
        ("yes", "enforced"),
        ("On", "enforced"),
        ("TRUE", "enforced"),
        ("no", "bypassable"),
        ("'yes'", "unproven"),
        ("y", "unproven"),
    ] {
        assert_eq!(verdict(&report(&text(value), Settings::default()), "Ops", "role-trust"), expected, "{value}");
    }
}

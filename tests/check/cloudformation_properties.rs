//! One set of policies, written plainly and in every other way that a template has: the verdict is the same.

use proptest::prelude::*;

use crate::runs::of_files;

/// Verdict, enrolment and who is locked out, of every subject that is a role or group; the last step of its address.
fn judged(files: &[(&str, String)]) -> Vec<String> {
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let report = of_files(&files);
    let subjects = report.subjects.iter().map(|(subject, judgement)| {
        let (verdict, enrolment) = (judgement.verdict.name(), judgement.enrolment.name());
        let mut locked_out: Vec<_> = judgement.locked_out.iter().map(|lock_out| lock_out.caller.name()).collect();
        locked_out.sort_unstable();
        locked_out.dedup();
        let name = subject.address.path.rsplit('/').next().unwrap_or_default();
        format!("{name} {}: {verdict}, {enrolment}, {locked_out:?}", subject.kind.name())
    });
    let mut subjects: Vec<String> = subjects.filter(|line| !line.contains("managed-policy")).collect();
    subjects.sort();
    subjects
}

/// A condition on MFA, an effect, and the principal of the role.
#[derive(Clone, Debug)]
struct Case {
    effect: &'static str,
    operator: &'static str,
    value: &'static str,
    principal: &'static str,
}

fn case() -> impl Strategy<Value = Case> {
    let effects = prop::sample::select(vec!["Allow", "Deny"]);
    let operators = prop::sample::select(vec!["Bool", "BoolIfExists", "StringEquals", "Null"]);
    let values = prop::sample::select(vec!["true", "false"]);
    let principals = prop::sample::select(vec![
        "{AWS: '111122223333'}",
        "{AWS: 'arn:aws:iam::111122223333:role/ci'}",
        "{Service: ec2.amazonaws.com}",
    ]);
    (effects, operators, values, principals).prop_map(|(effect, operator, value, principal)| Case {
        effect,
        operator,
        value,
        principal,
    })
}

/// A template of these sections with a role and a group; `statement` is the statement that has the condition, to be given
/// what stands beside its effect and condition.
fn template(case: &Case, sections: &str, statement: &str) -> String {
    let Case { principal, .. } = case;
    let of_role = statement.replace("WHO", &format!("Principal: {principal}, Action: 'sts:AssumeRole'"));
    let of_group = statement.replace("WHO", "Action: '*', Resource: '*'");
    format!(
        "
{sections}
Resources:
  Ops:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - {{Effect: Allow, Principal: {principal}, Action: 'sts:TagSession'}}
          - {of_role}
  Team:
    Type: AWS::IAM::Group
    Properties:
      Policies:
        - PolicyName: access
          PolicyDocument:
            Version: '2012-10-17'
            Statement:
              - {{Effect: Allow, Action: 's3:*', Resource: '*'}}
              - {of_group}
"
    )
}

fn plain(case: &Case) -> String {
    let Case { effect, operator, value, .. } = case;
    let condition = format!("{{{operator}: {{'aws:MultiFactorAuthPresent': '{value}'}}}}");
    template(case, "", &format!("{{Effect: {effect}, WHO, Condition: {condition}}}"))
}

/// The same through functions.
fn through_functions(case: &Case) -> String {
    let Case { effect, operator, value, .. } = case;
    let sections = format!(
        "
Parameters: {{Value: {{Type: String, Default: '{value}'}}, Effects: {{Type: CommaDelimitedList, Default: 'Allow, Deny'}}}}
Mappings: {{Names: {{Key: {{Mfa: MultiFactorAuthPresent}}}}, Effects: {{Of: {{This: {effect}}}}}}}"
    );
    let condition = format!("{{{operator}: {{'aws:MultiFactorAuthPresent': !Sub ['${{Mfa}}', {{Mfa: !Ref Value}}]}}}}");
    let effect = "!Join ['', [!FindInMap [Effects, Of, This]]]";
    template(case, &sections, &format!("{{Effect: {effect}, WHO, Condition: {condition}}}"))
}

/// The same behind conditions, of which every deployment has the same outcome.
fn through_conditions(case: &Case) -> String {
    let Case { effect, operator, value, .. } = case;
    let sections = "
Parameters: {Stage: {Type: String}, Size: {Type: String, AllowedValues: [small, large]}}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsDev: !Equals [!Ref Stage, dev]
  Both: !And [!Condition IsProd, !Condition IsDev]
  Any: !Or [!Equals [!Ref Size, small], !Equals [!Ref Size, large]]";
    let condition = format!("{{{operator}: {{'aws:MultiFactorAuthPresent': '{value}'}}}}");
    let statement = format!("{{Effect: {effect}, WHO, Condition: !If [IsProd, {condition}, {condition}]}}");
    let statement = format!("!If [Both, !Ref AWS::NoValue, !If [Any, {statement}, !Ref AWS::NoValue]]");
    template(case, sections, &statement)
}

/// The same in a stack within a stack, which gets the value from outside.
fn through_a_stack(case: &Case) -> [(&'static str, String); 2] {
    let Case { effect, operator, value, .. } = case;
    let condition = format!("{{{operator}: {{'aws:MultiFactorAuthPresent': !Ref Value}}}}");
    let sections = "Parameters: {Value: {Type: String}}";
    let child = template(case, sections, &format!("{{Effect: {effect}, WHO, Condition: {condition}}}"));
    let parent = format!(
        "
Parameters: {{Mfa: {{Type: String, Default: '{value}'}}}}
Resources:
  Access:
    Type: AWS::CloudFormation::Stack
    Properties: {{TemplateURL: child.yaml, Parameters: {{Value: !Ref Mfa}}}}
"
    );
    [("main.yaml", parent), ("child.yaml", child)]
}

/// The same in a stack within a stack within a stack.
fn through_two_stacks(case: &Case) -> [(&'static str, String); 3] {
    let [(_, parent), (_, child)] = through_a_stack(case);
    let between = parent.replace(&format!("Default: '{}'", case.value), "Default: none");
    let outer = parent.replace("child.yaml", "between.yaml").replace("{Value: !Ref Mfa}", "{Mfa: !Sub '${Mfa}'}");
    [("main.yaml", outer), ("between.yaml", between), ("child.yaml", child)]
}

/// The same in a module of the registry.
fn through_a_module(case: &Case) -> [(&'static str, String); 3] {
    let [(_, parent), (_, child)] = through_a_stack(case);
    let stack = "Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: child.yaml, Parameters: {Value: !Ref Mfa}}";
    let parent = parent.replace(stack, "{Type: 'Example::Case::All::MODULE', Properties: {Value: !Ref Mfa}}");
    assert!(parent.contains("::MODULE"));
    let project = r#"{"artifact_type": "MODULE", "typeName": "Example::Case::All::MODULE"}"#;
    [("main.yaml", parent), ("module/.rpdk-config", project.to_owned()), ("module/fragments/child.yaml", child)]
}

/// The same with the policies of the group outside of the module that makes it, or in one that it is passed to.
fn through_a_border(case: &Case, group_is_within: bool) -> [(&'static str, String); 3] {
    let [(_, parent), project, (_, child)] = through_a_module(case);
    let (child, policies) =
        child.split_once("    Properties:\n      Policies:\n        - PolicyName: access\n").unwrap();
    let group = "  Team:\n    Type: AWS::IAM::Group\n";
    let child = child.strip_suffix(group).unwrap();
    let lines: String =
        policies.lines().map(|line| format!("{}\n", line.strip_prefix("    ").unwrap_or(line))).collect();
    let access = |name: &str| {
        format!(
            "  Policy:\n    Type: AWS::IAM::Policy\n    Properties:\n      PolicyName: access\n      Groups: [{name}]\n{lines}"
        )
    };
    let (parent, child) = if group_is_within {
        let access = access("!Ref AccessTeam").replace("!Ref Value", "!Ref Mfa");
        (format!("{parent}{access}"), format!("{child}{group}"))
    } else {
        let parent = parent.replace("Value: !Ref Mfa", "Value: !Ref Mfa, Group: !Ref Team");
        let child = child.replace("Parameters: {", "Parameters: {Group: {Type: String}, ");
        (format!("{parent}{group}"), format!("{child}{}", access("!Ref Group")))
    };
    [("main.yaml", parent), project, ("module/fragments/child.yaml", child)]
}

/// The same in the text of a stack set's template.
fn through_a_stack_set(case: &Case) -> String {
    let [_, (_, child)] = through_a_stack(case);
    let body: String = child.lines().map(|line| format!("        {line}\n")).collect();
    format!(
        "
Resources:
  Set:
    Type: AWS::CloudFormation::StackSet
    Properties:
      Parameters: [{{ParameterKey: Value, ParameterValue: '{}'}}]
      TemplateBody: |
{body}",
        case.value
    )
}

/// The same looked up by what only a deployment knows: every row is as good as another.
fn through_a_mapping(case: &Case) -> String {
    let Case { effect, operator, value, .. } = case;
    let sections = format!(
        "
Mappings:
  Regions: {{eu-west-1: {{Mfa: '{value}', Other: a}}, us-east-1: {{Mfa: '{value}', Other: b}}}}
  Names: {{a: {{Effect: {effect}}}, b: {{Effect: {effect}}}}}"
    );
    let condition =
        format!("{{{operator}: {{'aws:MultiFactorAuthPresent': !FindInMap [Regions, !Ref AWS::Region, Mfa]}}}}");
    let effect = "!FindInMap [Names, !FindInMap [Regions, !Ref AWS::Region, Other], Effect]";
    template(case, &sections, &format!("{{Effect: {effect}, WHO, Condition: {condition}}}"))
}

/// The same made by loops, around the resources and within a condition.
fn through_loops(case: &Case) -> String {
    let Case { effect, operator, value, .. } = case;
    let key = "{'Fn::ForEach::Keys': [Key, [MultiFactorAuthPresent], {'aws:${Key}': VALUE}]}";
    let condition = format!("{{{operator}: {}}}", key.replace("VALUE", &format!("'{value}'")));
    let text = template(
        case,
        "Transform: AWS::LanguageExtensions",
        &format!("{{Effect: {effect}, WHO, Condition: {condition}}}"),
    );
    let (head, resources) = text.split_once("Resources:\n").unwrap();
    let resources = resources.replace("  Ops:", "  '${Who}s':").replace("  Team:", "  'Tea${Letter}':");
    let (role, group) = resources.split_at(resources.find("  'Tea").unwrap());
    let inner = |text: &str| text.lines().map(|line| format!("      {line}\n")).collect::<String>();
    format!(
        "{head}Resources:\n  'Fn::ForEach::Roles':\n    - Who\n    - [Op]\n    -\n{}  'Fn::ForEach::Groups':\n    - Letter\n    - [m]\n    -\n{}",
        inner(role),
        inner(group)
    )
}

/// The same as text that functions write and that functions put together.
fn through_text(case: &Case) -> String {
    let Case { effect, operator, value, .. } = case;
    let condition = format!("{{{operator}: {{'aws:MultiFactorAuthPresent': '{value}'}}}}");
    let text = template(
        case,
        "Transform: AWS::LanguageExtensions",
        &format!("{{Effect: {effect}, WHO, Condition: {condition}}}"),
    );
    text.replace("PolicyDocument:\n", "PolicyDocument: !ToJsonString\n")
}

/// The same as CDK writes it.
fn through_an_assembly(case: &Case) -> [(&'static str, String); 2] {
    let manifest = r#"{"version": "36.0.0", "artifacts": {"App": {
        "type": "aws:cloudformation:stack", "properties": {"templateFile": "App.template.json"}}}}"#;
    [("manifest.json", manifest.to_owned()), ("App.template.json", plain(case))]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn however_it_is_written_the_verdict_is_the_same(case in case()) {
        let expected = judged(&[("main.yaml", plain(&case))]);
        prop_assert!(expected.len() >= 2);
        prop_assert_eq!(&judged(&[("main.yaml", through_functions(&case))]), &expected);
        prop_assert_eq!(&judged(&[("main.yaml", through_conditions(&case))]), &expected);
        prop_assert_eq!(&judged(&[("main.yaml", through_a_mapping(&case))]), &expected);
        prop_assert_eq!(&judged(&[("main.yaml", through_loops(&case))]), &expected);
        prop_assert_eq!(&judged(&[("main.yaml", through_text(&case))]), &expected);
        prop_assert_eq!(&judged(&[("main.yaml", through_a_stack_set(&case))]), &expected);
        prop_assert_eq!(&judged(&through_a_stack(&case)), &expected);
        prop_assert_eq!(&judged(&through_two_stacks(&case)), &expected);
        prop_assert_eq!(&judged(&through_a_module(&case)), &expected);
        prop_assert_eq!(&judged(&through_a_border(&case, true)), &expected);
        prop_assert_eq!(&judged(&through_a_border(&case, false)), &expected);
        prop_assert_eq!(&judged(&through_an_assembly(&case)), &expected);
    }
}

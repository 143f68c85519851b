//! What policies of an organization are attached to, and those that are attached to nothing.

use mfagate::finding::Finding;

use crate::runs::{findings, of_file, report, testdata};

const RULE: &str = "organization-policy-without-target";

fn related(finding: &Finding) -> Vec<(&str, &str)> {
    finding.related.iter().map(|label| (label.place.in_file().text(), label.text.as_str())).collect()
}

#[test]
fn a_plan_says_whom_a_hole_reaches_and_which_guard_reaches_nobody() {
    let report = report(testdata("terraform/organization-targets/plan.json"));
    let holes = findings(&report, "ineffective-mfa-condition");
    assert_eq!(holes.len(), 1);
    let related = related(holes[0]);
    let account = r#"resource "aws_organizations_policy_attachment" "account""#;
    assert!(related.contains(&(account, "attached to `111122223333` here")), "{related:?}");
    let unit = (
        r#"resource "aws_organizations_policy_attachment" "unit""#,
        "attached to `aws_organizations_organizational_unit.workloads.id` here",
    );
    assert!(related.contains(&unit), "{related:?}");
    let notes: Vec<&str> = findings(&report, RULE).iter().map(|it| it.address.path.as_str()).collect();
    assert_eq!(notes, ["aws_organizations_policy.nowhere"]);
}

/// Two guards with these properties beside what they hold.
fn guards(first: &str, second: &str) -> String {
    let guard = |name: &str, operator: &str, more: &str| {
        format!(
            "
  {name}:
    Type: AWS::Organizations::Policy
    Properties:
      Name: {name}
      Type: SERVICE_CONTROL_POLICY
      {more}
      Content:
        Version: '2012-10-17'
        Statement:
          Effect: Deny
          Action: s3:DeleteObject
          Resource: '*'
          Condition:
            {operator}: {{'aws:MultiFactorAuthPresent': 'false'}}
            ArnLike: {{'aws:PrincipalArn': 'arn:aws:iam::*:user/*'}}
"
        )
    };
    format!("Resources:\n{}{}", guard("Right", "BoolIfExists", first), guard("Holey", "Bool", second))
}

#[test]
fn targets_of_a_template_are_findings() {
    let report = of_file("template.yaml", &guards("", "TargetIds: [ou-abcd-12345678, !ImportValue unit]"));
    let notes: Vec<&str> = findings(&report, RULE).iter().map(|it| it.address.path.as_str()).collect();
    assert_eq!(notes, ["Right"]);
    let holes = findings(&report, "ineffective-mfa-condition");
    let related = related(holes[0]);
    assert!(related.contains(&("ou-abcd-12345678", "attached to `ou-abcd-12345678` here")), "{related:?}");
    assert!(related.contains(&("!ImportValue unit", "attached to `Fn::ImportValue unit` here")), "{related:?}");
}

#[test]
fn where_nothing_or_everything_is_attached_there_is_nothing_to_say() {
    let target = "TargetIds: [r-abcd]";
    for (first, second) in [("", ""), (target, target)] {
        assert!(findings(&of_file("template.yaml", &guards(first, second)), RULE).is_empty());
    }
}

#[test]
fn an_attached_guard_makes_no_group_enforced() {
    let group = "
  Team:
    Type: AWS::IAM::Group
    Properties:
      Policies:
        - PolicyName: access
          PolicyDocument:
            Version: '2012-10-17'
            Statement: {Effect: Allow, Action: s3:DeleteObject, Resource: '*'}
";
    let report = of_file("template.yaml", &format!("{}{group}", guards("TargetIds: [r-abcd]", "TargetIds: [r-abcd]")));
    assert_eq!(findings(&report, "group-without-mfa").len(), 1);
}

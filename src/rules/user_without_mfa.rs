//! A user who gets in without MFA.

use crate::finding::{Finding, Label, Severity, Status};
use crate::iam::verdict::Hole;
use crate::inventory::subjects::SubjectKind;

use super::group_without_mfa;
use super::{Documentation, Input, Judged, Rule, holes, words};

/// The rule `user-without-mfa`.
pub(super) struct UserWithoutMfa;

impl Rule for UserWithoutMfa {
    fn id(&self) -> &'static str {
        "user-without-mfa"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "a user gets in without MFA"
    }

    fn documentation(&self) -> Documentation {
        Documentation {
            why: "A user counts with its own policies, those of its groups and its boundary. What is left open \
                  between them is open to whoever finds the user's access key or password.",
            bad: BAD,
            good: GOOD,
            fix: "Put the user into a group that carries the Deny without MFA, and grant through groups alone. Where \
                  the hole comes from a group, put the group right: the finding on the user is then a note.",
        }
    }

    fn check(&self, input: &Input<'_>, found: &mut Vec<Finding>) {
        for judged in input.of_kind(SubjectKind::User) {
            let (through_groups, own): (Vec<&Hole>, Vec<&Hole>) = group_without_mfa::holes_of(judged)
                .into_iter()
                .partition(|hole| holes::group_behind(input, judged, hole).is_some());
            match through_groups.first() {
                Some(hole) if own.is_empty() => found.extend(note(self.id(), input, judged, hole)),
                _ => found.extend(group_without_mfa::finding(self.id(), judged, &own)),
            }
        }
    }
}

/// The group has a finding of its own: the user needs no second one of the same weight.
fn note(rule: &'static str, input: &Input<'_>, judged: &Judged, hole: &Hole) -> Option<Finding> {
    let group = holes::group_behind(input, judged, hole)?;
    let (user, name) = (words::subject(&judged.subject), words::subject(&group.subject));
    let sentence = words::witness_in(&judged.subject, hole);
    Some(Finding {
        rule,
        severity: Severity::Note,
        address: judged.subject.address.clone(),
        message: format!("{user} gets in without MFA through {name}; {sentence}"),
        help: format!("put {name} right, and this user is guarded with it"),
        primary: Label { place: judged.subject.place.clone(), text: format!("a member of {name}") },
        related: vec![Label { place: group.subject.place.clone(), text: "lets its members in without MFA".to_owned() }],
        witness: Some(hole.witness.clone()),
        status: Status::New,
    })
}

const BAD: &str = r#"Resources:
  Reader:
    Type: AWS::IAM::User
    Properties:
      UserName: reader
      Policies:
        - PolicyName: read
          PolicyDocument:
            Version: "2012-10-17"
            Statement: {Effect: Allow, Action: "s3:GetObject", Resource: "*"}
"#;

const GOOD: &str = r#"Resources:
  Reader:
    Type: AWS::IAM::User
    Properties:
      UserName: reader
      Groups: [!Ref Readers]
  Readers:
    Type: AWS::IAM::Group
    Properties:
      Policies:
        - PolicyName: read
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              Effect: Allow
              Action: s3:GetObject
              Resource: "*"
              Condition:
                Bool: {"aws:MultiFactorAuthPresent": "true"}
"#;

//! Whether MFA is asked for cannot be known.

use crate::finding::{Finding, Label, Severity, Status};
use crate::iam::document::Effect;
use crate::iam::verdict::{Mistake, Reason, Verdict};
use crate::inventory::subjects::SubjectKind;

use super::{Documentation, Input, Judged, Rule, explain, words};

/// The rule `mfa-unproven`.
pub(super) struct MfaUnproven;

impl Rule for MfaUnproven {
    fn id(&self) -> &'static str {
        "mfa-unproven"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "whether MFA is asked for cannot be known from the input"
    }

    fn documentation(&self) -> Documentation {
        Documentation {
            why: "A policy that is known only after apply, a parameter without a value, an attachment elsewhere or \
                  something that AWS does not document: the answer may be yes or no. A gate that lets it pass is \
                  open wherever somebody puts a variable.",
            bad: BAD,
            good: GOOD,
            fix: "Put what is missing into the same run: the policy that is attached, a value for the parameter, the \
                  plan of the module that makes it. Where AWS does not document what a condition gives, write one \
                  that it does.",
        }
    }

    fn check(&self, input: &Input<'_>, found: &mut Vec<Finding>) {
        for judged in input.judged {
            let Verdict::Unproven(reasons) = &judged.judgement.verdict else { continue };
            found.push(finding(self.id(), input, judged, reasons));
        }
    }
}

fn finding(rule: &'static str, input: &Input<'_>, judged: &Judged, reasons: &[Reason]) -> Finding {
    const RELATED: usize = 6;
    let who = words::subject(&judged.subject);
    let milder = input.is_workload(&judged.subject) || behind_groups(input, judged, reasons);
    let first = reasons.first().map_or("the input does not settle it", |reason| &reason.message);
    let more = match reasons.len() {
        0 | 1 => String::new(),
        2 => ", and there is one more reason".to_owned(),
        count => format!(", and there are {} more reasons", count - 1),
    };
    let label = |reason: &Reason| {
        let place = reason.place.as_ref().map_or(&judged.subject.place, |key| &key.0);
        Label { place: place.clone(), text: reason.message.clone() }
    };
    let unplaced = || Label { place: judged.subject.place.clone(), text: "not settled".to_owned() };
    let placed = |reason: &Reason| Label { text: "not settled here".to_owned(), ..label(reason) };
    Finding {
        rule,
        severity: if milder { Severity::Note } else { Severity::Error },
        address: judged.subject.address.clone(),
        message: format!("whether {who} asks for MFA cannot be known: {first}{more}"),
        help: help(judged, reasons),
        primary: reasons.first().map_or_else(unplaced, placed),
        related: reasons.iter().skip(1).take(RELATED).map(label).collect(),
        witness: None,
        status: Status::New,
    }
}

/// What would settle it.
fn help(judged: &Judged, reasons: &[Reason]) -> String {
    let undocumented =
        judged.judgement.tests.iter().find(|test| matches!(test.mistake, Some(Mistake::Undocumented(_))));
    if let Some(mistaken) = undocumented
        && let Some(statement) = words::statement(&mistaken.statement)
        && let Some(test) = statement.tests.get(mistaken.test)
    {
        let correct = explain::correct(test, statement.effect != Effect::Deny);
        return format!("write a condition of which AWS says what it gives: `{correct}`");
    }
    let mut documents = judged.subject.policies.iter().filter_map(|attached| attached.content.as_ref().ok());
    if documents.any(|document| document.is_refused()) {
        return "put right what AWS refuses; then it can be judged".to_owned();
    }
    if let Some(name) = reasons.iter().find_map(parameter) {
        return format!("give the parameter's value: `--parameter {name}=…`, or a default in the template");
    }
    "settle it in this input: give the value, add the policy that is meant, or check the plan that makes it".to_owned()
}

/// The parameter of the template whose value is missing.
fn parameter(reason: &Reason) -> Option<&str> {
    let (before, _) = reason.message.split_once("` is a parameter without a default")?;
    let (_, name) = before.rsplit_once("`Ref ")?;
    name.chars().all(|character| character.is_ascii_alphanumeric()).then_some(name)
}

/// A user about whom nothing is open that is not open about its groups too.
fn behind_groups(input: &Input<'_>, judged: &Judged, reasons: &[Reason]) -> bool {
    let groups = judged.subject.policies.iter().filter_map(|attached| attached.through.as_ref());
    let known: Vec<&str> = groups
        .filter_map(|group| input.subject(group, SubjectKind::Group))
        .filter_map(|group| match &group.judgement.verdict {
            Verdict::Unproven(reasons) => Some(reasons),
            _ => None,
        })
        .flatten()
        .map(|reason| reason.message.as_str())
        .collect();
    judged.subject.kind == SubjectKind::User
        && !reasons.is_empty()
        && reasons.iter().all(|reason| known.contains(&reason.message.as_str()))
}

const BAD: &str = r#"Resources:
  Readers:
    Type: AWS::IAM::Group
    Properties:
      ManagedPolicyArns: [!ImportValue ReadersPolicy]
"#;

const GOOD: &str = r#"Resources:
  Readers:
    Type: AWS::IAM::Group
    Properties:
      ManagedPolicyArns: [!Ref ReadersPolicy]
  ReadersPolicy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: s3:GetObject
            Resource: "*"
            Condition:
              Bool: {"aws:MultiFactorAuthPresent": "true"}
"#;

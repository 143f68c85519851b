//! People without a device cannot enrol their first one.

use crate::finding::{Finding, Label, Severity, Status};
use crate::iam::verdict::{Enrolment, Refusal};
use crate::inventory::subjects::SubjectKind;

use super::{Documentation, Input, Judged, Rule, words};

/// The rule `enrolment-blocked`.
pub(super) struct EnrolmentBlocked;

impl Rule for EnrolmentBlocked {
    fn id(&self) -> &'static str {
        "enrolment-blocked"
    }

    fn severity(&self) -> Severity {
        Severity::Warning
    }

    fn summary(&self) -> &'static str {
        "people without an MFA device cannot enrol their first one"
    }

    fn documentation(&self) -> Documentation {
        Documentation {
            why: "Who has no device yet cannot pass a condition on MFA, and has to enrol one without it. Where the \
                  calls for that are refused, new people are locked out until an administrator does it for them, \
                  who then holds their secret. It is an error where the policy sets out to let people enrol and \
                  misses: they can create a device and not switch it on.",
            bad: BAD,
            good: GOOD,
            fix: "Allow, without MFA: `iam:CreateVirtualMFADevice` on `arn:aws:iam::*:mfa/*`; `iam:EnableMFADevice`, \
                  `iam:ListMFADevices`, `iam:ResyncMFADevice` and `iam:GetUser` on \
                  `arn:aws:iam::*:user/${aws:username}`; `iam:ListVirtualMFADevices` on `*`. Name the same calls in \
                  the `NotAction` of the Deny.",
        }
    }

    fn check(&self, input: &Input<'_>, found: &mut Vec<Finding>) {
        for judged in input.judged.iter().filter(|judged| judged.judgement.gated) {
            let (refusals, severity) = match &judged.judgement.enrolment {
                Enrolment::Blocked(refusals) => (refusals, blocked(judged, refusals)),
                Enrolment::Possible { missing } => (missing, Severity::Warning),
                Enrolment::Unproven(_) | Enrolment::NotApplicable => continue,
            };
            if refusals.is_empty() {
                continue;
            }
            let severity = if behind_group(input, judged) { Severity::Note } else { severity };
            found.push(finding(self.id(), judged, refusals, severity));
        }
    }
}

/// Creating a device works and switching it on does not: that was not meant.
fn blocked(judged: &Judged, refusals: &[Refusal]) -> Severity {
    let refused = |action: &str| refusals.iter().any(|refusal| refusal.action.eq_ignore_ascii_case(action));
    let people = matches!(judged.subject.kind, SubjectKind::Group | SubjectKind::User);
    let half = !refused("iam:CreateVirtualMFADevice") && refused("iam:EnableMFADevice");
    if people && half { Severity::Error } else { Severity::Warning }
}

/// A user whose group has the same fault.
fn behind_group(input: &Input<'_>, judged: &Judged) -> bool {
    let groups = judged.subject.policies.iter().filter_map(|attached| attached.through.as_ref());
    judged.subject.kind == SubjectKind::User
        && groups
            .filter_map(|group| input.subject(group, SubjectKind::Group))
            .any(|group| group.judgement.gated && matches!(group.judgement.enrolment, Enrolment::Blocked(_)))
}

fn finding(rule: &'static str, judged: &Judged, refusals: &[Refusal], severity: Severity) -> Finding {
    let who = words::subject(&judged.subject);
    let actions: Vec<String> = refusals.iter().map(|refusal| format!("`{}`", refusal.action)).collect();
    let actions = words::list(&actions);
    let verb = if refusals.len() == 1 { "is" } else { "are" };
    let message = match &judged.judgement.enrolment {
        Enrolment::Blocked(_) => {
            format!("{who} asks for MFA, and nobody can enrol a first device: {actions} {verb} refused without MFA")
        }
        _ => format!("{who} lets a first device be enrolled, but refuses what the console calls beside it: {actions}"),
    };
    let mut labels = labels(refusals);
    let primary = if labels.is_empty() {
        Label { place: judged.subject.place.clone(), text: format!("nothing here allows {actions}") }
    } else {
        labels.remove(0)
    };
    Finding {
        rule,
        severity,
        address: judged.subject.address.clone(),
        message,
        help: help(refusals),
        primary,
        related: labels,
        witness: None,
        status: Status::New,
    }
}

/// What refuses each call: a Deny that does not leave it out, or an Allow that misses its resource.
fn labels(refusals: &[Refusal]) -> Vec<Label> {
    let mut labels: Vec<Label> = Vec::new();
    for refusal in refusals {
        let label = match (&refusal.denied_by, &refusal.missed_by) {
            (Some(deny), _) => {
                let place = words::part(deny, |statement| Some(&statement.actions.place));
                Label { place: place.clone(), text: format!("refuses `{}` without MFA", refusal.action) }
            }
            (None, Some(allow)) => {
                let place = words::part(allow, |statement| Some(&statement.resources.as_ref()?.place));
                let text = format!("does not cover `{}` for `{}`", refusal.resource, refusal.action);
                Label { place: place.clone(), text }
            }
            (None, None) => continue,
        };
        let place = |label: &Label| (label.place.source.name().to_owned(), label.place.span);
        if labels.len() < 4 && labels.iter().all(|known| place(known) != place(&label)) {
            labels.push(label);
        }
    }
    labels
}

/// What to name in the Deny, and what to allow.
fn help(refusals: &[Refusal]) -> String {
    let (denied, missing): (Vec<&Refusal>, Vec<&Refusal>) =
        refusals.iter().partition(|refusal| refusal.denied_by.is_some());
    let exempt = denied.first().and_then(|first| words::statement(first.denied_by.as_ref()?)).map(|deny| {
        let actions: Vec<String> = denied.iter().map(|refusal| format!("`{}`", refusal.action)).collect();
        if deny.actions.negated {
            format!("name {} in the `NotAction` of the Deny", words::list(&actions))
        } else {
            format!("write `{ENROLMENT}` in the Deny, in place of its `Action`")
        }
    });
    let allow = (!missing.is_empty()).then(|| format!("add {}", words::list(&allows(&missing))));
    let parts: Vec<String> = exempt.into_iter().chain(allow).collect();
    parts.join("; ")
}

/// The Allows that grant what is missing, one for each resource that it is granted on.
fn allows(missing: &[&Refusal]) -> Vec<String> {
    let mut by_resource: Vec<(&str, Vec<&str>)> = Vec::new();
    for refusal in missing {
        let resource = resource(refusal);
        match by_resource.iter_mut().find(|(known, _)| *known == resource) {
            Some((_, actions)) => actions.push(refusal.action),
            None => by_resource.push((resource, vec![refusal.action])),
        }
    }
    let allow = |(resource, actions): &(&str, Vec<&str>)| {
        let actions = match actions.as_slice() {
            [only] => format!(r#""{only}""#),
            several => format!(r#"["{}"]"#, several.join(r#"", ""#)),
        };
        format!(r#"`{{"Effect": "Allow", "Action": {actions}, "Resource": "{resource}"}}`"#)
    };
    by_resource.iter().map(allow).collect()
}

/// What enrolment needs, in the place of what a Deny names.
pub(super) const ENROLMENT: &str = r#""NotAction": ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:GetUser", "iam:ListMFADevices", "iam:ListVirtualMFADevices", "iam:ResyncMFADevice", "sts:GetSessionToken"]"#;

/// The resource that an enrolment call has to be granted on. `${aws:username}` leaves the path of a user out.
fn resource(refusal: &Refusal) -> &'static str {
    let has_path = refusal.resource.split_once(":user/").is_some_and(|(_, name)| name.contains('/'));
    match refusal.action {
        "iam:CreateVirtualMFADevice" => "arn:aws:iam::*:mfa/*",
        "iam:ListVirtualMFADevices" => "*",
        _ if has_path => "arn:aws:iam::*:user/*/${aws:username}",
        _ => "arn:aws:iam::*:user/${aws:username}",
    }
}

const BAD: &str = r#"Resources:
  Staff:
    Type: AWS::IAM::Group
    Properties:
      Policies:
        - PolicyName: guard
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - {Effect: Allow, Action: "*", Resource: "*"}
              - Effect: Deny
                Action: "*"
                Resource: "*"
                Condition:
                  BoolIfExists: {"aws:MultiFactorAuthPresent": "false"}
"#;

const GOOD: &str = r#"Resources:
  Staff:
    Type: AWS::IAM::Group
    Properties:
      Policies:
        - PolicyName: guard
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: "*"
                Resource: "*"
                Condition:
                  Bool: {"aws:MultiFactorAuthPresent": "true"}
              - Effect: Allow
                Action: ["iam:CreateVirtualMFADevice", "iam:ListVirtualMFADevices"]
                Resource: "*"
              - Effect: Allow
                Action: ["iam:EnableMFADevice", "iam:GetUser", "iam:ListMFADevices", "iam:ResyncMFADevice"]
                Resource: "arn:aws:iam::*:user/${aws:username}"
"#;

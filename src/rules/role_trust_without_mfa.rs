//! A role that people can assume without MFA.

use crate::config::account_in;
use crate::finding::{Finding, Severity};
use crate::iam::verdict::{Danger, Hole};
use crate::inventory::subjects::SubjectKind;

use super::holes::{self, Saying};
use super::{Documentation, Input, Rule, words};

/// The rule `role-trust-without-mfa`.
pub(super) struct RoleTrustWithoutMfa;

const HELP: &str =
    r#"ask for MFA in the Allow that lets people in: `"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}`"#;

const HELP_ANYBODY: &str = "name who may assume the role in the place of `*`, and ask for MFA in the Allow: \
    `\"Condition\": {\"Bool\": {\"aws:MultiFactorAuthPresent\": \"true\"}}`; MFA alone would be that of any stranger";

const HELP_VENDOR: &str = "if people use this role as well, give them an Allow of their own with \
    `\"Condition\": {\"Bool\": {\"aws:MultiFactorAuthPresent\": \"true\"}}`";

impl Rule for RoleTrustWithoutMfa {
    fn id(&self) -> &'static str {
        "role-trust-without-mfa"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "people can assume a role without MFA"
    }

    fn documentation(&self) -> Documentation {
        Documentation {
            why: "The trust policy of a role is the only place where MFA can be asked for: the credentials that \
                  AssumeRole returns say nothing about MFA any more. An account or its root as principal means every \
                  user in it, so whoever finds one access key of that account has the role.",
            bad: BAD,
            good: GOOD,
            fix: "Put `Bool` with `aws:MultiFactorAuthPresent` = `true` into every Allow that lets people in. Not \
                  `BoolIfExists`: access keys do not carry the key at all, and `IfExists` lets an absent key pass. \
                  Services, SAML and OIDC providers and other roles belong into an Allow of their own without that \
                  condition, since they can never meet it. Where a vendor's account stands behind an external id the \
                  finding is a warning: machines cannot use MFA.",
        }
    }

    fn check(&self, input: &Input<'_>, found: &mut Vec<Finding>) {
        for judged in input.of_kind(SubjectKind::RoleTrust) {
            let holes: Vec<_> = holes::of(judged).iter().collect();
            let vendor = holes.iter().all(|hole| hole.danger == Danger::Vendor);
            let role = words::subject(&judged.subject);
            let (severity, headline, help) = if input.is_workload(&judged.subject) {
                let headline = format!("{role} does not ask for MFA; the configuration says that machines assume it");
                (Severity::Note, headline, HELP)
            } else if vendor {
                let headline = format!("{role} asks another account for an external id and not for MFA");
                (for_vendors(input, &holes), headline, HELP_VENDOR)
            } else {
                let help = if judged.judgement.admits_any_account { HELP_ANYBODY } else { HELP };
                (Severity::Error, format!("{role} lets people in without MFA"), help)
            };
            found.extend(holes::finding(
                judged,
                &holes,
                Saying { rule: self.id(), severity, headline: &headline, help },
            ));
        }
    }
}

/// How much holes behind an external id weigh: least where all of the accounts are known vendors.
fn for_vendors(input: &Input<'_>, holes: &[&Hole]) -> Severity {
    let vendors = &input.configuration.vendors;
    let of_vendor = |hole: &&Hole| account_in(&hole.witness.principal).is_some_and(|account| vendors.contains(account));
    match input.configuration.external_id {
        _ if holes.iter().all(of_vendor) => Severity::Note,
        Some(severity) => severity,
        None => Severity::Warning,
    }
}

const BAD: &str = r#"Resources:
  Operators:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {AWS: "arn:aws:iam::111122223333:root"}
            Action: sts:AssumeRole
            Condition:
              BoolIfExists: {"aws:MultiFactorAuthPresent": "true"}
"#;

const GOOD: &str = r#"Resources:
  Operators:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {AWS: "arn:aws:iam::111122223333:root"}
            Action: sts:AssumeRole
            Condition:
              Bool: {"aws:MultiFactorAuthPresent": "true"}
"#;

//! A SAML or web identity is asked for MFA.

use crate::finding::{Finding, Severity};
use crate::iam::verdict::{CallerKind, LockOut};

use super::lock_outs::{self, Saying};
use super::{Documentation, Input, Judged, Rule};

/// The rule `mfa-locks-out-federation`.
pub(super) struct MfaLocksOutFederation;

const HELP: &str =
    "remove the condition on MFA from the Allow for the provider, and ask for MFA in the provider itself";

const HELP_DENY: &str = "name in the Deny the accounts that people come from, in place of everybody";

impl Rule for MfaLocksOutFederation {
    fn id(&self) -> &'static str {
        "mfa-locks-out-federation"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "a SAML or web identity is asked for MFA, which AWS cannot see"
    }

    fn documentation(&self) -> Documentation {
        Documentation {
            why: "AssumeRoleWithSAML and AssumeRoleWithWebIdentity have no MFA parameters, and AWS cannot see whether \
                  the provider asked for MFA. A condition on MFA refuses every sign-in and every pipeline.",
            bad: BAD,
            good: GOOD,
            fix: "Take the condition away and ask for MFA at the identity provider. What can be pinned here is who \
                  comes: the audience and the subject of the token.",
        }
    }

    fn check(&self, input: &Input<'_>, found: &mut Vec<Finding>) {
        let because = |_| "AWS does not see the MFA of an identity provider";
        let saying = Saying { rule: self.id(), because: &because, help: &help };
        lock_outs::findings(input, &[CallerKind::Federated], &saying, found);
    }
}

fn help(_: &Judged, lock_out: &LockOut) -> String {
    if lock_outs::allows(lock_out) { HELP.to_owned() } else { HELP_DENY.to_owned() }
}

const BAD: &str = r#"Resources:
  Pipeline:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Federated: "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}
            Action: sts:AssumeRoleWithWebIdentity
            Condition:
              Bool: {"aws:MultiFactorAuthPresent": "true"}
"#;

const GOOD: &str = r#"Resources:
  Pipeline:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Federated: "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}
            Action: sts:AssumeRoleWithWebIdentity
            Condition:
              StringEquals: {"token.actions.githubusercontent.com:sub": "repo:example/shop:ref:refs/heads/main"}
"#;

//! The session of a role is asked for MFA.

use crate::finding::{Finding, Severity};
use crate::iam::verdict::{CallerKind, LockOut};
use crate::inventory::subjects::SubjectKind;

use super::lock_outs::{self, Saying};
use super::{Documentation, Input, Judged, Rule};

/// The rule `mfa-locks-out-role-session`.
pub(super) struct MfaLocksOutRoleSession;

impl Rule for MfaLocksOutRoleSession {
    fn id(&self) -> &'static str {
        "mfa-locks-out-role-session"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "sessions of a role are asked for MFA, which they do not carry"
    }

    fn documentation(&self) -> Documentation {
        Documentation {
            why: "The credentials of an assumed role carry no MFA, even where it took MFA to assume the role; the \
                  same goes for Identity Center, whose permission sets are roles. A condition on MFA in what a role \
                  may do, or in a role that another role assumes, refuses every such session.",
            bad: BAD,
            good: GOOD,
            fix: "Ask for MFA where people come in: in the trust policy of the role that they assume first, or in \
                  Identity Center itself. Take the condition out of the role's permissions; limit a service control \
                  policy that asks for MFA to IAM users by their ARN.",
        }
    }

    fn check(&self, input: &Input<'_>, found: &mut Vec<Finding>) {
        let because = |caller| match caller {
            CallerKind::PermissionSet => "sessions of Identity Center never carry MFA in AWS's eyes",
            _ => "the session of a role carries no MFA, even where assuming it took MFA",
        };
        let saying = Saying { rule: self.id(), because: &because, help: &help };
        lock_outs::findings(input, &[CallerKind::RoleSession, CallerKind::PermissionSet], &saying, found);
    }
}

fn help(judged: &Judged, lock_out: &LockOut) -> String {
    let text = match (judged.subject.kind, lock_outs::allows(lock_out)) {
        (SubjectKind::RoleTrust, true) => {
            "name the role in an Allow of its own, without a condition on MFA: MFA was asked for where that role was \
             assumed"
        }
        (SubjectKind::PermissionSet, _) => "remove the condition on MFA, and ask for MFA in Identity Center",
        (SubjectKind::RolePermissions, _) => {
            "remove the condition on MFA here, and ask for MFA in the trust policy of the role"
        }
        (_, true) => {
            "remove the condition on MFA from the Allow, and ask IAM users for MFA in a Deny of its own with \
             `\"ArnLike\": {\"aws:PrincipalArn\": \"arn:aws:iam::*:user/*\"}`"
        }
        (_, false) => "limit the Deny to IAM users: `\"ArnLike\": {\"aws:PrincipalArn\": \"arn:aws:iam::*:user/*\"}`",
    };
    text.to_owned()
}

const BAD: &str = r#"Resources:
  Chained:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {AWS: "arn:aws:iam::111122223333:role/jump"}
            Action: sts:AssumeRole
            Condition:
              Bool: {"aws:MultiFactorAuthPresent": "true"}
"#;

const GOOD: &str = r#"Resources:
  Chained:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {AWS: "arn:aws:iam::111122223333:role/jump"}
            Action: sts:AssumeRole
"#;

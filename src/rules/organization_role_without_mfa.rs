//! The role that AWS Organizations makes in a new account does not ask for MFA.

use crate::finding::{Finding, Label, Severity, Status};
use crate::iam::verdict::Verdict;
use crate::inventory::Account;
use crate::inventory::subjects::SubjectKind;

use super::{Documentation, Input, Rule};

/// The rule `organization-role-without-mfa`.
pub(super) struct OrganizationRoleWithoutMfa;

impl Rule for OrganizationRoleWithoutMfa {
    fn id(&self) -> &'static str {
        "organization-role-without-mfa"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "the administrator role that AWS Organizations makes in a new account does not ask for MFA"
    }

    fn documentation(&self) -> Documentation {
        Documentation {
            why: "With a new account AWS Organizations makes a role in it, `OrganizationAccountAccessRole` unless \
                  another name is given, that holds AdministratorAccess and trusts the whole management account \
                  without MFA. It stands in no template and in no plan, so nobody reviews it.",
            bad: BAD,
            good: GOOD,
            fix: "Declare a role of that name in the new account, import the one that is there, and give it a trust \
                  policy with `Bool` and `aws:MultiFactorAuthPresent` = `true`. Check that declaration in the same \
                  run as the account: it settles this finding.",
        }
    }

    fn check(&self, input: &Input<'_>, found: &mut Vec<Finding>) {
        for account in &input.inventory.accounts {
            let settled = account.role_name.as_ref().is_some_and(|name| is_enforced(input, name));
            if !settled {
                found.push(finding(self.id(), account));
            }
        }
    }
}

/// Whether this input shows the role with a trust policy that asks for MFA.
fn is_enforced(input: &Input<'_>, role: &str) -> bool {
    let mut roles = input.of_kind(SubjectKind::RoleTrust);
    roles.any(|judged| {
        judged.subject.name.as_deref() == Some(role) && matches!(judged.judgement.verdict, Verdict::Enforced)
    })
}

fn finding(rule: &'static str, account: &Account) -> Finding {
    let name = account.name.as_ref().unwrap_or(&account.address.path);
    let (role, declared) = match &account.role_name {
        Some(role) => (format!("role `{role}`"), format!("a role `{role}`")),
        None => {
            let unknown = "a role whose name is not known here".to_owned();
            (unknown, "the role".to_owned())
        }
    };
    Finding {
        rule,
        severity: Severity::Error,
        address: account.address.clone(),
        message: format!(
            "account `{name}` comes with {role}, an administrator that anyone in the management account may become \
             without MFA"
        ),
        help: format!(
            "declare {declared} for the new account whose trust policy has `\"Condition\": {{\"Bool\": \
             {{\"aws:MultiFactorAuthPresent\": \"true\"}}}}`, and check it in the same run"
        ),
        primary: Label { place: account.place.clone(), text: "makes an administrator role without MFA".to_owned() },
        related: Vec::new(),
        witness: None,
        status: Status::New,
    }
}

const BAD: &str = r#"Resources:
  Sandbox:
    Type: AWS::Organizations::Account
    Properties:
      AccountName: sandbox
      Email: sandbox@example.com
"#;

const GOOD: &str = r#"Resources:
  Sandbox:
    Type: AWS::Organizations::Account
    Properties:
      AccountName: sandbox
      Email: sandbox@example.com
  AccessRole:
    Type: AWS::IAM::Role
    Properties:
      RoleName: OrganizationAccountAccessRole
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {AWS: "111122223333"}
            Action: sts:AssumeRole
            Condition:
              Bool: {"aws:MultiFactorAuthPresent": "true"}
"#;

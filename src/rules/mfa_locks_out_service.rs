//! An AWS service is asked for MFA.

use crate::finding::{Finding, Severity};
use crate::iam::verdict::CallerKind;

use super::lock_outs::{self, Saying};
use super::{Documentation, Input, Rule};

/// The rule `mfa-locks-out-service`.
pub(super) struct MfaLocksOutService;

impl Rule for MfaLocksOutService {
    fn id(&self) -> &'static str {
        "mfa-locks-out-service"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "an AWS service is asked for MFA, which no service has"
    }

    fn documentation(&self) -> Documentation {
        Documentation {
            why: "Services such as EC2 and Lambda call with no MFA keys at all. A condition that asks them for MFA \
                  refuses them for good: instances get no credentials, functions do not start.",
            bad: BAD,
            good: GOOD,
            fix: "Give people and services an Allow each: MFA in the one for people, no MFA in the one for services. \
                  A Deny without MFA in a trust policy or on a resource has to leave services out.",
        }
    }

    fn check(&self, input: &Input<'_>, found: &mut Vec<Finding>) {
        let because = |_| "a service never has MFA";
        let saying = Saying {
            rule: self.id(),
            because: &because,
            help: &|_, lock_out| {
                let exempt = r#"add `"Bool": {"aws:PrincipalIsAWSService": "false"}` to the Deny"#;
                if lock_outs::allows(lock_out) {
                    "name the service in an Allow of its own, without a condition on MFA".to_owned()
                } else {
                    exempt.to_owned()
                }
            },
        };
        lock_outs::findings(input, &[CallerKind::Service], &saying, found);
    }
}

const BAD: &str = r#"Resources:
  Worker:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              AWS: "111122223333"
              Service: ec2.amazonaws.com
            Action: sts:AssumeRole
            Condition:
              Bool: {"aws:MultiFactorAuthPresent": "true"}
"#;

const GOOD: &str = r#"Resources:
  Worker:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {AWS: "111122223333"}
            Action: sts:AssumeRole
            Condition:
              Bool: {"aws:MultiFactorAuthPresent": "true"}
          - Effect: Allow
            Principal: {Service: ec2.amazonaws.com}
            Action: sts:AssumeRole
"#;

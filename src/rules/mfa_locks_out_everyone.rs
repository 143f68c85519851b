//! Nobody gets in, not even with MFA.

use crate::finding::{Finding, Severity};
use crate::iam::verdict::CallerKind;

use super::lock_outs::{self, Saying};
use super::{Documentation, Input, Rule, explain, words};

/// The rule `mfa-locks-out-everyone`.
pub(super) struct MfaLocksOutEveryone;

impl Rule for MfaLocksOutEveryone {
    fn id(&self) -> &'static str {
        "mfa-locks-out-everyone"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "a condition on MFA keeps people out who did use MFA"
    }

    fn documentation(&self) -> Documentation {
        Documentation {
            why: "A condition that no session meets, or that only sessions without MFA meet, does not protect \
                  anything: it shuts everybody out. Usually a key is misspelt or a value is the wrong way round, and \
                  sooner or later somebody removes the whole guard to get work done.",
            bad: BAD,
            good: GOOD,
            fix: "In an Allow write `Bool` with `aws:MultiFactorAuthPresent` = `true`; in a Deny `BoolIfExists` with \
                  `aws:MultiFactorAuthPresent` = `false`.",
        }
    }

    fn check(&self, input: &Input<'_>, found: &mut Vec<Finding>) {
        let because = |_| "no session after MFA gets through its condition";
        let saying = Saying {
            rule: self.id(),
            because: &because,
            help: &|_, lock_out| {
                let allows = lock_outs::allows(lock_out);
                let test = lock_out.test.and_then(|index| words::test(&lock_out.statement, index));
                let correct = test.map(|test| explain::correct(test, allows));
                format!("write `{}`", correct.unwrap_or_else(|| explain::correct_presence(allows).to_owned()))
            },
        };
        lock_outs::findings(input, &[CallerKind::MfaSession], &saying, found);
    }
}

const BAD: &str = r#"Resources:
  Analysts:
    Type: AWS::IAM::Group
    Properties:
      Policies:
        - PolicyName: read
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - {Effect: Allow, Action: "s3:Get*", Resource: "*"}
              - Effect: Deny
                Action: "*"
                Resource: "*"
                Condition:
                  BoolIfExists: {"aws:MultiFactorAuthenticated": "false"}
"#;

const GOOD: &str = r#"Resources:
  Analysts:
    Type: AWS::IAM::Group
    Properties:
      Policies:
        - PolicyName: read
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - {Effect: Allow, Action: "s3:Get*", Resource: "*"}
              - Effect: Deny
                Action: "*"
                Resource: "*"
                Condition:
                  BoolIfExists: {"aws:MultiFactorAuthPresent": "false"}
"#;

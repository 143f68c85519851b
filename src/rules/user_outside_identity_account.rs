//! An IAM user or group in an account that is not there for people.

use std::collections::BTreeMap;

use crate::config::AccountKind;
use crate::finding::{Finding, Label, Severity, Status};
use crate::inventory::{Address, Identity, IdentityKind, Target};
use crate::source::Place;

use super::{Documentation, Input, Rule};

/// The rule `user-outside-identity-account`.
pub(super) struct UserOutsideIdentityAccount;

const HELP: &str =
    "move it into the identity account and let people assume a role here, with MFA asked for in its trust";

impl Rule for UserOutsideIdentityAccount {
    fn id(&self) -> &'static str {
        "user-outside-identity-account"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "an IAM user, group or membership is outside of the account that the configuration keeps people in"
    }

    fn documentation(&self) -> Documentation {
        Documentation {
            why: "Where people have their users in one account, that account's guards ask them for MFA, and one place \
                  shows who there is. A user in another account has a way in that none of this covers. The rule \
                  speaks where the configuration has an account of kind `security`; which account a resource belongs \
                  to follows from its ARN, its provider or the path of its file.",
            bad: BAD,
            good: GOOD,
            fix: "Keep the user in the identity account and make a role here that its group may assume. For a \
                  machine, make a role that its service can assume.",
        }
    }

    fn configuration(&self) -> Option<&'static str> {
        Some(CONFIGURATION)
    }

    fn check(&self, input: &Input<'_>, found: &mut Vec<Finding>) {
        if !input.configuration.accounts.iter().any(|account| account.kind == AccountKind::Security) {
            return;
        }
        let mut unplaced: BTreeMap<&str, &Place> = BTreeMap::new();
        for thing in things(input) {
            match thing.account(input) {
                Some(account) => found.extend(thing.finding(self.id(), input, account)),
                None => {
                    let place = thing.place.in_file();
                    let first = unplaced.entry(place.source.name()).or_insert(place);
                    if place.span.start < first.span.start {
                        *first = place;
                    }
                }
            }
        }
        found.extend(unplaced.into_iter().map(|(file, place)| note(self.id(), file, place)));
    }
}

/// A user, a group or a membership.
struct Thing<'a> {
    called: String,
    address: Option<&'a Address>,
    place: &'a Place,
}

fn things<'a>(input: &Input<'a>) -> impl Iterator<Item = Thing<'a>> {
    let people = |identity: &&Identity| matches!(identity.kind, IdentityKind::User | IdentityKind::Group);
    let identities = input.inventory.identities.iter().filter(people).map(|identity| {
        let kind = if identity.kind == IdentityKind::User { "user" } else { "group" };
        let called = format!("the IAM {kind} `{}`", identity.name.as_ref().unwrap_or(&identity.address.path));
        Thing { called, address: Some(&identity.address), place: &identity.place }
    });
    // Where the user or the group is declared here, it is told of itself.
    let elsewhere = |target: &Target| !matches!(target, Target::Resource(_));
    let memberships = input.inventory.memberships.iter();
    let memberships = memberships.filter(move |membership| elsewhere(&membership.user) && elsewhere(&membership.group));
    identities.chain(memberships.map(|membership| {
        let called = format!("the membership of `{}` in `{}`", name(&membership.user), name(&membership.group));
        Thing { called, address: None, place: &membership.place }
    }))
}

fn name(target: &Target) -> &str {
    match target {
        Target::Resource(address) => &address.path,
        Target::Name(name) => name,
        Target::Unknown(unknown) => &unknown.name,
    }
}

impl Thing<'_> {
    fn account<'a>(&self, input: &Input<'a>) -> Option<&'a str> {
        match self.address {
            Some(address) => input.homes.of(address),
            None => input.homes.of_input(self.place.in_file().source.name()),
        }
    }

    fn finding(&self, rule: &'static str, input: &Input<'_>, id: &str) -> Option<Finding> {
        let account = match input.configuration.account(id) {
            Some(account) if account.kind == AccountKind::Security => return None,
            Some(account) => match &account.name {
                Some(name) => format!("account `{id}` (`{name}`)"),
                None => format!("account `{id}`"),
            },
            None => format!("account `{id}`, which the configuration does not name"),
        };
        let file = self.place.in_file().source.name();
        let address = || Address { input: file.into(), path: file.to_owned() };
        Some(Finding {
            rule,
            severity: Severity::Error,
            address: self.address.cloned().unwrap_or_else(address),
            message: format!("{} lies in {account}: people have no users there", self.called),
            help: HELP.to_owned(),
            primary: Label { place: self.place.clone(), text: "outside of the identity account".to_owned() },
            related: Vec::new(),
            witness: None,
            status: Status::New,
        })
    }
}

/// Not knowing where users belong must not look like knowing that all is well.
fn note(rule: &'static str, file: &str, place: &Place) -> Finding {
    Finding {
        rule,
        severity: Severity::Note,
        address: Address { input: file.into(), path: file.to_owned() },
        message: format!("which account the users and groups of `{file}` belong to cannot be told"),
        help: "name the file under `paths`, or its provider under `providers`, of an account in the configuration"
            .to_owned(),
        primary: Label { place: place.clone(), text: "the first of them".to_owned() },
        related: Vec::new(),
        witness: None,
        status: Status::New,
    }
}

const CONFIGURATION: &str = r#"accounts:
  - {id: "111122223333", name: people, kind: security, paths: [security/]}
  - {id: "444455556666", name: production, kind: child, paths: [template.yaml]}
"#;

const BAD: &str = r#"Resources:
  Operator:
    Type: AWS::IAM::User
    Properties:
      UserName: operator
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

//! Role trust policies: who can assume the role, and with which credentials.

use std::collections::BTreeSet;

use super::blame;
use super::case::{Case, Item};
use super::classes::Own;
use super::context::{add_layer, tests, values, with_mfa, without_mfa};
use super::passed;
use super::people::reasons;
use super::solver::{Outcome, Solver};
use crate::iam::caller::{Caller, MfaState, Signer};
use crate::iam::document::PrincipalKind;
use crate::iam::pattern::{Pattern, Universe, representatives};
use crate::iam::principal::{Meant, Named, as_written};
use crate::iam::request::signer;
use crate::iam::truth::{Doubt, Truth};
use crate::iam::verdict::{CallerKind, Danger, Hole, Judgement, LockOut, Verdict};
use crate::inventory::subjects::Subject;

/// More accounts than this that only tests name are not looked at.
const ACCOUNTS: usize = 8;

/// The key that tells the customers of a vendor apart.
const EXTERNAL_ID: &str = "sts:externalid";

/// The keys that say which organization a caller belongs to.
const ORGANIZATION: [&str; 2] = ["aws:principalorgid", "aws:principalorgpaths"];

/// An account that no policy names.
const STRANGER: &str = "999999999999";

/// Judges a trust policy.
#[must_use]
pub fn judge(subject: &Subject) -> Judgement {
    let mut case = Case { trust: true, ..Case::default() };
    add_layer(&mut case, 0, 0, &subject.policies);
    for (index, boundary) in subject.boundaries.iter().enumerate() {
        add_layer(&mut case, index + 1, subject.policies.len() + index, std::slice::from_ref(boundary));
    }
    let people = people(&case);
    let mut survey = Survey::default();
    for (signer, named) in &people {
        survey.ask_person(&case, signer, *named);
    }
    let mut locked_out = Vec::new();
    for (kind, signer, named) in machines(&case) {
        locked_out.extend(lock_out(&case, kind, &signer, named));
    }
    let stranger = Signer::Arn(format!("arn:aws:iam::{STRANGER}:user/alice"));
    let admits_any_account = admits_stranger(&case, &stranger);
    if survey.holes.is_empty() && survey.doubts.is_empty() && !survey.admitted && survey.would_admit {
        let somebody = people.first().map(|(signer, named)| describe(&case, signer, *named)).unwrap_or_default();
        locked_out.extend(blame::everyone(&case, somebody));
    }
    let gated = survey.admitted && survey.refused;
    let verdict = if !survey.holes.is_empty() {
        survey.holes.sort_by_key(|hole| hole.danger == Danger::Vendor);
        Verdict::Bypassable(survey.holes)
    } else if !survey.doubts.is_empty() {
        Verdict::Unproven(reasons(&case, &survey.doubts))
    } else if survey.admitted {
        Verdict::Enforced
    } else {
        Verdict::NotApplicable
    };
    let own = Own {
        partition: "aws".to_owned(),
        account: "111122223333".to_owned(),
        name: "alice".to_owned(),
        path: "/".to_owned(),
    };
    let tests = super::tests::judge(&case, &own, |item| concerns(&case, &people, item));
    Judgement { verdict, locked_out, tests, gated, admits_any_account, ..Judgement::not_applicable() }
}

#[derive(Default)]
struct Survey<'a> {
    holes: Vec<Hole>,
    doubts: Vec<Doubt<'a>>,
    /// Some person gets in with MFA.
    admitted: bool,
    /// Some person is refused without it.
    refused: bool,
    /// Some person would get in if there were no conditions on MFA.
    would_admit: bool,
}

impl<'a> Survey<'a> {
    /// Whether no hole of the same danger goes through the same statement.
    fn is_news(&self, hole: &Hole) -> bool {
        let same =
            |known: &Hole| known.danger == hole.danger && known.allowed_by.place.span == hole.allowed_by.place.span;
        !self.holes.iter().any(same)
    }

    fn ask_person(&mut self, case: &Case<'a>, signer: &Signer, named: bool) {
        let after = Caller::new(CallerKind::MfaSession, signer.clone(), named);
        self.admitted |= perhaps_admits(case, signer, with_mfa(case));
        let absent = MfaState::absent();
        self.would_admit |= call(&Solver::regardless_of_mfa(case, &after, &absent), "sts:assumerole").is_allowed();
        let asks_vendor = tests(case).any(|(_, test)| test.name == EXTERNAL_ID);
        for (kind, state) in without_mfa() {
            let caller = Caller::new(kind, signer.clone(), named);
            let plain = Solver::new(case, &caller, &state).without(EXTERNAL_ID);
            let (outcome, danger) = match call(&plain, "sts:assumerole") {
                plain if plain.is_allowed() || !asks_vendor => (plain, Danger::Access),
                _ => (call(&Solver::new(case, &caller, &state), "sts:assumerole"), Danger::Vendor),
            };
            match outcome {
                Outcome::Refused => self.refused = true,
                Outcome::Perhaps(doubt) if self.doubts.len() < 16 => self.doubts.push(doubt),
                Outcome::Perhaps(_) => {}
                Outcome::Allowed(solution) => {
                    let actions = case.action_coverage("sts:assumerole");
                    let resources = vec![Truth::True; case.items.len()];
                    let call =
                        passed::Call { caller: &caller, state: &state, actions: &actions, resources: &resources };
                    let told = passed::Told {
                        principal: describe(case, signer, named),
                        action: "sts:AssumeRole".to_owned(),
                        resource: "*".to_owned(),
                        danger,
                    };
                    let hole = passed::hole(case, &call, solution, told).filter(|hole| self.is_news(hole));
                    self.holes.extend(hole);
                }
            }
        }
    }
}

fn call<'a>(solver: &Solver<'_, 'a>, action: &str) -> Outcome<'a> {
    solver.call(action, "*")
}

/// Whether somebody after MFA gets in who belongs to no organization that the policy could mean.
fn admits_stranger<'a>(case: &Case<'a>, stranger: &Signer) -> bool {
    let caller = Caller::new(CallerKind::MfaSession, stranger.clone(), false);
    let admits = |state: &MfaState| {
        let solver = Solver::new(case, &caller, state);
        call(&ORGANIZATION.iter().fold(solver, |solver, key| solver.without(key)), "sts:assumerole").is_allowed()
    };
    with_mfa(case).iter().any(admits)
}

/// Whether somebody gets in, or may be meant by a principal that is not known: what cannot be told apart is people.
fn perhaps_admits(case: &Case<'_>, signer: &Signer, states: &[MfaState]) -> bool {
    let caller = Caller::new(CallerKind::MfaSession, signer.clone(), false);
    states.iter().any(|state| match call(&Solver::new(case, &caller, state), "sts:assumerole") {
        Outcome::Allowed(_) | Outcome::Perhaps(Doubt::Value(..)) => true,
        Outcome::Perhaps(_) | Outcome::Refused => false,
    })
}

/// Who calls, as a part of a sentence.
pub(super) fn describe(case: &Case<'_>, signer: &Signer, named: bool) -> String {
    let account = signer.account().unwrap_or_default();
    match signer {
        Signer::Arn(arn) if named => case.symbols.spell(as_written(arn)),
        Signer::Arn(_) if account == STRANGER => "any user in any AWS account".to_owned(),
        Signer::Arn(_) => format!("any user in account {}", case.symbols.spell(account)),
        Signer::Session { role, .. } if named => case.symbols.spell(as_written(role)),
        Signer::Session { .. } if account == STRANGER => "any role in any AWS account".to_owned(),
        Signer::Session { .. } => format!("any role in account {}", case.symbols.spell(account)),
        Signer::Service(name) | Signer::Federated(name) => case.symbols.spell(name),
        Signer::Anonymous => "anybody".to_owned(),
    }
}

/// Partition and account of everything that the policies name, and a stranger where they name everybody.
fn accounts(case: &Case<'_>) -> BTreeSet<(String, String)> {
    let mut accounts = BTreeSet::new();
    // Where everybody is meant, tests on the caller say who may come.
    accounts.extend(super::context::tested_accounts(case, &Pattern::glob("*")).into_iter().take(ACCOUNTS));
    for meant in case.people() {
        match &meant.named {
            Named::Everyone => {
                accounts.insert(("aws".to_owned(), STRANGER.to_owned()));
            }
            Named::Account { partition, account } => {
                accounts.insert((partition.clone(), account.clone()));
            }
            Named::Arn(arn) => {
                let mut parts = arn.splitn(6, ':').skip(1);
                if let (Some(partition), Some(account)) = (parts.next(), parts.nth(2)) {
                    accounts.insert((partition.to_owned(), account.to_owned()));
                }
            }
            Named::Unclear => {}
        }
    }
    accounts
}

/// The people whom the policies tell apart: users of every account that they name, and principals that cannot be told.
pub(super) fn people(case: &Case<'_>) -> Vec<(Signer, bool)> {
    let mut people: Vec<(Signer, bool)> = Vec::new();
    for (partition, account) in accounts(case) {
        let found = arns(case, &format!("arn:{partition}:iam::{account}:user/"), "alice");
        people.extend(found.into_iter().map(|(arn, named)| (Signer::Arn(arn), named)));
    }
    for meant in case.people().filter(|meant| meant.named == Named::Unclear) {
        people.push((Signer::Arn(meant.pattern.example()), true));
    }
    if case.items.iter().any(|item| item.statement().is_none() || has_open_principals(item)) && people.is_empty() {
        people.push((Signer::Arn(format!("arn:aws:iam::{STRANGER}:user/alice")), false));
    }
    people
}

fn has_open_principals(item: &Item<'_>) -> bool {
    let principals = item.statement().and_then(|statement| statement.principals.as_ref());
    principals.is_some_and(|principals| principals.unknown.is_some() || principals.negated)
}

/// The ARNs below a prefix that principals and tests on the caller's ARN tell apart, each with whether it is named.
fn arns(case: &Case<'_>, prefix: &str, generic: &str) -> Vec<(String, bool)> {
    let of_arn = |meant: &Meant<'_>| match &meant.named {
        Named::Arn(arn) => Some(Pattern::literal(&role_of(arn))),
        _ => None,
    };
    let mut patterns: Vec<Pattern> = case.people().filter_map(of_arn).collect();
    for (item, test) in tests(case) {
        let key = test.name.as_str();
        if key == "aws:principalarn" {
            patterns.extend(values(case, item, test));
        } else if key == "aws:username" {
            for pattern in values(case, item, test) {
                let mut arn = Pattern::literal(prefix);
                arn.push_pattern(&pattern);
                patterns.push(arn);
            }
        }
    }
    let universe = Universe::Identities(prefix.to_owned());
    let generic = format!("{prefix}{generic}");
    let patterns: Vec<&Pattern> = patterns.iter().collect();
    let found = representatives(&universe, &patterns, std::slice::from_ref(&generic), &case.budget);
    let found = found.unwrap_or_else(|_| vec![generic]);
    let wide = Pattern::glob("arn:*:iam::*:*/*");
    let is_wide = |pattern: &Pattern| pattern.matches_everything() || *pattern == wide;
    let is_named = |arn: &String| patterns.iter().any(|pattern| !is_wide(pattern) && pattern.is_matched_by(arn));
    found.into_iter().take(24).map(|arn| (arn.clone(), is_named(&arn))).collect()
}

/// A session's ARN as its role's, anything else as it is.
fn role_of(arn: &str) -> String {
    match signer(arn) {
        Signer::Session { role, .. } => role,
        _ => arn.to_owned(),
    }
}

/// Services, identity providers and roles that the policies tell apart.
fn machines(case: &Case<'_>) -> Vec<(CallerKind, Signer, bool)> {
    let mut machines = Vec::new();
    let mut seen = BTreeSet::new();
    for meant in case.items.iter().flat_map(|item| case.principals(item)) {
        let text = meant.pattern.example();
        let machine = match (meant.kind, &meant.named) {
            (PrincipalKind::Service, _) => (CallerKind::Service, Signer::Service(text.clone()), true),
            (PrincipalKind::Federated, _) => (CallerKind::Federated, Signer::Federated(text.clone()), true),
            // Of a role some session is tried below; one that is named itself is no other.
            (PrincipalKind::Aws, Named::Arn(arn)) if is_session(arn) => (CallerKind::RoleSession, signer(arn), true),
            (PrincipalKind::Aws | PrincipalKind::CanonicalUser, _) => continue,
        };
        if seen.insert((machine.0, text)) {
            machines.push(machine);
        }
    }
    for (partition, account) in accounts(case) {
        for (arn, named) in arns(case, &format!("arn:{partition}:iam::{account}:role/"), "some-role") {
            machines.push((CallerKind::RoleSession, signer(&arn), named));
        }
    }
    machines
}

fn is_session(arn: &str) -> bool {
    matches!(signer(arn), Signer::Session { session, .. } if session == arn) && arn.contains(":assumed-role/")
}

/// The action by which a signer assumes a role.
fn assuming(signer: &Signer) -> &'static [&'static str] {
    match signer {
        Signer::Federated(provider) if provider.contains(":saml-provider/") => &["sts:assumerolewithsaml"],
        Signer::Federated(_) => &["sts:assumerolewithwebidentity"],
        _ => &["sts:assumerole"],
    }
}

/// A caller who gets through under some state of MFA, but under none that it can have.
fn lock_out(case: &Case<'_>, kind: CallerKind, signer: &Signer, named: bool) -> Option<LockOut> {
    let caller = Caller::new(kind, signer.clone(), named);
    let possible = match kind {
        CallerKind::RoleSession => vec![MfaState::without(), MfaState::absent()],
        _ => vec![MfaState::absent()],
    };
    for action in assuming(signer) {
        let outcome = |state: &MfaState| call(&Solver::new(case, &caller, state), action);
        if !possible.iter().all(|state| outcome(state).is_refused()) {
            continue;
        }
        let without = MfaState::without();
        let mut others = with_mfa(case).iter().chain([&without]);
        if !others.any(|state| outcome(state).is_allowed()) {
            continue;
        }
        let covers = |index: usize| case.items.get(index).is_some_and(|item| !case.action(item, action).is_false());
        let (item, test) = blame::refusing(case, &caller, possible.first()?, covers)?;
        return Some(LockOut {
            caller: kind,
            principal: describe(case, signer, named),
            named,
            entirely: true,
            statement: case.reference(item)?,
            test: Some(test),
        });
    }
    None
}

/// Whether a statement is about some of the people.
fn concerns<'a>(case: &Case<'a>, people: &[(Signer, bool)], item: &Item<'a>) -> bool {
    people.iter().any(|(signer, _)| !case.principal(item, signer).is_false())
}

#[cfg(test)]
mod tests;

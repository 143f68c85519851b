//! Every request of a dense grid against the policies of a group: actions, resources, users, states of MFA, and values of
//! the keys that the policies test.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::policies::{FREE, Foreign, REQUEST_AGES};
use super::{Answer, Call, Who, all, any, condition, covers_action, covers_resource, not, statements};

const ACCOUNT: &str = "111122223333";

/// What an action is asked for.
enum Target {
    User,
    Device,
    Nothing,
    Role,
    /// Anything of IAM.
    Identity,
    /// Anything but users and devices.
    Anything,
}

/// Actions, what each acts on, and whether it may be open without MFA on the caller's own things.
const ACTIONS: &[(&str, Target, bool)] = &[
    ("iam:CreateVirtualMFADevice", Target::Device, true),
    ("iam:EnableMFADevice", Target::User, true),
    ("iam:ResyncMFADevice", Target::User, true),
    ("iam:ListMFADevices", Target::User, true),
    ("iam:GetMFADevice", Target::User, true),
    ("iam:GetUser", Target::User, true),
    ("iam:ChangePassword", Target::User, true),
    ("iam:ListVirtualMFADevices", Target::Nothing, true),
    ("iam:ListUsers", Target::Nothing, true),
    ("iam:ListAccountAliases", Target::Nothing, true),
    ("iam:GetAccountPasswordPolicy", Target::Nothing, true),
    ("iam:GetAccountSummary", Target::Nothing, true),
    ("sts:GetSessionToken", Target::Nothing, true),
    ("sts:GetCallerIdentity", Target::Nothing, true),
    ("iam:DeactivateMFADevice", Target::User, false),
    ("iam:DeleteVirtualMFADevice", Target::Device, false),
    ("iam:CreateLoginProfile", Target::User, false),
    ("iam:UpdateLoginProfile", Target::User, false),
    ("iam:CreateAccessKey", Target::User, false),
    ("sts:AssumeRole", Target::Role, false),
    ("sts:GetFederationToken", Target::Identity, false),
    ("iam:ListRoles", Target::Identity, false),
    ("iam:GetRole", Target::Identity, false),
    ("iam:DeleteLoginProfile", Target::Identity, false),
    ("iam:AttachUserPolicy", Target::Identity, false),
    ("s3:GetObject", Target::Anything, false),
    ("s3:PutObject", Target::Anything, false),
    ("ec2:RunInstances", Target::Anything, false),
    ("unheard-of:Action", Target::Anything, false),
];

const RESOURCES: &[&str] = &[
    "*",
    "arn:aws:iam::111122223333:user/alice",
    "arn:aws:iam::111122223333:user/bob",
    "arn:aws:iam::111122223333:user/malice",
    "arn:aws:iam::111122223333:user/ops/carol",
    "arn:aws:iam::111122223333:user/dave",
    "arn:aws:iam::999999999999:user/eve",
    "arn:aws:iam::111122223333:mfa/alice",
    "arn:aws:iam::999999999999:mfa/stranger",
    "arn:aws:iam::111122223333:mfa/new-device",
    "arn:aws:iam::111122223333:role/Admin",
    "arn:aws:s3:::bucket",
    "arn:aws:s3:::bucket/key",
    "arn:aws:s3:::alice/key",
    "arn:aws:s3:::other/key",
    "arn:aws:ec2:us-east-1:111122223333:instance/i-0123456789abcdef0",
];

/// What the grid shows of a group's policies.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// A call that gets through without MFA and must not.
    pub(crate) open: Option<Call>,
    /// One of which the documents do not say whether it does.
    pub(crate) doubtful: Option<Call>,
    /// A call that only callers with MFA get through with.
    pub(crate) gated: Option<Call>,
    /// A call that a caller with MFA gets through with, and that is neither exempt nor the enrolment of others.
    pub(crate) kept: Option<Call>,
    /// Whether a user without a device can enrol one, over all users that have no path.
    pub(crate) enrolment: Vec<Answer>,
}

/// Every user, state of MFA and choice of keys that the policies tell apart.
pub(crate) fn survey(policies: &[Value]) -> Survey {
    let mut survey = Survey::default();
    let all: Vec<(bool, &Value)> = policies.iter().flat_map(statements).collect();
    for name in ["alice", "bob", "ops/carol"] {
        let who = Who::User(format!("arn:aws:iam::{ACCOUNT}:user/{name}"));
        let view = View { statements: &all, contexts: contexts(policies, &who), who };
        view.ask(&mut survey);
        if !name.contains('/') {
            survey.enrolment.push(view.enrolment());
        }
    }
    survey
}

/// The keys of a request, and what is worth knowing about it.
struct Context {
    keys: BTreeMap<String, Vec<String>>,
    mfa: bool,
    forwarded: bool,
    /// For each statement whether its tests hold; filled by the first question.
    state: &'static str,
}

/// The values that requests may have for a key.
pub(crate) fn choices(foreign: &Foreign) -> Vec<Option<Vec<String>>> {
    let read = |text: &&str| (*text != "-").then(|| text.split(',').map(str::to_owned).collect());
    foreign.requests.iter().map(read).collect()
}

/// Each set of keys with each value of a further key.
pub(crate) fn times(
    contexts: Vec<BTreeMap<String, Vec<String>>>,
    key: &str,
    choices: &[Option<Vec<String>>],
) -> Vec<BTreeMap<String, Vec<String>>> {
    let with = |keys: BTreeMap<String, Vec<String>>| {
        choices.iter().map(move |choice| {
            let mut keys = keys.clone();
            keys.extend(choice.iter().map(|values| (key.to_lowercase(), values.clone())));
            keys
        })
    };
    contexts.into_iter().flat_map(with).collect()
}

fn contexts(policies: &[Value], who: &Who) -> Vec<Context> {
    let text = Value::Array(policies.to_vec()).to_string();
    let mut free = vec![who.keys()];
    for foreign in FREE.iter().filter(|foreign| text.contains(foreign.key)) {
        free = times(free, foreign.key, &choices(foreign));
    }
    let mut states = vec![("absent", None, None), ("false", Some("false"), None)];
    states.extend(REQUEST_AGES.iter().map(|age| ("true", Some("true"), Some(*age))));
    let ways: &[bool] = if text.contains("ViaAWSService") { &[false, true] } else { &[false] };
    let mut contexts = Vec::new();
    for keys in free {
        for (state, present, age) in &states {
            for forwarded in ways {
                let mut keys = keys.clone();
                let mut set = |key: &str, value: &str| keys.insert(key.to_owned(), vec![value.to_owned()]);
                set("aws:viaawsservice", if *forwarded { "true" } else { "false" });
                present.map(|present| set("aws:multifactorauthpresent", present));
                age.map(|age| set("aws:multifactorauthage", age));
                contexts.push(Context { keys, mfa: age.is_some(), forwarded: *forwarded, state });
            }
        }
    }
    contexts
}

struct View<'a> {
    statements: &'a [(bool, &'a Value)],
    contexts: Vec<Context>,
    who: Who,
}

impl View<'_> {
    fn call(&self, action: &str, resource: &str, context: &Context) -> Call {
        let keys = context.keys.clone();
        Call { who: self.who.clone(), action: action.to_owned(), resource: resource.to_owned(), keys }
    }

    /// For each statement whether it covers the action and the resource.
    fn covered(&self, action: &str, resource: &str) -> Vec<bool> {
        let call = self.call(action, resource, &self.contexts[0]);
        let covers = |(version, statement): &(bool, &Value)| {
            covers_action(statement, action) && covers_resource(*version, statement, &call)
        };
        self.statements.iter().map(covers).collect()
    }

    fn holding(&self, context: &Context) -> Vec<Answer> {
        let call = self.call("", "", context);
        self.statements.iter().map(|(version, statement)| condition::holds(*version, statement, &call)).collect()
    }

    /// Whether a call gets through; `counted` says which statements take part.
    fn allowed(&self, counted: &[bool], covered: &[bool], holding: &[Answer]) -> Answer {
        let some = |effect: &str| {
            let covered = covered.iter().zip(counted).map(|(covered, counted)| *covered && *counted);
            let applying = self.statements.iter().zip(covered.zip(holding));
            any(applying
                .filter(|((_, statement), (covered, _))| statement["Effect"] == effect && *covered)
                .map(|(_, (_, holds))| *holds))
        };
        all([some("Allow"), not(some("Deny"))])
    }

    fn ask(&self, survey: &mut Survey) {
        let mut calls: HashMap<(Vec<bool>, bool), (&str, &str)> = HashMap::new();
        for (action, target, exempt) in ACTIONS {
            for resource in RESOURCES.iter().filter(|resource| self.counts(target, *exempt, resource)) {
                calls.entry((self.covered(action, resource), *exempt)).or_insert((action, resource));
            }
        }
        let everything = vec![true; self.statements.len()];
        let self_management = self.self_management();
        let holding: Vec<Vec<Answer>> = self.contexts.iter().map(|context| self.holding(context)).collect();
        for ((covered, of_others), (action, resource)) in calls {
            // What administrators of all of IAM can do for other users is no hole in their self-management.
            let counted = if of_others { &self_management } else { &everything };
            let mut refused = false;
            let mut after = None;
            for (context, holding) in self.contexts.iter().zip(&holding) {
                let answer = self.allowed(counted, &covered, holding);
                let call = || Some(self.call(action, resource, context));
                match (context.mfa, answer) {
                    (false, Some(true)) => survey.open = survey.open.take().or_else(call),
                    (false, None) => survey.doubtful = survey.doubtful.take().or_else(call),
                    (true, Some(true)) if !context.forwarded => after = after.or_else(call),
                    _ => {}
                }
            }
            // Refused for every choice of keys in one of the two states without MFA.
            for state in ["absent", "false"] {
                let mut answers = self.contexts.iter().zip(&holding).filter(|(context, _)| context.state == state);
                refused |= answers.all(|(_, holding)| self.allowed(counted, &covered, holding) == Some(false));
            }
            survey.gated = survey.gated.take().or_else(|| after.clone().filter(|_| refused));
            // To enrol others is not what people come for.
            survey.kept = survey.kept.take().or(after.filter(|_| !of_others));
        }
    }

    /// For each statement whether it is something else than an Allow of everything in IAM.
    fn self_management(&self) -> Vec<bool> {
        let of_iam = ACTIONS.iter().map(|(action, ..)| *action).filter(|action| action.starts_with("iam:"));
        let actions: Vec<&str> = of_iam.chain(["iam:UnheardOf"]).collect();
        let administers = |statement: &Value| {
            statement["Effect"] == "Allow" && actions.iter().all(|action| covers_action(statement, action))
        };
        self.statements.iter().map(|(_, statement)| !administers(statement)).collect()
    }

    /// Whether such a call exists and must not be open without MFA.
    fn counts(&self, target: &Target, exempt: bool, resource: &str) -> bool {
        let Who::User(arn) = &self.who else { return false };
        let last = |arn: &str| arn.rsplit('/').next().map(str::to_owned);
        match target {
            Target::Anything => !resource.contains(":user/") && !resource.contains(":mfa/"),
            Target::Identity => resource == "*" || resource.contains(":iam:"),
            Target::Role => resource == "*" || resource.contains(":role/"),
            Target::Nothing => resource == "*" && !exempt,
            Target::Device => resource.contains(":mfa/") && !exempt,
            Target::User => resource.contains(":user/") && !(exempt && last(arn) == last(resource)),
        }
    }

    /// Whether one of the two states without MFA is enough to enrol a first device.
    fn enrolment(&self) -> Answer {
        let Who::User(arn) = &self.who else { return None };
        let name = arn.rsplit('/').next().unwrap();
        let devices = ["new-device", name].map(|name| format!("arn:aws:iam::{ACCOUNT}:mfa/{name}"));
        let calls: [(&str, &[String]); 3] = [
            ("iam:CreateVirtualMFADevice", &devices),
            ("iam:EnableMFADevice", std::slice::from_ref(arn)),
            ("iam:ListMFADevices", std::slice::from_ref(arn)),
        ];
        let everything = vec![true; self.statements.len()];
        any(["absent", "false"].map(|state| {
            all(calls.map(|(action, resources)| {
                let contexts = self.contexts.iter().filter(|context| context.state == state && !context.forwarded);
                any(contexts.flat_map(|context| {
                    let holding = self.holding(context);
                    let allowed =
                        |resource: &String| self.allowed(&everything, &self.covered(action, resource), &holding);
                    resources.iter().map(allowed).collect::<Vec<Answer>>()
                }))
            }))
        }))
    }
}

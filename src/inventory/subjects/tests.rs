use super::*;
use crate::iam::document::{Grammar, parse};
use crate::iam::managed;
use crate::inventory::{
    Attachment, Content, Identity, IdentityKind, IdentityReference, Membership, Policy, PolicyKind, PolicyReference,
    Target,
};
use crate::source::{Source, Span};
use crate::tree::{Form, Node, Value};

const PLAN: &str = "plan.json";

fn address(input: &str, path: &str) -> Address {
    Address { input: input.into(), path: path.to_owned() }
}

fn place(input: &str) -> Place {
    Place::new(&Source::file(input, String::new()), Span::default())
}

fn unknown(name: &str) -> Unknown {
    Unknown { name: name.to_owned(), reason: "is known after apply".to_owned(), form: Form::Anything }
}

fn identity(kind: IdentityKind, input: &str, path: &str, name: &str) -> Identity {
    let name = Some(name.to_owned());
    Identity { kind, address: address(input, path), name, path: Some("/".to_owned()), place: place(input) }
}

fn policy(kind: PolicyKind, input: &str, path: &str, name: &str) -> Policy {
    let node = Node { span: Span::default(), value: Value::Map(Vec::new()) };
    let document = parse(&node, &Source::file(input, String::new()), Grammar::Any);
    Policy {
        kind,
        address: address(input, path),
        attribute: "policy".to_owned(),
        name: Some(name.to_owned()),
        content: Content::Known(Arc::new(document)),
        place: place(input),
    }
}

fn attachment(path: &str, kind: IdentityKind, target: Target, policy: PolicyReference) -> Attachment {
    let identity = IdentityReference { kind, target };
    Attachment { policy, identity, candidates: Vec::new(), address: address(PLAN, path), place: place(PLAN) }
}

fn named(name: &str) -> Target {
    Target::Name(name.to_owned())
}

fn resource(path: &str) -> Target {
    Target::Resource(address(PLAN, path))
}

fn arn(name: &str) -> PolicyReference {
    PolicyReference::Arn(format!("arn:aws:iam::111122223333:policy/{name}"))
}

fn inline(path: &str) -> PolicyReference {
    PolicyReference::Document { address: address(PLAN, path), attribute: "policy".to_owned() }
}

fn membership(user: Target, group: Target) -> Membership {
    Membership { user, group, place: place(PLAN) }
}

/// Each subject in a line: kind, address, name, policies, and boundaries after a bar.
fn lines(inventory: &Inventory) -> Vec<String> {
    subjects(inventory).iter().map(line).collect()
}

fn line(subject: &Subject) -> String {
    let attached = |it: &Attached| {
        let through = it.through.as_ref().map_or_else(String::new, |group| format!(" through {}", group.path));
        match &it.content {
            Ok(_) => format!("{}{through}", it.policy.address.path),
            Err(unknown) => format!("? {} {}{through}", unknown.name, unknown.reason),
        }
    };
    let all = |policies: &[Attached]| policies.iter().map(attached).collect::<Vec<_>>().join(", ");
    let name = subject.name.as_deref().unwrap_or("-");
    let line = format!("{} {} {name}: {}", subject.kind.name(), subject.address.path, all(&subject.policies));
    let boundaries = all(&subject.boundaries);
    if boundaries.is_empty() { line } else { format!("{line} | {boundaries}") }
}

#[test]
fn an_empty_inventory_has_no_subjects() {
    assert_eq!(lines(&Inventory::default()), [""; 0]);
}

#[test]
fn each_policy_that_is_judged_alone() {
    let kinds = [
        (PolicyKind::Iot, "resource"),
        (PolicyKind::Managed, "managed-policy"),
        (PolicyKind::Trust, "role-trust"),
        (PolicyKind::ServiceControl, "scp"),
        (PolicyKind::ResourceControl, "rcp"),
        (PolicyKind::Resource, "resource"),
        (PolicyKind::Endpoint, "resource"),
        (PolicyKind::Session, "resource"),
        (PolicyKind::Inline, "managed-policy"),
    ];
    for (kind, expected) in kinds {
        let inventory = Inventory { policies: vec![policy(kind, PLAN, "a", "n")], ..Inventory::default() };
        let name = if kind == PolicyKind::Trust { "-" } else { "n" };
        assert_eq!(lines(&inventory), [format!("{expected} a {name}: a")]);
    }
}

#[test]
fn roles_are_judged_by_trust_and_by_permissions() {
    let inventory = Inventory {
        identities: vec![
            identity(IdentityKind::Role, PLAN, "role.b", "b"),
            identity(IdentityKind::Role, PLAN, "role.a", "a"),
        ],
        policies: vec![
            policy(PolicyKind::Trust, PLAN, "role.b", "t"),
            policy(PolicyKind::Inline, PLAN, "inline", "i"),
            Policy { content: Content::Unknown(unknown("var.x")), ..policy(PolicyKind::Trust, PLAN, "role.a", "t") },
        ],
        attachments: vec![attachment("inline", IdentityKind::Role, named("b"), inline("inline"))],
        ..Inventory::default()
    };
    let expected = [
        "role-trust role.a a: ? var.x is known after apply",
        "role-trust role.b b: role.b",
        "role-permissions role.b b: inline",
    ];
    assert_eq!(lines(&inventory), expected);
}

#[test]
fn users_have_what_their_groups_have() {
    let inventory = Inventory {
        identities: vec![
            identity(IdentityKind::Group, PLAN, "group.g", "g"),
            identity(IdentityKind::User, PLAN, "user.u", "u"),
            identity(IdentityKind::User, PLAN, "user.v", "v"),
        ],
        policies: vec![
            policy(PolicyKind::Managed, PLAN, "policy.p", "p"),
            policy(PolicyKind::Managed, PLAN, "policy.q", "q"),
            policy(PolicyKind::Managed, PLAN, "policy.limit", "limit"),
        ],
        attachments: vec![
            attachment("a1", IdentityKind::Group, resource("group.g"), arn("path/p")),
            attachment("a2", IdentityKind::Group, named("g"), PolicyReference::Name("p".to_owned())),
            attachment("a3", IdentityKind::Group, named("g"), PolicyReference::Resource(address(PLAN, "policy.q"))),
            attachment("a4", IdentityKind::User, named("u"), arn("p")),
        ],
        boundaries: vec![attachment("user.u", IdentityKind::User, resource("user.u"), arn("limit"))],
        memberships: vec![
            membership(named("u"), resource("group.g")),
            membership(named("u"), named("g")),
            membership(resource("user.v"), named("elsewhere")),
            membership(resource("user.v"), Target::Unknown(unknown("var.group"))),
            membership(named("stranger"), named("g")),
        ],
        ..Inventory::default()
    };
    assert_eq!(
        lines(&inventory),
        [
            "group group.g g: policy.p, policy.q",
            "boundary policy.limit limit: policy.limit",
            "managed-policy policy.p p: policy.p",
            "managed-policy policy.q q: policy.q",
            "user user.u u: policy.p, policy.q through group.g | policy.limit",
            "user user.v v: ? elsewhere is not in this input, so what is attached to it is not known, \
             ? var.group is known after apply, so what is attached to it is not known",
        ]
    );
}

#[test]
fn policies_that_are_not_in_the_input() {
    let newer = "arn:aws:iam::aws:policy/NoSuchPolicy";
    let not_in_table = format!("? {newer} is not in this version's table of AWS-managed policies of {}", managed::DATE);
    for (reference, expected) in [
        (arn("other"), "? arn:aws:iam::111122223333:policy/other is not in this input"),
        (PolicyReference::Arn("nonsense".to_owned()), "? nonsense is not in this input"),
        (PolicyReference::Arn("arn:aws:iam::aws:policy/AdministratorAccess".to_owned()), "x"),
        (PolicyReference::Arn(newer.to_owned()), &not_in_table),
        (PolicyReference::Name("other".to_owned()), "? other is not in this input"),
        (PolicyReference::Resource(address(PLAN, "policy.other")), "? policy.other is not in this input"),
        (PolicyReference::Unknown(unknown("var.arn")), "? var.arn is known after apply"),
        (PolicyReference::Name("twice".to_owned()), "? twice is the name of more than one resource here"),
        (PolicyReference::Name("here".to_owned()), "policy.here"),
        (PolicyReference::Name("there".to_owned()), "policy.there"),
    ] {
        let inventory = Inventory {
            identities: vec![identity(IdentityKind::Group, PLAN, "a.group", "g")],
            policies: vec![
                policy(PolicyKind::Managed, "z.json", "policy.here", "here"),
                policy(PolicyKind::Managed, PLAN, "policy.here", "here"),
                policy(PolicyKind::Managed, "z.json", "policy.there", "there"),
                policy(PolicyKind::Managed, PLAN, "policy.one", "twice"),
                policy(PolicyKind::Managed, PLAN, "policy.two", "twice"),
            ],
            attachments: vec![
                attachment("x", IdentityKind::Group, named("g"), reference.clone()),
                attachment("y", IdentityKind::Group, named("g"), reference),
            ],
            ..Inventory::default()
        };
        let found = subjects(&inventory);
        assert_eq!(line(&found[0]), format!("group a.group g: {expected}"));
    }
}

#[test]
fn identities_that_are_not_in_the_input() {
    let rest = "is not in this input, so what else is attached to it is not known";
    let inventory = Inventory {
        identities: vec![identity(IdentityKind::User, PLAN, "user.u", "u")],
        policies: vec![
            policy(PolicyKind::Managed, PLAN, "policy.p", "p"),
            policy(PolicyKind::Managed, PLAN, "policy.q", "q"),
        ],
        attachments: vec![
            attachment("a1", IdentityKind::Group, named("g"), arn("p")),
            attachment("a2", IdentityKind::Group, named("g"), arn("q")),
            attachment("a2", IdentityKind::Group, named("h"), arn("q")),
            attachment("a3", IdentityKind::Role, Target::Unknown(unknown("var.role")), arn("p")),
            attachment("a4", IdentityKind::PermissionSet, resource("set"), arn("p")),
        ],
        memberships: vec![membership(resource("user.u"), named("g"))],
        ..Inventory::default()
    };
    assert_eq!(
        lines(&inventory),
        [
            format!("group a1 g: ? g {rest}, policy.p, policy.q"),
            format!("group a2 h: ? h {rest}, policy.q"),
            "role-permissions a3 -: ? var.role is known after apply, so what else is attached to it is not known, policy.p"
                .to_owned(),
            format!("permission-set a4 -: ? set {rest}, policy.p"),
            "managed-policy policy.p p: policy.p".to_owned(),
            "managed-policy policy.q q: policy.q".to_owned(),
            format!("user user.u u: ? g {rest} through a1, policy.p through a1, policy.q through a1"),
        ]
    );
}

#[test]
fn a_policy_that_may_be_attached_leaves_each_candidate_open() {
    let to_open = |candidates: &[&str]| Attachment {
        candidates: candidates.iter().map(|path| address(PLAN, path)).collect(),
        ..attachment("a", IdentityKind::Group, Target::Unknown(unknown("local.group")), arn("p"))
    };
    let groups = ["group.g", "group.h"].map(|path| identity(IdentityKind::Group, PLAN, path, path));
    let inventory = |attachment| Inventory {
        identities: groups.to_vec(),
        policies: vec![policy(PolicyKind::Managed, PLAN, "policy.p", "p")],
        attachments: vec![attachment],
        ..Inventory::default()
    };
    let open = "? local.group is known after apply, so what it attaches may be attached here";
    assert_eq!(
        lines(&inventory(to_open(&["group.g", "group.gone"]))),
        [
            format!("group group.g group.g: {open}"),
            "group group.h group.h: ".to_owned(),
            "managed-policy policy.p p: policy.p".to_owned(),
        ]
    );
    let alone = lines(&inventory(to_open(&["group.gone"])));
    assert!(alone.iter().any(|line| line.starts_with("group a -: ? local.group")), "{alone:?}");
}

#[test]
fn identities_are_found_in_other_inputs_where_only_one_has_the_name() {
    let mut inventory = Inventory {
        identities: vec![identity(IdentityKind::Group, "other.json", "group.g", "g")],
        policies: vec![policy(PolicyKind::Inline, PLAN, "inline", "i")],
        attachments: vec![attachment("inline", IdentityKind::Group, named("g"), inline("inline"))],
        ..Inventory::default()
    };
    assert_eq!(lines(&inventory), ["group group.g g: inline"]);
    inventory.identities.push(identity(IdentityKind::Group, "third.json", "group.g", "g"));
    assert_eq!(subjects(&inventory).len(), 3);
    inventory.identities.push(identity(IdentityKind::Group, PLAN, "group.mine", "g"));
    assert_eq!(line(&subjects(&inventory)[1]), "group group.mine g: inline");
}

#[test]
fn an_input_given_twice_counts_once() {
    let once = || Inventory {
        identities: vec![identity(IdentityKind::Group, PLAN, "group.g", "g")],
        policies: vec![policy(PolicyKind::Managed, PLAN, "policy.p", "p")],
        attachments: vec![attachment("a1", IdentityKind::Group, named("g"), arn("p"))],
        ..Inventory::default()
    };
    let mut twice = once();
    twice.merge(once());
    assert_eq!(lines(&twice), lines(&once()));
}

#[test]
fn large_inventories_take_no_time() {
    let mut inventory = Inventory::default();
    for at in 0..20_000 {
        let (user, group, managed) = (format!("u{at}"), format!("g{at}"), format!("p{at}"));
        inventory.identities.push(identity(IdentityKind::User, PLAN, &format!("user.{at}"), &user));
        inventory.identities.push(identity(IdentityKind::Group, PLAN, &format!("group.{at}"), &group));
        inventory.policies.push(policy(PolicyKind::Managed, PLAN, &format!("policy.{at}"), &managed));
        inventory.attachments.push(attachment("a", IdentityKind::Group, named(&group), arn(&managed)));
        inventory.attachments.push(attachment("b", IdentityKind::Group, named(&format!("absent{at}")), arn(&managed)));
        inventory.memberships.push(membership(named(&user), named(&group)));
    }
    let start = std::time::Instant::now();
    assert_eq!(subjects(&inventory).len(), 80_000);
    // A fraction of a second on an idle machine; the square of 20,000 would take hours.
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

//! Groups, users, roles, permission sets and accounts, and what ties policies to them.

use super::references::{first_unknown, identity_kind};
use super::text::unknown;
use super::{Declared, Facts};
use crate::inventory::{
    Account, Attachment, Identity, IdentityKind, IdentityReference, Membership, Policy, PolicyKind, PolicyReference,
    PolicyTarget, Target,
};
use crate::source::Span;
use crate::tree::{Form, Node, Unknown, Value};

/// An account of AWS Organizations, which holds no policy and gets a role all the same.
pub(super) const ACCOUNT: &str = "AWS::Organizations::Account";

/// The role that AWS Organizations makes in a new account when none is named.
const DEFAULT_ACCOUNT_ROLE: &str = "OrganizationAccountAccessRole";

impl Facts<'_> {
    /// Notes what a resource is, and what its properties tie together.
    pub(super) fn identity(&mut self, declared: &Declared<'_>) {
        match declared.type_name {
            "AWS::IAM::Group" => self.declare(declared, IdentityKind::Group, "GroupName"),
            "AWS::IAM::User" => self.declare(declared, IdentityKind::User, "UserName"),
            "AWS::IAM::Role" => self.declare(declared, IdentityKind::Role, "RoleName"),
            "AWS::SSO::PermissionSet" => self.permission_set(declared),
            "AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy" => {
                self.attach_to(declared, "Groups", IdentityKind::Group);
                self.attach_to(declared, "Roles", IdentityKind::Role);
                self.attach_to(declared, "Users", IdentityKind::User);
            }
            "AWS::IAM::GroupPolicy" => self.attach_to(declared, "GroupName", IdentityKind::Group),
            "AWS::IAM::RolePolicy" => self.attach_to(declared, "RoleName", IdentityKind::Role),
            "AWS::IAM::UserPolicy" => self.attach_to(declared, "UserName", IdentityKind::User),
            "AWS::IAM::UserToGroupAddition" => self.add_to_group(declared),
            ACCOUNT => self.account(declared),
            "AWS::Organizations::Policy" => self.targets(declared),
            _ => {}
        }
    }

    /// Ties an inline policy to the identity that carries it.
    pub(super) fn attach_inline(&mut self, declared: &Declared<'_>, policy: &Policy, span: Span) {
        let kind = match declared.type_name {
            _ if policy.kind != PolicyKind::Inline => return,
            "AWS::SSO::PermissionSet" => IdentityKind::PermissionSet,
            type_name => match identity_kind(type_name) {
                Some(kind) => kind,
                None => return,
            },
        };
        let reference =
            PolicyReference::Document { address: policy.address.clone(), attribute: policy.attribute.clone() };
        self.attach(declared, reference, own(declared, kind), span);
    }

    /// Adds an attachment that a resource declares.
    pub(super) fn attach(
        &mut self,
        declared: &Declared<'_>,
        policy: PolicyReference,
        identity: IdentityReference,
        span: Span,
    ) {
        let attachment = Attachment {
            policy,
            identity,
            candidates: Vec::new(),
            address: declared.address.clone(),
            place: self.place(span),
        };
        self.extracted.inventory.attachments.push(attachment);
    }

    /// Adds a permissions boundary that a resource declares for itself.
    pub(super) fn bound(&mut self, declared: &Declared<'_>, kind: IdentityKind, policy: PolicyReference, span: Span) {
        let identity = own(declared, kind);
        let boundary = Attachment {
            policy,
            identity,
            candidates: Vec::new(),
            address: declared.address.clone(),
            place: self.place(span),
        };
        self.extracted.inventory.boundaries.push(boundary);
    }

    /// Notes an identity with its name and path.
    pub(super) fn add_identity(&mut self, declared: &Declared<'_>, kind: IdentityKind, name: Option<String>) {
        let property = if super::sam::is_function(declared.type_name) { "RolePath" } else { "Path" };
        let path = match declared.property(property) {
            Some(path) => path.as_text().map(ToOwned::to_owned),
            None => Some("/".to_owned()),
        };
        let identity = Identity { kind, address: declared.address.clone(), name, path, place: declared.place.clone() };
        self.extracted.inventory.identities.push(identity);
    }

    /// The items of a list property: one unknown item where the list is not known.
    pub(super) fn items<'n>(&mut self, declared: &'n Declared<'_>, property: &str) -> Vec<&'n Node> {
        match declared.property(property) {
            None => Vec::new(),
            Some(node) => match &node.value {
                Value::List(items) => items.iter().filter(|item| !matches!(item.value, Value::Null)).collect(),
                Value::Map(_) => {
                    self.misplaced(declared, &format!("Properties.{property}"), node, "a list");
                    Vec::new()
                }
                _ => vec![node],
            },
        }
    }

    fn declare(&mut self, declared: &Declared<'_>, kind: IdentityKind, name: &str) {
        self.add_identity(declared, kind, declared.known_property(name));
        for arn in self.items(declared, "ManagedPolicyArns") {
            let policy = self.policy_reference(arn);
            self.attach(declared, policy, own(declared, kind), arn.span);
        }
        if let Some(boundary) = declared.property("PermissionsBoundary") {
            let policy = self.policy_reference(boundary);
            self.bound(declared, kind, policy, boundary.span);
        }
        if kind == IdentityKind::User {
            for group in self.items(declared, "Groups") {
                let user = Target::Resource(declared.address.clone());
                let target = self.identity_reference(IdentityKind::Group, group).target;
                self.member(user, target, group.span);
            }
        }
    }

    fn attach_to(&mut self, declared: &Declared<'_>, property: &str, kind: IdentityKind) {
        for name in self.items(declared, property) {
            let policy = match declared.type_name {
                "AWS::IAM::ManagedPolicy" => PolicyReference::Resource(declared.address.clone()),
                _ => PolicyReference::Document {
                    address: declared.address.clone(),
                    attribute: "Properties.PolicyDocument".to_owned(),
                },
            };
            let identity = self.identity_reference(kind, name);
            self.attach(declared, policy, identity, name.span);
        }
    }

    fn add_to_group(&mut self, declared: &Declared<'_>) {
        let Some(group) = declared.property("GroupName") else { return };
        let group = self.identity_reference(IdentityKind::Group, group).target;
        for user in self.items(declared, "Users") {
            let target = self.identity_reference(IdentityKind::User, user).target;
            self.member(target, group.clone(), user.span);
        }
    }

    fn member(&mut self, user: Target, group: Target, span: Span) {
        let membership = Membership { user, group, place: self.place(span) };
        self.extracted.inventory.memberships.push(membership);
    }

    fn permission_set(&mut self, declared: &Declared<'_>) {
        let kind = IdentityKind::PermissionSet;
        self.add_identity(declared, kind, declared.known_property("Name"));
        for arn in self.items(declared, "ManagedPolicies") {
            let policy = self.policy_reference(arn);
            self.attach(declared, policy, own(declared, kind), arn.span);
        }
        for reference in self.items(declared, "CustomerManagedPolicyReferences") {
            let policy = customer_managed(reference);
            self.attach(declared, policy, own(declared, kind), reference.span);
        }
        if let Some(boundary) = declared.property("PermissionsBoundary") {
            let policy = match (boundary.get("ManagedPolicyArn"), boundary.get("CustomerManagedPolicyReference")) {
                (Some(arn), _) => self.policy_reference(arn),
                (None, Some(reference)) => customer_managed(reference),
                (None, None) => customer_managed(boundary),
            };
            self.bound(declared, kind, policy, boundary.span);
        }
    }

    fn targets(&mut self, declared: &Declared<'_>) {
        for target in self.items(declared, "TargetIds") {
            let name = match &target.value {
                Value::Scalar(scalar) => scalar.as_text().map_or_else(|| first_unknown(scalar).name, str::to_owned),
                Value::Unknown(unknown) => unknown.name.clone(),
                Value::Null | Value::List(_) | Value::Map(_) => continue,
            };
            let place = self.place(target.span);
            let policy = Some(declared.address.clone());
            self.extracted.inventory.targets.push(PolicyTarget { policy, target: name, place });
        }
    }

    fn account(&mut self, declared: &Declared<'_>) {
        let role_name = match declared.property("RoleName") {
            Some(name) => name.as_text().map(ToOwned::to_owned),
            None => Some(DEFAULT_ACCOUNT_ROLE.to_owned()),
        };
        let account = Account {
            address: declared.address.clone(),
            name: declared.known_property("AccountName"),
            role_name,
            place: declared.place.clone(),
        };
        self.extracted.inventory.accounts.push(account);
    }
}

/// The identity that a resource itself declares.
pub(super) fn own(declared: &Declared<'_>, kind: IdentityKind) -> IdentityReference {
    IdentityReference { kind, target: Target::Resource(declared.address.clone()) }
}

/// A policy that a permission set names; it has to exist in each account.
fn customer_managed(reference: &Node) -> PolicyReference {
    match reference.get("Name").and_then(Node::as_text) {
        Some(name) => PolicyReference::Name(name.to_owned()),
        None => PolicyReference::Unknown(not_named(reference)),
    }
}

fn not_named(reference: &Node) -> Unknown {
    match &reference.value {
        Value::Unknown(unknown) => unknown.clone(),
        _ => unknown("a customer-managed policy", "has a name that is not known", Form::Anything),
    }
}

//! SAM functions and state machines, whose roles the transform makes.
//!
//! A generated role is known by the address of the function: that is what its author wrote.

use super::documents::Found;
use super::identities::own;
use super::template::Resource;
use super::{Declared, Facts};
use crate::iam::managed;
use crate::inventory::{IdentityKind, PolicyKind, PolicyReference};
use crate::tree::{Node, Value};

/// Whether the transform makes a role for resources of this type.
pub(super) fn is_function(type_name: &str) -> bool {
    matches!(type_name, "AWS::Serverless::Function" | "AWS::Serverless::StateMachine")
}

/// Whether the transform makes a role for this resource.
pub(super) fn makes_role(resource: &Resource<'_>) -> bool {
    resource.type_name().is_some_and(is_function) && resource.property("Role").is_none()
}

impl Facts<'_> {
    /// Notes the role that the transform makes, with its policies.
    pub(super) fn serverless(&mut self, declared: &Declared<'_>) {
        if !is_function(declared.type_name) || declared.property("Role").is_some() {
            return;
        }
        self.add_identity(declared, IdentityKind::Role, declared.known_property("RoleName"));
        if let Some(boundary) = declared.property("PermissionsBoundary") {
            let policy = self.policy_reference(boundary);
            self.bound(declared, IdentityKind::Role, policy, boundary.span);
        }
        if let Some(node) = declared.property("AssumeRolePolicyDocument") {
            let attribute = "Properties.AssumeRolePolicyDocument".to_owned();
            let found = Found { attribute, node, parent: Some(&declared.properties) };
            if let Some(policy) = self.document(declared, PolicyKind::Trust, &found) {
                self.extracted.inventory.policies.push(policy);
            }
        }
        self.function_policies(declared);
    }

    /// `Policies` is a list or a single item; an item is a document, a policy template, or the name or ARN of a policy.
    fn function_policies(&mut self, declared: &Declared<'_>) {
        let Some(policies) = declared.property("Policies") else { return };
        let items = policies.as_list();
        for (index, item) in items.unwrap_or(std::slice::from_ref(policies)).iter().enumerate() {
            let attribute = match items {
                Some(_) => format!("Properties.Policies[{index}]"),
                None => "Properties.Policies".to_owned(),
            };
            match &item.value {
                Value::Map(_) if item.get("Statement").is_some() => self.function_document(declared, attribute, item),
                // A policy template makes statements without conditions.
                Value::Map(_) | Value::Null => {}
                Value::Scalar(_) => {
                    let policy = match self.policy_reference(item) {
                        PolicyReference::Name(name) => PolicyReference::Arn(
                            managed::by_name(&name).unwrap_or_else(|| format!("arn:aws:iam::aws:policy/{name}")),
                        ),
                        policy => policy,
                    };
                    self.attach(declared, policy, own(declared, IdentityKind::Role), item.span);
                }
                Value::Unknown(_) => {
                    let policy = self.policy_reference(item);
                    self.attach(declared, policy, own(declared, IdentityKind::Role), item.span);
                }
                Value::List(_) => self.misplaced(declared, &attribute, item, "a policy"),
            }
        }
    }

    fn function_document(&mut self, declared: &Declared<'_>, attribute: String, node: &Node) {
        let found = Found { attribute, node, parent: Some(node) };
        let Some(policy) = self.document(declared, PolicyKind::Inline, &found) else { return };
        let reference =
            PolicyReference::Document { address: policy.address.clone(), attribute: policy.attribute.clone() };
        self.attach(declared, reference, own(declared, IdentityKind::Role), node.span);
        self.extracted.inventory.policies.push(policy);
    }
}

//! Policy documents in the properties of a resource: found by the path of a carrier, read from maps or from JSON text.

use std::sync::Arc;

use super::placeholders::Placeholders;
use super::{Declared, Facts};
use crate::extract::carriers::{Carrier, Holds};
use crate::extract::documents::{self, grammar};
use crate::extract::embedded;
use crate::iam::document::{self, Document};
use crate::inventory::{Content, Policy, PolicyKind};
use crate::source::Source;
use crate::tree::{Node, Part, Scalar, Value};

/// A value at the end of a carrier's path, or where the path ends early because the value is not known.
#[derive(Debug)]
pub(super) struct Found<'a> {
    /// The way to it: `Properties.Policies[1].PolicyDocument`.
    pub(super) attribute: String,
    /// The value.
    pub(super) node: &'a Node,
    /// The map that holds it.
    pub(super) parent: Option<&'a Node>,
}

impl Facts<'_> {
    /// Reads what a carrier's row says stands in a resource.
    pub(super) fn carrier(&mut self, declared: &Declared<'_>, row: &Carrier) {
        let kind = match row.holds {
            Holds::Document(PolicyKind::ServiceControl) => match self.organization_policy_kind(declared) {
                Some(kind) => kind,
                None => return,
            },
            // The SAM transform takes more than documents there, and none at all beside a `Role`.
            Holds::Document(PolicyKind::Inline | PolicyKind::Trust) if super::sam::is_function(declared.type_name) => {
                return;
            }
            Holds::Document(kind) => kind,
            Holds::Statements => PolicyKind::Resource,
            _ => return,
        };
        for found in self.find(declared, row) {
            let policy = match row.holds {
                Holds::Statements => self.statements(declared, &found),
                _ => self.document(declared, kind, &found),
            };
            let Some(policy) = policy else { continue };
            self.attach_inline(declared, &policy, found.node.span);
            self.extracted.inventory.policies.push(policy);
        }
    }

    /// The document of a found value; `None` where there is none, or it is unread.
    pub(super) fn document(&mut self, declared: &Declared<'_>, kind: PolicyKind, found: &Found<'_>) -> Option<Policy> {
        let name = format!("{}.{}", declared.address.path, found.attribute);
        let content = match &found.node.value {
            _ if documents::is_none(found.node) => return None,
            Value::Scalar(scalar) if scalar.as_text().is_none() => {
                self.partly_known(&name, found, scalar, |node, source| document::parse(node, source, grammar(kind)))
            }
            Value::Unknown(unknown) => Content::Unknown(unknown.clone()),
            _ => Content::Known(documents::read(&name, found.node, self.source, grammar(kind))),
        };
        Some(self.policy(declared, kind, found, content))
    }

    /// Statements that stand without a document around them, with one made for them.
    fn statements(&mut self, declared: &Declared<'_>, found: &Found<'_>) -> Option<Policy> {
        let name = format!("{}.{}", declared.address.path, found.attribute);
        let content = match &found.node.value {
            _ if documents::is_none(found.node) => return None,
            Value::Scalar(scalar) if scalar.as_text().is_none() => {
                self.partly_known(&name, found, scalar, documents::around_statements)
            }
            Value::Unknown(unknown) => Content::Unknown(unknown.clone()),
            _ => Content::Known(documents::read_statements(&name, found.node, self.source)),
        };
        Some(self.policy(declared, PolicyKind::Resource, found, content))
    }

    fn policy(&self, declared: &Declared<'_>, kind: PolicyKind, found: &Found<'_>, content: Content) -> Policy {
        let place = match &content {
            Content::Known(document) => document.place.clone(),
            Content::Unknown(_) => self.place(found.node.span),
        };
        let holder = found.parent.unwrap_or(&declared.properties);
        let name = ["PolicyName", "ManagedPolicyName", "Name"].iter().find_map(|key| holder.get(key)?.as_text());
        Policy {
            kind,
            address: declared.address.clone(),
            attribute: found.attribute.clone(),
            name: name.map(ToOwned::to_owned),
            content,
            place,
        }
    }

    /// Reads JSON text of which parts are unknown.
    fn partly_known(
        &self,
        name: &str,
        found: &Found<'_>,
        scalar: &Scalar,
        read: impl Fn(&Node, &Arc<Source>) -> Document,
    ) -> Content {
        if let [Part::Unknown(unknown)] = scalar.parts.as_slice() {
            return Content::Unknown((**unknown).clone());
        }
        let placeholders = Placeholders::new(scalar);
        match embedded::read(name, &placeholders.text, self.place(found.node.span)) {
            Ok((source, node)) => Content::Known(Arc::new(read(&placeholders.put_back(node), &source))),
            // What is not known may be what makes it JSON.
            Err(_) => Content::Unknown(placeholders.into_unknown()),
        }
    }

    /// What the policy of an organization is; other types than SCP and RCP are not IAM.
    fn organization_policy_kind(&mut self, declared: &Declared<'_>) -> Option<PolicyKind> {
        match declared.property("Type").map(|node| (node, node.as_text())) {
            Some((_, Some("SERVICE_CONTROL_POLICY"))) => Some(PolicyKind::ServiceControl),
            Some((_, Some("RESOURCE_CONTROL_POLICY"))) => Some(PolicyKind::ResourceControl),
            Some((_, Some(_))) => None,
            Some((_, None)) | None => {
                let id = &declared.address.path;
                self.unread(format!("`{id}`: the policy's `Type` is not known, so neither is its language"));
                None
            }
        }
    }

    /// The values at the end of a carrier's path.
    pub(super) fn find<'n>(&mut self, declared: &'n Declared<'_>, row: &Carrier) -> Vec<Found<'n>> {
        let start = Found { attribute: "Properties".to_owned(), node: &declared.properties, parent: None };
        let mut found = vec![start];
        if declared.properties.as_map().is_none() {
            return Vec::new();
        }
        for (key, is_list) in row.steps() {
            found = found.into_iter().flat_map(|holder| self.step(declared, holder, key, is_list)).collect();
        }
        if is_open_api(row) {
            // An API's description that is not known is no reason to suppose a policy in it.
            found.retain(|found| found.parent.is_some_and(|parent| parent.as_map().is_some()));
            found.retain(|found| found.attribute.ends_with("x-amazon-apigateway-policy"));
        }
        found
    }

    fn step<'n>(&mut self, declared: &Declared<'_>, holder: Found<'n>, key: &str, is_list: bool) -> Vec<Found<'n>> {
        if is_unknown(holder.node) {
            return vec![holder];
        }
        if holder.node.as_map().is_none() {
            self.misplaced(declared, &holder.attribute, holder.node, "a map");
            return Vec::new();
        }
        let Some(node) = holder.node.get(key).filter(|node| !matches!(node.value, Value::Null)) else {
            return Vec::new();
        };
        let attribute = format!("{}.{key}", holder.attribute);
        let parent = Some(holder.node);
        match &node.value {
            Value::List(items) if is_list => {
                let found = |(index, node)| Found { attribute: format!("{attribute}[{index}]"), node, parent };
                items.iter().enumerate().map(found).collect()
            }
            _ => vec![Found { attribute, node, parent }],
        }
    }

    pub(super) fn misplaced(&mut self, declared: &Declared<'_>, attribute: &str, node: &Node, wanted: &str) {
        let id = &declared.address.path;
        self.unread(format!("`{id}`: `{attribute}` is {} where {wanted} belongs", node.kind()));
    }
}

fn is_unknown(node: &Node) -> bool {
    match &node.value {
        Value::Unknown(_) => true,
        Value::Scalar(scalar) => scalar.as_text().is_none(),
        _ => false,
    }
}

fn is_open_api(row: &Carrier) -> bool {
    row.path.ends_with("x-amazon-apigateway-policy")
}

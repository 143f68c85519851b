//! `Ref` and `Fn::GetAtt`: parameters, names and ARNs of resources.

use super::{Resolver, malformed};
use crate::extract::cloudformation::modules::is_module;
use crate::extract::cloudformation::stacks::{self, is_stack};
use crate::extract::cloudformation::template::Resource;
use crate::extract::cloudformation::text::{Text, known, unknown, wholly_unknown};
use crate::source::Span;
use crate::tree::{Form, Node, Scalar, Unknown, Value};

/// How many resources may take their names from each other in a row, through all stacks and modules.
const REFERENCE_DEPTH: usize = 12;

impl Resolver<'_> {
    pub(super) fn reference(&self, argument: &Node, span: Span) -> Value {
        match argument.as_text() {
            Some(name) => self.reference_to(name, span),
            None => Value::Unknown(malformed("Ref")),
        }
    }

    /// What `Ref` gives for a name; the items of a list stand at `span`.
    pub(super) fn reference_to(&self, name: &str, span: Span) -> Value {
        let parameter = self.parameter(name, span).or_else(|| self.pseudo_parameter(name));
        parameter.unwrap_or_else(|| Value::Scalar(self.resource_reference(name)))
    }

    pub(super) fn attribute(&self, argument: &Node) -> Scalar {
        match argument.as_list() {
            Some([logical_id, attribute]) => match (logical_id.as_text(), self.text(attribute).as_text()) {
                (Some(logical_id), Some(attribute)) => self.attribute_of(logical_id, attribute),
                _ => wholly_unknown(malformed("Fn::GetAtt")),
            },
            _ => match argument.as_text().and_then(|text| text.split_once('.')) {
                Some((logical_id, attribute)) => self.attribute_of(logical_id, attribute),
                None => wholly_unknown(malformed("Fn::GetAtt")),
            },
        }
    }

    /// What `Fn::GetAtt` gives for an attribute of a resource.
    pub(super) fn attribute_of(&self, logical_id: &str, attribute: &str) -> Scalar {
        let name = format!("GetAtt {}{logical_id}.{attribute}", self.prefix);
        self.once(&name, || {
            let resource = self.existing(logical_id);
            match (resource.and_then(|resource| resource.type_name()), attribute) {
                (Some(type_name), _) if is_stack(type_name) => {
                    let output = attribute.strip_prefix("Outputs.");
                    let output = output.and_then(|output| self.output(&resource?, output));
                    Some(output.unwrap_or_else(|| {
                        let reason = "is an output of another stack or of a custom resource";
                        wholly_unknown(unknown(&name, reason, Form::Anything))
                    }))
                }
                (Some(type_name), _) if is_module(type_name) => Some(self.attribute_of_module(&resource?, attribute)),
                (Some(type_name), _) if gives_what_others_choose(type_name) => {
                    let reason = "is an output of another stack or of a custom resource";
                    Some(wholly_unknown(unknown(&name, reason, Form::Anything)))
                }
                (Some(type_name), "Arn" | "PolicyArn") => self.arn(&resource?, type_name, attribute),
                (Some("AWS::IAM::Role"), "RoleId") => {
                    let mut id = Text::default();
                    id.push("AROA");
                    id.push_unknown(unknown(&name, "is made by the deployment", Form::Identifier));
                    Some(id.finish())
                }
                (Some(_), _) => None,
                (None, "Arn") if self.is_generated_role(logical_id) => {
                    Some(self.iam_arn("role", &known("/"), &self.resource_reference(logical_id)))
                }
                (None, _) => {
                    let found = self.attribute_into_module(logical_id, attribute);
                    Some(found.unwrap_or_else(|| wholly_unknown(undeclared(&name))))
                }
            }
        })
    }

    /// What `Ref` gives for a resource: its name, or for some types its ARN.
    pub(in crate::extract::cloudformation) fn resource_reference(&self, logical_id: &str) -> Scalar {
        let name = format!("Ref {}{logical_id}", self.prefix);
        self.once(&name, || match self.existing(logical_id) {
            Some(resource) => match resource.type_name()? {
                type_name @ "AWS::IAM::ManagedPolicy" => self.arn(&resource, type_name, "PolicyArn"),
                type_name => self.declared_name(&resource, type_name),
            },
            None if self.is_generated_role(logical_id) => None,
            None => {
                let found = self.reference_into_module(logical_id);
                Some(found.unwrap_or_else(|| wholly_unknown(undeclared(&name))))
            }
        })
    }

    /// An output of a stack within this one; `None` where its template is not at hand.
    fn output(&self, resource: &Resource<'_>, name: &str) -> Option<Scalar> {
        if stacks::is_stack_set(resource) {
            return None;
        }
        self.within(resource, |nested, _| nested.own_output(name)).ok().flatten()
    }

    /// A resource that is referred to. CloudFormation refuses a reference to one whose condition does not hold.
    pub(super) fn existing(&self, logical_id: &str) -> Option<Resource<'_>> {
        let resource = self.template.resource(logical_id)?;
        if resource.condition().is_some_and(|name| self.holds(name) == Some(false)) {
            self.choices.rule_out();
        }
        Some(resource)
    }

    fn declared_name(&self, resource: &Resource<'_>, type_name: &str) -> Option<Scalar> {
        let name = self.resolve(resource.property(name_property(type_name)?)?)?;
        let mut text = Text::default();
        text.push_node(&name);
        Some(text.finish())
    }

    fn path(&self, resource: &Resource<'_>) -> Scalar {
        match resource.property("Path") {
            Some(path) => self.text(path),
            None => known("/"),
        }
    }

    fn arn(&self, resource: &Resource<'_>, type_name: &str, attribute: &str) -> Option<Scalar> {
        let kind = match (type_name, attribute) {
            ("AWS::IAM::Role", "Arn") => "role",
            ("AWS::IAM::User", "Arn") => "user",
            ("AWS::IAM::Group", "Arn") => "group",
            ("AWS::IAM::ManagedPolicy", "PolicyArn") => "policy",
            ("AWS::S3::Bucket", "Arn") => {
                let mut arn = Text::default();
                arn.push(&format!("arn:{}:s3:::", self.partition().name));
                arn.push_scalar(&self.resource_reference(resource.logical_id));
                return Some(arn.finish());
            }
            _ => return None,
        };
        let made =
            || wholly_unknown(made_by_deployment(&made_name(&self.variable_name(resource.logical_id), type_name)));
        let name = self.declared_name(resource, type_name).unwrap_or_else(made);
        Some(self.iam_arn(kind, &self.path(resource), &name))
    }

    /// The ARN of something of IAM in the stack's own account.
    fn iam_arn(&self, kind: &str, path: &Scalar, name: &Scalar) -> Scalar {
        let mut arn = Text::default();
        arn.push(&format!("arn:{}:iam::", self.partition().name));
        arn.push_node(&Node { span: Span::default(), value: self.reference_to("AWS::AccountId", Span::default()) });
        arn.push(":");
        arn.push(kind);
        arn.push_scalar(path);
        arn.push_scalar(name);
        arn.finish()
    }

    /// The value of a reference, evaluated once; while that lasts, and where nothing is known, an identifier of that name.
    fn once(&self, name: &str, evaluate: impl FnOnce() -> Option<Scalar>) -> Scalar {
        if let Some(found) = self.references.borrow().get(name) {
            return found.clone();
        }
        let made = wholly_unknown(made_by_deployment(name));
        let depth = self.effort.references.get();
        if depth >= REFERENCE_DEPTH {
            return made;
        }
        self.references.borrow_mut().insert(name.to_owned(), made.clone());
        self.effort.references.set(depth + 1);
        let value = evaluate().unwrap_or(made);
        self.effort.references.set(depth);
        self.references.borrow_mut().insert(name.to_owned(), value.clone());
        value
    }

    /// Whether the SAM transform makes a role of this logical id.
    pub(super) fn is_generated_role(&self, logical_id: &str) -> bool {
        let resource = logical_id.strip_suffix("Role").and_then(|base| self.template.resource(base));
        resource.and_then(|resource| resource.type_name()).is_some_and(|name| name.starts_with("AWS::Serverless::"))
    }
}

/// Resources whose attributes are whatever somebody else returns, rather than what AWS makes.
fn gives_what_others_choose(type_name: &str) -> bool {
    type_name.starts_with("Custom::")
        || matches!(type_name, "AWS::CloudFormation::CustomResource" | "AWS::SSM::Parameter")
}

/// The expression that gives the name of a resource which has none of its own.
fn made_name(logical_id: &str, type_name: &str) -> String {
    match type_name {
        // `Ref` gives the ARN.
        "AWS::IAM::ManagedPolicy" => format!("GetAtt {logical_id}.ManagedPolicyName"),
        _ => format!("Ref {logical_id}"),
    }
}

/// The property with the name that `Ref` gives for a resource of this type.
pub(in crate::extract::cloudformation) fn name_property(type_name: &str) -> Option<&'static str> {
    Some(match type_name {
        "AWS::IAM::Group" => "GroupName",
        "AWS::IAM::InstanceProfile" => "InstanceProfileName",
        "AWS::IAM::ManagedPolicy" => "ManagedPolicyName",
        "AWS::IAM::Role" => "RoleName",
        "AWS::IAM::User" => "UserName",
        "AWS::DynamoDB::Table" => "TableName",
        "AWS::ECR::Repository" => "RepositoryName",
        "AWS::Lambda::Function" | "AWS::Serverless::Function" => "FunctionName",
        "AWS::Logs::LogGroup" => "LogGroupName",
        "AWS::S3::Bucket" => "BucketName",
        "AWS::SSM::Parameter" => "Name",
        _ => return None,
    })
}

fn made_by_deployment(name: &str) -> Unknown {
    unknown(name, "is made by the deployment", Form::Identifier)
}

fn undeclared(name: &str) -> Unknown {
    unknown(name, "is neither a parameter nor a resource of this template", Form::Anything)
}

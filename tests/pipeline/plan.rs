//! A Terraform plan that puts policies on a group in every way there is.
//!
//! What Terraform writes into a plan for each of them was read off real plans: values that the apply makes are left out of
//! `after` and marked in `after_unknown`, and only `configuration` says what they refer to.

use serde_json::{Map, Value, json};

/// The group that all policies are put on.
pub(crate) const GROUP_NAME: &str = "people";

/// A way to put a policy on the group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// An inline policy of the group of that name.
    Inline,
    /// An inline policy of the group that is made in the same run.
    InlineByReference,
    /// An inline policy in a module that is handed the group.
    InlineInModule,
    /// One of the instances of an inline policy, by `for_each`.
    InlineInstance,
    /// A document that is read during the apply, made of this one.
    DeferredDocument,
    /// A managed policy and its attachment.
    Attached,
    /// A managed policy and an attachment that names all its groups.
    AttachedToAll,
    /// A managed policy of a module, attached outside.
    OutputOfModule,
    /// A managed policy that a module is handed and attaches.
    InputOfModule,
    /// One of the instances of a managed policy, by `count`, each attached by the instance of the same index.
    CountedInstance,
    /// One of the instances of a module, by `for_each`, that makes a managed policy and attaches it.
    ModuleInstance,
}

/// All of them.
pub(crate) const WAYS: &[Way] = &[
    Way::Inline,
    Way::InlineByReference,
    Way::InlineInModule,
    Way::InlineInstance,
    Way::DeferredDocument,
    Way::Attached,
    Way::AttachedToAll,
    Way::OutputOfModule,
    Way::InputOfModule,
    Way::CountedInstance,
    Way::ModuleInstance,
];

/// The address of the group, which a module may make.
pub(crate) fn group_address(in_module: bool) -> &'static str {
    if in_module { "module.team.aws_iam_group.this" } else { "aws_iam_group.this" }
}

/// The plan of these documents, each put on the group in its way.
pub(crate) fn plan(documents: &[(Value, Way)], group_in_module: bool) -> Value {
    let mut plan = Plan::new(group_in_module);
    for (index, (document, way)) in documents.iter().enumerate() {
        plan.put(index, &document.to_string(), *way);
    }
    plan.finish()
}

/// A module of the configuration.
#[derive(Default)]
struct Module {
    resources: Vec<Value>,
    calls: Map<String, Value>,
}

struct Plan {
    changes: Vec<Value>,
    root: Module,
    /// What an expression for the group's name refers to.
    group: Value,
    /// Instances so far, of the resources and the module that have several.
    counted: usize,
}

impl Plan {
    fn new(group_in_module: bool) -> Self {
        // Its name is known, its id is not.
        let group = |name: &str| references(&[&format!("{name}.id"), name]);
        let mut plan = Self {
            changes: Vec::new(),
            root: Module::default(),
            group: if group_in_module { group("module.team") } else { group("aws_iam_group.this") },
            counted: 0,
        };
        let made = json!({"name": GROUP_NAME, "path": "/"});
        plan.change(group_address(group_in_module), &Value::Null, made, json!({"arn": true, "id": true}));
        let declared = resource("aws_iam_group.this", json!({"name": {"constant_value": GROUP_NAME}}));
        if group_in_module {
            let name = references(&["aws_iam_group.this.id", "aws_iam_group.this"]);
            let module = json!({"resources": [declared], "outputs": {"id": {"expression": name}}});
            plan.call("team", json!({"expressions": {}, "module": module}));
        } else {
            plan.root.resources.push(declared);
        }
        plan
    }

    fn put(&mut self, index: usize, text: &str, way: Way) {
        let name = format!("p{index}");
        match way {
            Way::Inline => self.inline(&name, text, json!({"constant_value": GROUP_NAME})),
            Way::InlineByReference => {
                let address = format!("aws_iam_group_policy.{name}");
                let group = self.group.clone();
                self.change(&address, &Value::Null, json!({"name": name, "policy": text}), json!({"group": true}));
                self.declare(&address, json!({"group": group}));
            }
            Way::InlineInModule => self.inline_in_module(&name, text),
            Way::InlineInstance => self.inline_instance(&name, text),
            Way::DeferredDocument => self.deferred_document(&name, text),
            Way::Attached => {
                let policy = self.managed(&format!("aws_iam_policy.{name}"), &Value::Null, text, true);
                self.attachment(&format!("aws_iam_group_policy_attachment.{name}"), arn(&policy));
            }
            Way::AttachedToAll => self.attached_to_all(&name, text),
            Way::OutputOfModule => self.output_of_module(&name, text),
            Way::InputOfModule => self.input_of_module(&name, text),
            Way::CountedInstance => self.counted_instance(text),
            Way::ModuleInstance => self.module_instance(&name, text),
        }
    }

    fn inline(&mut self, name: &str, text: &str, group: Value) {
        let address = format!("aws_iam_group_policy.{name}");
        let after = json!({"name": name, "group": GROUP_NAME, "policy": text});
        self.change(&address, &Value::Null, after, json!({"id": true}));
        self.declare(&address, json!({"group": group}));
    }

    fn inline_in_module(&mut self, name: &str, text: &str) {
        let address = format!("module.{name}.aws_iam_group_policy.this");
        self.change(&address, &Value::Null, json!({"name": name, "policy": text}), json!({"group": true}));
        let declared = resource("aws_iam_group_policy.this", json!({"group": references(&["var.group"])}));
        let module = json!({"resources": [declared], "variables": {"group": {}}});
        let group = self.group.clone();
        self.call(name, json!({"expressions": {"group": group}, "module": module}));
    }

    fn inline_instance(&mut self, name: &str, text: &str) {
        let after = json!({"name": name, "policy": text});
        let address = format!("aws_iam_group_policy.each[\"{name}\"]");
        self.change(&address, &json!(name), after, json!({"group": true}));
        let group = self.group.clone();
        self.declare_once("aws_iam_group_policy.each", json!({"group": group}), "for_each_expression");
    }

    fn deferred_document(&mut self, name: &str, text: &str) {
        let data = format!("data.aws_iam_policy_document.{name}");
        let read = json!({"source_policy_documents": [text], "statement": null, "version": null});
        let unknown = json!({"json": true, "id": true, "source_policy_documents": [false]});
        self.change(&data, &Value::Null, read, unknown);
        self.declare(&data, json!({"source_policy_documents": {"references": ["local.document"]}}));
        let address = format!("aws_iam_group_policy.{name}");
        let after = json!({"name": name, "group": GROUP_NAME});
        self.change(&address, &Value::Null, after, json!({"policy": true}));
        let policy = references(&[&format!("{data}.json"), &data]);
        self.declare(&address, json!({"group": {"constant_value": GROUP_NAME}, "policy": policy}));
    }

    /// A managed policy; its configuration too, where it is in the root module.
    fn managed(&mut self, address: &str, index: &Value, text: &str, declare: bool) -> String {
        let unknown = json!({"arn": true, "id": true, "policy_id": true});
        self.change(address, index, json!({"name": address.replace('.', "-"), "policy": text}), unknown);
        if declare {
            self.declare(address, json!({"policy": {"references": ["local.document"]}}));
        }
        address.to_owned()
    }

    fn attachment(&mut self, address: &str, policy: Value) {
        let after = json!({"group": GROUP_NAME});
        self.change(address, &Value::Null, after, json!({"policy_arn": true}));
        self.declare(address, json!({"group": self.group, "policy_arn": policy}));
    }

    fn attached_to_all(&mut self, name: &str, text: &str) {
        let policy = self.managed(&format!("aws_iam_policy.{name}"), &Value::Null, text, true);
        let address = format!("aws_iam_policy_attachment.{name}");
        let after = json!({"name": name, "groups": [null], "users": null, "roles": null});
        self.change(&address, &Value::Null, after, json!({"policy_arn": true, "groups": [true]}));
        self.declare(&address, json!({"groups": self.group, "policy_arn": arn(&policy)}));
    }

    fn output_of_module(&mut self, name: &str, text: &str) {
        self.managed(&format!("module.{name}.aws_iam_policy.this"), &Value::Null, text, false);
        let declared = resource("aws_iam_policy.this", json!({"policy": {"references": ["var.document"]}}));
        let outputs = json!({"arn": {"expression": arn("aws_iam_policy.this")}});
        let module = json!({"resources": [declared], "outputs": outputs, "variables": {"document": {}}});
        self.call(name, json!({"expressions": {"document": {"constant_value": text}}, "module": module}));
        self.attachment(&format!("aws_iam_group_policy_attachment.{name}"), arn(&format!("module.{name}")));
    }

    fn input_of_module(&mut self, name: &str, text: &str) {
        let policy = self.managed(&format!("aws_iam_policy.{name}"), &Value::Null, text, true);
        let address = format!("module.{name}.aws_iam_group_policy_attachment.this");
        self.change(&address, &Value::Null, json!({"group": GROUP_NAME}), json!({"policy_arn": true}));
        let (group, policy_arn) = (references(&["var.group"]), references(&["var.policy_arn"]));
        let declared =
            resource("aws_iam_group_policy_attachment.this", json!({"group": group, "policy_arn": policy_arn}));
        let module = json!({"resources": [declared], "variables": {"group": {}, "policy_arn": {}}});
        let expressions = json!({"group": self.group, "policy_arn": arn(&policy)});
        self.call(name, json!({"expressions": expressions, "module": module}));
    }

    fn counted_instance(&mut self, text: &str) {
        let index = self.counted;
        self.counted += 1;
        self.managed(&format!("aws_iam_policy.many[{index}]"), &json!(index), text, false);
        self.declare_once(
            "aws_iam_policy.many",
            json!({"policy": {"references": ["local.document"]}}),
            "count_expression",
        );
        let address = format!("aws_iam_group_policy_attachment.many[{index}]");
        self.change(&address, &json!(index), json!({"group": GROUP_NAME}), json!({"policy_arn": true}));
        let policy = references(&["aws_iam_policy.many", "count.index"]);
        let expressions = json!({"group": self.group, "policy_arn": policy});
        self.declare_once("aws_iam_group_policy_attachment.many", expressions, "count_expression");
    }

    fn module_instance(&mut self, name: &str, text: &str) {
        let path = format!("module.each[\"{name}\"]");
        self.managed(&format!("{path}.aws_iam_policy.this"), &Value::Null, text, false);
        let attachment = format!("{path}.aws_iam_group_policy_attachment.this");
        self.change(&attachment, &Value::Null, json!({"group": GROUP_NAME}), json!({"policy_arn": true}));
        let policy = resource("aws_iam_policy.this", json!({"policy": {"references": ["var.document"]}}));
        let (group, policy_arn) = (references(&["var.group"]), arn("aws_iam_policy.this"));
        let attachment =
            resource("aws_iam_group_policy_attachment.this", json!({"group": group, "policy_arn": policy_arn}));
        let module = json!({"resources": [policy, attachment], "variables": {"group": {}, "document": {}}});
        let expressions = json!({"group": self.group, "document": {"references": ["each.value"]}});
        let each = json!({"references": ["local.documents"]});
        self.call("each", json!({"expressions": expressions, "module": module, "for_each_expression": each}));
    }

    /// A resource that is created (or a data source that is read).
    fn change(&mut self, address: &str, index: &Value, after: Value, after_unknown: Value) {
        let own = address.rsplit_once("].").map_or(address, |(_, own)| own);
        let own = own.trim_start_matches("module.team.");
        let own = if own.starts_with("module.") { own.splitn(3, '.').nth(2).unwrap() } else { own };
        let (mode, own) = own.strip_prefix("data.").map_or(("managed", own), |own| ("data", own));
        let (of_type, name) = own.split_once('.').unwrap();
        let actions = if mode == "data" { "read" } else { "create" };
        let change = json!({
            "actions": [actions], "before": null, "after": after, "after_unknown": after_unknown,
            "before_sensitive": false, "after_sensitive": {}
        });
        let mut entry = json!({
            "address": address, "mode": mode, "type": of_type, "name": name.split('[').next(),
            "provider_name": "registry.terraform.io/hashicorp/aws", "change": change
        });
        if !index.is_null() {
            entry["index"] = index.clone();
        }
        if let Some(module) = address.strip_suffix(&format!(".{own}")).filter(|_| address.starts_with("module.")) {
            entry["module_address"] = json!(module);
        }
        self.changes.push(entry);
    }

    fn declare(&mut self, address: &str, expressions: Value) {
        self.root.resources.push(resource(address, expressions));
    }

    /// Declares a block of which there are several instances.
    fn declare_once(&mut self, address: &str, expressions: Value, repeated: &str) {
        if self.root.resources.iter().all(|resource| resource["address"] != address) {
            let mut declared = resource(address, expressions);
            declared[repeated] = json!({"references": ["local.documents"]});
            self.root.resources.push(declared);
        }
    }

    fn call(&mut self, name: &str, mut call: Value) {
        call["source"] = json!(format!("./modules/{name}"));
        self.root.calls.insert(name.to_owned(), call);
    }

    fn finish(self) -> Value {
        let root = json!({"resources": self.root.resources, "module_calls": self.root.calls});
        json!({
            "format_version": "1.2", "terraform_version": "1.11.0", "planned_values": {"root_module": {}},
            "resource_changes": self.changes, "configuration": {"root_module": root},
            "applyable": true, "complete": true, "errored": false
        })
    }
}

fn references(names: &[&str]) -> Value {
    json!({"references": names})
}

fn arn(of: &str) -> Value {
    references(&[&format!("{of}.arn"), of])
}

/// A block of the configuration.
fn resource(address: &str, expressions: Value) -> Value {
    let (mode, own) = address.strip_prefix("data.").map_or(("managed", address), |own| ("data", own));
    let (of_type, name) = own.split_once('.').unwrap();
    json!({
        "address": address, "mode": mode, "type": of_type, "name": name, "provider_config_key": "aws",
        "expressions": expressions, "schema_version": 0
    })
}

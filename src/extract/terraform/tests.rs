//! Plans that Terraform made from the projects in `testdata/terraform`, and small ones for what those do not show.

use std::fmt::Write;
use std::path::Path;

use super::*;
use crate::checkout::Checkouts;
use crate::inventory::{Attachment, PolicyReference, Target};

#[test]
fn real_plans() {
    let projects = [
        "groups-behind-mfa",
        "roles-in-four-styles",
        "users-with-own-policies",
        "identity-center",
        "organization-guardrails",
        "nested-modules",
        "count-and-for-each",
        "update-opens-trust",
        "delete-removes-guard",
        "resource-policies",
        "applied-state",
    ];
    for project in projects {
        let extracted = extract_file(&format!("{project}/plan.json"));
        insta::assert_snapshot!(project, summary(&extracted));
    }
}

#[test]
fn a_real_state_says_what_the_plan_after_it_says() {
    // A state names what a plan refers to, so that only what they come to is the same.
    let state = subject_summary(&extract_file("applied-state/state.json"));
    let plan = subject_summary(&extract_file("applied-state/plan.json"));
    assert_eq!(state, plan);
}

#[test]
fn what_is_destroyed_is_not_there() {
    assert_eq!(summary(&extract_file("applied-state/destroy-plan.json")), "");
}

#[test]
fn places_lead_to_the_text() {
    let extracted = extract_file("roles-in-four-styles/plan.json");
    let inventory = &extracted.inventory;
    let role = inventory.identities.iter().find(|identity| identity.address.path == "aws_iam_role.operator").unwrap();
    assert_eq!(role.place.text(), r#""aws_iam_role.operator""#);
    let trust = inventory.policies.iter().find(|policy| policy.address == role.address).unwrap();
    assert_eq!(trust.place.source.name(), "aws_iam_role.operator.assume_role_policy");
    assert!(trust.place.text().starts_with("{\n  \"Statement\": [\n    {\n"));
    assert!(trust.place.in_file().text().starts_with(r#""{\"Statement\":[{"#));
    let Content::Known(document) = &trust.content else { panic!("the document is known") };
    assert_eq!(document.statements[0].tests[0].place.text(), r#""aws:MultiFactorAuthPresent": "true""#);
    let tie = inventory.attachments.iter().find(|tie| tie.address.path.ends_with("attachment.administrator")).unwrap();
    assert_eq!(tie.place.text(), r#""arn:aws:iam::aws:policy/AdministratorAccess""#);
}

#[test]
fn every_action_but_delete_and_forget_leaves_a_resource() {
    let kept = |actions: &str| {
        let text = format!(
            r#"{{"resource_changes":[{{"address":"aws_iam_group.a","mode":"managed","type":"aws_iam_group","name":"a",
            "change":{{"actions":{actions},"before":null,"after":{{"name":"a"}},"after_unknown":{{}}}}}}]}}"#
        );
        extract_text(&text).inventory.identities.len()
    };
    for actions in [
        r#"["create"]"#,
        r#"["update"]"#,
        r#"["no-op"]"#,
        r#"["read"]"#,
        r#"["delete","create"]"#,
        r#"["create","delete"]"#,
        r#"["create","forget"]"#,
        r#"["of-the-future"]"#,
        "[]",
    ] {
        assert_eq!(kept(actions), 1, "{actions}");
    }
    assert_eq!(kept(r#"["delete"]"#), 0);
    assert_eq!(kept(r#"["forget"]"#), 0);
}

#[test]
fn what_terraform_only_lets_go_of_stays() {
    let change = |more: &str, actions: &str, before: &str| {
        format!(
            r#"{{"resource_changes":[{{"address":"aws_iam_group.a",{more}"mode":"managed","type":"aws_iam_group",
            "name":"a","change":{{"actions":{actions},"before":{before},"after":null,"after_unknown":false}}}}]}}"#
        )
    };
    let group = r#"{"name":"a"}"#;
    assert_eq!(extract_text(&change("", r#"["forget"]"#, group)).inventory.identities.len(), 1);
    assert_eq!(extract_text(&change("", r#"["delete"]"#, group)).inventory.identities.len(), 0);
    let was = |text: &str| match extract_text(text).before {
        crate::extract::Before::Was(inventory) => inventory.identities.len(),
        _ => 0,
    };
    assert_eq!(was(&change("", r#"["delete"]"#, group)), 1);
    // What an interrupted replacement left behind grants nothing to anybody who uses the resource.
    assert_eq!(was(&change(r#""deposed":"4ac1f3e2","#, r#"["delete"]"#, group)), 0);
}

#[test]
fn what_terraform_puts_off_is_checked_with_what_is_known_of_it() {
    let change = |name: &str, unknown: &str| {
        format!(
            r#"{{"address":"aws_iam_role.{name}","mode":"managed","type":"aws_iam_role","name":"{name}","change":
            {{"actions":["create"],"before":null,"after":{{"name":"{name}"}},"after_unknown":{unknown}}}}}"#
        )
    };
    let (now, later) = (change("now", "{}"), change("later", r#"{"assume_role_policy":true}"#));
    let text = format!(
        r#"{{"format_version":"1.2","resource_changes":[{now}],"complete":false,
        "deferred_changes":[{{"reason":"provider_config_unknown","resource_change":{later}}},{{"reason":"unknown"}}]}}"#
    );
    let inventory = extract_text(&text).inventory;
    let addresses: Vec<&str> = inventory.identities.iter().map(|identity| identity.address.path.as_str()).collect();
    assert_eq!(addresses, ["aws_iam_role.now", "aws_iam_role.later"]);
    let [trust] = inventory.policies.as_slice() else { panic!("one trust policy") };
    assert!(matches!(trust.content, Content::Unknown(_)), "{:?}", trust.content);
}

#[test]
fn ephemeral_resources_and_write_only_attributes_hold_nothing() {
    let text = r#"{"format_version":"1.2","checks":[{"address":{"kind":"check"},"status":"unknown"}],
      "resource_drift":[{"address":"aws_iam_group.b","mode":"managed","type":"aws_iam_group","name":"b",
        "change":{"actions":["update"],"before":{"name":"b"},"after":{"name":"c"},"after_unknown":{}}}],
      "resource_changes":[
      {"address":"ephemeral.aws_iam_user.e","mode":"ephemeral","type":"aws_iam_user","name":"e",
       "change":{"actions":["open"],"before":null,"after":{"name":"e"},"after_unknown":{}}},
      {"address":"aws_secretsmanager_secret.s","mode":"managed","type":"aws_secretsmanager_secret","name":"s",
       "change":{"actions":["create"],"before":null,"after":{"name":"s","policy":null,"secret_string_wo":null},
       "after_unknown":{"arn":true}}}]}"#;
    let extracted = extract_text(text);
    assert_eq!((summary(&extracted), extracted.unread), (String::new(), Vec::new()));
}

#[test]
fn planned_values_stand_in_for_changes() {
    let text = r#"{
      "format_version": "0.1",
      "planned_values": {"root_module": {"child_modules": [{"address": "module.a", "resources": [
        {"address": "module.a.aws_iam_role.r", "mode": "managed", "type": "aws_iam_role", "name": "r",
         "values": {"name": "r", "assume_role_policy": {"Statement": {
           "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}}}},
        {"address": "module.a.aws_iam_role_policy_attachment.p", "mode": "managed", "name": "p",
         "type": "aws_iam_role_policy_attachment", "values": {"role": "r"}},
        {"address": "module.a.data.aws_iam_role.d", "mode": "data", "type": "aws_iam_role", "name": "d", "values": {}}
      ]}]}},
      "configuration": {"root_module": {"module_calls": {"a": {"module": {"resources": [
        {"mode": "managed", "type": "aws_iam_role_policy_attachment", "name": "p",
         "expressions": {"role": {"references": ["aws_iam_role.r.name", "aws_iam_role.r"]},
                         "policy_arn": {"references": ["var.policy_arn"]}}}
      ]}}}}}
    }"#;
    let expected = "\
role module.a.aws_iam_role.r: name r, path /
trust module.a.aws_iam_role.r assume_role_policy: 1 statements
role module.a.aws_iam_role.r <- unknown module.a.var.policy_arn
";
    assert_eq!(summary(&extract_text(text)), expected);
}

#[test]
fn policies_come_in_many_forms() {
    let known = |policy: &str| {
        let text = format!(
            r#"{{"resource_changes":[{{"address":"aws_iam_policy.a","type":"aws_iam_policy","name":"a",
            "change":{{"actions":["create"],"after":{{"policy":{policy}}}}}}}]}}"#
        );
        summary(&extract_text(&text))
    };
    let one = "managed aws_iam_policy.a policy: 1 statements\n";
    assert_eq!(known(r#""{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}}""#), one);
    assert_eq!(known(r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#), one);
    assert_eq!(known(r#""  \n""#), "");
    assert_eq!(known("null"), "");
    let refused = known(r#""{\"Statement\": [""#);
    assert!(
        refused.starts_with("managed aws_iam_policy.a policy: refused: `aws_iam_policy.a.policy` is not JSON: "),
        "{refused}"
    );
}

#[test]
fn an_unknown_value_is_unknown_only_where_somebody_wrote_it() {
    let text = r#"{"resource_changes": [
      {"address": "aws_s3_bucket.b", "type": "aws_s3_bucket", "name": "b",
       "change": {"actions": ["create"], "after": {}, "after_unknown": {"policy": true}}},
      {"address": "aws_s3_bucket_policy.b", "type": "aws_s3_bucket_policy", "name": "b",
       "change": {"actions": ["create"], "after": {}, "after_unknown": {"policy": true}}},
      {"address": "aws_iam_role.r", "type": "aws_iam_role", "name": "r",
       "change": {"actions": ["create"], "after": {"inline_policy": [{"name": "x"}]},
                  "after_unknown": {"name": true, "assume_role_policy": true, "managed_policy_arns": true,
                                    "inline_policy": [{"policy": true}]}}}]}"#;
    let expected = "\
role aws_iam_role.r: name ?, path /
resource aws_s3_bucket_policy.b policy: unknown aws_s3_bucket_policy.b.policy
trust aws_iam_role.r assume_role_policy: unknown aws_iam_role.r.assume_role_policy
inline aws_iam_role.r inline_policy[0].policy (x): unknown aws_iam_role.r.inline_policy[0].policy
role aws_iam_role.r <- aws_iam_role.r inline_policy[0].policy
";
    assert_eq!(summary(&extract_text(text)), expected);
}

#[test]
fn what_a_role_repeats_of_its_policies_is_passed_over() {
    let text = r#"{"resource_changes": [
      {"address": "aws_iam_role.r", "type": "aws_iam_role", "name": "r",
       "change": {"actions": ["no-op"], "after": {
         "name": "r", "managed_policy_arns": ["arn:aws:iam::aws:policy/Old", "arn:aws:iam::aws:policy/Kept"],
         "inline_policy": [{"name": "old", "policy": "{}"}, {"name": "gone", "policy": "{}"},
                           {"name": "kept", "policy": {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}}]}}},
      {"address": "aws_iam_role_policy.old", "type": "aws_iam_role_policy", "name": "old",
       "change": {"actions": ["update"], "before": {"role": "r", "name": "old", "policy": "{}"},
                  "after": {"role": "r", "name": "old", "policy": null}}},
      {"address": "aws_iam_role_policy.gone", "type": "aws_iam_role_policy", "name": "gone",
       "change": {"actions": ["delete"], "before": {"role": "r", "name": "gone"}, "after": null}},
      {"address": "aws_iam_role_policy_attachment.old", "type": "aws_iam_role_policy_attachment", "name": "old",
       "change": {"actions": ["delete"], "before": {"role": "r", "policy_arn": "arn:aws:iam::aws:policy/Old"}}}]}"#;
    let expected = "\
role aws_iam_role.r: name r, path /
inline aws_iam_role.r inline_policy[2].policy (kept): 1 statements
role aws_iam_role.r <- aws_iam_role.r inline_policy[2].policy
role aws_iam_role.r <- arn:aws:iam::aws:policy/Kept
";
    assert_eq!(summary(&extract_text(text)), expected);
}

#[test]
fn what_the_provider_fills_in_is_not_declared() {
    let with_configuration = |expressions: &str| {
        let text = format!(
            r#"{{"resource_changes":[{{"address":"aws_kms_key.k","type":"aws_kms_key","name":"k",
            "change":{{"actions":["no-op"],"after":{{"policy":"{{}}"}}}}}}],
            "configuration":{{"root_module":{{"resources":[
            {{"mode":"managed","type":"aws_kms_key","name":"k","expressions":{{{expressions}}}}}]}}}}}}"#
        );
        extract_text(&text).inventory.policies.len()
    };
    assert_eq!(with_configuration(""), 0);
    assert_eq!(with_configuration(r#""policy":{}"#), 1);
}

#[test]
fn an_open_api_description_may_hold_a_policy() {
    let body = |body: &str| {
        let text = serde_json::json!({"resource_changes": [{
            "address": "aws_api_gateway_rest_api.a", "type": "aws_api_gateway_rest_api", "name": "a",
            "change": {"actions": ["create"], "after": {"body": body}},
        }]});
        summary(&extract_text(&text.to_string()))
    };
    let policy = r#"{"openapi": "3.0.1", "x-amazon-apigateway-policy": {"Statement":
        {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}}}"#;
    assert_eq!(body(policy), "resource aws_api_gateway_rest_api.a body: 1 statements\n");
    assert_eq!(body(r#"{"openapi": "3.0.1"}"#), "");
    let yaml = "openapi: 3.0.1\nx-amazon-apigateway-policy: {}\n";
    let unknown = "resource aws_api_gateway_rest_api.a body: unknown \
        aws_api_gateway_rest_api.a.body.x-amazon-apigateway-policy\n";
    assert_eq!(body(yaml), unknown);
}

#[test]
fn what_is_not_a_plan_is_said_with_its_place() {
    let reason = |text: &str| extract_text(text).unread.join("; ");
    assert_eq!(
        reason("{\n  \"resource_changes\": [1]}"),
        "line 2, column 24: not what Terraform writes: invalid type: integer `1`, expected a resource, which is a map"
    );
    assert!(reason("{\"resource_changes\": [{\"address\": ").starts_with("line 1, column "));
    assert!(!reason(&"[".repeat(100_000)).is_empty());
    let modules = (r#"{"module_calls":{"a":{"module":"#.repeat(5000), "}}}".repeat(5000));
    let deep = format!(r#"{{"configuration":{{"root_module":{}{{}}{}}}}}"#, modules.0, modules.1);
    assert!(!reason(&deep).is_empty());
    assert_eq!(
        reason("{\n \"planned_values\": {\n  \"root_module\": 7}}"),
        "line 3, column 18: not what Terraform writes: invalid type: integer `7`, expected a module, which is a map"
    );
    let errored = r#"{"format_version":"1.2","planned_values":{"root_module":{}},"errored":true}"#;
    assert!(reason(errored).starts_with("the plan ended in an error and says only in part"));
    assert_eq!(reason("{}"), "");
}

#[test]
fn keys_may_come_in_any_order() {
    let text = r#"{"resource_changes":[
      {"change":{"after_unknown":{},"after":{"name":"g"},"actions":["create"]},"name":"g","type":"aws_iam_group","address":"aws_iam_group.g"},
      {"change":{"after":{"policy":"{}"},"actions":["create"]},"name":"q","type":"aws_instance","address":"aws_instance.q"}]}"#;
    assert_eq!(summary(&extract_text(text)), "group aws_iam_group.g: name g, path /\n");
}

#[test]
fn attributes_nested_past_reading_are_unread() {
    let deep = format!("{}1{}", "[".repeat(200_000), "]".repeat(200_000));
    let text = format!(
        r#"{{"resource_changes":[{{"address":"aws_iam_policy.a","type":"aws_iam_policy","name":"a",
        "change":{{"actions":["create"],"after":{{"policy":{deep}}}}}}}]}}"#
    );
    let unread = extract_text(&text).unread;
    assert!(unread[0].starts_with("`aws_iam_policy.a` cannot be read: "), "{unread:?}");
}

fn extract_file(path: &str) -> Extracted {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/terraform").join(path);
    let text = std::fs::read_to_string(&path).unwrap();
    extract_text(&text)
}

fn extract_text(text: &str) -> Extracted {
    let source = Source::file("plan.json", text.to_owned());
    extract_plan_or_state(&source)
}

fn extract_plan_or_state(source: &Arc<Source>) -> Extracted {
    let span = Span::new(0, source.text().len());
    let is_state = source.text().contains(r#""values":{"root_module""#) && !source.text().contains("resource_changes");
    let checkouts = Checkouts::default();
    if is_state { extract_state(source, span, &checkouts) } else { extract_plan(source, span, &checkouts) }
}

/// The facts, one a line, and under each policy the statements that test something.
fn summary(extracted: &Extracted) -> String {
    let inventory = &extracted.inventory;
    let mut lines = String::new();
    for identity in &inventory.identities {
        let known = |text: &Option<String>| text.clone().unwrap_or_else(|| "?".to_owned());
        let kind = format!("{:?}", identity.kind).to_lowercase();
        let (name, path) = (known(&identity.name), known(&identity.path));
        writeln!(lines, "{kind} {}: name {name}, path {path}", identity.address.path).unwrap();
    }
    for policy in &inventory.policies {
        policy_lines(&mut lines, policy);
    }
    inventory.attachments.iter().for_each(|tie| tie_line(&mut lines, tie, "<-"));
    inventory.boundaries.iter().for_each(|tie| tie_line(&mut lines, tie, "bounded by"));
    for membership in &inventory.memberships {
        writeln!(lines, "{} in {}", target(&membership.user), target(&membership.group)).unwrap();
    }
    for account in &inventory.accounts {
        writeln!(lines, "account {}: {:?} with {:?}", account.address.path, account.name, account.role_name).unwrap();
    }
    lines
}

/// The subjects with their policies, one a line.
fn subject_summary(extracted: &Extracted) -> Vec<String> {
    let line = |subject: crate::inventory::subjects::Subject| {
        let policies: Vec<_> =
            subject.policies.iter().map(|it| (&it.policy.address.path, &it.policy.attribute)).collect();
        format!("{} {}: {policies:?}", subject.address.path, subject.kind.name())
    };
    crate::inventory::subjects::subjects(&extracted.inventory).into_iter().map(line).collect()
}

fn policy_lines(lines: &mut String, policy: &Policy) {
    let name = policy.name.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
    let kind = format!("{:?}", policy.kind).to_lowercase();
    let content = match &policy.content {
        Content::Unknown(unknown) => format!("unknown {}", unknown.name),
        Content::Known(document) if document.is_refused() => format!("refused: {}", document.problems[0].message),
        Content::Known(document) => format!("{} statements", document.statements.len()),
    };
    writeln!(lines, "{kind} {} {}{name}: {content}", policy.address.path, policy.attribute).unwrap();
    let Content::Known(document) = &policy.content else { return };
    for test in document.statements.iter().flat_map(|statement| &statement.tests) {
        writeln!(lines, "    {} {}", test.operator_place.text(), test.place.text()).unwrap();
    }
}

fn tie_line(lines: &mut String, tie: &Attachment, verb: &str) {
    let policy = match &tie.policy {
        PolicyReference::Document { address, attribute } => format!("{} {attribute}", address.path),
        PolicyReference::Resource(address) => address.path.clone(),
        PolicyReference::Arn(text) | PolicyReference::Name(text) => text.clone(),
        PolicyReference::Unknown(unknown) => format!("unknown {}", unknown.name),
    };
    let kind = format!("{:?}", tie.identity.kind).to_lowercase();
    writeln!(lines, "{kind} {} {verb} {policy}", target(&tie.identity.target)).unwrap();
}

fn target(target: &Target) -> String {
    match target {
        Target::Resource(address) => address.path.clone(),
        Target::Name(name) => name.clone(),
        Target::Unknown(unknown) => format!("unknown {}", unknown.name),
    }
}

use std::sync::Arc;

use super::extract;
use super::templates::Templates;
use crate::extract::{Extracted, Settings};
use crate::inventory::{Attachment, Content, PolicyReference, Target};
use crate::source::{Place, Source};
use crate::tree::{json, yaml};

mod places;

fn read(name: &str, text: &str) -> (Arc<Source>, Extracted) {
    let source = Source::file(name, text.to_owned());
    let nodes = if text.trim_start().starts_with('{') {
        vec![json::parse(&source, crate::source::Span::new(0, text.len())).unwrap()]
    } else {
        yaml::parse(&source).unwrap()
    };
    let extracted = extract(&source, &nodes, &Settings::default(), &Templates::default());
    (source, extracted)
}

fn file(name: &str) -> Extracted {
    let path = format!("{}/testdata/cloudformation/{name}", env!("CARGO_MANIFEST_DIR"));
    read(name, &std::fs::read_to_string(path).unwrap()).1
}

/// Every identity, policy and tie in one line each.
fn lines(extracted: &Extracted) -> Vec<String> {
    let inventory = &extracted.inventory;
    let identities = inventory.identities.iter().map(|identity| {
        let name = identity.name.as_deref().unwrap_or("?");
        format!("{:?} {} {}{name}", identity.kind, identity.address.path, identity.path.as_deref().unwrap_or("?"))
    });
    let policies = inventory.policies.iter().map(|policy| {
        let statements = match &policy.content {
            Content::Known(document) => document.statements.len().to_string(),
            Content::Unknown(unknown) => format!("{} {}", unknown.name, unknown.reason),
        };
        format!("{:?} {} {}: {statements}", policy.kind, policy.address.path, policy.attribute)
    });
    let attachments = inventory.attachments.iter().map(|attachment| tie("attach", attachment));
    let boundaries = inventory.boundaries.iter().map(|attachment| tie("bound", attachment));
    let members = inventory.memberships.iter().map(|member| {
        format!("member {} of {} ({})", target(&member.user), target(&member.group), member.place.text())
    });
    let accounts = inventory
        .accounts
        .iter()
        .map(|account| format!("account {} {}", account.address.path, account.role_name.as_deref().unwrap_or("?")));
    let unread = extracted.unread.iter().map(|reason| format!("unread {reason}"));
    identities
        .chain(policies)
        .chain(attachments)
        .chain(boundaries)
        .chain(members)
        .chain(accounts)
        .chain(unread)
        .collect()
}

fn tie(what: &str, attachment: &Attachment) -> String {
    let policy = match &attachment.policy {
        PolicyReference::Document { address, attribute } => format!("{}:{attribute}", address.path),
        PolicyReference::Resource(address) => address.path.clone(),
        PolicyReference::Arn(arn) => arn.clone(),
        PolicyReference::Name(name) => format!("named {name}"),
        PolicyReference::Unknown(unknown) => format!("? {}", unknown.name),
    };
    let identity = format!("{:?} {}", attachment.identity.kind, target(&attachment.identity.target));
    format!("{what} {policy} to {identity} by {}", attachment.address.path)
}

fn target(target: &Target) -> String {
    match target {
        Target::Resource(address) => address.path.clone(),
        Target::Name(name) => format!("named {name}"),
        Target::Unknown(unknown) => format!("? {}", unknown.name),
    }
}

#[track_caller]
fn assert_lines(extracted: &Extracted, expected: &[&str]) {
    let found = lines(extracted);
    assert_eq!(found, expected, "\n{}", found.join("\n"));
}

#[test]
fn a_group_with_an_inline_policy() {
    let extracted = file("group-guarded.yaml");
    assert_lines(
        &extracted,
        &[
            "Group Admins /admins",
            "Inline Admins Properties.Policies[0].PolicyDocument: 2",
            "attach Admins:Properties.Policies[0].PolicyDocument to Group Admins by Admins",
        ],
    );
    assert_eq!(extracted.inventory.policies[0].name.as_deref(), Some("everything-after-mfa"));
}

#[test]
fn a_group_without_a_name_is_tied_by_reference() {
    assert_lines(
        &file("group-bool-deny-misses-access-keys.json"),
        &[
            "Group Operators /?",
            "Managed Guard Properties.PolicyDocument: 1",
            "attach Guard to Group Operators by Operators",
            "attach arn:aws:iam::aws:policy/PowerUserAccess to Group Operators by Operators",
        ],
    );
}

#[test]
fn every_way_of_attaching() {
    assert_lines(
        &file("attachments.yaml"),
        &[
            "Group Team /?",
            "User Anna /people/anna",
            "Role Deployer /?",
            "Managed Guard Properties.PolicyDocument: 1",
            "Managed Bound Properties.PolicyDocument: 1",
            "Inline Anna Properties.Policies[0].PolicyDocument: 1",
            "Trust Deployer Properties.AssumeRolePolicyDocument: 1",
            "Inline Shared Properties.PolicyDocument: 1",
            "Inline OfGroup Properties.PolicyDocument: 1",
            "Inline OfRole Properties.PolicyDocument: 1",
            "Inline OfUser Properties.PolicyDocument: 1",
            "attach Guard to Group Team by Team",
            "attach Guard to Group Team by Team",
            "attach named made-elsewhere to Group Team by Team",
            "attach arn:aws:iam::aws:policy/ReadOnlyAccess to Group Team by Team",
            "attach ? Fn::ImportValue shared-guard to Group Team by Team",
            "attach Guard to Group Team by Guard",
            "attach Guard to Group named auditors by Guard",
            "attach Guard to Role Deployer by Guard",
            "attach Guard to User Anna by Guard",
            "attach Anna:Properties.Policies[0].PolicyDocument to User Anna by Anna",
            "attach Shared:Properties.PolicyDocument to Group Team by Shared",
            "attach Shared:Properties.PolicyDocument to Role Deployer by Shared",
            "attach Shared:Properties.PolicyDocument to User Anna by Shared",
            "attach Shared:Properties.PolicyDocument to User named berta by Shared",
            "attach OfGroup:Properties.PolicyDocument to Group Team by OfGroup",
            "attach OfRole:Properties.PolicyDocument to Role Deployer by OfRole",
            "attach OfUser:Properties.PolicyDocument to User named berta by OfUser",
            "bound Bound to User Anna by Anna",
            "bound Bound to Role Deployer by Deployer",
            "member Anna of Team (!Ref Team)",
            "member Anna of named auditors (auditors)",
            "member Anna of Team (!Ref Anna)",
            "member named berta of Team (berta)",
        ],
    );
}

#[test]
fn permission_sets() {
    assert_lines(
        &file("permission-sets.json"),
        &[
            "PermissionSet Administrators /Administrators",
            "PermissionSet LockedOut /LockedOut",
            "Inline LockedOut Properties.InlinePolicy: 2",
            "attach arn:aws:iam::aws:policy/AdministratorAccess to PermissionSet Administrators by Administrators",
            "attach named guard to PermissionSet Administrators by Administrators",
            "attach LockedOut:Properties.InlinePolicy to PermissionSet LockedOut by LockedOut",
            "bound named bound to PermissionSet Administrators by Administrators",
        ],
    );
}

#[test]
fn organizations() {
    assert_lines(
        &file("organization.yaml"),
        &[
            "ServiceControl DenyWithoutMfa Properties.Content: 1",
            "ResourceControl Perimeter Properties.Content: 1",
            "account Sandbox OrganizationAccountAccessRole",
            "account Production break-glass",
        ],
    );
}

#[test]
fn sam_functions_have_the_roles_that_the_transform_makes() {
    assert_lines(
        &file("sam-functions.yaml"),
        &[
            "Role Reader /?",
            "Role LockedOut /?",
            "Role Flow /?",
            "Inline Reader Properties.Policies[3]: 1",
            "Inline Extra Properties.PolicyDocument: 1",
            "Trust LockedOut Properties.AssumeRolePolicyDocument: 1",
            "Inline LockedOut Properties.Policies: 1",
            "Resource Api Properties.Auth.ResourcePolicy.CustomStatements: 2",
            "attach arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole to Role Reader by Reader",
            "attach arn:aws:iam::aws:policy/ReadOnlyAccess to Role Reader by Reader",
            "attach Reader:Properties.Policies[3] to Role Reader by Reader",
            "attach Extra:Properties.PolicyDocument to Role Reader by Extra",
            "attach LockedOut:Properties.Policies to Role LockedOut by LockedOut",
            "attach arn:aws:iam::aws:policy/service-role/AWSLambdaRole to Role Flow by Flow",
        ],
    );
}

#[test]
fn policies_on_resources() {
    assert_lines(
        &file("resource-policies.yaml"),
        &[
            "Resource Key Properties.KeyPolicy: 1",
            "Resource Table Properties.Replicas[1].ResourcePolicy.PolicyDocument: 1",
            "Resource BusPolicy Properties.Statement: 1",
        ],
    );
}

#[test]
fn documents_as_text() {
    let extracted = file("policies-as-text.yaml");
    assert_lines(
        &extracted,
        &[
            "PermissionSet Substituted /operators",
            "PermissionSet Given /given",
            "Managed Block Properties.PolicyDocument: 1",
            "Inline Substituted Properties.InlinePolicy: 1",
            "Managed Broken Properties.PolicyDocument: 0",
            "Inline Given Properties.InlinePolicy: Ref PolicyText is a parameter without a default",
            "attach Substituted:Properties.InlinePolicy to PermissionSet Substituted by Substituted",
            "attach Given:Properties.InlinePolicy to PermissionSet Given by Given",
        ],
    );
    let Content::Known(broken) = &extracted.inventory.policies[2].content else { panic!() };
    assert!(broken.is_refused());
}

#[test]
fn what_cannot_be_used_is_unread() {
    let extracted = file("unusable.yaml");
    let unread: Vec<_> = lines(&extracted).into_iter().filter(|line| line.starts_with("unread")).collect();
    let expected = [
        "unread `Text` is a string where a resource belongs",
        "unread `Untyped` has no `Type`, so it is not known whether it holds policies",
        "unread `TextProperties`: `Properties` is a string where a map belongs",
        "unread `TextPolicies`: `Properties.Policies` is a string where a map belongs",
        "unread `Module`: `Type` is made by `Fn::Rain::Module`, so it is not known whether it holds policies; where another tool renders this template, check what comes out",
        "unread `Included` is made by `Fn::Transform`, whose result only a deployment has",
        "unread `Fn::ForEach::Groups` makes resources with policies, but the template does not name the transform `AWS::LanguageExtensions`, which evaluates loops",
        "unread `Resources` is filled in by `Fn::Transform`, whose result only a deployment has",
    ];
    assert_eq!(unread, expected);
}

#[test]
fn templates_without_usable_resources_are_unread() {
    assert_lines(
        &read("t.yaml", "AWSTemplateFormatVersion: 2010-09-09\n").1,
        &["unread the template has no `Resources`"],
    );
    let expected = ["unread `Resources` is a list where a map of resources belongs"];
    assert_lines(&read("t.yaml", "Resources: [a]\n").1, &expected);
    assert_lines(&read("t.yaml", "{}").1, &["unread the template has no `Resources`"]);
}

#[test]
fn resources_that_take_their_names_from_each_other_end() {
    let text = "
Resources:
  A: {Type: AWS::IAM::Role, Properties: {RoleName: !Sub '${B}${B}'}}
  B: {Type: AWS::IAM::Role, Properties: {RoleName: !Sub '${C}${C}'}}
  C: {Type: AWS::IAM::Role, Properties: {RoleName: !Sub '${A}${A}'}}
  D: {Type: AWS::IAM::Role, Properties: {RoleName: !Ref D}}
";
    assert_lines(&read("t.yaml", text).1, &["Role A /?", "Role B /?", "Role C /?", "Role D /?"]);
}

/// The text under a place, which for an embedded document is in that document.
fn under(place: &Place) -> &str {
    place.text()
}

#[test]
fn loops_are_written_out() {
    let text = "
Transform: [AWS::LanguageExtensions]
Parameters:
  Teams: {Type: CommaDelimitedList, Default: 'red, blue-green'}
  Zones: {Type: CommaDelimitedList}
Resources:
  'Fn::ForEach::Groups':
    - Team
    - !Ref Teams
    - 'Group&{Team}':
        Type: AWS::IAM::Group
        Properties:
          GroupName: !Sub '${Team}-admins'
          Path: !Ref Team
  'Fn::ForEach::Users':
    - Name
    - [anna, berta]
    - 'Fn::ForEach::Stages':
        - Stage
        - [dev]
        - '${Name}${Stage}':
            Type: AWS::IAM::User
            Properties: {UserName: !Join ['-', [!Ref Name, !Ref Stage]], Groups: ['red-admins']}
  'Fn::ForEach::Unknown':
    - Zone
    - !Ref Zones
    - 'Role${Zone}': {Type: AWS::IAM::Role, Properties: {}}
";
    assert_lines(
        &read("t.yaml", text).1,
        &[
            "Group Groupred redred-admins",
            "User annadev /anna-dev",
            "User bertadev /berta-dev",
            "Group Groupbluegreen blue-greenblue-green-admins",
            "member annadev of Groupred ('red-admins')",
            "member bertadev of Groupred ('red-admins')",
            "unread `Fn::ForEach::Unknown` makes resources with policies, but its collection is not known before the \
             deployment",
        ],
    );
}

#[test]
fn globals_of_functions_hold_unless_a_function_says_otherwise() {
    let text = "
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {PermissionsBoundary: 'arn:aws:iam::111122223333:policy/bound', RolePath: /app/}
  Api:
    Auth: {ResourcePolicy: {CustomStatements: [{Effect: Allow, Principal: '*', Action: 'execute-api:Invoke'}]}}
Resources:
  Bound: {Type: AWS::Serverless::Function, Properties: {Policies: ReadOnlyAccess}}
  Free:
    Type: AWS::Serverless::Function
    Properties: {Policies: ReadOnlyAccess, RolePath: /, PermissionsBoundary: !Ref AWS::NoValue}
  Api: {Type: AWS::Serverless::Api}
";
    assert_lines(
        &read("t.yaml", text).1,
        &[
            "Role Bound /app/?",
            "Role Free /?",
            "Resource Api Properties.Auth.ResourcePolicy.CustomStatements: 1",
            "attach arn:aws:iam::aws:policy/ReadOnlyAccess to Role Bound by Bound",
            "attach arn:aws:iam::aws:policy/ReadOnlyAccess to Role Free by Free",
            "bound arn:aws:iam::111122223333:policy/bound to Role Bound by Bound",
        ],
    );
}

#[test]
fn globals_that_a_resource_ignores_are_not_its_own() {
    let text = "
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {PermissionsBoundary: 'arn:aws:iam::111122223333:policy/bound', RolePath: /app/}
Resources:
  Bound: {Type: AWS::Serverless::Function, IgnoreGlobals: [Timeout]}
  Free: {Type: AWS::Serverless::Function, IgnoreGlobals: [PermissionsBoundary, Timeout], Properties: {RolePath: /}}
  Alone: {Type: AWS::Serverless::Function, IgnoreGlobals: '*'}
";
    assert_lines(
        &read("t.yaml", text).1,
        &[
            "Role Bound /app/?",
            "Role Free /?",
            "Role Alone /?",
            "bound arn:aws:iam::111122223333:policy/bound to Role Bound by Bound",
        ],
    );
}

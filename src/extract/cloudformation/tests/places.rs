//! The text under the places of what is extracted.

use std::sync::Arc;

use super::{file, read, under};
use crate::extract::Extracted;
use crate::iam::document::Document;
use crate::inventory::Content;
use crate::tree::{Part, Scalar};

fn document(extracted: &Extracted, index: usize) -> &Arc<Document> {
    match &extracted.inventory.policies[index].content {
        Content::Known(document) => document,
        Content::Unknown(unknown) => panic!("{} {}", unknown.name, unknown.reason),
    }
}

/// Text with its unknown parts in angle brackets.
fn shown(scalar: &Scalar) -> String {
    let part = |part: &Part| match part {
        Part::Known(text) => text.clone(),
        Part::Unknown(unknown) => format!("<{}>", unknown.name),
    };
    scalar.parts.iter().map(part).collect()
}

#[test]
fn the_key_of_the_resource_and_the_value_of_the_condition() {
    let extracted = file("group-guarded.yaml");
    assert_eq!(under(&extracted.inventory.identities[0].place), "Admins");
    let guard = &document(&extracted, 0).statements[1];
    assert!(under(&guard.place).starts_with("Sid: DenyWithoutMfa"));
    assert!(under(&guard.place).ends_with("aws:MultiFactorAuthPresent: false"));
    assert_eq!(under(&guard.tests[0].operator_place), "BoolIfExists");
    assert_eq!(under(&guard.tests[0].key_place), "aws:MultiFactorAuthPresent");
    assert_eq!(under(&guard.tests[0].values[0].place), "false");
}

#[test]
fn json_keys_with_their_quotes() {
    let extracted = file("group-bool-deny-misses-access-keys.json");
    assert_eq!(under(&extracted.inventory.identities[0].place), "\"Operators\"");
    assert_eq!(under(&extracted.inventory.attachments[0].place), "{\"Ref\": \"Guard\"}");
    assert_eq!(under(&document(&extracted, 0).statements[0].tests[0].values[0].place), "\"false\"");
}

#[test]
fn short_tags_in_block_and_flow() {
    let extracted = file("role-trust-mfa-by-parameter.yaml");
    let first = &extracted.alternatives[0][0].inventory;
    let Content::Known(document_of_first) = &first.policies[0].content else { panic!() };
    let statement = &document_of_first.statements[0];
    let principal = &statement.principals.as_ref().unwrap().items[0].text;
    assert_eq!(under(&principal.place), "!Sub arn:aws:iam::${Trusted}:root");
    assert_eq!(shown(&principal.scalar), "arn:aws:iam::<Ref Trusted>:root");
    let values: Vec<_> = statement.tests.iter().map(|test| &test.values[0]).collect();
    assert_eq!((under(&values[0].place), shown(&values[0].scalar)), ("!Ref RequireMfa", "true".to_owned()));
    let limit = "!FindInMap [Sessions, Age, Limit]";
    assert_eq!((under(&values[1].place), shown(&values[1].scalar)), (limit, "3600".to_owned()));

    let extracted = file("role-trust-with-mfa.yaml");
    let principal = &document(&extracted, 0).statements[0].principals.as_ref().unwrap().items[0].text;
    assert_eq!(under(&principal.place), "!Join ['', ['arn:aws:iam::', !Ref AWS::AccountId, ':root']]");
    assert_eq!(shown(&principal.scalar), "arn:aws:iam::<AWS::AccountId>:root");
}

#[test]
fn after_characters_of_several_bytes() {
    let text = "
Resources:
  Gruppe: # für Ärzte — 漢字 🔐
    Type: AWS::IAM::Group
    Properties: {GroupName: \"Ärzte 🔐\", Policies: [{PolicyName: ü, PolicyDocument: {Statement: [{Effect: Allow, Action: !Sub 'ü${AWS::Region}', Resource: '*'}]}}]}
";
    let (_, extracted) = read("t.yaml", text);
    assert_eq!(under(&extracted.inventory.identities[0].place), "Gruppe");
    let statement = &document(&extracted, 0).statements[0];
    assert_eq!(under(&statement.place), "{Effect: Allow, Action: !Sub 'ü${AWS::Region}', Resource: '*'}");
    assert_eq!(under(&statement.actions.items[0].place), "!Sub 'ü${AWS::Region}'");
    assert_eq!(shown(&statement.actions.items[0].scalar), "ü<AWS::Region>");
}

#[test]
fn documents_that_stand_as_text_lead_back_to_the_template() {
    let extracted = file("policies-as-text.yaml");
    let block = document(&extracted, 0);
    assert_eq!(under(&block.statements[0].actions.items[0].place), "\"s3:*\"");
    assert_eq!(block.place.source.name(), "Block.Properties.PolicyDocument");
    assert!(under(block.place.in_file()).starts_with("{\n          \"Version\""));
    assert!(under(block.place.in_file()).ends_with("\"*\"}\n        }"));

    let resource = &document(&extracted, 1).statements[0].resources.as_ref().unwrap().items[0];
    assert_eq!(under(&resource.place), "\"arn:aws:s3:::${AWS::AccountId}-grün/${aws:username}/*\"");
    assert_eq!(shown(&resource.scalar), "arn:aws:s3:::<AWS::AccountId>-grün/${aws:username}/*");
    assert!(under(resource.place.in_file()).starts_with("!Sub |"));

    assert_eq!(under(&extracted.inventory.policies[3].place), "!Ref PolicyText");
}

#[test]
fn the_branch_of_a_condition_that_constants_settle() {
    let text = "
Conditions:
  InChina: !Equals [!Ref AWS::Partition, aws-cn]
  Elsewhere: !And [!Not [!Condition InChina], !Or [!Condition InChina, !Equals [a, a]]]
Resources:
  P:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          - !If [Elsewhere, {Effect: Deny, Action: 'a:b', Resource: '*'}, {Effect: Allow, Action: '*', Resource: '*'}]
          - !If [InChina, {Effect: Deny, Action: 'a:b', Resource: '*'}, !Ref AWS::NoValue]
          - !If [Itself, {Effect: Deny, Action: 'a:c', Resource: '*'}, {Effect: Deny, Action: 'a:c', Resource: '*'}]
";
    let (_, extracted) = read("t.yaml", text);
    let statements = &document(&extracted, 0).statements;
    let places: Vec<_> = statements.iter().map(|statement| under(&statement.place)).collect();
    assert_eq!(
        places,
        ["{Effect: Deny, Action: 'a:b', Resource: '*'}", "{Effect: Deny, Action: 'a:c', Resource: '*'}"]
    );
}

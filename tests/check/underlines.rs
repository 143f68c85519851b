//! What the report for people underlines in a template: the text at fault and nothing else.

use crate::runs::{of_file, written};

/// The findings' rules, each with all that is underlined for it: a text, or the first and the last line of one.
fn underlined(name: &str, text: &str) -> Vec<(String, Vec<String>)> {
    read(&written(&of_file(name, text), "human", 100))
}

fn read(shown: &str) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    let (mut before, mut first) = ("", String::new());
    for line in shown.lines() {
        if let Some((title, _)) = line.split_once("] ")
            && let Some((_, rule)) = title.split_once('[')
            && !line.starts_with(' ')
        {
            found.push((rule.to_owned(), Vec::new()));
        }
        let Some((_, under)) = found.last_mut() else { continue };
        if line.trim_start().starts_with('·') && line.contains('─') && !line.contains(['╰', '├']) {
            under.extend(marked(before, line));
        } else if let Some((_, text)) = line.split_once("╭─▶") {
            first = text.trim().to_owned();
        } else if let Some((_, text)) = line.split_once("├─▶") {
            under.push(format!("{first} … {}", text.trim()));
        }
        before = line;
    }
    found
}

/// The parts of a line over the dashes of the next one.
fn marked(line: &str, marks: &str) -> Vec<String> {
    let marks: Vec<char> = marks.chars().collect();
    let is_marked = |column: usize| marks.get(column).is_some_and(|mark| matches!(mark, '─' | '┬'));
    let mut column = 0;
    let mut text: Vec<String> = Vec::new();
    for character in line.chars() {
        if is_marked(column) {
            if column == 0 || !is_marked(column - 1) {
                text.push(String::new());
            }
            text.last_mut().unwrap().push(character);
        }
        column += if character >= '\u{1100}' && !('\u{2010}'..'\u{2fff}').contains(&character) { 2 } else { 1 };
    }
    text
}

#[track_caller]
fn assert_underlined(name: &str, text: &str, expected: &[(&str, &[&str])]) {
    let found = underlined(name, text);
    let found: Vec<(&str, Vec<&str>)> =
        found.iter().map(|(rule, under)| (rule.as_str(), under.iter().map(String::as_str).collect())).collect();
    let expected: Vec<(&str, Vec<&str>)> = expected.iter().map(|(rule, under)| (*rule, under.to_vec())).collect();
    assert_eq!(found, expected);
}

/// A trust policy with a condition that is the wrong way round, on one line.
const WRONG_WAY: &str = "{Version: 2012-10-17, Statement: [{Effect: Allow, Principal: {AWS: 012345678901}, \
                         Action: 'sts:AssumeRole', Condition: {Bool: {'aws:MultiFactorAuthPresent': VALUE}}}]}";

fn wrong_way(value: &str) -> String {
    WRONG_WAY.replace("VALUE", value)
}

#[test]
fn short_tags_in_flow_maps() {
    let text = format!(
        "
Parameters: {{Value: {{Type: String, Default: 'false'}}}}
Resources:
  Ops: {{Type: AWS::IAM::Role, Properties: {{AssumeRolePolicyDocument: {}}}}}
",
        wrong_way("!Ref Value")
    );
    let test = "'aws:MultiFactorAuthPresent': !Ref Value";
    assert_underlined("t.yaml", &text, &[("ineffective-mfa-condition", &[test]), ("role-trust-without-mfa", &[test])]);
}

#[test]
fn short_tags_in_blocks() {
    let text = "
Resources:
  Ops:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement:
          - Effect: Allow
            Principal:
              AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root'
            Action: sts:AssumeRole
            Condition:
              Bool:
                aws:MultiFactorAuthPresent: !ImportValue guard
  Team:
    Type: AWS::IAM::Group
    Properties:
      ManagedPolicyArns:
        - !ImportValue
            Fn::Sub: 'x-${AWS::Region}'
";
    assert_underlined(
        "t.yaml",
        text,
        &[
            ("mfa-unproven", &["!ImportValue guard"]),
            ("mfa-unproven", &["- !ImportValue … Fn::Sub: 'x-${AWS::Region}'"]),
        ],
    );
}

#[test]
fn documents_in_block_scalars() {
    let text = "
Parameters: {People: {Type: String, Default: '012345678901'}}
Resources:
  Literal:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: |
        {
          \"Version\": \"2012-10-17\",
          \"Statement\": {\"Effect\": \"allow\", \"Principal\": {\"AWS\": \"012345678901\"}, \"Action\": \"sts:AssumeRole\"}
        }
  Folded:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: !Sub >-
        {\"Version\": \"2012-10-17\", \"Statement\": {\"Effect\": \"Allow\",
        \"Principal\": {\"AWS\": \"${People}\"}, \"Action\": \"sts:AssumeRole\",
        \"Condition\": {\"BoolIfExists\": {\"aws:MultiFactorAuthPresent\": \"true\"}}}}
";
    let passes = "\"aws:MultiFactorAuthPresent\": \"true\"";
    assert_underlined(
        "t.yaml",
        text,
        &[
            ("malformed-policy", &["\"allow\""]),
            ("mfa-unproven", &["\"allow\""]),
            ("ineffective-mfa-condition", &[passes]),
            ("role-trust-without-mfa", &[passes]),
        ],
    );
}

#[test]
fn text_with_dynamic_references_stays_as_it_is() {
    let text = r#"
Resources:
  Ops:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: |
        {"Statement": {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::{{resolve:ssm:/ä/people}}:root"},
          "Action": "sts:AssumeRole", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "{{resolve:ssm:/asks}}"}}}}
"#;
    assert_underlined("t.yaml", text, &[("mfa-unproven", &["\"{{resolve:ssm:/asks}}\""])]);
    let open =
        text.replace(", \"Condition\": {\"Bool\": {\"aws:MultiFactorAuthPresent\": \"{{resolve:ssm:/asks}}\"}}", "");
    let statement = "{\"Statement\": {\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"arn:aws:iam::{{resolve:ssm:/ä/people}}:root\"}, … \"Action\": \"sts:AssumeRole\"}}";
    assert_underlined("t.yaml", &open, &[("role-trust-without-mfa", &[statement])]);
}

#[test]
fn after_characters_of_one_and_of_two_columns() {
    let text = format!(
        "
# Ärzte — 漢字 🔐
Resources:
  Größe: {{Type: AWS::IAM::Role, Properties: {{RoleName: ä漢🔐, AssumeRolePolicyDocument: {}}}}}
",
        wrong_way("'false'").replace("Effect", "Sid: é漢, Effect")
    );
    let test = "'aws:MultiFactorAuthPresent': 'false'";
    assert_underlined(
        "t.yaml",
        &text,
        &[("ineffective-mfa-condition", &[test]), ("role-trust-without-mfa", &[test]), ("malformed-policy", &["é漢"])],
    );
}

#[test]
fn json_in_lines_and_on_one_line() {
    let lines = r#"{
  "Resources": {
    "Größe": {
      "Type": "AWS::IAM::Group",
      "Properties": {
        "GroupName": "é漢",
        "ManagedPolicyArns": [{"Fn::ImportValue": "guard"}]
      }
    }
  }
}
"#;
    let expected: &[(&str, &[&str])] = &[("mfa-unproven", &[r#"{"Fn::ImportValue": "guard"}"#])];
    assert_underlined("t.json", lines, expected);
    let one_line: String = lines.lines().map(str::trim_start).collect();
    assert_underlined("t.json", &one_line, expected);
}

#[test]
fn json_text_in_json() {
    let text = r#"{"Resources": {"Ops": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument":
        "{\"Version\": \"2012-10-17\", \"Statement\": {\"Sid\": \"\u00e9\", \"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"*\"}, \"Action\": \"sts:AssumeRole\", \"Condition\": {\"Bool\": {\"aws:MultiFactorAuthPresent\": \"false\"}}}}"
    }}}}"#;
    let found = underlined("t.json", text);
    let under = |rule: &str| found.iter().find(|(known, _)| known == rule).unwrap().1.clone();
    assert_eq!(under("malformed-policy"), [r#""é""#]);
    assert_eq!(under("ineffective-mfa-condition"), [r#""aws:MultiFactorAuthPresent": "false""#]);
}

#[test]
fn keys_that_stand_twice() {
    let text = "
Resources:
  Team: {Type: AWS::IAM::Group}
  Ops:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: 2012-10-17
        Statement: [{Effect: Allow, Effect: Deny, Action: '*', Resource: '*'}]
  Team:
    Type: AWS::IAM::Group
    Properties: {Path: /a/, Path: /b/}
";
    assert_underlined(
        "t.yaml",
        text,
        &[
            ("malformed-policy", &["Effect"]),
            ("duplicate-key", &["Team", "Team"]),
            ("duplicate-key", &["Path", "Path"]),
        ],
    );
}

#[test]
fn the_branch_that_a_deployment_takes() {
    let text = "
Parameters: {Stage: {Type: String, Default: prod}}
Conditions: {IsProd: !Equals [!Ref Stage, prod]}
Resources:
  Ops:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement:
          Effect: Allow
          Principal: {AWS: 012345678901}
          Action: sts:AssumeRole
          Condition: !If [IsProd, {Bool: {aws:MultiFactorAuthPresent: true}}, {Bool: {aws:MultiFactorAuthPresent: false}}]
";
    let test = "aws:MultiFactorAuthPresent: false";
    assert_underlined("t.yaml", text, &[("ineffective-mfa-condition", &[test]), ("role-trust-without-mfa", &[test])]);
}

#[test]
fn values_that_an_alias_repeats_are_underlined_where_they_are_written() {
    let text = "
Resources:
  First:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: &trust
        Version: 2012-10-17
        Statement: [{Effect: Allow, Principal: {AWS: 012345678901}, Action: 'sts:AssumeRole'}]
  Second: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: *trust}}
";
    let statement = "{Effect: Allow, Principal: {AWS: 012345678901}, Action: 'sts:AssumeRole'}";
    assert_underlined(
        "t.yaml",
        text,
        &[("role-trust-without-mfa", &[statement]), ("role-trust-without-mfa", &[statement])],
    );
}

//! What tools and people do to policies as text: the verdict is that of the policy which is meant.

use mfagate::iam::verdict::Verdict;

use crate::runs::of_file;

/// Every subject that MFA matters to, with its verdict; then the rules of all findings that are no hole.
fn judged(name: &str, text: &str) -> (Vec<String>, Vec<&'static str>) {
    let report = of_file(name, text);
    let subjects = report.subjects.iter();
    let matters = subjects.filter(|(_, judgement)| !matches!(judgement.verdict, Verdict::NotApplicable));
    let subjects =
        matters.map(|(subject, judgement)| format!("{} {}", subject.address.path, judgement.verdict.name())).collect();
    let rules = report.findings.iter().map(|finding| finding.rule);
    (subjects, rules.filter(|rule| !rule.ends_with("-without-mfa")).collect())
}

/// A template with one role of this trust policy.
fn role(trust: &str) -> String {
    format!(
        "
AWSTemplateFormatVersion: 2010-09-09
Parameters: {{People: {{Type: String, Default: '012345678901'}}, Text: {{Type: String, Default: TEXT}}}}
Resources:
  Ops:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {trust}
"
    )
}

#[track_caller]
fn is(trust: &str, verdict: &str) {
    assert_eq!(judged("t.yaml", &role(trust)), (vec![format!("Ops {verdict}")], Vec::new()), "{trust}");
}

const GUARDED: &str = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "012345678901"}, "Action": "sts:AssumeRole", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}}"#;

fn open() -> String {
    GUARDED.replace(r#", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}"#, "")
}

#[test]
fn documents_as_strings() {
    for (text, verdict) in [(GUARDED.to_owned(), "enforced"), (open(), "bypassable")] {
        is(&text, verdict);
        is(&format!("'{text}'"), verdict);
        is(&format!("\"{}\"", text.replace('"', "\\\"")), verdict);
        is(&format!("|\n        {text}"), verdict);
        is(&format!(">-\n        {text}"), verdict);
        is(&format!("!Sub '{text}'"), verdict);
        is(&format!("!Sub |\n        {text}"), verdict);
        is(&format!("!Join ['', ['{text}']]"), verdict);
        is(&format!("Fn::Sub: ['{text}', {{}}]").replacen("Fn::Sub", "{Fn::Sub", 1).replace("{}]", "{}]}"), verdict);
    }
}

#[test]
fn parts_of_a_whole_document_are_put_in() {
    for (text, verdict) in [(GUARDED.to_owned(), "enforced"), (open(), "bypassable")] {
        is(&format!("!Sub '{}'", text.replace("012345678901", "${People}")), verdict);
        is(&format!("!Sub '{}'", text.replace("012345678901", "arn:${AWS::Partition}:iam::${People}:root")), verdict);
        // Whoever it is, he is asked for MFA, or he is not.
        is(&format!("!Sub '{}'", text.replace("012345678901", "${AWS::AccountId}")), verdict);
        is(&format!("!Sub ['{}', {{Who: !Ref People}}]", text.replace("012345678901", "${Who}")), verdict);
    }
    let report = of_file("t.yaml", &role("!Ref Text").replace("TEXT", &format!("'{}'", open())));
    assert!(matches!(report.subjects[0].1.verdict, Verdict::Bypassable(_)));
}

#[test]
fn what_a_dynamic_reference_resolves_to_is_not_known() {
    let people = "arn:aws:iam::{{resolve:ssm:/people}}:root";
    for (text, verdict) in [(GUARDED.to_owned(), "enforced"), (open(), "bypassable")] {
        let text = text.replace("012345678901", people);
        is(&text, verdict);
        is(&format!("'{text}'"), verdict);
        is(&format!("|\n        {text}"), verdict);
        is(&format!("!Sub '{}'", text.replace("aws:iam", "${AWS::Partition}:iam")), verdict);
        is(&format!("!Sub '{}'", text.replace("/people", "/${People}")), verdict);
    }
    let reasons = |trust: &str| {
        let report = of_file("t.yaml", &role(trust));
        let messages = report.findings.iter().map(|finding| finding.message.clone());
        messages.map(|message| message.rsplit_once(": ").unwrap().1.to_owned()).collect::<Vec<_>>()
    };
    let store = |name: &str| vec![format!("`{name}` is read from the Parameter Store at deployment")];
    let asks = GUARDED.replace("\"true\"", "\"{{resolve:ssm:/asks:3}}\"");
    assert_eq!(reasons(&asks), store("{{resolve:ssm:/asks:3}}"));
    assert_eq!(reasons(&format!("'{asks}'")), store("{{resolve:ssm:/asks:3}}"));
    assert_eq!(reasons("'{{resolve:ssm:/trust}}'"), store("{{resolve:ssm:/trust}}"));
    let by_default = GUARDED.replace("\"true\"", "!Ref Text");
    let by_default = role(&by_default).replace("Default: TEXT", "Default: '{{resolve:secretsmanager:asks}}'");
    let (subjects, rules) = judged("t.yaml", &by_default);
    assert_eq!((subjects, rules), (vec!["Ops unproven".to_owned()], vec!["mfa-unproven"]));
    let listed = open().replace("\"012345678901\"", "!Ref Text");
    let listed = role(&listed)
        .replace("String, Default: TEXT", "CommaDelimitedList, Default: '{{resolve:ssm:a}},{{resolve:ssm:b}}'");
    let (subjects, rules) = judged("t.yaml", &listed);
    assert_eq!((subjects, rules), (vec!["Ops unproven".to_owned()], vec!["mfa-unproven"]));
}

#[test]
fn dates_and_account_ids_that_yaml_takes_for_something_else() {
    let yaml = |version: &str, account: &str| {
        format!(
            "{{Version: {version}, Statement: [{{Effect: Allow, Principal: {{AWS: {account}}}, Action: sts:AssumeRole, \
             Condition: {{Bool: {{aws:MultiFactorAuthPresent: true}}}}}}]}}"
        )
    };
    for version in ["2012-10-17", "'2012-10-17'", "\"2012-10-17\"", "!!str 2012-10-17", "2008-10-17"] {
        is(&yaml(version, "012345678901"), "enforced");
    }
    for account in ["012345678901", "'012345678901'", "[012345678901, 000000000012]", "arn:aws:iam::000000000012:root"]
    {
        is(&yaml("2012-10-17", account), "enforced");
    }
}

#[test]
fn a_date_that_a_tool_wrote_as_a_timestamp_is_no_version() {
    let trust = GUARDED.replace("2012-10-17", "2012-10-17T00:00:00.000Z");
    assert_eq!(
        judged("t.yaml", &role(&trust)),
        (vec!["Ops unproven".to_owned()], vec!["malformed-policy", "mfa-unproven"])
    );
    let (_, rules) = judged("t.yaml", &role(&GUARDED.replace("\"2012-10-17\"", "2012-10-17T00:00:00Z")));
    assert_eq!(rules, ["malformed-policy", "mfa-unproven"]);
}

#[test]
fn an_account_id_that_lost_its_zeros_is_told() {
    let (subjects, rules) = judged("t.yaml", &role(&GUARDED.replace("012345678901", "12345678901")));
    assert_eq!((subjects, rules), (vec!["Ops unproven".to_owned()], vec!["malformed-policy", "mfa-unproven"]));
}

#[test]
fn the_last_of_two_equal_keys_counts_and_both_are_shown() {
    let text = "
Resources:
  Ops: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: GUARDED}}
  Ops: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: OPEN}}
"
    .replace("GUARDED", GUARDED)
    .replace("OPEN", &open());
    let expected = (vec!["Ops bypassable".to_owned()], vec!["duplicate-key"]);
    assert_eq!(judged("t.yaml", &text), expected);
    let json = format!(
        r#"{{"Resources": {{"Ops": {{"Type": "AWS::IAM::Role", "Properties": {{"AssumeRolePolicyDocument": {GUARDED}, "AssumeRolePolicyDocument": {}}}}}}}}}"#,
        open()
    );
    assert_eq!(judged("t.json", &json), expected);
    // Within a policy, AWS refuses it.
    let twice = GUARDED.replace(r#""Effect": "Allow""#, r#""Effect": "Deny", "Effect": "Allow""#);
    assert_eq!(judged("t.yaml", &role(&twice)).1, ["malformed-policy", "mfa-unproven"]);
}

#[test]
fn keys_of_conditions_parameters_and_mappings_count() {
    let text = "
Parameters: {A: {Type: String, Type: Number}}
Mappings: {M: {a: {b: c}, a: {b: d}}}
Conditions: {C: !Equals [a, a], C: !Equals [a, b]}
Resources:
  Team: {Type: AWS::IAM::Group}
  Queue: {Type: AWS::SQS::Queue, Type: AWS::SQS::Queue}
Resources:
  Team: {Type: AWS::IAM::Group}
";
    let report = of_file("t.yaml", text);
    let told: Vec<_> = report.findings.iter().map(|it| (it.address.path.as_str(), it.primary.place.text())).collect();
    assert_eq!(told, [("Parameters", "Type"), ("Mappings", "a"), ("Conditions", "C"), ("Template", "Resources")]);
}

#[test]
fn anchors_aliases_and_merge_keys() {
    let text = "
Resources:
  First:
    Type: AWS::IAM::Role
    Properties: &role
      Path: /people/
      AssumeRolePolicyDocument: &trust
        Version: 2012-10-17
        Statement:
          - &statement
            Effect: Allow
            Principal: {AWS: 012345678901}
            Action: sts:AssumeRole
            Condition: &mfa {Bool: {aws:MultiFactorAuthPresent: true}}
  Same: {Type: AWS::IAM::Role, Properties: *role}
  Merged:
    Type: AWS::IAM::Role
    Properties:
      <<: *role
      RoleName: merged
  Overridden:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        <<: *trust
        Statement:
          - <<: *statement
            Condition: {StringEquals: {sts:ExternalId: x}}
  Narrowed:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        <<: [*trust]
        Statement: [{<<: *statement, Principal: {AWS: 000000000012}, Condition: *mfa}]
";
    let expected = ["First enforced", "Merged enforced", "Narrowed enforced", "Overridden bypassable", "Same enforced"];
    assert_eq!(judged("t.yaml", text), (expected.map(str::to_owned).to_vec(), Vec::new()));
}

#[test]
fn several_documents_in_one_file() {
    let one = |id: &str, trust: &str| {
        format!("Resources: {{{id}: {{Type: AWS::IAM::Role, Properties: {{AssumeRolePolicyDocument: {trust}}}}}}}\n")
    };
    let text = format!("--- # first\n{}---\n{}...\n---\n---\nkey: value\n", one("A", GUARDED), one("B", &open()));
    assert_eq!(judged("t.yaml", &text).0, ["A enforced", "B bypassable"]);
}

#[test]
fn text_that_is_no_policy_is_told() {
    for trust in ["'{'", "'not json'", "[]", "5", "!Sub '{\"Version\": ${People}'"] {
        let report = of_file("t.yaml", &role(trust));
        let told = report.findings.iter().any(|it| matches!(it.rule, "malformed-policy" | "mfa-unproven"));
        assert!(told || !report.unread.is_empty(), "{trust}");
    }
}

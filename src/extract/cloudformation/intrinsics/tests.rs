use super::*;
use crate::source::Source;
use crate::tree::{Part, yaml};

const SECTIONS: &str = "
Parameters:
  Team: {Type: String, Default: ops}
  Stage: {Type: String}
  Limit: {Type: Number, Default: 3600}
  Zones: {Type: CommaDelimitedList, Default: 'a, b'}
  Subnets: {Type: 'List<AWS::EC2::Subnet::Id>'}
  Stored: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /a/b}
Mappings:
  Settings: {ops: {Age: 3600, Actions: ['s3:*', 'ec2:*']}, dev: {Age: 7200, Actions: ['s3:*', 'ec2:*']}}
Conditions:
  Always: !Equals [a, a]
  IsProd: !Equals [!Ref Stage, prod]
  Itself: !Not [!Condition Itself]
Resources:
  Named: {Type: AWS::IAM::Role, Properties: {RoleName: !Sub '${Team}-role', Path: /x/}}
  Nameless: {Type: AWS::IAM::User}
  Guard: {Type: AWS::IAM::ManagedPolicy}
  Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: !Ref Stage}}
  Queue: {Type: AWS::SQS::Queue}
  Nested: {Type: AWS::CloudFormation::Stack}
  Reader: {Type: AWS::Serverless::Function}
";

/// The value in one line: unknown parts of text as `<name>`, unknown values as `?name: reason`.
fn shape(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Scalar(scalar) => scalar.parts.iter().map(part).collect(),
        Value::List(items) => format!("[{}]", items.iter().map(shape).collect::<Vec<_>>().join(", ")),
        Value::Map(entries) => {
            let entries = entries.iter().map(|entry| format!("{}: {}", entry.key, shape(&entry.value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        Value::Unknown(unknown) => format!("?{}: {}", unknown.name, unknown.reason),
    }
}

fn part(part: &Part) -> String {
    match part {
        Part::Known(text) => text.clone(),
        Part::Unknown(unknown) if unknown.form == Form::Identifier => format!("<{}>", unknown.name),
        Part::Unknown(unknown) => format!("<{}: {}>", unknown.name, unknown.reason),
    }
}

#[track_caller]
fn gives(expression: &str, expected: &str) {
    gives_in(None, expression, expected);
}

#[track_caller]
fn gives_in(region: Option<&str>, expression: &str, expected: &str) {
    let source = Source::file("t.yaml", format!("{SECTIONS}Value: {expression}\n"));
    let nodes = yaml::parse(&source).unwrap();
    let template = Template::new(&nodes[0]);
    let settings = Settings { region: region.map(str::to_owned), ..Settings::default() };
    let resolver = Resolver::at_defaults(&template, &settings);
    let found = resolver.resolve(nodes[0].get("Value").unwrap()).map_or("removed".to_owned(), |node| shape(&node));
    assert_eq!(found, expected, "{expression}");
}

#[test]
fn parameters_have_their_defaults() {
    gives("!Ref Team", "ops");
    gives("!Ref Limit", "3600");
    gives("!Ref Zones", "[a, b]");
    gives("!Ref Stage", "<Ref Stage: is a parameter without a default>");
    gives("!Ref Subnets", "?Ref Subnets: is a parameter without a default");
    gives("!Ref Stored", "<Ref Stored: is read from the Parameter Store at deployment>");
    gives("!Ref Nobody", "<Ref Nobody: is neither a parameter nor a resource of this template>");
}

#[test]
fn the_partition_is_that_of_the_region() {
    let expression = "!Sub '${AWS::Partition} ${AWS::URLSuffix} ${Bucket.Arn} ${Nameless.Arn}'";
    let gives = |region, partition: &str, suffix: &str| {
        let expected = format!(
            "{partition} {suffix} arn:{partition}:s3:::<Ref Stage: is a parameter without a default> \
             arn:{partition}:iam::<AWS::AccountId>:user/<Ref Nameless>"
        );
        gives_in(region, expression, &expected);
    };
    gives(None, "aws", "amazonaws.com");
    gives(Some("eu-central-1"), "aws", "amazonaws.com");
    gives(Some("cn-north-1"), "aws-cn", "amazonaws.com.cn");
    gives(Some("us-gov-west-1"), "aws-us-gov", "amazonaws.com");
    gives(Some("us-iso-east-1"), "aws-iso", "c2s.ic.gov");
    gives(Some("us-isob-east-1"), "aws-iso-b", "sc2s.sgov.gov");
}

#[test]
fn pseudo_parameters() {
    gives("[!Ref AWS::Partition, !Ref AWS::URLSuffix, !Ref AWS::AccountId]", "[aws, amazonaws.com, <AWS::AccountId>]");
    gives("[a, !Ref AWS::NoValue, {b: !Ref AWS::NoValue}]", "[a, {}]");
    gives("!Ref AWS::NoValue", "removed");
}

#[test]
fn resources_have_names_and_arns() {
    gives("!Ref Named", "ops-role");
    gives("!GetAtt Named.Arn", "arn:aws:iam::<AWS::AccountId>:role/x/ops-role");
    gives("{Fn::GetAtt: [Nameless, Arn]}", "arn:aws:iam::<AWS::AccountId>:user/<Ref Nameless>");
    gives("!Ref Guard", "arn:aws:iam::<AWS::AccountId>:policy/<GetAtt Guard.ManagedPolicyName>");
    gives("!GetAtt Named.RoleId", "AROA<GetAtt Named.RoleId>");
    gives("!Sub '${Bucket.Arn}/*'", "arn:aws:s3:::<Ref Stage: is a parameter without a default>/*");
    gives("!Sub '${Queue.Arn}'", "<GetAtt Queue.Arn>");
    gives("!GetAtt ReaderRole.Arn", "arn:aws:iam::<AWS::AccountId>:role/<Ref ReaderRole>");
    let reason = "is an output of another stack or of a custom resource";
    gives("!GetAtt Nested.Outputs.Arn", &format!("<GetAtt Nested.Outputs.Arn: {reason}>"));
}

#[test]
fn sub_in_both_forms() {
    gives("!Sub 'a-${Team}-${!aws:username}'", "a-ops-${aws:username}");
    gives("!Sub ['${X}${Team}', {X: !Ref AWS::Region}]", "<AWS::Region>ops");
    gives("!Sub ['${X}', {X: [a]}]", "<a value: is a list where text belongs>");
    gives("!Sub {}", "<Fn::Sub: does not have the arguments that the function takes>");
}

#[test]
fn lists() {
    gives("!Join [':', [a, !Ref AWS::Region, !Join ['/', !Ref Zones]]]", "a:<AWS::Region>:a/b");
    gives("!Join [',', !Ref Subnets]", "<Ref Subnets: is a parameter without a default>");
    gives("!Select [1, !Split ['/', 'a/b/c']]", "b");
    gives("!Select [3, [a]]", "?Fn::Select: selects item 3 of a list that has fewer items");
    gives(
        "!Split [':', !GetAtt Queue.Arn]",
        "?GetAtt Queue.Arn: is made by the deployment, and so is what `Fn::Split` makes of it",
    );
    gives("!FindInMap [Settings, !Ref Team, Age]", "3600");
    gives("!FindInMap [Settings, ops, Actions]", "[s3:*, ec2:*]");
    gives("!FindInMap [Settings, none, Age, {DefaultValue: !Ref Limit}]", "3600");
    gives("!FindInMap [Settings, ops, None, {DefaultValue: [a, !Ref Limit]}]", "[a, 3600]");
    gives("!FindInMap [None, ops, Age, {DefaultValue: !Ref Limit}]", "3600");
    gives("!FindInMap [Settings, none, Age]", "?Fn::FindInMap Settings.none.Age: is not in the template's `Mappings`");
    let expected = "?Fn::FindInMap: is looked up by `AWS::Region`, which a deployment settles";
    gives("!FindInMap [Settings, !Ref AWS::Region, Age]", expected);
    // Whatever the deployment settles, it is one of the rows.
    gives("!FindInMap [Settings, !Ref AWS::Region, Actions]", "[s3:*, ec2:*]");
    gives("!FindInMap [Settings, !Ref AWS::Region, Actions, {DefaultValue: []}]", expected);
    gives(
        "!FindInMap [!Ref Stage, ops, Age]",
        "?Fn::FindInMap: is looked up by `Ref Stage`, which a deployment settles",
    );
}

#[test]
fn text_and_lists_made_of_others() {
    gives("!Base64 'a-b'", "YS1i");
    gives("!Base64 {Ref: Stage}", "<Fn::Base64: encodes text that is not known>");
    gives("{Fn::Length: [a, b, !Ref AWS::NoValue]}", "2");
    gives("{Fn::Length: !Ref Zones}", "2");
    let expected = "?Fn::Length: counts the items of `Ref Subnets`, which is a parameter without a default";
    gives("{Fn::Length: !Ref Subnets}", expected);
    let json = r#"{"a":[1,true,"b\"c"],"d":null,"e":"<AWS::AccountId>"}"#;
    gives(r#"{Fn::ToJsonString: {a: [1, true, 'b"c'], d: null, e: !Ref AWS::AccountId}}"#, json);
    gives("{Fn::ToJsonString: !If [IsProd, a, b]}", "<Fn::If IsProd: depends on the condition `IsProd`>");
    gives("!GetAZs ''", "?Fn::GetAZs: is a list of zones, which the deployment makes");
    gives("!Cidr [10.0.0.0/16, 1, 8]", "?Fn::Cidr: is a list of blocks of addresses, which the deployment makes");
    gives("!Select [0, !GetAZs '']", "?Fn::GetAZs: is a list of zones, which the deployment makes");
    gives("!Join [',', [!ImportValue x, b]]", "<Fn::ImportValue x: is imported from another stack>,b");
}

#[test]
fn conditions_that_constants_settle() {
    gives("!If [Always, a, b]", "a");
    gives("!If [IsProd, a, b]", "?Fn::If IsProd: depends on the condition `IsProd`");
    gives("!If [IsProd, [!Ref Stage], [!Ref Stage]]", "[<Ref Stage: is a parameter without a default>]");
    gives("!If [IsProd, !ImportValue a, !Ref AWS::NoValue]", "?Fn::If IsProd: depends on the condition `IsProd`");
    gives("!If [Itself, a, b]", "?Fn::If Itself: depends on the condition `Itself`");
    gives("[!If [IsProd, !Ref AWS::NoValue, !Ref AWS::NoValue]]", "[]");
    gives("!If a", "?Fn::If: does not have the arguments that the function takes");
}

#[test]
fn what_is_not_evaluated() {
    gives("!ImportValue a", "<Fn::ImportValue a: is imported from another stack>");
    gives("!GetAZs ''", "?Fn::GetAZs: is a list of zones, which the deployment makes");
    let expected = "?Fn::Cidr: is a list of blocks of addresses, which the deployment makes";
    gives("!Cidr [10.0.0.0/16, 6, 8]", expected);
    let expected = "{a: ?Fn::Transform AWS::Include: is written by a macro, whose result only a deployment has}";
    gives("{a: {Fn::Transform: {Name: AWS::Include}, b: c}}", expected);
    gives("{Condition: {Bool: {a: b}}}", "{Condition: {Bool: {a: b}}}");
}

#[test]
fn lengths_and_json() {
    gives("!Length [a, !Ref AWS::NoValue, b]", "2");
    gives("{Fn::Length: !Ref Zones}", "2");
    let expected = "?Fn::Length: counts the items of `Ref Subnets`, which is a parameter without a default";
    gives("!Length {Ref: Subnets}", expected);
    gives(
        r#"!ToJsonString {a: [1, "1", true, 'q"', null], b: !Sub 'x${AWS::Region}'}"#,
        r#"{"a":[1,"1",true,"q\"",null],"b":"x<AWS::Region>"}"#,
    );
    gives("!ToJsonString [!Ref Subnets]", "<Ref Subnets: is a parameter without a default>");
}

#[test]
fn base64_of_every_length() {
    for (text, expected) in [("''", ""), ("a", "YQ=="), ("ab", "YWI="), ("abc", "YWJj"), ("abcd", "YWJjZA==")] {
        gives(&format!("!Base64 {text}"), expected);
    }
}

#[test]
fn text_that_is_made_to_grow_is_cut_off() {
    let large = "x".repeat(1 << 16);
    let uses = "    - !Ref Large\n".repeat(1000);
    let text = format!("Parameters: {{Large: {{Default: {large}}}}}\nValue:\n{uses}");
    let source = Source::file("t.yaml", text);
    let nodes = yaml::parse(&source).unwrap();
    let template = Template::new(&nodes[0]);
    let resolved =
        Resolver::at_defaults(&template, &Settings::default()).resolve(nodes[0].get("Value").unwrap()).unwrap();
    assert!(text::weight(&resolved) < 2 * GROWTH);
    assert!(matches!(resolved.as_list().unwrap().last().unwrap().value, Value::Unknown(_)));
}

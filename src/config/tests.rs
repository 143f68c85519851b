use super::*;
use crate::waivers::Scope;

fn parsed(text: &str) -> Result<Configuration, Failure> {
    parse(&Source::file(FILE_NAME, text.to_owned()), Path::new("/repository"))
}

/// The problems of a text as `line:column message; help`.
fn problems(text: &str) -> Vec<String> {
    let Err(Failure::Wrong(problems)) = parsed(text) else { panic!("nothing is wrong with {text}") };
    let told = |problem: &Finding| {
        let (_, line, column) = problem.primary.place.file_line_column();
        format!("{line}:{column} {}; {}", problem.message, problem.help)
    };
    problems.iter().map(told).collect()
}

const FULL: &str = r#"
accounts:
  - {id: "111122223333", name: people, kind: security, paths: [live/people/], providers: [aws.people]}
  - {id: 044455556666, kind: child}
exempt-actions: [sts:AssumeRole, {action: "iam:List*", resource: own}]
vendors: [777788889999]
external-id: error
workload-roles: ["ci-*", "arn:aws:iam::111122223333:role/batch/*"]
maximum-mfa-age: 3600
rules: {mfa-unproven: warning, policy-on-user: off}
paths:
  include: [live]
  exclude: ["*.draft.yaml"]
fail-on: note
waivers:
  - {rule: group-without-mfa, address: "module.old[\"a\"].*", reason: it goes away, until: 2027-01-31}
"#;

#[test]
fn every_key_is_read() {
    let configuration = parsed(FULL).unwrap();
    let ids: Vec<_> = configuration.accounts.iter().map(|account| (account.id.as_str(), account.kind)).collect();
    assert_eq!(ids, [("111122223333", AccountKind::Security), ("044455556666", AccountKind::Child)]);
    assert_eq!(configuration.terms.exemptions.len(), 2);
    assert!(configuration.vendors.contains("777788889999"));
    assert_eq!(configuration.external_id, Some(Severity::Error));
    assert!(configuration.workload_roles.matches("ci-deploy"));
    assert_eq!(configuration.maximum_mfa_age, Some(3600));
    assert_eq!(configuration.levels.get("mfa-unproven"), Some(&Level::Weighs(Severity::Warning)));
    assert_eq!(configuration.levels.get("policy-on-user"), Some(&Level::Off));
    assert_eq!(configuration.fail_on, Some(Severity::Note));
    let waiver = configuration.waivers.first().unwrap();
    let Scope::Addresses(addresses) = &waiver.scope else { panic!("{:?}", waiver.scope) };
    assert!(addresses.matches(r#"module.old["a"].aws_iam_group.x"#));
    assert_eq!(waiver.until, Some(jiff::civil::date(2027, 1, 31)));
}

#[test]
fn the_form_and_the_reader_know_the_same_keys() {
    for field in shape::CONFIGURATION {
        assert!(FULL.contains(&format!("\n{}:", field.name)), "{}", field.name);
    }
}

#[test]
fn nothing_at_all_decides_nothing() {
    for text in ["", "# nothing\n", "rules:\naccounts:\npaths:\n", "---\n", "~\n"] {
        let configuration = parsed(text).unwrap();
        assert!(configuration.accounts.is_empty() && configuration.levels.is_empty(), "{text:?}");
    }
}

#[test]
fn what_is_wrong_is_told_at_its_line() {
    for (text, expected) in [
        (
            "account: []\n",
            "1:1 there is no key `account` here: what it says would have no effect; write `accounts`, if",
        ),
        ("rules:\n  mfa-unprovn: off\n", "2:3 there is no rule `mfa-unprovn`: what is said about it"),
        ("rules: {mfa-unproven: of}\n", "1:23 the level of `mfa-unproven` is `of` and not one of `error`, `warning`"),
        ("fail-on: errors\n", "1:10 `fail-on` is `errors` and not one of `error`, `warning`, `note`; write `error`"),
        ("\naccounts:\n  - id: 12\n    kind: child\n", "3:9 `id` is `12` and not an account id, which has 12 digits"),
        ("accounts:\n  - kind: root\n", "2:5 an entry of `accounts` has no `id`, without which"),
        ("accounts: 5\n", "1:11 `accounts` is a number or boolean and not a list"),
        ("maximum-mfa-age: 1h\n", "1:18 `maximum-mfa-age` is `1h` and not a whole number of seconds from 1 to 129600"),
        ("maximum-mfa-age: 0\n", "1:18 "),
        ("exempt-actions: [AssumeRole]\n", "1:18 an entry of `exempt-actions` is `AssumeRole` and not an action"),
        ("exempt-actions:\n  - [a]\n", "2:5 an entry of `exempt-actions` is a list and not a map"),
        ("paths: {exclude: ['a[']}\n", "1:19 an entry of `exclude` is `a[` and not a pattern of paths"),
        ("waivers: [{rule: policy-on-user, address: a, reason: ' '}]\n", "1:54 `reason` is empty and not text"),
        (
            "waivers:\n- {rule: policy-on-user, address: a, reason: b, until: soon}\n",
            "2:56 `until` is `soon` and not a day",
        ),
        ("fail-on: note\nfail-on: error\n", "2:1 `fail-on` stands twice"),
        ("a: [\n", ""),
        ("rules: {}\n---\nrules: {}\n", "3:1 a configuration is one YAML document"),
        ("- a\n", "1:1 the configuration is a list and not a map"),
        ("vendors: !Ref x\n", "1:10 `vendors` is a map and not a list"),
    ] {
        let problems = problems(text);
        let first = problems.first().unwrap();
        assert!(first.starts_with(expected), "{text}\n{first}");
        for problem in &problems {
            assert!(!problem.ends_with('.') && problem.matches('`').count() % 2 == 0, "{problem}");
        }
    }
}

#[test]
fn all_problems_are_told_at_once() {
    assert_eq!(problems("fail-on: x\nrules: {a: b}\nz: 1\n").len(), 4);
}

#[test]
fn files_are_wanted_by_where_they_lie() {
    let configuration = parsed(FULL).unwrap();
    assert!(configuration.wants(Path::new("/repository/live/a/plan.json")));
    assert!(!configuration.wants(Path::new("/repository/live/a/x.draft.yaml")));
    assert!(!configuration.wants(Path::new("/repository/other/plan.json")));
    assert!(parsed("").unwrap().wants(Path::new("anything")));
}

#[test]
fn the_file_is_found_up_to_the_repository() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("a/b");
    std::fs::create_dir_all(&inner).unwrap();
    std::fs::write(folder.path().join(FILE_NAME), "").unwrap();
    assert_eq!(find(&inner), None);
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    assert_eq!(find(&inner), Some(folder.path().join(FILE_NAME)));
    std::fs::write(inner.join(FILE_NAME), "").unwrap();
    assert_eq!(find(&inner), Some(inner.join(FILE_NAME)));
}

#[test]
fn the_schema_for_editors_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/mfagate.schema.json");
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == schema(), "write it anew: `mfagate schema > schema/mfagate.schema.json`");
}

#[test]
fn what_init_writes_is_in_order_with_and_without_the_comments() {
    let text = init::written(&[Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/terraform/update-opens-trust")]);
    assert_eq!(parsed(&text).unwrap().accounts.len(), 1);
    assert!(text.contains("#   role-trust-without-mfa: error   # "), "{text}");
    let is_prose = |line: &&str| !line.starts_with("# ") || line.chars().nth(2).is_some_and(char::is_uppercase);
    let live: String = text
        .lines()
        .filter(|line| !is_prose(line) || !line.starts_with('#'))
        .map(|line| format!("{}\n", line.strip_prefix("# ").unwrap_or(line)))
        .filter(|line| !line.starts_with("warning)") && !line.starts_with(FILE_NAME))
        .collect();
    let configuration = parsed(&live).unwrap_or_else(|failure| panic!("{failure:?}\n{live}"));
    assert_eq!(configuration.waivers.len(), 1);
    assert!(!configuration.levels.is_empty());
}

/// What a configuration makes of a template: `severity rule address`, what is waived and what is switched off.
fn outcome(configuration: &str, template: &str) -> (Vec<String>, usize, usize) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("template.yaml");
    std::fs::write(&file, template).unwrap();
    let report = crate::check(&crate::Options {
        configuration: parse(&Source::file(FILE_NAME, configuration.to_owned()), folder.path()).unwrap(),
        today: jiff::civil::date(2026, 6, 1),
        ..crate::Options::new(vec![file])
    });
    assert!(report.unread.is_empty(), "{:?}", report.unread);
    let told = |finding: &Finding| format!("{} {} {}", finding.severity.name(), finding.rule, finding.address.path);
    let found = report.findings.iter().map(told).collect();
    (found, report.set_aside.waived.len(), report.set_aside.switched_off.values().sum())
}

fn role(condition: &str) -> String {
    format!(
        "Resources:\n  Ops:\n    Type: AWS::IAM::Role\n    Properties:\n      RoleName: ci-ops\n      \
         AssumeRolePolicyDocument:\n        Version: 2012-10-17\n        Statement: {{Effect: Allow, Principal: {{AWS: \
         'arn:aws:iam::777788889999:root'}}, Action: sts:AssumeRole, Condition: {condition}}}\n"
    )
}

const OPEN: &str = "{Bool: {'aws:SecureTransport': 'true'}}";
const VENDOR: &str = "{StringEquals: {'sts:ExternalId': 'x'}}";
const GUARDED: &str = "{Bool: {'aws:MultiFactorAuthPresent': 'true'}}";

#[test]
fn trusts_weigh_as_the_project_says() {
    for (configuration, condition, expected) in [
        ("", OPEN, "error role-trust-without-mfa Ops"),
        ("workload-roles: ['ci-*']", OPEN, "note role-trust-without-mfa Ops"),
        ("workload-roles: ['arn:aws:iam::111122223333:role/*']", OPEN, "error role-trust-without-mfa Ops"),
        ("rules: {role-trust-without-mfa: warning}", OPEN, "warning role-trust-without-mfa Ops"),
        ("", VENDOR, "warning role-trust-without-mfa Ops"),
        ("vendors: ['777788889999']", VENDOR, "note role-trust-without-mfa Ops"),
        ("vendors: ['777788889999']", OPEN, "error role-trust-without-mfa Ops"),
        ("external-id: error", VENDOR, "error role-trust-without-mfa Ops"),
        ("external-id: error\nvendors: ['777788889999']", VENDOR, "note role-trust-without-mfa Ops"),
        // A vendor's trust weighs less than its rule for a reason, and keeps doing so.
        ("rules: {role-trust-without-mfa: error}", VENDOR, "warning role-trust-without-mfa Ops"),
        ("maximum-mfa-age: 3600", GUARDED, "warning mfa-too-old Ops"),
    ] {
        assert_eq!(outcome(configuration, &role(condition)).0, [expected], "{configuration} {condition}");
    }
    assert!(outcome("", &role(GUARDED)).0.is_empty());
    let young = "{NumericLessThan: {'aws:MultiFactorAuthAge': '3600'}}";
    assert!(outcome("maximum-mfa-age: 3600", &role(young)).0.is_empty());
    assert_eq!(outcome("maximum-mfa-age: 1800", &role(young)).0, ["warning mfa-too-old Ops"]);
}

fn group(exempt: &str) -> String {
    format!(
        "Resources:\n  Staff:\n    Type: AWS::IAM::Group\n    Properties:\n      Policies:\n        - PolicyName: p\n          \
         PolicyDocument:\n            Version: 2012-10-17\n            Statement:\n              - {{Effect: Allow, \
         Action: '*', Resource: '*'}}\n              - {{Effect: Deny, NotAction: ['iam:CreateVirtualMFADevice', \
         'iam:EnableMFADevice', 'iam:ListMFADevices', 'iam:ResyncMFADevice', 'iam:GetUser', \
         'iam:ListVirtualMFADevices', {exempt}], Resource: '*', Condition: {{BoolIfExists: \
         {{'aws:MultiFactorAuthPresent': 'false'}}}}}}\n"
    )
}

#[test]
fn exempt_actions_may_work_without_mfa() {
    let holes = |configuration: &str, exempt: &str| {
        let found = outcome(configuration, &group(exempt)).0;
        found.iter().filter(|finding| finding.starts_with("error")).count()
    };
    let base = holes("", "'sts:GetSessionToken'");
    assert!(holes("", "'s3:GetObject'") > base);
    assert_eq!(holes("exempt-actions: ['s3:GetObject']", "'s3:GetObject'"), base);
    assert_eq!(holes("exempt-actions: ['S3:get*']", "'s3:GetObject', 's3:GetBucketAcl'"), base);
    assert!(holes("exempt-actions: ['s3:GetObject']", "'s3:Get*'") > base);
    // The exemption of one's own user does not cover other users.
    assert!(holes("exempt-actions: [{action: 'iam:ListAccessKeys', resource: own}]", "'iam:ListAccessKeys'") > base);
    assert_eq!(holes("exempt-actions: ['iam:ListAccessKeys']", "'iam:ListAccessKeys'"), base);
}

#[test]
fn what_is_set_aside_is_counted_and_does_not_fail_the_run() {
    let open = role(OPEN);
    assert_eq!(outcome("rules: {role-trust-without-mfa: off}", &open), (Vec::new(), 0, 1));
    let waiver = |more: &str| format!("waivers: [{{rule: role-trust-without-mfa, reason: known, {more}}}]");
    assert_eq!(outcome(&waiver("address: O*"), &open), (Vec::new(), 1, 0));
    assert_eq!(outcome(&waiver("address: Ops, until: 2026-06-01"), &open), (Vec::new(), 1, 0));
    let (found, waived, _) = outcome(&waiver("address: Ops, until: 2026-05-31"), &open);
    assert_eq!((found.len(), waived), (2, 0), "{found:?}");
    assert!(found.contains(&"error role-trust-without-mfa Ops".to_owned()));
    assert!(found.contains(&format!("note configuration {FILE_NAME}")));
    let (found, waived, _) = outcome(&waiver("address: Other"), &open);
    assert_eq!((found.len(), waived), (2, 0), "{found:?}");
}

#[test]
fn users_are_placed_by_arn_provider_and_path() {
    let plan = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/terraform");
    let found = |configuration: &str, folder: &str| {
        let file = plan.join(folder).join("plan.json");
        let source = Source::file(FILE_NAME, configuration.to_owned());
        let report = crate::check(&crate::Options {
            configuration: parse(&source, &plan).unwrap(),
            today: jiff::civil::date(2026, 6, 1),
            ..crate::Options::new(vec![file])
        });
        let its_own = report.findings.iter().filter(|finding| finding.rule == "user-outside-identity-account");
        its_own.map(|finding| format!("{} {}", finding.severity.name(), finding.address.path)).collect::<Vec<_>>()
    };
    let account = |id: &str, more: &str| {
        format!("accounts: [{{id: '444455556666', kind: security}}, {{id: '{id}', kind: child{more}}}]")
    };
    // By the ARN that the group has already.
    assert_eq!(found(&account("123456789012", ""), "update-opens-trust"), ["error aws_iam_group.support"]);
    assert_eq!(found("accounts: [{id: '123456789012', kind: security}]", "update-opens-trust"), Vec::<String>::new());
    // Nothing in this plan tells the account: one note, or the path, or the provider.
    let unplaced = found(&account("123456789012", ""), "count-and-for-each");
    assert_eq!(unplaced.len(), 1);
    assert!(unplaced.iter().all(|finding| finding.starts_with("note ")), "{unplaced:?}");
    for more in [", paths: [count-and-for-each/]", ", providers: [aws]"] {
        let placed = found(&account("123456789012", more), "count-and-for-each");
        assert!(placed.contains(&"error aws_iam_group.team[\"platform\"]".to_owned()), "{placed:?}");
    }
}

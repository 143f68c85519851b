use super::*;

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
    assert!(waiver.address.matches(r#"module.old["a"].aws_iam_group.x"#));
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
        ("rules: {mfa-unproven: of}\n", "1:23 the level of `mfa-unproven` is `of`, where one of `error`, `warning`"),
        (
            "fail-on: errors\n",
            "1:10 `fail-on` is `errors`, where one of `error`, `warning`, `note` belongs; write `error`",
        ),
        ("\naccounts:\n  - id: 12\n    kind: child\n", "3:9 an entry of `accounts`"),
        ("accounts:\n  - kind: root\n", "2:5 an entry of `accounts` has no `id`, without which"),
        ("accounts: 5\n", "1:11 `accounts` is a number or boolean, where a list belongs"),
        ("maximum-mfa-age: 1h\n", "1:18 `maximum-mfa-age` is `1h`, where a whole number of seconds from 1 to 129600"),
        ("maximum-mfa-age: 0\n", "1:18 "),
        ("exempt-actions: [AssumeRole]\n", "1:18 an entry of `exempt-actions` is `AssumeRole`, where an action"),
        ("exempt-actions:\n  - [a]\n", "2:5 an entry of `exempt-actions` is a list, where a map belongs"),
        ("paths: {exclude: ['a[']}\n", "1:18 an entry of `exclude` is `a[`, where a pattern of paths"),
        ("waivers: [{rule: policy-on-user, address: a, reason: ' '}]\n", "1:54 `reason` is empty, where text belongs"),
        (
            "waivers:\n- {rule: policy-on-user, address: a, reason: b, until: soon}\n",
            "2:58 `until` is `soon`, where a day",
        ),
        ("fail-on: note\nfail-on: error\n", "2:1 `fail-on` stands twice"),
        ("a: [\n", ""),
        ("rules: {}\n---\nrules: {}\n", "3:1 a configuration is one YAML document"),
        ("- a\n", "1:1 the configuration is a list, where a map belongs"),
        ("vendors: !Ref x\n", "1:10 `vendors` is a map, where a list belongs"),
    ] {
        let problems = problems(text);
        let first = problems.first().unwrap();
        let expected = expected.replace(
            "an entry of `accounts`",
            if text.contains("12\n") { "`id` is `12`" } else { "an entry of `accounts`" },
        );
        assert!(first.starts_with(&expected), "{text}\n{first}");
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
    let text = init::written(&[Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata")]);
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

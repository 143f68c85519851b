use super::*;
use crate::source::Source;

/// Rule, reason and last day of each waiver in a comment, or what is wrong with it.
fn said(comment: &str) -> Vec<String> {
    let source = Source::file("f", comment.to_owned());
    match comment::parse(&source, Span::new(0, comment.len())) {
        Ok(waivers) => waivers.iter().map(|it| format!("{} | {} | {:?}", it.rule, it.reason, it.until)).collect(),
        Err(problem) => vec![problem.message],
    }
}

#[test]
fn a_comment_names_rules_a_reason_and_perhaps_a_day() {
    assert_eq!(
        said("mfagate: allow role-trust-without-mfa - the vendor cannot do MFA, until 2027-01-31"),
        ["role-trust-without-mfa | the vendor cannot do MFA | Some(2027-01-31)"]
    );
    assert_eq!(
        said("mfagate: allow policy-on-user, user-without-mfa: break glass (until 2027-01-31)"),
        ["policy-on-user | break glass | Some(2027-01-31)", "user-without-mfa | break glass | Some(2027-01-31)"]
    );
    assert_eq!(
        said("mfagate: allow policy-on-user \u{2014} kept until further notice"),
        ["policy-on-user | kept until further notice | None"]
    );
}

#[test]
fn a_comment_that_accepts_nothing_is_told() {
    let no_reason = "a waiver gives no reason: who reads it later cannot tell whether it still holds";
    assert_eq!(said("mfagate: allow policy-on-user"), [no_reason]);
    assert_eq!(said("mfagate: allow policy-on-user - until 2027-01-31"), [no_reason]);
    assert_eq!(said("mfagate: allow - because"), ["a waiver names no rule"]);
    assert_eq!(said("mfagate: allow no-such - because"), ["a waiver names the rule `no-such`, which does not exist"]);
    assert_eq!(
        said("mfagate: ignore policy-on-user - because"),
        ["a comment for mfagate that says something else than `allow` has no effect"]
    );
    assert!(said("mfagate: allow policy-on-user - because, until 2027-02-30")[0].contains("`2027-02-30` is no day"));
}

#[test]
fn only_comments_are_read() {
    let found = |scan: fn(&Source) -> Vec<Span>, text: &str| -> Vec<String> {
        let source = Source::file("f", text.to_owned());
        scan(&source).into_iter().map(|span| source.slice(span).to_owned()).collect()
    };
    let yaml = "a: 'ü # mfagate: text' # mfagate: one\n# not mfagate: here\nb: |\n  # mfagate: text\n#mfagate: two  \n";
    assert_eq!(found(scan::yaml, yaml), ["mfagate: one", "mfagate: two"]);
    let hcl = "a = \"\\\" # mfagate: text\" # mfagate: one\n  // mfagate: two\r\nb = \"x\" #mfagate: three";
    assert_eq!(found(scan::hcl, hcl), ["mfagate: one", "mfagate: two", "mfagate: three"]);
}

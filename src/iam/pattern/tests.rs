use super::*;

fn universe() -> Universe {
    Universe {
        inside: vec![Pattern::glob("?*:?*")],
        outside: vec![Pattern::glob("*:*:*")],
        filler: "xyz0",
        allowed: |_| true,
    }
}

fn classes(patterns: &[&str]) -> Vec<(String, Vec<bool>)> {
    let patterns: Vec<Pattern> = patterns.iter().map(|text| Pattern::glob(text)).collect();
    let samples = representatives(&universe(), &patterns, &[]).unwrap();
    let matched = |text: &String| patterns.iter().map(|pattern| glob_matches(&pattern.atoms, text)).collect();
    samples.into_iter().map(|text| (text.clone(), matched(&text))).collect()
}

#[test]
fn globs_match_whole_strings() {
    for (pattern, text, expected) in [
        ("*", "", true),
        ("iam:*", "iam:CreateUser", true),
        ("iam:*User", "iam:CreateUser", true),
        ("iam:*User", "iam:CreateUsers", false),
        ("a?c", "abc", true),
        ("a?c", "ac", false),
        ("*a*b*", "xxaxxbxx", true),
        ("*a*b*", "xxbxxaxx", false),
        ("", "", true),
        ("", "a", false),
    ] {
        assert_eq!(glob_matches(Pattern::glob(pattern).atoms(), text), expected, "{pattern} on {text}");
    }
}

#[test]
fn every_class_has_exactly_one_representative() {
    let found = classes(&["iam:*", "iam:*user", "*:get*", "s3:getobject"]);
    let mut vectors: Vec<_> = found.iter().map(|(_, vector)| vector.clone()).collect();
    vectors.sort();
    vectors.dedup();
    assert_eq!(vectors.len(), found.len());
    // none, iam, iam+user, get, iam+get, iam+get+user, get+s3
    assert_eq!(found.len(), 7, "{found:?}");
}

#[test]
fn strings_outside_the_universe_are_no_representatives() {
    assert!(classes(&["*"]).iter().all(|(text, _)| text.matches(':').count() == 1));
    assert!(classes(&["iam*"]).iter().all(|(text, _)| text.contains(':')));
}

#[test]
fn unknown_parts_match_perhaps() {
    let source = crate::source::Source::file("t", String::new());
    let place = Place::new(&source, crate::source::Span::default());
    let cause = Cause { unknown: None, place: &place };
    let mut pattern = Pattern::literal("arn:aws:s3:::");
    pattern.push_unknown();
    assert!(pattern.matches("arn:aws:s3:::bucket", cause).doubt().is_some());
    assert!(pattern.matches("arn:aws:iam::x", cause).is_false());
    let symbol = "arn:aws:s3:::\u{F0001}/key";
    assert!(Pattern::glob("arn:aws:s3:::*").matches(symbol, cause).is_true());
    assert!(Pattern::glob("arn:aws:s3:::prod/*").matches(symbol, cause).doubt().is_some());
    assert!(Pattern::glob("arn:aws:sns:*").matches(symbol, cause).is_false());
}

#[test]
fn a_million_classes_are_refused_in_bounded_time() {
    let patterns: Vec<Pattern> = (0..40).map(|n| Pattern::glob(&format!("*a{n}*b{n}*"))).collect();
    assert_eq!(representatives(&universe(), &patterns, &[]), Err(TooMany));
}

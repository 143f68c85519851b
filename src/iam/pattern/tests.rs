use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::*;

use proptest::prelude::*;

use crate::iam::budget::Budget;

fn classes(patterns: &[&str]) -> Vec<(String, Vec<bool>)> {
    let patterns: Vec<Pattern> = patterns.iter().map(|text| Pattern::glob(text)).collect();
    let found = representatives(&Universe::Actions, &patterns.iter().collect::<Vec<_>>(), &[], &Budget::default());
    found.unwrap().into_iter().map(|text| (text.clone(), vector(&patterns, &text))).collect()
}

fn vector(patterns: &[Pattern], text: &str) -> Vec<bool> {
    patterns.iter().map(|pattern| glob_matches(&pattern.atoms, text)).collect()
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
    let patterns: Vec<&Pattern> = patterns.iter().collect();
    assert_eq!(representatives(&Universe::Actions, &patterns, &[], &Budget::default()), Err(TooMany));
}

#[test]
fn an_answer_costs_the_same_whoever_asked_before() {
    let patterns = [Pattern::glob("*get*"), Pattern::glob("s3:*object")];
    let cost = || {
        let budget = Budget::default();
        representatives(&Universe::Actions, &patterns.iter().collect::<Vec<_>>(), &[], &budget).unwrap();
        Budget::default().left() - budget.left()
    };
    assert_eq!(cost(), cost());
}

/// The vectors of classes, each of which must have one string in the universe.
fn vectors(universe: &Universe, patterns: &[Pattern], found: Vec<String>) -> BTreeSet<Vec<bool>> {
    let all = found.len();
    assert!(
        found.iter().all(|text| universe.holds(text) && text.chars().all(|character| universe.allows(character))),
        "{found:?}"
    );
    let vectors: BTreeSet<_> = found.iter().map(|text| vector(patterns, text)).collect();
    assert_eq!(vectors.len(), all, "{found:?}");
    vectors
}

fn by_automaton(universe: &Universe, patterns: &[Pattern]) -> BTreeSet<Vec<bool>> {
    let found =
        automaton::representatives(universe, &patterns.iter().collect::<Vec<_>>(), &[], &Budget::default()).unwrap();
    vectors(universe, patterns, found)
}

/// Plain texts, prefixes, and everything; the last part may be unknown instead of `*`.
fn simple_patterns(text: &'static str) -> impl Strategy<Value = Vec<Pattern>> {
    let pattern = (text, 0..3u8).prop_map(|(text, end)| {
        let mut pattern = Pattern::literal(&text);
        match end {
            0 => {}
            1 => pattern.push_glob("*"),
            _ => pattern.push_unknown(),
        }
        pattern
    });
    prop::collection::vec(pattern, 0..8)
}

/// ARNs that are left out of a universe.
static OUTSIDE: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    let globs = ["arn:*:iam::*:user/*", "arn:*:iam::*:mfa/*", "arn:*:iam:::*", "arn:*:iam::*:*:*"];
    globs.map(Pattern::glob).to_vec()
});

fn agrees(universe: &Universe, patterns: &[Pattern]) -> bool {
    let found = simple::representatives(universe, &patterns.iter().collect::<Vec<_>>(), &[], &Budget::default());
    let Some(found) = found else { return false };
    assert_eq!(vectors(universe, patterns, found.unwrap()), by_automaton(universe, patterns));
    true
}

proptest! {
    #[test]
    fn sorting_finds_the_classes_of_the_automaton(patterns in simple_patterns("[a-b:]{0,4}")) {
        agrees(&Universe::Actions, &patterns);
        agrees(&Universe::Texts, &patterns);
        agrees(&Universe::Identities("a:".to_owned()), &patterns);
    }

    #[test]
    fn sorting_finds_the_classes_of_arns(patterns in simple_patterns("(arn|ar|a)?(:(a|iam|)){0,3}(:[ab]?){0,2}:?(user|user/|user/a|u|us|mfa/b)?:?")) {
        agrees(&Universe::ArnsOutside(&OUTSIDE), &patterns);
    }

    #[test]
    fn identities_end_in_a_name(patterns in simple_patterns("p/[ax/]{0,4}")) {
        prop_assert!(agrees(&Universe::Identities("p/".to_owned()), &patterns));
    }

    #[test]
    fn what_a_universe_holds_is_what_its_patterns_say(text in "(arn|a)?(:(a|iam|)){0,3}(:[ab]?){0,2}:?(user|user/|user/a|p/|mfa/b)?[ab:/]{0,3}") {
        let universes = [
            Universe::Texts,
            Universe::Identities("a:".to_owned()),
            Universe::Actions,
            Universe::ActionsOf("a".to_owned()),
            Universe::ActionsBeside(vec!["a".to_owned(), "arn".to_owned()]),
            Universe::ArnsOutside(&OUTSIDE),
            Universe::ArnsInside("arn:?*:iam::*:user/*".to_owned()),
        ];
        for universe in universes {
            let outside = universe.outside();
            let by_patterns = universe.inside().is_matched_by(&text) && !outside.iter().any(|it| it.is_matched_by(&text));
            prop_assert_eq!(universe.holds(&text), by_patterns, "{:?} in {:?}", text, universe);
        }
    }

    #[test]
    fn the_automaton_finds_every_class(patterns in prop::collection::vec("[ab*?]{0,4}", 0..4)) {
        let patterns: Vec<Pattern> = patterns.iter().map(|text| Pattern::glob(text)).collect();
        let found = by_automaton(&Universe::Texts, &patterns);
        // Whether such short patterns match is settled by the first and last few characters.
        let mut texts = vec![String::new()];
        for _ in 0..6 {
            texts = texts.iter().flat_map(|text| ["", "a", "b", "c"].map(|next| format!("{text}{next}"))).collect();
            texts.sort();
            texts.dedup();
        }
        let all = texts.iter().filter(|text| !text.is_empty()).map(|text| vector(&patterns, text));
        prop_assert_eq!(all.collect::<BTreeSet<_>>(), found);
    }
}

//! JUnit XML by the rules of `junit-10.xsd`, which Jenkins and most other readers go by.

use std::collections::HashSet;

use roxmltree::{Document, Node};

use crate::runs;

/// What the schema asks for of an element, what else it allows of what is written, and the elements that it may hold.
fn allowed(element: &str) -> [&'static [&'static str]; 3] {
    match element {
        "testsuites" => [&[], &["name", "tests", "failures", "errors"], &["testsuite"]],
        "testsuite" => [&["name", "tests", "failures", "errors"], &["skipped"], &["testcase"]],
        "testcase" => [&["name"], &["classname"], &["skipped", "error", "failure"]],
        "skipped" | "error" | "failure" => [&[], &["message", "type"], &[]],
        other => panic!("the schema has no element {other}"),
    }
}

#[test]
fn reports_are_well_formed_and_by_the_schema() {
    for (name, run) in runs::all() {
        let text = run.report("junit");
        let document = Document::parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(document.root_element().has_tag_name("testsuites"));
        for element in document.descendants().filter(Node::is_element) {
            let [required, optional, children] = allowed(element.tag_name().name());
            for attribute in element.attributes() {
                let known = required.contains(&attribute.name()) || optional.contains(&attribute.name());
                assert!(known, "{name}: {} of {element:?}", attribute.name());
            }
            assert!(required.iter().all(|required| element.has_attribute(*required)), "{name}: {element:?}");
            for child in element.children().filter(Node::is_element) {
                assert!(children.contains(&child.tag_name().name()), "{name}: {child:?}");
            }
        }
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{7}', '\u{b}']), "{name}");
    }
}

#[test]
fn counts_and_names_hold() {
    for (name, run) in runs::all() {
        let text = run.report("junit");
        let document = Document::parse(text).unwrap();
        let count = |node: Node<'_, '_>, what: &str| node.descendants().filter(|node| node.has_tag_name(what)).count();
        for suite in
            document.descendants().filter(|node| node.has_tag_name("testsuite") || node.has_tag_name("testsuites"))
        {
            for (attribute, element) in
                [("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")]
            {
                let told = suite.attribute(attribute).map(|told| told.parse().unwrap());
                assert!(told.is_none_or(|told: usize| told == count(suite, element)), "{name}: {attribute}");
            }
        }
        let mut cases = HashSet::new();
        for case in document.descendants().filter(|node| node.has_tag_name("testcase")) {
            let suite = case.parent().unwrap().attribute("name");
            assert!(cases.insert((suite, case.attribute("classname"), case.attribute("name"))), "{name}: {case:?}");
        }
    }
}

#[test]
fn failures_agree_with_the_exit_status_and_nothing_is_left_out() {
    for (name, run) in runs::all() {
        let text = run.report("junit");
        let document = Document::parse(text).unwrap();
        let count = |what: &str| document.descendants().filter(|node| node.has_tag_name(what)).count();
        assert_eq!(count("error") > 0, run.status == 2, "{name}");
        let new_only = name == "a change";
        let failing = run.findings(|finding| {
            finding["severity"] == "error"
                && finding["waived"].is_null()
                && (finding["status"] == "new"
                    || finding["status"] == "worse"
                    || finding["status"] == "existing" && !new_only)
        });
        assert_eq!(count("failure"), failing.len(), "{name}");
        assert!(run.status != 1 || !failing.is_empty(), "{name}");
        for finding in run.findings(|_| true) {
            let class = format!("mfagate.{}", finding["rule"].as_str().unwrap());
            let told = document.descendants().any(|node| node.attribute("classname") == Some(&class));
            assert!(told, "{name}: {finding:#}");
        }
        let cases = count("testcase");
        assert!(cases >= run.findings(|_| true).len() && (cases > 0), "{name}");
    }
}

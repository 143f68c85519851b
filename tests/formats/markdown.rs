//! Step summaries, read as Markdown is.

use pulldown_cmark::{Event, Options, Parser, Tag};

use crate::runs::{self, EVIL};

fn events(text: &str) -> Vec<Event<'_>> {
    Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_GFM).collect()
}

#[test]
fn other_peoples_text_is_text() {
    for (name, run) in runs::all() {
        let report = run.report("markdown");
        for event in events(report) {
            match event {
                Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::Emphasis | Tag::Strikethrough) => {
                    panic!("{name}: {event:?}")
                }
                Event::Html(html) | Event::InlineHtml(html) => only_our_tags(name, &html),
                _ => {}
            }
        }
        assert!(!report.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{name}");
        assert!(!outside_of_code(report).contains("https://"), "{name}: an address that GitHub would make a link");
    }
}

fn only_our_tags(name: &str, html: &str) {
    for tag in html.split('<').skip(1) {
        let tag = tag.split('>').next().unwrap();
        let ours = ["details", "/details", "summary", "/summary", "code", "/code", "b", "/b", "br"];
        assert!(ours.contains(&tag), "{name}: <{tag}> in {html}");
    }
}

/// The source without its fenced blocks.
fn outside_of_code(report: &str) -> String {
    let mut fence: Option<&str> = None;
    let mut kept = Vec::new();
    for line in report.lines() {
        let ticks = line.len() - line.trim_start_matches('`').len();
        match fence {
            Some(open) if line == open => fence = None,
            Some(_) => {}
            None if ticks >= 3 => fence = Some(&line[..ticks]),
            None => kept.push(line),
        }
    }
    kept.join("\n")
}

#[test]
fn the_table_has_a_row_of_six_cells_for_each_subject() {
    for (name, run) in runs::all() {
        if name == "many" {
            continue;
        }
        let report = run.report("markdown");
        let subjects = run.json["subjects"].as_array().unwrap();
        let events = events(report);
        let rows = events.iter().filter(|event| matches!(event, Event::Start(Tag::TableRow))).count();
        let cells = events.iter().filter(|event| matches!(event, Event::Start(Tag::TableCell))).count();
        assert_eq!(rows, subjects.len(), "{name}");
        assert_eq!(cells, if rows == 0 { 0 } else { 6 * (rows + 1) }, "{name}");
        // GFM drops what does not fit and fills up what is missing: the last cell shows that none was.
        for line in report.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| verdict")) {
            assert_eq!(line.matches('|').count(), 7, "{name}: {line}");
        }
    }
}

#[test]
fn everything_is_told() {
    for (name, run) in runs::all() {
        let report = run.report("markdown");
        let sections: [(&str, bool); 7] = [
            ("### Not checked", run.status == 2),
            (
                "### Findings",
                !run.findings(|finding| finding["waived"].is_null() && finding["status"] != "fixed").is_empty(),
            ),
            ("### Fixed by this change", !run.findings(|finding| finding["status"] == "fixed").is_empty()),
            ("### Waived", run.json["summary"]["waived"] != 0),
            ("### Switched off", run.json["summary"]["switched_off"] != 0),
            ("### Not traced to its source", name == "a change" || name == "hostile addresses"),
            ("### Subjects", !run.json["subjects"].as_array().unwrap().is_empty()),
        ];
        for (title, expected) in sections {
            assert_eq!(report.contains(title), expected, "{name}: {title}\n{report}");
        }
        let findings = run.findings(|finding| finding["waived"].is_null() && finding["status"] != "fixed").len();
        let told = report.matches("<details>").count();
        assert!(told == findings || report.contains("more of") && name == "many", "{name}: {told} of {findings}");
    }
}

#[test]
fn a_summary_stays_below_what_github_takes_and_says_what_it_leaves_out() {
    let run = runs::named("many");
    let report = run.report("markdown");
    assert!(report.len() < 1_000_000 && report.len() > 500_000, "{}", report.len());
    let findings = report.matches("<details>").count();
    let left_out = run.findings(|_| true).len() - findings;
    assert!(left_out > 0);
    assert!(report.contains(&format!("{left_out} more of {} are left out", run.findings(|_| true).len())));
    assert_eq!(report.matches("<details>").count(), report.matches("</details>").count());
}

#[test]
fn the_hostile_text_is_there_to_be_read() {
    let run = runs::named("hostile templates");
    let report = run.report("markdown");
    assert!(EVIL.contains("漢") && report.contains("漢"));
    assert!(report.contains("&#91;l&#93;(https&#58;//evil.example)"), "{report}");
}

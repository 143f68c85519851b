use miette::{GraphicalReportHandler, GraphicalTheme, MietteDiagnostic};

use super::*;

fn drawn(labels: &[&Label]) -> String {
    let excerpt = Excerpt::new(labels);
    let diagnostic = MietteDiagnostic::new("m").with_labels(excerpt.labels());
    let mut text = String::new();
    GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
        .without_primary_span_start()
        .render_report(&mut text, miette::Report::new(diagnostic).with_source_code(excerpt).as_ref())
        .unwrap();
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

fn label(source: &Arc<Source>, needle: &str, text: &str) -> Label {
    let start = source.text().find(needle).unwrap();
    Label { place: Place::new(source, Span::new(start, start + needle.len())), text: text.to_owned() }
}

#[test]
fn a_long_line_is_cropped_to_a_window() {
    let filling = "é,".repeat(100_000);
    let source = Source::file("plan.json", format!("{filling}\"needle\"{filling}"));
    insta::assert_snapshot!(drawn(&[&label(&source, "\"needle\"", "here")]));
}

#[test]
fn a_long_place_on_a_long_line_is_cropped() {
    let source = Source::file("plan.json", "x".repeat(1_000_000));
    let whole = Label { place: Place::new(&source, Span::new(10, 900_000)), text: "all of it".to_owned() };
    insta::assert_snapshot!(drawn(&[&whole]));
}

#[test]
fn two_places_on_one_long_line_are_two_pictures() {
    let filling = "-".repeat(70_000);
    let source = Source::file("plan.json", format!("one{filling}two{filling}"));
    insta::assert_snapshot!(drawn(&[&label(&source, "two", "second"), &label(&source, "one", "first")]));
}

#[test]
fn places_in_two_files_are_two_pictures() {
    let left = Source::file("left.yaml", "a: 1\nb: 2\nc: 3\nd: 4\n".to_owned());
    let right = Source::file("right.yaml", "e: 5\n".to_owned());
    insta::assert_snapshot!(drawn(&[&label(&left, "c: 3", "here"), &label(&right, "5", "and here")]));
}

#[test]
fn distant_places_in_one_file_are_two_pictures() {
    let source = Source::file("f.yaml", format!("first: 1\n{}last: 2\n", "middle: 0\n".repeat(50)));
    insta::assert_snapshot!(drawn(&[&label(&source, "first", "x"), &label(&source, "last", "y")]));
}

#[test]
fn a_tall_place_is_cropped() {
    let source = Source::file("f.yaml", "line\n".repeat(500));
    let whole = Label { place: Place::new(&source, Span::new(0, 2500)), text: "all".to_owned() };
    assert_eq!(drawn(&[&whole]).matches("line").count(), LINES + 1);
}

#[test]
fn no_place_makes_it_fail() {
    for text in ["", "\n", "é", "a\r\nb\r\n", "\u{feff}x\ty", "\r\r\r", "😀\n\n😀"] {
        let source = Source::file("f", text.to_owned());
        for start in 0..text.len() + 3 {
            for end in start..text.len() + 4 {
                let odd = Label { place: Place::new(&source, Span::new(start, end)), text: String::new() };
                drawn(&[&odd, &odd]);
            }
        }
        let far = Label { place: Place::new(&source, Span::new(usize::MAX - 1, usize::MAX)), text: "x".to_owned() };
        drawn(&[&far]);
    }
}

#[test]
fn tabs_and_hidden_characters_do_not_shift_the_underline() {
    let source = Source::file("f", "\tkey\u{1b}: \u{202e}value # 注 x\n".to_owned());
    insta::assert_snapshot!(drawn(&[&label(&source, "value", "v"), &label(&source, "x", "x")]));
}

//! The column of mfagate in `docs/comparison.md`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use mfagate::finding::Severity;
use mfagate::{Options, check};

#[test]
fn the_comparison_says_what_the_program_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/comparison.md")).unwrap();
    let mut rows = 0;
    for row in page.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [name, _, said, ..] = cells.as_slice() else { panic!("{row}") };
        let file = root.join(format!("testdata/comparison/{}.json", name.trim_matches('`')));
        let report = check(&Options::new(vec![file]));
        assert_eq!((report.unread.len(), report.files), (0, 1), "{name}");
        let worst = report.findings.iter().map(|finding| finding.severity).max();
        assert_eq!(worst.map_or("nothing", Severity::name), *said, "{name}");
        rows += 1;
    }
    let files = fs::read_dir(root.join("testdata/comparison")).unwrap().count();
    assert_eq!(rows, files, "each template is in the table");
}

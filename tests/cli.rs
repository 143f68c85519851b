//! Whole runs of the program: each file in `tests/cmd` holds commands with their output and exit status, and so does a page
//! of the documentation.

#[test]
fn cli() {
    trycmd::TestCases::new()
        .env("NO_COLOR", "1")
        .env("COLUMNS", "100")
        .case("tests/cmd/*.trycmd")
        .case("docs/simulate.md");
}

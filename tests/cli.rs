//! Whole runs of the program: each file in `tests/cmd` holds commands with their output and exit status.

#[test]
fn cli() {
    trycmd::TestCases::new().env("NO_COLOR", "1").env("COLUMNS", "100").case("tests/cmd/*.trycmd");
}

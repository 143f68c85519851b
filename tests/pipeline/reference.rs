//! Reference material beside the checkout, where there is any.

#![allow(clippy::expect_used, clippy::print_stdout, reason = "a test fails by panicking, and says what it skipped")]

use std::path::Path;

use serde_json::Value;

/// A JSON file of it; where it is missing, a line says that the test is skipped.
pub(crate) fn read(file: &str) -> Option<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference").join(file);
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: {} is not there", path.display());
        return None;
    };
    Some(serde_json::from_str(&text).expect("the reference is JSON"))
}

/// The documents whose faults are known.
pub(crate) fn cases() -> Vec<Value> {
    read("cases.json").map(|cases| cases.as_array().expect("a list of cases").clone()).unwrap_or_default()
}

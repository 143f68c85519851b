//! The evaluator against the reference cases, where a checkout has them beside it.

use std::path::PathBuf;

use serde_json::Value;

/// The folder of reference material beside the checkout, or a line that says it is missing.
fn reference(file: &str) -> Option<Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/reference").join(file);
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: {} is not there", path.display());
        return None;
    };
    Some(serde_json::from_str(&text).expect("the reference is JSON"))
}

#[test]
fn simulate_gives_the_expected_verdict_for_every_reference_case() {
    let Some(cases) = reference("cases.json") else { return };
    let mut wrong = Vec::new();
    let mut unproven = Vec::new();
    let mut verdicts = 0;
    for case in cases.as_array().expect("a list of cases") {
        let line = serde_json::to_string(case).unwrap();
        let answer: Value = serde_json::from_str(&mfagate::simulate::batch_line(&line).unwrap()).unwrap();
        for (asked, got) in case["verdicts"].as_array().unwrap().iter().zip(answer["results"].as_array().unwrap()) {
            verdicts += 1;
            if got == "unproven" {
                unproven.push((case["id"].clone(), asked["context"].clone()));
            } else if *got != asked["expect"] {
                wrong.push(format!("{} {asked}: {got}", case["id"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {verdicts} wrong:\n{}", wrong.len(), wrong.join("\n"));
    // A value that is no boolean: the reference says that AWS does not document what it gives.
    let documented = unproven.iter().filter(|(id, _)| id != "id-allow-bool-1");
    assert_eq!(documented.count(), 0, "{unproven:?}");
}

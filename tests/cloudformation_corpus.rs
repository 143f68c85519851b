//! Templates that others wrote: each ends in facts or in stated reasons, and what is labelled is found.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it skipped"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use mfagate::extract::cloudformation::extract;
use mfagate::extract::cloudformation::templates::Templates;
use mfagate::extract::{Extracted, Settings};
use mfagate::inventory::{Content, IdentityKind, Inventory, PolicyKind, PolicyReference, Target};
use mfagate::source::{Source, Span};
use mfagate::tree::{json, yaml};

fn shared(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path)
}

fn read(path: &Path) -> Result<Extracted, String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned();
    let source = Source::file(path.display().to_string(), text);
    let nodes = if source.text().trim_start().starts_with('{') {
        json::parse(&source, Span::new(0, source.text().len())).map(|node| vec![node])
    } else {
        yaml::parse(&source)
    };
    Ok(extract(&source, &nodes.map_err(|error| error.message)?, &Settings::default(), &Templates::default()))
}

/// A reason without the names in it.
fn shape(reason: &str) -> String {
    reason.split('`').enumerate().map(|(index, part)| if index % 2 == 0 { part } else { "`_`" }).collect()
}

#[test]
fn every_template_of_the_corpus_ends_in_facts_or_reasons() {
    for folder in ["cfn", "sam", "cdk"] {
        let Ok(entries) = fs::read_dir(shared("corpus").join(folder)) else {
            println!("skipped: the corpus is not here");
            return;
        };
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        let mut note = |what: String, by: usize| *counts.entry(what).or_default() += by;
        for entry in entries {
            let path = entry.unwrap().path();
            let started = Instant::now();
            note("files".to_owned(), 1);
            match read(&path) {
                Err(reason) => {
                    note("not a tree".to_owned(), 1);
                    println!("{}: {reason}", path.display());
                }
                Ok(extracted) => {
                    count(&extracted, &mut note);
                    note("parts that differ between deployments".to_owned(), extracted.alternatives.len());
                    note("deployments".to_owned(), extracted.alternatives.iter().map(Vec::len).sum());
                    for reason in &extracted.unread {
                        println!("{}: {reason}", path.display());
                    }
                }
            }
            assert!(started.elapsed() < Duration::from_secs(1), "{} takes too long", path.display());
        }
        println!("{folder}: {counts:#?}");
    }
}

fn count(extracted: &Extracted, note: &mut impl FnMut(String, usize)) {
    let inventory = &extracted.inventory;
    note("identities".to_owned(), inventory.identities.len());
    note("attachments".to_owned(), inventory.attachments.len());
    note("boundaries".to_owned(), inventory.boundaries.len());
    note("memberships".to_owned(), inventory.memberships.len());
    note("accounts".to_owned(), inventory.accounts.len());
    for policy in &inventory.policies {
        note(format!("policies {:?}", policy.kind), 1);
        match &policy.content {
            Content::Unknown(unknown) => note(format!("unknown policies: {}", shape(&unknown.reason)), 1),
            Content::Known(document) if document.is_refused() => {
                note("refused policies".to_owned(), 1);
            }
            Content::Known(_) => {}
        }
    }
    for attachment in &inventory.attachments {
        if let PolicyReference::Unknown(_) = attachment.policy {
            note("attachments of an unknown policy".to_owned(), 1);
        }
        if let Target::Unknown(_) = attachment.identity.target {
            note("attachments to an unknown identity".to_owned(), 1);
        }
    }
    for reason in &extracted.unread {
        note(format!("unread: {}", shape(reason)), 1);
    }
}

#[test]
fn yaml_and_json_of_a_generated_case_say_the_same() {
    let Ok(labels) = fs::read_to_string(shared("reference/generated/labels.jsonl")) else {
        println!("skipped: the generated cases are not here");
        return;
    };
    for line in labels.lines() {
        let label: serde_json::Value = serde_json::from_str(line).unwrap();
        let facts = |key: &str| {
            let path = shared("reference/generated").join(label["cfn"][key].as_str().unwrap());
            let mut extracted = read(&path).unwrap();
            assert!(extracted.unread.is_empty(), "{}: {:?}", path.display(), extracted.unread);
            for deployments in extracted.alternatives {
                extracted.inventory.merge(deployments.into_iter().next().unwrap().inventory);
            }
            extracted.inventory
        };
        let (first, second) = (facts("yaml"), facts("json"));
        let id = label["cfn"]["logical_id"].as_str().unwrap();
        let is_trust = label["kind"] == "trust";
        assert_eq!(statements(&first, id, is_trust), statements(&second, id, is_trust), "{line}");
    }
}

/// How many statements decide about the subject; panics where it is not there as the label says.
fn statements(inventory: &Inventory, id: &str, is_trust: bool) -> usize {
    let subject = inventory.identities.iter().find(|identity| identity.address.path == id).unwrap();
    let length = |content: &Content| match content {
        Content::Known(document) => {
            let is_known = document.statements.iter().all(|statement| statement.unknown.is_none());
            assert!(is_known && Arc::strong_count(document) > 0, "{id} has a statement that is not known");
            document.statements.len()
        }
        Content::Unknown(unknown) => panic!("{id}: {} {}", unknown.name, unknown.reason),
    };
    if is_trust {
        assert_eq!(subject.kind, IdentityKind::Role);
        let trust =
            |policy: &&mfagate::inventory::Policy| policy.kind == PolicyKind::Trust && policy.address.path == id;
        return length(&inventory.policies.iter().find(trust).unwrap().content);
    }
    assert_eq!(subject.kind, IdentityKind::Group);
    let mut sum = 0;
    for attachment in &inventory.attachments {
        let to_subject = match &attachment.identity.target {
            Target::Resource(address) => *address == subject.address,
            Target::Name(name) => Some(name) == subject.name.as_ref(),
            Target::Unknown(unknown) => panic!("{id}: {} {}", unknown.name, unknown.reason),
        };
        if !to_subject || attachment.identity.kind != IdentityKind::Group {
            continue;
        }
        let policy = inventory.policies.iter().find(|policy| match &attachment.policy {
            PolicyReference::Document { address, attribute } => {
                policy.address == *address && policy.attribute == *attribute
            }
            PolicyReference::Resource(address) => policy.address == *address,
            other => panic!("{id}: {other:?}"),
        });
        sum += length(&policy.unwrap().content);
    }
    sum
}

//! The pages of the rules are what the rules say (`UPDATE_DOCS=1` writes them anew), and links lead somewhere.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use mfagate::{explain, rules};
use walkdir::WalkDir;

/// The pages by file name: one for each rule, and the list.
fn pages() -> BTreeMap<String, String> {
    let mut list =
        "# Rules\n\nWhat `mfagate explain` lists; each page is what `mfagate explain RULE` shows.\n\n".to_owned();
    list.push_str("| rule | severity | what it finds |\n|---|---|---|\n");
    let mut pages = BTreeMap::new();
    for rule in rules::all() {
        let (id, severity, summary) = (rule.id(), rule.severity().name(), rule.summary());
        list.push_str(&format!("| [`{id}`]({id}.md) | {severity} | {summary} |\n"));
        let page = format!("# {id}\n\n**{severity}**: {summary}\n\n{}", explain::markdown(*rule));
        pages.insert(format!("{id}.md"), page);
    }
    pages.insert("README.md".to_owned(), list);
    pages
}

#[test]
fn every_rule_has_its_page_and_no_page_is_left_over() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules");
    let pages = pages();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        for (name, page) in &pages {
            fs::write(folder.join(name), page).unwrap();
        }
    }
    let entries = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let there: BTreeMap<String, String> = entries
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(&path).unwrap()))
        .collect();
    for (name, page) in &pages {
        let current =
            there.get(name).unwrap_or_else(|| panic!("docs/rules/{name} is missing: UPDATE_DOCS=1 writes it"));
        assert_eq!(current, page, "docs/rules/{name} is not current: UPDATE_DOCS=1 writes it anew");
    }
    let left_over: Vec<_> = there.keys().filter(|name| !pages.contains_key(*name)).collect();
    assert!(left_over.is_empty(), "{left_over:?} belong to no rule");
}

/// Links between the documents lead to files, and to headings in them.
#[test]
fn links_lead_somewhere() {
    let mut documents: Vec<PathBuf> = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(PathBuf::from).into();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["docs", "testdata"].map(|folder| WalkDir::new(root.join(folder)));
    let files = folders.into_iter().flatten().map(|entry| entry.unwrap().into_path());
    documents.extend(files.filter(|path| path.extension().is_some_and(|extension| extension == "md")));
    for document in documents.iter().map(|path| root.join(path)) {
        let text = fs::read_to_string(&document).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            let is_local = !path.contains("://");
            let target = if path.is_empty() { document.clone() } else { document.with_file_name(path) };
            assert!(!is_local || target.exists(), "{} links to {link}, which is not there", document.display());
            let found = !is_local || heading.is_empty() || anchors(&target).iter().any(|anchor| anchor == heading);
            assert!(found, "{} links to {link}, a heading that is not there", document.display());
        }
    }
}

/// The headings of a document, as links name them.
fn anchors(document: &Path) -> Vec<String> {
    let text = fs::read_to_string(document).unwrap();
    let headings = text.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    let kept = |character: &char| character.is_alphanumeric() || matches!(character, ' ' | '-' | '_');
    headings.map(|heading| heading.to_lowercase().chars().filter(kept).collect::<String>().replace(' ', "-")).collect()
}

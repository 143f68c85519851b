//! Where `terraform init` has put the modules that come from elsewhere.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::configuration::joined;
use super::folder;

/// The folders of modules by key: the names of the calls, joined by dots.
#[derive(Default)]
pub(super) struct Manifest {
    folders: HashMap<String, PathBuf>,
}

#[derive(Deserialize)]
struct Listed {
    #[serde(rename = "Modules", default)]
    modules: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "Key", default)]
    key: String,
    #[serde(rename = "Dir", default)]
    folder: PathBuf,
}

impl Manifest {
    /// Reads the list in a root module's folder; none is as good as an empty one.
    pub(super) fn read(root: &Path) -> Self {
        let listed = folder::text(&root.join(".terraform/modules/modules.json")).ok();
        let listed = listed.and_then(|text| serde_json::from_str::<Listed>(&text).ok());
        let entries = listed.into_iter().flat_map(|listed| listed.modules);
        // Terraform writes them relative to the root module's folder; others would lead out of what is checked.
        let entries = entries.filter(|entry| entry.folder.is_relative());
        Self { folders: entries.map(|entry| (entry.key, entry.folder)).collect() }
    }

    /// The folder of the module with this key.
    pub(super) fn folder(&self, root: &Path, key: &str) -> Option<PathBuf> {
        self.folders.get(key).map(|folder| joined(root, folder))
    }
}

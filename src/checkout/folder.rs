//! The Terraform files of one folder: read within bounds, parsed, and found by the names of their blocks.

use std::collections::HashMap;
use std::fs::File as Handle;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use hcl_edit::parser::parse_body;
use hcl_edit::structure::Body;

use super::block::{At, Block, blocks_of, json_blocks};
use crate::io_error;
use crate::source::{Source, Span};
use crate::tree::{Node, json};

/// The files of a folder.
#[derive(Debug, Default)]
pub(super) struct Folder {
    files: Vec<File>,
    /// The blocks by name: the file, and where in it they stand.
    blocks: HashMap<String, (usize, At)>,
    /// All `locals` blocks.
    locals: Vec<(usize, At)>,
    broken: Vec<String>,
}

#[derive(Debug)]
pub(super) struct File {
    pub(super) source: Arc<Source>,
    pub(super) content: Content,
}

#[derive(Debug)]
pub(super) enum Content {
    Native(Body),
    Json(Node),
}

/// The largest file that is read: a configuration that somebody wrote is much smaller.
const MAX_BYTES: u64 = 2 << 20;
/// How many files of a folder are read.
const MAX_FILES: usize = 1000;
/// How many values a file may have: to read an object takes time that grows with the square of its keys.
const MAX_VALUES: usize = 20_000;

/// Whether there are any Terraform files in a folder.
pub(super) fn has_files(path: &Path) -> bool {
    !names(path).is_empty()
}

impl Folder {
    /// The texts of its files.
    pub(super) fn sources(&self) -> impl Iterator<Item = &Arc<Source>> {
        self.files.iter().map(|file| &file.source)
    }

    /// Reads all Terraform files of a folder. What cannot be used is kept as a reason.
    pub(super) fn read(path: &Path) -> Self {
        let mut folder = Self::default();
        for name in names(path) {
            let path = path.join(&name);
            let shown = shown(&path);
            match text(&path).and_then(|text| parsed(&shown, text, name.ends_with(".json"))) {
                Ok(file) => folder.add(file),
                Err(reason) => folder.broken.push(format!("`{shown}` cannot be used: {reason}")),
            }
        }
        folder
    }

    /// Whether there is a block of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.blocks.contains_key(name)
    }

    /// The block of this name.
    pub(super) fn block(&self, name: &str) -> Option<Block<'_>> {
        let (file, at) = self.blocks.get(name)?;
        Block::at(self.files.get(*file)?, at)
    }

    /// All blocks of locals.
    pub(super) fn locals(&self) -> impl Iterator<Item = Block<'_>> {
        self.locals.iter().filter_map(|(file, at)| Block::at(self.files.get(*file)?, at))
    }

    /// Why a file could not be used.
    pub(super) fn broken(&self) -> Option<&str> {
        self.broken.first().map(String::as_str)
    }

    /// Whether no file could be read at all.
    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty() && self.broken.is_empty()
    }

    /// Files come in the order in which the first block of a name counts.
    fn add(&mut self, file: File) {
        let found = match &file.content {
            Content::Native(body) => blocks_of(body),
            Content::Json(node) => json_blocks(node),
        };
        let number = self.files.len();
        for (name, at) in found {
            if name == "locals" {
                self.locals.push((number, at));
            } else {
                self.blocks.entry(name).or_insert((number, at));
            }
        }
        self.files.push(file);
    }
}

/// The Terraform files in a folder: those that override others last, because they only add to blocks.
fn names(path: &Path) -> Vec<String> {
    let here = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    let Ok(entries) = here.read_dir() else { return Vec::new() };
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| ENDINGS.iter().any(|ending| name.ends_with(ending)) && !name.starts_with('.'))
        .collect();
    let overrides = |name: &str| {
        let stem = name.split('.').next().unwrap_or(name);
        stem == "override" || stem.ends_with("_override")
    };
    names.sort_unstable_by(|left, right| (overrides(left), left).cmp(&(overrides(right), right)));
    names.truncate(MAX_FILES);
    names
}

const ENDINGS: [&str; 4] = [".tf", ".tf.json", ".tofu", ".tofu.json"];

/// The text of a regular file that is not too large.
pub(super) fn text(path: &Path) -> Result<String, String> {
    // Asked before it is opened: to open a pipe waits for somebody who writes to it.
    let is_file = path.metadata().map_err(|error| io_error::reason(&error))?.is_file();
    if !is_file {
        return Err("it is no regular file".to_owned());
    }
    let mut bytes = Vec::new();
    let handle = Handle::open(path).map_err(|error| io_error::reason(&error))?;
    handle.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| io_error::reason(&error))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err("it is too large".to_owned());
    }
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
    }
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())
}

fn parsed(name: &str, text: String, is_json: bool) -> Result<File, String> {
    let source = Source::file(name, text);
    let whole = Span::new(0, source.text().len());
    let content = if is_json {
        Content::Json(json::parse(&source, whole).map_err(|error| error.message)?)
    } else {
        let values = source.text().bytes().filter(|byte| matches!(byte, b'=' | b':')).count();
        if values > MAX_VALUES {
            return Err("it is too large".to_owned());
        }
        let place = |error: hcl_edit::parser::Error| {
            let location = error.location();
            format!("line {}, column {}: {}", location.line(), location.column(), error.message())
        };
        Content::Native(parse_body(source.text()).map_err(place)?)
    };
    Ok(File { source, content })
}

/// A path as a person in the working folder would type it.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let relative = here.as_deref().and_then(|here| path.strip_prefix(here).ok()).unwrap_or(path);
    let relative = relative.strip_prefix(".").unwrap_or(relative);
    relative.display().to_string()
}

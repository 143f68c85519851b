//! The projects of modules of the CloudFormation registry, which say what type a template is the module of.
//!
//! `cfn init` makes them: a folder with a configuration, and the one template of the module below `fragments`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::content::read;
use super::{Format, LoadError, Loaded, STDIN, Unread, decode, name, unread};
use crate::source::{Source, Span};
use crate::tree::{Node, json};

/// The file that makes a folder a project.
const CONFIGURATION: &str = ".rpdk-config";

/// The folder that the template of a module lies in or below.
const FRAGMENTS: &str = "fragments";

/// The largest configuration that is read; the usual one has a hundred bytes.
const MAX_BYTES: u64 = 1 << 20;

/// Notes of templates that lie in the project of a module which type that is.
pub(super) fn name_types(loaded: &mut Loaded) {
    let mut projects: BTreeMap<PathBuf, Option<String>> = BTreeMap::new();
    for input in &mut loaded.inputs {
        if !matches!(input.format, Format::CloudFormation(_)) || input.source.name() == STDIN {
            continue;
        }
        let Some(file) = configuration(Path::new(input.source.name())) else { continue };
        let type_name = projects.entry(file).or_insert_with_key(|file| match type_name(file) {
            Ok(type_name) => type_name,
            Err(error) => {
                loaded.unread.push(*error);
                None
            }
        });
        input.module.clone_from(type_name);
    }
}

/// The configuration of the project that a file lies in the fragments of.
fn configuration(file: &Path) -> Option<PathBuf> {
    let folders = file.ancestors().skip(1).filter(|folder| folder.file_name().is_some_and(|name| name == FRAGMENTS));
    let mut files = folders.filter_map(|folder| Some(folder.parent()?.join(CONFIGURATION)));
    // A link may lead anywhere.
    files.find(|file| file.symlink_metadata().is_ok_and(|data| data.is_file()))
}

/// The type that a project is the module of; `None` for a project of a resource or hook.
fn type_name(file: &Path) -> Result<Option<String>, Box<Unread>> {
    let shown = name(file);
    let failed = |error| Box::new(unread(&shown, error));
    if file.metadata().is_ok_and(|data| data.len() > MAX_BYTES) {
        return Err(failed(LoadError::TooLarge { limit: MAX_BYTES }));
    }
    let bytes = read(file, true).map_err(failed)?.unwrap_or_default();
    let text = decode::decode(bytes).map_err(|refusal| failed(refusal.error))?;
    let source = Source::file(shown.clone(), text);
    let parsed = json::parse(&source, Span::new(0, source.text().len()));
    let root = parsed.map_err(|error| {
        let span = Some(error.span);
        let source = Some(source.clone());
        Box::new(Unread { file: shown.clone(), error: LoadError::Syntax(error), source, span })
    })?;
    let text = |key: &str| root.get(key).and_then(Node::as_text);
    let is_module = text("artifact_type").map(|kind| kind.eq_ignore_ascii_case("MODULE"));
    match text("typeName") {
        _ if is_module == Some(false) => Ok(None),
        // The name alone says it too.
        Some(type_name) if type_name.ends_with("::MODULE") => Ok(Some(type_name.to_owned())),
        _ if is_module.is_none() => Ok(None),
        Some(type_name) => Err(failed(LoadError::Module { fault: format!("its `typeName` is `{type_name}`") })),
        None => Err(failed(LoadError::Module { fault: "it has no `typeName`".to_owned() })),
    }
}

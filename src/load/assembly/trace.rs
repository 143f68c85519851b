//! From the stack trace of a construct to the line of the user's program that made it.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::{MadeAt, inside};
use crate::load::{decode, name};
use crate::source::{Place, Source, Span};
use crate::tree::Node;

/// The files of the program that made an assembly.
pub(super) struct Program {
    /// The project: the folder around the assembly. Nothing outside is read, whatever a trace says.
    folder: Option<PathBuf>,
    files: HashMap<String, Option<Arc<Source>>>,
}

/// How many files of a program are opened.
const MAX_FILES: usize = 256;

/// The largest file of a program that is opened.
const MAX_BYTES: u64 = 1 << 20;

/// How many frames of a trace are looked at.
const MAX_FRAMES: usize = 64;

impl Program {
    /// The program whose assembly this folder is.
    pub(super) fn beside(assembly: &Path) -> Self {
        let folder = assembly.canonicalize().ok().and_then(|folder| Some(folder.parent()?.to_owned()));
        Self { folder, files: HashMap::new() }
    }

    /// The first line of the user's own program in a trace, a list of frames such as `new People (/app/people.ts:28:18)`.
    pub(super) fn made_at(&mut self, trace: &Node) -> Option<MadeAt> {
        let frames = trace.as_list()?.iter().take(MAX_FRAMES).filter_map(Node::as_text);
        let (file, line, column) = frames.filter_map(frame).next()?;
        let told = format!("{file}:{line}:{column}");
        let source = self.file(file);
        let place = source.and_then(|source| {
            let span = source.line_span(line);
            let text = source.slice(span);
            let indent = text.len() - text.trim_start().len();
            let span = Span::new(span.start + indent, span.end);
            (!span.is_empty()).then(|| Place::new(&source, span))
        });
        Some(MadeAt { told, place })
    }

    fn file(&mut self, told: &str) -> Option<Arc<Source>> {
        if let Some(known) = self.files.get(told) {
            return known.clone();
        }
        if self.files.len() >= MAX_FILES {
            return None;
        }
        let found = self.folder.as_ref().and_then(|folder| find(folder, told));
        self.files.insert(told.to_owned(), found.clone());
        found
    }
}

/// File, line and column of a frame in the user's own program.
fn frame(frame: &str) -> Option<(&str, usize, usize)> {
    let place = match frame.rsplit_once('(') {
        Some((_, place)) => place.trim_end().strip_suffix(')')?,
        None => frame.trim().strip_prefix("at ").unwrap_or(frame.trim()),
    };
    let mut parts = place.rsplitn(3, ':');
    let (column, line, file) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?);
    let others = ["node_modules", "node:", "internal/", "jsii-", "jsii/"];
    let is_own = !file.is_empty() && others.iter().all(|other| !file.contains(other));
    is_own.then_some((file, line, column))
}

/// The file that a trace names, where it lies in the project: at that path, or, where the project lay elsewhere then, at as
/// much of the end of that path as there is.
fn find(folder: &Path, told: &str) -> Option<Arc<Source>> {
    let told = told.strip_prefix("file://").unwrap_or(told);
    let steps: Vec<_> = Path::new(told).components().filter(|step| matches!(step, Component::Normal(_))).collect();
    let within = Path::new(told).strip_prefix(folder).ok().map(Path::to_owned);
    let ends = (0..steps.len()).filter_map(|at| Some(steps.get(at..)?.iter().collect::<PathBuf>()));
    let path = within.into_iter().chain(ends).find_map(|end| {
        let path = inside::path(folder, folder, end.to_str()?).ok()?;
        path.symlink_metadata().is_ok_and(|data| data.is_file() && data.len() <= MAX_BYTES).then_some(path)
    })?;
    let text = decode::decode(std::fs::read(&path).ok()?.into()).ok()?;
    let here = std::env::current_dir().ok().and_then(|here| here.canonicalize().ok());
    let shown = here.and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned)).unwrap_or(path);
    Some(Source::file(name(&shown), text))
}

#[cfg(test)]
mod tests {
    use super::frame;

    #[test]
    fn frames_of_the_users_own_program() {
        assert_eq!(frame("new People (/app/lib/people.ts:28:18)"), Some(("/app/lib/people.ts", 28, 18)));
        assert_eq!(frame("at Object.<anonymous> (/app/bin/a b.ts:1:2)"), Some(("/app/bin/a b.ts", 1, 2)));
        assert_eq!(frame("/app/bin/app.js:7:1"), Some(("/app/bin/app.js", 7, 1)));
        assert_eq!(frame(r"new X (C:\app\x.ts:7:1)"), Some((r"C:\app\x.ts", 7, 1)));
        for other in [
            "...new Role2 in aws-cdk-lib...",
            "(no user code in 10 frames, use --stack-trace-limit to capture more)",
            "new Role (/app/node_modules/aws-cdk-lib/aws-iam/lib/role.js:1:9000)",
            "Module._compile (node:internal/modules/cjs/loader:1358:14)",
            "node internals, 3 frames",
            "new Role (/tmp/jsii-kernel-x/lib/role.js:1:2)",
            "x (:1:2)",
            "x (a:99999999999999999999:2)",
        ] {
            assert_eq!(frame(other), None, "{other}");
        }
    }
}

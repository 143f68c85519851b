//! Writing fixed files, each as a whole or not at all.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::{Edited, Fix, diff};
use crate::io_error;

/// A file with what it says after all its fixes.
#[derive(Clone, Debug)]
pub struct FileFix {
    /// The file, by the name that reports show.
    pub file: String,
    pub(super) edited: Edited,
}

/// Why a fixed file was not written.
#[derive(Debug, thiserror::Error)]
pub enum Unwritten {
    /// The text came from standard input.
    #[error("standard input cannot be fixed in place; `--diff` shows the fix")]
    StandardInput,
    /// The file is a link.
    #[error("it is a symbolic link; name the file that it leads to")]
    Link,
    /// Somebody else wrote to it.
    #[error("it has changed since it was read; run it again")]
    Changed,
    /// Its bytes are not the text that was edited.
    #[error("it is not UTF-8; convert it first")]
    Encoding,
    /// The file system refuses.
    #[error("{}", io_error::reason(.0))]
    Io(#[from] io::Error),
}

impl FileFix {
    /// The fix as a patch.
    #[must_use]
    pub fn patch(&self) -> String {
        diff::unified(&self.file, self.edited.before.text(), &self.edited.after)
    }

    /// Puts the fixed text in the place of the file: beside it first, then by one renaming, so that nobody ever reads a half.
    ///
    /// # Errors
    ///
    /// Where it cannot be written, or the file is no longer what was read; it is then as it was.
    pub fn write(&self) -> Result<(), Unwritten> {
        if self.file == crate::load::STDIN {
            return Err(Unwritten::StandardInput);
        }
        let path = Path::new(&self.file);
        let metadata = fs::symlink_metadata(path)?;
        if metadata.file_type().is_symlink() {
            return Err(Unwritten::Link);
        }
        let mark = self.byte_order_mark(path)?;
        let (mut beside, name) = create_beside(path)?;
        let written = beside
            .write_all(mark)
            .and_then(|()| beside.write_all(self.edited.after.as_bytes()))
            .and_then(|()| beside.set_permissions(metadata.permissions()))
            .and_then(|()| beside.sync_all())
            .map_err(Unwritten::from)
            // Somebody may have written meanwhile.
            .and_then(|()| self.byte_order_mark(path).map(drop))
            .and_then(|()| fs::rename(&name, path).map_err(Unwritten::from));
        if written.is_err() {
            // What matters is the first error; the rest is tidying up.
            let _ = fs::remove_file(&name);
        }
        written
    }

    /// The mark that the file begins with, where the file still is what was read.
    fn byte_order_mark(&self, path: &Path) -> Result<&'static [u8], Unwritten> {
        const MARK: &[u8] = b"\xef\xbb\xbf";
        let text = self.edited.before.text().as_bytes();
        let mut bytes = Vec::with_capacity(text.len() + MARK.len() + 1);
        // One byte more than there should be is enough to know.
        File::open(path)?.take((text.len() + MARK.len() + 1) as u64).read_to_end(&mut bytes)?;
        if bytes == text {
            Ok(b"")
        } else if bytes.strip_prefix(MARK) == Some(text) {
            Ok(MARK)
        } else if bytes.starts_with(b"\xff\xfe")
            || bytes.starts_with(b"\xfe\xff")
            || bytes.iter().take(4).any(|byte| *byte == 0)
        {
            Err(Unwritten::Encoding)
        } else {
            Err(Unwritten::Changed)
        }
    }
}

/// A new file in the folder of another one.
fn create_beside(path: &Path) -> io::Result<(File, PathBuf)> {
    let name = path.file_name().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    for attempt in 0..100_u32 {
        let mut beside = std::ffi::OsString::from(".");
        beside.push(name);
        beside.push(format!(".{}.{attempt}.mfagate", std::process::id()));
        let beside = path.with_file_name(beside);
        match File::create_new(&beside) {
            Ok(file) => return Ok((file, beside)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// All edited files, by name.
pub(super) fn sorted(fixes: impl Iterator<Item = Fix>) -> Vec<FileFix> {
    let edited = fixes.flat_map(|fix| fix.texts);
    let mut files: Vec<FileFix> =
        edited.map(|edited| FileFix { file: edited.before.name().to_owned(), edited }).collect();
    files.sort_by(|left, right| left.file.cmp(&right.file));
    files
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    fn fix(file: &Path, before: &str) -> FileFix {
        let file = file.display().to_string();
        let edited = Edited { before: Source::file(file.clone(), before.to_owned()), after: "after".to_owned() };
        FileFix { file, edited }
    }

    #[test]
    fn what_somebody_else_wrote_meanwhile_stays() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("t.yaml");
        for now in ["before, and more", "befor", "other!", ""] {
            fs::write(&file, now).unwrap();
            assert!(matches!(fix(&file, "before").write(), Err(Unwritten::Changed)), "{now}");
            assert_eq!(fs::read_to_string(&file).unwrap(), now);
        }
        fs::remove_file(&file).unwrap();
        assert!(matches!(fix(&file, "before").write(), Err(Unwritten::Io(_))));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_file_is_replaced_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("t.yaml");
        fs::write(&file, "\u{feff}before").unwrap();
        fix(&file, "before").write().unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "\u{feff}after");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

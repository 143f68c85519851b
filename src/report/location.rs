//! Where things stand, for formats that other programs read: paths from the working folder, URIs and regions.

use std::path::{Component, Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::load::STDIN;
use crate::source::Place;

/// The folder that paths in reports start from.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
}

/// A file by its path, as seen from a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum File {
    /// It lies in the folder or below; the names on the way to it, without `.` and `..`.
    Inside(Vec<String>),
    /// It lies elsewhere; the names on the way from the root.
    Outside(Vec<String>),
    /// It has no path: standard input, or a text that comes with the program.
    Nowhere,
}

/// A range of text: lines and columns from 1, columns in characters, the end behind the last character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) start_line: usize,
    pub(super) start_column: usize,
    pub(super) end_line: usize,
    pub(super) end_column: usize,
}

/// What a path segment of a URI may hold as it is (RFC 3986, `pchar`), without the colon, which could end a scheme.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'(')
    .remove(b')')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b'@');

impl Folder {
    /// The working folder.
    pub(super) fn current() -> Self {
        // Without a working folder, which may have been removed meanwhile, names are taken as they are.
        Self { path: std::env::current_dir().unwrap_or_default() }
    }

    /// The file of a place.
    pub(super) fn file_of(&self, place: &Place) -> File {
        let source = &place.in_file().source;
        if source.is_built_in() { File::Nowhere } else { self.file(source.name()) }
    }

    /// The file of a name that reports show.
    pub(super) fn file(&self, name: &str) -> File {
        if name == STDIN {
            return File::Nowhere;
        }
        let segments = segments(&self.path.join(name));
        let known = !(self.path.as_os_str().is_empty() && Path::new(name).is_absolute());
        match segments.strip_prefix(self::segments(&self.path).as_slice()) {
            Some(inside) if known && !inside.is_empty() => File::Inside(inside.to_vec()),
            _ => File::Outside(segments),
        }
    }
}

impl File {
    /// The path, with `/` between names on every system.
    pub(super) fn path(&self) -> Option<String> {
        match self {
            Self::Inside(segments) => Some(segments.join("/")),
            Self::Outside(segments) if cfg!(windows) => Some(segments.join("/")),
            Self::Outside(segments) => Some(format!("/{}", segments.join("/"))),
            Self::Nowhere => None,
        }
    }

    /// The path as a URI: relative to the folder, or absolute for a file that lies elsewhere.
    pub(super) fn uri(&self) -> Option<String> {
        let encoded = |segments: &[String]| -> Vec<String> {
            segments.iter().map(|segment| utf8_percent_encode(segment, SEGMENT).to_string()).collect()
        };
        match self {
            Self::Inside(segments) => Some(encoded(segments).join("/")),
            Self::Outside(segments) => Some(format!("file:///{}", encoded(segments).join("/"))),
            Self::Nowhere => None,
        }
    }
}

impl Region {
    /// The range of a place in its file.
    pub(super) fn of(place: &Place) -> Self {
        let in_file = place.in_file();
        let (start_line, start_column) = in_file.source.line_column(in_file.span.start);
        let (end_line, end_column) = in_file.source.line_column(in_file.span.end);
        Self { start_line, start_column, end_line, end_column }
    }
}

/// The names on the way to a file; a `..` takes back the name before it.
fn segments(path: &Path) -> Vec<String> {
    let mut segments = Vec::new();
    for component in path.components() {
        match component {
            Component::RootDir | Component::CurDir => {}
            Component::ParentDir => {
                segments.pop();
            }
            Component::Prefix(_) | Component::Normal(_) => {
                segments.push(component.as_os_str().to_string_lossy().into_owned());
            }
        }
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(name: &str) -> String {
        Folder { path: "/home/me/infra".into() }.file(name).uri().unwrap()
    }

    #[test]
    fn names_become_uris_from_the_folder() {
        assert_eq!(uri("live/main.tf"), "live/main.tf");
        assert_eq!(uri("./live/../main.tf"), "main.tf");
        assert_eq!(uri("/home/me/infra/main.tf"), "main.tf");
        assert_eq!(uri("a b#é%?.tf"), "a%20b%23%C3%A9%25%3F.tf");
        assert_eq!(uri("c:\\x.tf"), "c%3A%5Cx.tf");
        assert_eq!(uri("a\nb\u{202e}.tf"), "a%0Ab%E2%80%AE.tf");
    }

    #[test]
    fn files_elsewhere_have_absolute_uris() {
        assert_eq!(uri("../plan.json"), "file:///home/me/plan.json");
        assert_eq!(uri("/tmp/a b.json"), "file:///tmp/a%20b.json");
        assert_eq!(uri("/home/me/infra-2/a.json"), "file:///home/me/infra-2/a.json");
        assert_eq!(Folder { path: PathBuf::new() }.file("/a").uri().unwrap(), "file:///a");
    }

    #[test]
    fn standard_input_is_no_file() {
        assert_eq!(Folder::current().file(STDIN), File::Nowhere);
    }
}

//! The bytes of files; those of large ones in large pages.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use bytes::Bytes;
use memmap2::MmapMut;

use super::{LoadError, MAX_BYTES};

/// How much of a file without a telling name is read to see whether the rest is worth it.
const HEAD: u64 = 4 << 10;

/// The bytes of a file; `None` for a file in a folder whose name and beginning promise nothing.
pub(super) fn read(path: &Path, named: bool) -> Result<Option<Bytes>, LoadError> {
    let mut file = File::open(path).map_err(LoadError::Unreadable)?;
    let size = file.metadata().map_err(LoadError::Unreadable)?.len();
    if size > MAX_BYTES {
        return Err(LoadError::TooLarge { limit: MAX_BYTES });
    }
    let mut head = Vec::new();
    if !named && !has_telling_name(path) {
        (&mut file).take(HEAD).read_to_end(&mut head).map_err(LoadError::Unreadable)?;
        if !is_promising(&head) {
            return Ok(None);
        }
    }
    let mut all = head.chain(file).take(MAX_BYTES + 1);
    whole(&mut all, usize::try_from(size).unwrap_or_default()).map(Some).map_err(LoadError::Unreadable)
}

/// All that a reader has, which is expected to be this many bytes.
pub(super) fn whole(source: &mut impl Read, size: usize) -> io::Result<Bytes> {
    let memory = if size < LARGE { None } else { large_pages(size) };
    let Some(mut memory) = memory else {
        let mut bytes = Vec::with_capacity(size + 1);
        source.read_to_end(&mut bytes)?;
        return Ok(bytes.into());
    };
    let filled = fill(source, &mut memory)?;
    let start = Bytes::from_owner(memory).slice(..filled);
    let mut rest = Vec::new();
    source.read_to_end(&mut rest)?;
    Ok(if rest.is_empty() { start } else { [start, rest.into()].concat().into() })
}

/// From how many bytes on large pages are worth it.
const LARGE: usize = 16 << 20;

/// Memory that Linux is asked to give in pages of 2 MiB: the first touch of each of 25,000 small ones takes most of the time
/// that 100 MB take to read. `None` where there is none of it; where there are no large pages, it comes in small ones.
fn large_pages(size: usize) -> Option<MmapMut> {
    let memory = MmapMut::map_anon(size).ok()?;
    #[cfg(target_os = "linux")]
    let _ = memory.advise(memmap2::Advice::HugePage);
    Some(memory)
}

/// Reads until the memory is full or nothing is left; how many bytes that were.
fn fill(source: &mut impl Read, memory: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(free) = memory.get_mut(filled..).filter(|free| !free.is_empty()) {
        match source.read(free) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

fn has_telling_name(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_ascii_lowercase();
    matches!(extension.as_str(), "json" | "yaml" | "yml" | "template" | "tfplan" | "tfstate")
}

/// Whether a file begins as JSON, as an archive (which a plan file is), or speaks of CloudFormation.
fn is_promising(head: &[u8]) -> bool {
    let first =
        head.iter().find(|byte| !byte.is_ascii_whitespace() && !matches!(byte, 0 | 0xef | 0xbb | 0xbf | 0xff | 0xfe));
    let template = b"AWSTemplateFormatVersion";
    first == Some(&b'{')
        || head.starts_with(b"PK\x03\x04")
        || head.windows(template.len()).any(|window| window == template)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_a_file_is_read_whatever_size_it_was_said_to_have() {
        let text: Vec<u8> = (0_u32..LARGE as u32 / 4 + 1000).flat_map(u32::to_le_bytes).collect();
        for size in [0, 1, LARGE - 1, LARGE, text.len() - 1, text.len(), text.len() + 1, text.len() + LARGE] {
            // A reader that gives little at a time.
            let mut reader = text.as_slice().chain(io::empty());
            assert!(whole(&mut reader, size).unwrap() == text, "{size}");
        }
        assert!(whole(&mut io::empty(), LARGE).unwrap().is_empty());
    }
}

//! Bytes to text: byte order marks, UTF-8, and UTF-16 as PowerShell redirects it.

use bytes::Bytes;
use bytestring::ByteString;

use super::LoadError;
use super::detect::{Kind, Refusal};
use super::signs;

/// The text of the bytes, without a byte order mark and without a copy where the bytes are UTF-8.
pub(super) fn decode(bytes: Bytes) -> Result<ByteString, Refusal> {
    match &*bytes {
        [b'P', b'K', 3, 4, rest @ ..] => Err(zip(rest)),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [first, 0, ..] if first.is_ascii() && *first != 0 => utf16(&bytes, u16::from_le_bytes),
        [0, first, ..] if first.is_ascii() && *first != 0 => utf16(&bytes, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, ..] => utf8(bytes.slice(3..)),
        _ => utf8(bytes),
    }
}

/// A plan file is a zip archive; the names of its members stand in it uncompressed.
fn zip(bytes: &[u8]) -> Refusal {
    let holds = |name: &[u8]| bytes.windows(name.len()).any(|window| window == name);
    if holds(b"tfplan") || holds(b"tfstate") {
        return Refusal::new(LoadError::BinaryPlan, Kind::Convertible);
    }
    binary()
}

fn binary() -> Refusal {
    Refusal::new(LoadError::Binary, Kind::Foreign)
}

fn utf8(bytes: Bytes) -> Result<ByteString, Refusal> {
    if bytes.iter().take(HEAD).any(|byte| *byte == 0) {
        return Err(binary());
    }
    ByteString::try_from(bytes.clone()).map_err(|error| {
        let at = error.valid_up_to();
        let line = bytes.iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
        let kind = if signs::looks_ours(&String::from_utf8_lossy(&bytes)) { Kind::Ours } else { Kind::Foreign };
        Refusal::new(LoadError::Encoding { at, line }, kind)
    })
}

/// How far a zero byte is looked for, which no text has.
const HEAD: usize = 8 << 10;

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<ByteString, Refusal> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let text: Result<String, _> = char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect();
    match text {
        Ok(text) if rest.is_empty() && !text.contains('\0') => Ok(text.into()),
        _ => Err(binary()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_undone() {
        let text = "{\"ä\": \"𝄞\"}";
        let little = text.encode_utf16().flat_map(u16::to_le_bytes);
        let big = text.encode_utf16().flat_map(u16::to_be_bytes);
        let cases = [
            text.as_bytes().to_vec(),
            [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            [0xff, 0xfe].into_iter().chain(little.clone()).collect(),
            [0xfe, 0xff].into_iter().chain(big.clone()).collect(),
            little.collect(),
            big.collect(),
        ];
        for bytes in cases {
            assert_eq!(decode(bytes.clone().into()).unwrap(), text, "{bytes:?}");
        }
    }

    #[test]
    fn what_is_not_text_is_named() {
        let error = |bytes: &[u8]| decode(Bytes::copy_from_slice(bytes)).unwrap_err().error;
        assert!(matches!(error(b"PK\x03\x04....tfplan"), LoadError::BinaryPlan));
        assert!(matches!(error(b"PK\x03\x04....word/document.xml"), LoadError::Binary));
        assert!(matches!(error(b"\x7fELF\x02\x01\0\0\xff"), LoadError::Binary));
        assert!(matches!(error(b"a\nb: \xe4"), LoadError::Encoding { at: 5, line: 2 }));
        assert!(matches!(error(b"\xff\xfea"), LoadError::Binary));
        assert!(matches!(error(&[0; 100]), LoadError::Binary));
        assert!(decode(Bytes::new()).unwrap().is_empty());
    }
}

//! Drawings for terminals that show no more than ASCII.

use std::io::{self, Write};

/// Writes on with the lines and marks of the report for people made of ASCII, each of one character as it was. Names and texts
/// of other people's stay, save for such characters in them.
pub(super) struct Ascii<'a>(pub(super) &'a mut dyn Write);

impl Write for Ascii<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match std::str::from_utf8(bytes) {
            Ok(text) => self.0.write_all(text.chars().map(plain).collect::<String>().as_bytes())?,
            Err(_) => self.0.write_all(bytes)?,
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn plain(character: char) -> char {
    match character {
        '─' => '-',
        '│' | '├' | '┤' => '|',
        '┬' | '┴' | '┼' | '╮' | '╯' => '+',
        '╭' => ',',
        '╰' => '`',
        '▶' => '>',
        '▲' => '^',
        '×' => 'x',
        '✓' => '+',
        '⋮' | '·' => ':',
        '…' => '~',
        other => other,
    }
}

//! What the operating system refuses, in words for people.

use std::io;

/// Why a file or folder cannot be read or written: lower case, no final period.
#[must_use]
pub fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        io::ErrorKind::PermissionDenied => "permission is denied".to_owned(),
        io::ErrorKind::InvalidData => "it is not UTF-8 text".to_owned(),
        _ => {
            let text = error.to_string().to_lowercase();
            text.split(" (os error").next().unwrap_or(&text).to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_for_people() {
        let told = |kind: io::ErrorKind| reason(&kind.into());
        assert_eq!(told(io::ErrorKind::NotFound), "there is no such file or folder");
        assert_eq!(told(io::ErrorKind::PermissionDenied), "permission is denied");
        assert_eq!(reason(&io::Error::from_raw_os_error(28)), "no space left on device");
    }
}

//! Secrets from files and standard input, wiped after use.
//!
//! A file that others may read is refused, so that a PIN does not lie around unnoticed. One trailing
//! line end is dropped, because editors and `echo` add it. Standard input can be given away once.

use std::cell::Cell;
use std::fs::File;
use std::io::{IsTerminal, Read};
use std::path::Path;

use zeroize::Zeroizing;

use crate::failure::{Failure, FileFault};

/// Reads secrets.
pub struct Secrets {
    insecure_files: bool,
    stdin_taken: Cell<bool>,
}

impl Secrets {
    /// `insecure_files` accepts files that others may read.
    pub fn new(insecure_files: bool) -> Self {
        Self { insecure_files, stdin_taken: Cell::new(false) }
    }

    /// The content of a small secret file, or of standard input for `-`.
    pub fn file(&self, path: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
        if path == Path::new("-") {
            return self.stdin(MAX_SECRET);
        }
        let fail = |error: std::io::Error| Failure::file(path, error.into());
        let file = File::open(path).map_err(fail)?;
        if !self.insecure_files && open_to_others(&file).map_err(fail)? {
            return Err(Failure::file(path, FileFault::OpenToOthers));
        }
        let bytes = read_at_most(file, MAX_SECRET).map_err(fail)?;
        Ok(without_line_end(bytes.ok_or_else(|| Failure::file(path, FileFault::TooLarge))?))
    }

    /// A file to import: no check of its permissions, since it was made by another program.
    pub fn import(&self, path: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
        if path == Path::new("-") {
            return self.stdin(MAX_IMPORT);
        }
        let fail = |error: std::io::Error| Failure::file(path, error.into());
        let bytes = read_at_most(File::open(path).map_err(fail)?, MAX_IMPORT).map_err(fail)?;
        bytes.ok_or_else(|| Failure::file(path, FileFault::TooLarge))
    }

    /// The text of a link or QR code from standard input.
    pub fn pasted(&self) -> Result<Zeroizing<String>, Failure> {
        let bytes = self.stdin(MAX_IMPORT)?;
        match std::str::from_utf8(&bytes) {
            Ok(text) => Ok(Zeroizing::new(text.trim().to_owned())),
            Err(_) => Err(Failure::file(Path::new("standard input"), FileFault::NotText)),
        }
    }

    /// True when standard input is a person: then it is better to ask.
    pub fn stdin_is_a_person() -> bool {
        std::io::stdin().is_terminal()
    }

    fn stdin(&self, limit: u64) -> Result<Zeroizing<Vec<u8>>, Failure> {
        if self.stdin_taken.replace(true) {
            return Err(Failure::usage(
                "Standard input (\"-\") can be used once only: put the other in a file.",
            ));
        }
        let name = Path::new("standard input");
        let bytes = read_at_most(std::io::stdin(), limit).map_err(|e| Failure::file(name, e.into()))?;
        Ok(without_line_end(bytes.ok_or_else(|| Failure::file(name, FileFault::TooLarge))?))
    }
}

fn read_at_most(source: impl Read, limit: u64) -> std::io::Result<Option<Zeroizing<Vec<u8>>>> {
    let mut bytes = Zeroizing::new(Vec::new());
    source.take(limit + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= limit).then_some(bytes))
}

fn without_line_end(mut bytes: Zeroizing<Vec<u8>>) -> Zeroizing<Vec<u8>> {
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
    }
    bytes
}

/// Regular files only: a pipe has no readers but the one who holds it.
#[cfg(unix)]
fn open_to_others(file: &File) -> std::io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = file.metadata()?;
    Ok(metadata.is_file() && metadata.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn open_to_others(_file: &File) -> std::io::Result<bool> {
    Ok(false)
}

const MAX_SECRET: u64 = 4 * 1024;
/// A backup is the largest file that is read.
const MAX_IMPORT: u64 = softtoken_core::transfer::backup::MAX_BYTES as u64;

#[cfg(test)]
mod tests {
    use super::*;

    fn file(content: &[u8], mode: u32) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), content).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(mode)).unwrap();
        }
        file
    }

    #[test]
    fn one_line_end_is_dropped_and_no_more() {
        for (content, secret) in [("1234\n", "1234"), ("1234\r\n", "1234"), ("12 \n\n", "12 \n"), ("\n", "")]
        {
            let file = file(content.as_bytes(), 0o600);
            let read = Secrets::new(false).file(file.path()).ok().unwrap();
            assert_eq!(read.as_slice(), secret.as_bytes(), "{content:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_may_read_is_refused_unless_told_otherwise() {
        for mode in [0o640, 0o604, 0o644] {
            let file = file(b"1234", mode);
            let failure = Secrets::new(false).file(file.path()).err().unwrap();
            assert_eq!(failure.to_json()["problem"], "open_to_others");
            assert!(Secrets::new(true).file(file.path()).is_ok());
        }
    }

    #[test]
    fn a_huge_secret_file_is_refused() {
        let file = file(&vec![b'1'; 5000], 0o600);
        assert_eq!(Secrets::new(false).file(file.path()).err().unwrap().to_json()["problem"], "too_large");
    }
}

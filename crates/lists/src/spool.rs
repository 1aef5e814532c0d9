//! From a stream to a file that can be read as often as needed, hashed on the way.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::file::ListFile;

const CHUNK_BYTES: usize = 64 * 1024;

/// A list in a temporary file without a name: it is gone when its last reader is.
#[derive(Debug, Clone)]
pub struct Spooled {
    /// Its bytes.
    pub file: ListFile,
    /// The SHA-256 of its bytes, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Its length in bytes.
    pub length: u64,
}

/// Why a stream could not be spooled.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// It is longer than allowed.
    #[error("the list is longer than {}, the most that is taken: split it into several files", Size(*most))]
    TooLarge {
        /// The most bytes that are taken.
        most: u64,
    },
    /// The stream ended with an error.
    #[error("the list cannot be read on: send it again")]
    Read(#[source] io::Error),
    /// No room is left for the temporary file.
    #[error("the disk is full: make room in the folder for temporary files, then send the list again")]
    DiskFull(#[source] io::Error),
    /// The temporary file cannot be written.
    #[error("the list cannot be written to a temporary file: can the folder for temporary files be written to?")]
    Write(#[source] io::Error),
}

impl SpoolError {
    fn writing(error: io::Error) -> Self {
        match error.kind() {
            // The last is a limit on the files of a process: to whom the list is sent, the disk is full.
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => Self::DiskFull(error),
            _ => Self::Write(error),
        }
    }
}

/// Writes a stream to a temporary file in `folder` (the system's unless told), at most `most` bytes of it. Memory is
/// flat.
pub fn spool(mut input: impl Read, folder: Option<&Path>, most: u64) -> Result<Spooled, SpoolError> {
    let mut spool = Spool::new(folder, most)?;
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        match input.read(&mut chunk) {
            Ok(0) => return spool.finish(),
            Ok(read) => spool.write(&chunk[..read])?,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(SpoolError::Read(error)),
        }
    }
}

/// A stream being spooled piece by piece, for who cannot give it as a reader.
#[derive(Debug)]
pub struct Spool {
    file: File,
    hasher: Sha256,
    length: u64,
    most: u64,
}

impl Spool {
    /// An empty temporary file in `folder` (the system's unless told) that takes at most `most` bytes.
    pub fn new(folder: Option<&Path>, most: u64) -> Result<Self, SpoolError> {
        let file = folder.map_or_else(tempfile::tempfile, tempfile::tempfile_in).map_err(SpoolError::writing)?;
        Ok(Self { file, hasher: Sha256::new(), length: 0, most })
    }

    /// Adds the next bytes.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), SpoolError> {
        let length = self.length + bytes.len() as u64;
        if length > self.most {
            return Err(SpoolError::TooLarge { most: self.most });
        }
        self.file.write_all(bytes).map_err(SpoolError::writing)?;
        self.hasher.update(bytes);
        self.length = length;
        Ok(())
    }

    /// How many bytes have come so far.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The whole file, to be read from its beginning.
    pub fn finish(mut self) -> Result<Spooled, SpoolError> {
        self.file.flush().map_err(SpoolError::writing)?;
        let sha256 = self.hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let file = ListFile::new(self.file).map_err(SpoolError::writing)?;
        Ok(Spooled { file, sha256, length: self.length })
    }
}

/// A number of bytes in words, in the largest unit that divides it.
pub(crate) struct Size(pub(crate) u64);

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
        match units.iter().find(|(unit, _)| self.0 >= *unit && self.0.is_multiple_of(*unit)) {
            Some((unit, name)) => write!(f, "{} {name}", self.0 / unit),
            None => write!(f, "{} bytes", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_written_and_hashed() {
        let spooled = spool(&b"abc"[..], None, 3).expect("three bytes are not too many");
        assert_eq!(spooled.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(spooled.length, 3);
        let mut text = String::new();
        spooled.file.from_start().read_to_string(&mut text).expect("the file can be read");
        assert_eq!(text, "abc");
    }

    #[test]
    fn an_empty_stream_has_a_hash_too() {
        let spooled = spool(io::empty(), None, 0).expect("nothing is not too much");
        assert_eq!(spooled.sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(spooled.file.length(), 0);
    }

    #[test]
    fn what_is_too_long_is_refused_in_words() {
        for (most, words) in [(1 << 30, "1 GiB"), (3 << 20, "3 MiB"), (2048, "2 KiB"), (1000, "1000 bytes")] {
            let error = spool(io::repeat(b'x').take(most.min(4 << 20) + 1), None, most.min(4 << 20));
            if most <= 4 << 20 {
                let error = error.expect_err("one byte too many").to_string();
                assert!(error.contains(&format!("longer than {words},")), "{error}");
            }
            assert_eq!(Size(most).to_string(), words);
        }
    }

    #[test]
    fn a_reading_that_fails_is_told_from_a_writing_that_fails() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(ErrorKind::ConnectionReset.into())
            }
        }
        assert!(matches!(spool(Broken, None, 10), Err(SpoolError::Read(_))));
        let nowhere = Path::new("/nowhere/at/all");
        assert!(matches!(spool(&b"abc"[..], Some(nowhere), 10), Err(SpoolError::Write(_))));
    }

    #[test]
    fn a_full_disk_is_said_as_such() {
        for kind in [ErrorKind::StorageFull, ErrorKind::QuotaExceeded, ErrorKind::FileTooLarge] {
            let error = SpoolError::writing(kind.into());
            assert!(error.to_string().starts_with("the disk is full"), "{error}");
        }
    }
}

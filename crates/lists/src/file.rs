//! The bytes of a list, read from their beginning as often as needed.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

/// A list's file. Clones read the same bytes, each from its own position.
///
/// Reading a list takes several passes (what encoding? which columns? then the rows), so that what arrives as a stream
/// is spooled to a temporary file first.
#[derive(Debug, Clone)]
pub struct ListFile {
    file: Arc<File>,
    length: u64,
    at: u64,
}

impl ListFile {
    /// A file that is complete: nobody writes to it any more.
    pub fn new(file: File) -> io::Result<Self> {
        let length = file.metadata()?.len();
        Ok(Self { file: Arc::new(file), length, at: 0 })
    }

    /// The bytes in a temporary file without a name: it is gone when its last reader is.
    pub fn from_bytes(bytes: &[u8]) -> io::Result<Self> {
        let mut file = tempfile::tempfile()?;
        io::Write::write_all(&mut file, bytes)?;
        Self::new(file)
    }

    /// Its length in bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// How far this reader has come, in bytes.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.at
    }

    /// A reader of the same bytes from their beginning.
    #[must_use]
    pub fn from_start(&self) -> Self {
        Self { at: 0, ..self.clone() }
    }
}

impl Read for ListFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = read_at(&self.file, buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for ListFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(offset) => self.length.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.at.checked_add_signed(offset),
        };
        self.at = at.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}

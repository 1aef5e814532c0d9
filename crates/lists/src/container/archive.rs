//! A zip archive: what it holds, and how much of it is unpacked at most.

use std::io::{self, ErrorKind, Read};

use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::error::ContainerError;
use crate::file::ListFile;
use crate::spool::{Spool, SpoolError};

/// No file may unpack to more than so many times its length.
const RATIO_MOST: u64 = 20;
/// What every file may unpack to: rows that look alike compress a hundredfold, and a small honest workbook is past
/// [`RATIO_MOST`]. So much text does no harm, whatever it came from.
const UNPACKED_ALWAYS: u64 = 64 * 1024 * 1024;
/// What no file may unpack to.
const UNPACKED_MOST: u64 = 4 * 1024 * 1024 * 1024;

/// How many bytes a file of a length may unpack to.
fn unpacked_most(length: u64) -> u64 {
    length.saturating_mul(RATIO_MOST).clamp(UNPACKED_ALWAYS, UNPACKED_MOST)
}

/// What the lists inside an archive are called.
const LIST_ENDINGS: [&str; 9] = [".csv", ".txt", ".tsv", ".tab", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"];

/// A zip archive whose directory has been read.
pub(crate) struct Archive {
    zip: ZipArchive<ListFile>,
    entries: Vec<Entry>,
}

/// A file inside an archive.
pub(crate) struct Entry {
    /// Its path as it stands.
    pub(crate) name: String,
    /// Its path in lower case, with `/` between folders.
    pub(crate) path: String,
    /// Its length, unpacked, as the directory says.
    pub(crate) length: u64,
    is_folder: bool,
    encrypted: bool,
    method: CompressionMethod,
}

impl Archive {
    /// Reads the directory.
    pub(crate) fn open(file: ListFile) -> Result<Self, ContainerError> {
        let zip = ZipArchive::new(file).map_err(damaged_zip)?;
        let mut entries = Vec::new();
        for at in 0..zip.len() {
            let entry = zip.by_index_data(at).map_err(damaged_zip)?;
            let name = entry.name().map_err(damaged_zip)?.into_owned();
            entries.push(Entry {
                path: name.replace('\\', "/").to_lowercase(),
                length: entry.size(),
                is_folder: entry.is_dir() || name.ends_with('\\'),
                encrypted: entry.encrypted(),
                method: entry.compression(),
                name,
            });
        }
        Ok(Self { zip, entries })
    }

    /// Whether it holds a file whose path, in lower case, is wanted.
    pub(crate) fn holds(&self, wanted: impl Fn(&str) -> bool) -> bool {
        self.entries.iter().any(|entry| wanted(&entry.path))
    }

    /// What it holds.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Refuses an archive whose files, by the lengths it declares, are too much for one of `length` bytes.
    pub(crate) fn check_declared(&self, length: u64) -> Result<(), ContainerError> {
        let most = unpacked_most(length);
        let declared = self.entries.iter().fold(0_u64, |sum, entry| sum.saturating_add(entry.length));
        if declared > most { Err(ContainerError::Bomb { most }) } else { Ok(()) }
    }

    /// A reader of one of its files.
    pub(crate) fn reader(&mut self, at: usize) -> Result<impl Read + '_, ContainerError> {
        let entry = &self.entries[at];
        if entry.encrypted {
            return Err(ContainerError::EncryptedEntry { name: entry.name.clone() });
        }
        if !matches!(entry.method, CompressionMethod::Stored | CompressionMethod::Deflated) {
            return Err(ContainerError::Compression { name: entry.name.clone() });
        }
        self.zip.by_index(at).map_err(damaged_zip)
    }

    /// The text of a file of at most 4 KiB; none where there is no such file.
    pub(crate) fn small_text(&mut self, path: &str) -> Result<Option<String>, ContainerError> {
        let Some(at) = self.entries.iter().position(|entry| entry.path == path) else { return Ok(None) };
        let mut bytes = Vec::new();
        self.reader(at)?.take(4096).read_to_end(&mut bytes).map_err(reading)?;
        Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// Unpacks the one list of the archive, which is itself of `length` bytes: its name and its bytes.
    pub(crate) fn unpack_the_list(&mut self, length: u64) -> Result<(String, ListFile), ContainerError> {
        let at = self.the_list()?;
        let (name, most) = (self.entries[at].name.clone(), unpacked_most(length));
        if self.entries[at].length > most {
            return Err(ContainerError::Bomb { most });
        }
        let mut input = self.reader(at)?;
        let mut spool = Spool::new(None, most)?;
        let mut chunk = vec![0; 64 * 1024];
        loop {
            // What it really unpacks to is counted too: the directory may lie.
            match input.read(&mut chunk) {
                Ok(0) => return Ok((name, spool.finish()?.file)),
                Ok(read) => spool.write(&chunk[..read]).map_err(|error| match error {
                    SpoolError::TooLarge { most } => ContainerError::Bomb { most },
                    other => other.into(),
                })?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(reading(error)),
            }
        }
    }

    fn the_list(&self) -> Result<usize, ContainerError> {
        let seen = || self.entries.iter().enumerate().filter(|(_, entry)| entry.is_seen());
        let lists: Vec<usize> = seen().filter(|(_, entry)| entry.is_list()).map(|(at, _)| at).collect();
        let names = |chosen: &[usize]| chosen.iter().map(|at| self.entries[*at].name.clone()).collect();
        match lists.as_slice() {
            [at] => Ok(*at),
            [] => {
                let names: Vec<String> = seen().map(|(_, entry)| entry.name.clone()).collect();
                match names.as_slice() {
                    [name] if name.to_lowercase().ends_with(".zip") => {
                        Err(ContainerError::NestedArchive { name: name.clone() })
                    }
                    _ => Err(ContainerError::NoList { names }),
                }
            }
            several => Err(ContainerError::SeveralLists { names: names(several) }),
        }
    }
}

impl Entry {
    /// Whether a person sees it: what macOS and others put beside the files is nobody's list.
    fn is_seen(&self) -> bool {
        !self.is_folder && !self.path.split('/').any(|part| part.starts_with('.') || part == "__macosx")
    }

    fn is_list(&self) -> bool {
        LIST_ENDINGS.iter().any(|ending| self.path.ends_with(ending))
    }
}

const ZIP: &str = "a workbook or a zip archive";

fn damaged_zip(error: ZipError) -> ContainerError {
    let why = match error {
        ZipError::Io(error) => return reading(error),
        ZipError::UnsupportedArchive(_) => "it is packed in a way that is not known here",
        _ => "its directory is missing or broken",
    };
    ContainerError::Damaged { kind: ZIP, why }
}

/// An error while something is unpacked: of the bytes, or of the system.
pub(crate) fn reading(error: io::Error) -> ContainerError {
    match error.kind() {
        ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::UnexpectedEof | ErrorKind::Other => {
            ContainerError::Damaged { kind: ZIP, why: "it cannot be unpacked" }
        }
        _ => ContainerError::Io(error),
    }
}

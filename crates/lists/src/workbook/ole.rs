//! The containers of Microsoft's programs before 2007, which also wrap workbooks that are encrypted today.

use std::io::Read;

use cfb::CompoundFile;

use super::damaged;
use crate::container::{ContainerError, reading};
use crate::file::ListFile;

/// What such a container holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ole {
    /// A workbook (xls).
    Workbook,
    /// A newer file, encrypted.
    Encrypted,
    /// Something else.
    Other,
}

/// Where a workbook stands: since Excel 97, and before.
const WORKBOOK_STREAMS: [&str; 2] = ["/Workbook", "/Book"];
/// The most bytes of a file that is read whole. An xls of the most rows that Excel 97 knows, 65,536 with ten columns,
/// has some 20 MiB.
pub(super) const XLS_MOST: u64 = 64 * 1024 * 1024;

impl Ole {
    /// What the container is.
    pub(crate) fn identify(file: &ListFile) -> Result<Self, ContainerError> {
        let container = open(file)?;
        let is_encrypted = container.is_stream("/EncryptedPackage");
        let is_workbook = WORKBOOK_STREAMS.iter().any(|name| container.is_stream(name));
        Ok(if is_encrypted {
            Self::Encrypted
        } else if is_workbook {
            Self::Workbook
        } else {
            Self::Other
        })
    }
}

fn open(file: &ListFile) -> Result<CompoundFile<ListFile>, ContainerError> {
    super::guarded(|| CompoundFile::open(file.from_start()).map_err(fault))
}

fn fault(error: std::io::Error) -> ContainerError {
    match reading(error) {
        ContainerError::Damaged { .. } => damaged("the chain of its sectors is broken"),
        other => other,
    }
}

/// The bytes of the workbook in the container.
pub(super) fn workbook_stream(file: &ListFile) -> Result<Vec<u8>, ContainerError> {
    if file.length() > XLS_MOST {
        return Err(ContainerError::TooLarge { what: "the file", most: XLS_MOST });
    }
    let mut container = open(file)?;
    let name = WORKBOOK_STREAMS.into_iter().find(|name| container.is_stream(name));
    let mut stream = container.open_stream(name.ok_or(damaged("a part of it is missing"))?).map_err(fault)?;
    let mut bytes = Vec::new();
    stream.by_ref().take(XLS_MOST).read_to_end(&mut bytes).map_err(fault)?;
    Ok(bytes)
}

//! Why a file cannot be opened as a list: an archive or a workbook that is not as it should be.

use crate::spool::Size;

/// Why an archive or a workbook is refused.
#[derive(Debug, thiserror::Error)]
pub enum ContainerError {
    /// The archive holds several lists.
    #[error(
        "the archive holds {} lists, {}: pack one of them alone, or unpack it and load them one by one",
        names.len(), Names(names)
    )]
    SeveralLists {
        /// Their names.
        names: Vec<String>,
    },
    /// The archive holds no list.
    #[error(
        "the archive holds no list, only {}: pack one file in it (csv, txt, tsv, xlsx, xlsb, xls or ods)",
        Names(names)
    )]
    NoList {
        /// The names of what it holds.
        names: Vec<String>,
    },
    /// The archive holds an archive.
    #[error("{name:?} inside the archive is an archive again: unpack it and load the list itself")]
    NestedArchive {
        /// The name of the inner one.
        name: String,
    },
    /// A file in the archive is encrypted.
    #[error("{name:?} inside the archive is protected by a password: pack it without one")]
    EncryptedEntry {
        /// Its name.
        name: String,
    },
    /// A file in the archive is compressed in a way that is not known here.
    #[error("{name:?} inside the archive is compressed by another method than deflate: pack it as an ordinary zip")]
    Compression {
        /// Its name.
        name: String,
    },
    /// It unpacks to too much.
    #[error(
        "the file unpacks to more than {}, which is too much for its own length: it is taken for a zip bomb; \
         export the list as CSV and load that", Size(*most)
    )]
    Bomb {
        /// The most bytes that are unpacked.
        most: u64,
    },
    /// A workbook has more than can be held in memory.
    #[error("{what} of the workbook is larger than {}: export the list as CSV and load that", Size(*most))]
    TooLarge {
        /// Which part.
        what: &'static str,
        /// The most bytes that are taken.
        most: u64,
    },
    /// A workbook of a kind that is read whole has too many cells.
    #[error("the workbook has more than {most} cells, used or not: save it as xlsx or export the list as CSV")]
    TooManyCells {
        /// The most cells that are taken.
        most: u64,
    },
    /// The workbook is encrypted.
    #[error("the workbook is protected by a password: save it without one")]
    PasswordProtected,
    /// The file is cut short or damaged.
    #[error("the file is {kind} but is damaged or cut short ({why}): open it, save it anew and load that")]
    Damaged {
        /// What it is.
        kind: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// No sheet has the name that was asked for.
    #[error("the workbook has no sheet {wanted:?}: it has {} (--sheet NAME)", Names(visible))]
    UnknownSheet {
        /// The name that was asked for.
        wanted: String,
        /// The visible sheets.
        visible: Vec<String>,
    },
    /// No visible sheet has a cell.
    #[error(
        "no visible sheet of the workbook has a cell{}: show the sheet that has the list and save the workbook",
        Hidden(*hidden)
    )]
    NoSheet {
        /// How many sheets are hidden.
        hidden: usize,
    },
    /// A row has too many columns.
    #[error("row {row}: a cell beyond column {most}, the most that is read: delete what is not of the list")]
    TooManyColumns {
        /// The row of the sheet, from 1.
        row: u64,
        /// The most columns that are read.
        most: usize,
    },
    /// A row holds too much text.
    #[error("row {row}: its cells hold more than 1 MiB of text: is this a list of clients?")]
    RowTooLong {
        /// The row of the sheet, from 1.
        row: u64,
    },
    /// The system cannot read or unpack it.
    #[error("the file cannot be unpacked")]
    Io(#[from] std::io::Error),
    /// It cannot be unpacked to a temporary file.
    #[error(transparent)]
    Spool(#[from] crate::spool::SpoolError),
}

impl ContainerError {
    /// The row of the sheet at fault, from 1; `None` where it is the whole file.
    #[must_use]
    pub fn row(&self) -> Option<u64> {
        match self {
            Self::TooManyColumns { row, .. } | Self::RowTooLong { row } => Some(*row),
            _ => None,
        }
    }
}

const NAMES_SHOWN_MAX: usize = 10;
const NAME_SHOWN_LENGTH_MAX: usize = 60;

/// Names as a message shows them: quoted, each cut to a bearable length, and not too many.
pub(crate) struct Names<'a>(pub(crate) &'a [String]);

impl std::fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() {
            return f.write_str("nothing");
        }
        for (at, name) in self.0.iter().take(NAMES_SHOWN_MAX).enumerate() {
            let shown: String = name.chars().take(NAME_SHOWN_LENGTH_MAX).collect();
            write!(f, "{}{shown:?}", if at == 0 { "" } else { ", " })?;
        }
        match self.0.len().saturating_sub(NAMES_SHOWN_MAX) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

struct Hidden(usize);

impl std::fmt::Display for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            0 => Ok(()),
            1 => f.write_str(" (1 sheet is hidden)"),
            more => write!(f, " ({more} sheets are hidden)"),
        }
    }
}

//! Why a whole file is refused.

use std::fmt;

use crate::options::{Delimiter, Encoding};
use crate::phone::UnknownCountry;

/// Why a whole file is refused. Each says what would be right; [`ListError::line`] says where.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The country to read it in is none.
    #[error(transparent)]
    Country(#[from] UnknownCountry),
    /// Nothing is in it.
    #[error("the file is empty: its first line must name the columns")]
    Empty,
    /// It is a file of another kind.
    #[error("the file is {kind}, not text: export the list as CSV")]
    NotText {
        /// What it is.
        kind: &'static str,
    },
    /// It holds a NUL byte.
    #[error(
        "line {line}, column {column}: a NUL byte, which no text has: export the list as CSV; where it is text in \
         UTF-16, say so (--encoding utf-16le)"
    )]
    Nul {
        /// The physical line.
        line: u64,
        /// The cell in its record, from 1.
        column: usize,
    },
    /// It begins with the byte-order mark of another encoding.
    #[error("the file begins with the byte-order mark of {found}, but {declared} was declared: use --encoding {found}")]
    OtherMark {
        /// The encoding that the mark names.
        found: Encoding,
        /// The encoding that was declared.
        declared: Encoding,
    },
    /// Its bytes are UTF-8, though something else was declared.
    #[error("the file's text is utf-8, but {declared} was declared, which would garble it: use --encoding utf-8")]
    IsUtf8 {
        /// The encoding that was declared.
        declared: Encoding,
    },
    /// It holds a byte that the declared encoding does not know.
    #[error(
        "line {line}, column {column}: {byte} is not text in {declared}: is the file in another encoding, as {likely}? \
         (--encoding {likely})"
    )]
    Undecodable {
        /// The physical line.
        line: u64,
        /// The cell in its record, from 1.
        column: usize,
        /// The byte, where it is known.
        byte: Byte,
        /// The encoding that was declared.
        declared: Encoding,
        /// An encoding worth trying.
        likely: Encoding,
    },
    /// The header is a single column that holds another delimiter.
    #[error(
        "line {line}: the header is one single column when cut at {}, and {columns} columns when \
         cut at {}: use --delimiter {}",
        Shown(*declared), Shown(*likely), Shown(*likely)
    )]
    OtherDelimiter {
        /// The header's line.
        line: u64,
        /// The delimiter that was declared.
        declared: Delimiter,
        /// The one that stands in the header.
        likely: Delimiter,
        /// How many columns that one gives.
        columns: usize,
    },
    /// The first record holds data.
    #[error(
        "line {line}: this looks like a client, not a header: put a line above it that names the columns; {}",
        Accepted(accepted)
    )]
    NoHeader {
        /// The first record's line.
        line: u64,
        /// The headers that the campaign takes for the phone column.
        accepted: Vec<String>,
    },
    /// No column holds the phone number.
    #[error("line {line}: no column holds the phone number; the headers are {}; {}", Quoted(found), Accepted(accepted))]
    NoPhoneColumn {
        /// The header's line.
        line: u64,
        /// The headers of the file.
        found: Vec<String>,
        /// The headers that the campaign takes for the phone column.
        accepted: Vec<String>,
    },
    /// Two columns have the same header and the campaign uses it.
    #[error("line {line}: columns {first} and {second} are both headed {header:?}: rename the one that is not meant")]
    DuplicateColumn {
        /// The header's line.
        line: u64,
        /// The header.
        header: String,
        /// The earlier column, from 1.
        first: usize,
        /// The later column, from 1.
        second: usize,
    },
    /// A quote is opened and the file ends before it is closed.
    #[error(
        "line {line}: in the record that begins here a quote is opened and never closed: close it, or double it if it \
         is text"
    )]
    UnclosedQuote {
        /// The line on which the record begins.
        line: u64,
    },
    /// A record has no end within reason.
    #[error("line {line}: the record that begins here is longer than 1 MiB: is a quote opened and never closed?")]
    RecordTooLong {
        /// The line on which the record begins.
        line: u64,
    },
    /// The file cannot be read on.
    #[error("line {line}: the file cannot be read on")]
    Io {
        /// The physical line that was being read.
        line: u64,
        /// What the system says.
        source: std::io::Error,
    },
}

impl ListError {
    /// The physical line at fault, from 1; `None` where it is the whole file.
    #[must_use]
    pub fn line(&self) -> Option<u64> {
        match self {
            Self::Country(_) | Self::Empty | Self::NotText { .. } | Self::OtherMark { .. } | Self::IsUtf8 { .. } => {
                None
            }
            Self::Nul { line, .. }
            | Self::Undecodable { line, .. }
            | Self::OtherDelimiter { line, .. }
            | Self::NoHeader { line, .. }
            | Self::NoPhoneColumn { line, .. }
            | Self::DuplicateColumn { line, .. }
            | Self::UnclosedQuote { line }
            | Self::RecordTooLong { line }
            | Self::Io { line, .. } => Some(*line),
        }
    }
}

/// A byte that is not text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Byte(pub Option<u8>);

impl fmt::Display for Byte {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(byte) => write!(f, "the byte 0x{byte:02X}"),
            None => f.write_str("a byte"),
        }
    }
}

/// A delimiter as it is typed at a shell.
struct Shown(Delimiter);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Delimiter::Tab => f.write_str("tab"),
            other => write!(f, "'{other}'"),
        }
    }
}

const HEADERS_SHOWN_MAX: usize = 30;
const HEADER_SHOWN_LENGTH_MAX: usize = 40;

/// Headers as a message shows them: quoted, each cut to a bearable length, and not too many.
struct Quoted<'a>(&'a [String]);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, header) in self.0.iter().take(HEADERS_SHOWN_MAX).enumerate() {
            let shown: String = header.chars().take(HEADER_SHOWN_LENGTH_MAX).collect();
            write!(f, "{}{shown:?}", if at == 0 { "" } else { ", " })?;
        }
        match self.0.len().saturating_sub(HEADERS_SHOWN_MAX) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

struct Accepted<'a>(&'a [String]);

impl fmt::Display for Accepted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [] => f.write_str("the campaign must name the phone column under [columns], as in phone = [\"Phone\"]"),
            accepted => write!(f, "the campaign takes the number from {}", Quoted(accepted)),
        }
    }
}

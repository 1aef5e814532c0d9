//! Why a whole file is refused.

use std::fmt;

use crate::container::ContainerError;
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
    /// It has more columns than a list.
    #[error("line {line}: {columns} columns, and a list has at most 1,000: is this a list, and the delimiter right?")]
    TooManyColumns {
        /// The line of the header.
        line: u64,
        /// How many there are.
        columns: usize,
    },
    /// The header is not where it was said to be.
    #[error("line {line}: no header is there: name a line with text among the first 2,000 (--header LINE)")]
    NoHeaderThere {
        /// The line that was named.
        line: u64,
    },
    /// A quote was closed only after rows that it swallowed.
    #[error(
        "line {line}: in the record that begins here a quote is opened and closed only lines below, with other rows in \
         between: close it, or double it if it is text"
    )]
    SwallowedRows {
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
    /// The encoding for lines that are not UTF-8 is one that cannot be read line by line.
    #[error(
        "lines in {other} cannot stand between lines in utf-8: name an encoding that writes letters without an accent \
         as ASCII does, as in --other-encoding {likely}"
    )]
    OtherUnusable {
        /// The encoding that was declared for such lines.
        other: Encoding,
        /// An encoding worth trying.
        likely: Encoding,
    },
    /// A column that was named is not in the file.
    #[error("there is no column {column:?} in the file; its columns are {}", Quoted(found))]
    UnknownColumn {
        /// The column as it was named.
        column: String,
        /// The columns of the file.
        found: Vec<String>,
    },
    /// A field that was named is none of the campaign's.
    #[error("there is no field {field:?}; the fields are {}, and - keeps the column as an attribute", known.join(", "))]
    UnknownField {
        /// The field as it was named.
        field: String,
        /// The standard fields and the campaign's own.
        known: Vec<String>,
    },
    /// Two columns were named for a field that holds one.
    #[error(
        "columns {:?} and {:?} are both mapped to {field:?}, which takes one: leave one out, or keep it as an \
         attribute with -",
        columns[0], columns[1]
    )]
    FieldTwice {
        /// The field.
        field: String,
        /// The columns.
        columns: [String; 2],
    },
    /// Nothing says which column holds the phone number.
    #[error(
        "line {line}: nothing says which column holds the phone number; the columns are {}; {}{}",
        Quoted(headers),
        Suggested(suggestion),
        Besides(besides)
    )]
    MappingNeeded {
        /// The header's line; the first record's where there is no header.
        line: u64,
        /// The columns of the file.
        headers: Vec<String>,
        /// The column that looks most like phone numbers, and how many percent of its cells are.
        suggestion: Option<(String, usize)>,
        /// What else was noticed or is asked of the file, and may be the cause.
        besides: Vec<String>,
    },
    /// It is an archive or a workbook that cannot be opened or read on.
    #[error(transparent)]
    Container(#[from] ContainerError),
}

impl ListError {
    /// The physical line at fault, from 1; `None` where it is the whole file.
    #[must_use]
    pub fn line(&self) -> Option<u64> {
        match self {
            Self::Country(_) | Self::Empty | Self::NotText { .. } | Self::OtherMark { .. } | Self::IsUtf8 { .. } => {
                None
            }
            Self::OtherUnusable { .. } => None,
            Self::UnknownColumn { .. } | Self::UnknownField { .. } | Self::FieldTwice { .. } => None,
            Self::MappingNeeded { line, .. } => Some(*line),
            Self::Nul { line, .. }
            | Self::Undecodable { line, .. }
            | Self::OtherDelimiter { line, .. }
            | Self::UnclosedQuote { line }
            | Self::RecordTooLong { line }
            | Self::TooManyColumns { line, .. }
            | Self::NoHeaderThere { line }
            | Self::SwallowedRows { line }
            | Self::Io { line, .. } => Some(*line),
            Self::Container(error) => error.row(),
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

struct Suggested<'a>(&'a Option<(String, usize)>);

impl fmt::Display for Suggested<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((header, percent)) = self.0 else {
            return f.write_str("say which, as in --map 'HEADER=phone'");
        };
        let typed = header.replace('\'', r"'\''");
        write!(
            f,
            "{percent} % of the cells of {header:?} are telephone numbers: if it is the one, say --map '{typed}=phone'"
        )
    }
}

/// What else was found, at the end of a message.
struct Besides<'a>(&'a [String]);

impl fmt::Display for Besides<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|found| write!(f, "; besides, {found}"))
    }
}

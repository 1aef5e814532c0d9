//! What a file was found to be, before a row of it is taken.

use serde::{Deserialize, Serialize};

/// What a file was found to be.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Inspection {
    /// `csv`, `xlsx`, `xls` or `ods`.
    pub format: Format,
    /// The file inside a zip archive, or the sheet of a workbook, that was read.
    pub part: Option<String>,
    /// The label of its encoding; none for a workbook.
    pub encoding: Option<String>,
    /// How the encoding is known; none for a workbook.
    pub encoding_known: Option<Known>,
    /// What stands between two cells: `,`, `;`, `|` or `tab`; none for a workbook.
    pub delimiter: Option<String>,
    /// The line of the header; none where the file has no header.
    pub header_line: Option<u64>,
    /// The columns and what each feeds.
    pub columns: Vec<ColumnUse>,
    /// The first rows with letters beyond ASCII, to see whether they are read right; then the first of all.
    pub sample: Vec<SampleRow>,
    /// What is worth knowing and stops nothing.
    pub notices: Vec<String>,
    /// What must be decided before a load: each says with which option. Empty when the file can be loaded.
    pub questions: Vec<Question>,
}

/// The kind of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Text cut by a delimiter.
    #[default]
    Csv,
    /// A workbook of Excel since 2007.
    Xlsx,
    /// A binary workbook of Excel since 2007.
    Xlsb,
    /// A workbook of Excel before 2007.
    Xls,
    /// An OpenDocument spreadsheet.
    Ods,
}

impl Format {
    /// The word shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Xlsb => "xlsb",
            Self::Xls => "xls",
            Self::Ods => "ods",
        }
    }
}

/// How something about a file is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Known {
    /// Somebody said so: an option of this load.
    Declared,
    /// The mapping kept from an earlier file with the same header says so.
    Kept,
    /// The file itself says so: a byte-order mark, a header of the campaign.
    Marked,
    /// It cannot be otherwise.
    Certain,
    /// It is very likely.
    Likely,
    /// It is a guess: look at the sample.
    Assumed,
}

/// A column of a file and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ColumnUse {
    /// The header as it stands in the file; `col 3` where there is none.
    pub header: String,
    /// The fields it feeds, by their names in the campaign; empty for one that is kept as an attribute.
    pub feeds: Vec<String>,
    /// How sure that is.
    pub known: Known,
    /// Why, in words: `header of the campaign`, `97 % of its cells are telephone numbers`.
    pub because: String,
    /// How its cells are read where that was found out for the whole column: `+ put before each number`,
    /// `dates are day/month/year`.
    pub reading: Option<String>,
}

/// A row as the file has it, numbers masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SampleRow {
    /// The line it begins on.
    pub line: u64,
    /// Its cells.
    pub cells: Vec<String>,
}

/// Something that nobody but a person can decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Question {
    /// A stable word: `dos_encoding`, `mac_encoding`, `mixed_encoding`, `encoded_twice`, `phone_column_doubtful`,
    /// `mapping_unsure`, `origin_undeclared`.
    pub code: String,
    /// What was found, where, and which options answer it.
    pub message: String,
}

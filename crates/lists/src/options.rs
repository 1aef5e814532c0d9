//! How a file is to be read.

use std::fmt;
use std::str::FromStr;

use relance_domain::list::{KeptMapping, MappedColumn};

pub use crate::encoding::{Encoding, UnknownEncoding};

/// How a file is to be read; what is not said is found out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wishes {
    /// The encoding of its text.
    pub encoding: Option<Encoding>,
    /// Rows that are not text in the encoding are read in this one.
    pub other_encoding: Option<Encoding>,
    /// What stands between two cells.
    pub delimiter: Option<Delimiter>,
    /// Where its header is.
    pub header: Option<HeaderPlace>,
    /// Which sheet of a workbook, by name.
    pub sheet: Option<String>,
    /// Which column feeds which field: goes before everything found out.
    pub mapping: Vec<MappedColumn>,
    /// Mappings kept from earlier files of the same vendor: the one whose header is the file's goes after `mapping`.
    pub kept_mappings: Vec<KeptMapping>,
    /// The phone column is right though few of its cells are numbers.
    pub trust_phones: bool,
    /// Mends that are not done unless asked for.
    pub repair: Repair,
}

/// Where the header of a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderPlace {
    /// On this line, from 1.
    Line(u64),
    /// There is none: the first record is a client.
    None,
}

/// Mends that are not done unless asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Repair {
    /// Text that was encoded twice (`ChloÃ©`) is decoded twice.
    pub encoded_twice: bool,
    /// A letter O among the digits of a number is a zero.
    pub letter_o: bool,
}

/// What stands between two cells of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Delimiter {
    /// `,`
    #[default]
    Comma,
    /// `;`
    Semicolon,
    /// The tabulator.
    Tab,
    /// `|`
    Bar,
}

/// The text names no delimiter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a delimiter: write one of , ; | tab")]
pub struct UnknownDelimiter(String);

impl Delimiter {
    /// Every delimiter.
    pub const ALL: [Self; 4] = [Self::Comma, Self::Semicolon, Self::Tab, Self::Bar];

    /// The character itself.
    #[must_use]
    pub fn character(self) -> char {
        char::from(self.byte())
    }

    pub(crate) fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Bar => b'|',
        }
    }
}

impl FromStr for Delimiter {
    type Err = UnknownDelimiter;

    fn from_str(text: &str) -> Result<Self, UnknownDelimiter> {
        match text {
            "," => Ok(Self::Comma),
            ";" => Ok(Self::Semicolon),
            "|" => Ok(Self::Bar),
            "\t" | "\\t" => Ok(Self::Tab),
            word if word.eq_ignore_ascii_case("tab") => Ok(Self::Tab),
            _ => Err(UnknownDelimiter(text.to_owned())),
        }
    }
}

impl fmt::Display for Delimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Comma => ",",
            Self::Semicolon => ";",
            Self::Tab => "tab",
            Self::Bar => "|",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delimiter_is_one_of_four() {
        for delimiter in Delimiter::ALL {
            assert_eq!(delimiter.to_string().parse(), Ok(delimiter));
            assert_eq!(delimiter.character().to_string().parse(), Ok(delimiter));
        }
        for wrong in ["", " ", "comma", ",,", ":"] {
            assert!(wrong.parse::<Delimiter>().is_err(), "{wrong:?}");
        }
    }
}

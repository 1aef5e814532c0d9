//! How a file is to be read.

use std::fmt;
use std::str::FromStr;

/// How a file is to be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReadOptions {
    /// The encoding of its text; UTF-8 unless told.
    pub encoding: Encoding,
    /// What stands between two cells; a comma unless told.
    pub delimiter: Delimiter,
    /// ISO 3166-1 alpha-2 code that national phone numbers and addresses are read in; the campaign's unless told.
    pub country: Option<String>,
}

/// An encoding of text, known by its label: `utf-8`, `windows-1252`, `iso-8859-15`, `utf-16le`, …
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoding(pub(crate) &'static encoding_rs::Encoding);

/// No such encoding is known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an encoding: write its label, as in utf-8, windows-1252, windows-1251, iso-8859-15 or utf-16le")]
pub struct UnknownEncoding(String);

impl Default for Encoding {
    fn default() -> Self {
        Self(encoding_rs::UTF_8)
    }
}

impl FromStr for Encoding {
    type Err = UnknownEncoding;

    fn from_str(label: &str) -> Result<Self, UnknownEncoding> {
        encoding_rs::Encoding::for_label_no_replacement(label.as_bytes())
            .filter(|encoding| *encoding != encoding_rs::X_USER_DEFINED)
            .map(Self)
            .ok_or_else(|| UnknownEncoding(label.to_owned()))
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.name().to_ascii_lowercase())
    }
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
    fn an_encoding_is_known_by_its_labels() {
        for (label, name) in
            [("utf-8", "utf-8"), ("UTF8", "utf-8"), (" cp1252 ", "windows-1252"), ("latin1", "windows-1252")]
        {
            assert_eq!(label.parse::<Encoding>().map(|e| e.to_string()), Ok(name.to_owned()), "{label}");
        }
        for wrong in ["", "utf-9", "replacement", "iso-2022-kr", "x-user-defined"] {
            let error = wrong.parse::<Encoding>().expect_err(wrong).to_string();
            assert!(error.contains("as in utf-8, windows-1252"), "{error}");
        }
    }

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

//! Encodings: their labels, which one a file is in, and from its bytes to UTF-8.
//!
//! [`detect`] reads a whole file once and says what it is written in; [`Source`] gives its text. Neither ever loses a
//! character: a byte that the encoding does not know stops the reading.

mod by_line;
mod decode;
mod detect;
mod dos;
mod lines;
mod survey;
mod twice;
mod words;

use std::fmt;
use std::str::FromStr;

use self::dos::DosPage;

pub(crate) use self::decode::{Fault, Source};
pub(crate) use self::detect::{EncodingFound, detect};
pub(crate) use self::lines::LineNumber;

/// An encoding of text, known by its label: `utf-8`, `windows-1252`, `iso-8859-15`, `utf-16le`, `cp850`, …
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoding(Table);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Table {
    /// One of the encodings of the web: <https://encoding.spec.whatwg.org>.
    Web(&'static encoding_rs::Encoding),
    Dos(DosPage),
}

/// No such encoding is known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not an encoding: write its label, as in utf-8, windows-1252, windows-1251, iso-8859-15, cp850 or utf-16le"
)]
pub struct UnknownEncoding(String);

impl Encoding {
    pub(crate) const UTF_8: Self = Self(Table::Web(encoding_rs::UTF_8));
    pub(crate) const UTF_16LE: Self = Self(Table::Web(encoding_rs::UTF_16LE));
    pub(crate) const UTF_16BE: Self = Self(Table::Web(encoding_rs::UTF_16BE));
    pub(crate) const MACINTOSH: Self = Self(Table::Web(encoding_rs::MACINTOSH));
    pub(crate) const MACINTOSH_CYRILLIC: Self = Self(Table::Web(encoding_rs::X_MAC_CYRILLIC));

    pub(crate) const fn of_web(encoding: &'static encoding_rs::Encoding) -> Self {
        Self(Table::Web(encoding))
    }

    /// The encoding as the web's list has it; `None` for a page of DOS.
    pub(crate) fn web(self) -> Option<&'static encoding_rs::Encoding> {
        match self.0 {
            Table::Web(encoding) => Some(encoding),
            Table::Dos(_) => None,
        }
    }

    /// Whether each byte is one character.
    pub(crate) fn is_single_byte(self) -> bool {
        self.web().is_none_or(encoding_rs::Encoding::is_single_byte)
    }

    /// Whether ASCII is written as ASCII, so that lines can be cut before they are decoded.
    pub(crate) fn is_ascii_compatible(self) -> bool {
        self.web().is_none_or(encoding_rs::Encoding::is_ascii_compatible)
    }

    /// The character of a byte in a single-byte encoding; `None` where it has none (then some tables have a control
    /// character), and in encodings of several bytes.
    pub(crate) fn character(self, byte: u8) -> Option<char> {
        let encoding = match self.0 {
            Table::Dos(page) => return Some(page.character(byte)),
            Table::Web(encoding) => encoding,
        };
        let text = encoding.decode_without_bom_handling_and_without_replacement(std::slice::from_ref(&byte))?;
        text.chars().next().filter(|c| encoding.is_single_byte() && !matches!(c, '\u{80}'..='\u{9f}'))
    }

    /// What Windows wrote in a country before UTF-8: ISO 3166-1 alpha-2 code. Source: the ANSI code pages of its
    /// locales.
    pub(crate) fn legacy_of(country: &str) -> Self {
        Self::of_web(match country.to_ascii_uppercase().as_str() {
            "BG" | "BY" | "KG" | "KZ" | "MK" | "MN" | "RS" | "RU" | "TJ" | "UA" | "UZ" => encoding_rs::WINDOWS_1251,
            "AL" | "BA" | "CZ" | "HR" | "HU" | "ME" | "PL" | "RO" | "SI" | "SK" => encoding_rs::WINDOWS_1250,
            "GR" | "CY" => encoding_rs::WINDOWS_1253,
            "AZ" | "TR" => encoding_rs::WINDOWS_1254,
            "IL" => encoding_rs::WINDOWS_1255,
            "AE" | "DZ" | "EG" | "IQ" | "IR" | "JO" | "KW" | "LB" | "LY" | "MA" | "OM" | "PK" | "QA" | "SA" | "SY"
            | "TN" | "YE" => encoding_rs::WINDOWS_1256,
            "EE" | "LT" | "LV" => encoding_rs::WINDOWS_1257,
            "VN" => encoding_rs::WINDOWS_1258,
            "TH" => encoding_rs::WINDOWS_874,
            "JP" => encoding_rs::SHIFT_JIS,
            "CN" | "SG" => encoding_rs::GBK,
            "KR" => encoding_rs::EUC_KR,
            "HK" | "MO" | "TW" => encoding_rs::BIG5,
            _ => encoding_rs::WINDOWS_1252,
        })
    }

    /// What DOS wrote the Latin letters of a country in.
    pub(crate) fn dos_of(country: &str) -> Self {
        let central = Self::legacy_of(country) == Self::of_web(encoding_rs::WINDOWS_1250);
        Self(Table::Dos(if central { DosPage::Cp852 } else { DosPage::Cp850 }))
    }
}

impl Default for Encoding {
    fn default() -> Self {
        Self::UTF_8
    }
}

/// Names in use that the web's list lacks, without their separators.
const OTHER_NAMES: [(&str, &str); 8] = [
    ("latin1", "windows-1252"),
    ("latin2", "iso-8859-2"),
    ("latin5", "windows-1254"),
    ("latin9", "iso-8859-15"),
    ("macroman", "macintosh"),
    ("maccyrillic", "x-mac-cyrillic"),
    ("koi8r", "koi8-r"),
    ("koi8u", "koi8-u"),
];

impl FromStr for Encoding {
    type Err = UnknownEncoding;

    fn from_str(label: &str) -> Result<Self, UnknownEncoding> {
        let bare: String = label.trim().chars().filter(|c| !matches!(c, '-' | '_' | ' ')).collect();
        let bare = bare.to_ascii_lowercase();
        let other_name = || OTHER_NAMES.iter().find(|(name, _)| *name == bare).map(|(_, label)| *label);
        of_the_web(label)
            .or_else(|| DosPage::of_label(&bare).map(|page| Self(Table::Dos(page))))
            .or_else(|| (dos::number(&bare) == Some(866)).then_some(Self(Table::Web(encoding_rs::IBM866))))
            .or_else(|| other_name().and_then(of_the_web))
            .ok_or_else(|| UnknownEncoding(label.to_owned()))
    }
}

fn of_the_web(label: &str) -> Option<Encoding> {
    encoding_rs::Encoding::for_label_no_replacement(label.as_bytes())
        .filter(|encoding| *encoding != encoding_rs::X_USER_DEFINED)
        .map(Encoding::of_web)
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Table::Dos(page) => f.write_str(page.label()),
            // As the other pages of DOS are called.
            Table::Web(encoding) if encoding == encoding_rs::IBM866 => f.write_str("cp866"),
            Table::Web(encoding) => f.write_str(&encoding.name().to_ascii_lowercase()),
        }
    }
}

#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;

//! Code pages of DOS that the web's list of encodings lacks. The tables come from the crate `oem_cp`.

use oem_cp::code_table;

/// A code page of DOS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DosPage {
    /// The first one, of the United States.
    Cp437,
    /// Western Europe.
    Cp850,
    /// Central Europe.
    Cp852,
    /// Western Europe with the euro sign.
    Cp858,
}

impl DosPage {
    pub(crate) const ALL: [Self; 4] = [Self::Cp437, Self::Cp850, Self::Cp852, Self::Cp858];

    /// Its label: `cp850`.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Cp437 => "cp437",
            Self::Cp850 => "cp850",
            Self::Cp852 => "cp852",
            Self::Cp858 => "cp858",
        }
    }

    /// By its label in small letters without separators: `cp850`, `ibm850`, `dos850`, `850`, …
    pub(crate) fn of_label(bare: &str) -> Option<Self> {
        let number = match bare {
            "cspc8codepage437" => 437,
            "cspc850multilingual" => 850,
            "cspcp852" => 852,
            "pcmultilingual850+euro" => 858,
            _ => number(bare)?,
        };
        Self::ALL.into_iter().find(|page| page.label()[2..].parse() == Ok(number))
    }

    /// The character of a byte. Every byte has one.
    pub(crate) fn character(self, byte: u8) -> char {
        let table = self.upper_half();
        byte.checked_sub(0x80).map_or(char::from(byte), |at| table[usize::from(at)])
    }

    /// The characters of the bytes from 0x80.
    fn upper_half(self) -> &'static [char; 128] {
        match self {
            Self::Cp437 => &code_table::DECODING_TABLE_CP437,
            Self::Cp850 => &code_table::DECODING_TABLE_CP850,
            Self::Cp852 => &code_table::DECODING_TABLE_CP852,
            Self::Cp858 => &code_table::DECODING_TABLE_CP858,
        }
    }

    /// Adds the text of the bytes.
    pub(crate) fn decode(self, bytes: &[u8], text: &mut Vec<u8>) {
        let table = self.upper_half();
        let mut utf8 = [0; 4];
        for byte in bytes {
            match byte.checked_sub(0x80) {
                None => text.push(*byte),
                Some(at) => text.extend_from_slice(table[usize::from(at)].encode_utf8(&mut utf8).as_bytes()),
            }
        }
    }
}

/// What the names of code pages begin with.
const PREFIXES: [&str; 8] = ["codepage", "ccsid", "msdos", "ibm", "dos", "oem", "cp", "pc"];

/// The number of a code page in a label in small letters without separators.
pub(crate) fn number(bare: &str) -> Option<u16> {
    let digits = PREFIXES.iter().find_map(|prefix| bare.strip_prefix(prefix)).unwrap_or(bare);
    let all_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    all_digits.then(|| digits.parse().ok()).flatten()
}

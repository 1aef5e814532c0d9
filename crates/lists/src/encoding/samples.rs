//! One row in several languages, and how it is written in each encoding.

use oem_cp::code_table;

use super::{DosPage, Encoding, Table};

/// A language: a country that speaks it, one row, and the encodings it is written in.
pub(crate) struct Sample {
    pub(crate) country: &'static str,
    pub(crate) row: &'static str,
    pub(crate) encodings: &'static [&'static str],
}

pub(crate) const SAMPLES: [Sample; 6] = [
    Sample {
        country: "FR",
        row: "Nom;Ville;Tél\nThérèse Lefèvre;Orléans;01 99 00 12 34\n",
        encodings: &["windows-1252", "iso-8859-15", "macintosh", "cp437", "cp850", "cp858"],
    },
    Sample {
        country: "DE",
        row: "Name;Stadt\nJürgen Großmüller;Köln\n",
        encodings: &["windows-1252", "iso-8859-15", "macintosh", "cp437", "cp850", "cp858", "iso-8859-2", "cp852"],
    },
    Sample {
        country: "RU",
        row: "Имя;Город\nПётр Щукин;Самара\n",
        encodings: &["windows-1251", "koi8-r", "cp866", "iso-8859-5", "x-mac-cyrillic"],
    },
    Sample {
        country: "PL",
        row: "Imię;Miasto\nŁucja Wiśniewska;Łódź, Gdańsk\n",
        encodings: &["windows-1250", "iso-8859-2", "cp852"],
    },
    Sample { country: "TR", row: "İsim;Şehir\nGülşah Yıldırım;Eskişehir\n", encodings: &["windows-1254"] },
    Sample {
        country: "GR",
        row: "Όνομα;Πόλη\nΓιώργος Παπαδόπουλος;Θεσσαλονίκη\n",
        encodings: &["windows-1253", "iso-8859-7"],
    },
];

/// The encodings that take any of the samples.
pub(crate) const UNIVERSAL: [&str; 4] = ["utf-8", "utf-16le", "utf-16be", "gb18030"];

/// The bytes of a text. Every character must be known to the encoding.
pub(crate) fn written(text: &str, encoding: Encoding) -> Vec<u8> {
    let bytes = match encoding.0 {
        Table::Web(web) if web == encoding_rs::UTF_16LE => {
            Some(text.encode_utf16().flat_map(u16::to_le_bytes).collect())
        }
        Table::Web(web) if web == encoding_rs::UTF_16BE => {
            Some(text.encode_utf16().flat_map(u16::to_be_bytes).collect())
        }
        Table::Web(web) => {
            let (bytes, _, unknown) = web.encode(text);
            (!unknown).then(|| bytes.into_owned())
        }
        Table::Dos(page) => {
            let table = match page {
                DosPage::Cp437 => &code_table::ENCODING_TABLE_CP437,
                DosPage::Cp850 => &code_table::ENCODING_TABLE_CP850,
                DosPage::Cp852 => &code_table::ENCODING_TABLE_CP852,
                DosPage::Cp858 => &code_table::ENCODING_TABLE_CP858,
            };
            oem_cp::encode_string_checked(text, table)
        }
    };
    bytes.expect("the encoding knows the text")
}

pub(crate) fn encoding(label: &str) -> Encoding {
    label.parse().expect(label)
}

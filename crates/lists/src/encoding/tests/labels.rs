//! What encodings are called.

use crate::encoding::Encoding;
use crate::encoding::samples::{SAMPLES, encoding};

#[test]
fn an_encoding_is_known_by_its_labels() {
    for (name, labels) in [
        ("utf-8", &["utf-8", "UTF8", "utf-8 "][..]),
        ("utf-16le", &["utf-16le", "UTF-16", "utf-16LE"]),
        ("utf-16be", &["utf-16be"]),
        ("windows-1252", &[" cp1252 ", "latin1", "Latin-1", "ISO-8859-1", "windows-1252"]),
        ("iso-8859-15", &["iso-8859-15", "latin9", "latin-9", "ISO8859-15"]),
        ("windows-1251", &["cp1251", "windows-1251"]),
        ("windows-1254", &["iso-8859-9", "latin-5"]),
        ("koi8-r", &["koi8-r", "KOI8R"]),
        ("macintosh", &["macintosh", "mac", "MacRoman", "mac-roman"]),
        ("x-mac-cyrillic", &["x-mac-cyrillic", "MacCyrillic"]),
        ("cp437", &["cp437", "IBM437", "437", "cspc8codepage437"]),
        (
            "cp850",
            &["cp850", "CP-850", "ibm850", "IBM 850", "dos-850", "oem850", "850", "cp_850", "csPC850Multilingual"],
        ),
        ("cp852", &["cp852", "ibm852", "DOS-852", "852"]),
        ("cp858", &["cp858", "ibm00858", "CCSID00858", "pc-multilingual-850+euro"]),
        ("cp866", &["cp866", "ibm866", "866", "dos-866", "oem866"]),
    ] {
        for label in labels {
            assert_eq!(label.parse::<Encoding>().map(|e| e.to_string()), Ok(name.to_owned()), "{label}");
        }
    }
    for wrong in ["", "cp", "utf-9", "cp851", "dos", "99999999", "replacement", "iso-2022-kr", "x-user-defined"] {
        let error = wrong.parse::<Encoding>().expect_err(wrong).to_string();
        assert!(error.contains("as in utf-8, windows-1252, windows-1251, iso-8859-15, cp850 or utf-16le"), "{error}");
    }
}

#[test]
fn the_label_shown_is_one_that_is_taken() {
    for label in SAMPLES.iter().flat_map(|sample| sample.encodings) {
        assert_eq!(encoding(label).to_string(), *label);
    }
}

#[test]
fn a_country_has_a_legacy_encoding() {
    for (country, legacy, dos) in [
        ("FR", "windows-1252", "cp850"),
        ("ru", "windows-1251", "cp850"),
        ("PL", "windows-1250", "cp852"),
        ("TR", "windows-1254", "cp850"),
        ("??", "windows-1252", "cp850"),
    ] {
        assert_eq!(Encoding::legacy_of(country), encoding(legacy), "{country}");
        assert_eq!(Encoding::dos_of(country), encoding(dos), "{country}");
    }
}

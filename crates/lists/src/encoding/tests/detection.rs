//! Which encoding a file is in.

use super::decoding::{NOTHING, read};
use crate::encoding::samples::{SAMPLES, UNIVERSAL, encoding, written};
use crate::encoding::{Encoding, EncodingFound, detect};
use crate::error::ListError;
use crate::file::ListFile;
use crate::inspection::Known;
use crate::options::Wishes;

pub(super) fn file(bytes: &[u8]) -> ListFile {
    ListFile::from_bytes(bytes).expect("a temporary file")
}

pub(super) fn found(bytes: &[u8], country: &str) -> EncodingFound {
    detect(&file(bytes), country, &Wishes::default()).expect("an encoding")
}

fn declared(bytes: &[u8], label: &str) -> Result<EncodingFound, ListError> {
    detect(&file(bytes), "FR", &Wishes { encoding: Some(encoding(label)), ..Wishes::default() })
}

fn without_question(bytes: &[u8], country: &str, label: &str, known: Known) {
    let found = found(bytes, country);
    assert_eq!((found.encoding.to_string().as_str(), found.known, found.question), (label, known, None));
}

#[test]
fn utf_8_is_certain() {
    for text in ["", "Nom;Ville\nJo;Lyon\n", "Chloé", "Пётр\n", "日本\r\n", "a\r\u{1a}"] {
        without_question(text.as_bytes(), "FR", "utf-8", Known::Certain);
    }
    let long = format!("{}é\n", "Jo;Lyon\n".repeat(8191) + "Jo;Lyo").repeat(3);
    assert_eq!(long.as_bytes()[64 * 1024 - 2..64 * 1024], *"é".as_bytes());
    without_question(long.as_bytes(), "FR", "utf-8", Known::Certain);
    without_question(&[b"x", long.as_bytes()].concat(), "FR", "utf-8", Known::Certain);
}

#[test]
fn case_01_and_02_a_byte_order_mark_decides() {
    for label in ["utf-8", "utf-16le", "utf-16be"] {
        without_question(&written("\u{feff}Nom\tVille\r\n", encoding(label)), "FR", label, Known::Marked);
    }
}

#[test]
fn case_03_utf_16_without_a_mark_is_assumed() {
    for sample in &SAMPLES {
        for label in ["utf-16le", "utf-16be"] {
            let found = found(&written(sample.row, encoding(label)), sample.country);
            assert_eq!((found.encoding, found.known, found.question), (encoding(label), Known::Assumed, None));
            let notice = found.notices.first().expect("a notice");
            assert!(notice.contains("no byte-order mark") && notice.contains(label), "{notice}");
        }
    }
    // A NUL in a text is another matter: the reader stops there.
    without_question(b"Phone,City\n0199001234,Pa\0ris\n", "FR", "utf-8", Known::Certain);
    let binary = detect(&file(&[0; 1000]), "FR", &Wishes::default());
    assert!(matches!(binary, Err(ListError::NotText { kind: "binary data" })));
    let utf32: Vec<u8> = "Nom;Ville\n".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
    let utf32 = detect(&file(&utf32), "FR", &Wishes::default());
    assert!(matches!(utf32, Err(ListError::NotText { kind: "binary data" })));
}

/// What the detector takes for a guess is read right; what it cannot know (DOS, Macintosh) at least when asked about.
#[test]
fn case_04_one_row_is_enough() {
    for sample in &SAMPLES {
        for label in sample.encodings {
            let bytes = written(sample.row, encoding(label));
            let found = found(&bytes, sample.country);
            let (text, fault, ..) = read(&bytes, found.encoding, None, NOTHING);
            assert_eq!((text.as_str(), fault), (sample.row, None), "{label} as {}", found.encoding);
            let foreign = matches!(*label, "macintosh" | "x-mac-cyrillic" | "cp437" | "cp850" | "cp852" | "cp858");
            assert_eq!(found.question.is_some(), foreign, "{label}");
            assert_eq!(found.known, if foreign { Known::Assumed } else { Known::Likely }, "{label}");
        }
    }
}

#[test]
fn case_05_the_first_accent_may_stand_in_row_40001() {
    let mut bytes = b"Nom;Tel\n".to_vec();
    bytes.extend(b"Chloe;0199001234\n".repeat(40_000));
    bytes.extend(b"Chlo\xE9;0199001234\n");
    without_question(&bytes, "FR", "windows-1252", Known::Likely);
    let cyrillic = written("Хлоя\n", encoding("windows-1251"));
    let at = bytes.len() - 18;
    bytes.splice(at.., cyrillic);
    without_question(&bytes, "RU", "windows-1251", Known::Likely);
}

#[test]
fn what_was_declared_is_honoured() {
    for sample in &SAMPLES {
        for label in sample.encodings.iter().chain(&UNIVERSAL) {
            let found = declared(&written(sample.row, encoding(label)), label).expect(label);
            assert_eq!((found.encoding, found.known, found.question), (encoding(label), Known::Declared, None));
        }
    }
    let found = declared(b"\xEF\xBB\xBFNom\n", "utf-8").expect("utf-8");
    assert_eq!((found.encoding, found.known), (Encoding::UTF_8, Known::Declared));
}

#[test]
fn what_was_declared_is_refused_where_it_is_wrong() {
    let mark = "the file begins with the byte-order mark of utf-16le, but utf-8 was declared: use --encoding utf-16le";
    let error = declared(b"\xFF\xFEN\0", "utf-8").expect_err("marked").to_string();
    assert_eq!(error, mark);
    for label in ["windows-1252", "cp850", "koi8-r"] {
        assert!(matches!(declared(b"\xEF\xBB\xBFNom\n", label), Err(ListError::OtherMark { .. })));
        let late = [&b"Jo;Lyon\n".repeat(20_000)[..], "Chloé\n".as_bytes()].concat();
        let error = declared(&late, label).expect_err(label).to_string();
        assert!(error.contains("the file's text is utf-8") && error.contains(label), "{error}");
        assert!(declared(b"Jo\n", label).is_ok());
    }
}

#[test]
fn files_of_other_kinds_are_no_text() {
    for (bytes, kind) in [
        (&b"\x1F\x8B\x08"[..], "compressed with gzip"),
        (b"%PDF-1.7", "a PDF document"),
        (b"\x89PNG\r\n", "a picture (png)"),
        (b"\xFF\xD8\xFF\xE0", "a picture (jpeg)"),
    ] {
        let error = detect(&file(bytes), "FR", &Wishes::default()).expect_err(kind).to_string();
        assert!(error.contains(kind), "{error}");
    }
}

#[test]
fn the_other_encoding_must_write_ascii_as_ascii() {
    let wishes = Wishes { other_encoding: Some(Encoding::UTF_16LE), ..Wishes::default() };
    let error = detect(&file(b"Nom\n"), "RU", &wishes).expect_err("unusable").to_string();
    assert!(error.contains("utf-16le") && error.ends_with("--other-encoding windows-1251"), "{error}");
    let wishes =
        Wishes { encoding: Some(encoding("cp850")), other_encoding: Some(Encoding::UTF_8), ..Wishes::default() };
    let found = detect(&file(b"Chlo\x82\n"), "FR", &wishes).expect("cp850");
    assert_eq!((found.encoding, found.other, found.notices.len()), (encoding("cp850"), None, 1));
}

#[test]
fn any_text_serves_as_a_country() {
    for country in ["", "F", "GB", "gb", "Р", "??", "FRA", "é"] {
        assert_eq!(found(b"Chlo\xE9;Lefebvre\n", country).encoding, encoding("windows-1252"), "{country}");
    }
}

//! Text in every encoding.

use relance_domain::list::Remark;
use relance_lists::{Encoding, Known, Repair, Wishes};

use crate::reading::{Whole, campaign, read_whole, standard};

fn whole(bytes: &[u8], country: &str) -> Whole {
    read_whole(bytes, &standard(country), &Wishes::default()).expect("a list")
}

fn encoded(text: &str, label: &str) -> Vec<u8> {
    let encoding = encoding_rs::Encoding::for_label(label.as_bytes()).expect("an encoding");
    let (bytes, _, lossy) = encoding.encode(text);
    assert!(!lossy, "{label} has every letter of {text}");
    bytes.into_owned()
}

fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(order).collect()
}

fn encoding(label: &str) -> Option<Encoding> {
    Some(label.parse().expect("an encoding"))
}

#[test]
fn case_01_the_mark_of_utf_8_is_no_part_of_the_header() {
    let list = whole("\u{feff}Nom;Téléphone\nChloé;0199001234\n".as_bytes(), "FR");
    assert_eq!(list.header, ["Nom", "Téléphone"]);
    assert_eq!(list.client(2).last_name.as_deref(), Some("Chloé"));
    assert_eq!(list.inspection.encoding.as_deref(), Some("utf-8"));
}

#[test]
fn case_02_the_unicode_text_of_excel() {
    let text = "\u{feff}Nom\tTéléphone\r\nChloé\t0199001234\r\n";
    for (order, label) in [(u16::to_le_bytes as fn(u16) -> [u8; 2], "utf-16le"), (u16::to_be_bytes, "utf-16be")] {
        let list = whole(&utf16(text, order), "FR");
        assert_eq!(list.client(2).last_name.as_deref(), Some("Chloé"));
        let inspection = &list.inspection;
        assert_eq!((inspection.encoding.as_deref(), inspection.delimiter.as_deref()), (Some(label), Some("tab")));
        assert_eq!(inspection.encoding_known, Some(Known::Marked));
    }
}

#[test]
fn case_03_utf_16_without_its_mark_is_assumed() {
    let text = "Nom\tTéléphone\r\nChloé\t0199001234\r\nZoé\t0199001235\r\n";
    for (order, label) in [(u16::to_le_bytes as fn(u16) -> [u8; 2], "utf-16le"), (u16::to_be_bytes, "utf-16be")] {
        let list = whole(&utf16(text, order), "FR");
        assert_eq!(list.client(2).last_name.as_deref(), Some("Chloé"));
        assert_eq!(list.inspection.encoding.as_deref(), Some(label));
        assert_eq!(list.inspection.encoding_known, Some(Known::Assumed));
    }
}

#[test]
fn case_04_one_row_of_cyrillic() {
    let list = whole(&encoded("Фамилия;Телефон\nИванова;8 (812) 123-45-67\n", "windows-1251"), "RU");
    assert_eq!(list.client(2).last_name.as_deref(), Some("Иванова"));
    assert_eq!(list.inspection.encoding.as_deref(), Some("windows-1251"));
}

#[test]
fn case_05_the_first_accent_far_below() {
    let mut text = "Nom;Phone\n".to_owned();
    (0..40_000).for_each(|at| text.push_str(&format!("Martin;019900{:04}\n", at % 10_000)));
    text.push_str("Chloé;0536490001\n");
    let list = whole(&encoded(&text, "windows-1252"), "FR");
    assert_eq!(list.client(40_002).last_name.as_deref(), Some("Chloé"));
    assert_eq!(list.inspection.encoding.as_deref(), Some("windows-1252"));
    let sample = &list.inspection.sample;
    assert!(sample.iter().any(|row| row.line == 40_002), "the row to look at is shown: {sample:?}");
}

#[test]
fn case_06_the_encoding_of_dos_is_asked_for() {
    // CP850 has é where windows-1252 has a low quote.
    let mut bytes = b"Nom;Ville;Phone\n".to_vec();
    for at in 0..5 {
        bytes.extend(b"Chlo\x82;Orl\x82ans;");
        bytes.extend(format!("019900123{at}\n").bytes());
    }
    let list = whole(&bytes, "FR");
    assert_eq!(list.questions(), ["dos_encoding"]);
    assert!(list.inspection.questions[0].message.contains("cp850"), "{:?}", list.inspection.questions);

    let wishes = Wishes { encoding: encoding("cp850"), ..Wishes::default() };
    let list = read_whole(&bytes, &campaign(), &wishes).expect("a list");
    assert_eq!(list.client(2).last_name.as_deref(), Some("Chloé"));
    assert!(list.questions().is_empty());
}

#[test]
fn case_07_two_exports_glued_in_two_encodings() {
    let mut bytes = "Nom;Ville;Phone\nChloé;Orléans;0199001234\nZoé;Nîmes;0199001235\n".as_bytes().to_vec();
    bytes.extend(encoded("René;Besançon;0199001236\n", "windows-1252"));
    match read_whole(&bytes, &campaign(), &Wishes::default()) {
        Ok(list) => {
            assert_eq!(list.questions(), ["mixed_encoding"]);
            let message = &list.inspection.questions[0].message;
            assert!(message.contains("line 4") && message.contains("--other-encoding"), "{message}");
        }
        Err(fault) => assert_eq!(fault.line(), Some(4), "{fault}"),
    }
    let wishes = Wishes { other_encoding: encoding("windows-1252"), ..Wishes::default() };
    let list = read_whole(&bytes, &campaign(), &wishes).expect("a list");
    assert_eq!(list.client(4).last_name.as_deref(), Some("René"));
    assert_eq!(list.client(2).last_name.as_deref(), Some("Chloé"));
    let is_other = |line| list.row(line).remarks.iter().any(|remark| remark == Remark::OtherEncoding);
    assert_eq!([2, 3, 4].map(is_other), [false, false, true], "the rows are listed");
}

#[test]
fn case_08_text_that_was_encoded_twice() {
    let once = "Nom;Ville;Phone\nChloé;Orléans;0199001234\nZoé;Nîmes;0199001235\n";
    let twice: String = once.bytes().map(|byte| encoding_rs::mem::decode_latin1(&[byte]).into_owned()).collect();
    let list = read_whole(twice.as_bytes(), &campaign(), &Wishes::default()).expect("a list");
    assert_eq!(list.questions(), ["encoded_twice"]);
    assert_eq!(list.client(2).last_name.as_deref(), Some("ChloÃ©"), "off unless asked for");

    let repair = Repair { encoded_twice: true, ..Repair::default() };
    let list = read_whole(twice.as_bytes(), &campaign(), &Wishes { repair, ..Wishes::default() }).expect("a list");
    assert_eq!(list.client(2).last_name.as_deref(), Some("Chloé"));
    assert!(list.questions().is_empty());
    assert!(list.row(2).remarks.iter().any(|remark| remark == Remark::EncodedTwice));
}

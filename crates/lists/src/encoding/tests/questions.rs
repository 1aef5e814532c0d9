//! What only a person can decide.

use super::decoding::{NOTHING, read};
use super::detection::{file, found};
use crate::encoding::samples::{encoding, written};
use crate::encoding::{Encoding, EncodingFound, detect};
use crate::inspection::Known;
use crate::options::{Repair, Wishes};

fn found_with(bytes: &[u8], country: &str, wishes: &Wishes) -> EncodingFound {
    detect(&file(bytes), country, wishes).expect("an encoding")
}

fn question(found: EncodingFound) -> (String, String) {
    found.question.map(|question| (question.code, question.message)).unwrap_or_default()
}

#[test]
fn case_06_a_page_of_dos_is_asked_about() {
    let found_ = found(b"Nom\nChlo\x82\n", "FR");
    assert_eq!((found_.encoding, found_.known), (encoding("cp850"), Known::Assumed));
    let expected = "line 2: a word there is \"••••é\" in cp850, which DOS wrote, and \"••••‚\" in windows-1252: say \
                    which is right (--encoding cp850 or --encoding windows-1252)";
    assert_eq!(question(found_), ("dos_encoding".to_owned(), expected.to_owned()));
    for declared in ["cp850", "windows-1252"] {
        let wishes = Wishes { encoding: Some(encoding(declared)), ..Wishes::default() };
        assert_eq!(found_with(b"Nom\nChlo\x82\n", "FR", &wishes).question, None);
    }
}

#[test]
fn case_06_in_other_words_and_countries() {
    for (country, text, label, code) in [
        ("FR", "Thérèse Lefèvre;Orléans\n", "cp850", "dos_encoding"),
        ("FR", "François;Nîmes\nHélène;Besançon\n", "cp850", "dos_encoding"),
        ("FR", "ÉLODIE;ANGOULÊME\nÉlodie;Angoulême\n", "cp850", "dos_encoding"),
        ("DE", "Müller;Köln\nJäger;Lübeck\n", "cp850", "dos_encoding"),
        ("DE", "Müller\n", "cp850", "dos_encoding"),
        ("DE", "Großmann;Düren;Straße 5\n", "cp850", "dos_encoding"),
        ("ES", "Muñoz;Málaga\nGarcía;León\n", "cp850", "dos_encoding"),
        ("PL", "Wiśniewska;Gdańsk\nWójcik;Wałbrzych\nZając;Częstochowa\n", "cp852", "dos_encoding"),
        ("FR", "Thérèse Lefèvre;Orléans\n", "macintosh", "mac_encoding"),
        ("FR", "Chloé\n", "macintosh", "mac_encoding"),
        ("RU", "Пётр Щукин;Самара\n", "x-mac-cyrillic", "mac_encoding"),
    ] {
        let bytes = written(text, encoding(label));
        let found = found(&bytes, country);
        let (asked, message) = question(found.clone());
        assert_eq!((asked.as_str(), found.encoding), (code, encoding(label)), "{country} {text} {message}");
        assert_eq!(read(&bytes, found.encoding, None, NOTHING).0, text);
    }
}

#[test]
fn text_of_windows_raises_no_question_of_dos() {
    for (country, text, label) in [
        ("FR", "Chloé;Orléans\n", "windows-1252"),
        ("FR", "rue de l’Église;L’OREAL;cœur;ŒUVRE\n", "windows-1252"),
        ("FR", "François\n", "windows-1252"),
        ("FR", "10 €;euro€;etc…;Paris–Lyon;n° 5;«\u{a0}oui\u{a0}»\n", "windows-1252"),
        ("FR", "D’ARTAGNAN\nMARQUE™ SA\n", "windows-1252"),
        ("DE", "Jürgen Großmüller;Köln;ÄRZTE\n", "windows-1252"),
        ("CZ", "Škoda;Žižka;Dvořák;Tomáš\n", "windows-1250"),
        ("PL", "Łucja Wiśniewska;Łódź;KSIĄŻKA\n", "windows-1250"),
        ("TR", "Gülşah Yıldırım;Eskişehir;Çağ\n", "windows-1254"),
        ("RU", "Пётр Щукин;«Ромашка»;№ 5;Cергей\n", "windows-1251"),
        ("RU", "ООО “Ромашка”;“солнце” – “весна”…\n", "windows-1251"),
        ("RS", "Ђорђе Његош;Ужице\nЉубица Ћирић;Београд\n", "windows-1251"),
        ("JP", "山田太郎;東京都;株式会社\n", "shift_jis"),
        ("CN", "张伟;北京市;有限公司\n", "gbk"),
    ] {
        let found = found(&written(text, encoding(label)), country);
        assert_eq!(found.question, None, "{text}");
        assert_eq!((found.encoding, found.known), (encoding(label), Known::Likely), "{text}");
    }
}

/// Two exports glued together.
fn glued(utf8: usize, windows: usize) -> Vec<u8> {
    let mut bytes = b"Nom;Ville\r\n".to_vec();
    bytes.extend("Chloé;Nîmes\r\n".as_bytes().repeat(utf8));
    bytes.extend(b"Chlo\xE9;Orl\xE9ans\r\n".repeat(windows));
    bytes
}

#[test]
fn case_07_a_mixed_file_is_asked_about() {
    let found_ = found(&glued(3, 2), "FR");
    assert_eq!((found_.encoding, found_.other), (Encoding::UTF_8, Some(encoding("windows-1252"))));
    let expected = "the file is utf-8, but 2 lines are not (the first is line 5), as if two exports had been glued \
                    together: say what such lines are written in (--other-encoding windows-1252)";
    assert_eq!(question(found_), ("mixed_encoding".to_owned(), expected.to_owned()));
    for (utf8, windows) in [(1, 1), (1000, 1), (5, 400)] {
        assert_eq!(question(found(&glued(utf8, windows), "FR")).0, "mixed_encoding", "{utf8} and {windows}");
    }
    let marked = [b"\xEF\xBB\xBF", &glued(0, 5)[..]].concat();
    assert_eq!(question(found(&marked, "FR")).0, "mixed_encoding");
    let few = found(&glued(1, 400), "FR");
    assert_eq!((few.encoding, few.question), (encoding("windows-1252"), None));
    assert!(few.notices[0].contains("1 of its lines could be utf-8 (the first is line 2)"), "{:?}", few.notices);
}

#[test]
fn case_07_the_other_encoding_answers() {
    for bytes in [glued(3, 2), glued(0, 2)] {
        let wishes = Wishes { other_encoding: Some(encoding("windows-1252")), ..Wishes::default() };
        let found = found_with(&bytes, "FR", &wishes);
        assert_eq!((found.encoding, found.other, found.known), (Encoding::UTF_8, wishes.other_encoding, Known::Likely));
        assert_eq!(found.question, None);
        let (text, fault, in_other, _) = read(&bytes, found.encoding, found.other, NOTHING);
        assert!(text.ends_with("Chloé;Orléans\r\n") && fault.is_none() && in_other == 2);
    }
}

#[test]
fn case_07_the_proposal_fits_the_lines() {
    for (country, row, label) in [
        ("RU", "Пётр;Самара\n", "windows-1251"),
        ("FR", "Пётр Щукин;Самара\n", "windows-1251"),
        ("FR", "Thérèse\nHélène\n", "cp850"),
        ("TR", "Gülşah Yıldırım\n", "windows-1254"),
    ] {
        let bytes = [row.as_bytes(), &written(row, encoding(label))].concat();
        let found = found(&bytes, country);
        assert_eq!(found.other, Some(encoding(label)));
        assert_eq!(question(found).0, "mixed_encoding");
    }
}

#[test]
fn case_07_a_declaration_that_would_garble_most_lines_is_asked_about() {
    let wishes = Wishes { encoding: Some(encoding("windows-1252")), ..Wishes::default() };
    assert_eq!(question(found_with(&glued(3, 2), "FR", &wishes)).0, "mixed_encoding");
    let found = found_with(&glued(2, 3), "FR", &wishes);
    assert_eq!((found.known, found.question), (Known::Declared, None));
}

#[test]
fn case_08_text_that_was_encoded_twice_is_asked_about() {
    let bytes = "Nom\nChloÃ©\nChloé\nHÃ©lÃ¨ne\n".as_bytes();
    let found_ = found(bytes, "FR");
    assert_eq!((found_.encoding, found_.known), (Encoding::UTF_8, Known::Certain));
    let expected = "2 lines look as if encoded twice, the first is line 2: \"Ã©\" there should be \"é\"; have them \
                    repaired (--repair encoded-twice), or say that they are meant so (--encoding utf-8)";
    assert_eq!(question(found_), ("encoded_twice".to_owned(), expected.to_owned()));
    assert_eq!(question(found("ChloÃ©\n".as_bytes(), "FR")).0, "encoded_twice");
    assert_eq!(question(found("\u{feff}РџС‘С‚СЂ\n".as_bytes(), "RU")).0, "encoded_twice");
    let meant = Wishes { encoding: Some(Encoding::UTF_8), ..Wishes::default() };
    let repair = Wishes { repair: Repair { encoded_twice: true, letter_o: false }, ..Wishes::default() };
    for wishes in [meant, repair] {
        assert_eq!(found_with(bytes, "FR", &wishes).question, None);
    }
}

#[test]
fn case_08_few_such_lines_are_no_question() {
    let one = ["ChloÃ©\n", "Chloé\n"].concat();
    assert_eq!(found(one.as_bytes(), "FR").question, None);
    let rare = ["ChloÃ©\n".repeat(2), "Chloé\n".repeat(300)].concat();
    assert_eq!(found(rare.as_bytes(), "FR").question, None);
}

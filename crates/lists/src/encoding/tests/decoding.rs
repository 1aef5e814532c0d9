//! From bytes to text.

use std::io::{self, Read};

use crate::encoding::lines::LINE_BYTES_MAX;
use crate::encoding::samples::{SAMPLES, UNIVERSAL, encoding, written};
use crate::encoding::{Encoding, Fault, Source};
use crate::error::Byte;
use crate::options::Repair;

pub(super) const TWICE: Repair = Repair { encoded_twice: true, letter_o: false };
pub(super) const NOTHING: Repair = Repair { encoded_twice: false, letter_o: false };

/// A text, the fault that ends it, and without one how many lines were read in another encoding and repaired.
pub(super) type Outcome = (String, Option<String>, u64, u64);

fn read_in_chunks(bytes: &[u8], encoding: Encoding, other: Option<Encoding>, repair: Repair, chunk: u64) -> Outcome {
    let mut source = Source::new(bytes, encoding, other, repair).in_chunks(chunk);
    let (mut all, mut text) = (Vec::new(), Vec::new());
    let fault = loop {
        match source.next_text(&mut text) {
            Ok(true) => {
                assert!(!text.is_empty());
                all.extend_from_slice(&text);
            }
            Ok(false) => break None,
            Err(fault) => break Some(format!("{fault:?}")),
        }
    };
    assert!(matches!(source.next_text(&mut text), Ok(false)), "nothing comes after the end");
    let all = String::from_utf8(all).expect("UTF-8");
    // Behind a fault, what was read ahead of the text is counted or not.
    let count = |lines| if fault.is_some() { 0 } else { lines };
    let counts = (count(source.lines_in_other_encoding()), count(source.lines_encoded_twice()));
    (all, fault, counts.0, counts.1)
}

/// Reads in one chunk and in small ones, so that every boundary is met, and expects the same of all.
pub(super) fn read(bytes: &[u8], encoding: Encoding, other: Option<Encoding>, repair: Repair) -> Outcome {
    let whole = read_in_chunks(bytes, encoding, other, repair, 64 * 1024);
    for chunk in [1, 2, 3, 7] {
        assert_eq!(read_in_chunks(bytes, encoding, other, repair, chunk), whole, "in chunks of {chunk}");
    }
    whole
}

fn text(bytes: &[u8], label: &str) -> Result<String, String> {
    let (text, fault, ..) = read(bytes, encoding(label), None, NOTHING);
    fault.map_or(Ok(text), Err)
}

#[test]
fn every_language_in_every_encoding() {
    for sample in &SAMPLES {
        for label in sample.encodings.iter().chain(&UNIVERSAL) {
            let bytes = written(sample.row, encoding(label));
            assert_eq!(text(&bytes, label).as_deref(), Ok(sample.row), "{label}");
        }
    }
}

#[test]
fn every_byte_of_a_dos_page_is_a_character() {
    let bytes: Vec<u8> = (1..=u8::MAX).collect();
    for label in ["cp437", "cp850", "cp852", "cp858"] {
        let text = text(&bytes, label).expect(label);
        assert_eq!(text.chars().count(), 255);
        assert_eq!(written(&text, encoding(label)), bytes);
    }
    assert_eq!(text(b"\xD5", "cp858").as_deref(), Ok("€"));
    assert_eq!(text(b"\xD5", "cp850").as_deref(), Ok("ı"));
}

#[test]
fn case_02_a_byte_order_mark_is_no_text() {
    for label in ["utf-8", "utf-16le", "utf-16be"] {
        let bytes = written("\u{feff}Nom\tTél\r\n", encoding(label));
        assert_eq!(text(&bytes, label).as_deref(), Ok("Nom\tTél\r\n"), "{label}");
    }
    let bytes = "\u{feff}é\n\u{feff}é".as_bytes();
    let by_line = read(bytes, Encoding::UTF_8, Some(encoding("cp850")), TWICE);
    assert_eq!(by_line, ("é\n\u{feff}é".to_owned(), None, 0, 0));
}

#[test]
fn a_byte_that_is_no_text_stops_the_reading_behind_the_text_before_it() {
    let undecodable = |byte| Some(format!("{:?}", Fault::Undecodable(Byte(Some(byte)))));
    for (bytes, label, before, byte) in [
        (&b"Lyon\nN\xEEmes"[..], "utf-8", "Lyon\nN", 0xEE),
        (b"Par\xC3", "utf-8", "Par", 0xC3),
        (b"\xE2\x82;", "utf-8", "", 0xE2),
        (b"\xE9\x81\n", "windows-1252", "é", 0x81),
        (b"a\xD2", "windows-1253", "a", 0xD2),
        (b"a\x9F", "iso-8859-2", "a", 0x9F),
        (b"a\xFF", "shift_jis", "a", 0xFF),
        (b"a\0\x00\xDCb\0", "utf-16le", "a", 0x00),
        (b"a\0b", "utf-16le", "a", b'b'),
    ] {
        let expected = (before.to_owned(), undecodable(byte), 0, 0);
        assert_eq!(read(bytes, encoding(label), None, NOTHING), expected, "{bytes:?}");
    }
    let bytes = b"\xC3\xA9\n\xE9\nab\x81\n\xC3\xA9";
    let by_line = read(bytes, Encoding::UTF_8, Some(encoding("windows-1252")), TWICE);
    assert_eq!(by_line, ("é\né\nab".to_owned(), undecodable(0x81), 0, 0));
}

#[test]
fn case_20_a_nul_is_no_text() {
    for (bytes, label) in
        [(&b"Pa\0ris"[..], "utf-8"), (b"Pa\0\x81", "windows-1252"), (b"Pa\0", "cp850"), (b"P\0a\0\0\0", "utf-16le")]
    {
        let expected = ("Pa".to_owned(), Some("Nul".to_owned()), 0, 0);
        assert_eq!(read(bytes, encoding(label), None, TWICE), expected, "{label}");
    }
    let expected = ("\u{e9}".to_owned(), Some("Nul".to_owned()), 0, 0);
    assert_eq!(read(b"\xE9\0", Encoding::UTF_8, Some(encoding("windows-1252")), NOTHING), expected);
}

#[test]
fn case_20_the_end_mark_of_dos_is_no_text() {
    for (bytes, expected) in [
        (&b"a;b\r\n\x1A"[..], "a;b\r\n"),
        (b"a;b\x1A\x1A\x1A", "a;b"),
        (b"a\x1A;b", "a\x1A;b"),
        (b"a\x1A\x1A;\x1A", "a\x1A\x1A;"),
        (b"\x1A", ""),
        (b"", ""),
    ] {
        for label in ["utf-8", "cp850", "windows-1252", "shift_jis"] {
            assert_eq!(text(bytes, label).as_deref(), Ok(expected), "{bytes:?}");
        }
        let by_line = read(bytes, Encoding::UTF_8, Some(encoding("cp850")), TWICE);
        assert_eq!(by_line, (expected.to_owned(), None, 0, 0));
    }
    assert_eq!(text(b"a\0\x1A\0", "utf-16le").as_deref(), Ok("a"));
}

#[test]
fn case_07_lines_that_are_not_utf_8_are_read_in_the_other_encoding() {
    let mut bytes = "Nom;Ville\r\nChloé;Nîmes\r\n".as_bytes().to_vec();
    bytes.extend_from_slice(b"Chlo\xE9;N\xEEmes\r\nJo;Lyon\r\xE9\n\xC3\xA9\xE9");
    let expected = "Nom;Ville\r\nChloé;Nîmes\r\nChloé;Nîmes\r\nJo;Lyon\ré\nÃ©é";
    let windows = Some(encoding("windows-1252"));
    assert_eq!(read(&bytes, Encoding::UTF_8, windows, NOTHING), (expected.to_owned(), None, 3, 0));
    let dos = Some(encoding("cp850"));
    assert_eq!(read(b"Chlo\x82\nChlo\xC3\xA9", Encoding::UTF_8, dos, NOTHING), ("Chloé\nChloé".to_owned(), None, 1, 0));
    // Elsewhere than in UTF-8 there is no other.
    assert_eq!(read(b"Chlo\xC3\xA9", encoding("windows-1252"), dos, NOTHING), ("ChloÃ©".to_owned(), None, 0, 0));
    assert!(read(b"Chlo\xE9", Encoding::UTF_8, Some(Encoding::UTF_16LE), NOTHING).1.is_some());
}

#[test]
fn case_08_lines_that_were_encoded_twice_are_repaired_where_asked() {
    let twice = "Nom\nChloÃ©;NÃ®mes\r\nChloé\nÃ€ Ãlea née\nPrÃ©nom";
    let repaired = "Nom\nChloé;Nîmes\r\nChloé\nÃ€ Ãlea née\nPrénom";
    assert_eq!(read(twice.as_bytes(), Encoding::UTF_8, None, TWICE), (repaired.to_owned(), None, 0, 2));
    assert_eq!(read(twice.as_bytes(), Encoding::UTF_8, None, NOTHING), (twice.to_owned(), None, 0, 0));
    let utf16 = written(twice, Encoding::UTF_16LE);
    assert_eq!(read(&utf16, Encoding::UTF_16LE, None, TWICE), (repaired.to_owned(), None, 0, 2));
    let both = b"Chlo\xC3\x83\xC2\xA9\nChlo\xE9\n";
    let expected = ("Chloé\nChloé\n".to_owned(), None, 1, 1);
    assert_eq!(read(both, Encoding::UTF_8, Some(encoding("windows-1252")), TWICE), expected);
}

#[test]
fn a_line_without_end_passes_through_bounded_buffers() {
    let length = 5 * 1024 * 1024;
    for line in [&b"\xE9"[..], b"x", "Ã©".as_bytes()] {
        let windows = Some(encoding("windows-1252"));
        let input = line.iter().copied().cycle().take(length);
        let mut source = Source::new(Generated(input), Encoding::UTF_8, windows, TWICE);
        let (mut text, mut all) = (Vec::new(), 0);
        while source.next_text(&mut text).expect("text") {
            all += text.len();
            assert!(text.capacity() <= 8 * LINE_BYTES_MAX, "{}", text.capacity());
            assert!(source.buffered() <= 16 * LINE_BYTES_MAX, "{}", source.buffered());
        }
        assert!(all >= length / 2 - 8, "{all}");
        assert_eq!(source.bytes_read(), length as u64);
    }
}

struct Generated<I>(I);

impl<I: Iterator<Item = u8>> Read for Generated<I> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(buffer.iter_mut().zip(&mut self.0).map(|(place, byte)| *place = byte).count())
    }
}

#[test]
fn a_file_that_cannot_be_read_on_says_so_once() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("gone"))
        }
    }
    let mut source = Source::new(b"Nom\n".chain(Broken), Encoding::UTF_8, None, NOTHING).in_chunks(4);
    let mut text = Vec::new();
    assert!(matches!(source.next_text(&mut text), Ok(true)));
    assert!(matches!(source.next_text(&mut text), Err(Fault::Io(_))));
    assert!(matches!(source.next_text(&mut text), Ok(false)));
}

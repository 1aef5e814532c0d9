use std::io::{Cursor, Write};

use proptest::prelude::*;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

fn zip_of(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).expect("a file can be begun");
        zip.write_all(bytes).expect("memory can be written to");
    }
    zip.finish().expect("the archive can be ended").into_inner()
}

fn opened(bytes: &[u8]) -> Result<Container, ListError> {
    open(ListFile::from_bytes(bytes).expect("a temporary file can be had"), &Wishes::default())
}

fn text_of(container: Container) -> String {
    let Kind::Text(file) = container.kind else { panic!("not text: {container:?}") };
    let mut text = String::new();
    file.from_start().read_to_string(&mut text).expect("the file can be read");
    text
}

fn refusal(bytes: &[u8]) -> String {
    opened(bytes).expect_err("it is refused").to_string()
}

#[test]
fn text_is_text_and_so_is_nothing() {
    for text in ["Phone\n0199001234\n", "", "PK;Phone\n1;0199001234\n", "<Phone>\n"] {
        let container = opened(text.as_bytes()).expect("text is taken");
        assert_eq!((container.part.as_deref(), container.notices.len()), (None, 0));
        assert_eq!(text_of(container), text);
    }
}

#[test]
fn other_files_are_named_for_what_they_are() {
    for (bytes, kind) in [
        (&b"\x1F\x8B\x08"[..], "compressed with gzip"),
        (b"%PDF-1.7", "a PDF document"),
        (b"{\\rtf1", "a document in rich text"),
        (b"\x89PNG\r\n", "a picture (png)"),
        (b"\xFF\xD8\xFF\xE0", "a picture (jpeg)"),
        (b"GIF89a", "a picture (gif)"),
        (b"Rar!\x1A\x07", "a rar archive"),
        (b"\xEF\xBB\xBF\r\n<!DOCTYPE HTML><table>", "a web page"),
        (b"<html xmlns:x=\"urn:schemas-microsoft-com:office:excel\">", "a web page"),
        (b"<?xml version=\"1.0\"?><Workbook>", "an XML document"),
    ] {
        let refusal = refusal(bytes);
        assert!(refusal.contains(kind) && refusal.contains("export the list as CSV"), "{refusal}");
    }
    let word = zip_of(&[("[Content_Types].xml", b"<a/>"), ("word/document.xml", b"<a/>")]);
    assert!(refusal(&word).contains("a Word document"));
    let writer = zip_of(&[("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", b"<a/>")]);
    assert!(refusal(&writer).contains("no spreadsheet"));
}

#[test]
fn a_zip_containing_one_csv_is_opened() {
    let list = "Téléphone\n0199001234\n";
    let zip = zip_of(&[
        ("__MACOSX/._clients.csv", b"?"),
        (".DS_Store", b"?"),
        ("lists/", b""),
        ("lists/lisez-moi.pdf", b"%PDF"),
        ("lists/Clients.CSV", list.as_bytes()),
    ]);
    let container = opened(&zip).expect("one list is in it");
    assert_eq!(container.part.as_deref(), Some("lists/Clients.CSV"));
    assert_eq!(text_of(container), list);
}

#[test]
fn an_archive_without_one_list_is_refused_with_what_is_in_it() {
    let two = refusal(&zip_of(&[("a.csv", b"1"), ("b.xlsx", b"2"), ("c.pdf", b"3")]));
    assert!(two.contains("2 lists, \"a.csv\", \"b.xlsx\":") && two.contains("pack one of them"), "{two}");
    let none = refusal(&zip_of(&[("a.pdf", b"1"), ("__MACOSX/b.csv", b"2")]));
    assert!(none.contains("no list, only \"a.pdf\":") && none.contains("csv, txt"), "{none}");
    let empty = refusal(&zip_of(&[]));
    assert!(empty.contains("no list, only nothing"), "{empty}");
    let many: Vec<String> = (0..30).map(|at| format!("{at}.csv")).collect();
    let many = refusal(&zip_of(&many.iter().map(|name| (name.as_str(), &b""[..])).collect::<Vec<_>>()));
    assert!(many.contains("30 lists") && many.contains("\"9.csv\" and 20 more"), "{many}");
}

#[test]
fn an_archive_in_an_archive_is_refused_whatever_it_is_called() {
    let inner = zip_of(&[("clients.csv", b"Phone\n")]);
    for name in ["inner.zip", "inner.csv"] {
        let refusal = refusal(&zip_of(&[(name, &inner)]));
        assert!(refusal.contains(&format!("{name:?} inside the archive is an archive again")), "{refusal}");
    }
}

#[test]
fn a_zip_bomb_is_refused() {
    let zeros = vec![b'0'; 200 * 1024 * 1024];
    let mut bomb = zip_of(&[("clients.csv", &zeros)]);
    assert!(bomb.len() < 1024 * 1024);
    let said = refusal(&bomb);
    assert!(said.contains("more than 64 MiB") && said.contains("zip bomb"), "{said}");

    // The same with a directory that lies: the length unpacked, in both places where it stands.
    let length = u32::try_from(zeros.len()).expect("it is short").to_le_bytes();
    while let Some(at) = bomb.windows(4).position(|window| window == length) {
        bomb[at..at + 4].copy_from_slice(&100_u32.to_le_bytes());
    }
    let said = refusal(&bomb);
    assert!(said.contains("zip bomb") || said.contains("damaged"), "{said}");

    let workbook = refusal(&zip_of(&[("xl/workbook.xml", b"<a/>"), ("xl/worksheets/sheet1.xml", &zeros[..70 << 20])]));
    assert!(workbook.contains("zip bomb"), "{workbook}");
}

#[test]
fn what_compresses_well_and_is_small_is_no_bomb() {
    let list = "Phone\n".to_owned() + &"0199001234\n".repeat(500_000);
    let zip = zip_of(&[("clients.csv", list.as_bytes())]);
    assert!(list.len() / zip.len() > 100);
    assert_eq!(text_of(opened(&zip).expect("5 MiB are no bomb")).len(), list.len());
}

#[test]
fn a_zip_that_is_cut_short_or_damaged_says_so() {
    let list: String = (0..1000).map(|at| format!("{at};{}\n", at * 7919 % 1000)).collect();
    let whole = zip_of(&[("clients.csv", list.as_bytes())]);
    for length in [4, 30, whole.len() / 2, whole.len() - 1] {
        let said = refusal(&whole[..length]);
        assert!(said.contains("damaged or cut short") && said.contains("save it anew"), "{said}");
    }
    let mut flipped = whole;
    flipped[200] ^= 0x55;
    assert!(refusal(&flipped).contains("damaged"), "the sum over its bytes is wrong");
}

#[test]
fn an_entry_with_a_password_says_so() {
    let mut zip = zip_of(&[("clients.csv", b"Phone\n")]);
    // The first bit of the flags, in the entry's head and in the directory.
    for (mark, flags) in [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)] {
        let at = zip.windows(4).position(|window| window == mark).expect("it is in every archive");
        zip[at + flags] |= 1;
    }
    let said = refusal(&zip);
    assert!(said.contains("\"clients.csv\" inside the archive is protected by a password"), "{said}");
}

#[test]
fn a_workbook_inside_an_archive_is_opened() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet().set_name("Clients").expect("the name is good");
    sheet.write(0, 0, "Phone").expect("the cell is there");
    let workbook = workbook.save_to_buffer().expect("memory can be written to");
    let container = opened(&zip_of(&[("list.xlsx", &workbook)])).expect("one list is in it");
    assert_eq!(container.part.as_deref(), Some("list.xlsx: Clients"));
    assert!(matches!(container.kind, Kind::Sheet(sheet) if sheet.format() == Format::Xlsx));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn random_bytes_behind_any_magic_never_panic(
        magic in 0_usize..6,
        bytes in prop::collection::vec(any::<u8>(), 0..2000),
    ) {
        let magic: &[u8] = [&b"PK\x03\x04"[..], b"PK\x05\x06", b"\xD0\xCF\x11\xE0", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
            b"\x1F\x8B", b""][magic];
        let _ = opened(&[magic, &bytes].concat());
    }

    #[test]
    fn a_zip_with_wrong_bytes_never_panics(
        places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut zip = zip_of(&[("clients.csv", b"Phone\n0199001234\n"), ("b.txt", b"1")]);
        for (place, byte) in places {
            let at = place.index(zip.len());
            zip[at] = byte;
        }
        let _ = opened(&zip);
    }
}

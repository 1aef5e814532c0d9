//! Every fault that refuses a whole file, with its line and what would be right.

use relance_lists::{ListError, Target, Wishes};

use crate::reading::{campaign, open_bytes, read, read_whole, rows_and_fault};

fn declared(encoding: &str, delimiter: &str) -> Wishes {
    Wishes {
        encoding: Some(encoding.parse().expect("an encoding")),
        delimiter: Some(delimiter.parse().expect("a delimiter")),
        ..Wishes::default()
    }
}

/// The first error of a file, in its header or later.
fn refusal(bytes: &[u8], encoding: &str, delimiter: &str) -> ListError {
    read_whole(bytes, &campaign(), &declared(encoding, delimiter)).expect_err("a fault")
}

fn refused(bytes: &[u8], encoding: &str, line: Option<u64>, message: &str) {
    let error = refusal(bytes, encoding, ",");
    assert_eq!(error.to_string(), message);
    assert_eq!(error.line(), line);
}

#[test]
fn a_file_without_content() {
    for empty in [&b""[..], b"\n\r\n", b"\xEF\xBB\xBF", b"\x1A", b"sep=,\n"] {
        refused(empty, "utf-8", None, "the file is empty: its first line must name the columns");
    }
}

#[test]
fn a_file_that_is_not_text() {
    let message = "the file is a PDF document, not text: export the list as CSV";
    refused(b"%PDF-1.7\n", "utf-8", None, message);
    refused(
        b"Phone,City\n0199001234,Pa\0ris\n",
        "utf-8",
        Some(2),
        "line 2, column 2: a NUL byte, which no text has: export the list as CSV; where it is text in UTF-16, say so \
         (--encoding utf-16le)",
    );
}

#[test]
fn a_file_in_another_encoding() {
    refused(
        b"Phone,City\r\n0199001234,Lyon\r\n0199001235,N\xEEmes\r\n",
        "utf-8",
        Some(3),
        "line 3, column 2: the byte 0xEE is not text in utf-8: is the file in another encoding, as windows-1252? \
         (--encoding windows-1252)",
    );
    refused(
        b"Phone,City\n0199001234,Par\xC3",
        "utf-8",
        Some(2),
        "line 2, column 2: the byte 0xC3 is not text in utf-8: is the file in another encoding, as windows-1252? \
         (--encoding windows-1252)",
    );
    refused(
        b"Phone,City\n0199001234,\xE9\x81\n",
        "windows-1252",
        Some(2),
        "line 2, column 2: the byte 0x81 is not text in windows-1252: is the file in another encoding, as utf-8? \
         (--encoding utf-8)",
    );
    refused(
        "Phone,City\n0199001234,Nîmes\n".as_bytes(),
        "windows-1252",
        None,
        "the file's text is utf-8, but windows-1252 was declared, which would garble it: use --encoding utf-8",
    );
}

#[test]
fn a_file_with_the_mark_of_another_encoding() {
    let utf16: Vec<u8> = "\u{feff}Phone\n0199001234\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let message =
        "the file begins with the byte-order mark of utf-16le, but utf-8 was declared: use --encoding utf-16le";
    refused(&utf16, "utf-8", None, message);
    let list = read_whole(&utf16, &campaign(), &declared("utf-16le", ",")).expect("a list");
    assert_eq!(list.accepted(), [2]);
    refused(
        b"\xEF\xBB\xBFPhone\n",
        "windows-1252",
        None,
        "the file begins with the byte-order mark of utf-8, but windows-1252 was declared: use --encoding utf-8",
    );
}

#[test]
fn rows_before_a_fault_come_first_and_none_come_after() {
    let mut text = "Phone,City\n".to_owned();
    (0..3_000).for_each(|at| text.push_str(&format!("019900{at:04},Lyon\n")));
    text.push_str("0199009999,\"Lyon\n");
    let list = open_bytes(text.as_bytes(), &campaign(), &Wishes::default()).expect("a list");
    let (rows, fault) = rows_and_fault(list.rows().expect("rows"));
    assert_eq!((rows.len(), fault.and_then(|fault| fault.line())), (3_000, Some(3_002)));
}

#[test]
fn a_header_that_does_not_name_the_phone() {
    let error = refusal(b"\n\nNom,Joindre\nDupont,0199001234\n", "utf-8", ",");
    assert_eq!(error.line(), Some(3), "{error}");
    let error = error.to_string();
    assert!(error.contains("which column holds the phone number") && error.contains("\"Joindre\""), "{error}");
    assert!(!error.contains("Dupont") && !error.contains("99"), "{error}");
}

#[test]
fn a_header_cut_with_another_delimiter() {
    refused(
        b"Phone;Nom;City\n",
        "utf-8",
        Some(1),
        "line 1: the header is one single column when cut at ',', and 3 columns when cut at ';': use --delimiter ';'",
    );
    let error = refusal(b"Phone\tCity, State\n", "utf-8", "|").to_string();
    assert!(error.ends_with("use --delimiter ','") || error.ends_with("use --delimiter tab"), "{error}");
    assert_eq!(read("Phone\n0199001234\n").accepted(), [2], "one column is enough");
}

#[test]
fn a_quote_that_is_never_closed() {
    refused(
        b"Phone,City\n0199001234,Lyon\n0199001235,\"Paris\n0199001236,Lille\n",
        "utf-8",
        Some(3),
        "line 3: in the record that begins here a quote is opened and never closed: close it, or double it if it \
         is text",
    );
    let mut long = b"Phone,City\n0199001234,\"Lyon\n".to_vec();
    long.extend(b"0199001235,Paris\n".repeat(70_000));
    let message = "line 2: the record that begins here is longer than 1 MiB: is a quote opened and never closed?";
    refused(&long, "utf-8", Some(2), message);
}

#[test]
fn a_file_with_more_columns_than_a_list() {
    let header: Vec<String> = (0..1_001).map(|at| format!("Phone {at}")).collect();
    let message = "line 1: 1001 columns, and a list has at most 1,000: is this a list, and the delimiter right?";
    refused(header.join(",").as_bytes(), "utf-8", Some(1), message);
}

#[test]
fn a_country_that_is_none() {
    let target = Target { country: "XX".to_owned(), ..campaign() };
    let error = open_bytes(b"Phone\n", &target, &Wishes::default()).expect_err("no country");
    assert_eq!(error.to_string(), "\"XX\" is not a country: write its two letters of ISO 3166-1, as in FR");
}

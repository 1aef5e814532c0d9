//! Every fault that refuses a whole file, with its line and what would be right.

use std::io::{self, Read};

use relance_lists::{ListError, ReadOptions, read as read_list};

use crate::definition::{definition, options, read};

/// The first error of a file, in its header or later.
fn refusal(bytes: &[u8], encoding: &str, delimiter: &str) -> ListError {
    match read_list(bytes, &definition(), &options(encoding, delimiter)) {
        Err(error) => error,
        Ok(rows) => rows.filter_map(Result::err).next().expect("an error"),
    }
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
    let message = "the file is a workbook (xlsx, ods) or a zip archive, not text: export the list as CSV";
    refused(b"PK\x03\x04\x14\0\x06\0", "utf-8", None, message);
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
        "line 2, column 2: a byte is not text in utf-8: is the file in another encoding, as windows-1252? (--encoding \
         windows-1252)",
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
    let rows = read_list(utf16.as_slice(), &definition(), &options("utf-16le", ",")).expect("a header");
    assert_eq!(rows.filter_map(Result::ok).count(), 1);
    refused(
        b"\xEF\xBB\xBFPhone\n",
        "windows-1252",
        None,
        "the file begins with the byte-order mark of utf-8, but windows-1252 was declared: use --encoding utf-8",
    );
}

#[test]
fn rows_before_a_fault_come_first_and_none_come_after() {
    let bytes = b"Phone\n0199001234\n\xFF\n0199001235\n";
    let mut rows = read_list(&bytes[..], &definition(), &ReadOptions::default()).expect("a header");
    assert!(rows.next().is_some_and(|row| row.is_ok_and(|row| row.line == 2)));
    assert!(rows.next().is_some_and(|row| row.is_err_and(|error| error.line() == Some(3))));
    assert!(rows.next().is_none() && rows.next().is_none());
    assert_eq!(rows.sha256(), None);
}

#[test]
fn a_header_that_does_not_name_the_phone() {
    refused(
        b"\n\nNom,Contact\nDupont,0199001234\n",
        "utf-8",
        Some(3),
        "line 3: no column holds the phone number; the headers are \"Nom\", \"Contact\"; the campaign takes the \
         number from \"Phone\", \"N° de téléphone\"",
    );
    let error = refusal(b"Dupont,01 99 00 12 34\n", "utf-8", ",").to_string();
    assert!(error.starts_with("line 1: this looks like a client, not a header: put a line above it"), "{error}");
    assert!(!error.contains("Dupont") && !error.contains("99"), "{error}");
}

#[test]
fn a_header_with_the_same_column_twice() {
    refused(
        b"Phone,Nom,City, PHONE\n",
        "utf-8",
        Some(1),
        "line 1: columns 1 and 4 are both headed \"Phone\": rename the one that is not meant",
    );
    assert!(read("Phone,Note,Note\n0199001234,a,b\n").is_ok(), "a column that is not used may stand twice");
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
    assert_eq!(read("Phone\n0199001234\n").expect("one column is enough").count(), 1);
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
fn a_file_that_cannot_be_read_on() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }
    let input = b"Phone\n0199001234\n".chain(Broken);
    let error = read_list(input, &definition(), &ReadOptions::default()).expect_err("a broken disk");
    assert_eq!(error.to_string(), "line 1: the file cannot be read on");
}

#[test]
fn a_country_that_is_none() {
    let options = ReadOptions { country: Some("XX".to_owned()), ..ReadOptions::default() };
    let error = read_list(&b"Phone\n"[..], &definition(), &options).expect_err("no country");
    assert_eq!(error.to_string(), "\"XX\" is not a country: write its two letters of ISO 3166-1, as in FR");
}

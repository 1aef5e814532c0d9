//! How text is cut into records and columns.

use relance_domain::list::{RejectCode, Remark};
use relance_lists::{HeaderPlace, ListError, Wishes};

use crate::reading::{campaign, open_bytes, read, read_whole, rows_and_fault, standard};

fn fault(text: &str) -> ListError {
    read_whole(text.as_bytes(), &campaign(), &Wishes::default()).expect_err("a fault")
}

#[test]
fn case_09_commas_inside_quotes_cut_nothing() {
    let mut text = "Nom;Adresse;Téléphone\n".to_owned();
    (0..20).for_each(|at| text.push_str(&format!("Martin;\"{at}, rue A, Paris, France\";01990012{at:02}\n")));
    let list = read(&text);
    assert_eq!(list.inspection.delimiter.as_deref(), Some(";"));
    assert_eq!(list.client(2).street.as_deref(), Some("0, rue A, Paris, France"));
    assert_eq!(list.accepted().len(), 20);
}

#[test]
fn case_10_a_first_line_that_names_the_delimiter() {
    for (name, delimiter) in [("sep=;", ";"), ("SEP=;", ";"), ("\"sep=;\"", ";"), ("sep=,", ","), ("sep=|", "|")] {
        let text = format!("{name}\r\nNom{delimiter}Phone\r\nMartin{delimiter}0199001234\r\n");
        let list = read(&text);
        assert_eq!((list.accepted(), list.inspection.header_line), (vec![3], Some(2)), "{name}");
        assert_eq!(list.inspection.delimiter.as_deref(), Some(delimiter));
    }
    let list = read("sep=\t\nNom\tPhone\nMartin\t0199001234\n");
    assert_eq!((list.accepted(), list.inspection.delimiter.as_deref()), (vec![3], Some("tab")));
}

#[test]
fn case_11_lines_above_the_header() {
    let rows = "Martin;Lyon;0199001234\nDurand;Paris;0199001235\n";
    let text =
        format!("Export of 3 April 2026\nseller: Ouest Fibre, tel 0199000000\n\nrows: 2\nNom;Ville;Téléphone\n{rows}");
    let list = read(&text);
    assert_eq!((list.inspection.header_line, list.accepted()), (Some(5), vec![6, 7]));

    let padded = format!("Export;;\nof 3 April 2026;;\n;;\nQui;Où;Tél\n{rows}");
    let list = read(&padded);
    assert_eq!((list.inspection.header_line, list.accepted()), (Some(4), vec![5, 6]));

    let wishes = Wishes { header: Some(HeaderPlace::Line(2)), ..Wishes::default() };
    let two = format!("Nom;Ville;Téléphone\nName;Town;Phone\n{rows}");
    let list = read_whole(two.as_bytes(), &standard("FR"), &wishes).expect("a list");
    assert_eq!((list.header[2].as_str(), list.accepted()), ("Phone", vec![3, 4]), "the user may move it");
    let wishes = Wishes { header: Some(HeaderPlace::Line(9)), ..Wishes::default() };
    let error = read_whole(two.as_bytes(), &standard("FR"), &wishes).expect_err("no line");
    assert!(error.to_string().starts_with("line 9: no header is there"), "{error}");
}

#[test]
fn case_12_no_header_at_all() {
    let mut text = String::new();
    (0..30).for_each(|at| text.push_str(&format!("Martin;Lyon;01 99 00 12 {at:02};69001\n")));
    let list = read_whole(text.as_bytes(), &standard("FR"), &Wishes::default()).expect("a list");
    assert_eq!((list.inspection.header_line, list.rows.len()), (None, 30), "the first row is not lost");
    assert_eq!(list.header, ["col 1", "col 2", "col 3", "col 4"]);
    assert_eq!(list.inspection.columns[2].feeds, ["phone"], "{:?}", list.inspection.columns);
    assert_eq!(list.numbers(1), ["+33199001200"]);

    let wishes = Wishes { header: Some(HeaderPlace::None), ..Wishes::default() };
    let list = read_whole(text.as_bytes(), &standard("FR"), &wishes).expect("a list");
    assert_eq!(list.accepted().len(), 30);
}

#[test]
fn case_13_a_header_that_comes_again() {
    let mut text = "Nom;Phone\n".to_owned();
    (0..5_000).for_each(|at| text.push_str(&format!("Martin;019900{at:04}\n")));
    text.push_str("Nom;Phone\r\nDurand;0536490001\n Nom ; Phone \nDurand;0536490002\n");
    let list = read(&text);
    assert_eq!((list.repeated_headers, list.accepted().len(), list.rows.len()), (2, 5_002, 5_002));
}

#[test]
fn case_14_two_columns_of_the_same_name() {
    let list = read_whole(
        "Nom;Tél;Tél\nMartin;0199001234;0639980001\nDurand;;0639980002\n".as_bytes(),
        &standard("FR"),
        &Wishes::default(),
    )
    .expect("a list");
    assert_eq!(list.numbers(2), ["+33199001234", "+33639980001"]);
    assert_eq!(list.numbers(3), ["+33639980002"]);
}

#[test]
fn case_15_headers_and_columns_that_are_empty() {
    let list = read("Nom;;Phone;;;\nMartin;x;0199001234;;;\nDurand;;0199001235\nPetit;;0199001236;;;;;\n");
    assert_eq!(list.accepted(), [2, 3, 4]);
    assert_eq!(list.client(2).attributes.get("col 2").map(String::as_str), Some("x"));
    assert!(list.client(3).attributes.is_empty());
    assert!(list.row(3).remarks.iter().next().is_none(), "nothing is padded that has no name");
    assert!(!list.inspection.columns.iter().any(|column| column.header == "col 5" && !column.feeds.is_empty()));
}

#[test]
fn case_16_a_newline_in_quotes() {
    let list = read("Nom;Adresse;Phone\nMartin;\"1 rue A\nbat. B\";0199001234\nDurand;x;12\n");
    assert_eq!(list.client(2).street.as_deref(), Some("1 rue A bat. B"));
    assert_eq!(list.reject(4).code, RejectCode::PhoneInvalid, "lines are those of the file");
}

#[test]
fn case_17_a_quote_that_is_not_closed() {
    let rows =
        |from: usize, to: usize| -> String { (from..to).map(|at| format!("Martin;rue A;0199{at:06}\n")).collect() };
    let head = format!("Nom;Adresse;Phone\n{}", rows(0, 10));
    // Nothing closes it.
    let to_the_end = format!("{head}Durand;\"rue B;0199001234\n{}", rows(10, 100));
    assert_eq!(fault(&to_the_end).line(), Some(12));
    // It is longer than a record may be.
    let too_long = format!("{head}Durand;\"rue B;0199001234\n{}", rows(10, 60_000));
    assert_eq!(fault(&too_long).line(), Some(12));
    // The quote of a row far below closes it, and the field count jumps.
    let jump = format!("{head}Durand;\"rue B;0199001234\n{}Petit;rue \"C\";0199001235\n{}", rows(10, 20), rows(20, 40));
    let error = fault(&jump);
    assert_eq!((error.line(), error.to_string().contains("with other rows in between")), (Some(12), true), "{error}");
    // Every row has quotes, so that each record swallows half a row and the field count stays.
    let quoted =
        "Nom;Adresse;Phone\nMartin;\"rue A\";0199001233\nDurand;\"rue B;0199001234\nPetit;\"rue C\";0199001235\n";
    assert_eq!(fault(quoted).line(), Some(3));
}

#[test]
fn case_17_far_below_the_sample() {
    let mut text = "Nom;Adresse;Phone\n".to_owned();
    (0..12_000).for_each(|at| text.push_str(&format!("Martin;\"rue A\";0199{at:06}\n")));
    text.push_str("Durand;\"rue B;0199001234\nPetit;\"rue C\";0199001235\n");
    let list = open_bytes(text.as_bytes(), &campaign(), &Wishes::default()).expect("a list");
    let (rows, fault) = rows_and_fault(list.rows().expect("rows"));
    assert_eq!((rows.len(), fault.and_then(|fault| fault.line())), (12_000, Some(12_002)));
}

#[test]
fn case_18_quotes_that_are_text() {
    let list = read("Nom;Phone\nDupont \"Jo\";0199001234\n\"Durand \"\"Zo\"\"\";0199001235\n");
    assert_eq!(list.client(2).last_name.as_deref(), Some("Dupont \"Jo\""));
    assert_eq!(list.client(3).last_name.as_deref(), Some("Durand \"Zo\""));
}

#[test]
fn case_19_every_end_of_line() {
    for text in [
        "Nom;Phone\rMartin;0199001234\rDurand;0199001235\r",
        "Nom;Phone\r\nMartin;0199001234\nDurand;0199001235",
        "Nom;Phone\nMartin;0199001234\r\nDurand;0199001235\r\n",
    ] {
        assert_eq!(read(text).accepted(), [2, 3], "{text:?}");
    }
}

#[test]
fn case_20_the_end_mark_of_dos_and_nul() {
    assert_eq!(read("Nom;Phone\r\nMartin;0199001234\r\n\u{1a}").accepted(), [2]);
    assert_eq!(read("Nom;Phone\r\nMartin;0199001234\u{1a}").accepted(), [2]);
    let error = fault("Nom;Phone\nMartin;0199001234\nDu\0rand;0199001235\n");
    assert_eq!((error.line(), error.to_string().contains("NUL")), (Some(3), true), "{error}");
}

#[test]
fn case_21_ragged_rows() {
    let mut text = "Nom;Phone;Ville;Note\n".to_owned();
    (0..99).for_each(|at| text.push_str(&format!("Martin;01990012{at:02};Lyon;x\n")));
    text.push_str("Durand;0536490001;Lyon\nPetit;0536490002\nRoux;0536490003;Lyon;x;too;many\n");
    let list = read(&text);
    assert!(list.row(101).remarks.iter().eq([Remark::RowPadded]));
    assert_eq!((list.client(101).city.as_deref(), list.client(101).attributes.get("Note")), (Some("Lyon"), None));
    let reject = list.reject(103);
    assert_eq!(reject.code, RejectCode::WrongFieldCount);
    assert_eq!(reject.message, "6 fields where the header has 4; is a delimiter missing, or one too many?");

    // Where hardly a row ends early, one that does was cut.
    let mut text = "Nom;Phone;Ville;Note\n".to_owned();
    (0..999).for_each(|at| text.push_str(&format!("Martin;019900{at:04};Lyon;\n")));
    text.push_str("Durand;0536490001;Lyon\nPetit;0536490002\n");
    let list = read(&text);
    assert_eq!(list.client(1_001).city.as_deref(), Some("Lyon"), "notes are commonly empty");
    assert_eq!(list.reject(1_002).code, RejectCode::WrongFieldCount, "towns are not");
}

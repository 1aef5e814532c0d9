//! Numbers as people and spreadsheets write them.

use relance_domain::list::{RejectCode, Remark};
use relance_lists::{Repair, Wishes};

use crate::reading::{Whole, read_whole, standard};

/// A column of these numbers, each on its line from 2 on.
fn column(cells: &[&str], country: &str) -> Whole {
    column_with(cells, country, &Wishes::default())
}

fn column_with(cells: &[&str], country: &str, wishes: &Wishes) -> Whole {
    let rows: String =
        cells.iter().enumerate().map(|(at, cell)| format!("N{at},\"{}\"\n", cell.replace('"', "\"\""))).collect();
    read_whole(format!("Name,Phone\n{rows}").as_bytes(), &standard(country), wishes).expect("a list")
}

/// Every cell alone, in a column of numbers that are written as usual.
fn each(cells: &[&str], country: &str, usual: &[&str]) -> Vec<Whole> {
    cells.iter().map(|cell| column(&[&[*cell], usual].concat(), country)).collect()
}

const USUAL_FR: [&str; 4] = ["01 99 00 12 34", "02 61 91 12 34", "03 53 01 12 34", "04 65 71 12 34"];

fn all_read(cells: &[&str], country: &str, usual: &[&str], number: &str) {
    for (list, cell) in each(cells, country, usual).iter().zip(cells) {
        assert_eq!(list.numbers(2), [number], "{cell}");
    }
}

fn all_refused(cells: &[&str], part: &str) {
    for (list, cell) in each(cells, "FR", &USUAL_FR).iter().zip(cells) {
        let reject = list.reject(2);
        assert_eq!(reject.code, RejectCode::PhoneInvalid, "{cell}");
        assert!(reject.message.contains(part), "{cell}: {}", reject.message);
    }
}

fn has(list: &Whole, line: u64, remark: Remark) -> bool {
    list.row(line).remarks.iter().any(|found| found == remark)
}

#[test]
fn case_24_digits_that_excel_has_lost() {
    let list = column(&["3,36123E+10", "3.36123E+10", "0199001234", "0199001235", "0199001236"], "FR");
    for line in [2, 3] {
        assert_eq!(list.reject(line).code, RejectCode::PhoneInvalid);
        assert!(list.reject(line).message.contains("digits are lost"), "{}", list.reject(line).message);
    }
}

#[test]
fn case_25_an_exponent_with_all_its_digits() {
    let list = column(&["3.3612345678E+10", "0199001234", "0199001235"], "FR");
    assert_eq!(list.numbers(2), ["+33612345678"]);
    assert!(has(&list, 2, Remark::ExponentWrittenOut));
}

#[test]
fn case_26_a_fraction_of_nothing() {
    for list in each(&["33612345678.0", "33612345678,00"], "FR", &USUAL_FR) {
        assert_eq!(list.numbers(2), ["+33612345678"]);
        assert!(has(&list, 2, Remark::FractionCut));
    }
}

#[test]
fn case_27_thousands() {
    let cells = ["33 612 345 678", "33 612 345 679", "33 612 345 670"];
    assert_eq!(column(&cells, "FR").accepted().len(), 3);
    let cells = ["33,612,345,678", "33,612,345,679", "33,612,345,670"];
    let list = column(&cells, "FR");
    assert_eq!(list.accepted().len(), 3, "{:?}", list.rows);
    assert_eq!(list.numbers(2), ["+33612345678"]);
}

#[test]
fn case_28_what_keeps_excel_from_counting() {
    all_read(&["'0612345678", "=\"0612345678\""], "FR", &USUAL_FR, "+33612345678");
}

#[test]
fn case_29_every_international_prefix() {
    let usual = ["+33199001234", "+33199001235"];
    for country in ["FR", "US", "RU", "DE", "GB", "BR"] {
        all_read(&["0033612345678", "00 33 6 12 34 56 78"], country, &usual, "+33612345678");
    }
    for (country, cell) in
        [("US", "011 33 6 12 34 56 78"), ("CA", "01133612345678"), ("RU", "810 33 612345678"), ("KZ", "81033612345678")]
    {
        all_read(&[cell], country, &usual, "+33612345678");
    }
}

#[test]
fn case_30_a_trunk_zero_behind_the_country_code() {
    all_read(&["+33 (0)6 12 34 56 78", "+330612345678"], "FR", &USUAL_FR, "+33612345678");
}

#[test]
fn case_31_two_numbers_in_one_cell() {
    let cells = [
        "06 12 34 56 78 / 01 99 00 99 99",
        "0612345678;0199009999",
        "0612345678 ou 0199009999",
        "06 12 34 56 78\n01 99 00 99 99",
    ];
    for (list, cell) in each(&cells, "FR", &USUAL_FR).iter().zip(cells) {
        let line = list.rows[0].line;
        assert_eq!(list.numbers(line), ["+33612345678", "+33199009999"], "{cell}");
        assert!(has(list, line, Remark::SeveralNumbers), "{cell}");
        assert_eq!(list.rows.len(), 5, "one lead");
    }
}

#[test]
fn case_32_extensions_are_no_digits_of_the_number() {
    for (cell, extension) in
        [("06 12 34 56 78 poste 12", "12"), ("06 12 34 56 78 доб. 5", "5"), ("06 12 34 56 78 x5", "5")]
    {
        let list = column(&[&[cell], &USUAL_FR[..]].concat(), "FR");
        let phone = list.client(2).phones.first();
        assert_eq!((phone.number.reveal(), phone.extension.as_deref()), ("+33612345678", Some(extension)), "{cell}");
        assert!(has(&list, 2, Remark::ExtensionKept));
    }
    let text = "Name,Phone,Extension\nA,0199001234,12\nB,0199001235,\nC,0199001236,7\n";
    let list = read_whole(text.as_bytes(), &standard("FR"), &Wishes::default()).expect("a list");
    let extension = |line| list.client(line).phones.first().extension.as_deref();
    assert_eq!((extension(2), extension(3), extension(4)), (Some("12"), None, Some("7")));
}

#[test]
fn case_33_what_typography_puts_in() {
    let cells = [
        "06\u{202f}12\u{202f}34\u{202f}56\u{202f}78",
        "06\u{a0}12\u{a0}34\u{a0}56\u{a0}78",
        "06\u{2011}12\u{2011}34\u{2011}56\u{2011}78",
        "０６１２３４５６７８",
        "\u{202a}0612345678\u{202c}",
        "\u{200e}0612345678",
    ];
    all_read(&cells, "FR", &USUAL_FR, "+33612345678");
}

#[test]
fn case_34_letters_in_the_number() {
    all_refused(&["O6 12 34 56 78", "06 12 34 56 7X"], "letter");
    let wishes = Wishes { repair: Repair { letter_o: true, ..Repair::default() }, ..Wishes::default() };
    let list = column_with(&[&["O6 12 34 56 78", "06 12 34 56 7X"], &USUAL_FR[..]].concat(), "FR", &wishes);
    assert_eq!(list.numbers(2), ["+33612345678"]);
    assert!(has(&list, 2, Remark::LetterReadAsZero));
    assert_eq!(list.reject(3).code, RejectCode::PhoneInvalid);
}

#[test]
fn case_35_russian_numbers_that_begin_with_eight() {
    let usual = ["8 (495) 123-45-67", "+7 495 123-45-68"];
    all_read(&["8 (812) 123-45-67", "+7 812 123-45-67", "812 123-45-67"], "RU", &usual, "+78121234567");
}

#[test]
fn case_36_a_german_column_without_plus() {
    let cells: Vec<String> = (0..60).map(|at| format!("49177915{:05}", 89_000 + at * 7)).collect();
    let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
    let list = column(&cells, "DE");
    assert_eq!(list.accepted().len(), 60);
    for (at, line) in (2..62).enumerate() {
        assert_eq!(list.numbers(line), [format!("+{}", cells[at])], "no mixed reading");
        assert!(has(&list, line, Remark::PlusRestored));
    }
    let reading = &list.inspection.columns[1].reading;
    assert!(reading.as_deref().is_some_and(|reading| reading.contains('+')), "the preview says so: {reading:?}");
}

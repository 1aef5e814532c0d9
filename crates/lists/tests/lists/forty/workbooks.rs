//! Workbooks and archives.

use relance_domain::list::Remark;
use relance_lists::{Format, Wishes};

use super::workbook::{Sheet, archive, number, row, text, xlsx};
use crate::reading::{Whole, read_whole, standard};

fn sheet(rows: &[Vec<String>]) -> Vec<u8> {
    xlsx(&[Sheet { name: "Clients", hidden: false, rows: rows.iter().map(|cells| row(cells)).collect() }])
}

fn whole(bytes: &[u8]) -> Whole {
    read_whole(bytes, &standard("FR"), &Wishes::default()).expect("a list")
}

#[test]
fn case_22_a_number_with_its_country_code() {
    let mut rows = vec![vec![text("Nom"), text("Téléphone")]];
    rows.extend((0..20).map(|at| vec![text("Martin"), number(&format!("336123456{at:02}"), 0)]));
    let list = whole(&sheet(&rows));
    assert_eq!(list.inspection.format, Format::Xlsx);
    assert_eq!((list.accepted().len(), list.numbers(2)), (20, vec!["+33612345600"]));
}

#[test]
fn case_23_a_leading_zero_that_only_the_format_shows() {
    let mut rows = vec![vec![text("Nom"), text("Téléphone")]];
    rows.extend((0..20).map(|at| vec![text("Martin"), number(&format!("6123456{at:02}"), 2)]));
    let list = whole(&sheet(&rows));
    assert_eq!((list.accepted().len(), list.numbers(2)), (20, vec!["+33612345600"]));
    assert!(list.row(2).remarks.iter().any(|remark| remark == Remark::LeadingZeroRestored), "{:?}", list.row(2));
}

#[test]
fn case_39_days_of_excel_only_in_workbooks() {
    let header = vec![text("Nom"), text("Téléphone"), text("Date de consentement")];
    let serial = |style| {
        let mut rows = vec![header.clone()];
        rows.extend((0..20).map(|at| vec![text("A"), text(&format!("01 99 00 12 {at:02}")), number("46000", style)]));
        sheet(&rows)
    };
    for style in [0, 1] {
        let on = whole(&serial(style)).client(2).consent.on.map(|day| day.to_string());
        assert_eq!(on.as_deref(), Some("2025-12-09"), "style {style}");
    }
    let csv = "Nom;Téléphone;Date de consentement\nA;01 99 00 12 34;46000\n";
    let list = whole(csv.as_bytes());
    assert!(list.accepted().is_empty() || list.client(2).consent.on.is_none(), "{list:?}");
}

#[test]
fn also_lines_above_the_header_of_a_sheet() {
    let rows = [
        vec![text("Export of 3 April 2026")],
        vec![],
        vec![text("Nom"), text("Téléphone"), text("Ville")],
        vec![text("Martin"), text("01 99 00 12 34"), text("Lyon")],
        vec![text("Durand"), text("01 99 00 12 35")],
    ];
    let list = whole(&sheet(&rows));
    assert_eq!((list.inspection.header_line, list.accepted()), (Some(3), vec![4, 5]));
    assert_eq!(list.client(4).city.as_deref(), Some("Lyon"));
}

#[test]
fn also_formulas_stay_text() {
    let text = "Nom;Téléphone;Site\nMartin;0199001234;\"=HYPERLINK(\"\"http://x.example\"\";\"\"x\"\")\"\n";
    let list = whole(text.as_bytes());
    let site = list.client(2).attributes.get("Site").map(String::as_str);
    assert_eq!(site, Some("=HYPERLINK(\"http://x.example\";\"x\")"));
}

#[test]
fn also_hidden_sheets_are_left_out_with_a_notice() {
    let rows = |phone: &str| [row(&[text("Nom"), text("Téléphone")]), row(&[text("Martin"), text(phone)])].concat();
    let bytes = xlsx(&[
        Sheet { name: "Old", hidden: true, rows: rows("0199001299") },
        Sheet { name: "New", hidden: false, rows: rows("0199001234") },
    ]);
    let list = whole(&bytes);
    assert_eq!((list.inspection.part.as_deref(), list.numbers(2)), (Some("New"), vec!["+33199001234"]));
    assert!(list.inspection.notices.iter().any(|notice| notice.contains("hidden")), "{:?}", list.inspection.notices);
}

#[test]
fn also_a_workbook_behind_a_password() {
    // Excel encrypts a workbook into a compound file with a stream of this name.
    let mut bytes = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    bytes.resize(2_048, 0);
    let error = read_whole(&bytes, &standard("FR"), &Wishes::default()).expect_err("no workbook");
    assert!(error.line().is_none(), "{error}");
}

#[test]
fn also_a_zip_archive_with_one_list() {
    let csv = "Nom;Téléphone\nChloé;0199001234\n";
    let list = whole(&archive(&[("export/clients.csv", csv.as_bytes()), ("__MACOSX/._clients.csv", b"\0\0")]));
    assert_eq!(list.accepted(), [2]);
    assert!(list.inspection.part.as_deref().is_some_and(|part| part.contains("clients.csv")));
    let two = archive(&[("a.csv", csv.as_bytes()), ("b.csv", csv.as_bytes())]);
    let error = read_whole(&two, &standard("FR"), &Wishes::default()).expect_err("which of the two?");
    assert!(error.to_string().contains("a.csv") && error.to_string().contains("b.csv"), "{error}");
}

//! What somebody says about a file goes before what is found out.

use relance_domain::list::MappedColumn;
use relance_lists::{Known, ListError, Wishes};

use crate::reading::{Whole, campaign, read_whole, standard};

fn mapped(text: &str, mapping: &[(&str, &str)]) -> Result<Whole, ListError> {
    let mapping =
        mapping.iter().map(|(column, field)| MappedColumn { column: (*column).to_owned(), field: (*field).to_owned() });
    read_whole(text.as_bytes(), &campaign(), &Wishes { mapping: mapping.collect(), ..Wishes::default() })
}

#[test]
fn a_mapping_goes_before_the_headers() {
    let text = "Phone,Joindre,Nom\n0199001234,0199001235,Dupont\n";
    let list = mapped(text, &[("Joindre", "phone"), ("Phone", "-"), ("Nom", "first_name")]).expect("a list");
    assert_eq!(list.numbers(2), ["+33199001235"]);
    let client = list.client(2);
    assert_eq!((client.first_name.as_deref(), client.last_name.as_deref()), (Some("Dupont"), None));
    assert_eq!(client.attributes.get("Phone").map(String::as_str), Some("0199001234"));
    assert_eq!(list.inspection.columns[1].known, Known::Declared);
}

#[test]
fn a_column_without_header_is_mapped_by_its_place() {
    let list = mapped("Dupont,0199001234\nMartin,0199001235\n", &[("col 1", "last_name"), ("col 2", "phone")]);
    let list = list.expect("a list");
    assert_eq!((list.accepted(), list.client(1).last_name.as_deref()), (vec![1, 2], Some("Dupont")));
}

#[test]
fn a_mapping_that_cannot_be_is_refused() {
    let text = "Phone,Nom\n0199001234,Dupont\n";
    let error = mapped(text, &[("Portable", "phone")]).expect_err("no such column").to_string();
    assert!(error.contains("there is no column \"Portable\"") && error.contains("\"Nom\""), "{error}");
    let error = mapped(text, &[("Nom", "surname")]).expect_err("no such field").to_string();
    assert!(error.contains("there is no field \"surname\"") && error.contains("last_name"), "{error}");
}

#[test]
fn a_record_longer_than_any_is_refused_in_bounded_memory() {
    for text in
        ["x".repeat(10 * 1024 * 1024), "x;".repeat(5 * 1024 * 1024), format!("\"{}", "\n".repeat(10 * 1024 * 1024))]
    {
        let text = format!("Nom;Phone\nDupont;0199001234\n{text}");
        let error = read_whole(text.as_bytes(), &standard("FR"), &Wishes::default()).expect_err("too long");
        assert_eq!(error.line(), Some(3), "{error}");
    }
}

#[test]
fn columns_that_no_row_fills_and_rows_that_no_list_has() {
    let wide = format!("Nom;Phone{}\nDupont;0199001234\n", ";".repeat(900));
    let list = read_whole(wide.as_bytes(), &standard("FR"), &Wishes::default()).expect("a list");
    assert_eq!(list.accepted(), [2]);
    let row = format!("Nom;Phone\nDupont;0199001234\nMartin;0199001235{}\n", ";x".repeat(100_000));
    let list = read_whole(row.as_bytes(), &standard("FR"), &Wishes::default()).expect("a list");
    assert!(list.reject(3).message.starts_with("100002 fields"), "{}", list.reject(3).message);
}

//! The sample lists: every count as the file's maker counted.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use relance_domain::list::{RejectCode, Row, Verdict};
use relance_lists::{Rows, read};

use crate::definition::{definition, options};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data").join(name)
}

fn purchased() -> Rows<File> {
    let file = File::open(data("purchased-fr.csv")).expect("the sample list");
    read(file, &definition(), &options("windows-1252", ";")).expect("a header")
}

fn name(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Accepted(_) => "new_clients",
        Verdict::DuplicateInFile { .. } => "duplicate_in_file",
        Verdict::Rejected { reject, .. } => reject.code.as_str(),
    }
}

#[test]
fn the_purchased_list_has_the_counts_of_its_maker() {
    let truth = std::fs::read_to_string(data("purchased-fr.truth.json")).expect("the truth");
    let mut truth: BTreeMap<String, u64> = serde_json::from_str(&truth).expect("counts");
    let rows = truth.remove("rows").expect("a total");

    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for row in purchased() {
        *counts.entry(name(&row.expect("a row").verdict).to_owned()).or_default() += 1;
    }
    assert_eq!(counts, truth);
    assert_eq!(counts.values().sum::<u64>(), rows);
}

#[test]
fn rows_know_their_physical_line_and_the_file_its_hash() {
    let mut list = purchased();
    assert_eq!((list.sha256(), list.columns().len()), (None, 11));
    assert!(list.columns().iter().all(|column| column.feeds.len() == 1), "{:?}", list.columns());
    let rows: Vec<Row> = list.by_ref().collect::<Result<_, _>>().expect("rows");
    assert_eq!(list.bytes_read(), 2_129_599);
    assert_eq!(list.sha256().map(str::len), Some(64));

    let broken = rows.iter().find(
        |row| matches!(&row.verdict, Verdict::Rejected { reject, .. } if reject.code == RejectCode::WrongFieldCount),
    );
    let bytes = std::fs::read(data("purchased-fr.csv")).expect("the sample list");
    let line = usize::try_from(broken.expect("a cut row").line).expect("a small number");
    let text = bytes.split(|byte| *byte == b'\n').nth(line - 1).expect("the line");
    assert!(text.starts_with(b"F000095;"), "line {line}");
}

#[test]
fn cells_of_the_purchased_list_are_kept_in_one_form() {
    let first = purchased().next().expect("a row").expect("readable");
    let Verdict::Accepted(client) = first.verdict else { panic!("not accepted: {first:?}") };
    assert_eq!((first.line, client.phone.reveal(), client.country.as_str()), (2, "+33536494952", "FR"));
    assert_eq!(client.zone.map(|(zone, _)| zone.to_string()), Some("Indian/Reunion".to_owned()));
    let facts: Vec<(&str, &str)> = client.facts.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let expected = [("consent", "yes"), ("consent_date", "2026-02-14"), ("monthly", "40.05"), ("operator", "TéléSud")];
    assert_eq!(facts, expected);
}

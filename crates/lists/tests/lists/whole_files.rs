//! The sample lists: every count as the file's maker counted.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use relance_domain::list::{RejectCode, Verdict};
use relance_lists::{Target, Wishes};

use crate::reading::{Whole, campaign, read_whole, standard};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data").join(name)
}

/// The purchased list, read with nothing declared.
static PURCHASED: LazyLock<Whole> = LazyLock::new(|| read_purchased(&campaign()));

fn read_purchased(target: &Target) -> Whole {
    let bytes = std::fs::read(data("purchased-fr.csv")).expect("the sample list");
    read_whole(&bytes, target, &Wishes::default()).expect("a list")
}

fn name(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Accepted(_) => "new_clients",
        Verdict::DuplicateInFile { .. } => "duplicate_in_file",
        Verdict::Rejected { reject, .. } => reject.code.as_str(),
    }
}

fn has_the_counts_of_its_maker(list: &Whole) {
    let truth = std::fs::read_to_string(data("purchased-fr.truth.json")).expect("the truth");
    let mut truth: BTreeMap<String, u64> = serde_json::from_str(&truth).expect("counts");
    let rows = truth.remove("rows").expect("a total");

    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for row in &list.rows {
        *counts.entry(name(&row.verdict).to_owned()).or_default() += 1;
    }
    assert_eq!(counts, truth);
    assert_eq!(counts.values().sum::<u64>(), rows);
}

#[test]
fn the_purchased_list_has_the_counts_of_its_maker() {
    let list = &*PURCHASED;
    has_the_counts_of_its_maker(list);
    let inspection = &list.inspection;
    assert_eq!(inspection.encoding.as_deref(), Some("windows-1252"));
    assert_eq!((inspection.delimiter.as_deref(), inspection.header_line), (Some(";"), Some(1)));
    assert!(list.questions().is_empty(), "{:?}", inspection.questions);
    assert_eq!(list.inspection.columns.len(), 11);
    assert!(list.inspection.columns.iter().all(|column| column.feeds.len() == 1), "{:?}", list.inspection.columns);
}

#[test]
fn the_purchased_list_needs_no_campaign() {
    let list = read_purchased(&standard("FR"));
    has_the_counts_of_its_maker(&list);
    assert!(list.questions().is_empty(), "{:?}", list.inspection.questions);
}

#[test]
fn rows_know_their_physical_line() {
    let list = &*PURCHASED;
    let broken = list.rows.iter().find(
        |row| matches!(&row.verdict, Verdict::Rejected { reject, .. } if reject.code == RejectCode::WrongFieldCount),
    );
    let bytes = std::fs::read(data("purchased-fr.csv")).expect("the sample list");
    let line = usize::try_from(broken.expect("a cut row").line).expect("a small number");
    let text = bytes.split(|byte| *byte == b'\n').nth(line - 1).expect("the line");
    assert!(text.starts_with(b"F000095;"), "line {line}");
}

#[test]
fn cells_of_the_purchased_list_are_kept_in_one_form() {
    let list = &*PURCHASED;
    let client = list.client(2);
    assert_eq!((client.phones.first().number.reveal(), client.country.as_str()), ("+33536494952", "FR"));
    assert_eq!(client.zone.as_ref().map(|(zone, _)| zone.as_str()), Some("Indian/Reunion"));
    let facts: Vec<(&str, &str)> = client.facts.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let expected = [("consent", "yes"), ("consent_date", "2026-02-14"), ("monthly", "40.05"), ("operator", "TéléSud")];
    assert_eq!(facts, expected);
}

#[test]
fn the_sample_shows_letters_and_hides_numbers() {
    let list = &*PURCHASED;
    let sample = &list.inspection.sample;
    assert!((5..=10).contains(&sample.len()), "{sample:?}");
    assert!(sample.iter().take(5).all(|row| row.cells.iter().any(|cell| !cell.is_ascii())));
    let cells = || sample.iter().flat_map(|row| &row.cells);
    assert!(cells().any(|cell| cell == "TéléSud"), "{sample:?}");
    assert!(cells().all(|cell| cell.chars().filter(char::is_ascii_digit).count() < 6), "{sample:?}");
}

/// The clients of the two campaigns that come along.
#[test]
fn every_client_of_a_seller_is_accepted() {
    for (campaign, country, clients) in [("fibre-winback", "US", 3_600), ("bank-loan", "FR", 2_000)] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../campaigns").join(campaign).join("clients.csv");
        let bytes = std::fs::read(path).expect("the sample list");
        let list = read_whole(&bytes, &standard(country), &Wishes::default()).expect("a list");
        assert_eq!((list.accepted().len(), list.rows.len()), (clients, clients), "{campaign}");
        assert!(list.questions().is_empty(), "{:?}", list.inspection.questions);
    }
}

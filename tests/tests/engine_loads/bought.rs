//! The purchased list of this repository: twenty thousand rows as they arrive, and a file that tells how many are what.

use std::fs;
use std::path::Path;

use relance_domain::campaign::Folder;
use relance_domain::campaign::state::CampaignEvent;
use relance_domain::list::RejectCode;
use relance_scheduler::{ListToLoad, LoadReport};
use relance_testkit::World;
use relance_testkit::builders::purchased;
use relance_tests::campaigns;
use serde_json::Value;

use crate::desk::{dry, into, load};

relance_testkit::on_both_stores![a_bought_list_is_what_its_truth_says];

fn data(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(name)).expect("the data are in the repository")
}

/// The counts that the truth names, of a report.
fn found(report: &LoadReport) -> [(&'static str, i64); 6] {
    let rejected = |code| report.rejects.iter().find(|group| group.code == code).map_or(0, |group| group.rows);
    [
        ("rows", report.counts.rows_read),
        ("new_clients", report.counts.new_clients),
        ("duplicate_in_file", report.counts.duplicates_in_file),
        ("phone_missing", rejected(RejectCode::PhoneMissing)),
        ("phone_invalid", rejected(RejectCode::PhoneInvalid)),
        ("wrong_field_count", rejected(RejectCode::WrongFieldCount)),
    ]
}

/// Nothing is said of the file but the country of its numbers.
async fn a_bought_list_is_what_its_truth_says(world: &World) {
    let file = data("purchased-fr.csv");
    let truth: Value = serde_json::from_slice(&data("purchased-fr.truth.json")).expect("JSON");
    let truth = |report: &LoadReport| found(report).map(|(name, _)| (name, truth[name].as_i64().expect("a count")));
    let check = ListToLoad { campaign: None, country: Some("FR".to_owned()), ..dry(into("", "bought")) };
    let alone = load(world, check, &file).await;
    assert_eq!(found(&alone), truth(&alone));
    assert!(alone.inspection.questions.is_empty(), "{:?}", alone.inspection.questions);
    assert_eq!(alone.inspection.encoding.as_deref(), Some("windows-1252"));

    let folder: Folder = serde_json::from_value(campaigns::folder("fibre-winback")).expect("a folder");
    world.engine.apply_campaign(&folder, None).await.expect("applied");
    world.engine.change_campaign_state("fibre-winback", CampaignEvent::Start).await.expect("started");
    let bought = ListToLoad {
        country: Some("FR".to_owned()),
        ..ListToLoad::new("fibre-winback", purchased("bought", "Data GmbH"))
    };
    let loaded = load(world, bought, &file).await;
    assert_eq!(found(&loaded), truth(&loaded));
    assert_eq!(loaded.counts.new_leads, loaded.counts.new_clients);
    assert_eq!(world.number("SELECT COUNT(*) FROM lead").await, loaded.counts.new_leads);
    assert_eq!(loaded.without_time_zone, 0);
    assert!(loaded.consent.given > 0 && loaded.consent.refused > 0, "{:?}", loaded.consent);
}

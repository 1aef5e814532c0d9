//! A long file whose load is cut off.

use std::io::Write;
use std::sync::Arc;

use relance_domain::Span;
use relance_scheduler::{Error, ListToLoad};
use relance_store::StoreError;
use relance_testkit::World;
use relance_testkit::builders::definition;
use tokio::sync::Notify;

use crate::between;
use crate::desk::{dry, into, load, told, try_load};

relance_testkit::on_both_stores![
    case_40_a_load_that_is_cut_off_goes_on,
    a_load_that_was_cut_off_is_removed_for_another,
];

/// Rows of a long file.
const ROWS: u64 = 200_000;
/// Rows after which its load is cut off.
const CUT_AFTER: i64 = 60_000;

/// A file of so many people, and some rows that make no lead all along it.
fn file(rows: u64) -> Vec<u8> {
    let mut file = b"Nom;Ville;Phone\n".to_vec();
    for at in 0..rows {
        let row = match at % 1_000 {
            997 => writeln!(file, "Martin;Lyon;12"),
            998 => writeln!(file, "Martin;Lyon;+336{:08}", (at - 998) * 331 % 99_999_989),
            _ => writeln!(file, "Martin;Lyon;+336{:08}", at * 331 % 99_999_989),
        };
        row.expect("memory takes every row");
    }
    file
}

/// Begins to load a file, and stops as a process does that dies: after so many rows, without a word.
async fn cut_off(world: &World, load: ListToLoad, file: &[u8], after: i64) {
    let (enough, told) = (Arc::new(Notify::new()), world.engine.clone());
    let cut = Arc::clone(&enough);
    let loading = between::node(world, move || {
        let (cut, told) = (Arc::clone(&cut), told.clone());
        async move {
            let load = told.load_under_way("cut").await.expect("an answer");
            if load.is_some_and(|load| i64::try_from(load.rows).is_ok_and(|rows| rows >= after)) {
                cut.notify_one();
            }
        }
    });
    let load = ListToLoad { ticket: Some("cut".to_owned()), ..load };
    tokio::select! {
        biased;
        () = enough.notified() => {}
        ended = try_load(&loading, load, file) => panic!("it was not cut off: {ended:?}"),
    }
}

async fn case_40_a_load_that_is_cut_off_goes_on(world: &World) {
    world.running(&definition("fibre")).await;
    let file = file(ROWS);
    let would = load(world, dry(into("fibre", "long")), &file).await;
    cut_off(world, into("fibre", "long"), &file, CUT_AFTER).await;
    let at_once = try_load(&world.engine, into("fibre", "long"), &file).await;
    assert!(
        matches!(at_once, Err(Error::Store(StoreError::Conflict(_)))),
        "who may be alive is waited for: {at_once:?}"
    );
    assert_eq!(world.engine.lists(None).await.expect("lists"), [], "nothing of it is seen");
    world.clock.advance(Span::of_seconds(20));
    let again = load(world, into("fibre", "long"), &file).await;
    assert!(again.resumed, "it goes on");
    assert_eq!(told(&again), told(&would), "as if it had never been cut off");
    assert!(again.counts.rejected >= 200 && again.counts.duplicates_in_file > 100, "{:?}", again.counts);
    assert_eq!(world.number("SELECT COUNT(*) FROM lead").await, again.counts.new_leads);
    assert_eq!(world.number("SELECT COUNT(DISTINCT phone) FROM client").await, again.counts.new_clients);
    let once_more = try_load(&world.engine, into("fibre", "long"), &file).await;
    assert!(matches!(once_more, Err(Error::Store(StoreError::Conflict(_)))), "a file is loaded once: {once_more:?}");
}

/// What was cut off stands in no other file's way, nor in that of the same file under another name.
async fn a_load_that_was_cut_off_is_removed_for_another(world: &World) {
    let (long, short) = (file(5_000), file(1_500));
    let mut leads = 0;
    for (campaign, name, text) in [("fibre", "another", &short), ("loan", "renamed", &long)] {
        world.running(&definition(campaign)).await;
        cut_off(world, into(campaign, "long"), &long, 2_000).await;
        assert!(world.number("SELECT COUNT(*) FROM lead").await >= leads + 1_990, "some of it was there");
        world.clock.advance(Span::of_seconds(20));
        let loaded = load(world, into(campaign, name), text).await;
        assert!(!loaded.resumed, "it begins anew");
        leads += loaded.counts.new_leads;
        assert_eq!(world.number("SELECT COUNT(*) FROM lead").await, leads);
        assert_eq!(world.number("SELECT COUNT(*) FROM list WHERE state = 'staging'").await, 0);
    }
    assert_eq!(world.number("SELECT COUNT(*) FROM client").await, 4_990, "nobody is there twice");
}

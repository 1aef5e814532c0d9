//! A load while it runs: what is told of it, and what else goes on.

use std::sync::{Arc, Mutex, OnceLock};

use relance_domain::Span;
use relance_domain::list::Row;
use relance_scheduler::{Engine, Error, ListToLoad, LoadPhase, LoadUnderWay, NextAnswer};
use relance_store::StoreError;
use relance_testkit::builders::definition;
use relance_testkit::{World, reports};

use crate::between;
use crate::desk::{into, load, next, number, try_load};

relance_testkit::on_both_stores![
    how_far_a_load_has_come_is_told_on_every_node,
    one_list_at_a_time_is_loaded_into_a_campaign,
    operators_call_while_a_list_is_loaded_and_get_none_of_it,
];

/// Rows of a file that is taken in several transactions.
const ROWS: u32 = 3_500;

fn file(first: u32) -> String {
    let rows = (first..first + ROWS).map(|person| format!("{},Person\n", number(person)));
    "phone,last_name\n".to_owned() + &rows.collect::<String>()
}

fn told<T: Clone>(by: &Arc<Mutex<Vec<T>>>) -> Vec<T> {
    by.lock().expect("unpoisoned").clone()
}

async fn how_far_a_load_has_come_is_told_on_every_node(world: &World) {
    world.running(&definition("fibre")).await;
    let (here, there) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(Vec::new())));
    let node: Arc<OnceLock<Engine>> = Arc::default();
    let other = world.another_node().await;
    let (seen_here, seen_there, asked, clock) =
        (Arc::clone(&here), Arc::clone(&there), Arc::clone(&node), world.clock.clone());
    let loading = between::node(world, move || {
        let (here, there, asked, other) =
            (Arc::clone(&seen_here), Arc::clone(&seen_there), Arc::clone(&asked), other.clone());
        clock.advance(Span::of_seconds(1));
        async move {
            let Some(node) = asked.get() else { return };
            let keep = |to: &Mutex<Vec<LoadUnderWay>>, seen| to.lock().expect("unpoisoned").extend(seen);
            keep(&here, node.load_under_way("spring").await.expect("an answer"));
            keep(&there, other.load_under_way("spring").await.expect("an answer"));
        }
    });
    assert!(node.set(loading.clone()).is_ok(), "it is set once");
    let ticketed = ListToLoad { ticket: Some("spring".to_owned()), ..into("fibre", "Spring") };
    try_load(&loading, ticketed, file(2)).await.expect("loaded");
    for engine in [&loading, &world.engine] {
        assert_eq!(engine.load_under_way("spring").await.expect("an answer"), None, "it has ended");
    }
    let (here, there) = (told(&here), told(&there));
    let mut phases: Vec<_> = here.iter().map(|load| load.phase).collect();
    phases.dedup();
    assert_eq!(phases, [LoadPhase::Looking, LoadPhase::Taking, LoadPhase::Committing]);
    for told in [&here, &there] {
        assert!(told.iter().all(|load| load.name == "Spring" && load.percent <= 100));
        assert!(told.is_sorted_by_key(|load| (load.percent, load.rows)), "{told:?}");
        assert_eq!(told.last().map(|load| (load.percent, load.rows)), Some((100, u64::from(ROWS))));
    }
    let taking = here.iter().rfind(|load| load.phase == LoadPhase::Taking).expect("it was taking rows");
    assert!(taking.rows_per_second.is_some(), "{taking:?}");
    assert!(there.len() > 3, "another node knows it from the database: {there:?}");
}

async fn one_list_at_a_time_is_loaded_into_a_campaign(world: &World) {
    world.running(&definition("fibre")).await;
    world.running(&definition("loan")).await;
    let answers = Arc::new(Mutex::new(Vec::new()));
    let (seen, engine) = (Arc::clone(&answers), world.engine.clone());
    let loading = between::node(world, move || {
        let (seen, engine) = (Arc::clone(&seen), engine.clone());
        async move {
            let running = engine.load_under_way("first").await.expect("an answer").is_some_and(|load| load.rows > 0);
            if !running || seen.lock().expect("unpoisoned").len() == 2 {
                return;
            }
            for campaign in ["fibre", "loan"] {
                let second = try_load(&engine, into(campaign, "second"), format!("phone\n{}\n", number(9_000))).await;
                seen.lock().expect("unpoisoned").push(second.map(|report| report.counts.new_leads));
            }
        }
    });
    let first = ListToLoad { ticket: Some("first".to_owned()), ..into("fibre", "first") };
    let loaded = try_load(&loading, first, file(2)).await.expect("loaded");
    assert_eq!(loaded.counts.new_leads, i64::from(ROWS));
    match answers.lock().expect("unpoisoned").as_slice() {
        [Err(Error::Store(StoreError::Conflict(why))), Ok(1)] => assert!(why.contains("\"first\""), "{why}"),
        other => panic!("{other:?}"),
    }
    load(world, into("fibre", "second"), format!("phone\n{}\n", number(9_000))).await;
}

async fn operators_call_while_a_list_is_loaded_and_get_none_of_it(world: &World) {
    let marie = world.operator("marie").await;
    let boris = world.operator("boris").await;
    let campaign = world.running(&definition("fibre")).await;
    // Two of them are on the list that is being loaded too: they are called from the list that they were on first.
    let old: Vec<Row> = (1..=4).map(relance_testkit::builders::row).collect();
    world.load_rows(&campaign, relance_testkit::builders::provenance("old"), &old).await.expect("loaded");
    let called = Arc::new(Mutex::new(Vec::new()));
    let (seen, engine, floor) = (Arc::clone(&called), world.engine.clone(), marie.clone());
    let loading = between::node(world, move || {
        let (seen, engine, marie) = (Arc::clone(&seen), engine.clone(), floor.clone());
        async move {
            let running = engine.load_under_way("new").await.expect("an answer").is_some_and(|load| load.rows > 0);
            if !running {
                return;
            }
            match engine.next_lead(marie.id, None).await.expect("an answer") {
                NextAnswer::Lead(lead) => {
                    let report = reports::not_interested();
                    engine.record_outcome(marie.id, lead.assignment, &lead.token, &report).await.expect("recorded");
                    seen.lock().expect("unpoisoned").push(Some(lead.phone));
                }
                NextAnswer::Nobody(_) => seen.lock().expect("unpoisoned").push(None),
            }
        }
    });
    let new = ListToLoad { ticket: Some("new".to_owned()), ..into("fibre", "new") };
    let loaded = try_load(&loading, new, file(3)).await.expect("loaded");
    assert_eq!((loaded.counts.new_leads, loaded.counts.duplicates_in_campaign), (i64::from(ROWS) - 2, 2));
    let called = told(&called);
    assert!(called.len() >= 3, "calls went on: {called:?}");
    let old: Vec<String> = (1..=4).map(number).collect();
    assert!(called.iter().flatten().all(|phone| old.contains(phone)), "{called:?}");
    let (first, second) = (next(world, &marie).await, next(world, &boris).await);
    assert_ne!(first.lead, second.lead, "with the commit they get the others");
}

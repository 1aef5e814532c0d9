//! Who waits for whom on PostgreSQL, where several write at once: each story stops a transaction in its middle, by a lock that a third
//! party holds, and lets another one come.

use std::future::Future;
use std::time::Duration;

use relance_domain::Span;
use relance_store::outcome::Recorded;
use relance_testkit::builders::{accepted, client, definition, phone, provenance};
use relance_testkit::{World, reports};
use sqlx::Connection;
use tokio::time::timeout;

/// Longer than anything takes: whoever waits so long waits in vain.
const IN_VAIN: Duration = Duration::from_secs(60);

/// Waits until so many connections wait for a lock.
async fn waiting(world: &World, transactions: i64) {
    let look = async {
        let waits =
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while world.number(waits).await < transactions {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(IN_VAIN, look).await.expect("they wait");
}

/// Holds what a statement locks until what is to happen meanwhile has happened.
async fn while_held<T>(world: &World, lock: &'static str, meanwhile: impl Future<Output = T>) -> T {
    let mut third = world.connection().await;
    let mut transaction = third.begin().await.expect("begun");
    sqlx::query(lock).execute(&mut *transaction).await.expect("locked");
    let result = meanwhile.await;
    transaction.rollback().await.expect("let go");
    result
}

/// Whoever objects while a list that gives them a further number becomes visible waits for that, and is suppressed with both.
#[tokio::test]
async fn an_objection_waits_for_a_load_that_gives_its_person_a_number() {
    let world = World::postgres().await;
    let marie = world.operator("marie").await;
    let fibre = world.running(&definition("fibre")).await;
    world.load(&fibre, 2..=2).await;
    let loan = world.running(&definition("loan")).await;
    let load = world.opening(&loan, provenance("further numbers"));
    let list = world.begin(&load).await.expect("open");
    let mut person = client(2);
    person.phones.add(relance_domain::list::ListedPhone { number: phone(902), extension: None });
    world.take(list, &load, &[accepted(2, person)]).await.expect("taken");
    let hand_out = world.hand_out(&marie).await;
    let record = world.record_of(&hand_out, &reports::plain("do_not_call")).await;
    let (store, began) = (std::sync::Arc::clone(&world.store), world.now());
    world.clock.advance(Span::minutes(2));
    // The load has its numbers written when it tells the planner of its leads.
    let held = while_held(&world, "LOCK TABLE lead IN SHARE UPDATE EXCLUSIVE MODE", async {
        let (committing, ticket) = (std::sync::Arc::clone(&store), load.ticket.clone());
        let commit = tokio::spawn(async move { committing.commit_load(list, &ticket, began).await });
        waiting(&world, 1).await;
        let now = world.now();
        let objection = tokio::spawn(async move { store.record_outcome(&record, now).await });
        waiting(&world, 2).await;
        (commit, objection)
    });
    let (commit, objection) = held.await;
    commit.await.expect("no panic").expect("committed");
    let recorded = objection.await.expect("no panic").expect("recorded");
    assert!(matches!(recorded, Recorded::Done { .. }), "{recorded:?}");
    assert_eq!(world.number("SELECT COUNT(*) FROM suppression").await, 2);
    let verified = world.verify().await;
    assert!(verified.violations.is_empty(), "{:?}", verified.violations);
}

//! Who waits for whom on PostgreSQL, where several write at once: each story stops a transaction in its middle, by a lock that a third
//! party holds, and lets another one come.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use relance_domain::Span;
use relance_domain::campaign::state::CampaignEvent;
use relance_store::claim::{Answer, Claimed};
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
    let (store, began) = (Arc::clone(&world.store), world.now());
    world.clock.advance(Span::minutes(2));
    // The load has its numbers written when it tells the planner of its leads.
    let held = while_held(&world, "LOCK TABLE lead IN SHARE UPDATE EXCLUSIVE MODE", async {
        let (committing, ticket) = (Arc::clone(&store), load.ticket.clone());
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

/// A pause, or another version, waits for the hand-outs that were under way when it came, and those who ask after it wait for it: however
/// many ask, it has its turn.
#[tokio::test]
async fn hand_outs_do_not_overtake_a_change_of_their_campaign() {
    let world = World::postgres().await;
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=9).await;
    let mut another = definition("fibre");
    another.goal = "another one".to_owned();
    for change in [None, Some(CampaignEvent::Pause)] {
        let (first, second) = (world.batch(&[&marie]).await, world.batch(&[&paul]).await);
        // A hand-out has its campaigns when it writes its assignment.
        let held = while_held(&world, "LOCK TABLE assignment IN EXCLUSIVE MODE", async {
            let now = world.now();
            let claim = |batch| {
                let store = Arc::clone(&world.store);
                tokio::spawn(async move { store.claim(&batch, now).await })
            };
            let first = claim(first);
            waiting(&world, 1).await;
            let (store, id, another) = (Arc::clone(&world.store), campaign.id, another.clone());
            let changed = tokio::spawn(async move {
                match change {
                    Some(event) => store.change_campaign_state(id, event).await.map(drop),
                    None => store.apply_campaign(&another, None, now).await.map(drop),
                }
            });
            waiting(&world, 2).await;
            let second = claim(second);
            waiting(&world, 3).await;
            (first, changed, second)
        });
        let (first, changed, second) = held.await;
        changed.await.expect("no panic").expect("changed");
        let Answer::Served(answers) = first.await.expect("no panic").expect("answered") else { panic!("outdated") };
        let [Claimed::Assignment(assignment)] = answers[..] else { panic!("{answers:?}") };
        let second = second.await.expect("no panic").expect("answered");
        assert!(matches!(second, Answer::Outdated), "{change:?}: {second:?}");
        let hand_out = world.look_at(assignment).await;
        world.record(&hand_out, &reports::plain("no_answer")).await;
    }
}

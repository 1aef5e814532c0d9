//! The keys that suppressed numbers are hashed with: nothing in clear, no node with another key, nobody missed while one is replaced.

use std::sync::Arc;

use relance_domain::client::UpdatePolicy;
use relance_domain::lead::{ClosedReason, LeadState};
use relance_domain::list::{ListedPhone, Row};
use relance_domain::suppression::{SuppressionKey, SuppressionKeys};
use relance_store::campaign::Campaign;
use relance_store::outcome::NewSuppression;
use relance_store::question::{About, CallInQuestion};
use relance_store::suppression::KnownKey;
use relance_store::{Result, Store, StoreError};

use crate::World;
use crate::builders::{accepted, client, definition, phone, provenance, row};
use crate::conformance::tariffs::refusals;
use crate::keys::suppression_keys;
use crate::reports;

const OF_VERSION_1: &str = "SELECT COUNT(*) FROM suppression WHERE key_version = 1";

/// Suppresses a person for everybody, through the store of a node.
async fn suppress(world: &World, store: &Arc<dyn Store>, person: u32) -> Result<u64> {
    let reason = "asked by letter".to_owned();
    let suppression = NewSuppression { phone: phone(person), seller: None, campaign: None, reason, by: None };
    store.suppress(&suppression, world.now()).await
}

/// How many of these people a load through the store of a node would leave out.
async fn left_out(store: &Arc<dyn Store>, campaign: &Campaign, people: &[u32]) -> Result<i64> {
    let rows: Vec<Row> = people.iter().map(|person| row(*person)).collect();
    let checked = store.check_rows(campaign.id, UpdatePolicy::Keep, &rows, &Default::default()).await?;
    Ok(checked.counts.suppressed)
}

fn is_wrong_key<T>(result: Result<T>) -> bool {
    matches!(result, Err(StoreError::WrongKey(_)))
}

/// What an older program left in clear is hashed before anybody is looked up, and the number goes.
pub async fn numbers_in_clear_are_hashed(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    world.write("DELETE FROM suppression_key").await;
    for person in 2..=6 {
        let number = phone(person);
        let values = format!("('{}', 'asked', 0)", number.reveal());
        world.write(&format!("INSERT INTO suppression (clear_phone, reason, created_at_ms) VALUES {values}")).await;
    }
    assert!(is_wrong_key(left_out(&world.store, &campaign, &[2]).await), "nobody is looked up before");
    world.store.check_suppression_keys().await.expect("hashed");
    world.store.check_suppression_keys().await.expect("twice changes nothing");
    assert_eq!(left_out(&world.store, &campaign, &[2, 3, 4, 5, 6, 7]).await.expect("counted"), 5);
    let everything = world.everything().await.join("\n");
    assert!(!everything.contains(phone(2).reveal()), "a number is left");
    assert_eq!(world.store.suppression_keys().await.expect("keys"), [KnownKey { version: 1, matches: true }]);
}

/// A suppression is told by the number that was asked about, and kept without it.
pub async fn a_suppression_keeps_no_number(world: &World) {
    suppress(world, &world.store, 2).await.expect("suppressed");
    assert!(!world.everything().await.join("\n").contains(phone(2).reveal()));
    let told = world.store.suppressions(&About::Phone(phone(2))).await.expect("told");
    assert_eq!((told.len(), told[0].phone.as_str()), (1, phone(2).masked().as_str()));
    assert!(world.store.suppressions(&About::Phone(phone(3))).await.expect("told").is_empty());
}

/// Any number of a person keeps them from being called, wherever that is decided.
pub async fn any_number_of_a_person_is_looked_up(world: &World) {
    let marie = world.operator("marie").await;
    let fibre = world.running(&definition("fibre")).await;
    let loan = world.running(&definition("loan")).await;
    let mut two = client(2);
    two.phones.add(ListedPhone { number: phone(12), extension: None });
    world.load_rows(&fibre, provenance("two"), &[accepted(2, two)]).await.expect("loaded");
    world.call(&marie, &reports::refused_over("30")).await;
    assert!(!refusals(world, fibre.id).await[0].standing.facts.suppressed);
    // Written past the store: the lead is still in the queue, as after a race.
    let hash = suppression_keys(1).hashes(&phone(12))[0];
    let columns = "phone_hash, key_version, reason, created_at_ms";
    let now = world.now().as_millisecond();
    world.write(&format!("INSERT INTO suppression ({columns}) VALUES ('{hash}', 1, 'asked', {now})")).await;
    assert!(refusals(world, fibre.id).await[0].standing.facts.suppressed);
    let lead = world.lead_of(2).await.lead;
    assert!(
        world
            .store
            .person_in_question(&CallInQuestion::new(lead, "fibre", world.now()))
            .await
            .expect("facts")
            .facts
            .suppressed
    );
    let told = world.store.suppressions(&About::Phone(phone(2))).await.expect("told");
    assert_eq!(told[0].phone, phone(12).masked());
    assert_eq!(left_out(&world.store, &loan, &[12]).await.expect("counted"), 1);
}

/// A node with another key, or too few, is refused before it can miss anybody.
pub async fn a_node_with_another_key_is_refused(world: &World) {
    let other = SuppressionKeys::new(vec![SuppressionKey::new([99; 32])]).expect("a key");
    let stranger = world.node_with(other).await;
    assert!(is_wrong_key(stranger.check_suppression_keys().await));
    assert!(is_wrong_key(stranger.migrate().await));
    assert_eq!(stranger.suppression_keys().await.expect("keys"), [KnownKey { version: 1, matches: false }]);
    let friend = world.node_with(suppression_keys(1)).await;
    friend.check_suppression_keys().await.expect("the same key");
}

/// A key that nobody has rotated to is not used: a node that lacks it finds what is suppressed through one that has it.
pub async fn a_newer_key_waits_for_its_rotation(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    let ahead = world.node_with(suppression_keys(2)).await;
    ahead.check_suppression_keys().await.expect("it has the key in use");
    suppress(world, &ahead, 2).await.expect("suppressed");
    assert_eq!(left_out(&world.store, &campaign, &[2, 3]).await.expect("counted"), 1);
}

/// While a key is replaced, and after a rotation was cut off, every look-up is right; what is suppressed meanwhile is found as well.
pub async fn suppressions_hold_while_the_key_is_replaced(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    for person in 2..=8 {
        suppress(world, &world.store, person).await.expect("suppressed");
    }
    let people: Vec<u32> = (2..=12).collect();
    let node = world.node_with(suppression_keys(2)).await;
    assert_eq!(node.begin_key_rotation().await.expect("begun"), 2);
    let first = node.nest_suppressions(0, 2).await.expect("a step");
    assert_eq!((first.nested, left_out(&node, &campaign, &people).await.expect("counted")), (2, 7));
    suppress(world, &node, 9).await.expect("suppressed");
    let second = node.nest_suppressions(first.next.expect("more"), 2).await.expect("a step");
    assert_eq!((second.nested, left_out(&node, &campaign, &people).await.expect("counted")), (2, 8));
    assert_eq!(world.number(OF_VERSION_1).await, 3, "the rotation was cut off here");
    // Another node begins anew, with the same step twice, as two nodes would.
    let other = world.node_with(suppression_keys(2)).await;
    assert_eq!(other.begin_key_rotation().await.expect("begun"), 2);
    let steps = tokio::join!(other.nest_suppressions(0, 2), node.nest_suppressions(0, 2), suppress(world, &node, 10));
    steps.0.expect("a step");
    steps.1.expect("a step");
    steps.2.expect("suppressed meanwhile");
    let mut after = Some(0);
    while let Some(row) = after {
        after = other.nest_suppressions(row, 2).await.expect("a step").next;
        assert_eq!(left_out(&other, &campaign, &people).await.expect("counted"), 9);
    }
    assert_eq!(world.number(OF_VERSION_1).await, 0);
    assert!(matches!(node.begin_key_rotation().await, Err(StoreError::Conflict(_))), "nothing is newer");
    let third = world.node_with(suppression_keys(3)).await;
    assert_eq!(third.begin_key_rotation().await.expect("begun"), 3);
    while third.nest_suppressions(0, 3).await.expect("a step").nested > 0 {}
    assert_eq!(left_out(&third, &campaign, &people).await.expect("counted"), 9);
}

/// From the first step of a rotation on, a node without the new key says so instead of finding nobody suppressed.
pub async fn a_node_without_the_new_key_does_not_look_up(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=3).await;
    suppress(world, &world.store, 9).await.expect("suppressed");
    world.call(&marie, &reports::refused_over("30")).await;
    let held = world.hand_out(&marie).await;
    let node = world.node_with(suppression_keys(2)).await;
    node.begin_key_rotation().await.expect("begun");
    let old = &world.store;
    assert!(is_wrong_key(left_out(old, &campaign, &[9]).await));
    assert!(is_wrong_key(old.suppressions(&About::Phone(phone(9))).await));
    assert!(is_wrong_key(suppress(world, old, 10).await));
    assert!(is_wrong_key(old.person_in_question(&CallInQuestion::new(held.lead, "fibre", world.now())).await));
    let record = world.record_of(&held, &reports::plain("do_not_call")).await;
    assert!(is_wrong_key(old.record_outcome(&record, world.now()).await));
    assert!(is_wrong_key(old.check_suppression_keys().await), "nor does it open");
    // The report is not lost: a node that has the key takes it.
    node.record_outcome(&record, world.now()).await.expect("recorded");
    let lead = node.leads_in_question(&About::Lead(held.lead)).await.expect("told");
    assert_eq!(lead[0].state, LeadState::Closed(ClosedReason::Suppressed));
    while node.nest_suppressions(0, 10).await.expect("a step").nested > 0 {}
}

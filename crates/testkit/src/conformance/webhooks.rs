//! Messages to other systems: written with their news, taken under leases, tried again, given up, sent again.

use relance_domain::Span;
use relance_domain::definition::OrderWebhook;
use relance_domain::order::state::{OrderEvent, OrderEventKind};
use relance_domain::webhook::FAILURES_UNTIL_AWAY;
use relance_store::client::Erase;
use relance_store::order::{Change, Changed};
use relance_store::webhook::{Message, MessageClaim, MessageFilter, NotTaken, Replay, ToTell};

use super::orders::{placed, selling, the_order, what};
use crate::world::World;

/// A campaign that tells a system of its orders, and an order of it.
async fn told(world: &World) {
    let mut definition = selling(world, 2).await;
    let on = OrderEventKind::ALL.to_vec();
    definition.order.webhooks = vec![OrderWebhook { sink: "provider".into(), on, give_up_after: Span::days(1) }];
    world.store.apply_campaign(&definition, None, world.now()).await.expect("applied");
    let olga = world.operator("olga").await;
    placed(world, &olga).await;
}

async fn claim(world: &World, lease: &str) -> Vec<Message> {
    let claim = MessageClaim {
        sink: "provider".into(),
        lease: lease.into(),
        lease_until: Span::minutes(1).after(world.now()),
        limit: 8,
    };
    world.store.claim_messages(&claim, world.now()).await.expect("claimed")
}

fn failed(world: &World, message: &Message, lease: &str, next_minutes: i64, away: bool) -> NotTaken {
    let next_at = world.in_minutes(next_minutes);
    NotTaken { message: message.id, lease: lease.into(), why: "it answered with status 503".into(), away, next_at }
}

/// A message is there exactly when its news is, tells its place in the order's life, and holds nobody's number.
pub async fn a_message_is_written_with_its_news(world: &World) {
    told(world).await;
    let order = the_order(world).await;
    let to = ToTell { sink: "provider".into(), message: "msg_two".into(), give_up_after: Span::days(1) };
    let verify = Change { tell: vec![to], ..what(&order, OrderEvent::Verify, None) };
    assert!(matches!(world.store.change_order(&verify, world.now()).await.expect("answered"), Changed::Done(_)));
    let outdated = world.store.change_order(&verify, world.now()).await.expect("answered");
    assert_eq!(outdated, Changed::Outdated(2), "and no message of it");
    let messages = claim(world, "one").await;
    let told: Vec<serde_json::Value> =
        messages.iter().map(|message| serde_json::from_str(&message.payload).expect("JSON")).collect();
    let news: Vec<_> = told.iter().map(|m| (m["type"].as_str(), m["data"]["sequence"].as_i64())).collect();
    assert_eq!(news, [(Some("order.placed"), Some(1)), (Some("order.verified"), Some(2))]);
    assert_eq!(told[0]["data"]["form"]["fields"]["full_name"], "Person 2");
    assert_eq!(told[0]["data"]["price"]["amount"], "24.99");
    assert!(messages.iter().all(|message| !message.payload.contains("+33") && !message.payload.contains("olga")));
}

/// A lease keeps a message from everybody else until it is over; whoever lost it changes nothing.
pub async fn a_message_is_sent_by_one_at_a_time(world: &World) {
    told(world).await;
    let (one, other) = tokio::join!(claim(world, "one"), claim(world, "other"));
    assert_eq!(one.len() + other.len(), 1, "{one:?} {other:?}");
    let (mine, lease) = if one.is_empty() { (&other[0], "other") } else { (&one[0], "one") };
    assert!(claim(world, "third").await.is_empty());
    world.pass_minutes(2).await;
    let again = claim(world, "third").await;
    assert_eq!((again[0].message.as_str(), again[0].tries), (mine.message.as_str(), 2), "its node is gone");
    assert!(!world.store.message_taken(mine.id, lease, world.now()).await.expect("answered"), "the lease is lost");
    assert!(world.store.message_taken(mine.id, "third", world.now()).await.expect("answered"));
    world.pass_minutes(2).await;
    assert!(claim(world, "fourth").await.is_empty(), "taken once and for all");
    assert_eq!(world.store.forget_messages(world.now(), 10).await.expect("forgotten"), 1);
}

/// What is not taken is tried again later, for the last time as its span ends, and then given up; even then it can be sent again as it was.
pub async fn a_message_is_tried_again_until_its_span_is_over(world: &World) {
    told(world).await;
    let first = claim(world, "one").await.remove(0);
    assert!(world.store.message_not_taken(&failed(world, &first, "one", 10, false), world.now()).await.expect("kept"));
    assert!(claim(world, "two").await.is_empty(), "not yet");
    world.pass_minutes(10).await;
    let second = claim(world, "two").await.remove(0);
    assert_eq!(second.tries, 2);
    // The next try would come after the day that the message has: it comes as the day ends.
    world.store.message_not_taken(&failed(world, &second, "two", 24 * 60, false), world.now()).await.expect("kept");
    world.pass_minutes(23 * 60 + 49).await;
    assert!(claim(world, "early").await.is_empty(), "not yet");
    world.pass_minutes(1).await;
    let last = claim(world, "last").await.remove(0);
    assert_eq!(last.tries, 3);
    world.store.message_not_taken(&failed(world, &last, "last", 10, false), world.now()).await.expect("kept");
    world.pass_minutes(48 * 60).await;
    assert!(claim(world, "three").await.is_empty(), "given up");
    let page = MessageFilter { limit: 10, ..MessageFilter::default() };
    let dead = world.store.messages(&page).await.expect("messages").remove(0);
    assert_eq!((dead.state.as_str(), dead.last_error.as_deref()), ("dead", Some("it answered with status 503")));
    assert_eq!((dead.number.as_str(), dead.sequence), ("F-2026-001", 1));
    let since = Replay { since: Some(world.now()), ..Replay::default() };
    assert_eq!(world.store.replay_messages(&since, world.now()).await.expect("answered"), 0);
    let this = Replay { message: Some(dead.id), ..Replay::default() };
    assert_eq!(world.store.replay_messages(&this, world.now()).await.expect("answered"), 1);
    let replayed = claim(world, "four").await.remove(0);
    assert_eq!((replayed.message, replayed.payload, replayed.tries), (first.message, first.payload, 1));
}

/// A system that does not answer is left alone for a while, then tried with one message; when it answers, everything that waits is due.
pub async fn a_system_that_is_away_is_left_alone(world: &World) {
    told(world).await;
    for time in 0..FAILURES_UNTIL_AWAY {
        let message = claim(world, "one").await.remove(0);
        world.store.message_not_taken(&failed(world, &message, "one", 0, true), world.now()).await.expect("kept");
        let state = world.store.sinks(world.now()).await.expect("systems").remove(0);
        assert_eq!((state.failures, state.rests_until.is_some()), (time + 1, time + 1 == FAILURES_UNTIL_AWAY));
    }
    assert!(claim(world, "two").await.is_empty(), "left alone");
    let paul = world.operator("paul").await;
    world.call(&paul, &crate::reports::ordered("fibre-25")).await;
    world.pass_minutes(1).await;
    let one = claim(world, "two").await;
    assert_eq!(one.len(), 1, "of the two that are due, one is tried");
    world.write("UPDATE webhook_message SET due_at_ms = due_at_ms + 3600000 WHERE tries = 0").await;
    world.store.message_taken(one[0].id, "two", world.now()).await.expect("kept");
    let state = world.store.sinks(world.now()).await.expect("systems").remove(0);
    assert_eq!((state.failures, state.rests_until, state.waiting, state.taken), (0, None, 1, 1));
    assert_eq!(claim(world, "three").await.len(), 1, "it is back, and what waited is due at once");
}

/// Of somebody who was erased nothing is sent any more, and nothing can be sent again.
pub async fn an_erased_person_is_told_of_no_more(world: &World) {
    told(world).await;
    let order = the_order(world).await;
    let erase = Erase { client: order.client, reason: "asked for it".into(), by: None };
    world.store.erase_client(&erase, world.now()).await.expect("erased");
    assert!(claim(world, "one").await.is_empty());
    let all = Replay { since: Some(Span::days(1).before(world.now())), ..Replay::default() };
    assert_eq!(world.store.replay_messages(&all, world.now()).await.expect("answered"), 0);
    assert!(the_order(world).await.form.fields.is_empty());
}

//! Operators who are away, and promises that are overdue.

use relance_domain::Span;
use relance_store::StoreError;
use relance_store::claim::{Claimed, Why};
use relance_store::outcome::CallbackFilter;
use relance_store::user::Away;

use crate::builders::definition;
use crate::world::person;
use crate::{World, reports};

/// From and until, in minutes from now.
async fn away(world: &World, name: &str, from: i64, until: i64) {
    let away = Away { from: world.in_minutes(from), until: world.in_minutes(until) };
    let user = world.store.set_away(name, Some(away)).await.expect("said");
    assert_eq!(user.away, Some(away));
}

/// Runs the loop with a grace that nothing here has waited for.
async fn escalate(world: &World, campaign: &relance_store::campaign::Campaign) -> u64 {
    let long_ago = Span::days(1).before(world.now());
    world.store.escalate_callbacks(campaign.id, long_ago, world.now(), 10).await.expect("escalated")
}

/// Who is away is shown, until somebody says that they are back.
pub async fn an_absence_is_kept_until_it_is_taken_back(world: &World) {
    let marie = world.operator("marie").await;
    assert_eq!(marie.away, None);
    away(world, "marie", 5, 60).await;
    away(world, "marie", 10, 90).await;
    let expected = Some(Away { from: world.in_minutes(10), until: world.in_minutes(90) });
    assert_eq!(world.store.user("marie").await.expect("marie").away, expected);
    assert_eq!(world.store.users().await.expect("users")[0].away, expected);
    assert_eq!(world.store.set_away("marie", None).await.expect("back"), marie);
    assert!(matches!(world.store.set_away("nobody", None).await, Err(StoreError::NotFound { .. })));
}

/// A personal promise that is due while its operator is away is anybody's at once, without waiting for the loop.
pub async fn a_promise_of_somebody_who_is_away_is_anybodys(world: &World) {
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=3).await;
    for _ in 2..=3 {
        world.call(&marie, &reports::call_later_myself(world.in_minutes(60))).await;
    }
    away(world, "marie", 30, 120).await;
    world.clock.advance(Span::minutes(59));
    assert_eq!((world.claim(&paul).await, escalate(world, &campaign).await), (Claimed::Nobody, 0), "it is not due");
    world.clock.advance(Span::minutes(1));
    let first = world.hand_out(&paul).await;
    assert_eq!((person(&first), first.decision.why), (2, Why::AnyCallback));
    world.record(&first, &reports::not_interested()).await;
    assert_eq!(escalate(world, &campaign).await, 1);
    assert_eq!(escalate(world, &campaign).await, 0);
    let filter = CallbackFilter { operator: Some(paul.id), limit: 10, ..CallbackFilter::default() };
    let open = world.store.callbacks(&filter).await.expect("promises");
    assert_eq!((open.len(), open[0].escalated_at), (1, Some(world.now())));
    world.store.set_away("marie", None).await.expect("back");
    assert_eq!(person(&world.hand_out(&paul).await), 3, "what is anybody's stays so");
}

/// A personal promise whose operator is back before it is due stays theirs, and so does one that is due before they go.
pub async fn a_promise_of_somebody_who_is_back_in_time_stays_theirs(world: &World) {
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    world.call(&marie, &reports::call_later_myself(world.in_minutes(60))).await;
    away(world, "marie", 0, 60).await;
    world.clock.advance(Span::minutes(60));
    assert_eq!((world.claim(&paul).await, escalate(world, &campaign).await), (Claimed::Nobody, 0));
    away(world, "marie", 1, 60).await;
    assert_eq!((world.claim(&paul).await, escalate(world, &campaign).await), (Claimed::Nobody, 0));
    assert_eq!(world.hand_out(&marie).await.decision.why, Why::PersonalCallback);
}

/// An operator's own promises come before those of somebody who is away, however long those have waited.
pub async fn ones_own_promises_come_first(world: &World) {
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=3).await;
    world.call(&marie, &reports::call_later_myself(world.in_minutes(30))).await;
    world.call(&paul, &reports::call_later_myself(world.in_minutes(60))).await;
    away(world, "marie", 0, 120).await;
    world.clock.advance(Span::minutes(60));
    let own = world.call(&paul, &reports::not_interested()).await;
    assert_eq!((person(&own), own.decision.why), (3, Why::PersonalCallback));
    assert_eq!(world.hand_out(&paul).await.decision.why, Why::AnyCallback);
}

/// Overdue promises are those that may be kept by now, the longest first.
pub async fn overdue_promises_are_shown_longest_first(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=4).await;
    for minutes in [90, 30, 60] {
        world.call(&marie, &reports::call_later(world.in_minutes(minutes))).await;
    }
    world.clock.advance(Span::minutes(60));
    let filter = CallbackFilter { overdue_at: Some(world.now()), limit: 10, ..CallbackFilter::default() };
    let overdue = world.store.callbacks(&filter).await.expect("promises");
    let leads: Vec<_> = overdue.into_iter().map(|promise| promise.lead).collect();
    assert_eq!(leads, [world.lead_of(3).await.lead, world.lead_of(4).await.lead]);
}

//! What keeps leads moving: due times, leases, and promises whose operator does not come.

use relance_domain::definition::AttemptCap;
use relance_domain::lead::{Block, ClosedReason, LeadState};
use relance_domain::{Span, queue};
use relance_store::claim::{Claimed, Why};
use relance_store::outcome::CallbackFilter;

use crate::builders::definition;
use crate::conformance::registers::stands_in_register;
use crate::world::person;
use crate::{World, reports};

async fn promote(world: &World, limit: i64) -> u64 {
    world.store.promote_due(world.now(), limit).await.expect("promoted")
}

async fn return_expired(world: &World, limit: i64) -> u64 {
    world.store.return_expired(world.now(), limit).await.expect("returned")
}

/// A lead is ready when its time has come, not before, and no more at once than asked.
pub async fn due_leads_become_ready(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=5).await;
    for _ in 2..=4 {
        world.call(&marie, &reports::plain("no_answer")).await;
        world.clock.advance(Span::minutes(1));
    }
    world.call(&marie, &reports::plain("machine")).await;
    world.clock.advance(Span::minutes(116));
    assert_eq!(promote(world, 10).await, 0);
    world.clock.advance(Span::minutes(10));
    assert_eq!(promote(world, 2).await, 2);
    assert_eq!([world.state_of(2).await, world.state_of(3).await], [LeadState::Ready; 2], "the longest due first");
    assert_eq!(promote(world, 2).await, 1);
    assert_eq!(promote(world, 2).await, 0);
    assert!(matches!(world.state_of(5).await, LeadState::Scheduled { .. }));
}

/// A promise is kept by its own search: it does not become an ordinary lead of the queue.
pub async fn promised_leads_are_not_promoted(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    world.call(&marie, &reports::call_later(world.in_minutes(5))).await;
    world.clock.advance(Span::minutes(60));
    assert_eq!(promote(world, 10).await, 0);
    assert_eq!(world.hand_out(&marie).await.decision.why, Why::AnyCallback);
}

/// A lease that ran out gives the lead back, once; one that runs does not.
pub async fn an_expired_lease_gives_the_lead_back(world: &World) {
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=3).await;
    let first = world.hand_out(&marie).await;
    world.clock.advance(Span::minutes(10));
    let second = world.hand_out(&paul).await;
    world.clock.advance(Span::minutes(20));
    assert_eq!(return_expired(world, 10).await, 1);
    assert_eq!(return_expired(world, 10).await, 0);
    assert_eq!(world.look_at(first.assignment).await.ended_at, Some(world.now()));
    assert_eq!(world.look_at(second.assignment).await.ended_at, None);
    assert_eq!(world.state_of(2).await, LeadState::Ready);
    assert_eq!(world.store.open_assignment(marie.id).await.expect("an answer"), None);
    let again = world.hand_out(&marie).await;
    assert_eq!(again.lead, first.lead);
    assert!(again.assignment > first.assignment && again.token != first.token, "an old token opens nothing");
}

/// Leases are taken back no more at once than asked, the longest over first.
pub async fn leases_are_taken_back_within_bounds(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=4).await;
    for name in ["marie", "paul", "zoe"] {
        let operator = world.operator(name).await;
        world.hand_out(&operator).await;
        world.clock.advance(Span::minutes(1));
    }
    world.clock.advance(Span::minutes(60));
    assert_eq!(return_expired(world, 2).await, 2);
    assert_eq!(world.state_of(4).await, LeadState::Assigned);
    assert_eq!(return_expired(world, 2).await, 1);
}

/// A hand-out whose lease ran out counts as a try: nobody knows that the person was not called.
pub async fn an_expired_lease_counts_as_a_try(world: &World) {
    let marie = world.operator("marie").await;
    let mut once_a_day = definition("fibre");
    once_a_day.calling.caps = vec![AttemptCap { max: 1, window: Span::days(1) }];
    let campaign = world.running(&once_a_day).await;
    world.load(&campaign, 2..=2).await;
    let free_again = Span::days(1).after(world.now());
    world.hand_out(&marie).await;
    world.clock.advance(Span::minutes(30));
    assert_eq!(return_expired(world, 10).await, 1);
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
    assert_eq!(world.state_of(2).await, LeadState::Scheduled { due_at: free_again, block: Block::AttemptCap });
}

/// A promise outlives the lease of whoever was to keep it.
pub async fn an_expired_lease_keeps_the_promise(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    world.call(&marie, &reports::call_later_myself(world.in_minutes(60))).await;
    world.clock.advance(Span::minutes(60));
    let kept = world.hand_out(&marie).await;
    world.clock.advance(Span::minutes(30));
    assert_eq!(return_expired(world, 10).await, 1);
    assert_eq!(world.state_of(2).await, LeadState::Scheduled { due_at: world.now(), block: Block::Callback });
    let again = world.hand_out(&marie).await;
    assert_eq!((again.callback, again.decision.why), (kept.callback, Why::PersonalCallback));
}

/// Whoever comes to stand in a register while a lead is held is closed when its lease runs out, and what was promised is dropped.
pub async fn an_expired_lease_of_an_objector_closes(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    world.call(&marie, &reports::call_later(world.in_minutes(60))).await;
    world.clock.advance(Span::minutes(60));
    world.hand_out(&marie).await;
    stands_in_register(world, 2).await;
    assert_eq!(world.state_of(2).await, LeadState::Assigned);
    world.clock.advance(Span::minutes(30));
    assert_eq!(return_expired(world, 10).await, 1);
    assert_eq!(world.state_of(2).await, LeadState::Closed(ClosedReason::Suppressed));
    let filter = CallbackFilter { limit: 10, ..CallbackFilter::default() };
    assert_eq!(world.store.callbacks(&filter).await.expect("promises"), []);
}

/// Of leases that run out together each lead goes its own way: into the queue, to its promise, or out of it.
pub async fn leases_that_run_out_together_end_each_as_it_must(world: &World) {
    let (marie, paul, zoe) = (world.operator("marie").await, world.operator("paul").await, world.operator("zoe").await);
    let campaign = world.running(&definition("fibre")).await;
    let other = world.running(&definition("loan")).await;
    world.load(&campaign, 2..=2).await;
    world.call(&marie, &reports::call_later_myself(world.in_minutes(60))).await;
    world.clock.advance(Span::minutes(60));
    assert!(world.hand_out(&marie).await.callback.is_some());
    world.load(&campaign, 3..=3).await;
    world.hand_out(&paul).await;
    world.load(&other, 4..=4).await;
    world.hand_out(&zoe).await;
    stands_in_register(world, 3).await;
    world.clock.advance(Span::minutes(30));
    assert_eq!(return_expired(world, 10).await, 3);
    assert_eq!(world.state_of(2).await, LeadState::Scheduled { due_at: world.now(), block: Block::Callback });
    assert_eq!(world.state_of(3).await, LeadState::Closed(ClosedReason::Suppressed));
    assert_eq!(world.state_of(4).await, LeadState::Ready);
}

/// A personal promise is anybody's when its operator has not come for the grace, not before, in its campaign only.
pub async fn a_personal_promise_escalates_after_the_grace(world: &World) {
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let campaign = world.running(&definition("fibre")).await;
    let other = world.running(&definition("loan")).await;
    world.load(&campaign, 2..=4).await;
    let due_at = world.in_minutes(60);
    for _ in 2..=3 {
        world.call(&marie, &reports::call_later_myself(due_at)).await;
    }
    world.call(&marie, &reports::call_later(due_at)).await;
    let escalate = async |of, overdue_since, limit| {
        world.store.escalate_callbacks(of, overdue_since, world.now(), limit).await.expect("escalated")
    };
    world.clock.advance(Span::minutes(120));
    assert_eq!(escalate(campaign.id, Span::minutes(1).before(due_at), 10).await, 0);
    assert_eq!(escalate(other.id, due_at, 10).await, 0);
    assert_eq!(escalate(campaign.id, due_at, 1).await, 1);
    assert_eq!(escalate(campaign.id, due_at, 10).await, 1);
    assert_eq!(escalate(campaign.id, due_at, 10).await, 0, "what is anybody's does not escalate");
    let filter = CallbackFilter { operator: Some(paul.id), limit: 10, ..CallbackFilter::default() };
    let open = world.store.callbacks(&filter).await.expect("promises");
    let escalated: Vec<_> = open.iter().map(|promise| promise.escalated_at).collect();
    assert_eq!(escalated, [Some(world.now()), Some(world.now()), None]);
    let hand_out = world.hand_out(&paul).await;
    assert_eq!((person(&hand_out), hand_out.decision.why), (2, Why::AnyCallback));
}

/// The grace of a promise that the rules hold back counts from when they allow it.
pub async fn the_grace_counts_from_when_a_promise_may_be_kept(world: &World) {
    let marie = world.operator("marie").await;
    let mut once_a_day = definition("fibre");
    once_a_day.calling.caps = vec![AttemptCap { max: 1, window: Span::days(1) }];
    let campaign = world.running(&once_a_day).await;
    world.load(&campaign, 2..=2).await;
    let (due_at, free_again) = (world.in_minutes(60), Span::days(1).after(world.now()));
    world.call(&marie, &reports::call_later_myself(due_at)).await;
    world.clock.set(due_at);
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
    let before = Span::minutes(1).before(free_again);
    for (overdue_since, escalated) in [(due_at, 0), (before, 0), (free_again, 1)] {
        let done = world.store.escalate_callbacks(campaign.id, overdue_since, world.now(), 10).await;
        assert_eq!(done.expect("escalated"), escalated, "overdue since {overdue_since}");
    }
}

/// A lead keeps its place in the queue when its lease ran out.
pub async fn an_expired_lease_keeps_the_priority(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    world.call(&marie, &reports::plain("busy")).await;
    world.pass_minutes(10).await;
    world.hand_out(&marie).await;
    world.clock.advance(Span::minutes(30));
    assert_eq!(return_expired(world, 10).await, 1);
    assert_eq!(world.lead_of(2).await.priority, queue::RETRY);
}

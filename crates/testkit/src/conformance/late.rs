//! Outcomes that came late, and what a supervisor says of them.

use relance_domain::assignment::Ending;
use relance_domain::outcome::OutcomeReport;
use relance_domain::{LateOutcomeId, Span};
use relance_store::StoreError;
use relance_store::campaign::Campaign;
use relance_store::late::{LateFilter, LateOutcome, NewReview};
use relance_store::outcome::Recorded;
use relance_store::user::User;

use crate::builders::definition;
use crate::{World, reports};

/// All of them.
const ALL: LateFilter = LateFilter { open: None, campaign: None, before: None, limit: 100 };

/// Hands out a lead whose lease runs out before its operator reports.
async fn report_late(world: &World, operator: &User, report: &OutcomeReport) -> LateOutcomeId {
    let hand_out = world.hand_out(operator).await;
    world.clock.advance(Span::minutes(31));
    assert_eq!(world.store.return_expired(world.now(), 10).await.expect("returned"), 1);
    world.clock.advance(Span::minutes(1));
    match world.record(&hand_out, report).await {
        Recorded::Late { late_outcome } => late_outcome,
        other => panic!("late, not {other:?}"),
    }
}

async fn shown(world: &World, filter: LateFilter) -> Vec<LateOutcome> {
    world.store.late_outcomes(&filter).await.expect("late outcomes")
}

async fn ids(world: &World, filter: LateFilter) -> Vec<LateOutcomeId> {
    shown(world, filter).await.into_iter().map(|late| late.id).collect()
}

/// A campaign with one person.
async fn campaign(world: &World, name: &str, person: u32) -> Campaign {
    let campaign = world.running(&definition(name)).await;
    world.load(&campaign, person..=person).await;
    campaign
}

/// A late outcome is shown with what was reported and what it was late for, without the person's number.
pub async fn a_late_outcome_is_shown_in_full(world: &World) {
    let marie = world.operator("marie").await;
    campaign(world, "fibre", 2).await;
    let promise = OutcomeReport { note: Some("after work".into()), ..reports::call_later(world.in_minutes(600)) };
    let due_at = world.in_minutes(600);
    let late = report_late(world, &marie, &promise).await;
    let shown = shown(world, ALL).await;
    assert_eq!(shown.len(), 1);
    let LateOutcome { id, received_at, operator, ending, ended_at, campaign, phone, disposition, .. } = &shown[0];
    assert_eq!((*id, *received_at, operator.as_str()), (late, world.now(), "marie"));
    assert_eq!((*ending, *ended_at), (Ending::Expired, Span::minutes(1).before(world.now())));
    assert_eq!((campaign.as_str(), phone.as_str(), disposition.as_str()), ("fibre", "+33•••••••02", "call_later"));
    assert_eq!((shown[0].lead, shown[0].note.as_deref()), (world.lead_of(2).await.lead, Some("after work")));
    assert_eq!((shown[0].promised_for, shown[0].review.clone()), (Some(due_at), None));
}

/// Late outcomes are filtered, and paged without loss or repeat, the newest first.
pub async fn late_outcomes_are_shown_newest_first(world: &World) {
    let marie = world.operator("marie").await;
    let fibre = campaign(world, "fibre", 2).await;
    let mut all = Vec::new();
    for _ in 0..3 {
        all.insert(0, report_late(world, &marie, &reports::refused_over("30")).await);
    }
    assert_eq!(ids(world, ALL).await, all);
    assert_eq!(ids(world, LateFilter { limit: 2, ..ALL }).await, all[..2]);
    assert_eq!(ids(world, LateFilter { before: Some(all[1]), ..ALL }).await, all[2..]);
    assert_eq!(ids(world, LateFilter { campaign: Some(fibre.id), ..ALL }).await, all);
    let other = world.running(&definition("loan")).await;
    assert_eq!(ids(world, LateFilter { campaign: Some(other.id), ..ALL }).await, []);
    let new = NewReview { late_outcome: all[1], by: Some(marie.id), note: "called again".into() };
    world.store.review_late_outcome(&new, world.now()).await.expect("reviewed");
    assert_eq!(ids(world, LateFilter { open: Some(true), ..ALL }).await, [all[0], all[2]]);
    assert_eq!(ids(world, LateFilter { open: Some(false), ..ALL }).await, [all[1]]);
}

/// A late outcome is reviewed once; who and when are kept.
pub async fn a_late_outcome_is_reviewed_once(world: &World) {
    let marie = world.operator("marie").await;
    campaign(world, "fibre", 2).await;
    let late_outcome = report_late(world, &marie, &reports::plain("busy")).await;
    let new = NewReview { late_outcome, by: Some(marie.id), note: "called again".into() };
    let reviewed = world.store.review_late_outcome(&new, world.now()).await.expect("reviewed");
    let review = reviewed.review.clone().expect("a review");
    assert_eq!((review.at, review.by.as_deref(), review.note.as_str()), (world.now(), Some("marie"), "called again"));
    world.clock.advance(Span::minutes(1));
    let again = NewReview { by: None, ..new.clone() };
    assert_eq!(world.store.review_late_outcome(&again, world.now()).await.expect("the same"), reviewed);
    let other = NewReview { note: "left alone".into(), ..new.clone() };
    let refused = world.store.review_late_outcome(&other, world.now()).await;
    assert!(matches!(&refused, Err(StoreError::Conflict(why)) if why.contains("by marie")), "{refused:?}");
    let unknown = NewReview { late_outcome: LateOutcomeId(999), ..new };
    let refused = world.store.review_late_outcome(&unknown, world.now()).await;
    assert!(matches!(refused, Err(StoreError::NotFound { .. })), "{refused:?}");
}

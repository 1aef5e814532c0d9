//! Leads that a supervisor takes from their operators, and hands to others.

use std::sync::Arc;

use relance_domain::assignment::Ending;
use relance_domain::campaign::state::CampaignEvent;
use relance_domain::definition::AttemptCap;
use relance_domain::lead::{Block, ClosedReason, LeadState};
use relance_domain::{AssignmentId, Span};
use relance_store::StoreError;
use relance_store::assignment::{HandOver, Take, Taken};
use relance_store::claim::{HandOut, RunningCampaign, Why};
use relance_store::outcome::Recorded;
use relance_store::user::User;

use crate::builders::definition;
use crate::conformance::registers::stands_in_register;
use crate::{World, reports};

/// A take without anybody to hand the lead to.
fn of(hand_out: &HandOut) -> Take {
    Take { assignment: hand_out.assignment, by: None, reason: "gone home".into(), to: None }
}

/// A take that hands the lead to an operator.
async fn for_operator(world: &World, hand_out: &HandOut, operator: &User) -> Take {
    let batch = world.batch(&[operator]).await;
    let of_lead = |campaign: &&Arc<RunningCampaign>| campaign.id == hand_out.campaign;
    let campaign = batch.campaigns.iter().find(of_lead).expect("the campaign runs").as_ref().clone();
    let token = format!("token of {}", operator.name);
    Take { to: Some(HandOver { operator: operator.id, token, campaign }), ..of(hand_out) }
}

async fn take(world: &World, take: &Take) -> Taken {
    world.store.take(take, world.now()).await.expect("an answer")
}

async fn refused(world: &World, take: &Take) -> String {
    match world.store.take(take, world.now()).await {
        Err(StoreError::Conflict(why)) => why,
        other => panic!("a conflict, not {other:?}"),
    }
}

fn handed(taken: &Taken) -> AssignmentId {
    match taken {
        Taken::Done { handed: Some(assignment), .. } => *assignment,
        other => panic!("handed over, not {other:?}"),
    }
}

/// A lead that is taken is back in the queue, counts as a try, and what its operator reports afterwards is late.
pub async fn a_lead_that_is_taken_goes_back(world: &World) {
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let mut twice_a_day = definition("fibre");
    twice_a_day.calling.caps = vec![AttemptCap { max: 2, window: Span::days(1) }];
    let campaign = world.running(&twice_a_day).await;
    world.load(&campaign, 2..=2).await;
    let hand_out = world.hand_out(&marie).await;
    world.clock.advance(Span::minutes(1));
    let by_paul = Take { by: Some(paul.id), ..of(&hand_out) };
    let done = Taken::Done { lead: hand_out.lead, lead_state: "ready".into(), handed: None };
    assert_eq!(take(world, &by_paul).await, done);
    let ended = world.look_at(hand_out.assignment).await;
    assert_eq!((ended.ending, ended.ended_because.as_deref()), (Some(Ending::Revoked), Some("gone home")));
    assert_eq!(ended.ended_at, Some(world.now()));
    assert_eq!(take(world, &of(&hand_out)).await, Taken::Ended(Ending::Revoked));
    assert_eq!(world.number("SELECT COUNT(*) FROM assignment WHERE ended_by IS NOT NULL").await, 1);
    assert!(matches!(world.record(&hand_out, &reports::not_interested()).await, Recorded::Late { .. }));
    assert_eq!(world.hand_out(&paul).await.decision.clearance.caps()[0].used, 1, "nobody knows that it was not called");
}

/// A promise outlives the take of its lead; who stands in a register by then is closed.
pub async fn a_lead_that_is_taken_goes_to_its_promise_or_is_closed(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=3).await;
    world.call(&marie, &reports::call_later_myself(world.in_minutes(60))).await;
    let hand_out = world.hand_out(&marie).await;
    stands_in_register(world, 3).await;
    let closed = Taken::Done { lead: hand_out.lead, lead_state: "closed".into(), handed: None };
    assert_eq!(take(world, &of(&hand_out)).await, closed);
    assert_eq!(world.state_of(3).await, LeadState::Closed(ClosedReason::Suppressed));
    world.clock.advance(Span::minutes(60));
    let promised = world.hand_out(&marie).await;
    let waits = Taken::Done { lead: promised.lead, lead_state: "scheduled".into(), handed: None };
    assert_eq!(take(world, &of(&promised)).await, waits);
    assert_eq!(world.state_of(2).await, LeadState::Scheduled { due_at: world.now(), block: Block::Callback });
}

/// A lead that is handed over is another operator's at once, under a token of its own, with what is known of it.
pub async fn a_lead_is_handed_over_at_once(world: &World) {
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    world.call(&marie, &reports::call_later_myself(world.in_minutes(60))).await;
    world.clock.advance(Span::minutes(60));
    let first = world.hand_out(&marie).await;
    world.clock.advance(Span::minutes(10));
    let second = world.look_at(handed(&take(world, &for_operator(world, &first, &paul).await).await)).await;
    assert_eq!((second.operator, second.lead, second.callback), (paul.id, first.lead, first.callback));
    assert_eq!((second.handed_at, second.lease_until), (world.now(), world.in_minutes(30)));
    assert!(second.assignment > first.assignment && second.token == "token of paul");
    assert_eq!((second.decision.why, second.decision.priority), (Why::HandedOver, first.decision.priority));
    assert_eq!(second.decision.clearance.caps()[0].used, 2, "the one that was taken is a try");
    let from = second.taken_from.clone().expect("it was taken");
    assert_eq!(
        (from.assignment, from.operator.as_str(), from.reason.as_str()),
        (first.assignment, "marie", "gone home")
    );
    assert_eq!(world.state_of(2).await, LeadState::Assigned);
    assert_eq!(world.hand_out(&paul).await.assignment, second.assignment, "asking for the next lead gives it");
    assert!(matches!(world.record(&first, &reports::not_interested()).await, Recorded::Late { .. }));
    assert!(matches!(world.record(&second, &reports::not_interested()).await, Recorded::Done { .. }));
    assert_eq!(world.number("SELECT COUNT(*) FROM callback WHERE state = 'kept'").await, 1);
}

/// An operator who has a lead already, has this one, or is disabled gets none; then nothing is taken.
pub async fn a_lead_is_handed_over_to_who_is_free(world: &World) {
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let zoe = world.operator("zoe").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=3).await;
    let (of_marie, of_paul) = (world.hand_out(&marie).await, world.hand_out(&paul).await);
    let busy = refused(world, &for_operator(world, &of_marie, &paul).await).await;
    assert!(busy.contains("paul") && busy.contains(&of_paul.assignment.to_string()), "{busy}");
    let same = refused(world, &for_operator(world, &of_marie, &marie).await).await;
    assert!(same.contains("has this lead"), "{same}");
    world.store.disable_user("zoe", world.now()).await.expect("disabled");
    let gone = refused(world, &for_operator(world, &of_marie, &zoe).await).await;
    assert!(gone.contains("disabled"), "{gone}");
    assert_eq!(world.look_at(of_marie.assignment).await.ended_at, None);
    assert_eq!(world.store.open_assignment(marie.id).await.expect("an answer"), Some(of_marie.assignment));
}

/// Handing over is handing out: who must not be called now is not, and then nothing is taken.
pub async fn a_lead_is_handed_over_by_the_rules(world: &World) {
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let mut once_a_day = definition("fibre");
    once_a_day.calling.caps = vec![AttemptCap { max: 1, window: Span::days(1) }];
    let capped = world.running(&once_a_day).await;
    world.load(&capped, 2..=2).await;
    let hand_out = world.hand_out(&marie).await;
    let to_paul = for_operator(world, &hand_out, &paul).await;
    let over = refused(world, &to_paul).await;
    assert!(over.contains("tried as often as the caps allow, until "), "{over}");
    stands_in_register(world, 2).await;
    assert!(refused(world, &to_paul).await.contains("must not be called"));
    world.change(&capped, CampaignEvent::Pause).await;
    assert!(refused(world, &to_paul).await.contains("does not run"));
    world.change(&capped, CampaignEvent::Resume).await;
    once_a_day.calling.caps = Vec::new();
    world.store.apply_campaign(&once_a_day, None, world.now()).await.expect("applied");
    assert_eq!(take(world, &to_paul).await, Taken::Outdated);
    assert_eq!(world.look_at(hand_out.assignment).await.ended_at, None);
    let unknown = Take { assignment: AssignmentId(999), ..of(&hand_out) };
    assert!(matches!(world.store.take(&unknown, world.now()).await, Err(StoreError::NotFound { .. })));
}

/// Of a take and an outcome that come at once, one ends the assignment.
pub async fn a_take_and_an_outcome_at_once(world: &World) {
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=9).await;
    for _ in 2..=9 {
        let hand_out = world.hand_out(&marie).await;
        let (taking, report) = (for_operator(world, &hand_out, &paul).await, reports::not_interested());
        let (taken, recorded) = tokio::join!(take(world, &taking), world.record(&hand_out, &report));
        let ended = world.look_at(hand_out.assignment).await.ending;
        match (&taken, &recorded) {
            (Taken::Done { .. }, Recorded::Late { .. }) => {
                assert_eq!(ended, Some(Ending::Revoked));
                let second = world.look_at(handed(&taken)).await;
                assert!(matches!(world.record(&second, &report).await, Recorded::Done { .. }));
            }
            (Taken::Ended(Ending::Outcome), Recorded::Done { .. }) => assert_eq!(ended, Some(Ending::Outcome)),
            both => panic!("{both:?}"),
        }
    }
}

/// Of two takes for one operator that come at once, one hands over; nobody gets two leads.
pub async fn two_takes_for_one_operator_at_once(world: &World) {
    let (marie, zoe) = (world.operator("marie").await, world.operator("zoe").await);
    let paul = world.operator("paul").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=3).await;
    let (of_marie, of_zoe) = (world.hand_out(&marie).await, world.hand_out(&zoe).await);
    let (first, second) = (for_operator(world, &of_marie, &paul).await, for_operator(world, &of_zoe, &paul).await);
    let (first, second) = tokio::join!(world.store.take(&first, world.now()), world.store.take(&second, world.now()));
    let done = [&first, &second].into_iter().filter(|taken| matches!(taken, Ok(Taken::Done { .. }))).count();
    let refused = [&first, &second].into_iter().filter(|taken| matches!(taken, Err(StoreError::Conflict(_)))).count();
    assert_eq!((done, refused), (1, 1), "{first:?} {second:?}");
}

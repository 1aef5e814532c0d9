//! Leads that are held for longer, or handed back as not called.

use relance_domain::assignment::{Ending, HAND_BACK_REST};
use relance_domain::definition::AttemptCap;
use relance_domain::lead::{Block, ClosedReason, LeadState};
use relance_domain::{Span, queue};
use relance_store::assignment::{HandedBack, Held, Holder};
use relance_store::claim::{Claimed, HandOut, Why};
use relance_store::outcome::Recorded;

use crate::builders::{accepted, definition, provenance};
use crate::conformance::loads::with_phones;
use crate::conformance::registers::stands_in_register;
use crate::world::person;
use crate::{World, reports};

/// The lease of the builders' campaigns, in minutes.
const LEASE: i64 = 30;

fn holder(hand_out: &HandOut) -> Holder {
    Holder { assignment: hand_out.assignment, token: hand_out.token.clone(), operator: hand_out.operator }
}

async fn hold(world: &World, hand_out: &HandOut) -> Held {
    world.store.hold(&holder(hand_out), Span::minutes(LEASE), world.now()).await.expect("an answer")
}

async fn hand_back(world: &World, hand_out: &HandOut) -> HandedBack {
    world.store.hand_back(&holder(hand_out), "a colleague", world.now()).await.expect("an answer")
}

async fn return_expired(world: &World) -> u64 {
    world.store.return_expired(world.now(), 10).await.expect("returned")
}

/// A lead whose operator says that the call goes on is not taken back when its first lease is over.
pub async fn a_lead_that_is_held_keeps_its_operator(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    let hand_out = world.hand_out(&marie).await;
    world.clock.advance(Span::minutes(20));
    assert_eq!(hold(world, &hand_out).await, Held::Until(world.in_minutes(LEASE)));
    assert_eq!(world.look_at(hand_out.assignment).await.lease_until, world.in_minutes(LEASE));
    world.clock.advance(Span::minutes(25));
    assert_eq!(return_expired(world).await, 0);
    // Past its lease, too, as long as nobody has taken the lead back.
    world.clock.advance(Span::minutes(10));
    assert_eq!(hold(world, &hand_out).await, Held::Until(world.in_minutes(LEASE)));
    assert_eq!(return_expired(world).await, 0);
    assert!(matches!(world.record(&hand_out, &reports::not_interested()).await, Recorded::Done { .. }));
}

/// However often an operator says so, a lead is held for four leases at most; and saying so never shortens the lease.
pub async fn a_lead_is_held_for_four_leases_at_most(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    let hand_out = world.hand_out(&marie).await;
    let at_most = world.in_minutes(4 * LEASE);
    for minutes in [25, 25, 25, 25] {
        world.clock.advance(Span::minutes(minutes));
        assert_eq!(hold(world, &hand_out).await, Held::Until(at_most.min(world.in_minutes(LEASE))));
    }
    let shorter = world.store.hold(&holder(&hand_out), Span::minutes(1), world.now()).await;
    assert_eq!(shorter.expect("an answer"), Held::Until(at_most));
    world.clock.set(at_most);
    assert_eq!(hold(world, &hand_out).await, Held::Until(at_most));
    assert_eq!(return_expired(world).await, 1);
    assert_eq!(hold(world, &hand_out).await, Held::Ended(Ending::Expired));
    assert_eq!(world.look_at(hand_out.assignment).await.lease_until, at_most);
}

/// Only the operator who has the lead holds it or hands it back, and only with its token.
pub async fn an_assignment_is_held_and_handed_back_by_its_operator_only(world: &World) {
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    let hand_out = world.hand_out(&marie).await;
    let right = holder(&hand_out);
    let wrong = [
        Holder { operator: paul.id, ..right.clone() },
        Holder { token: "guessed".into(), ..right.clone() },
        Holder { assignment: relance_domain::AssignmentId(right.assignment.0 + 100), ..right },
    ];
    for wrong in wrong {
        let held = world.store.hold(&wrong, Span::minutes(LEASE), world.now()).await.expect("an answer");
        assert_eq!(held, Held::NotYours);
        let back = world.store.hand_back(&wrong, "why not", world.now()).await.expect("an answer");
        assert_eq!(back, HandedBack::NotYours);
    }
    assert_eq!(world.look_at(hand_out.assignment).await.lease_until, hand_out.lease_until);
    world.record(&hand_out, &reports::plain("no_answer")).await;
    assert_eq!(hold(world, &hand_out).await, Held::Ended(Ending::Outcome));
    assert_eq!(hand_back(world, &hand_out).await, HandedBack::Ended(Ending::Outcome));
}

/// A lead that is handed back keeps its place in the queue, and says what became of it; once.
pub async fn a_lead_handed_back_is_where_it_was(world: &World) {
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    world.call(&marie, &reports::plain("busy")).await;
    world.pass_minutes(10).await;
    let hand_out = world.hand_out(&marie).await;
    world.clock.advance(Span::minutes(1));
    let done = HandedBack::Done { lead: hand_out.lead, at: world.now() };
    assert_eq!(hand_back(world, &hand_out).await, done);
    assert_eq!((world.state_of(2).await, world.lead_of(2).await.priority), (LeadState::Ready, queue::RETRY));
    world.clock.advance(Span::minutes(1));
    let again = world.store.hand_back(&holder(&hand_out), "another reason", world.now()).await;
    assert_eq!(again.expect("an answer"), done, "the same again tells the same");
    let ended = world.look_at(hand_out.assignment).await;
    assert_eq!((ended.ending, ended.ended_because.as_deref()), (Some(Ending::Returned), Some("a colleague")));
    assert_eq!(ended.hand_backs, 1);
    assert_eq!(hold(world, &hand_out).await, Held::Ended(Ending::Returned));
    assert_eq!(world.store.open_assignment(marie.id).await.expect("an answer"), None);
    assert_eq!(world.hand_out(&paul).await.lead, hand_out.lead);
}

/// A lead that was handed back as not called was not tried; an outcome that comes in late after all says otherwise.
pub async fn a_hand_back_is_no_try(world: &World) {
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let mut once_a_day = definition("fibre");
    once_a_day.calling.caps = vec![AttemptCap { max: 1, window: Span::days(1) }];
    let campaign = world.running(&once_a_day).await;
    world.load(&campaign, 2..=2).await;
    let free_again = Span::days(1).after(world.now());
    let first = world.hand_out(&marie).await;
    hand_back(world, &first).await;
    let second = world.hand_out(&paul).await;
    assert_eq!(second.decision.clearance.caps()[0].used, 0);
    hand_back(world, &second).await;
    assert!(matches!(world.record(&first, &reports::plain("no_answer")).await, Recorded::Late { .. }));
    let zoe = world.operator("zoe").await;
    assert_eq!(world.claim(&zoe).await, Claimed::Nobody);
    assert_eq!(world.state_of(2).await, LeadState::Scheduled { due_at: free_again, block: Block::AttemptCap });
}

/// A number that was handed back as not called was not dialled: it is still its turn, and a lead is not closed before it was tried.
/// An outcome that comes in late after all says otherwise.
pub async fn a_number_handed_back_was_not_dialled(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    let rows = [accepted(2, with_phones(2, &[902])), accepted(3, with_phones(3, &[903]))];
    world.load_rows(&campaign, provenance("two numbers"), &rows).await.expect("loaded");
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let (first, second) = (world.hand_out(&marie).await, world.hand_out(&paul).await);
    assert_eq!((person(&first), person(&second)), (2, 3));
    hand_back(world, &first).await;
    hand_back(world, &second).await;
    world.record(&second, &reports::plain("busy")).await;
    let (zoe, yves) = (world.operator("zoe").await, world.operator("yves").await);
    let (again, other) = (world.hand_out(&zoe).await, world.hand_out(&yves).await);
    assert_eq!((person(&again), person(&other)), (2, 903), "the second was dialled after all");
    world.record(&other, &reports::plain("dead_line")).await;
    assert_eq!(world.state(other.lead).await, LeadState::Closed(ClosedReason::Exhausted));
    world.record(&again, &reports::plain("dead_line")).await;
    world.pass_minutes(1).await;
    assert_eq!(person(&world.hand_out(&zoe).await), 902);
}

/// A promise outlives the hand-back of whoever was to keep it, and is not given to them again for an hour.
pub async fn a_promise_handed_back_is_kept_by_others(world: &World) {
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=3).await;
    for _ in 2..=3 {
        world.call(&marie, &reports::call_later(world.in_minutes(60))).await;
    }
    world.clock.advance(Span::minutes(60));
    let first = world.hand_out(&marie).await;
    assert_eq!(person(&first), 2);
    hand_back(world, &first).await;
    assert_eq!(world.state_of(2).await, LeadState::Scheduled { due_at: world.now(), block: Block::Callback });
    let second = world.hand_out(&marie).await;
    assert_eq!(person(&second), 3);
    hand_back(world, &second).await;
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
    let kept = world.hand_out(&paul).await;
    assert_eq!((person(&kept), kept.callback, kept.decision.why), (2, first.callback, Why::AnyCallback));
    world.clock.advance(HAND_BACK_REST);
    assert_eq!(person(&world.hand_out(&marie).await), 3, "an hour later it is anybody's again");
}

/// Whoever comes to stand in a register while a lead is held is closed when it is handed back, and what was promised is dropped.
pub async fn a_lead_of_an_objector_is_closed_when_it_is_handed_back(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    world.call(&marie, &reports::call_later(world.in_minutes(60))).await;
    world.clock.advance(Span::minutes(60));
    let hand_out = world.hand_out(&marie).await;
    stands_in_register(world, 2).await;
    assert_eq!(hand_back(world, &hand_out).await, HandedBack::Done { lead: hand_out.lead, at: world.now() });
    assert_eq!(world.state_of(2).await, LeadState::Closed(ClosedReason::Suppressed));
    assert_eq!(world.number("SELECT COUNT(*) FROM callback WHERE state = 'open'").await, 0);
}

/// Of a hand-back and an outcome that come at once, one ends the assignment.
pub async fn a_hand_back_and_an_outcome_at_once(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=9).await;
    for _ in 2..=9 {
        let hand_out = world.hand_out(&marie).await;
        let report = reports::not_interested();
        let (back, held, recorded) =
            tokio::join!(hand_back(world, &hand_out), hold(world, &hand_out), world.record(&hand_out, &report));
        let ended = world.look_at(hand_out.assignment).await.ending;
        match (back, &recorded) {
            (HandedBack::Done { .. }, Recorded::Late { .. }) => assert_eq!(ended, Some(Ending::Returned)),
            (HandedBack::Ended(Ending::Outcome), Recorded::Done { .. }) => assert_eq!(ended, Some(Ending::Outcome)),
            both => panic!("{both:?}, {held:?}"),
        }
        // Whoever handed it back does not get it at once: somebody else finishes it.
        if ended == Some(Ending::Returned) {
            let paul = world.operator(&format!("paul-{}", hand_out.lead)).await;
            world.call(&paul, &report).await;
        }
    }
}

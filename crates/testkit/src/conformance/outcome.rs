//! Recording what happened.

use relance_domain::assignment::Ending;
use relance_domain::lead::{Block, ClosedReason, LeadState};
use relance_domain::outcome::OutcomeReport;
use relance_domain::{AssignmentId, Span};
use relance_scheduler::NextAnswer;
use relance_store::StoreError;
use relance_store::claim::Claimed;
use relance_store::outcome::{Callback, CallbackFilter, NewSuppression, Recorded};
use relance_store::question::OutcomeFilter;

use crate::builders::{definition, phone, tariff};
use crate::conformance::tariffs::{publish, refusals};
use crate::world::person;
use crate::{World, reports};

async fn promises(world: &World) -> Vec<Callback> {
    world.store.callbacks(&CallbackFilter { limit: 100, ..CallbackFilter::default() }).await.expect("promises")
}

/// A report that is repeated is answered the same and changes nothing.
pub async fn a_repeated_report_is_answered_the_same(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    let hand_out = world.hand_out(&marie).await;
    let report = OutcomeReport { note: Some("rang ten times".into()), ..reports::plain("no_answer") };
    let Recorded::Done { attempt, lead_state } = world.record(&hand_out, &report).await else { panic!("recorded") };
    assert_eq!(lead_state, "scheduled");
    world.clock.advance(Span::minutes(1));
    assert_eq!(world.record(&hand_out, &report).await, Recorded::Repeated { attempt, lead_state });
    assert_eq!(world.number("SELECT COUNT(*) FROM attempt").await, 1);
    assert_eq!(world.look_at(hand_out.assignment).await.ended_at, Some(hand_out.handed_at));
}

/// Two reports of one call that come at once are one.
pub async fn reports_at_once_are_one(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    let hand_out = world.hand_out(&marie).await;
    let (same, other) = (reports::plain("no_answer"), reports::plain("busy"));
    let (a, b, c) =
        tokio::join!(world.record(&hand_out, &same), world.record(&hand_out, &same), world.record(&hand_out, &other),);
    let done = [&a, &b, &c].into_iter().filter(|recorded| matches!(recorded, Recorded::Done { .. })).count();
    assert_eq!(done, 1, "{a:?} {b:?} {c:?}");
    assert_eq!(world.number("SELECT COUNT(*) FROM attempt").await, 1);
}

/// Another report of the same call is refused.
pub async fn a_contradicting_report_is_refused(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    let hand_out = world.call(&marie, &reports::plain("no_answer")).await;
    assert_eq!(world.record(&hand_out, &reports::plain("busy")).await, Recorded::Contradicts);
    let noted = OutcomeReport { note: Some("a note".into()), ..reports::plain("no_answer") };
    assert_eq!(world.record(&hand_out, &noted).await, Recorded::Contradicts);
    assert_eq!(world.number("SELECT COUNT(*) FROM attempt WHERE disposition = 'no_answer'").await, 1);
}

/// Only the operator who holds the lead reports on it, and only with its token.
pub async fn somebody_elses_assignment_is_not_yours(world: &World) {
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    let hand_out = world.hand_out(&marie).await;
    let right = world.record_of(&hand_out, &reports::plain("no_answer")).await;
    let mut of_paul = right.clone();
    of_paul.operator = paul.id;
    let mut of_nothing = right.clone();
    of_nothing.assignment = AssignmentId(right.assignment.0 + 100);
    let mut of_another_token = right.clone();
    of_another_token.token = "guessed".into();
    for wrong in [of_paul, of_nothing, of_another_token] {
        assert_eq!(world.store.record_outcome(&wrong, world.now()).await.expect("an answer"), Recorded::NotYours);
    }
    assert_eq!(world.state_of(2).await, LeadState::Assigned);
}

/// Past its lease a report is still taken, as long as nobody has taken the lead back.
pub async fn an_open_assignment_takes_its_report_past_the_lease(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    let hand_out = world.hand_out(&marie).await;
    world.clock.advance(Span::minutes(45));
    assert!(matches!(world.record(&hand_out, &reports::not_interested()).await, Recorded::Done { .. }));
    assert_eq!(world.store.return_expired(world.now(), 10).await.expect("returned"), 0);
}

/// A report that comes after the lead was taken back is kept for review, once, and moves nothing.
pub async fn a_late_report_is_kept_once(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    let hand_out = world.hand_out(&marie).await;
    world.clock.advance(Span::minutes(30));
    assert_eq!(world.store.return_expired(world.now(), 10).await.expect("returned"), 1);
    let Recorded::Late { late_outcome } = world.record(&hand_out, &reports::not_interested()).await else {
        panic!("late")
    };
    assert_eq!(world.record(&hand_out, &reports::not_interested()).await, Recorded::Late { late_outcome });
    let other = world.record(&hand_out, &reports::plain("busy")).await;
    assert!(matches!(other, Recorded::Late { late_outcome: id } if id != late_outcome), "{other:?}");
    assert_eq!(world.number("SELECT COUNT(*) FROM late_outcome").await, 2);
    assert_eq!(world.number("SELECT COUNT(*) FROM attempt").await, 0);
    assert_eq!(world.state_of(2).await, LeadState::Ready);
}

/// An order closes the lead and keeps the tariff and the price of that moment.
pub async fn an_order_keeps_its_price(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    let stored = publish(world, &tariff("fibre-25", 2_499, &["fibre"])).await;
    let hand_out = world.call(&marie, &reports::ordered("fibre-25")).await;
    world.store.retire_tariff(stored.id, world.now()).await.expect("retired");
    assert_eq!(world.state(hand_out.lead).await, LeadState::Closed(ClosedReason::Ordered));
    let rows = world.store.outcomes(&OutcomeFilter { limit: 10, ..OutcomeFilter::default() }).await.expect("outcomes");
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].tariff_ordered.as_deref(), rows[0].order_price_minor), (Some("fibre-25"), Some(2_499)));
    assert_eq!(rows[0].currency.as_deref(), Some("EUR"));
    assert_eq!(world.number("SELECT COUNT(*) FROM orders WHERE fields = '{\"full_name\":\"Person 2\"}'").await, 1);
}

/// A refusal closes the lead and keeps what would change it, and what had been offered at which price.
pub async fn a_refusal_keeps_its_reason_and_what_was_offered(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=4).await;
    publish(world, &tariff("fibre-40", 3_999, &["fibre"])).await;
    for report in [reports::refused_over("30"), reports::refused_offer("fibre-40"), reports::refused_for_speed(500)] {
        world.call(&marie, &report).await;
    }
    let kept = refusals(world, campaign.id).await;
    let ceilings: Vec<_> =
        kept.iter().map(|row| row.standing.refusal.price_ceiling.map(|money| money.to_string())).collect();
    assert_eq!(ceilings, [Some("30.00 EUR".to_owned()), None, None]);
    let offered = kept[1].standing.offered.as_ref().map(|(name, price)| (name.as_str(), price.minor));
    assert_eq!(offered, Some(("Tariff fibre-40", 3_999)));
    assert_eq!(kept[1].standing.refusal.tariff_offered.as_deref(), Some("fibre-40"));
    assert_eq!(kept[2].standing.refusal.wanted_features.len(), 1);
    for row in kept {
        assert_eq!(row.standing.refused_at, world.now());
        assert_eq!(row.standing.lead, LeadState::Closed(ClosedReason::Refused));
    }
}

/// "Do not call me again" counts at once, in every campaign of the seller, and not for another seller.
pub async fn an_objection_counts_for_the_seller_at_once(world: &World) {
    let marie = world.operator("marie").await;
    let fibre = world.running(&definition("fibre")).await;
    let loan = world.running(&definition("loan")).await;
    let mut theirs = definition("power");
    theirs.seller = "Another Seller".into();
    let theirs = world.running(&theirs).await;
    world.load(&loan, 2..=2).await;
    world.call(&marie, &reports::call_later(world.in_minutes(5))).await;
    world.load(&fibre, 2..=2).await;
    let objected = world.call(&marie, &reports::plain("do_not_call")).await;
    assert_eq!(objected.campaign, fibre.id);
    world.load(&theirs, 2..=2).await;
    let states: Vec<_> = world.leads_of(2).await.into_iter().map(|lead| (lead.campaign, lead.state)).collect();
    let closed = LeadState::Closed(ClosedReason::Suppressed);
    assert_eq!(states, [(loan.id, closed), (fibre.id, closed), (theirs.id, LeadState::Ready)]);
    assert_eq!(promises(world).await, [], "the promise of the other campaign is dropped");
    world.pass_minutes(5).await;
    assert_eq!(world.hand_out(&marie).await.campaign, theirs.id);
}

/// Whoever objects while an operator holds them is taken back at once, and what the operator then reports is a late outcome.
pub async fn an_objection_during_a_call_takes_the_lead_back(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    let due_at = world.in_minutes(60);
    for (who, report) in
        [(2, reports::plain("no_answer")), (3, reports::call_later(due_at)), (4, reports::refused_over("30"))]
    {
        world.load(&campaign, who..=who).await;
        let hand_out = world.hand_out(&marie).await;
        let suppression = NewSuppression {
            phone: phone(who),
            seller: None,
            campaign: None,
            reason: "asked by letter".into(),
            by: None,
        };
        assert_eq!(world.store.suppress(&suppression, world.now()).await.expect("suppressed"), 1);
        assert_eq!(world.state_of(who).await, LeadState::Closed(ClosedReason::Suppressed));
        let taken = world.look_at(hand_out.assignment).await;
        assert_eq!((taken.ended_at, taken.ending), (Some(world.now()), Some(Ending::Revoked)));
        let recorded = world.record(&hand_out, &report).await;
        assert!(matches!(&recorded, Recorded::Late { .. }), "{recorded:?}");
        assert_eq!(world.state_of(who).await, LeadState::Closed(ClosedReason::Suppressed), "person {who}");
    }
    assert_eq!(promises(world).await, []);
}

/// A try is repeated by its disposition's rule until that is exhausted; dispositions are counted apart.
pub async fn retries_end_when_they_are_exhausted(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    let waits = |due_at| LeadState::Scheduled { due_at, block: Block::Retry };
    world.call(&marie, &reports::plain("no_answer")).await;
    assert_eq!(world.state_of(2).await, waits(world.in_minutes(120)));
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
    world.pass_minutes(120).await;
    world.call(&marie, &reports::plain("busy")).await;
    assert_eq!(world.state_of(2).await, waits(world.in_minutes(10)));
    world.pass_minutes(10).await;
    world.call(&marie, &reports::plain("no_answer")).await;
    assert_eq!(world.state_of(2).await, waits(world.in_minutes(120)));
    world.pass_minutes(120).await;
    world.call(&marie, &reports::plain("no_answer")).await;
    assert_eq!(world.state_of(2).await, LeadState::Closed(ClosedReason::Exhausted));
}

/// Endings that leave nothing to try again.
pub async fn some_outcomes_close_at_once(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=4).await;
    for report in [reports::plain("wrong_number"), reports::plain("dead_line"), reports::not_interested()] {
        world.call(&marie, &report).await;
    }
    let expected = [(2, ClosedReason::WrongNumber), (3, ClosedReason::Exhausted), (4, ClosedReason::Refused)];
    for (who, reason) in expected {
        assert_eq!(world.state_of(who).await, LeadState::Closed(reason), "person {who}");
    }
}

/// A number that is somebody else's is called for no campaign any more, not even where a call was promised on it.
pub async fn a_number_of_somebody_else_is_called_by_nobody(world: &World) {
    let marie = world.operator("marie").await;
    let fibre = world.running(&definition("fibre")).await;
    world.load(&fibre, 2..=2).await;
    world.call(&marie, &reports::call_later(world.in_minutes(60))).await;
    let mobile = world.running(&definition("mobile")).await;
    world.load(&mobile, 2..=2).await;
    let waiting = world.running(&definition("later")).await;
    world.load(&waiting, 2..=2).await;
    let mobile = world.engine.next_lead(marie.id, Some("mobile")).await.expect("an answer");
    let NextAnswer::Lead(lead) = mobile else { panic!("{mobile:?}") };
    world.record(&world.look_at(lead.assignment).await, &reports::plain("wrong_number")).await;
    let closed = "SELECT COUNT(*) FROM lead WHERE state = 'closed' AND closed_reason = 'wrong_number'";
    assert_eq!(world.number(closed).await, 2, "whoever waits elsewhere is told to nobody as callable");
    let phone = world.running(&definition("phone")).await;
    world.load(&phone, 2..=2).await;
    world.pass_minutes(60).await;
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
    assert_eq!(world.number(closed).await, 4);
    assert_eq!(world.number("SELECT COUNT(*) FROM callback WHERE state = 'dropped'").await, 1);
}

/// A promise is open until a call keeps it; the call may make a new one.
pub async fn a_promise_is_kept_by_the_call(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    let first = world.call(&marie, &reports::call_later(world.in_minutes(60))).await;
    assert_eq!(world.state_of(2).await, LeadState::Scheduled { due_at: world.in_minutes(60), block: Block::Callback });
    let open = promises(world).await;
    assert_eq!(
        open.iter().map(|promise| (promise.lead, promise.due_at)).collect::<Vec<_>>(),
        [(first.lead, world.in_minutes(60))]
    );
    assert_eq!((open[0].phone.as_str(), open[0].campaign.as_str()), ("+33•••••••02", "fibre"));
    world.pass_minutes(60).await;
    let second = world.hand_out(&marie).await;
    assert_eq!(second.callback, Some(open[0].id));
    assert_eq!(promises(world).await.len(), 1, "a promise that is being kept is still open");
    world.record(&second, &reports::call_later_myself(world.in_minutes(30))).await;
    let renewed = promises(world).await;
    assert_eq!(renewed.len(), 1);
    assert!(renewed[0].id != open[0].id && renewed[0].operator.as_deref() == Some("marie"));
    world.pass_minutes(30).await;
    world.call(&marie, &reports::plain("no_answer")).await;
    assert_eq!(promises(world).await, []);
    assert_eq!(world.number("SELECT COUNT(*) FROM callback WHERE state = 'kept'").await, 2);
}

/// A promise to somebody who then objects is dropped.
pub async fn a_promise_is_dropped_by_an_objection(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    world.call(&marie, &reports::call_later(world.in_minutes(60))).await;
    let suppression =
        NewSuppression { phone: phone(2), seller: None, campaign: None, reason: "asked by letter".into(), by: None };
    assert_eq!(world.store.suppress(&suppression, world.now()).await.expect("suppressed"), 1);
    assert_eq!(promises(world).await, []);
    assert_eq!(world.number("SELECT COUNT(*) FROM callback WHERE state = 'dropped'").await, 1);
}

/// Promises are shown by their time: everybody's, or an operator's with those of any; of all campaigns or one.
pub async fn promises_are_shown_to_whom_they_concern(world: &World) {
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let fibre = world.running(&definition("fibre")).await;
    let loan = world.running(&definition("loan")).await;
    world.load(&fibre, 2..=4).await;
    world.clock.advance(Span::minutes(1));
    world.load(&loan, 5..=5).await;
    world.call(&marie, &reports::call_later_myself(world.in_minutes(90))).await;
    world.call(&paul, &reports::call_later_myself(world.in_minutes(60))).await;
    world.call(&paul, &reports::call_later(world.in_minutes(120))).await;
    assert_eq!(person(&world.call(&paul, &reports::call_later(world.in_minutes(30))).await), 5);
    let shown = async |filter: CallbackFilter| -> Vec<u32> {
        let promises = world.store.callbacks(&filter).await.expect("promises");
        let mut people = Vec::new();
        for promise in promises {
            for who in 2..=5 {
                if world.lead_of(who).await.lead == promise.lead {
                    people.push(who);
                }
            }
        }
        people
    };
    let all = CallbackFilter { limit: 10, ..CallbackFilter::default() };
    assert_eq!(shown(all).await, [5, 3, 2, 4]);
    assert_eq!(shown(CallbackFilter { operator: Some(marie.id), ..all }).await, [5, 2, 4]);
    assert_eq!(shown(CallbackFilter { campaign: Some(loan.id), ..all }).await, [5]);
    assert_eq!(shown(CallbackFilter { operator: Some(paul.id), campaign: Some(fibre.id), limit: 1, ..all }).await, [3]);
}

/// Outcomes that are recorded together have each their own answer, as if they had come one after the other; one that cannot be
/// recorded undoes the others, so that they can be sent one by one.
pub async fn outcomes_at_once_have_each_their_answer(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=8).await;
    publish(world, &tariff("fibre-25", 2_499, &["fibre"])).await;
    let mut calls = Vec::new();
    for name in ["anna", "bruno", "carla", "denis", "elena", "felix", "greta"] {
        let operator = world.operator(name).await;
        calls.push(world.hand_out(&operator).await);
        if name == "anna" {
            world.clock.advance(Span::minutes(1));
        }
    }
    world.clock.advance(Span::minutes(29));
    let [late, ..] = &calls[..] else { panic!("calls") };
    assert_eq!(world.store.return_expired(world.now(), 10).await.expect("returned"), 1);
    let reports = [
        (late, reports::plain("busy")),
        (&calls[1], reports::plain("no_answer")),
        (&calls[2], reports::refused_over("30")),
        (&calls[3], reports::call_later_myself(world.in_minutes(60))),
        (&calls[4], reports::ordered("fibre-25")),
        (&calls[5], reports::plain("do_not_call")),
        (&calls[1], reports::plain("no_answer")),
        (&calls[2], reports::plain("busy")),
        (&calls[6], reports::plain("wrong_number")),
    ];
    let mut records = Vec::new();
    for (hand_out, report) in &reports {
        records.push(world.record_of(hand_out, report).await);
    }
    records[8].token = "guessed".into();
    let mut without_tariff = records.clone();
    without_tariff[4].tariff = None;
    let refused = world.store.record_outcomes(&without_tariff, world.now()).await;
    assert!(matches!(refused, Err(StoreError::NotFound { .. })), "{refused:?}");
    assert_eq!(world.number("SELECT COUNT(*) FROM attempt").await, 0, "none of them is recorded");
    let recorded = world.store.record_outcomes(&records, world.now()).await.expect("recorded");
    let told: Vec<&str> = recorded
        .iter()
        .map(|recorded| match recorded {
            Recorded::Done { lead_state, .. } => lead_state,
            Recorded::Repeated { .. } => "repeated",
            Recorded::Contradicts => "contradicts",
            Recorded::Late { .. } => "late",
            Recorded::NotYours => "not yours",
        })
        .collect();
    let expected =
        ["late", "scheduled", "closed", "scheduled", "closed", "closed", "repeated", "contradicts", "not yours"];
    assert_eq!(told, expected);
    let (Recorded::Done { attempt: first, .. }, Recorded::Repeated { attempt: again, .. }) =
        (&recorded[1], &recorded[6])
    else {
        panic!("{recorded:?}")
    };
    assert_eq!(first, again);
    let closed = [(4, ClosedReason::Refused), (6, ClosedReason::Ordered), (7, ClosedReason::Suppressed)];
    for (who, reason) in closed {
        assert_eq!(world.state_of(who).await, LeadState::Closed(reason), "person {who}");
    }
    assert_eq!(promises(world).await.len(), 1);
    assert_eq!(world.number("SELECT COUNT(*) FROM attempt").await, 5);
    assert_eq!(world.state_of(8).await, LeadState::Assigned);
}

/// A node whose clock runs behind that of the one which handed a lead out ends that call no earlier than it began, and every other at
/// its own instant.
pub async fn a_clock_that_runs_ahead_dates_its_own_calls_only(world: &World) {
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=3).await;
    let (ahead, other) = (world.hand_out(&marie).await, world.hand_out(&paul).await);
    let later = world.now().as_millisecond() + 20_000;
    world.write(&format!("UPDATE assignment SET handed_at_ms = {later} WHERE id = {}", ahead.assignment.0)).await;
    let report = reports::plain("no_answer");
    let records = [world.record_of(&ahead, &report).await, world.record_of(&other, &report).await];
    world.store.record_outcomes(&records, world.now()).await.expect("recorded");
    let ended = world.texts("SELECT CAST(ended_at_ms AS TEXT) FROM assignment ORDER BY id").await;
    assert_eq!(ended, [later.to_string(), world.now().as_millisecond().to_string()]);
    world.clock.advance(Span::minutes(1));
}

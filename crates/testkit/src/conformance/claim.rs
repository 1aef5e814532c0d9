//! Handing leads out: who gets whom, in which order, and what is kept of it.

use std::collections::HashSet;

use relance_domain::campaign::state::CampaignEvent;
use relance_domain::lead::{Block, LeadState};
use relance_domain::list::ListSource;
use relance_domain::{Span, UserId, queue};
use relance_store::StoreError;
use relance_store::claim::{Answer, Claimed, Why};

use crate::builders::{definition, provenance, purchased, row, tariff};
use crate::conformance::tariffs::publish_for_all;
use crate::world::person;
use crate::{World, reports};

/// An operator who asks again has the same lead, whatever they ask for.
pub async fn asking_again_gives_the_same_lead(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    let other = world.running(&definition("loan")).await;
    world.load(&campaign, 2..=4).await;
    world.load(&other, 5..=5).await;
    let first = world.hand_out(&marie).await;
    world.clock.advance(Span::minutes(5));
    let mut batch = world.batch(&[&marie]).await;
    batch.requests[0].campaign = Some(other.id);
    assert_eq!(world.serve(&batch).await, [Claimed::Assignment(first.assignment)]);
    assert_eq!(world.look_at(first.assignment).await, first, "neither token nor lease changes");
    assert_eq!(world.store.open_assignment(marie.id).await.expect("an answer"), Some(first.assignment));
    world.record(&first, &reports::plain("no_answer")).await;
    assert_eq!(world.store.open_assignment(marie.id).await.expect("an answer"), None);
    assert_ne!(world.hand_out(&marie).await.lead, first.lead);
}

/// A batch is served in the order in which its operators wait; whoever comes when nobody is left gets nobody.
pub async fn a_batch_is_served_in_order(world: &World) {
    let (marie, paul, zoe) = (world.operator("marie").await, world.operator("paul").await, world.operator("zoe").await);
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=3).await;
    let answers = world.claim_together(&[&zoe, &marie, &paul]).await;
    let mut people = Vec::new();
    for answer in &answers {
        if let Claimed::Assignment(assignment) = answer {
            let hand_out = world.look_at(*assignment).await;
            people.push((hand_out.operator_name.clone(), person(&hand_out)));
        }
    }
    assert_eq!(people, [("zoe".to_owned(), 2), ("marie".to_owned(), 3)]);
    assert_eq!(answers[2], Claimed::Nobody);
}

/// An operator who waits twice in one batch gets one lead.
pub async fn waiting_twice_gives_one_lead(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=3).await;
    let answers = world.claim_together(&[&marie, &marie]).await;
    assert!(matches!(answers[0], Claimed::Assignment(_)), "{answers:?}");
    assert_eq!(answers[0], answers[1]);
}

/// Many operators of one batch have different people.
pub async fn a_batch_gives_everybody_another_person(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=41).await;
    let mut operators = Vec::new();
    for number in 0..40 {
        operators.push(world.operator(&format!("operator-{number}")).await);
    }
    let answers = world.claim_together(&operators.iter().collect::<Vec<_>>()).await;
    let mut people = HashSet::new();
    for answer in answers {
        let Claimed::Assignment(assignment) = answer else { panic!("{answer:?}") };
        people.insert(person(&world.look_at(assignment).await));
    }
    assert_eq!(people.len(), 40);
}

/// Nobody is with two operators, though they be on the lists of two campaigns and two sellers.
pub async fn a_person_is_with_one_operator_in_all_campaigns(world: &World) {
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let campaign = world.running(&definition("fibre")).await;
    let mut theirs = definition("loan");
    theirs.seller = "Another Seller".into();
    let theirs = world.running(&theirs).await;
    world.load(&campaign, 2..=2).await;
    world.load(&theirs, 2..=2).await;
    let first = world.hand_out(&marie).await;
    assert_eq!(world.claim(&paul).await, Claimed::Nobody);
    let waiting = world.leads_of(2).await.into_iter().find(|lead| lead.campaign == theirs.id).expect("the other lead");
    assert_eq!(waiting.state, LeadState::Scheduled { due_at: first.lease_until, block: Block::OpenElsewhere });
    world.record(&first, &reports::not_interested()).await;
    world.pass_minutes(30).await;
    assert_eq!(world.hand_out(&paul).await.campaign, theirs.id);
}

/// The same within one batch.
pub async fn a_person_is_given_once_in_a_batch(world: &World) {
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    for name in ["fibre", "loan"] {
        let campaign = world.running(&definition(name)).await;
        world.load(&campaign, 2..=2).await;
    }
    let answers = world.claim_together(&[&marie, &paul]).await;
    assert!(matches!(answers[..], [Claimed::Assignment(_), Claimed::Nobody]), "{answers:?}");
}

/// First the operator's own promises, then anybody's, then whom a tariff reopened, then the fresh, then the retried.
pub async fn the_queue_has_one_order(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=6).await;
    assert_eq!(person(&world.call(&marie, &reports::plain("no_answer")).await), 2);
    assert_eq!(person(&world.call(&marie, &reports::refused_over("30.00")).await), 3);
    assert_eq!(person(&world.call(&marie, &reports::call_later(world.in_minutes(60))).await), 4);
    assert_eq!(person(&world.call(&marie, &reports::call_later_myself(world.in_minutes(90))).await), 5);
    world.pass_minutes(180).await;
    publish_for_all(world, &tariff("fibre-25", 2_499, &["fibre"])).await;
    world.load(&campaign, 7..=7).await;
    let expected = [
        (5, Why::PersonalCallback),
        (4, Why::AnyCallback),
        (3, Why::Reopened),
        (6, Why::Fresh),
        (7, Why::Fresh),
        (2, Why::Retry),
    ];
    for (who, why) in expected {
        let hand_out = world.call(&marie, &reports::not_interested()).await;
        assert_eq!((person(&hand_out), hand_out.decision.why), (who, why));
    }
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
}

/// Among equals whoever has been due the longest goes first, then whoever was listed first, over all lists.
pub async fn among_equals_the_longest_due_goes_first(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    let other = world.running(&definition("loan")).await;
    world.load(&campaign, 8..=9).await;
    world.clock.advance(Span::minutes(1));
    world.load(&other, 4..=5).await;
    world.load(&campaign, 2..=3).await;
    world.clock.advance(Span::minutes(1));
    world.load(&other, 6..=7).await;
    assert_eq!(world.work_off(&marie).await, [8, 9, 4, 5, 2, 3, 6, 7]);
}

/// Among those who are tried again, too, the longest due goes first, whoever was listed first.
pub async fn among_the_retried_the_longest_due_goes_first(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=4).await;
    for disposition in ["machine", "busy", "no_answer"] {
        world.call(&marie, &reports::plain(disposition)).await;
    }
    world.pass_minutes(240).await;
    assert_eq!(world.work_off(&marie).await, [3, 4, 2]);
}

/// Promises go by the time that was promised, the longest due first.
pub async fn promises_go_by_their_time(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=4).await;
    for minutes in [90, 30, 60] {
        world.call(&marie, &reports::call_later(world.in_minutes(minutes))).await;
    }
    world.pass_minutes(60).await;
    assert_eq!(world.work_off(&marie).await, [3, 4]);
    world.pass_minutes(30).await;
    assert_eq!(world.work_off(&marie).await, [2]);
}

/// A personal promise waits for its operator.
pub async fn a_personal_promise_is_not_given_to_others(world: &World) {
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    let promised = world.call(&marie, &reports::call_later_myself(world.in_minutes(60))).await;
    world.clock.advance(Span::minutes(59));
    assert_eq!(world.claim(&marie).await, Claimed::Nobody, "not before its time");
    world.clock.advance(Span::minutes(1));
    assert_eq!(world.claim(&paul).await, Claimed::Nobody);
    let hand_out = world.hand_out(&marie).await;
    assert_eq!((hand_out.lead, hand_out.decision.why), (promised.lead, Why::PersonalCallback));
    assert!(hand_out.callback.is_some());
}

/// What was promised is told to whoever calls, with what happened before.
pub async fn a_promise_comes_with_its_note_and_history(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    let mut promise = reports::call_later(world.in_minutes(60));
    promise.note = Some("after work".into());
    world.call(&marie, &promise).await;
    let promised_at = world.now();
    world.pass_minutes(60).await;
    let hand_out = world.hand_out(&marie).await;
    assert_eq!(hand_out.callback_note.as_deref(), Some("after work"));
    assert_eq!(hand_out.history.len(), 1);
    let earlier = &hand_out.history[0];
    assert_eq!((earlier.at, earlier.operator.as_str()), (promised_at, "marie"));
    assert_eq!((earlier.disposition.as_str(), earlier.note.as_deref()), ("call_later", Some("after work")));
}

/// An operator who asks for one campaign gets its leads and promises only.
pub async fn a_campaign_can_be_asked_for(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    let other = world.running(&definition("loan")).await;
    world.load(&campaign, 2..=3).await;
    world.load(&other, 4..=4).await;
    world.call(&marie, &reports::call_later(world.in_minutes(1))).await;
    world.pass_minutes(1).await;
    let mut batch = world.batch(&[&marie]).await;
    batch.requests[0].campaign = Some(other.id);
    let Claimed::Assignment(assignment) = world.serve(&batch).await[0] else { panic!("a lead of the other campaign") };
    let hand_out = world.look_at(assignment).await;
    assert_eq!((hand_out.campaign, person(&hand_out)), (other.id, 4));
    world.record(&hand_out, &reports::not_interested()).await;
    let batch = relance_store::claim::Batch { requests: batch.requests, ..batch };
    assert_eq!(world.serve(&batch).await, [Claimed::Nobody]);
}

/// A campaign that does not run hands nothing out, not even a promise.
pub async fn a_campaign_that_does_not_run_hands_nothing_out(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=3).await;
    world.call(&marie, &reports::call_later(world.in_minutes(60))).await;
    world.change(&campaign, CampaignEvent::Pause).await;
    world.pass_minutes(60).await;
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
    assert_eq!(world.state_of(3).await, LeadState::Ready);
    world.change(&campaign, CampaignEvent::Resume).await;
    assert_eq!(person(&world.call(&marie, &reports::not_interested()).await), 2, "the promise waited");
    world.change(&campaign, CampaignEvent::Finish).await;
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
}

/// A batch that rests on campaigns that have changed since is not served: it is told so, and nothing is done.
pub async fn an_outdated_batch_is_told_so(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    let before_the_version = world.batch(&[&marie]).await;
    let mut second = definition("fibre");
    second.goal = "another goal".into();
    world.store.apply_campaign(&second, None, world.now()).await.expect("applied");
    let before_the_pause = world.batch(&[&marie]).await;
    world.change(&campaign, CampaignEvent::Pause).await;
    let before_the_start = world.batch(&[&marie]).await;
    for batch in [&before_the_version, &before_the_pause] {
        assert_eq!(world.store.claim(batch, world.now()).await.expect("an answer"), Answer::Outdated);
    }
    world.change(&campaign, CampaignEvent::Resume).await;
    assert_eq!(world.store.claim(&before_the_start, world.now()).await.expect("an answer"), Answer::Outdated);
    assert_eq!(world.state_of(2).await, LeadState::Ready);
    assert_eq!(world.hand_out(&marie).await.campaign_version, 2);
}

/// A disabled operator gets nothing, though they hold a lead.
pub async fn a_disabled_operator_gets_nothing(world: &World) {
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=3).await;
    world.hand_out(&marie).await;
    for name in ["marie", "paul"] {
        world.store.disable_user(name, world.now()).await.expect("disabled");
    }
    let zoe = world.operator("zoe").await;
    let answers = world.claim_together(&[&marie, &paul, &zoe]).await;
    assert!(matches!(answers[..], [Claimed::Disabled, Claimed::Disabled, Claimed::Assignment(_)]), "{answers:?}");
}

/// An operator whom nobody knows is an error, and nothing is handed out.
pub async fn an_unknown_operator_is_not_found(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    let mut batch = world.batch(&[&marie, &marie]).await;
    batch.requests[1].operator = UserId(marie.id.0 + 100);
    let refused = world.store.claim(&batch, world.now()).await;
    assert!(matches!(refused, Err(StoreError::NotFound { .. })), "{refused:?}");
    assert_eq!(world.state_of(2).await, LeadState::Ready, "the batch is one transaction");
}

/// A hand-out keeps what it rests on.
pub async fn a_hand_out_keeps_its_decision(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    let mut bought = purchased("Autumn", "Vendor");
    bought.licence_until = Some("2027-03-31".parse().expect("a date"));
    let list = world.load_rows(&campaign, bought.clone(), &[row(2)]).await.expect("loaded");
    world.call(&marie, &reports::plain("busy")).await;
    world.pass_minutes(10).await;
    let batch = world.batch(&[&marie]).await;
    let Claimed::Assignment(assignment) = world.serve(&batch).await[0] else { panic!("a lead") };
    let hand_out = world.look_at(assignment).await;
    assert_eq!(hand_out.token, batch.requests[0].token);
    assert_eq!((hand_out.operator, hand_out.list, hand_out.list_name.as_str()), (marie.id, list.id, "Autumn"));
    assert_eq!((hand_out.handed_at, hand_out.lease_until), (world.now(), world.in_minutes(30)));
    assert_eq!(hand_out.ended_at, None);
    let decision = hand_out.decision;
    assert_eq!((decision.why, decision.priority, decision.definition_version), (Why::Retry, queue::RETRY, 1));
    assert_eq!((decision.list_source, decision.consent_basis), (ListSource::Purchased, bought.consent_basis));
    assert_eq!((decision.licence_until, decision.reopening), (bought.licence_until, None));
    let clearance = decision.clearance;
    assert_eq!((clearance.profile.as_str(), clearance.time_zone.as_str()), ("test", "Europe/Paris"));
    assert_eq!((clearance.local_time.as_str(), clearance.window.as_str()), ("Tuesday 2026-11-24 11:10", "00:00-24:00"));
    assert_eq!(clearance.caps().iter().map(|cap| (cap.max, cap.used)).collect::<Vec<_>>(), [(20, 1)]);
}

/// An assignment that is not there is not found.
pub async fn an_unknown_assignment_is_not_found(world: &World) {
    let unknown = world.store.hand_out(relance_domain::AssignmentId(7)).await;
    assert!(matches!(unknown, Err(StoreError::NotFound { .. })), "{unknown:?}");
}

/// However many candidates must be moved away, a transaction ends, and the next goes on where it stood.
pub async fn a_long_row_of_blocked_candidates_is_moved_step_by_step(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    let mut over = provenance("over");
    over.licence_until = Some("2026-11-23".parse().expect("a date"));
    let rows: Vec<_> = (2..=520).map(row).collect();
    world.load_rows(&campaign, over, &rows).await.expect("loaded");
    world.clock.advance(Span::minutes(1));
    world.load(&campaign, 600..=600).await;
    let mut rounds = 1;
    while world.claim(&marie).await == Claimed::AskAgain {
        rounds += 1;
        assert!(rounds < 10, "it comes to an end");
    }
    assert!(rounds > 1);
    let open = world.store.open_assignment(marie.id).await.expect("an answer").expect("a lead");
    assert_eq!(person(&world.look_at(open).await), 600);
}

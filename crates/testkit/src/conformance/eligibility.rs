//! Nobody is handed out who may not be called at that moment: the rules are applied in the claim.

use jiff::Timestamp;
use relance_domain::Span;
use relance_domain::calling_hours::{Day, WeeklyHours};
use relance_domain::definition::{AttemptCap, Definition};
use relance_domain::lead::{Block, ClosedReason, LeadState};
use relance_domain::zone::ZoneSource;
use relance_store::claim::Claimed;
use relance_store::outcome::{CallbackFilter, NewSuppression};
use relance_store::question::CallInQuestion;

use crate::builders::{accepted, client, definition, phone, provenance, row, zone};
use crate::keys::suppression_keys;
use crate::world::person;
use crate::{World, reports};

/// Open on working days at these hours of the person's own day.
fn open_at(campaign: &str, window: &str) -> Definition {
    let mut definition = definition(campaign);
    let window = window.parse().expect("a window");
    let working_days = Day::ALL.into_iter().filter(|day| !matches!(day, Day::Sat | Day::Sun));
    definition.calling.hours = WeeklyHours(working_days.map(|day| (day, vec![window])).collect());
    definition
}

fn at_most(campaign: &str, max: u32, window: Span) -> Definition {
    let mut definition = definition(campaign);
    definition.calling.caps = vec![AttemptCap { max, window }];
    definition
}

fn scheduled(due_at: Timestamp, block: Block) -> LeadState {
    LeadState::Scheduled { due_at, block }
}

/// Outside its hours a lane gives nobody, and its leads are left as they are.
pub async fn a_closed_lane_gives_nobody_and_is_left_alone(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&open_at("fibre", "14:00-18:00")).await;
    world.load(&campaign, 2..=3).await;
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
    assert_eq!(world.state_of(2).await, LeadState::Ready);
    world.clock.advance(Span::minutes(180));
    let hand_out = world.hand_out(&marie).await;
    assert_eq!(hand_out.decision.clearance.window, "14:00-18:00");
}

/// Hours are those of the person's own zone.
pub async fn hours_are_the_persons_own(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&open_at("fibre", "09:00-20:00")).await;
    let mut in_new_york = client(2);
    in_new_york.zone = Some((zone("America/New_York"), ZoneSource::List));
    world.load_rows(&campaign, provenance("both"), &[accepted(2, in_new_york), row(3)]).await.expect("loaded");
    assert_eq!(
        person(&world.call(&marie, &reports::not_interested()).await),
        3,
        "it is five in the morning in New York"
    );
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
    world.clock.advance(Span::minutes(4 * 60));
    let hand_out = world.hand_out(&marie).await;
    assert_eq!((person(&hand_out), hand_out.zone_source), (2, Some(ZoneSource::List)));
    assert_eq!(hand_out.decision.clearance.local_time, "Tuesday 2026-11-24 09:00");
}

/// A person whose zone nobody knows is never handed out.
pub async fn an_unknown_zone_is_never_handed_out(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    let mut nowhere = client(2);
    nowhere.zone = None;
    world.load_rows(&campaign, provenance("nowhere"), &[accepted(2, nowhere)]).await.expect("loaded");
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
    assert_eq!(world.lead_of(2).await.zone, None);
}

/// Tries are capped over a rolling window, counted from the hand-outs.
pub async fn a_cap_moves_the_lead_to_when_it_has_room(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&at_most("fibre", 1, Span::days(1))).await;
    world.load(&campaign, 2..=2).await;
    let free_again = Span::days(1).after(world.now());
    world.call(&marie, &reports::plain("busy")).await;
    world.pass_minutes(10).await;
    assert_eq!(world.state_of(2).await, LeadState::Ready);
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
    assert_eq!(world.state_of(2).await, scheduled(free_again, Block::AttemptCap));
    world.pass_minutes(24 * 60 - 11).await;
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
    world.pass_minutes(1).await;
    world.hand_out(&marie).await;
}

/// Caps are counted per person and seller: campaigns of one seller share them, another seller's do not.
pub async fn a_cap_counts_for_the_seller(world: &World) {
    let marie = world.operator("marie").await;
    let cap = |campaign: &str, seller: &str| {
        let mut definition = at_most(campaign, 1, Span::days(1));
        definition.seller = seller.into();
        definition
    };
    for (campaign, seller) in [("fibre", "One"), ("loan", "One"), ("power", "Two")] {
        let campaign = world.running(&cap(campaign, seller)).await;
        world.load(&campaign, 2..=2).await;
    }
    let first = world.call(&marie, &reports::plain("dead_line")).await;
    let second = world.call(&marie, &reports::plain("dead_line")).await;
    assert_ne!(first.campaign, second.campaign);
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
    let loan = world.store.campaign("loan").await.expect("the campaign").id;
    let held = world.leads_of(2).await.into_iter().find(|lead| lead.campaign == loan).expect("the lead");
    assert_eq!(held.state, scheduled(Span::days(1).after(world.now()), Block::AttemptCap));
}

/// After a refusal the seller waits full days of the person's calendar, in all its campaigns; other sellers do not.
pub async fn a_refusal_cools_the_seller_down(world: &World) {
    let marie = world.operator("marie").await;
    let patient = |campaign: &str, seller: &str| {
        let mut definition = definition(campaign);
        definition.seller = seller.into();
        definition.calling.days_after_refusal = 2;
        definition
    };
    for (campaign, seller) in [("fibre", "One"), ("loan", "One"), ("power", "Two")] {
        let campaign = world.running(&patient(campaign, seller)).await;
        world.load(&campaign, 2..=2).await;
    }
    world.call(&marie, &reports::not_interested()).await;
    let theirs = world.call(&marie, &reports::not_interested()).await;
    assert_eq!(theirs.campaign, world.store.campaign("power").await.expect("the campaign").id);
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
    let loan = world.store.campaign("loan").await.expect("the campaign").id;
    let held = world.leads_of(2).await.into_iter().find(|lead| lead.campaign == loan).expect("the lead");
    let third_day: Timestamp = "2026-11-26T23:00:00Z".parse().expect("midnight in Paris");
    assert_eq!(held.state, scheduled(third_day, Block::CoolDown));
}

/// Whoever must not be called is closed at the hand-out, even where a race left their lead in the queue.
pub async fn a_suppressed_person_is_closed(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    let hash = suppression_keys(1).hashes(&phone(2))[0];
    let columns = "phone_hash, key_version, reason, created_at_ms";
    world.write(&format!("INSERT INTO suppression ({columns}) VALUES ('{hash}', 1, 'asked', 0)")).await;
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
    assert_eq!(world.state_of(2).await, LeadState::Closed(ClosedReason::Suppressed));
}

/// A suppression closes the person's leads, at once, in the seller's campaigns only.
pub async fn a_suppression_closes_the_sellers_leads(world: &World) {
    let marie = world.operator("marie").await;
    let ours = world.running(&definition("fibre")).await;
    let mut theirs = definition("loan");
    theirs.seller = "Another Seller".into();
    let theirs = world.running(&theirs).await;
    world.load(&ours, 2..=2).await;
    world.call(&marie, &reports::call_later(world.in_minutes(60))).await;
    world.load(&theirs, 2..=2).await;
    let seller = Some(ours.seller.clone());
    let suppression = NewSuppression {
        phone: phone(2),
        seller,
        campaign: None,
        reason: "asked by letter".into(),
        by: Some(marie.id),
    };
    assert_eq!(world.store.suppress(&suppression, world.now()).await.expect("suppressed"), 1);
    let states: Vec<_> = world.leads_of(2).await.into_iter().map(|lead| (lead.campaign, lead.state)).collect();
    assert_eq!(states, [(ours.id, LeadState::Closed(ClosedReason::Suppressed)), (theirs.id, LeadState::Ready)]);
    let filter = CallbackFilter { limit: 10, ..CallbackFilter::default() };
    assert_eq!(world.store.callbacks(&filter).await.expect("promises"), [], "nothing is promised to them any more");
    let everywhere = NewSuppression { seller: None, ..suppression };
    world.store.suppress(&everywhere, world.now()).await.expect("suppressed");
    assert_eq!(world.leads_of(2).await[1].state, LeadState::Closed(ClosedReason::Suppressed));
}

/// Somebody whom nobody has listed may object too.
pub async fn an_unlisted_phone_may_be_suppressed(world: &World) {
    let suppression =
        NewSuppression { phone: phone(2), seller: None, campaign: None, reason: "asked".into(), by: None };
    assert_eq!(world.store.suppress(&suppression, world.now()).await.expect("suppressed"), 0);
    let campaign = world.running(&definition("fibre")).await;
    assert_eq!(world.load(&campaign, 2..=2).await.counts.suppressed, 1);
}

/// A list may be used until the last day of its licence, in the person's own calendar.
pub async fn a_licence_that_has_ended_closes(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    let mut licensed = provenance("licensed");
    licensed.licence_until = Some("2026-11-24".parse().expect("a date"));
    world.load_rows(&campaign, licensed, &[row(2), row(3), row(4)]).await.expect("loaded");
    world.call(&marie, &reports::plain("no_answer")).await;
    world.call(&marie, &reports::call_later(world.in_minutes(13 * 60))).await;
    world.clock.set("2026-11-24T22:59:00Z".parse().expect("the last minute of the day in Paris"));
    assert_eq!(person(&world.call(&marie, &reports::plain("busy")).await), 4);
    world.pass_minutes(20).await;
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
    for person in [2, 3, 4] {
        assert_eq!(world.state_of(person).await, LeadState::Closed(ClosedReason::Expired), "person {person}");
    }
}

/// A promise that falls outside the hours is held back to the next opening, and stays a promise.
pub async fn a_promise_outside_the_hours_waits_for_the_opening(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&open_at("fibre", "09:00-12:00")).await;
    world.load(&campaign, 2..=2).await;
    let due_at = world.in_minutes(120);
    world.call(&marie, &reports::call_later_myself(due_at)).await;
    world.pass_minutes(120).await;
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
    let opening: Timestamp = "2026-11-25T08:00:00Z".parse().expect("nine in Paris");
    assert_eq!(world.state_of(2).await, scheduled(opening, Block::Callback));
    let filter = CallbackFilter { limit: 10, ..CallbackFilter::default() };
    let promise = world.store.callbacks(&filter).await.expect("promises").remove(0);
    assert_eq!((promise.due_at, promise.callable_at, promise.operator), (due_at, opening, Some("marie".into())));
    world.clock.set(opening);
    assert_eq!(person(&world.hand_out(&marie).await), 2);
}

/// A promise that a cap holds back stays a promise.
pub async fn a_promise_over_a_cap_waits_for_room(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&at_most("fibre", 1, Span::days(1))).await;
    world.load(&campaign, 2..=2).await;
    let free_again = Span::days(1).after(world.now());
    world.call(&marie, &reports::call_later(world.in_minutes(60))).await;
    world.pass_minutes(60).await;
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
    assert_eq!(world.state_of(2).await, scheduled(free_again, Block::Callback));
    world.clock.set(free_again);
    assert_eq!(person(&world.hand_out(&marie).await), 2);
}

/// What decides about a lead can be asked for without handing it out.
pub async fn the_facts_of_a_lead_can_be_asked_for(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    let mut licensed = provenance("licensed");
    licensed.licence_until = Some("2027-01-31".parse().expect("a date"));
    world.load_rows(&campaign, licensed.clone(), &[row(2)]).await.expect("loaded");
    let lead = world.lead_of(2).await.lead;
    let handed_at = world.now();
    world.call(&marie, &reports::plain("busy")).await;
    world.pass_minutes(10).await;
    let held = world.hand_out(&marie).await;
    let ask = async |since| {
        world.store.person_in_question(&CallInQuestion::new(lead, "fibre", since)).await.expect("facts").facts
    };
    let facts = ask(Timestamp::MIN).await;
    assert_eq!((facts.suppressed, facts.last.refusal), (false, None));
    assert_eq!((facts.open_elsewhere_until, facts.licence_until), (Some(held.lease_until), licensed.licence_until));
    let mut tries: Vec<_> = facts.tries.iter().map(|tried| (tried.at, tried.connected)).collect();
    tries.sort();
    assert_eq!(tries, [(handed_at, Some(false)), (held.handed_at, None)]);
    world.record(&held, &reports::not_interested()).await;
    let facts = ask(handed_at).await;
    assert_eq!(facts.tries.iter().map(|tried| tried.at).collect::<Vec<_>>(), [held.handed_at]);
    assert_eq!((facts.last.refusal, facts.last.conversation), (Some(world.now()), Some(world.now())));
}

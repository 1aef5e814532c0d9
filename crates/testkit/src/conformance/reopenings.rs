//! The leads that tariffs reopen: in which order, how many in a day, by whom first, and who is left alone to be measured against.

use relance_domain::definition::Definition;
use relance_domain::lead::{Block, ClosedReason, LeadState};
use relance_domain::reopening::{Budget, HeldOutHow, HoldOut};
use relance_domain::tariff::Tariff;
use relance_domain::{RefusalId, Span};
use relance_scheduler::{Engine, NextAnswer, WhyQuestion, loops};
use relance_store::brought::ReopenedAlike;
use relance_store::claim::{Claimed, Why};
use relance_store::user::{Away, User};

use super::tariffs::publish_for_all;
use crate::builders::{definition, phone, tariff, zone};
use crate::world::person;
use crate::{World, reports};

async fn round(engine: &Engine) -> loops::Report {
    loops::run_once(engine).await.expect("a round")
}

/// A campaign in which so many of those who are put back become callable in a day.
fn budgeted(per_day: u32) -> Definition {
    let mut definition = definition("fibre");
    definition.reopening.budget = Some(Budget { per_day, time_zone: zone("Europe/Paris") });
    definition
}

/// Refusals over the price, with these ceilings.
async fn refuse(world: &World, operator: &User, ceilings: impl Iterator<Item = u32>) {
    for ceiling in ceilings {
        world.call(operator, &reports::refused_over(&ceiling.to_string())).await;
    }
}

/// Calls whoever is next until nobody is; tells whom, in order.
async fn everybody(world: &World, operator: &User) -> Vec<u32> {
    let mut people = Vec::new();
    while let Claimed::Assignment(assignment) = world.claim(operator).await {
        let hand_out = world.look_at(assignment).await;
        people.push(person(&hand_out));
        world.record(&hand_out, &reports::not_interested()).await;
    }
    people
}

/// The best matches are called first, and no more of them in a day than the campaign's budget lets through, whichever tariff brought
/// them back and however many nodes let them through at once. A tariff may have less. Who is taken back waits for nothing.
pub async fn a_budget_lets_the_best_through_and_no_more(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&budgeted(3)).await;
    world.load(&campaign, 2..=13).await;
    // Whoever has a greater number would pay more.
    refuse(world, &marie, (26..=33).chain(21..=24)).await;
    assert_eq!(publish_for_all(world, &tariff("fibre-25", 2_499, &["fibre"])).await, 8);
    assert!(matches!(world.state_of(2).await, LeadState::Scheduled { block: Block::Budget, .. }));
    let node = world.another_node().await;
    assert_eq!(
        round(&world.engine).await.released + round(&node).await.released,
        0,
        "the publication let three through"
    );
    assert_eq!(everybody(world, &marie).await, [9, 8, 7]);
    // A second tariff has no day of its own: it shares the campaign's.
    let own = Tariff { reopened_per_day: Some(1), ..tariff("fibre-17", 1_699, &["fibre"]) };
    assert_eq!(publish_for_all(world, &own).await, 4);
    assert_eq!(round(&world.engine).await.released + round(&node).await.released, 0);
    let asked = WhyQuestion { phone: Some(phone(2).reveal().to_owned()), ..WhyQuestion::default() };
    let why = world.engine.why(&asked).await.expect("why").leads.remove(0);
    let (waits, until) = ("at most 3 a day; 8 go before it", "2026-11-26T23:00:00Z");
    assert!(why.sentence.contains(waits), "{}", why.sentence);
    assert_eq!(why.until.map(|at| at.to_string()).as_deref(), Some(until));
    assert!(why.score_because.expect("a score").contains("below what they would pay"));
    world.clock.set("2026-11-24T22:59:59Z".parse().expect("the last second of the day in Paris"));
    assert_eq!(round(&world.engine).await.released, 0);
    world.clock.set("2026-11-24T23:00:00Z".parse().expect("midnight in Paris"));
    let (a, b) = tokio::join!(round(&world.engine), round(&node));
    assert_eq!(a.released + b.released, 3, "{a:?} {b:?}");
    // By the order alone all three would be of the second tariff; its own budget lets one through.
    let people = everybody(world, &marie).await;
    assert_eq!((people.len(), people.iter().filter(|person| **person > 9).count()), (3, 1), "{people:?}");
    assert_eq!(world.engine.withdraw_tariff("fibre-25").await.expect("withdrawn").taken_back, 3);
    assert_eq!(world.state_of(2).await, LeadState::Closed(ClosedReason::Refused));
    assert_eq!(world.number("SELECT COUNT(*) FROM lead WHERE state = 'scheduled'").await, 3);
    // A campaign that has no budget any more lets everybody through but whom the tariff holds.
    world.store.apply_campaign(&definition("fibre"), None, world.now()).await.expect("applied");
    assert_eq!(round(&world.engine).await.released, 0);
    world.clock.advance(Span::days(1));
    assert_eq!(round(&world.engine).await.released, 1);
}

/// Leads that a budget let through and that are taken back before anybody calls them leave their places of the day to others.
pub async fn what_is_taken_back_leaves_its_place_in_the_day(world: &World) {
    let marie = world.operator("marie").await;
    let callable = "SELECT COUNT(*) FROM lead WHERE state = 'ready' AND reopening_id IS NOT NULL";
    let campaign = world.running(&budgeted(2)).await;
    world.load(&campaign, 2..=5).await;
    refuse(world, &marie, 26..=29).await;
    assert_eq!(publish_for_all(world, &tariff("mistaken", 2_499, &["fibre"])).await, 4);
    assert_eq!(world.number(callable).await, 2);
    let Claimed::Assignment(called) = world.claim(&marie).await else { panic!("a lead") };
    assert_eq!(world.engine.withdraw_tariff("mistaken").await.expect("withdrawn").taken_back, 3);
    assert_eq!(publish_for_all(world, &tariff("right", 2_499, &["fibre"])).await, 3);
    assert_eq!(world.number(callable).await, 1, "one of the two of the day was called");
    world.record(&world.look_at(called).await, &reports::not_interested()).await;
    assert_eq!(round(&world.engine).await.released, 0);
}

/// A cool-down is over before a budget is asked: who waits for the one does not use up the other.
pub async fn a_cool_down_stands_before_a_budget(world: &World) {
    let marie = world.operator("marie").await;
    let mut patient = budgeted(1);
    patient.calling.days_after_refusal = 30;
    let campaign = world.running(&patient).await;
    world.load(&campaign, 2..=4).await;
    refuse(world, &marie, 28..=30).await;
    // The first round of a node looks at everybody under its rules.
    round(&world.engine).await;
    assert_eq!(publish_for_all(world, &tariff("fibre-25", 2_499, &["fibre"])).await, 3);
    assert_eq!(round(&world.engine).await.released, 0);
    let over = "2026-12-24T23:00:00Z".parse().expect("the midnight after thirty full days in Paris");
    assert_eq!(world.state_of(2).await, LeadState::Scheduled { due_at: over, block: Block::CoolDown });
    world.clock.set(over);
    assert_eq!(round(&world.engine).await.released, 1);
    assert_eq!(everybody(world, &marie).await, [4]);
    world.clock.advance(Span::days(1));
    assert_eq!(round(&world.engine).await.released, 1);
    assert_eq!(everybody(world, &marie).await, [3]);
}

/// What was reopened gets its declared share of the hand-outs while there are others too, whichever node hands out and however many
/// operators ask at once, and all of them when there are no others.
pub async fn reopened_leads_get_their_share(world: &World) {
    let marie = world.operator("marie").await;
    let mut shared = definition("fibre");
    shared.queue.reopened_share = Some(30);
    let campaign = world.running(&shared).await;
    world.load(&campaign, 2..=45).await;
    refuse(world, &marie, 30..=49).await;
    assert_eq!(publish_for_all(world, &tariff("fibre-25", 2_499, &["fibre"])).await, 20);
    let node = world.another_node().await;
    let mut reopened = 0;
    for node in [&world.engine, &node].into_iter().cycle().take(10) {
        let NextAnswer::Lead(lead) = node.next_lead(marie.id, None).await.expect("an answer") else {
            panic!("there is somebody of each kind");
        };
        reopened += usize::from(lead.why == Why::Reopened);
        world.record(&world.look_at(lead.assignment).await, &reports::not_interested()).await;
    }
    assert_eq!(reopened, 3);
    let mut others = Vec::new();
    for number in 0..10 {
        others.push(world.operator(&format!("operator-{number}")).await);
    }
    let mut classes = Vec::new();
    for claimed in world.claim_together(&others.iter().collect::<Vec<_>>()).await {
        let Claimed::Assignment(assignment) = claimed else { panic!("everybody gets a lead: {claimed:?}") };
        classes.push(world.look_at(assignment).await.decision.why);
    }
    assert_eq!(classes.iter().filter(|why| **why == Why::Reopened).count(), 3, "{classes:?}");
    // 24 were new: seven and seven went, and ten are left; then what was reopened is alone.
    assert_eq!(everybody(world, &marie).await.len(), 24);
}

/// Whoever had the refusal gets the lead before anybody else, for the declared time, unless they are away or gone.
pub async fn whoever_had_the_refusal_is_first(world: &World) {
    let (marie, olga) = (world.operator("marie").await, world.operator("olga").await);
    let mut first = definition("fibre");
    first.reopening.first_operator = Some(Span::days(2));
    let campaign = world.running(&first).await;
    world.load(&campaign, 2..=5).await;
    refuse(world, &marie, 30..=32).await;
    let paul = world.operator("paul").await;
    refuse(world, &paul, 33..=33).await;
    let away = Away { from: world.now(), until: world.in_minutes(60) };
    world.store.set_away("paul", Some(away)).await.expect("away");
    assert_eq!(publish_for_all(world, &tariff("fibre-25", 2_499, &["fibre"])).await, 4);
    let of_paul = world.hand_out(&olga).await;
    assert_eq!(person(&of_paul), 5, "who is away has nothing kept");
    world.record(&of_paul, &reports::not_interested()).await;
    assert_eq!(world.claim(&olga).await, Claimed::Nobody);
    let kept = world.lead_of(4).await;
    assert_eq!(
        (kept.reserved_for.as_deref(), kept.reserved_until),
        (Some("marie"), Some(world.in_minutes(2 * 24 * 60)))
    );
    let of_marie = world.hand_out(&marie).await;
    assert_eq!(person(&of_marie), 4);
    world.record(&of_marie, &reports::not_interested()).await;
    // Away: at once, by the loop that looks.
    let away = Away { from: world.in_minutes(10), until: world.in_minutes(20) };
    world.store.set_away("marie", Some(away)).await.expect("away");
    assert_eq!(round(&world.engine).await.unkept, 0);
    world.pass_minutes(10).await;
    let node = world.another_node().await;
    let (a, b) = tokio::join!(round(&world.engine), round(&node));
    assert_eq!(a.unkept + b.unkept, 3, "the one who was called among them: {a:?} {b:?}");
    assert_eq!(everybody(world, &olga).await, [3, 2]);
    // Over: the time.
    world.store.set_away("marie", None).await.expect("back");
    world.load(&campaign, 6..=6).await;
    refuse(world, &marie, 30..=30).await;
    assert_eq!(publish_for_all(world, &tariff("fibre-20", 1_999, &["fibre"])).await, 1);
    assert_eq!(world.claim(&olga).await, Claimed::Nobody);
    world.pass_minutes(2 * 24 * 60 - 1).await;
    assert_eq!(round(&world.engine).await.unkept, 0);
    world.pass_minutes(1).await;
    assert_eq!(round(&world.engine).await.unkept, 1);
    assert_eq!(everybody(world, &olga).await, [6]);
}

fn half(how: HeldOutHow) -> Option<HoldOut> {
    Some(HoldOut { percent: 50, how, lasts: Span::days(10) })
}

/// Which people of a campaign, who refused one after the other, are held out of a tariff.
fn held_out(tariff: &Tariff, people: std::ops::RangeInclusive<u32>) -> Vec<u32> {
    let hold_out = tariff.hold_out.expect("a hold-out");
    let refusal = |person: &u32| RefusalId(i64::from(*person) - 1);
    people.filter(|person| hold_out.holds(&tariff.tariff, refusal(person))).collect()
}

/// Whoever is held out uncalled stays refused, whichever node publishes and however often, until the declared time is over; a tariff
/// that ends meanwhile calls none of them.
pub async fn who_is_held_out_is_not_called(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=21).await;
    refuse(world, &marie, 30..=49).await;
    let offer = Tariff { hold_out: half(HeldOutHow::Uncalled), ..tariff("fibre-25", 2_499, &["fibre"]) };
    let held = held_out(&offer, 2..=21);
    assert!((4..=16).contains(&held.len()), "{held:?}");
    let called = 20 - held.len() as u64;
    assert_eq!(publish_for_all(world, &offer).await, called);
    assert_eq!(publish_for_all(world, &offer).await, 0);
    let people = everybody(world, &marie).await;
    assert_eq!(people.len() as u64, called);
    assert!(people.iter().all(|person| !held.contains(person)), "{people:?}");
    world.clock.advance(Span::days(10));
    let node = world.another_node().await;
    let (a, b) = tokio::join!(round(&world.engine), round(&node));
    assert_eq!((a.hold_outs_ended + b.hold_outs_ended) as usize, held.len(), "{a:?} {b:?}");
    round(&world.engine).await;
    let mut late = everybody(world, &marie).await;
    late.sort_unstable();
    assert_eq!(late, held);
    world.load(&campaign, 22..=31).await;
    refuse(world, &marie, 30..=39).await;
    let other = Tariff { tariff: "fibre-24".into(), ..offer };
    publish_for_all(world, &other).await;
    world.engine.withdraw_tariff("fibre-24").await.expect("withdrawn");
    world.clock.advance(Span::days(10));
    round(&world.engine).await;
    assert_eq!(everybody(world, &marie).await, [] as [u32; 0]);
}

/// Whoever is held out without the offer is called like the others, and no operator is told of the tariff.
pub async fn who_is_held_out_without_the_offer_is_not_told_of_it(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=11).await;
    refuse(world, &marie, 30..=39).await;
    let offer = Tariff { hold_out: half(HeldOutHow::WithoutOffer), ..tariff("fibre-25", 2_499, &["fibre"]) };
    let held = held_out(&offer, 2..=11);
    assert_eq!(publish_for_all(world, &offer).await, 10);
    for _ in 0..10 {
        let NextAnswer::Lead(lead) = world.engine.next_lead(marie.id, None).await.expect("an answer") else {
            panic!("everybody is called");
        };
        let hand_out = world.look_at(lead.assignment).await;
        let is_held = held.contains(&person(&hand_out));
        assert_eq!(
            (lead.why, lead.offers.is_empty(), lead.decision.reopening.is_none()),
            (Why::Reopened, is_held, is_held)
        );
        assert_eq!(lead.because.contains("now costs"), !is_held, "{}", lead.because);
        world.record(&hand_out, &reports::not_interested()).await;
    }
}

/// What a tariff brought is counted by reason, by whoever had the refusal and by hold-out: orders at the price and for the commitment
/// of their moment, and for the measurement only those within the time of the hold-out.
pub async fn a_tariff_says_what_it_brought(world: &World) {
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=9).await;
    refuse(world, &marie, 30..=33).await;
    refuse(world, &paul, 34..=35).await;
    world.call(&paul, &reports::refused_for_speed(100)).await;
    let mut offer = Tariff { hold_out: half(HeldOutHow::Uncalled), ..tariff("fibre-25", 2_499, &["fibre"]) };
    offer.commitment_months = 12;
    offer.features.insert("speed".into(), relance_domain::definition::FeatureValue::Amount(500));
    let held = held_out(&offer, 2..=8);
    assert!((1..=6).contains(&held.len()), "{held:?}");
    let called = 7 - i64::try_from(held.len()).expect("few");
    publish_for_all(world, &offer).await;
    world.call(&marie, &reports::ordered("fibre-25")).await;
    for _ in 1..called {
        world.call(&marie, &reports::plain("no_answer")).await;
    }
    world.clock.advance(Span::days(10));
    round(&world.engine).await;
    // Whoever orders after the time of the hold-out is not measured, on either side.
    while let Claimed::Assignment(assignment) = world.claim(&marie).await {
        world.record(&world.look_at(assignment).await, &reports::ordered("fibre-25")).await;
    }
    let tariff = world.store.tariff("fibre-25").await.expect("the tariff").id;
    let brought = world.store.brought(tariff, Some(Span::days(10))).await.expect("counted");
    let sum = |held: bool, of: fn(&ReopenedAlike) -> i64| -> i64 {
        brought.reopened.iter().filter(|alike| alike.held_out.is_some() == held).map(of).sum()
    };
    assert_eq!((sum(false, |alike| alike.people), sum(true, |alike| alike.people)), (called, 7 - called));
    assert_eq!((sum(false, |alike| alike.ordered), sum(true, |alike| alike.ordered)), (1, 0));
    assert_eq!(sum(false, |alike| alike.waiting), 0);
    assert_eq!(sum(false, |alike| alike.attempts), 2 * called - 1);
    assert_eq!(sum(false, |alike| alike.reached), called);
    let theirs = |of: &dyn Fn(&ReopenedAlike) -> bool| -> i64 {
        brought.reopened.iter().filter(|alike| of(alike)).map(|alike| alike.people).sum()
    };
    assert_eq!((theirs(&|alike| alike.operator == "marie"), theirs(&|alike| alike.operator == "paul")), (4, 3));
    assert_eq!(theirs(&|alike| alike.reason == "features"), 1);
    let of_class =
        |class: &str| -> i64 { brought.classes.iter().filter(|one| one.class == class).map(|one| one.attempts).sum() };
    assert_eq!((of_class("order"), of_class("no_answer")), (called, called - 1));
    assert_eq!(brought.orders.iter().map(|alike| alike.orders).sum::<i64>(), called);
    for alike in &brought.orders {
        let known = (alike.price.minor, alike.per.as_deref(), alike.commitment_months);
        assert_eq!(known, (2_499, Some("month"), 12));
    }
}

/// A tariff that ends takes back whom nobody called and ends the hold-out: both groups are measured as they were chosen, once each
/// where it puts somebody back again.
pub async fn whoever_was_taken_back_is_measured_all_the_same(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=21).await;
    refuse(world, &marie, 30..=49).await;
    let offer = Tariff { hold_out: half(HeldOutHow::Uncalled), ..tariff("fibre-25", 2_499, &["fibre"]) };
    let held = held_out(&offer, 2..=21).len() as i64;
    publish_for_all(world, &offer).await;
    let next = Tariff { commitment_months: 12, ..offer };
    publish_for_all(world, &next).await;
    world.engine.withdraw_tariff("fibre-25").await.expect("withdrawn");
    let tariff = world.store.tariff("fibre-25").await.expect("the tariff").id;
    let brought = world.store.brought(tariff, Some(Span::days(10))).await.expect("counted").reopened;
    let sum = |is_held: bool, of: fn(&ReopenedAlike) -> i64| -> i64 {
        brought.iter().filter(|alike| alike.held_out.is_some() == is_held).map(of).sum()
    };
    assert_eq!((sum(false, |alike| alike.people), sum(true, |alike| alike.people)), (0, 0));
    assert_eq!((sum(false, |alike| alike.measured), sum(true, |alike| alike.measured)), (20 - held, held));
}

//! What is offered in a call over the engine: the tariffs as they were when it began, where the client wants the service.

use relance_domain::definition::{CountsAs, Detail, RefusalReason, ReopenCondition};
use relance_domain::outcome::{OutcomeReport, RefusalReport};
use relance_domain::tariff::Tariff;
use relance_domain::{Money, Span};
use relance_scheduler::{Error, LeadAnswer, NextAnswer, loops};
use relance_store::order::OrderFilter;
use relance_store::user::User;
use relance_testkit::builders::{definition, eur, tariff};
use relance_testkit::{World, reports};

relance_testkit::on_both_stores![
    a_call_keeps_the_tariff_that_it_began_with,
    a_late_report_is_kept_whatever_became_of_the_tariff,
    who_wants_it_elsewhere_is_offered_what_is_had_there,
];

async fn next(world: &World, operator: &User) -> LeadAnswer {
    match world.engine.next_lead(operator.id, None).await.expect("an answer") {
        NextAnswer::Lead(lead) => *lead,
        NextAnswer::Nobody(nobody) => panic!("{}", nobody.because),
    }
}

async fn publish(world: &World, tariff: &Tariff) {
    world.engine.publish_tariff(tariff).await.expect("published");
}

fn at(price_minor: i64) -> Tariff {
    tariff("fibre-25", price_minor, &["fibre"])
}

fn prices(lead: &LeadAnswer) -> Vec<i64> {
    lead.offers.iter().map(|offer| offer.price.minor).collect()
}

/// A version that takes over during a call changes neither what the operator sees nor what the client has agreed to, not even where
/// the campaign offers the tariff no more; the next call is told of it.
async fn a_call_keeps_the_tariff_that_it_began_with(world: &World) {
    let olga = world.operator("olga").await;
    let other = world.running(&definition("other")).await;
    world.load(&other, 10..=10).await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=3).await;
    publish(world, &at(2_499)).await;
    world.clock.advance(Span::minutes(1));
    let held = world.engine.next_lead(olga.id, Some("fibre")).await.expect("an answer");
    let NextAnswer::Lead(held) = held else { panic!("{held:?}") };
    assert_eq!(prices(&held), [2_499]);
    world.clock.advance(Span::minutes(1));
    publish(world, &Tariff { campaigns: vec!["other".into()], ..at(2_999) }).await;
    let shown = world.engine.held_lead(olga.id).await.expect("answered").expect("the lead");
    assert_eq!(prices(&shown), [2_499]);
    let order = reports::ordered("fibre-25");
    let recorded = world.engine.record_outcome(olga.id, held.assignment, &held.token, &order).await.expect("recorded");
    let again = world.engine.record_outcome(olga.id, held.assignment, &held.token, &order).await.expect("repeated");
    assert_eq!(recorded, again);
    let orders = world.engine.orders(&OrderFilter { limit: 9, ..OrderFilter::default() }).await.expect("orders");
    assert_eq!(orders[0].price, Money { minor: 2_499, currency: eur() });
    let after = world.engine.next_lead(olga.id, Some("fibre")).await.expect("an answer");
    let NextAnswer::Lead(after) = after else { panic!("{after:?}") };
    assert_eq!(prices(&after), [] as [i64; 0]);
    let refused = world.engine.record_outcome(olga.id, after.assignment, &after.token, &order).await;
    let Err(Error::Invalid { problems, .. }) = refused else { panic!("{refused:?}") };
    assert!(problems[0].message.contains("is not offered by this campaign"), "{problems:?}");
}

/// A report that comes after its lease ran out is kept for review as it was told, though the tariff has another version by then that
/// begins on a later day than the call was.
async fn a_late_report_is_kept_whatever_became_of_the_tariff(world: &World) {
    let olga = world.operator("olga").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    publish(world, &at(2_499)).await;
    world.clock.advance(Span::minutes(1));
    let held = next(world, &olga).await;
    world.clock.advance(Span::days(1));
    assert_eq!(loops::run_once(&world.engine).await.expect("a round").returned, 1);
    let today = world
        .now()
        .to_zoned("Europe/Paris".parse::<relance_domain::ZoneName>().expect("a zone").rules().expect("rules"));
    publish(world, &Tariff { valid_from: today.date(), ..at(2_199) }).await;
    let late = world.engine.record_outcome(olga.id, held.assignment, &held.token, &reports::ordered("fibre-25")).await;
    assert!(matches!(late, Err(Error::Late(_))), "{late:?}");
}

/// Whoever wants the service at another address is called back with the tariff that is to be had there, is offered it and may order it.
async fn who_wants_it_elsewhere_is_offered_what_is_had_there(world: &World) {
    let olga = world.operator("olga").await;
    let mut selling = definition("fibre");
    selling.reasons.push(RefusalReason {
        code: "not_here".into(),
        label: "Not to be had there".into(),
        asks: vec![Detail::Coverage],
        optional: Vec::new(),
        counts_as: Some(CountsAs::Neither),
        reopened_by: vec![vec![ReopenCondition::CoversAddress]],
    });
    let campaign = world.running(&selling).await;
    world.load(&campaign, 2..=3).await;
    let elsewhere =
        RefusalReport { reason: "not_here".into(), coverage: Some("44000".into()), ..RefusalReport::default() };
    let refused = OutcomeReport { refusal: Some(elsewhere), ..reports::plain("refused") };
    let held = next(world, &olga).await;
    world.engine.record_outcome(olga.id, held.assignment, &held.token, &refused).await.expect("recorded");
    publish(world, &Tariff { regions: vec!["FR:44".into()], ..at(2_499) }).await;
    let back = next(world, &olga).await;
    assert_eq!((back.lead, prices(&back)), (held.lead, vec![2_499]));
    let order = reports::ordered("fibre-25");
    world.engine.record_outcome(olga.id, back.assignment, &back.token, &order).await.expect("ordered");
    let neighbour = next(world, &olga).await;
    assert_eq!(prices(&neighbour), [] as [i64; 0], "nobody else is offered what is to be had elsewhere");
}

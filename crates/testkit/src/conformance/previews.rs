//! What a preview says is what a publication at the same instant does.

use jiff::Timestamp;
use relance_domain::Span;
use relance_domain::definition::{AttemptCap, Definition, Detail, FeatureValue, RefusalReason, ReopenCondition};
use relance_domain::list::ListedPhone;
use relance_domain::tariff::Tariff;
use relance_scheduler::{RestsOn, TariffPreview};
use relance_store::outcome::NewSuppression;
use relance_store::preview::CeilingCount;

use super::clients::merge;
use super::registers::{stand_in_register, stands_in_register};
use super::tariffs::publish_for_all;
use crate::builders::{accepted, definition, eur, phone, provenance, tariff, who_agreed};
use crate::{World, reports};

const DAY: i64 = 24 * 60;

/// Refusals for the price are answered by a price, or by a speed.
fn patient() -> Definition {
    let mut patient = definition("fibre");
    patient.calling.days_after_refusal = 5;
    patient.calling.caps = vec![AttemptCap { max: 2, window: Span::days(30) }];
    let price = patient.reasons.iter_mut().find(|reason| reason.code == "price").expect("the reason");
    *price = RefusalReason {
        optional: vec![Detail::WantedFeatures],
        asks: vec![Detail::PriceCeiling, Detail::WantedFeatures],
        reopened_by: vec![
            vec![ReopenCondition::PriceWithinCeiling],
            vec![ReopenCondition::PriceWithinCeiling, ReopenCondition::DaysSince(1)],
            vec![ReopenCondition::HasWantedFeatures],
        ],
        ..price.clone()
    };
    patient
}

fn fast(name: &str, price: i64) -> Tariff {
    Tariff {
        features: [("speed".to_owned(), FeatureValue::Amount(500))].into(),
        regions: vec!["FR:75*".to_owned()],
        ..tariff(name, price, &["fibre"])
    }
}

/// People 2 to 13, each with something of their own; then an earlier tariff brings two of them back, and one of those asks to be
/// called later.
async fn people_of_all_kinds(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&patient()).await;
    world.load(&campaign, 2..=8).await;
    world.write("UPDATE client SET postcode = '13001' WHERE phone LIKE '%00008'").await;
    for ceiling in ["30", "50", "50", "20", "30", "30", "30"] {
        world.call(&marie, &reports::refused_over(ceiling)).await;
    }
    let licensed = world.load(&campaign, 12..=12).await;
    world.write(&format!("UPDATE list SET licence_until = '2026-12-24' WHERE id = {}", licensed.id.0)).await;
    world.call(&marie, &reports::refused_over("30")).await;
    world.load(&campaign, 13..=13).await;
    world.call(&marie, &reports::refused_for_speed(100)).await;
    world.clock.advance(Span::minutes(30 * DAY));
    world.load(&campaign, 9..=10).await;
    world.call(&marie, &reports::plain("no_answer")).await;
    world.call(&marie, &reports::refused_over("30")).await;
    world.pass_minutes(180).await;
    world.call(&marie, &reports::refused_over("30")).await;
    world.clock.advance(Span::minutes(8 * DAY));
    world.load(&campaign, 11..=11).await;
    world.call(&marie, &reports::refused_over("30")).await;
    world.clock.advance(Span::minutes(2 * DAY));
    assert_eq!(publish_for_all(world, &tariff("early", 4_500, &["fibre"])).await, 2);
    world.call(&marie, &reports::call_later(world.in_minutes(10 * DAY))).await;
    let gone = |n| NewSuppression {
        phone: phone(n),
        seller: None,
        campaign: None,
        reason: "asked by letter".into(),
        by: None,
    };
    world.store.suppress(&gone(6), world.now()).await.expect("suppressed");
    // A register closes nobody's lead.
    stands_in_register(world, 7).await;
}

fn held(preview: &TariffPreview) -> Vec<(&str, i64)> {
    preview.held_by.iter().map(|held| (held.by.as_str(), held.refusals)).collect()
}

/// Who comes back, at once and later, by reason and by what holds them; each of the others is told, with what holds them.
pub async fn a_preview_says_what_a_publication_does(world: &World) {
    people_of_all_kinds(world).await;
    let offer = fast("fibre-25", 2_500);
    let before = world.everything().await;
    let preview = world.engine.preview_tariff(&offer).await.expect("a preview");
    assert_eq!(world.everything().await, before, "a preview stores nothing");
    assert_eq!((preview.reopened_now, preview.reopened_later, preview.held_back), (3, 2, 6), "{preview:#?}");
    let expected = [
        ("already_reopened", 1),
        ("attempt_cap", 1),
        ("cool_down", 1),
        ("licence_expired", 1),
        ("promised_callback", 1),
        ("region", 1),
        ("suppressed", 2),
    ];
    assert_eq!(held(&preview), expected);
    let promised = preview.held_by.iter().find(|held| held.by == "promised_callback").expect("the promise");
    assert_eq!(
        (promised.first_until, promised.last_until),
        (Some(world.in_minutes(10 * DAY)), Some(world.in_minutes(10 * DAY)))
    );
    let free: Vec<i64> = promised.free.iter().map(|band| band.refusals).collect();
    assert_eq!(free, [0, 0, 1, 0, 0], "within 30 days");
    assert_eq!(
        preview.by_region.iter().map(|share| (share.name.as_str(), share.refusals)).collect::<Vec<_>>(),
        [("FR:75*", 5)]
    );
    let ages: Vec<_> = preview.by_age.iter().map(|share| (share.name.as_str(), share.refusals)).collect();
    assert_eq!(ages, [("less than 30 days", 3), ("30 to 90 days", 2)]);
    for shares in [&preview.by_list, &preview.by_region, &preview.by_age] {
        assert_eq!(shares.iter().map(|share| share.refusals).sum::<i64>(), 5);
    }
    assert!(!preview.examples.is_empty());

    assert_eq!(publish_for_all(world, &offer).await, 5);
    let of_tariff = "FROM reopening JOIN tariff ON tariff.id = reopening.tariff_id AND tariff.tariff = 'fibre-25'
        JOIN refusal ON refusal.id = reopening.refusal_id JOIN lead ON lead.id = reopening.lead_id";
    let by_reason = format!("SELECT refusal.reason || ' ' || COUNT(*) {of_tariff} GROUP BY refusal.reason ORDER BY 1");
    let told = preview.by_reason.iter().map(|share| format!("{} {}", share.reason, share.refusals));
    assert_eq!(world.texts(&by_reason).await, told.collect::<Vec<_>>());
    let later =
        format!("SELECT lead.block || ' ' || lead.due_at_ms {of_tariff} WHERE lead.state = 'scheduled' ORDER BY 1");
    let told = preview.held_by.iter().filter(|held| ["attempt_cap", "cool_down"].contains(&held.by.as_str()));
    let told = told.map(|held| format!("{} {}", held.by, held.first_until.map_or(0, Timestamp::as_millisecond)));
    assert_eq!(world.texts(&later).await, told.collect::<Vec<_>>());
    world.hold_invariants().await;

    let again = world.engine.preview_tariff(&fast("fibre-24", 2_400)).await.expect("a preview");
    assert_eq!((again.reopened_now, again.reopened_later), (0, 0));
    assert!(held(&again).contains(&("already_reopened", 6)), "{:?}", held(&again));
    let published = world.engine.preview_tariff(&offer).await;
    assert!(published.expect_err("it is published").to_string().contains("published already"));
    let unknown = world.engine.preview_tariff(&tariff("lost", 1, &["nowhere"])).await;
    assert!(format!("{:?}", unknown.expect_err("no campaign")).contains("there is no campaign"));
}

/// Whose number a register holds is counted as held back, however the number came to them: with the register's file, with a later
/// list, or with somebody who turned out to be the same person.
pub async fn whoever_a_register_holds_is_told(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    let elsewhere = world.running(&definition("loan")).await;
    world.load(&campaign, 2..=6).await;
    for _ in 2..=6 {
        world.call(&marie, &reports::refused_over("30")).await;
    }
    world.load(&elsewhere, 30..=30).await;
    stand_in_register(world, &[3, 20, 30, 40]).await;
    let further = |n| ListedPhone { number: phone(n), extension: None };
    let mut fourth = who_agreed(4, "2026-11-20");
    fourth.phones.add(further(20));
    world.load_rows(&campaign, provenance("consents"), &[accepted(2, fourth)]).await.expect("a list");
    merge(world, 5, 30).await;
    let offer = tariff("fibre-25", 2_500, &["fibre"]);
    let preview = world.engine.preview_tariff(&offer).await.expect("a preview");
    assert_eq!((preview.reopened_now, held(&preview)), (2, vec![("suppressed", 3)]), "{preview:#?}");
    assert_eq!(publish_for_all(world, &offer).await, 2);
    world.hold_invariants().await;
}

/// Orders are guessed from the nearest earlier reopenings of which any came to an end, and the guess says which; without any there
/// is none. Work is reckoned from the campaign's own calls of late, and not from too few.
pub async fn a_guess_says_what_it_rests_on(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.running(&definition("loan")).await;
    world.load(&campaign, 2..=25).await;
    for n in 2..=25 {
        let report = if n < 22 { reports::refused_over("30") } else { reports::refused_for_speed(100) };
        world.call(&marie, &report).await;
        world.clock.advance(Span::minutes(3));
    }
    let mut offer = fast("first", 2_900);
    offer.regions.clear();
    let first = world.engine.preview_tariff(&offer).await.expect("a preview");
    assert!(first.orders.iter().all(|one| one.rests_on == RestsOn::Nothing && one.forecast.is_none()), "{first:#?}");
    assert_eq!((first.orders_together, first.calls[0].people, first.calls[0].work), (None, 24, None));
    assert_eq!((first.calls[0].rate.attempts, first.calls[0].rate.reached), (24, 24));
    offer.features.clear();
    assert_eq!(publish_for_all(world, &offer).await, 20);
    for n in 0..13 {
        let report = match n {
            0..3 => reports::ordered("first"),
            // Called and not reached: what comes of it is open.
            3 => reports::plain("no_answer"),
            _ => reports::refused_over("28"),
        };
        world.call(&marie, &report).await;
    }
    let mut second = fast("second", 2_500);
    second.regions.clear();
    let preview = world.engine.preview_tariff(&second).await.expect("a preview");
    let told: Vec<_> = preview
        .orders
        .iter()
        .map(|one| (one.reason.as_str(), one.rests_on, one.people, one.tried, one.ordered))
        .collect();
    assert_eq!(told, [("features", RestsOn::Campaign, 4, 12, 3), ("price", RestsOn::CampaignAndReason, 9, 12, 3)]);
    let together = preview.orders_together.expect("there is history");
    assert!((together.expected - 13.0 * 3.5 / 13.0).abs() < 1e-9, "{together:?}");
    let work = preview.calls[0].work.expect("37 calls are enough");
    assert_eq!(work.calls, 13 * 37 / 36);
    let elsewhere =
        world.engine.preview_tariff(&Tariff { campaigns: vec!["loan".into()], ..second }).await.expect("a preview");
    assert!(elsewhere.orders.is_empty(), "nobody comes back there");
    world.hold_invariants().await;
}

/// Ceilings are counted as they were named; whoever does not stand refused is counted apart.
pub async fn ceilings_are_counted(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=5).await;
    for ceiling in ["30", "30", "20", "10"] {
        world.call(&marie, &reports::refused_over(ceiling)).await;
    }
    world.write("UPDATE client SET postcode = '13001' WHERE phone LIKE '%00002'").await;
    assert_eq!(
        publish_for_all(world, &Tariff { regions: vec!["13".into()], ..tariff("south", 2_500, &["fibre"]) }).await,
        1
    );
    let count = |ceiling_minor, is_free, refusals| CeilingCount { currency: eur(), ceiling_minor, is_free, refusals };
    let everywhere = world.store.ceilings(campaign.id, None).await.expect("ceilings");
    assert_eq!(
        everywhere,
        [count(1_000, true, 1), count(2_000, true, 1), count(3_000, false, 1), count(3_000, true, 1)]
    );
    let nowhere = Tariff { regions: vec!["US:CA".into()], ..tariff("west", 1, &["fibre"]) };
    let free: i64 = world
        .store
        .ceilings(campaign.id, Some(&nowhere))
        .await
        .expect("ceilings")
        .iter()
        .filter(|one| one.is_free)
        .map(|one| one.refusals)
        .sum();
    assert_eq!(free, 0);
    assert_eq!(world.store.standing_count(&[campaign.id]).await.expect("a count"), 3);
}

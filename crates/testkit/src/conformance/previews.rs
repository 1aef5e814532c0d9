//! What a preview says is what a publication at the same instant does.

use jiff::Timestamp;
use relance_domain::definition::{AttemptCap, Definition, Detail, FeatureValue, RefusalReason, ReopenCondition};
use relance_domain::list::ListedPhone;
use relance_domain::reopening::{HeldOutHow, HoldOut};
use relance_domain::tariff::Tariff;
use relance_domain::{Money, Span};
use relance_scheduler::{RestsOn, TariffPreview, loops};
use relance_store::assignment::Holder;
use relance_store::claim::Claimed;
use relance_store::outcome::NewSuppression;
use relance_store::preview::CeilingCount;
use relance_store::user::User;

use super::answering::Dice;
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

/// Previews a tariff and publishes it at the same instant: both are the same, as far as the database tells what was done.
async fn published_as_previewed(world: &World, offer: &Tariff) -> TariffPreview {
    let preview = world.engine.preview_tariff(offer).await.expect("a preview");
    let reopened = publish_for_all(world, offer).await;
    let now = world.now().as_millisecond();
    let made = format!(
        "FROM reopening JOIN tariff ON tariff.id = reopening.tariff_id AND tariff.version = reopening.tariff_version
        JOIN refusal ON refusal.id = reopening.refusal_id JOIN lead ON lead.id = reopening.lead_id
        WHERE tariff.tariff = '{}' AND reopening.reopened_at_ms = {now} AND reopening.taken_back_at_ms IS NULL",
        offer.tariff
    );
    let by_reason = format!("SELECT refusal.reason || ' ' || COUNT(*) {made} GROUP BY refusal.reason ORDER BY 1");
    let told = preview.by_reason.iter().map(|share| format!("{} {}", share.reason, share.refusals));
    assert_eq!(world.texts(&by_reason).await, told.collect::<Vec<_>>(), "{preview:#?}");
    let left = count(world, &format!("SELECT CAST(COUNT(*) AS TEXT) {made} AND reopening.hold_out = 'uncalled'")).await;
    let (back, put_back) = (preview.reopened_now + preview.reopened_later, i64::try_from(reopened).expect("few"));
    assert_eq!(back, put_back + left, "{preview:#?}");
    let held_out =
        count(world, &format!("SELECT CAST(COUNT(*) AS TEXT) {made} AND reopening.hold_out IS NOT NULL")).await;
    assert_eq!(preview.held_out.as_ref().map_or(0, |people| people.refusals), held_out, "{preview:#?}");
    let later = format!(
        "SELECT lead.block || ' ' || COUNT(*) {made} AND lead.state = 'scheduled' AND lead.block IN ('cool_down', 'attempt_cap')
        GROUP BY lead.block ORDER BY 1"
    );
    let held = preview.held_by.iter().filter(|held| ["attempt_cap", "cool_down"].contains(&held.by.as_str()));
    let held = held.map(|held| format!("{} {}", held.by, held.refusals)).collect::<Vec<_>>();
    assert!(left > 0 || world.texts(&later).await == held, "{preview:#?}");
    let taken_back = format!(
        "SELECT CAST(COUNT(*) AS TEXT) FROM reopening WHERE taken_back_at_ms = {now}
            AND (hold_out IS NULL OR hold_out <> 'uncalled' OR hold_out_ended_at_ms < {now})"
    );
    assert_eq!(count(world, &taken_back).await, preview.taken_back, "{preview:#?}");
    let standing = "SELECT CAST(COUNT(*) AS TEXT) FROM lead WHERE state = 'closed' AND closed_reason = 'refused'";
    assert_eq!(count(world, standing).await + put_back, preview.refusals, "{preview:#?}");
    preview
}

async fn count(world: &World, query: &str) -> i64 {
    world.texts(query).await.pop().expect("a row").parse().expect("a number")
}

/// Price and speed reopen, the latter once a year.
fn once_a_year() -> Definition {
    let mut once = patient();
    let features = once.reasons.iter_mut().find(|reason| reason.code == "features").expect("the reason");
    features.reopened_by = vec![vec![ReopenCondition::HasWantedFeatures, ReopenCondition::ReopeningsAYear(1)]];
    once
}

/// Of those whom a tariff put back, one is called and not reached, one refuses again, one orders, one is promised a call, one is with
/// an operator, and one was handed back as not called; the others wait.
async fn some_were_called(world: &World) {
    let (marie, olga) = (world.operator("marie").await, world.operator("olga").await);
    let campaign = world.running(&once_a_year()).await;
    world.load(&campaign, 2..=14).await;
    for n in 2..=14 {
        let price = if n == 13 { reports::refused_over("22") } else { reports::refused_over("30") };
        world.call(&marie, &if n < 10 || n == 13 { price } else { reports::refused_for_speed(100) }).await;
    }
    world.clock.advance(Span::minutes(40 * DAY));
    let mut early = fast("early", 2_499);
    early.regions.clear();
    assert_eq!(publish_for_all(world, &early).await, 12);
    let promised = reports::call_later(world.in_minutes(10 * DAY));
    for report in [reports::plain("no_answer"), reports::refused_over("30"), reports::ordered("early"), promised] {
        world.call(&marie, &report).await;
    }
    world.hand_out(&olga).await;
    let returned = world.hand_out(&marie).await;
    let holder = Holder { assignment: returned.assignment, operator: marie.id, token: returned.token };
    world.store.hand_back(&holder, "wrong button", world.now()).await.expect("handed back");
    stands_in_register(world, 12).await;
    world.clock.advance(Span::minutes(1));
}

/// Whomever a new version or a successor takes back first counts as standing refused, and nobody else does; what was taken back is
/// no reopening of the year.
pub async fn who_is_taken_back_counts_as_refused(world: &World) {
    some_were_called(world).await;
    let mut cheaper = fast("early", 2_100);
    cheaper.regions.clear();
    let before = world.everything().await;
    world.engine.preview_tariff(&cheaper).await.expect("a preview");
    assert_eq!(world.everything().await, before, "a preview stores nothing");
    let version = published_as_previewed(world, &cheaper).await;
    // Three who wait for the price, one of them handed back, and two for the speed; and the one whom the first version did not answer.
    assert_eq!((version.refusals, version.taken_back), (9, 7), "{version:#?}");
    assert_eq!((version.reopened_now, version.reopened_later), (7, 1), "{version:#?}");
    let elsewhere = [
        ("already_reopened", 1),
        ("cool_down", 1),
        ("ordered", 1),
        ("promised_callback", 1),
        ("suppressed", 1),
        ("with_operator", 1),
    ];
    assert_eq!(held(&version), elsewhere);
    world.clock.advance(Span::minutes(1));
    // Another tariff ends nothing, and meets everybody in the queue.
    let other = Tariff { features: cheaper.features.clone(), ..tariff("other", 2_000, &["fibre"]) };
    let apart = world.engine.preview_tariff(&other).await.expect("a preview");
    assert_eq!((apart.refusals, apart.taken_back, apart.reopened_now), (1, 0, 0), "{apart:#?}");
    assert_eq!(apart.starts_at, None);
    let ahead = Tariff { valid_from: "2027-06-01".parse().expect("a date"), ..other.clone() };
    let counted = world.engine.preview_tariff(&ahead).await.expect("a preview");
    assert_eq!((counted.starts_at, counted.refusals), (Some(ahead.starts_at()), 1));
    let hold_out = Some(HoldOut { percent: 50, how: HeldOutHow::Uncalled, lasts: Span::days(10) });
    let valid_from = "2026-12-01".parse().expect("a date");
    let successor = Tariff { tariff: "late".into(), replaces: Some("early".into()), hold_out, valid_from, ..other };
    let replacing = published_as_previewed(world, &successor).await;
    assert_eq!((replacing.taken_back, replacing.reopened_now, replacing.reopened_later), (8, 7, 1), "{replacing:#?}");
    assert_eq!(held(&replacing), elsewhere);
    world.clock.advance(Span::minutes(1));
    // Whoever was held out is answered again, and their reopening does not count in the year either.
    let priced = Tariff { price: eur_of(1_900), ..successor.clone() };
    let again = published_as_previewed(world, &priced).await;
    assert_eq!((again.reopened_now, again.reopened_later), (7, 1), "{again:#?}");
    let second = Tariff { tariff: "second".into(), ..priced };
    let refused = world.engine.preview_tariff(&second).await.expect_err("early has a successor");
    assert!(format!("{refused:?}").contains("was replaced by"), "{refused:?}");
    world.hold_invariants().await;
}

/// Whoever a tariff held out until the time was over, while another tariff had them, stands refused again when that one is
/// withdrawn; a new version does not answer them a second time, and its preview says so.
pub async fn who_was_held_out_to_the_end_is_not_answered_again(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&patient()).await;
    world.load(&campaign, 2..=2).await;
    world.call(&marie, &reports::refused_over("30")).await;
    world.clock.advance(Span::minutes(40 * DAY));
    let hold_out = Some(HoldOut { percent: 100, how: HeldOutHow::Uncalled, lasts: Span::days(3) });
    assert_eq!(publish_for_all(world, &Tariff { hold_out, ..tariff("early", 2_499, &["fibre"]) }).await, 0);
    assert_eq!(publish_for_all(world, &tariff("other", 2_400, &["fibre"])).await, 1);
    world.clock.advance(Span::minutes(4 * DAY));
    loops::run_once(&world.engine).await.expect("a round");
    assert_eq!(world.engine.withdraw_tariff("other").await.expect("withdrawn").taken_back, 1);
    world.clock.advance(Span::minutes(1));
    let preview = published_as_previewed(world, &tariff("early", 2_100, &["fibre"])).await;
    assert_eq!((preview.refusals, preview.taken_back, preview.reopened_now), (1, 0, 0), "{preview:#?}");
    assert_eq!(held(&preview), [("already_reopened", 1)]);
}

/// A tariff of any content: a name that may be taken, a successor of another or not, with a hold-out or without.
fn any_offer(dice: &mut Dice, step: i64) -> Tariff {
    let names = ["one", "two", "three", "four", "five", "six", "seven", "eight"];
    let mut offer = tariff(dice.one(&names), dice.one(&[1_799, 2_199, 2_599, 2_999]), &["fibre"]);
    if dice.roll(2) == 0 {
        offer.features.insert("speed".into(), FeatureValue::Amount(500));
    }
    if dice.roll(3) == 0 {
        offer.replaces = Some(dice.one(&names).into());
    }
    // So that each may follow what came before.
    offer.valid_from = Span::days(step).after(Timestamp::UNIX_EPOCH).to_zoned(jiff::tz::TimeZone::UTC).date();
    let lasts = Span::days(3);
    offer.hold_out = (dice.roll(3) == 0).then_some(HoldOut { percent: 50, how: dice.one(&HeldOutHow::ALL), lasts });
    offer
}

/// Whatever calls, tariffs, hold-outs and withdrawals came before it, a publication does what its preview said.
pub async fn whatever_came_before_a_preview_says_what_is_done(world: &World) {
    let (marie, olga) = (world.operator("marie").await, world.operator("olga").await);
    let campaign = world.running(&once_a_year()).await;
    world.load(&campaign, 2..=31).await;
    for n in 2..=31 {
        let ceiling = ["18", "22", "26", "30"][n % 4];
        world
            .call(&marie, &if n % 3 == 0 { reports::refused_for_speed(100) } else { reports::refused_over(ceiling) })
            .await;
    }
    let (mut dice, mut taken_back, mut later) = (Dice(20_261_125), 0, 0);
    for step in 0..40 {
        let offer = any_offer(&mut dice, step);
        if world.engine.preview_tariff(&offer).await.is_ok() {
            let preview = published_as_previewed(world, &offer).await;
            (taken_back, later) = (taken_back + preview.taken_back, later + preview.reopened_later);
        } else {
            let published = world.engine.publish_tariff(&offer).await;
            assert_eq!(published.map_or(0, |published| published.reopened), 0, "what cannot be previewed does nothing");
        }
        for _ in 0..dice.roll(4) {
            somebody_is_called(world, dice.one(&[&marie, &olga]), &mut dice).await;
        }
        if dice.roll(6) == 0 {
            drop(world.engine.withdraw_tariff(&any_offer(&mut dice, step).tariff).await);
        }
        world.clock.advance(Span::minutes(60 * 31));
        loops::run_once(&world.engine).await.expect("a round");
    }
    assert!(taken_back > 40 && later > 10, "the sequence takes people back: {taken_back}, {later} come back later");
}

/// Whoever is next for an operator, if anybody is; what comes of it, or nothing yet.
async fn somebody_is_called(world: &World, operator: &User, dice: &mut Dice) {
    let Claimed::Assignment(assignment) = world.claim(operator).await else { return };
    let hand_out = world.look_at(assignment).await;
    let holder = Holder { assignment, operator: operator.id, token: hand_out.token.clone() };
    let report = match dice.roll(6) {
        0 => return,
        1 => {
            world.store.hand_back(&holder, "wrong button", world.now()).await.expect("handed back");
            return;
        }
        2 => reports::plain("no_answer"),
        3 => reports::call_later(world.in_minutes(2 * DAY)),
        4 => reports::refused_for_speed(100),
        _ => reports::refused_over("25"),
    };
    world.record(&hand_out, &report).await;
}

fn eur_of(minor: i64) -> Money {
    Money { minor, currency: eur() }
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

//! The life of a tariff: versions, a day on which it begins, a successor, an end, and what all of that does to the people it brought
//! back.

use jiff::Timestamp;
use jiff::civil::Date;
use relance_domain::definition::{CountsAs, Definition, Detail, RefusalReason, ReopenCondition};
use relance_domain::lead::{Block, ClosedReason, LeadState};
use relance_domain::outcome::{OutcomeReport, RefusalReport};
use relance_domain::reopening::{Budget, HeldOutHow, HoldOut};
use relance_domain::tariff::{Tariff, TariffState};
use relance_domain::{Money, RefusalId, Span};
use relance_scheduler::{Engine, Error, loops};
use relance_store::StoreError;
use relance_store::assignment::Holder;
use relance_store::claim::{Claimed, HandOut, Why};
use relance_store::tariff::{NextVersion, ReopeningStep, StepDone};

use super::clients::merge;
use super::tariffs::{publish, publish_for_all};
use crate::builders::{definition, eur, tariff, zone};
use crate::{World, reports};

const REFUSED: LeadState = LeadState::Closed(ClosedReason::Refused);

fn at_price(offer: &Tariff, minor: i64) -> Tariff {
    Tariff { price: Money { minor, currency: eur() }, ..offer.clone() }
}

fn day(text: &str) -> Date {
    text.parse().expect("a date")
}

async fn hand_back(world: &World, hand_out: &HandOut) {
    let HandOut { assignment, operator, token, .. } = hand_out;
    let holder = Holder { assignment: *assignment, operator: *operator, token: token.clone() };
    world.store.hand_back(&holder, "wrong button", world.now()).await.expect("handed back");
}

async fn round(engine: &Engine) -> loops::Report {
    loops::run_once(engine).await.expect("a round")
}

/// Each content is a version; what it cost while it was offered stays true, and a refusal names the version that was offered.
pub async fn a_tariff_has_versions_and_a_price_history(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=3).await;
    let offer = tariff("fibre-25", 2_499, &["fibre"]);
    publish(world, &offer).await;
    world.call(&marie, &reports::refused_offer("fibre-25")).await;
    let second = world.store.save_tariff(&at_price(&offer, 2_199), world.in_minutes(1)).await.expect("saved");
    assert_eq!((second.version, second.latest), (1, 2));
    world.clock.advance(Span::minutes(10));
    let published = world.store.publish_tariff(second.id, 2, world.now()).await.expect("published");
    assert_eq!((published.version, published.tariff.price.minor), (2, 2_199));
    world.call(&marie, &reports::refused_offer("fibre-25")).await;
    let earlier = world.store.publish_tariff(second.id, 1, world.now()).await;
    assert!(matches!(earlier, Err(StoreError::Conflict(_))), "{earlier:?}");
    let history = world.store.tariff_history(second.id).await.expect("a history");
    assert_eq!(
        history.versions.iter().map(|one| (one.version, one.tariff.price.minor)).collect::<Vec<_>>(),
        [(1, 2_499), (2, 2_199)]
    );
    let prices: Vec<_> = history.prices.iter().map(|one| (one.version, one.price.minor, one.until)).collect();
    assert_eq!(prices, [(1, 2_499, Some(world.now())), (2, 2_199, None)]);
    let offered = world.numbers("SELECT offered_version * 10000 + offered_price_minor FROM refusal ORDER BY id").await;
    assert_eq!(offered, [12_499, 22_199]);
    world.store.retire_tariff(second.id, world.in_minutes(1)).await.expect("retired");
    let ended = world.store.tariff_history(second.id).await.expect("a history").prices.pop().expect("a price");
    assert_eq!(ended.until, Some(world.in_minutes(1)));
}

/// A publication that was accepted for a day to come happens on that day, once, whichever node comes first; and a tariff ends with its
/// last day, which takes back whom nobody has called.
pub async fn a_tariff_begins_and_ends_by_itself_once(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    world.call(&marie, &reports::refused_over("30")).await;
    let mut offer = tariff("fibre-25", 2_499, &["fibre"]);
    (offer.valid_from, offer.valid_until) = (day("2026-12-01"), Some(day("2026-12-02")));
    let accepted = world.engine.publish_tariff(&offer).await.expect("accepted");
    let first_day: Timestamp = "2026-11-30T23:00:00Z".parse().expect("midnight in Paris");
    assert_eq!((accepted.published_at, accepted.starts_at, accepted.reopened), (None, Some(first_day), 0));
    assert_eq!(round(&world.engine).await.turned, 0);
    assert_eq!(world.state_of(2).await, REFUSED);
    world.clock.set(first_day);
    let node = world.another_node().await;
    let (a, b) = tokio::join!(round(&world.engine), round(&node));
    assert_eq!(a.reopened + b.reopened, 1, "{a:?} {b:?}");
    assert_eq!(world.number("SELECT COUNT(*) FROM tariff_price").await, 1);
    assert_eq!(world.state_of(2).await, LeadState::Ready);
    world.clock.set("2026-12-02T22:59:00Z".parse().expect("the last minute of the last day in Paris"));
    assert!(round(&world.engine).await.idle());
    world.clock.set("2026-12-02T23:00:00Z".parse().expect("midnight in Paris"));
    let (a, b) = tokio::join!(round(&world.engine), round(&node));
    assert_eq!(a.taken_back + b.taken_back, 1, "{a:?} {b:?}");
    assert_eq!(world.state_of(2).await, REFUSED);
    let stored = world.store.tariff("fibre-25").await.expect("the tariff");
    assert_eq!((stored.state, stored.retired_at), (TariffState::Retired, Some(world.now())));
    let next = NextVersion { version: 1, at: world.in_minutes(5) };
    let refused = world.store.schedule_tariff(stored.id, next).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
}

/// Withdrawing a tariff takes back whom nobody has called; who was called stays as the call left them, and so does who is being called.
pub async fn what_nobody_called_is_taken_back(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=5).await;
    for _ in 2..=5 {
        world.call(&marie, &reports::refused_over("30")).await;
    }
    assert_eq!(publish_for_all(world, &tariff("fibre-25", 2_499, &["fibre"])).await, 4);
    world.call(&marie, &reports::plain("no_answer")).await;
    let handed_back = world.hand_out(&marie).await;
    hand_back(world, &handed_back).await;
    let olga = world.operator("olga").await;
    let during = world.hand_out(&olga).await;
    let withdrawn = world.engine.withdraw_tariff("fibre-25").await.expect("withdrawn");
    assert_eq!(withdrawn.taken_back, 2);
    assert_eq!(world.engine.withdraw_tariff("fibre-25").await.expect("withdrawn before").taken_back, 0);
    let mut states = Vec::new();
    for person in 2..=5 {
        let lead = world.lead_of(person).await;
        if lead.state == REFUSED {
            let because = lead.reopened_because.expect("it says what became of it");
            assert!(because.starts_with("taken back with its tariff before anybody called"), "{because}");
        }
        states.push(lead.state.as_str());
    }
    states.sort_unstable();
    assert_eq!(states, ["assigned", "closed", "closed", "scheduled"]);
    world.record(&during, &reports::ordered("fibre-25")).await;
    assert_eq!(world.state(during.lead).await, LeadState::Closed(ClosedReason::Ordered));
    assert_eq!(publish_for_all(world, &tariff("fibre-20", 1_999, &["fibre"])).await, 2, "their refusals stand again");
}

/// Whoever is with an operator when the tariff ends that put them back, and is handed back as not called, is closed by their refusal
/// again; so it is with a version. Who was called before, and whose lease runs out so that nobody knows, is not.
pub async fn what_is_handed_back_uncalled_is_taken_back(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=4).await;
    for _ in 2..=4 {
        world.call(&marie, &reports::refused_over("30")).await;
    }
    let offer = tariff("fibre-25", 2_499, &["fibre"]);
    assert_eq!(publish_for_all(world, &offer).await, 3);
    let called = world.call(&marie, &reports::plain("busy")).await.lead;
    world.pass_minutes(10).await;
    let (paul, zoe) = (world.operator("paul").await, world.operator("zoe").await);
    let with = [world.hand_out(&marie).await, world.hand_out(&paul).await, world.hand_out(&zoe).await];
    assert_eq!(world.engine.withdraw_tariff("fibre-25").await.expect("withdrawn").taken_back, 0);
    let (of_called, uncalled): (Vec<_>, Vec<_>) = with.iter().partition(|hand_out| hand_out.lead == called);
    hand_back(world, of_called[0]).await;
    assert_eq!(world.state(called).await, LeadState::Ready);
    hand_back(world, uncalled[0]).await;
    assert_eq!(world.state(uncalled[0].lead).await, REFUSED);
    world.clock.set(uncalled[1].lease_until);
    world.store.return_expired(world.now(), 10).await.expect("returned");
    assert_eq!(world.state(uncalled[1].lead).await, LeadState::Ready);
    let next = tariff("fibre-20", 1_999, &["fibre"]);
    assert_eq!(publish_for_all(world, &next).await, 1, "the refusal stands again");
    let olga = world.operator("olga").await;
    let mut hand_out = world.hand_out(&olga).await;
    while hand_out.lead != uncalled[0].lead {
        world.record(&hand_out, &reports::not_interested()).await;
        hand_out = world.hand_out(&olga).await;
    }
    publish_for_all(world, &at_price(&next, 1_899)).await;
    hand_back(world, &hand_out).await;
    assert_eq!(world.state(hand_out.lead).await, REFUSED);
    assert_eq!(world.number("SELECT COUNT(*) FROM reopening WHERE taken_back_at_ms IS NOT NULL").await, 2);
    assert_eq!(round(&world.engine).await.reopened, 1, "the version that took over answers it as well");
    assert_eq!(world.state(hand_out.lead).await, LeadState::Ready);
}

/// However a withdrawal and hand-backs meet, nobody is left in the queue for the tariff.
pub async fn a_withdrawal_and_hand_backs_at_once(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=5).await;
    for _ in 2..=5 {
        world.call(&marie, &reports::refused_over("30")).await;
    }
    for turn in 0..5 {
        let offer = tariff(&format!("offer-{turn}"), 2_499, &["fibre"]);
        assert_eq!(publish_for_all(world, &offer).await, 4);
        let mut with = Vec::new();
        for place in 0..4 {
            with.push(world.hand_out(&world.operator(&format!("{turn}-{place}")).await).await);
        }
        let (withdrawn, ..) = tokio::join!(
            world.engine.withdraw_tariff(&offer.tariff),
            hand_back(world, &with[0]),
            hand_back(world, &with[1]),
            hand_back(world, &with[2]),
            hand_back(world, &with[3]),
        );
        withdrawn.expect("withdrawn");
        assert_eq!(world.number("SELECT COUNT(*) FROM lead WHERE state <> 'closed'").await, 0, "turn {turn}");
    }
}

/// Two leads of one person become one, of which one was reopened and the other waits for a promise: when the tariff is withdrawn, the
/// promise stands.
pub async fn a_promise_outlives_the_tariff_of_a_merged_lead(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    world.call(&marie, &reports::refused_over("30")).await;
    world.load(&campaign, 3..=3).await;
    let due = world.in_minutes(60);
    world.call(&marie, &reports::call_later(due)).await;
    world.clock.advance(Span::days(3));
    assert_eq!(publish_for_all(world, &tariff("fibre-25", 2_499, &["fibre"])).await, 1);
    merge(world, 3, 2).await;
    assert_eq!(world.engine.withdraw_tariff("fibre-25").await.expect("withdrawn").taken_back, 0);
    assert_eq!(world.state_of(3).await, LeadState::Scheduled { due_at: due, block: Block::Callback });
    assert!(world.hand_out(&marie).await.callback.is_some());
}

/// A successor ends the tariff it replaces, takes back whom that had brought back, and answers them anew; so does a version its
/// forerunner's. Nobody comes back twice at once.
pub async fn a_successor_ends_the_tariff_it_replaces(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=3).await;
    world.call(&marie, &reports::refused_over("30")).await;
    world.call(&marie, &reports::refused_over("20")).await;
    let older = Tariff { valid_until: Some(day("2026-12-31")), ..tariff("fibre-25", 2_499, &["fibre"]) };
    assert_eq!(publish_for_all(world, &older).await, 1);
    // A dearer version answers nobody any more, a cheaper one both.
    let dearer = Tariff { price: Money { minor: 3_100, currency: eur() }, ..older.clone() };
    assert_eq!(publish_for_all(world, &dearer).await, 0);
    assert_eq!(world.state_of(2).await, REFUSED);
    assert_eq!(publish_for_all(world, &older).await, 1, "a version more, with the content of the first");
    let successor = Tariff {
        replaces: Some("fibre-25".into()),
        valid_from: day("2026-11-24"),
        ..tariff("fibre-19", 1_999, &["fibre"])
    };
    let overlapping = Tariff { valid_from: older.valid_from, ..successor.clone() };
    let refused = world.engine.publish_tariff(&overlapping).await;
    assert!(
        matches!(&refused, Err(Error::Invalid { problems, .. }) if problems[0].message.contains("overlap")),
        "{refused:?}"
    );
    let published = world.engine.publish_tariff(&successor).await.expect("published");
    assert_eq!((published.reopened, published.taken_back), (2, 1));
    let note = "tariff fibre-25 ends now, as fibre-19 begins, though it was to be had until 2026-12-31";
    assert_eq!(published.notes, [note]);
    let ended = world.store.tariff("fibre-25").await.expect("the tariff");
    assert_eq!((ended.state, ended.replaced_by.as_deref()), (TariffState::Retired, Some("fibre-19")));
    assert_eq!(world.number("SELECT COUNT(*) FROM reopening WHERE taken_back_at_ms IS NULL").await, 2);
    let back = world.hand_out(&marie).await;
    let reopening = back.decision.reopening.expect("the successor reopened it");
    assert_eq!((reopening.tariff.as_str(), reopening.price.minor), ("fibre-19", 1_999));
    let second = Tariff { tariff: "fibre-18".into(), ..successor };
    let refused = world.engine.publish_tariff(&second).await;
    assert!(matches!(&refused, Err(Error::Invalid { problems, .. }) if problems[0].field == "replaces"), "{refused:?}");
}

/// A definition whose reason `later` is as given.
fn with_reason(asks: &[Detail], reopened_by: Vec<Vec<ReopenCondition>>) -> Definition {
    let mut definition = definition("fibre");
    definition.reasons.push(RefusalReason {
        code: "later".into(),
        label: "Later".into(),
        asks: asks.to_vec(),
        optional: Vec::new(),
        counts_as: Some(CountsAs::Neither),
        reopened_by,
    });
    definition
}

fn refused_later(refusal: RefusalReport) -> OutcomeReport {
    OutcomeReport { refusal: Some(RefusalReport { reason: "later".into(), ..refusal }), ..reports::plain("refused") }
}

/// A published tariff keeps standing orders in mind: a contract that ends in spring is answered in spring, also where it was told of
/// after the publication.
pub async fn time_alone_may_reopen_a_refusal(world: &World) {
    let marie = world.operator("marie").await;
    let within = vec![vec![ReopenCondition::ContractEndsWithin(Span::days(30)), ReopenCondition::ReopeningsAYear(1)]];
    let campaign = world.running(&with_reason(&[Detail::ContractEnd], within)).await;
    world.load(&campaign, 2..=3).await;
    let bound =
        |until: &str| refused_later(RefusalReport { contract_end: Some(day(until)), ..RefusalReport::default() });
    world.call(&marie, &bound("2027-03-31")).await;
    assert_eq!(publish_for_all(world, &tariff("fibre-25", 2_499, &["fibre"])).await, 0);
    world.clock.advance(Span::minutes(1));
    world.call(&marie, &bound("2027-03-31")).await;
    assert!(round(&world.engine).await.idle());
    world.clock.set("2027-02-28T12:00:00Z".parse().expect("an instant"));
    assert_eq!(round(&world.engine).await.reopened, 0, "one day too early");
    world.clock.set("2027-03-01T12:00:00Z".parse().expect("an instant"));
    let node = world.another_node().await;
    let (a, b) = tokio::join!(round(&world.engine), round(&node));
    assert_eq!(a.reopened + b.reopened, 2, "{a:?} {b:?}");
    world.call(&marie, &bound("2027-03-31")).await;
    world.clock.set("2027-03-02T12:00:00Z".parse().expect("an instant"));
    assert_eq!(round(&world.engine).await.reopened, 0, "once a year at most");
    assert_eq!(publish_for_all(world, &tariff("fibre-20", 1_999, &["fibre"])).await, 0, "by whatever tariff");
}

/// Whom one tariff left uncalled and another put back stays with the other when the first ends.
pub async fn a_tariff_that_ends_takes_back_its_own_alone(world: &World) {
    let marie = world.operator("marie").await;
    let within = vec![vec![ReopenCondition::ContractEndsWithin(Span::days(30))]];
    let campaign = world.running(&with_reason(&[Detail::ContractEnd], within)).await;
    world.load(&campaign, 2..=21).await;
    let bound = RefusalReport { contract_end: Some(day("2026-12-26")), ..RefusalReport::default() };
    world.call(&marie, &refused_later(bound)).await;
    for _ in 3..=21 {
        world.call(&marie, &reports::refused_over("30")).await;
    }
    let half = HoldOut { percent: 50, how: HeldOutHow::Uncalled, lasts: Span::days(10) };
    let first = Tariff { hold_out: Some(half), ..tariff("fibre-22", 2_199, &["fibre"]) };
    let called = publish_for_all(world, &first).await;
    let of_other = publish_for_all(world, &tariff("fibre-25", 2_499, &["fibre"])).await;
    assert!(of_other > 0 && called + of_other == 19, "{called} {of_other}");
    // Some days later the first answers one more, so that its reopenings stand on both sides of the other's.
    world.clock.advance(Span::days(5));
    round(&world.engine).await;
    let in_queue = async || {
        let leads = "SELECT COUNT(*) FROM lead JOIN reopening ON reopening.id = lead.reopening_id
            WHERE lead.state = 'ready' GROUP BY reopening.tariff_id ORDER BY reopening.tariff_id";
        world.numbers(leads).await.into_iter().map(|leads| u64::try_from(leads).expect("a count")).collect::<Vec<_>>()
    };
    let of_first = "SELECT COUNT(*) FROM reopening WHERE tariff_id = 1 AND id > (SELECT MIN(id) FROM reopening WHERE tariff_id = 2)";
    assert_eq!(world.number(of_first).await, 1);
    let before = in_queue().await;
    assert_eq!(world.engine.withdraw_tariff("fibre-22").await.expect("withdrawn").taken_back, before[0]);
    assert!(before[1] >= of_other);
    assert_eq!(in_queue().await, before[1..]);
}

/// So many reopenings a year are counted by person: whoever refused in two campaigns comes back in both where two are allowed.
pub async fn two_leads_of_a_person_are_counted_one_after_the_other(world: &World) {
    let marie = world.operator("marie").await;
    let twice = vec![vec![ReopenCondition::ReopeningsAYear(2)]];
    for name in ["fibre", "mobile"] {
        let definition = Definition { campaign: name.into(), ..with_reason(&[], twice.clone()) };
        let campaign = world.running(&definition).await;
        world.load(&campaign, 2..=2).await;
        world.call(&marie, &refused_later(RefusalReport::default())).await;
    }
    assert_eq!(publish_for_all(world, &tariff("fibre-25", 2_499, &["fibre", "mobile"])).await, 2);
    for _ in 0..2 {
        world.call(&marie, &refused_later(RefusalReport::default())).await;
    }
    assert_eq!(
        publish_for_all(world, &tariff("fibre-24", 2_399, &["fibre", "mobile"])).await,
        0,
        "twice a year at most"
    );
}

/// Between the day on which a version takes over and the end of the take-back nobody is passed over: no step is taken, and no
/// hold-out of the version before ends.
pub async fn a_version_begins_when_the_one_before_is_taken_back(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=21).await;
    for _ in 2..=21 {
        world.call(&marie, &reports::refused_over("30")).await;
    }
    let half = HoldOut { percent: 50, how: HeldOutHow::Uncalled, lasts: Span::days(10) };
    let first = Tariff { hold_out: Some(half), ..tariff("fibre-25", 2_499, &["fibre"]) };
    let called = publish_for_all(world, &first).await;
    assert!((1..20).contains(&called));
    world.clock.advance(Span::days(10));
    let second = Tariff { hold_out: None, ..at_price(&first, 2_399) };
    let saved = world.store.save_tariff(&second, world.now()).await.expect("saved");
    world.store.publish_tariff(saved.id, 2, world.now()).await.expect("published");
    assert_eq!(world.store.end_hold_outs(world.now(), 100).await.expect("answered"), 0);
    let (from, to) = (RefusalId(0), RefusalId(99));
    let step = ReopeningStep { tariff: saved.id, version: 2, from, to, reopen: Vec::new(), last: true };
    assert_eq!(world.store.reopen(&step, world.now()).await.expect("answered"), StepDone::DoneElsewhere);
    assert_eq!(
        publish_for_all(world, &second).await,
        20,
        "whoever waited or was held out is answered by the new version"
    );
}

/// A version that begins after the one before has ended would never begin.
pub async fn a_version_leaves_no_gap(world: &World) {
    world.running(&definition("fibre")).await;
    let first = Tariff { valid_until: Some(day("2026-12-31")), ..tariff("fibre-25", 2_499, &["fibre"]) };
    publish(world, &first).await;
    let next = |from: &str, zone_name: &str| Tariff {
        valid_from: day(from),
        valid_until: None,
        time_zone: zone(zone_name),
        ..at_price(&first, 2_299)
    };
    for late in [next("2027-01-05", "Europe/Paris"), next("2027-01-01", "America/New_York")] {
        let refused = world.engine.publish_tariff(&late).await;
        let Err(Error::Invalid { problems, .. }) = &refused else { panic!("{refused:?}") };
        assert_eq!(problems[0].field, "valid_from");
    }
    let scheduled = world.engine.publish_tariff(&next("2027-01-01", "Europe/Paris")).await.expect("scheduled");
    assert!(scheduled.starts_at.is_some());
    world.clock.set("2026-12-31T23:00:00Z".parse().expect("midnight in Paris"));
    round(&world.engine).await;
    let stored = world.store.tariff("fibre-25").await.expect("the tariff");
    assert_eq!((stored.state, stored.version), (TariffState::Published, 2));
}

/// "Call me again in six months" is neither an objection nor forgotten: the person waits for the day they named, and comes back then
/// without any tariff.
pub async fn who_asked_to_be_called_later_comes_back(world: &World) {
    let marie = world.operator("marie").await;
    let by_itself = vec![vec![ReopenCondition::DateHasCome]];
    let campaign = world.running(&with_reason(&[Detail::CallAfter], by_itself)).await;
    world.load(&campaign, 2..=2).await;
    let later = refused_later(RefusalReport { call_after: Some(day("2027-05-24")), ..RefusalReport::default() });
    let hand_out = world.hand_out(&marie).await;
    let recorded = world.engine.record_outcome(marie.id, hand_out.assignment, &hand_out.token, &later).await;
    assert_eq!(recorded.expect("recorded").lead_state, "scheduled");
    let day: Timestamp = "2027-05-23T22:00:00Z".parse().expect("midnight in Paris");
    assert_eq!(world.state_of(2).await, LeadState::Scheduled { due_at: day, block: Block::AskedLater });
    assert_eq!(world.number("SELECT COUNT(*) FROM suppression").await, 0);
    assert_eq!(publish_for_all(world, &tariff("fibre-25", 2_499, &["fibre"])).await, 0);
    world.clock.set(day);
    world.pass_minutes(0).await;
    let back = world.hand_out(&marie).await;
    assert_eq!((back.lead, back.decision.why), (hand_out.lead, Why::Retry));
}

/// Whatever happens to tariffs, in whatever order, a person who refused is not called before their cool-down is over.
pub async fn no_tariff_event_shortens_a_cool_down(world: &World) {
    let marie = world.operator("marie").await;
    let mut patient = definition("fibre");
    patient.calling.days_after_refusal = 30;
    patient.reopening.budget = Some(Budget { per_day: 2, time_zone: zone("Europe/Paris") });
    patient.reopening.first_operator = Some(Span::days(2));
    let campaign = world.running(&patient).await;
    world.load(&campaign, 2..=5).await;
    for ceiling in ["30", "26", "22", "18"] {
        world.call(&marie, &reports::refused_over(ceiling)).await;
    }
    // The first rounds of a node put to its rules whomever others had held back.
    while !round(&world.engine).await.idle() {}
    let over: Timestamp = "2026-12-24T23:00:00Z".parse().expect("the midnight after thirty full days in Paris");
    let mut dice = 7_u64;
    let mut roll = |sides: u64| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (dice >> 33) % sides
    };
    let mut brought_back = 0;
    for step in 0..40_i64 {
        let name = ["one", "two", "three", "four"][usize::try_from(roll(4)).expect("small")];
        let price = [1_799, 2_199, 2_599, 2_999][usize::try_from(roll(4)).expect("small")];
        let mut offer = tariff(name, price, &["fibre"]);
        offer.valid_until = (roll(3) == 0).then(|| day("2026-11-30"));
        offer.reopened_per_day = (roll(3) == 0).then_some(1);
        let how = HeldOutHow::ALL[usize::try_from(roll(2)).expect("small")];
        offer.hold_out = (roll(3) == 0).then_some(HoldOut { percent: 50, how, lasts: Span::days(1) });
        if roll(3) == 0 {
            offer.replaces = Some(["one", "two", "three", "four"][usize::try_from(roll(4)).expect("small")].into());
            offer.valid_from = day("2026-11-24");
        }
        // Events that the rules of a tariff's life refuse are part of any sequence.
        match roll(4) {
            0 | 1 => {
                brought_back += world.engine.publish_tariff(&offer).await.map_or(0, |published| published.reopened)
            }
            2 => drop(world.engine.withdraw_tariff(name).await),
            _ => brought_back += round(&world.engine).await.reopened,
        }
        world.clock.advance(Span::minutes(60 * 13));
        round(&world.engine).await;
        if world.now() >= over {
            break;
        }
        assert_eq!(world.claim(&marie).await, Claimed::Nobody, "step {step}");
        for person in 2..=5 {
            match world.state_of(person).await {
                LeadState::Scheduled { due_at, block: Block::CoolDown } => {
                    assert!(due_at >= over, "step {step}: {due_at}")
                }
                // A hold-out is over; the rules are asked when the budget has let them through.
                LeadState::Scheduled { block: Block::Budget, .. } => {}
                state => assert_eq!(state, REFUSED, "step {step}"),
            }
        }
    }
    assert!(brought_back > 4, "the sequence brings people back: {brought_back}");
}

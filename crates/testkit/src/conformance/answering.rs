//! What a set-based search finds is what the pure rule says of each refusal by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use relance_domain::definition::{Definition, Detail, FeatureValue, Features, RefusalReason, ReopenCondition};
use relance_domain::eligibility::Facts;
use relance_domain::lead::{ClosedReason, LeadState};
use relance_domain::matching::{StandingRefusal, alternative_met};
use relance_domain::outcome::Refusal;
use relance_domain::tariff::{Rate, Tariff};
use relance_domain::{Currency, Money, RefusalId, Span};
use relance_store::preview::{Asked, Ends, Stands};
use relance_store::tariff::{AnswerPage, OfferedBy};

use crate::builders::{definition, eur, tariff};
use crate::{World, reports};

const REFUSALS: usize = 300;
const TARIFFS: usize = 60;
const REASONS: usize = 24;

/// Numbers that look random and are the same on every run.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    /// A number below `sides`. The constants are those of SplitMix64.
    pub(super) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % sides
    }

    pub(super) fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.roll(of.len() as u64)).expect("an index")]
    }

    fn perhaps<T>(&mut self, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.roll(4) > 0).then(|| value(self))
    }
}

/// A day near now, the edges of conditions often among them.
fn day(dice: &mut Dice, today: Date) -> Date {
    let days = dice.one(&[-400, -31, -1, 0, 1, 29, 30, 31, 90, 400]);
    today.checked_add(days.days()).expect("a day")
}

fn conditions(dice: &mut Dice) -> Vec<ReopenCondition> {
    use ReopenCondition as C;
    let all = [
        C::PriceWithinCeiling,
        C::PriceBelowOffered,
        C::BelowOfferedByPercent(dice.one(&[1, 10, 33, 100])),
        C::BelowOfferedBy(dice.one(&[1, 500, 5_000])),
        C::BelowCompetitor,
        C::CommitmentShortEnough,
        C::HasWantedFeatures,
        C::CoversAddress,
        C::ContractEndsWithin(Span::days(30)),
        C::DaysSince(dice.one(&[1, 30, 365])),
        C::ReopeningsAYear(dice.one(&[1, 2])),
        C::DateHasCome,
    ];
    let mut drawn: Vec<C> = (0..=dice.roll(2)).map(|_| dice.one(&all)).collect();
    drawn.sort_by_key(|condition| condition.as_str());
    drawn.dedup_by_key(|condition| condition.as_str());
    drawn
}

fn reasons(dice: &mut Dice) -> Vec<RefusalReason> {
    (0..REASONS)
        .map(|n| RefusalReason {
            code: format!("reason_{n}"),
            label: format!("Reason {n}"),
            asks: Detail::ALL.to_vec(),
            optional: Detail::ALL.to_vec(),
            counts_as: None,
            // One reason in twelve is answered by nothing.
            reopened_by: (0..if n % 12 == 0 { 0 } else { 1 + dice.roll(2) }).map(|_| conditions(dice)).collect(),
        })
        .collect()
}

fn usd() -> Currency {
    "USD".parse().expect("a currency")
}

fn refusal(dice: &mut Dice, now: Timestamp, today: Date) -> StandingRefusal {
    let currency = dice.one(&[eur(), eur(), usd()]);
    let money = |dice: &mut Dice| Money { minor: dice.one(&[1_000, 1_999, 2_000, 2_001, 2_500, 4_000]), currency };
    let mut wanted_features = Features::new();
    let mut units = BTreeMap::new();
    if dice.roll(2) == 0 {
        wanted_features.insert("speed".into(), FeatureValue::Amount(dice.one(&[0, 1, 100, 500])));
        units.insert("speed".into(), dice.one(&["Mbit/s", "Mbit/s", "Gbit/s"]).into());
    }
    if dice.roll(2) == 0 {
        wanted_features.insert("tv".into(), FeatureValue::Has(dice.roll(3) > 0));
    }
    let age = Span::days(dice.one(&[0, 1, 30, 31, 365, 366])).before(now);
    StandingRefusal {
        refusal: Refusal {
            reason: format!("reason_{}", dice.roll(REASONS as u64 + 1)),
            price_ceiling: dice.perhaps(money),
            max_months: dice.perhaps(|dice| dice.one(&[0, 12, 24])),
            wanted_features,
            units,
            coverage: (dice.roll(5) == 0).then(|| dice.one(&["92270", "SW1A 1AA", "75001"]).into()),
            competitor: None,
            competitor_price: dice.perhaps(money),
            contract_end: dice.perhaps(|dice| day(dice, today)),
            call_after: dice.perhaps(|dice| day(dice, today)),
            tariff_offered: None,
        },
        // Bounds of "so many days" are met to the millisecond.
        refused_at: Timestamp::from_millisecond(age.as_millisecond() + dice.one(&[-1, 0, 1])).expect("an instant"),
        offered: dice.perhaps(|dice| ("Then".to_owned(), money(dice))),
        reopenings_of_year: 0,
        lead: LeadState::Closed(ClosedReason::Refused),
        number: None,
        country: dice.one(&["FR", "FR", "US", "GB"]).into(),
        region: dice.perhaps(|dice| dice.one(&["CA", "ca", "IDF", "75"]).into()),
        postcode: dice.perhaps(|dice| dice.one(&["75011", "92270", "sw1a 2aa", "é75"]).into()),
        zone: None,
        facts: Facts::default(),
    }
}

fn offer(dice: &mut Dice) -> Tariff {
    let currency = dice.one(&[eur(), eur(), usd()]);
    let rate = |to, rate: &str| Rate { to, rate: rate.parse().expect("a rate"), on: Date::constant(2026, 11, 1) };
    let mut features = Features::new();
    let mut units = BTreeMap::new();
    if dice.roll(4) > 0 {
        features.insert("speed".into(), FeatureValue::Amount(dice.one(&[0, 1, 100, 500, 1_000])));
        if dice.roll(4) == 0 {
            units.insert("speed".into(), "Gbit/s".into());
        }
    }
    if dice.roll(2) == 0 {
        features.insert("tv".into(), FeatureValue::Has(dice.roll(4) > 0));
    }
    let places: &[&str] =
        dice.one(&[&[] as &[&str], &["CA", "75"], &["US:CA", "FR:75*"], &["GB:SW1*"], &["FR:IDF"], &["FR:CA", "922"]]);
    Tariff {
        price: Money { minor: dice.one(&[0, 999, 1_333, 1_800, 1_999, 2_000, 2_250, 2_499]), currency },
        commitment_months: dice.one(&[0, 12, 13, 36]),
        features,
        units,
        regions: places.iter().map(|place| (*place).to_owned()).collect(),
        rates: match (currency == eur(), dice.roll(3)) {
            (_, 0) => Vec::new(),
            (true, _) => vec![rate(usd(), "1.0804")],
            (false, _) => vec![rate(eur(), "0.9255")],
        },
        ..tariff("offer", 0, &["fibre"])
    }
}

fn text(value: Option<&str>) -> String {
    value.map_or("CAST(NULL AS TEXT)".to_owned(), |value| format!("'{value}'"))
}

fn number(value: Option<i64>) -> String {
    value.map_or("CAST(NULL AS BIGINT)".to_owned(), |value| value.to_string())
}

/// Writes the refusals straight into the tables, the first of the first lead, and gives them the keys from 1 on.
async fn write(world: &World, refusals: &[StandingRefusal]) {
    world.ledger_is_made_up();
    for statement in [
        "INSERT INTO assignment (lead_id, client_id, campaign_id, campaign_version, seller, list_id, operator_id, token, decision,
            handed_at_ms, lease_until_ms, ended_at_ms, ending, report)
         SELECT id, client_id, campaign_id, 1, (SELECT seller FROM campaign), list_id, 1, 'token', '{}', id * 10, id * 10 + 9, id * 10 + 3,
            'outcome', '{}' FROM lead ORDER BY id",
        "INSERT INTO attempt (assignment_id, lead_id, client_id, campaign_id, seller, list_id, operator_id, disposition, class,
            recorded_at_ms)
         SELECT id, lead_id, client_id, campaign_id, seller, list_id, operator_id, 'refused', 'refusal', ended_at_ms FROM assignment",
    ] {
        world.write(statement).await;
    }
    let (mut rows, mut wants, mut people) = (String::new(), String::new(), String::new());
    for (index, standing) in refusals.iter().enumerate() {
        let (id, refusal) = (index + 1, &standing.refusal);
        let minor = |money: Option<Money>| number(money.map(|money| money.minor));
        let money =
            [refusal.price_ceiling, refusal.competitor_price, standing.offered.as_ref().map(|(_, money)| *money)];
        let currency = money.iter().flatten().next().map_or(eur(), |money| money.currency);
        let features = serde_json::to_string(&refusal.wanted_features).expect("JSON");
        let before = if index == 0 { "" } else { ", " };
        let date = |date: Option<Date>| text(date.map(|date| date.to_string()).as_deref());
        write!(
            rows,
            "{before}((SELECT id FROM attempt WHERE lead_id = {id}), {id}, 1, '{}', {}, {}, '{features}', {}, {}, {}, {}, {}, {}, '{}', {})",
            refusal.reason,
            minor(refusal.price_ceiling),
            number(refusal.max_months.map(i64::from)),
            text(refusal.coverage.as_deref()),
            minor(refusal.competitor_price),
            date(refusal.contract_end),
            date(refusal.call_after),
            text(standing.offered.as_ref().map(|(name, _)| name.as_str())),
            minor(standing.offered.as_ref().map(|(_, money)| *money)),
            currency.code(),
            standing.refused_at.as_millisecond(),
        )
        .expect("written");
        for (feature, value) in &refusal.wanted_features {
            let (unit, amount) = match value {
                FeatureValue::Has(has) => ("", i64::from(*has)),
                FeatureValue::Amount(amount) => (refusal.units[feature].as_str(), *amount),
            };
            let before = if wants.is_empty() { "" } else { ", " };
            write!(wants, "{before}({id}, '{feature}', '{unit}', {amount})").expect("written");
        }
        let before = if index == 0 { "SELECT" } else { " UNION ALL SELECT" };
        let (region, postcode) = (text(standing.region.as_deref()), text(standing.postcode.as_deref()));
        write!(
            people,
            "{before} {id} AS id, '{}' AS country, {region} AS region, {postcode} AS postcode",
            standing.country
        )
        .expect("written");
    }
    let columns =
        "attempt_id, lead_id, campaign_id, reason, price_ceiling_minor, max_months, wanted_features, coverage,
        competitor_price_minor, contract_end, call_after, offered_name, offered_price_minor, currency, refused_at_ms";
    world.write(&format!("INSERT INTO refusal ({columns}) VALUES {rows}")).await;
    world.write(&format!("INSERT INTO refusal_want (refusal_id, feature, unit, amount) VALUES {wants}")).await;
    world
        .write(&format!(
            "UPDATE client SET country = told.country, region = told.region, postcode = told.postcode FROM ({people}) AS told
             WHERE client.id = (SELECT client_id FROM lead WHERE lead.id = told.id)"
        ))
        .await;
    world.write("UPDATE lead SET state = 'closed', closed_reason = 'refused', refusal_id = id").await;
}

/// Reopenings of the past, some of them taken back; counts those that count for each refusal's person.
async fn reopen_some(world: &World, dice: &mut Dice, refusals: &mut [StandingRefusal]) {
    for name in ["spring", "summer", "autumn"] {
        world.store.save_tariff(&tariff(name, 1, &["fibre"]), world.now()).await.expect("saved");
    }
    let mut rows = Vec::new();
    for (index, standing) in refusals.iter_mut().enumerate() {
        for past in 1..=dice.roll(4) {
            let ago = Span::days(dice.one(&[1, 364, 365, 366])).before(world.now()).as_millisecond();
            let taken_back = dice.roll(5) == 0;
            let is_within = ago > Span::days(365).before(world.now()).as_millisecond();
            standing.reopenings_of_year += u32::from(is_within && !taken_back);
            let taken_back = number(taken_back.then_some(ago + 1));
            rows.push(format!("({past}, {0}, {0}, 1, 'cheaper', {ago}, {taken_back})", index + 1));
        }
    }
    let columns = "tariff_id, refusal_id, lead_id, campaign_id, because, reopened_at_ms, taken_back_at_ms";
    world.write(&format!("INSERT INTO reopening ({columns}) VALUES {}", rows.join(", "))).await;
}

fn page<'a>(world: &World, tariff: &'a Tariff, by: &'a [OfferedBy], after: RefusalId, most: i64) -> AnswerPage<'a> {
    AnswerPage {
        tariff,
        offered_by: by,
        now: world.now(),
        after,
        // Some were refused a moment after now: when they were is not the question here.
        refused_by: world.in_minutes(1),
        timed_by: world.in_minutes(1),
        covered_only: false,
        look_at: most,
        limit: most.min(13),
    }
}

/// Every refusal that a tariff answers, by the search: which alternative, and whether it is to be had there.
async fn found(
    world: &World,
    tariff: &Tariff,
    by: &[OfferedBy],
    window: i64,
) -> Vec<(i64, usize, bool, StandingRefusal)> {
    let mut found = Vec::new();
    let mut after = RefusalId(0);
    loop {
        let page = world.store.answered_refusals(&page(world, tariff, by, after, window)).await.expect("answers");
        found.extend(page.rows.into_iter().map(|row| (row.id.0, row.alternative, row.covered, row.standing)));
        if page.last {
            return found;
        }
        after = page.to;
    }
}

/// Standing refusals that a tariff answers, counted by reason and by whether it is to be had there.
async fn counted(world: &World, tariff: &Tariff, by: &OfferedBy) -> BTreeMap<(String, bool), i64> {
    let now = world.now();
    let asked = Asked { tariff, by, ends: Ends::default(), now, refused_after: [now; 4], free_by: [now; 4] };
    let mut counted = BTreeMap::new();
    for count in world.store.answered_counts(&asked).await.expect("counts") {
        if count.stands == Stands::Closed(ClosedReason::Refused) {
            *counted.entry((count.reason, count.covered)).or_insert(0) += count.refusals;
        }
    }
    counted.retain(|_, refusals| *refusals != 0);
    counted
}

/// A search over random refusals finds for random tariffs exactly what the pure rule says of each, and reads each as it was written.
pub async fn what_a_tariff_answers_is_what_the_rule_says(world: &World) {
    let mut dice = Dice(20_261_124);
    let mut definition: Definition = definition("fibre");
    definition.reasons = reasons(&mut dice);
    world.operator("marie").await;
    let campaign = world.running(&definition).await;
    let last = u32::try_from(REFUSALS).expect("few") + 1;
    world.load(&campaign, 2..=last).await;
    let today = tariff("any", 0, &[]).today(world.now());
    let mut refusals: Vec<_> = (0..REFUSALS).map(|_| refusal(&mut dice, world.now(), today)).collect();
    write(world, &refusals).await;
    reopen_some(world, &mut dice, &mut refusals).await;
    // One lead has moved on: its refusal does not stand whatever it says.
    world.write("UPDATE lead SET closed_reason = 'ordered' WHERE id = 7").await;
    let by = [OfferedBy { campaign: campaign.id, definition: Arc::new(definition), holds_back_from: world.now() }];
    let mut met = BTreeSet::new();
    for n in 0..TARIFFS {
        let tariff = offer(&mut dice);
        let expected: Vec<(i64, usize, bool)> = (1_i64..)
            .zip(&refusals)
            .filter(|(id, _)| *id != 7)
            .filter_map(|(id, standing)| {
                let alternative = alternative_met(&tariff, standing, &by[0].definition, world.now())?;
                Some((id, alternative, tariff.covers(&standing.address())))
            })
            .collect();
        // Windows of all sizes, so that a page ends on an answer, between two and behind the last.
        let found = found(world, &tariff, &by, if n % 6 == 0 { 17 } else { 1_000 }).await;
        let told: Vec<_> = found.iter().map(|(id, alternative, covered, _)| (*id, *alternative, *covered)).collect();
        assert_eq!(told, expected, "tariff {n}: {tariff:?}");
        if n % 10 == 0 {
            let mut standing = BTreeMap::new();
            for (id, _, covered) in &expected {
                let refused = &refusals[usize::try_from(*id - 1).expect("an index")];
                if refused.refused_at <= world.now() {
                    *standing.entry((refused.refusal.reason.clone(), *covered)).or_insert(0) += 1;
                }
            }
            assert_eq!(counted(world, &tariff, &by[0]).await, standing, "tariff {n}: {tariff:?}");
        }
        for (id, _, _, standing) in &found {
            let written = &refusals[usize::try_from(*id).expect("a key") - 1];
            assert_eq!(standing.refusal, written.refusal, "refusal {id} as it is read");
            assert_eq!((standing.refused_at, &standing.offered), (written.refused_at, &written.offered));
            met.insert(standing.refusal.reason.clone());
        }
    }
    assert!(met.len() > REASONS / 2, "the tariffs meet many kinds of condition: {met:?}");
    world.write("UPDATE lead SET closed_reason = 'refused' WHERE id = 7").await;
}

/// What people want is kept in the unit of its day, and is not compared with another.
pub async fn old_answers_have_their_wants_in_rows(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    world.call(&marie, &reports::refused_for_speed(500)).await;
    assert_eq!(world.number("SELECT COUNT(*) FROM refusal_want WHERE unit = 'Mbit/s' AND amount = 500").await, 1);
    let mut in_gigabits = definition("fibre");
    in_gigabits.features[0].kind = relance_domain::definition::FeatureKind::AtLeast("Gbit/s".into());
    world.store.apply_campaign(&in_gigabits, None, world.now()).await.expect("applied");
    let mut fast = tariff("fast", 2_499, &["fibre"]);
    fast.features = [("speed".to_owned(), FeatureValue::Amount(1_000))].into();
    let by = |definition: Definition| {
        [OfferedBy { campaign: campaign.id, definition: Arc::new(definition), holds_back_from: world.now() }]
    };
    assert_eq!(found(world, &fast, &by(definition("fibre")), 10).await.len(), 1);
    assert!(found(world, &fast, &by(in_gigabits), 10).await.is_empty(), "1,000 Gbit/s are not 500 Mbit/s");
}

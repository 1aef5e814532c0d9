//! Who is called first of those whom a tariff answers: how good the match is, in points, and in words why.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::StandingRefusal;
use super::conditions::{Held, first_met};
use crate::definition::{Definition, ReopenCondition};
use crate::tariff::Tariff;

/// How well a tariff answers a refusal. It is kept with the reopening, and the better goes first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Score {
    /// From 0 to [`POINTS_MAX`].
    pub points: i64,
    /// What they are for: `640 points: 24 % below what they would pay (+240), ...`.
    pub because: String,
}

/// The most points: 500 for the price, 300 for what is met beyond what was asked, 200 for how lately the person refused.
pub const POINTS_MAX: i64 = 1_000;
/// Points for each hundredth that the price lies below what the person would pay, up to a half of it.
const PER_PERCENT: i64 = 10;
const PRICE_MAX: i64 = 500;
/// Points for each thing the person said that the tariff meets though nothing asked for it.
const PER_CONDITION: i64 = 75;
const BEYOND_MAX: i64 = 300;
/// Points for somebody who refused today; they go down to none over a year.
const LATELY_MAX: i64 = 200;

/// What a person may have said that a tariff can meet beyond what its reason asks.
const BEYOND: [ReopenCondition; 6] = [
    ReopenCondition::PriceWithinCeiling,
    ReopenCondition::BelowCompetitor,
    ReopenCondition::PriceBelowOffered,
    ReopenCondition::CommitmentShortEnough,
    ReopenCondition::HasWantedFeatures,
    ReopenCondition::DateHasCome,
];

/// How well a tariff answers a refusal at `now`: nothing where it does not.
#[must_use]
pub fn score(tariff: &Tariff, standing: &StandingRefusal, definition: &Definition, now: Timestamp) -> Score {
    let held = Held { tariff, standing, definition, now };
    let Some((alternative, _)) = first_met(&held) else { return Score::default() };
    let asked = definition.reason(&standing.refusal.reason).and_then(|reason| reason.reopened_by.get(alternative));
    let asked = asked.map(Vec::as_slice).unwrap_or_default();
    let percent = percent_below(tariff, standing);
    let for_price = (percent * PER_PERCENT).min(PRICE_MAX);
    let is_asked = |condition: &ReopenCondition| asked.iter().any(|other| other.as_str() == condition.as_str());
    let beyond = BEYOND.iter().filter(|condition| !is_asked(condition) && held.meets(**condition).is_some()).count();
    let beyond = i64::try_from(beyond).unwrap_or(0);
    let for_beyond = (beyond * PER_CONDITION).min(BEYOND_MAX);
    let days = now.duration_since(standing.refused_at).as_hours() / 24;
    let for_lately = (LATELY_MAX * (365 - days).clamp(0, 365)) / 365;
    let points = for_price + for_beyond + for_lately;
    // Often no price is known; then there is nothing to say of it.
    let below = match for_price {
        0 => String::new(),
        _ => format!("{percent} % below what they would pay (+{for_price}), "),
    };
    let because = format!(
        "{points} points: {below}{beyond} more met than asked (+{for_beyond}), refused {days} days ago (+{for_lately})"
    );
    Score { points, because }
}

/// By how many hundredths the price lies below what the person would pay: the ceiling, or else what was offered or a competitor
/// takes. 0 where nothing of it is known.
fn percent_below(tariff: &Tariff, standing: &StandingRefusal) -> i64 {
    let refusal = &standing.refusal;
    let offered = standing.offered.as_ref().map(|(_, price)| *price);
    let Some(most) = refusal.price_ceiling.or(offered).or(refusal.competitor_price) else { return 0 };
    let Some(price) = tariff.price_in(most.currency).filter(|_| most.minor > 0) else { return 0 };
    ((i128::from(most.minor) - i128::from(price.minor)) * 100 / i128::from(most.minor))
        .clamp(0, 100)
        .try_into()
        .unwrap_or(0)
}

//! Does this tariff answer that refusal? One pure rule, used by the preview and by the publication.

mod conditions;
mod score;
mod waiting;
mod words;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::definition::Definition;
use crate::eligibility::{self, Callee, Facts, Law};
use crate::lead::{Block, LeadState};
use crate::outcome::Refusal;
use crate::rules::{Consent, Relationship, Whereabouts};
use crate::tariff::{Address, Tariff};
use crate::{E164, Money, ZoneName};

pub use conditions::{YEAR, in_units_of, last_day, offered_units};
pub use score::{POINTS_MAX, Score, score};
pub use waiting::{first_day, terms};

/// A refusal as it stands, with what decides whether its person may be called.
#[derive(Debug, Clone)]
pub struct StandingRefusal {
    /// What was refused and why.
    pub refusal: Refusal,
    /// When.
    pub refused_at: Timestamp,
    /// Name of the tariff that was offered, and its price then.
    pub offered: Option<(String, Money)>,
    /// How often the person was reopened by tariffs in the last [`YEAR`], in all campaigns; what was taken back does not count.
    pub reopenings_of_year: u32,
    /// The lead's state now.
    pub lead: LeadState,
    /// The number; none of somebody who was erased.
    pub number: Option<E164>,
    /// ISO 3166-1 alpha-2 code of the address.
    pub country: String,
    /// State or region code of the address.
    pub region: Option<String>,
    /// Postal code of the address.
    pub postcode: Option<String>,
    /// The person's zone; without one they are not callable.
    pub zone: Option<ZoneName>,
    /// What the calling rules look at.
    pub facts: Facts,
}

impl StandingRefusal {
    /// Where the tariff would have to be had: at the postcode that was named, or else at the person's address.
    #[must_use]
    pub fn address(&self) -> Address<'_> {
        match &self.refusal.coverage {
            Some(postcode) => Address { country: &self.country, region: None, postcode: Some(postcode) },
            None => {
                Address { country: &self.country, region: self.region.as_deref(), postcode: self.postcode.as_deref() }
            }
        }
    }
}

/// What a tariff does to a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It meets what the person asked for.
    Reopens {
        /// In words: `refused on 3 March: over 30.00 USD a month; Fibre 25 now costs 24.99 USD a month`.
        because: String,
        /// What keeps the person from being called before an instant.
        held: Option<(Block, Timestamp)>,
    },
    /// It would, but the person cannot be called for it.
    Held(Held),
    /// It does not.
    NoAnswer,
}

/// Why a refusal that a tariff answers is not reopened by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// The tariff is not to be had at the person's address.
    Region,
    /// The person must not be called.
    Suppressed,
    /// Nobody knows the person's zone.
    TimeZoneUnknown,
    /// The licence of the list has ended.
    LicenceExpired,
    /// The lead is no longer closed by this refusal: another tariff reopened it, or it was called again.
    NoLongerRefused,
}

/// The alternative of the refusal's reason that a tariff meets at `now`, by its place in the definition; the first where it meets
/// several. A reason without conditions is answered by none.
#[must_use]
pub fn alternative_met(
    tariff: &Tariff,
    standing: &StandingRefusal,
    definition: &Definition,
    now: Timestamp,
) -> Option<usize> {
    conditions::first_met(&conditions::Held { tariff, standing, definition, now }).map(|(alternative, _)| alternative)
}

/// Whether `tariff` answers a refusal at `now`.
#[must_use]
pub fn answer(
    tariff: &Tariff,
    standing: &StandingRefusal,
    (definition, law): (&Definition, &Law),
    now: Timestamp,
) -> Answer {
    let Some((_, met)) = conditions::first_met(&conditions::Held { tariff, standing, definition, now }) else {
        return Answer::NoAnswer;
    };
    if !tariff.covers(&standing.address()) {
        return Answer::Held(Held::Region);
    }
    match may_be_reopened(standing, law, now) {
        Ok((zone, held)) => Answer::Reopens { because: words::because(standing.refused_at, &zone, now, &met), held },
        Err(held) => Answer::Held(held),
    }
}

type Until = Option<(Block, Timestamp)>;

fn may_be_reopened(standing: &StandingRefusal, law: &Law, now: Timestamp) -> Result<(TimeZone, Until), Held> {
    if standing.facts.suppressed {
        return Err(Held::Suppressed);
    }
    if !matches!(standing.lead, LeadState::Closed(crate::lead::ClosedReason::Refused)) {
        return Err(Held::NoLongerRefused);
    }
    let zone = standing.zone.as_ref().and_then(|zone| zone.rules().ok()).ok_or(Held::TimeZoneUnknown)?;
    if standing.facts.licence_until.is_some_and(|last| last < zone.to_datetime(now).date()) {
        return Err(Held::LicenceExpired);
    }
    let whereabouts = Whereabouts {
        number: standing.number.as_ref().map_or("", E164::reveal),
        country: &standing.country,
        region: standing.region.as_deref(),
    };
    if standing.facts.is_blank() {
        return Ok((zone, None));
    }
    // Caps and cool-downs do not look at consents; the hand-out does.
    let (consent, relationship) = (Consent::UNSAID, Relationship::None);
    let callee = Callee { whereabouts, zone: standing.zone.as_ref(), consent, relationship };
    let held = eligibility::held_back(now, law, &callee, &standing.facts);
    Ok((zone, held))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::{Feature, FeatureKind, FeatureValue, Features, RefusalReason, ReopenCondition};
    use crate::eligibility::Facts;
    use crate::lead::ClosedReason;
    use crate::testing::definition;

    fn usd(text: &str) -> Money {
        Money::parse(text, "USD".parse().expect("a currency")).expect("an amount")
    }

    fn tariff(price: &str) -> Tariff {
        Tariff {
            tariff: "fibre-25".into(),
            name: "Fibre 25".into(),
            price: usd(price),
            per: "month".into(),
            fees: Vec::new(),
            commitment_months: 12,
            services: Vec::new(),
            units: std::collections::BTreeMap::new(),
            rates: Vec::new(),
            replaces: None,
            reopened_per_day: None,
            hold_out: None,
            features: Features::from([
                ("speed".into(), FeatureValue::Amount(500)),
                ("tv".into(), FeatureValue::Has(true)),
            ]),
            regions: Vec::new(),
            valid_from: "2026-01-01".parse().expect("a date"),
            valid_until: None,
            time_zone: "Europe/Paris".parse().expect("a zone"),
            campaigns: vec!["test".into()],
        }
    }

    fn refused_over(ceiling: &str) -> StandingRefusal {
        StandingRefusal {
            refusal: Refusal {
                reason: "price".into(),
                price_ceiling: Some(usd(ceiling)),
                max_months: Some(12),
                wanted_features: Features::new(),
                units: [("speed".to_owned(), "Mbit/s".to_owned())].into(),
                coverage: None,
                competitor: Some("Ouest".into()),
                competitor_price: Some(usd("25")),
                contract_end: Some("2026-12-20".parse().expect("a date")),
                call_after: Some("2026-08-30".parse().expect("a date")),
                tariff_offered: None,
            },
            refused_at: "2026-03-03T10:00:00Z".parse().expect("an instant"),
            offered: Some(("Fibre 40".into(), usd("40"))),
            reopenings_of_year: 1,
            lead: LeadState::Closed(ClosedReason::Refused),
            number: E164::parse("+19495550122").ok(),
            country: "US".into(),
            region: Some("CA".into()),
            postcode: Some("92270".into()),
            zone: Some("America/Los_Angeles".parse().expect("a zone")),
            facts: Facts::default(),
        }
    }

    fn with_conditions(conditions: &[ReopenCondition]) -> Definition {
        let mut definition = definition();
        definition.calling.days_after_refusal = 0;
        definition.reasons = vec![RefusalReason {
            code: "price".into(),
            label: "Price".into(),
            asks: Vec::new(),
            optional: Vec::new(),
            counts_as: None,
            reopened_by: vec![conditions.to_vec()],
        }];
        definition.features = vec![
            Feature { code: "speed".into(), label: "Speed".into(), kind: FeatureKind::AtLeast("Mbit/s".into()) },
            Feature { code: "tv".into(), label: "Television".into(), kind: FeatureKind::Has },
        ];
        definition
    }

    fn answer(tariff: &Tariff, standing: &StandingRefusal, definition: &Definition, now: Timestamp) -> Answer {
        let law = Law::of(definition, &crate::rules::RuleSet::shipped());
        super::answer(tariff, standing, (definition, &law), now)
    }

    fn now() -> Timestamp {
        "2026-08-30T10:00:00Z".parse().expect("an instant")
    }

    #[test]
    fn a_price_within_the_ceiling_answers_and_says_so() {
        let definition = with_conditions(&[ReopenCondition::PriceWithinCeiling]);
        let because = "refused on 3 March: over 30.00 USD a month; Fibre 25 now costs 24.99 USD a month";
        let answered = answer(&tariff("24.99"), &refused_over("30"), &definition, now());
        assert_eq!(answered, Answer::Reopens { because: because.into(), held: None });
        assert_eq!(answer(&tariff("30.01"), &refused_over("30"), &definition, now()), Answer::NoAnswer);
        let euros = Tariff { price: Money { minor: 100, currency: "EUR".parse().expect("a currency") }, ..tariff("1") };
        assert_eq!(answer(&euros, &refused_over("30"), &definition, now()), Answer::NoAnswer);
    }

    #[test]
    fn each_condition_by_itself() {
        let within = |days| ReopenCondition::ContractEndsWithin(crate::Span::days(days));
        let wants = |features: &[(&str, FeatureValue)]| {
            let mut standing = refused_over("30");
            standing.refusal.wanted_features =
                features.iter().map(|(code, value)| ((*code).to_owned(), *value)).collect();
            standing
        };
        for (condition, standing, answers) in [
            (ReopenCondition::PriceBelowOffered, refused_over("1"), true),
            (ReopenCondition::HasWantedFeatures, wants(&[]), false),
            (ReopenCondition::HasWantedFeatures, wants(&[("speed", FeatureValue::Amount(500))]), true),
            (ReopenCondition::HasWantedFeatures, wants(&[("speed", FeatureValue::Amount(501))]), false),
            (ReopenCondition::HasWantedFeatures, wants(&[("tv", FeatureValue::Has(true))]), true),
            (ReopenCondition::HasWantedFeatures, wants(&[("phone", FeatureValue::Has(true))]), false),
            (within(120), refused_over("1"), true),
            (within(100), refused_over("1"), false),
            (ReopenCondition::BelowOfferedByPercent(37), refused_over("1"), true),
            (ReopenCondition::BelowOfferedByPercent(38), refused_over("1"), false),
            (ReopenCondition::BelowOfferedBy(1_501), refused_over("1"), true),
            (ReopenCondition::BelowOfferedBy(1_502), refused_over("1"), false),
            (ReopenCondition::BelowCompetitor, refused_over("1"), true),
            (ReopenCondition::CommitmentShortEnough, refused_over("1"), true),
            (ReopenCondition::CoversAddress, refused_over("1"), true),
            (ReopenCondition::DaysSince(180), refused_over("1"), true),
            (ReopenCondition::DaysSince(181), refused_over("1"), false),
            (ReopenCondition::ReopeningsAYear(2), refused_over("1"), true),
            (ReopenCondition::ReopeningsAYear(1), refused_over("1"), false),
            (ReopenCondition::DateHasCome, refused_over("1"), true),
        ] {
            let reopens = matches!(
                answer(&tariff("24.99"), &standing, &with_conditions(&[condition]), now()),
                Answer::Reopens { .. }
            );
            assert_eq!(reopens, answers, "{condition:?} {:?}", standing.refusal.wanted_features);
        }
    }

    #[test]
    fn every_condition_must_hold_and_none_answers_nothing() {
        let both = with_conditions(&[ReopenCondition::PriceWithinCeiling, ReopenCondition::HasWantedFeatures]);
        assert_eq!(answer(&tariff("24.99"), &refused_over("30"), &both, now()), Answer::NoAnswer);
        assert_eq!(answer(&tariff("1"), &refused_over("30"), &with_conditions(&[]), now()), Answer::NoAnswer);
    }

    #[test]
    fn what_is_missing_or_in_another_unit_or_currency_meets_nothing() {
        let bare = || {
            let mut standing = refused_over("30");
            standing.refusal.price_ceiling = None;
            standing.refusal.max_months = None;
            standing.refusal.competitor_price = None;
            standing.refusal.contract_end = None;
            standing.refusal.call_after = None;
            standing.offered = None;
            (standing.region, standing.postcode) = (None, None);
            standing
        };
        for condition in [
            ReopenCondition::PriceWithinCeiling,
            ReopenCondition::PriceBelowOffered,
            ReopenCondition::BelowOfferedByPercent(0),
            ReopenCondition::BelowOfferedBy(0),
            ReopenCondition::BelowCompetitor,
            ReopenCondition::CommitmentShortEnough,
            ReopenCondition::HasWantedFeatures,
            ReopenCondition::CoversAddress,
            ReopenCondition::ContractEndsWithin(crate::Span::days(3_660)),
            ReopenCondition::DateHasCome,
        ] {
            let none = answer(&tariff("0"), &bare(), &with_conditions(&[condition]), now());
            assert_eq!(none, Answer::NoAnswer, "{condition}");
        }
        let mut wants = refused_over("30");
        wants.refusal.wanted_features = [("speed".to_owned(), FeatureValue::Amount(1))].into();
        wants.refusal.units = [("speed".to_owned(), "Gbit/s".to_owned())].into();
        let features = with_conditions(&[ReopenCondition::HasWantedFeatures]);
        assert_eq!(answer(&tariff("1"), &wants, &features, now()), Answer::NoAnswer, "500 Mbit/s are not 1 Gbit/s");
        let euros = Tariff { price: Money { minor: 2_000, currency: crate::Currency::EUR }, ..tariff("1") };
        let ceiling = with_conditions(&[ReopenCondition::PriceWithinCeiling]);
        assert_eq!(answer(&euros, &refused_over("22"), &ceiling, now()), Answer::NoAnswer, "no rate");
        let on = "2026-08-01".parse().expect("a date");
        let to = "USD".parse().expect("a currency");
        let rated =
            Tariff { rates: vec![crate::tariff::Rate { to, rate: "1.1".parse().expect("a rate"), on }], ..euros };
        assert!(matches!(answer(&rated, &refused_over("22"), &ceiling, now()), Answer::Reopens { .. }));
        assert_eq!(answer(&rated, &refused_over("21.99"), &ceiling, now()), Answer::NoAnswer);
    }

    #[test]
    fn one_alternative_is_enough_and_the_first_that_holds_is_named() {
        let mut definition = with_conditions(&[ReopenCondition::HasWantedFeatures]);
        definition.reasons[0]
            .reopened_by
            .push(vec![ReopenCondition::DaysSince(1), ReopenCondition::PriceWithinCeiling]);
        definition.reasons[0].reopened_by.push(vec![ReopenCondition::PriceWithinCeiling]);
        assert_eq!(alternative_met(&tariff("24.99"), &refused_over("30"), &definition, now()), Some(1));
        let because =
            "refused on 3 March: 1 days have passed, over 30.00 USD a month; Fibre 25 now costs 24.99 USD a month";
        let answered = answer(&tariff("24.99"), &refused_over("30"), &definition, now());
        assert_eq!(answered, Answer::Reopens { because: because.into(), held: None });
    }

    #[test]
    fn the_better_match_has_more_points_and_says_what_for() {
        let definition = with_conditions(&[ReopenCondition::PriceWithinCeiling]);
        let scored =
            |price: &str, standing: &StandingRefusal| super::score(&tariff(price), standing, &definition, now());
        let first = scored("24.99", &refused_over("30"));
        let because = "543 points: 16 % below what they would pay (+160), 3 more met than asked (+225), refused 180 days ago (+101)";
        // What a competitor takes, what was offered, the commitment and the day that came: four, of which 300 points are the most.
        let because =
            because.replace("543", "561").replace("3 more met than asked (+225)", "4 more met than asked (+300)");
        assert_eq!(first, Score { points: 561, because });
        assert!(scored("20", &refused_over("30")).points > first.points, "cheaper");
        assert!(scored("24.99", &refused_over("50")).points > first.points, "willing to pay more");
        let no_cheaper = scored("30", &refused_over("30"));
        assert_eq!(no_cheaper.because, "326 points: 3 more met than asked (+225), refused 180 days ago (+101)");
        let lately = StandingRefusal { refused_at: now(), ..refused_over("30") };
        assert_eq!(scored("24.99", &lately).points, first.points - 101 + 200);
        assert_eq!(scored("31", &refused_over("30")), Score::default(), "no answer");
        assert!((0..=POINTS_MAX).contains(&scored("0", &lately).points));
    }

    #[test]
    fn what_holds_a_person_back_is_named() {
        let mut definition = with_conditions(&[ReopenCondition::PriceWithinCeiling]);
        let elsewhere = Tariff { regions: vec!["OR".into(), "97".into()], ..tariff("24.99") };
        assert_eq!(answer(&elsewhere, &refused_over("30"), &definition, now()), Answer::Held(Held::Region));
        let mut suppressed = refused_over("30");
        suppressed.facts.suppressed = true;
        assert_eq!(answer(&tariff("24.99"), &suppressed, &definition, now()), Answer::Held(Held::Suppressed));
        let called_again = StandingRefusal { lead: LeadState::Ready, ..refused_over("30") };
        assert_eq!(answer(&tariff("24.99"), &called_again, &definition, now()), Answer::Held(Held::NoLongerRefused));
        definition.calling.days_after_refusal = 365;
        let mut cooling = refused_over("30");
        cooling.facts.last.refusal = Some(cooling.refused_at);
        let Answer::Reopens { held: Some((Block::CoolDown, until)), .. } =
            answer(&tariff("24.99"), &cooling, &definition, now())
        else {
            panic!("a tariff does not shorten a cool-down")
        };
        assert_eq!(until.to_string(), "2027-03-04T08:00:00Z");
    }
}

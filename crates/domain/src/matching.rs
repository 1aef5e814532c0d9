//! Does this tariff answer that refusal? One pure rule, used by the preview and by the publication.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use crate::definition::{Definition, FeatureKind, FeatureValue, Features, ReopenCondition};
use crate::eligibility::{self, Callee, Facts, Law};
use crate::fault::{self, Fault};
use crate::lead::{Block, LeadState};
use crate::outcome::Refusal;
use crate::rules::{Consent, Relationship, Whereabouts};
use crate::tariff::Tariff;
use crate::{E164, Money, ZoneName};

/// A refusal as it stands, with what decides whether its person may be called.
#[derive(Debug, Clone)]
pub struct StandingRefusal {
    /// What was refused and why.
    pub refusal: Refusal,
    /// When.
    pub refused_at: Timestamp,
    /// Name of the tariff that was offered, and its price then.
    pub offered: Option<(String, Money)>,
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

/// Whether `tariff` answers a refusal at `now`. A reason without conditions is answered by none.
#[must_use]
pub fn answer(
    tariff: &Tariff,
    standing: &StandingRefusal,
    (definition, law): (&Definition, &Law),
    now: Timestamp,
) -> Answer {
    let Some(met) = all_met(tariff, standing, definition, now) else { return Answer::NoAnswer };
    if !tariff.covers(standing.region.as_deref(), standing.postcode.as_deref()) {
        return Answer::Held(Held::Region);
    }
    match may_be_reopened(standing, law, now) {
        Ok((zone, held)) => Answer::Reopens { because: in_words(standing.refused_at, &zone, now, &met), held },
        Err(held) => Answer::Held(held),
    }
}

/// Whether a tariff meets everything that a refusal asked for at `now`, wherever it is to be had and whoever may be called.
#[must_use]
pub fn is_answered(tariff: &Tariff, standing: &StandingRefusal, definition: &Definition, now: Timestamp) -> bool {
    all_met(tariff, standing, definition, now).is_some()
}

/// Every condition of the reason, where all are met and there is one.
fn all_met(tariff: &Tariff, standing: &StandingRefusal, definition: &Definition, now: Timestamp) -> Option<Vec<Met>> {
    let reason = definition.reason(&standing.refusal.reason)?;
    let met: Option<Vec<Met>> =
        reason.reopened_by.iter().map(|condition| meets(*condition, tariff, standing, definition, now)).collect();
    met.filter(|met| !met.is_empty())
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
    // Caps and cool-downs do not look at consents; the hand-out does.
    let (consent, relationship) = (Consent::UNSAID, Relationship::None);
    let callee = Callee { whereabouts, zone: standing.zone.as_ref(), consent, relationship };
    let held = eligibility::held_back(now, law, &callee, &standing.facts);
    Ok((zone, held))
}

/// A condition that holds: what was wrong then, what is right now.
struct Met {
    then: String,
    now: String,
}

fn meets(
    condition: ReopenCondition,
    tariff: &Tariff,
    standing: &StandingRefusal,
    definition: &Definition,
    now: Timestamp,
) -> Option<Met> {
    let price = tariff.price;
    let costs = || format!("{} now costs {price} a {}", tariff.name, tariff.per);
    match condition {
        ReopenCondition::PriceWithinCeiling => {
            let ceiling = standing.refusal.price_ceiling?;
            (ceiling.currency == price.currency
                && (price.minor <= ceiling.minor || fault::is_on(Fault::AnyPriceAnswers)))
            .then(|| Met { then: format!("over {ceiling} a {}", tariff.per), now: costs() })
        }
        ReopenCondition::PriceBelowOffered => {
            let (name, offered) = standing.offered.as_ref()?;
            (offered.currency == price.currency && price.minor < offered.minor)
                .then(|| Met { then: format!("{name} cost {offered}"), now: costs() })
        }
        ReopenCondition::HasWantedFeatures => {
            let wanted = &standing.refusal.wanted_features;
            let has_all =
                !wanted.is_empty() && wanted.iter().all(|(code, value)| offers(&tariff.features, code, *value));
            has_all.then(|| Met {
                then: format!("wanted {}", features_in_words(wanted, definition)),
                now: format!(
                    "{} has {}",
                    tariff.name,
                    features_in_words(&those_of(&tariff.features, wanted), definition)
                ),
            })
        }
        ReopenCondition::ContractEndsWithin(span) => {
            let end = standing.refusal.contract_end?;
            let zone = standing.zone.as_ref()?.rules().ok()?;
            let last_day = zone.to_datetime(span.after(now)).date();
            (end <= last_day).then(|| Met {
                then: format!("contract until {}", day_in_words(end, zone.to_datetime(now).date())),
                now: format!("{} is offered in time", tariff.name),
            })
        }
    }
}

/// Whether a tariff's features give what is wanted: at least the amount, or simply there.
fn offers(features: &Features, code: &str, wanted: FeatureValue) -> bool {
    match (features.get(code), wanted) {
        (_, FeatureValue::Has(false)) => true,
        (Some(FeatureValue::Has(has)), FeatureValue::Has(true)) => *has,
        (Some(FeatureValue::Amount(amount)), FeatureValue::Amount(least)) => *amount >= least,
        _ => false,
    }
}

fn those_of(features: &Features, wanted: &Features) -> Features {
    features.iter().filter(|(code, _)| wanted.contains_key(*code)).map(|(code, value)| (code.clone(), *value)).collect()
}

fn features_in_words(features: &Features, definition: &Definition) -> String {
    let words = features.iter().map(|(code, value)| match (definition.feature(code), value) {
        (Some(feature), FeatureValue::Amount(amount)) => match &feature.kind {
            FeatureKind::AtLeast(unit) => format!("{} {amount} {unit}", feature.label),
            FeatureKind::Has => feature.label.clone(),
        },
        (Some(feature), FeatureValue::Has(_)) => feature.label.clone(),
        (None, _) => code.clone(),
    });
    words.collect::<Vec<_>>().join(" and ")
}

fn in_words(refused_at: Timestamp, zone: &TimeZone, now: Timestamp, met: &[Met]) -> String {
    let day = day_in_words(zone.to_datetime(refused_at).date(), zone.to_datetime(now).date());
    let then: Vec<_> = met.iter().map(|m| m.then.as_str()).collect();
    let mut answers: Vec<_> = met.iter().map(|m| m.now.as_str()).collect();
    answers.dedup();
    format!("refused on {day}: {}; {}", then.join(", "), answers.join(", "))
}

/// `3 March`, with the year when it is more than half a year away.
fn day_in_words(day: jiff::civil::Date, today: jiff::civil::Date) -> String {
    let near = |edge: Result<jiff::civil::Date, _>| edge.unwrap_or(today);
    let (from, to) = (near(today.checked_sub(6.months())), near(today.checked_add(6.months())));
    let format = if from <= day && day <= to { "%-d %B" } else { "%-d %B %Y" };
    day.strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::{Feature, RefusalReason};
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
                wanted_features: Features::new(),
                competitor: None,
                contract_end: Some("2026-12-20".parse().expect("a date")),
                tariff_offered: None,
            },
            refused_at: "2026-03-03T10:00:00Z".parse().expect("an instant"),
            offered: Some(("Fibre 40".into(), usd("40"))),
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
            reopened_by: conditions.to_vec(),
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

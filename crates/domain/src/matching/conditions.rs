//! The conditions that a reason declares, held against a tariff, a refusal and its person. Both stores evaluate the same over sets
//! of refusals; a property of the conformance suite holds them to this.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::StandingRefusal;
use super::words::{Met, day, features};
use crate::definition::{Definition, FeatureKind, FeatureValue, ReopenCondition};
use crate::fault::{self, Fault};
use crate::outcome::units_of;
use crate::tariff::Tariff;
use crate::{Money, Span};

/// How long reopenings of a person are counted back.
pub const YEAR: Span = Span::days(365);

/// What the conditions are held against.
pub(super) struct Held<'a> {
    pub(super) tariff: &'a Tariff,
    pub(super) standing: &'a StandingRefusal,
    pub(super) definition: &'a Definition,
    pub(super) now: Timestamp,
}

/// The first alternative of a refusal's reason that holds, by its place in the definition, and what holds in it.
pub(super) fn first_met(held: &Held<'_>) -> Option<(usize, Vec<Met>)> {
    let reason = held.definition.reason(&held.standing.refusal.reason)?;
    reason.reopened_by.iter().enumerate().find_map(|(at, alternative)| {
        let met: Option<Vec<Met>> = alternative.iter().map(|condition| held.meets(*condition)).collect();
        met.filter(|met| !met.is_empty()).map(|met| (at, met))
    })
}

impl Held<'_> {
    pub(super) fn meets(&self, condition: ReopenCondition) -> Option<Met> {
        let refusal = &self.standing.refusal;
        match condition {
            ReopenCondition::PriceWithinCeiling => {
                let ceiling = refusal.price_ceiling?;
                self.costs_at_most(ceiling)?;
                Some(self.cheaper(format!("over {ceiling} a {}", self.tariff.per), ceiling))
            }
            ReopenCondition::PriceBelowOffered => self.below_offered(|offered| offered - 1),
            ReopenCondition::BelowOfferedByPercent(percent) => {
                self.below_offered(|offered| offered * (100 - i64::from(percent).min(100)) / 100)
            }
            ReopenCondition::BelowOfferedBy(minor) => self.below_offered(|offered| offered - minor),
            ReopenCondition::BelowCompetitor => {
                let theirs = refusal.competitor_price?;
                self.costs_at_most(Money { minor: theirs.minor - 1, ..theirs })?;
                let name = refusal.competitor.as_deref().unwrap_or("the competitor");
                Some(self.cheaper(format!("{theirs} a {} at {name}", self.tariff.per), theirs))
            }
            ReopenCondition::CommitmentShortEnough => {
                let months = refusal.max_months?;
                let short = self.tariff.commitment_months <= months;
                short.then(|| Met {
                    then: format!("at most {months} months' commitment"),
                    now: Some(format!("{} commits to {}", self.tariff.name, self.tariff.commitment_months)),
                })
            }
            ReopenCondition::HasWantedFeatures => self.has_wanted_features(),
            ReopenCondition::CoversAddress => {
                let address = self.standing.address();
                let covered = address.is_known() && self.tariff.covers(&address);
                let place = address.postcode.or(address.region).unwrap_or_default();
                covered.then(|| Met {
                    then: "not to be had at the address".to_owned(),
                    now: Some(format!("{} is to be had in {place}", self.tariff.name)),
                })
            }
            ReopenCondition::ContractEndsWithin(span) => {
                let end = refusal.contract_end?;
                let today = self.tariff.today(self.now);
                (end <= last_day(today, span)).then(|| Met {
                    then: format!("contract until {}", day(end, today)),
                    now: Some(format!("{} is offered in time", self.tariff.name)),
                })
            }
            ReopenCondition::DaysSince(days) => {
                let passed = self.standing.refused_at <= Span::days(days.into()).before(self.now);
                passed.then(|| Met { then: format!("{days} days have passed"), now: None })
            }
            ReopenCondition::ReopeningsAYear(most) => {
                let fewer = self.standing.reopenings_of_year < u32::from(most);
                fewer.then(|| Met { then: String::new(), now: None })
            }
            ReopenCondition::DateHasCome => {
                let from = refusal.call_after?;
                let today = self.tariff.today(self.now);
                (from <= today)
                    .then(|| Met { then: format!("asked to be called from {} on", day(from, today)), now: None })
            }
        }
    }

    /// Whether the tariff costs at most this, in the amount's currency. Without a rate it is not known to.
    fn costs_at_most(&self, most: Money) -> Option<Money> {
        let meets = |price: &Money| price.minor <= most.minor || fault::is_on(Fault::AnyPriceAnswers);
        self.tariff.price_in(most.currency).filter(meets)
    }

    fn below_offered(&self, most: impl Fn(i64) -> i64) -> Option<Met> {
        let (name, offered) = self.standing.offered.as_ref()?;
        self.costs_at_most(Money { minor: most(offered.minor), ..*offered })?;
        Some(self.cheaper(format!("{name} cost {offered}"), *offered))
    }

    fn cheaper(&self, then: String, compared: Money) -> Met {
        let tariff = self.tariff;
        let price = tariff.price_in(compared.currency).unwrap_or(tariff.price);
        Met { then, now: Some(format!("{} now costs {price} a {}", tariff.name, tariff.per)) }
    }

    fn has_wanted_features(&self) -> Option<Met> {
        let refusal = &self.standing.refusal;
        let wanted = &refusal.wanted_features;
        let has_all = !wanted.is_empty() && wanted.iter().all(|(code, value)| self.offers(code, *value));
        let offered = self.tariff.features.iter().filter(|(code, _)| wanted.contains_key(*code));
        let offered = offered.map(|(code, value)| (code.clone(), *value)).collect();
        has_all.then(|| Met {
            then: format!("wanted {}", features(wanted, &refusal.units, self.definition)),
            now: Some(format!(
                "{} has {}",
                self.tariff.name,
                features(&offered, &offered_units(self.tariff, self.definition), self.definition)
            )),
        })
    }

    /// Whether the tariff gives what is wanted: at least the amount, counted in the same unit, or simply there.
    fn offers(&self, code: &str, wanted: FeatureValue) -> bool {
        match (self.tariff.features.get(code), wanted) {
            (_, FeatureValue::Has(false)) => true,
            (Some(FeatureValue::Has(has)), FeatureValue::Has(true)) => *has,
            (Some(FeatureValue::Amount(amount)), FeatureValue::Amount(least)) => {
                let offered = offered_units(self.tariff, self.definition);
                *amount >= least && offered.get(code) == self.standing.refusal.units.get(code)
            }
            _ => false,
        }
    }
}

/// The last day on which what ends within a length of time ends, in whole days.
#[must_use]
pub fn last_day(today: Date, within: Span) -> Date {
    today.checked_add((within.seconds() / 86_400).days()).unwrap_or(Date::MAX)
}

/// A tariff that says itself which units its amounts are in: they stay what they were meant to be, whatever the campaign counts in
/// later.
#[must_use]
pub fn in_units_of(tariff: &Tariff, definition: &Definition) -> Tariff {
    Tariff { units: offered_units(tariff, definition), ..tariff.clone() }
}

/// The units that a tariff's amounts are in: those of its file, or else those of the campaign.
#[must_use]
pub fn offered_units(tariff: &Tariff, definition: &Definition) -> std::collections::BTreeMap<String, String> {
    let mut units = units_of(&tariff.features, definition);
    let amounts = tariff.units.iter().filter(|(code, _)| {
        definition.feature(code).is_none_or(|feature| matches!(feature.kind, FeatureKind::AtLeast(_)))
    });
    units.extend(amounts.map(|(code, unit)| (code.clone(), unit.clone())));
    units
}

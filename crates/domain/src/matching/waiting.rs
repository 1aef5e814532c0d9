//! What a refusal waits for, for whoever asks why its person is not called.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::words::features;
use crate::definition::{Definition, ReopenCondition};
use crate::outcome::Refusal;

/// The reason and the terms, in words: `Price too high: at most 20.00 EUR, bound until 2026-12-31`.
#[must_use]
pub fn terms(refusal: &Refusal, definition: &Definition) -> String {
    let reason = definition.reason(&refusal.reason).map_or(refusal.reason.as_str(), |reason| reason.label.as_str());
    let wanted = features(&refusal.wanted_features, &refusal.units, definition);
    let parts = [
        refusal.price_ceiling.map(|most| format!("at most {most}")),
        refusal.max_months.map(|months| format!("for at most {months} months")),
        Some(wanted).filter(|wanted| !wanted.is_empty()).map(|wanted| format!("wants {wanted}")),
        refusal.coverage.as_ref().map(|postcode| format!("at {postcode}")),
        refusal.competitor.as_ref().map(|competitor| format!("stays with {competitor}")),
        refusal.competitor_price.map(|price| format!("pays {price} there")),
        refusal.contract_end.map(|day| format!("bound until {day}")),
        refusal.call_after.map(|day| format!("to be asked again on {day}")),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { reason.to_owned() } else { format!("{reason}: {}", parts.join(", ")) }
}

/// The first day after `today` before which no alternative of the refusal's reason holds, whatever a tariff offers; none where one
/// waits for no day, its day has come, or none can ever hold.
#[must_use]
pub fn first_day(refusal: &Refusal, refused_at: Timestamp, definition: &Definition, today: Date) -> Option<Date> {
    let reason = definition.reason(&refusal.reason)?;
    let opens = |alternative: &Vec<ReopenCondition>| {
        alternative
            .iter()
            .try_fold(Date::MIN, |latest, condition| Some(latest.max(holds_from(*condition, refusal, refused_at)?)))
    };
    reason.reopened_by.iter().filter_map(opens).min().filter(|day| *day > today)
}

/// From which day on a condition may hold; none where what it looks at was never said.
fn holds_from(condition: ReopenCondition, refusal: &Refusal, refused_at: Timestamp) -> Option<Date> {
    let refused_on = refused_at.to_zoned(TimeZone::UTC).date();
    let at_once = |is_said: bool| is_said.then_some(Date::MIN);
    match condition {
        ReopenCondition::PriceWithinCeiling => at_once(refusal.price_ceiling.is_some()),
        ReopenCondition::BelowCompetitor => at_once(refusal.competitor_price.is_some()),
        ReopenCondition::CommitmentShortEnough => at_once(refusal.max_months.is_some()),
        ReopenCondition::HasWantedFeatures => at_once(!refusal.wanted_features.is_empty()),
        ReopenCondition::PriceBelowOffered
        | ReopenCondition::BelowOfferedByPercent(_)
        | ReopenCondition::BelowOfferedBy(_) => at_once(refusal.tariff_offered.is_some()),
        ReopenCondition::CoversAddress | ReopenCondition::ReopeningsAYear(_) => Some(Date::MIN),
        ReopenCondition::ContractEndsWithin(within) => {
            Some(refusal.contract_end?.saturating_sub((within.seconds() / 86_400).days()))
        }
        ReopenCondition::DaysSince(days) => Some(refused_on.saturating_add(i64::from(days).days())),
        ReopenCondition::DateHasCome => refusal.call_after,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::Span;
    use crate::definition::Features;
    use crate::testing::definition;

    fn over_the_price() -> Refusal {
        Refusal {
            reason: "price".into(),
            price_ceiling: None,
            max_months: None,
            wanted_features: Features::new(),
            units: BTreeMap::new(),
            coverage: None,
            competitor: None,
            competitor_price: None,
            contract_end: None,
            call_after: None,
            tariff_offered: None,
        }
    }

    fn day(text: &str) -> Date {
        text.parse().expect("a day")
    }

    #[test]
    fn the_first_day_is_that_of_the_alternative_that_opens_first() {
        use ReopenCondition as C;
        let today = day("2026-11-24");
        let at: Timestamp = "2026-11-24T10:00:00Z".parse().expect("an instant");
        let refusal = Refusal {
            price_ceiling: Some(crate::Money { minor: 2_000, currency: definition().currency }),
            contract_end: Some(day("2026-12-31")),
            call_after: Some(day("2027-03-01")),
            ..over_the_price()
        };
        let within = C::ContractEndsWithin(Span::days(20));
        let cases: [(Vec<Vec<C>>, Option<&str>); 6] = [
            (vec![vec![C::PriceWithinCeiling]], None),
            (vec![vec![C::PriceWithinCeiling, within]], Some("2026-12-11")),
            (vec![vec![C::PriceWithinCeiling, within], vec![C::DaysSince(5)]], Some("2026-11-29")),
            (vec![vec![within, C::DateHasCome]], Some("2027-03-01")),
            (vec![vec![within], vec![C::HasWantedFeatures]], Some("2026-12-11")),
            (vec![], None),
        ];
        for (reopened_by, expected) in cases {
            let mut definition = definition();
            let reason = definition.reasons.iter_mut().find(|reason| reason.code == "price").expect("a reason");
            reason.reopened_by.clone_from(&reopened_by);
            let found = first_day(&refusal, at, &definition, today);
            assert_eq!(found, expected.map(day), "{reopened_by:?}");
        }
        let unsaid = Refusal { contract_end: None, ..refusal };
        let mut definition = definition();
        definition.reasons.iter_mut().for_each(|reason| reason.reopened_by = vec![vec![within]]);
        assert_eq!(first_day(&unsaid, at, &definition, today), None, "it never opens");
    }

    #[test]
    fn terms_are_told_in_a_line() {
        let refusal = Refusal {
            max_months: Some(12),
            competitor: Some("Rival".into()),
            contract_end: Some(day("2026-12-31")),
            ..over_the_price()
        };
        let told = terms(&refusal, &definition());
        assert!(told.ends_with(": for at most 12 months, stays with Rival, bound until 2026-12-31"), "{told}");
        let untold = Refusal { reason: "gone".into(), ..over_the_price() };
        assert_eq!(terms(&untold, &definition()), "gone");
    }
}

//! Which price would bring back how many: the ceilings that people named, as a curve over the price of a tariff.

use serde::{Deserialize, Serialize};

use crate::tariff::Tariff;
use crate::{Currency, Money};

/// People who named the same ceiling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ceiling {
    /// The most they would pay.
    pub most: Money,
    /// Nothing but the price keeps them from coming back.
    pub is_free: bool,
    /// How many.
    pub refusals: i64,
}

/// What a price would bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PricePoint {
    /// The price. Between two points a price brings what the dearer of them does.
    pub price: Money,
    /// How many it is within the ceilings of who could come back.
    pub back: i64,
    /// How many it is within the ceilings of whom something else holds.
    pub held: i64,
}

/// The prices at which somebody more comes back, the cheapest first, and what each of them would bring. Ceilings in a currency into
/// which the price cannot be converted are left out: [`unknown`] counts them.
#[must_use]
pub fn curve(ceilings: &[Ceiling], currency: Currency, tariff: Option<&Tariff>) -> Vec<PricePoint> {
    let priced = ceilings.iter().filter_map(|ceiling| Some((dearest(ceiling.most, currency, tariff)?, ceiling)));
    let mut priced: Vec<_> = priced.collect();
    priced.sort_by_key(|(minor, _)| std::cmp::Reverse(*minor));
    let mut points: Vec<PricePoint> = Vec::new();
    let (mut back, mut held) = (0, 0);
    for (minor, ceiling) in priced {
        if ceiling.is_free {
            back += ceiling.refusals;
        } else {
            held += ceiling.refusals;
        }
        let point = PricePoint { price: Money { minor, currency }, back, held };
        match points.last_mut().filter(|last| last.price.minor == minor) {
            Some(last) => *last = point,
            None => points.push(point),
        }
    }
    points.reverse();
    points
}

/// How many named a ceiling in a currency of which no rate is declared.
#[must_use]
pub fn unknown(ceilings: &[Ceiling], currency: Currency, tariff: Option<&Tariff>) -> i64 {
    let without = ceilings.iter().filter(|ceiling| dearest(ceiling.most, currency, tariff).is_none());
    without.map(|ceiling| ceiling.refusals).sum()
}

/// The highest price in a currency that is within a ceiling, in minor units: rates are of the price, and are rounded there.
fn dearest(ceiling: Money, currency: Currency, tariff: Option<&Tariff>) -> Option<i64> {
    if ceiling.currency == currency {
        return Some(ceiling.minor);
    }
    let rate = tariff?.rates.iter().find(|rate| rate.to == ceiling.currency)?;
    let is_within =
        |minor: i64| rate.convert(Money { minor, currency }).is_some_and(|price| price.minor <= ceiling.minor);
    let (mut within, mut above) = (0, i64::MAX / 2);
    if !is_within(within) {
        return None;
    }
    while above - within > 1 {
        let middle = within + (above - within) / 2;
        if is_within(middle) { within = middle } else { above = middle }
    }
    Some(within)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd() -> Currency {
        "USD".parse().expect("a currency")
    }

    fn ceiling(minor: i64, currency: Currency, is_free: bool, refusals: i64) -> Ceiling {
        Ceiling { most: Money { minor, currency }, is_free, refusals }
    }

    fn with_rate() -> Tariff {
        serde_json::from_str(
            r#"{"tariff":"t","name":"T","price":{"minor":2500,"currency":"EUR"},"per":"month","fees":[],"features":{},"regions":[],
                "rates":[{"to":"USD","rate":"1.0804","on":"2026-11-01"}],
                "valid_from":"2026-01-01","valid_until":null,"time_zone":"UTC","campaigns":["c"]}"#,
        )
        .expect("a tariff")
    }

    #[test]
    fn a_lower_price_brings_whom_a_higher_one_does_and_more() {
        let eur = Currency::EUR;
        let named = [
            ceiling(2_000, eur, true, 5),
            ceiling(3_000, eur, true, 2),
            ceiling(3_000, eur, false, 1),
            ceiling(2_500, usd(), true, 7),
        ];
        let point = |minor, back, held| PricePoint { price: Money { minor, currency: eur }, back, held };
        assert_eq!(curve(&named, eur, None), [point(2_000, 7, 1), point(3_000, 2, 1)]);
        assert_eq!(unknown(&named, eur, None), 7);
        let tariff = with_rate();
        // 23.14 EUR are 25.00 USD by this rate, 23.15 EUR are 25.01.
        assert_eq!(curve(&named, eur, Some(&tariff)), [point(2_000, 14, 1), point(2_314, 9, 1), point(3_000, 2, 1)]);
        assert_eq!(unknown(&named, eur, Some(&tariff)), 0);
    }

    proptest::proptest! {
        /// A point tells of exactly those whose ceiling the price, as the rule converts it, is within.
        #[test]
        fn every_point_is_what_the_rule_says(named in proptest::collection::vec((0_i64..5_000, proptest::bool::ANY, proptest::bool::ANY, 1_i64..9), 1..30)) {
            let tariff = with_rate();
            let named: Vec<_> = named
                .into_iter()
                .map(|(minor, dollars, is_free, refusals)| ceiling(minor, if dollars { usd() } else { Currency::EUR }, is_free, refusals))
                .collect();
            for point in curve(&named, Currency::EUR, Some(&tariff)) {
                let offer = Tariff { price: point.price, ..tariff.clone() };
                let within = |one: &&Ceiling| offer.price_in(one.most.currency).is_some_and(|price| price.minor <= one.most.minor);
                let back: i64 = named.iter().filter(within).filter(|one| one.is_free).map(|one| one.refusals).sum();
                proptest::prop_assert_eq!(point.back, back);
            }
        }
    }
}

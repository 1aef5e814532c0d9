//! What an amount of one currency is in another, by a rate that somebody declared.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{Currency, Money};

/// A declared rate of conversion out of a tariff's currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// The other currency.
    pub to: Currency,
    /// How many of it one unit of the tariff's is.
    pub rate: ExchangeRate,
    /// The day of the rate.
    pub on: Date,
}

impl Rate {
    /// The amount in the other currency, to the nearest of its minor units, the half up.
    #[must_use]
    pub fn convert(&self, amount: Money) -> Option<Money> {
        let into = 10_i128.pow(self.to.decimals());
        let from = 10_i128.pow(amount.currency.decimals()) * i128::from(ONE);
        let scaled = i128::from(amount.minor) * i128::from(self.rate.0) * into;
        let minor = (2 * scaled + from).div_euclid(2 * from);
        Some(Money { minor: i64::try_from(minor).ok()?, currency: self.to })
    }
}

const ONE: u64 = 1_000_000_000;
const DECIMALS: usize = 9;

/// A positive number of at most nine decimals, kept exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ExchangeRate(u64);

/// The text is no rate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a rate: write how many of the other currency one is, above 0 and below 10,000,000, with at most 9 decimals, as in 0.9213"
)]
pub struct NotARate(String);

impl FromStr for ExchangeRate {
    type Err = NotARate;

    fn from_str(text: &str) -> Result<Self, NotARate> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let plain =
            !whole.is_empty() && whole.len() <= 7 && digits(whole) && digits(fraction) && fraction.len() <= DECIMALS;
        let scaled = plain.then(|| format!("{whole}{fraction:0<DECIMALS$}").parse().ok()).flatten();
        scaled.filter(|rate| *rate > 0).map(Self).ok_or_else(|| NotARate(text.to_owned()))
    }
}

impl TryFrom<String> for ExchangeRate {
    type Error = NotARate;

    fn try_from(text: String) -> Result<Self, NotARate> {
        text.parse()
    }
}

impl From<ExchangeRate> for String {
    fn from(rate: ExchangeRate) -> Self {
        rate.to_string()
    }
}

impl fmt::Display for ExchangeRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}.{:09}", self.0 / ONE, self.0 % ONE);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_converted_exactly_and_rounded_once() {
        let money = |minor, code: &str| Money { minor, currency: code.parse().expect("a currency") };
        for (amount, to, rate, expected) in [
            (money(2_499, "USD"), "EUR", "0.9213", 2_302),
            (money(1, "USD"), "EUR", "0.5", 1),
            (money(2_499, "USD"), "JPY", "149.32", 3_732),
            (money(3_732, "JPY"), "USD", "0.006697", 2_499),
            (money(100, "EUR"), "KWD", "0.33", 330),
        ] {
            let on = "2026-11-01".parse().expect("a date");
            let rate = Rate { to: to.parse().expect("a currency"), rate: rate.parse().expect("a rate"), on };
            assert_eq!(rate.convert(amount), Some(money(expected, to)), "{amount} at {}", rate.rate);
        }
        for text in ["1", "0.9213", "149.32", "0.000000001"] {
            assert_eq!(text.parse::<ExchangeRate>().expect("a rate").to_string(), text);
        }
        for text in ["", "0", "-1", "1,5", "1.0000000001", "12345678", "x"] {
            assert!(text.parse::<ExchangeRate>().is_err(), "{text}");
        }
    }
}

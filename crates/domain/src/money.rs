//! Money: integer minor units with an ISO 4217 currency. Never a float.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An ISO 4217 currency code of three capital letters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

impl Currency {
    /// The euro.
    pub const EUR: Self = Self(*b"EUR");

    /// How many decimal digits the currency's minor unit has (ISO 4217, table A.1; two unless listed).
    #[must_use]
    pub fn decimals(self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF" | b"UGX"
            | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }

    /// The code's three letters.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).expect("three ASCII letters by construction")
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        match text.as_bytes() {
            [a, b, c] if text.bytes().all(|b| b.is_ascii_uppercase()) => Ok(Self([*a, *b, *c])),
            _ => Err(MoneyError::Currency(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = MoneyError;

    fn try_from(text: String) -> Result<Self, MoneyError> {
        text.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An amount of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Money {
    /// The amount in the currency's minor unit: cents for EUR.
    pub minor: i64,
    /// The ISO 4217 code.
    #[schema(value_type = String, example = "EUR")]
    pub currency: Currency,
}

/// Why a text is not an amount of money.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The currency is not three capital letters.
    #[error("{0:?} is not a currency: write three capital letters of ISO 4217, as in EUR")]
    Currency(String),
    /// The amount is not a plain decimal number.
    #[error("{text:?} is not an amount: write digits and at most {decimals} decimals, as in {example}")]
    Amount {
        /// What was given.
        text: String,
        /// How many decimals the currency has.
        decimals: u32,
        /// An amount that would be right.
        example: &'static str,
    },
}

impl MoneyError {
    fn amount(text: &str, currency: Currency) -> Self {
        let decimals = currency.decimals();
        Self::Amount { text: text.to_owned(), decimals, example: if decimals == 0 { "25" } else { "24.99" } }
    }
}

impl Money {
    /// Reads an amount that somebody typed (`24.99`, `24,99`, `-3`) exactly. Group separators are refused, and so is what could hold one:
    /// in a currency of fewer than three decimals `1,000` and `1.000` are a thousand to one reader and one to another.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let decimals = text.trim().split_once(['.', ',']).map_or(0, |(_, decimals)| decimals.len());
        match decimals == 3 && currency.decimals() < 3 {
            true => Err(MoneyError::amount(text, currency)),
            false => Self::parse_decimal(text, currency),
        }
    }

    /// Reads an amount whose point or comma is known to stand before decimals, such as `25.000`. Group separators are refused.
    pub fn parse_decimal(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let decimals = currency.decimals();
        let wrong = || MoneyError::amount(text, currency);
        let (negative, digits) = text.trim().strip_prefix('-').map_or((false, text.trim()), |rest| (true, rest));
        let (whole, fraction) = digits.split_once(['.', ',']).unwrap_or((digits, ""));
        let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let too_fine = fraction.trim_end_matches('0').len() > decimals as usize;
        if whole.is_empty() || !plain(whole) || !plain(fraction) || too_fine || digits.ends_with(['.', ',']) {
            return Err(wrong());
        }
        let mut minor: i64 = 0;
        for digit in whole.bytes().chain(fraction.bytes().chain(std::iter::repeat(b'0')).take(decimals as usize)) {
            minor = minor
                .checked_mul(10)
                .and_then(|m| m.checked_add(i64::from(digit - b'0')))
                .filter(|m| *m < 1_000_000_000_000_000)
                .ok_or_else(wrong)?;
        }
        Ok(Self { minor: if negative { -minor } else { minor }, currency })
    }

    /// The amount without its currency: `24.99`.
    #[must_use]
    pub fn amount(&self) -> String {
        let decimals = self.currency.decimals();
        let unit = 10_u64.pow(decimals);
        let (sign, absolute) = (if self.minor < 0 { "-" } else { "" }, self.minor.unsigned_abs());
        match decimals {
            0 => format!("{sign}{absolute}"),
            _ => format!("{sign}{}.{:0width$}", absolute / unit, absolute % unit, width = decimals as usize),
        }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount(), self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eur(text: &str) -> Result<i64, MoneyError> {
        Money::parse(text, "EUR".parse().expect("a currency")).map(|m| m.minor)
    }

    #[test]
    fn reads_amounts_exactly() {
        for (text, minor) in
            [("24.99", 2499), ("24,99", 2499), ("30", 3000), ("0.5", 50), ("-3", -300), ("1.5000", 150)]
        {
            assert_eq!(eur(text), Ok(minor), "{text}");
        }
        for wrong in
            ["", "-", ".5", "1.", "1.999", "1 000", "1,000", "1.000", "1,000.00", "ten", "9999999999999999999", "1e3"]
        {
            assert!(eur(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn three_decimals_are_decimals_where_the_currency_has_them() {
        let read = |text, currency: &str| Money::parse(text, currency.parse().expect("a currency")).map(|m| m.minor);
        assert_eq!(read("1.500", "KWD"), Ok(1_500));
        assert_eq!(read("25.00", "JPY"), Ok(25));
        assert!(read("1,000", "JPY").is_err(), "a thousand yen, or one");
        let known = Money::parse_decimal("1.500", "EUR".parse().expect("a currency"));
        assert_eq!(known.map(|money| money.minor), Ok(150));
    }

    #[test]
    fn prints_what_it_read() {
        let yen = Money::parse("250", "JPY".parse().expect("a currency")).expect("an amount");
        assert_eq!(yen.to_string(), "250 JPY");
        let cents = Money { minor: -105, currency: "EUR".parse().expect("a currency") };
        assert_eq!(cents.to_string(), "-1.05 EUR");
    }

    #[test]
    fn a_currency_is_three_capital_letters() {
        for wrong in ["eur", "EURO", "E1R", "", "€"] {
            assert!(wrong.parse::<Currency>().is_err(), "{wrong}");
        }
    }
}

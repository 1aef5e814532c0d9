//! The country whose numbering plan national numbers are read in.

use std::fmt;
use std::str::FromStr;

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, Region};

/// A country whose numbering plan national numbers are read in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Country {
    pub(super) region: Region,
    pub(super) calling_code: i32,
    /// Whether people write a 0 before a national number that is no part of it abroad. Italy has none: its 0 stays.
    pub(super) trunk_zero: bool,
}

/// The text names no country with a numbering plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a country: write its two letters of ISO 3166-1, as in FR")]
pub struct UnknownCountry(String);

impl FromStr for Country {
    type Err = UnknownCountry;

    fn from_str(code: &str) -> Result<Self, UnknownCountry> {
        let region = Region::from_code(code).ok().filter(|_| code.len() == 2);
        region
            .and_then(|region| {
                let calling_code = PHONE_NUMBER_UTIL.get_country_code_for_region(region)?;
                Some(Self { region, calling_code, trunk_zero: writes_trunk_zero(region) })
            })
            .ok_or_else(|| UnknownCountry(code.to_owned()))
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.region.as_region_str().as_str())
    }
}

/// Whether people write a 0 in front of national numbers. A plan may know such a 0 and people not use it, as in Brazil: what counts
/// is how the library writes an example. Only the country that is asked for is looked at: all of them take seconds, and memory.
fn writes_trunk_zero(region: Region) -> bool {
    PHONE_NUMBER_UTIL.get_example_number(region).is_ok_and(|number| {
        let written = number.format_as(PhoneNumberFormat::National);
        let digits: String = written.chars().filter(char::is_ascii_digit).collect();
        digits.strip_prefix('0') == Some(number.get_national_significant_number().as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_one_with_a_numbering_plan() {
        assert_eq!("fr".parse::<Country>().map(|country| country.to_string()), Ok("FR".to_owned()));
        for wrong in ["", "F", "FRA", "XX", "001", "É"] {
            assert!(wrong.parse::<Country>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn some_countries_write_a_zero_that_is_no_part_of_the_number() {
        for (code, trunk_zero) in [
            ("FR", true),
            ("DE", true),
            ("GB", true),
            ("BE", true),
            ("CH", true),
            ("IT", false),
            ("ES", false),
            ("PT", false),
            ("US", false),
            ("RU", false),
            ("BR", false),
        ] {
            assert_eq!(code.parse::<Country>().map(|country| country.trunk_zero), Ok(trunk_zero), "{code}");
        }
    }
}

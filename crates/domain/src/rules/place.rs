//! Where a person is, for the law: the jurisdictions of the number and of the postal address together.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::set::{Jurisdiction, RuleSet};

/// What is known of where a person is.
#[derive(Debug, Clone, Copy)]
pub struct Whereabouts<'a> {
    /// The number in E.164 form.
    pub number: &'a str,
    /// ISO 3166-1 alpha-2 code of the postal address; empty when there is none.
    pub country: &'a str,
    /// State or region of the postal address.
    pub region: Option<&'a str>,
}

/// The jurisdictions that a person is in, sorted and without those that are parents of others. Written `US-CA+US-NY`;
/// empty when the person is in none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Place(String);

/// The text is not a place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a place: write the codes of jurisdictions, sorted and joined by +, as in FR or US-CA+US-NY")]
pub struct NotAPlace(String);

impl Place {
    /// The person is in no jurisdiction.
    #[must_use]
    pub fn is_nowhere(&self) -> bool {
        self.0.is_empty()
    }

    /// The codes of the jurisdictions.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.0.split('+').filter(|code| !code.is_empty())
    }

    /// The text of the place.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn of<'a>(codes: impl IntoIterator<Item = &'a str>) -> Self {
        let mut codes: Vec<&str> = codes.into_iter().collect();
        codes.sort_unstable();
        codes.dedup();
        Self(codes.join("+"))
    }
}

impl FromStr for Place {
    type Err = NotAPlace;

    fn from_str(text: &str) -> Result<Self, NotAPlace> {
        let place = Self::of(text.split('+').filter(|code| !code.is_empty()));
        let well_formed = text == place.0 && place.codes().all(is_code);
        if well_formed { Ok(place) } else { Err(NotAPlace(text.to_owned())) }
    }
}

impl TryFrom<String> for Place {
    type Error = NotAPlace;

    fn try_from(text: String) -> Result<Self, NotAPlace> {
        text.parse()
    }
}

impl From<Place> for String {
    fn from(place: Place) -> Self {
        place.0
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a text has the form of a jurisdiction's code: `FR`, `US-FL`.
pub(super) fn is_code(text: &str) -> bool {
    let (country, part) = text.split_once('-').map_or((text, None), |(country, part)| (country, Some(part)));
    let letters = country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase());
    let well_formed = |part: &str| {
        (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    };
    letters && part.is_none_or(well_formed)
}

impl RuleSet {
    /// The jurisdictions of a person. The longest prefix of the number decides, and the region of the address where one
    /// has rules of its own. A number or a country that is of no jurisdiction makes the whole place nowhere, because
    /// nobody knows the law there; an absent country says nothing.
    #[must_use]
    pub fn place(&self, person: &Whereabouts<'_>) -> Place {
        let Some(by_number) = self.of_number(person.number) else { return Place::default() };
        let mut found = vec![by_number];
        if !person.country.is_empty() {
            let by_address = self.of_address(person.country, person.region);
            if by_address.is_empty() {
                return Place::default();
            }
            found.extend(by_address);
        }
        let is_parent =
            |code: usize| found.iter().any(|other| *other != code && self.ancestry(*other).any(|a| a == code));
        Place::of(found.iter().filter(|code| !is_parent(**code)).map(|code| self.jurisdictions()[*code].code.as_str()))
    }

    /// The jurisdiction that claims the longest prefix of the number.
    fn of_number(&self, number: &str) -> Option<usize> {
        let longest = number.len().min(self.prefix_longest);
        let claims = (1..=longest).rev().filter_map(|length| self.prefixes.get(number.get(..length)?));
        claims.copied().next().flatten()
    }

    /// The jurisdictions that claim the address: those of its region, else those of its country; none where the country's regions
    /// are named and this is not one of them.
    fn of_address(&self, country: &str, region: Option<&str>) -> Vec<usize> {
        let region = region.map(str::trim).filter(|region| !region.is_empty());
        let of_country = || {
            let claims = |claimed: &String| claimed.eq_ignore_ascii_case(country.trim());
            self.jurisdictions().iter().enumerate().filter(move |(_, j)| j.countries.iter().any(claims))
        };
        let is = |region: &str, name: &String| name.to_lowercase() == region.to_lowercase();
        let of_region = |region: &str| -> Vec<usize> {
            let names = |name: &String| is(region, name);
            of_country().filter(|(_, j)| names(&j.code) || j.regions.iter().any(names)).map(|(at, _)| at).collect()
        };
        let by_region = region.map(of_region).unwrap_or_default();
        if !by_region.is_empty() {
            return by_region;
        }
        let is_known = |j: &Jurisdiction| {
            let names_none = j.other_regions.is_empty() || j.code != country.trim().to_uppercase();
            names_none || region.is_none_or(|region| j.other_regions.iter().any(|name| is(region, name)))
        };
        of_country().filter(|(_, j)| j.regions.is_empty() && is_known(j)).map(|(at, _)| at).collect()
    }
}

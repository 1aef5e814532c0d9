//! Which time zone a person lives in.

use std::fmt;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// The name of a zone that the time-zone database knows, as in `Europe/Paris`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ZoneName(String);

/// The time-zone database knows no such zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a time zone: write a name of the IANA database, as in Europe/Paris")]
pub struct UnknownZone(String);

impl ZoneName {
    /// The zone's name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The zone's rules. A zone that an older database knew and this one does not is an error, not UTC.
    pub fn rules(&self) -> Result<TimeZone, UnknownZone> {
        TimeZone::get(&self.0).map_err(|_| UnknownZone(self.0.clone()))
    }
}

impl std::str::FromStr for ZoneName {
    type Err = UnknownZone;

    fn from_str(text: &str) -> Result<Self, UnknownZone> {
        let unknown = || UnknownZone(text.to_owned());
        let zone = TimeZone::get(text).map_err(|_| unknown())?;
        Ok(Self(zone.iana_name().ok_or_else(unknown)?.to_owned()))
    }
}

impl TryFrom<String> for ZoneName {
    type Error = UnknownZone;

    fn try_from(text: String) -> Result<Self, UnknownZone> {
        text.parse()
    }
}

impl From<ZoneName> for String {
    fn from(zone: ZoneName) -> Self {
        zone.0
    }
}

impl fmt::Display for ZoneName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a list row says of where a person lives.
#[derive(Debug, Clone, Copy, Default)]
pub struct Whereabouts<'a> {
    /// The zone that the list's own column names.
    pub stated: Option<&'a ZoneName>,
    /// ISO 3166-1 alpha-2 code of the address.
    pub country: &'a str,
    /// State or region code.
    pub region: Option<&'a str>,
    /// Postal code.
    pub postcode: Option<&'a str>,
}

/// How a person's zone was found; kept with the client, shown by `why`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ZoneSource {
    /// The list's column.
    List,
    /// The postal address.
    Address,
    /// The campaign's default.
    Default,
}

/// A person's zone: from the list's column, else the postal address, else the campaign's default. `None` means that the
/// person is not callable. An address that could be in several zones gives `None`, not the default: a default must not
/// overrule what we know.
#[must_use]
pub fn resolve(person: Whereabouts<'_>, default: Option<&ZoneName>) -> Option<(ZoneName, ZoneSource)> {
    if let Some(stated) = person.stated {
        return Some((stated.clone(), ZoneSource::List));
    }
    match from_address(person) {
        Address::Zone(name) => name.parse().ok().map(|zone| (zone, ZoneSource::Address)),
        Address::Ambiguous => None,
        Address::SaysNothing => default.map(|zone| (zone.clone(), ZoneSource::Default)),
    }
}

enum Address {
    Zone(&'static str),
    Ambiguous,
    SaysNothing,
}

fn from_address(person: Whereabouts<'_>) -> Address {
    match person.country {
        "FR" => person.postcode.map_or(Address::SaysNothing, french_postcode),
        // A postcode alone is an address, only not one that says a state.
        "US" => match (person.region, person.postcode) {
            (Some(state), _) => american_state(state),
            (None, Some(_)) => Address::Ambiguous,
            (None, None) => Address::SaysNothing,
        },
        "PT" => person.postcode.map_or(Address::SaysNothing, portuguese_postcode),
        _ => Address::SaysNothing,
    }
}

/// French postcodes: 97x and 98x are overseas, the rest is metropolitan France and Corsica.
/// Source: La Poste's postcode ranges; zones from the IANA database's `zone1970.tab`.
fn french_postcode(postcode: &str) -> Address {
    let digits: String = postcode.chars().filter(char::is_ascii_digit).collect();
    match digits.get(..3) {
        _ if digits.len() != 5 => Address::Ambiguous,
        Some("971") => Address::Zone("America/Guadeloupe"),
        Some("972") => Address::Zone("America/Martinique"),
        Some("973") => Address::Zone("America/Cayenne"),
        Some("974") => Address::Zone("Indian/Reunion"),
        Some("975") => Address::Zone("America/Miquelon"),
        Some("976") => Address::Zone("Indian/Mayotte"),
        Some("988") => Address::Zone("Pacific/Noumea"),
        Some(overseas) if overseas.starts_with("97") || overseas.starts_with("98") => Address::Ambiguous,
        _ => Address::Zone("Europe/Paris"),
    }
}

/// States of the USA that lie in one zone; the fourteen that are split (Florida, Texas, Indiana, …) stay ambiguous.
/// Source: 49 CFR part 71 (zone limits), read with the IANA database's `zone1970.tab`.
fn american_state(state: &str) -> Address {
    match state.trim().to_ascii_uppercase().as_str() {
        "CA" | "WA" => Address::Zone("America/Los_Angeles"),
        "NV" => Address::Ambiguous, // West Wendover and Jackpot keep mountain time
        "AZ" => Address::Ambiguous, // the Navajo Nation keeps daylight saving
        "HI" => Address::Zone("Pacific/Honolulu"),
        "CO" | "MT" | "NM" | "UT" | "WY" => Address::Zone("America/Denver"),
        "AL" | "AR" | "IA" | "IL" | "LA" | "MN" | "MO" | "MS" | "OK" | "WI" => Address::Zone("America/Chicago"),
        "CT" | "DC" | "DE" | "GA" | "MA" | "MD" | "ME" | "NC" | "NH" | "NJ" | "NY" | "OH" | "PA" | "RI" | "SC"
        | "VA" | "VT" | "WV" => Address::Zone("America/New_York"),
        "" => Address::SaysNothing,
        _ => Address::Ambiguous,
    }
}

/// Portuguese postcodes: 90 to 94 are Madeira, 95 to 99 the Azores, the rest is the mainland.
/// Source: CTT's postcode ranges; zones from the IANA database's `zone1970.tab`.
fn portuguese_postcode(postcode: &str) -> Address {
    let mut digits = postcode.bytes().filter(u8::is_ascii_digit);
    match (digits.next(), digits.next()) {
        (Some(b'9'), Some(b'0'..=b'4')) => Address::Zone("Atlantic/Madeira"),
        (Some(b'9'), Some(_)) => Address::Zone("Atlantic/Azores"),
        (Some(_), Some(_)) => Address::Zone("Europe/Lisbon"),
        _ => Address::Ambiguous,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(country: &str, region: Option<&str>, postcode: Option<&str>, default: Option<&str>) -> Option<String> {
        let default = default.map(|name| name.parse().expect("a zone"));
        resolve(Whereabouts { stated: None, country, region, postcode }, default.as_ref())
            .map(|(zone, _)| zone.to_string())
    }

    #[test]
    fn the_address_comes_before_the_default() {
        let paris = Some("Europe/Paris");
        assert_eq!(zone("FR", None, Some("97400"), paris).as_deref(), Some("Indian/Reunion"));
        assert_eq!(zone("FR", None, Some("45000"), None).as_deref(), paris);
        assert_eq!(zone("US", Some("CA"), Some("92270"), None).as_deref(), Some("America/Los_Angeles"));
        assert_eq!(zone("PT", None, Some("9500-321"), None).as_deref(), Some("Atlantic/Azores"));
        assert_eq!(zone("DE", None, Some("10115"), Some("Europe/Berlin")).as_deref(), Some("Europe/Berlin"));
    }

    #[test]
    fn an_ambiguous_address_is_not_overruled_by_the_default() {
        assert_eq!(zone("US", Some("FL"), None, Some("America/New_York")), None);
        assert_eq!(zone("FR", None, Some("98700"), Some("Europe/Paris")), None);
        assert_eq!(zone("US", None, None, None), None);
    }

    #[test]
    fn the_list_s_own_column_comes_first() {
        let stated: ZoneName = "America/Denver".parse().expect("a zone");
        let person = Whereabouts { stated: Some(&stated), country: "FR", region: None, postcode: Some("45000") };
        assert_eq!(resolve(person, None), Some((stated.clone(), ZoneSource::List)));
    }

    #[test]
    fn every_zone_of_the_tables_exists() {
        for name in [
            "America/Guadeloupe",
            "America/Martinique",
            "America/Cayenne",
            "Indian/Reunion",
            "America/Miquelon",
            "Indian/Mayotte",
            "Pacific/Noumea",
            "Europe/Paris",
            "America/Los_Angeles",
            "Pacific/Honolulu",
            "America/Denver",
            "America/Chicago",
            "America/New_York",
            "Atlantic/Madeira",
            "Atlantic/Azores",
            "Europe/Lisbon",
        ] {
            assert!(name.parse::<ZoneName>().is_ok(), "{name}");
        }
        assert!("Europe/Atlantis".parse::<ZoneName>().is_err());
    }
}

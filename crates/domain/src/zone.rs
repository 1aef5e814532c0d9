//! Which time zone a person lives in.

mod address;

use std::fmt;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use address::Address;

use crate::fault::{self, Fault};

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
        let zone = TimeZone::get(&self.0).map_err(|_| UnknownZone(self.0.clone()))?;
        Ok(if fault::is_on(Fault::DaylightSavingForgotten) { TimeZone::fixed(zone.to_offset(WINTER)) } else { zone })
    }
}

/// In the winter of the zones that have daylight saving in the north.
const WINTER: Timestamp = Timestamp::constant(1_767_225_600, 0);

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
    /// The zones in which the telephone number may be answered, by its first digits; empty when unknown.
    pub by_number: &'a [&'a str],
    /// Whether the number belongs to a fixed line, which does not travel.
    pub fixed_line: bool,
}

/// How a person's zone was found; kept with the client, shown by `why`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ZoneSource {
    /// The list's column.
    List,
    /// The postal address.
    Address,
    /// The telephone number.
    Number,
    /// The campaign's default.
    Default,
}

impl ZoneSource {
    /// The word stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Address => "address",
            Self::Number => "number",
            Self::Default => "default",
        }
    }
}

/// What was found of a person's zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The zone and how it was found; `None` means that the person is not callable.
    pub zone: Option<(ZoneName, ZoneSource)>,
    /// The zone is that of the postal address, and the number is a fixed line of another.
    pub disagrees: bool,
}

/// A person's zone: from the list's column, else the postal address, else the number, else the campaign's default.
///
/// A number counts only where all its candidates are one zone. Nothing overrules what we know: where the address could
/// be in several zones, the number may choose among them, and the default may not; where the number could be in
/// several, the default may choose among them.
#[must_use]
pub fn resolve(person: Whereabouts<'_>, default: Option<&ZoneName>) -> Resolved {
    let found = |name: &str, source| name.parse().ok().map(|zone| (zone, source));
    let zone = match (person.stated, address::read(person)) {
        (Some(stated), _) => Some((stated.clone(), ZoneSource::List)),
        (None, Address::Zone(name)) => {
            return Resolved { zone: found(name, ZoneSource::Address), disagrees: disagrees(person, name) };
        }
        (None, Address::OneOf(zones)) => the_one(person.by_number)
            .filter(|name| zones.contains(name))
            .and_then(|name| found(name, ZoneSource::Number)),
        (None, Address::SaysNothing) => match the_one(person.by_number) {
            Some(name) => found(name, ZoneSource::Number),
            None => default
                .filter(|zone| person.by_number.is_empty() || person.by_number.contains(&zone.as_str()))
                .map(|zone| (zone.clone(), ZoneSource::Default)),
        },
    };
    Resolved { zone, disagrees: false }
}

/// Every zone that a person may live in, where [`resolve`] finds none without a default: what the address and the number both allow,
/// or, where they contradict each other, what either does. Empty when neither says anything.
#[must_use]
pub fn candidates(person: Whereabouts<'_>) -> Vec<ZoneName> {
    let by_number = || person.by_number.iter().copied();
    let names: Vec<&str> = match (person.stated, address::read(person)) {
        (Some(stated), _) => vec![stated.as_str()],
        (None, Address::Zone(name)) => vec![name],
        (None, Address::SaysNothing) => by_number().collect(),
        (None, Address::OneOf(zones)) => {
            let both: Vec<_> = by_number().filter(|name| zones.contains(name)).collect();
            if both.is_empty() { by_number().chain(zones.iter().copied()).collect() } else { both }
        }
    };
    names.into_iter().filter_map(|name| name.parse().ok()).collect()
}

/// The zone that all candidates are.
fn the_one<'a>(candidates: &[&'a str]) -> Option<&'a str> {
    let (first, others) = candidates.split_first()?;
    others.iter().all(|other| other == first).then_some(*first)
}

/// Whether the number is a fixed line of another zone than the address. The number's table does not tell Madeira from
/// the mainland, whose clock it shares.
fn disagrees(person: Whereabouts<'_>, zone: &str) -> bool {
    let zone = if zone == "Atlantic/Madeira" { "Europe/Lisbon" } else { zone };
    person.fixed_line && !person.by_number.is_empty() && !person.by_number.contains(&zone)
}

#[cfg(test)]
mod tests;

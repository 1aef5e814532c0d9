//! Which time zone a postal address lies in.

use super::Whereabouts;

/// What an address says of its zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Address {
    /// It lies in this one.
    Zone(&'static str),
    /// It lies in one of these.
    OneOf(&'static [&'static str]),
    /// Nothing.
    SaysNothing,
}

/// Reads the address of a person.
pub(super) fn read(person: Whereabouts<'_>) -> Address {
    match person.country {
        "FR" => person.postcode.map_or(Address::SaysNothing, french_postcode),
        // A postcode alone is an address, only not one that says a state.
        "US" => match (person.region, person.postcode) {
            (Some(state), _) => american_state(state),
            (None, Some(_)) => Address::OneOf(AMERICA),
            (None, None) => Address::SaysNothing,
        },
        "PT" => person.postcode.map_or(Address::SaysNothing, portuguese_postcode),
        _ => Address::SaysNothing,
    }
}

/// The zones of France: `zone.tab` of the IANA database for FR and the codes of the departments and territories
/// overseas.
const FRANCE: &[&str] = &[
    "Europe/Paris",
    "America/Guadeloupe",
    "America/Martinique",
    "America/Cayenne",
    "America/Miquelon",
    "Indian/Reunion",
    "Indian/Mayotte",
    "Pacific/Noumea",
    "Pacific/Wallis",
    "Pacific/Tahiti",
    "Pacific/Marquesas",
    "Pacific/Gambier",
];

/// Saint Barthélemy and Saint Martin (977, 978), Wallis and Futuna (986), Polynesia (987) and what may follow.
const FRANCE_ELSEWHERE: &[&str] =
    &["America/Guadeloupe", "Pacific/Wallis", "Pacific/Tahiti", "Pacific/Marquesas", "Pacific/Gambier"];

/// French postcodes: 97x and 98x are overseas, the rest is metropolitan France and Corsica.
/// Source: La Poste's postcode ranges; zones from the IANA database's `zone1970.tab`.
fn french_postcode(postcode: &str) -> Address {
    let mut digits = postcode.bytes().filter(u8::is_ascii_digit);
    let first = [digits.next(), digits.next(), digits.next()].map(|digit| digit.unwrap_or(b' '));
    if digits.count() != 2 {
        return Address::OneOf(FRANCE);
    }
    match &first {
        b"971" => Address::Zone("America/Guadeloupe"),
        b"972" => Address::Zone("America/Martinique"),
        b"973" => Address::Zone("America/Cayenne"),
        b"974" => Address::Zone("Indian/Reunion"),
        b"975" => Address::Zone("America/Miquelon"),
        b"976" => Address::Zone("Indian/Mayotte"),
        b"988" => Address::Zone("Pacific/Noumea"),
        [b'9', b'7' | b'8', _] => Address::OneOf(FRANCE_ELSEWHERE),
        _ => Address::Zone("Europe/Paris"),
    }
}

/// The zones of the United States: `zone.tab` of the IANA database for US and PR, in the names that numbers have.
const AMERICA: &[&str] = &[
    "America/New_York",
    "America/Chicago",
    "America/North_Dakota/Center",
    "America/Denver",
    "America/Boise",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "America/Juneau",
    "America/Adak",
    "Pacific/Honolulu",
    "America/Puerto_Rico",
];

/// States of the USA that lie in one zone; the fifteen that are split (Florida, Texas, Indiana, …) lie in one of a few.
/// Source: 49 CFR part 71 (zone limits), read with the IANA database's `zone1970.tab`.
fn american_state(state: &str) -> Address {
    match state.trim().to_ascii_uppercase().as_str() {
        "CA" | "WA" => Address::Zone("America/Los_Angeles"),
        "HI" => Address::Zone("Pacific/Honolulu"),
        "CO" | "MT" | "NM" | "UT" | "WY" => Address::Zone("America/Denver"),
        "AL" | "AR" | "IA" | "IL" | "LA" | "MN" | "MO" | "MS" | "OK" | "WI" => Address::Zone("America/Chicago"),
        "CT" | "DC" | "DE" | "GA" | "MA" | "MD" | "ME" | "NC" | "NH" | "NJ" | "NY" | "OH" | "PA" | "RI" | "SC"
        | "VA" | "VT" | "WV" => Address::Zone("America/New_York"),
        // West Wendover and Jackpot keep mountain time.
        "NV" => Address::OneOf(&["America/Los_Angeles", "America/Denver"]),
        // The Navajo Nation keeps daylight saving.
        "AZ" => Address::OneOf(&["America/Phoenix", "America/Denver"]),
        "FL" | "IN" | "KY" | "MI" | "TN" => Address::OneOf(&["America/New_York", "America/Chicago"]),
        "KS" | "NE" | "SD" | "TX" => Address::OneOf(&["America/Chicago", "America/Denver"]),
        "ND" => Address::OneOf(&["America/Chicago", "America/North_Dakota/Center", "America/Denver"]),
        "ID" | "OR" => Address::OneOf(&["America/Los_Angeles", "America/Boise", "America/Denver"]),
        "AK" => Address::OneOf(&["America/Anchorage", "America/Juneau", "America/Adak"]),
        "" => Address::SaysNothing,
        _ => Address::OneOf(AMERICA),
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
        _ => Address::OneOf(&["Europe/Lisbon", "Atlantic/Madeira", "Atlantic/Azores"]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_zone_of_the_tables_exists() {
        let mut addresses = vec![Address::OneOf(FRANCE), Address::OneOf(FRANCE_ELSEWHERE), Address::OneOf(AMERICA)];
        for number in 0..100_000 {
            addresses.push(french_postcode(&format!("{number:05}")));
        }
        for (first, second) in ('A'..='Z').flat_map(|first| ('A'..='Z').map(move |second| (first, second))) {
            addresses.push(american_state(&format!("{first}{second}")));
        }
        addresses.extend(["9000-001", "9500-321", "1000-001", "1"].map(portuguese_postcode));
        addresses.dedup();
        for address in addresses {
            let zones = match &address {
                Address::Zone(zone) => std::slice::from_ref(zone),
                Address::OneOf(zones) => zones,
                Address::SaysNothing => &[],
            };
            for zone in zones {
                assert!(zone.parse::<crate::zone::ZoneName>().is_ok(), "{zone}");
            }
        }
    }
}

//! The time zones in which a number may be answered, by its first digits.
//!
//! The table is libphonenumber's, written by `scripts/zones_by_number.py`. It says where a number was issued. Only a
//! geographic number stays there: for others the table's longer prefixes are wrong (Russian mobile numbers in Moscow's
//! zone, Australian ones in Sydney's), and all zones of the calling code are the answer.

mod table;

use relance_domain::E164;
use rlibphonenumber::PHONE_NUMBER_UTIL;

use table::TABLE;

/// The digits that the longest prefix of the table has.
const PREFIX_DIGITS_MAX: usize = 9;

/// The zones, by their names in the IANA database, in which a number may be answered; none where the table does not
/// know its first digits. Takes a microsecond more where the calling code has several zones.
#[must_use]
pub fn zones(number: &E164) -> &'static [&'static str] {
    let digits = number.reveal().bytes().skip(1).take(PREFIX_DIGITS_MAX);
    let longest = digits.fold(0, |prefix, digit| prefix * 10 + u32::from(digit - b'0'));
    let prefixes = std::iter::successors(Some(longest), |prefix| Some(prefix / 10)).take_while(|prefix| *prefix > 0);
    let mut found = prefixes.filter_map(|prefix| TABLE.zones(prefix));
    let Some(of_number) = found.next() else { return &[] };
    match found.last() {
        Some(of_calling_code) if !is_geographic(number) => of_calling_code,
        _ => of_number,
    }
}

fn is_geographic(number: &E164) -> bool {
    PHONE_NUMBER_UTIL.parse(number.reveal(), None).is_ok_and(|number| number.is_geographical())
}

#[cfg(test)]
mod tests {
    use relance_domain::ZoneName;

    use super::*;

    fn of(number: &str) -> &'static [&'static str] {
        zones(&E164::parse(number).expect("a number"))
    }

    #[test]
    fn a_geographic_number_has_the_zone_it_was_issued_in() {
        for (number, zones) in [
            ("+33612345678", &["Europe/Paris"][..]),
            ("+33199001234", &["Europe/Paris"]),
            ("+493012345678", &["Europe/Berlin"]),
            ("+441212345678", &["Europe/London"]),
            ("+441534456789", &["Europe/Jersey"]),
            ("+19495550122", &["America/Los_Angeles"]),
            ("+34810123456", &["Europe/Madrid"]),
            ("+34922123456", &["Atlantic/Canary"]),
            ("+262262161234", &["Indian/Reunion"]),
            ("+590590201234", &["America/Guadeloupe"]),
            ("+912212345678", &["Asia/Kolkata"]),
            ("+74951234567", &["Europe/Moscow"]),
        ] {
            assert_eq!(of(number), zones, "{number}");
        }
        assert!(of("+99912345678").is_empty());
    }

    #[test]
    fn another_number_has_all_zones_of_its_calling_code() {
        for (number, zones) in [
            ("+447400123456", &["Europe/London"][..]),
            ("+34612345678", &["Atlantic/Canary", "Europe/Madrid"]),
            ("+351912345678", &["Atlantic/Azores", "Europe/Lisbon"]),
            ("+262692123456", &["Indian/Mayotte", "Indian/Reunion"]),
        ] {
            assert_eq!(of(number), zones, "{number}");
        }
        for (number, count) in [("+79161234567", 16), ("+78003012345", 16), ("+61412345678", 8), ("+18002345678", 42)] {
            assert_eq!(of(number).len(), count, "{number}");
        }
    }

    #[test]
    fn every_calling_code_is_in_the_table() {
        // Those without a place: international toll-free, shared-cost, satellite and conference numbers.
        let nowhere = [800, 808, 870, 878, 881, 882, 883, 888, 979];
        for code in PHONE_NUMBER_UTIL.get_supported_calling_codes().filter(|code| !nowhere.contains(code)) {
            assert!(TABLE.zones(code.unsigned_abs()).is_some(), "+{code}");
        }
    }

    #[test]
    fn every_zone_of_the_table_exists_under_its_current_name() {
        for zones in TABLE.all() {
            assert!(!zones.is_empty());
            for zone in zones {
                assert_eq!(zone.parse::<ZoneName>().map(|name| name.to_string()), Ok((*zone).to_owned()));
            }
        }
    }
}

//! From one cell of a phone column to one number.
//!
//! A cleaner stands in front of the library, because even Google's numbering rules take a date for a German number and
//! read letters as keypad digits. What is refused here is never dialled; what is taken is what a careful person would
//! dial.

mod clean;

use std::fmt;
use std::str::FromStr;

use relance_domain::E164;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, PhoneNumberType, Region};

use clean::Cleaned;

/// A country whose numbering plan national numbers are read in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Country {
    region: Region,
    calling_code: i32,
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
                Some(Self { region, calling_code: PHONE_NUMBER_UTIL.get_country_code_for_region(region)? })
            })
            .ok_or_else(|| UnknownCountry(code.to_owned()))
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.region.as_region_str().as_str())
    }
}

/// Why a cell holds no number to call. Never repeats the cell.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PhoneProblem {
    /// The cell is empty.
    #[error("there is no number")]
    Missing,
    /// A letter stands where a digit should.
    #[error("letters stand in the number: write its digits only")]
    Letter,
    /// Another sign that no number has.
    #[error(
        "the cell is not one number: write its digits, with at most spaces, dots, hyphens and parentheses between them"
    )]
    Sign,
    /// It is a date.
    #[error("this is a date: is the column the right one?")]
    Date,
    /// A spreadsheet rounded it.
    #[error(
        "a spreadsheet has rounded the number and its last digits are lost: format the column as text and export again"
    )]
    DigitsLost,
    /// It holds more than one number.
    #[error("the cell holds more than one number: keep one, or put the others on rows of their own")]
    Several,
    /// It has more digits than any number.
    #[error("there are more digits than any number has: a number has at most 15 with its country code")]
    TooLong,
    /// With and without a plus it is two different numbers.
    #[error(
        "it can be read as a national and as an international number: write + and the country code, or the leading 0"
    )]
    Unclear,
    /// The numbering plan has no such number.
    #[error("no such number exists: write it as it is dialled in {0}, or with + and its country code")]
    Invalid(Country),
    /// A number that people are not called on.
    #[error("this is a {0} number, on which people are not called: give a mobile or fixed line")]
    Kind(&'static str),
    /// The country to read it in is none.
    #[error(transparent)]
    Country(#[from] UnknownCountry),
}

/// Reads a cell that holds one number, as it is dialled in `country` (ISO 3166-1 alpha-2) or abroad. An extension
/// (`poste 12`, `ext. 12`) is understood and left out: the result is the number to dial first.
pub fn normalise(cell: &str, country: &str) -> Result<E164, PhoneProblem> {
    read(cell, country.parse()?)
}

/// [`normalise`] with the country looked up already: what a reader of many rows uses.
pub fn read(cell: &str, country: Country) -> Result<E164, PhoneProblem> {
    let text = clean::plain(cell)?;
    if text.is_empty() {
        return Err(PhoneProblem::Missing);
    }
    if clean::is_date(&text) {
        return Err(PhoneProblem::Date);
    }
    let parts = clean::parts(&text);
    let whole = one_number(if parts.len() == 1 { parts[0] } else { &text }, country);
    // Two numbers, or one and a piece of another that a plan without fixed lengths would take for one long number.
    let is_another = |part: &&str| one_number(part, country).is_ok_and(|number| whole.as_ref() != Ok(&number));
    if parts.len() > 1 && parts.iter().any(is_another) {
        return Err(PhoneProblem::Several);
    }
    whole
}

fn one_number(text: &str, country: Country) -> Result<E164, PhoneProblem> {
    let Cleaned { digits, plus } = clean::digits(text)?;
    let number = match (plus, digits.strip_prefix("00")) {
        (true, _) => international(&digits),
        (false, Some(rest)) => international(rest).or_else(|| national(&digits, country)),
        (false, None) => clear(&digits, country)?,
    };
    let number = number.ok_or(PhoneProblem::Invalid(country))?;
    if let Some(kind) = refused_kind(number.get_type()) {
        return Err(PhoneProblem::Kind(kind));
    }
    E164::parse(&number.format_as(PhoneNumberFormat::E164)).map_err(|_| PhoneProblem::Invalid(country))
}

/// Reads digits without a plus. Where a plan has no fixed lengths, digits that begin with the country's own calling
/// code may be valid both as they stand and behind a plus (47.5 % of German numbers written so): then nobody knows
/// which is meant.
fn clear(digits: &str, country: Country) -> Result<Option<PhoneNumber>, PhoneProblem> {
    let as_national = national(digits, country);
    if !digits.starts_with(&country.calling_code.to_string()) {
        return Ok(as_national);
    }
    match (as_national, international(digits)) {
        (Some(national), Some(international)) if national != international => Err(PhoneProblem::Unclear),
        (national, international) => Ok(national.or(international)),
    }
}

fn national(digits: &str, country: Country) -> Option<PhoneNumber> {
    PHONE_NUMBER_UTIL.parse(digits, Some(country.region)).ok().filter(exists)
}

fn international(digits: &str) -> Option<PhoneNumber> {
    PHONE_NUMBER_UTIL.parse(format!("+{digits}"), None).ok().filter(exists)
}

fn exists(number: &PhoneNumber) -> bool {
    number.is_valid() || is_french_mobile_of_fiction(number)
}

/// 06 39 98 00 00 to 06 39 98 99 99: the mobile numbers that the French numbering plan (Arcep) keeps for works of
/// fiction. Samples and demonstrations use them, but the library's rules know no mobile numbers in 06 39 under +33. The
/// ranges for fixed lines (01 99 00, 02 61 91, 03 53 01, 04 65 71, 05 36 49) are valid by those rules.
fn is_french_mobile_of_fiction(number: &PhoneNumber) -> bool {
    number.country_code == 33 && number.national_number / 10_000 == 6_39_98
}

fn refused_kind(kind: PhoneNumberType) -> Option<&'static str> {
    match kind {
        PhoneNumberType::PremiumRate => Some("premium-rate"),
        PhoneNumberType::SharedCost => Some("shared-cost"),
        PhoneNumberType::UAN => Some("company access"),
        PhoneNumberType::Pager => Some("pager"),
        PhoneNumberType::VoiceMail => Some("voicemail access"),
        PhoneNumberType::FixedLine
        | PhoneNumberType::Mobile
        | PhoneNumberType::FixedLineOrMobile
        | PhoneNumberType::TollFree
        | PhoneNumberType::VoIP
        | PhoneNumberType::PersonalNumber
        | PhoneNumberType::Unknown => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn e164(cell: &str, country: &str) -> Result<String, PhoneProblem> {
        normalise(cell, country).map(|number| number.reveal().to_owned())
    }

    fn all_read(country: &str, cells: &[&str], number: &str) {
        for cell in cells {
            assert_eq!(e164(cell, country), Ok(number.to_owned()), "{cell:?} in {country}");
        }
    }

    #[test]
    fn reads_numbers_as_people_write_them() {
        all_read(
            "FR",
            &[
                "06 12 34 56 78",
                "06.12.34.56.78",
                "06-12-34-56-78",
                "06/12/34/56/78",
                "0612345678",
                "612345678",
                "+33612345678",
                "+33 6 12 34 56 78",
                "33 612 345 678",
                "(+33) 6 12 34 56 78",
                "06 12 34 56 78 /",
            ],
            "+33612345678",
        );
        all_read("US", &["(949) 555-0122", "949.555.0122", "1-949-555-0122", "+1 949 555 0122"], "+19495550122");
    }

    #[test]
    fn repairs_what_spreadsheets_do() {
        let cells = [
            "33612345678",
            "33612345678.0",
            "33612345678,00",
            "612345678",
            "612345678.0",
            "3.3612345678E+10",
            "3,3612345678e10",
            "'0612345678",
            "=\"0612345678\"",
            "\"06 12 34 56 78\"",
            "’0612345678",
        ];
        all_read("FR", &cells, "+33612345678");
        for lost in ["3,36123E+10", "3.36123E+10", "3E+10", "3.36123456789E+10", "6.12E+8"] {
            assert_eq!(e164(lost, "FR"), Err(PhoneProblem::DigitsLost), "{lost}");
        }
    }

    #[test]
    fn reads_international_prefixes_and_trunk_zeros() {
        for country in ["FR", "US", "RU", "DE", "IT", "BR"] {
            all_read(country, &["0033612345678", "00 33 6 12 34 56 78"], "+33612345678");
        }
        all_read("US", &["011 33 6 12 34 56 78"], "+33612345678");
        all_read("RU", &["810 33 6 12 34 56 78"], "+33612345678");
        all_read("FR", &["+33 (0)6 12 34 56 78", "+330612345678", "0033 (0)6 12 34 56 78"], "+33612345678");
        all_read("IT", &["06 6982 0000", "+39 06 69820000"], "+390669820000");
    }

    #[test]
    fn cuts_labels_and_extensions_and_never_appends_their_digits() {
        let cells = [
            "Tél : 0612345678",
            "tel:+33-6-12-34-56-78",
            "Tél. portable: 06 12 34 56 78",
            "06 12 34 56 78 (bureau)",
            "(bureau) 06 12 34 56 78",
            "06 12 34 56 78 poste 12",
            "06 12 34 56 78 доб. 5",
            "0612345678x5",
            "06 12 34 56 78 ext. 165",
            "06 12 34 56 78 (ext 5)",
            "0612345678 #5",
            "+33612345678;ext=7",
            "N° 0612345678",
        ];
        all_read("FR", &cells, "+33612345678");
        all_read("DE", &["030 1234567 (bureau)", "030 1234567 Durchwahl 12"], "+49301234567");
    }

    #[test]
    fn reads_the_signs_that_typography_puts_in() {
        let cells = [
            "06\u{202f}12\u{202f}34\u{202f}56\u{202f}78",
            "06\u{a0}12\u{a0}34\u{a0}56\u{a0}78",
            "06‑12‑34‑56‑78",
            "06–12–34–56–78",
            "０６１２３４５６７８",
            "\u{202a}+33612345678\u{202c}",
            "\u{200e}06\u{200b}12345678\u{feff}",
            "٠٦١٢٣٤٥٦٧٨",
            "۰۶۱۲۳۴۵۶۷۸",
            "06·12·34·56·78",
        ];
        all_read("FR", &cells, "+33612345678");
    }

    #[test]
    fn refuses_letters_in_the_number() {
        for cell in [
            "O6 12 34 56 78",
            "06 12 34 56 7X",
            "06 l2 34 56 78",
            "1-800-FLOWERS",
            "néant",
            "n/a",
            "06 12 mob 34 56 78",
        ] {
            assert_eq!(e164(cell, "FR"), Err(PhoneProblem::Letter), "{cell}");
        }
    }

    #[test]
    fn russian_numbers_keep_their_eight() {
        all_read("RU", &["8 (812) 123-45-67", "+7 812 123-45-67", "812 123-45-67", "7 812 123 45 67"], "+78121234567");
        all_read("RU", &["8 (800) 555-35-35", "+7 800 555-35-35"], "+78005553535");
    }

    #[test]
    fn refuses_what_nobody_may_or_can_be_called_on() {
        for (cell, kind) in [("0899 70 01 23", "premium-rate"), ("0820 20 20 20", "shared-cost")] {
            assert_eq!(e164(cell, "FR"), Err(PhoneProblem::Kind(kind)), "{cell}");
        }
        for cell in
            ["112", "15", "0000000000", "12345", "01 99 00", "06 39 98 1", "+33 6 39 98 00 00 00 11", "+999 123456789"]
        {
            assert_eq!(e164(cell, "FR"), Err(PhoneProblem::Invalid("FR".parse().expect("a country"))), "{cell}");
        }
        assert_eq!(e164("+33 6 12 34 56 78 99 99 99 99", "FR"), Err(PhoneProblem::TooLong));
        assert_eq!(e164(&"1".repeat(500), "FR"), Err(PhoneProblem::TooLong));
    }

    #[test]
    fn refuses_dates_empty_cells_and_signs() {
        for country in ["FR", "US", "DE"] {
            for date in ["06/06/1972", "13/10/1999", "1999-10-13", "13.10.99"] {
                assert_eq!(e164(date, country), Err(PhoneProblem::Date), "{date} in {country}");
            }
        }
        for empty in ["", "  ", "\u{a0}", "\u{feff}", "\"\"", "'"] {
            assert_eq!(e164(empty, "FR"), Err(PhoneProblem::Missing), "{empty:?}");
        }
        for wrong in ["-", "+", "06•••••78", "06*12345678", "06+12345678", "33,612,345,678"] {
            assert_eq!(e164(wrong, "FR"), Err(PhoneProblem::Sign), "{wrong}");
        }
    }

    #[test]
    fn refuses_two_numbers_rather_than_choosing() {
        let two = [
            "06 12 34 56 78 / 01 45 67 89 10",
            "0612345678;0145678910",
            "0612345678 ou 0145678910",
            "0612345678\n0145678910",
        ];
        for cell in
            two.into_iter().chain(["06 12 34 56 78  01 45 67 89 10", "0612345678|0145678910", "0612345678, 01 45"])
        {
            assert_eq!(e164(cell, "FR"), Err(PhoneProblem::Several), "{cell:?}");
        }
        assert_eq!(e164("030 1234567 / 8", "DE"), Err(PhoneProblem::Several));
        all_read("DE", &["030/1234567", "030 / 1234567"], "+49301234567");
    }

    #[test]
    fn takes_the_numbers_of_fiction() {
        all_read("FR", &["06 39 98 12 34", "639981234", "33639981234", "0033 6 39 98 12 34"], "+33639981234");
        all_read("US", &["+33 6 39 98 12 34"], "+33639981234");
        all_read("FR", &["01 99 00 12 34"], "+33199001234");
        for outside in ["06 39 97 99 99", "06 39 99 00 00", "06 39 98 123"] {
            assert!(matches!(e164(outside, "FR"), Err(PhoneProblem::Invalid(_))), "{outside}");
        }
    }

    #[test]
    fn refuses_digits_that_are_two_numbers() {
        assert_eq!(e164("4917791589104", "DE"), Err(PhoneProblem::Unclear));
        all_read("DE", &["+4917791589104", "004917791589104", "017791589104"], "+4917791589104");
    }

    #[test]
    fn a_country_is_one_with_a_numbering_plan() {
        assert_eq!("fr".parse::<Country>().map(|country| country.to_string()), Ok("FR".to_owned()));
        for wrong in ["", "F", "FRA", "XX", "001", "É"] {
            assert!(matches!(e164("0612345678", wrong), Err(PhoneProblem::Country(_))), "{wrong}");
        }
    }
}

//! From bare digits to one number of a numbering plan.

use relance_domain::E164;
use relance_domain::list::Remark;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, PhoneNumberType, Region};

use super::clean::Digits;
use super::{Country, Habit, PhoneProblem};

/// A number that people may be called on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) e164: E164,
    /// What was put before its digits.
    pub(super) remark: Option<Remark>,
    /// Whether it is a fixed line and can be no mobile phone.
    pub(super) fixed_line: bool,
}

/// A number that exists.
struct Found {
    e164: String,
    kind: PhoneNumberType,
}

/// Reads the digits as the column's habit and the country's plan say.
pub(super) fn read(digits: &Digits, country: Country, habit: Habit) -> Result<Number, PhoneProblem> {
    let text = digits.as_str();
    let lacks_plus = habit.plus && !digits.plus() && !text.starts_with('0');
    let found = if digits.plus() || lacks_plus {
        international(digits.with_plus())
    } else if let Some(rest) = text.strip_prefix("00") {
        international(&format!("+{rest}")).or_else(|| national(text, country))
    } else {
        clear(digits, country)?
    };
    let found = found.ok_or(PhoneProblem::Invalid(country))?;
    if let Some(kind) = refused_kind(found.kind) {
        return Err(PhoneProblem::Kind(kind));
    }
    let e164 = E164::parse(&found.e164).map_err(|_| PhoneProblem::Invalid(country))?;
    let remark = if lacks_plus { Some(Remark::PlusRestored) } else { restored(digits, &e164, country) };
    Ok(Number { e164, remark, fixed_line: found.kind == PhoneNumberType::FixedLine })
}

/// Reads digits without a plus. Where a plan has no fixed lengths, digits that begin with the country's own calling
/// code may be valid both as they stand and behind a plus (47.5 % of German numbers written so): then nobody knows
/// which is meant.
fn clear(digits: &Digits, country: Country) -> Result<Option<Found>, PhoneProblem> {
    let as_national = national(digits.as_str(), country);
    let begins_abroad = digits.as_str().starts_with(country.calling_code.to_string().as_str());
    if !begins_abroad || as_national.as_ref().is_some_and(|found| found.e164 == digits.with_plus()) {
        return Ok(as_national);
    }
    match (as_national, international(digits.with_plus())) {
        (Some(national), Some(international)) if national.e164 != international.e164 => Err(PhoneProblem::Unclear),
        (national, international) => Ok(national.or(international)),
    }
}

/// What bare digits are a number as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Readings {
    /// Behind a plus.
    pub(super) behind_plus: bool,
    /// As they stand, in the country's own plan and without its calling code in front. Never where they are a mobile
    /// number of the country behind a plus: all German ones are fixed lines too, if one takes them for bare.
    pub(super) as_they_stand: bool,
}

/// Both readings of digits without plus or leading 0.
pub(super) fn readings(digits: &Digits, country: Country) -> Readings {
    let at_home = format!("+{}", country.calling_code);
    let international = international(digits.with_plus()).filter(|found| refused_kind(found.kind).is_none());
    let mobile = international
        .as_ref()
        .is_some_and(|found| found.kind == PhoneNumberType::Mobile && found.e164.starts_with(&at_home));
    // Under +1 the code is also what is dialled at home.
    let stands = |found: Found| country.calling_code == 1 || found.e164 != digits.with_plus();
    let as_they_stand = !mobile && national(digits.as_str(), country).is_some_and(stands);
    Readings { behind_plus: international.is_some(), as_they_stand }
}

/// What was put before digits that stood alone to make the number. Under +1 the code is also what is dialled at home.
fn restored(digits: &Digits, e164: &E164, country: Country) -> Option<Remark> {
    let text = digits.as_str();
    if digits.plus() || text.starts_with('0') {
        return None;
    }
    if e164.reveal() == digits.with_plus() {
        return (country.calling_code != 1).then_some(Remark::PlusRestored);
    }
    let code = e164.reveal().strip_suffix(text)?.strip_prefix('+')?;
    (country.trunk_zero && code.parse() == Ok(country.calling_code)).then_some(Remark::LeadingZeroRestored)
}

fn national(digits: &str, country: Country) -> Option<Found> {
    existing(digits, Some(overseas(digits, country.region).unwrap_or(country.region)))
}

/// The overseas territory of a number that is written as it is dialled within France: those numbers have a calling code of their
/// own, and other clocks (decision 2018-0881 of Arcep, the French numbering plan).
fn overseas(digits: &str, region: Region) -> Option<Region> {
    let digits = digits.strip_prefix('0').unwrap_or(digits);
    if region != Region::FR || digits.len() != 9 {
        return None;
    }
    match digits.get(..3)? {
        "590" | "690" | "691" => Some(Region::GP),
        "594" | "694" => Some(Region::GF),
        "596" | "696" | "697" => Some(Region::MQ),
        "262" | "263" | "269" | "692" | "693" => Some(Region::RE),
        "639" if !digits.starts_with("63998") => Some(Region::RE),
        _ => None,
    }
}

fn international(digits: &str) -> Option<Found> {
    existing(digits, None)
}

/// The number, if there is one. It is valid just where it has a type: the library's `is_valid` asks for the type too,
/// and asking once takes 0.6 µs less.
fn existing(digits: &str, region: Option<Region>) -> Option<Found> {
    let number = PHONE_NUMBER_UTIL.parse(digits, region).ok()?;
    let kind = number.get_type();
    (kind != PhoneNumberType::Unknown || is_french_mobile_of_fiction(&number))
        .then(|| Found { e164: number.format_as(PhoneNumberFormat::E164).into_owned(), kind })
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

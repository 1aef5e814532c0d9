//! Postal codes, with what spreadsheets take from them.

use super::text;

/// A postal code in the form of its country (ISO 3166-1 alpha-2): leading zeros that a spreadsheet dropped are put
/// back, a fraction that it added is cut. What has not the country's form stays as it stands. Errors as
/// [`super::read`].
pub(crate) fn postcode(cell: &str, country: &str) -> Result<String, String> {
    let text = text(cell)?;
    let code = text.strip_suffix(".0").unwrap_or(&text);
    let tight: String = code.chars().filter(|c| *c != ' ').collect();
    let is_digits = tight.bytes().all(|b| b.is_ascii_digit());
    let formed = match country {
        "FR" | "MC" | "DE" | "ES" if is_digits && matches!(tight.len(), 4 | 5) => Some(format!("{tight:0>5}")),
        "IT" if is_digits && matches!(tight.len(), 3..=5) => Some(format!("{tight:0>5}")),
        "RU" if is_digits && tight.len() == 6 => Some(tight),
        "US" => american(&tight),
        "GB" => british(&tight),
        _ => None,
    };
    Ok(formed.unwrap_or_else(|| code.to_owned()))
}

/// Five digits, or nine with a hyphen. No code has more than two leading zeros (00501 is the lowest).
fn american(tight: &str) -> Option<String> {
    let is_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let (area, place) = match tight.split_once('-') {
        Some((area, place)) => (area, place),
        None if is_digits(tight) && (7..=9).contains(&tight.len()) => tight.split_at(tight.len() - 4),
        None => (tight, ""),
    };
    if !is_digits(area) || !is_digits(place) || !(3..=5).contains(&area.len()) || !matches!(place.len(), 0 | 4) {
        return None;
    }
    Some(if place.is_empty() { format!("{area:0>5}") } else { format!("{area:0>5}-{place}") })
}

/// Two to four letters and digits, a space, then a digit and two letters.
fn british(tight: &str) -> Option<String> {
    let code = tight.to_ascii_uppercase();
    if !code.is_ascii() || !(5..=7).contains(&code.len()) {
        return None;
    }
    let (outward, inward) = code.split_at(code.len() - 3);
    let ends_well = matches!(inward.as_bytes(), [digit, a, b]
        if digit.is_ascii_digit() && a.is_ascii_uppercase() && b.is_ascii_uppercase());
    let begins_well = outward.starts_with(|c: char| c.is_ascii_uppercase())
        && outward.bytes().all(|b| b.is_ascii_alphanumeric())
        && outward.bytes().any(|b| b.is_ascii_digit());
    (ends_well && begins_well).then(|| format!("{outward} {inward}"))
}

/// Whether a cell is a postal code of the country as people write it. False for countries whose form is not known here.
pub(crate) fn is_postcode(cell: &str, country: &str) -> bool {
    let cell = cell.trim();
    let digits = |length: usize| cell.len() == length && cell.bytes().all(|b| b.is_ascii_digit());
    match country {
        "FR" | "MC" => digits(5) && !cell.starts_with("00") && !cell.starts_with("99"),
        "DE" | "ES" | "IT" => digits(5),
        "RU" => digits(6) && matches!(cell.as_bytes()[0], b'1'..=b'6'),
        "US" => digits(5) || (cell.len() == 10 && cell.contains('-') && american(cell).is_some()),
        "GB" => cell.len() <= 8 && british(&cell.replace(' ', "")).is_some(),
        _ => false,
    }
}

//! What a cell must hold, and the one form in which it is kept.

use jiff::civil::Date;
use relance_domain::definition::FieldKind;
use relance_domain::{Currency, Money};

/// The longest text of a cell.
pub(crate) const TEXT_CHARACTERS_MAX: usize = 1_000;

/// How the cells of a file are to be understood.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Habits {
    /// The currency of its amounts.
    pub(crate) currency: Currency,
    /// Whether `03/04/2026` is the third of April. In the USA it could be the fourth of March: only ISO dates are
    /// taken.
    pub(crate) day_first: bool,
}

/// Reads a trimmed, non-empty cell. Gives the form that is kept, or what was wrong and what would be right, as the end
/// of a sentence that begins with the masked cell.
pub(crate) fn read(cell: &str, kind: &FieldKind, habits: Habits) -> Result<String, String> {
    match kind {
        FieldKind::Text => text(cell),
        FieldKind::Integer => integer(cell),
        FieldKind::Money => money(cell, habits.currency),
        FieldKind::Date => date(cell, habits.day_first),
        FieldKind::YesNo => yes_no(cell),
        FieldKind::Choice(choices) => choice(cell, choices),
    }
}

pub(crate) fn text(cell: &str) -> Result<String, String> {
    // A text has at most as many characters as bytes.
    if cell.len() > TEXT_CHARACTERS_MAX && cell.chars().count() > TEXT_CHARACTERS_MAX {
        return Err(format!("is too long: write at most {TEXT_CHARACTERS_MAX} characters"));
    }
    Ok(cell.to_owned())
}

fn integer(cell: &str) -> Result<String, String> {
    cell.parse::<i64>()
        .map(|number| number.to_string())
        .map_err(|_| "is not a whole number: write digits, as in 12".to_owned())
}

fn money(cell: &str, currency: Currency) -> Result<String, String> {
    Money::parse(cell, currency).map(|money| money.amount()).map_err(|_| {
        let (decimals, example) =
            if currency.decimals() == 0 { ("no", "25") } else { ("a dot or comma before the", "24.99") };
        format!("is not an amount in {currency}: write digits and {decimals} decimals, as in {example}")
    })
}

fn date(cell: &str, day_first: bool) -> Result<String, String> {
    let read = iso_date(cell).or_else(|| day_first.then(|| day_first_date(cell)).flatten());
    read.map(|date| date.to_string()).ok_or_else(|| {
        let also = if day_first { " or 23/11/2026" } else { "" };
        format!("is not a date: write 2026-11-23{also}")
    })
}

fn iso_date(cell: &str) -> Option<Date> {
    let mut parts = cell.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    (parts.next().is_none() && [year.len(), month.len(), day.len()] == [4, 2, 2])
        .then(|| civil(year, month, day))
        .flatten()
}

fn day_first_date(cell: &str) -> Option<Date> {
    let between = cell.chars().find(|c| matches!(c, '/' | '.'))?;
    let mut parts = cell.split(between);
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    (parts.next().is_none() && year.len() == 4 && day.len() <= 2 && month.len() <= 2)
        .then(|| civil(year, month, day))
        .flatten()
}

fn civil(year: &str, month: &str, day: &str) -> Option<Date> {
    let is_number = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if ![year, month, day].into_iter().all(is_number) {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

fn yes_no(cell: &str) -> Result<String, String> {
    match cell.to_lowercase().as_str() {
        "yes" | "oui" | "true" | "1" => Ok("yes".to_owned()),
        "no" | "non" | "false" | "0" => Ok("no".to_owned()),
        _ => Err("is neither yes nor no: write yes or no, oui or non, true or false, 1 or 0".to_owned()),
    }
}

fn choice(cell: &str, choices: &[String]) -> Result<String, String> {
    let lower = cell.to_lowercase();
    let found = choices.iter().find(|choice| choice.to_lowercase() == lower);
    found.cloned().ok_or_else(|| format!("is not one of the choices: write {}", choices.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_in(currency: &str, day_first: bool, cell: &str, kind: &FieldKind) -> Result<String, String> {
        read(cell, kind, Habits { currency: currency.parse().expect("a currency"), day_first })
    }

    fn kept(cells: &[(&str, &str)], kind: &FieldKind) {
        for (cell, kept) in cells {
            assert_eq!(read_in("EUR", true, cell, kind), Ok((*kept).to_owned()), "{cell}");
        }
    }

    fn refused(cells: &[&str], kind: &FieldKind, right: &str) {
        for cell in cells {
            let error = read_in("EUR", true, cell, kind).expect_err(cell);
            assert!(error.contains(right) && !error.contains(cell), "{cell}: {error}");
        }
    }

    #[test]
    fn amounts_and_whole_numbers() {
        kept(&[("24,99", "24.99"), ("24.9", "24.90"), ("30", "30.00"), ("-3", "-3.00")], &FieldKind::Money);
        refused(&["1 000,00", "1,000.00", "dix", "24,999"], &FieldKind::Money, "as in 24.99");
        assert!(read_in("JPY", true, "2.5", &FieldKind::Money).is_err_and(|error| error.ends_with("as in 25")));
        kept(&[("12", "12"), ("-4", "-4"), ("007", "7")], &FieldKind::Integer);
        refused(&["12.0", "1 000", "abc", "99999999999999999999"], &FieldKind::Integer, "as in 12");
    }

    #[test]
    fn dates_are_never_guessed() {
        kept(
            &[
                ("2026-11-23", "2026-11-23"),
                ("23/11/2026", "2026-11-23"),
                ("3.4.2026", "2026-04-03"),
                ("29/02/2024", "2024-02-29"),
            ],
            &FieldKind::Date,
        );
        let wrong = [
            "11/23/2026",
            "29/02/2026",
            "24/11/26",
            "2025-12",
            "2026-11-24T00:00",
            "46349",
            "+1/01/2026",
            "1/1/1/2026",
        ];
        refused(&wrong, &FieldKind::Date, "2026-11-23 or 23/11/2026");
        assert_eq!(read_in("USD", false, "2026-11-23", &FieldKind::Date), Ok("2026-11-23".to_owned()));
        for wrong in ["11/12/2026", "23/11/2026"] {
            let error = read_in("USD", false, wrong, &FieldKind::Date).expect_err(wrong);
            assert_eq!(error, "is not a date: write 2026-11-23");
        }
    }

    #[test]
    fn yes_no_and_choices() {
        kept(
            &[("Oui", "yes"), ("YES", "yes"), ("1", "yes"), ("non", "no"), ("False", "no"), ("0", "no")],
            &FieldKind::YesNo,
        );
        refused(&["peut-être", "2"], &FieldKind::YesNo, "write yes or no");
        let choices = FieldKind::Choice(vec!["Fibre".to_owned(), "ADSL".to_owned(), "Câble".to_owned()]);
        kept(&[("fibre", "Fibre"), ("adsl", "ADSL"), ("CÂBLE", "Câble")], &choices);
        refused(&["cable", "none"], &choices, "write Fibre, ADSL, Câble");
    }

    #[test]
    fn a_text_has_at_most_a_thousand_characters() {
        assert_eq!(text(&"é".repeat(1_000)).map(|kept| kept.chars().count()), Ok(1_000));
        assert!(text(&"é".repeat(1_001)).is_err());
    }
}

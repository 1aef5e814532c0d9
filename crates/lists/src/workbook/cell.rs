//! A cell of a workbook as text: as a person would type it, and never more digits than the cell has.

use std::fmt::Write;

use calamine::{DataType, ExcelDateTime, ExcelDateTimeType};
use jiff::civil::Date;

/// Puts a cell's text at the end of `text`. Nothing is evaluated: a formula is the value that was stored with it, an
/// error is empty.
pub(super) fn write(value: &impl DataType, text: &mut String) {
    if let Some(string) = value.get_string() {
        text.push_str(string);
    } else if let Some(whole) = value.get_int() {
        write_number(whole as f64, text);
    } else if let Some(number) = value.get_float() {
        write_number(number, text);
    } else if let Some(truth) = value.get_bool() {
        text.push_str(if truth { "true" } else { "false" });
    } else if let Some(date) = value.get_datetime() {
        write_excel_date(&date, text);
    } else if let Some(date) = value.get_datetime_iso() {
        write_iso_date(date, text);
    } else if let Some(duration) = value.get_duration_iso() {
        write_iso_duration(duration, text);
    }
}

/// The digits that Excel itself shows of a number, and all it keeps of one that is typed.
const DIGITS_KEPT: usize = 15;

/// Whole numbers in digits alone, others with a dot. A number of more than 15 digits gets an exponent, by which it is
/// seen that its digits cannot be trusted.
pub(super) fn write_number(number: f64, text: &mut String) {
    if !number.is_finite() {
        return;
    }
    // What a sum leaves behind the 15th digit (0.30000000000000004) nobody has typed.
    let kept: f64 = format!("{number:.*e}", DIGITS_KEPT - 1).parse().unwrap_or(number);
    let size = kept.abs();
    let done = if size >= 1e15 {
        let shown = format!("{number:E}");
        write!(text, "{}", shown.replacen('E', "E+", 1))
    } else if size != 0.0 && size < 1e-7 {
        write!(text, "{kept:E}")
    } else {
        // Adding nothing makes a negative zero a zero.
        write!(text, "{}", kept + 0.0)
    };
    done.expect("writing to a string cannot fail");
}

const DAY_SECONDS: i64 = 24 * 60 * 60;
/// The first serial number that is no day: 10000-01-01.
const SERIAL_END: f64 = 2_958_466.0;

/// A serial number of a cell that is formatted as a date, a time, both, or a duration. What is no date, as a telephone
/// number in a column that is formatted as dates, stays a number.
fn write_excel_date(date: &ExcelDateTime, text: &mut String) {
    let serial = date.as_f64();
    if !(0.0..SERIAL_END).contains(&serial) {
        return write_number(serial, text);
    }
    let seconds = (serial * DAY_SECONDS as f64).round() as i64;
    if date.is_duration() {
        return write_clock(seconds, text);
    }
    // Whether its workbook counts from 1904, a date says only by what it equals.
    let from_1904 = *date == ExcelDateTime::new(serial, ExcelDateTimeType::DateTime, true);
    match day(seconds / DAY_SECONDS, from_1904) {
        Some(_) if serial < 1.0 => write_clock(seconds, text),
        Some(day) => write_date_time(day, seconds % DAY_SECONDS, text),
        None => write_number(serial, text),
    }
}

fn day(serial: i64, from_1904: bool) -> Option<Date> {
    let (first, days) = match serial {
        _ if from_1904 => (Date::constant(1904, 1, 1), serial),
        // Excel takes 1900 for a leap year: number 60 is a day that never was.
        60 => return None,
        0..60 => (Date::constant(1899, 12, 31), serial),
        _ => (Date::constant(1899, 12, 30), serial),
    };
    first.checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

fn write_date_time(day: Date, seconds: i64, text: &mut String) {
    let _ = write!(text, "{day}");
    if seconds != 0 {
        text.push('T');
        write_clock(seconds, text);
    }
}

fn write_clock(seconds: i64, text: &mut String) {
    let _ = write!(text, "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

/// A date that is text already, without a fraction of a second and without a midnight that nobody meant.
pub(super) fn write_iso_date(date: &str, text: &mut String) {
    let whole = match date.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|byte| byte.is_ascii_digit()) => whole,
        _ => date.strip_suffix('Z').unwrap_or(date),
    };
    text.push_str(whole.strip_suffix("T00:00:00").unwrap_or(whole));
}

/// A duration as `PT10H30M00S` becomes `10:30:00`; any other stays as it is.
pub(super) fn write_iso_duration(duration: &str, text: &mut String) {
    match duration.parse::<jiff::SignedDuration>() {
        Ok(length) if !length.is_negative() => write_clock(length.as_secs(), text),
        _ => text.push_str(duration),
    }
}

#[cfg(test)]
mod tests {
    use calamine::{CellErrorType, Data};

    use super::*;

    fn text(value: Data) -> String {
        let mut text = String::new();
        write(&value, &mut text);
        text
    }

    #[test]
    fn cells_are_text() {
        for (value, expected) in [
            (Data::Empty, ""),
            (Data::Error(CellErrorType::NA), ""),
            (Data::Error(CellErrorType::Ref), ""),
            (Data::Bool(true), "true"),
            (Data::Bool(false), "false"),
            (Data::String(" Ann ".to_owned()), " Ann "),
            (Data::String("=HYPERLINK(\"x\")".to_owned()), "=HYPERLINK(\"x\")"),
            (Data::DateTimeIso("2026-11-23".to_owned()), "2026-11-23"),
            (Data::DateTimeIso("2026-11-23T10:30:00.000000000".to_owned()), "2026-11-23T10:30:00"),
            (Data::DateTimeIso("2026-11-23T00:00:00Z".to_owned()), "2026-11-23"),
            (Data::DurationIso("PT10H30M00S".to_owned()), "10:30:00"),
            (Data::DurationIso("PT100H00M05.5S".to_owned()), "100:00:05"),
            (Data::DurationIso("soon".to_owned()), "soon"),
        ] {
            assert_eq!(text(value.clone()), expected, "{value:?}");
        }
    }

    #[test]
    fn case_22_and_23_whole_numbers_are_digits() {
        for (number, expected) in [
            (33_612_345_678.0, "33612345678"),
            (612_345_678.0, "612345678"),
            (0.0, "0"),
            (-0.0, "0"),
            (-15.0, "-15"),
            (123_456_789_012_345.0, "123456789012345"),
            (999_999_999_999_999.0, "999999999999999"),
            (1_234_567_890_123_456.0, "1.234567890123456E+15"),
            (1e20, "1E+20"),
            (1.5, "1.5"),
            (0.1 + 0.2, "0.3"),
            (1234.56, "1234.56"),
            (33_612_345_678.000_004, "33612345678"),
            (0.000_001, "0.000001"),
            (1.5e-9, "1.5E-9"),
            (f64::NAN, ""),
        ] {
            assert_eq!(text(Data::Float(number)), expected, "{number}");
        }
        assert_eq!(text(Data::Int(33_612_345_678)), "33612345678");
    }

    #[test]
    fn dates_are_iso() {
        use ExcelDateTimeType::{DateTime, TimeDelta};
        for (serial, kind, is_1904, expected) in [
            (46_349.0, DateTime, false, "2026-11-23"),
            (46_349.437_5, DateTime, false, "2026-11-23T10:30:00"),
            (46_349.437_499_999, DateTime, false, "2026-11-23T10:30:00"),
            (46_349.999_999_999, DateTime, false, "2026-11-24"),
            (44_887.0, DateTime, true, "2026-11-23"),
            (29_314.0, DateTime, false, "1980-04-03"),
            (1.0, DateTime, false, "1900-01-01"),
            (1.0, DateTime, true, "1904-01-02"),
            (59.0, DateTime, false, "1900-02-28"),
            (60.0, DateTime, false, "60"),
            (61.0, DateTime, false, "1900-03-01"),
            (0.4375, DateTime, false, "10:30:00"),
            (2_958_465.0, DateTime, false, "9999-12-31"),
            (612_345_678.0, DateTime, false, "612345678"),
            (-1.0, DateTime, false, "-1"),
            (1.5, TimeDelta, false, "36:00:00"),
        ] {
            let date = ExcelDateTime::new(serial, kind, is_1904);
            assert_eq!(text(Data::DateTime(date)), expected, "{serial} {kind:?} {is_1904}");
        }
    }
}

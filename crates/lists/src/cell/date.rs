//! Days. The order of day and month is a habit of the column, never guessed for a cell; nor is a century.

use jiff::civil::{Date, date as civil};

/// What stands first in a date of a column whose year stands last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DateOrder {
    /// `23/11/2026`
    DayFirst,
    /// `11/23/2026`
    MonthFirst,
    /// The column has both: only what can be read in one way is taken.
    Mixed,
    /// Nobody writes the year last here: only `2026-11-23` is taken.
    YearFirst,
}

impl DateOrder {
    /// What is usual in a country (ISO 3166-1 alpha-2).
    pub(crate) fn usual(country: &str) -> Self {
        match country {
            "US" | "PR" | "GU" | "AS" | "VI" | "MP" | "FM" | "MH" | "PW" | "PH" => Self::MonthFirst,
            // Canada writes both ways.
            "CA" | "CN" | "HU" | "JP" | "KP" | "KR" | "LT" | "MN" | "TW" => Self::YearFirst,
            _ => Self::DayFirst,
        }
    }

    /// The order in words.
    pub(crate) fn in_words(self) -> &'static str {
        match self {
            Self::DayFirst => "day/month/year",
            Self::MonthFirst => "month/day/year",
            Self::Mixed => "in two orders",
            Self::YearFirst => "year-month-day",
        }
    }
}

/// What a cell tells of the order of its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tells {
    /// Its first number is no month.
    DayFirst,
    /// Its second number is no month.
    MonthFirst,
    /// It is a date in both orders, and not the same.
    Either,
    /// It is no date whose order matters.
    Nothing,
}

/// The last day of Excel that is taken: in 2119.
const SERIAL_DAY_MAX: i32 = 80_000;
/// Excel takes 1900 for a leap year: this day of it never was.
const SERIAL_DAY_THAT_NEVER_WAS: i32 = 60;

pub(super) fn date(cell: &str, order: DateOrder, serial_days: bool) -> Result<String, String> {
    let read = match written(cell) {
        Some(Written::YearFirst(date)) => Some(date),
        Some(Written::YearLast { first, second, year }) => in_order(first, second, year, order),
        None if serial_days => serial_day(cell),
        None => None,
    };
    read.map(|date| date.to_string()).ok_or_else(|| {
        let also = match order {
            DateOrder::DayFirst => " or 23/11/2026",
            DateOrder::MonthFirst => " or 11/23/2026",
            DateOrder::Mixed | DateOrder::YearFirst => "",
        };
        format!("is not a date: write 2026-11-23{also}")
    })
}

fn in_order(first: i8, second: i8, year: i16, order: DateOrder) -> Option<Date> {
    let day_first = || Date::new(year, second, first).ok();
    let month_first = || Date::new(year, first, second).ok();
    match order {
        DateOrder::DayFirst => day_first(),
        DateOrder::MonthFirst => month_first(),
        DateOrder::Mixed => match (day_first(), month_first()) {
            (Some(one), Some(other)) => (one == other).then_some(one),
            (one, other) => one.or(other),
        },
        DateOrder::YearFirst => None,
    }
}

/// What a cell tells of the order of day and month in its column.
pub(crate) fn tells(cell: &str) -> Tells {
    let Some(Written::YearLast { first, second, year }) = written(cell) else { return Tells::Nothing };
    match (Date::new(year, second, first).is_ok(), Date::new(year, first, second).is_ok()) {
        (true, false) => Tells::DayFirst,
        (false, true) => Tells::MonthFirst,
        (true, true) if first != second => Tells::Either,
        _ => Tells::Nothing,
    }
}

/// Whether a cell is a date, in whatever order.
pub(crate) fn is_date(cell: &str) -> bool {
    match written(cell) {
        Some(Written::YearFirst(_)) => true,
        Some(Written::YearLast { first, second, year }) => in_order(first, second, year, DateOrder::DayFirst)
            .or_else(|| in_order(first, second, year, DateOrder::MonthFirst))
            .is_some(),
        None => false,
    }
}

/// Whether a cell may be a day of Excel's 1900 calendar.
pub(crate) fn is_serial_day(cell: &str) -> bool {
    serial_day(cell).is_some()
}

enum Written {
    YearFirst(Date),
    YearLast { first: i8, second: i8, year: i16 },
}

/// Three numbers with one sign between them, one of them a year of four digits.
fn written(cell: &str) -> Option<Written> {
    let day = without_time(cell.trim())?;
    let between = day.chars().find(|c| matches!(c, '/' | '.' | '-'))?;
    let mut parts = day.split(between);
    let (one, two, three) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    match (one.len(), three.len()) {
        (4, _) => Date::new(year(one)?, one_or_two(two)?, one_or_two(three)?).ok().map(Written::YearFirst),
        (_, 4) => Some(Written::YearLast { first: one_or_two(one)?, second: one_or_two(two)?, year: year(three)? }),
        _ => None,
    }
}

/// The day of a date with a time behind it; `None` where what stands behind is something else.
fn without_time(cell: &str) -> Option<&str> {
    let Some((day, time)) = cell.split_once(['T', ' ']) else { return Some(cell) };
    let of_a_time = |c: char| c.is_ascii_digit() || matches!(c, ':' | '.' | ',' | '+' | '-' | 'Z' | ' ');
    let time = time.trim();
    let time = ["AM", "PM", "am", "pm"].iter().find_map(|half| time.strip_suffix(half)).unwrap_or(time);
    let is_time = time.starts_with(|c: char| c.is_ascii_digit()) && time.contains(':') && time.chars().all(of_a_time);
    is_time.then_some(day)
}

fn year(part: &str) -> Option<i16> {
    let is_year = part.len() == 4 && part.bytes().all(|b| b.is_ascii_digit()) && !part.starts_with('0');
    if is_year { part.parse().ok() } else { None }
}

fn one_or_two(part: &str) -> Option<i8> {
    let is_number = matches!(part.len(), 1 | 2) && part.bytes().all(|b| b.is_ascii_digit());
    if is_number { part.parse().ok() } else { None }
}

/// Days since the end of 1899, the time of day behind a point cut.
fn serial_day(cell: &str) -> Option<Date> {
    let cell = cell.trim();
    let (days, time) = cell.split_once('.').unwrap_or((cell, ""));
    let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if days.is_empty() || days.len() > 5 || !plain(days) || !plain(time) {
        return None;
    }
    let days: i32 = days.parse().ok()?;
    let start = match days {
        1..SERIAL_DAY_THAT_NEVER_WAS => civil(1899, 12, 31),
        days if days > SERIAL_DAY_THAT_NEVER_WAS && days <= SERIAL_DAY_MAX => civil(1899, 12, 30),
        _ => return None,
    };
    start.checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

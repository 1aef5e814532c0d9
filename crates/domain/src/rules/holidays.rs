//! Public holidays by calendar.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::Date;
use serde::Serialize;

/// How far ahead the end of the known holidays is announced, in days.
const WARN_DAYS: i64 = 90;

/// The calendars of the pack and the years that they know.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub(super) struct Holidays {
    pub(super) years: BTreeSet<i16>,
    pub(super) calendars: BTreeMap<String, Calendar>,
}

/// The holidays of a place.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub(super) struct Calendar {
    pub(super) name: String,
    /// The name of each holiday.
    pub(super) days: BTreeMap<Date, String>,
}

/// A calendar with the years it knows.
#[derive(Debug, Clone, Copy)]
pub(super) struct KnownDays<'h> {
    years: &'h BTreeSet<i16>,
    /// `None` when there is no such calendar.
    days: Option<&'h BTreeMap<Date, String>>,
}

impl Holidays {
    /// A calendar. One that is not there knows no year.
    pub(super) fn calendar(&self, code: &str) -> KnownDays<'_> {
        KnownDays { years: &self.years, days: self.calendars.get(code).map(|calendar| &calendar.days) }
    }

    /// The last year whose holidays are known.
    pub(super) fn last_year(&self) -> Option<i16> {
        self.years.last().copied()
    }

    /// A warning when the known years end within [`WARN_DAYS`] of a day.
    pub(super) fn warn_near(&self, today: Date) -> Option<String> {
        let reach = today.checked_add(WARN_DAYS.days()).unwrap_or(Date::MAX);
        let unknown = (today.year()..=reach.year()).find(|year| !self.years.contains(year))?;
        Some(format!(
            "the holidays of {unknown} are not known: every day of it counts as a holiday where a rule looks at \
             holidays. Load a newer holidays file"
        ))
    }
}

impl KnownDays<'_> {
    /// Whether a day is a holiday, or of a year of which nobody knows.
    pub(super) fn holds(self, day: Date) -> bool {
        match self.days {
            Some(days) if self.years.contains(&day.year()) => days.contains_key(&day),
            _ => true,
        }
    }
}

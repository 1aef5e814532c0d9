//! What time it is for people, and what is permitted then: written down anew from the promises, without the engine's rules and
//! without a time-zone database, so that a mistake in either shows.

use jiff::civil::{Date, Weekday};
use jiff::{Timestamp, ToSpan};

/// A zone, and since when which offset from UTC holds, in seconds. Source: the IANA database's rules for 2026 and 2027.
type ZoneTable = (&'static str, &'static [(&'static str, i64)]);

const ZONES: [ZoneTable; 4] = [
    (
        "Europe/Paris",
        &[
            ("2026-01-01T00:00:00Z", 3_600),
            ("2026-03-29T01:00:00Z", 7_200),
            ("2026-10-25T01:00:00Z", 3_600),
            ("2027-03-28T01:00:00Z", 7_200),
            ("2027-10-31T01:00:00Z", 3_600),
        ],
    ),
    (
        "America/New_York",
        &[
            ("2026-01-01T00:00:00Z", -18_000),
            ("2026-03-08T07:00:00Z", -14_400),
            ("2026-11-01T06:00:00Z", -18_000),
            ("2027-03-14T07:00:00Z", -14_400),
            ("2027-11-07T06:00:00Z", -18_000),
        ],
    ),
    ("Indian/Reunion", &[("2026-01-01T00:00:00Z", 14_400)]),
    ("Asia/Kolkata", &[("2026-01-01T00:00:00Z", 19_800)]),
];

/// French public holidays from October 2026 to the end of 2027, Sundays left out. Source: Code du travail L.3133-1.
const HOLIDAYS: [&str; 12] = [
    "2026-11-11",
    "2026-12-25",
    "2027-01-01",
    "2027-03-29",
    "2027-05-01",
    "2027-05-06",
    "2027-05-08",
    "2027-05-17",
    "2027-07-14",
    "2027-11-01",
    "2027-11-11",
    "2027-12-25",
];

/// The names of the zones that people live in.
pub(super) const ZONE_NAMES: [&str; 4] = [ZONES[0].0, ZONES[1].0, ZONES[2].0, ZONES[3].0];

/// A local date, and the minute of its day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Local {
    pub(super) date: Date,
    pub(super) minute: u16,
}

impl Local {
    /// The time of a zone of the almanac; none of another.
    pub(super) fn at(ms: i64, zone: &str) -> Option<Self> {
        let (_, offsets) = ZONES.iter().find(|(name, _)| *name == zone)?;
        let since = |text: &str| text.parse::<Timestamp>().expect("an instant").as_millisecond();
        let (_, offset) = offsets.iter().rev().find(|(from, _)| since(from) <= ms)?;
        let seconds = ms.div_euclid(1_000) + offset;
        let days = i32::try_from(seconds.div_euclid(86_400)).ok()?;
        let minute = u16::try_from(seconds.rem_euclid(86_400) / 60).ok()?;
        Some(Self { date: Date::constant(1970, 1, 1).checked_add(days.days()).ok()?, minute })
    }

    /// The time as a decision has it.
    pub(super) fn in_words(self) -> String {
        format!("{} {:02}:{:02}", self.date.strftime("%A %Y-%m-%d"), self.minute / 60, self.minute % 60)
    }
}

/// Windows of each weekday from Monday, in minutes of the day.
pub(super) type Week = [&'static [(u16, u16)]; 7];

/// What a version of a campaign's definition promises of its calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limits {
    pub(super) week: Week,
    /// Most tries of a person for the seller, in so many hours.
    pub(super) caps: &'static [(usize, i64)],
    pub(super) days_after_refusal: i32,
    /// It is held to the law besides.
    pub(super) lawful: bool,
    /// The lease, in minutes.
    pub(super) lease_minutes: i64,
}

/// Which rules a node is held to: those that are shipped, or the site's own stricter ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edition {
    Shipped,
    /// One try less in thirty days, and a consent ends two months after its day.
    Stricter,
}

const WORKDAY: &[(u16, u16)] = &[(600, 780), (840, 1_200)];

/// The law for consumers in France from 11 August 2026 on. Source: Code de la consommation D.223-9, L.223-1, L.221-16.
pub(super) struct FrenchLaw;

impl FrenchLaw {
    pub(super) fn is_open(local: Local) -> bool {
        let is_holiday = HOLIDAYS.iter().any(|day| day.parse::<Date>().is_ok_and(|day| day == local.date));
        let is_weekend = matches!(local.date.weekday(), Weekday::Saturday | Weekday::Sunday);
        !is_holiday && !is_weekend && holds(WORKDAY, local.minute)
    }

    /// Most tries within thirty days.
    pub(super) fn cap(edition: Edition) -> usize {
        match edition {
            Edition::Shipped => 4,
            Edition::Stricter => 3,
        }
    }

    /// Full days without a call after a refusal.
    pub(super) const DAYS_AFTER_REFUSAL: i32 = 60;

    /// Whether a proven consent of a day still holds on another.
    pub(super) fn consent_holds(edition: Edition, given_on: Date, today: Date) -> bool {
        let last = match edition {
            Edition::Shipped => Date::MAX,
            Edition::Stricter => given_on.checked_add(2.months()).unwrap_or(Date::MAX),
        };
        given_on <= today && today <= last
    }
}

pub(super) fn holds(windows: &[(u16, u16)], minute: u16) -> bool {
    windows.iter().any(|(from, to)| (*from..*to).contains(&minute))
}

impl Limits {
    pub(super) fn is_open(&self, local: Local) -> bool {
        let weekday = usize::try_from(local.date.weekday().to_monday_zero_offset()).unwrap_or(0);
        holds(self.week[weekday], local.minute) && (!self.lawful || FrenchLaw::is_open(local))
    }

    /// The first local day on which the person may be called again after a refusal on another.
    pub(super) fn rested(&self, refused_on: Date) -> Date {
        let days = if self.lawful {
            self.days_after_refusal.max(FrenchLaw::DAYS_AFTER_REFUSAL)
        } else {
            self.days_after_refusal
        };
        if days == 0 { Date::MIN } else { refused_on.checked_add((days + 1).days()).unwrap_or(Date::MAX) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tables agree with the database where it counts: on both sides of every change.
    #[test]
    fn the_almanac_is_right() {
        for (zone, offsets) in ZONES {
            let rules = jiff::tz::TimeZone::get(zone).expect("a zone");
            for (since, _) in offsets {
                let at: Timestamp = since.parse().expect("an instant");
                for ms in [at.as_millisecond(), at.as_millisecond() + 3_599_999, at.as_millisecond() + 86_400_000 * 20]
                {
                    let there = rules.to_datetime(Timestamp::from_millisecond(ms).expect("an instant"));
                    let local = Local::at(ms, zone).expect("a zone of the almanac");
                    assert_eq!(local.in_words(), there.strftime("%A %Y-%m-%d %H:%M").to_string(), "{zone} {since}");
                }
            }
        }
        assert_eq!(Local::at(0, "Europe/Paris"), None);
    }
}

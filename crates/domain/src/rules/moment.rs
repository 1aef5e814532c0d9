//! The instant of a call as the person's clocks show it.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::circumstances::Circumstances;
use super::set::RuleSet;

/// Where the person's zone is unknown the days are those of Greenwich; such a person is not callable anyway.
const GREENWICH: &[TimeZone] = &[TimeZone::UTC];

/// An instant, the rules, and the circumstances.
#[derive(Clone, Copy)]
pub(super) struct Moment<'a> {
    pub(super) now: Timestamp,
    pub(super) set: &'a RuleSet,
    pub(super) person: &'a Circumstances<'a>,
    /// The zones that the person may live in, at least one.
    pub(super) zones: &'a [TimeZone],
    /// The local day where it is earliest.
    pub(super) first: Date,
    /// The local day where it is latest.
    pub(super) last: Date,
}

impl<'a> Moment<'a> {
    pub(super) fn new(now: Timestamp, set: &'a RuleSet, person: &'a Circumstances<'a>) -> Self {
        let zones = if person.zones.is_empty() { GREENWICH } else { person.zones };
        let days = zones.iter().map(|zone| zone.to_datetime(now).date());
        let (first, last) = days.fold((Date::MAX, Date::MIN), |(first, last), day| (first.min(day), last.max(day)));
        Self { now, set, person, zones, first, last }
    }

    /// The same circumstances at another instant.
    pub(super) fn at(self, now: Timestamp) -> Self {
        Self::new(now, self.set, self.person)
    }

    /// When a local day has begun everywhere.
    pub(super) fn begins(&self, day: Date) -> Timestamp {
        self.latest(|zone| start_of(day, zone))
    }

    /// The latest of what each zone gives.
    pub(super) fn latest(&self, of: impl Fn(&TimeZone) -> Timestamp) -> Timestamp {
        self.zones.iter().map(of).max().unwrap_or(Timestamp::MAX)
    }

    /// An instant as the first zone's clocks show it.
    pub(super) fn shown(&self, at: Timestamp) -> String {
        self.zones[0].to_datetime(at).strftime("%Y-%m-%d %H:%M").to_string()
    }
}

/// The first instant of a local day.
pub(super) fn start_of(day: Date, zone: &TimeZone) -> Timestamp {
    day.to_zoned(zone.clone()).map_or(Timestamp::MAX, |start| start.timestamp())
}

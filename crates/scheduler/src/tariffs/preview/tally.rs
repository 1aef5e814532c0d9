//! Adding up a preview: counts of refusals that are alike, and single ones that the counts do not know enough about.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use relance_domain::funnel::LaneOpening;
use relance_domain::lead::{Block, ClosedReason};
use relance_domain::matching::{Answer, Held};
use relance_domain::reopening::HoldOut;
use relance_domain::tariff::Tariff;
use relance_domain::{LaneId, Span};
use relance_store::campaign::Lane;
use relance_store::preview::{AnsweredCount, BOUNDS, Stands};
use relance_store::tariff::RefusalRow;

use super::shown::{BandCount, HeldCount, HeldOutPeople, PreviewShare, ReasonShare, TariffPreview};

/// Days that divide refusals by age.
pub(super) const AGES: [i64; BOUNDS] = [30, 90, 180, 365];
/// Days that divide waits.
pub(super) const WAITS: [i64; BOUNDS] = [1, 7, 30, 90];

/// What a lane says of the people in it.
pub(super) struct LaneGround {
    list: String,
    zone_known: bool,
    licence_over: bool,
    forbidden: Option<(Block, Option<Timestamp>)>,
}

impl LaneGround {
    pub(super) fn of(lane: &Lane, list: (&str, Option<Date>), opening: LaneOpening, now: Timestamp) -> Self {
        let zone = lane.traits.zone.as_ref().and_then(|zone| zone.rules().ok());
        let today = zone.as_ref().map(|zone| zone.to_datetime(now).date());
        Self {
            list: list.0.to_owned(),
            zone_known: zone.is_some(),
            licence_over: list.1.zip(today).is_some_and(|(last, today)| last < today),
            forbidden: match opening {
                LaneOpening::Closed { block: Block::OutsideHours, .. } => None,
                LaneOpening::Closed { block, opens_at } => Some((block, opens_at)),
                _ => None,
            },
        }
    }
}

/// What becomes of an answered refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Its person comes back at once.
    Now,
    /// They come back at an instant.
    Later(Block, Timestamp),
    /// They do not come back.
    Held(&'static str),
}

impl Fate {
    pub(super) fn of(answer: &Answer) -> Option<Self> {
        Some(match answer {
            Answer::NoAnswer => return None,
            Answer::Reopens { held: None, .. } => Self::Now,
            Answer::Reopens { held: Some((block, until)), .. } => Self::Later(*block, *until),
            Answer::Held(held) => Self::Held(word(*held)),
        })
    }
}

fn word(held: Held) -> &'static str {
    match held {
        Held::Region => "region",
        Held::Suppressed => "suppressed",
        Held::TimeZoneUnknown => "time_zone_unknown",
        Held::LicenceExpired => "licence_expired",
        Held::NoLongerRefused => "no_longer_refused",
    }
}

/// What holds a person whose lead is no longer closed by the refusal.
fn moved_on(stands: Stands) -> Option<&'static str> {
    Some(match stands {
        Stands::Closed(ClosedReason::Refused) => return None,
        Stands::Closed(ClosedReason::Ordered) => "ordered",
        Stands::Closed(ClosedReason::WrongNumber) => "wrong_number",
        Stands::Closed(ClosedReason::Suppressed) => "suppressed",
        Stands::Closed(ClosedReason::Expired) => "licence_expired",
        Stands::Closed(ClosedReason::Withdrawn) => "withdrawn",
        Stands::Closed(ClosedReason::Exhausted) | Stands::Waiting => "called_again",
        Stands::Callback => "promised_callback",
        Stands::AskedLater => "asked_later",
        Stands::Reopened => "already_reopened",
        Stands::Assigned => "with_operator",
    })
}

/// What refusals have in common.
struct Alike<'a> {
    reason: &'a str,
    lane: LaneId,
    region: String,
    age: usize,
}

#[derive(Default)]
struct Waits {
    refusals: i64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    bands: [i64; BOUNDS + 1],
}

impl Waits {
    fn add(&mut self, refusals: i64, (first, last): (Option<Timestamp>, Option<Timestamp>), band: usize) {
        self.refusals += refusals;
        self.first = self.first.into_iter().chain(first).min();
        self.last = self.last.into_iter().chain(last).max();
        self.bands[band] += if first.is_some() { refusals } else { 0 };
    }

    fn shown(self, by: &str) -> HeldCount {
        let bound = |instant: Option<Timestamp>| instant.filter(|at| *at < Timestamp::MAX);
        let days = WAITS.iter().copied().map(Some).chain([None]);
        let bands = days.zip(self.bands).map(|(within_days, refusals)| BandCount { within_days, refusals });
        HeldCount {
            by: by.to_owned(),
            refusals: self.refusals,
            first_until: bound(self.first),
            last_until: bound(self.last),
            free: if self.first.is_some() { bands.collect() } else { Vec::new() },
        }
    }
}

/// Sums of a preview.
pub(super) struct Tally {
    now: Timestamp,
    pub(super) lanes: BTreeMap<LaneId, LaneGround>,
    at_once: i64,
    later: i64,
    held_back: i64,
    /// Of those who come back, the ones whom the hold-out leaves alone.
    pub(super) held_out: i64,
    by_reason: BTreeMap<String, i64>,
    by_list: BTreeMap<String, i64>,
    by_region: BTreeMap<String, i64>,
    by_age: [i64; BOUNDS + 1],
    held: BTreeMap<&'static str, Waits>,
    forbidden: BTreeMap<&'static str, Waits>,
}

impl Tally {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            now,
            lanes: BTreeMap::new(),
            at_once: 0,
            later: 0,
            held_back: 0,
            held_out: 0,
            by_reason: BTreeMap::new(),
            by_list: BTreeMap::new(),
            by_region: BTreeMap::new(),
            by_age: [0; BOUNDS + 1],
            held: BTreeMap::new(),
            forbidden: BTreeMap::new(),
        }
    }

    /// Takes refusals that are alike, as far as nothing stands against one person alone; tells how many come back.
    pub(super) fn count(&mut self, count: &AnsweredCount) -> i64 {
        let alike = Alike {
            reason: &count.reason,
            lane: count.lane,
            region: region(&count.country, count.region.as_deref(), count.postcode.as_deref()),
            age: count.age,
        };
        if let Some(by) = moved_on(count.stands) {
            self.held_back += count.refusals;
            let waits = self.held.entry(by).or_default();
            waits.add(count.refusals, (count.first_due, count.last_due), count.wait);
            return 0;
        }
        let fate = if count.covered { self.fate_in(count.lane) } else { Fate::Held(word(Held::Region)) };
        self.add(&alike, fate, count.refusals)
    }

    /// What becomes of people in a lane whom the tariff answers, as far as nothing stands against one of them alone.
    fn fate_in(&self, lane: LaneId) -> Fate {
        match self.lanes.get(&lane) {
            Some(lane) if lane.zone_known && lane.licence_over => Fate::Held(word(Held::LicenceExpired)),
            Some(lane) if lane.zone_known => Fate::Now,
            _ => Fate::Held(word(Held::TimeZoneUnknown)),
        }
    }

    /// Takes people of a lane whom the hold-out leaves alone, as far as nothing stands against one of them alone.
    pub(super) fn hold_out(&mut self, lane: LaneId, refusals: i64) {
        if self.fate_in(lane) == Fate::Now {
            self.held_out += refusals;
        }
    }

    /// Corrects what was counted of a refusal by what its person's past says; tells by how many more or fewer come back.
    pub(super) fn correct(&mut self, row: &RefusalRow, counted: Fate, found: Fate) -> i64 {
        if counted == found {
            return 0;
        }
        let standing = &row.standing;
        let beginning = standing.postcode.as_deref().filter(|_| standing.region.is_none());
        let beginning: Option<String> = beginning.map(|postcode| postcode.chars().take(2).collect());
        let alike = Alike {
            reason: &standing.refusal.reason,
            lane: row.lane,
            region: region(&standing.country, standing.region.as_deref(), beginning.as_deref()),
            age: AGES.iter().filter(|days| standing.refused_at <= Span::days(**days).before(self.now)).count(),
        };
        self.add(&alike, counted, -1) + self.add(&alike, found, 1)
    }

    fn add(&mut self, alike: &Alike<'_>, fate: Fate, refusals: i64) -> i64 {
        let forbidden = self.lanes.get(&alike.lane).and_then(|lane| lane.forbidden);
        match fate {
            Fate::Held(by) => {
                self.held_back += refusals;
                self.held.entry(by).or_default().add(refusals, (None, None), 0);
                return 0;
            }
            Fate::Later(block, until) => {
                self.later += refusals;
                let band = WAITS.iter().filter(|days| until > Span::days(**days).after(self.now)).count();
                let waits = self.held.entry(block.as_str()).or_default();
                waits.add(refusals, (Some(until), Some(until)), band);
            }
            Fate::Now => {
                self.at_once += refusals;
                if let Some((block, until)) = forbidden {
                    let band = until.map_or(0, |until| {
                        WAITS.iter().filter(|days| until > Span::days(**days).after(self.now)).count()
                    });
                    self.forbidden.entry(block.as_str()).or_default().add(refusals, (until, until), band);
                }
            }
        }
        let list = self.lanes.get(&alike.lane).map_or("", |lane| &lane.list);
        *self.by_reason.entry(alike.reason.to_owned()).or_default() += refusals;
        *self.by_list.entry(list.to_owned()).or_default() += refusals;
        *self.by_region.entry(alike.region.clone()).or_default() += refusals;
        self.by_age[alike.age.min(BOUNDS)] += refusals;
        refusals
    }

    /// The preview as far as it is counted.
    pub(super) fn finish(self, tariff: &Tariff, refusals: i64) -> TariffPreview {
        let counted = |counts: BTreeMap<String, i64>| counts.into_iter().filter(|(_, refusals)| *refusals != 0);
        let by_reason = counted(self.by_reason).map(|(reason, refusals)| ReasonShare { reason, refusals });
        let shares = |counts: BTreeMap<String, i64>| {
            let shares = counted(counts).map(|(name, refusals)| PreviewShare { name, refusals });
            let mut shares: Vec<_> = shares.collect();
            shares.sort_by_key(|share| std::cmp::Reverse(share.refusals));
            shares
        };
        let ages = self.by_age.iter().enumerate().filter(|(_, refusals)| **refusals != 0);
        let by_age = ages.map(|(band, refusals)| PreviewShare { name: age(band), refusals: *refusals });
        let held = |waits: BTreeMap<&'static str, Waits>| {
            let waits = waits.into_iter().filter(|(_, waits)| waits.refusals != 0);
            waits.map(|(by, waits)| waits.shown(by)).collect()
        };
        let of_hold_out =
            |hold_out: HoldOut| HeldOutPeople { refusals: self.held_out, percent: hold_out.percent, how: hold_out.how };
        TariffPreview {
            tariff: tariff.tariff.clone(),
            starts_at: Some(tariff.starts_at()).filter(|at| *at > self.now),
            refusals,
            taken_back: 0,
            reopened_now: self.at_once,
            reopened_later: self.later,
            held_back: self.held_back,
            held_out: tariff.hold_out.map(of_hold_out),
            by_reason: by_reason.collect(),
            by_list: shares(self.by_list),
            by_region: shares(self.by_region),
            by_age: by_age.collect(),
            held_by: held(self.held),
            rules_forbid: held(self.forbidden),
            calls: Vec::new(),
            orders: Vec::new(),
            orders_together: None,
            examples: Vec::new(),
        }
    }
}

/// Where somebody lives, in the notation of a tariff's regions.
fn region(country: &str, region: Option<&str>, postcode: Option<&str>) -> String {
    match (region, postcode) {
        (Some(region), _) => format!("{country}:{region}"),
        (None, Some(postcode)) => format!("{country}:{postcode}*"),
        (None, None) => country.to_owned(),
    }
}

fn age(band: usize) -> String {
    match (band.checked_sub(1).map(|before| AGES[before]), AGES.get(band)) {
        (None, Some(days)) => format!("less than {days} days"),
        (Some(from), Some(to)) => format!("{from} to {to} days"),
        (from, None) => format!("{} days and more", from.unwrap_or_default()),
    }
}

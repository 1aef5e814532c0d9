//! What becomes of a refusal that a tariff answers before anybody is called: whether it is held out, which day's budget it waits for.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{RefusalId, Span, ZoneName};

/// At most so many leads that tariffs reopened become callable in a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// How many.
    pub per_day: u32,
    /// The zone whose days are counted.
    pub time_zone: ZoneName,
}

impl Budget {
    /// The day that it is at `now`: its first instant, and that of the next. A zone that this node does not know has no days; they
    /// are then those of UTC.
    #[must_use]
    pub fn day(&self, now: Timestamp) -> (Timestamp, Timestamp) {
        let zone = self.time_zone.rules().unwrap_or(jiff::tz::TimeZone::UTC);
        let today = zone.to_datetime(now).date();
        let starts = |date: Date| date.to_zoned(zone.clone()).map(|start| start.timestamp()).ok();
        let tomorrow = today.tomorrow().ok().and_then(starts);
        (starts(today).unwrap_or(Timestamp::MIN), tomorrow.unwrap_or(Timestamp::MAX))
    }

    /// The first instant at which a lead can become callable that so many others go before, where nothing is left of today's budget:
    /// a bound, for a better match may come before it.
    #[must_use]
    pub fn release_at(&self, now: Timestamp, ahead: i64) -> Timestamp {
        let (_, tomorrow) = self.day(now);
        let days = ahead.max(0) / i64::from(self.per_day.max(1));
        let zone = self.time_zone.rules().unwrap_or(jiff::tz::TimeZone::UTC);
        let day = i32::try_from(days).ok().and_then(|days| {
            let first = zone.to_datetime(tomorrow).date();
            first.checked_add(jiff::Span::new().try_days(days).ok()?).ok()?.to_zoned(zone.clone()).ok()
        });
        day.map_or(Timestamp::MAX, |day| day.timestamp())
    }
}

/// What a campaign declares of the leads that tariffs reopen.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ReopeningPolicy {
    /// How many become callable in a day, by all tariffs together; none is no limit.
    pub budget: Option<Budget>,
    /// How long the operator who recorded the refusal gets the lead before anybody else does.
    pub first_operator: Option<Span>,
}

/// What becomes of those who are held out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HeldOutHow {
    /// They stay refused: nobody calls them for the tariff.
    Uncalled,
    /// They are called like the others, and no operator is told of the tariff that brought them back.
    WithoutOffer,
}

impl HeldOutHow {
    /// Every way.
    pub const ALL: [Self; 2] = [Self::Uncalled, Self::WithoutOffer];

    /// The word stored and written in tariff files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Uncalled => "uncalled",
            Self::WithoutOffer => "without_offer",
        }
    }
}

/// The share of the refusals that a tariff answers which it leaves alone, so that what it brings can be measured against them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldOut {
    /// How many of a hundred.
    pub percent: u8,
    /// What becomes of them.
    pub how: HeldOutHow,
    /// For how long; both groups are measured for as long.
    pub lasts: Span,
}

impl HoldOut {
    /// Whether a refusal is held out of a tariff. It depends on the two and on nothing else, so that whoever repeats it finds the
    /// same, and nobody chooses: the first eight bytes of the SHA-256 of `tariff:refusal` as a fraction of all there are.
    #[must_use]
    pub fn holds(&self, tariff: &str, refusal: RefusalId) -> bool {
        let hash = Sha256::digest(format!("{tariff}:{}", refusal.0));
        let place = hash.iter().take(8).fold(0_u64, |place, byte| (place << 8) | u64::from(*byte));
        u128::from(place) * 100 < u128::from(self.percent.min(100)) << 64
    }
}

/// A lead that waits for a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitsForBudget {
    /// Its place in the queue's order.
    pub place: (i64, Timestamp, crate::LeadId),
    /// Which of the tariffs reopened it.
    pub tariff: usize,
}

/// Who becomes callable: the first in the queue's order, as many as the campaign has left, of no tariff more than that has left;
/// none is no limit. `waiting` may be in any order; the places of those who are released are told in theirs.
#[must_use]
pub fn released(waiting: &[WaitsForBudget], campaign: Option<u32>, tariffs: &[Option<u32>]) -> Vec<usize> {
    let mut in_order: Vec<usize> = (0..waiting.len()).collect();
    in_order.sort_by_key(|at| waiting[*at].place);
    let (mut left, mut of_tariffs) = (campaign, tariffs.to_vec());
    let mut released = Vec::new();
    for at in in_order {
        let of_tariff = of_tariffs.get_mut(waiting[at].tariff).and_then(Option::as_mut);
        if left == Some(0) || of_tariff.as_deref() == Some(&0) {
            continue;
        }
        for left in left.iter_mut().chain(of_tariff) {
            *left -= 1;
        }
        released.push(at);
    }
    released
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LeadId;

    fn budget(per_day: u32) -> Budget {
        Budget { per_day, time_zone: "Europe/Paris".parse().expect("a zone") }
    }

    #[test]
    fn a_day_is_that_of_the_zone_also_when_the_clocks_change() {
        for (now, start, end) in [
            ("2026-11-24T22:30:00Z", "2026-11-23T23:00:00Z", "2026-11-24T23:00:00Z"),
            ("2026-11-24T23:30:00Z", "2026-11-24T23:00:00Z", "2026-11-25T23:00:00Z"),
            ("2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"),
        ] {
            let (from, until) = budget(1).day(now.parse().expect("an instant"));
            assert_eq!((from.to_string().as_str(), until.to_string().as_str()), (start, end), "{now}");
        }
    }

    #[test]
    fn whoever_waits_is_told_the_first_day_that_can_be_theirs() {
        let now = "2026-11-24T12:00:00Z".parse().expect("an instant");
        for (ahead, at) in [
            (0, "2026-11-24T23:00:00Z"),
            (9, "2026-11-24T23:00:00Z"),
            (10, "2026-11-25T23:00:00Z"),
            (129, "2026-12-06T23:00:00Z"),
        ] {
            assert_eq!(budget(10).release_at(now, ahead).to_string(), at, "{ahead} before it");
        }
        assert_eq!(budget(1).release_at(now, i64::MAX), Timestamp::MAX);
    }

    #[test]
    fn the_best_are_released_within_what_campaign_and_tariffs_have_left() {
        let waits =
            |priority, lead, tariff| WaitsForBudget { place: (priority, Timestamp::UNIX_EPOCH, LeadId(lead)), tariff };
        let waiting = [waits(0, 1, 0), waits(-500, 2, 0), waits(-500, 3, 1), waits(-10, 4, 1), waits(-900, 5, 0)];
        for (campaign, tariffs, leads) in [
            (None, [None, None], vec![5, 2, 3, 4, 1]),
            (Some(3), [None, None], vec![5, 2, 3]),
            (Some(3), [Some(1), None], vec![5, 3, 4]),
            (None, [Some(0), Some(1)], vec![3]),
            (Some(0), [None, None], vec![]),
        ] {
            let found: Vec<i64> =
                released(&waiting, campaign, &tariffs).into_iter().map(|at| waiting[at].place.2.0).collect();
            assert_eq!(found, leads, "{campaign:?} {tariffs:?}");
        }
    }

    #[test]
    fn a_hold_out_is_reproducible_near_its_share_and_other_for_another_tariff() {
        let hold_out = |percent| HoldOut { percent, how: HeldOutHow::Uncalled, lasts: Span::days(30) };
        let held = |percent, tariff: &str| -> Vec<i64> {
            (1..=10_000).filter(|refusal| hold_out(percent).holds(tariff, RefusalId(*refusal))).collect()
        };
        assert!(held(0, "fibre-25").is_empty());
        assert_eq!(held(100, "fibre-25").len(), 10_000);
        let ten = held(10, "fibre-25");
        // Four standard deviations of a binomial of 10,000 at a tenth are 120.
        assert!((880..=1_120).contains(&ten.len()), "{}", ten.len());
        assert_eq!(ten, held(10, "fibre-25"));
        assert_ne!(ten, held(10, "fibre-26"));
        // A greater share holds out the same people, and more.
        let twenty = held(20, "fibre-25");
        assert!(ten.iter().all(|refusal| twenty.contains(refusal)));
        // The choice is a fact, whatever version computes it: sha256("fibre-25:N") in another language gives the same.
        assert_eq!(ten[..5], [5, 16, 62, 80, 85]);
    }
}

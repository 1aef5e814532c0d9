//! May this person be called now? Decided in the transaction that hands the lead out, never before.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use crate::calling_hours::Opening;
use crate::definition::{AttemptCap, CallingProfile};
use crate::lead::{Block, ClosedReason};
use crate::{Span, ZoneName};

/// What the store knows of a person at the moment of the decision, for one seller.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The phone is suppressed for the seller, the campaign or everybody.
    pub suppressed: bool,
    /// Another assignment of the person is open; its lease ends then.
    pub open_elsewhere_until: Option<Timestamp>,
    /// Hand-outs of the person for this seller that count as tries, any order, as far back as the longest cap.
    pub tries: Vec<Timestamp>,
    /// The person's last refusal of this seller.
    pub last_refusal: Option<Timestamp>,
    /// The last day on which the lead's list may be used.
    pub licence_until: Option<Date>,
}

/// The answer, with what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Yes.
    Callable(Clearance),
    /// Not before `until`.
    Wait {
        /// Why.
        block: Block,
        /// The first instant at which this block could be gone.
        until: Timestamp,
    },
    /// Never in this campaign.
    Never(ClosedReason),
}

/// What allowed a call; kept in the assignment's decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Clearance {
    /// The calling profile that was applied.
    pub profile: String,
    /// The profile only serves to show the product.
    pub demonstration: bool,
    /// The person's zone.
    #[schema(value_type = String, example = "Europe/Paris")]
    pub time_zone: ZoneName,
    /// The person's local time.
    pub local_time: String,
    /// The window of permitted hours.
    pub window: String,
    /// The caps and how much of each was used before this call.
    pub caps: Vec<CapSeen>,
}

/// A cap and how much of it was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CapSeen {
    /// The cap.
    #[serde(flatten)]
    pub cap: AttemptCap,
    /// Tries within the window.
    pub used: u32,
}

/// Decides whether a person may be called at `now`. The checks run from the gravest to the mildest, and the first that
/// fails is the one blocking reason.
#[must_use]
pub fn decide(
    now: Timestamp,
    facts: &Facts,
    profile: &CallingProfile,
    zone_name: &ZoneName,
    zone: &TimeZone,
) -> Verdict {
    if facts.suppressed {
        return Verdict::Never(ClosedReason::Suppressed);
    }
    let local = zone.to_datetime(now);
    if facts.licence_until.is_some_and(|last| last < local.date()) {
        return Verdict::Never(ClosedReason::Expired);
    }
    if let Some(until) = facts.open_elsewhere_until {
        return Verdict::Wait { block: Block::OpenElsewhere, until: until.max(Span::minutes(1).after(now)) };
    }
    if let Some((block, until)) = held_back(now, facts, profile, zone) {
        return Verdict::Wait { block, until };
    }
    match profile.hours.at(now, zone) {
        Opening::Closed { opens_at } => {
            Verdict::Wait { block: Block::OutsideHours, until: opens_at.unwrap_or(Timestamp::MAX) }
        }
        Opening::Open { window, .. } => Verdict::Callable(Clearance {
            profile: profile.profile.clone(),
            demonstration: profile.demonstration,
            time_zone: zone_name.clone(),
            local_time: local.strftime("%A %Y-%m-%d %H:%M").to_string(),
            window: window.to_string(),
            caps: profile.caps.iter().map(|cap| CapSeen { cap: *cap, used: used(now, facts, *cap) }).collect(),
        }),
    }
}

/// What holds a person back whatever the hour: caps and the cool-down after a refusal. A tariff never shortens either.
#[must_use]
pub fn held_back(
    now: Timestamp,
    facts: &Facts,
    profile: &CallingProfile,
    zone: &TimeZone,
) -> Option<(Block, Timestamp)> {
    let capped = profile.caps.iter().filter_map(|cap| capped_until(now, facts, *cap)).max();
    let cooling = facts.last_refusal.and_then(|at| cooling_until(now, at, profile.days_after_refusal, zone));
    let capped = capped.map(|until| (Block::AttemptCap, until));
    let cooling = cooling.map(|until| (Block::CoolDown, until));
    capped.into_iter().chain(cooling).max_by_key(|(_, until)| *until)
}

/// Since when a person's tries decide anything.
#[must_use]
pub fn looks_back_to(now: Timestamp, profile: &CallingProfile) -> Timestamp {
    profile.caps.iter().map(|cap| cap.window).max().unwrap_or(Span::ZERO).before(now)
}

fn used(now: Timestamp, facts: &Facts, cap: AttemptCap) -> u32 {
    let counted = facts.tries.iter().filter(|at| cap.window.after(**at) > now).count();
    u32::try_from(counted).unwrap_or(u32::MAX)
}

/// When a cap that is full has room again: when enough of its tries are a whole window old.
fn capped_until(now: Timestamp, facts: &Facts, cap: AttemptCap) -> Option<Timestamp> {
    let mut counted: Vec<Timestamp> = facts.tries.iter().copied().filter(|at| cap.window.after(*at) > now).collect();
    let excess = counted.len().checked_sub(cap.max as usize)?;
    counted.sort_unstable();
    counted.get(excess).map(|at| cap.window.after(*at)).or(Some(Timestamp::MAX))
}

/// When the cool-down after a refusal is over: `days` full days of the person's zone, not counting that of the refusal.
/// Source of the counting: Code de la consommation D.223-9 al. 3 ("jours révolus").
fn cooling_until(now: Timestamp, refused_at: Timestamp, days: u32, zone: &TimeZone) -> Option<Timestamp> {
    if days == 0 {
        return None;
    }
    let first_day = zone.to_datetime(refused_at).date().checked_add((i64::from(days) + 1).days()).ok()?;
    let until = first_day.to_zoned(zone.clone()).ok()?.timestamp();
    (now < until).then_some(until)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calling_hours::WeeklyHours;

    fn instant(text: &str) -> Timestamp {
        text.parse().expect(text)
    }

    fn profile() -> CallingProfile {
        CallingProfile {
            profile: "test".into(),
            demonstration: false,
            subject: None,
            default_time_zone: None,
            hours: WeeklyHours::always(),
            caps: vec![AttemptCap { max: 4, window: Span::days(30) }],
            days_after_refusal: 60,
        }
    }

    fn decide_in_paris(now: &str, facts: &Facts) -> Verdict {
        let name: ZoneName = "Europe/Paris".parse().expect("a zone");
        decide(instant(now), facts, &profile(), &name, &name.rules().expect("a zone"))
    }

    #[test]
    fn the_gravest_reason_is_the_one_named() {
        let everything = Facts {
            suppressed: true,
            open_elsewhere_until: Some(instant("2026-11-24T12:00:00Z")),
            licence_until: Some("2026-01-01".parse().expect("a date")),
            ..Facts::default()
        };
        assert_eq!(decide_in_paris("2026-11-24T11:00:00Z", &everything), Verdict::Never(ClosedReason::Suppressed));
        let no_objection = Facts { suppressed: false, ..everything };
        assert_eq!(decide_in_paris("2026-11-24T11:00:00Z", &no_objection), Verdict::Never(ClosedReason::Expired));
        let licensed = Facts { licence_until: Some("2026-11-24".parse().expect("a date")), ..no_objection };
        assert!(matches!(
            decide_in_paris("2026-11-24T11:00:00Z", &licensed),
            Verdict::Wait { block: Block::OpenElsewhere, .. }
        ));
    }

    #[test]
    fn a_cap_has_room_again_when_its_oldest_try_is_a_window_old() {
        let tries = ["2026-11-01T10:00:00Z", "2026-11-05T10:00:00Z", "2026-11-03T10:00:00Z", "2026-11-04T10:00:00Z"];
        let facts = Facts { tries: tries.map(instant).to_vec(), ..Facts::default() };
        let until = instant("2026-12-01T10:00:00Z");
        assert_eq!(decide_in_paris("2026-12-01T09:59:59Z", &facts), Verdict::Wait { block: Block::AttemptCap, until });
        assert!(matches!(decide_in_paris("2026-12-01T10:00:00Z", &facts), Verdict::Callable(c) if c.caps[0].used == 3));
    }

    #[test]
    fn sixty_full_days_follow_a_refusal() {
        let facts = Facts { last_refusal: Some(instant("2026-03-03T09:00:00Z")), ..Facts::default() };
        let until = instant("2026-05-02T22:00:00Z"); // 3 May, midnight in Paris: the 61st day
        assert_eq!(decide_in_paris("2026-05-02T21:59:59Z", &facts), Verdict::Wait { block: Block::CoolDown, until });
        assert!(matches!(decide_in_paris("2026-05-02T22:00:00Z", &facts), Verdict::Callable(_)));
    }

    #[test]
    fn a_cap_of_nothing_never_has_room() {
        let mut profile = profile();
        profile.caps = vec![AttemptCap { max: 0, window: Span::days(1) }];
        let held = held_back(instant("2026-11-24T11:00:00Z"), &Facts::default(), &profile, &TimeZone::UTC);
        assert_eq!(held, Some((Block::AttemptCap, Timestamp::MAX)));
    }
}

//! May this person be called now? Decided in the transaction that hands the lead out, never before.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::definition::Definition;
use crate::funnel::LaneOpening;
use crate::lead::{Block, ClosedReason};
use crate::rules::{
    self, CallKind, CapUse, Circumstances, Consent, ConsentClass, Cooldown, CooldownAfter, Demand, Findings,
    LastEvents, Obstacle, ObstacleKind, Period, Place, RegisterHit, Relationship, Rule, RuleFinding, RuleKind, RuleSet,
    Try, Whereabouts,
};
use crate::{Span, ZoneName};

/// What the calls of a campaign are held to: the calling rules, and its own stricter limits.
#[derive(Debug, Clone)]
pub struct Law {
    set: Arc<RuleSet>,
    own: Vec<Rule>,
    call: CallKind,
    profile: String,
    demonstration: bool,
}

/// Everywhere, for a campaign that only shows the product: a set of rules with one place and nothing to be held to in it.
static LAWLESS: LazyLock<(Arc<RuleSet>, Place)> = LazyLock::new(|| {
    let pack = r#"
        [pack]
        name = "demonstration"
        edition = 2026-01-01
        [[jurisdictions]]
        code = "XX"
        name = "Anywhere"
        numbers = ["+999"]
        countries = ["AQ"]
        reviewed = 2026-01-01
        [[rules]]
        id = "NO-LAW"
        in = "XX"
        kind = "record"
        basis = "product-default"
        audience = "any"
        purpose = "any"
        mode = "any"
        source = "nobody in a demonstration is real"
        evidence = "primary"
        verified = true
        what = "a campaign for demonstration is held to its own limits only""#;
    let holidays = r#"
        [table]
        generated_by = "nobody"
        years = [2026]
        [[calendars]]
        code = "XX"
        name = "No holidays"
        days = []"#;
    let set =
        RuleSet::compile(("demonstration", pack), ("demonstration", holidays)).expect("an empty pack is in order");
    (Arc::new(set), "XX".parse().expect("a place"))
});

impl Law {
    /// What a campaign is held to under a set of rules. One for demonstration is held to nothing but its own limits.
    #[must_use]
    pub fn of(definition: &Definition, rules: &Arc<RuleSet>) -> Self {
        let calling = &definition.calling;
        Self {
            set: if calling.demonstration { Arc::clone(&LAWLESS.0) } else { Arc::clone(rules) },
            own: rules::own_rules(calling),
            call: calling.call.clone(),
            profile: calling.profile.clone(),
            demonstration: calling.demonstration,
        }
    }

    /// Where a person is, for this law.
    #[must_use]
    pub fn place(&self, person: &Whereabouts<'_>) -> Place {
        if self.demonstration { LAWLESS.1.clone() } else { self.set.place(person) }
    }

    /// Whether calls to somebody are within the permitted hours at an instant.
    #[must_use]
    pub fn is_open(&self, at: Timestamp, callee: &Callee<'_>) -> bool {
        let zones: Vec<TimeZone> = callee.zone.and_then(|name| name.rules().ok()).into_iter().collect();
        let place = self.place(&callee.whereabouts);
        matches!(
            rules::hours_at(at, &self.set, &self.own, &self.call, &place, &zones),
            rules::HoursOpening::Open { .. }
        )
    }

    /// Since when a person's tries decide anything.
    #[must_use]
    pub fn looks_back_to(&self, now: Timestamp) -> Timestamp {
        let caps = self.set.rules().iter().chain(&self.own).filter_map(|rule| match &rule.demand {
            Demand::Cap(cap) => Some(cap.window.longest()),
            _ => None,
        });
        caps.max().unwrap_or(Span::ZERO).before(now)
    }

    /// An instant before which nothing that happened to a person holds them back at `now`: no try counts any more for a cap, and
    /// every cool-down is over. The beginning of time where one of the cool-downs has no end.
    #[must_use]
    pub fn holds_back_from(&self, now: Timestamp) -> Timestamp {
        let mut cooldowns = self.set.rules().iter().chain(&self.own).filter_map(|rule| match &rule.demand {
            // Whoever objected is suppressed, and tariffs look at no machines.
            Demand::Cooldown(Cooldown {
                after: CooldownAfter::Refusal | CooldownAfter::Conversation,
                duration,
                ..
            }) => Some(duration.map(Period::longest)),
            _ => None,
        });
        let longest = cooldowns.try_fold(Span::ZERO, |longest, one| Some(longest.max(one?)));
        // Days are counted whole, in zones up to a day apart from each other.
        let ends = longest.map_or(Timestamp::MIN, |longest| Span::days(3).before(longest.before(now)));
        ends.min(self.looks_back_to(now))
    }

    /// The last day on which other rules come into force, or cease to be.
    #[must_use]
    pub fn last_change(&self) -> Option<Date> {
        let days = self.set.rules().iter().flat_map(|rule| [rule.from, rule.to]);
        days.flatten().max()
    }

    /// Version of the set of rules; empty where none applies.
    #[must_use]
    pub fn version(&self) -> &str {
        if self.demonstration { "" } else { self.set.version() }
    }
}

/// Somebody who might be called, as far as the law looks at them.
#[derive(Debug, Clone, Copy)]
pub struct Callee<'a> {
    /// Number and address.
    pub whereabouts: Whereabouts<'a>,
    /// The zone they live in; none where nobody knows it.
    pub zone: Option<&'a ZoneName>,
    /// What they agreed to.
    pub consent: Consent,
    /// What they are to the seller.
    pub relationship: Relationship,
}

/// What the store knows of a person at the moment of the decision, for one seller.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// A number of theirs is suppressed for the seller, the campaign or everybody, other than by a register.
    pub suppressed: bool,
    /// Registers that a number of theirs stands in.
    pub hits: Vec<RegisterHit>,
    /// The day of the newest file of each register that is kept for the seller or the campaign.
    pub registers: BTreeMap<String, Date>,
    /// Another assignment of the person is open; its lease ends then.
    pub open_elsewhere_until: Option<Timestamp>,
    /// Hand-outs of the person for this seller that count as tries, any order, as far back as the longest cap.
    pub tries: Vec<Try>,
    /// When things last happened between the person and the seller.
    pub last: LastEvents,
    /// The last hand-out of the person for this seller: a consent was used then.
    pub last_handed_at: Option<Timestamp>,
    /// The last day on which the lead's list may be used.
    pub licence_until: Option<Date>,
}

impl Facts {
    /// Whether nothing is known to have happened between the person and the seller: no cap or cool-down can hold.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.tries.is_empty() && self.last == LastEvents::default()
    }
}

/// The answer, with what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Yes.
    Callable(Box<Clearance>),
    /// Not before `until`.
    Wait {
        /// Why.
        block: Block,
        /// The first instant at which the person may be callable; the end of time where time alone changes nothing.
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
    /// Version of the calling rules that were applied; empty where none were.
    pub rule_set: String,
    /// The person's jurisdictions.
    #[schema(value_type = String, example = "FR")]
    pub place: Place,
    /// The person's zone.
    #[schema(value_type = String, example = "Europe/Paris")]
    pub time_zone: ZoneName,
    /// The person's local time.
    pub local_time: String,
    /// The window of permitted hours that closes first.
    pub window: String,
    /// What the person had agreed to.
    pub consent: Consent,
    /// What the person was to the seller.
    pub relationship: Relationship,
    /// Every rule that was applied and what it found.
    pub rules: Vec<RuleFinding>,
}

impl Clearance {
    /// How much of each cap was used before this call.
    #[must_use]
    pub fn caps(&self) -> Vec<CapUse> {
        self.rules.iter().filter_map(|rule| rule.used).collect()
    }
}

/// Decides whether a person may be called at `now`. The checks run from the gravest to the mildest, and the first that
/// fails is the one blocking reason.
#[must_use]
pub fn decide(now: Timestamp, law: &Law, callee: &Callee<'_>, facts: &Facts) -> Verdict {
    decide_in(now, law, &law.place(&callee.whereabouts), callee, facts)
}

/// The same for somebody who was in a place: their number and address may be others by now.
#[must_use]
pub fn decide_in(now: Timestamp, law: &Law, place: &Place, callee: &Callee<'_>, facts: &Facts) -> Verdict {
    if facts.suppressed {
        return Verdict::Never(ClosedReason::Suppressed);
    }
    let Some((name, zone)) = callee.zone.and_then(|name| Some((name, name.rules().ok()?))) else {
        return Verdict::Wait { block: Block::NoTimeZone, until: Timestamp::MAX };
    };
    let local = zone.to_datetime(now);
    if facts.licence_until.is_some_and(|last| last < local.date()) {
        return Verdict::Never(ClosedReason::Expired);
    }
    if is_in_other_register(law, place, local.date(), facts) {
        return Verdict::Never(ClosedReason::Suppressed);
    }
    if let Some(until) = facts.open_elsewhere_until {
        return Verdict::Wait { block: Block::OpenElsewhere, until: until.max(Span::minutes(1).after(now)) };
    }
    let zones = [zone];
    let person = circumstances(law, place, &zones, callee, facts);
    let findings = rules::check(now, &law.set, &law.own, &person);
    match findings.obstacle {
        Some(Obstacle { kind: ObstacleKind::Registered, .. }) => Verdict::Never(ClosedReason::Suppressed),
        Some(obstacle) => {
            let until = rules::first_clear(now, &law.set, &law.own, &person).unwrap_or(Timestamp::MAX);
            Verdict::Wait { block: block(obstacle.kind), until }
        }
        None => Verdict::Callable(Box::new(Clearance {
            profile: law.profile.clone(),
            demonstration: law.demonstration,
            rule_set: law.version().to_owned(),
            place: place.clone(),
            time_zone: name.clone(),
            local_time: local.strftime("%A %Y-%m-%d %H:%M").to_string(),
            window: findings.window.unwrap_or_else(|| "00:00-24:00".to_owned()),
            consent: person.consent,
            relationship: person.relationship,
            rules: findings.rules,
        })),
    }
}

/// A register of which no rule speaks is the seller's own wish: it always counts. Of the others the rule decides.
fn is_in_other_register(law: &Law, place: &Place, day: Date, facts: &Facts) -> bool {
    let governed = |hit: &RegisterHit| {
        law.set.registers_needed(place, &law.call, day).iter().any(|needed| needed.register == hit.register)
    };
    facts.hits.iter().any(|hit| !governed(hit))
}

fn circumstances<'a>(
    law: &'a Law,
    place: &'a Place,
    zones: &'a [TimeZone],
    callee: &Callee<'_>,
    facts: &'a Facts,
) -> Circumstances<'a> {
    let used_on = facts.last_handed_at.and_then(|at| Some(zones.first()?.to_datetime(at).date()));
    Circumstances {
        call: &law.call,
        place,
        zones,
        consent: Consent { last_used_on: used_on, ..callee.consent },
        relationship: callee.relationship,
        registers: &facts.registers,
        hits: &facts.hits,
        tries: &facts.tries,
        last: facts.last,
    }
}

fn block(kind: ObstacleKind) -> Block {
    match kind {
        ObstacleKind::NoJurisdiction => Block::NoJurisdiction,
        ObstacleKind::NoTimeZone => Block::NoTimeZone,
        ObstacleKind::Banned => Block::Banned,
        ObstacleKind::RegisterTooOld => Block::RegisterTooOld,
        // One that stands in a register is suppressed; a lane knows of no numbers.
        ObstacleKind::Registered | ObstacleKind::NoConsent => Block::NoConsent,
        ObstacleKind::CoolDown => Block::CoolDown,
        ObstacleKind::AttemptCap => Block::AttemptCap,
        ObstacleKind::OutsideHours => Block::OutsideHours,
    }
}

/// What every rule says of a person, and the first instant at which they may be called: for whoever asks why. None where nobody
/// knows the person's zone.
#[must_use]
pub fn explain(now: Timestamp, law: &Law, callee: &Callee<'_>, facts: &Facts) -> (Place, Findings, Option<Timestamp>) {
    let place = law.place(&callee.whereabouts);
    let (findings, first) = explain_in(now, law, &place, callee, facts);
    (place, findings, first)
}

/// The same of somebody who was in a place.
#[must_use]
pub fn explain_in(
    now: Timestamp,
    law: &Law,
    place: &Place,
    callee: &Callee<'_>,
    facts: &Facts,
) -> (Findings, Option<Timestamp>) {
    let zones: Vec<TimeZone> = callee.zone.and_then(|name| name.rules().ok()).into_iter().collect();
    let person = circumstances(law, place, &zones, callee, facts);
    let findings = rules::check(now, &law.set, &law.own, &person);
    let first = rules::first_clear(now, &law.set, &law.own, &person);
    (findings, first)
}

/// The first instant from one that was promised on at which the rules let the call be made, and what stands in the way before; the
/// promised one where time alone clears nothing, for the hand-out will say so.
#[must_use]
pub fn permitted_from(
    promised: Timestamp,
    law: &Law,
    callee: &Callee<'_>,
    facts: &Facts,
) -> (Timestamp, Option<String>) {
    let (_, findings, first) = explain(promised, law, callee, facts);
    match (findings.obstacle, first) {
        (Some(obstacle), Some(first)) => (first, Some(obstacle.sentence)),
        _ => (promised, None),
    }
}

/// What holds a person back whatever the hour: caps and the cool-downs. A tariff never shortens either.
#[must_use]
pub fn held_back(now: Timestamp, law: &Law, callee: &Callee<'_>, facts: &Facts) -> Option<(Block, Timestamp)> {
    let (_, findings, _) = explain(now, law, callee, facts);
    let held = findings.rules.iter().filter(|finding| !finding.passed).filter_map(|finding| {
        let block = match finding.kind {
            RuleKind::Cap => Block::AttemptCap,
            RuleKind::Cooldown => Block::CoolDown,
            _ => return None,
        };
        Some((block, finding.until.unwrap_or(Timestamp::MAX)))
    });
    held.max_by_key(|(_, until)| *until)
}

/// What the people of a lane have in common.
#[derive(Debug, Clone, Copy)]
pub struct Lane<'a> {
    /// Their zone; none where nobody knows it.
    pub zone: Option<&'a ZoneName>,
    /// Their jurisdictions.
    pub place: &'a Place,
    /// How good their consent is.
    pub consent: ConsentClass,
    /// They may be called outside the permitted hours too.
    pub hours_waiver: bool,
    /// What they are to the seller.
    pub relationship: Relationship,
    /// Their list's share of the queue, where one was given.
    pub weight: Option<u32>,
    /// Somebody is the only one who receives them.
    pub is_reserved: bool,
}

/// Whether the leads of a lane may be called now, as far as that is decided for all of them at once: where they are, what they are
/// called for, what they agreed to, and what time it is for them. Days of consents differ, so that they are not looked at here.
#[must_use]
pub fn lane_opening(now: Timestamp, law: &Law, lane: &Lane<'_>, registers: &BTreeMap<String, Date>) -> LaneOpening {
    lane_opening_until(now, law, lane, registers).0
}

/// The same, and an instant before which it stays so where nothing but time changes: the person's midnight at the latest, because
/// rules and registers are in force by the day. It may be `now`, and then holds for no time.
#[must_use]
pub fn lane_opening_until(
    now: Timestamp,
    law: &Law,
    lane: &Lane<'_>,
    registers: &BTreeMap<String, Date>,
) -> (LaneOpening, Timestamp) {
    if lane.weight == Some(0) {
        return (LaneOpening::SwitchedOff, Timestamp::MAX);
    }
    let Some(zone) = lane.zone.and_then(|name| name.rules().ok()) else {
        return (LaneOpening::Closed { block: Block::NoTimeZone, opens_at: None }, Timestamp::MAX);
    };
    let today = zone.to_datetime(now).date();
    let tomorrow = today.tomorrow().and_then(|day| day.to_zoned(zone.clone()));
    let midnight = tomorrow.map_or(now, |start| start.timestamp());
    let zones = [zone];
    let consent = Consent {
        class: lane.consent,
        given_on: Some(today),
        last_used_on: Some(today),
        hours_waiver: lane.hours_waiver,
    };
    let person = Circumstances {
        call: &law.call,
        place: if law.demonstration { &LAWLESS.1 } else { lane.place },
        zones: &zones,
        consent,
        relationship: lane.relationship,
        registers,
        hits: &[],
        tries: &[],
        last: LastEvents::default(),
    };
    let findings = rules::check(now, &law.set, &law.own, &person);
    let Some(obstacle) = findings.obstacle else {
        let closes = findings.open_until.map_or(midnight, |until| rules::DIAL_SLACK.before(until));
        return (if lane.is_reserved { LaneOpening::OpenForOne } else { LaneOpening::Open }, midnight.min(closes));
    };
    let opens_at = rules::first_clear(now, &law.set, &law.own, &person);
    (
        LaneOpening::Closed { block: block(obstacle.kind), opens_at },
        opens_at.map_or(midnight, |opens| midnight.min(opens)),
    )
}

#[cfg(test)]
mod tests;

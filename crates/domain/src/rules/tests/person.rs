//! A person to ask the rules about.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::super::*;

/// A person, the rules, and what happened so far. Local times are those of the first zone.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) set: Arc<RuleSet>,
    pub(super) own: Vec<Rule>,
    pub(super) place: Place,
    pub(super) zones: Vec<TimeZone>,
    pub(super) call: CallKind,
    pub(super) consent: Consent,
    pub(super) relationship: Relationship,
    pub(super) registers: BTreeMap<String, Date>,
    pub(super) hits: Vec<RegisterHit>,
    pub(super) tries: Vec<Try>,
    pub(super) last: LastEvents,
}

/// What stands in the way: the kind, the rule and until when, in local time.
pub(super) type InTheWay = Option<(ObstacleKind, String, String)>;

pub(super) fn marketing() -> CallKind {
    CallKind { purpose: Purpose::Marketing, audience: Audience::B2c, mode: DialMode::Manual, sector: None }
}

/// A person by the shipped rules with a proven consent of 1 September 2026.
pub(super) fn by_shipped(number: &str, country: &str, region: Option<&str>, zones: &[&str]) -> Person {
    let set = RuleSet::shipped();
    let place = set.place(&Whereabouts { number, country, region });
    let consent = Consent { class: ConsentClass::Proven, given_on: Some(date("2026-09-01")), ..Consent::UNSAID };
    Person { consent, ..by(set, place, zones) }
}

/// A person by some rules, of whom nothing is known.
pub(super) fn by(set: Arc<RuleSet>, place: Place, zones: &[&str]) -> Person {
    Person {
        set,
        own: Vec::new(),
        place,
        zones: zones.iter().map(|zone| TimeZone::get(zone).expect("a zone")).collect(),
        call: marketing(),
        consent: Consent::UNSAID,
        relationship: Relationship::None,
        registers: BTreeMap::new(),
        hits: Vec::new(),
        tries: Vec::new(),
        last: LastEvents::default(),
    }
}

pub(super) fn date(text: &str) -> Date {
    text.parse().expect("a date")
}

impl Person {
    pub(super) fn with_register(mut self, register: &str, file: &str) -> Self {
        self.registers.insert(register.to_owned(), date(file));
        self
    }

    pub(super) fn with_tries(mut self, local: &[&str]) -> Self {
        let one = |at: &&str| Try { at: self.at(at), same_subject: true, same_number: true, connected: None };
        self.tries = local.iter().map(one).collect();
        self
    }

    /// The instant of a local time.
    pub(super) fn at(&self, local: &str) -> Timestamp {
        let local: DateTime = local.parse().expect("a local time");
        let zone = self.zones.first().cloned().unwrap_or(TimeZone::UTC);
        zone.to_timestamp(local).expect("in range")
    }

    /// The local time of an instant.
    pub(super) fn local(&self, at: Timestamp) -> String {
        self.zones.first().unwrap_or(&TimeZone::UTC).to_datetime(at).to_string()
    }

    pub(super) fn circumstances(&self) -> Circumstances<'_> {
        Circumstances {
            call: &self.call,
            place: &self.place,
            zones: &self.zones,
            consent: self.consent,
            relationship: self.relationship,
            registers: &self.registers,
            hits: &self.hits,
            tries: &self.tries,
            last: self.last,
        }
    }

    pub(super) fn check(&self, local: &str) -> Findings {
        check(self.at(local), &self.set, &self.own, &self.circumstances())
    }

    /// What stands in the way at a local time.
    pub(super) fn obstacle(&self, local: &str) -> InTheWay {
        let obstacle = self.check(local).obstacle?;
        let until = obstacle.until.map(|at| self.local(at)).unwrap_or_default();
        Some((obstacle.kind, obstacle.rule.unwrap_or_default(), until))
    }

    /// The local time from which nothing stands in the way.
    pub(super) fn first_clear(&self, local: &str) -> Option<String> {
        first_clear(self.at(local), &self.set, &self.own, &self.circumstances()).map(|at| self.local(at))
    }

    /// The words with which a rule speaks of a local time.
    pub(super) fn sentence(&self, local: &str, rule: &str) -> String {
        let findings = self.check(local);
        findings.rules.into_iter().find(|finding| finding.id == rule).map(|f| f.sentence).unwrap_or_default()
    }
}

/// An obstacle as [`Person::obstacle`] gives it.
pub(super) fn by_rule(kind: ObstacleKind, rule: &str, until: &str) -> InTheWay {
    Some((kind, rule.to_owned(), until.to_owned()))
}

//! What the calling rules say of a call that is only imagined: nobody is handed out, nothing is stored.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use relance_domain::rules::{
    self, Audience, CallKind, Circumstances, Consent, ConsentClass, DialMode, LastEvents, Obstacle, Place, Purpose,
    Relationship, RuleFinding, RuleSet, Try, Whereabouts,
};
use relance_domain::zone::{self, ZoneSource};
use relance_domain::{E164, ZoneName};
use relance_lists::zone_by_number;
use serde::{Deserialize, Serialize};

use super::RulePack;
use super::times::Clocks;
use crate::why::asked_phone;
use crate::{Engine, Error, Result};

/// What a refusal of the question names.
const CALL: &str = "the call";
/// So often is a call that waits for an obstacle looked at again with registers of that day.
const WAITS_MAX: usize = 64;

/// A call that is imagined, and what is known of the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CallToTest {
    /// The number, in international form or as written in `country`.
    #[schema(example = "+33199001234")]
    pub phone: String,
    /// ISO 3166-1 alpha-2 code of the postal address. None says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "FR")]
    pub country: Option<String>,
    /// State or region of the postal address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Postal code of the address, which may tell the time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postcode: Option<String>,
    /// The person's time zone; found by address and number unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "Europe/Paris")]
    pub time_zone: Option<ZoneName>,
    /// When the call would be made: an instant, or a time of the person's own clocks; now unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2026-11-24T13:00")]
    pub at: Option<String>,
    /// What for.
    #[serde(default = "marketing")]
    pub purpose: Purpose,
    /// Whom.
    #[serde(default = "consumers")]
    pub audience: Audience,
    /// How it is dialled.
    #[serde(default = "by_hand")]
    pub mode: DialMode,
    /// What is sold, in the word that bans use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sector: Option<String>,
    /// What binds the person to the seller.
    #[serde(default)]
    pub relationship: Relationship,
    /// What the person agreed to.
    #[serde(default = "unsaid")]
    pub consent: ConsentClass,
    /// The day on which they did.
    #[serde(
        default,
        deserialize_with = "relance_domain::written::date_if_any",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<String>, format = Date)]
    pub consent_on: Option<Date>,
    /// They agreed to be called outside the permitted hours too.
    #[serde(default)]
    pub hours_waiver: bool,
    /// Tries whose times nobody knows: they count as made at the instant of the call.
    #[serde(default)]
    pub tries: u16,
    /// The times of other tries, written like `at`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tried_at: Vec<String>,
    /// When the person last refused an offer, written like `at`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_at: Option<String>,
    /// The day of the newest file of registers by short name. Those that are not named are taken as fresh.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = Object)]
    pub registers: BTreeMap<String, Date>,
}

/// What the calling rules say of an imagined call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TestedCall {
    /// Whether it may be made, as far as the rules go.
    pub callable: bool,
    /// The number, masked.
    pub phone: String,
    /// The jurisdictions that the person is in, by number and by address; empty when the person is in none.
    #[schema(value_type = String, example = "FR")]
    pub place: Place,
    /// Their names and those of what they lie in.
    pub jurisdictions: Vec<String>,
    /// When the call would be made.
    pub at: Timestamp,
    /// What the clocks show there. Where the person may live in several zones, all must be open.
    pub local_times: Vec<LocalTime>,
    /// What tells the zones.
    pub zones_from: ZoneFrom,
    /// Every rule that applies and what it says.
    pub rules: Vec<RuleApplied>,
    /// The one thing in the way.
    pub obstacle: Option<Obstacle>,
    /// The window of permitted hours that closes first, when all are open.
    pub window: Option<String>,
    /// When it closes.
    pub open_until: Option<Timestamp>,
    /// The first instant from `at` on at which the call may be made if nothing happens until then; absent where time alone does
    /// not clear it.
    pub callable_from: Option<Timestamp>,
    /// The same as the clocks of the first zone show it.
    pub callable_from_local: Option<String>,
    /// What was taken as given because nobody asked.
    pub assumptions: Vec<String>,
    /// The pack that was asked.
    pub pack: RulePack,
}

/// What the clocks of a zone show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LocalTime {
    /// The zone.
    #[schema(value_type = String, example = "Europe/Paris")]
    pub time_zone: ZoneName,
    /// Weekday, day and time.
    #[schema(example = "Tuesday 2026-11-24 13:00")]
    pub local_time: String,
}

/// What tells a person's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ZoneFrom {
    /// It was given.
    Given,
    /// The postal address.
    Address,
    /// The number; one that may be answered in several zones has them all.
    Number,
    /// Nothing does.
    Nothing,
}

/// A rule that applies, and what it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RuleApplied {
    /// What it says.
    #[serde(flatten)]
    pub finding: RuleFinding,
    /// Where it was read.
    pub source: String,
    /// Whether a source that settles it was read.
    pub verified: bool,
}

fn marketing() -> Purpose {
    Purpose::Marketing
}

fn consumers() -> Audience {
    Audience::B2c
}

fn by_hand() -> DialMode {
    DialMode::Manual
}

fn unsaid() -> ConsentClass {
    ConsentClass::Unsaid
}

impl Engine {
    /// What the calling rules say of a call that is imagined. No campaign's own limits, suppression, licence or open call is looked
    /// at, and no database.
    pub fn test_call(&self, asked: &CallToTest) -> Result<TestedCall> {
        let trial = Trial::read(asked, self.rules(), self.now())?;
        let findings = rules::check(trial.at, trial.set, &[], &trial.person(&trial.registers(trial.at)));
        let from = trial.first_clear();
        let applied = |finding: RuleFinding| {
            let rule = trial.set.rule(&finding.id);
            RuleApplied {
                source: rule.map(|rule| rule.source.clone()).unwrap_or_default(),
                verified: rule.is_some_and(|rule| rule.verified),
                finding,
            }
        };
        let shown = |at: Timestamp| Some(local_time(at, trial.clocks.first()?));
        Ok(TestedCall {
            callable: findings.obstacle.is_none(),
            phone: trial.number.masked(),
            jurisdictions: names(trial.set, &trial.place),
            at: trial.at,
            local_times: trial
                .zones
                .iter()
                .zip(&trial.clocks)
                .map(|(name, zone)| LocalTime { time_zone: name.clone(), local_time: local_time(trial.at, zone) })
                .collect(),
            zones_from: trial.zones_from,
            rules: findings.rules.into_iter().map(applied).collect(),
            obstacle: findings.obstacle,
            window: findings.window,
            open_until: findings.open_until,
            callable_from: from,
            callable_from_local: from.and_then(shown),
            assumptions: trial.assumptions(),
            pack: self.rule_pack(),
            place: trial.place,
        })
    }
}

/// A question that was read.
struct Trial<'q> {
    asked: &'q CallToTest,
    set: &'q RuleSet,
    number: E164,
    place: Place,
    zones: Vec<ZoneName>,
    clocks: Vec<TimeZone>,
    zones_from: ZoneFrom,
    at: Timestamp,
    call: CallKind,
    tries: Vec<Try>,
    refused_at: Option<Timestamp>,
}

/// What is wrong with a sector that no rule names: a ban that was meant would not be found.
pub(crate) fn unknown_sector(set: &RuleSet, sector: &str) -> Option<String> {
    let sectors = set.sectors();
    let message = || format!("{sector:?} is in no calling rule: write one of {}, or leave it out", sectors.join(", "));
    (!sectors.contains(&sector)).then(message)
}

impl<'q> Trial<'q> {
    fn read(asked: &'q CallToTest, set: &'q RuleSet, now: Timestamp) -> Result<Self> {
        let country = asked.country.as_deref().map(country).transpose()?;
        let number = asked_phone(&asked.phone, country.as_deref())?;
        let wants_day = asked.consent >= ConsentClass::Proven && asked.consent_on.is_none();
        if wants_day {
            let message = "is missing: a consent of this class is one whose day is known";
            return Err(Error::field(CALL, "consent_on", message));
        }
        let country = country.unwrap_or_default();
        let place =
            set.place(&Whereabouts { number: number.reveal(), country: &country, region: asked.region.as_deref() });
        let (zones, zones_from) = zones(asked, &number, &country);
        let clocks = Clocks { zones: &zones, any_will_do: place.is_nowhere() };
        let time = |field: &str, text: &String| clocks.read(text).map_err(|wrong| Error::field(CALL, field, wrong));
        let at = asked.at.as_ref().map_or(Ok(now), |text| time("at", text))?;
        let timed = asked.tried_at.iter().enumerate().map(|(index, text)| time(&format!("tried_at[{index}]"), text));
        let untimed = std::iter::repeat_n(at, usize::from(asked.tries)).map(Ok);
        let counted = |at: Timestamp| Try { at, same_subject: true, same_number: true, connected: None };
        let tries = timed.chain(untimed).map(|at| at.map(counted)).collect::<Result<_>>()?;
        let refused_at = asked.refused_at.as_ref().map(|text| time("refused_at", text)).transpose()?;
        let CallToTest { purpose, audience, mode, ref sector, .. } = *asked;
        if let Some(message) = sector.as_deref().and_then(|sector| unknown_sector(set, sector)) {
            return Err(Error::field(CALL, "sector", message));
        }
        Ok(Self {
            clocks: zones.iter().filter_map(|zone| zone.rules().ok()).collect(),
            call: CallKind { purpose, audience, mode, sector: sector.clone() },
            asked,
            set,
            number,
            place,
            zones,
            zones_from,
            at,
            tries,
            refused_at,
        })
    }

    fn person<'t>(&'t self, registers: &'t BTreeMap<String, Date>) -> Circumstances<'t> {
        let CallToTest { consent: class, consent_on: given_on, hours_waiver, relationship, .. } = *self.asked;
        Circumstances {
            call: &self.call,
            place: &self.place,
            zones: &self.clocks,
            consent: Consent { class, given_on, last_used_on: None, hours_waiver },
            relationship,
            registers,
            hits: &[],
            tries: &self.tries,
            // Whoever refused was spoken with.
            last: LastEvents { refusal: self.refused_at, conversation: self.refused_at, ..LastEvents::default() },
        }
    }

    /// The registers at an instant: those that nobody named have a file of that very day.
    fn registers(&self, at: Timestamp) -> BTreeMap<String, Date> {
        let mut registers = self.asked.registers.clone();
        for zone in &self.clocks {
            let today = zone.to_datetime(at).date();
            for needed in self.set.registers_needed(&self.place, &self.call, today) {
                registers.entry(needed.register.to_owned()).or_insert(today);
            }
        }
        registers
    }

    /// The first instant at which nothing stands in the way. Registers that are taken as fresh are fresh then too.
    fn first_clear(&self) -> Option<Timestamp> {
        let mut at = self.at;
        for _ in 0..WAITS_MAX {
            let registers = self.registers(at);
            let person = self.person(&registers);
            if let Some(first) = rules::first_clear(at, self.set, &[], &person) {
                return Some(first);
            }
            // A file of this day may only be too old when everything else is over: then one of that day is taken.
            let findings = rules::check(at, self.set, &[], &person);
            let failed = || findings.rules.iter().filter(|finding| !finding.passed);
            if failed().any(|finding| finding.until.is_none()) {
                return None;
            }
            at = failed().filter_map(|finding| finding.until).max()?;
        }
        None
    }

    fn assumptions(&self) -> Vec<String> {
        let mut told = vec![
            "the number is in no register, and nobody has suppressed it or objected".to_owned(),
            "no campaign's own hours and caps are looked at, which may be stricter".to_owned(),
        ];
        let asked = &self.asked.registers;
        let fresh: Vec<String> = self.registers(self.at).into_keys().filter(|name| !asked.contains_key(name)).collect();
        if !fresh.is_empty() {
            told.push(format!(
                "of each of these registers a file of the day of the call is loaded: {}",
                fresh.join(", ")
            ));
        }
        if self.zones.len() > 1 {
            told.push(
                "the person may live in any of these zones, so that all must be open; a campaign calls nobody whose one zone it \
                 does not know"
                    .to_owned(),
            );
        }
        if !self.tries.is_empty() {
            told.push("somebody answered every try, on the same number and about the same subject".to_owned());
        }
        told
    }
}

/// The code of a country.
fn country(text: &str) -> Result<String> {
    let code = text.trim().to_ascii_uppercase();
    if code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase()) {
        Ok(code)
    } else {
        Err(Error::field(CALL, "country", "is not the code of a country: write two letters, as in FR"))
    }
}

/// The zones that the person may live in, as a load would find them.
fn zones(asked: &CallToTest, number: &E164, country: &str) -> (Vec<ZoneName>, ZoneFrom) {
    let person = zone::Whereabouts {
        stated: asked.time_zone.as_ref(),
        country,
        region: asked.region.as_deref().map(str::trim).filter(|region| !region.is_empty()),
        postcode: asked.postcode.as_deref(),
        by_number: zone_by_number::zones(number),
        fixed_line: false,
    };
    match zone::resolve(person, None).zone {
        Some((zone, ZoneSource::List)) => (vec![zone], ZoneFrom::Given),
        Some((zone, ZoneSource::Address)) => (vec![zone], ZoneFrom::Address),
        Some((zone, ZoneSource::Number | ZoneSource::Default)) => (vec![zone], ZoneFrom::Number),
        None => match zone::candidates(person) {
            zones if zones.is_empty() => (zones, ZoneFrom::Nothing),
            zones => (zones, ZoneFrom::Number),
        },
    }
}

/// The names of a place's jurisdictions, each followed by what it lies in.
fn names(set: &RuleSet, place: &Place) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for jurisdiction in place.codes().flat_map(|code| set.jurisdiction(code)) {
        let name = format!("{} ({})", jurisdiction.name, jurisdiction.code);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn local_time(at: Timestamp, zone: &TimeZone) -> String {
    zone.to_datetime(at).strftime("%A %Y-%m-%d %H:%M").to_string()
}

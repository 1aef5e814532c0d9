//! A rule: whom it binds, since when, on what ground, and what it demands.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize, Serializer};

use super::period::Period;
use super::words::{
    Audience, Basis, ConsentModel, CooldownAfter, Counts, DayCount, DialMode, Evidence, Per, Purpose, Relationship,
    RuleKind, WindowType,
};
use crate::calling_hours::{WeeklyHours, Window};

/// One rule of the pack, or one of a campaign's own stricter limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Its name in every decision; unique and never reused.
    pub id: String,
    /// The code of the jurisdiction whose rule it is, or [`EVERYWHERE`].
    #[serde(rename = "in")]
    pub jurisdiction: String,
    /// What it rests on.
    pub basis: Basis,
    /// Who is called.
    pub audience: Audience,
    /// What for.
    pub purpose: Purpose,
    /// How the number is dialled.
    pub mode: DialMode,
    /// First local day on which it binds; absent when it always did.
    pub from: Option<Date>,
    /// Last local day on which it binds; absent while nobody knows of one.
    pub to: Option<Date>,
    /// Where it was read. Never blank.
    pub source: String,
    /// The address of the source.
    pub source_url: Option<String>,
    /// How well it was read.
    pub evidence: Evidence,
    /// Whether a source that settles it was read.
    pub verified: bool,
    /// What it does not encode.
    pub note: Option<String>,
    /// Where sources disagree.
    pub conflict: Option<String>,
    /// What it demands in words.
    pub what: Option<String>,
    /// What it demands.
    #[serde(flatten, serialize_with = "with_kind")]
    pub demand: Demand,
}

/// The jurisdiction of a default that holds only where no jurisdiction of the person has a rule of the same kind.
pub const EVERYWHERE: &str = "*";

impl Rule {
    /// The kind of what it demands.
    #[must_use]
    pub fn kind(&self) -> RuleKind {
        self.demand.kind()
    }

    /// Whether it binds such calls at all, on whatever day.
    #[must_use]
    pub fn concerns(&self, call: &CallKind) -> bool {
        let audience =
            self.audience == Audience::Any || call.audience == Audience::Any || self.audience == call.audience;
        let purpose = self.purpose == Purpose::Any || call.purpose == Purpose::Any || self.purpose == call.purpose;
        // A recording is played by a machine that dialled: rules for automated calls bind it too.
        let mode = match (self.mode, call.mode) {
            (DialMode::Any, _) | (_, DialMode::Any) | (DialMode::Automated, DialMode::Prerecorded) => true,
            (rule, call) => rule == call,
        };
        audience && purpose && mode
    }

    /// Whether it is in force on any of the days from `first` to `last`.
    #[must_use]
    pub fn in_force(&self, first: Date, last: Date) -> bool {
        self.from.is_none_or(|from| from <= last) && self.to.is_none_or(|to| first <= to)
    }
}

/// What a rule demands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Demand {
    /// Permitted hours.
    Hours(Hours),
    /// Most tries.
    Cap(Cap),
    /// No call for a while after something happened.
    Cooldown(Cooldown),
    /// Agreement beforehand.
    Consent(ConsentDemand),
    /// Numbers of a register are not called.
    Dnc(RegisterDemand),
    /// No such calls at all.
    Ban(Ban),
    /// How long data is kept.
    Retention(RetentionLimits),
    /// Kept for the people who set up the telephone system; nothing here decides by it.
    Record(Record),
}

impl Demand {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> RuleKind {
        match self {
            Self::Hours(_) => RuleKind::Hours,
            Self::Cap(_) => RuleKind::Cap,
            Self::Cooldown(_) => RuleKind::Cooldown,
            Self::Consent(_) => RuleKind::Consent,
            Self::Dnc(_) => RuleKind::Dnc,
            Self::Ban(_) => RuleKind::Ban,
            Self::Retention(_) => RuleKind::Retention,
            Self::Record(record) => record.of,
        }
    }
}

/// Writes a demand as the pack does: its kind, and its own keys beside it.
fn with_kind<S: Serializer>(demand: &Demand, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Kinded<'a> {
        kind: RuleKind,
        #[serde(flatten)]
        demand: &'a Demand,
    }
    Kinded { kind: demand.kind(), demand }.serialize(serializer)
}

/// Permitted hours in the person's zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hours {
    /// The windows of each weekday.
    pub windows: WeeklyHours,
    /// What a holiday changes.
    pub holiday: HolidayHours,
    /// On the eve of a holiday, only what these windows leave of the weekday's.
    pub eve_of_holiday: Option<Vec<Window>>,
    /// The calendar that says what a holiday is.
    pub holidays: Option<String>,
    /// A person's recorded consent to be called outside the hours lifts them.
    pub waiver: bool,
}

/// What a holiday changes about a day's hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HolidayHours {
    /// No calls.
    None,
    /// Nothing.
    Same,
    /// Only what these windows leave of the weekday's: a holiday never opens what the weekday keeps closed.
    Windows(Vec<Window>),
}

/// At most `max` tries in a window of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cap {
    /// Most tries.
    pub max: u32,
    /// The window's length.
    pub window: Period,
    /// How the window lies in time.
    pub window_type: WindowType,
    /// What counts.
    pub counts: Counts,
    /// Whose tries are counted together.
    pub per: Per,
}

/// No call for a while after something happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cooldown {
    /// What happened.
    pub after: CooldownAfter,
    /// For how long; absent is for ever.
    pub duration: Option<Period>,
    /// How days are counted.
    pub counted: DayCount,
    /// Whose events count. The store gives the events of the person and the seller; the rest is for the record.
    pub per: Per,
}

/// Agreement beforehand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConsentDemand {
    /// What kind of agreement.
    pub model: ConsentModel,
    /// A yes counts only with its day and an evidence.
    pub proof: bool,
    /// Relationships that need none.
    pub unless: Vec<Relationship>,
    /// It ends this long after the day it was given; that day of the later year still counts.
    pub expires: Option<Period>,
    /// It ends this long after its last use, or after the day it was given when it was never used.
    pub lapses_unused: Option<Period>,
}

/// Numbers of a register are not called, and nobody without a fresh file of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RegisterDemand {
    /// Its short name, under which files of it are loaded.
    pub register: String,
    /// The name that people read.
    pub registry: String,
    /// How old a file may be. The day of the file is the first of these days, so that a file is never used too long.
    pub max_age: Option<Period>,
    /// A consent given on a later day than the registration lifts it.
    pub lifted_by_later_consent: bool,
    /// Relationships that the register does not protect from.
    pub unless: Vec<Relationship>,
}

/// No such calls at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ban {
    /// The sectors that must not call; empty for all.
    pub sectors: Vec<String>,
    /// Relationships that may be called all the same.
    pub unless: Vec<Relationship>,
}

/// How long data is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RetentionLimits {
    /// At least.
    pub min: Option<Period>,
    /// At most.
    pub max: Option<Period>,
}

/// A rule that is kept for the record, with its figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Record {
    /// Which kind of rule it is; one of [`RuleKind::of_record`].
    #[serde(skip)]
    pub of: RuleKind,
    /// Its figures by key.
    #[serde(flatten)]
    pub figures: BTreeMap<&'static str, Figure>,
}

/// A figure of a rule that is kept for the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Figure {
    Flag(bool),
    Number(u32),
    /// A decimal number as it was written.
    Decimal(String),
    Text(String),
    Texts(Vec<String>),
    Period(Period),
    Window(WindowType),
}

/// What kind of calls a campaign makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CallKind {
    /// What for.
    pub purpose: Purpose,
    /// Whom.
    pub audience: Audience,
    /// How.
    pub mode: DialMode,
    /// What is sold, in the word that bans use, as in `home-energy`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sector: Option<String>,
}

//! The law as data: who may be called, when and how often, by rules that are read from a file.
//!
//! A pack (`rules/calling-rules.toml` in the repository) holds jurisdictions and their rules, a second file the holidays.
//! [`RuleSet::compile`] reads both strictly, or says everything that is wrong with them, and indexes them once.
//! [`RuleSet::place`] finds a person's jurisdictions. [`check`] applies every rule that binds a call at an instant and
//! says what stands in the way; [`first_clear`] says when nothing will. All of it is pure: `now` is an argument, and so
//! is everything that is known of the person ([`Circumstances`]).
//!
//! The strictest of all rules wins: those of the number's and of the address's jurisdictions, of their parents, and the
//! campaign's own ([`own_rules`]). What is not known counts against the call: no jurisdiction, no zone, no file of a
//! register, no day of a consent that expires, no calendar for the year.
//!
//! [`check`] runs for each candidate within the transaction that hands leads out. With the shipped pack it takes 4 to 7 µs
//! and [`first_clear`] 2 to 4 µs (release build, one core of a shared server); the pack compiles in 5 ms, once.

mod cap;
mod check;
mod circumstances;
mod consent;
mod cooldown;
mod findings;
mod fingerprint;
mod first_clear;
mod holidays;
mod hours;
mod judge;
mod moment;
mod own;
mod period;
mod place;
mod read;
mod read_demand;
mod read_holidays;
mod read_record;
mod read_rule;
mod register;
mod retention;
mod rule;
mod set;
mod standing;
#[cfg(test)]
mod tests;
mod words;

pub use check::check;
pub use circumstances::{Circumstances, Consent, ConsentClass, LastEvents, RegisterHit, Try};
pub use findings::{CapUse, Findings, Obstacle, ObstacleKind, RuleFinding};
pub use first_clear::{HoursOpening, first_clear, hours_at};
pub use hours::DIAL_SLACK;
pub use own::own_rules;
pub use period::{NotAPeriod, Period};
pub use place::{NotAPlace, Place, Whereabouts};
pub use retention::{Retention, retention};
pub use rule::{
    Ban, CallKind, Cap, ConsentDemand, Cooldown, Demand, EVERYWHERE, Figure, HolidayHours, Hours, Record,
    RegisterDemand, RetentionLimits, Rule,
};
pub use set::{Jurisdiction, NeededRegister, RuleSet};
pub use words::{
    Audience, Basis, ConsentModel, CooldownAfter, Counts, DayCount, DialMode, Evidence, Per, Purpose, Relationship,
    RuleKind, WindowType,
};

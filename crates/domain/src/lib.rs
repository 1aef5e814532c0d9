//! Relance's rules and the types they speak of.
//!
//! Nothing here reads a clock, a file, a network or a random number: a rule is a pure function of its arguments, and
//! `now` is one of them. Start with [`eligibility`] (may this person be called?), [`queue`] (who is next?),
//! [`matching`] (does this tariff answer that refusal?) and [`lead`] (what can happen to a lead?).

pub mod abilities;
pub mod assignment;
pub mod calling_hours;
pub mod campaign;
pub mod client;
pub mod definition;
pub mod effect;
pub mod eligibility;
pub mod fault;
pub mod forecast;
pub mod funnel;
pub mod ids;
pub mod lane_openings;
pub mod lead;
pub mod ledger;
pub mod list;
pub mod matching;
pub mod merging;
pub mod money;
pub mod order;
pub mod outcome;
pub mod phone;
pub mod price_curve;
pub mod pull;
pub mod queue;
pub mod reopening;
pub mod retry;
pub mod rules;
pub mod script;
pub mod span;
pub mod spreadsheet;
pub mod suppression;
pub mod tariff;
#[cfg(test)]
mod testing;
mod toml_file;
pub mod user;
pub mod webhook;
pub mod written;
pub mod zone;

pub use ids::*;
pub use money::{Currency, Money};
pub use phone::E164;
pub use span::Span;
pub use zone::ZoneName;

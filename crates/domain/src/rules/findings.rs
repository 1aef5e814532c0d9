//! What the rules say of a call.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::words::RuleKind;

/// What every rule that binds a call says of it, and what stands in the way. Stored in decisions and shown.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Findings {
    /// Every rule that was applied.
    pub rules: Vec<RuleFinding>,
    /// The gravest thing in the way; absent when nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub obstacle: Option<Obstacle>,
    /// The window of permitted hours that closes first, when all are open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "14:00-20:00")]
    pub window: Option<String>,
    /// When that window closes, or other rules come into force before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_until: Option<Timestamp>,
}

/// What one rule says of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RuleFinding {
    /// The rule.
    #[schema(example = "FR-HOURS")]
    pub id: String,
    /// What it is about.
    pub kind: RuleKind,
    /// Whether it allows the call.
    pub passed: bool,
    /// The first instant at which it would; absent when it does, or when time alone does not change it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Of a cap: how much of it was used before this call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<CapUse>,
    /// The same in words, with the facts it rests on.
    pub sentence: String,
}

/// How much of a cap was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CapUse {
    /// Tries that count now.
    pub used: u32,
    /// Most tries.
    pub max: u32,
}

/// What stands in the way of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Obstacle {
    /// What kind of thing.
    pub kind: ObstacleKind,
    /// The rule; absent when it is not one rule that says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// When it is gone; absent when time alone does not remove it. Outside the hours: the first instant at which all
    /// rules of hours are open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The same in words.
    pub sentence: String,
}

/// What can stand in the way, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ObstacleKind {
    /// The person is in no place whose rules are known.
    NoJurisdiction,
    /// Nobody knows what time it is for the person.
    NoTimeZone,
    /// Such calls are forbidden.
    Banned,
    /// A register that must be asked has no file that is fresh enough.
    RegisterTooOld,
    /// The number stands in a register.
    Registered,
    /// The person has not agreed, or not well enough, or no longer.
    NoConsent,
    /// Something happened not long ago.
    CoolDown,
    /// Tried as often as is permitted.
    AttemptCap,
    /// Outside the permitted hours.
    OutsideHours,
}

impl ObstacleKind {
    /// The word stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoJurisdiction => "no_jurisdiction",
            Self::NoTimeZone => "no_time_zone",
            Self::Banned => "banned",
            Self::RegisterTooOld => "register_too_old",
            Self::Registered => "registered",
            Self::NoConsent => "no_consent",
            Self::CoolDown => "cool_down",
            Self::AttemptCap => "attempt_cap",
            Self::OutsideHours => "outside_hours",
        }
    }
}

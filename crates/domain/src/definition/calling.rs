//! When, how often and in which order a campaign calls.

use serde::{Deserialize, Serialize};

use crate::calling_hours::WeeklyHours;
use crate::queue::QueueOrder;
use crate::rules::{Audience, CallKind, DialMode, Purpose};
use crate::{Span, ZoneName};

/// When and how often a campaign may call a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallingProfile {
    /// The profile's name, kept in every decision.
    pub profile: String,
    /// True for a profile that is held to no calling rules but its own limits, to show the product. Every answer says so.
    pub demonstration: bool,
    /// What kind of calls it makes, for the calling rules.
    #[serde(default = "ordinary_calls")]
    pub call: CallKind,
    /// What its calls are about, as one word; the campaign's own name unless told.
    #[serde(default)]
    pub subject: Option<String>,
    /// Zone of a client whose list row and address say none; without it such a client is not callable.
    pub default_time_zone: Option<ZoneName>,
    /// Permitted hours in the client's own zone.
    pub hours: WeeklyHours,
    /// Most tries per seller and person over rolling windows.
    pub caps: Vec<AttemptCap>,
    /// Full days, in the client's zone, without a call after a refusal; the day of the refusal does not count.
    pub days_after_refusal: u32,
}

/// What a definition meant that was stored before campaigns said it: consumers, called by hand to sell them something.
fn ordinary_calls() -> CallKind {
    CallKind { purpose: Purpose::Marketing, audience: Audience::B2c, mode: DialMode::Manual, sector: None }
}

/// At most `max` tries in any `window`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AttemptCap {
    /// Most tries.
    pub max: u32,
    /// Length of the rolling window.
    #[schema(value_type = String, example = "30d")]
    pub window: Span,
}

/// Who goes first in a campaign's queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct QueuePolicy {
    /// The classes of the queue, the first first.
    pub order: QueueOrder,
    /// Most leads that were never tried, per operator and rolling hour; none is no limit.
    pub fresh_per_hour: Option<u32>,
    /// How many of a hundred hand-outs go to leads that tariffs reopened, while there are other leads too; none leaves it to the
    /// order of the classes.
    #[serde(default)]
    pub reopened_share: Option<u8>,
}

/// When a lead is tried again after a disposition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// How long to wait.
    pub after: Span,
    /// How many tries of the lead with this disposition until it is closed as exhausted.
    pub max: u32,
    /// Whether it is tried at another part of the day or week than before.
    #[serde(default)]
    pub other_time: bool,
}

/// What becomes of promises to call back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallbackPolicy {
    /// How far ahead one may be promised.
    pub horizon: Span,
    /// How long a personal callback waits for its operator before anybody may take it.
    pub personal_grace: Span,
}

//! What the rules are asked about: the person, and what happened so far.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::place::Place;
use super::rule::CallKind;
use super::words::Relationship;

/// Everything that the rules look at, for one person, one seller and one kind of call.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// What kind of call it would be.
    pub call: &'a CallKind,
    /// The person's jurisdictions.
    pub place: &'a Place,
    /// The zones that the person may live in; all of them must be open. Without any the person is not callable.
    pub zones: &'a [TimeZone],
    /// What the person agreed to.
    pub consent: Consent,
    /// What binds the person to the seller.
    pub relationship: Relationship,
    /// The day of the newest file of each register, by short name.
    pub registers: &'a BTreeMap<String, Date>,
    /// The registers that the person's number stands in.
    pub hits: &'a [RegisterHit],
    /// The tries to reach the person for this seller, any order, as far back as the longest cap.
    pub tries: &'a [Try],
    /// When things last happened between the person and the seller.
    pub last: LastEvents,
}

/// What a person agreed to, as far as it can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Consent {
    /// How good it is.
    pub class: ConsentClass,
    /// The day on which it was given.
    #[schema(value_type = Option<String>, format = Date)]
    pub given_on: Option<Date>,
    /// The day of the last call that relied on it.
    #[schema(value_type = Option<String>, format = Date)]
    pub last_used_on: Option<Date>,
    /// It says that the person may be called outside the permitted hours.
    pub hours_waiver: bool,
}

impl Consent {
    /// Nobody said anything.
    pub const UNSAID: Self =
        Self { class: ConsentClass::Unsaid, given_on: None, last_used_on: None, hours_waiver: false };
}

/// How good a consent is, from the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConsentClass {
    /// The person said no. It blocks whatever the rules say.
    Refused,
    /// The person said nothing that is known.
    Unsaid,
    /// The person said yes.
    Given,
    /// The person said yes, on a day that is known and with an evidence.
    Proven,
    /// The person said yes, on a day and to words that are known.
    Written,
}

impl ConsentClass {
    /// Every class, from the worst.
    pub const ALL: [Self; 5] = [Self::Refused, Self::Unsaid, Self::Given, Self::Proven, Self::Written];

    /// The word stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Unsaid => "unsaid",
            Self::Given => "given",
            Self::Proven => "proven",
            Self::Written => "written",
        }
    }
}

/// The person's number stands in a register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterHit {
    /// The register's short name.
    pub register: String,
    /// Since when; `None` when the file does not say.
    pub since: Option<Date>,
}

/// One try to reach the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Try {
    /// When it was handed out.
    pub at: Timestamp,
    /// It was about the same subject as this call.
    pub same_subject: bool,
    /// It was to the same number.
    pub same_number: bool,
    /// Somebody answered. `None` when nobody knows, which counts as yes.
    pub connected: Option<bool>,
}

/// When things last happened between the person and the seller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LastEvents {
    /// The person declined an offer.
    pub refusal: Option<Timestamp>,
    /// The person objected to any further call.
    pub objection: Option<Timestamp>,
    /// The person answered and nobody spoke.
    pub abandoned: Option<Timestamp>,
    /// Somebody spoke with the person.
    pub conversation: Option<Timestamp>,
    /// A call was ended because a machine seemed to answer.
    pub machine_hang_up: Option<Timestamp>,
}

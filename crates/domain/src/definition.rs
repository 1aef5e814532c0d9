//! What a campaign is made from: the content of `campaign.toml`, checked. Read it with [`crate::campaign`].

mod calling;
mod ordering;
mod reason;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::pull::Pull;
use crate::reopening::ReopeningPolicy;
use crate::{Currency, Span};

pub use calling::{AttemptCap, CallbackPolicy, CallingProfile, QueuePolicy, Retry};
pub use ordering::{
    Account, AccountFrom, AppointmentTerms, CancelReason, CheckRule, OnlyFor, Operand, OrderCheck, OrderField,
    OrderTerms, OrderWebhook, Told, WithdrawalTerms,
};
pub use reason::{Detail, RefusalReason, ReopenCondition};

/// A checked campaign definition. It is stored as JSON, one version per apply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    /// The campaign's short name: lower-case letters, digits and hyphens.
    pub campaign: String,
    /// The name people read.
    pub name: String,
    /// What the campaign is for, in a sentence.
    pub goal: String,
    /// The company on whose behalf it calls; caps, cool-downs and objections are counted per seller and person.
    pub seller: String,
    /// ISO 3166-1 alpha-2 code that national phone numbers and addresses are read in, unless a load says otherwise.
    pub country: String,
    /// The currency of its prices and ceilings.
    pub currency: Currency,
    /// How long an operator may hold a lead before it goes back.
    pub lease: Span,
    /// The language it calls in, as an ISO 639-1 code: people whose language nobody knows are called in it.
    #[serde(default)]
    pub language: Option<String>,
    /// What an operator must be able to do to call for it.
    #[serde(default)]
    pub skills: Vec<String>,
    /// When and how often people may be called.
    pub calling: CallingProfile,
    /// Who goes first.
    #[serde(default)]
    pub queue: QueuePolicy,
    /// What becomes of the leads that tariffs reopen.
    #[serde(default)]
    pub reopening: ReopeningPolicy,
    /// What the operator says; a template with merge fields (see [`crate::script`]).
    pub script: String,
    /// Fields of the client, standard ones or of `client_fields`, that the operator sees, in order.
    pub shown: Vec<String>,
    /// Which headers of a list hold which standard field (see [`StandardField`]); the first that is there counts.
    pub columns: BTreeMap<StandardField, Vec<String>>,
    /// Facts of this campaign about a client, taken from the list.
    pub client_fields: Vec<ClientField>,
    /// The codes an operator may record.
    pub dispositions: Vec<Disposition>,
    /// Why people refuse, what each reason asks for and what answers it.
    pub reasons: Vec<RefusalReason>,
    /// What tariffs may offer and people may want.
    pub features: Vec<Feature>,
    /// What becomes of promises to call back.
    pub callbacks: CallbackPolicy,
    /// The form filled when a client accepts.
    pub order_form: Vec<OrderField>,
    /// What else is agreed with an order, and how orders live.
    #[serde(default)]
    pub order: OrderTerms,
    /// The lists that it pulls by itself.
    #[serde(default)]
    pub pulls: Vec<Pull>,
}

/// The fields of a client that the engine itself understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StandardField {
    /// The number to call. The only one a list must have.
    Phone,
    /// The client's number at the seller or vendor.
    Reference,
    /// Given name.
    FirstName,
    /// Family name.
    LastName,
    /// Street and house number.
    Street,
    /// Town.
    City,
    /// Postal code.
    Postcode,
    /// State, county or region code.
    Region,
    /// IANA time zone.
    TimeZone,
    /// ISO 3166-1 alpha-2 code of the address.
    Country,
    /// Further digits behind the number, for a switchboard.
    Extension,
    /// Whether the person agreed to be called.
    Consent,
    /// The day on which they did.
    ConsentDate,
    /// The words they agreed to.
    ConsentWording,
    /// Whether the person agreed to be called outside the permitted hours too.
    HoursWaiver,
    /// The language they speak, as an ISO 639-1 code.
    Language,
}

impl StandardField {
    /// Every standard field.
    pub const ALL: [Self; 16] = [
        Self::Phone,
        Self::Reference,
        Self::FirstName,
        Self::LastName,
        Self::Street,
        Self::City,
        Self::Postcode,
        Self::Region,
        Self::TimeZone,
        Self::Country,
        Self::Extension,
        Self::Consent,
        Self::ConsentDate,
        Self::ConsentWording,
        Self::HoursWaiver,
        Self::Language,
    ];

    /// The name used in campaign files, templates and answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Reference => "reference",
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::Street => "street",
            Self::City => "city",
            Self::Postcode => "postcode",
            Self::Region => "region",
            Self::TimeZone => "time_zone",
            Self::Country => "country",
            Self::Extension => "extension",
            Self::Consent => "consent",
            Self::ConsentDate => "consent_date",
            Self::ConsentWording => "consent_wording",
            Self::HoursWaiver => "hours_waiver",
            Self::Language => "language",
        }
    }
}

/// A fact of this campaign about a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientField {
    /// Name in templates and answers.
    pub name: String,
    /// What people read.
    pub label: String,
    /// What the list's cell must hold.
    pub kind: FieldKind,
    /// Headers that hold it; the first that is there counts.
    pub columns: Vec<String>,
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// Any text of at most 1,000 characters.
    Text,
    /// A whole number.
    Integer,
    /// An amount in the campaign's currency.
    Money,
    /// A date, written `2026-11-23`.
    Date,
    /// Yes or no.
    YesNo,
    /// One of these.
    Choice(Vec<String>),
    /// A phone number in international form.
    Phone,
    /// An e-mail address.
    Email,
    /// The number of a paper or of an account in one of these forms, in which `9` stands for a digit, `A` for a letter and `X` for
    /// either.
    Identity(Vec<String>),
}

impl FieldKind {
    /// The word that campaign files use.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Money => "money",
            Self::Date => "date",
            Self::YesNo => "yes_no",
            Self::Choice(_) => "choice",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Identity(_) => "identity",
        }
    }
}

/// A code an operator may record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disposition {
    /// What is recorded.
    pub code: String,
    /// What people read.
    pub label: String,
    /// What the engine makes of it.
    pub class: OutcomeClass,
    /// What it counts as under the calling rules.
    #[serde(default)]
    pub counts_as: CountsAs,
    /// When the lead is tried again; without it a lead that was not reached is closed.
    pub retry: Option<Retry>,
}

/// What an outcome counts as under the calling rules, whatever its class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CountsAs {
    /// A refusal: the cool-down of refusals begins.
    Refusal,
    /// "Do not call me again": the person is suppressed for the seller, at once and for good.
    Objection,
    /// The person answered and nobody was there to speak: the cool-down of abandoned calls begins.
    Abandoned,
    /// None of these.
    #[default]
    Neither,
}

impl CountsAs {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Refusal, Self::Objection, Self::Abandoned, Self::Neither];

    /// The word stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refusal => "refusal",
            Self::Objection => "objection",
            Self::Abandoned => "abandoned",
            Self::Neither => "neither",
        }
    }

    /// What a class counts as where a disposition says nothing.
    #[must_use]
    pub fn of_class(class: OutcomeClass) -> Self {
        match class {
            OutcomeClass::Refusal => Self::Refusal,
            OutcomeClass::DoNotCall => Self::Objection,
            _ => Self::Neither,
        }
    }
}

/// What the engine makes of a disposition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeClass {
    /// The client accepted; the order form comes with it.
    Order,
    /// The client declined, with a reason.
    Refusal,
    /// A call was promised.
    Callback,
    /// Nobody answered.
    NoAnswer,
    /// The line was busy.
    Busy,
    /// A machine answered.
    Machine,
    /// The number belongs to somebody else.
    WrongNumber,
    /// "Do not call me again": a suppression for the seller.
    DoNotCall,
    /// No language in common.
    Language,
    /// The number does not work.
    Unreachable,
    /// Anything else.
    Other,
}

impl OutcomeClass {
    /// Every class, in the order of the design's list.
    pub const ALL: [Self; 11] = [
        Self::Order,
        Self::Refusal,
        Self::Callback,
        Self::NoAnswer,
        Self::Busy,
        Self::Machine,
        Self::WrongNumber,
        Self::DoNotCall,
        Self::Language,
        Self::Unreachable,
        Self::Other,
    ];

    /// The word stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Refusal => "refusal",
            Self::Callback => "callback",
            Self::NoAnswer => "no_answer",
            Self::Busy => "busy",
            Self::Machine => "machine",
            Self::WrongNumber => "wrong_number",
            Self::DoNotCall => "do_not_call",
            Self::Language => "language",
            Self::Unreachable => "unreachable",
            Self::Other => "other",
        }
    }

    /// Whether somebody spoke with a person: the client, or whoever has the number now.
    #[must_use]
    pub fn reached(self) -> bool {
        !matches!(self, Self::NoAnswer | Self::Busy | Self::Machine | Self::Unreachable)
    }

    /// Whether the client said yes or no.
    #[must_use]
    pub fn decided(self) -> bool {
        matches!(self, Self::Order | Self::Refusal | Self::DoNotCall)
    }
}

/// Something a tariff may offer and a client may want.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feature {
    /// Name in tariff files and refusals.
    pub code: String,
    /// What people read.
    pub label: String,
    /// Whether it is an amount or simply there.
    pub kind: FeatureKind,
}

/// Whether a feature is an amount or simply there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeatureKind {
    /// There or not.
    Has,
    /// At least so many of this unit.
    AtLeast(String),
}

/// Features with their values; `true` for one that is simply there.
pub type Features = BTreeMap<String, FeatureValue>;

/// The value of a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum FeatureValue {
    /// Simply there, or not.
    Has(bool),
    /// An amount in the feature's unit.
    Amount(i64),
}

impl Definition {
    /// What a call is about: caps that count calls about one subject count all campaigns of the seller that name it.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.calling.subject.as_deref().unwrap_or(&self.campaign)
    }

    /// The disposition with this code.
    #[must_use]
    pub fn disposition(&self, code: &str) -> Option<&Disposition> {
        self.dispositions.iter().find(|d| d.code == code)
    }

    /// The refusal reason with this code.
    #[must_use]
    pub fn reason(&self, code: &str) -> Option<&RefusalReason> {
        self.reasons.iter().find(|r| r.code == code)
    }

    /// The pull of this name.
    #[must_use]
    pub fn pull(&self, name: &str) -> Option<&Pull> {
        self.pulls.iter().find(|pull| pull.name == name)
    }

    /// The feature with this code.
    #[must_use]
    pub fn feature(&self, code: &str) -> Option<&Feature> {
        self.features.iter().find(|f| f.code == code)
    }
}

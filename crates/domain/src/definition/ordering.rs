//! What a campaign says of its orders: the form, what must happen after, and how an order lives.

use serde::{Deserialize, Serialize};

use super::{FeatureValue, Features, FieldKind};
use crate::order::NumberForm;
use crate::order::state::OrderEventKind;
use crate::{Money, Span};

/// A field of the form filled when a client accepts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderField {
    /// Name in requests and exports.
    pub name: String,
    /// What people read.
    pub label: String,
    /// What it holds.
    pub kind: FieldKind,
    /// Whether the form is incomplete without it.
    pub required: bool,
    /// A standard or client field that fills it when the operator gives nothing.
    pub prefill: Option<String>,
    /// The tariffs with which it is on the form; with all of them where nothing is said.
    #[serde(default)]
    pub only_for: Option<OnlyFor>,
}

/// The tariffs with which a part of the form appears.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnlyFor {
    /// These, by short name.
    Tariffs(Vec<String>),
    /// Those that have this feature.
    Feature {
        /// Its code.
        feature: String,
        /// At least so much of it, in its unit.
        at_least: Option<i64>,
    },
}

impl OnlyFor {
    /// Whether the part appears with this tariff.
    #[must_use]
    pub fn holds(&self, tariff: &str, features: &Features) -> bool {
        match self {
            Self::Tariffs(names) => names.iter().any(|name| name == tariff),
            Self::Feature { feature, at_least } => match (features.get(feature), at_least) {
                (Some(FeatureValue::Has(has)), None) => *has,
                (Some(FeatureValue::Amount(amount)), least) => *amount >= least.unwrap_or(1),
                _ => false,
            },
        }
    }
}

/// Everything about a campaign's orders besides the fields of the form.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OrderTerms {
    /// How orders are numbered.
    pub number: NumberForm,
    /// The client's new account number at the seller, where there is one.
    pub account: Option<Account>,
    /// The visit that follows, where one does.
    pub appointment: Option<AppointmentTerms>,
    /// What the client must have been told, item by item.
    pub told: Vec<Told>,
    /// What must hold between the fields of the form.
    pub checks: Vec<OrderCheck>,
    /// How long the client may withdraw.
    pub withdrawal: WithdrawalTerms,
    /// Why an order may be cancelled.
    pub cancel_reasons: Vec<CancelReason>,
    /// Who is told of orders.
    pub webhooks: Vec<OrderWebhook>,
}

/// A client's new account number at the seller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// What people read.
    pub label: String,
    /// Where it comes from.
    pub from: AccountFrom,
}

/// Where an account number comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountFrom {
    /// It is counted up, like order numbers.
    Generated(NumberForm),
    /// The operator types it; it has one of these forms (see [`FieldKind::Identity`]).
    Entered(Vec<String>),
}

/// The visit that follows an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppointmentTerms {
    /// What people read.
    pub label: String,
    /// Days from the day of the call to the first day it can be on.
    pub earliest_days: u16,
    /// Days to the last one.
    pub latest_days: u16,
    /// The parts of the day to choose from.
    pub windows: Vec<String>,
    /// What the technician may have to bring.
    pub materials: Vec<String>,
    /// What is usually paid on the spot.
    pub amount_due: Option<Money>,
    /// The tariffs with which there is one.
    pub only_for: Option<OnlyFor>,
}

/// Something the client must have been told before the order is placed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// What is sent.
    pub code: String,
    /// What the operator says.
    pub label: String,
    /// The tariffs with which it must be said.
    pub only_for: Option<OnlyFor>,
}

/// Something that must hold between fields of the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderCheck {
    /// The field that is looked at, and at fault where it does not hold.
    pub field: String,
    /// What must hold of it.
    pub rule: CheckRule,
    /// What the operator reads where it does not hold, instead of the rule in words.
    pub says: Option<String>,
}

impl std::fmt::Display for OrderCheck {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { field, rule, .. } = self;
        match (rule, rule.operand()) {
            (CheckRule::RequiredWhen { field: other, is }, _) => {
                write!(f, "`{field}` is required when `{other}` is {}", is.as_deref().unwrap_or("given"))
            }
            (rule, Some(operand)) => write!(f, "`{field}` is {} {operand}", rule.as_str().replace('_', " ")),
            (rule, None) => write!(f, "`{field}` is {}", rule.as_str()),
        }
    }
}

/// What must hold of a field. Where either side is empty, all but the last hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckRule {
    /// A date before another.
    Before(Operand),
    /// A date after another.
    After(Operand),
    /// Not less, or not earlier.
    AtLeast(Operand),
    /// Not more, or not later.
    AtMost(Operand),
    /// The same.
    Equals(Operand),
    /// Not the same.
    DiffersFrom(Operand),
    /// It must be filled in when another field has this value, or any value.
    RequiredWhen {
        /// The other field.
        field: String,
        /// Its value; none means any.
        is: Option<String>,
    },
}

impl CheckRule {
    /// What it is compared with, where it is compared.
    #[must_use]
    pub fn operand(&self) -> Option<&Operand> {
        match self {
            Self::Before(other)
            | Self::After(other)
            | Self::AtLeast(other)
            | Self::AtMost(other)
            | Self::Equals(other)
            | Self::DiffersFrom(other) => Some(other),
            Self::RequiredWhen { .. } => None,
        }
    }

    /// The word that campaign files use.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Before(_) => "before",
            Self::After(_) => "after",
            Self::AtLeast(_) => "at_least",
            Self::AtMost(_) => "at_most",
            Self::Equals(_) => "equals",
            Self::DiffersFrom(_) => "differs_from",
            Self::RequiredWhen { .. } => "required_when",
        }
    }
}

/// What a field is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operand {
    /// Another field.
    Field(String),
    /// A value, written as the field's own.
    Value(String),
    /// The client's own day of the call and so many days, or the same day so many years before it.
    Today {
        /// Days added; negative for days before.
        days: i32,
        /// Years taken off.
        years_before: i16,
    },
}

impl std::fmt::Display for Operand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Field(name) => write!(f, "`{name}`"),
            Self::Value(value) => f.write_str(value),
            Self::Today { days: 0, years_before: 0 } => f.write_str("the day of the call"),
            Self::Today { days, years_before: 0 } => write!(f, "the day of the call and {days} days"),
            Self::Today { years_before, .. } => write!(f, "the day {years_before} years before the call"),
        }
    }
}

/// How long a client may withdraw.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct WithdrawalTerms {
    /// Days of this campaign's own; without them those of the client's country count.
    pub days: Option<u16>,
    /// Where those days come from.
    pub source: Option<String>,
    /// The field of the form by which the client asks that the service begin at once.
    pub begins_at_once: Option<String>,
}

/// Why an order may be cancelled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancelReason {
    /// What is recorded.
    pub code: String,
    /// What people read.
    pub label: String,
    /// The client withdrew: possible even after the order was fulfilled, and only as long as they may.
    pub withdrawal: bool,
    /// How long after the cancellation the person may be called again; without it the lead stays closed.
    pub reopens_after: Option<Span>,
}

/// A system of the provider that is told of orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderWebhook {
    /// Its name in the settings, where its address and its secret are.
    pub sink: String,
    /// What it is told of.
    pub on: Vec<OrderEventKind>,
    /// How long a message is tried before it is given up.
    pub give_up_after: Span,
}

impl OrderTerms {
    /// The cancel reason with this code.
    #[must_use]
    pub fn cancel_reason(&self, code: &str) -> Option<&CancelReason> {
        self.cancel_reasons.iter().find(|reason| reason.code == code)
    }
}

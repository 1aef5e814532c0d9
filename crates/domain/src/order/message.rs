//! What others are told of an order. It holds what a provider needs to deliver it, and nothing else of the person: no number that was
//! called, no name that is not on the form, no operator.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::state::OrderEventKind;
use super::{Appointment, OrderForm};
use crate::Money;

/// What a message tells.
#[derive(Debug, Clone, Copy)]
pub struct OrderMessage<'a> {
    /// What happened.
    pub event: OrderEventKind,
    /// When.
    pub at: Timestamp,
    /// The order's number.
    pub number: &'a str,
    /// Counts what happened to the order, from 1: whoever has a higher one already has newer news.
    pub sequence: i64,
    /// The campaign's short name.
    pub campaign: &'a str,
    /// The company on whose behalf it calls.
    pub seller: &'a str,
    /// The tariff's short name.
    pub tariff: &'a str,
    /// Its price as of the call.
    pub price: Money,
    /// Where the order stands, as a word.
    pub state: &'a str,
    /// The form as it is now.
    pub form: &'a OrderForm,
    /// The instant from which the client may withdraw no more.
    pub withdraw_until: Option<Timestamp>,
    /// The campaign's code for why it was cancelled.
    pub cancel_reason: Option<&'a str>,
}

#[derive(Serialize)]
struct Payload<'a> {
    r#type: String,
    timestamp: Timestamp,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    order: &'a str,
    sequence: i64,
    campaign: &'a str,
    seller: &'a str,
    state: &'a str,
    tariff: &'a str,
    price: Amount,
    #[serde(skip_serializing_if = "Option::is_none")]
    form: Option<Form<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    withdraw_until: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancel_reason: Option<&'a str>,
}

#[derive(Serialize)]
struct Form<'a> {
    fields: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    appointment: Option<Visit<'a>>,
    told: &'a [String],
}

#[derive(Serialize)]
struct Visit<'a> {
    date: String,
    window: &'a str,
    materials: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    amount_due: Option<Amount>,
}

/// Money as other systems read it: a decimal text, which keeps it exact.
#[derive(Serialize)]
struct Amount {
    amount: String,
    currency: String,
}

impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        Self { amount: money.amount(), currency: money.currency.code().to_owned() }
    }
}

impl OrderMessage<'_> {
    /// The message as it is sent. The form goes along where something in it is news: as the order is placed, corrected or verified.
    #[must_use]
    pub fn payload(&self) -> String {
        use OrderEventKind as E;
        let with_form = matches!(self.event, E::Placed | E::Corrected | E::Verified);
        let form = with_form.then(|| Form {
            fields: &self.form.fields,
            account: self.form.account.as_deref(),
            appointment: self.form.appointment.as_ref().map(visit),
            told: &self.form.told,
        });
        let payload = Payload {
            r#type: format!("order.{}", self.event.as_str()),
            timestamp: self.at,
            data: Data {
                order: self.number,
                sequence: self.sequence,
                campaign: self.campaign,
                seller: self.seller,
                state: self.state,
                tariff: self.tariff,
                price: self.price.into(),
                form,
                withdraw_until: self.withdraw_until,
                cancel_reason: self.cancel_reason,
            },
        };
        serde_json::to_string(&payload).expect("a message has text keys")
    }
}

fn visit(visit: &Appointment) -> Visit<'_> {
    let Appointment { date, window, materials, amount_due } = visit;
    Visit { date: date.to_string(), window, materials, amount_due: amount_due.map(Amount::from) }
}

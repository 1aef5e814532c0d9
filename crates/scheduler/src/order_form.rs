//! The order form as an operator sees it, and what they have typed so far.

use std::collections::BTreeMap;

use jiff::Timestamp;
use relance_domain::definition::{AccountFrom, AppointmentTerms, Definition, FieldKind, OnlyFor, OrderField};
use relance_domain::order::{self, Occasion, prefilled};
use relance_domain::outcome::{FieldProblem, OrderReport};
use relance_domain::{AssignmentId, Money, UserId};
use relance_store::StoreError;
use relance_store::assignment::Holder;
use relance_store::claim::HandOut;
use relance_store::order::{Draft, DraftSaved, NewDraft};
use serde::{Deserialize, Serialize};

use crate::in_call::{named, why_not_offered};
use crate::{Engine, Error, Offer, Result};

/// A field of the order form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OrderFieldAsked {
    /// What is sent.
    pub name: String,
    /// What people read.
    pub label: String,
    /// What it holds.
    pub kind: String,
    /// The choices, where it is one.
    pub choices: Vec<String>,
    /// The forms that a number may have: `9` for a digit, `A` for a letter, `X` for either.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forms: Vec<String>,
    /// Whether the form is incomplete without it.
    pub required: bool,
    /// What fills it when nothing is typed.
    pub prefilled: Option<String>,
    /// Of the offers, those with which it is asked; with all of them where nothing stands here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only_with: Option<Vec<String>>,
}

/// What is agreed besides the fields of the form.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OrderTermsAsked {
    /// The visit that follows.
    pub appointment: Option<AppointmentAsked>,
    /// What the client must be told; every item is confirmed by its code.
    pub told: Vec<ToldAsked>,
    /// What the client's new account number is called, where it is typed.
    pub account: Option<String>,
    /// What must hold between fields, in words.
    pub checks: Vec<String>,
}

/// The visit that follows an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AppointmentAsked {
    /// What people read.
    pub label: String,
    /// Days from today to the first day it can be on.
    pub earliest_days: u16,
    /// Days to the last one.
    pub latest_days: u16,
    /// The parts of the day to choose from.
    pub windows: Vec<String>,
    /// What the technician may have to bring.
    pub materials: Vec<String>,
    /// What is usually paid on the spot.
    pub amount_due: Option<Money>,
    /// Of the offers, those with which there is one; with all of them where nothing stands here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only_with: Option<Vec<String>>,
}

/// Something that the client must be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ToldAsked {
    /// What is sent.
    pub code: String,
    /// What the operator says.
    pub label: String,
    /// Of the offers, those with which it must be said; with all of them where nothing stands here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only_with: Option<Vec<String>>,
}

/// What an operator has typed so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OrderDraft {
    /// Send it with the next save; 0 where the draft is of an earlier call of the same operator.
    pub version: i64,
    /// When it was saved.
    pub saved_at: Timestamp,
    /// The form.
    pub order: OrderReport,
}

/// A draft that was saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SavedOrderDraft {
    /// The assignment.
    pub assignment: AssignmentId,
    /// Send it with the next save.
    pub version: i64,
    /// What would still keep the order from being placed.
    pub lacks: Vec<FieldProblem>,
}

impl From<Draft> for OrderDraft {
    fn from(Draft { version, form, saved_at }: Draft) -> Self {
        Self { version, saved_at, order: form }
    }
}

/// The fields of the form.
pub(crate) fn fields(
    definition: &Definition,
    client: &BTreeMap<String, String>,
    offers: &[Offer],
) -> Vec<OrderFieldAsked> {
    let asked = |field: &OrderField| OrderFieldAsked {
        name: field.name.clone(),
        label: field.label.clone(),
        kind: field.kind.as_str().to_owned(),
        choices: if let FieldKind::Choice(choices) = &field.kind { choices.clone() } else { Vec::new() },
        forms: if let FieldKind::Identity(forms) = &field.kind { forms.clone() } else { Vec::new() },
        required: field.required,
        prefilled: prefilled(field, client).map(str::to_owned),
        only_with: only_with(field.only_for.as_ref(), offers),
    };
    definition.order_form.iter().map(asked).collect()
}

/// Everything else that is agreed with an order.
pub(crate) fn terms(definition: &Definition, offers: &[Offer]) -> OrderTermsAsked {
    let order = &definition.order;
    let appointment = order.appointment.clone().map(|terms| {
        let AppointmentTerms { label, earliest_days, latest_days, windows, materials, amount_due, only_for } = terms;
        let only_with = only_with(only_for.as_ref(), offers);
        AppointmentAsked { label, earliest_days, latest_days, windows, materials, amount_due, only_with }
    });
    let told = order.told.iter().map(|told| ToldAsked {
        code: told.code.clone(),
        label: told.label.clone(),
        only_with: only_with(told.only_for.as_ref(), offers),
    });
    let typed = order.account.as_ref().filter(|account| matches!(account.from, AccountFrom::Entered(_)));
    OrderTermsAsked {
        appointment,
        told: told.collect(),
        account: typed.map(|account| account.label.clone()),
        checks: order.checks.iter().map(ToString::to_string).collect(),
    }
}

fn only_with(part: Option<&OnlyFor>, offers: &[Offer]) -> Option<Vec<String>> {
    let part = part?;
    let with = offers.iter().filter(|offer| part.holds(&offer.tariff, &offer.features));
    Some(with.map(|offer| offer.tariff.clone()).collect())
}

impl Engine {
    /// Keeps what an operator has typed so far. It rests on the version that they saw last: where another one is kept by now,
    /// nothing is changed.
    pub async fn save_order_draft(
        &self,
        operator: UserId,
        assignment: AssignmentId,
        token: &str,
        rests_on: i64,
        form: &OrderReport,
    ) -> Result<SavedOrderDraft> {
        let hand_out = self.shown_by(operator, assignment, token).await?;
        let definition = self.definition(hand_out.campaign, hand_out.campaign_version).await?;
        let mut checked = order::check_draft(form, &definition);
        if rests_on < 0 {
            let message =
                "is less than 0: send the version that the last save or the lead showed, and 0 for the first save";
            checked = Err(vec![FieldProblem::new("version", message)]);
        }
        checked.map_err(|problems| Error::Invalid { what: "the draft", problems })?;
        let holder = Holder { assignment, token: token.to_owned(), operator };
        let draft = NewDraft { holder, rests_on, form: form.clone() };
        match self.store.save_order_draft(&draft, self.now()).await? {
            DraftSaved::As(version) => {
                let lacks = self.lacks(form, &definition, &hand_out).await?;
                Ok(SavedOrderDraft { assignment, version, lacks })
            }
            DraftSaved::Outdated(kept) => {
                let message = format!(
                    "version {kept} of this draft is kept, and yours rests on {rests_on}: another window saved it meanwhile; \
                     ask for the lead that you hold to see it"
                );
                Err(StoreError::Conflict(message).into())
            }
            DraftSaved::Ended(ending) => Err(Error::Ended { assignment, ending }),
            DraftSaved::NotYours => Err(Error::NotYours(assignment)),
        }
    }

    /// What would keep a form from being an order.
    async fn lacks(
        &self,
        form: &OrderReport,
        definition: &Definition,
        hand_out: &HandOut,
    ) -> Result<Vec<FieldProblem>> {
        let tariffs = self.tariffs_in_call(self.tariffs.ask(()).await?, hand_out).await?;
        let missing = |message: String| Ok(vec![FieldProblem::new("order.tariff", message)]);
        if form.tariff.trim().is_empty() {
            return missing("is missing: name the tariff that the client wants".to_owned());
        }
        let Some(stored) = named(&tariffs, &form.tariff) else {
            return missing(format!("{:?} is no tariff: name one of the offers", form.tariff));
        };
        if let Some(message) = why_not_offered(stored, hand_out, definition, None, self.now()) {
            return missing(format!("{:?} {message}: name one of the offers", form.tariff));
        }
        let tariff = &stored.tariff;
        let occasion = Occasion::of_call(tariff, definition, &hand_out.client, self.now());
        Ok(order::check(form, definition, occasion).err().unwrap_or_default())
    }
}

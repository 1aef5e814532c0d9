//! Orders after the call: shown, verified, corrected, fulfilled, cancelled.

use std::collections::BTreeMap;

use jiff::Timestamp;
use relance_domain::definition::{AccountFrom, CancelReason, Definition, StandardField};
use relance_domain::order::state::{HeldTo, OrderEvent, OrderEventKind, OrderState, Stamp};
use relance_domain::order::withdrawal;
use relance_domain::order::{self, Appointment, Correction, Occasion, OrderForm, correct};

use relance_domain::tariff::Tariff;
use relance_domain::{AttemptId, CampaignId, ClientId, LeadId, Money, OrderId, UserId};
use relance_store::StoreError;
use relance_store::claim::HandOut;
use relance_store::order::{Change, Changed, Corrected, OrderChange, OrderFilter, Placing, StoredOrder};
use relance_store::outcome::TariffThen;
use serde::{Deserialize, Serialize};

use crate::assignments::checked_reason;
use crate::{Engine, Error, Result};

/// An order without what the client said of themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OrderSummary {
    /// Key.
    pub id: OrderId,
    /// Its number, unique in its campaign.
    #[schema(example = "FW-2026-000001")]
    pub number: String,
    /// Short name of the campaign.
    pub campaign: String,
    /// `placed`, `verified`, `fulfilled` or `cancelled`.
    #[schema(example = "placed")]
    pub state: String,
    /// Counts what happened to it, from 1: send the one you saw with whatever you do to the order.
    pub version: i64,
    /// The tariff.
    pub tariff: String,
    /// Its price at the time of the call.
    pub price: Money,
    /// The lead.
    pub lead: LeadId,
    /// The client.
    pub client: ClientId,
    /// The attempt that it came of.
    pub attempt: AttemptId,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// By which operator.
    pub placed_by: String,
    /// When it was corrected last, if it was.
    pub corrected_at: Option<Timestamp>,
    /// By whom.
    pub corrected_by: Option<String>,
    /// When it was verified, if it is.
    pub verified_at: Option<Timestamp>,
    /// By whom.
    pub verified_by: Option<String>,
    /// When it was fulfilled, if it was.
    pub fulfilled_at: Option<Timestamp>,
    /// By whom.
    pub fulfilled_by: Option<String>,
    /// When it was cancelled, if it was.
    pub cancelled_at: Option<Timestamp>,
    /// By whom.
    pub cancelled_by: Option<String>,
    /// The campaign's code for why.
    pub cancel_reason: Option<String>,
    /// When the person may be called again after it was cancelled.
    pub reopens_at: Option<Timestamp>,
    /// The instant from which the client may withdraw no more; none where they never may.
    pub withdraw_until: Option<Timestamp>,
    /// Whether the client asked that the service begin before that.
    pub begins_at_once: bool,
}

/// An order with its form and everything that happened to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OrderDetails {
    /// The order.
    #[serde(flatten)]
    pub order: OrderSummary,
    /// The form: fields by name, with what people read. Empty where the person was erased.
    pub fields: Vec<OrderFieldShown>,
    /// The visit that was agreed.
    pub appointment: Option<Appointment>,
    /// The client's new account number.
    pub account: Option<String>,
    /// What the client was told.
    pub told: Vec<String>,
    /// What was said as it was cancelled.
    pub cancel_note: Option<String>,
    /// Everything that happened, the oldest first.
    pub history: Vec<OrderChange>,
}

/// A field of a form that was filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OrderFieldShown {
    /// Its name.
    pub name: String,
    /// What people read.
    pub label: String,
    /// Its value.
    pub value: String,
}

impl Engine {
    /// Orders that fit a filter, oldest first.
    pub async fn orders(&self, filter: &OrderFilter) -> Result<Vec<OrderSummary>> {
        Ok(self.store.orders(filter).await?.iter().map(summary).collect())
    }

    /// The fields of a campaign's present form, in its order.
    pub async fn order_fields(&self, campaign: CampaignId) -> Result<Vec<String>> {
        let campaigns = self.store.campaigns().await?;
        let present = campaigns.iter().find(|known| known.id == campaign);
        let version = present.ok_or_else(|| StoreError::not_found("campaign", campaign))?.version;
        let definition = self.definition(campaign, version).await?;
        Ok(definition.order_form.iter().map(|field| field.name.clone()).collect())
    }

    /// An order with its form and its history.
    pub async fn order(&self, order: OrderId) -> Result<OrderDetails> {
        let stored = self.store.order(order).await?;
        self.details(stored).await
    }

    /// A second person found the order right.
    pub async fn verify_order(&self, order: OrderId, seen: i64, by: Option<UserId>) -> Result<OrderDetails> {
        self.change(plain(order, seen, OrderEvent::Verify, by)).await
    }

    /// The client has what they ordered.
    pub async fn fulfil_order(&self, order: OrderId, seen: i64, by: Option<UserId>) -> Result<OrderDetails> {
        self.change(plain(order, seen, OrderEvent::Fulfil, by)).await
    }

    /// The order comes to nothing, for a reason of its campaign; the person may be called again where the reason says so.
    pub async fn cancel_order(
        &self,
        order: OrderId,
        seen: i64,
        (reason, note): (&str, Option<&str>),
        by: Option<UserId>,
    ) -> Result<OrderDetails> {
        let stored = self.store.order(order).await?;
        let definition = self.definition(stored.campaign, stored.definition_version).await?;
        let declared = declared_reason(&definition, reason)?;
        let note = note.map(checked_note).transpose()?.flatten();
        let event = OrderEvent::Cancel { reason: declared.code.clone(), withdrawal: declared.withdrawal };
        let reopens_at = declared.reopens_after.map(|after| after.after(self.now()));
        self.change(Change { note, reopens_at, ..plain(order, seen, event, by) }).await
    }

    /// Something in the order was wrong. What was there before is kept, and the order waits for verification again.
    pub async fn correct_order(
        &self,
        order: OrderId,
        seen: i64,
        (correction, why): (&Correction, &str),
        by: Option<UserId>,
    ) -> Result<OrderDetails> {
        let why = checked_reason("the correction", why)?.to_owned();
        let stored = self.store.order(order).await?;
        // An order that cannot be corrected any more is told so, whatever the correction says.
        let stamp = Stamp { at: self.now(), by };
        stored.state.clone().apply(OrderEvent::Correct, stamp, stored.held_to)?;
        let definition = self.definition(stored.campaign, stored.definition_version).await?;
        let tariff = self.tariff_as_ordered(&stored.tariff).await?;
        let client = self.store.client(stored.client).await?;
        let zone = client.time_zone;
        let empty = BTreeMap::new();
        let occasion = Occasion {
            today: order::local_day(placed(&stored.state), zone.clone(), &definition),
            visits_from: order::local_day(self.now(), zone, &definition),
            ..Occasion::of_call(&tariff, &definition, &empty, self.now())
        };
        let (form, changes) = correct(&stored.form, correction, &definition, occasion)
            .map_err(|problems| Error::Invalid { what: "the correction", problems })?;
        let begins_at_once = withdrawal::begins_at_once(&definition.order.withdrawal, &form);
        let correction = Some(Corrected { form, begins_at_once, changes, why });
        self.change(Change { correction, ..plain(order, seen, OrderEvent::Correct, by) }).await
    }

    /// The tariff as it was when the order was placed, whatever its later versions offer.
    async fn tariff_as_ordered(&self, ordered: &TariffThen) -> Result<Tariff> {
        let versions = self.store.tariff_history(ordered.id).await?.versions;
        let then = versions.into_iter().find(|version| version.version == ordered.version);
        let name = || format!("{} version {}", ordered.tariff, ordered.version);
        Ok(then.ok_or_else(|| StoreError::not_found("tariff", name()))?.tariff)
    }

    async fn change(&self, mut change: Change) -> Result<OrderDetails> {
        let campaign = self.store.order(change.order).await?.campaign;
        change.tell = self.to_tell(campaign, change.event.kind()).await?;
        match self.store.change_order(&change, self.now()).await? {
            Changed::Done(order) => {
                metrics::counter!("relance_order_changes_total", "state" => order.state.as_str()).increment(1);
                tracing::info!(
                    order = order.id.0,
                    state = order.state.as_str(),
                    version = order.version,
                    "order.changed"
                );
                self.details(*order).await
            }
            Changed::Refused(refusal) => Err(Error::OrderRefused(refusal)),
            Changed::Outdated(version) => {
                let message = format!(
                    "the order is at version {version} by now, and you saw version {}: look at it again, then decide",
                    change.seen
                );
                Err(StoreError::Conflict(message).into())
            }
        }
    }

    async fn details(&self, stored: StoredOrder) -> Result<OrderDetails> {
        let history = self.store.order_history(stored.id).await?;
        let definition = self.definition(stored.campaign, stored.definition_version).await?;
        let order = summary(&stored);
        let form = stored.form;
        let shown = |field: &relance_domain::definition::OrderField| {
            let value = form.fields.get(&field.name)?.clone();
            Some(OrderFieldShown { name: field.name.clone(), label: field.label.clone(), value })
        };
        let fields = definition.order_form.iter().filter_map(shown).collect();
        let told = definition.order.told.iter().filter(|told| form.told.contains(&told.code));
        Ok(OrderDetails {
            order,
            fields,
            told: told.map(|told| told.label.clone()).collect(),
            appointment: form.appointment,
            account: form.account,
            cancel_note: stored.cancel_note,
            history,
        })
    }

    /// What is counted up and agreed as the order of a call is placed.
    pub(crate) async fn placing(
        &self,
        form: &OrderForm,
        hand_out: &HandOut,
        definition: &Definition,
    ) -> Result<Placing> {
        let terms = &definition.order;
        let now = self.now();
        let rules = order::zone_rules(order::client_zone(&hand_out.client), definition);
        let client_country = hand_out.client.get(StandardField::Country.as_str()).map(String::as_str);
        let countries = [client_country, Some(definition.country.as_str())];
        let account = terms.account.as_ref().and_then(|account| match &account.from {
            AccountFrom::Generated(numbers) => Some(numbers.clone()),
            AccountFrom::Entered(_) => None,
        });
        Ok(Placing {
            definition_version: hand_out.campaign_version,
            number: terms.number.clone(),
            account,
            year: order::local_day(now, None, definition).year(),
            held_to: HeldTo {
                withdraw_until: withdrawal::until(&terms.withdrawal, countries, now, &rules),
                begins_at_once: withdrawal::begins_at_once(&terms.withdrawal, form),
            },
            tell: self.to_tell(hand_out.campaign, OrderEventKind::Placed).await?,
        })
    }

    /// The order of a lead that came to nothing, in words for whoever calls the person next.
    pub(crate) async fn cancelled_order(&self, lead: LeadId, definition: &Definition) -> Result<Option<String>> {
        Ok(self.store.cancelled_order(lead).await?.map(|order| cancelled_in_words(&order, definition)))
    }
}

/// What became of an order that was cancelled.
pub(crate) fn cancelled_in_words(order: &StoredOrder, definition: &Definition) -> String {
    let day = |at: Timestamp| at.strftime("%Y-%m-%d").to_string();
    let stamps = order.state.stamps();
    let cancelled = stamps.cancelled.map(|stamp| day(stamp.at)).unwrap_or_default();
    let reason = stamps.cancel_reason.unwrap_or_default();
    let label = definition.order.cancel_reason(reason).map_or(reason, |declared| declared.label.as_str());
    let note = order.cancel_note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
    let (placed, tariff) = (day(placed(&order.state)), &order.tariff.name);
    format!("ordered {tariff} on {placed}; order {} was cancelled on {cancelled}: {label}{note}", order.number)
}

fn plain(order: OrderId, seen: i64, event: OrderEvent, by: Option<UserId>) -> Change {
    Change { order, seen, event, by, correction: None, note: None, reopens_at: None, tell: Vec::new() }
}

fn declared_reason<'d>(definition: &'d Definition, reason: &str) -> Result<&'d CancelReason> {
    definition.order.cancel_reason(reason).ok_or_else(|| {
        let known: Vec<&str> = definition.order.cancel_reasons.iter().map(|reason| reason.code.as_str()).collect();
        let message = match known.as_slice() {
            [] => "the campaign declares no reason to cancel an order: add [[order.cancel_reasons]] to it".to_owned(),
            known => format!("{reason:?} is no reason of this campaign: use {}", known.join(", ")),
        };
        Error::field("the cancellation", "reason", message)
    })
}

/// A note that may be left out.
fn checked_note(note: &str) -> Result<Option<String>> {
    match note.trim() {
        "" => Ok(None),
        note if note.chars().count() > 500 => {
            Err(Error::field("the cancellation", "note", "is longer than 500 characters"))
        }
        note => Ok(Some(note.to_owned())),
    }
}

/// When an order was placed: one with a number always was.
fn placed(state: &OrderState) -> Timestamp {
    state.stamps().placed.map_or(Timestamp::UNIX_EPOCH, |stamp| stamp.at)
}

/// An order without its form.
fn summary(order: &StoredOrder) -> OrderSummary {
    let (people, stamps) = (&order.people, order.state.stamps());
    let at = |stamp: Option<Stamp>| stamp.map(|stamp| stamp.at);
    OrderSummary {
        id: order.id,
        number: order.number.clone(),
        campaign: order.campaign_name.clone(),
        state: order.state.as_str().to_owned(),
        version: order.version,
        tariff: order.tariff.tariff.clone(),
        price: order.tariff.price,
        lead: order.lead,
        client: order.client,
        attempt: order.attempt,
        placed_at: placed(&order.state),
        placed_by: people.placed_by.clone(),
        corrected_at: at(stamps.corrected),
        corrected_by: people.corrected_by.clone(),
        verified_at: at(stamps.verified),
        verified_by: people.verified_by.clone(),
        fulfilled_at: at(stamps.fulfilled),
        fulfilled_by: people.fulfilled_by.clone(),
        cancelled_at: at(stamps.cancelled),
        cancelled_by: people.cancelled_by.clone(),
        cancel_reason: stamps.cancel_reason.map(str::to_owned),
        reopens_at: order.reopens_at,
        withdraw_until: order.held_to.withdraw_until,
        begins_at_once: order.held_to.begins_at_once,
    }
}

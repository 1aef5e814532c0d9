//! The next lead for an operator, with everything needed to call: or why there is none.

use std::collections::BTreeMap;

use jiff::Timestamp;
use relance_domain::campaign::state::CampaignState;
use relance_domain::definition::{Definition, Detail, Features, OutcomeClass};
use relance_domain::funnel::Standing;
use relance_domain::script::{self, ScriptContext, ScriptOffer};
use relance_domain::tariff::{Fee, Tariff};
use relance_domain::{AssignmentId, CampaignId, LeadId, Money, UserId};
use relance_store::StoreError;
use relance_store::claim::{Decision, EarlierTry, HandOut, PhoneOfClient, Why};
use relance_store::order::Draft;
use relance_store::tariff::StoredTariff;
use serde::{Deserialize, Serialize};

use crate::in_call::why_not_offered;
use crate::order_form::{self, OrderDraft, OrderFieldAsked, OrderTermsAsked};
use crate::queue::StandingCount;
use crate::{Engine, Result};

/// What an operator asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NextRequest {
    /// Only leads of this campaign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    /// On behalf of this operator; for supervisors and administrators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// How long to wait for a lead where nobody is callable, in seconds, at most 60. Without it the answer comes at once.
    #[serde(default, skip_serializing_if = "is_zero")]
    #[schema(maximum = 60)]
    pub wait_s: u32,
}

fn is_zero(wait_s: &u32) -> bool {
    *wait_s == 0
}

/// What an operator gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum NextAnswer {
    /// A lead to call.
    Lead(Box<LeadAnswer>),
    /// Nobody is callable now.
    Nobody(NobodyAnswer),
}

/// A lead to call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LeadAnswer {
    /// The assignment: name it when recording the outcome.
    pub assignment: AssignmentId,
    /// The assignment's fencing token: send it with the outcome.
    pub token: String,
    /// The lead.
    pub lead: LeadId,
    /// The campaign's short name.
    pub campaign: String,
    /// The operator.
    pub operator: String,
    /// The number to call, in full.
    #[schema(example = "+19495550122")]
    pub phone: String,
    /// What to dial when it is answered.
    pub extension: Option<String>,
    /// The client's further numbers, in the order in which to dial them.
    pub other_phones: Vec<OtherPhone>,
    /// Columns of the list that the campaign does not know, by header.
    pub attributes: BTreeMap<String, String>,
    /// What the campaign shows of the client, in its order.
    pub client: Vec<FieldShown>,
    /// What to say.
    pub script: String,
    /// Why this lead.
    pub why: Why,
    /// The same in a sentence.
    pub because: String,
    /// When it was handed out.
    pub handed_at: Timestamp,
    /// When the lease runs out.
    pub lease_until: Timestamp,
    /// What may be offered at this address now.
    pub offers: Vec<Offer>,
    /// The dispositions that may be recorded: code, label and class.
    pub dispositions: Vec<DispositionAsked>,
    /// The refusal reasons and what each asks for.
    pub reasons: Vec<ReasonAsked>,
    /// The form to fill when the client accepts.
    pub order_form: Vec<OrderFieldAsked>,
    /// What else is agreed with an order.
    pub order_terms: OrderTermsAsked,
    /// What was typed into the form so far.
    pub order_draft: Option<OrderDraft>,
    /// Earlier tries, newest first.
    pub history: Vec<EarlierTry>,
    /// What the hand-out rests on.
    pub decision: Decision,
}

/// A further number of the client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OtherPhone {
    /// The number, in full.
    pub phone: String,
    /// What to dial when it is answered.
    pub extension: Option<String>,
}

/// A field of the client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FieldShown {
    /// Its name.
    pub name: String,
    /// What people read.
    pub label: String,
    /// Its value; empty where nothing is known.
    pub value: String,
}

/// A tariff that may be offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Offer {
    /// Its short name: send it with an order.
    pub tariff: String,
    /// The name people read.
    pub name: String,
    /// Its price.
    pub price: Money,
    /// What the price is per.
    pub per: String,
    /// What is paid besides.
    pub fees: Vec<Fee>,
    /// How many months the client commits to; 0 for none.
    #[serde(default)]
    pub commitment_months: u32,
    /// What it offers.
    #[schema(value_type = Object)]
    pub features: Features,
}

/// A disposition that may be recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DispositionAsked {
    /// What is sent.
    pub code: String,
    /// What people read.
    pub label: String,
    /// What the engine makes of it.
    pub class: OutcomeClass,
}

/// A refusal reason and what it asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ReasonAsked {
    /// What is sent.
    pub code: String,
    /// What people read.
    pub label: String,
    /// The details to ask for.
    pub asks: Vec<Detail>,
    /// Those of them that a refusal may lack.
    #[serde(default)]
    pub optional: Vec<Detail>,
}

/// Nobody is callable now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NobodyAnswer {
    /// In a sentence.
    pub because: String,
    /// Where the open leads stand, the most first.
    pub reasons: Vec<StandingCount>,
    /// The first instant at which somebody may be callable, where one is known.
    pub next_at: Option<Timestamp>,
}

impl Engine {
    /// The next lead for an operator. Asking again gives the same lead until its outcome is recorded.
    pub async fn next_lead(&self, operator: UserId, campaign: Option<&str>) -> Result<NextAnswer> {
        let campaign = match campaign {
            Some(name) => Some(self.store.campaign(name).await?.id),
            None => None,
        };
        match self.desk.next(operator, campaign).await? {
            Some(assignment) => Ok(NextAnswer::Lead(Box::new(self.lead_answer(assignment).await?))),
            None => Ok(NextAnswer::Nobody(self.nobody(operator, campaign).await?)),
        }
    }

    /// The lead that an operator holds, if any.
    pub async fn held_lead(&self, operator: UserId) -> Result<Option<LeadAnswer>> {
        match self.store.open_assignment(operator).await? {
            Some(assignment) => Ok(Some(self.lead_answer(assignment).await?)),
            None => Ok(None),
        }
    }

    async fn lead_answer(&self, assignment: AssignmentId) -> Result<LeadAnswer> {
        let (found, present) = tokio::join!(self.hand_outs.ask(assignment), self.tariffs.ask(()));
        let hand_out = found?.ok_or_else(|| StoreError::not_found("assignment", assignment))?;
        let tariffs = self.tariffs_in_call(present?, &hand_out).await?;
        let definition = self.definition(hand_out.campaign, hand_out.campaign_version).await?;
        let offers = offers(&tariffs, &definition, &hand_out, self.now());
        let draft = match hand_out.has_order_draft {
            true => self.store.order_draft(assignment).await?,
            false => None,
        };
        let is_order = |code: &str| definition.disposition(code).is_some_and(|d| d.class == OutcomeClass::Order);
        let ordered_before = hand_out.history.iter().any(|tried| is_order(&tried.disposition));
        let cancelled = match ordered_before {
            true => self.cancelled_order(hand_out.lead, &definition).await?,
            false => None,
        };
        let because = cancelled.filter(|_| hand_out.decision.why == Why::Retry).unwrap_or_else(|| because(&hand_out));
        Ok(answer(hand_out, &definition, (offers, draft, because)))
    }

    async fn nobody(&self, operator: UserId, campaign: Option<CampaignId>) -> Result<NobodyAnswer> {
        let asking = self.store.users().await?.into_iter().find(|user| user.id == operator);
        let campaigns = self.store.campaigns().await?;
        let mut reasons: Vec<StandingCount> = Vec::new();
        for of in campaigns.iter().filter(|c| campaign.is_none_or(|wanted| wanted == c.id)) {
            for count in self.funnel_of(of, asking.as_ref()).await?.standings {
                if count.standing.is_open() && !(campaign.is_none() && of.state != CampaignState::Running) {
                    add(&mut reasons, count);
                }
            }
        }
        reasons.sort_by_key(|count| std::cmp::Reverse(count.leads));
        let next_at = reasons.iter().filter_map(|count| count.next_at).min();
        Ok(NobodyAnswer { because: in_words(&reasons, next_at), reasons, next_at })
    }
}

/// The tariffs that may be offered in a call, in the campaign's currency.
fn offers(tariffs: &[StoredTariff], definition: &Definition, hand_out: &HandOut, now: Timestamp) -> Vec<Offer> {
    let offered = tariffs.iter().filter(|stored| {
        hand_out.held_out_of.as_ref() != Some(&stored.tariff.tariff)
            && why_not_offered(stored, hand_out, definition, None, now).is_none()
    });
    let local = |tariff: &Tariff, amount| tariff.in_currency(amount, definition.currency).unwrap_or(amount);
    let offer = |StoredTariff { tariff, .. }: &StoredTariff| Offer {
        tariff: tariff.tariff.clone(),
        name: tariff.name.clone(),
        price: local(tariff, tariff.price),
        per: tariff.per.clone(),
        fees: tariff.fees.iter().map(|fee| Fee { amount: local(tariff, fee.amount), ..fee.clone() }).collect(),
        commitment_months: tariff.commitment_months,
        features: tariff.features.clone(),
    };
    offered.map(offer).collect()
}

fn add(reasons: &mut Vec<StandingCount>, count: StandingCount) {
    match reasons.iter_mut().find(|known| known.standing == count.standing) {
        Some(known) => {
            known.leads += count.leads;
            known.next_at = known.next_at.into_iter().chain(count.next_at).min();
        }
        None => reasons.push(count),
    }
}

fn in_words(reasons: &[StandingCount], next_at: Option<Timestamp>) -> String {
    if reasons.is_empty() {
        return "Nobody is left to call: no running campaign has open leads.".to_owned();
    }
    let main: Vec<String> = reasons.iter().take(3).map(|count| format!("{} {}", count.leads, count.in_words)).collect();
    let opening = next_at.map_or_else(String::new, |at| format!(" The next may be callable at {at}."));
    let held = if reasons.iter().any(|count| count.standing == Standing::Callable) {
        " Those callable are with operators who ask at this moment, were handed back by you within the hour, or are new while you \
            have had as many new ones as the campaign gives in an hour: ask again later."
    } else {
        ""
    };
    let by_others = |count: &StandingCount| {
        matches!(count.standing, Standing::Reserved | Standing::LanguageNotSpoken | Standing::SkillMissing)
    };
    let by_you = if reasons.iter().any(by_others) { " by you" } else { "" };
    format!("Nobody is callable{by_you} now: {}.{opening}{held}", main.join("; "))
}

fn answer(
    hand_out: HandOut,
    definition: &Definition,
    (offers, draft, because): (Vec<Offer>, Option<Draft>, String),
) -> LeadAnswer {
    let context = ScriptContext {
        reopened: hand_out.decision.reopening.as_ref().map(|reopening| reopening.because.clone()),
        offers: offers
            .iter()
            .map(|offer| ScriptOffer {
                name: offer.name.clone(),
                price: offer.price.to_string(),
                per: offer.per.clone(),
            })
            .collect(),
        ..ScriptContext::new(definition, &hand_out.client, &hand_out.operator_name)
    };
    // A script was checked when it was applied; one that fails on this client's values still leaves a lead to call.
    let script = script::render(&definition.script, &context)
        .unwrap_or_else(|error| format!("(The script cannot be shown: {error})"));
    LeadAnswer {
        assignment: hand_out.assignment,
        token: hand_out.token,
        lead: hand_out.lead,
        campaign: definition.campaign.clone(),
        operator: hand_out.operator_name,
        phone: hand_out.phone.map_or_else(|| "erased".to_owned(), |phone| phone.reveal().to_owned()),
        extension: hand_out.extension,
        other_phones: hand_out.other_phones.into_iter().map(other_phone).collect(),
        attributes: hand_out.attributes,
        client: definition.shown.iter().map(|name| shown(name, definition, &hand_out.client)).collect(),
        script,
        why: hand_out.decision.why,
        because,
        handed_at: hand_out.handed_at,
        lease_until: hand_out.lease_until,
        dispositions: dispositions(definition),
        reasons: reasons(definition),
        order_form: order_form::fields(definition, &hand_out.client, &offers),
        order_terms: order_form::terms(definition, &offers),
        order_draft: draft.map(OrderDraft::from),
        offers,
        history: hand_out.history,
        decision: hand_out.decision,
    }
}

fn other_phone(other: PhoneOfClient) -> OtherPhone {
    OtherPhone { phone: other.phone.reveal().to_owned(), extension: other.extension }
}

fn because(hand_out: &HandOut) -> String {
    let note = hand_out.callback_note.as_deref().map_or_else(String::new, |note| format!(": {note}"));
    let (decision, list) = (&hand_out.decision, &hand_out.list_name);
    match (decision.why, &decision.reopening) {
        (Why::HandedOver, _) => match &hand_out.taken_from {
            Some(taken) => format!("handed over from {}: {}", taken.operator, taken.reason),
            None => format!("handed over by a supervisor{note}"),
        },
        (Why::PersonalCallback, _) => format!("you promised to call back{note}"),
        (Why::AnyCallback, _) => format!("a call back was promised{note}"),
        (Why::Reopened, Some(reopening)) => reopening.because.clone(),
        (Why::Reopened, None) => match hand_out.history.first() {
            Some(last) => format!("refused on {}; to be asked again", last.at.strftime("%Y-%m-%d")),
            None => format!("refused before; from the list {list}"),
        },
        (Why::Fresh, _) => format!("not called yet; from the list {list}"),
        (Why::Retry, _) => match hand_out.history.first() {
            Some(last) => {
                format!("tried before, last with {} on {}", last.disposition, last.at.strftime("%Y-%m-%d %H:%M UTC"))
            }
            None => format!("tried before; from the list {list}"),
        },
    }
}

fn shown(name: &str, definition: &Definition, client: &std::collections::BTreeMap<String, String>) -> FieldShown {
    let declared = definition.client_fields.iter().find(|field| field.name == name).map(|field| field.label.clone());
    FieldShown {
        name: name.to_owned(),
        label: declared.unwrap_or_else(|| standard_label(name)),
        value: client.get(name).cloned().unwrap_or_default(),
    }
}

/// `first_name` as people read it: `First name`.
fn standard_label(name: &str) -> String {
    let mut words = name.replace('_', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}

fn dispositions(definition: &Definition) -> Vec<DispositionAsked> {
    let asked = |d: &relance_domain::definition::Disposition| DispositionAsked {
        code: d.code.clone(),
        label: d.label.clone(),
        class: d.class,
    };
    definition.dispositions.iter().map(asked).collect()
}

fn reasons(definition: &Definition) -> Vec<ReasonAsked> {
    let asked = |r: &relance_domain::definition::RefusalReason| ReasonAsked {
        code: r.code.clone(),
        label: r.label.clone(),
        asks: r.asks.clone(),
        optional: r.optional.clone(),
    };
    definition.reasons.iter().map(asked).collect()
}

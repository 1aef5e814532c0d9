//! Recording what happened.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use relance_domain::definition::Definition;
use relance_domain::eligibility::permitted_from;
use relance_domain::outcome::{Outcome, OutcomeDetail, OutcomeReport, check};
use relance_domain::retry;
use relance_domain::{AssignmentId, AttemptId, UserId};
use relance_store::claim::HandOut;
use relance_store::outcome::{CallableAt, Record, Recorded, TariffThen};
use relance_store::question::CallInQuestion;
use relance_store::tariff::StoredTariff;
use serde::{Deserialize, Serialize};

use crate::in_call::{named, why_not_offered};
use crate::{Engine, Error, Result};

/// What was recorded. The same report gives the same answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RecordedOutcome {
    /// The attempt.
    pub attempt: AttemptId,
    /// The assignment that it ended.
    pub assignment: AssignmentId,
    /// Where the lead stands: `ready`, `scheduled`, `assigned` or `closed`.
    pub lead_state: String,
    /// When a promised call may be made, where one was promised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promised: Option<PromisedCall>,
}

/// When a promised call may be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PromisedCall {
    /// When it was promised for.
    pub due_at: Timestamp,
    /// When the calling rules let it be made: then, or at the next permitted moment.
    pub callable_at: Timestamp,
    /// Why that is not when it was promised for.
    pub moved_because: Option<String>,
}

/// When somebody is called again, as the rules let them be.
struct CalledAgain {
    retry_at: Timestamp,
    callable_at: Option<CallableAt>,
    wanted_at: Option<Timestamp>,
}

impl CalledAgain {
    fn promised(&self, outcome: &Outcome) -> Option<PromisedCall> {
        let (OutcomeDetail::Callback(promise), Some(callable)) = (&outcome.detail, &self.callable_at) else {
            return None;
        };
        let CallableAt { at, moved_because } = callable.clone();
        Some(PromisedCall { due_at: promise.due_at, callable_at: at, moved_because })
    }
}

impl Engine {
    /// Records the outcome of an assignment that the operator holds.
    pub async fn record_outcome(
        &self,
        operator: UserId,
        assignment: AssignmentId,
        token: &str,
        report: &OutcomeReport,
    ) -> Result<RecordedOutcome> {
        let hand_out = self.shown_by(operator, assignment, token).await?;
        let definition = self.definition(hand_out.campaign, hand_out.campaign_version).await?;
        // A report that comes again or late is checked as of its call: what was right then is right now.
        let now = self.now();
        let as_of = hand_out.ended_at.map_or(now, |_| hand_out.handed_at);
        let tariffs = match names_a_tariff(report) {
            true => self.tariffs_in_call(self.tariffs.ask(()).await?, &hand_out).await?,
            false => Arc::default(),
        };
        let ordered = report.order.as_ref().and_then(|order| named(&tariffs, &order.tariff));
        let ordered = ordered.map(|stored| &stored.tariff);
        let outcome = check(report, &definition, &hand_out.client, &(as_of..=now), ordered)
            .map_err(|problems| Error::Invalid { what: "the outcome", problems })?;
        let tariff = tariff_then(&outcome.detail, &hand_out, &definition, &tariffs, as_of)?;
        let again = self.called_again(&outcome, &hand_out, &definition).await?;
        let promised = again.promised(&outcome);
        let placing = match &outcome.detail {
            OutcomeDetail::Order(form) => Some(self.placing(form, &hand_out, &definition).await?),
            _ => None,
        };
        let record = Record {
            assignment,
            token: token.to_owned(),
            operator,
            report: serde_json::to_string(report).expect("a report has text keys"),
            currency: definition.currency,
            retry_at: again.retry_at,
            callable_at: again.callable_at,
            wanted_at: again.wanted_at,
            outcome,
            tariff,
            placing,
        };
        let class = record.outcome.class;
        match self.outcomes.ask(record).await? {
            Recorded::Done { attempt, lead_state } => {
                metrics::counter!("relance_outcomes_total", "class" => class.as_str()).increment(1);
                Ok(RecordedOutcome { attempt, assignment, lead_state, promised })
            }
            Recorded::Repeated { attempt, lead_state } => {
                Ok(RecordedOutcome { attempt, assignment, lead_state, promised })
            }
            Recorded::Contradicts => Err(Error::Contradicts(assignment)),
            Recorded::Late { late_outcome } => Err(Error::Late(late_outcome)),
            Recorded::NotYours => Err(Error::NotYours(assignment)),
        }
    }

    /// When the lead is tried again, or its promise may be kept, where its outcome says so.
    async fn called_again(
        &self,
        outcome: &Outcome,
        hand_out: &HandOut,
        definition: &Definition,
    ) -> Result<CalledAgain> {
        let now = self.now();
        let promise = match &outcome.detail {
            OutcomeDetail::Callback(promise) => Some(promise),
            _ => None,
        };
        let wanted_from = wanted_from(outcome, definition);
        let (None, None, None) = (outcome.retry, promise, wanted_from) else {
            let law = self.law(definition);
            let call = CallInQuestion::new(hand_out.lead, definition.subject(), law.looks_back_to(now));
            let person = self.people.ask(call).await?;
            let callee = person.callee();
            let callable_at = promise.map(|promise| {
                let (at, moved_because) = permitted_from(promise.due_at, &law, &callee, &person.facts);
                CallableAt { at, moved_because }
            });
            let zone = person.zone.as_ref().and_then(|zone| zone.rules().ok());
            let wanted_at = wanted_from.and_then(|day| {
                let start = day.to_zoned(zone.clone().unwrap_or(jiff::tz::TimeZone::UTC)).ok()?;
                Some(start.timestamp())
            });
            let retry_at = match (outcome.retry, zone) {
                (Some(retry), Some(zone)) => {
                    let earlier = hand_out.history.iter().map(|tried| tried.at);
                    let tries: Vec<Timestamp> = earlier.chain([hand_out.handed_at]).collect();
                    retry::at(now, retry, &tries, &zone, |at| law.is_open(at, &callee))
                }
                (Some(retry), None) => retry.after.after(now),
                (None, _) => now,
            };
            return Ok(CalledAgain { retry_at, callable_at, wanted_at });
        };
        Ok(CalledAgain { retry_at: now, callable_at: None, wanted_at: None })
    }
}

/// Whether a tariff stands in a report: one that was offered or ordered.
fn names_a_tariff(report: &OutcomeReport) -> bool {
    report.order.is_some() || report.refusal.as_ref().is_some_and(|refusal| refusal.tariff_offered.is_some())
}

/// The tariff that was offered or ordered, with its price as of the call.
fn tariff_then(
    detail: &OutcomeDetail,
    hand_out: &HandOut,
    definition: &Definition,
    tariffs: &[StoredTariff],
    as_of: Timestamp,
) -> Result<Option<TariffThen>> {
    let wanted_at = match detail {
        OutcomeDetail::Refusal(refusal) => refusal.coverage.as_deref(),
        _ => None,
    };
    let (field, name) = match detail {
        OutcomeDetail::Order(form) => ("order.tariff", form.tariff.as_str()),
        OutcomeDetail::Refusal(refusal) => match &refusal.tariff_offered {
            Some(name) => ("refusal.tariff_offered", name.as_str()),
            None => return Ok(None),
        },
        OutcomeDetail::Callback(_) | OutcomeDetail::None => return Ok(None),
    };
    let wrong = |message: String| Error::field("the outcome", field, message);
    let Some(stored) = named(tariffs, name) else {
        return Err(wrong(format!("there is no tariff {name:?}")));
    };
    if let Some(message) = why_not_offered(stored, hand_out, definition, wanted_at, as_of) {
        return Err(wrong(format!("tariff {name:?} {message} (campaign {})", definition.campaign)));
    }
    let Some(price) = stored.tariff.price_in(definition.currency) else {
        let (its, ours) = (stored.tariff.price.currency, definition.currency);
        return Err(wrong(format!(
            "tariff {name:?} is priced in {its} and the campaign counts in {ours}: publish it with a rate to {ours}"
        )));
    };
    Ok(Some(TariffThen {
        id: stored.id,
        version: stored.version,
        tariff: stored.tariff.tariff.clone(),
        name: stored.tariff.name.clone(),
        price,
    }))
}

/// The day from which somebody who refused is called again, where their reason says that no tariff is needed for it.
fn wanted_from(outcome: &Outcome, definition: &Definition) -> Option<Date> {
    let OutcomeDetail::Refusal(refusal) = &outcome.detail else { return None };
    let reason = definition.reason(&refusal.reason)?;
    refusal.call_after.filter(|_| reason.comes_back_by_itself())
}

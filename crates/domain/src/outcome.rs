//! What an operator reports after a call, checked against the campaign's definition.

mod refusal;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::definition::{CountsAs, Definition, Disposition, OutcomeClass, Retry};
use crate::lead::{Block, ClosedReason, LeadEvent};
use crate::order::{self, AppointmentReport, Occasion, OrderForm};
use crate::queue;
use crate::tariff::Tariff;

pub(crate) use refusal::units_of;
pub use refusal::{Refusal, RefusalReport};

/// A report as it is sent: a disposition and what that disposition asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OutcomeReport {
    /// A disposition code of the campaign.
    #[schema(example = "refused")]
    pub disposition: String,
    /// Anything worth knowing next time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// How long the call was, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_s: Option<u32>,
    /// Required when the disposition is a refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<RefusalReport>,
    /// Required when the disposition is a callback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback: Option<CallbackReport>,
    /// Required when the disposition is an order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderReport>,
}

/// A promise to call back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CallbackReport {
    /// When.
    #[serde(deserialize_with = "crate::written::instant")]
    pub due_at: Timestamp,
    /// Whether the same operator should call.
    #[serde(default)]
    pub personal: bool,
}

/// What the client accepted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderReport {
    /// The tariff.
    pub tariff: String,
    /// The order form's fields.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    /// The visit that follows, where the campaign has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appointment: Option<AppointmentReport>,
    /// The codes of what the client was told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<String>,
    /// The client's new account number, where the campaign has it typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
}

/// A report that was found complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The disposition's code.
    pub disposition: String,
    /// Its class.
    pub class: OutcomeClass,
    /// What it counts as under the calling rules.
    pub counts_as: CountsAs,
    /// When it is tried again.
    pub retry: Option<Retry>,
    /// Anything worth knowing next time.
    pub note: Option<String>,
    /// How long the call was, in seconds.
    pub duration_s: Option<u32>,
    /// What the class brings along.
    pub detail: OutcomeDetail,
}

/// What an outcome's class brings along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutcomeDetail {
    /// The client accepted.
    Order(OrderForm),
    /// The client declined.
    Refusal(Refusal),
    /// A call was promised.
    Callback(CallbackReport),
    /// Nothing more.
    None,
}

/// What is wrong with one field of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FieldProblem {
    /// The field, as in `refusal.price_ceiling`.
    pub field: String,
    /// What was wrong and what would be right.
    pub message: String,
}

impl FieldProblem {
    /// A problem with a field.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

/// Checks a report against the definition. All problems are returned at once.
///
/// `client` holds the client's standard fields and facts by name; they fill the order form's fields that say so, and tell which day it
/// is where the client is. `call` is when the call can have been: a promise lies after its start and within the horizon of its end.
/// `ordered` is the tariff that an order names.
pub fn check(
    report: &OutcomeReport,
    definition: &Definition,
    client: &BTreeMap<String, String>,
    call: &RangeInclusive<Timestamp>,
    ordered: Option<&Tariff>,
) -> Result<Outcome, Vec<FieldProblem>> {
    let Some(disposition) = definition.disposition(&report.disposition) else {
        let known = definition.dispositions.iter().map(|d| d.code.as_str());
        return Err(vec![FieldProblem::new("disposition", unknown("a disposition", &report.disposition, known))]);
    };
    let mut problems = misplaced_details(report, disposition.class);
    for (field, text) in [("note", &report.note)] {
        if text.as_ref().is_some_and(|text| text.chars().count() > 4_000) {
            problems.push(FieldProblem::new(field, "is longer than 4,000 characters"));
        }
    }
    let detail = match (disposition.class, &report.order, &report.refusal, &report.callback) {
        (OutcomeClass::Order, Some(order), ..) => match ordered.filter(|tariff| tariff.tariff == order.tariff) {
            Some(tariff) => {
                let occasion = Occasion::of_call(tariff, definition, client, *call.start());
                order::check(order, definition, occasion).map(OutcomeDetail::Order)
            }
            None => Err(vec![FieldProblem::new("order.tariff", format!("there is no tariff {:?}", order.tariff))]),
        },
        (OutcomeClass::Refusal, _, Some(refusal), _) => {
            let day = |at: &Timestamp| order::local_day(*at, order::client_zone(client), definition);
            let days = day(call.start())..=day(call.end());
            refusal::check(refusal, report.note.as_deref(), definition, &days).map(OutcomeDetail::Refusal)
        }
        (OutcomeClass::Callback, _, _, Some(callback)) => {
            check_callback(callback, definition, call).map(OutcomeDetail::Callback)
        }
        _ => Ok(OutcomeDetail::None),
    };
    let reason = report.refusal.as_ref().map(|refusal| refusal.reason.as_str());
    match detail {
        Ok(detail) if problems.is_empty() => Ok(Outcome {
            disposition: disposition.code.clone(),
            class: disposition.class,
            counts_as: counts_as(reason, disposition, definition),
            retry: disposition.retry,
            note: report.note.clone().filter(|note| !note.trim().is_empty()),
            duration_s: report.duration_s,
            detail,
        }),
        Ok(_) => Err(problems),
        Err(more) => {
            problems.extend(more);
            Err(problems)
        }
    }
}

/// What it counts as: what its reason says, or else its disposition. An objection is never less than one.
pub(crate) fn counts_as(reason: Option<&str>, disposition: &Disposition, definition: &Definition) -> CountsAs {
    let reason = reason.and_then(|reason| definition.reason(reason));
    match (disposition.counts_as, reason.and_then(|reason| reason.counts_as)) {
        (CountsAs::Objection, _) => CountsAs::Objection,
        (of_disposition, of_reason) => of_reason.unwrap_or(of_disposition),
    }
}

/// A detail that its class needs and that is missing, or one that belongs to another class.
fn misplaced_details(report: &OutcomeReport, class: OutcomeClass) -> Vec<FieldProblem> {
    let given = [
        ("order", OutcomeClass::Order, report.order.is_some(), "name the tariff, and fill in the order form"),
        ("refusal", OutcomeClass::Refusal, report.refusal.is_some(), "name the reason, and what it asks for"),
        ("callback", OutcomeClass::Callback, report.callback.is_some(), "say when"),
    ];
    given
        .into_iter()
        .filter_map(|(field, wanted_by, given, right)| match (class == wanted_by, given) {
            (true, false) => Some(FieldProblem::new(
                field,
                format!("is missing: {:?} is of class {}, which needs it: {right}", report.disposition, class.as_str()),
            )),
            (false, true) => Some(FieldProblem::new(
                field,
                format!("does not belong here: {:?} is of class {}", report.disposition, class.as_str()),
            )),
            _ => None,
        })
        .collect()
}

fn check_callback(
    report: &CallbackReport,
    definition: &Definition,
    call: &RangeInclusive<Timestamp>,
) -> Result<CallbackReport, Vec<FieldProblem>> {
    let horizon = definition.callbacks.horizon;
    let latest = horizon.after(*call.end());
    let message = if report.due_at <= *call.start() {
        format!("is not in the future: it is {} now", call.end().strftime("%Y-%m-%d %H:%M UTC"))
    } else if report.due_at > latest {
        format!(
            "is too far ahead: this campaign promises calls at most {horizon} ahead, until {}",
            latest.strftime("%Y-%m-%d %H:%M UTC")
        )
    } else {
        return Ok(report.clone());
    };
    Err(vec![FieldProblem::new("callback.due_at", message)])
}

fn unknown<'a>(what: &str, given: &str, known: impl Iterator<Item = &'a str>) -> String {
    format!("{given:?} is not {what} of this campaign: use {}", known.collect::<Vec<_>>().join(", "))
}

/// What else decides what becomes of a lead, besides its outcome.
#[derive(Debug, Clone, Copy)]
pub struct Aftermath {
    /// The lead's tries that ended with the same disposition before this one.
    pub earlier: u32,
    /// When it is tried again, if it is ([`crate::retry::at`]).
    pub retry_at: Timestamp,
    /// The client has another number that is not known to be wrong.
    pub another_number: bool,
    /// From when the person who refused wants to be called again, where that alone brings them back.
    pub wanted_at: Option<Timestamp>,
}

/// What becomes of the lead, and the priority it then has.
#[must_use]
pub fn consequence(outcome: &Outcome, after: Aftermath) -> (LeadEvent, i64) {
    let again = LeadEvent::Postpone { until: after.retry_at, block: Block::Retry };
    let event = match (&outcome.detail, outcome.class) {
        _ if outcome.counts_as == CountsAs::Objection => LeadEvent::Close(ClosedReason::Suppressed),
        (OutcomeDetail::Callback(promise), _) => LeadEvent::Postpone { until: promise.due_at, block: Block::Callback },
        (_, OutcomeClass::Order) => LeadEvent::Close(ClosedReason::Ordered),
        (_, OutcomeClass::Refusal) => match after.wanted_at {
            Some(until) => LeadEvent::Postpone { until, block: Block::AskedLater },
            None => LeadEvent::Close(ClosedReason::Refused),
        },
        // The person has not been reached: the next number is tried.
        (_, OutcomeClass::WrongNumber | OutcomeClass::Unreachable) if after.another_number => again,
        (_, OutcomeClass::WrongNumber) => LeadEvent::Close(ClosedReason::WrongNumber),
        _ => match outcome.retry {
            Some(retry) if after.earlier + 1 < retry.max => again,
            _ => LeadEvent::Close(ClosedReason::Exhausted),
        },
    };
    (event, queue::RETRY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::{Detail, FeatureValue, Features, ReopenCondition};
    use crate::testing::{definition, tariff};

    fn now() -> Timestamp {
        "2026-11-24T10:00:00Z".parse().expect("an instant")
    }

    fn fields(report: &OutcomeReport) -> Vec<String> {
        match check(report, &definition(), &BTreeMap::new(), &(now()..=now()), Some(&tariff())) {
            Ok(_) => Vec::new(),
            Err(problems) => problems.into_iter().map(|problem| problem.field).collect(),
        }
    }

    fn report(disposition: &str) -> OutcomeReport {
        OutcomeReport { disposition: disposition.into(), ..OutcomeReport::default() }
    }

    fn ordered() -> OrderReport {
        OrderReport { tariff: tariff().tariff, ..OrderReport::default() }
    }

    fn refused(refusal: RefusalReport) -> OutcomeReport {
        OutcomeReport { refusal: Some(refusal), ..report("refused") }
    }

    #[test]
    fn every_problem_is_named_at_once() {
        assert_eq!(fields(&report("maybe")), ["disposition"]);
        assert_eq!(fields(&report("refused")), ["refusal"]);
        assert_eq!(fields(&report("order")), ["order"]);
        for (disposition, right) in
            [("refused", "name the reason"), ("callback", "say when"), ("order", "name the tariff")]
        {
            let found = check(&report(disposition), &definition(), &BTreeMap::new(), &(now()..=now()), None);
            assert!(found.expect_err("a detail is missing")[0].message.contains(right), "{disposition}");
        }
        assert_eq!(fields(&OutcomeReport { order: Some(OrderReport::default()), ..report("no_answer") }), ["order"]);
        let unknown_reason = RefusalReport { reason: "mood".into(), ..RefusalReport::default() };
        assert_eq!(fields(&refused(unknown_reason)), ["refusal.reason"]);
        let bare = RefusalReport { reason: "price".into(), ..RefusalReport::default() };
        assert_eq!(fields(&refused(bare.clone())), ["refusal.price_ceiling"]);
        let wanted_features =
            Features::from([("tv".into(), FeatureValue::Amount(3)), ("jet".into(), FeatureValue::Has(true))]);
        let wrong = RefusalReport { price_ceiling: Some("cheap".into()), wanted_features, ..bare };
        assert_eq!(
            fields(&refused(wrong)),
            ["refusal.price_ceiling", "refusal.wanted_features.jet", "refusal.wanted_features.tv"]
        );
    }

    #[test]
    fn a_promise_lies_ahead_but_not_too_far() {
        let promise = |due_at: &str| OutcomeReport {
            callback: Some(CallbackReport { due_at: due_at.parse().expect("an instant"), personal: true }),
            ..report("callback")
        };
        assert!(fields(&promise("2026-11-25T10:00:00Z")).is_empty());
        assert_eq!(fields(&promise("2026-11-24T10:00:00Z")), ["callback.due_at"]);
        assert_eq!(fields(&promise("2027-11-24T10:00:00Z")), ["callback.due_at"]);
    }

    #[test]
    fn an_order_is_filled_from_the_client_where_declared() {
        let order = OutcomeReport { order: Some(ordered()), ..report("order") };
        assert_eq!(fields(&order), ["order.fields.contact"]);
        let client = BTreeMap::from([("first_name".to_owned(), "Sarah".to_owned())]);
        let outcome = check(&order, &definition(), &client, &(now()..=now()), Some(&tariff())).expect("complete");
        let OutcomeDetail::Order(form) = outcome.detail else { panic!("an order") };
        assert_eq!(form.fields["contact"], "Sarah");
    }

    #[test]
    fn a_try_without_answer_is_repeated_until_the_rule_s_end() {
        let outcome = |disposition| {
            check(&report(disposition), &definition(), &BTreeMap::new(), &(now()..=now()), Some(&tariff()))
                .expect("complete")
        };
        let retry_at = "2026-11-24T11:00:00Z".parse().expect("an instant");
        let after = |earlier, another_number| Aftermath { earlier, retry_at, another_number, wanted_at: None };
        let again = LeadEvent::Postpone { until: retry_at, block: Block::Retry };
        let (no_answer, wrong_number) = (outcome("no_answer"), outcome("wrong_number"));
        assert_eq!(consequence(&no_answer, after(0, false)).0, again);
        assert_eq!(consequence(&no_answer, after(1, false)).0, LeadEvent::Close(ClosedReason::Exhausted));
        assert_eq!(consequence(&wrong_number, after(0, true)).0, again);
        assert_eq!(consequence(&wrong_number, after(0, false)).0, LeadEvent::Close(ClosedReason::WrongNumber));
        assert_eq!(consequence(&outcome("do_not_call"), after(0, true)).0, LeadEvent::Close(ClosedReason::Suppressed));
    }

    #[test]
    fn a_disposition_of_any_class_may_count_as_an_objection() {
        let mut definition = definition();
        definition.dispositions[3].counts_as = CountsAs::Objection;
        let outcome = check(&report("no_answer"), &definition, &BTreeMap::new(), &(now()..=now()), Some(&tariff()))
            .expect("complete");
        let after = Aftermath { earlier: 0, retry_at: now(), another_number: false, wanted_at: None };
        assert_eq!(consequence(&outcome, after).0, LeadEvent::Close(ClosedReason::Suppressed));
    }

    #[test]
    fn the_day_to_call_again_is_counted_where_the_client_is() {
        // It is still 23 November in Pago Pago, and 25 November already in Kiritimati.
        for (zone, day, is_ahead) in [
            ("UTC", "2026-11-24", false),
            ("Pacific/Pago_Pago", "2026-11-24", true),
            ("Pacific/Kiritimati", "2026-11-25", false),
            ("Pacific/Kiritimati", "2026-11-26", true),
        ] {
            let report = refused(RefusalReport {
                reason: "price".into(),
                price_ceiling: Some("30".into()),
                call_after: Some(day.parse().expect("a date")),
                ..RefusalReport::default()
            });
            let client = BTreeMap::from([("time_zone".to_owned(), zone.to_owned())]);
            let checked = check(&report, &definition(), &client, &(now()..=now()), None);
            assert_eq!(checked.is_ok(), is_ahead, "{day} in {zone}: {checked:?}");
        }
    }

    #[test]
    fn who_wants_to_be_called_later_is_neither_gone_nor_objecting() {
        let mut definition = definition();
        definition.reasons[0].asks = vec![Detail::PriceCeiling, Detail::CallAfter, Detail::Note];
        definition.reasons[0].optional = vec![Detail::PriceCeiling];
        definition.reasons[0].counts_as = Some(CountsAs::Neither);
        definition.reasons[0].reopened_by = vec![vec![ReopenCondition::DateHasCome]];
        let later = |day: &str| OutcomeReport {
            note: Some("after the move".into()),
            ..refused(RefusalReport {
                reason: "price".into(),
                call_after: Some(day.parse().expect("a date")),
                ..RefusalReport::default()
            })
        };
        let check = |report| check(&report, &definition, &BTreeMap::new(), &(now()..=now()), Some(&tariff()));
        let fields = |report| check(report).expect_err("incomplete").into_iter().map(|p| p.field).collect::<Vec<_>>();
        let bare = RefusalReport { reason: "price".into(), ..RefusalReport::default() };
        assert_eq!(fields(refused(bare)), ["refusal.call_after", "note"]);
        assert_eq!(fields(later("2026-11-24")), ["refusal.call_after"]);
        assert_eq!(fields(later("2036-11-24")), ["refusal.call_after"]);
        let outcome = check(later("2027-05-24")).expect("complete");
        assert_eq!(outcome.counts_as, CountsAs::Neither);
        let until = "2027-05-23T22:00:00Z".parse().expect("an instant");
        let after = Aftermath { earlier: 0, retry_at: now(), another_number: false, wanted_at: Some(until) };
        assert_eq!(consequence(&outcome, after).0, LeadEvent::Postpone { until, block: Block::AskedLater });
    }
}

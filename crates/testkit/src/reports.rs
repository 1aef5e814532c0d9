//! What operators report, for the campaign of [`crate::builders::definition`].

use jiff::Timestamp;
use relance_domain::definition::FeatureValue;
use relance_domain::outcome::{CallbackReport, OrderReport, OutcomeReport, RefusalReport};

/// A disposition that asks for nothing more: `no_answer`, `busy`, `wrong_number`, `do_not_call` and the like.
#[must_use]
pub fn plain(disposition: &str) -> OutcomeReport {
    OutcomeReport { disposition: disposition.to_owned(), ..OutcomeReport::default() }
}

/// An order of a tariff; the form fills itself.
#[must_use]
pub fn ordered(tariff: &str) -> OutcomeReport {
    let order = OrderReport { tariff: tariff.to_owned(), ..OrderReport::default() };
    OutcomeReport { order: Some(order), ..plain("ordered") }
}

/// A refusal over the price, with the most that would be paid, as in `30.00`.
#[must_use]
pub fn refused_over(ceiling: &str) -> OutcomeReport {
    let refusal = RefusalReport {
        reason: "price".to_owned(),
        price_ceiling: Some(ceiling.to_owned()),
        ..RefusalReport::default()
    };
    OutcomeReport { refusal: Some(refusal), ..plain("refused") }
}

/// A refusal of a tariff that was offered, because it is dearer than what the person has.
#[must_use]
pub fn refused_offer(tariff: &str) -> OutcomeReport {
    let refusal = RefusalReport {
        reason: "dearer".to_owned(),
        tariff_offered: Some(tariff.to_owned()),
        ..RefusalReport::default()
    };
    OutcomeReport { refusal: Some(refusal), ..plain("refused") }
}

/// A refusal for want of speed, in Mbit/s.
#[must_use]
pub fn refused_for_speed(speed: i64) -> OutcomeReport {
    let refusal = RefusalReport {
        reason: "features".to_owned(),
        wanted_features: [("speed".to_owned(), FeatureValue::Amount(speed))].into(),
        ..RefusalReport::default()
    };
    OutcomeReport { refusal: Some(refusal), ..plain("refused") }
}

/// A refusal that no tariff answers.
#[must_use]
pub fn not_interested() -> OutcomeReport {
    let refusal = RefusalReport { reason: "not_interested".to_owned(), ..RefusalReport::default() };
    OutcomeReport { refusal: Some(refusal), ..plain("refused") }
}

/// A promise that any operator may keep.
#[must_use]
pub fn call_later(due_at: Timestamp) -> OutcomeReport {
    OutcomeReport { callback: Some(CallbackReport { due_at, personal: false }), ..plain("call_later") }
}

/// A promise that the same operator should keep.
#[must_use]
pub fn call_later_myself(due_at: Timestamp) -> OutcomeReport {
    OutcomeReport { callback: Some(CallbackReport { due_at, personal: true }), ..plain("call_later") }
}

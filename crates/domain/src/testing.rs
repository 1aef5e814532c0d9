//! A small definition for the tests of this crate.

use std::collections::BTreeMap;

use crate::Money;
use crate::Span;
use crate::calling_hours::WeeklyHours;
use crate::definition::{
    AttemptCap, CallbackPolicy, CallingProfile, CountsAs, Definition, Detail, Disposition, Feature, FeatureKind,
    FieldKind, OrderField, OrderTerms, OutcomeClass, QueuePolicy, RefusalReason, ReopenCondition, Retry, StandardField,
};
use crate::rules::{Audience, CallKind, DialMode, Purpose};
use crate::tariff::Tariff;

/// A definition with one disposition of each class that matters, one reason and one order field.
pub(crate) fn definition() -> Definition {
    let disposition = |code: &str, class, retry| {
        let counts_as = CountsAs::of_class(class);
        Disposition { code: code.into(), label: code.into(), class, counts_as, retry }
    };
    Definition {
        campaign: "test".into(),
        name: "Test".into(),
        goal: "Tests.".into(),
        seller: "Seller".into(),
        country: "US".into(),
        currency: "USD".parse().expect("a currency"),
        lease: Span::minutes(15),
        language: None,
        skills: Vec::new(),
        queue: QueuePolicy::default(),
        reopening: crate::reopening::ReopeningPolicy::default(),
        calling: CallingProfile {
            profile: "test".into(),
            demonstration: true,
            call: CallKind {
                purpose: Purpose::Marketing,
                audience: Audience::B2c,
                mode: DialMode::Manual,
                sector: None,
            },
            subject: None,
            default_time_zone: None,
            hours: WeeklyHours::always(),
            caps: vec![AttemptCap { max: 4, window: Span::days(30) }],
            days_after_refusal: 60,
        },
        script: "Hello".into(),
        shown: vec!["first_name".into()],
        columns: BTreeMap::from([(StandardField::Phone, vec!["Phone".into()])]),
        client_fields: Vec::new(),
        dispositions: vec![
            disposition("order", OutcomeClass::Order, None),
            disposition("refused", OutcomeClass::Refusal, None),
            disposition("callback", OutcomeClass::Callback, None),
            disposition(
                "no_answer",
                OutcomeClass::NoAnswer,
                Some(Retry { after: Span::minutes(60), max: 2, other_time: false }),
            ),
            disposition("do_not_call", OutcomeClass::DoNotCall, None),
            disposition("wrong_number", OutcomeClass::WrongNumber, None),
        ],
        reasons: vec![RefusalReason {
            code: "price".into(),
            label: "Too expensive".into(),
            asks: vec![Detail::PriceCeiling],
            optional: Vec::new(),
            counts_as: None,
            reopened_by: vec![vec![ReopenCondition::PriceWithinCeiling]],
        }],
        features: vec![Feature { code: "tv".into(), label: "Television".into(), kind: FeatureKind::Has }],
        callbacks: CallbackPolicy { horizon: Span::days(60), personal_grace: Span::minutes(30) },
        order_form: vec![OrderField {
            name: "contact".into(),
            label: "Contact".into(),
            kind: FieldKind::Text,
            required: true,
            prefill: Some("first_name".into()),
            only_for: None,
        }],
        order: OrderTerms::default(),
        pulls: Vec::new(),
    }
}

/// A tariff of that campaign, to be had everywhere and always.
pub(crate) fn tariff() -> Tariff {
    Tariff {
        tariff: "small".into(),
        name: "Small".into(),
        price: Money { minor: 2_499, currency: "USD".parse().expect("a currency") },
        per: "month".into(),
        fees: Vec::new(),
        commitment_months: 0,
        services: Vec::new(),
        features: BTreeMap::new(),
        units: BTreeMap::new(),
        regions: Vec::new(),
        rates: Vec::new(),
        replaces: None,
        reopened_per_day: None,
        hold_out: None,
        valid_from: "2026-01-01".parse().expect("a date"),
        valid_until: None,
        time_zone: "UTC".parse().expect("a zone"),
        campaigns: vec!["test".into()],
    }
}

//! A small campaign to read lists for.

use std::collections::BTreeMap;

use relance_domain::Span;
use relance_domain::calling_hours::WeeklyHours;
use relance_domain::definition::{
    CallbackPolicy, CallingProfile, ClientField, Definition, FieldKind, QueuePolicy, StandardField,
};
use relance_domain::rules::{Audience, CallKind, DialMode, Purpose};

/// A French campaign that knows the headers of both sample lists.
pub(crate) fn definition() -> Definition {
    Definition {
        campaign: "fibre".to_owned(),
        name: "Fibre".to_owned(),
        goal: "Win clients over".to_owned(),
        seller: "Ouest Fibre".to_owned(),
        country: "FR".to_owned(),
        currency: "EUR".parse().expect("a currency"),
        lease: Span::minutes(15),
        language: None,
        skills: Vec::new(),
        queue: QueuePolicy::default(),
        reopening: relance_domain::reopening::ReopeningPolicy::default(),
        calling: CallingProfile {
            profile: "test".to_owned(),
            demonstration: true,
            call: CallKind {
                purpose: Purpose::Marketing,
                audience: Audience::B2c,
                mode: DialMode::Manual,
                sector: None,
            },
            subject: None,
            default_time_zone: Some("Europe/Paris".parse().expect("a zone")),
            hours: WeeklyHours::default(),
            caps: Vec::new(),
            days_after_refusal: 0,
        },
        script: String::new(),
        shown: Vec::new(),
        columns: columns(),
        client_fields: client_fields(),
        dispositions: Vec::new(),
        reasons: Vec::new(),
        features: Vec::new(),
        callbacks: CallbackPolicy { horizon: Span::days(30), personal_grace: Span::minutes(15) },
        order_form: Vec::new(),
        order: relance_domain::definition::OrderTerms::default(),
        pulls: Vec::new(),
    }
}

fn columns() -> BTreeMap<StandardField, Vec<String>> {
    [
        (StandardField::Phone, vec!["Phone", "N° de téléphone"]),
        (StandardField::Reference, vec!["Customer ID", "Référence"]),
        (StandardField::FirstName, vec!["First Name", "Prénom"]),
        (StandardField::LastName, vec!["Last Name", "Nom"]),
        (StandardField::Street, vec!["Adresse"]),
        (StandardField::City, vec!["City", "Ville"]),
        (StandardField::Postcode, vec!["Zip Code", "Code postal"]),
        (StandardField::Region, vec!["State"]),
        (StandardField::TimeZone, vec!["Time Zone"]),
    ]
    .into_iter()
    .map(|(field, headers)| (field, headers.into_iter().map(str::to_owned).collect()))
    .collect()
}

fn client_fields() -> Vec<ClientField> {
    let service = FieldKind::Choice(["Fiber optic", "DSL", "No"].map(str::to_owned).to_vec());
    [
        ("operator", FieldKind::Text, vec!["Opérateur actuel"]),
        ("monthly", FieldKind::Money, vec!["Abonnement mensuel (€)", "Monthly Charges"]),
        ("consent", FieldKind::YesNo, vec!["Consentement"]),
        ("consent_date", FieldKind::Date, vec!["Date du consentement"]),
        ("senior", FieldKind::YesNo, vec!["Senior Citizen"]),
        ("service", service, vec!["Internet Service"]),
        ("tenure_months", FieldKind::Integer, vec!["Tenure Months"]),
    ]
    .into_iter()
    .map(|(name, kind, headers)| ClientField {
        name: name.to_owned(),
        label: name.to_owned(),
        kind,
        columns: headers.into_iter().map(str::to_owned).collect(),
    })
    .collect()
}

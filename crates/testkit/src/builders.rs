//! Small valid campaigns, tariffs and lists. A test changes the field that it is about.

use std::collections::BTreeMap;
use std::sync::Arc;

use relance_domain::calling_hours::WeeklyHours;
use relance_domain::definition::{
    AttemptCap, CallbackPolicy, CallingProfile, CountsAs, Definition, Detail, Disposition, Feature, FeatureKind,
    FieldKind, OrderField, OrderTerms, OutcomeClass, QueuePolicy, RefusalReason, ReopenCondition, Retry, StandardField,
};
use relance_domain::list::{
    ListSource, ListedClient, ListedConsent, ListedPhone, Phones, Provenance, Reject, RejectCode, Remarks, Row, Verdict,
};
use relance_domain::rules::{Audience, CallKind, DialMode, Purpose, RuleSet};
use relance_domain::tariff::Tariff;
use relance_domain::zone::ZoneSource;
use relance_domain::{Currency, E164, Money, Span, ZoneName};

/// The seller of [`definition`].
pub const SELLER: &str = "Fibre Example";

/// A campaign that calls at all hours, without a cool-down and with a cap that no short story meets.
#[must_use]
pub fn definition(campaign: &str) -> Definition {
    Definition {
        campaign: campaign.to_owned(),
        name: format!("Campaign {campaign}"),
        goal: "win clients over to fibre".to_owned(),
        seller: SELLER.to_owned(),
        country: "FR".to_owned(),
        currency: eur(),
        lease: Span::minutes(30),
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
            default_time_zone: None,
            hours: WeeklyHours::always(),
            caps: vec![AttemptCap { max: 20, window: Span::days(30) }],
            days_after_refusal: 0,
        },
        script: "Good day, this is Fibre Example.".to_owned(),
        shown: vec!["phone".to_owned(), "last_name".to_owned()],
        columns: BTreeMap::from([(StandardField::Phone, vec!["phone".to_owned()])]),
        client_fields: Vec::new(),
        dispositions: dispositions(),
        reasons: reasons(),
        features: vec![
            Feature { code: "speed".into(), label: "Speed".into(), kind: FeatureKind::AtLeast("Mbit/s".into()) },
            Feature { code: "tv".into(), label: "Television".into(), kind: FeatureKind::Has },
        ],
        callbacks: CallbackPolicy { horizon: Span::days(30), personal_grace: Span::minutes(60) },
        order_form: vec![OrderField {
            name: "full_name".into(),
            label: "Full name".into(),
            kind: FieldKind::Text,
            required: true,
            prefill: Some("last_name".into()),
            only_for: None,
        }],
        order: OrderTerms::default(),
        pulls: Vec::new(),
    }
}

/// A campaign like [`definition`] that is held to the calling rules.
#[must_use]
pub fn under_the_law(campaign: &str) -> Definition {
    let mut definition = definition(campaign);
    definition.calling.demonstration = false;
    definition
}

/// Rules under which France is another place, with nothing to be held to.
#[must_use]
pub fn other_rules() -> Arc<RuleSet> {
    let pack = r#"
        [pack]
        name = "other"
        edition = 2026-11-01
        [[jurisdictions]]
        code = "QQ"
        name = "Free"
        numbers = ["+33"]
        countries = ["FR"]
        reviewed = 2026-11-01
        [[rules]]
        id = "QQ-NOTHING"
        in = "QQ"
        kind = "record"
        basis = "product-default"
        audience = "any"
        purpose = "any"
        mode = "any"
        source = "a test"
        evidence = "primary"
        verified = true
        what = "nothing is held back""#;
    let holidays = r#"
        [table]
        generated_by = "nobody"
        years = [2026]
        [[calendars]]
        code = "QQ"
        name = "No holidays"
        days = []"#;
    Arc::new(RuleSet::compile(("other", pack), ("other", holidays)).expect("rules"))
}

fn dispositions() -> Vec<Disposition> {
    let retry = |minutes, max| Some(Retry { after: Span::minutes(minutes), max, other_time: false });
    [
        ("ordered", OutcomeClass::Order, None),
        ("refused", OutcomeClass::Refusal, None),
        ("call_later", OutcomeClass::Callback, None),
        ("no_answer", OutcomeClass::NoAnswer, retry(120, 3)),
        ("busy", OutcomeClass::Busy, retry(10, 2)),
        ("machine", OutcomeClass::Machine, retry(240, 3)),
        ("wrong_number", OutcomeClass::WrongNumber, None),
        ("do_not_call", OutcomeClass::DoNotCall, None),
        ("dead_line", OutcomeClass::Unreachable, None),
    ]
    .map(|(code, class, retry)| {
        let counts_as = CountsAs::of_class(class);
        Disposition { code: code.into(), label: code.replace('_', " "), class, counts_as, retry }
    })
    .to_vec()
}

fn reasons() -> Vec<RefusalReason> {
    let reason = |code: &str, asks: &[Detail], reopened_by: &[ReopenCondition]| RefusalReason {
        code: code.into(),
        label: code.replace('_', " "),
        asks: asks.to_vec(),
        optional: Vec::new(),
        counts_as: None,
        reopened_by: if reopened_by.is_empty() { Vec::new() } else { vec![reopened_by.to_vec()] },
    };
    vec![
        reason("price", &[Detail::PriceCeiling], &[ReopenCondition::PriceWithinCeiling]),
        reason("dearer", &[], &[ReopenCondition::PriceBelowOffered]),
        reason("features", &[Detail::WantedFeatures], &[ReopenCondition::HasWantedFeatures]),
        reason("not_interested", &[], &[]),
    ]
}

/// The currency of every builder.
#[must_use]
pub fn eur() -> Currency {
    "EUR".parse().expect("a currency")
}

/// A tariff of these campaigns, to be had everywhere, at a price in cents.
#[must_use]
pub fn tariff(tariff: &str, price_minor: i64, campaigns: &[&str]) -> Tariff {
    Tariff {
        tariff: tariff.to_owned(),
        name: format!("Tariff {tariff}"),
        price: Money { minor: price_minor, currency: eur() },
        per: "month".to_owned(),
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
        time_zone: zone("Europe/Paris"),
        campaigns: campaigns.iter().map(|campaign| (*campaign).to_owned()).collect(),
    }
}

/// A zone by its name.
#[must_use]
pub fn zone(name: &str) -> ZoneName {
    name.parse().expect("a zone of the IANA database")
}

/// The phone of person `n`.
#[must_use]
pub fn phone(n: u32) -> E164 {
    E164::parse(&format!("+331990{n:05}")).expect("a number in international form")
}

/// Person `n`, who lives in Paris.
#[must_use]
pub fn client(n: u32) -> ListedClient {
    ListedClient {
        phones: Phones::new(ListedPhone { number: phone(n), extension: None }),
        reference: None,
        first_name: None,
        last_name: Some(format!("Person {n}")),
        street: None,
        city: None,
        postcode: Some("75011".to_owned()),
        region: None,
        country: "FR".to_owned(),
        zone: Some((zone("Europe/Paris"), ZoneSource::Address)),
        language: None,
        place: Some("FR".to_owned()),
        facts: BTreeMap::new(),
        consent: ListedConsent::default(),
        attributes: BTreeMap::new(),
    }
}

/// Person `n` as [`client`], who agreed on a day to be called.
#[must_use]
pub fn who_agreed(n: u32, on: &str) -> ListedClient {
    let consent = ListedConsent { given: Some(true), on: Some(on.parse().expect("a day")), ..ListedConsent::default() };
    ListedClient { consent, ..client(n) }
}

/// Somebody with this number, who lives in a country and a zone.
#[must_use]
pub fn abroad(number: &str, country: &str, in_zone: &str) -> ListedClient {
    let number = E164::parse(number).expect("a number in international form");
    ListedClient {
        phones: Phones::new(ListedPhone { number, extension: None }),
        postcode: None,
        country: country.to_owned(),
        zone: Some((zone(in_zone), ZoneSource::Address)),
        ..client(1)
    }
}

/// A row that can become a lead.
#[must_use]
pub fn accepted(line: u64, client: ListedClient) -> Row {
    judged(line, Verdict::Accepted(Box::new(client)))
}

/// Person `n` on line `n` of a file; the header is line 1, so the first person is 2.
#[must_use]
pub fn row(n: u32) -> Row {
    accepted(u64::from(n), client(n))
}

/// A row that could not be taken.
#[must_use]
pub fn rejected(line: u64, raw: &[&str]) -> Row {
    let reject = Reject {
        code: RejectCode::PhoneInvalid,
        column: Some("phone".to_owned()),
        message: "is not a phone number: write at least 9 digits".to_owned(),
    };
    judged(line, Verdict::Rejected { reject, raw: raw.iter().map(|cell| (*cell).to_owned()).collect() })
}

/// A row whose number stands on an earlier line.
#[must_use]
pub fn repeated(line: u64, first_line: u64) -> Row {
    judged(line, Verdict::DuplicateInFile { first_line, joins: None, further: Vec::new() })
}

fn judged(line: u64, verdict: Verdict) -> Row {
    Row { line, verdict, remarks: Remarks::default() }
}

/// A list of the seller's own clients.
#[must_use]
pub fn provenance(name: &str) -> Provenance {
    Provenance::existing(name)
}

/// A list that was bought.
#[must_use]
pub fn purchased(name: &str, vendor: &str) -> Provenance {
    Provenance {
        source: ListSource::Purchased,
        vendor: Some(vendor.to_owned()),
        consent_basis: Some("opt-in on the vendor's site".to_owned()),
        ..provenance(name)
    }
}

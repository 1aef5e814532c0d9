//! `campaign.toml` → [`Definition`].

use std::collections::BTreeMap;

use super::{read_calling, read_order, read_pull, read_queue, read_reason};
use crate::abilities::is_language;
use crate::calling_hours::WeeklyHours;
use crate::definition::{
    CallbackPolicy, CallingProfile, ClientField, CountsAs, Definition, Disposition, Feature, FeatureKind, FieldKind,
    OutcomeClass, RefusalReason, Retry, StandardField,
};
use crate::toml_file::{Document, Entry, Finding, KNOWN_KEYS, Problem, Section, country, read_root};
use crate::{Currency, Span};

/// Reads a campaign file. Every problem is returned at once, each with its line.
///
/// What only the folder as a whole can tell (do the merge fields exist? do the tariffs belong?) is checked by
/// [`super::check_folder`].
pub fn read_definition(file: &str, text: &str) -> Result<Definition, Vec<Problem>> {
    let document = Document::parse(file, text)?;
    let (definition, findings) = definition(&document);
    if findings.is_empty() { Ok(definition) } else { Err(findings.into_iter().map(|f| f.problem).collect()) }
}

/// Reads a parsed campaign file as far as it can be read. A part with findings holds stand-ins and must not be used.
pub(super) fn definition(document: &Document<'_>) -> (Definition, Vec<Finding>) {
    read_root(document, |root| parts(root, currency(root)))
}

fn parts(root: &Section<'_>, currency: Currency) -> Definition {
    Definition {
        campaign: root
            .need("campaign", r#"campaign = "fibre-winback""#)
            .and_then(|e| e.short_name())
            .unwrap_or_default(),
        name: label(root, "name", r#"name = "Fibre win-back""#),
        goal: root.need("goal", r#"goal = "Win clients back.""#).and_then(|e| e.words(500)).unwrap_or_default(),
        seller: label(root, "seller", r#"seller = "Fibre West""#),
        country: root.need("country", r#"country = "FR""#).and_then(|e| country::read(&e)).unwrap_or_default(),
        currency,
        lease: root.need("lease", r#"lease = "15m""#).and_then(|e| span(&e, 1, Span::days(1))).unwrap_or(Span::ZERO),
        script: root.need("script", r#"script = """Hello""""#).and_then(|e| e.words(20_000)).unwrap_or_default(),
        shown: root.need("shown", r#"shown = ["first_name", "city"]"#).map(|e| e.texts(64)).unwrap_or_default(),
        language: root.get("language").and_then(|e| language(&e)),
        skills: root.get("skills").map(|e| e.list().iter().filter_map(Entry::code).collect()).unwrap_or_default(),
        queue: root.get("queue").and_then(|e| e.section(read_queue::policy)).unwrap_or_default(),
        reopening: root.get("reopening").and_then(|e| e.section(read_queue::reopening)).unwrap_or_default(),
        calling: root
            .need("calling", "[calling] and its keys below")
            .and_then(|e| e.section(read_calling::profile))
            .unwrap_or_else(no_profile),
        columns: root
            .need("columns", r#"[columns] and phone = ["Phone"] below"#)
            .and_then(|e| e.section(columns))
            .unwrap_or_default(),
        client_fields: root.tables("client_fields", "name", None, client_field),
        dispositions: root.tables("dispositions", "code", Some("[[dispositions]] and its keys below"), disposition),
        reasons: reasons(root),
        features: root.tables("features", "code", None, feature),
        callbacks: root
            .need("callbacks", "[callbacks] and its keys below")
            .and_then(|e| e.section(callbacks))
            .unwrap_or(CallbackPolicy { horizon: Span::ZERO, personal_grace: Span::ZERO }),
        order_form: root.tables("order_form", "name", None, read_order::field),
        order: root
            .get("order")
            .and_then(|e| e.section(|order| read_order::terms(order, currency)))
            .unwrap_or_default(),
        pulls: root.named_tables("pulls", ("name", Entry::short_name), None, read_pull::pull),
    }
}

fn reasons(root: &Section<'_>) -> Vec<RefusalReason> {
    let example = Some("[[reasons]] and its keys below");
    // A file without a currency has its finding already.
    let currency = root.get("currency").and_then(|e| e.raw().as_str()?.parse().ok());
    let currency = currency.unwrap_or(Currency::EUR);
    root.tables("reasons", "code", example, |section, code| read_reason::reason(section, code, currency))
}

/// A line of text that people read.
pub(super) fn label(section: &Section<'_>, key: &'static str, example: &str) -> String {
    section.need(key, example).and_then(|e| e.words(120)).unwrap_or_default()
}

/// The file's currency, or a stand-in beside the finding.
pub(super) fn currency(section: &Section<'_>) -> Currency {
    let read = section.need("currency", r#"currency = "EUR""#).and_then(|e| e.parsed());
    read.unwrap_or_else(|| "XXX".parse().expect("ISO 4217 has XXX for no currency"))
}

/// A length of time within bounds.
pub(super) fn span(entry: &Entry<'_>, least_s: i64, most: Span) -> Option<Span> {
    let span: Span = entry.parsed()?;
    if span.seconds() < least_s || span > most {
        entry.invalid(format!("{span} is out of range: write {least_s}s to {most}"));
        return None;
    }
    Some(span)
}

fn no_profile() -> CallingProfile {
    CallingProfile {
        profile: String::new(),
        demonstration: false,
        call: read_calling::ordinary(),
        subject: None,
        default_time_zone: None,
        hours: WeeklyHours::default(),
        caps: Vec::new(),
        days_after_refusal: 0,
    }
}

/// A language by its ISO 639-1 code.
fn language(entry: &Entry<'_>) -> Option<String> {
    let text = entry.words(2)?;
    if is_language(&text) {
        return Some(text);
    }
    entry.invalid(format!("{text:?} is not a language: write the two letters of ISO 639-1, as in fr"));
    None
}

fn columns(section: &Section<'_>) -> BTreeMap<StandardField, Vec<String>> {
    let read = |field: StandardField| Some((field, section.get(field.as_str())?.texts(200)));
    StandardField::ALL.into_iter().filter_map(read).collect()
}

fn client_field(section: &Section<'_>, name: String) -> Option<ClientField> {
    let label = label(section, "label", r#"label = "Monthly charges""#);
    let kind = field_kind(section);
    // An empty list and a missing one are the same fault, found by a check of its own.
    let columns = section.get("columns").map(|e| e.texts(200)).unwrap_or_default();
    Some(ClientField { name, label, kind: kind?, columns })
}

/// What a field holds: its `kind`, and the choices or forms that belong to it.
pub(super) fn field_kind(section: &Section<'_>) -> Option<FieldKind> {
    let words = [
        ("text", Some(FieldKind::Text)),
        ("integer", Some(FieldKind::Integer)),
        ("money", Some(FieldKind::Money)),
        ("date", Some(FieldKind::Date)),
        ("yes_no", Some(FieldKind::YesNo)),
        ("choice", None),
        ("phone", Some(FieldKind::Phone)),
        ("email", Some(FieldKind::Email)),
        ("identity", Some(FieldKind::Identity(Vec::new()))),
    ];
    let kind = section.need("kind", r#"kind = "text""#).and_then(|e| e.word(&words));
    let (choices, forms) = (section.get("choices"), section.get("forms"));
    let only = |entry: Option<Entry<'_>>, key: &str, kind: &str| match entry {
        Some(entry) => {
            let message = format!("`{key}` belongs to kind \"{kind}\" only: take it out or change the kind");
            entry.wrong(KNOWN_KEYS, message);
            None
        }
        None => Some(()),
    };
    match kind? {
        None => {
            only(forms, "forms", "identity")?;
            let choices = choices.or_else(|| section.need("choices", r#"choices = ["Monthly", "Yearly"]"#));
            self::choices(&choices?).map(FieldKind::Choice)
        }
        Some(FieldKind::Identity(_)) => {
            only(choices, "choices", "choice")?;
            let forms = forms.or_else(|| section.need("forms", r#"forms = ["AA999999"]"#));
            identity_forms(&forms?).map(FieldKind::Identity)
        }
        Some(kind) => {
            only(choices, "choices", "choice")?;
            only(forms, "forms", "identity")?;
            Some(kind)
        }
    }
}

/// The forms that a number may have; each has a place for a digit or a letter.
pub(super) fn identity_forms(entry: &Entry<'_>) -> Option<Vec<String>> {
    let forms = entry.texts(60);
    let idle = forms.iter().find(|form| !form.contains(['9', 'A', 'X']));
    if let Some(form) = idle {
        entry.invalid(format!("{form:?} has no place: write 9 for a digit, A for a letter, X for either"));
        return None;
    }
    if forms.is_empty() {
        entry.invalid("names no form: write one, as in \"AA999999\" (9 for a digit, A for a letter, X for either)");
        return None;
    }
    Some(forms)
}

fn choices(entry: &Entry<'_>) -> Option<Vec<String>> {
    let choices = entry.texts(120);
    let twice = choices
        .iter()
        .enumerate()
        .find(|(at, choice)| choices[..*at].iter().any(|earlier| earlier.to_lowercase() == choice.to_lowercase()));
    if let Some((_, choice)) = twice {
        entry.invalid(format!("{choice:?} stands there twice: every choice once"));
    } else if choices.len() < 2 {
        entry.invalid("has fewer than two choices");
    }
    Some(choices)
}

fn disposition(section: &Section<'_>, code: String) -> Option<Disposition> {
    let label = label(section, "label", r#"label = "Nobody answered""#);
    let words = OutcomeClass::ALL.map(|class| (class.as_str(), class));
    let class = section.need("class", r#"class = "no_answer""#).and_then(|e| e.word(&words));
    let retry = section.get("retry").map(|e| e.section(retry));
    let words = CountsAs::ALL.map(|counts| (counts.as_str(), counts));
    let counts_as = section.get("counts_as").and_then(|e| e.word(&words));
    let class = class?;
    let counts_as = counts_as.unwrap_or(CountsAs::of_class(class));
    Some(Disposition { code, label, class, counts_as, retry: retry.flatten().flatten() })
}

fn retry(section: &Section<'_>) -> Option<Retry> {
    let after = section.need("after", r#"after = "2h""#).and_then(|e| span(&e, 1, Span::days(366)));
    let max = section.need("max", "max = 3").and_then(|e| e.number(1..=1_000));
    let other_time = section.get("other_time").and_then(|e| e.flag()).unwrap_or(false);
    Some(Retry { after: after?, max: max?, other_time })
}

fn feature(section: &Section<'_>, code: String) -> Option<Feature> {
    let label = label(section, "label", r#"label = "Download speed""#);
    let at_least =
        section.need("kind", r#"kind = "at_least""#).and_then(|e| e.word(&[("has", false), ("at_least", true)]));
    // Asked for before the kind is known, so that an unknown kind does not make it an unknown key.
    let unit = section.get("unit");
    let kind = match (at_least?, unit) {
        (false, None) => FeatureKind::Has,
        (false, Some(unit)) => {
            unit.wrong(
                KNOWN_KEYS,
                "`features.unit` belongs to kind \"at_least\" only: take it out or change the kind".into(),
            );
            return None;
        }
        (true, Some(unit)) => FeatureKind::AtLeast(unit.words(40)?),
        (true, None) => {
            section.need("unit", r#"unit = "Mbit/s""#);
            return None;
        }
    };
    Some(Feature { code, label, kind })
}

fn callbacks(section: &Section<'_>) -> CallbackPolicy {
    let read = |key, example| section.need(key, example).and_then(|e| span(&e, 0, Span::days(3_660)));
    CallbackPolicy {
        horizon: read("horizon", r#"horizon = "60d""#).unwrap_or(Span::ZERO),
        personal_grace: read("personal_grace", r#"personal_grace = "30m""#).unwrap_or(Span::ZERO),
    }
}

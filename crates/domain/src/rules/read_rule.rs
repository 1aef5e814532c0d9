//! A `[[rules]]` table → [`Rule`].

use jiff::civil::Date;

use super::read::{Known, jurisdiction_named};
use super::rule::{EVERYWHERE, Rule};
use super::words::{Audience, Basis, DialMode, Evidence, Purpose, RuleKind};
use super::{read_demand, read_record};
use crate::toml_file::{Entry, NAMES_WELL_FORMED, REQUIRED_KEYS, Section};

const VALIDITY_IN_ORDER: &str = "validity-in-order";
const SOURCES_GIVEN: &str = "sources-given";
const VERIFIED_BY_READING: &str = "verified-by-reading";

/// Reads a rule. What is missing or wrong is a finding, and the rest is read all the same.
pub(super) fn rule(section: &Section<'_>, known: &Known<'_>) -> Option<Rule> {
    let id = section.need("id", r#"id = "FR-HOURS""#).and_then(|e| id(&e, known));
    let jurisdiction = section.need("in", r#"in = "FR""#).and_then(|e| match e.raw().as_str() {
        Some(EVERYWHERE) => Some(EVERYWHERE.to_owned()),
        _ => jurisdiction_named(&e, known),
    });
    let bases: Vec<_> = Basis::WORDS.iter().copied().filter(|(_, basis)| *basis != Basis::Campaign).collect();
    let basis = section.need("basis", r#"basis = "law""#).and_then(|e| e.word(&bases));
    let audience = section.need("audience", r#"audience = "b2c""#).and_then(|e| e.word(Audience::WORDS));
    let purpose = section.need("purpose", r#"purpose = "marketing""#).and_then(|e| e.word(Purpose::WORDS));
    let mode = section.need("mode", r#"mode = "any""#).and_then(|e| e.word(DialMode::WORDS));
    let (from, to) = validity(section);
    let source = source(section);
    let source_url = section.get("source_url").and_then(|e| url(&e));
    let (evidence, verified) = reading(section);
    let text = |key| section.get(key).and_then(|e| e.words(4_000));
    let (note, conflict, what) = (text("note"), text("conflict"), text("what"));
    let kind = section.need("kind", r#"kind = "hours""#).and_then(|e| e.word(RuleKind::WORDS));
    let demand = match kind {
        Some(kind) if kind.of_record() => Some(read_record::record(section, kind)),
        Some(kind) => read_demand::demand(section, kind, known),
        None => {
            // Which other keys belong here depends on the kind, so none can be refused.
            section.all();
            None
        }
    };
    Some(Rule {
        id: id?,
        jurisdiction: jurisdiction?,
        basis: basis?,
        audience: audience?,
        purpose: purpose?,
        mode: mode?,
        from,
        to,
        source: source?,
        source_url,
        evidence: evidence?,
        verified: verified?,
        note,
        conflict,
        what,
        demand: demand?,
    })
}

fn id(entry: &Entry<'_>, known: &Known<'_>) -> Option<String> {
    let text = entry.text()?;
    let allowed = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-';
    let edges = text.starts_with(|c: char| c.is_ascii_uppercase()) && !text.ends_with('-');
    if !edges || text.len() > 64 || !text.bytes().all(allowed) {
        let right = "write 1 to 64 capital letters, digits and inner hyphens, as in FR-CAP-4-30";
        entry.wrong(NAMES_WELL_FORMED, format!("{text:?} is not the id of a rule: {right}"));
        return None;
    }
    known.claim_id(text, entry);
    Some(text.to_owned())
}

fn validity(section: &Section<'_>) -> (Option<Date>, Option<Date>) {
    let from = section.get("from").and_then(|e| e.date());
    let to_entry = section.get("to");
    let to = to_entry.as_ref().and_then(|e| e.date());
    if let (Some(from), Some(to), Some(entry)) = (from, to, &to_entry)
        && to < from
    {
        let message =
            format!("the last day {to} is before the first, {from}: `to` is the last day on which the rule binds");
        entry.wrong(VALIDITY_IN_ORDER, message);
    }
    (from, to)
}

fn source(section: &Section<'_>) -> Option<String> {
    let example = r#"source = "47 CFR 64.1200(c)(1)""#;
    let Some(entry) = section.get("source") else {
        let message = format!("a rule without a source is nobody's rule: say where it was read, as in {example}");
        section.wrong("source", SOURCES_GIVEN, message);
        return None;
    };
    if entry.raw().as_str().is_some_and(|text| text.trim().is_empty()) {
        entry.wrong(SOURCES_GIVEN, format!("the source is blank: say where the rule was read, as in {example}"));
        return None;
    }
    entry.words(2_000)
}

fn url(entry: &Entry<'_>) -> Option<String> {
    let text = entry.words(2_000)?;
    let is_address = text.starts_with("https://") || text.starts_with("http://");
    if !is_address || text.contains(char::is_whitespace) {
        entry.invalid(format!("{text:?} is not an address: write it in full, as in https://www.legifrance.gouv.fr/"));
        return None;
    }
    Some(text)
}

/// How well the rule was read, and whether that settles it.
fn reading(section: &Section<'_>) -> (Option<Evidence>, Option<bool>) {
    let evidence = section.need("evidence", r#"evidence = "secondary""#).and_then(|e| e.word(Evidence::WORDS));
    let Some(entry) = section.get("verified") else {
        section.wrong("verified", REQUIRED_KEYS, "`rules.verified` is missing: write true or false".to_owned());
        return (evidence, None);
    };
    let verified = entry.flag();
    if verified == Some(true) && evidence == Some(Evidence::Recall) {
        let message =
            "nothing is verified from memory: write verified = false, or read a source and say so in `evidence`";
        entry.wrong(VERIFIED_BY_READING, message.to_owned());
    }
    (evidence, verified)
}

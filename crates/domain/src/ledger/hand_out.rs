//! One hand-out, decided once more: by the rules and the definition that its decision names, on the facts as they stood.

use jiff::civil::Date;
use serde::Deserialize;

use super::TOGETHER;
use super::books::{Books, Standing};
use super::found::{Findings, NotJudged, Promise};
use super::record::{ClientRecord, HandOutRecord, LeadRecord, PersonRecord, PhoneRecord};
use super::replay::Replay;
use crate::Money;
use crate::campaign::state::CampaignState;
use crate::definition::Definition;
use crate::eligibility::{Clearance, Law};

/// What of a decision is decided once more.
#[derive(Deserialize)]
pub(super) struct Decided {
    definition_version: i64,
    pub(super) clearance: Clearance,
    pub(super) licence_until: Option<Date>,
    pub(super) consent_basis: Option<String>,
    reopening: Option<DecidedReopening>,
}

#[derive(Deserialize)]
struct DecidedReopening {
    id: i64,
    tariff: String,
    price: Money,
}

/// Judges the hand-out at a place among its person's.
pub(super) fn judge(person: &PersonRecord, place: usize, books: &Books, found: &mut Findings) {
    let one = &person.hand_outs[place];
    campaign_ran(one, books, found);
    found.check(Promise::P5, "hand-outs, each against its decision, its lead and its reopening");
    let Ok(decided) = serde_json::from_str::<Decided>(&one.decision) else {
        return found.violation(Promise::P5, "assignment", one.id, "its decision cannot be read");
    };
    reopened(one, &decided, books, found);
    let Some(lead) = its_lead(person, one, found) else { return };
    let Some(client) = &person.record else {
        return found.violation(Promise::P5, "assignment", one.id, "its client is not there");
    };
    let Some((definition, law)) = what_decided(one, &decided, books, found) else { return };
    let number = dialled(client, one);
    if client.erased_at_ms.is_some() {
        found.cannot_judge(Promise::P4, NotJudged::Erased);
    } else if client.merged_at_ms.is_some_and(|at| at >= one.handed_at_ms) {
        found.cannot_judge(Promise::P4, NotJudged::Merged);
    } else {
        if number.is_none() && was_never_theirs(client, one, books) {
            let what = format!("it dialled number {} of its person, who never had so many", one.phone_position);
            found.violation(Promise::P5, "assignment", one.id, what);
        }
        Replay { person, place, books, client, lead, number, definition, law, decided: &decided }.judge(found);
    }
}

/// The number that was dialled, where it is still the client's. A position that is no more fell back to the first number.
fn dialled<'a>(client: &'a ClientRecord, one: &HandOutRecord) -> Option<&'a PhoneRecord> {
    let phone = client.phones.iter().find(|phone| phone.position == one.phone_position)?;
    phone.since_ms.is_none_or(|since| since <= one.handed_at_ms).then_some(phone)
}

/// Nobody has a number at the place that was dialled, and no list was taken back since that could have taken it along.
fn was_never_theirs(client: &ClientRecord, one: &HandOutRecord, books: &Books) -> bool {
    let is_there = client.phones.iter().any(|phone| phone.position == one.phone_position);
    !is_there && !books.undone_since(one.handed_at_ms)
}

/// A campaign that does not run hands nobody out, and its present definition decides.
fn campaign_ran(one: &HandOutRecord, books: &Books, found: &mut Findings) {
    found.check(Promise::P4, "hand-outs, each against the state and version of its campaign");
    match books.standing(one.campaign, one.id) {
        Standing::NotKept => found.cannot_judge(Promise::P4, NotJudged::CampaignStatesNotKept),
        Standing::Kept(Some(CampaignState::Running), version) if version == one.campaign_version => {}
        Standing::Kept(Some(CampaignState::Running), version) => {
            let what = format!("version {version} of its campaign was in force, and it names {}", one.campaign_version);
            found.violation(Promise::P4, "assignment", one.id, what);
        }
        Standing::Kept(..) => {
            found.violation(Promise::P4, "assignment", one.id, "it was handed out while its campaign did not run");
        }
    }
}

/// The tariff that brought the lead back, and its price.
fn reopened(one: &HandOutRecord, decided: &Decided, books: &Books, found: &mut Findings) {
    let mut wrong = |promise, what| found.violation(promise, "assignment", one.id, what);
    match (one.reopening, one.reopened) {
        (None, _) => {}
        (Some(_), None) => wrong(Promise::P7, "the reopening that it names is not there"),
        (Some(_), Some((lead, ..))) if lead != one.lead => {
            wrong(Promise::P7, "the reopening that it names is another lead's");
        }
        (Some(_), Some((_, at, _))) if at > one.handed_at_ms.saturating_add(TOGETHER.seconds() * 1_000) => {
            wrong(Promise::P7, "it was handed out before the reopening that it names");
        }
        _ => {}
    }
    let says = decided.reopening.as_ref();
    let told = one.reopening.filter(|_| !one.reopening_untold);
    if says.map(|reopening| reopening.id) != told {
        return wrong(Promise::P5, "its decision names another reopening than the assignment");
    }
    let (Some(says), Some((.., tariff))) = (says, one.reopened) else { return };
    let offered = books.tariffs.get(&tariff);
    if offered.is_none_or(|offered| offered.tariff.tariff != says.tariff || offered.tariff.price != says.price) {
        wrong(Promise::P5, "its decision names another tariff or price than its reopening");
    }
}

fn its_lead<'a>(person: &PersonRecord, one: &'a HandOutRecord, found: &mut Findings) -> Option<&'a LeadRecord> {
    let mut wrong = |what| found.violation(Promise::P5, "assignment", one.id, what);
    let Some(lead) = &one.lead_now else {
        wrong("its lead is not there");
        return None;
    };
    if lead.client != person.client || lead.campaign != one.campaign || (lead.list != one.list && !lead.is_merged) {
        wrong("its lead is another client's, campaign's or list's");
        return None;
    }
    Some(lead)
}

/// The definition and the rules that the decision names.
fn what_decided<'a>(
    one: &HandOutRecord,
    decided: &Decided,
    books: &'a Books,
    found: &mut Findings,
) -> Option<(&'a Definition, &'a Law)> {
    let mut wrong = |what: String| found.violation(Promise::P5, "assignment", one.id, what);
    if decided.definition_version != one.campaign_version {
        wrong("its decision names another version of the campaign than the assignment".to_owned());
        return None;
    }
    let version = one.campaign_version;
    let Some(definition) = books.definition(one.campaign, version) else {
        wrong(format!("version {version} of its campaign, which it names, is not kept"));
        return None;
    };
    let set = &decided.clearance.rule_set;
    let law = books.law(one.campaign, version, set);
    if law.is_none() {
        wrong(format!(
            "the calling rules {set:?}, which it names, are not kept as they were, or do not bind its campaign"
        ));
    }
    Some((definition, law?))
}

//! Leads that are closed because their people are suppressed, and suppressions whose leads should be.

use super::TOGETHER;
use super::books::Books;
use super::found::{Findings, NotJudged, Promise};
use super::record::{ClientRecord, HandOutRecord, PersonRecord, SuppressedLead, SuppressedRecord, SuppressionRecord};

const APART_MS: i64 = TOGETHER.seconds() * 1_000;

/// Judges leads of a person who is or may be suppressed.
#[must_use]
pub fn judge_suppressed(record: &SuppressedRecord, books: &Books) -> Findings {
    let mut found = Findings::default();
    for lead in &record.leads {
        if lead.is_closed {
            is_explained(&record.person, lead, books, &mut found);
        } else {
            was_closed(&record.person, lead, &mut found);
        }
    }
    found
}

fn holds_for(one: &SuppressionRecord, lead: &SuppressedLead) -> bool {
    one.seller.as_ref().is_none_or(|seller| *seller == lead.seller)
        && one.campaign.is_none_or(|campaign| campaign == lead.campaign)
}

/// A lead that is closed as suppressed has something on record that suppresses its person, or had it in a file of a register that was
/// replaced, or on a number that went with a list that was taken back.
fn is_explained(person: &PersonRecord, lead: &SuppressedLead, books: &Books, found: &mut Findings) {
    found.check(Promise::P5, "leads closed as suppressed, each against what stands against their person");
    let is_erased = person.record.as_ref().is_some_and(|client| client.erased_at_ms.is_some());
    if person.suppressions.iter().any(|one| holds_for(one, lead)) {
        return;
    }
    if is_erased {
        found.cannot_judge(Promise::P5, NotJudged::Erased);
    } else if lead.register_swept {
        found.cannot_judge(Promise::P5, NotJudged::RegisterReplaced);
    } else if lead.loaded_at_ms.is_none_or(|loaded| books.undone_since(loaded)) {
        found.cannot_judge(Promise::P5, NotJudged::NumberGone);
    } else {
        found.violation(
            Promise::P5,
            "lead",
            lead.id,
            "it is closed as suppressed, and nothing stands against its person",
        );
    }
}

/// Whoever suppresses somebody who is known closes all of their leads at once, and nothing opens those again.
fn was_closed(person: &PersonRecord, lead: &SuppressedLead, found: &mut Findings) {
    let Some(client) = &person.record else { return };
    found.check(Promise::P4, "leads of people who may be suppressed, each against what stands against their person");
    let closed_by = |one: &&SuppressionRecord| {
        let at = one.created_at_ms;
        let was_there = lead.loaded_at_ms.is_some_and(|loaded| loaded.saturating_add(APART_MS) < at);
        let is_known = one.register.is_none() && one.after_assignment.is_some();
        // What a merge brought together was looked at one by one then.
        let is_one = client.merged_at_ms.is_none_or(|merged| merged.saturating_add(APART_MS) < at);
        was_there && is_known && is_one && holds_for(one, lead) && had_number(client, one)
    };
    if let Some(by) = person.suppressions.iter().find(closed_by) {
        let what = format!("its person was suppressed (row {} of suppression), and it is not closed so", by.id);
        found.violation(Promise::P4, "lead", lead.id, what);
    }
}

/// Whether the number was the client's when it was suppressed.
fn had_number(client: &ClientRecord, one: &SuppressionRecord) -> bool {
    let phone = client.phones.iter().find(|phone| phone.position == one.position);
    phone.is_some_and(|phone| phone.since_ms.is_none_or(|since| since < one.created_at_ms))
}

/// A lead that was taken back because its person must not be called was taken back by something that stands against them.
pub(super) fn forbidden(person: &PersonRecord, books: &Books, found: &mut Findings) {
    let Some(client) = &person.record else { return };
    for one in person.hand_outs.iter().filter(|one| one.is_forbidden) {
        let ended_at_ms = one.ended_at_ms.unwrap_or(i64::MAX);
        found.check(Promise::P4, "leads taken back from operators, each against the suppression that took it back");
        if stands_against(person, one, ended_at_ms) {
            continue;
        }
        if client.erased_at_ms.is_some() {
            found.cannot_judge(Promise::P4, NotJudged::Erased);
        } else if books.undone_since(ended_at_ms) {
            found.cannot_judge(Promise::P4, NotJudged::NumberGone);
        } else {
            let what = "it was taken back because its person must not be called, and nothing stands against them";
            found.violation(Promise::P4, "assignment", one.id, what);
        }
    }
}

fn stands_against(person: &PersonRecord, hand_out: &HandOutRecord, until_ms: i64) -> bool {
    person.suppressions.iter().any(|one| {
        one.register.is_none()
            && one.created_at_ms <= until_ms.saturating_add(APART_MS)
            && one.seller.as_ref().is_none_or(|seller| *seller == hand_out.seller)
            && one.campaign.is_none_or(|campaign| campaign == hand_out.campaign)
    })
}

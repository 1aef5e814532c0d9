//! A person's hand-outs, each for itself and one after the other.

use super::TOGETHER;
use super::books::Books;
use super::found::{Findings, NotJudged, Promise};
use super::record::{HandOutRecord, PersonRecord};
use super::{hand_out, lead, report, suppressed};
use crate::assignment::{Ending, LEASES_MAX};

/// A lease is a day at most, and a lead is held for a few.
const HELD_MS_MAX: i64 = LEASES_MAX * 86_400_000;

/// Judges everything that is on record of a person's hand-outs.
#[must_use]
pub fn judge_person(person: &PersonRecord, books: &Books) -> Findings {
    let mut found = Findings::default();
    one_at_a_time(person, &mut found);
    for (place, hand_out) in person.hand_outs.iter().enumerate() {
        if place > 0 && person.hand_outs[place - 1].id == hand_out.id {
            let attempt = |one: &HandOutRecord| one.attempt.as_ref().map_or(0, |attempt| attempt.id);
            // A second refusal or promise of one attempt is found by the database.
            if attempt(&person.hand_outs[place - 1]) != attempt(hand_out) {
                let what = "it is a second attempt of its assignment";
                found.violation(Promise::P3, "attempt", attempt(hand_out), what);
            }
            continue;
        }
        ended_once(person, hand_out, books, &mut found);
        hand_out::judge(person, place, books, &mut found);
    }
    objections(person, books, &mut found);
    suppressed::forbidden(person, books, &mut found);
    lead::newest_attempts(person, books, &mut found);
    lead::licences(person, books, &mut found);
    found
}

/// A person is open to at most one operator at a time.
fn one_at_a_time(person: &PersonRecord, found: &mut Findings) {
    let merged_at_ms = person.record.as_ref().and_then(|client| client.merged_at_ms);
    let overlap = |earlier: &HandOutRecord, one: &HandOutRecord| {
        end(earlier) > one.handed_at_ms && end(one) > earlier.handed_at_ms
    };
    let mut holder: Option<&HandOutRecord> = None;
    for one in &person.hand_outs {
        if holder.is_some_and(|earlier| earlier.id == one.id) {
            continue;
        }
        found.check(Promise::P1, "hand-outs, each against the person's hand-outs before");
        if let Some(earlier) = holder.filter(|earlier| overlap(earlier, one)) {
            let both_ms = end(earlier).saturating_sub(one.handed_at_ms);
            if merged_at_ms.is_some_and(|at| at >= one.handed_at_ms) {
                found.cannot_judge(Promise::P1, NotJudged::Merged);
            } else if both_ms <= TOGETHER.seconds() * 1_000 {
                found.cannot_judge(Promise::P1, NotJudged::Together);
            } else {
                let what = format!("the person was open in assignment {} at the same time", earlier.id);
                found.violation(Promise::P1, "assignment", one.id, what);
            }
        }
        if holder.is_none_or(|earlier| end(earlier) <= end(one)) {
            holder = Some(one);
        }
    }
}

/// When a hand-out ended; one that is open has no end.
fn end(one: &HandOutRecord) -> i64 {
    one.ended_at_ms.unwrap_or(i64::MAX)
}

/// An assignment ended once, and its ending agrees with its attempt.
fn ended_once(person: &PersonRecord, one: &HandOutRecord, books: &Books, found: &mut Findings) {
    found.check(Promise::P3, "assignments, each against its ending, its report and its attempt");
    let mut wrong = |what: &str| found.violation(Promise::P3, "assignment", one.id, what);
    let ending = one.ending.as_deref().map(Ending::parse);
    match (one.ended_at_ms, &ending) {
        (None, None) | (Some(_), Some(Some(_))) => {}
        (_, Some(None)) => wrong("its ending is none that there is"),
        _ => wrong("it has an ending without an instant, or an instant without an ending"),
    }
    if one.ended_at_ms.is_some_and(|at| at.saturating_add(TOGETHER.seconds() * 1_000) < one.handed_at_ms) {
        wrong("it ended before it was handed out");
    }
    if one.lease_until_ms.saturating_sub(one.handed_at_ms) > HELD_MS_MAX {
        wrong("its lease is longer than a lead may be held");
    }
    let ending = ending.flatten();
    if ending == Some(Ending::Expired) && one.ended_at_ms.is_some_and(|at| at < one.lease_until_ms) {
        wrong("its lease ran out before its time");
    }
    let is_outcome = ending == Some(Ending::Outcome);
    if is_outcome != one.report.is_some() {
        wrong("it has an outcome without a report, or a report without an outcome");
    }
    match (&one.attempt, is_outcome) {
        (None, true) => wrong("it ended with an outcome and has no attempt"),
        (None, false) => {}
        (Some(attempt), false) => {
            found.violation(Promise::P3, "attempt", attempt.id, "its assignment did not end with an outcome");
        }
        (Some(attempt), true) => report::agrees(person, one, attempt, books, found),
    }
}

/// Whoever objected is suppressed for the seller, with every number that they had.
fn objections(person: &PersonRecord, books: &Books, found: &mut Findings) {
    let Some(client) = &person.record else { return };
    let attempts = person.hand_outs.iter().filter_map(|one| Some((one, one.attempt.as_ref()?)));
    for (_, attempt) in attempts.filter(|(one, attempt)| report::objected(one, attempt, books)) {
        found.check(Promise::P4, "objections, each against the suppression that it made");
        let at = attempt.recorded_at_ms;
        if client.erased_at_ms.is_some() {
            found.cannot_judge(Promise::P4, NotJudged::Erased);
            continue;
        }
        if client.merged_at_ms.is_some_and(|merged| merged >= at) {
            found.cannot_judge(Promise::P4, NotJudged::Merged);
            continue;
        }
        let had = client.phones.iter().filter(|phone| phone.since_ms.is_none_or(|since| since <= at));
        let is_kept = |position: i64| {
            person.suppressions.iter().any(|one| {
                one.position == position
                    && one.register.is_none()
                    && one.campaign.is_none()
                    && one.seller.as_ref().is_none_or(|seller| *seller == attempt.seller)
                    && one.created_at_ms <= at
            })
        };
        if !had.map(|phone| phone.position).all(is_kept) {
            found.violation(Promise::P4, "attempt", attempt.id, "the person objected, and a number is not suppressed");
        }
    }
}

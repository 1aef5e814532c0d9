//! Where a person's leads stand, and whether what happened to them could bring them there.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::books::Books;
use super::found::{Findings, Promise};
use super::record::{AttemptRecord, HandOutRecord, LeadRecord, PersonRecord};
use super::report;

/// A lead stands as its newest attempt left it, or has moved on since in a way that is allowed.
pub(super) fn newest_attempts(person: &PersonRecord, books: &Books, found: &mut Findings) {
    let mut newest: BTreeMap<i64, Newest<'_>> = BTreeMap::new();
    for hand_out in &person.hand_outs {
        let (Some(lead), Some(attempt)) = (&hand_out.lead_now, &hand_out.attempt) else { continue };
        let this = Newest { lead, hand_out, attempt };
        let known = newest.entry(hand_out.lead).or_insert(this);
        if known.attempt.id < attempt.id {
            *known = this;
        }
    }
    let is_erased = person.record.as_ref().is_some_and(|client| client.erased_at_ms.is_some());
    // Two leads that became one stand where the graver of them stood.
    for (id, one) in newest.into_iter().filter(|(_, one)| !one.lead.is_merged) {
        found.check(Promise::P5, "leads, each against its newest attempt");
        if !one.is_right(is_erased, books) {
            let what = format!("its newest attempt was {}, and the lead does not stand so", one.attempt.class);
            found.violation(Promise::P5, "lead", id, what);
        }
    }
}

/// A lead that is closed because the licence of its list is over is of a list whose licence is.
pub(super) fn licences(person: &PersonRecord, books: &Books, found: &mut Findings) {
    let leads = person.hand_outs.iter().filter_map(|one| Some((one.lead, one.lead_now.as_ref()?)));
    let leads: BTreeMap<i64, &LeadRecord> = leads.filter(|(_, lead)| !lead.is_merged).collect();
    for (id, lead) in leads.into_iter().filter(|(_, lead)| lead.closed_reason.as_deref() == Some("expired")) {
        // A list without a licence is found by the database.
        let last = lead.licence_until.as_deref().and_then(|day| day.parse().ok());
        if last.is_some_and(|last| !books.may_be_over(last)) {
            found.violation(
                Promise::P5,
                "lead",
                id,
                "it is closed because the licence of its list has ended, which has not",
            );
        }
    }
}

/// A lead with its newest attempt.
#[derive(Clone, Copy)]
struct Newest<'a> {
    lead: &'a LeadRecord,
    hand_out: &'a HandOutRecord,
    attempt: &'a AttemptRecord,
}

impl Newest<'_> {
    fn is_right(&self, is_erased: bool, books: &Books) -> bool {
        let reason = self.lead.closed_reason.as_deref();
        let is_among = |allowed: &[&str]| reason.is_some_and(|reason| allowed.contains(&reason));
        if report::objected(self.hand_out, self.attempt, books) {
            return is_among(&["suppressed"]);
        }
        match self.attempt.class.as_str() {
            // A cancelled order may bring its lead back, until the licence of its list is over, the person is erased, or the number on
            // which they ordered goes with its list and leaves none but wrong ones.
            "order" => {
                is_among(&["ordered", "suppressed"])
                    || (self.attempt.order_cancelled && (self.goes_on() || is_among(&["wrong_number"])))
            }
            // Who has another number is called on that one.
            "wrong_number" => is_among(&["wrong_number", "suppressed"]) || self.goes_on(),
            "do_not_call" => is_among(&["suppressed"]),
            "refusal" => self.is_refused(is_erased, books),
            // Only a refusal closes a lead as refused, or lets it wait for the day from which the person would be called.
            _ => !is_among(&["refused"]) && self.lead.block.as_deref() != Some("asked_later"),
        }
    }

    fn goes_on(&self) -> bool {
        let reason = self.lead.closed_reason.as_deref();
        self.lead.state != "closed" || matches!(reason, Some("expired" | "withdrawn"))
    }

    /// Whoever refused is closed by that refusal, unless a tariff put them back or they asked to be called later.
    fn is_refused(&self, is_erased: bool, books: &Books) -> bool {
        // An attempt without its refusal is found by the database.
        let Some(refusal) = &self.attempt.refusal else { return true };
        if self.lead.refusal != Some(refusal.id) {
            return false;
        }
        let asked = self.asked_later(books);
        match (self.lead.closed_reason.as_deref(), self.lead.block.as_deref()) {
            (Some("refused" | "suppressed"), _) => true,
            (Some("withdrawn"), _) => is_erased,
            (None, Some("asked_later")) => asked.is_some_and(|day| is_start_of(day, self.lead.due_at_ms)),
            (None | Some("expired" | "wrong_number"), _) => self.lead.back_for == Some(refusal.id) || asked.is_some(),
            (Some(_), _) => false,
        }
    }

    /// The day from which the person asked to be called, where their reason lets that alone bring them back.
    fn asked_later(&self, books: &Books) -> Option<Date> {
        let refusal = self.attempt.refusal.as_ref()?;
        let definition = books.definition(self.hand_out.campaign, self.hand_out.campaign_version)?;
        definition.reason(&refusal.reason).filter(|reason| reason.comes_back_by_itself())?;
        refusal.call_after.as_deref()?.parse().ok()
    }
}

/// Whether an instant may be the start of a day somewhere.
fn is_start_of(day: Date, at_ms: i64) -> bool {
    const DAY_MS: i64 = 86_400_000;
    let start = TimeZone::UTC.to_timestamp(day.into()).map_or(0, |start| start.as_millisecond());
    start.saturating_sub(at_ms).saturating_abs() <= DAY_MS
}

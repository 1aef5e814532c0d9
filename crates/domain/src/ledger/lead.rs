//! Where a person's leads stand, and whether what happened to them could bring them there.

use std::collections::BTreeMap;

use super::found::{Findings, Promise};
use super::record::{AttemptRecord, LeadRecord, PersonRecord};

/// A lead stands as its newest attempt left it, or has moved on since in a way that is allowed.
pub(super) fn newest_attempts(person: &PersonRecord, found: &mut Findings) {
    let mut newest: BTreeMap<i64, (&LeadRecord, &AttemptRecord)> = BTreeMap::new();
    for one in &person.hand_outs {
        let (Some(lead), Some(attempt)) = (&one.lead_now, &one.attempt) else { continue };
        let known = newest.entry(one.lead).or_insert((lead, attempt));
        if known.1.id < attempt.id {
            *known = (lead, attempt);
        }
    }
    for (id, (lead, attempt)) in newest.into_iter().filter(|(_, (lead, _))| !lead.is_merged) {
        found.check(Promise::P5, "leads, each against its newest attempt");
        let left: &[&str] = match attempt.class.as_str() {
            "order" => &["ordered", "suppressed"],
            "wrong_number" => &["wrong_number", "suppressed"],
            "do_not_call" => &["suppressed"],
            _ => continue,
        };
        let reason = lead.closed_reason.as_deref();
        // Who has another number is called on that one, and a cancelled order may bring its lead back: until the licence of its list is
        // over, or the person is erased.
        let may_go_on = attempt.class == "wrong_number" || attempt.order_cancelled;
        let goes_on = may_go_on && (lead.state != "closed" || matches!(reason, Some("expired" | "withdrawn")));
        if !goes_on && !reason.is_some_and(|reason| left.contains(&reason)) {
            let what = format!("its newest attempt was {}, and the lead does not stand so", attempt.class);
            found.violation(Promise::P5, "lead", id, what);
        }
    }
}

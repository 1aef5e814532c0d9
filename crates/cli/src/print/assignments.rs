//! What became of leads that are held.

use relance_scheduler::{HandedBackLead, HeldLead};

use super::instant;

/// A lead whose call goes on.
pub(crate) fn held(held: &HeldLead) -> String {
    let HeldLead { assignment, lease_until, held_at_most } = held;
    let (until, at_most) = (instant(*lease_until), instant(*held_at_most));
    format!("Assignment {assignment} is held until {until}; it can be held until {at_most}.")
}

/// A lead that was handed back.
pub(crate) fn handed_back(back: &HandedBackLead) -> String {
    let HandedBackLead { assignment, lead, handed_back_at } = back;
    format!(
        "Lead {lead} is handed back as not called since {}; assignment {assignment} has ended.",
        instant(*handed_back_at)
    )
}

//! What became of leads that are held.

use relance_scheduler::{HandedBackLead, HandedTo, HeldLead, TakenLead};

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

/// A lead that was taken.
pub(crate) fn taken(taken: &TakenLead) -> String {
    let TakenLead { assignment, operator, lead, lead_state, handed_to } = taken;
    let now = match handed_to {
        Some(HandedTo { operator, assignment, lease_until }) => {
            format!("{operator} has it as assignment {assignment} until {}", instant(*lease_until))
        }
        None => format!("it is {lead_state}"),
    };
    format!("Lead {lead} is taken from {operator}, which ends assignment {assignment}; {now}.")
}

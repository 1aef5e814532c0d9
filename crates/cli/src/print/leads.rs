//! Leads.

use relance_scheduler::KeptLead;

/// For whom a lead is kept.
pub(crate) fn kept(kept: &KeptLead) -> String {
    let lead = kept.lead;
    match &kept.operator {
        Some(operator) => format!("Lead {lead} is kept for {operator}: nobody else receives it."),
        None => format!("Lead {lead} is kept for nobody in particular: whoever asks may receive it."),
    }
}

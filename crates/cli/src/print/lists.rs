//! Lists.

use relance_scheduler::QueueMix;
use relance_store::list::{List, ListState, LoadCounts, Undo};

use super::{count, facts, instant, listed, perhaps, sections, table};

pub(super) fn counts(counts: &LoadCounts) -> String {
    let LoadCounts {
        rows_read,
        new_leads,
        new_clients,
        known_clients,
        duplicates_in_file,
        duplicates_in_campaign,
        suppressed,
        rejected,
    } = *counts;
    let rows = [
        ("rows read", rows_read),
        ("  new leads", new_leads),
        ("    of new clients", new_clients),
        ("    of known clients", known_clients),
        ("  twice in the file", duplicates_in_file),
        ("  in the campaign already", duplicates_in_campaign),
        ("  suppressed", suppressed),
        ("  rejected", rejected),
    ];
    rows.map(|(name, number)| format!("{name:27}{number:>9}")).join("\n")
}

/// The lists that were loaded.
pub(crate) fn lists(lists: &[List]) -> String {
    if lists.is_empty() {
        return "No list was loaded yet: relance list load FILE --campaign CAMPAIGN --name NAME --source existing"
            .to_owned();
    }
    let row = |list: &List| {
        vec![
            list.id.to_string(),
            list.campaign.clone(),
            list.name.clone(),
            list.vendor.clone().unwrap_or_else(|| list.source.as_str().to_owned()),
            state(list.state).to_owned(),
            list.counts.rows_read.to_string(),
            list.counts.new_leads.to_string(),
            list.counts.rejected.to_string(),
            perhaps(list.loaded_at),
        ]
    };
    table(
        &["list>", "campaign", "name", "from", "state", "rows>", "leads>", "rejected>", "loaded"],
        lists.iter().map(row),
    )
}

fn state(state: ListState) -> &'static str {
    match state {
        ListState::Staging => "being loaded",
        ListState::Loaded => "loaded",
        ListState::Undone => "taken back",
    }
}

/// One list.
pub(crate) fn list(list: &List) -> String {
    let what = facts(&[
        ("list", list.id.to_string()),
        ("campaign", list.campaign.clone()),
        ("name", list.name.clone()),
        ("source", list.source.as_str().to_owned()),
        ("vendor", list.vendor.clone().unwrap_or_default()),
        ("cost", list.cost_minor.map(|minor| format!("{minor} (minor units)")).unwrap_or_default()),
        ("licence until", list.licence_until.map(|date| date.to_string()).unwrap_or_default()),
        ("bought", list.purchased_on.map(|date| date.to_string()).unwrap_or_default()),
        ("contract", list.contract.clone().unwrap_or_default()),
        ("consent basis", list.consent_basis.clone().unwrap_or_default()),
        ("relationship", list.relationship.as_str().replace('_', " ")),
        ("weight", list.weight.map(|weight| weight.to_string()).unwrap_or_default()),
        ("state", state(list.state).to_owned()),
        ("loaded", perhaps(list.loaded_at)),
        ("taken back", list.undone_at.map(instant).unwrap_or_default()),
        ("sha256", list.sha256.clone()),
    ]);
    sections([what, counts(&list.counts)])
}

/// How a campaign's lists share its queue.
pub(crate) fn mix(mix: &QueueMix) -> String {
    let row = |list: &relance_scheduler::ListShare| {
        let percent = if list.share == 0 { "switched off".to_owned() } else { format!("{:.1} %", list.percent) };
        vec![list.list.to_string(), list.name.clone(), list.share.to_string(), percent]
    };
    let lists = table(&["list>", "name", "share>", "of the queue>"], mix.lists.iter().map(row));
    sections([format!("The lists of campaign {} share its queue, from the next lead on.", mix.campaign), lists])
}

/// What taking a list back did, or would do.
pub(crate) fn undone(undo: &Undo, dry_run: bool) -> String {
    let Undo { reverted_changes, removed_leads, removed_clients, kept_leads, kept_examples } = undo;
    let (leads, clients) = (count(*removed_leads, "lead"), count(*removed_clients, "client"));
    let what = if dry_run {
        format!("Taking the list back would remove {leads} and {clients}. Nothing was changed.")
    } else {
        format!("The list is taken back: {leads} and {clients} removed.")
    };
    let kept = match kept_leads {
        0 => String::new(),
        some => {
            let examples = listed(kept_examples.iter().map(ToString::to_string));
            format!("{} worked already stay: {examples}.", count(*some, "lead"))
        }
    };
    let reverted = match reverted_changes {
        0 => String::new(),
        some => format!("{} of known people: taken back where nothing has changed them since.", count(*some, "change")),
    };
    sections([what, kept, reverted])
}

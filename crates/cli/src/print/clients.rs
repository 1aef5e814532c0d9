//! Clients.

use relance_scheduler::ClientCard;
use relance_store::client::{ClientGlance, Erased, LeadMerged, LeadOfClient, Merged, MergedClient, OpenJoin};

use super::questions::against;
use super::{count, facts, instant, listed, sections, table};

/// A client who was looked up.
pub(crate) fn client(card: &ClientCard) -> String {
    let client = &card.client;
    let asked = card.merged_from.map(|asked| format!("Client {asked} was merged into client {}.", client.client));
    let phones = client.phones.iter().map(|phone| format!("{} (list {})", phone.phone, phone.list));
    let zone = client.time_zone.as_ref().map(|zone| {
        let source = client.zone_source.map(|source| format!(" (from the {})", source.as_str())).unwrap_or_default();
        format!("{zone}{source}")
    });
    let place = [client.postcode.as_deref(), client.region.as_deref(), Some(client.country.as_str())];
    let what = facts(&[
        ("client", client.client.to_string()),
        ("numbers", listed(phones)),
        ("name", client.name.clone().unwrap_or_default()),
        ("place", place.into_iter().flatten().collect::<Vec<_>>().join(", ")),
        ("time zone", zone.unwrap_or_else(|| "unknown: not callable".to_owned())),
        ("known since", format!("{}, from list {}", instant(client.created_at), client.list)),
        ("erased", client.erased_at.map(instant).unwrap_or_default()),
        ("handed out", count(client.hand_outs, "time")),
    ]);
    let row = |lead: &LeadOfClient| {
        let reason = lead.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
        let merged = lead.merged.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        vec![
            lead.lead.to_string(),
            lead.campaign.clone(),
            lead.list.to_string(),
            format!("{}{reason}", lead.state),
            merged,
        ]
    };
    let leads = if client.leads.is_empty() {
        "No lead.".to_owned()
    } else {
        table(&["lead>", "campaign", "list>", "stands", "merged from"], client.leads.iter().map(row))
    };
    sections([asked.unwrap_or_default(), what, leads, against(&card.suppressions), merges(&client.merged)])
}

/// What erasing a client took away.
pub(crate) fn erased(erased: &Erased) -> String {
    let what = format!("Client {} is erased. Suppressions of their numbers stay, as hashes.", erased.client);
    let numbers = facts(&[
        ("numbers", erased.phones.to_string()),
        ("leads closed", erased.leads_closed.to_string()),
        ("promises dropped", erased.promises_dropped.to_string()),
        ("attempts kept", erased.attempts.to_string()),
        ("orders kept", erased.orders.to_string()),
        ("rows emptied", erased.rows_emptied.to_string()),
    ]);
    sections([what, numbers])
}

/// Clients that became one with another.
pub(super) fn merges(merged: &[MergedClient]) -> String {
    let line = |merge: &MergedClient| {
        let by = merge.by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
        format!("Client {} was merged into client {} on {}{by}.", merge.client, merge.into, instant(merge.merged_at))
    };
    merged.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Rows that say of two clients that they are one.
pub(crate) fn joins(joins: &[OpenJoin]) -> String {
    if joins.is_empty() {
        return "No row says of two clients that they are one.".to_owned();
    }
    let glance = |client: &ClientGlance| {
        let name = client.name.as_ref().map(|name| format!(", {name}")).unwrap_or_default();
        format!("{} ({}{name})", client.client, client.phone)
    };
    let row = |join: &OpenJoin| {
        vec![
            format!("{} {}", join.list, join.list_name),
            join.line.to_string(),
            glance(&join.client),
            glance(&join.other),
        ]
    };
    let next = joins.first().map(|join| {
        format!("To merge two: relance client merge {} {} --dry-run", join.client.client, join.other.client)
    });
    sections([table(&["list", "line>", "client", "and client"], joins.iter().map(row)), next.unwrap_or_default()])
}

/// What making two clients one did, or would do.
pub(crate) fn merged(merged: &Merged) -> String {
    let what = if merged.dry_run {
        format!("Client {} would become part of client {}. Nothing was changed.", merged.merged, merged.kept)
    } else {
        format!("Client {} is part of client {} now.", merged.merged, merged.kept)
    };
    let numbers = facts(&[
        ("numbers", merged.phones.to_string()),
        ("filled in", listed(merged.filled.iter().map(|field| field.replace('_', " ")))),
        ("hand-outs", merged.hand_outs.to_string()),
        ("attempts", merged.attempts.to_string()),
        ("orders", merged.orders.to_string()),
        ("promises dropped", merged.promises_dropped.to_string()),
        ("leads suppressed", merged.suppressed.to_string()),
        ("rows settled", merged.joins.to_string()),
    ]);
    let lead = |lead: &LeadMerged| {
        let reason = lead.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
        match lead.merged {
            Some(gone) => format!("Lead {gone} is one with lead {}, which is {}{reason}.", lead.lead, lead.state),
            None => format!("Lead {} is the client's now; it is {}{reason}.", lead.lead, lead.state),
        }
    };
    sections([what, numbers, merged.leads.iter().map(lead).collect::<Vec<_>>().join("\n")])
}

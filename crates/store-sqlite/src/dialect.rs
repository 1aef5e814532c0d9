//! Where SQLite speaks differently. `store-postgres` has the same names.
//!
//! One transaction writes at a time, so that nothing needs to be locked.

use relance_domain::ListId;
use relance_store::Result;
use serde_json::json;

use crate::connect::{Connection, failed};
use crate::portable::list::StagedRow;

/// Locks nothing: there is one writer.
pub(crate) const RUNNING_CAMPAIGNS: &str = "-- claim: the campaigns that run
    SELECT id, version FROM campaign WHERE state = 'running' ORDER BY id";

/// The lead, if it is still where the search saw it.
pub(crate) const LOCK_CANDIDATE: &str = "-- claim: the candidate, as it stands now
    SELECT lead.client_id, lead.list_id, lead.state, lead.due_at_ms, lead.block, lead.closed_reason, lead.priority,
        lead.reopening_id, client.phone, client.time_zone,
        list.source, list.consent_basis, list.licence_until
    FROM lead
    JOIN client ON client.id = lead.client_id
    JOIN list ON list.id = lead.list_id
    WHERE lead.id = $1 AND lead.state IN ('ready', 'scheduled')";

/// Waits for whoever works on this person.
pub(crate) const LOCK_CLIENT: &str = "-- outcome: the person
    SELECT id FROM client WHERE id = $1";

/// Leads whose time has come.
pub(crate) const PROMOTE_DUE: &str = "-- loop: leads whose time has come
    UPDATE lead SET state = 'ready', block = NULL WHERE id IN (
        SELECT id FROM lead WHERE state = 'scheduled' AND block <> 'callback' AND due_at_ms <= $1
        ORDER BY due_at_ms, id LIMIT $2)";

/// Assignments whose lease ran out.
pub(crate) const EXPIRED: &str = "-- loop: assignments whose lease ran out
    SELECT id, lead_id FROM assignment WHERE ended_at_ms IS NULL AND lease_until_ms <= $1
    ORDER BY lease_until_ms LIMIT $2";

/// Waits until refusals that are being written are there.
pub(crate) const SETTLE_REFUSALS: &str = "-- publish: refusals that are being written (none: there is one writer)
    SELECT 1";

/// The tariff, so that two nodes do not take the same step.
pub(crate) const LOCK_TARIFF: &str = "-- publish: how far the tariff came
    SELECT state, reopened_to_refusal_id, reopened_all_at_ms FROM tariff WHERE id = $1";

/// The front of a lane is read from its index with or without statistics.
pub(crate) const LEADS_WERE_LOADED: &str = "-- load: the planner needs to learn nothing
    SELECT 1";

/// Stages rows: one statement for all of them.
pub(crate) async fn stage_rows(connection: &mut Connection, list: ListId, rows: &[StagedRow]) -> Result<()> {
    let rows: Vec<_> = rows
        .iter()
        .map(|r| {
            json!([
                r.line,
                r.verdict,
                r.code,
                r.column,
                r.message,
                r.raw,
                r.phone,
                r.reference,
                r.first_name,
                r.last_name,
                r.street,
                r.city,
                r.postcode,
                r.region,
                r.country,
                r.time_zone,
                r.zone_source,
                r.facts
            ])
        })
        .collect();
    sqlx::query(
        "-- load: stage rows
        INSERT INTO list_row (list_id, line, verdict, code, column_name, message, raw, phone, reference, first_name,
            last_name, street, city, postcode, region, country, time_zone, zone_source, facts)
        SELECT $1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
            value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12, value ->> 13, value ->> 14, value ->> 15,
            value ->> 16, value ->> 17
        FROM json_each($2)",
    )
    .bind(list.0)
    .bind(serde_json::Value::from(rows).to_string())
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}

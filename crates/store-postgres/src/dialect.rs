//! Where PostgreSQL speaks differently. `store-sqlite` has the same names.
//!
//! Locks are NO KEY ones: a load that adds leads holds its clients' keys until it commits, and must not keep operators
//! waiting for those people.

use std::fmt::Write as _;

use relance_domain::ListId;
use relance_store::Result;

use crate::connect::{Connection, failed};
use crate::portable::list::StagedRow;

/// Holds the campaigns, so that a pause that was answered has stopped every later hand-out.
pub(crate) const RUNNING_CAMPAIGNS: &str = "-- claim: the campaigns that run
    SELECT id, version FROM campaign WHERE state = 'running' ORDER BY id FOR SHARE";

/// The lead and its person, unless another node works on either.
pub(crate) const LOCK_CANDIDATE: &str = "-- claim: the candidate, as it stands now
    SELECT lead.client_id, lead.list_id, lead.state, lead.due_at_ms, lead.block, lead.closed_reason, lead.priority,
        lead.reopening_id, client.phone, client.time_zone,
        list.source, list.consent_basis, list.licence_until
    FROM lead
    JOIN client ON client.id = lead.client_id
    JOIN list ON list.id = lead.list_id
    WHERE lead.id = $1 AND lead.state IN ('ready', 'scheduled')
    FOR NO KEY UPDATE OF client, lead SKIP LOCKED";

/// Waits for whoever works on this person.
pub(crate) const LOCK_CLIENT: &str = "-- outcome: the person
    SELECT id FROM client WHERE id = $1 FOR NO KEY UPDATE";

/// Leads whose time has come, unless another node works on them.
pub(crate) const PROMOTE_DUE: &str = "-- loop: leads whose time has come
    UPDATE lead SET state = 'ready', block = NULL WHERE id IN (
        SELECT id FROM lead WHERE state = 'scheduled' AND block <> 'callback' AND due_at_ms <= $1
        ORDER BY due_at_ms, id LIMIT $2 FOR UPDATE SKIP LOCKED)";

/// Assignments whose lease ran out, unless another node ends them.
pub(crate) const EXPIRED: &str = "-- loop: assignments whose lease ran out
    SELECT id, lead_id FROM assignment WHERE ended_at_ms IS NULL AND lease_until_ms <= $1
    ORDER BY lease_until_ms LIMIT $2 FOR UPDATE SKIP LOCKED";

/// Waits until refusals that are being written are there, so that none with a low number appears behind the cursor.
pub(crate) const SETTLE_REFUSALS: &str = "-- publish: refusals that are being written
    LOCK TABLE refusal IN SHARE MODE";

/// The tariff, so that two nodes do not take the same step.
pub(crate) const LOCK_TARIFF: &str = "-- publish: how far the tariff came
    SELECT state, reopened_to_refusal_id, reopened_all_at_ms FROM tariff WHERE id = $1 FOR NO KEY UPDATE";

/// Without statistics of the new leads the planner sorts a whole lane to find its front, until autovacuum comes by: a next
/// lead then took 282 ms at the 99th percentile with a million leads.
pub(crate) const LEADS_WERE_LOADED: &str = "-- load: the planner learns of the new leads
    ANALYZE lead";

/// Stages rows by COPY.
pub(crate) async fn stage_rows(connection: &mut Connection, list: ListId, rows: &[StagedRow]) -> Result<()> {
    let mut text = String::with_capacity(rows.len() * 256);
    for row in rows {
        write!(text, "{}\t{}\t{}", list.0, row.line, row.verdict).expect("a String takes all text");
        for field in [
            &row.code,
            &row.column,
            &row.message,
            &row.raw,
            &row.phone,
            &row.reference,
            &row.first_name,
            &row.last_name,
            &row.street,
            &row.city,
            &row.postcode,
            &row.region,
            &row.country,
            &row.time_zone,
            &row.zone_source,
            &row.facts,
        ] {
            text.push('\t');
            push_field(&mut text, field.as_deref());
        }
        text.push('\n');
    }
    let mut copy = connection
        .copy_in_raw(
            "COPY list_row (list_id, line, verdict, code, column_name, message, raw, phone, reference, first_name, last_name,
                street, city, postcode, region, country, time_zone, zone_source, facts) FROM STDIN",
        )
        .await
        .map_err(failed)?;
    match copy.send(text.as_bytes()).await {
        Ok(_) => copy.finish().await.map(|_| ()).map_err(failed),
        Err(error) => {
            // The send's failure is the one to report; the abort only frees the connection.
            let _ = copy.abort("the rows could not be sent").await;
            Err(failed(error))
        }
    }
}

/// One field in COPY's text format (PostgreSQL documentation, COPY, "Text Format"). NUL, which PostgreSQL's text cannot
/// hold, is left out; list files with NUL bytes are refused before.
fn push_field(text: &mut String, field: Option<&str>) {
    let Some(field) = field else { return text.push_str("\\N") };
    for character in field.chars() {
        match character {
            '\\' => text.push_str("\\\\"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\0' => {}
            other => text.push(other),
        }
    }
}

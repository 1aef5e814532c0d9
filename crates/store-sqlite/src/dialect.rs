//! Where SQLite speaks differently. `store-postgres` has the same names.
//!
//! One transaction writes at a time, so that nothing needs to be locked.

use relance_store::Result;
use sqlx::AssertSqlSafe;

use crate::connect::{Connection, failed};
use crate::portable::bulk::{Rows, Target, Value};

/// Locks nothing: there is one writer.
pub(crate) const RUNNING_CAMPAIGNS: &str = "-- claim: the campaigns that run
    SELECT id, version FROM campaign WHERE state = 'running' ORDER BY id";

/// The lead, if it is still where the search saw it.
pub(crate) const LOCK_CANDIDATE: &str = "-- claim: the candidate, as it stands now
    SELECT lead.client_id, lead.list_id, lead.state, lead.due_at_ms, lead.block, lead.closed_reason, lead.priority,
        lead.reopening_id, lead.reserved_for, lead.consent, lead.consent_on,
        lead.consent_wording, lead.hours_waiver, client.phone, client.country, client.region, client.time_zone,
        (SELECT COUNT(*) FROM client_phone WHERE client_phone.client_id = client.id) AS further_phones, list.relationship,
        list.source, list.consent_basis, list.licence_until
    FROM lead
    JOIN client ON client.id = lead.client_id
    JOIN list ON list.id = lead.list_id
    WHERE lead.id = $1 AND lead.state IN ('ready', 'scheduled')";

/// Waits for whoever works on this person.
pub(crate) const LOCK_CLIENT: &str = "-- outcome: the person
    SELECT id FROM client WHERE id = $1";

/// Both clients of a merge.
pub(crate) const LOCK_CLIENTS: &str = "-- merge: the clients
    SELECT id FROM client WHERE id IN ($1, $2) ORDER BY id";

/// Every lead of both.
pub(crate) const LEADS_TO_MERGE: &str = "-- merge: their leads
    SELECT lead.id, lead.campaign_id, lead.client_id, lead.list_id, lead.list_line, lead.state, lead.due_at_ms, lead.block,
        lead.closed_reason, lead.priority, lead.facts, lead.attributes, lead.consent, lead.consent_on, lead.consent_wording,
        lead.refusal_id, lead.reopening_id,
        (SELECT COUNT(*) FROM assignment WHERE assignment.lead_id = lead.id) AS hand_outs,
        (SELECT due_at_ms FROM callback WHERE callback.lead_id = lead.id AND callback.state = 'open') AS promised_for_ms
    FROM lead WHERE lead.client_id IN ($1, $2) ORDER BY lead.id";

/// There is one writer, and the triggers add up at once.
pub(crate) const ADD_UP_COUNTS: &str = "-- loop: changes of counts (none: they are added up at once)
    SELECT COUNT(*) FROM lead_count_change WHERE id < 0 AND $1 > 0";

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
    SELECT state, version, reopened_to_refusal_id, reopened_all_at_ms, taken_back_to_reopening_id, taken_back_all_at_ms
    FROM tariff WHERE id = $1";

/// There is one writer.
pub(crate) const LOCK_REFUSED_LEADS: &[&str] = &[];

/// There is one writer.
pub(crate) const LOCK_REOPENED_LEADS: &[&str] = &[];

/// Rows of these columns, from a JSON array of objects that is bound.
macro_rules! relation {
    ($bound:literal, $first:ident $first_kind:ident $(, $column:ident $kind:ident)*) => {
        concat!(
            "SELECT value ->> '$.", stringify!($first), "' AS ", stringify!($first),
            $(", value ->> '$.", stringify!($column), "' AS ", stringify!($column),)*
            " FROM json_each(", $bound, ")"
        )
    };
}
pub(crate) use relation;

/// Nothing needs to be set.
pub(crate) const COUNT_IN_MEMORY: &[&str] = &[];

/// The least of numbers that are all there.
macro_rules! least {
    ($one:expr, $other:expr, $third:expr) => {
        concat!("MIN(", $one, ", ", $other, ", ", $third, ")")
    };
}
pub(crate) use least;

/// A text with its letters from a to z in capitals.
macro_rules! capitals {
    ($text:literal) => {
        concat!("UPPER(", $text, ")")
    };
}
pub(crate) use capitals;

/// The front of a lane is read from its index with or without statistics.
pub(crate) const LEADS_WERE_LOADED: &[&str] = &[];

/// There is one writer.
pub(crate) const LOAD_TURN: &[&str] = &[];

/// Whether a column is one of the texts of a JSON array that is bound.
macro_rules! among {
    ($column:literal, $bound:literal) => {
        concat!($column, " IN (SELECT value FROM json_each(", $bound, "))")
    };
}
pub(crate) use among;

/// The texts of a column as a JSON array.
macro_rules! gathered {
    ($column:literal) => {
        concat!("json_group_array(", $column, ")")
    };
}
pub(crate) use gathered;

/// Whether there is a table of keys.
pub(crate) const KNOWS_KEYS: &str = "-- suppression key: is there a table of them?
    SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'suppression_key')";

/// There is one writer.
pub(crate) const KEY_TURN: &[&str] = &[];

/// Hashes of rows, from a JSON array of `id` and `hash`; a number in clear goes.
pub(crate) const WRITE_HASHES: &str = "-- suppression key: hashes of rows
    UPDATE suppression SET phone_hash = fresh.hash, key_version = $2, clear_phone = NULL
    FROM (SELECT value ->> '$.id' AS id, value ->> '$.hash' AS hash FROM json_each($1)) AS fresh
    WHERE suppression.id = fresh.id";

/// Whose these numbers are, and whether that person is a lead of the campaign.
pub(crate) const OWNERS_OF: &str = "-- load: whose numbers these are
    SELECT phone, id, EXISTS (SELECT 1 FROM lead WHERE lead.campaign_id = $2 AND lead.client_id = client.id)
    FROM client WHERE phone IN (SELECT value FROM json_each($1))
    UNION ALL
    SELECT phone, client_id, EXISTS (
        SELECT 1 FROM lead WHERE lead.campaign_id = $2 AND lead.client_id = client_phone.client_id)
    FROM client_phone WHERE phone IN (SELECT value FROM json_each($1))";

/// What is known of these people.
pub(crate) const KNOWN_CLIENTS: &str = "-- load: what is known of these people
    SELECT client.id, reference, first_name, last_name, street, city, postcode, region, time_zone, zone_source, lead.facts, client.place,
        client.language
    FROM client LEFT JOIN lead ON lead.campaign_id = $2 AND lead.client_id = client.id
    WHERE client.id IN (SELECT value FROM json_each($1))";

/// The fronts of these pairs of lane and priority, each read from its index.
pub(crate) const FRONTS: &str = "-- claim: the fronts of lanes
    SELECT lead.lane_id, lead.id, lead.priority, lead.due_at_ms
    FROM json_each($1) AS wanted JOIN lead ON lead.id IN (
        SELECT id FROM lead WHERE lane_id = wanted.value ->> 0 AND priority = wanted.value ->> 1 AND state = 'ready'
        ORDER BY due_at_ms, id LIMIT $2)
    ORDER BY lead.lane_id, lead.priority, lead.due_at_ms, lead.id";

/// The most values that one statement binds (SQLITE_MAX_VARIABLE_NUMBER) is 32,766; past some hundred rows longer statements
/// are no faster.
const VALUES_MAX: usize = 4_000;

/// Numbers for new clients: the next ones, as nobody else writes meanwhile.
pub(crate) async fn take_client_ids(connection: &mut Connection, count: usize) -> Result<Vec<i64>> {
    if count == 0 {
        return Ok(Vec::new());
    }
    let last = sqlx::query_scalar::<_, i64>(
        "-- load: the last number of a client
        SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = 'client'",
    )
    .fetch_one(connection)
    .await
    .map_err(failed)?;
    Ok((last + 1..).take(count).collect())
}

/// Inserts rows, some hundred with each statement.
pub(crate) async fn insert(connection: &mut Connection, rows: &Rows<'_>) -> Result<()> {
    let Target { table, columns } = *rows.target;
    for part in rows.values.chunks(VALUES_MAX / columns.len() * columns.len()) {
        let row = format!("({})", vec!["?"; columns.len()].join(", "));
        let every = vec![row; part.len() / columns.len()].join(", ");
        let statement = format!("-- load: rows\nINSERT INTO {table} ({}) VALUES {every}", columns.join(", "));
        // Nothing in it but the names of a table and its columns, which are constants.
        let mut query = sqlx::query(AssertSqlSafe(statement));
        for value in part {
            query = match *value {
                Value::Null => query.bind(None::<&str>),
                Value::Number(number) => query.bind(number),
                Value::Text(text) => query.bind(text),
            };
        }
        query.execute(&mut *connection).await.map_err(failed)?;
    }
    Ok(())
}

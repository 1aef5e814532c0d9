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

/// There is one writer.
pub(crate) const CAMPAIGN_TURN: &[&str] = &[];

/// The leads that are still where the search saw them.
pub(crate) const LOCK_CANDIDATES: &str = "-- claim: the candidates, as they stand now
    SELECT lead.id, lead.client_id, lead.list_id, lead.state, lead.due_at_ms, lead.block, lead.closed_reason, lead.priority,
        lead.reopening_id, lead.reserved_for, lead.consent, lead.consent_on, lead.consent_wording, lead.hours_waiver,
        client.phone, client.phone_wrong_at_ms IS NOT NULL AS phone_wrong, client.country, client.region, client.time_zone,
        list.relationship, list.source, list.consent_basis, list.licence_until
    FROM lead
    JOIN client ON client.id = lead.client_id
    JOIN list ON list.id = lead.list_id
    WHERE lead.id IN (SELECT value FROM json_each($1)) AND lead.state IN ('ready', 'scheduled')";

/// Waits for nobody: there is one writer.
pub(crate) const LOCK_CLIENTS_OF: &str = "-- outcome: the people
    SELECT client_id FROM assignment WHERE id IN (SELECT value FROM json_each($1))";

/// Waits for whoever works on this person.
pub(crate) const LOCK_CLIENT: &str = "-- outcome: the person
    SELECT id FROM client WHERE id = $1";

/// There is one writer.
pub(crate) const LOCK_CLIENTS_GAINING: &[&str] = &[];

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

/// Leads whose time has come. Those that a budget has not released yet wait for it instead.
pub(crate) const PROMOTE_DUE: &str = "-- loop: leads whose time has come
    UPDATE lead SET state = due.state, block = due.block
    FROM (
        SELECT lead.id, CASE WHEN reopening.id IS NULL THEN 'ready' ELSE 'scheduled' END AS state,
            CASE WHEN reopening.id IS NOT NULL THEN 'budget' END AS block
        FROM lead LEFT JOIN reopening ON reopening.id = lead.reopening_id AND reopening.released_at_ms IS NULL
        WHERE lead.state = 'scheduled' AND lead.block <> 'callback' AND lead.block <> 'budget' AND lead.due_at_ms <= $1
        ORDER BY lead.due_at_ms, lead.id LIMIT $2) AS due
    WHERE lead.id = due.id";

/// A transaction may idle for as long as it likes.
pub(crate) const WAIT_FOR_JUDGES: &[&str] = &[];

/// There is one writer.
pub(crate) const BUDGET_TURN: &[&str] = &[];

/// Those of a tariff who wait for a budget, the first first.
pub(crate) const WAITING_FOR_BUDGET: &str = "-- budget: who waits for it, the first first
    SELECT lead.id, lead.priority, lead.due_at_ms FROM lead
    JOIN reopening ON reopening.id = lead.reopening_id AND reopening.tariff_id = $2
    WHERE lead.campaign_id = $1 AND lead.state = 'scheduled' AND lead.block = 'budget'
    ORDER BY lead.priority, lead.due_at_ms, lead.id LIMIT $3";

/// Leads kept for somebody who had the refusal, where the time for it is over or that person is not there.
pub(crate) const KEPT_TOO_LONG: &str = "-- loop: leads kept for an operator who has had time for them or is not there
    SELECT lead.id FROM lead JOIN app_user ON app_user.id = lead.reserved_for
    WHERE lead.reserved_until_ms IS NOT NULL AND (lead.reserved_until_ms <= $1 OR app_user.disabled_at_ms IS NOT NULL
        OR (app_user.away_from_ms <= $1 AND app_user.away_until_ms > $1))
    ORDER BY lead.reserved_until_ms, lead.id LIMIT $2";

/// Refusals that are held out no longer.
pub(crate) const HELD_OUT_LONG_ENOUGH: &str = "-- loop: refusals that were held out long enough; those of what has ended are taken back
    SELECT reopening.id FROM reopening
    JOIN tariff ON tariff.id = reopening.tariff_id AND tariff.state = 'published' AND tariff.version = reopening.tariff_version
    WHERE reopening.hold_out = 'uncalled' AND reopening.hold_out_ended_at_ms IS NULL AND reopening.hold_out_until_ms <= $1
    ORDER BY reopening.hold_out_until_ms, reopening.id LIMIT $2";

/// Assignments whose lease ran out.
pub(crate) const EXPIRED: &str = "-- loop: assignments whose lease ran out
    SELECT id, lead_id FROM assignment WHERE ended_at_ms IS NULL AND ending IS NULL AND lease_until_ms <= $1
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

/// There is one writer.
pub(crate) const LOCK_TARIFF_OF_LEAD: &[&str] = &[];

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

/// The elements of a JSON array that is bound, as rows of a table `sent` with a column `value`.
macro_rules! sent {
    ($bound:literal) => {
        concat!("json_each(", $bound, ") AS sent")
    };
}
pub(crate) use sent;

/// The texts of a column as a JSON array.
macro_rules! gathered {
    ($column:literal) => {
        concat!("json_group_array(", $column, ")")
    };
}
pub(crate) use gathered;

/// Rows of these columns as a JSON array of arrays.
macro_rules! gathered_rows {
    ($($column:ident),+) => {
        concat!("json_group_array(json_array(", stringify!($($column),+), "))")
    };
}
pub(crate) use gathered_rows;

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

/// The fronts of these lanes, each read from its index.
pub(crate) const LANE_FRONTS: &str = "-- claim: the fronts of lanes
    SELECT lead.lane_id, lead.priority, lead.due_at_ms, lead.id
    FROM json_each($1) AS sent JOIN lead ON lead.id IN (
        SELECT id FROM lead WHERE lane_id = sent.value AND state = 'ready' ORDER BY priority, due_at_ms, id LIMIT $2)
    ORDER BY lead.lane_id, lead.priority, lead.due_at_ms, lead.id";

/// What comes in lanes behind a place and before the priorities of the next class, each read from its index.
pub(crate) const BEHIND_IN_LANES: &str = "-- claim: who comes next in lanes
    SELECT sent.value ->> 'front', lead.priority, lead.due_at_ms, lead.id
    FROM json_each($1) AS sent JOIN lead ON lead.id IN (
        SELECT id FROM lead WHERE lane_id = sent.value ->> 'lane' AND priority <= sent.value ->> 'to_priority' AND state = 'ready'
            AND (priority, due_at_ms, id) > (sent.value ->> 'priority', sent.value ->> 'due_at_ms', sent.value ->> 'id')
        ORDER BY priority, due_at_ms, id LIMIT $2)
    ORDER BY sent.value ->> 'front', lead.priority, lead.due_at_ms, lead.id";

/// Promises of these pairs of campaign and owner that are due and come behind a place, each pair read from its index.
pub(crate) const PROMISES_BEHIND: &str = "-- claim: promises that are due
    SELECT sent.value ->> 'front', callback.due_at_ms, callback.id, callback.lead_id, client.language,
        CASE WHEN reserved.disabled_at_ms IS NULL AND NOT (COALESCE(reserved.away_from_ms <= $3, FALSE) AND reserved.away_until_ms > $3)
            THEN reserved.id END,
        (SELECT assignment.phone_position FROM attempt JOIN assignment ON assignment.id = attempt.assignment_id
            WHERE attempt.id = callback.attempt_id)
    FROM json_each($1) AS sent JOIN callback ON callback.id IN (
        SELECT promise.id FROM callback AS promise
        JOIN lead AS promised ON promised.id = promise.lead_id AND promised.state = 'scheduled' AND promised.block = 'callback'
        WHERE promise.campaign_id = sent.value ->> 'campaign' AND COALESCE(promise.operator_id, 0) = sent.value ->> 'owner'
            AND promise.state = 'open' AND promise.callable_at_ms <= $3
            AND (promise.due_at_ms, promise.id) > (sent.value ->> 'due_at_ms', sent.value ->> 'id')
        ORDER BY promise.due_at_ms, promise.id LIMIT $2)
    JOIN lead ON lead.id = callback.lead_id
    JOIN client ON client.id = lead.client_id
    LEFT JOIN app_user AS reserved ON reserved.id = lead.reserved_for
    ORDER BY sent.value ->> 'front', callback.due_at_ms, callback.id";

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

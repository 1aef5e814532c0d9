//! Where PostgreSQL speaks differently. `store-sqlite` has the same names.
//!
//! Locks are NO KEY ones: a load that adds leads holds its clients' keys until it commits, and must not keep operators
//! waiting for those people.

use std::fmt::Write as _;

use relance_store::Result;

use crate::connect::{Connection, failed};
use crate::portable::bulk::{Rows, Target, Value};

/// Holds the campaigns, so that a pause that was answered has stopped every later hand-out. Those who share a row let each other pass
/// whoever waits to change it: they queue behind that one for a turn first. It decides nothing else: a row that changed while it was
/// waited for is looked at as it stands by then.
pub(crate) const RUNNING_CAMPAIGNS: &str = "-- claim: the campaigns that run (the number is any that nothing else uses)
    WITH turn AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared(7264264))
    SELECT campaign.id, campaign.version FROM turn CROSS JOIN campaign
    WHERE campaign.state = 'running' ORDER BY campaign.id FOR SHARE OF campaign";

/// Whoever changes a campaign that runs has their turn before every later hand-out.
pub(crate) const CAMPAIGN_TURN: &[&str] = &["-- campaign: hand-outs that come later wait
    SELECT pg_advisory_xact_lock(7264264) FROM campaign WHERE campaign = $1 AND state = 'running'"];

/// The leads and their people, except those that another node works on.
pub(crate) const LOCK_CANDIDATES: &str = "-- claim: the candidates, as they stand now
    SELECT lead.id, lead.client_id, lead.list_id, lead.state, lead.due_at_ms, lead.block, lead.closed_reason, lead.priority,
        lead.reopening_id, lead.reserved_for, lead.consent, lead.consent_on, lead.consent_wording, lead.hours_waiver,
        client.phone, client.phone_wrong_at_ms IS NOT NULL AS phone_wrong, client.country, client.region, client.time_zone,
        list.relationship, list.source, list.consent_basis, list.licence_until
    FROM jsonb_array_elements($1::jsonb) AS sent (value)
    JOIN lead ON lead.id = CAST(sent.value AS BIGINT)
    JOIN client ON client.id = lead.client_id
    JOIN list ON list.id = lead.list_id
    WHERE lead.state IN ('ready', 'scheduled')
    FOR NO KEY UPDATE OF client, lead SKIP LOCKED";

/// Waits for whoever works on the people of these assignments, in one order so that two batches cannot wait for each other.
pub(crate) const LOCK_CLIENTS_OF: &str = "-- outcome: the people
    SELECT client.id FROM client WHERE client.id IN (
        SELECT assignment.client_id FROM jsonb_array_elements($1::jsonb) AS sent (value)
        JOIN assignment ON assignment.id = CAST(sent.value AS BIGINT))
    ORDER BY client.id FOR NO KEY UPDATE";

/// Waits for whoever works on this person.
pub(crate) const LOCK_CLIENT: &str = "-- outcome: the person
    SELECT id FROM client WHERE id = $1 FOR NO KEY UPDATE";

/// People to whom a list gives a further number, in the order in which outcomes hold theirs: nobody objects unseen until the number
/// is theirs.
pub(crate) const LOCK_CLIENTS_GAINING: &[&str] = &["-- load: the people who get a further number
    SELECT client.id FROM client WHERE client.id IN (
        SELECT client_id FROM client_change WHERE list_id = $1 AND field = 'phone')
    ORDER BY client.id FOR NO KEY UPDATE"];

/// Both clients of a merge, in one order so that two merges cannot wait for each other. Their keys are held: one is removed.
pub(crate) const LOCK_CLIENTS: &str = "-- merge: the clients
    SELECT id FROM client WHERE id IN ($1, $2) ORDER BY id FOR UPDATE";

/// Every lead of both.
pub(crate) const LEADS_TO_MERGE: &str = "-- merge: their leads
    SELECT lead.id, lead.campaign_id, lead.client_id, lead.list_id, lead.list_line, lead.state, lead.due_at_ms, lead.block,
        lead.closed_reason, lead.priority, lead.facts, lead.attributes, lead.consent, lead.consent_on, lead.consent_wording,
        lead.refusal_id, lead.reopening_id,
        (SELECT COUNT(*) FROM assignment WHERE assignment.lead_id = lead.id) AS hand_outs,
        (SELECT due_at_ms FROM callback WHERE callback.lead_id = lead.id AND callback.state = 'open') AS promised_for_ms
    FROM lead WHERE lead.client_id IN ($1, $2) ORDER BY lead.id FOR UPDATE OF lead";

/// Changes of counts, unless another node adds them up. One statement, so that whoever reads sees each change once.
pub(crate) const ADD_UP_COUNTS: &str = "-- loop: changes of counts
    WITH taken AS (
        DELETE FROM lead_count_change WHERE id IN (
            SELECT id FROM lead_count_change ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED)
        RETURNING lane_id, state, block, closed_reason, leads),
    added AS (
        INSERT INTO lead_count (lane_id, state, block, closed_reason, leads)
        SELECT lane_id, state, block, closed_reason, SUM(leads) FROM taken
        GROUP BY lane_id, state, block, closed_reason ORDER BY lane_id, state, block, closed_reason
        ON CONFLICT (lane_id, state, block, closed_reason) DO UPDATE SET leads = lead_count.leads + EXCLUDED.leads)
    SELECT COUNT(*) FROM taken";

/// Leads whose time has come, unless another node works on them. Those that a budget has not released yet wait for it instead.
pub(crate) const PROMOTE_DUE: &str = "-- loop: leads whose time has come
    UPDATE lead SET state = due.state, block = due.block
    FROM (
        SELECT lead.id, CASE WHEN reopening.id IS NULL THEN 'ready' ELSE 'scheduled' END AS state,
            CASE WHEN reopening.id IS NOT NULL THEN 'budget' END AS block
        FROM lead LEFT JOIN reopening ON reopening.id = lead.reopening_id AND reopening.released_at_ms IS NULL
        WHERE lead.state = 'scheduled' AND lead.block <> 'callback' AND lead.block <> 'budget' AND lead.due_at_ms <= $1
        ORDER BY lead.due_at_ms, lead.id LIMIT $2 FOR UPDATE OF lead SKIP LOCKED) AS due
    WHERE lead.id = due.id";

/// A verification reads on when those who judge have caught up, which may take longer than a connection may idle within a transaction.
pub(crate) const WAIT_FOR_JUDGES: &[&str] =
    &["-- verify: the transaction may idle for as long as it waits for those who judge
    SET LOCAL idle_in_transaction_session_timeout = 0"];

/// Two nodes that release the leads of a campaign take turns, so that each counts what the other released.
pub(crate) const BUDGET_TURN: &[&str] = &["-- budget: take turns (the first number is any that nothing else uses)
    SELECT pg_advisory_xact_lock(7264263, CAST($1 AS INTEGER))"];

/// Those of a tariff who wait for a budget, the first first, unless another node works on them.
pub(crate) const WAITING_FOR_BUDGET: &str = "-- budget: who waits for it, the first first
    SELECT lead.id, lead.priority, lead.due_at_ms FROM lead
    JOIN reopening ON reopening.id = lead.reopening_id AND reopening.tariff_id = $2
    WHERE lead.campaign_id = $1 AND lead.state = 'scheduled' AND lead.block = 'budget'
    ORDER BY lead.priority, lead.due_at_ms, lead.id LIMIT $3 FOR NO KEY UPDATE OF lead SKIP LOCKED";

/// Leads kept for somebody who had the refusal, where the time for it is over or that person is not there.
pub(crate) const KEPT_TOO_LONG: &str = "-- loop: leads kept for an operator who has had time for them or is not there
    SELECT lead.id FROM lead JOIN app_user ON app_user.id = lead.reserved_for
    WHERE lead.reserved_until_ms IS NOT NULL AND (lead.reserved_until_ms <= $1 OR app_user.disabled_at_ms IS NOT NULL
        OR (app_user.away_from_ms <= $1 AND app_user.away_until_ms > $1))
    ORDER BY lead.reserved_until_ms, lead.id LIMIT $2 FOR NO KEY UPDATE OF lead SKIP LOCKED";

/// Refusals that are held out no longer, unless another node works on them.
pub(crate) const HELD_OUT_LONG_ENOUGH: &str = "-- loop: refusals that were held out long enough; those of what has ended are taken back
    SELECT reopening.id FROM reopening
    JOIN tariff ON tariff.id = reopening.tariff_id AND tariff.state = 'published' AND tariff.version = reopening.tariff_version
    WHERE reopening.hold_out = 'uncalled' AND reopening.hold_out_ended_at_ms IS NULL AND reopening.hold_out_until_ms <= $1
    ORDER BY reopening.hold_out_until_ms, reopening.id LIMIT $2 FOR NO KEY UPDATE OF reopening SKIP LOCKED";

/// Assignments whose lease ran out, unless another node ends them.
pub(crate) const EXPIRED: &str = "-- loop: assignments whose lease ran out
    SELECT id, lead_id FROM assignment WHERE ended_at_ms IS NULL AND ending IS NULL AND lease_until_ms <= $1
    ORDER BY lease_until_ms LIMIT $2 FOR UPDATE SKIP LOCKED";

/// Waits until refusals that are being written are there, so that none with a low number appears behind the cursor.
pub(crate) const SETTLE_REFUSALS: &str = "-- publish: refusals that are being written
    LOCK TABLE refusal IN SHARE MODE";

/// The tariff, so that two nodes do not take the same step.
pub(crate) const LOCK_TARIFF: &str = "-- publish: how far the tariff came
    SELECT state, version, reopened_to_refusal_id, reopened_all_at_ms, taken_back_to_reopening_id, taken_back_all_at_ms
    FROM tariff WHERE id = $1 FOR NO KEY UPDATE";

/// Leads that stand refused, so that none of them moves before it is reopened. Whoever has one is waited for.
pub(crate) const LOCK_REFUSED_LEADS: &[&str] = &["-- publish: the leads that stand refused
    SELECT lead.id FROM jsonb_to_recordset($1::jsonb) AS given (refusal BIGINT)
    JOIN refusal ON refusal.id = given.refusal JOIN lead ON lead.id = refusal.lead_id
    WHERE lead.state = 'closed' ORDER BY lead.id FOR NO KEY UPDATE OF lead"];

/// Leads that a tariff has reopened, so that none of them is handed out before it is taken back. Whoever has one is waited for.
pub(crate) const LOCK_REOPENED_LEADS: &[&str] = &["-- take back: the leads that wait
    SELECT lead.id FROM reopening JOIN lead ON lead.id = reopening.lead_id AND lead.reopening_id = reopening.id
    WHERE reopening.tariff_id = $1 AND reopening.id > $2 AND reopening.id <= $3 AND lead.state IN ('ready', 'scheduled')
    ORDER BY lead.id FOR NO KEY UPDATE OF lead"];

/// The tariff that put a lead back neither ends nor takes anybody back until this transaction is over.
pub(crate) const LOCK_TARIFF_OF_LEAD: &[&str] = &["-- assignment: the tariff that put the lead back stays as it is
    SELECT tariff.id FROM lead JOIN reopening ON reopening.id = lead.reopening_id JOIN tariff ON tariff.id = reopening.tariff_id
    WHERE lead.id = $1 FOR NO KEY UPDATE OF tariff"];

/// Rows of these columns, from a JSON array of objects that is bound.
macro_rules! relation {
    ($bound:literal, $first:ident $first_kind:ident $(, $column:ident $kind:ident)*) => {
        concat!(
            "SELECT * FROM jsonb_to_recordset(", $bound, "::jsonb) AS told (", stringify!($first), " ", stringify!($first_kind),
            $(", ", stringify!($column), " ", stringify!($kind),)*
            ")"
        )
    };
}
pub(crate) use relation;

/// For this transaction: room to count in memory, and no compiling of statements that run a second at most. With the usual 4 MB
/// a million refusals were sorted on disk before they were counted, in 1.0 seconds instead of 0.4.
pub(crate) const COUNT_IN_MEMORY: &[&str] = &[
    "-- preview: count in memory
    SET LOCAL work_mem = '64MB'",
    "-- preview: do not compile
    SET LOCAL jit = off",
];

/// The least of numbers that are all there.
macro_rules! least {
    ($one:expr, $other:expr, $third:expr) => {
        concat!("LEAST(", $one, ", ", $other, ", ", $third, ")")
    };
}
pub(crate) use least;

/// A text with its letters from a to z in capitals, whatever the server's language.
macro_rules! capitals {
    ($text:literal) => {
        concat!("UPPER((", $text, ") COLLATE \"C\")")
    };
}
pub(crate) use capitals;

/// Without statistics of the new leads the planner sorts a whole lane to find its front, until autovacuum comes by: a next
/// lead then took 282 ms at the 99th percentile with a million leads.
pub(crate) const LEADS_WERE_LOADED: &[&str] = &["-- load: the planner learns of the new leads
    ANALYZE lead"];

/// Two loads at once take turns, so that no number comes to two people.
pub(crate) const LOAD_TURN: &[&str] = &["-- load: take turns (the number is any that nothing else uses)
    SELECT pg_advisory_xact_lock(7264262)"];

/// Whether a column is one of the texts of a JSON array that is bound.
macro_rules! among {
    ($column:literal, $bound:literal) => {
        concat!($column, " = ANY (ARRAY(SELECT jsonb_array_elements_text(", $bound, "::jsonb)))")
    };
}
pub(crate) use among;

/// The elements of a JSON array that is bound, as rows of a table `sent` with a column `value`.
macro_rules! sent {
    ($bound:literal) => {
        concat!("jsonb_array_elements(", $bound, "::jsonb) AS sent (value)")
    };
}
pub(crate) use sent;

/// The texts of a column as a JSON array; none where there is no row.
macro_rules! gathered {
    ($column:literal) => {
        concat!("jsonb_agg(", $column, ")::text")
    };
}
pub(crate) use gathered;

/// Rows of these columns as a JSON array of arrays; none where there is no row.
macro_rules! gathered_rows {
    ($($column:ident),+) => {
        concat!("jsonb_agg(jsonb_build_array(", stringify!($($column),+), "))::text")
    };
}
pub(crate) use gathered_rows;

/// Whether there is a table of keys.
pub(crate) const KNOWS_KEYS: &str = "-- suppression key: is there a table of them?
    SELECT to_regclass('suppression_key') IS NOT NULL";

/// One node at a time changes which keys are in use; others read them meanwhile.
pub(crate) const KEY_TURN: &[&str] = &["-- suppression key: take turns
    LOCK TABLE suppression_key IN SHARE ROW EXCLUSIVE MODE"];

/// Hashes of rows, from a JSON array of `id` and `hash`; a number in clear goes.
pub(crate) const WRITE_HASHES: &str = "-- suppression key: hashes of rows
    UPDATE suppression SET phone_hash = fresh.hash, key_version = $2, clear_phone = NULL
    FROM jsonb_to_recordset($1::jsonb) AS fresh (id BIGINT, hash TEXT)
    WHERE suppression.id = fresh.id";

/// Whose these numbers are, and whether that person is a lead of the campaign.
pub(crate) const OWNERS_OF: &str = "-- load: whose numbers these are
    SELECT phone, id, EXISTS (SELECT 1 FROM lead WHERE lead.campaign_id = $2 AND lead.client_id = client.id)
    FROM client WHERE phone = ANY (ARRAY(SELECT jsonb_array_elements_text($1::jsonb)))
    UNION ALL
    SELECT phone, client_id, EXISTS (
        SELECT 1 FROM lead WHERE lead.campaign_id = $2 AND lead.client_id = client_phone.client_id)
    FROM client_phone WHERE phone = ANY (ARRAY(SELECT jsonb_array_elements_text($1::jsonb)))";

/// What is known of these people.
pub(crate) const KNOWN_CLIENTS: &str = "-- load: what is known of these people
    SELECT client.id, reference, first_name, last_name, street, city, postcode, region, time_zone, zone_source, lead.facts, client.place,
        client.language
    FROM client LEFT JOIN lead ON lead.campaign_id = $2 AND lead.client_id = client.id
    WHERE client.id = ANY (ARRAY(SELECT jsonb_array_elements_text($1::jsonb)::bigint))";

/// The fronts of these lanes, each read from its index.
pub(crate) const LANE_FRONTS: &str = "-- claim: the fronts of lanes
    SELECT wanted.lane, front.priority, front.due_at_ms, front.id
    FROM (SELECT CAST(sent.value AS BIGINT) AS lane FROM jsonb_array_elements($1::jsonb) AS sent (value)) AS wanted
    CROSS JOIN LATERAL (
        SELECT priority, due_at_ms, id FROM lead WHERE lane_id = wanted.lane AND state = 'ready'
        ORDER BY priority, due_at_ms, id LIMIT $2) AS front
    ORDER BY wanted.lane, front.priority, front.due_at_ms, front.id";

/// What comes in lanes behind a place and before the priorities of the next class, each read from its index.
pub(crate) const BEHIND_IN_LANES: &str = "-- claim: who comes next in lanes
    SELECT wanted.front, behind.priority, behind.due_at_ms, behind.id
    FROM (SELECT CAST(sent.value ->> 'front' AS BIGINT) AS front, CAST(sent.value ->> 'lane' AS BIGINT) AS lane,
            CAST(sent.value ->> 'to_priority' AS BIGINT) AS to_priority, CAST(sent.value ->> 'priority' AS BIGINT) AS priority,
            CAST(sent.value ->> 'due_at_ms' AS BIGINT) AS due_at_ms, CAST(sent.value ->> 'id' AS BIGINT) AS id
        FROM jsonb_array_elements($1::jsonb) AS sent (value)) AS wanted
    CROSS JOIN LATERAL (
        SELECT priority, due_at_ms, id FROM lead WHERE lane_id = wanted.lane AND priority <= wanted.to_priority AND state = 'ready'
            AND (priority, due_at_ms, id) > (wanted.priority, wanted.due_at_ms, wanted.id)
        ORDER BY priority, due_at_ms, id LIMIT $2) AS behind
    ORDER BY wanted.front, behind.priority, behind.due_at_ms, behind.id";

/// Promises of these pairs of campaign and owner that are due and come behind a place, each pair read from its index.
pub(crate) const PROMISES_BEHIND: &str = "-- claim: promises that are due
    SELECT wanted.front, behind.due_at_ms, behind.id, behind.lead_id, client.language,
        CASE WHEN reserved.disabled_at_ms IS NULL AND NOT (COALESCE(reserved.away_from_ms <= $3, FALSE) AND reserved.away_until_ms > $3)
            THEN reserved.id END,
        (SELECT assignment.phone_position FROM attempt JOIN assignment ON assignment.id = attempt.assignment_id
            WHERE attempt.id = behind.attempt_id)
    FROM (SELECT CAST(sent.value ->> 'front' AS BIGINT) AS front, CAST(sent.value ->> 'campaign' AS BIGINT) AS campaign,
            CAST(sent.value ->> 'owner' AS BIGINT) AS owner, CAST(sent.value ->> 'due_at_ms' AS BIGINT) AS due_at_ms,
            CAST(sent.value ->> 'id' AS BIGINT) AS id
        FROM jsonb_array_elements($1::jsonb) AS sent (value)) AS wanted
    CROSS JOIN LATERAL (
        SELECT callback.due_at_ms, callback.id, callback.lead_id, callback.attempt_id, lead.client_id, lead.reserved_for
        FROM callback JOIN lead ON lead.id = callback.lead_id AND lead.state = 'scheduled' AND lead.block = 'callback'
        WHERE callback.campaign_id = wanted.campaign AND COALESCE(callback.operator_id, 0) = wanted.owner
            AND callback.state = 'open' AND callback.callable_at_ms <= $3
            AND (callback.due_at_ms, callback.id) > (wanted.due_at_ms, wanted.id)
        ORDER BY callback.due_at_ms, callback.id LIMIT $2) AS behind
    JOIN client ON client.id = behind.client_id
    LEFT JOIN app_user AS reserved ON reserved.id = behind.reserved_for
    ORDER BY wanted.front, behind.due_at_ms, behind.id";

/// Numbers for new clients.
pub(crate) async fn take_client_ids(connection: &mut Connection, count: usize) -> Result<Vec<i64>> {
    sqlx::query_scalar::<_, i64>(
        "-- load: numbers for new clients
        SELECT nextval(pg_get_serial_sequence('client', 'id')) FROM generate_series(1, $1)",
    )
    .bind(i64::try_from(count).unwrap_or(i64::MAX))
    .fetch_all(connection)
    .await
    .map_err(failed)
}

/// Inserts rows by COPY.
pub(crate) async fn insert(connection: &mut Connection, rows: &Rows<'_>) -> Result<()> {
    if rows.values.is_empty() {
        return Ok(());
    }
    let Target { table, columns } = *rows.target;
    let mut text = String::with_capacity(rows.values.len() * 12);
    for row in rows.values.chunks_exact(columns.len()) {
        for (at, value) in row.iter().enumerate() {
            if at > 0 {
                text.push('\t');
            }
            match *value {
                Value::Null => text.push_str("\\N"),
                Value::Number(number) => write!(text, "{number}").expect("a String takes all text"),
                Value::Text(field) => push_field(&mut text, field),
            }
        }
        text.push('\n');
    }
    let statement = format!("COPY {table} ({}) FROM STDIN", columns.join(", "));
    let mut copy = connection.copy_in_raw(&statement).await.map_err(failed)?;
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
fn push_field(text: &mut String, field: &str) {
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

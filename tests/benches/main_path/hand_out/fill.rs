//! Leads in 40 lanes, made by set-based SQL with the checks of foreign keys off: the fill is not what is measured.

use std::process::Command;

use jiff::Timestamp;
use relance_domain::UserId;
use sqlx::AssertSqlSafe;

use crate::lab::Lab;

/// Rows that one statement makes.
pub(crate) const CHUNK: usize = 500_000;
/// Operators who are there to ask.
const OPERATORS: usize = 10_000;
/// A week: how far apart leads came into the queue.
const WEEK_MS: i64 = 7 * 86_400_000;

/// Ten zones at four grades of consent.
const LANES: &str = "INSERT INTO lane (id, campaign_id, list_id, time_zone, place, consent, hours_waiver, language, reserved_for)
    WITH zone (number, name) AS (VALUES (0, 'Europe/Paris'), (1, 'America/Martinique'), (2, 'America/Guadeloupe'),
        (3, 'America/Cayenne'), (4, 'Indian/Reunion'), (5, 'Indian/Mayotte'), (6, 'America/Miquelon'), (7, 'Pacific/Noumea'),
        (8, 'Pacific/Tahiti'), (9, 'Pacific/Wallis')),
        consent (number, name) AS (VALUES (0, 'unsaid'), (1, 'given'), (2, 'proven'), (3, 'written'))
    SELECT 1 + zone.number * 4 + consent.number, 1, 1, zone.name, 'FR', consent.name, 'no', '', 0 FROM zone, consent
    WHERE zone.number + consent.number > 0";
/// A lead of the lane `1 + number % 40`, and its client, as the lane has it.
const CLIENTS: &str =
    "INSERT INTO client (id, phone, first_name, city, postcode, country, time_zone, zone_source, place, created_by_list_id, created_at_ms)
    SELECT number, '+' || (33600000000 + number), 'Anna', 'Lyon', '69001', 'FR', lane.time_zone, 'address', 'FR', 1, 0";
const CONSENT: &str = "CASE WHEN lane.consent <> 'unsaid' THEN 'yes' END,
    CASE WHEN lane.consent IN ('proven', 'written') THEN '2026-01-01' END,
    CASE WHEN lane.consent = 'written' THEN 'I agree.' END";
/// PostgreSQL's triggers are off with the foreign keys.
const COUNTS: &str = "INSERT INTO lead_count (lane_id, state, block, closed_reason, leads)
    SELECT lane_id, state, COALESCE(block, ''), COALESCE(closed_reason, ''), COUNT(*) FROM lead GROUP BY 1, 2, 3, 4";

/// The state of leads that are made.
#[derive(Clone, Copy)]
pub(super) struct Made {
    pub(super) state: &'static str,
    pub(super) block: Option<&'static str>,
    pub(super) priority: i64,
}

/// What is callable now.
pub(super) const READY: Made = Made { state: "ready", block: None, priority: 2 };

/// Who may ask in a lab: each operator asks once.
pub(super) struct Filled {
    operators: std::vec::IntoIter<UserId>,
}

impl Filled {
    /// Operators who have not asked yet.
    pub(super) fn operators(&mut self, count: usize) -> Vec<UserId> {
        let operators: Vec<UserId> = self.operators.by_ref().take(count).collect();
        assert_eq!(operators.len(), count, "there are operators enough");
        operators
    }
}

/// Fills a fresh lab with so many leads, all of them callable, and with operators.
pub(super) async fn leads(lab: &Lab, store: &str, leads: usize) -> Filled {
    lab.bare.list_and_lane().await;
    let counted = format!("UPDATE list SET rows_read = {leads}, new_leads = {leads}, new_clients = {leads}");
    rows(lab, store, 1, leads, READY, &[counted]).await;
    operators(lab).await
}

/// Makes leads from a number to another and their clients in one state, then runs statements, all without checks.
pub(super) async fn rows(lab: &Lab, store: &str, from: usize, to: usize, made: Made, then: &[String]) {
    let mut statements = Vec::new();
    if from == 1 {
        statements.push("UPDATE list SET consent_basis = 'signed'".to_owned());
        statements.push(LANES.to_owned());
        let names = "'caller-' || number, 'operator', 'caller-' || number, 0";
        let numbers = series(store, 1, OPERATORS);
        statements.push(format!(
            "INSERT INTO app_user (name, role, token_sha256, created_at_ms) SELECT {names} FROM {numbers} ORDER BY number"
        ));
    }
    for first in (from..=to).step_by(CHUNK) {
        let numbers = series(store, first, (first + CHUNK - 1).min(to));
        let of = format!("FROM {numbers} JOIN lane ON lane.id = 1 + number % 40");
        statements.push(format!("{CLIENTS} {of}"));
        statements.push(leads_of(made, &of));
    }
    statements.extend_from_slice(then);
    unchecked(lab, &statements).await;
}

fn leads_of(made: Made, of: &str) -> String {
    let Made { state, block, priority } = made;
    let block = block.map_or("NULL".to_owned(), |block| format!("'{block}'"));
    let now_ms = Timestamp::now().as_millisecond();
    let due = format!("{now_ms} - 60000 - (number * 7919) % {WEEK_MS}");
    let facts = r#"'{"bill":"40.05","provider":"Ouest"}'"#;
    format!(
        "INSERT INTO lead (id, campaign_id, client_id, list_id, list_line, lane_id, state, priority, due_at_ms, block, facts, consent,
            consent_on, consent_wording, created_at_ms)
        SELECT number, 1, number, 1, number, lane.id, '{state}', {priority}, {due}, {block}, {facts}, {CONSENT}, 0 {of}"
    )
}

async fn operators(lab: &Lab) -> Filled {
    let query = "SELECT id FROM app_user WHERE name LIKE 'caller-%' ORDER BY id";
    let ids: Vec<i64> = match (lab.bare.sqlite_pool(), lab.bare.postgres_pool()) {
        (Some(pool), _) => sqlx::query_scalar(query).fetch_all(pool).await.expect("operators"),
        (_, Some(pool)) => sqlx::query_scalar(query).fetch_all(pool).await.expect("operators"),
        _ => Vec::new(),
    };
    Filled { operators: ids.into_iter().map(UserId).collect::<Vec<_>>().into_iter() }
}

/// Numbers from one to another, as a table `series` with the column `number`.
pub(crate) fn series(store: &str, from: usize, to: usize) -> String {
    match store {
        "sqlite" => format!(
            "(WITH RECURSIVE series (number) AS (SELECT {from} UNION ALL SELECT number + 1 FROM series WHERE number < {to})
            SELECT number FROM series) AS series"
        ),
        _ => format!("(SELECT CAST(number AS BIGINT) AS number FROM generate_series({from}, {to}) AS number) AS series"),
    }
}

/// Runs statements without checks of foreign keys and without waiting for the disk.
pub(crate) async fn unchecked(lab: &Lab, statements: &[String]) {
    let sql = |statement: &str| AssertSqlSafe(statement.to_owned());
    if let Some(pool) = lab.bare.sqlite_pool() {
        let mut connection = pool.acquire().await.expect("a connection");
        let around = |key: &str, sync: &str| format!("PRAGMA foreign_keys = {key}; PRAGMA synchronous = {sync}");
        sqlx::raw_sql(sql(&around("OFF", "OFF"))).execute(&mut *connection).await.expect("set");
        for statement in statements {
            sqlx::raw_sql(sql(statement)).execute(&mut *connection).await.expect("filled");
        }
        sqlx::raw_sql(sql(&around("ON", "FULL"))).execute(&mut *connection).await.expect("set");
    }
    if let Some(pool) = lab.bare.postgres_pool() {
        let mut connection = pool.acquire().await.expect("a connection");
        let off = "SET session_replication_role = replica; SET synchronous_commit = off";
        sqlx::raw_sql(off).execute(&mut *connection).await.expect("the test's role may do that");
        for statement in statements {
            sqlx::raw_sql(sql(statement)).execute(&mut *connection).await.expect("filled");
        }
        sqlx::raw_sql("DELETE FROM lead_count; DELETE FROM lead_count_change")
            .execute(&mut *connection)
            .await
            .expect("counted anew");
        sqlx::raw_sql(COUNTS).execute(&mut *connection).await.expect("counted");
        let on = "RESET session_replication_role; RESET synchronous_commit";
        sqlx::raw_sql(on).execute(&mut *connection).await.expect("set");
    }
}

/// Runs one statement.
pub(crate) async fn run(lab: &Lab, statement: &str) {
    let statement = AssertSqlSafe(statement.to_owned());
    if let Some(pool) = lab.bare.sqlite_pool() {
        sqlx::raw_sql(statement).execute(pool).await.expect("executed");
    } else if let Some(pool) = lab.bare.postgres_pool() {
        sqlx::raw_sql(statement).execute(pool).await.expect("executed");
    }
}

/// Puts on the disk what is not there yet, so that no measurement pays for the one before it. On PostgreSQL the leads are
/// vacuumed as well, which a server does by itself in time.
pub(super) async fn settle(lab: &Lab) {
    if lab.bare.sqlite_pool().is_some() {
        run(lab, "PRAGMA wal_checkpoint(TRUNCATE)").await;
    } else {
        run(lab, "VACUUM ANALYZE").await;
        run(lab, "CHECKPOINT").await;
    }
}

/// Why so many bytes have no room where the store keeps its files, if they have none.
pub(super) async fn missing_room(store: &str, bytes: u64) -> Option<String> {
    let folder = if store == "sqlite" { std::env::temp_dir() } else { crate::lab::server_folder().await };
    let output = Command::new("df").args(["--block-size=1", "--output=avail"]).arg(&folder).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let free: u64 = text.lines().nth(1)?.trim().parse().ok()?;
    let gigabytes = |bytes: u64| bytes as f64 / 1e9;
    let told = || format!("they need {:.1} GB of disk, and {:.1} GB are free", gigabytes(bytes), gigabytes(free));
    (free < bytes).then(told)
}

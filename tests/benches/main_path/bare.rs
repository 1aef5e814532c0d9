//! The same work in bare SQL: what the database alone costs.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};

use crate::lab::phone;

/// Rows per statement of the bare load.
const CHUNK: usize = 5_000;

/// A database without the engine.
#[derive(Clone)]
pub(crate) struct Bare {
    pool: Pool,
    operators: Arc<AtomicI64>,
}

#[derive(Clone)]
enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// Runs one statement on either engine inside a transaction, or alone.
macro_rules! run {
    ($pool:expr, $begin_sqlite:literal, |$transaction:ident| $body:block) => {
        match $pool {
            Pool::Sqlite(pool) => {
                let mut $transaction = pool.begin_with($begin_sqlite).await.expect("begun");
                let result = $body;
                $transaction.commit().await.expect("committed");
                result
            }
            Pool::Postgres(pool) => {
                let mut $transaction = pool.begin().await.expect("begun");
                let result = $body;
                $transaction.commit().await.expect("committed");
                result
            }
        }
    };
}

const OPERATOR: &str =
    "INSERT INTO app_user (name, role, token_sha256, created_at_ms) VALUES ($1, 'operator', $1, 0) RETURNING id";
const ASSIGN: &str = "INSERT INTO assignment (lead_id, client_id, campaign_id, campaign_version, seller, list_id, operator_id, token, decision,
        handed_at_ms, lease_until_ms)
    SELECT id, client_id, campaign_id, 1, 'Bench', list_id, $2, 'token', '{}', 1, 2 FROM lead WHERE id = $1 RETURNING id";
const TAKE: &str = "UPDATE lead SET state = 'assigned' WHERE id = $1";
const END: &str =
    "UPDATE assignment SET ended_at_ms = 3, ending = 'outcome', report = '{}' WHERE id = $1 AND ended_at_ms IS NULL";
const ATTEMPT: &str = "INSERT INTO attempt (assignment_id, lead_id, client_id, campaign_id, seller, list_id, operator_id, disposition, class,
        recorded_at_ms)
    SELECT id, lead_id, client_id, campaign_id, seller, list_id, operator_id, 'refused', 'refusal', 3 FROM assignment WHERE id = $1";
const CLOSE: &str = "UPDATE lead SET state = 'closed', closed_reason = 'refused' WHERE id = $1";
const LIST: &str = "INSERT INTO list (campaign_id, name, source, sha256, state, started_at_ms) VALUES (1, 'bare', 'existing', 'bare', 'loaded', 0)
    RETURNING id";
const LANE: &str =
    "INSERT INTO lane (campaign_id, list_id, time_zone, place, consent, hours_waiver, language, reserved_for)
    VALUES (1, 1, 'Europe/Paris', 'FR', 'unsaid', 'no', '', 0) RETURNING id";
const LEADS: &str = "INSERT INTO lead (campaign_id, client_id, list_id, list_line, lane_id, state, priority, due_at_ms, facts, created_at_ms)
    SELECT 1, id, $1, id, $2, 'ready', 2, 0, '{\"bill\":\"40.05\",\"provider\":\"Ouest\"}', 0 FROM client ORDER BY id";
const NEXT_SQLITE: &str =
    "SELECT id FROM lead WHERE lane_id = 1 AND state = 'ready' ORDER BY priority, due_at_ms, id LIMIT 1";
const NEXT_POSTGRES: &str =
    "SELECT id FROM lead WHERE lane_id = 1 AND state = 'ready' ORDER BY priority, due_at_ms, id LIMIT 1
    FOR UPDATE SKIP LOCKED";

impl Bare {
    /// The SQLite file, with the engine's durability.
    pub(crate) async fn sqlite(file: &Path) -> Self {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(60))
            .pragma("cache_size", "-65536")
            .pragma("wal_autocheckpoint", "20000");
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.expect("connected");
        Self { pool: Pool::Sqlite(pool), operators: Arc::default() }
    }

    /// The PostgreSQL database.
    pub(crate) async fn postgres(url: &str) -> Self {
        let pool = PgPoolOptions::new().max_connections(16).connect(url).await.expect("connected");
        Self { pool: Pool::Postgres(pool), operators: Arc::default() }
    }

    /// The pool of a SQLite file.
    pub(crate) fn sqlite_pool(&self) -> Option<&SqlitePool> {
        match &self.pool {
            Pool::Sqlite(pool) => Some(pool),
            Pool::Postgres(_) => None,
        }
    }

    /// The pool of a PostgreSQL database.
    pub(crate) fn postgres_pool(&self) -> Option<&PgPool> {
        match &self.pool {
            Pool::Postgres(pool) => Some(pool),
            Pool::Sqlite(_) => None,
        }
    }

    /// A list and its lane, both with the key 1.
    pub(crate) async fn list_and_lane(&self) {
        run!(&self.pool, "BEGIN IMMEDIATE", |transaction| {
            let list: i64 = sqlx::query_scalar(LIST).fetch_one(&mut *transaction).await.expect("a list");
            let lane: i64 = sqlx::query_scalar(LANE).fetch_one(&mut *transaction).await.expect("a lane");
            assert_eq!((list, lane), (1, 1), "the first of their tables");
        });
    }

    /// Puts so many clients straight into the tables, with the same indexes: clients in bulk, then their leads at once.
    pub(crate) async fn load(&self, clients: usize) {
        run!(&self.pool, "BEGIN IMMEDIATE", |transaction| {
            let list: i64 = sqlx::query_scalar(LIST).fetch_one(&mut *transaction).await.expect("a list");
            let lane: i64 = sqlx::query_scalar(LANE).fetch_one(&mut *transaction).await.expect("a lane");
            for from in (0..clients).step_by(CHUNK) {
                let to = (from + CHUNK).min(clients);
                let text = match &self.pool {
                    Pool::Sqlite(_) => sqlite_values(list, from, to),
                    Pool::Postgres(_) => postgres_values(list, from, to),
                };
                sqlx::query(sqlx::AssertSqlSafe(text)).execute(&mut *transaction).await.expect("clients");
            }
            sqlx::query(LEADS).bind(list).bind(lane).execute(&mut *transaction).await.expect("leads");
        });
    }

    /// One operator takes a lead and ends it in turn, by a durable transaction each.
    pub(crate) async fn work_alone(&self, calls: usize) -> (Vec<Duration>, Vec<Duration>) {
        let operator = self.operator().await;
        let (mut next, mut outcome) = (Vec::new(), Vec::new());
        for _ in 0..calls {
            let clock = Instant::now();
            let (assignment, lead) = self.take(operator).await;
            next.push(clock.elapsed());
            let clock = Instant::now();
            self.end(assignment, lead).await;
            outcome.push(clock.elapsed());
        }
        (next, outcome)
    }

    /// Many operators at once.
    pub(crate) async fn work_together(&self, operators: usize, calls: usize) {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..operators {
            let (bare, operator) = (self.clone(), self.operator().await);
            tasks.spawn(async move {
                for _ in 0..calls / operators {
                    let (assignment, lead) = bare.take(operator).await;
                    bare.end(assignment, lead).await;
                }
            });
        }
        tasks.join_all().await;
    }

    async fn operator(&self) -> i64 {
        let name = format!("bare-{}", self.operators.fetch_add(1, Ordering::Relaxed));
        run!(&self.pool, "BEGIN IMMEDIATE", |transaction| {
            sqlx::query_scalar(OPERATOR).bind(&name).fetch_one(&mut *transaction).await.expect("an operator")
        })
    }

    async fn take(&self, operator: i64) -> (i64, i64) {
        let next = if matches!(self.pool, Pool::Sqlite(_)) { NEXT_SQLITE } else { NEXT_POSTGRES };
        run!(&self.pool, "BEGIN IMMEDIATE", |transaction| {
            let lead: i64 = sqlx::query_scalar(next).fetch_one(&mut *transaction).await.expect("a lead");
            let assign = sqlx::query_scalar(ASSIGN).bind(lead).bind(operator);
            let assignment: i64 = assign.fetch_one(&mut *transaction).await.expect("an assignment");
            sqlx::query(TAKE).bind(lead).execute(&mut *transaction).await.expect("taken");
            (assignment, lead)
        })
    }

    async fn end(&self, assignment: i64, lead: i64) {
        run!(&self.pool, "BEGIN IMMEDIATE", |transaction| {
            sqlx::query(END).bind(assignment).execute(&mut *transaction).await.expect("ended");
            sqlx::query(ATTEMPT).bind(assignment).execute(&mut *transaction).await.expect("an attempt");
            sqlx::query(CLOSE).bind(lead).execute(&mut *transaction).await.expect("closed");
        });
    }

    /// Refuses every lead for its price by set-based statements: one ceiling in ten is above the new tariff's price.
    pub(crate) async fn refuse_all(&self, leads: usize) {
        let operator = self.operator().await;
        run!(&self.pool, "BEGIN IMMEDIATE", |transaction| {
            for statement in [
                "INSERT INTO assignment (lead_id, client_id, campaign_id, campaign_version, seller, list_id, operator_id, token,
                    decision, handed_at_ms, lease_until_ms, ended_at_ms, ending, report)
                 SELECT id, client_id, campaign_id, 1, 'Bench', list_id, $1, 'token', '{}', 1, 2, 3, 'outcome', '{}' FROM lead",
                "INSERT INTO attempt (assignment_id, lead_id, client_id, campaign_id, seller, list_id, operator_id, disposition,
                    class, recorded_at_ms)
                 SELECT id, lead_id, client_id, campaign_id, seller, list_id, operator_id, 'refused', 'refusal', 3
                 FROM assignment WHERE operator_id = $1",
                "INSERT INTO refusal (attempt_id, lead_id, campaign_id, reason, price_ceiling_minor, wanted_features, currency,
                    refused_at_ms)
                 SELECT id, lead_id, campaign_id, 'price', CASE WHEN id % 10 = 0 THEN 2500 ELSE 1500 END, '{}', 'EUR', 3
                 FROM attempt WHERE operator_id = $1",
                "UPDATE lead SET state = 'closed', closed_reason = 'refused',
                    refusal_id = (SELECT refusal.id FROM refusal WHERE refusal.lead_id = lead.id) WHERE id <> -$1",
            ] {
                let done = sqlx::query(statement).bind(operator).execute(&mut *transaction).await.expect("refused");
                assert_eq!(done.rows_affected(), leads as u64);
            }
        });
    }

    /// Makes one lead in fifty callable in place of refused, none of those that a tariff of 20.00 answers, and learns the tables.
    pub(crate) async fn free_some(&self) {
        run!(&self.pool, "BEGIN IMMEDIATE", |transaction| {
            for statement in [
                "UPDATE lead SET state = 'ready', closed_reason = NULL, refusal_id = NULL WHERE id % 50 = 1",
                "ANALYZE",
            ] {
                sqlx::query(statement).execute(&mut *transaction).await.expect("freed");
            }
        });
    }

    /// Reopens what a tariff of 20.00 answers by two set-based statements.
    pub(crate) async fn publish(&self) -> u64 {
        run!(&self.pool, "BEGIN IMMEDIATE", |transaction| {
            let tariff = "INSERT INTO tariff (tariff, name, state, definition, created_at_ms)
                VALUES ('bare', 'Bare', 'published', '{}', 0) RETURNING id";
            let tariff: i64 = sqlx::query_scalar(tariff).fetch_one(&mut *transaction).await.expect("a tariff");
            let insert = "INSERT INTO reopening (tariff_id, refusal_id, lead_id, campaign_id, because, reopened_at_ms)
                SELECT $1, refusal.id, lead.id, lead.campaign_id, 'cheaper', 4 FROM refusal JOIN lead ON lead.refusal_id = refusal.id
                WHERE refusal.price_ceiling_minor >= 2000 AND lead.state = 'closed' AND lead.closed_reason = 'refused'";
            sqlx::query(insert).bind(tariff).execute(&mut *transaction).await.expect("reopenings");
            let update = "UPDATE lead SET state = 'ready', closed_reason = NULL, priority = 1, due_at_ms = 4, reopening_id = reopening.id
                FROM reopening WHERE reopening.tariff_id = $1 AND lead.id = reopening.lead_id";
            sqlx::query(update).bind(tariff).execute(&mut *transaction).await.expect("leads").rows_affected()
        })
    }

    /// Ends the connections.
    pub(crate) async fn close(&self) {
        match &self.pool {
            Pool::Sqlite(pool) => pool.close().await,
            Pool::Postgres(pool) => pool.close().await,
        }
    }
}

const COLUMNS: &str = "INSERT INTO client (phone, reference, first_name, last_name, street, city, postcode, country, time_zone, zone_source,
    created_by_list_id, created_at_ms)";

/// One statement that inserts the clients of a chunk.
fn sqlite_values(list: i64, from: usize, to: usize) -> String {
    let row = |n: usize| {
        let phone = phone(n);
        format!(
            "('{phone}','R{n}','Anna','Martin','{n} rue Haute','Lyon','69001','FR','Europe/Paris','address',{list},0)"
        )
    };
    format!("{COLUMNS} VALUES {}", (from..to).map(row).collect::<Vec<_>>().join(","))
}

/// The same for PostgreSQL, which reads arrays faster than long lists of values.
fn postgres_values(list: i64, from: usize, to: usize) -> String {
    let phones = (from..to).map(phone).collect::<Vec<_>>().join(",");
    format!(
        "{COLUMNS} SELECT phone, 'R' || n, 'Anna', 'Martin', n || ' rue Haute', 'Lyon', '69001', 'FR', 'Europe/Paris', 'address',
            {list}, 0
         FROM unnest('{{{phones}}}'::text[]) WITH ORDINALITY AS given (phone, n)"
    )
}

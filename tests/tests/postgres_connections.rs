//! A caller who goes away leaves no transaction open on a connection of the PostgreSQL pool. In sqlx 0.9.0 a `begin` that
//! is cancelled may do so; whoever gets that connection next would work inside somebody else's transaction.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;

use relance_store::Store;
use relance_store_postgres::PostgresStore;
use relance_testkit::keys::suppression_keys;
use relance_testkit::postgres::fresh_database;
use sqlx::Connection;
use sqlx::postgres::PgConnection;
use tokio::task::JoinSet;

/// Drops a future when it waits for the so-many-th time: for a connection, for an answer to `BEGIN`, and so on.
async fn cancelled_at<T>(wait: u32, future: impl Future<Output = T>) {
    let mut future = pin!(future);
    let mut waits = 0;
    std::future::poll_fn(|context| {
        waits += 1;
        if future.as_mut().poll(context).is_ready() || waits == wait { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_cancelled_begin_leaves_no_transaction_open() {
    let database = fresh_database().await;
    let store = PostgresStore::connect(&database.url, suppression_keys(1)).await.expect("the database answers");
    store.migrate().await.expect("the tables are made");
    for _ in 0..20 {
        let mut callers = JoinSet::new();
        for caller in 0..16 {
            let store = store.clone();
            callers.spawn(async move {
                let wait = caller / 2 + 1;
                if caller % 2 == 0 {
                    cancelled_at(wait, store.users()).await;
                } else {
                    cancelled_at(wait, store.disable_user("nobody", jiff::Timestamp::UNIX_EPOCH)).await;
                }
            });
        }
        callers.join_all().await;
        assert_eq!(open_transactions(&database.url).await, 0);
    }
    store.ping().await.expect("the pool serves on");
    store.close().await;
}

/// Transactions that nobody works in. What was cancelled is cleaned up off the caller's path, so a look may come too
/// early: it is repeated, for less time than the server takes to end such a connection itself.
async fn open_transactions(url: &str) -> i64 {
    let mut watcher = PgConnection::connect(url).await.expect("the database answers");
    let mut open = 0;
    for _ in 0..1_000 {
        open = sqlx::query_scalar::<_, i64>(
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'
                AND pid <> pg_backend_pid()
                AND (state = 'active' OR state LIKE 'idle in transaction%')",
        )
        .fetch_one(&mut watcher)
        .await
        .expect("an answer");
        if open == 0 {
            break;
        }
    }
    watcher.close().await.expect("closed");
    open
}

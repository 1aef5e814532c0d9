//! The write-ahead log is copied into the file beside the work. SQLite would have whoever commits next do it, and everybody behind them
//! wait: for a log of 80 MB some tenths of a second.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use sqlx::SqlitePool;

/// The log is copied when it is longer than this, in bytes, and cut back to it when it begins anew.
pub(crate) const LONG: u64 = 80 * 1024 * 1024;
/// The most pages of 4 KiB that the log may have before SQLite steps in: half a gigabyte.
pub(crate) const PAGES_MAX: &str = "131072";

/// The log of one file.
#[derive(Debug)]
pub(crate) struct Log {
    file: PathBuf,
    /// A connection of its own: readers are not kept waiting.
    copier: SqlitePool,
    write: SqlitePool,
    /// From which length on it is copied, in bytes.
    long: u64,
    is_copied: AtomicBool,
    /// How long it was when it was copied last.
    copied_at: AtomicU64,
}

impl Log {
    pub(crate) fn new(database: &Path, copier: SqlitePool, write: SqlitePool, long: u64) -> Self {
        let mut file = database.as_os_str().to_owned();
        file.push("-wal");
        let (is_copied, copied_at) = (AtomicBool::new(false), AtomicU64::new(0));
        Self { file: file.into(), copier, write, long, is_copied, copied_at }
    }

    /// Has the log copied where it has become long. Whoever calls goes on meanwhile.
    pub(crate) fn copy_if_long(self: &Arc<Self>) {
        let length = std::fs::metadata(&self.file).map_or(0, |file| file.len());
        if length <= self.long {
            self.copied_at.store(0, Ordering::Relaxed);
            return;
        }
        // A log that cannot begin anew, because somebody reads in it, is not copied again for every commit.
        let is_more = length >= self.copied_at.load(Ordering::Relaxed).saturating_add(self.long / 4);
        if !is_more || self.is_copied.swap(true, Ordering::AcqRel) {
            return;
        }
        self.copied_at.store(length, Ordering::Relaxed);
        let log = Arc::clone(self);
        tokio::spawn(async move {
            if let Err(error) = log.copy().await {
                tracing::warn!(%error, "log.not_copied");
            }
            log.is_copied.store(false, Ordering::Release);
        });
    }

    /// Most of it while others write, the rest while nobody does: a log begins anew once nothing is left to be copied.
    async fn copy(&self) -> Result<(), sqlx::Error> {
        const COPY: &str = "-- log: copy it into the file
            PRAGMA wal_checkpoint(PASSIVE)";
        for _ in 0..2 {
            sqlx::query(COPY).execute(&self.copier).await?;
        }
        sqlx::query(COPY).execute(&self.write).await.map(drop)
    }

    pub(crate) async fn close(&self) {
        self.copier.close().await;
    }
}

#[cfg(test)]
mod tests {
    use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};

    use super::*;

    const SHORT: u64 = 256 * 1024;

    async fn grow(write: &SqlitePool) {
        sqlx::query("INSERT INTO filler (bytes) VALUES (randomblob(400000))").execute(write).await.expect("a row");
    }

    async fn copied(log: &Arc<Log>) {
        log.copy_if_long();
        while log.is_copied.load(Ordering::Acquire) {
            tokio::task::yield_now().await;
        }
    }

    /// A long log is copied once, begins anew with the next write, and then is copied when it is long again; while somebody reads in it,
    /// it is not copied for each commit.
    #[tokio::test]
    async fn a_long_log_is_copied_and_begins_anew() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("log.db");
        let options = SqliteConnectOptions::new()
            .filename(&file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .pragma("wal_autocheckpoint", "0")
            .pragma("journal_size_limit", SHORT.to_string());
        let one = || SqlitePoolOptions::new().max_connections(1).connect_lazy_with(options.clone());
        let (write, read) = (one(), one());
        let log = Arc::new(Log::new(&file, one(), write.clone(), SHORT));
        let length = || std::fs::metadata(&log.file).expect("the log").len();
        sqlx::query("CREATE TABLE filler (bytes BLOB)").execute(&write).await.expect("a table");
        grow(&write).await;
        let long = length();
        assert!(long > SHORT);
        copied(&log).await;
        sqlx::query("INSERT INTO filler (bytes) VALUES (x'00')").execute(&write).await.expect("a row");
        assert!(length() <= SHORT, "it began anew and was cut back");
        copied(&log).await;
        assert_eq!(log.copied_at.load(Ordering::Relaxed), 0, "a short log is left alone");
        let mut reader = read.begin().await.expect("a reader");
        let seen: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM filler").fetch_one(&mut *reader).await.expect("a count");
        grow(&write).await;
        copied(&log).await;
        let copied_at = log.copied_at.load(Ordering::Relaxed);
        sqlx::query("INSERT INTO filler (bytes) VALUES (x'00')").execute(&write).await.expect("a row");
        copied(&log).await;
        assert_eq!(
            (seen, log.copied_at.load(Ordering::Relaxed)),
            (2, copied_at),
            "somebody reads, and it is not much longer"
        );
    }
}

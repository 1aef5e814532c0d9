//! Which database, and opening it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use relance_domain::suppression::SuppressionKeys;
use relance_store::Store;
use relance_store_postgres::PostgresStore;
use relance_store_sqlite::SqliteStore;

use crate::out;
use crate::suppression_keys::{self, KeySettings};

/// The address of a database. Printing it hides the password.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Database {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// The URL of a PostgreSQL database, password included.
    Postgres(String),
}

/// The text is not the address of a database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{shown:?} is not a database: write sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/NAME")]
pub(crate) struct NotADatabase {
    shown: String,
}

impl FromStr for Database {
    type Err = NotADatabase;

    fn from_str(text: &str) -> Result<Self, NotADatabase> {
        let wrong = || NotADatabase { shown: without_password(text) };
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        let path = text.strip_prefix("sqlite:").ok_or_else(wrong)?;
        let path = path.strip_prefix("//").unwrap_or(path);
        // A database in memory would be gone with the command, and differs between connections.
        if path.is_empty() || path.ends_with('/') || path.contains(":memory:") {
            Err(wrong())
        } else {
            Ok(Self::Sqlite(path.into()))
        }
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => f.write_str(&without_password(url)),
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}

/// The URL with `****` for every password in it, be it before the host or among the parameters.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    // The last @ ends the password whatever characters it holds; hiding too much is better than hiding too little.
    let rest = match rest.rsplit_once('@') {
        Some((who, place)) => {
            let user = who.split_once(':').map_or(who.to_owned(), |(user, _)| format!("{user}:****"));
            format!("{user}@{place}")
        }
        None => rest.to_owned(),
    };
    let (place, parameters) = match rest.split_once('?') {
        Some((place, parameters)) => (place.to_owned(), Some(parameters)),
        None => (rest, None),
    };
    let hidden = parameters.map(|parameters| {
        let hide = |parameter: &str| match parameter.split_once('=') {
            Some((name, _)) if name.to_lowercase().contains("password") => format!("{name}=****"),
            _ => parameter.to_owned(),
        };
        parameters.split('&').map(hide).collect::<Vec<_>>().join("&")
    });
    match hidden {
        Some(parameters) => format!("{scheme}://{place}?{parameters}"),
        None => format!("{scheme}://{place}"),
    }
}

impl Database {
    /// Connects with the keys of the settings. A SQLite file and its folder are made where they are missing; tables are not. Where
    /// nobody has a key yet, neither this node nor the database, one is made.
    pub(crate) async fn open(&self, settings: &KeySettings) -> Result<Arc<dyn Store>> {
        if let Some(keys) = settings.read(self)? {
            return self.connect(keys).await;
        }
        let file = settings.file_of(self);
        let store = self.connect(suppression_keys::passing()).await?;
        let known = store.suppression_keys().await;
        store.close().await;
        if !known?.is_empty() {
            bail!("{}", self.lacks_key(&file));
        }
        let keys = suppression_keys::make(&file)?;
        if matches!(self, Self::Postgres(_)) {
            out::note(&format!(
                "warning: {} is new: it holds the key that suppressed numbers are hashed with; copy it to every node of {self}",
                file.display()
            ));
        }
        self.connect(keys).await
    }

    /// What somebody is told whose node has no key though the database has one.
    pub(crate) fn lacks_key(&self, file: &Path) -> String {
        format!(
            "{self} hashes the numbers that must not be called with a key that this node has not: there is no file {}. Copy the key \
             file of a node that works, or name it in the setting suppression_key_file (RELANCE__SUPPRESSION_KEY_FILE), or give its \
             keys in RELANCE__SUPPRESSION_KEY",
            file.display()
        )
    }

    /// Connects with these keys, which nothing has held against the database yet.
    pub(crate) async fn connect(&self, keys: SuppressionKeys) -> Result<Arc<dyn Store>> {
        Ok(match self {
            Self::Sqlite(path) => {
                make_folder_of(path)?;
                let store = SqliteStore::open(path, keys).await;
                Arc::new(store.with_context(|| format!("cannot open the SQLite file {}", path.display()))?)
            }
            Self::Postgres(url) => {
                let store = PostgresStore::connect(url, keys).await;
                Arc::new(store.with_context(|| format!("cannot connect to {self}"))?)
            }
        })
    }

    /// Whether one process at a time serves it. Loads that are open when that process starts are dead.
    pub(crate) fn is_served_alone(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    /// Connects and sees to it that the tables are those of this program, by migrating or by refusing, and that the keys are those of
    /// the database.
    pub(crate) async fn open_current(&self, migrate: bool, keys: &KeySettings) -> Result<Arc<dyn Store>> {
        let store = self.open(keys).await?;
        if migrate {
            store.migrate().await.with_context(|| format!("cannot migrate {}", store.describe()))?;
            return Ok(store);
        }
        let pending = store.pending_migrations().await?;
        if !pending.is_empty() {
            bail!("{} lacks {} of this program's migrations: run `relance migrate`", store.describe(), pending.len());
        }
        store.check_suppression_keys().await.with_context(|| format!("cannot serve {}", store.describe()))?;
        Ok(store)
    }
}

/// An empty store for what needs none, like checking a campaign folder. It has no tables and is gone with the command.
pub(crate) async fn nowhere() -> Result<Arc<dyn Store>> {
    Ok(Arc::new(SqliteStore::open(Path::new(":memory:"), suppression_keys::passing()).await?))
}

fn make_folder_of(file: &Path) -> Result<()> {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => {
            std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_kinds() {
        for (text, path) in [
            ("sqlite:relance.db", "relance.db"),
            ("sqlite://data/relance.db", "data/relance.db"),
            ("sqlite:///var/lib/relance.db", "/var/lib/relance.db"),
        ] {
            assert_eq!(text.parse(), Ok(Database::Sqlite(path.into())), "{text}");
        }
        assert!(matches!("postgres://localhost/relance".parse(), Ok(Database::Postgres(_))));
        for wrong in ["", "relance.db", "mysql://localhost/x", "sqlite:", "sqlite::memory:", "sqlite:data/"] {
            assert!(wrong.parse::<Database>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn never_prints_a_password() {
        for (url, shown) in [
            ("postgres://ann:s3cret@db:5432/relance", "postgres://ann:****@db:5432/relance"),
            ("postgres://ann:s3:c@r/e?t@db/relance", "postgres://ann:****@db/relance"),
            ("postgres://db/relance?user=ann&password=s3cret", "postgres://db/relance?user=ann&password=****"),
            ("postgres://ann@db/relance?sslmode=require", "postgres://ann@db/relance?sslmode=require"),
        ] {
            let database: Database = url.parse().expect(url);
            assert_eq!(database.to_string(), shown);
            assert!(!format!("{database:?}").contains("s3"), "{database:?}");
        }
        let wrong = "mysql://ann:s3cret@db/relance".parse::<Database>().expect_err("not ours");
        assert!(!wrong.to_string().contains("s3cret") && !format!("{wrong:?}").contains("s3cret"), "{wrong}");
    }
}

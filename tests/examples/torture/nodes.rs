//! The nodes, and the database beneath them: killed, restarted, and found again.

use std::env;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};
use std::thread;
use std::time::Duration;

use relance_tests::binary::Server;
use relance_tests::database::Database;

use crate::dice::Dice;

/// The variable with the command that restarts the database at once, its words one a line; `cargo xtask torture` sets it.
const RESTART_VARIABLE: &str = "RELANCE_TORTURE_RESTART";

/// Nodes of one database.
pub(crate) struct Nodes {
    database: Database,
    running: Vec<Mutex<Option<Server>>>,
    urls: Vec<RwLock<String>>,
    kills: AtomicU64,
    restarts: AtomicU64,
}

impl Nodes {
    /// Starts so many nodes. They listen on free ports of the loopback.
    pub(crate) fn start(database: &Database, count: usize) -> Self {
        let first = Server::start(&database.argument());
        let servers = std::iter::once(first).chain((1..count).map(|_| Server::start(&database.argument())));
        let servers: Vec<Server> = servers.collect();
        Self {
            database: database.clone(),
            urls: servers.iter().map(|server| RwLock::new(server.url.clone())).collect(),
            running: servers.into_iter().map(|server| Mutex::new(Some(server))).collect(),
            kills: AtomicU64::new(0),
            restarts: AtomicU64::new(0),
        }
    }

    /// Where one of the nodes listens, or did before it was killed.
    pub(crate) fn url(&self, number: usize) -> String {
        self.urls[number % self.urls.len()].read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// `kill -9` for one of them, which is started again after a while.
    pub(crate) fn kill_one(&self, dice: &mut Dice) {
        let number = usize::try_from(dice.below(self.running.len() as u64)).unwrap_or_default();
        let mut running = self.running[number].lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = running.take() {
            server.kill();
        }
        self.kills.fetch_add(1, Ordering::Relaxed);
        thread::sleep(Duration::from_millis(dice.below(1_500)));
        let server = Server::start(&self.database.argument());
        *self.urls[number].write().unwrap_or_else(PoisonError::into_inner) = server.url.clone();
        *running = Some(server);
    }

    /// Restarts the database without letting it end anything.
    pub(crate) fn restart_database(&self) {
        let command = env::var(RESTART_VARIABLE).expect("cargo xtask torture tells how the database is restarted");
        let mut words = command.lines();
        let status = Command::new(words.next().unwrap_or_default()).args(words).status();
        assert!(
            status.as_ref().is_ok_and(std::process::ExitStatus::success),
            "cannot restart the database: {status:?}"
        );
        self.restarts.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn kills(&self) -> u64 {
        self.kills.load(Ordering::Relaxed)
    }

    pub(crate) fn restarts(&self) -> u64 {
        self.restarts.load(Ordering::Relaxed)
    }
}

//! Hearing what other nodes do: one connection that listens on one channel.
//!
//! What is notified is only that there may be work, never what: nothing personal passes, and a notification that is lost costs
//! no more than the time until somebody looks by themselves. So it may be lost: with the connection, or where a pooler between us
//! and the server lets nobody listen.

use std::sync::OnceLock;
use std::time::Duration;

use relance_store::bell::WorkBell;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

/// The channel on which all nodes of a database ring.
pub(crate) const CHANNEL: &str = "relance_work";

/// A connection on which nothing was heard for so long is asked whether it is still there.
const SILENCE_MAX: Duration = Duration::from_secs(30);
/// How long it may take to answer, and a new one to be made.
const ANSWER_MAX: Duration = Duration::from_secs(10);
/// The pause after a connection was lost; it doubles while none can be made.
const PAUSE_MIN: Duration = Duration::from_millis(100);
/// The longest pause between two tries.
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// The bell of a store, and the task that rings it; the task begins when the bell is first asked for and ends with this value.
pub(crate) struct Listener {
    bell: WorkBell,
    options: PgConnectOptions,
    task: OnceLock<AbortHandle>,
}

impl Listener {
    pub(crate) fn new(options: PgConnectOptions) -> Self {
        Self { bell: WorkBell::default(), options, task: OnceLock::new() }
    }

    /// The bell. Whoever only reads and writes asks for none, and costs the server no further connection.
    pub(crate) fn bell(&self) -> &WorkBell {
        self.task.get_or_init(|| {
            let (bell, options) = (self.bell.clone(), self.options.clone());
            tokio::spawn(ring_for_ever(bell, options)).abort_handle()
        });
        &self.bell
    }

    /// Listens no more.
    pub(crate) fn stop(&self) {
        if let Some(task) = self.task.get() {
            task.abort();
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Listens, and connects again whenever the connection is lost.
async fn ring_for_ever(bell: WorkBell, options: PgConnectOptions) {
    let mut pause = PAUSE_MIN;
    loop {
        match timeout(ANSWER_MAX, connect(&options)).await {
            Ok(Ok(listener)) => {
                pause = PAUSE_MIN;
                // Somebody may have rung while nobody listened.
                bell.ring();
                let lost = ring_until_lost(&bell, listener).await;
                tracing::warn!(error = lost, "bell.connection_lost");
            }
            Ok(Err(error)) => tracing::warn!(%error, "bell.cannot_listen"),
            Err(_) => tracing::warn!(waited_s = ANSWER_MAX.as_secs(), "bell.cannot_listen"),
        }
        sleep(pause).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

/// A connection of its own that listens: one of the pool would be missing there.
async fn connect(options: &PgConnectOptions) -> sqlx::Result<PgListener> {
    let only = PgPoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None);
    let mut listener = PgListener::connect_with(&only.connect_lazy_with(options.clone())).await?;
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

/// Rings as often as something is heard; tells how the connection was lost.
async fn ring_until_lost(bell: &WorkBell, mut listener: PgListener) -> String {
    loop {
        match timeout(SILENCE_MAX, listener.try_recv()).await {
            Ok(Ok(Some(_))) => bell.ring(),
            Ok(Ok(None)) => return "the server closed it".to_owned(),
            Ok(Err(error)) => return error.to_string(),
            Err(_) => {
                let answer = sqlx::query("-- bell: are you there?\nSELECT 1").execute(&mut listener);
                match timeout(ANSWER_MAX, answer).await {
                    Ok(Ok(_)) => {}
                    Ok(Err(error)) => return error.to_string(),
                    Err(_) => return "the server answers no more".to_owned(),
                }
            }
        }
    }
}

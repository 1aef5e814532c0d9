//! The server: the API, the engine's loops, and their orderly end.

use std::future::Future;
use std::time::Duration;

use anyhow::{Context, Result};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use relance_scheduler::{Engine, RulePack, loops};
use relance_web::Server;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::settings::{Settings, Source};
use crate::{Exit, Usage, calling_rules, out, sources};

/// How long the loops rest when nothing was left to do.
const LOOP_PAUSE: Duration = Duration::from_secs(1);
/// Upper bounds of the buckets that times are counted in, in seconds.
const SECONDS_BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// `relance serve`
pub(crate) async fn run(settings: &Settings) -> Result<Exit> {
    opens_a_database(settings)?;
    let rules = calling_rules::read(settings)?;
    let store = settings.database.value.open_current(settings.migrate_at_start.value, &settings.keys()).await?;
    let engine = sources::engine(store, rules, settings)?;
    if settings.database.value.is_served_alone() {
        engine.presume_loads_dead().await.context("cannot look for loads that a crash has left")?;
    }
    let listener = bind(&settings.listen.value).await?;
    tell_address(&listener)?;
    until_stopped(engine, listener).await?;
    Ok(Exit::Done)
}

/// Refuses `--server` for commands that ask none.
pub(crate) fn opens_a_database(settings: &Settings) -> Result<()> {
    match settings.server.source {
        Source::Flag("--server") => {
            Err(Usage("this command opens a database itself: leave out --server".to_owned()).into())
        }
        _ => Ok(()),
    }
}

/// Listens at an address.
pub(crate) async fn bind(address: &str) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))
}

/// Prints where the server listens, for people and programs that wait for it.
pub(crate) fn tell_address(listener: &TcpListener) -> Result<String> {
    let url = format!("http://{}", listener.local_addr().context("cannot tell the address")?);
    // A server whose standard output nobody reads serves on.
    let _ = out::line(&format!("listening on {url}"));
    Ok(url)
}

/// Serves and runs the loops until SIGTERM or Ctrl-C, then ends everything in good order.
pub(crate) async fn until_stopped(engine: Engine, listener: TcpListener) -> Result<()> {
    let signal = stop_signal()?;
    let router = relance_web::router(Server { engine: engine.clone(), metrics: Some(keep_metrics()?) });
    let stop_loops = CancellationToken::new();
    let looping = tokio::spawn(loops::run(engine.clone(), LOOP_PAUSE, stop_loops.clone()));
    tell_rules(&engine);
    tracing::info!(database = engine.store().describe(), "server.started");
    let waiting = engine.clone();
    let served = relance_web::serve(listener, router, async move {
        signal.await;
        tracing::info!("server.stopping");
        waiting.end_waits();
    })
    .await;
    stop_loops.cancel();
    let looped = looping.await;
    engine.store().close().await;
    tracing::info!("server.stopped");
    served.context("the server failed")?;
    looped.context("the loops failed")
}

/// Logs which calling rules are in force, and warns where their holidays end soon.
fn tell_rules(engine: &Engine) {
    let RulePack { name, edition, version, rules, unverified, warning, .. } = engine.rule_pack();
    tracing::info!(pack = name, %edition, version, rules, unverified, "rules.in_force");
    if let Some(warning) = warning {
        tracing::warn!(warning, "rules.holidays_end");
    }
}

fn keep_metrics() -> Result<PrometheusHandle> {
    let builder =
        PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS_BUCKETS)?;
    builder.install_recorder().context("cannot keep metrics")
}

/// Done when the process is told to stop.
#[cfg(unix)]
fn stop_signal() -> Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let cannot = "cannot listen for signals";
    let mut terminate = signal(SignalKind::terminate()).context(cannot)?;
    let mut interrupt = signal(SignalKind::interrupt()).context(cannot)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Done when the process is told to stop.
#[cfg(not(unix))]
fn stop_signal() -> Result<impl Future<Output = ()>> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

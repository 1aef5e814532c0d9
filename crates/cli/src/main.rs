//! `relance`: the command line, and the only place that wires a database, the engine and the API together.
//!
//! A data command is a request of the API, sent to the router in this process or to a server (see `transport`), and a
//! table or JSON made of its answer (see `print`).

mod args;
mod callback_time;
mod calling_rules;
mod commands;
mod database;
mod demo;
mod doctor;
mod log;
mod out;
mod print;
mod progress;
mod refusal;
mod secret;
mod serve;
mod settings;
mod sources;
mod suppression_keys;
mod transport;
mod visit_day;
mod webhooks;
mod world;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;

use args::Arguments;

/// How a command ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exit {
    /// Done.
    Done,
    /// Done, and the answer is bad news: a check found problems.
    Failed,
    /// Done, but some rows were rejected.
    RowsRejected,
    /// Done, and the answer is that the call may not be made.
    NotCallable,
    /// Done, and rows on record break a promise.
    Violated,
}

/// A wrong use of the command line that only showed when its parts were put together.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Usage(String);

fn main() -> ExitCode {
    // Wrong flags end here, with 2.
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(Exit::Done) => ExitCode::SUCCESS,
        Ok(Exit::Failed) => ExitCode::from(1),
        Ok(Exit::RowsRejected) => ExitCode::from(3),
        Ok(Exit::NotCallable) => ExitCode::from(4),
        Ok(Exit::Violated) => ExitCode::from(5),
        Err(error) if out::reader_is_gone(&error) => ExitCode::SUCCESS,
        Err(error) => {
            out::note(&format!("error: {error:#}"));
            ExitCode::from(if error.is::<Usage>() { 2 } else { 1 })
        }
    }
}

/// A file that meets a limit on the length of files (RLIMIT_FSIZE) is a failure of the write that meets it, as on a full
/// disk. The signal that the system sends besides would end the program without a word; listening to it keeps it from that.
#[cfg(unix)]
fn outlive_file_limits() -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    const SIGXFSZ: i32 = 25;
    signal(SignalKind::from_raw(SIGXFSZ)).context("cannot listen for signals").map(drop)
}

#[cfg(not(unix))]
fn outlive_file_limits() -> Result<()> {
    Ok(())
}

fn run(arguments: Arguments) -> Result<Exit> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start")?;
    let done = runtime.block_on(async {
        outlive_file_limits()?;
        commands::run(arguments).await
    });
    // What still runs on other threads, like the reading of a file whose load failed, is not waited for.
    runtime.shutdown_timeout(Duration::from_millis(100));
    done
}

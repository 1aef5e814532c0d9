//! Running the product: demo, serve, migrate, doctor, completions.

use std::path::PathBuf;

use clap::Args;

pub(super) const MIGRATE_HELP: &str = "Examples:
  relance migrate
  relance migrate --database postgres://relance:secret@db/relance

Every command migrates when it opens the database, unless the setting migrate_at_start is false.";

pub(super) const DOCTOR_HELP: &str = "Examples:
  relance doctor
  relance doctor --database postgres://relance:secret@db/relance
  relance doctor --server https://relance.example --token rl_…

Exits with 1 when a check fails. Passwords and tokens are not shown.";

pub(super) const COMPLETIONS_HELP: &str = "Example:
  relance completions bash > ~/.local/share/bash-completion/completions/relance";

/// `relance demo`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  relance demo
  relance demo --fresh --listen 127.0.0.1:9000
  relance demo --dir /tmp/relance-demo

Asking again goes on with what is there. Stop it with Ctrl-C.")]
pub(crate) struct Demo {
    /// Begin anew: remove the files of an earlier demo first
    #[arg(long)]
    pub(crate) fresh: bool,
    /// Listen here [default: 127.0.0.1:8080, or the next port that is free]
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<String>,
    /// Keep the demo's files here
    #[arg(long, value_name = "DIR", default_value = "relance-data")]
    pub(crate) dir: PathBuf,
}

/// `relance serve`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  relance serve
  relance serve --listen 0.0.0.0:8080 --database postgres://relance:secret@db/relance

Several servers may share one PostgreSQL database. SIGTERM and Ctrl-C end it in good order.")]
pub(crate) struct Serve {
    /// Listen here [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<String>,
}

/// `relance completions`
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// For which shell
    pub(crate) shell: clap_complete::Shell,
}

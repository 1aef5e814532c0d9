//! `cargo xtask torture`: the real binary beside a PostgreSQL that may be restarted at any moment.

use std::env;
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::cluster::Cluster;
use crate::tests_run::program;
use crate::{SERVER_VARIABLE, cargo, exit_code, finish};

/// The variable with the command that restarts the database, its words one a line.
const RESTART_VARIABLE: &str = "RELANCE_TORTURE_RESTART";

/// Builds the program and tortures it. The server is always our own: nobody else's may be restarted.
pub(crate) fn run(minutes: u64, store: Option<String>, seed: Option<u64>) -> Result<ExitCode> {
    let built =
        cargo::command(["build", "--locked", "--package", "relance-cli"]).status().context("cannot run cargo")?;
    if !built.success() {
        return Ok(exit_code(built));
    }
    let cluster = Cluster::start()?;
    let own = env::current_exe().context("cannot find our own program")?;
    let restart = [&[own.display().to_string()], cluster.restart_arguments().as_slice()].concat().join("\n");
    let mut command =
        cargo::command(["run", "--locked", "--quiet", "--package", "relance-tests", "--example", "torture", "--"]);
    command.arg("--minutes").arg(minutes.to_string());
    for (name, value) in [("--store", store), ("--seed", seed.map(|seed| seed.to_string()))] {
        if let Some(value) = value {
            command.args([name, &value]);
        }
    }
    finish(command.env(SERVER_VARIABLE, cluster.url()).env("RELANCE_BIN", program()?).env(RESTART_VARIABLE, restart))
}

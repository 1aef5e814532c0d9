//! `cargo xtask`: what is done with the source tree itself. `cargo xtask test` runs every test on both databases.

mod cargo;
mod cluster;
mod programs;
mod tests_run;
mod torture;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, ExitCode, ExitStatus};

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

use crate::cluster::{Cluster, Server};
use crate::programs::Programs;

/// The variable that tells tests which PostgreSQL server they may create databases on.
pub(crate) const SERVER_VARIABLE: &str = "RELANCE_TEST_POSTGRES";

/// The variable that tells where PostgreSQL's other programs are.
const PROGRAMS_VARIABLE: &str = "RELANCE_POSTGRES_PROGRAMS";

/// Tests, checks and measurements of the source tree.
#[derive(Parser)]
#[command(name = "xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run every test on both databases and print the sum
    ///
    /// Starts a private PostgreSQL that lives as long as the run, and installs the package where it is missing. Set
    /// RELANCE_TEST_POSTGRES to the URL of a server to use that one instead. What follows goes to `cargo test`:
    /// `cargo xtask test -- claims` runs the tests with `claims` in their name.
    Test {
        /// Arguments for `cargo test`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENT")]
        arguments: Vec<OsString>,
    },
    /// Run everything a change has to pass: formatting, lints, documentation, dependencies, tests
    Ci,
    /// Measure the main path on a durable PostgreSQL of its own, or what is named
    ///
    /// `cargo xtask bench hand-out` measures what claims and outcomes cost at any size; `lists` and `funnel` are others. `--help`
    /// after the name tells the options.
    Bench {
        /// Arguments for the benchmark
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENT")]
        arguments: Vec<OsString>,
    },
    /// Kill nodes of the real binary and restart its database while 200 operators call, then verify
    ///
    /// Three nodes on a private, durable PostgreSQL, one on SQLite, all on the loopback and in a debug build. Prints its seed and a
    /// table; exits non-zero where anything was lost, done twice or broken.
    Torture {
        /// How long each store is tortured
        #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=600))]
        minutes: u64,
        /// Only this store: sqlite or postgres
        #[arg(long)]
        store: Option<String>,
        /// The seed of a run before: the same chances, though not the same instants
        #[arg(long)]
        seed: Option<u64>,
    },
    /// Live weeks of a simulated call centre, and hold every step to the promises
    ///
    /// The same seed is the same life: what a failure prints replays it. `docs/reliability.md` tells what is simulated.
    Simulate {
        /// How many lives, of the seeds from 1 on
        #[arg(long, default_value_t = 20)]
        seeds: u64,
        /// Only the life of this seed
        #[arg(long)]
        seed: Option<u64>,
        /// Days of virtual time before everybody left is called
        #[arg(long, default_value_t = 28)]
        days: u64,
        /// End each life after so many steps
        #[arg(long)]
        steps: Option<u64>,
        /// Where the data lies: sqlite or postgres
        #[arg(long, default_value = "sqlite", value_parser = ["sqlite", "postgres"])]
        store: String,
        /// Build the deliberate faults in, and live with each until it is found
        #[arg(long)]
        faults: bool,
        /// Tell every line as it happens
        #[arg(long)]
        aloud: bool,
    },
    /// Run any command beside a private PostgreSQL, its URL in RELANCE_TEST_POSTGRES
    ///
    /// The server starts with the command and is thrown away when the command ends:
    /// `cargo xtask postgres -- cargo test -p relance-store-postgres`, or
    /// `cargo xtask postgres -- sh -c 'psql "$RELANCE_TEST_POSTGRES"'`.
    Postgres {
        /// The command and its arguments
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true, value_name = "COMMAND")]
        command: Vec<OsString>,
    },
    /// Restart a private PostgreSQL without letting it end anything
    #[command(hide = true)]
    RestartCluster {
        /// The folder of PostgreSQL's programs
        #[arg(long)]
        programs: PathBuf,
        /// The folder that holds the cluster
        #[arg(long)]
        folder: PathBuf,
    },
    /// Stop a private PostgreSQL and remove its folder once standard input ends
    #[command(hide = true)]
    EndCluster {
        /// The folder of PostgreSQL's programs
        #[arg(long)]
        programs: PathBuf,
        /// The folder that holds the cluster
        #[arg(long)]
        folder: PathBuf,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().task) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<ExitCode> {
    match task {
        Task::Test { arguments } => tests_run::run(&arguments),
        Task::Ci => finish(&mut Command::new(cargo::workspace_folder().join(".ci/run"))),
        Task::Bench { arguments } => bench(&arguments),
        Task::Simulate { seeds, seed, days, steps, store, faults, aloud } => {
            let mut numbers =
                vec![("--seeds", Some(seeds)), ("--seed", seed), ("--days", Some(days)), ("--steps", steps)];
            numbers.retain(|(_, number)| number.is_some());
            let numbers =
                numbers.into_iter().flat_map(|(name, number)| [name.to_owned(), number.unwrap_or(0).to_string()]);
            let flags = [("--faults", faults), ("--aloud", aloud)].into_iter().filter(|(_, given)| *given);
            let flags = flags.map(|(name, _)| name.to_owned());
            let arguments: Vec<String> = numbers.chain(flags).chain(["--store".to_owned(), store]).collect();
            simulate(&arguments, faults)
        }
        Task::Postgres { command } => beside_postgres(&command),
        Task::Torture { minutes, store, seed } => torture::run(minutes, store, seed),
        Task::RestartCluster { programs, folder } => {
            cluster::restart(&programs, &folder)?;
            Ok(ExitCode::SUCCESS)
        }
        Task::EndCluster { programs, folder } => {
            cluster::end_when_input_ends(&programs, &folder)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn bench(arguments: &[OsString]) -> Result<ExitCode> {
    let server = Server::ready()?;
    let programs = Programs::find_or_install()?;
    let mut command = cargo::command(["bench", "--locked", "--package", "relance-tests", "--bench", "main_path", "--"]);
    finish(command.args(arguments).env(SERVER_VARIABLE, server.url()).env(PROGRAMS_VARIABLE, programs.folder))
}

/// Without optimisation: that takes longer to build than it saves on some hundred lives.
fn simulate(arguments: &[String], faults: bool) -> Result<ExitCode> {
    let on_postgres = arguments.iter().any(|argument| argument == "postgres");
    let server = on_postgres.then(Server::ready).transpose()?;
    let mut command = cargo::command([
        "bench",
        "--locked",
        "--profile",
        "dev",
        "--package",
        "relance-tests",
        "--bench",
        "simulation",
    ]);
    if faults {
        command.args(["--features", "faults"]);
    }
    if let Some(server) = &server {
        command.env(SERVER_VARIABLE, server.url());
    }
    finish(command.arg("--").args(arguments))
}

fn beside_postgres(command: &[OsString]) -> Result<ExitCode> {
    let (program, arguments) = command.split_first().context("no command was given")?;
    let cluster = Cluster::start()?;
    let mut command = Command::new(program);
    cargo::forget_own_package(&mut command);
    finish(command.args(arguments).env(SERVER_VARIABLE, cluster.url()))
}

/// Runs a command to its end; its exit code is ours.
pub(crate) fn finish(command: &mut Command) -> Result<ExitCode> {
    let status = command.status().with_context(|| format!("cannot run {}", command.get_program().to_string_lossy()))?;
    Ok(exit_code(status))
}

/// The exit code of a program; one that a signal ended counts as failed.
pub(crate) fn exit_code(status: ExitStatus) -> ExitCode {
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    ExitCode::from(code)
}

//! What may be typed. One file per group of commands; `commands/` has the same files.

pub(crate) mod assignments;
pub(crate) mod calls;
pub(crate) mod campaigns;
pub(crate) mod clients;
pub(crate) mod late;
pub(crate) mod leads;
pub(crate) mod lists;
pub(crate) mod orders;
pub(crate) mod outcome;
pub(crate) mod questions;
pub(crate) mod rules;
pub(crate) mod server;
pub(crate) mod suppress;
pub(crate) mod tariffs;
pub(crate) mod users;
mod values;
pub(crate) mod webhooks;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::database::Database;
use crate::secret::Secret;
use crate::settings::Flags;
use crate::transport::ServerUrl;

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "relance",
    version,
    about = "Outbound calling campaigns: lists in, the right lead to every operator, every outcome kept",
    long_about = None,
    propagate_version = true,
    max_term_width = 100,
    after_help = "Examples:
  relance demo                                 a running demonstration, with a login for every role
  relance campaign apply campaigns/bank-loan   store a campaign definition
  relance next --operator olga                 the next lead to call
  relance --server https://relance.example --token rl_… queue bank-loan

Data commands work on the database (--database), or ask a server (--server, --token); both answer alike.
Settings also come from relance.toml and from RELANCE__… variables: see `relance doctor`.
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done but some rows were rejected,
4 done and the call that was tested may not be made, 5 done and rows on record break a promise."
)]
pub(crate) struct Arguments {
    /// Flags of every command.
    #[command(flatten)]
    pub(crate) global: Global,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// The database: sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/NAME [default: sqlite:relance-data/relance.db]
    #[arg(long, global = true, value_name = "URL", conflicts_with = "server")]
    pub(crate) database: Option<Database>,
    /// Ask this server instead of opening a database, as in `https://relance.example`
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) server: Option<ServerUrl>,
    /// What the server knows you by; better kept in RELANCE__TOKEN
    #[arg(long, global = true, value_name = "TOKEN", value_parser = values::secret)]
    pub(crate) token: Option<Secret>,
    /// Print the answer as JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Read settings from this file [default: relance.toml where it is there]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// What to log on standard error: error, warn, info, debug, trace, or directives
    #[arg(long, global = true, value_name = "LEVEL")]
    pub(crate) log: Option<String>,
}

impl Global {
    /// What the flags say of settings.
    pub(crate) fn flags(&self, listen: Option<String>) -> Flags {
        Flags {
            config: self.config.clone(),
            database: self.database.clone(),
            server: self.server.clone(),
            token: self.token.clone(),
            listen,
            log: self.log.clone(),
        }
    }
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the product: two campaigns with clients, a login for every role, and a server
    Demo(server::Demo),
    /// Serve the API until told to stop
    Serve(server::Serve),
    /// Create and alter the database's tables
    #[command(after_help = server::MIGRATE_HELP)]
    Migrate,
    /// Show the settings in force and check what the program stands on
    #[command(after_help = server::DOCTOR_HELP)]
    Doctor,
    /// Check, apply, start and stop campaigns
    #[command(subcommand)]
    Campaign(campaigns::Campaign),
    /// Load lists of clients, look at them, take them back
    #[command(subcommand)]
    List(lists::List),
    /// Keep a lead for one operator
    #[command(subcommand)]
    Lead(leads::Lead),
    /// Look a client up; merge two clients who are one person
    #[command(subcommand)]
    Client(clients::Client),
    /// Add, list and disable the people who sign in; say what they can do
    #[command(subcommand)]
    Operator(users::Operator),
    /// Receive the next lead to call
    Next(calls::Next),
    /// Record what happened in a call
    Outcome(Box<outcome::Outcome>),
    /// Show orders
    Orders(orders::Orders),
    /// Show what waits for other systems that are told of orders, and send it again
    Webhooks(webhooks::Webhooks),
    /// Fill in order forms; verify, correct, fulfil and cancel orders
    #[command(subcommand)]
    Order(Box<orders::Order>),
    /// Say that the call with the lead that is held goes on
    Hold(assignments::Hold),
    /// Hand the lead that is held back as not called
    HandBack(assignments::HandBack),
    /// Take a lead from its operator, and perhaps hand it to another
    Take(assignments::Take),
    /// Look at outcomes that came after their assignment had ended
    #[command(subcommand)]
    Late(late::Late),
    /// Show the promises to call back that are open
    Callbacks(calls::Callbacks),
    /// Never call a phone again, or any number of a do-not-call register
    Suppress(Box<suppress::Suppress>),
    /// Show the calling rules, and test what they say of a call
    #[command(subcommand)]
    Rules(rules::Rules),
    /// Check, try, publish and retire tariffs
    #[command(subcommand)]
    Tariff(tariffs::Tariff),
    /// Say why a lead is called, or is not
    Why(questions::Why),
    /// Show where the leads of a campaign stand, each counted once
    Queue(questions::Queue),
    /// Show recorded outcomes
    Outcomes(questions::Outcomes),
    /// Show a campaign in numbers
    Report(questions::Report),
    /// Verify from what is on record that every promise was kept
    #[command(after_help = questions::VERIFY_HELP)]
    Verify,
    /// Print the API's OpenAPI document
    Openapi,
    /// Print a completion script for a shell
    #[command(after_help = server::COMPLETIONS_HELP)]
    Completions(server::Completions),
}

//! One file per group of commands, as in `args/`.

mod assignments;
mod calls;
mod campaigns;
mod clients;
mod folder;
mod late;
mod leads;
mod list_file;
mod lists;
mod order_form;
mod orders;
mod outcome;
mod pages;
mod questions;
mod rules;
mod suppress;
mod tariffs;
mod users;
mod verify;
mod webhooks;

use anyhow::Result;
use clap::CommandFactory;
use serde::de::DeserializeOwned;

use crate::args::campaigns::Campaign;
use crate::args::{Arguments, Command};
use crate::settings::Settings;
use crate::transport::{Answer, Api};
use crate::{Exit, demo, doctor, log, out, print, serve};

/// What every data command works with.
pub(crate) struct Session {
    /// The API.
    pub(crate) api: Api,
    /// Print answers as JSON.
    pub(crate) json: bool,
}

impl Session {
    /// Shows an answer: as it came, or as `table` puts it.
    fn show<T: DeserializeOwned>(&self, answer: &Answer, table: impl FnOnce(&T) -> String) -> Result<Exit> {
        if self.json {
            out::line(&answer.text)?;
        } else {
            out::text(&table(&answer.decode()?))?;
        }
        Ok(Exit::Done)
    }
}

/// Does what was asked.
pub(crate) async fn run(arguments: Arguments) -> Result<Exit> {
    let Arguments { global, command } = arguments;
    let settings = |listen: Option<&String>, usual: &str| -> Result<Settings> {
        let settings = Settings::read(global.flags(listen.cloned()))?;
        log::start(&settings, usual)?;
        Ok(settings)
    };
    match command {
        Command::Demo(demo) => demo::run(&demo, &settings(demo.listen.as_ref(), log::OF_DEMOS)?).await,
        Command::Serve(serve) => serve::run(&settings(serve.listen.as_ref(), log::OF_SERVERS)?).await,
        Command::Migrate => migrate(&settings(None, log::OF_COMMANDS)?, global.json).await,
        Command::Doctor => doctor::run(&settings(None, log::OF_COMMANDS)?, global.json).await,
        Command::Openapi => openapi(),
        Command::Completions(shell) => completions(shell.shell),
        command => {
            let settings = settings(None, log::OF_COMMANDS)?;
            let api = match command {
                Command::Campaign(Campaign::Check(_)) | Command::Rules(_) => {
                    Api::open_without_database(&settings).await?
                }
                _ => Api::open(&settings).await?,
            };
            let session = Session { api, json: global.json };
            let done = data(&session, command).await;
            session.api.close().await;
            done
        }
    }
}

async fn data(session: &Session, command: Command) -> Result<Exit> {
    match command {
        Command::Campaign(campaign) => campaigns::run(session, campaign).await,
        Command::List(list) => lists::run(session, list).await,
        Command::Lead(lead) => leads::run(session, lead).await,
        Command::Client(client) => clients::run(session, client).await,
        Command::Operator(operator) => users::run(session, operator).await,
        Command::Next(next) => calls::next(session, next).await,
        Command::Outcome(outcome) => outcome::run(session, *outcome).await,
        Command::Orders(orders) => orders::list(session, orders).await,
        Command::Webhooks(webhooks) => webhooks::run(session, webhooks).await,
        Command::Order(order) => orders::run(session, *order).await,
        Command::Hold(hold) => assignments::hold(session, hold).await,
        Command::HandBack(back) => assignments::hand_back(session, back).await,
        Command::Take(take) => assignments::take(session, take).await,
        Command::Late(late) => late::run(session, late).await,
        Command::Callbacks(callbacks) => calls::callbacks(session, callbacks).await,
        Command::Suppress(suppress) => suppress::run(session, *suppress).await,
        Command::Rules(rules) => rules::run(session, rules).await,
        Command::Tariff(tariff) => tariffs::run(session, tariff).await,
        Command::Why(why) => questions::why(session, why).await,
        Command::Queue(queue) => questions::queue(session, queue).await,
        Command::Outcomes(outcomes) => questions::outcomes(session, outcomes).await,
        Command::Report(report) => questions::report(session, report).await,
        Command::Verify => verify::run(session).await,
        Command::Demo(_)
        | Command::Serve(_)
        | Command::Migrate
        | Command::Doctor
        | Command::Openapi
        | Command::Completions(_) => unreachable!("these commands ask no API"),
    }
}

async fn migrate(settings: &Settings, json: bool) -> Result<Exit> {
    serve::opens_a_database(settings)?;
    let store = settings.database.value.open(&settings.keys()).await?;
    let pending = store.pending_migrations().await?;
    store.migrate().await?;
    let words = store.describe();
    store.close().await;
    if json {
        out::line(&serde_json::json!({ "database": words, "applied": pending }).to_string())?;
    } else {
        out::text(&print::server::migrated(&words, &pending))?;
    }
    Ok(Exit::Done)
}

fn openapi() -> Result<Exit> {
    out::line(&serde_json::to_string_pretty(&relance_web::openapi())?)?;
    Ok(Exit::Done)
}

fn completions(shell: clap_complete::Shell) -> Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "relance", &mut script);
    out::bytes(&script)?;
    Ok(Exit::Done)
}

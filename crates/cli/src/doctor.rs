//! What the program stands on: settings, database, clock, time zones, the rules of the campaigns.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use relance_domain::suppression::SuppressionKeys;
use relance_scheduler::{Clock, RulePack};
use relance_store::Store;
use relance_store::campaign::Campaign;
use relance_store::suppression::KnownKey;
use relance_store::user::User;
use serde::Serialize;

use crate::database::Database;
use crate::settings::{Setting, Settings};
use crate::transport::{Api, Call};
use crate::world::SystemClock;
use crate::{Exit, calling_rules, out, print, sources, suppression_keys};

/// Years in which a clock can be right.
const YEARS: std::ops::RangeInclusive<i16> = 2025..=2100;

/// A setting as it is shown: without secrets.
#[derive(Debug, Serialize)]
pub(crate) struct Shown {
    /// Its name.
    pub(crate) setting: String,
    /// Its value.
    pub(crate) value: String,
    /// Where it comes from.
    pub(crate) source: String,
}

/// Something that was checked.
#[derive(Debug, Serialize)]
pub(crate) struct Check {
    /// What.
    pub(crate) check: String,
    /// Whether it is as it should be.
    pub(crate) passed: bool,
    /// What was found, and what to do about it.
    pub(crate) found: String,
}

/// What was found, or what is wrong with it.
type Finding = Result<String, String>;

/// `relance doctor`
pub(crate) async fn run(settings: &Settings, json: bool) -> Result<Exit> {
    let mut checks = Vec::new();
    let mut add = |check: String, finding: Finding| {
        let passed = finding.is_ok();
        checks.push(Check { check, passed, found: finding.unwrap_or_else(|wrong| wrong) });
    };
    add("clock".into(), clock(SystemClock.now()));
    add("time zones".into(), time_zones());
    if settings.server.value.is_some() {
        check_server(settings, &mut add).await;
    } else {
        check_calling_rules(settings, &mut add);
        check_database(settings, &mut add).await;
        check_sources(settings, &mut add).await;
    }
    let shown = shown(settings);
    if json {
        out::line(&serde_json::to_string(&serde_json::json!({ "settings": shown, "checks": checks }))?)?;
    } else {
        out::text(&print::server::doctor(&shown, &checks))?;
    }
    Ok(if checks.iter().all(|check| check.passed) { Exit::Done } else { Exit::Failed })
}

fn shown(settings: &Settings) -> Vec<Shown> {
    fn of<T>(setting: impl Into<String>, from: &Setting<T>, value: impl ToString) -> Shown {
        Shown { setting: setting.into(), value: value.to_string(), source: from.source.to_string() }
    }
    let Settings {
        database,
        server,
        token,
        listen,
        log,
        log_format,
        migrate_at_start,
        suppression_key,
        suppression_key_file,
        rules,
        holidays,
        sources,
        webhooks,
    } = settings;
    let key_file = settings.keys().file_of(&database.value);
    let none = || "-".to_owned();
    let shipped =
        |path: &Option<PathBuf>| path.as_ref().map_or("shipped".to_owned(), |path| path.display().to_string());
    let usual = format!("{} (servers), {} (commands)", crate::log::OF_SERVERS, crate::log::OF_COMMANDS);
    let mut shown = vec![
        of("database", database, &database.value),
        of("server", server, server.value.as_ref().map_or_else(none, ToString::to_string)),
        of("token", token, token.value.as_ref().map_or_else(none, ToString::to_string)),
        of("listen", listen, &listen.value),
        of("log", log, log.value.clone().unwrap_or(usual)),
        of("log_format", log_format, log_format.value),
        of("migrate_at_start", migrate_at_start, migrate_at_start.value),
        of("suppression_key", suppression_key, suppression_key.value.as_ref().map_or_else(none, ToString::to_string)),
        of("suppression_key_file", suppression_key_file, key_file.display()),
        of("rules", rules, shipped(&rules.value)),
        of("holidays", holidays, shipped(&holidays.value)),
    ];
    shown.extend(webhooks.iter().map(|(name, sink)| of(format!("webhooks.{name}"), sink, &sink.value.url)));
    shown.extend(sources.iter().map(|(name, url)| of(format!("sources.{name}"), url, &url.value)));
    shown
}

fn clock(now: Timestamp) -> Finding {
    let year = now.to_zoned(TimeZone::UTC).year();
    if YEARS.contains(&year) {
        Ok(format!("{now}"))
    } else {
        Err(format!("it is {now}, says the system's clock: set it"))
    }
}

fn time_zones() -> Finding {
    let database = jiff::tz::db();
    let zones = database.available().count();
    match database.get("Europe/Paris") {
        Ok(_) => Ok(format!("{zones} zones, from {database:?}")),
        Err(_) => Err(format!("{database:?} does not know Europe/Paris: install the system's package tzdata")),
    }
}

/// Whether the calling rules can be read, and how long their holidays last. Those of a server are its own.
fn check_calling_rules(settings: &Settings, add: &mut impl FnMut(String, Finding)) {
    let rules = match calling_rules::read(settings) {
        Ok(rules) => rules,
        Err(error) => return add("calling rules".into(), Err(format!("{error:#}"))),
    };
    let today = TimeZone::UTC.to_datetime(SystemClock.now()).date();
    let pack = RulePack::of(&rules, today);
    add("calling rules".into(), Ok(print::rules::pack(&pack)));
    add("holidays".into(), holidays(&pack, today));
}

/// Holidays that end soon are told; those that have ended keep people from being called every day.
fn holidays(pack: &RulePack, today: Date) -> Finding {
    let known =
        pack.holidays_until.map_or_else(|| "none known".to_owned(), |year| format!("known until the end of {year}"));
    match &pack.warning {
        None => Ok(known),
        Some(warning) if pack.holidays_until.is_some_and(|year| year >= today.year()) => {
            Ok(format!("{known}; {warning}"))
        }
        Some(warning) => Err(format!("{known}; {warning}")),
    }
}

async fn check_server(settings: &Settings, add: &mut impl FnMut(String, Finding)) {
    let wrong = |error: anyhow::Error| format!("{error:#}");
    let api = match Api::open(settings).await {
        Ok(api) => api,
        Err(error) => return add("server".into(), Err(wrong(error))),
    };
    let ready = api.ask(Call::at_root("/readyz")).await;
    let reached = settings.server.value.as_ref().map(ToString::to_string).unwrap_or_default();
    add("server".into(), ready.map(|_| format!("{reached} is ready")).map_err(wrong));
    let me = api.ask(Call::get(&["me"])).await.and_then(|answer| answer.decode::<User>());
    add("sign-in".into(), me.map(|user| format!("you are {} ({})", user.name, user.role)).map_err(wrong));
}

async fn check_database(settings: &Settings, add: &mut impl FnMut(String, Finding)) {
    let wanted = &settings.database.value;
    // Looking does not make a file.
    if let Database::Sqlite(path) = wanted
        && !path.exists()
    {
        let migrates = settings.migrate_at_start.value;
        let found = format!(
            "{wanted} is not there yet: {} makes it",
            if migrates { "the first command" } else { "relance migrate" }
        );
        return add("database".into(), if migrates { Ok(found) } else { Err(found) });
    }
    // Looking makes no key either.
    let keys = match settings.keys().read(wanted) {
        Ok(keys) => keys,
        Err(error) => return add("suppression key".into(), Err(format!("{error:#}"))),
    };
    let ours = keys.as_ref().map(SuppressionKeys::newest);
    let store = match wanted.connect(keys.unwrap_or_else(suppression_keys::passing)).await {
        Ok(store) => store,
        Err(error) => return add("database".into(), Err(format!("{error:#}"))),
    };
    let answered = store.ping().await.map(|()| store.describe()).map_err(|error| in_full(&error));
    let answers = answered.is_ok();
    add("database".into(), answered);
    if answers {
        let current = migrations(&store).await;
        let rules = current.is_ok();
        add("migrations".into(), current);
        add("suppression key".into(), key(&store, settings, ours).await);
        if rules {
            check_rules(&store, add).await;
        }
    }
    store.close().await;
}

/// Whether the databases answer that lists are pulled from.
async fn check_sources(settings: &Settings, add: &mut impl FnMut(String, Finding)) {
    let databases = sources::databases(settings);
    for (name, url) in &settings.sources {
        let answered = databases.ping(name).await;
        add(
            format!("source {name}"),
            answered.map(|()| format!("{} answers", url.value)).map_err(|error| error.to_string()),
        );
    }
}

async fn migrations(store: &Arc<dyn Store>) -> Finding {
    match store.pending_migrations().await {
        Ok(pending) if pending.is_empty() => Ok("all applied".to_owned()),
        Ok(pending) => Err(format!("{} not applied: run relance migrate", pending.len())),
        Err(error) => Err(in_full(&error)),
    }
}

/// Whether this node's keys, of which it has so many, are those that the database's suppressions are hashed with.
async fn key(store: &Arc<dyn Store>, settings: &Settings, ours: Option<i64>) -> Finding {
    let known = store.suppression_keys().await.map_err(|error| in_full(&error))?;
    let (database, file) = (&settings.database.value, settings.keys().file_of(&settings.database.value));
    let Some(ours) = ours else {
        return match known.is_empty() {
            true => Ok(format!("none yet: the first command makes {}", file.display())),
            false => Err(database.lacks_key(&file)),
        };
    };
    let told = |key: &KnownKey| {
        let found = if key.matches { "matches" } else { "is another one here, or missing" };
        format!("version {} {found}", key.version)
    };
    let mut versions: Vec<String> = known.iter().map(told).collect();
    let taken = known.last().map_or(0, |key| key.version);
    versions.extend((taken + 1..=ours).map(|version| format!("version {version} is not in use yet")));
    let found = versions.join("; ");
    match known.iter().all(|key| key.matches) {
        true => Ok(found),
        false => Err(format!("{found}: copy the key file of a node that works (suppression_key_file)")),
    }
}

async fn check_rules(store: &Arc<dyn Store>, add: &mut impl FnMut(String, Finding)) {
    match store.campaigns().await {
        Err(error) => add("campaigns".into(), Err(in_full(&error))),
        Ok(campaigns) if campaigns.is_empty() => add("campaigns".into(), Ok("none yet".to_owned())),
        Ok(campaigns) => {
            for campaign in campaigns {
                let rules = rules(store, &campaign).await;
                add(format!("rules of {}", campaign.campaign), rules);
            }
        }
    }
}

/// Whether a campaign's definition can be read and the zones of its people are known.
async fn rules(store: &Arc<dyn Store>, campaign: &Campaign) -> Finding {
    let definition = store.definition(campaign.id, campaign.version).await.map_err(|error| in_full(&error))?;
    let lanes = store.lanes(campaign.id).await.map_err(|error| in_full(&error))?;
    let calling = &definition.calling;
    for zone in lanes.iter().filter_map(|lane| lane.traits.zone.as_ref()).chain(&calling.default_time_zone) {
        zone.rules().map_err(|error| format!("{error}; its people are not called: install newer time-zone data"))?;
    }
    let demonstration = if calling.demonstration { ", for demonstration only" } else { "" };
    let (profile, zones) = (&calling.profile, lanes.len());
    Ok(format!(
        "version {}, {}; profile {profile}{demonstration}; people in {zones} zone{}",
        campaign.version,
        campaign.state,
        if zones == 1 { "" } else { "s" }
    ))
}

/// An error and all that caused it.
fn in_full(error: &(dyn std::error::Error + 'static)) -> String {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Flags;

    #[test]
    fn a_clock_that_never_was_set_is_found() {
        assert!(clock(Timestamp::UNIX_EPOCH).is_err());
        assert!(clock("2026-11-23T20:00:00Z".parse().expect("an instant")).is_ok());
        assert!(time_zones().is_ok());
    }

    #[test]
    fn holidays_that_end_are_told_and_that_have_ended_fail() {
        let rules = relance_domain::rules::RuleSet::shipped();
        let last = rules.holidays_end().expect("a year");
        let found = |day: Date| holidays(&RulePack::of(&rules, day), day);
        let near = found(jiff::civil::date(last, 12, 1)).expect("a warning only");
        assert!(
            near.contains(&format!("known until the end of {last}; the holidays of {} are not", last + 1)),
            "{near}"
        );
        assert!(!found(jiff::civil::date(last, 1, 1)).expect("fine").contains(';'));
        assert!(found(jiff::civil::date(last + 1, 1, 1)).is_err());
    }

    #[test]
    fn no_secret_is_shown() {
        let flags = Flags {
            database: Some("postgres://ann:s3cret@db/relance".parse().expect("a database")),
            server: Some("https://relance.example".parse().expect("a server")),
            token: Some("rl_s3cret".parse().expect("a token")),
            ..Flags::default()
        };
        let settings = Settings::read(flags).expect("settings");
        let shown = print::server::doctor(&super::shown(&settings), &[]);
        assert!(shown.contains("postgres://ann:****@db/relance") && shown.contains("flag --token"), "{shown}");
        assert!(!shown.contains("s3cret"), "{shown}");
    }
}

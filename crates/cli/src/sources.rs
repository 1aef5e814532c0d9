//! The engine with everything that the settings name besides its database.

use std::sync::Arc;

use anyhow::Result;
use relance_domain::rules::RuleSet;
use relance_scheduler::Engine;
use relance_sources::{Address, Databases};
use relance_store::Store;

use crate::database::Database;
use crate::settings::Settings;
use crate::webhooks::Sinks;
use crate::world::{SystemChance, SystemClock};

/// An engine over a store, held to calling rules, that pulls lists from the databases of the settings.
pub(crate) fn engine(store: Arc<dyn Store>, rules: Arc<RuleSet>, settings: &Settings) -> Result<Engine> {
    let engine = Engine::under(rules, store, Arc::new(SystemClock), Arc::new(SystemChance))
        .with_sources(Arc::new(databases(settings)));
    // Without other systems to tell, nobody's certificates are needed.
    if settings.webhooks.is_empty() {
        return Ok(engine);
    }
    let sinks = settings.webhooks.iter().map(|(name, sink)| (name.clone(), sink.value.clone()));
    Ok(engine.with_webhooks(Sinks::new(sinks.collect())?))
}

/// The databases that lists are pulled from.
pub(crate) fn databases(settings: &Settings) -> Databases {
    let address = |database: &Database| match database {
        Database::Sqlite(path) => Address::Sqlite(path.clone()),
        Database::Postgres(url) => Address::Postgres(url.clone()),
    };
    Databases::new(settings.sources.iter().map(|(name, url)| (name.clone(), address(&url.value))).collect())
}

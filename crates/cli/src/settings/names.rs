//! The names of settings; one that nobody reads is refused, naming the right ones.

use std::path::Path;

use anyhow::{Result, anyhow, bail};
use toml::de::DeValue;

/// Every key of the settings file. `RELANCE__` and the key in capitals is its variable.
pub(super) const KEYS: [&str; 11] = [
    "database",
    "server",
    "token",
    "listen",
    "log",
    "log_format",
    "migrate_at_start",
    "suppression_key",
    "suppression_key_file",
    "rules",
    "holidays",
];

/// What every variable of ours begins with. A second underscore follows.
pub(super) const PREFIX: &str = "RELANCE_";

/// Refuses variables that begin like ours and that nobody reads. Those of the test runs are not settings.
pub(super) fn check_variables<'a>(names: impl Iterator<Item = &'a String>) -> Result<()> {
    let mut unknown: Vec<_> = names.filter(|name| name.to_uppercase().starts_with(PREFIX) && !is_known(name)).collect();
    unknown.sort();
    let Some(name) = unknown.first() else { return Ok(()) };
    let mut right: Vec<_> = KEYS.iter().map(|key| variable(key)).collect();
    right.push(source_variable("name"));
    let meant = right.iter().find(|right| letters(right) == letters(name));
    let meant = meant.map(|right| format!(" (did you mean {right}?)")).unwrap_or_default();
    bail!("the variable {name} is not a setting{meant}: there are {}", right.join(", "));
}

fn is_known(name: &str) -> bool {
    let source = || name.strip_prefix("RELANCE__SOURCES__").and_then(|rest| rest.strip_suffix("__URL"));
    name == "RELANCE_BIN"
        || name.starts_with("RELANCE_TEST_")
        || KEYS.iter().any(|key| name == variable(key))
        || source().is_some_and(|name| is_source_name(&name.to_lowercase().replace('_', "-")))
}

/// The variable of the database that lists are pulled from under this name.
pub(super) fn source_variable(name: &str) -> String {
    format!("RELANCE__SOURCES__{}__URL", name.to_uppercase().replace('-', "_"))
}

/// A name as campaign files write it.
fn is_source_name(name: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let doubled = name.starts_with('-') || name.ends_with('-') || name.contains("--");
    (1..=64).contains(&name.len()) && !doubled && name.bytes().all(allowed)
}

fn variable(key: &str) -> String {
    format!("{PREFIX}_{}", key.to_uppercase())
}

fn letters(name: &str) -> String {
    name.to_uppercase().replace('_', "")
}

/// Refuses a file that is not TOML or has keys that nobody reads.
pub(super) fn check_file_keys(path: &Path, text: &str) -> Result<()> {
    let line = |offset: usize| text.get(..offset).unwrap_or_default().matches('\n').count() + 1;
    let table = match toml::de::DeTable::parse(text) {
        Ok(table) => table.into_inner(),
        Err(error) => {
            let line = error.span().map_or(1, |span| line(span.start));
            bail!("{}:{line}: this is not TOML: {}", path.display(), error.message());
        }
    };
    for (key, value) in table.iter() {
        let (name, at) = (key.get_ref().as_ref(), line(key.span().start));
        if name == SOURCES {
            check_sources(value.get_ref()).map_err(|wrong| anyhow!("{}:{at}: {wrong}", path.display()))?;
        } else if !KEYS.contains(&name) {
            bail!("{}:{at}: {name:?} is not a setting: there are {}, {SOURCES}", path.display(), KEYS.join(", "));
        }
    }
    Ok(())
}

/// The table of the other databases.
const SOURCES: &str = "sources";

/// Holds that every database has a name that campaigns can write, and nothing but a URL.
fn check_sources(sources: &DeValue<'_>) -> Result<(), String> {
    let right = "write it as in [sources.crm] and url = \"postgres://…\" below";
    let DeValue::Table(sources) = sources else { return Err(format!("{SOURCES:?} is no table: {right}")) };
    for (name, keys) in sources.iter() {
        let name = name.get_ref().as_ref();
        if !is_source_name(name) {
            return Err(format!(
                "sources.{name:?} is no name of a database: use lower-case letters, digits and hyphens"
            ));
        }
        let DeValue::Table(keys) = keys.get_ref() else { return Err(format!("sources.{name} is no table: {right}")) };
        if let Some((key, _)) = keys.iter().find(|(key, _)| key.get_ref().as_ref() != "url") {
            return Err(format!("sources.{name}.{} is not a setting: there is url", key.get_ref()));
        }
    }
    Ok(())
}

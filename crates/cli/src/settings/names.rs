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
    right.extend(WEBHOOK_KEYS.map(|key| webhook_variable("name", key)));
    let meant = right.iter().find(|right| letters(right) == letters(name));
    let meant = meant.map(|right| format!(" (did you mean {right}?)")).unwrap_or_default();
    bail!("the variable {name} is not a setting{meant}: there are {}", right.join(", "));
}

fn is_known(name: &str) -> bool {
    let source = || name.strip_prefix("RELANCE__SOURCES__").and_then(|rest| rest.strip_suffix("__URL"));
    let webhook = || {
        let rest = name.strip_prefix("RELANCE__WEBHOOKS__")?;
        WEBHOOK_KEYS.iter().find_map(|key| rest.strip_suffix(&format!("__{}", key.to_uppercase())))
    };
    let as_written = |name: &str| is_source_name(&name.to_lowercase().replace('_', "-"));
    name == "RELANCE_BIN"
        || name.starts_with("RELANCE_TEST_")
        || KEYS.iter().any(|key| name == variable(key))
        || source().or_else(webhook).is_some_and(as_written)
}

/// The variable of the database that lists are pulled from under this name.
pub(super) fn source_variable(name: &str) -> String {
    format!("RELANCE__SOURCES__{}__URL", name.to_uppercase().replace('-', "_"))
}

/// The variable of a key of the system of this name that is told of orders.
pub(super) fn webhook_variable(name: &str, key: &str) -> String {
    format!("RELANCE__WEBHOOKS__{}__{}", name.to_uppercase().replace('-', "_"), key.to_uppercase())
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
        if let Some(tables) = TABLES.iter().find(|tables| tables.name == name) {
            tables.check(value.get_ref()).map_err(|wrong| anyhow!("{}:{at}: {wrong}", path.display()))?;
        } else if !KEYS.contains(&name) {
            let tables = TABLES.map(|tables| tables.name).join(", ");
            bail!("{}:{at}: {name:?} is not a setting: there are {}, {tables}", path.display(), KEYS.join(", "));
        }
    }
    Ok(())
}

/// The keys of a system that is told of orders.
const WEBHOOK_KEYS: [&str; 3] = ["url", "secret", "secret_file"];

/// Tables that are named by the site, all with the same keys.
struct Tables {
    name: &'static str,
    /// What each of them is.
    each: &'static str,
    keys: &'static [&'static str],
    example: &'static str,
}

const TABLES: [Tables; 2] = [
    Tables {
        name: "sources",
        each: "a database",
        keys: &["url"],
        example: "[sources.crm] and url = \"postgres://…\" below",
    },
    Tables {
        name: "webhooks",
        each: "a system that is told of orders",
        keys: &WEBHOOK_KEYS,
        example: "[webhooks.provider] and url = \"https://…\" and secret_file = \"…\" below",
    },
];

impl Tables {
    /// Holds that every one has a name that campaigns can write, and no other keys.
    fn check(&self, tables: &DeValue<'_>) -> Result<(), String> {
        let Self { name: group, each, keys: known, example } = self;
        let right = format!("write it as in {example}");
        let DeValue::Table(tables) = tables else { return Err(format!("{group:?} is no table: {right}")) };
        for (name, keys) in tables.iter() {
            let name = name.get_ref().as_ref();
            if !is_source_name(name) {
                return Err(format!(
                    "{group}.{name:?} is no name of {each}: use lower-case letters, digits and hyphens"
                ));
            }
            let DeValue::Table(keys) = keys.get_ref() else {
                return Err(format!("{group}.{name} is no table: {right}"));
            };
            if let Some((key, _)) = keys.iter().find(|(key, _)| !known.contains(&key.get_ref().as_ref())) {
                let known = known.join(", ");
                return Err(format!("{group}.{name}.{} is not a setting: there is {known}", key.get_ref()));
            }
        }
        Ok(())
    }
}

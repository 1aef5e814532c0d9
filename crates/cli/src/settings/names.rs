//! The names of settings; one that nobody reads is refused, naming the right ones.

use std::path::Path;

use anyhow::{Result, bail};

/// Every key of the settings file. `RELANCE__` and the key in capitals is its variable.
pub(super) const KEYS: [&str; 7] = ["database", "server", "token", "listen", "log", "log_format", "migrate_at_start"];

/// What every variable of ours begins with. A second underscore follows.
pub(super) const PREFIX: &str = "RELANCE_";

/// Refuses variables that begin like ours and that nobody reads. Those of the test runs are not settings.
pub(super) fn check_variables<'a>(names: impl Iterator<Item = &'a String>) -> Result<()> {
    let mut unknown: Vec<_> = names.filter(|name| name.to_uppercase().starts_with(PREFIX) && !is_known(name)).collect();
    unknown.sort();
    let Some(name) = unknown.first() else { return Ok(()) };
    let right: Vec<_> = KEYS.iter().map(|key| variable(key)).collect();
    let meant = right.iter().find(|right| letters(right) == letters(name));
    let meant = meant.map(|right| format!(" (did you mean {right}?)")).unwrap_or_default();
    bail!("the variable {name} is not a setting{meant}: there are {}", right.join(", "));
}

fn is_known(name: &str) -> bool {
    name == "RELANCE_BIN" || name.starts_with("RELANCE_TEST_") || KEYS.iter().any(|key| name == variable(key))
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
    for key in table.keys() {
        if !KEYS.contains(&key.get_ref().as_ref()) {
            let (name, line) = (key.get_ref(), line(key.span().start));
            bail!("{}:{line}: {name:?} is not a setting: there are {}", path.display(), KEYS.join(", "));
        }
    }
    Ok(())
}

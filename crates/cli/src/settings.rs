//! Settings: defaults, then `relance.toml`, then the environment, then flags; the later one counts.

mod names;
#[cfg(test)]
mod tests;
mod webhooks;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Result, bail};
use config::{Config, Environment, File, FileFormat, Map};

use crate::database::Database;
use crate::secret::Secret;
use crate::suppression_keys::{KeyList, KeySettings};
use crate::transport::ServerUrl;
use crate::webhooks::Sink;
use names::{KEYS, PREFIX, check_file_keys, check_variables, source_variable};

/// The file that is read from the working folder where it is there.
const FILE: &str = "relance.toml";

/// Everything that can be set. Printing it hides passwords and tokens.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// The database of commands that need no server.
    pub(crate) database: Setting<Database>,
    /// The server that data commands ask instead of the database.
    pub(crate) server: Setting<Option<ServerUrl>>,
    /// What the server knows the caller by.
    pub(crate) token: Setting<Option<Secret>>,
    /// Where `serve` and `demo` listen.
    pub(crate) listen: Setting<String>,
    /// What is logged: a level, or directives as in `relance_web=debug,info`; none means what suits the command.
    pub(crate) log: Setting<Option<String>>,
    /// How log lines look.
    pub(crate) log_format: Setting<LogFormat>,
    /// Whether the tables are created and altered when a command opens the database.
    pub(crate) migrate_at_start: Setting<bool>,
    /// The keys that suppressed numbers are hashed with, the oldest first; they count more than those of the file.
    pub(crate) suppression_key: Setting<Option<KeyList>>,
    /// The file that holds them; one beside the database unless told.
    pub(crate) suppression_key_file: Setting<Option<PathBuf>>,
    /// The site's own calling rules instead of the shipped ones.
    pub(crate) rules: Setting<Option<PathBuf>>,
    /// The site's own holidays instead of the shipped ones.
    pub(crate) holidays: Setting<Option<PathBuf>>,
    /// Other databases that lists are pulled from, by the names that campaigns know them by.
    pub(crate) sources: BTreeMap<String, Setting<Database>>,
    /// Other systems that are told of orders, by the names that campaigns know them by.
    pub(crate) webhooks: BTreeMap<String, Setting<Sink>>,
}

/// A value and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting<T> {
    /// The value.
    pub(crate) value: T,
    /// Where it comes from.
    pub(crate) source: Source,
}

/// Where a setting comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// Nobody set it.
    Default,
    /// A settings file.
    File(PathBuf),
    /// A variable of the environment.
    Environment(String),
    /// A flag of the command line.
    Flag(&'static str),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Environment(variable) => write!(f, "environment {variable}"),
            Self::Flag(flag) => write!(f, "flag {flag}"),
        }
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// For programs, one object a line.
    Json,
}

impl FromStr for LogFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(format!("{text:?} is not a log format: write text or json")),
        }
    }
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Json => "json",
        })
    }
}

/// What flags say of settings.
#[derive(Debug, Clone, Default)]
pub(crate) struct Flags {
    /// `--config`: the settings file, which must be there.
    pub(crate) config: Option<PathBuf>,
    /// `--database`.
    pub(crate) database: Option<Database>,
    /// `--server`.
    pub(crate) server: Option<ServerUrl>,
    /// `--token`.
    pub(crate) token: Option<Secret>,
    /// `--listen`.
    pub(crate) listen: Option<String>,
    /// `--log`.
    pub(crate) log: Option<String>,
}

impl Settings {
    /// Reads the settings of this process.
    pub(crate) fn read(flags: Flags) -> Result<Self> {
        let not_text = |variable: &std::ffi::OsString| variable.to_string_lossy().starts_with(PREFIX);
        let mut environment = Map::new();
        for (variable, value) in std::env::vars_os() {
            match (variable.into_string(), value.into_string()) {
                (Ok(variable), Ok(value)) => drop(environment.insert(variable, value)),
                (Ok(variable), Err(_)) if variable.starts_with(PREFIX) => {
                    bail!("the variable {variable} holds no text")
                }
                (Err(variable), _) if not_text(&variable) => bail!("the name of the variable {variable:?} is no text"),
                _ => {}
            }
        }
        Self::assemble(Path::new(FILE), environment, flags)
    }

    /// What is said of the keys that suppressed numbers are hashed with.
    pub(crate) fn keys(&self) -> KeySettings {
        KeySettings { keys: self.suppression_key.value.clone(), file: self.suppression_key_file.value.clone() }
    }

    /// Puts the layers together. `file` is the file of the working folder.
    fn assemble(file: &Path, environment: Map<String, String>, flags: Flags) -> Result<Self> {
        check_variables(environment.keys())?;
        let mut layers = Config::builder()
            .set_default("database", "sqlite:relance-data/relance.db")?
            .set_default("listen", "127.0.0.1:8080")?
            .set_default("log_format", "text")?
            .set_default("migrate_at_start", true)?;
        let chosen = flags.config.clone();
        let file = match &chosen {
            Some(chosen) if !chosen.is_file() => bail!("there is no settings file {}", chosen.display()),
            Some(chosen) => Some(chosen.as_path()),
            None => Some(file).filter(|file| file.is_file()),
        };
        let mut of_file = Config::builder();
        if let Some(path) = file {
            let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            check_file_keys(path, &text)?;
            of_file = of_file.add_source(File::from_str(&text, FileFormat::Toml));
            layers = layers.add_source(File::from_str(&text, FileFormat::Toml));
        }
        let variables = Environment::with_prefix("RELANCE").prefix_separator("__").separator("__").ignore_empty(true);
        let layers = Layers {
            merged: layers.add_source(variables.clone().source(Some(environment.clone()))).build()?,
            of_environment: Config::builder().add_source(variables.source(Some(environment))).build()?,
            of_file: of_file.build()?,
            file: file.unwrap_or(Path::new(FILE)),
        };
        layers.settings(flags)
    }
}

/// The layers below the flags.
struct Layers<'a> {
    merged: Config,
    of_environment: Config,
    of_file: Config,
    file: &'a Path,
}

impl Layers<'_> {
    fn settings(&self, flags: Flags) -> Result<Settings> {
        let mut settings = Settings {
            database: self.needed("database", flags.database, "--database")?,
            server: self.wanted("server", flags.server, "--server")?,
            token: self.wanted("token", flags.token, "--token")?,
            listen: self.needed("listen", flags.listen, "--listen")?,
            log: self.wanted("log", flags.log, "--log")?,
            log_format: self.needed("log_format", None, "")?,
            migrate_at_start: self.needed("migrate_at_start", None, "")?,
            suppression_key: self.wanted("suppression_key", None, "")?,
            suppression_key_file: self.wanted("suppression_key_file", None, "")?,
            rules: self.wanted("rules", None, "")?,
            holidays: self.wanted("holidays", None, "")?,
            sources: self.sources()?,
            webhooks: self.webhooks()?,
        };
        // Who names a database on the command line means that one, whatever server the settings name.
        let (database, server) = (&settings.database.source, &settings.server);
        if matches!(database, Source::Flag(_)) && server.value.is_some() && !matches!(server.source, Source::Flag(_)) {
            settings.server = Setting { value: None, source: settings.database.source.clone() };
        }
        if settings.server.value.is_none() && matches!(settings.token.source, Source::Flag(_)) {
            bail!(
                "--token signs in at a server and none is named: add --server URL, or leave --token out to work on the database"
            );
        }
        Ok(settings)
    }

    fn needed<T: FromStr>(&self, key: &'static str, flag: Option<T>, name: &'static str) -> Result<Setting<T>>
    where
        T::Err: fmt::Display,
    {
        let Setting { value, source } = self.wanted(key, flag, name)?;
        Ok(Setting { value: value.with_context(|| format!("the setting {key} has no value"))?, source })
    }

    fn wanted<T: FromStr>(&self, key: &'static str, flag: Option<T>, name: &'static str) -> Result<Setting<Option<T>>>
    where
        T::Err: fmt::Display,
    {
        debug_assert!(KEYS.contains(&key), "{key}");
        if let Some(value) = flag {
            return Ok(Setting { value: Some(value), source: Source::Flag(name) });
        }
        let Ok(text) = self.merged.get_string(key) else {
            return Ok(Setting { value: None, source: Source::Default });
        };
        let source = self.source(key);
        match text.parse() {
            Ok(value) => Ok(Setting { value: Some(value), source }),
            Err(error) => bail!("the setting {key} (from {source}) is wrong: {error}"),
        }
    }

    /// The databases under `[sources.NAME]`; a variable of the environment counts more than the file.
    fn sources(&self) -> Result<BTreeMap<String, Setting<Database>>> {
        let mut sources = BTreeMap::new();
        for (layer, is_file) in [(&self.of_file, true), (&self.of_environment, false)] {
            for (name, url) in layer.get_table("sources").unwrap_or_default() {
                // The names of variables have no hyphens.
                let name = if is_file { name } else { name.replace('_', "-") };
                let source = match is_file {
                    true => Source::File(self.file.to_owned()),
                    false => Source::Environment(source_variable(&name)),
                };
                let url = url.into_table().ok().and_then(|mut keys| keys.remove("url")?.into_string().ok());
                let url = url.with_context(|| format!("the setting sources.{name} (from {source}) has no url"))?;
                match url.parse() {
                    Ok(value) => drop(sources.insert(name, Setting { value, source })),
                    Err(error) => bail!("the setting sources.{name}.url (from {source}) is wrong: {error}"),
                }
            }
        }
        Ok(sources)
    }

    fn source(&self, key: &str) -> Source {
        if self.of_environment.get_string(key).is_ok() {
            Source::Environment(format!("{PREFIX}_{}", key.to_uppercase()))
        } else if self.of_file.get_string(key).is_ok() {
            Source::File(self.file.to_owned())
        } else {
            Source::Default
        }
    }
}

//! Log lines go to standard error.

use anyhow::{Result, bail};
use tracing_subscriber::EnvFilter;

use crate::settings::{LogFormat, Settings};

/// What a server logs unless told.
pub(crate) const OF_SERVERS: &str = "info";
/// What a demo logs unless told: whoever looks at it wants to read the logins.
pub(crate) const OF_DEMOS: &str = "warn";
/// What other commands log unless told.
pub(crate) const OF_COMMANDS: &str = "error";

/// Begins to log: what the settings say, else `usual`.
pub(crate) fn start(settings: &Settings, usual: &str) -> Result<()> {
    let wanted = settings.log.value.as_deref().unwrap_or(usual);
    let Ok(filter) = EnvFilter::builder().parse(wanted) else {
        let source = &settings.log.source;
        bail!(
            "the setting log (from {source}) is wrong: write error, warn, info, debug, trace, or as in relance_web=debug,info"
        );
    };
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match settings.log_format.value {
        LogFormat::Text => lines.with_ansi(false).init(),
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
    Ok(())
}

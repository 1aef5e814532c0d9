//! Other systems that are told of orders: `[webhooks.NAME]` with an address and a secret.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};

use super::names::webhook_variable;
use super::{Layers, Setting, Source};
use crate::webhooks::{Secrets, Sink, SinkUrl};

/// What is said of a system, key by key; a variable of the environment counts more than the file.
#[derive(Default)]
struct Said {
    url: Option<(String, Source)>,
    secret: Option<(String, Source)>,
    secret_file: Option<(String, Source)>,
}

impl Layers<'_> {
    /// The systems under `[webhooks.NAME]`.
    pub(super) fn webhooks(&self) -> Result<BTreeMap<String, Setting<Sink>>> {
        let mut said: BTreeMap<String, Said> = BTreeMap::new();
        for (layer, is_file) in [(&self.of_file, true), (&self.of_environment, false)] {
            for (name, keys) in layer.get_table("webhooks").unwrap_or_default() {
                // The names of variables have no hyphens.
                let name = if is_file { name } else { name.replace('_', "-") };
                let of = said.entry(name.clone()).or_default();
                for (key, value) in keys.into_table().unwrap_or_default() {
                    let source = match is_file {
                        true => Source::File(self.file.to_owned()),
                        false => Source::Environment(webhook_variable(&name, &key)),
                    };
                    let value = value.into_string().ok().map(|value| (value, source));
                    match key.as_str() {
                        "url" => of.url = value,
                        "secret" => (of.secret, of.secret_file) = (value, None),
                        _ => (of.secret_file, of.secret) = (value, None),
                    }
                }
            }
        }
        said.into_iter().map(|(name, said)| sink(&name, said).map(|sink| (name, sink))).collect()
    }
}

fn sink(name: &str, said: Said) -> Result<Setting<Sink>> {
    let (url, source) = said.url.with_context(|| format!("the setting webhooks.{name} has no url"))?;
    let url: SinkUrl =
        url.parse().map_err(|error| anyhow!("the setting webhooks.{name}.url (from {source}) is wrong: {error}"))?;
    let (secrets, from) = match (said.secret, said.secret_file) {
        (Some((secret, source)), _) => (secret, source),
        (None, Some((file, source))) => {
            let text = std::fs::read_to_string(Path::new(&file));
            (text.with_context(|| format!("webhooks.{name}.secret_file: cannot read {file}"))?, source)
        }
        (None, None) => bail!("the setting webhooks.{name} has neither secret nor secret_file"),
    };
    let secrets: Secrets =
        secrets.parse().map_err(|error| anyhow!("the secret of webhooks.{name} (from {from}) {error}"))?;
    Ok(Setting { value: Sink { url, secrets }, source })
}

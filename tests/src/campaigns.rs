//! The campaign folders of this repository, which are demo, documentation and fixtures at once.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// The folder of a campaign.
#[must_use]
pub fn path(campaign: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../campaigns").join(campaign)
}

/// The folder as the API takes it, without its list.
///
/// # Panics
///
/// Where the folder cannot be read.
#[must_use]
pub fn folder(campaign: &str) -> Value {
    let folder = path(campaign);
    let mut tariffs: Vec<PathBuf> = fs::read_dir(folder.join("tariffs"))
        .unwrap_or_else(|error| panic!("cannot list the tariffs of {}: {error}", folder.display()))
        .map(|entry| entry.expect("a folder of the workspace can be listed").path())
        .collect();
    tariffs.sort();
    let tariffs: Vec<Value> = tariffs.iter().map(|tariff| source_file(tariff)).collect();
    json!({ "campaign": source_file(&folder.join("campaign.toml")), "tariffs": tariffs })
}

/// A file as the API takes it.
///
/// # Panics
///
/// Where the file cannot be read.
#[must_use]
pub fn source_file(file: &Path) -> Value {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("cannot read {}: {error}", file.display()));
    json!({ "path": file.display().to_string(), "text": text })
}

/// A complete order of the campaign `fibre-winback`, with its technician's visit on a day (`2026-12-04`).
#[must_use]
pub fn winback_order(tariff: &str, visit: &str) -> Value {
    json!({
        "tariff": tariff,
        "fields": {
            "last_name": "Miller", "street": "1 Main Street", "city": "Huron", "postcode": "93234",
            "contract": "One year",
        },
        "appointment": { "date": visit, "window": "08:00-12:00" },
        "told": ["be_at_home", "identity_paper", "never_cash"],
    })
}

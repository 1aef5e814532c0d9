//! Tariffs.

use relance_scheduler::{TariffDetails, TariffPublication, TariffSummary, TariffWithdrawal};

use super::{count, listed, perhaps, sections, table};

/// Every tariff.
pub(crate) fn tariffs(tariffs: &[TariffSummary]) -> String {
    if tariffs.is_empty() {
        return "There are no tariffs yet: relance campaign apply DIR takes those of its folder.".to_owned();
    }
    let row = |tariff: &TariffSummary| {
        let places = if tariff.regions.is_empty() { "everywhere".to_owned() } else { listed(&tariff.regions) };
        vec![
            tariff.tariff.clone(),
            tariff.name.clone(),
            state(tariff),
            format!("{}/{}", tariff.price, tariff.per),
            places,
            listed(&tariff.campaigns),
        ]
    };
    table(&["tariff", "name", "state", "price", "where", "campaigns"], tariffs.iter().map(row))
}

fn state(tariff: &TariffSummary) -> String {
    let since = [tariff.retired_at, tariff.published_at].into_iter().flatten().next();
    let since = since.map(|at| format!(" since {}", super::instant(at))).unwrap_or_default();
    let going_on = tariff.published_at.is_some() && tariff.retired_at.is_none() && !tariff.reopening_complete;
    let going_on = if going_on { " (still putting people back)" } else { "" };
    let starts = tariff.starts_at.map(|at| format!(" (begins {})", super::instant(at))).unwrap_or_default();
    let replaced = tariff.replaced_by.as_ref().map(|by| format!(" (replaced by {by})")).unwrap_or_default();
    format!("{}{since}{going_on}{starts}{replaced}", tariff.state.as_str())
}

/// A tariff with its versions and what it cost when.
pub(crate) fn details(details: &TariffDetails) -> String {
    let TariffDetails { summary, versions, prices } = details;
    let present = format!("{}: {}, {}\n", summary.tariff, summary.name, state(summary));
    let rows = versions.iter().map(|version| {
        let tariff = &version.tariff;
        let mark = if version.version == summary.version { "*" } else { "" };
        let commitment = match tariff.commitment_months {
            0 => "none".to_owned(),
            months => count(u64::from(months), "month"),
        };
        vec![
            format!("{}{mark}", version.version),
            super::instant(version.saved_at),
            format!("{}/{}", tariff.price, tariff.per),
            commitment,
            format!("{} to {}", tariff.valid_from, tariff.valid_until.map_or("open".to_owned(), |day| day.to_string())),
            listed(&tariff.services),
            if tariff.regions.is_empty() { "everywhere".to_owned() } else { listed(&tariff.regions) },
        ]
    });
    let headings = ["version>", "saved", "price", "commitment", "valid", "services", "where"];
    let costs = prices.iter().map(|period| {
        let price = format!("{}/{}", period.price, period.per);
        vec![period.version.to_string(), price, super::instant(period.from), perhaps(period.until)]
    });
    let history = match prices.is_empty() {
        true => "It was never offered, so that it has no price history.".to_owned(),
        false => format!("What it cost when:\n{}", table(&["version>", "price", "from", "until"], costs)),
    };
    sections([present, table(&headings, rows), history])
}

/// A tariff that is no longer offered.
pub(crate) fn withdrawn(withdrawal: &TariffWithdrawal) -> String {
    let TariffWithdrawal { tariff, retired_at, taken_back } = withdrawal;
    format!(
        "Tariff {tariff} is no longer offered, since {}; {} taken back that nobody had called.",
        perhaps(*retired_at),
        count(*taken_back, "lead")
    )
}

/// What a publication did.
pub(crate) fn published(publication: &TariffPublication) -> String {
    let TariffPublication { tariff, version, published_at, starts_at, reopened, notes } = publication;
    let done = match starts_at {
        Some(at) => {
            format!("Tariff {tariff} (version {version}) will be published by itself at {}.", super::instant(*at))
        }
        None => format!(
            "Tariff {tariff} is offered since {}; {} put back in the queue now.",
            perhaps(*published_at),
            count(*reopened, "lead")
        ),
    };
    std::iter::once(done).chain(notes.iter().map(|note| format!("Note: {note}."))).collect::<Vec<_>>().join("\n")
}

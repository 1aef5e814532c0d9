//! Tariffs.

use relance_scheduler::{HeldCount, TariffPreview, TariffPublication, TariffSummary};

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
    format!("{}{since}{}", tariff.state.as_str(), if going_on { " (still putting people back)" } else { "" })
}

/// A tariff that is no longer offered.
pub(crate) fn retired(tariff: &TariffSummary) -> String {
    format!("Tariff {} is no longer offered, since {}.", tariff.tariff, perhaps(tariff.retired_at))
}

/// What publishing would do.
pub(crate) fn preview(preview: &TariffPreview) -> String {
    let TariffPreview { tariff, refusals, reopened_now, reopened_later, held_back, by_reason, held_by, examples } =
        preview;
    let rows = [
        ("refusals looked at", refusals),
        ("  answered, back at once", reopened_now),
        ("  answered, back when what holds them is over", reopened_later),
        ("  answered, but not back", held_back),
    ];
    let rows = rows.map(|(name, number)| format!("{name:46}{number:>8}")).join("\n");
    let what = format!("This is what publishing {tariff} would do; nothing was stored.\n\n{rows}");
    let reasons = by_reason.iter().map(|share| vec![share.reason.clone(), share.refusals.to_string()]);
    let reasons = if by_reason.is_empty() { String::new() } else { table(&["reason", "come back>"], reasons) };
    let held = if held_by.is_empty() {
        String::new()
    } else {
        table(&["held by", "refusals>", "first until", "last until"], held_by.iter().map(held_row))
    };
    let examples = examples.iter().map(|example| {
        let from = perhaps(example.not_before);
        let from = if from.is_empty() { String::new() } else { format!(" (from {from} on)") };
        format!("  {}: {}{from}", example.phone, example.because)
    });
    let examples: Vec<_> = examples.collect();
    let examples = if examples.is_empty() { String::new() } else { format!("Some of them:\n{}", examples.join("\n")) };
    sections([what, reasons, held, examples])
}

fn held_row(held: &HeldCount) -> Vec<String> {
    vec![held.by.clone(), held.refusals.to_string(), perhaps(held.first_until), perhaps(held.last_until)]
}

/// What a publication did.
pub(crate) fn published(publication: &TariffPublication) -> String {
    let TariffPublication { tariff, published_at, reopened } = publication;
    format!(
        "Tariff {tariff} is offered since {}; {} put back in the queue now.",
        perhaps(*published_at),
        count(*reopened, "lead")
    )
}

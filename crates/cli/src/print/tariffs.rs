//! Tariffs.

use relance_analytics::{BroughtLine, Revenue, TariffReport};
use relance_domain::Money;
use relance_domain::reopening::HeldOutHow;
use relance_domain::tariff::Tariff;
use relance_scheduler::{TariffDetails, TariffPublication, TariffSummary, TariffWithdrawal};

use super::{count, facts, features, listed, perhaps, sections, table};

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
    let latest = versions.last().map(|version| offers(version.version, &version.tariff)).unwrap_or_default();
    sections([present, table(&headings, rows), latest, history])
}

/// What a version offers and asks for, besides what stands in the table of versions.
fn offers(version: i64, tariff: &Tariff) -> String {
    let fees = tariff.fees.iter().map(|fee| format!("{} {}", fee.name, fee.amount));
    let rates = tariff.rates.iter().map(|rate| format!("{} at {} of {}", rate.to.code(), rate.rate, rate.on));
    let if_any = |parts: Vec<String>| if parts.is_empty() { String::new() } else { listed(parts) };
    let held_out = tariff.hold_out.map(|held| {
        let how = match held.how {
            HeldOutHow::Uncalled => "not called",
            HeldOutHow::WithoutOffer => "called without the offer",
        };
        format!("{}% for {}, {how}", held.percent, held.lasts)
    });
    let facts = facts(&[
        ("features", if_any(features(&tariff.features))),
        ("fees", if_any(fees.collect())),
        ("rates", if_any(rates.collect())),
        ("replaces", tariff.replaces.clone().unwrap_or_default()),
        ("put back a day", tariff.reopened_per_day.map(|most| format!("at most {most}")).unwrap_or_default()),
        ("held out", held_out.unwrap_or_default()),
        ("days of", tariff.time_zone.to_string()),
        ("campaigns", listed(&tariff.campaigns)),
    ]);
    format!("Version {version} in full:\n{facts}")
}

/// What a tariff brought.
pub(crate) fn report(report: &TariffReport) -> String {
    let lines = |title: &str, lines: &[&BroughtLine]| {
        let row = |line: &&BroughtLine| {
            let numbers = [line.reopened, line.waiting, line.held_out, line.attempts, line.reached, line.orders];
            let revenue =
                |of: fn(&Revenue) -> Money| listed(line.revenue.iter().map(|revenue| of(revenue).to_string()));
            let mut cells = vec![line.of.clone()];
            cells.extend(numbers.map(|number| number.to_string()));
            cells.extend([revenue(|revenue| revenue.per_period), revenue(|revenue| revenue.over_commitment)]);
            cells
        };
        let headings = [
            title,
            "put back>",
            "waiting>",
            "held out>",
            "attempts>",
            "reached>",
            "orders>",
            "per period>",
            "over commitment>",
        ];
        table(&headings, lines.iter().map(row))
    };
    let TariffReport { tariff, definition, total, by_reason, by_operator, revenue_definition, effect } = report;
    let outcomes: Vec<String> = total.outcomes.iter().map(|(class, attempts)| format!("{class} {attempts}")).collect();
    let outcomes = if outcomes.is_empty() { "none yet".to_owned() } else { outcomes.join(", ") };
    let groups = format!(
        "{} of {} who were put back ordered, and {} of {} who were held out.",
        effect.brought_back.ordered, effect.brought_back.people, effect.held_out.ordered, effect.held_out.people
    );
    sections([
        format!("What tariff {tariff} brought: {definition}."),
        lines("reason", &by_reason.iter().chain([total]).collect::<Vec<_>>()),
        lines("operator", &by_operator.iter().collect::<Vec<_>>()),
        format!("Attempts by class: {outcomes}."),
        format!("Revenue: {revenue_definition}."),
        format!("Effect: {}.\n{groups}\n({}.)", effect.in_words, effect.definition),
    ])
}

/// A tariff that is no longer offered.
pub(crate) fn withdrawn(withdrawal: &TariffWithdrawal) -> String {
    let TariffWithdrawal { tariff, retired_at, taken_back } = withdrawal;
    if retired_at.is_none() {
        return format!("Tariff {tariff} was never offered: it is a draft, and no day is set for it any more.");
    }
    format!(
        "Tariff {tariff} is no longer offered, since {}; {} taken back that nobody had called.",
        perhaps(*retired_at),
        count(*taken_back, "lead")
    )
}

/// What a publication did.
pub(crate) fn published(publication: &TariffPublication) -> String {
    let TariffPublication { tariff, version, published_at, starts_at, reopened, taken_back, notes } = publication;
    let before = match taken_back {
        0 => String::new(),
        _ => format!(", after {} taken back that nobody had called", count(*taken_back, "lead")),
    };
    let done = match starts_at {
        Some(at) => {
            format!("Tariff {tariff} (version {version}) will be published by itself at {}.", super::instant(*at))
        }
        None => format!(
            "Tariff {tariff} is offered since {}; {} put back in the queue now{before}.",
            perhaps(*published_at),
            count(*reopened, "lead")
        ),
    };
    std::iter::once(done).chain(notes.iter().map(|note| format!("Note: {note}."))).collect::<Vec<_>>().join("\n")
}

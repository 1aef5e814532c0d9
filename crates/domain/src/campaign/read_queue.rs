//! `[queue]` → [`QueuePolicy`], `[reopening]` → [`ReopeningPolicy`].

use std::ops::RangeInclusive;

use super::read::span;
use crate::definition::QueuePolicy;
use crate::queue::{QueueClass, QueueOrder};
use crate::reopening::{Budget, ReopeningPolicy};
use crate::toml_file::{Entry, KNOWN_KEYS, Section};
use crate::{Span, ZoneName};

/// The most leads that a day's budget may let through.
pub(super) const MOST_PER_DAY: i64 = 1_000_000;

/// Reads who goes first.
pub(super) fn policy(section: &Section<'_>) -> QueuePolicy {
    QueuePolicy {
        order: section.get("order").and_then(|e| order(&e)).unwrap_or_default(),
        fresh_per_hour: section.get("fresh_per_hour").and_then(|e| e.number(1..=10_000)),
        reopened_share: section.get("reopened_share").and_then(|e| percent(&e, 0..=100)),
    }
}

/// A share in whole per cent, as in `"30%"`.
pub(super) fn percent(entry: &Entry<'_>, within: RangeInclusive<u8>) -> Option<u8> {
    let text = entry.text()?;
    let number = text.trim().strip_suffix('%').and_then(|number| number.trim_end().parse::<u8>().ok());
    let percent = number.filter(|percent| within.contains(percent));
    if percent.is_none() {
        let (least, most) = (within.start(), within.end());
        entry.invalid(format!("{text:?} is no share: write whole per cent from {least}% to {most}%, as in \"30%\""));
    }
    percent
}

/// Reads what becomes of the leads that tariffs reopen.
pub(super) fn reopening(section: &Section<'_>) -> ReopeningPolicy {
    let per_day = section.get("per_day").and_then(|e| e.number(1..=MOST_PER_DAY));
    let zone = section.get("time_zone");
    let budget = match (per_day, zone) {
        (Some(per_day), None) => {
            section.need("time_zone", r#"time_zone = "Europe/Paris""#);
            Some(Budget { per_day, time_zone: "UTC".parse().expect("every time-zone database has UTC") })
        }
        (None, Some(zone)) if section.get("per_day").is_none() => {
            zone.wrong(
                KNOWN_KEYS,
                "`reopening.time_zone` says whose days `per_day` counts: write both, or take it out".into(),
            );
            None
        }
        (per_day, zone) => zone
            .and_then(|e| e.parsed::<ZoneName>())
            .zip(per_day)
            .map(|(time_zone, per_day)| Budget { per_day, time_zone }),
    };
    let first_operator = section.get("first_operator").and_then(|e| span(&e, 60, Span::days(60)));
    ReopeningPolicy { budget, first_operator }
}

fn order(entry: &Entry<'_>) -> Option<QueueOrder> {
    let words = QueueClass::ALL.map(|class| (class.as_str(), class));
    let classes: Vec<QueueClass> = entry.list().iter().filter_map(|e| e.word(&words)).collect();
    QueueOrder::try_from(classes).map_err(|error| entry.invalid(error.to_string())).ok()
}

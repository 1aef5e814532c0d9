//! `[queue]` → [`QueuePolicy`].

use crate::definition::QueuePolicy;
use crate::queue::{QueueClass, QueueOrder};
use crate::toml_file::{Entry, Section};

/// Reads who goes first.
pub(super) fn policy(section: &Section<'_>) -> QueuePolicy {
    QueuePolicy {
        order: section.get("order").and_then(|e| order(&e)).unwrap_or_default(),
        fresh_per_hour: section.get("fresh_per_hour").and_then(|e| e.number(1..=10_000)),
    }
}

fn order(entry: &Entry<'_>) -> Option<QueueOrder> {
    let words = QueueClass::ALL.map(|class| (class.as_str(), class));
    let classes: Vec<QueueClass> = entry.list().iter().filter_map(|e| e.word(&words)).collect();
    QueueOrder::try_from(classes).map_err(|error| entry.invalid(error.to_string())).ok()
}

//! Words that differ and are the same in every run.

use std::sync::atomic::{AtomicU64, Ordering};

use relance_scheduler::Chance;

/// Counts instead of drawing: `word0000000001`, `word0000000002`, and so on.
#[derive(Debug, Default)]
pub struct CountingChance {
    drawn: AtomicU64,
}

impl Chance for CountingChance {
    fn word(&self) -> String {
        format!("word{:010}", self.drawn.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

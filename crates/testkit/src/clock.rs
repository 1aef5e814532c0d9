//! A clock that stands still until a test moves it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use relance_domain::Span;
use relance_scheduler::Clock;

/// Where the clock stands at first: a Tuesday, 11:00 in Paris, 05:00 in New York.
pub const START: &str = "2026-11-24T10:00:00Z";

/// A clock that tells the same instant until it is moved. Clones are the same clock.
#[derive(Debug, Clone)]
pub struct ManualClock {
    now_ms: Arc<AtomicI64>,
}

impl ManualClock {
    /// A clock that stands at an instant.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self { now_ms: Arc::new(AtomicI64::new(now.as_millisecond())) }
    }

    /// Moves it to an instant, forwards or backwards.
    pub fn set(&self, now: Timestamp) {
        self.now_ms.store(now.as_millisecond(), Ordering::SeqCst);
    }

    /// Moves it on.
    pub fn advance(&self, by: Span) {
        self.now_ms.fetch_add(by.seconds() * 1_000, Ordering::SeqCst);
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::at(START.parse().expect("an instant"))
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.now_ms.load(Ordering::SeqCst)).expect("tests stay within the calendar")
    }
}

//! Who is next: one order, used by the hand-out and by whoever shows the queue.

use jiff::Timestamp;

use crate::LeadId;

/// Priority of a lead that a tariff reopened.
pub const REOPENED: i64 = 1;
/// Priority of a lead that was never tried.
pub const FRESH: i64 = 2;
/// Priority of a lead that was tried and not decided.
pub const RETRY: i64 = 3;

/// A lead's place in its campaign's queue: lowest priority number first, then the longest due, then the oldest. Callbacks
/// have no place: those that are due go before everything else, personal ones first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// 1 goes first.
    pub priority: i64,
    /// Since when it could be called.
    pub due_at: Timestamp,
    /// The older lead goes first.
    pub lead: LeadId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn priority_then_due_time_then_age() {
        let place = |priority, second, lead| Place {
            priority,
            due_at: Timestamp::from_second(second).expect("in range"),
            lead: LeadId(lead),
        };
        let sorted =
            [place(REOPENED, 9, 9), place(FRESH, 1, 5), place(FRESH, 1, 6), place(FRESH, 2, 1), place(RETRY, 0, 2)];
        let mut shuffled = [sorted[3], sorted[1], sorted[4], sorted[0], sorted[2]];
        shuffled.sort();
        assert_eq!(shuffled, sorted);
    }
}

//! How many rows a load takes in one transaction.

use jiff::SignedDuration;

/// Operators wait for no more than about one such transaction on SQLite, which has one writer. Larger ones cost less per row: each
/// writes the pages of the indexes once, however many of its rows they got.
const LONG: SignedDuration = SignedDuration::from_millis(110);
const SHORT: SignedDuration = SignedDuration::from_millis(55);
const ROWS_FIRST: usize = 2_000;
const ROWS_LEAST: usize = 1_000;
const ROWS_MOST: usize = 4_000;

/// The rows of the next transaction, by how long the ones before took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    rows: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self { rows: ROWS_FIRST }
    }
}

impl Pace {
    /// Rows to take at once.
    pub(crate) fn rows(self) -> usize {
        self.rows
    }

    /// Takes note of a transaction.
    pub(crate) fn took(&mut self, time: SignedDuration) {
        if time > LONG {
            self.rows = (self.rows / 2).max(ROWS_LEAST);
        } else if time < SHORT {
            self.rows = (self.rows * 2).min(ROWS_MOST);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fast_transactions_grow_and_slow_ones_shrink_within_bounds() {
        let mut pace = Pace::default();
        for (ms, rows) in [(54, 4_000), (90, 4_000), (111, 2_000), (500, 1_000), (10, 2_000)] {
            pace.took(SignedDuration::from_millis(ms));
            assert_eq!(pace.rows(), rows, "after {ms} ms");
        }
        for (ms, rows) in [(1, ROWS_MOST), (1_000, ROWS_LEAST)] {
            (0..20).for_each(|_| pace.took(SignedDuration::from_millis(ms)));
            assert_eq!(pace.rows(), rows);
        }
        // A clock that jumped back says nothing.
        pace.took(SignedDuration::from_secs(-3_600));
        assert_eq!(pace.rows(), 2 * ROWS_LEAST);
    }
}

//! What the engine asks of the world besides its store.

use jiff::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// Makes words that nobody can guess.
pub trait Chance: Send + Sync + 'static {
    /// A word of at least 128 random bits in letters and digits.
    fn word(&self) -> String;
}

//! The real world: the one place that reads the system's clock and its random numbers.

use jiff::Timestamp;
use relance_scheduler::{Chance, Clock};

/// The system's clock.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everything else is handed")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// The system's random numbers.
pub(crate) struct SystemChance;

impl Chance for SystemChance {
    fn word(&self) -> String {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).expect("an operating system without random numbers cannot keep secrets");
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_long_and_never_the_same() {
        let (one, other) = (SystemChance.word(), SystemChance.word());
        assert_eq!((one.len(), other.len()), (64, 64));
        assert_ne!(one, other);
    }
}

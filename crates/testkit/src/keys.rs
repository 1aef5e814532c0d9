//! The keys that tests hash suppressed numbers with.

use relance_domain::suppression::{SuppressionKey, SuppressionKeys};

/// Keys of so many versions, always the same ones.
///
/// # Panics
///
/// Where none is asked for.
#[must_use]
pub fn suppression_keys(versions: u8) -> SuppressionKeys {
    let keys = (1..=versions).map(|version| SuppressionKey::new([version; 32])).collect();
    SuppressionKeys::new(keys).expect("a key for each version")
}

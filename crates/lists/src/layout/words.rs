//! Headers by which a record is known to be one.

use relance_domain::definition::StandardField;

use crate::mapping::{is_known_header, is_phone_header, key};
use crate::target::Target;

/// The headers that the campaign and everybody knows.
pub(super) struct HeaderWords {
    campaigns_phone: Vec<String>,
    campaigns: Vec<String>,
}

impl HeaderWords {
    pub(super) fn of(target: &Target) -> Self {
        let keys = |headers: &[String]| -> Vec<String> { headers.iter().map(|header| key(header)).collect() };
        let standard = target.columns.values().map(Vec::as_slice);
        let facts = target.client_fields.iter().map(|field| field.columns.as_slice());
        Self {
            campaigns_phone: target.columns.get(&StandardField::Phone).map(|headers| keys(headers)).unwrap_or_default(),
            campaigns: standard.chain(facts).flat_map(keys).collect(),
        }
    }

    /// Whether the campaign takes numbers from a column of this name.
    pub(super) fn is_campaigns_phone(&self, cell: &str) -> bool {
        self.campaigns_phone.contains(&key(cell))
    }

    /// Whether the campaign or everybody takes numbers from a column of this name.
    pub(super) fn is_a_phone(&self, cell: &str) -> bool {
        self.is_campaigns_phone(cell) || is_phone_header(cell)
    }

    /// Whether it is the name of a column, for the campaign or for everybody.
    pub(super) fn is_known(&self, cell: &str) -> bool {
        !cell.trim().is_empty() && (self.campaigns.contains(&key(cell)) || is_known_header(cell))
    }
}

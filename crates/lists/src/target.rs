//! What a list is read for: the fields that its columns are to feed.

use std::collections::BTreeMap;

use jiff::civil::Date;
use relance_domain::definition::{ClientField, Definition, StandardField};
use relance_domain::{Currency, ZoneName};

/// What a list is read for.
#[derive(Debug, Clone)]
pub struct Target {
    /// ISO 3166-1 alpha-2 code that national numbers and addresses are read in.
    pub country: String,
    /// The currency of its amounts.
    pub currency: Currency,
    /// The headers that a campaign accepts for the standard fields; they go before those that everybody knows.
    pub columns: BTreeMap<StandardField, Vec<String>>,
    /// The campaign's own facts.
    pub client_fields: Vec<ClientField>,
    /// Zone of people whose row, address and number say none.
    pub default_time_zone: Option<ZoneName>,
    /// The day of the load: a consent given later is none.
    pub today: Date,
}

impl Target {
    /// A campaign's fields. Its default zone is one of its own country: it says nothing of people elsewhere.
    #[must_use]
    pub fn of_campaign(definition: &Definition, country: Option<&str>, today: Date) -> Self {
        let at_home = country.is_none_or(|country| country == definition.country);
        Self {
            country: country.unwrap_or(&definition.country).to_owned(),
            currency: definition.currency,
            columns: definition.columns.clone(),
            client_fields: definition.client_fields.clone(),
            default_time_zone: definition.calling.default_time_zone.clone().filter(|_| at_home),
            today,
        }
    }

    /// The standard fields alone, for a file that is looked at before any campaign is there.
    #[must_use]
    pub fn standard(country: &str, currency: Currency, today: Date) -> Self {
        Self {
            country: country.to_owned(),
            currency,
            columns: BTreeMap::new(),
            client_fields: Vec::new(),
            default_time_zone: None,
            today,
        }
    }
}
